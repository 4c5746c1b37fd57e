"""The contrasts of datasets/registration.toml: their problems, candidate methods and predicted words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

from recurbench.address import joined, split_address
from recurbench.packaged import beside, opened, refuse_strange
from recurbench.registration import OUTCOMES, WORDS, Frozen

ROLES = ("positive", "control", "crossover")
# On a problem predicted to need a state, a window of 16 steps must leave at least this share of the way from
# the best constant answer to the exact best.
LEFT = 0.1
TABLES = ("pilots", "defaults", "pools", "contrast", "secondary")
POOLS = ("recurrent", "full", "window", "twice")
# Replicate s: seed s of the method and sample s of the problem. Those below FIRST may be used for pilots.
FIRST = 200
CUT = "-state-cut"


@dataclass(frozen=True)
class Candidates:
    """The methods of a contrast, without learning rates.

    recurrent, full, window: recurrent networks, networks that see the whole past without recurrence, and
    networks that see a window. twice: members of `full` that also run with twice the optimizer steps.
    """

    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method with pilots of its own; the twins of recurrent methods are added once one is best."""
        return (*self.recurrent, *self.full, *self.window)


@dataclass(frozen=True)
class Registered:
    """One contrast: recurrent networks against networks without recurrence, on one problem.

    problem: address of a data set. role: that of the data set. outcome: "solved" or "graded". predicted: the
    word that is expected. known_before: whether similar results were known when it was written down. steps,
    patience: optimizer steps. parameters: number of trained parameters of every method, within 10 %. For
    readers, "" where left out: label: a short name; task: what a method must do; theory: what theory says.
    """

    problem: str
    role: str
    outcome: str
    predicted: str
    why: str
    source: str
    known_before: bool
    steps: int
    patience: int
    parameters: int
    candidates: Candidates
    label: str = ""
    task: str = ""
    theory: str = ""

    def address(self, method: str, rate: float) -> str:
        """The address of a candidate with this learning rate, at the budget of the contrast.

        Settings in the brackets of `method` win.
        """
        name, given = split_address(method)
        budget = {"max_steps": self.steps, "patience": self.patience, "parameters": self.parameters}
        return joined(name, dict(sorted({**budget, "learning_rate": rate, **given}.items())))

    @property
    def doubled(self) -> dict[str, str]:
        """By member of `twice` the same at twice the budget, where "recurrence helps" is predicted."""
        helps = self.predicted == "recurrence helps"
        return {name: self.twice(name) for name in self.candidates.twice} if helps else {}

    def twice(self, method: str) -> str:
        """A candidate with twice the optimizer steps and twice the patience in its brackets."""
        name, given = split_address(method)
        doubled = {"max_steps": 2 * self.steps, "patience": 2 * self.patience}
        return joined(name, dict(sorted({**given, **doubled}.items())))


def judged_methods(contrast: Registered, chosen: Frozen) -> tuple[str, ...]:
    """The addresses of the methods with a role, in the order of the groups: what a run must hold.

    Of the twins only that of the best recurrent method has a role.
    """
    return tuple(
        contrast.address(name, rate)
        for group, methods in chosen.rates.items()
        for name, rate in methods.items()
        if group != "twin" or name == chosen.twin
    )


def twin(method: str) -> str:
    """The candidate without its state: the same network, trained without what it carries between steps."""
    name, given = split_address(method)
    if name == "deltanet-signed":
        name, given = "deltanet", {**given, "eigenvalues": "signed"}
    return joined(f"{name}{CUT}", dict(sorted(given.items())))


@dataclass(frozen=True)
class SecondaryContrast:
    """A secondary contrast on some problems: the best candidate of one list against that of the other."""

    name: str
    problems: tuple[str, ...]
    one: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True)
class Registration:
    """rates: the learning rates that every candidate tries. replicates: pilots of each, from sample 0 on."""

    rates: tuple[float, ...]
    replicates: int
    contrasts: tuple[Registered, ...]
    secondary: tuple[SecondaryContrast, ...]

    def pilots(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """By problem, every candidate with every learning rate."""
        for each in self.contrasts:
            methods = each.candidates.methods
            yield each.problem, tuple(each.address(m, rate) for m in methods for rate in self.rates)


TEXTS = ("label", "task", "theory")  # for readers; may be left out
NEEDED = (*(each.name for each in fields(Registered) if each.name not in ("candidates", *TEXTS)), "pools")


def read(path: Path) -> Registration:
    """The registration in a file; ValueError names the entry that is wrong."""
    text = opened(path, TABLES)
    pilots = text.get("pilots", {})
    refuse_strange(pilots.keys() - {"rates", "replicates"}, ("rates", "replicates"), f"{path.name}, pilots")
    rates, replicates = _pilots(pilots, f"{path.name}, pilots")
    pools = text.get("pools", {})
    for name, pool in pools.items():
        refuse_strange(pool.keys() - set(POOLS), POOLS, f"{path.name}, pools {name}")
    common = text.get("defaults", {})
    contrasts = tuple(_contrast({**common, **each}, pools, path.name) for each in text.get("contrast", []))
    problems = [each.problem for each in contrasts]
    for problem in problems:
        if problems.count(problem) > 1:
            raise ValueError(f"{path.name}: {problem} has two contrasts, must have one")
    by_problem = {each.problem: each.candidates.methods for each in contrasts}
    secondary = tuple(_pair(entry, by_problem, path.name) for entry in text.get("secondary", []))
    return Registration(rates, replicates, contrasts, secondary)


@lru_cache(maxsize=1)
def registration() -> Registration:
    """The registration of this release."""
    return read(beside("registration.toml"))


def hold_against(contrast: Registered, role: str, headroom: Mapping[str, float]) -> None:
    """ValueError if a contrast and its data set have different roles, or a "positive" problem is too easy.

    role, headroom: from the About of the data set. They are known only after the problem is built, so they
    cannot be checked when the file is read.
    """
    share = headroom.get("window_16")
    if contrast.role == "positive" and (share is None or share > 1 - LEFT):
        known = "an unknown share" if share is None else f"{share:.3f}"
        raise ValueError(
            f"{contrast.problem} is predicted to need a state, but 16 steps reach {known} of the way "
            f"to the best; wanted at most {1 - LEFT:g}: make its settings harder, or do not call it positive"
        )
    if contrast.role != role:
        raise ValueError(
            f"{contrast.problem}: its data set says role {role!r}, got {contrast.role!r}; write that"
        )


def _pilots(entry: Mapping[str, Any], where: str) -> tuple[tuple[float, ...], int]:
    rates, replicates = entry.get("rates", ()), entry.get("replicates")
    between = isinstance(rates, list) and all(isinstance(each, float) and 0 < each < 1 for each in rates)
    if not rates or not between or len(set(rates)) < len(rates):
        raise ValueError(f"{where}: rates is {rates!r}, must be a list of different numbers between 0 and 1")
    if not _whole(replicates) or replicates > FIRST:
        raise ValueError(f"{where}: replicates is {replicates!r}, must be a whole number from 1 to {FIRST}")
    return tuple(rates), replicates


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _contrast(entry: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Registered:
    where = f"{where}, contrast {entry.get('problem', '?')}"
    missing = set(NEEDED) - entry.keys()
    if missing:
        raise ValueError(f"{where}: missing: {', '.join(sorted(missing))}")
    known = (*NEEDED, *TEXTS, "more", *POOLS)
    refuse_strange(entry.keys() - set(known), known, where)
    for key, allowed in (("role", ROLES), ("outcome", OUTCOMES), ("predicted", WORDS), ("pools", pools)):
        if entry[key] not in allowed:
            raise ValueError(f"{where}: {key} is {entry[key]!r}, must be one of {', '.join(allowed)}")
    for key in ("steps", "patience", "parameters"):
        if not _whole(entry[key]):
            raise ValueError(f"{where}: {key} is {entry[key]!r}, must be a whole number from 1 on")
    lists = {**pools[entry["pools"]], **entry}
    recurrent, full, window, twice = (tuple(lists.get(name, ())) for name in POOLS)
    recurrent += tuple(entry.get("more", ()))
    if not recurrent or not full:
        raise ValueError(f"{where}: recurrent and full each need a method")
    named = (*recurrent, *full, *window)
    for method in named:
        if named.count(method) > 1:
            raise ValueError(f"{where}: {method} is named twice, must be a member of one list")
    if stray := sorted(set(twice) - set(full)):
        raise ValueError(f"{where}: twice has {stray[0]}, must be members of full")
    texts = {key: entry.get(key, "") for key in TEXTS}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{where}: {key} is {text!r}, must be a text in quotes")
    values = {**{key: entry[key] for key in NEEDED if key != "pools"}, **texts}
    return Registered(**values, candidates=Candidates(recurrent, full, window, twice))


def _pair(entry: Mapping[str, Any], candidates: Mapping[str, Sequence[str]], where: str) -> SecondaryContrast:
    needed = tuple(each.name for each in fields(SecondaryContrast))
    where = f"{where}, secondary {entry.get('name', '?')}"
    missing = set(needed) - entry.keys()
    if missing:
        raise ValueError(f"{where}: missing: {', '.join(sorted(missing))}")
    refuse_strange(entry.keys() - set(needed), needed, where)
    for problem in entry["problems"]:
        if problem not in candidates:
            raise ValueError(f"{where}: {problem} has no contrast")
        for side in ("one", "other"):
            if not set(entry[side]) & set(candidates[problem]):
                raise ValueError(f"{where}: no method of {side!r} is a candidate on {problem}")
    return SecondaryContrast(entry["name"], *(tuple(entry[key]) for key in needed[1:]))
