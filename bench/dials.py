"""The difficulty parameters of datasets/dials.toml: one changes at a time, around a reference setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.address import joined, split_address
from recurbench.predictions import TABLES, Contrast, Pools, beside, opened, pools_of, refuse_strange

KEYS = ("problem", "pools", "settings", "dials")
FEWEST = 2  # values of a difficulty parameter


@dataclass(frozen=True)
class Dial:
    """One difficulty parameter of a synthetic task: by value, the contrast with all else at the reference.

    problem: address of the reference. name: setting of the data set that changes. There are no predictions
    for these contrasts, and so no roles; the role of each problem is in its About.
    """

    problem: str
    name: str
    contrasts: Mapping[Any, Contrast]

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers, so that there are values between them."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.contrasts)


def read(path: Path, predicted: Path) -> tuple[Dial, ...]:
    """The difficulty parameters in a file, with the pools in `predicted`; ValueError if one is wrong."""
    text = opened(predicted, TABLES)
    common, pools = text.get("defaults", {}), text.get("pools", {})
    registered = {entry["problem"]: entry for entry in text.get("contrast", [])}
    listed: list[Dial] = []
    for probe in opened(path, ("probe",)).get("probe", []):
        where = f"{path.name}, probe {probe.get('problem', '?')}"
        refuse_strange(probe.keys() - set(KEYS), KEYS, where)
        entry = {**common, **registered.get(probe.get("problem"), {}), **probe}
        missing = {"problem", "pools", "dials"} - entry.keys()
        if missing:
            raise ValueError(f"{where}: missing: {', '.join(sorted(missing))}")
        if entry["pools"] not in pools:
            raise ValueError(f"{where}: no pools are called {entry['pools']!r}; known: {', '.join(pools)}")
        listed.extend(_dial(name, entry, pools, f"{where}, dial {name}") for name in entry["dials"])
    return tuple(listed)


@lru_cache(maxsize=1)
def dials() -> tuple[Dial, ...]:
    """The difficulty parameters of this release."""
    return read(beside("dials.toml"), beside("predictions.toml"))


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
    contrasts = {}
    for value in values:
        turned = {**given, name: value}
        # An address contains only settings that differ from the default.
        changed = {key: of for key, of in turned.items() if of != defaults.get(key, ...)}
        now = {**defaults, **turned}
        contrasts[value] = _contrast(joined(plain, dict(sorted(changed.items()))), entry, now, pools, where)
    return Dial(entry["problem"], name, contrasts)


def _contrast(
    problem: str, entry: Mapping[str, Any], now: Mapping[str, Any], pools: Mapping[str, Any], where: str
) -> Contrast:
    """The contrast at one value. now: all settings of the data set there. Only networks are run."""
    settings = {
        method: {key: now.get(value, value) for key, value in changes.items()}
        for method, changes in entry.get("settings", {}).items()
    }
    every = pools_of({**entry, "settings": settings}, pools, where)
    networks = Pools(every.recurrent, every.full, every.window, every.cut)
    numbers = {key: entry[key] for key in ("pairs", "steps", "patience", "parameters")}
    return Contrast(problem, "", "", "", "", False, pools=networks, **numbers)
