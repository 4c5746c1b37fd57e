"""What the fits of a judging run belong to: judged.json in its directory, written before the first fit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

NAME = "judged.json"


@dataclass(frozen=True)
class Basis:
    """frozen, registration: SHA-256 of the two files. contrasts: how many are judged together."""

    frozen: str
    registration: str
    contrasts: int


def begin(folder: Path, basis: Basis, commit: str) -> None:
    """Write down what this call judges by; a new commit is added to those of earlier calls.

    ValueError if the fits in the directory were judged by something else, or if that is unknown.
    """
    path = folder / NAME
    known = _read(path)
    if known is None and (folder / "results.sqlite").exists():
        raise ValueError(
            f"{folder} holds fits but no {NAME}, so what they were judged by is unknown; "
            "name a new directory, or one that this command made"
        )
    for what, wanted in asdict(basis).items():
        seen = wanted if known is None else known.get(what)
        if seen != wanted:
            raise ValueError(
                f"{path}: {what} is {seen!r}, now {wanted!r}; fits of two registrations must not be mixed: "
                "name a new directory, or go back to a commit with the old files"
            )
    commits = [] if known is None else known["commits"]
    if commit in commits:
        return
    folder.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{NAME}.new")
    new.write_text(json.dumps({"commits": [*commits, commit], **asdict(basis)}, indent=2) + "\n")
    new.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    """The content of the file; None without one."""
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}); restore it from a copy") from None
    if not isinstance(found, dict) or not isinstance(found.get("commits"), list):
        raise ValueError(f"{path} holds no list of commits; restore it from a copy")
    return found
