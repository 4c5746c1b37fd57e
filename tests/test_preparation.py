"""One length and one scale: what the words mean, and that they mean the same for every method."""

from __future__ import annotations

import inspect
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values, from_estimator
from recurbench.methods._preparation import (
    LENGTHS,
    Preparation,
    common_length,
    learn_preparation,
    refuse_unsuited,
)
from recurbench.methods._settings import Unequal, WholeSeries
from recurbench.registry import Plugin, discover, load
from recurbench.task import Array

DATA = Path(__file__).parent.parent / "docs" / "data.md"
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


@pytest.mark.long
@pytest.mark.parametrize("name", list(plugins()))
def test_a_missing_value_is_read_or_refused_in_one_sentence(name: str) -> None:
    task, train = cases(kind_of(plugins()[name]), (20,) * 16)
    _, asked = cases(task.kind, (20,) * 5, seed=1)
    gappy, questions = train.copy(), asked.copy()
    gappy.x[2][3, 0] = questions.x[1][4, 1] = np.nan
    for known, new in ((gappy, asked), (train, questions)):
        answers, refusal = answers_of(name, task, known, new)
        if refusal:
            assert re.fullmatch(r"[^\n]{20,300}", refusal)
        else:
            assert all(np.isfinite(one).all() for one in answers)
    if name == "hmm":
        assert answers


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
        if "unequal" in plugin.settings:
            assert "normalise" in plugin.settings, name


def documented() -> list[tuple[str, list[str], list[str]]]:
    """The rows of the table in docs/data.md: names, values of `unequal`, values of `normalise`."""
    text = DATA.read_text(encoding="utf-8")
    table = text[text.index("| methods | `unequal`") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return [(row[0], *([one for one in cell.split(", ") if one] for cell in row[1:3])) for row in rows]


def values(plugin: Plugin, setting: str) -> list[str]:
    """What a setting takes, the default first; nothing if the method has no such setting."""
    if setting not in plugin.settings:
        return []
    first = str(plugin.settings[setting])
    return [first, *sorted(set(plugin.type_of(setting).words) - {first})]


def test_the_documentation_lists_the_words_of_every_method() -> None:
    rows = {name: (unequal, normalise) for name, unequal, normalise in documented()}
    logistic = ["none", "series", "train"]  # in the remark of the features
    for name, plugin in discover().methods.items():
        if plugin.foreign:
            continue
        named = [
            head
            for head in rows
            if any(fnmatchcase(name, pattern) for pattern in re.findall(r"`([^`]+)`", head))
            or ("networks" in head and "max_steps" in plugin.settings)
        ]
        assert len(named) <= 1, name
        unequal, normalise = rows[named[0] if named else "all others"]
        if name.endswith("-logistic"):
            normalise = logistic
        found = [values(plugin, setting) for setting in ("unequal", "normalise")]
        assert [sorted(each) for each in found] == [sorted(unequal), sorted(normalise)], name
        assert [each[:1] for each in found] == [unequal[:1], normalise[:1]], name


def test_an_estimator_has_the_words_that_are_documented() -> None:
    told = next(row for row in documented() if row[0] == "`from_estimator`")
    parameters = inspect.signature(from_estimator).parameters
    assert [parameters[name].default for name in ("unequal", "normalise")] == [told[1][0], told[2][0]]
    assert (sorted(told[1]), sorted(told[2])) == (sorted(get_args(Unequal)), sorted(get_args(WholeSeries)))


@pytest.mark.parametrize(("setting", "what"), [("normalise", "scale"), ("unequal", "length")])
@pytest.mark.parametrize("name", ["ngram", "markov", "edit-1nn", "most-common", "theta"])
def test_a_method_without_the_setting_says_why_in_one_sentence(name: str, setting: str, what: str) -> None:
    said = f"method {name} has no setting '{setting}', because it reads every example at its own {what}; "
    with pytest.raises(ValueError, match=re.escape(said)):
        discover().select_methods([f"{name}[{setting}=series]"])


def test_missing_values_stay_and_are_left_out_of_the_scale() -> None:
    x = np.array([[1.0, np.nan, 3.0, 3.0], [np.nan, np.nan, 3.0, 5.0], [3.0, np.nan, np.nan, 7.0]])
    for word in ("series", "train"):
        prepare = learn_preparation(
            Task("classification", Values(4), Values(2, symbols=True), "fixed"),
            [x],
            unequal="native",
            normalise=word,
        )
        wide = np.sqrt(8 / 3)
        told = np.array([[-1, np.nan, 0, -2 / wide], [np.nan, np.nan, 0, 0], [1, np.nan, np.nan, 2 / wide]])
        assert np.allclose(prepare(x), told, equal_nan=True)


def test_interpolation_keeps_known_values_beside_missing_ones() -> None:
    x = np.array([[0.0], [2.0], [np.nan], [6.0]])
    prepare = learn_preparation(SERIES, [x, np.zeros((7, 1))], unequal="resample", normalise="none")
    told = [0.0, 1.0, 2.0, np.nan, np.nan, np.nan, 6.0]
    assert np.array_equal(prepare(x)[:, 0], told, equal_nan=True)


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
