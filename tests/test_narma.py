"""NARMA: the recursion, its scale, and what windows reach, met by least squares."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.narma import RUNAWAY, draw, measured, narma, output
from recurbench.metrics import score


def test_the_recursion_is_the_one_that_is_written():
    u = np.random.default_rng(0).uniform(0, 0.5, size=30)
    y = dict.fromkeys(range(-20, 2), 0.0)
    past = {t: u[t - 1] if t >= 1 else 0.0 for t in range(-20, 31)}
    for t in range(1, 31):
        recent = sum(y[t - i] for i in range(10))
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * recent + 1.5 * past[t - 9] * past[t] + 0.1
    assert output(u[None], 10)[0] == pytest.approx([y[t + 1] for t in range(1, 31)], abs=1e-12)


def test_long_orders_have_the_numbers_for_order_30():
    u = np.full((1, 40), 0.5)
    first, second = output(u, 30)[0, :2]
    assert first == pytest.approx(0.001)
    assert second == pytest.approx(0.2 * 0.001 + 0.04 * 0.001**2 + 0.001)
    # From step 30 on the product of inputs is felt.
    assert output(u, 30)[0, 29] - output(u, 30)[0, 28] > 1.5 * 0.25 * 0.9


@pytest.mark.parametrize("order", [10, 30])
def test_answers_have_mean_zero_and_variance_one_and_the_oracle_makes_no_error(order):
    problem = narma(order=order, n_train=1, n_valid=1, n_test=3000)
    answers = np.concatenate(problem.test.y)
    assert answers.mean() == pytest.approx(0, abs=0.02)
    assert answers.var() == pytest.approx(problem.about.constant, abs=0.03)
    assert score(problem.task, problem.test, problem.oracle).values["mse"] == problem.about.best == 0


def test_the_memoryless_level_is_the_closed_one():
    # Given u_t alone, y_{t+1} is off its mean by 1.5 E[u] (u_t - E[u]), from step 10 on.
    (_, spread), memoryless, _ = measured(10, 200)
    _, y = draw(10, 6000, 200, np.random.default_rng(1))
    explained = (1.5 * 0.25) ** 2 * 0.25 / 12 * 191 / 200
    assert memoryless == pytest.approx((y.var(axis=0).mean() - explained) / spread**2, rel=0.08)


@pytest.mark.parametrize("window", [4, 16])
def test_window_shares_are_met_by_least_squares(window):
    _, memoryless, shares = measured(10, 200)
    (_, spread), _, _ = measured(10, 200)
    u, y = draw(10, 1500, 60, np.random.default_rng(2))
    lags = np.lib.stride_tricks.sliding_window_view(u, window, axis=1)[:, 40:].reshape(-1, window)
    one, other = np.triu_indices(window)
    seen = np.column_stack([np.ones(len(lags)), lags, lags[:, one] * lags[:, other]])
    truth = y[:, window - 1 :][:, 40:].ravel() / spread
    half = len(seen) // 2
    weights = np.linalg.lstsq(seen[:half], truth[:half], rcond=None)[0]
    reached = 1 - ((seen[half:] @ weights - truth[half:]) ** 2).mean() / memoryless
    assert reached == pytest.approx(shares[f"window_{window}"], abs=0.06)


def test_the_role_follows_from_the_order():
    roles = {order: narma(order=order, n_train=1).about.role for order in (2, 10, 30)}
    assert roles == {2: "control", 10: "crossover", 30: "crossover"}
    assert narma(order=30, n_train=1).about.headroom["window_16"] < 0.2
    assert narma(n_train=1, seed=3).about.headroom == narma(n_train=1).about.headroom


def test_a_series_that_runs_away_is_drawn_again():
    rng = np.random.default_rng(3)
    u, y = draw(10, 3, 300, rng)
    assert (np.abs(y) < RUNAWAY).all()
    assert np.array_equal(y, output(u, 10))
    # At its highest input the classic filter does run away.
    assert not np.abs(output(np.full((1, 300), 0.5), 10)).max() < RUNAWAY


def test_dials_that_always_run_away_are_refused(monkeypatch):
    monkeypatch.setattr("recurbench.datasets.narma.RUNAWAY", 0.1)
    with pytest.raises(ValueError, match=r"order=10.*length=50 diverges: 4 of 4 series.*lower order"):
        draw(10, 4, 50, np.random.default_rng(0))


def test_draws_are_repeatable_and_independent():
    problem, again = narma(), narma()
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], narma(seed=1).test.x[0])
    assert np.array_equal(narma(n_train=3, n_valid=1).test.x[0], problem.test.x[0])
    assert len({float(split.x[0][0, 0]) for split in (problem.train, problem.valid, problem.test)}) == 3
    assert problem.task.causal


@pytest.mark.parametrize(("dials", "seen"), [({"order": 1}, "order=1"), ({"length": 10}, "length=10")])
def test_impossible_dials_are_refused(dials, seen):
    with pytest.raises(ValueError, match=f"2 <= order < length.*{seen}"):
        narma(**dials)
