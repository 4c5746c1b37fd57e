"""Which difference of skill a planned test part can detect."""

from dataclasses import replace

import numpy as np
import pytest
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.detectable import detectable
from recurbench.reports.statistics.long_run import Origins, half_width, variance_of_mean

SEEN, PLANNED = Origins(60, 1, 1), Origins(20, 1, 1)


def losses(n=60, noise=0.3):
    rng = np.random.default_rng(0)
    return (np.abs(1 + noise * rng.normal(size=n)) for _ in range(2))


def test_the_half_width_is_that_of_the_validation_part_on_another_span():
    one, other = losses()
    found = detectable(one, other, np.ones(60), SEEN, PLANNED)
    of_validation = variance_of_mean(other - one, SEEN.cosines)
    assert found.half == pytest.approx(float(half_width(of_validation * 3, 8)))
    four_times = detectable(one, other, np.ones(60), SEEN, replace(PLANNED, count=80))
    assert four_times.half == pytest.approx(found.half / 2)


def test_the_origins_that_are_enough_bring_the_half_width_within_the_margin():
    one, other = losses()
    enough = detectable(one, other, np.ones(60), SEEN, PLANNED).enough
    assert detectable(one, other, np.ones(60), SEEN, enough).half <= MARGIN
    fewer = replace(enough, count=enough.count - 1)
    assert detectable(one, other, np.ones(60), SEEN, fewer).half > MARGIN


def test_a_test_part_too_small_for_a_verdict_has_no_half_width():
    one, other = losses()
    found = detectable(one, other, np.ones(60), SEEN, replace(PLANNED, count=9))
    assert found.half is None
    assert found.enough is not None


def test_too_few_validation_windows_or_a_reference_without_error_say_nothing():
    one, other = losses(3)
    assert detectable(one, other, np.ones(3), Origins(3, 1, 1), PLANNED) is None
    one, other = losses()
    assert detectable(one, other, np.zeros(60), SEEN, PLANNED) is None


def test_where_no_number_of_origins_is_enough_none_is_named():
    one, other = losses(noise=500.0)
    assert detectable(one, other, np.ones(60), SEEN, PLANNED).enough is None
