"""What was predicted before the first full run: the primary contrasts of datasets/predictions.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recurbench.address import split_address, value_text
from recurbench.registry import located

ROLES = ("positive", "control", "crossover")
POOLS = ("recurrent", "full", "window")
# What every method of a contrast is given alike, by the setting's name.
SHARED = {"parameters": "parameters", "steps": "max_steps", "patience": "patience"}


@dataclass(frozen=True)
class Contrast:
    """One primary contrast: where recurrence is set against networks that do without it.

    problem: a dataset with its dials. role: "positive" (predicted to need recurrence), "control" (predicted
    not to) or "crossover". predicted: the verdict in the words of the reports. known_before: its outcome was
    known when it was written down, so it counts as no prediction. pairs: independent draws, each with a model
    seed of its own. steps, patience: optimizer steps; parameters: of every method, within 10 %.

    recurrent, full, window: the methods of the pools R, F and W, with their settings; as many in R as in F.
    cut: by recurrent method its twin trained without a state. besides: further ablations and rivals.
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
    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...]
    cut: Mapping[str, str]
    besides: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method the contrast is run with, each once."""
        named = (*self.recurrent, *self.full, *self.window, *self.cut.values(), *self.besides)
        return tuple(dict.fromkeys(named))


def read(path: Path) -> tuple[Contrast, ...]:
    """The contrasts of a file; ValueError says which of them is not as it should be."""
    with path.open("rb") as file:
        try:
            text = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name} is no TOML: {error}") from None
    common, pools = text.get("defaults", {}), text.get("pools", {})
    found = tuple(_contrast({**common, **words}, pools, path.name) for words in text.get("contrast", []))
    problems = [each.problem for each in found]
    for problem in problems:
        if problems.count(problem) > 1:
            raise ValueError(f"{path.name}: {problem} has two primary contrasts; one per problem")
    return found


@lru_cache(maxsize=1)
def contrasts() -> tuple[Contrast, ...]:
    """The primary contrasts of this release."""
    # Found without an import of the package: listing suites imports no dataset.
    spec = located("recurbench.datasets")
    assert spec is not None
    assert spec.submodule_search_locations
    return read(Path(spec.submodule_search_locations[0]) / "predictions.toml")


def _contrast(words: dict[str, Any], pools: Mapping[str, Any], where: str) -> Contrast:
    where = f"{where}, contrast {words.get('problem', '?')}"
    missing = {"problem", "role", "predicted", "why", "source", "pools"} - words.keys()
    if missing:
        raise ValueError(f"{where}: says nothing of {', '.join(sorted(missing))}")
    if words["role"] not in ROLES:
        raise ValueError(f"{where}: role must be one of {', '.join(ROLES)}, got {words['role']!r}")
    name = words.pop("pools")
    if name not in pools:
        raise ValueError(f"{where}: no pools are called {name!r}; known: {', '.join(pools)}")
    extra = words.pop("settings", {})
    shared = {setting: words[key] for key, setting in SHARED.items()}

    def full_name(address: str) -> str:
        return _with(address, {**extra.get(split_address(address)[0], {}), **shared})

    own = {**pools[name], **{side: words.pop(side) for side in POOLS if side in words}}
    sides = {side: tuple(map(full_name, own.get(side, ()))) for side in POOLS}
    if len(sides["recurrent"]) != len(sides["full"]):
        raise ValueError(
            f"{where}: {len(sides['recurrent'])} recurrent methods against {len(sides['full'])} that "
            "see all; the best of more looks better though nothing is: give both sides as many"
        )
    cut = {full_name(method): full_name(twin) for method, twin in own.get("cut", {}).items()}
    besides = tuple(words.pop("besides", own.get("besides", ())))
    return Contrast(**words, **sides, cut=cut, besides=tuple(map(full_name, besides)))


def _with(address: str, settings: Mapping[str, Any]) -> str:
    """The address with these settings where its bracket does not say otherwise, in the order of names."""
    name, own = split_address(address)
    every = {**settings, **own}
    # A method that is not trained has no steps to be given.
    every = {key: value for key, value in every.items() if value is not None}
    return f"{name}[{','.join(f'{key}={value_text(every[key])}' for key in sorted(every))}]"
