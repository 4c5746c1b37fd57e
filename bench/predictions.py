"""What was predicted before the first full run: the primary contrasts of datasets/predictions.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.address import joined, split_address
from recurbench.settings import located

TABLES = ("defaults", "pools", "contrast")
ROLES = ("positive", "control", "crossover")
POOLS = ("recurrent", "full", "window")
SIDES = (*POOLS, "cut", "besides", "ablations")
# A 16-step window leaves at least this share of the way to a problem predicted to need a state.
LEFT = 0.1
# Draws before this one are for pilots; no primary contrast sees them.
FIRST = 100
# Pairs of the re-run at twice the steps, counted from FIRST.
AGAIN = 3
# What every method of a contrast is given alike, by the setting's name.
SHARED = {"parameters": "parameters", "steps": "max_steps", "patience": "patience"}
DOUBLED = ("max_steps", "patience")


@dataclass(frozen=True)
class Pools:
    """The methods of a contrast by what they see, with their settings; as many in R as in F.

    recurrent (R): learned recurrence. full (F): networks that see the whole past without it. window (W):
    networks that see less than the task needs. cut: by recurrent method its twin trained without a state.
    besides: rivals of any kind, for the practical lift. ablations: of the recurrent ones, for a first look.
    """

    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...] = ()
    cut: Mapping[str, str] = field(default_factory=dict)
    besides: tuple[str, ...] = ()
    ablations: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method the contrast is run with, each once; ablations come beside them where asked for."""
        named = (*self.recurrent, *self.full, *self.window, *self.cut.values(), *self.besides)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Contrast:
    """One primary contrast: where recurrence is set against networks that do without it.

    problem: a dataset with its dials. role: "positive" (predicted to need recurrence), "control" (predicted
    not to) or "crossover". predicted: the verdict in the words of the reports. known_before: its outcome was
    known when it was written down, so it counts as no prediction. pairs: independent draws, each with a model
    seed of its own. steps, patience: optimizer steps; parameters: of every method, within 10 %.
    """

    problem: str
    role: str
    predicted: str
    why: str
    source: str
    known_before: bool
    pairs: int
    steps: int
    patience: int
    parameters: int
    pools: Pools

    @property
    def twice(self) -> tuple[str, ...]:
        """Both sides with twice the steps, for the re-run that tells "cannot" from "not yet"."""
        return tuple(map(doubled, (*self.pools.recurrent, *self.pools.full)))


def doubled(address: str) -> str:
    """The address of the same method with twice the steps and the patience."""
    name, settings = split_address(address)
    return _with(name, {key: 2 * value if key in DOUBLED else value for key, value in settings.items()})


WORDS = tuple(each.name for each in fields(Contrast) if each.name != "pools")


def read(path: Path) -> tuple[Contrast, ...]:
    """The contrasts of a file; ValueError says which of them is not as it should be."""
    text = opened(path, TABLES)
    common, pools = text.get("defaults", {}), text.get("pools", {})
    for name, pool in pools.items():
        refuse_strange(pool.keys() - set(SIDES), SIDES, f"{path.name}, pools {name}")
    found = tuple(_contrast({**common, **words}, pools, path.name) for words in text.get("contrast", []))
    problems = [each.problem for each in found]
    for problem in problems:
        if problems.count(problem) > 1:
            raise ValueError(f"{path.name}: {problem} has two primary contrasts; one per problem")
    return found


def opened(path: Path, known: Sequence[str]) -> dict[str, Any]:
    """The tables of a TOML file, all of them known; ValueError otherwise."""
    with path.open("rb") as file:
        try:
            text = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name} is no TOML: {error}") from None
    refuse_strange(text.keys() - set(known), known, path.name)
    return text


def beside(name: str) -> Path:
    """A file among the datasets, found without an import of the package: listing suites imports none."""
    spec = located("recurbench.datasets")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / name


@lru_cache(maxsize=1)
def contrasts() -> tuple[Contrast, ...]:
    """The primary contrasts of this release."""
    return read(beside("predictions.toml"))


def hold_against(contrast: Contrast, role: str, headroom: Mapping[str, float]) -> None:
    """ValueError where a contrast says another role than its data set, or too easy a problem is "positive".

    role, headroom: as the data set's About says. Reading the file cannot ask this: a level is known only once
    its problem is built, and a list of suites must build none.
    """
    share = headroom.get("window_16")
    if contrast.role == "positive" and (share is None or share > 1 - LEFT):
        known = "an unknown share" if share is None else f"{share:.3f}"
        raise ValueError(
            f"{contrast.problem} is predicted to need a state, but 16 steps reach {known} of the way "
            f"to the best; wanted at most {1 - LEFT:g}: make its dials harder, or do not call it positive"
        )
    if contrast.role != role:
        raise ValueError(
            f"{contrast.problem}: its data set says role {role!r}, got {contrast.role!r}; write that"
        )


def _contrast(words: dict[str, Any], pools: Mapping[str, Any], where: str) -> Contrast:
    where = f"{where}, contrast {words.get('problem', '?')}"
    missing = {*WORDS, "pools"} - words.keys()
    if missing:
        raise ValueError(f"{where}: says nothing of {', '.join(sorted(missing))}")
    known = (*WORDS, "pools", "settings", *SIDES)
    refuse_strange(words.keys() - set(known), known, where)
    if words["role"] not in ROLES:
        raise ValueError(f"{where}: role must be one of {', '.join(ROLES)}, got {words['role']!r}")
    if words["pools"] not in pools:
        raise ValueError(f"{where}: no pools are called {words['pools']!r}; known: {', '.join(pools)}")
    return Contrast(**{name: words[name] for name in WORDS}, pools=pools_of(words, pools, where))


def pools_of(words: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Pools:
    """The methods that `words` asks for by the name of its pools, its own sides and what all share."""
    shared = {setting: words[key] for key, setting in SHARED.items()}
    extra = words.get("settings", {})

    def full_name(address: str) -> str:
        return _with(address, {**extra.get(split_address(address)[0], {}), **shared})

    own = {**pools[words["pools"]], **words}
    recurrent, full, window = (tuple(map(full_name, own.get(side, ()))) for side in POOLS)
    if len(recurrent) != len(full):
        raise ValueError(
            f"{where}: {len(recurrent)} recurrent methods against {len(full)} that see all; the best of more "
            "looks better though nothing is: give both sides as many"
        )
    cut = {full_name(method): full_name(twin) for method, twin in own.get("cut", {}).items()}
    # Rivals of any kind are asked for as they are: not all of them have steps or parameters to be given.
    besides, ablations = tuple(own.get("besides", ())), tuple(map(full_name, own.get("ablations", ())))
    found = Pools(recurrent, full, window, cut, besides, ablations)
    idle = extra.keys() - {split_address(method)[0] for method in found.methods}
    if idle:
        raise ValueError(f"{where}: settings of {', '.join(sorted(idle))}, which no side of it holds")
    return found


def refuse_strange(strange: Set[str], known: Iterable[str], where: str) -> None:
    """A misspelt word must not vanish: what it says would count for nothing."""
    if strange:
        raise ValueError(f"{where}: what is {', '.join(sorted(strange))}? known: {', '.join(known)}")


def _with(address: str, settings: Mapping[str, Any]) -> str:
    """The address with these settings where its bracket does not say otherwise, in the order of names."""
    name, own = split_address(address)
    every = {**settings, **own}
    # A method that is not trained has no steps to be given.
    every = {key: value for key, value in every.items() if value is not None}
    return joined(name, dict(sorted(every.items())))
