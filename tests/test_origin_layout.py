"""How the test origins of a problem follow each other, and which problems have such a layout."""

import numpy as np
import pytest
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.reports.statistics.long_run import Origins
from recurbench.reports.statistics.origin_layout import layout_of, origins_needed

FACTS = {"kind": "forecasting", "steps": 4, "source": "a file", "series": ["a"] * 5}


def test_one_series_has_the_origins_of_its_facts():
    found = layout_of({**FACTS, "origins": [20, 22, 24, 26, 28]})
    assert found.origins == Origins(5, 2, 4)
    assert list(found.places) == [0, 1, 2, 3, 4]
    # Steps 20 to 31 hold three windows of 4.
    assert list(found.windows()) == [0, 0, 1, 1, 2]


def test_a_run_file_without_origins_has_them_one_horizon_apart():
    assert layout_of(FACTS).origins == Origins(5, 4, 4)


def test_a_few_series_with_equally_many_origins_share_their_places():
    found = layout_of({**FACTS, "series": ["a", "a", "b", "b"], "origins": [10, 14, 30, 34]})
    assert found.origins == Origins(2, 4, 4)
    assert list(found.places) == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "classification"},
        {"source": "generated: noise"},
        {"series": [str(i) for i in range(LEAST_UNITS)] * 2},
        {"series": ["a", "a", "b"]},
        {"series": ["a", "b"]},
        {"origins": [10, 12, 14, 15, 16]},
        {"origins": [10, 10, 10, 10, 10]},
    ],
)
def test_other_problems_have_no_layout(change):
    assert layout_of({**FACTS, **change}) is None


def test_an_origin_without_a_score_is_left_out():
    found = layout_of({**FACTS, "origins": [20, 22, 24, 26, 28]})
    known = found.of(np.array([True, True, False, True, True]))
    assert (known.origins.count, list(known.places)) == (4, [0, 1, 2, 3])


def test_values_of_several_series_are_averaged_at_their_shared_origins():
    rng = np.random.default_rng(0)
    one = layout_of({**FACTS, "series": ["a"] * 12})
    two = layout_of({**FACTS, "series": ["a"] * 12 + ["b"] * 12})
    values = rng.normal(size=12)
    same = two.spread(np.concatenate([values, values]))
    # A second copy of a series is no further evidence.
    assert same == pytest.approx(one.spread(values))


def test_a_short_span_has_no_variance():
    assert layout_of({**FACTS, "series": ["a"] * 7}).spread(np.arange(7.0)) is None
    assert layout_of({**FACTS, "series": ["a"] * 8}).spread(np.arange(8.0))[1] == 4


def test_the_origins_that_are_needed_span_enough_windows_and_one_less_does_not():
    for step in (1, 3, 6, 12, 20):
        needed = origins_needed(Origins(2, step, 12))
        assert needed.windows >= LEAST_UNITS
        assert Origins(needed.count - 1, step, 12).windows < LEAST_UNITS
