"""Firms that default: the filter against weighted simulation, exact levels, gaps in time and in reports."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.firm_default import RATIOS, Firms, Grid, firm_default
from recurbench.metrics import score

DIALS = {
    "years": 4,
    "ratios": 2,
    "noise": 0.7,
    "volatility": 0.2,
    "drift": -0.1,
    "reversion": 0.1,
    "horizon": 2,
    "missing": 0.0,
    "irregular": False,
}
HARD = {**DIALS, "missing": 0.3, "irregular": True}
SMALL = {"n_train": 5, "n_valid": 5}


def by_simulation(
    firms: Firms, since, values, there, first: int, count: int = 400_000
) -> tuple[float, float]:
    """The chance of default and its standard error: simulated firms weighed by how well they fit the reports.

    Reports before `first` are unseen, and so are the years between them.
    """
    rng = np.random.default_rng(1)
    v = 1 + 0.5 * rng.standard_normal(count)
    alive = v > 0

    def year(v, alive):
        v = v + firms.drift + firms.reversion * (1 - v) + firms.volatility * rng.standard_normal(count)
        return v, alive & (v > 0)

    weight = np.zeros(count)
    for t in range(firms.years):
        gaps = np.full(count, 0 if t == 0 else since[t])
        if 0 < t < first:
            gaps = rng.integers(1, 4, size=count) if firms.irregular else np.ones(count)
        for passed in range(3):
            moved, lives = year(v, alive)
            v, alive = np.where(gaps > passed, moved, v), np.where(gaps > passed, lives, alive)
        if t >= first:
            for j, loading in enumerate(list(RATIOS.values())[: firms.ratios]):
                weight -= there[t, j] * (values[t, j] - loading * v) ** 2 / (2 * firms.noise**2)
    weight = np.exp(weight - weight.max()) * alive
    for _ in range(firms.horizon):
        v, alive = year(v, alive)
    weight /= weight.sum()
    chance = float(weight @ ~alive)
    return chance, float(np.sqrt((weight**2) @ (~alive - chance) ** 2))


@pytest.mark.parametrize("dials", [DIALS, HARD], ids=["plain", "missing and irregular"])
@pytest.mark.parametrize("window", [1, 2, 4])
def test_the_chance_is_that_of_weighted_simulations(dials, window):
    firms = Firms(**dials)
    reports, _ = firms.draw(3, np.random.default_rng(4))
    found = Grid(firms).chance(reports, window)
    for i in range(3):
        parts = reports.since[i], reports.values[i], reports.there[i]
        chance, error = by_simulation(firms, *parts, first=4 - window)
        assert 0 < error < 0.005
        assert found[i] == pytest.approx(chance, abs=4 * error)


@pytest.mark.parametrize(
    "dials", [{}, {"missing": 0.4, "irregular": True}, {"volatility": 0.3, "drift": 0.05}]
)
def test_halving_the_grid_leaves_every_level_within_a_thousandth(dials):
    firms = Firms(**{**DIALS, "years": 8, **dials})
    reports, fate = firms.draw(500, np.random.default_rng(2))
    levels = []
    for fine in (6, 12, 24):
        grid = Grid(firms, fine)
        chance = grid.chance(reports)
        best = -np.log(np.where(fate, chance, 1 - chance)).mean()
        levels.append([best, grid.memoryless(), grid.rate()])
    assert np.abs(np.diff(levels, axis=0)).max() < 1e-3


@pytest.mark.parametrize("dials", [DIALS, HARD], ids=["plain", "missing and irregular"])
def test_levels_without_memory_are_those_of_a_large_draw(dials):
    firms = Firms(**dials)
    grid = Grid(firms)
    reports, fate = firms.draw(20000, np.random.default_rng(3))
    assert fate.mean() == pytest.approx(grid.rate(), abs=4 * np.sqrt(0.25 / 20000))
    chance = grid.chance(reports, window=1)
    loss = -np.log(np.where(fate, chance, 1 - chance))
    assert loss.mean() == pytest.approx(grid.memoryless(), abs=4 * loss.std() / np.sqrt(20000))
    # Chances that are Bayes' own are met by the shares they speak of.
    full = grid.chance(reports)
    for fifth in np.array_split(full.argsort(), 5):
        error = np.sqrt((full[fifth] * (1 - full[fifth])).sum()) / len(fifth)
        assert fate[fifth].mean() == pytest.approx(full[fifth].mean(), abs=4 * error)


def test_the_levels_leave_room_between_them():
    about = firm_default(**SMALL, n_test=8000).about
    assert about.constant == pytest.approx(0.605, abs=0.001)
    assert about.memoryless == pytest.approx(0.528, abs=0.001)
    assert about.best == pytest.approx(0.420, abs=0.02)
    assert about.metric == "log_loss"


def test_the_oracle_reaches_the_best_level_on_the_test_draw():
    problem = firm_default(**SMALL)
    found = score(problem.task, problem.test, problem.oracle).values
    assert found["log_loss"] == pytest.approx(problem.about.best)


def test_headroom_is_what_realised_losses_say_and_states_its_error():
    # The default dials of the probe.
    firms = Firms(8, 3, 0.7, 0.1, -0.1, 0.0, 3, 0.0, False)
    grid = Grid(firms)
    known = grid.headroom((4,))
    reports, fate = firms.draw(4000, np.random.default_rng(8))
    lost = {}
    for window in (1, 4, 8):
        chance = grid.chance(reports, window)
        lost[window] = -np.log(np.where(fate, chance, 1 - chance))
    way = (lost[1] - lost[8]).mean()
    share = (lost[1] - lost[4]).mean() / way
    error = (lost[1] - lost[4] - share * (lost[1] - lost[8])).std() / way / np.sqrt(4000)
    assert error < 0.05
    assert known["window_4"] == pytest.approx(share, abs=4 * error)
    assert 0 < known["window_4_error"] < 0.05


def test_many_years_are_more_than_a_window_has():
    firms = Firms(**{**DIALS, "years": 24, "noise": 2.0, "drift": 0.0})
    known = Grid(firms).headroom((4, 16))
    assert 0 < known["window_4"] < known["window_16"] < 1
    assert 0 < known["window_16_error"] < known["window_4_error"] < 0.05


def test_a_window_as_long_as_the_years_is_everything_and_makes_a_control():
    about = firm_default(**SMALL, n_test=10).about
    assert (about.headroom["window_16"], about.headroom["window_16_error"]) == (1, 0)
    assert about.role == "control"
    assert firm_default(years=1, **SMALL, n_test=10).about.headroom["window_4"] == 1
    assert firm_default(**SMALL, seed=1, n_test=10).about.headroom == about.headroom


def test_channels_say_what_is_missing_and_how_long_ago():
    problem = firm_default(missing=0.3, irregular=True, n_train=3000, n_test=5)
    x = np.stack(problem.train.x)
    assert problem.task.x.names == (
        *("leverage", "profitability", "liquidity"),
        *("leverage reported", "profitability reported", "liquidity reported"),
        "years since",
    )
    assert x.shape == (3000, 8, 7)
    assert set(np.unique(x[:, :, 3:6])) == {0, 1}
    assert x[:, :, 3:6].mean() == pytest.approx(0.7, abs=0.01)
    assert np.array_equal(x[:, :, :3] == 0, x[:, :, 3:6] == 0)
    assert (x[:, 0, 6] == 0).all()
    assert set(np.unique(x[:, 1:, 6])) == {1, 2, 3}
    assert firm_default(**SMALL, n_test=5).task.x.names == ("leverage", "profitability", "liquidity")


def test_draws_are_repeatable_and_independent():
    problem, again = firm_default(n_train=50, n_test=50), firm_default(n_train=50, n_test=50)
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    assert not np.array_equal(problem.test.x[0], firm_default(seed=1, n_train=50, n_test=50).test.x[0])
    assert np.array_equal(firm_default(**SMALL, n_test=50).test.x[0], problem.test.x[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("years", 0), ("horizon", 0), ("noise", 0.0), ("volatility", 0.01), ("reversion", -0.1)],
        *[("ratios", 5), ("missing", 1.0), ("reversion", 1.5), ("noise", float("nan")), ("n_test", 0)],
    ],
)
def test_impossible_dials_are_refused(name, value):
    with pytest.raises(ValueError, match=f"firm-default needs.*{name}={value}"):
        firm_default(**{name: value})
