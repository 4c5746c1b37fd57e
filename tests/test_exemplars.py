"""The few test cases that a run file keeps: by a rule that sees no result, small, and only where allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from recurbench import About, Problem, Split, Task, Values, exemplars
from recurbench.catalogue import datasets as fetched
from recurbench.catalogue import entry
from recurbench.exemplars import (
    CLASSES,
    DIGITS,
    LABELS,
    NUMBERS,
    SERIES,
    STEPS,
    choose,
    described,
    excerpt,
    may_show,
)
from recurbench.registry import discover, load

OPEN = About("made up", "none needed: generated", "-", "mean", "mse")
KEPT_BYTES = 60_000


def classes(labels: list[int], steps: int = 5, channels: int = 1, size: int = 12) -> Problem:
    task = Task("classification", Values(channels), Values(size, symbols=True), "fixed")
    rng = np.random.default_rng(0)
    split = Split(
        [rng.standard_normal((steps, channels)) for _ in labels], [np.array([label]) for label in labels]
    )
    return Problem(task, split, split, replace(OPEN, metric="accuracy"))


def series(lengths: list[int], names: list[str], steps: int = 3, channels: int = 1) -> Problem:
    task = Task("forecasting", Values(channels), Values(channels), "fixed", steps=steps)
    rng = np.random.default_rng(0)
    x = [rng.standard_normal((n, channels)) for n in lengths]
    test = Split(x, [rng.standard_normal((steps, channels)) for _ in x], series=tuple(names))
    return Problem(task, test, test, OPEN)


@given(st.lists(st.integers(0, 11), min_size=1, max_size=60))
def test_of_a_classification_the_first_unit_of_each_class_met_is_taken(labels: list[int]) -> None:
    rule, chosen = choose(classes(labels).task, classes(labels).test)
    assert rule == "classes"
    assert chosen[0] == 0
    assert chosen == sorted(chosen)
    assert chosen == [labels.index(labels[i]) for i in chosen]
    assert len(chosen) == min(CLASSES, len(set(labels)))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20, unique=True))
def test_one_series_is_taken_at_its_first_middle_and_last_origin(lengths: list[int]) -> None:
    problem = series(lengths, ["a"] * len(lengths))
    rule, chosen = choose(problem.task, problem.test)
    assert rule == "origins"
    picked = [lengths[i] for i in chosen]
    assert picked == sorted(picked)
    assert (picked[0], picked[-1]) == (min(lengths), max(lengths))
    assert len(chosen) == min(3, len(lengths))


@given(
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from("abcdefg")), min_size=2, max_size=30, unique=True)
)
def test_several_series_are_taken_from_the_shortest_to_the_longest_at_their_last_origin(
    cases: list[tuple[int, str]],
) -> None:
    lengths, names = [n for n, _ in cases], [name for _, name in cases]
    last = {name: max(n for n, own in cases if own == name) for name in names}
    problem = series(lengths, names)
    rule, chosen = choose(problem.task, problem.test)
    if len(last) == 1:
        assert rule == "origins"
        return
    assert rule == "series"
    assert [lengths[i] for i in chosen] == [last[names[i]] for i in chosen]
    assert len({names[i] for i in chosen}) == len(chosen) == min(SERIES, len(last))
    picked = [lengths[i] for i in chosen]
    assert picked == sorted(picked)
    assert (picked[0], picked[-1]) == (min(last.values()), max(last.values()))


def test_the_choice_of_series_depends_neither_on_their_order_nor_on_their_values() -> None:
    names = [f"series {i}" for i in range(50)]
    forward, backward = series([9] * 50, names), series([9] * 50, names[::-1])
    found = [
        [str(each.test.series[i]) for i in choose(each.task, each.test)[1]] for each in (forward, backward)
    ]
    assert found[0] == found[1]
    assert found[0] != sorted(found[0])


@settings(max_examples=30)
@given(st.data())
def test_what_is_kept_is_the_same_every_time_and_small(data: st.DataObject) -> None:
    steps, channels = data.draw(st.integers(1, 3000)), data.draw(st.integers(1, 40))
    kind = data.draw(st.sampled_from(["classification", "forecasting", "labelling"]))
    if kind == "classification":
        problem = classes([0, 1, 2, 3, 4] * 10, steps, channels)
    elif kind == "forecasting":
        problem = series([steps + 1, steps + 2, steps + 3], ["a"] * 3, steps, channels)
    else:
        rng = np.random.default_rng(0)
        pair = [[rng.standard_normal((steps, channels)) * 1e-7 for _ in range(3)] for _ in range(2)]
        split = Split(*pair)
        problem = Problem(Task("labelling", Values(channels), Values(channels), "same"), split, split, OPEN)
    once, again = (json.dumps(described(problem), allow_nan=False) for _ in range(2))
    assert once == again
    assert len(once) < KEPT_BYTES


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 900), st.integers(1, 30)),
        elements=st.one_of(st.floats(-1e9, 1e9, width=32), st.just(np.nan)),
    ),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_an_excerpt_says_which_steps_it_holds_and_rounds_them(
    values: np.ndarray[Any, np.dtype[np.float64]], last: bool, thin: bool
) -> None:
    last = last and not thin
    kept = excerpt(values, last=last, thin=thin)
    shown = np.array(kept["values"], dtype=float).reshape(len(kept["values"]), -1)
    at = kept["start"] + kept["stride"] * np.arange(len(shown))
    assert (kept["steps"], kept["channels"]) == values.shape
    assert at[-1] < len(values)
    assert len(shown) <= STEPS
    assert shown.size <= NUMBERS
    if last:
        assert at[-1] == len(values) - 1
    if not thin:
        assert kept["stride"] == 1
    true = values[at, : shown.shape[1]]
    np.testing.assert_allclose(shown, true, rtol=0.6 * 10.0 ** (1 - DIGITS))


def test_symbols_are_kept_whole() -> None:
    assert excerpt(np.array([3, 0, 2]))["values"] == [3, 0, 2]


def test_a_missing_value_is_kept_as_nothing() -> None:
    assert excerpt(np.array([[1.0], [np.nan]]))["values"] == [1, None]


def test_an_origin_has_the_stamp_of_the_last_step_seen() -> None:
    problem = series([5], ["a"])
    days = np.datetime64("2020-01-01") + np.arange(8)
    problem = replace(problem, test=replace(problem.test, time=[days]))
    kept = exemplars.exemplars(problem)
    assert kept is not None
    assert kept["units"][0]["origin"] == "2020-01-05"


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("none needed: generated", True),
        ("CC0", True),
        ("CC0 1.0", True),
        ("CC BY 4.0", True),
        ("CC-BY-4.0", True),
        ("CC BY 4.0 International", True),
        ("MIT", True),
        ("BSD-2-Clause", True),
        ("Apache-2.0", True),
        ("public domain", True),
        ("data: CC BY 4.0; code: MIT", True),
        ("a file of your own: excerpts allowed", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND 4.0", False),
        ("CC BY-SA 4.0", False),
        ("data: CC BY 4.0; pictures: all rights reserved", False),
        ("not generated", False),
        ("unknown", False),
        ("", False),
        ("GPL-3.0", False),
    ],
)
def test_an_excerpt_needs_a_licence_that_allows_one(licence: str, allowed: bool) -> None:
    assert may_show(licence) is allowed


# Written down whole: a new dataset says here whether its cases may be shown.
SHOWN = {
    "adding",
    "arma",
    "automaton",
    "breast-cancer",
    "co2",
    "copy-memory",
    "date-tags",
    "dates",
    "delayed-recall",
    "diabetes",
    "digit-caption",
    "elec-equip",
    "elnino",
    "firm-default",
    "hmm-filter",
    "hmm-smoother",
    "household-power",
    "known-regressor",
    "lorenz",
    "mackey-glass",
    "macrodata",
    "many-series",
    "monash",
    "narma",
    "nile",
    "parity",
    "reversal",
    "sequential-digits",
    "sunspots",
    "temporal-order",
    "trajectory",
    "variable-length",
    "word-problem",
}
WITHHELD = {
    "airline",
    "arrowhead",
    "basic-motions",
    "cmudict",
    "covid-3-month",
    "csv",
    "ett",
    "gunpoint",
    "italy-power-demand",
    "japanese-vowels",
    "lynx",
    "m1-yearly",
    "m4",
    "own-classes",
    "own-values",
    "spoken-digits",
    "tatoeba",
    "trace",
    "tser",
    "ucr",
    "ud-pos",
    "us-bankruptcy",
}
PLUGINS = discover().datasets
# Their data are files of the user, whose licence is not known.
OWN = {
    "csv": "not stated: a file of your own",
    "own-classes": "not stated: files of your own",
    "own-values": "not stated: files of your own",
}


def test_every_dataset_is_in_the_table_once() -> None:
    assert not SHOWN & WITHHELD
    assert set(PLUGINS) == SHOWN | WITHHELD


@pytest.mark.parametrize("name", sorted(SHOWN | WITHHELD))
def test_only_datasets_whose_licence_allows_it_are_shown(name: str) -> None:
    plugin = PLUGINS[name]
    if name in fetched():
        licence = entry(name, {key: value or "NAME" for key, value in plugin.settings.items()}).licence
    elif name in OWN:
        licence = OWN[name]
        assert licence in plugin.path.read_text(encoding="utf-8")
    else:
        problem: Problem = load(plugin)(**plugin.settings)
        facts = described(problem)
        assert ("exemplars" in facts) == (name in SHOWN)
        assert len(json.dumps(facts, allow_nan=False)) < KEPT_BYTES
        licence = problem.about.licence
    assert may_show(licence) == (name in SHOWN)


def test_labels_are_kept_of_classifications_alone_and_not_of_many_cases() -> None:
    problem = classes([0, 1, 1, 0], size=2)
    assert described(problem)["labels"] == {"classes": 2, "names": None, "test": [0, 1, 1, 0]}
    assert "labels" not in described(series([5], ["a"]))
    assert "labels" not in described(classes([0, 1] * (LABELS // 2 + 1)))


def test_labels_are_kept_where_no_excerpt_is() -> None:
    problem = classes([0, 1], size=2)
    withheld = replace(problem, about=replace(problem.about, licence="none stated"))
    assert described(withheld).keys() == {"labels"}
