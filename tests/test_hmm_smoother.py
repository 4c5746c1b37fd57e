"""The smoother: exact by enumeration, above the filter by the known amount, windows around a step."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from recurbench.datasets._chain import Dials, filtered, smoothed
from recurbench.datasets.hmm_filter import hmm_filter
from recurbench.datasets.hmm_smoother import hmm_smoother
from recurbench.metrics import score
from scipy.stats import norm


def by_enumeration(x: np.ndarray, there: np.ndarray, t: int, q: float, sd: float) -> float:
    """The chance of the high state at step t from the steps `there`, summed over every path of states."""
    weights = np.zeros(2)
    for path in product((0, 1), repeat=len(x)):
        weight = np.prod([q if a == b else 1 - q for a, b in pairwise(path)])
        weights[path[t]] += weight * np.prod(norm.pdf(x[there], 2 * np.array(path)[there] - 1, sd))
    return float(weights[1] / weights.sum())


@pytest.mark.parametrize("missing", [0.0, 0.4])
@pytest.mark.parametrize("window", [None, 1, 2, 3, 4, 7, 30])
def test_the_smoother_is_the_sum_over_all_paths(missing, window):
    seen = Dials(0.9, 1.2, missing, 7).draw(2, 0)
    found = smoothed(seen.x, 0.9, 1.2, window)
    steps = np.arange(7)
    for row, t in product(range(2), range(7)):
        there = seen.there[row]
        if window is not None:
            there = there & (steps >= t - window // 2) & (steps < t - window // 2 + window)
        exact = by_enumeration(seen.x[row], np.flatnonzero(there), t, 0.9, 1.2)
        assert found[row, t] == pytest.approx(exact, abs=1e-12)


def test_one_draw_has_the_filter_at_8747_and_the_smoother_at_9233():
    # Measured by another implementation on a draw of its own.
    seen = Dials(0.95, 1.5, 0.0, 100).draw(2000, 3)
    assert seen.accuracy(filtered(seen.x, 0.95, 1.5)) == pytest.approx(0.8747, abs=0.005)
    assert seen.accuracy(smoothed(seen.x, 0.95, 1.5)) == pytest.approx(0.9233, abs=0.005)


def test_stickier_and_noisier_it_reaches_938():
    seen = Dials(0.99, 3.0, 0.0, 200).draw(1000, 3)
    assert seen.accuracy(smoothed(seen.x, 0.99, 3.0)) == pytest.approx(0.938, abs=0.01)


def test_data_are_those_of_the_filter_and_answers_may_look_ahead():
    ours, twin = hmm_smoother(missing=0.1), hmm_filter(missing=0.1)
    for part in ("train", "valid", "test"):
        one, other = getattr(ours, part), getattr(twin, part)
        assert all(np.array_equal(a, b) for a, b in zip(one.x, other.x, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(one.y, other.y, strict=True))
    assert not ours.task.causal
    assert ours.about.memoryless == twin.about.memoryless < twin.about.best < ours.about.best


def test_the_oracle_reaches_the_best_level_on_the_test_draw():
    problem = hmm_smoother()
    found = score(problem.task, problem.test, problem.oracle).values["accuracy"]
    assert found == pytest.approx(problem.about.best)


def test_windows_around_a_step_come_close_at_little_noise_and_not_at_much():
    near, far = (Dials(q, sd, 0.0, n).headroom(smoothed) for q, sd, n in ((0.95, 1.5, 100), (0.99, 3.0, 500)))
    assert near["window_4"] < near["window_16"]
    assert far["window_4"] < 0.5
    assert far["window_16"] < near["window_16"]


def test_a_noise_so_small_that_likelihoods_overflow_still_gives_chances():
    problem = hmm_smoother(sd=0.01, n_train=1, n_valid=1, n_test=3)
    assert np.isfinite(np.stack(problem.oracle)).all()
    assert problem.about.best == 1.0


def test_impossible_dials_are_refused():
    with pytest.raises(ValueError, match=r"hmm-smoother needs.*missing=1\.0"):
        hmm_smoother(missing=1.0)
