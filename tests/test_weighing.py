"""What a forecasting network adds to its reference is used as far as validation says that it helps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._networks.budget import FEW
from recurbench.methods.mlp import mlp
from recurbench.methods.recurrent import gru
from recurbench.task import Rolling, holdout

PLAIN = Task("forecasting", Values(1), Values(1), "fixed", steps=4)
CLASSES = Task("classification", Values(1), Values(2, symbols=True), "fixed")
FAST: dict[str, Any] = {"hidden": 8, "max_steps": 40}


def cut(x: Any, steps: int = 4) -> Split:
    return Split([x[:-steps, None]], [x[-steps:, None]], series=("a",))


def noise(seed: int = 0, length: int = 120) -> Any:
    return 10 + np.random.default_rng(seed).normal(size=length)


def threshold(length: int = 400) -> Any:
    """A series whose next value follows from the last one, but not linearly."""
    x = np.full(length, 0.3)
    for t in range(1, length):
        x[t] = 3.7 * x[t - 1] * (1 - x[t - 1])
    return x


def test_on_noise_the_forecast_is_the_mean_and_the_notes_say_so() -> None:
    train = cut(noise())
    fit, check = holdout(PLAIN, train, 0)
    inner = mlp(PLAIN, fit, check=check, **FAST)
    assert (inner.notes["reference"], inner.notes["weight"]) == ("mean", 0)
    assert inner.notes["reference_used"] is True
    assert inner.notes["learned"] is False
    final = mlp(PLAIN, train, steps=inner.notes["steps"], **FAST)
    assert final.notes["reference_used"] is True
    assert "learned" not in final.notes
    x = noise(1)[:, None]
    assert np.allclose(final(Split([x]))[0], x.mean())


def test_what_a_network_learns_is_used() -> None:
    one = Task("forecasting", Values(1), Values(1), "fixed", steps=1)
    train = cut(threshold(), 1)
    final = mlp(one, train, steps=200, hidden=16, context=2, normalise="train", learning_rate=0.01)
    assert final.notes["weight"] == 1
    assert final.notes["reference_used"] is False
    x = threshold(420)[:, None]
    assert abs(final(Split([x[:410]]))[0] - x[410]).max() < 0.1


def test_the_final_fit_chooses_what_the_inner_fit_chose() -> None:
    for seed in range(2):
        t = np.arange(150)
        train = cut(np.sin(t / 3) + 0.7 * noise(seed, 150))
        fit, check = holdout(PLAIN, train, 0)
        inner = mlp(PLAIN, fit, check=check, seed=seed, reference="last", **FAST)
        final = mlp(PLAIN, train, steps=inner.notes["steps"], seed=seed, reference="last", **FAST)
        assert final.notes["weight"] == inner.notes["weight"]
        assert final.notes["cpu_seconds"] > 0


def test_a_small_validation_part_chooses_nothing() -> None:
    t = np.arange(150)
    fit, check = holdout(PLAIN, cut(np.sin(t / 3) + 0.3 * noise(0, 150)), 0)
    other = Split(check.x, [-5 * y for y in check.y], series=check.series)
    one, two = (mlp(PLAIN, fit, check=each, hidden=8, max_steps=80) for each in (check, other))
    assert np.array_equal(one(check)[0], two(check)[0])
    assert one.notes["weight_chosen_on"].startswith("the last origins of train")
    assert one.notes["steps"] == two.notes["steps"]
    assert one.notes["learned"] is (one.notes["weight"] > 0)
    told = mlp(PLAIN, fit, steps=one.notes["steps"], hidden=8, max_steps=80)
    assert told.notes["reference"] in ("mean", "last")


def test_a_large_validation_part_chooses() -> None:
    train = cut(noise(length=600))
    fit, check = holdout(PLAIN, train, 0, Rolling(horizons=80, divisor=4))
    assert len(check) >= FEW
    notes = mlp(PLAIN, fit, check=check, **FAST).notes
    assert notes["weight_chosen_on"] == "the validation part"


def test_a_series_too_short_to_hold_out_twice_is_weighed_on_the_validation_part() -> None:
    fit, check = holdout(PLAIN, cut(noise(length=16)), 0)
    notes = mlp(PLAIN, fit, check=check, **FAST).notes
    assert len(check)
    assert notes["weight_chosen_on"] == "the validation part"


def test_a_season_with_noise_is_learned_from_the_mean_if_that_is_better() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=4, period=4)
    t = np.arange(160)
    train = cut(1.2 * np.sin(2 * np.pi * t / 4) + 0.9 * noise(3, 160))
    found = {
        name: mlp(task, train, steps=60, hidden=8, reference=name) for name in ("auto", "mean", "seasonal")
    }
    twin = found[found["auto"].notes["reference"]]
    assert np.array_equal(found["auto"](train)[0], twin(train)[0])


@pytest.mark.parametrize("reference", ["none", "mean", "last", "seasonal"])
def test_a_reference_can_be_fixed(reference: str) -> None:
    train = cut(noise())
    predict = mlp(PLAIN, train, steps=3, hidden=8, reference=reference)
    assert predict.notes["reference"] == reference
    assert np.isfinite(predict(train)[0]).all()


def test_seeds_together_choose_what_each_chooses_alone() -> None:
    t = np.arange(120)
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=4, period=4)
    train = cut(np.sin(2 * np.pi * t / 4) + 0.8 * noise(2))
    together = gru(task, train, seeds=(0, 1, 2), steps=(4, 8, 9), hidden=4)
    for seed, steps, one in zip((0, 1, 2), (4, 8, 9), together, strict=True):
        (alone,) = gru(task, train, seeds=(seed,), steps=(steps,), hidden=4)
        assert np.array_equal(one(train)[0], alone(train)[0])
        assert one.notes["weight"] == alone.notes["weight"]


def test_seeds_together_stop_where_each_stops_alone() -> None:
    t = np.arange(120)
    fit, check = holdout(PLAIN, cut(np.sin(t / 3) + 0.3 * noise(2)), 0)
    together = mlp(PLAIN, fit, check=check, seeds=(0, 1), hidden=8, max_steps=60)
    for seed, one in enumerate(together):
        (alone,) = mlp(PLAIN, fit, check=check, seeds=(seed,), hidden=8, max_steps=60)
        assert np.array_equal(one(check)[0], alone(check)[0])
        assert all(one.notes[name] == alone.notes[name] for name in ("steps", "weight", "learned", "curve"))


def test_too_short_a_series_leaves_nothing_to_choose_on() -> None:
    train = cut(noise(length=13))
    predict = mlp(PLAIN, train, steps=3, hidden=8)
    assert predict.notes["weight"] == 1
    assert predict.notes["weight_chosen_on"].startswith("nothing")


def test_the_quantiles_of_the_reference_keep_their_spread() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=4, quantiles=(0.1, 0.5, 0.9))
    train = cut(noise())
    predict = mlp(task, train, steps=5, hidden=8)
    assert predict.notes["weight"] == 0
    low, middle, high = predict(train)[0][:, 0].T
    assert np.allclose(high - low, 2 * 1.28, rtol=0.3)
    assert np.allclose(middle, 10, atol=0.5)


def test_other_tasks_have_no_reference() -> None:
    train = Split([np.zeros((3, 1)), np.ones((3, 1))] * 4, [np.array([0]), np.array([1])] * 4)
    assert not {"weight", "reference", "reference_used"} & set(mlp(CLASSES, train, steps=3).notes)
