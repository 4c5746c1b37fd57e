"""The TOML files of the package, read with the names that they may hold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Any

from recurbench.settings import located


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


def refuse_strange(strange: Set[str], known: Iterable[str], where: str) -> None:
    """ValueError for unknown names, so that a misspelt one is not ignored."""
    if strange:
        raise ValueError(f"{where}: unknown: {', '.join(sorted(strange))}, known: {', '.join(known)}")
