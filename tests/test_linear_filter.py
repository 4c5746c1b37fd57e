"""Linear filters: special cases with known answers, what linearity cannot do."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.datasets.arma import arma, filtered
from recurbench.datasets.delayed_recall import delayed_recall
from recurbench.datasets.hmm_filter import hmm_filter
from recurbench.datasets.parity import parity
from recurbench.methods.linear_filter import linear_filter, poles_of
from recurbench.metrics import score

NUMBERS = Task("labelling", Values(1), Values(1), "same", causal=True)


def table_score(problem, predictor) -> float:
    values = score(problem.task, problem.test, predictor(problem.test.blind())).values
    return values[problem.about.metric]


def test_poles_lie_inside_the_circle_and_one_of_a_pair_is_kept():
    poles = poles_of(8, 0.99, 2)
    assert len(poles) == 8 + 3 * 2
    assert np.abs(poles).max() == pytest.approx(0.99)
    assert (poles.imag >= 0).all()
    assert poles[:8].real.tolist() == sorted(poles[:8].real)


def test_a_filter_is_its_recursion_and_the_other_end_where_one_may_look_ahead():
    rng = np.random.default_rng(0)
    split = Split([rng.normal(size=(6, 1)) for _ in range(4)], [rng.normal(size=(6, 1)) for _ in range(4)])
    fitted = linear_filter(NUMBERS, split, decays=1, angles=1)
    x = split.x[0]
    columns = fitted.columns(x)
    assert columns.shape == (6, 4)
    z, turning = 0.0, 0.0 + 0.0j
    for t in range(6):
        moved = x[t, 0] - fitted.level[0]
        z = 0.5 * z + 0.5 * moved
        turning = 0.5j * turning + 0.5 * moved
        assert columns[t] == pytest.approx([moved, z, turning.real, turning.imag])
    both = linear_filter(Task("labelling", Values(1), Values(1), "same"), split, decays=1, angles=0)
    assert both.columns(x)[:, 2] == pytest.approx(both.columns(x[::-1])[::-1, 1])


@pytest.mark.parametrize("dials", [{}, {"phi": 0.999, "theta": 0.98}, {"phi": 1, "theta": 0.8}])
def test_one_step_ahead_of_an_arma_series_it_nears_the_kalman_filter(dials):
    problem = arma(**dials, n_train=100)
    about = problem.about
    left = table_score(problem, linear_filter(problem.task, problem.train)) - about.best
    assert -0.01 < left < 0.1 * (about.memoryless - about.best)


def test_it_beats_the_best_window_where_memory_is_longer():
    problem = arma(phi=0.999, theta=0.98, n_train=100, n_test=400)
    x = np.stack([x[:, 0] for x in problem.test.x])
    window = filtered(x, np.ones(x.shape, dtype=bool), 0.999, 0.98, 16)[0]
    truth = np.stack([y[:, 0] for y in problem.test.y])
    assert table_score(problem, linear_filter(problem.task, problem.train)) < ((window - truth) ** 2).mean()


def test_filtering_a_noisy_chain_it_nears_the_bayes_filter():
    problem = hmm_filter()
    found = table_score(problem, linear_filter(problem.task, problem.train))
    assert problem.about.best - 0.03 < found < problem.about.best + 0.002


def test_parity_is_beyond_it_and_so_is_one_lag_among_many():
    problem = parity(n_train=300, test_length=60)
    assert table_score(problem, linear_filter(problem.task, problem.train)) == pytest.approx(0.5, abs=0.12)
    far = delayed_recall(lag=40)
    assert table_score(far, linear_filter(far.task, far.train)) > 0.7 * far.about.constant
    near = delayed_recall(lag=1)
    assert table_score(near, linear_filter(near.task, near.train)) < 0.05 * near.about.constant


def test_fitting_twice_gives_the_same_bits():
    problem = arma(n_train=5)
    one, two = (linear_filter(problem.task, problem.train)(problem.test) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_too_many_symbols_and_other_tasks_are_refused_in_words():
    words = Task("labelling", Values(500, symbols=True), Values(2, symbols=True), "same")
    with pytest.raises(Unsupported, match=r"41 filters of 500 symbols.*20500 columns.*fewer decays"):
        linear_filter(words, Split([np.array([1])], [np.array([0])]))
    with pytest.raises(Unsupported, match="once per step"):
        linear_filter(Task("labelling", Values(1), Values(1), "fixed"), Split([np.ones((3, 1))]))
    with pytest.raises(Unsupported, match="training part has no examples"):
        linear_filter(NUMBERS, Split([]))


@pytest.mark.parametrize("dials", [{"decays": 0}, {"slowest": 1.0}, {"angles": -1}])
def test_impossible_settings_are_refused(dials):
    name, value = next(iter(dials.items()))
    with pytest.raises(ValueError, match=rf"decays >= 1, .*{name}={value}"):
        linear_filter(NUMBERS, Split([np.ones((3, 1))], [np.ones((3, 1))]), **dials)
