"""The benchmark of rules that choose a classifier: calibration keeps the order, no case calibrates itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scripts import script

BENCHMARK = script("benchmarks/classifier_choice.py")
seeds = st.integers(0, 10_000)


def drawn(seed: int, cases: int = 30, classes: int = 3) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities [cases, classes] and true classes drawn from them."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.ones(classes), size=cases)
    truth = np.array([rng.choice(classes, p=each) for each in chances])
    return chances, truth


def fold(chances: NDArray[np.float64], truth: NDArray[np.int64], cases: NDArray[np.int64]) -> object:
    right = (chances.argmax(axis=1) == truth).astype(float)
    return BENCHMARK.Fold(chances, right, truth, cases)


@given(seeds, st.integers(0, 12))
def test_calibration_never_changes_the_order_of_the_classes(seed: int, cases: int) -> None:
    chances, truth = drawn(seed, 40)
    power = BENCHMARK.best_power(np.log(chances[:cases]), truth[:cases])
    assert BENCHMARK.LEAST <= power <= BENCHMARK.MOST
    calibrated = chances**power
    order = np.argsort(chances, axis=1)
    assert (np.diff(np.take_along_axis(calibrated, order, axis=1), axis=1) >= 0).all()


@pytest.mark.parametrize("distortion", [0.25, 4.0])
def test_a_method_whose_probabilities_are_distorted_has_the_same_calibrated_log_loss(
    distortion: float,
) -> None:
    chances, truth = drawn(3, 400)
    distorted = chances**distortion
    distorted /= distorted.sum(axis=1, keepdims=True)
    cases = np.arange(len(truth))
    one, other = (BENCHMARK.Validated.of([fold(each, truth, cases)]) for each in (chances, distorted))
    assert other.log_loss > one.log_loss + 0.02
    assert other.calibrated == pytest.approx(one.calibrated, abs=1e-4)
    assert other.accuracy == one.accuracy


def test_no_case_calibrates_itself_in_any_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[set[float]] = []

    def seen(logs: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
        used.append(set(logs[:, 0].round(9)))
        return 2.0

    scored: list[set[float]] = []

    def surprise(logs: NDArray[np.float64], truth: NDArray[np.int64]) -> NDArray[np.float64]:
        scored.append(set((logs[:, 0] / 2).round(9)))
        return np.zeros(len(truth))

    monkeypatch.setattr(BENCHMARK, "best_power", seen)
    monkeypatch.setattr(BENCHMARK, "surprise", surprise)
    chances, truth = drawn(1, 20)
    # A case has the same probabilities in both folds, so its log probability names it.
    rows = np.array([0, 3, 5, 8, 13, 19]), np.array([3, 8, 19, 2, 7, 11])
    BENCHMARK.calibrated([fold(chances[part], truth[part], part) for part in rows])
    assert len(used) == len(scored) == BENCHMARK.PARTS
    assert all(not ours & others for ours, others in zip(scored, used, strict=True))
    assert set.union(*scored) == set(np.log(chances[np.unique(np.concatenate(rows)), 0]).round(9))


def test_a_case_that_is_alone_is_not_calibrated() -> None:
    chances, truth = drawn(0, 1)
    found = BENCHMARK.Validated.of([fold(chances, truth, np.array([4]))])
    assert found.calibrated == pytest.approx(found.log_loss)


def validated(accuracy: float, loss: float) -> object:
    return BENCHMARK.Validated(accuracy, loss, 1 - loss, loss, pd.Series([accuracy, accuracy]))


def test_of_methods_with_equal_accuracy_the_rule_takes_the_one_with_less_log_loss() -> None:
    found = {"a": validated(0.9, 0.5), "b": validated(0.9, 0.4), "c": validated(0.8, 0.1)}
    rules = BENCHMARK.RULES
    assert rules["accuracy"](found) == ["a", "b"]
    assert rules["accuracy, then log loss"](found) == ["b"]
    assert rules["accuracy, then calibrated log loss"](found) == ["a"]
    assert rules["Brier score"](found) == ["c"]
    assert BENCHMARK.before(found) == ["c"]
    assert BENCHMARK.before({**found, "bare": validated(0.9, np.nan)}) == ["a", "b", "bare"]


def test_regret_is_taken_from_the_best_test_accuracy_and_averaged_over_the_splits_of_a_set() -> None:
    found = {"a": validated(0.9, 0.5), "b": validated(0.8, 0.1)}
    tests = [{"a": 0.7, "b": 0.6}, {"a": 0.5, "b": 0.9}]
    cases = [BENCHMARK.Case("set", k, found, test) for k, test in enumerate(tests)]
    table = BENCHMARK.outcomes(cases, BENCHMARK.Pool("any", BENCHMARK.NETWORKS, True))
    assert table["accuracy"].loc["set", "regret"] == pytest.approx((0.0 + 0.4) / 2)
    assert table["accuracy"].loc["set", "changed"] == 1
    first = next(iter(table))
    assert table[first].loc["set", "regret"] == pytest.approx((0.1 + 0.0) / 2)
