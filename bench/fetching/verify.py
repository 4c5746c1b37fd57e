"""The ledger of a data folder: hashes seen at first use, licences agreed to, and what changed since."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recurbench.catalogue import Entry, fresh_hash, listing_hash

LEDGER = "recurbench-data.json"
FORM = 1
BAD = ("differs", "changed", "missing")


@dataclass
class Ledger:
    """What is remembered about a data folder.

    hashes: file name under the data folder -> {"sha256", "seen"}, and "instead_of", the known hash or "",
    where the user said that this very file is meant; agreed: archive -> the licence shown.
    """

    path: Path
    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path) -> Ledger:
        """The ledger of a data folder, empty where there is none; ValueError when it cannot be read."""
        path = data / LEDGER
        if not path.exists():
            return cls(path)
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if found["form"] != FORM:
                raise ValueError(f"form {found['form']}, wanted {FORM}")
            return cls(path, dict(found["hashes"]), dict(found["agreed"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} cannot be read ({error}); mend it, or move it away: then every hash is new"
            ) from error

    def write(self) -> None:
        """Put the ledger on disk, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"form": FORM, "hashes": self.hashes, "agreed": self.agreed}, indent=1, sort_keys=True
        )
        spare = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        spare.write_text(f"{text}\n", encoding="utf-8")
        spare.replace(self.path)


@dataclass(frozen=True)
class Finding:
    """How one file, or many under one name, stands.

    status: "ok" (as the original was), "accepted" (another version, and the user said so), "recorded" (first
    seen now), "unchanged", or one of `BAD`.
    """

    name: str
    status: str
    words: str = ""


@dataclass(frozen=True)
class Seen:
    """A file, or many under one name: its name under the data folder, its hash, and the known one or ""."""

    name: str
    paths: tuple[Path, ...]
    sha256: str
    known: str

    @property
    def differs(self) -> bool:
        """Whether another hash is known."""
        return bool(self.known) and self.sha256 != self.known

    def accepted(self, ledger: Ledger) -> str:
        """The day on which the user said that these very bytes are meant, else ""."""
        noted = ledger.hashes.get(self.name, {})
        same = (noted.get("sha256"), noted.get("instead_of")) == (self.sha256, self.known)
        return noted["seen"] if same else ""


def seen(entry: Entry, data: Path, hashed: Callable[[Path], str] = fresh_hash) -> list[Seen]:
    """The files of an entry that are there with their hashes, taken by `hashed`, and the known ones."""
    known = {}
    if entry.original is not None:
        known = {file.name: file.sha256 for file in entry.original.files if file.sha256}
    found = []
    for name, paths in entry.present(data).items():
        many = "*" in name
        now = listing_hash(paths) if many else hashed(paths[0])
        wanted = entry.original.listing if many and entry.original else known.get(name, "")
        found.append(Seen(f"{entry.dataset}/{name}", paths, now, wanted))
    return found


def verify(
    entry: Entry, data: Path, ledger: Ledger, accept: bool = False, other: bool = False
) -> list[Finding]:
    """Hash the files of an entry anew and compare them with the original's hashes or the ledger.

    A file without a known hash is recorded at first; a later change is reported, and taken over only where
    `accept` says so. A file with another hash than the known one differs, unless the user said that it is
    another version, now (`other`) or before. The ledger is changed, not written.
    """
    found = seen(entry, data)
    if not found:
        return [Finding(f"{entry.dataset}/{name}", "missing") for name in entry.forms[0]]
    return [_compared(one, ledger, accept, other) for one in found]


def _compared(one: Seen, ledger: Ledger, accept: bool, other: bool) -> Finding:
    if not one.known:
        finding = _remembered(one.name, one.sha256, ledger, accept)
        if other:  # told from a file that was only seen
            ledger.hashes[one.name]["instead_of"] = ""
        return Finding(one.name, "recorded", finding.words) if other else finding
    if not one.differs:
        return Finding(one.name, "ok")
    if other and not one.accepted(ledger):
        ledger.hashes[one.name] = {"sha256": one.sha256, "seen": _today(), "instead_of": one.known}
    words = f"sha256 {one.sha256}, the original had {one.known}"
    day = one.accepted(ledger)
    if day:
        return Finding(one.name, "accepted", f"as another version on {day}: {words}")
    return Finding(one.name, "differs", words)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _remembered(name: str, now: str, ledger: Ledger, accept: bool) -> Finding:
    before = ledger.hashes.get(name)
    if before is not None and before["sha256"] == now:
        return Finding(name, "unchanged", f"since {before['seen']}")
    if before is not None and not accept:
        return Finding(
            name,
            "changed",
            f"sha256 {now}, on {before['seen']} it was {before['sha256']}; --accept takes it over",
        )
    ledger.hashes[name] = {"sha256": now, "seen": _today()}
    return Finding(name, "recorded", f"sha256 {now}")


def vanished(data: Path, ledger: Ledger) -> list[Finding]:
    """Files of the ledger that are no longer there."""
    return [
        Finding(name, "missing", f"on {before['seen']} it was sha256 {before['sha256']}")
        for name, before in sorted(ledger.hashes.items())
        if not any(data.glob(name))
    ]
