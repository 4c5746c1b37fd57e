"""Echo state network: the reservoir, the readout, and what a fixed recurrence can do."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods.esn import Reservoir, blocks_of, esn
from recurbench.task import Array

TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
TWO = Task("classification", Values(2), Values(3, symbols=True), "fixed", steps=2)
NUMBER = Task("regression", Values(2), Values(2), "fixed")
MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=12, period=12)
ECHO = Task("labelling", Values(1), Values(1), "same", causal=True)

every_task = pytest.mark.parametrize(
    "task", [TAGS, CAUSAL, LABEL, TWO, NUMBER], ids=["tags", "causal", "label", "two", "number"]
)


def cases(task: Task, seed: int = 0, count: int = 12, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, longest + 1), 2)) for _ in range(count)]
    y: list[Array] = []
    for each in x:
        steps = len(each) if task.length == "same" else task.steps
        y.append(rng.integers(0, 3, steps) if task.y.symbols else rng.normal(size=(steps, task.y.size)))
    return Split(x, y)


def delayed(count: int, lag: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.uniform(-1, 1, size=(60, 1)) for _ in range(count)]
    return Split(x, [np.concatenate([np.zeros((lag, 1)), each[:-lag]]) for each in x])


def test_the_reservoir_is_its_formula_at_the_radius_asked_for() -> None:
    reservoir = Reservoir(2, 30, 0.7, 0.5, 0.3, np.random.default_rng(0))
    assert np.abs(np.linalg.eigvals(reservoir.W)).max() == pytest.approx(0.7)
    assert np.abs(reservoir.U).max() <= 0.5
    x, h = np.random.default_rng(1).normal(size=(3, 6, 2)), np.zeros(30)
    states = reservoir.states(x)
    for t in range(6):
        h = 0.7 * h + 0.3 * np.tanh(reservoir.b + reservoir.U @ x[1, t] + reservoir.W @ h)
        assert np.allclose(states[1, t], h)


def test_two_beginnings_are_soon_the_same_state() -> None:
    reservoir = Reservoir(1, 100, 0.9, 0.5, 1.0, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 300, 1))
    x[1, 20:] = x[0, 20:]
    distance = np.linalg.norm(reservoir.states(x)[0] - reservoir.states(x)[1], axis=1)
    assert distance[19] > 1e-2
    assert distance[-1] < 1e-6


@every_task
def test_answers_have_their_form_repeat_and_stand_alone(task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=20)
    one, other = (esn(task, train, seed=3, units=20)(test) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not np.allclose(one[0], esn(task, train, seed=4, units=20)(test)[0])
    predict = esn(task, train, seed=3, units=20)
    for i, answer in enumerate(one):
        assert answer.shape == (len(test.x[i]) if task.length == "same" else task.steps, task.y.size)
        assert not task.y.symbols or np.allclose(answer.sum(axis=1), 1)
        assert not task.y.symbols or (answer > 0).all()
        assert np.allclose(predict(test.take([i]))[0], answer, atol=1e-9)


def test_what_comes_later_changes_an_answer_only_where_it_may() -> None:
    x = np.random.default_rng(5).normal(size=(9, 2))
    changed = x.copy()
    changed[5:] += 2.0
    for task in (TAGS, CAUSAL):
        predict = esn(task, cases(task), units=20)
        one, other = predict(Split([x]))[0], predict(Split([changed]))[0]
        assert np.allclose(one[:5], other[:5], atol=1e-12) == task.causal
        assert predict.notes["bidirectional"] != task.causal
    with pytest.raises(Unsupported, match="the task is causal"):
        esn(CAUSAL, cases(CAUSAL), bidirectional=True)


def test_a_linear_readout_recovers_what_went_in_five_steps_ago() -> None:
    predict = esn(ECHO, delayed(40, 5, 0), leak=1.0, scaling=0.1)
    test = delayed(20, 5, 1)
    error = np.mean([(a[10:] - y[10:]) ** 2 for a, y in zip(predict(test), test.y, strict=True)])
    assert error < 0.01 * (1 / 3)


def test_memory_ends_where_there_are_more_steps_than_units() -> None:
    predict = esn(ECHO, delayed(40, 30, 0), units=10, leak=1.0, scaling=0.1)
    test = delayed(20, 30, 1)
    error = np.mean([(a[30:] - y[30:]) ** 2 for a, y in zip(predict(test), test.y, strict=True)])
    assert error > 0.5 * (1 / 3)


def test_a_season_on_a_trend_is_forecast_closely() -> None:
    t = np.arange(120)
    y = (10 + 0.1 * t + np.sin(2 * np.pi * t / 12))[:, None]
    train = Split([y[:96]], [y[96:108]], series=("one",))
    predict = esn(MONTHS, train)
    assert np.abs(predict(Split([y[:108]], series=("unknown",)))[0] - y[108:]).mean() < 0.3


def test_chances_of_noise_are_near_the_frequencies() -> None:
    rng = np.random.default_rng(0)
    train = Split([rng.normal(size=(10, 2)) for _ in range(300)], [rng.integers(0, 3, 1) for _ in range(300)])
    chances = np.concatenate(esn(LABEL, train)(cases(LABEL, seed=1)))
    assert np.abs(chances - 1 / 3).max() < 0.2


def test_windows_of_a_series_are_left_out_by_stretches_and_other_examples_one_by_one() -> None:
    x = [np.zeros((n, 1)) for n in (9, 5, 6, 7, 8)]
    later = Split(x, [np.zeros((12, 1))] * 5, series=("a",) * 5)
    assert blocks_of(MONTHS, later).tolist() == [4, 0, 1, 2, 3]
    assert blocks_of(NUMBER, Split(x, series=("a", "b", "a", "c", "b"))).tolist() == [0, 1, 2, 3, 4]


def test_of_very_many_steps_an_even_part_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurbench.methods.esn.MOST_ROWS", 1000)
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(250, 2)) for _ in range(10)]
    predict = esn(CAUSAL, Split(x, [rng.integers(0, 3, 250) for _ in x]), units=4)
    assert predict.notes["rows"] == 1000


def test_notes_tell_the_fitted_from_the_fixed() -> None:
    notes = esn(CAUSAL, cases(CAUSAL), units=20).notes
    assert notes["parameters"] == 3 * 22
    assert notes["fixed_weights"] == 20 * 20 + 20 * 2 + 20
    assert notes["recurrence"] == "fixed and random, nonlinear in the state"


@pytest.mark.parametrize(
    "wrong", [{"units": 0}, {"radius": -1.0}, {"scaling": -1.0}, {"leak": 0.0}, {"leak": 2.0}]
)
def test_settings_that_make_no_reservoir_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="esn needs units >= 1"):
        esn(CAUSAL, cases(CAUSAL), **wrong)  # type: ignore[arg-type]


def test_free_answers_and_missing_values_are_refused_in_words() -> None:
    free = Task("translation", Values(3, symbols=True), Values(3, symbols=True), "free")
    with pytest.raises(Unsupported, match="no decoder for free answers"):
        esn(free, Split([np.array([0, 1])], [np.array([1])]))
    hole = cases(LABEL).copy()
    hole.x[3][0, 0] = np.nan
    with pytest.raises(Unsupported, match="x of example 3 holds 1 missing"):
        esn(LABEL, hole)
