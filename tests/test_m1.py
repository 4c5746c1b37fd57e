"""The yearly series of M1: counts, known values, and what a longer test part leaves out."""

import numpy as np
import pytest
from recurbench.datasets.m1 import m1_yearly


def test_the_test_part_is_that_of_the_competition():
    problem = m1_yearly()
    assert len(problem.train) == len(problem.test) == 181
    assert len(set(problem.test.series)) == 181
    lengths = [len(x) + len(y) for x, y in zip(problem.test.x, problem.test.y, strict=True)]
    assert (min(lengths), max(lengths)) == (15, 58)
    assert (problem.test.x[0][0, 0], problem.test.y[0][-1, 0]) == (3600, 1425090)
    assert all(y.shape == (6, 1) for y in problem.test.y)
    assert problem.task.period is None


def test_training_ends_where_the_test_part_begins():
    problem = m1_yearly(horizon=4, origins=2)
    for k, (x, y) in enumerate(zip(problem.train.x, problem.train.y, strict=True)):
        first = problem.test.x[2 * k]
        assert np.array_equal(np.concatenate([x, y]), first)
        assert len(problem.test.x[2 * k + 1]) == len(first) + 4


def test_stamps_are_a_year_apart():
    stamps = m1_yearly().test.time[0].astype("datetime64[M]").astype(int)
    assert set(np.diff(stamps)) == {12}


def test_series_too_short_for_the_origins_are_left_out_and_counted():
    problem = m1_yearly(origins=2)
    assert len(problem.test) == 2 * len(problem.train)
    assert f"{181 - len(problem.train)} of 181 series are too short and left out" in problem.about.protocol
    assert "left out" not in m1_yearly().about.protocol


def test_an_error_says_what_fits_if_no_series_is_long_enough():
    with pytest.raises(ValueError, match="181 of 181 series are too short"):
        m1_yearly(horizon=40)
