"""The other reading of mixed fits, which the registered rule does not use."""

from __future__ import annotations

import numpy as np
from recurbench.reports.statistics.registered_rule import Word, mixes
from scripts import script

mixed_fits = script("benchmarks/mixed_fits.py")


def test_fits_of_two_methods_are_mixed_together_and_not_by_the_rule() -> None:
    apart = np.tile([0.95, 0.2], (5, 1))
    assert mixed_fits.together(apart)
    assert not mixes(apart)
    assert not mixed_fits.together(np.full((5, 2), 0.7))
    assert list(mixed_fits.together(np.stack([apart, np.full((5, 2), 0.95)]))) == [True, False]


def test_the_other_reading_passes_no_word_that_the_rule_does_not_pass() -> None:
    draws = mixed_fits.drawn(mixed_fits.LEVEL, 20, 1, np.random.default_rng(0))
    one, other = mixed_fits.passed(draws, mixed_fits.LEVEL)
    assert all((other[word] <= one[word]).all() for word in one)
    assert one[Word.CONTEXT].sum() > other[Word.CONTEXT].sum()
