"""Finite automata and groups by name: after every symbol, the answer of the machine."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._automata import machine as named
from recurbench.datasets._roles import role, shares
from recurbench.datasets._strings import Source, turns
from recurbench.task import Array

SHORTEST = 2
IGNORED = 0.8  # the share of ignored symbols before the last write of a flip-flop
WINDOWS = (1, 4, 16)


@dataset("automaton", kind="labelling")
def automaton(
    *,
    machine: str = "mod-2",
    train_length: int = 40,
    test_length: int = 100,
    within: int = 0,
    n_train: int = 2000,
    n_valid: int = 400,
    n_test: int = 2000,
    seed: int = 0,
) -> Problem:
    """A finite automaton or a group, run on random strings; trained on short, tested on long ones.

    The answer after every symbol is that of the machine, and the last one is scored. Machines: tomita-1 to
    tomita-7 (Tomita 1982), flip-flop (Liu et al. 2023), dyck-2 to dyck-12 (the depth of brackets), mod-2 to
    mod-12 (the number of ones), and the groups S3, A4 and A5 (Merrill, Petty and Sabharwal 2024).

    Among the strings of one length every possible last answer is equally frequent, up to one string. A string
    that a Tomita grammar rejects for good has one fatal symbol, at a uniform step. A flip-flop writes for the
    last time at a uniform step.

    Parameters
    ----------
    machine : str
        Name of the automaton or group.
    train_length, test_length : int
        The longest training string, and the length of all test strings. Lengths at which only one answer is
        possible are left out.
    within : int
        If not 0, the fatal symbol of a rejected string is one of the last `within`. Then a window of about as
        many symbols is enough. For tomita-1, 2, 3, 4 and 7 only.
    n_train, n_valid, n_test : int
        Strings in each part.
    seed : int
    """
    if train_length < SHORTEST or test_length < 1 or within < 0 or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            f"automaton needs train_length >= {SHORTEST}, test_length >= 1, within >= 0 and at least one "
            f"example per part, got {train_length=}, {test_length=}, {within=}, {n_train=}, {n_valid=}, "
            f"{n_test=}"
        )
    run = named(machine)
    if within and not run.rejects:
        raise ValueError(f"within={within} needs a machine with fatal symbols, and {machine} has none")
    source = Source(run, max(train_length, test_length), within)
    lengths = _lengths(source, machine, train_length, test_length)
    train, valid, test = (
        _draw(source, machine, steps, count, np.random.default_rng([seed, stream]))
        for stream, (count, steps) in enumerate(
            [(n_train, lengths), (n_valid, lengths), (n_test, [test_length])]
        )
    )
    about = _about(
        source,
        machine,
        test_length,
        f"{machine} with {len(run.moves)} states; {n_train} training and {n_valid} validation strings of "
        f"{lengths[0]} to {lengths[-1]} symbols, {n_test} test strings of exactly {test_length}",
    )
    task = Task(
        "labelling",
        x=Values(len(run.symbols), symbols=True, names=run.symbols),
        y=Values(len(run.classes), symbols=True, names=run.classes),
        length="same",
        causal=True,
    )
    return Problem(task, train, test, about, valid, oracle=[task.y.encode(y) for y in test.y])


def _lengths(source: Source, machine: str, train_length: int, test_length: int) -> list[int]:
    """The lengths of training strings; ValueError if train or test has none with several last answers."""
    possible = [n for n in range(SHORTEST, train_length + 1) if len(source.answers(n)) > 1]
    for name, length, fit in (
        ("train_length", train_length, len(possible) > 0),
        ("test_length", test_length, len(source.answers(test_length)) > 1),
    ):
        if not fit:
            raise ValueError(
                f"{machine} gives all strings the same last answer at {name}={length}; an even or a longer "
                f"{name} is needed"
            )
    return possible


def _about(source: Source, machine: str, length: int, protocol: str) -> About:
    classes = len(source.answers(length))
    memoryless, four, sixteen = levels(machine, length, source.within)
    headroom = shares(memoryless, 1.0, {4: four, 16: sixteen})
    late = f"; fatal symbols stand among the last {source.within}" if source.within else ""
    return About(
        source=f"generated: random strings and the answers of {machine}",
        licence="none needed: generated",
        protocol=f"{protocol}; {classes} answers are possible at the last step, and each ends as many test "
        f"strings as any other{late}",
        reference="most-common",
        metric="last_step_accuracy",
        version="1",
        constant=1 / classes,
        memoryless=memoryless,
        best=1.0,
        headroom=headroom,
        role=role(headroom, state=True),
    )


@lru_cache(maxsize=50)
def levels(machine: str, length: int, within: int) -> tuple[float, ...]:
    """The exact accuracy of the best answer at the last step, given the last 1, 4 and 16 symbols.

    For a group a window that lacks one symbol is exactly as good as chance. A window of a flip-flop holds its
    last write with probability window / length, and otherwise nothing. For others all windows are listed.
    """
    run = named(machine)
    if machine == "flip-flop":
        return tuple((1 + min(window / length, 1)) / 2 for window in WINDOWS)
    if len(run.symbols) > 2:
        return tuple(1.0 if window >= length else 1 / len(run.symbols) for window in WINDOWS)
    source = Source(run, length, within)
    return tuple(source.reached(window, length) for window in WINDOWS)


def _draw(source: Source, machine: str, lengths: list[int], count: int, rng: np.random.Generator) -> Split:
    drawn = rng.choice(lengths, size=count)
    x = flip_flops(drawn, rng) if machine == "flip-flop" else source.draw(drawn, rng)
    return Split(x, [source.machine.run(one) for one in x])


def flip_flops(lengths: Array, rng: np.random.Generator) -> list[Array]:
    """Strings [length] of the flip-flop: 0 and 1 write a bit, 2 and 3 show one that is to be ignored.

    The last write stands at a uniform step, and everything after it is ignored. Before it a symbol is ignored
    with probability IGNORED, as in Liu et al. (2023), but the first symbol always writes. Bits are fair.
    Among the strings of one length both last written bits are equally frequent.
    """
    found = []
    for length, bit in zip(lengths.tolist(), turns(lengths, rng) % 2, strict=True):
        bits, last = rng.integers(2, size=length), rng.integers(length)
        ignored = rng.random(length) < IGNORED
        ignored[0] = ignored[last] = False
        ignored[last + 1 :] = True
        bits[last] = bit
        found.append(bits + 2 * ignored)
    return found
