"""One length and one scale: what the words mean, and that they mean the same for every method."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._preparation import (
    LENGTHS,
    Preparation,
    common_length,
    learn_preparation,
    refuse_unsuited,
)
from recurbench.registry import Plugin, discover, load
from recurbench.task import Array

KINDS = ("classification", "regression")
# What makes a fit quick, for the methods that have the setting.
QUICK: dict[str, Any] = {
    "max_steps": 3,
    "hidden": 4,
    "filters": 4,
    "units": 8,
    "trees": 5,
    "kernels": 84,
    "members": 1,
    "blocks": 1,
    "layers": 1,
}
LEVELS = {"classification": Values(2, symbols=True), "regression": Values(1)}
SERIES = Task("classification", Values(2), Values(2, symbols=True), "fixed")


@cache
def plugins() -> dict[str, Plugin]:
    return {name: one for name, one in discover().methods.items() if set(KINDS) & set(one.kinds)}


def declared(setting: str) -> list[tuple[str, str]]:
    """Each method with each value of `setting` that changes what it is given."""
    same = ("native", "none", "auto", "window")
    return [
        (name, word)
        for name, one in plugins().items()
        if setting in one.settings
        for word in one.type_of(setting).words
        if word not in same
    ]


def kind_of(plugin: Plugin) -> str:
    return "classification" if "classification" in plugin.kinds else "regression"


def cases(kind: str, lengths: tuple[int, ...], seed: int = 0) -> tuple[Task, Split]:
    """Two channels of their own level and size, with the answer in the second one."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i, steps in enumerate(lengths):
        x.append(rng.normal(size=(steps, 2)).cumsum(axis=0) * [3.0, 0.5] + [20.0, i % 2])
        y.append(np.array([i % 2]) if kind == "classification" else np.array([[i % 2 + 0.1 * steps]]))
    return Task(kind, Values(2), LEVELS[kind], "fixed"), Split(x, y)


TRAINED = (19, 24, 16, 21) * 4
ASKED = (30, 12, 20, 16, 24)


def by_hand(word: str, train: Split, asked: Split) -> tuple[Split, Split]:
    """The series prepared as the documentation says, written down without the functions of the package."""
    lengths = [len(x) for x in train.x]

    def change(x: Array) -> Array:
        if word == "series":
            return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))
        if word == "train":
            every = np.concatenate(train.x)
            return np.asarray((x - every.mean(axis=0)) / every.std(axis=0))
        if word == "resample":
            new, old = np.linspace(0, 1, max(lengths)), np.linspace(0, 1, len(x))
            return np.stack([np.interp(new, old, channel) for channel in x.T], axis=1)
        steps = min(lengths) if word == "truncate" else max(lengths)
        made = np.zeros((steps, x.shape[1]))
        made[: len(x)] = x[:steps]
        return made

    return Split([change(x) for x in train.x], train.y), Split([change(x) for x in asked.x])


def fitted(name: str, task: Task, train: Split, **settings: Any) -> Any:
    plugin = plugins()[name]
    quick = {key: value for key, value in QUICK.items() if key in plugin.settings}
    return load(plugin)(task, train, **{**plugin.settings, **quick, **settings})


def answers_of(name: str, task: Task, train: Split, asked: Split) -> tuple[list[Array], str]:
    """The answers, or the sentence that refuses the task."""
    try:
        return list(fitted(name, task, train)(asked.blind())), ""
    except Unsupported as refused:
        return [], str(refused)


@pytest.mark.long
@pytest.mark.parametrize(("name", "word"), declared("unequal"))
def test_a_length_gives_the_answers_to_series_prepared_by_hand(name: str, word: str) -> None:
    task, train = cases(kind_of(plugins()[name]), TRAINED)
    _, asked = cases(task.kind, ASKED, seed=1)
    theirs, questions = by_hand(word, train, asked)
    ours = fitted(name, task, train, unequal=word)(asked.blind())
    same = fitted(name, task, theirs)(questions)
    # Interpolation by hand differs in the last digits, which three optimizer steps hardly magnify.
    np.testing.assert_allclose(np.array(ours), np.array(same), rtol=1e-4, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize(("name", "word"), declared("normalise"))
def test_a_scale_gives_the_answers_to_series_scaled_by_hand(name: str, word: str) -> None:
    task, train = cases(kind_of(plugins()[name]), (20,) * 16)
    _, asked = cases(task.kind, (20,) * 5, seed=1)
    theirs, questions = by_hand(word, train, asked)
    ours = fitted(name, task, train, normalise=word)(asked.blind())
    same = fitted(name, task, theirs, normalise="none")(questions)
    np.testing.assert_allclose(np.array(ours), np.array(same), rtol=1e-4, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("name", list(plugins()))
@pytest.mark.parametrize("lengths", [(20,) * 16, TRAINED], ids=["one length", "several lengths"])
def test_questions_of_any_length_are_answered_or_refused_in_one_sentence(
    name: str, lengths: tuple[int, ...]
) -> None:
    task, train = cases(kind_of(plugins()[name]), lengths)
    _, asked = cases(task.kind, (*ASKED, 1, 2), seed=1)
    answers, refusal = answers_of(name, task, train, asked)
    if refusal:
        assert re.fullmatch(r"[^\n]{20,300}", refusal)
    else:
        assert len(answers) == len(asked)
        assert {np.shape(one) for one in answers} <= {(1,), (1, 1), (1, task.y.size)}
        assert all(np.isfinite(one).all() for one in answers)


def test_every_method_that_reads_a_scale_has_the_same_words() -> None:
    words = {"none", "series", "train"}
    for name, plugin in plugins().items():
        if "normalise" in plugin.settings:
            found = set(plugin.type_of("normalise").words)
            assert found in (words, words | {"auto", "window"}), name
            automatic = "forecasting" in plugin.kinds or "max_steps" in plugin.settings
            assert ("auto" in found) == automatic, name
        if "unequal" in plugin.settings:
            assert set(plugin.type_of("unequal").words) | {"native"} == set(LENGTHS), name
        assert ("unequal" in plugin.settings) == ("normalise" in plugin.settings), name


SEQUENCES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6)


@given(made=SEQUENCES, word=st.sampled_from(LENGTHS), asked=st.integers(1, 12))
def test_every_series_has_the_length_that_was_learnt(
    made: list[tuple[int, int]], word: str, asked: int
) -> None:
    series = [np.random.default_rng(seed).normal(size=(steps, 2)) for steps, seed in made]
    prepare = learn_preparation(SERIES, series, unequal=word, normalise="none")
    new = np.random.default_rng(99).normal(size=(asked, 2))
    if word == "native":
        assert np.array_equal(prepare(new), new)
        return
    steps = (min if word == "truncate" else max)(len(x) for x in series)
    assert {len(prepare(x)) for x in (*series, new)} == {steps}
    assert np.array_equal(prepare(new)[0], new[0])
    if word != "resample":
        kept = min(steps, asked)
        assert np.array_equal(prepare(new)[:kept], new[:kept])
        assert not prepare(new)[kept:].any()


@given(made=SEQUENCES, word=st.sampled_from(("series", "train")), unequal=st.sampled_from(LENGTHS))
def test_scaled_series_have_mean_0_and_deviation_1_or_0(
    made: list[tuple[int, int]], word: str, unequal: str
) -> None:
    series = [np.random.default_rng(seed).normal(9, 4, size=(steps, 2)) for steps, seed in made]
    prepare = learn_preparation(SERIES, series, unequal=unequal, normalise=word)
    scaled = [prepare(x) for x in series]
    for part in scaled if word == "series" else [np.concatenate(scaled)]:
        assert np.allclose(part.mean(axis=0), 0, atol=1e-9)
        deviation = part.std(axis=0)
        assert (np.isclose(deviation, 1) | np.isclose(deviation, 0, atol=1e-9)).all()


def test_an_unprepared_series_is_the_series() -> None:
    x = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(Preparation()(x), x)
    assert common_length("pad", []) is None


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        (
            {"unequal": "refuse"},
            ValueError,
            "unequal must be one of native, pad, resample, truncate, got 'refuse'",
        ),
        (
            {"normalise": "z"},
            ValueError,
            "normalise must be one of auto, none, series, train, window, got 'z'",
        ),
        (
            {"normalise": "window"},
            Unsupported,
            "normalise=window is not for classification; set normalise=series",
        ),
    ],
)
def test_other_words_are_refused(settings: dict[str, str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        refuse_unsuited(SERIES, **{"unequal": "native", "normalise": "none", **settings})


def test_a_forecast_keeps_its_steps_and_its_window() -> None:
    months = Task("forecasting", Values(1), Values(1), "fixed", steps=2)
    with pytest.raises(Unsupported, match="unequal=pad changes the steps, and forecasting needs them"):
        refuse_unsuited(months, "pad", "auto")
    with pytest.raises(Unsupported, match="normalise=series is not for forecasting; set normalise=window"):
        refuse_unsuited(months, "native", "series")
