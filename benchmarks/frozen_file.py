"""Writes frozen roles as the file that `recurbench.registration` reads."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recurbench.registration import Frozen, FrozenPair, read_frozen, read_pairs, registration_of
from recurbench.results import Run

BEST = ("best_recurrent", "best_full", "best_window", "best_memory")
TEXTS = ("problem", "outcome", "predicted", *BEST, "twin")


def history(runs: Sequence[Run], command: str) -> list[str]:
    """How the file is made: the command, the date, the packages of the pilot fits and the code of methods."""
    lines = [
        "What pilot fits chose for each contrast of registration.toml, before any judged sample was run.",
        "bench/registration.py describes the fields.",
        f"Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}.",
    ]
    packages: dict[str, set[str]] = {}
    code: dict[str, set[str]] = {}
    for run in runs:
        for versions in run.cells["versions"]:
            for name, version in versions.items():
                packages.setdefault(name, set()).add(str(version))
        for name, key in zip(run.cells["method"], run.cells["code"], strict=True):
            if key:
                code.setdefault(str(name), set()).add(str(key))
    for what, found in (("Packages of the pilot fits", packages), ("Code of the methods", code)):
        if found:
            listed = ", ".join(f"{name} {' and '.join(sorted(of))}" for name, of in sorted(found.items()))
            lines.append(f"{what}: {listed}.")
    return lines


@dataclass(frozen=True)
class Content:
    """What a file holds. registration: the SHA-256 of the registration that it belongs to."""

    registration: str
    roles: tuple[Frozen, ...]
    pairs: tuple[FrozenPair, ...]

    @classmethod
    def of(cls, path: Path) -> Content:
        """The content of a file; ValueError names the field that is wrong."""
        return cls(registration_of(path), read_frozen(path), read_pairs(path))


def written(path: Path, content: Content, head: Sequence[str]) -> None:
    """Write the file and replace an old one, after it has been read back."""
    lines = [f"# {part}" for line in head for part in textwrap.wrap(line, 108, break_on_hyphens=False)]
    lines.append(f"registration = {json.dumps(content.registration)}")
    for one in content.roles:
        lines += ["", *_contrast(one)]
    for pair in content.pairs:
        lines += ["", "[[secondary]]"]
        lines += [f"{key} = {json.dumps(getattr(pair, key))}" for key in ("name", "problem", "one", "other")]
    new = path.with_name(f"{path.name}.new")
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        if Content.of(new) != content:
            raise ValueError(f"{new.name}: what was read back differs from what was chosen")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _contrast(one: Frozen) -> Iterator[str]:
    yield "[[frozen]]"
    for key in TEXTS:
        if getattr(one, key) is not None:
            yield f"{key} = {json.dumps(getattr(one, key))}"
    yield f"twice = {json.dumps(list(one.twice))}"
    for group, rates in one.rates.items():
        if rates:
            yield f"[frozen.rates.{group}]"
            yield from (f"{json.dumps(name)} = {rate!r}" for name, rate in rates.items())
