"""The primary contrasts in datasets/predictions.toml, with the verdicts predicted before the first run."""

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
# On a problem predicted to need a state, a window of 16 steps must leave at least this share of the way from
# the best constant answer to the exact best.
LEFT = 0.1
# First seed of the primary contrasts; samples before it are for pilot runs.
FIRST = 100
# Replicates of the second run with twice the steps, counted from FIRST.
AGAIN = 3
# Settings that are equal for every method of a contrast: name in the file, name of the setting.
SHARED = {"parameters": "parameters", "steps": "max_steps", "patience": "patience"}
DOUBLED = ("max_steps", "patience")


@dataclass(frozen=True)
class Pools:
    """The methods of a contrast, with their settings. There are as many in `recurrent` as in `full`.

    recurrent (R): recurrent networks. full (F): full-context networks. window (W): window-limited networks.
    cut: by recurrent network its twin without a state. besides: other methods, for the practical comparison.
    ablations: ablations of the recurrent networks, for a first look.
    """

    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...] = ()
    cut: Mapping[str, str] = field(default_factory=dict)
    besides: tuple[str, ...] = ()
    ablations: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method of the contrast, each once, without the ablations."""
        named = (*self.recurrent, *self.full, *self.window, *self.cut.values(), *self.besides)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Contrast:
    """One primary contrast: recurrent networks against networks without recurrence, on one problem.

    problem: address of a data set. role: "positive" (predicted to need recurrence), "control" (predicted not
    to) or "crossover". predicted: the predicted verdict. known_before: whether the outcome was known when the
    prediction was written; it then does not count as one. pairs: number of replicates. steps, patience:
    optimizer steps. parameters: number of trained parameters of every method, within 10 %.
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
        """Recurrent and full-context networks with twice the steps: a second run shows if more steps help."""
        return tuple(map(doubled, (*self.pools.recurrent, *self.pools.full)))


def doubled(address: str) -> str:
    """The address of the same method with twice the steps and twice the patience."""
    name, settings = split_address(address)
    return _with(name, {key: 2 * value if key in DOUBLED else value for key, value in settings.items()})


FIELDS = tuple(each.name for each in fields(Contrast) if each.name != "pools")


def read(path: Path) -> tuple[Contrast, ...]:
    """The contrasts in a file; ValueError names the one that is wrong."""
    text = opened(path, TABLES)
    common, pools = text.get("defaults", {}), text.get("pools", {})
    for name, pool in pools.items():
        refuse_strange(pool.keys() - set(SIDES), SIDES, f"{path.name}, pools {name}")
    read_contrasts = tuple(
        _contrast({**common, **entry}, pools, path.name) for entry in text.get("contrast", [])
    )
    problems = [each.problem for each in read_contrasts]
    for problem in problems:
        if problems.count(problem) > 1:
            raise ValueError(f"{path.name}: {problem} has two primary contrasts; one per problem")
    return read_contrasts


def opened(path: Path, known: Sequence[str]) -> dict[str, Any]:
    """The tables of a TOML file; ValueError if it cannot be read or has an unknown table."""
    with path.open("rb") as file:
        try:
            text = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name} is not valid TOML: {error}") from None
    refuse_strange(text.keys() - set(known), known, path.name)
    return text


def beside(name: str) -> Path:
    """The path of a file in the folder of the data sets, found without importing a data set."""
    spec = located("recurbench.datasets")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / name


@lru_cache(maxsize=1)
def contrasts() -> tuple[Contrast, ...]:
    """The primary contrasts of this release."""
    return read(beside("predictions.toml"))


def hold_against(contrast: Contrast, role: str, headroom: Mapping[str, float]) -> None:
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


def _contrast(entry: dict[str, Any], pools: Mapping[str, Any], where: str) -> Contrast:
    where = f"{where}, contrast {entry.get('problem', '?')}"
    missing = {*FIELDS, "pools"} - entry.keys()
    if missing:
        raise ValueError(f"{where}: missing: {', '.join(sorted(missing))}")
    known = (*FIELDS, "pools", "settings", *SIDES)
    refuse_strange(entry.keys() - set(known), known, where)
    if entry["role"] not in ROLES:
        raise ValueError(f"{where}: role must be one of {', '.join(ROLES)}, got {entry['role']!r}")
    if entry["pools"] not in pools:
        raise ValueError(f"{where}: no pools are called {entry['pools']!r}; known: {', '.join(pools)}")
    return Contrast(**{name: entry[name] for name in FIELDS}, pools=pools_of(entry, pools, where))


def pools_of(entry: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Pools:
    """The methods of a contrast: from the pools that it names, its own lists, and the shared settings."""
    shared = {setting: entry[key] for key, setting in SHARED.items()}
    extra = entry.get("settings", {})

    def full_name(address: str) -> str:
        return _with(address, {**extra.get(split_address(address)[0], {}), **shared})

    lists = {**pools[entry["pools"]], **entry}
    recurrent, full, window = (tuple(map(full_name, lists.get(side, ()))) for side in POOLS)
    if len(recurrent) != len(full):
        raise ValueError(
            f"{where}: {len(recurrent)} recurrent against {len(full)} full-context networks; name as many of "
            "both, because choosing among more candidates inflates the best score"
        )
    cut = {full_name(method): full_name(twin) for method, twin in lists.get("cut", {}).items()}
    # Other methods keep their settings, because not all of them have steps or parameters.
    besides, ablations = tuple(lists.get("besides", ())), tuple(map(full_name, lists.get("ablations", ())))
    chosen = Pools(recurrent, full, window, cut, besides, ablations)
    idle = extra.keys() - {split_address(method)[0] for method in chosen.methods}
    if idle:
        raise ValueError(f"{where}: settings of {', '.join(sorted(idle))}, which no side of it holds")
    return chosen


def refuse_strange(strange: Set[str], known: Iterable[str], where: str) -> None:
    """ValueError for unknown names, so that a misspelt one is not ignored."""
    if strange:
        raise ValueError(f"{where}: unknown: {', '.join(sorted(strange))}, known: {', '.join(known)}")


def _with(address: str, settings: Mapping[str, Any]) -> str:
    """The address with these settings added; settings in its bracket win. Sorted by name."""
    name, given = split_address(address)
    every = {**settings, **given}
    # None removes a setting: a method that is not trained has no steps.
    every = {key: value for key, value in every.items() if value is not None}
    return joined(name, dict(sorted(every.items())))
