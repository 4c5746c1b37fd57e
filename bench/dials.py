"""The difficulty parameters of datasets/dials.toml: one changes at a time, around a reference setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.address import joined, split_address
from recurbench.packaged import beside, opened, refuse_strange

SIDES = ("recurrent", "full", "window", "cut")
NUMBERS = ("pairs", "steps", "patience", "parameters")
KEYS = ("problem", "pools", "settings", "dials", *NUMBERS, *SIDES)
FEWEST = 2  # values of a difficulty parameter
FIRST = 100  # first seed; samples before it are for pilot runs
# Settings that are equal for every method of a problem: name in the file, name of the setting.
SHARED = {"parameters": "parameters", "steps": "max_steps", "patience": "patience"}


@dataclass(frozen=True)
class Pools:
    """The networks that run on a problem, with their settings.

    recurrent: recurrent networks. full: full-context networks. window: window-limited networks. cut: by
    recurrent network its twin without a state.
    """

    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...]
    cut: Mapping[str, str]

    @property
    def methods(self) -> tuple[str, ...]:
        """Every network, each once."""
        return tuple(dict.fromkeys((*self.recurrent, *self.full, *self.window, *self.cut.values())))


@dataclass(frozen=True)
class Setting:
    """One value of a difficulty parameter: a problem, the networks on it, and the number of replicates."""

    problem: str
    pairs: int
    pools: Pools


@dataclass(frozen=True)
class Dial:
    """One difficulty parameter of a synthetic task: by value, the setting with all else at the reference.

    problem: address of the reference. name: setting of the data set that changes.
    """

    problem: str
    name: str
    settings: Mapping[Any, Setting]

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers, so that there are values between them."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.settings)


def read(path: Path) -> tuple[Dial, ...]:
    """The difficulty parameters in a file; ValueError if one is wrong."""
    text = opened(path, ("defaults", "pools", "probe"))
    pools = text.get("pools", {})
    for name, pool in pools.items():
        refuse_strange(pool.keys() - set(SIDES), SIDES, f"{path.name}, pools {name}")
    listed: list[Dial] = []
    for probe in text.get("probe", []):
        where = f"{path.name}, probe {probe.get('problem', '?')}"
        refuse_strange(probe.keys() - set(KEYS), KEYS, where)
        entry = {**text.get("defaults", {}), **probe}
        missing = {"problem", "pools", "dials", *NUMBERS} - entry.keys()
        if missing:
            raise ValueError(f"{where}: missing: {', '.join(sorted(missing))}")
        if entry["pools"] not in pools:
            raise ValueError(f"{where}: no pools are called {entry['pools']!r}; known: {', '.join(pools)}")
        listed.extend(_dial(name, entry, pools, f"{where}, dial {name}") for name in entry["dials"])
    return tuple(listed)


@lru_cache(maxsize=1)
def dials() -> tuple[Dial, ...]:
    """The difficulty parameters of this release."""
    return read(beside("dials.toml"))


def _dial(name: str, entry: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Dial:
    """One difficulty parameter of the synthetic task in `entry`."""
    defaults = {}
    for key, grid in entry["dials"].items():
        refuse_strange(grid.keys() - {"default", "values"}, ("default", "values"), where)
        if "default" not in grid or len(grid.get("values", ())) < FEWEST:
            raise ValueError(f"{where}: wanted a default and at least {FEWEST} values, got {grid}")
        defaults[key] = grid["default"]
    plain, given = split_address(entry["problem"])
    values = entry["dials"][name]["values"]
    if given.get(name, defaults[name]) not in values:
        raise ValueError(
            f"{where}: {given.get(name, defaults[name])!r}, the reference, is not among {values}"
        )
    settings = {}
    for value in values:
        turned = {**given, name: value}
        # An address contains only settings that differ from the default.
        changed = {key: of for key, of in turned.items() if of != defaults.get(key, ...)}
        networks = _pools(entry, {**defaults, **turned}, pools, where)
        settings[value] = Setting(joined(plain, dict(sorted(changed.items()))), entry["pairs"], networks)
    return Dial(entry["problem"], name, settings)


def _pools(entry: Mapping[str, Any], now: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Pools:
    """The networks at one value. now: all settings of the data set there."""
    shared = {setting: entry[key] for key, setting in SHARED.items()}
    extra = {
        method: {key: now.get(value, value) for key, value in changes.items()}
        for method, changes in entry.get("settings", {}).items()
    }

    def full_name(address: str) -> str:
        name, given = split_address(address)
        return joined(name, dict(sorted({**extra.get(name, {}), **shared, **given}.items())))

    lists = {**pools[entry["pools"]], **entry}
    recurrent, full, window = (tuple(map(full_name, lists.get(side, ()))) for side in SIDES[:3])
    cut = {full_name(method): full_name(twin) for method, twin in lists.get("cut", {}).items()}
    found = Pools(recurrent, full, window, cut)
    idle = extra.keys() - {split_address(method)[0] for method in found.methods}
    if idle:
        raise ValueError(f"{where}: settings of {', '.join(sorted(idle))}, which no side of it holds")
    return found
