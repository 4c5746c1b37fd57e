"""The dials of the probes, one at a time around a reference setting: what datasets/dials.toml holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.address import joined, split_address
from recurbench.predictions import TABLES, Contrast, Pools, beside, opened, pools_of, refuse_strange

KEYS = ("problem", "pools", "settings", "dials")
FEWEST = 2  # values that make a dial


@dataclass(frozen=True)
class Dial:
    """One dial of a probe with all else at the reference: by value the contrast there.

    problem: the reference setting. name: the setting of the data set that is turned. Nothing is predicted of
    these contrasts, so they have no role of their own; that of a problem stands in its About.
    """

    problem: str
    name: str
    contrasts: Mapping[Any, Contrast]

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers, so that something can lie between two of them."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.contrasts)


def read(path: Path, predicted: Path) -> tuple[Dial, ...]:
    """The dials of a file, with the pools and settings of `predicted`; ValueError says what is wrong."""
    text = opened(predicted, TABLES)
    common, pools = text.get("defaults", {}), text.get("pools", {})
    registered = {words["problem"]: words for words in text.get("contrast", [])}
    found: list[Dial] = []
    for probe in opened(path, ("probe",)).get("probe", []):
        where = f"{path.name}, probe {probe.get('problem', '?')}"
        refuse_strange(probe.keys() - set(KEYS), KEYS, where)
        words = {**common, **registered.get(probe.get("problem"), {}), **probe}
        missing = {"problem", "pools", "dials"} - words.keys()
        if missing:
            raise ValueError(f"{where}: says nothing of {', '.join(sorted(missing))}")
        if words["pools"] not in pools:
            raise ValueError(f"{where}: no pools are called {words['pools']!r}; known: {', '.join(pools)}")
        found.extend(_dial(name, words, pools, f"{where}, dial {name}") for name in words["dials"])
    return tuple(found)


@lru_cache(maxsize=1)
def dials() -> tuple[Dial, ...]:
    """The dials of this release."""
    return read(beside("dials.toml"), beside("predictions.toml"))


def _dial(name: str, words: Mapping[str, Any], pools: Mapping[str, Any], where: str) -> Dial:
    """One dial of the probe in `words`."""
    defaults = {}
    for own, told in words["dials"].items():
        refuse_strange(told.keys() - {"default", "values"}, ("default", "values"), where)
        if "default" not in told or len(told.get("values", ())) < FEWEST:
            raise ValueError(f"{where}: wanted a default and at least {FEWEST} values, got {told}")
        defaults[own] = told["default"]
    plain, set_ = split_address(words["problem"])
    values = words["dials"][name]["values"]
    if set_.get(name, defaults[name]) not in values:
        raise ValueError(f"{where}: {set_.get(name, defaults[name])!r}, the reference, is not among {values}")
    contrasts = {}
    for value in values:
        turned = {**set_, name: value}
        # An address says nothing of what is the data set's own.
        said = {key: of for key, of in turned.items() if of != defaults.get(key, ...)}
        now = {**defaults, **turned}
        contrasts[value] = _contrast(joined(plain, dict(sorted(said.items()))), words, now, pools, where)
    return Dial(words["problem"], name, contrasts)


def _contrast(
    problem: str, words: Mapping[str, Any], now: Mapping[str, Any], pools: Mapping[str, Any], where: str
) -> Contrast:
    """The contrast at one value, the dials being `now`; rivals of any kind and ablations are not run."""
    settings = {
        method: {key: now.get(value, value) for key, value in own.items()}
        for method, own in words.get("settings", {}).items()
    }
    every = pools_of({**words, "settings": settings}, pools, where)
    kept = Pools(every.recurrent, every.full, every.window, every.cut)
    numbers = {key: words[key] for key in ("pairs", "steps", "patience", "parameters")}
    return Contrast(problem, "", "", "", "", False, pools=kept, **numbers)
