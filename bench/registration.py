"""The frozen roles of a registration: what pilot draws chose, written down before any judged draw.

A file names the registration that it belongs to, and has one table per contrast:

    registration = "0a1b..."                 # the SHA-256 of registration.toml
    [[frozen]]
    problem = "parity[length=20,test_length=100]"
    outcome = "solved"                       # or "graded"
    predicted = "recurrence helps"
    best_recurrent = "lstm"                  # must be a key of rates.recurrent
    best_full = "tcn"
    best_window = "cnn"                      # left out where there is no window-limited method
    best_memory = "lstm"                     # best_recurrent or best_full
    twin = "lstm-state-cut"                  # left out where there is none
    twice = ["tcn[max_steps=8000]"]          # rivals at twice the budget: judged, never a best method
    [frozen.rates]
    recurrent = { lstm = 0.003, gru = 0.01 }
    full = { tcn = 0.001, "tcn[max_steps=8000]" = 0.001 }
    window = { cnn = 0.003 }
    twin = { lstm-state-cut = 0.003 }

and one table per secondary contrast and problem, with the best method of each side:

    [[secondary]]
    name = "nonlinear against linear recurrence"
    problem = "parity[length=20,test_length=100]"
    one = "lstm"                             # both must be keys of rates
    other = "mingru"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.packaged import beside, opened

TABLES = ("registration", "frozen", "secondary")
GROUPS = ("recurrent", "full", "window", "twin")
OUTCOMES = ("solved", "graded")
WORDS = (
    "recurrence helps",
    "recurrence hurts",
    "context helps, recurrence not needed",
    "no difference",
    "recurrence not needed",
    "neither learned",
    "undecided",
)
NEEDED = ("problem", "outcome", "predicted", "best_recurrent", "best_full", "best_memory", "rates")
KNOWN = (*NEEDED, "best_window", "twin", "twice")


@dataclass(frozen=True)
class Frozen:
    """What pilot draws chose for one contrast. rates: by group, the learning rate of each method.

    twice: the methods of a group that have twice the budget. They are judged as rivals and are never a best
    method.
    """

    problem: str
    outcome: str
    predicted: str
    rates: Mapping[str, Mapping[str, float]]
    best_recurrent: str
    best_full: str
    best_memory: str
    best_window: str | None = None
    twin: str | None = None
    twice: tuple[str, ...] = ()


def read_frozen(path: Path) -> tuple[Frozen, ...]:
    """The frozen roles in a file; ValueError names the field that is wrong."""
    entries = _tables(path, "frozen")
    found = tuple(_frozen(entry, f"{path.name}, [[frozen]] {i + 1}") for i, entry in enumerate(entries))
    problems = [each.problem for each in found]
    for problem in problems:
        if problems.count(problem) > 1:
            raise ValueError(
                f"{path.name}: {problem} is frozen {problems.count(problem)} times, must be once"
            )
    return found


def registration_of(path: Path) -> str:
    """The SHA-256 of the registration that a file of frozen roles belongs to; "" if it names none."""
    found = opened(path, TABLES).get("registration", "")
    if not isinstance(found, str):
        raise ValueError(f"{path.name}: registration is {found!r}, must be a SHA-256 in quotes")
    return found


@dataclass(frozen=True)
class FrozenPair:
    """What pilot draws chose for a secondary contrast on one problem: the best method of each side."""

    name: str
    problem: str
    one: str
    other: str


def read_pairs(path: Path) -> tuple[FrozenPair, ...]:
    """The secondary contrasts in a file of frozen roles; ValueError names the field that is wrong."""
    named = {
        each.problem: {method for methods in each.rates.values() for method in methods}
        for each in read_frozen(path)
    }
    found = []
    for i, entry in enumerate(_tables(path, "secondary")):
        where = f"{path.name}, [[secondary]] {i + 1}"
        if set(entry) != {"name", "problem", "one", "other"}:
            raise ValueError(f"{where} has {', '.join(sorted(entry))}, must have name, problem, one, other")
        for key, value in entry.items():
            if not isinstance(value, str):
                raise ValueError(f"{where}: {key} is {value!r}, must be a text in quotes")
        _one_of(entry["problem"], tuple(named), f"{where}: problem")
        for side in ("one", "other"):
            _one_of(entry[side], tuple(sorted(named[entry["problem"]])), f"{where}: {side}")
        found.append(FrozenPair(**entry))
    return tuple(found)


@lru_cache(maxsize=1)
def frozen_pairs() -> tuple[FrozenPair, ...]:
    """The secondary contrasts of this release."""
    return read_pairs(beside("frozen.toml"))


@lru_cache(maxsize=1)
def frozen() -> tuple[Frozen, ...]:
    """The frozen roles of this release, in the order of its contrasts."""
    return read_frozen(beside("frozen.toml"))


def _tables(path: Path, name: str) -> list[dict[str, Any]]:
    entries = opened(path, TABLES).get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{path.name}: {name} is {entries!r}, must be a list of tables [[{name}]]")
    return entries


def _frozen(entry: Mapping[str, Any], where: str) -> Frozen:
    for key in NEEDED:
        if key not in entry:
            raise ValueError(f"{where} has no {key}, must have {', '.join(NEEDED)}")
    for key, value in entry.items():
        if key not in KNOWN:
            raise ValueError(f"{where}: unknown field {key}, must be one of {', '.join(KNOWN)}")
        if key not in ("rates", "twice") and (not isinstance(value, str) or not value):
            raise ValueError(f"{where}: {key} is {value!r}, must be a text in quotes")
    _one_of(entry["outcome"], OUTCOMES, f"{where}: outcome")
    _one_of(entry["predicted"], WORDS, f"{where}: predicted")
    rates = _rates(entry["rates"], where)
    twice = entry.get("twice", [])
    named = [method for methods in rates.values() for method in methods]
    if not isinstance(twice, list) or not all(isinstance(each, str) and each in named for each in twice):
        raise ValueError(f"{where}: twice is {twice!r}, must be a list of methods that have a rate")
    for key, group in (("best_recurrent", "recurrent"), ("best_full", "full"), ("best_window", "window")):
        if key in entry or rates[group]:
            _one_of(entry.get(key, "missing"), tuple(rates[group]), f"{where}: {key}")
    _one_of(entry["best_memory"], (entry["best_recurrent"], entry["best_full"]), f"{where}: best_memory")
    for key in ("best_recurrent", "best_full", "best_window"):
        if entry.get(key) in twice:
            raise ValueError(f"{where}: {key} is {entry[key]}, must be a method at the registered budget")
    if "twin" in entry:
        _one_of(entry["twin"], tuple(rates["twin"]), f"{where}: twin")
    return Frozen(**{**entry, "rates": rates, "twice": tuple(twice)})


def _rates(table: object, where: str) -> dict[str, dict[str, float]]:
    if not isinstance(table, dict):
        raise ValueError(f"{where}: rates is {table!r}, must be a table of {', '.join(GROUPS)}")
    unknown = sorted(table.keys() - set(GROUPS))
    if unknown:
        raise ValueError(f"{where}: unknown rates of {unknown[0]}, must be of {', '.join(GROUPS)}")
    rates = {group: table.get(group, {}) for group in GROUPS}
    for group, methods in rates.items():
        if not isinstance(methods, dict):
            raise ValueError(f"{where}: rates of {group} is {methods!r}, must be a table of method = rate")
        for method, rate in methods.items():
            if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < 1:
                raise ValueError(f"{where}: the rate of {method} is {rate!r}, must be between 0 and 1")
    named = [method for methods in rates.values() for method in methods]
    for method in named:
        if named.count(method) > 1:
            raise ValueError(f"{where}: {method} stands in two groups of rates, must stand in one")
    return rates


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ValueError(f"{what} is {value!r}, must be one of {', '.join(allowed) or 'no method at all'}")
