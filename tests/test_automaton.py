"""Automata by name: independent recognisers, balanced answers, exact levels of windows."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.datasets._automata import ILLEGAL, machine
from recurbench.datasets._strings import Source, turns
from recurbench.datasets.automaton import automaton, flip_flops, levels
from recurbench.datasets.word_problem import table

PRODUCTS = {name: table(name) for name in ("S3", "A4", "A5")}

# Complete patterns of accepted strings; those of 5 and 6 were found by eliminating states by hand.
TOMITA = {
    "tomita-1": r"1*",
    "tomita-2": r"(10)*",
    "tomita-3": r"(?!.*(?<!1)1(11)*(?!1).*(?<!0)0(00)*(?!0))[01]*",
    "tomita-4": r"(?!.*000)[01]*",
    "tomita-5": r"(00|11|(01|10)(00|11)*(01|10))*",
    "tomita-6": r"(01|10|(00|1)(10)*(11|0))*",
    "tomita-7": r"0*1*0*1*",
}
FATAL = ("tomita-1", "tomita-2", "tomita-3", "tomita-4", "tomita-7")
EVERY = (*TOMITA, "flip-flop", "dyck-2", "dyck-5", "dyck-12", "mod-2", "mod-5", "S3", "A4", "A5")
SMALL = {"n_train": 60, "n_valid": 5, "n_test": 40}


def strings(length: int) -> list[tuple[int, ...]]:
    return list(product((0, 1), repeat=length))


def accepted(name: str, x: tuple[int, ...]) -> bool:
    return re.fullmatch(TOMITA[name], "".join(map(str, x))) is not None


def answer(name: str, x: np.ndarray) -> int:
    """The last answer, computed without an automaton."""
    kind, _, size = name.partition("-")
    if kind == "tomita":
        return int(accepted(name, tuple(x.tolist())))
    if kind == "dyck":
        depths = np.where(x == 0, 1, -1).cumsum()
        assert depths.min() >= 0
        assert depths.max() <= int(size)
        return int(depths[-1])
    if kind == "mod":
        return int(x.sum()) % int(size)
    if kind == "flip":
        return int(x[x < 2][-1])
    state = 0
    for element in x:
        state = PRODUCTS[name][element, state]
    return int(state)


@pytest.mark.parametrize("name", TOMITA)
def test_a_tomita_machine_accepts_what_a_regular_expression_accepts(name):
    found = machine(name)
    for length in range(1, 11):
        for x in strings(length):
            assert found.run(np.array(x))[-1] == accepted(name, x), x


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    # The other reading of number 3, "right after an odd run of 1s", accepts 100110.
    [("tomita-3", "10011", "100110"), ("tomita-4", "1001", "10001"), ("tomita-7", "0101", "01010")],
)
def test_well_known_strings_are_told_apart(name, yes, no):
    for text, expected in ((yes, 1), (no, 0)):
        assert machine(name).run(np.array(list(map(int, text))))[-1] == expected


@pytest.mark.parametrize("name", ["tomita-5", "tomita-6"])
def test_counting_grammars_count(name):
    for length in range(1, 11):
        for x in strings(length):
            ones, zeros = sum(x), length - sum(x)
            even = ones % 2 == zeros % 2 == 0
            assert accepted(name, x) == (even if name == "tomita-5" else (ones - zeros) % 3 == 0)


@pytest.mark.parametrize("group", PRODUCTS)
def test_a_group_has_the_table_of_the_word_problem(group):
    assert np.array_equal(machine(group).moves, PRODUCTS[group].T)


@pytest.mark.parametrize("name", EVERY)
def test_every_answer_is_right_and_every_possible_one_is_equally_frequent_at_every_length(name):
    problem = automaton(machine=name, train_length=12, test_length=16, n_train=300, n_valid=5, n_test=130)
    for split in (problem.train, problem.valid, problem.test):
        counts: dict[int, Counter[int]] = {}
        for x, y in zip(split.x, split.y, strict=True):
            assert len(x) == len(y)
            assert y[-1] == answer(name, x)
            assert y[len(x) // 2] == answer(name, x[: len(x) // 2 + 1])
            counts.setdefault(len(x), Counter())[int(y[-1])] += 1
        for length, found in counts.items():
            possible = Source(machine(name), length).answers(length) if name != "flip-flop" else [0, 1]
            often = [found[each] for each in possible]
            assert len(possible) > 1
            assert max(often) - min(often) <= 1
            assert sum(often) == found.total()


@pytest.mark.parametrize("name", [*TOMITA, "mod-3", "dyck-3"])
def test_possible_answers_are_those_of_all_strings(name):
    source = Source(machine(name), 8)
    for length in range(1, 9):
        legal = [x for x in map(np.array, strings(length)) if not name.startswith("dyck") or fits(x, 3)]
        # A fatal symbol and a fresh start reach every length at which a string can be rejected for good.
        assert source.answers(length) == sorted({answer(name, x) for x in legal})


def fits(x: np.ndarray, most: int) -> bool:
    depths = np.where(x == 0, 1, -1).cumsum()
    return depths.min() >= 0 and depths.max() <= most


@pytest.mark.parametrize("name", ["tomita-4", "tomita-5", "tomita-6", "tomita-7"])
def test_accepted_strings_are_uniform_among_all_accepted_ones(name):
    length, count = 6, 12000
    all_of_them = {x for x in strings(length) if accepted(name, x)}
    drawn = Source(machine(name), length).draw(np.full(2 * count, length), np.random.default_rng(1))
    often = Counter(tuple(x.tolist()) for x in drawn if accepted(name, tuple(x.tolist())))
    assert set(often) == all_of_them
    expected = count / len(all_of_them)
    chi = sum((often[x] - expected) ** 2 / expected for x in all_of_them)
    # Mean n - 1 and variance 2 (n - 1), so this is beyond four standard deviations.
    assert chi < len(all_of_them) - 1 + 4 * np.sqrt(2 * len(all_of_them))


@pytest.mark.parametrize("name", FATAL)
def test_a_lost_string_has_one_fatal_symbol_at_a_uniform_step_and_goes_on_as_a_new_one(name):
    length, count = 20, 4000
    found = machine(name)
    drawn = Source(found, length).draw(np.full(count, length), np.random.default_rng(2))
    steps = []
    for x in drawn:
        if step := dead(found, x):
            assert not dead(found, x[step:])
            assert not found.run(x)[step - 1 :].any()
            steps.append(step)
    rejected = count // 2
    assert len(steps) == rejected if name != "tomita-3" else 0.46 < len(steps) / rejected < 0.54
    # The length of the shortest string that no accepted one begins with.
    first = next(n for n in range(1, 9) if any(dead(found, x) for x in strings(n)))
    assert set(steps) == set(range(first, length + 1))
    often = np.bincount(steps)[first:]
    expected = len(steps) / len(often)
    assert np.abs(often - expected).max() < 5 * np.sqrt(expected)


def dead(found, x) -> int:
    """The step of the first illegal symbol, counted from 1; 0 if there is none."""
    state = 0
    for step, symbol in enumerate(x):
        state = found.moves[state, symbol]
        if state == ILLEGAL:
            return step + 1
    return 0


def test_a_machine_without_fatal_symbols_draws_all_strings_that_are_legal():
    drawn = Source(machine("dyck-2"), 4).draw(np.full(2000, 4), np.random.default_rng(0))
    assert {tuple(x.tolist()) for x in drawn} == {x for x in strings(4) if fits(np.array(x), 2)}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.integers(0, 99), st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_turns_are_balanced_within_every_length(lengths, seed, answers):
    found = turns(np.array(lengths), np.random.default_rng(seed)) % answers
    for length in set(lengths):
        often = np.bincount(found[np.array(lengths) == length], minlength=answers)
        assert often.max() - often.min() <= 1


def test_the_last_write_of_a_flip_flop_stands_at_a_uniform_step():
    drawn = flip_flops(np.full(20000, 10), np.random.default_rng(0))
    last = np.array([np.flatnonzero(x < 2)[-1] for x in drawn])
    assert np.abs(np.bincount(last, minlength=10) / 20000 - 0.1).max() < 0.01
    assert all(x[0] < 2 for x in drawn)
    # Before it one symbol in five writes.
    inner = [x[1:9] < 2 for x, at in zip(drawn, last, strict=True) if at == 9]
    assert np.mean(inner) == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("name", [*TOMITA, "dyck-4", "mod-3"])
@pytest.mark.parametrize("window", [1, 3])
def test_the_level_of_a_window_is_that_of_the_best_answer_on_a_large_draw(name, window):
    length, count = 8, 40000
    source = Source(machine(name), length)
    drawn = np.stack(source.draw(np.full(count, length), np.random.default_rng(3)))
    last = np.array([source.machine.run(x)[-1] for x in drawn])
    seen = drawn[:, length - window :] @ 2 ** np.arange(window)
    counts = np.zeros((2**window, last.max() + 1))
    np.add.at(counts, (seen, last), 1)
    assert source.reached(window, length) == pytest.approx(counts.max(axis=1).sum() / count, abs=0.012)
    assert source.reached(length, length) == 1.0


def test_the_level_of_a_flip_flop_window_is_that_of_the_best_answer_on_a_large_draw():
    drawn = np.stack(flip_flops(np.full(40000, 10), np.random.default_rng(4)))
    writes = drawn[:, 6:] < 2
    guess = np.where(writes.any(axis=1), [machine("flip-flop").run(x)[-1] for x in drawn], 0)
    right = guess == [machine("flip-flop").run(x)[-1] for x in drawn]
    assert right.mean() == pytest.approx(levels("flip-flop", 10, 0)[1], abs=0.01)


def test_with_a_late_fatal_symbol_a_window_is_enough():
    wide, late = (automaton(machine="tomita-4", within=within, **SMALL).about for within in (0, 8))
    assert wide.role == "positive"
    assert wide.headroom["window_16"] < 0.2
    assert late.role == "control"
    assert late.headroom["window_16"] == pytest.approx(1)
    fatal = [
        y.tolist().index(0) for y in automaton(machine="tomita-4", within=8, **SMALL).test.y if not y[-1]
    ]
    assert set(fatal) <= set(range(92, 100))


@pytest.mark.parametrize("name", ["tomita-5", "mod-2", "S3", "A5", "flip-flop", "dyck-12"])
def test_no_window_is_enough_for_what_needs_a_state(name):
    about = automaton(machine=name, **SMALL).about
    assert about.role == "positive"
    assert about.best == 1.0
    assert about.constant <= about.memoryless < 1


def test_parts_have_the_lengths_and_sizes_that_are_asked_for():
    problem = automaton(machine="tomita-5", train_length=12, test_length=30)
    assert (len(problem.train), len(problem.valid), len(problem.test)) == (2000, 400, 2000)
    # Strings of odd length are never accepted.
    assert {len(x) for x in [*problem.train.x, *problem.valid.x]} == set(range(2, 13, 2))
    assert {len(x) for x in problem.test.x} == {30}
    assert problem.task.causal


def test_the_oracle_gives_every_answer_with_certainty():
    problem = automaton(machine="S3", **SMALL)
    for chances, y in zip(problem.oracle, problem.test.y, strict=True):
        assert chances.shape == (100, 6)
        assert np.array_equal(chances.argmax(axis=1), y)


@pytest.mark.parametrize("name", ["tomita-3", "flip-flop", "A4"])
def test_draws_are_repeatable_and_independent(name):
    problem, again = (automaton(machine=name, **SMALL) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(problem.train.x, again.train.x, strict=True))
    other = automaton(machine=name, seed=1, **SMALL)
    assert not np.array_equal(problem.test.x[0], other.test.x[0])
    smaller = automaton(machine=name, **{**SMALL, "n_train": 3})
    assert all(np.array_equal(a, b) for a, b in zip(problem.test.x, smaller.test.x, strict=True))


@pytest.mark.parametrize("name", ["tomita-8", "tomita", "dyck-1", "mod-1", "S4", "flip-flop-2", ""])
def test_an_unknown_machine_is_refused(name):
    with pytest.raises(ValueError, match=rf"unknown machine '{name}'; automaton knows tomita-1 to tomita-7"):
        automaton(machine=name)


@pytest.mark.parametrize(
    ("dials", "said"),
    [
        ({"train_length": 1}, r"train_length >= 2.*train_length=1"),
        ({"n_test": 0}, r"at least one example.*n_test=0"),
        (
            {"machine": "tomita-5", "test_length": 31},
            r"same last answer at test_length=31; an even or a longer test_length",
        ),
        ({"machine": "tomita-7", "train_length": 3}, r"same last answer at train_length=3"),
        ({"within": 4}, r"within=4 needs a machine with fatal symbols, and mod-2 has none"),
    ],
)
def test_impossible_settings_are_refused(dials, said):
    with pytest.raises(ValueError, match=said):
        automaton(**dials)


def test_a_machine_that_rejects_nothing_refuses_an_illegal_symbol():
    with pytest.raises(ValueError, match=r"the symbol '\)' is not allowed at step 2"):
        machine("dyck-2").run(np.array([0, 1, 1]))
