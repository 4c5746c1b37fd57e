"""The ledger of a data folder: hashes at first use, licences the user agreed to, and later changes."""

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
    """What is stored about a data folder.

    hashes: by file name under the data folder, {"sha256", "seen"}; also "instead_of" (the known hash, or "")
    if the user accepted the file as another version. agreed: by archive, the licence that was shown.
    """

    path: Path
    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path) -> Ledger:
        """The ledger of a data folder, empty if there is none; ValueError if it cannot be read."""
        path = data / LEDGER
        if not path.exists():
            return cls(path)
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if content["form"] != FORM:
                raise ValueError(f"form {content['form']}, wanted {FORM}")
            return cls(path, dict(content["hashes"]), dict(content["agreed"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} cannot be read ({error}); repair it, or move it away to begin a new one"
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
    """The state of one file, or of many files under one pattern.

    status: "ok" (the known hash), "accepted" (another version that the user accepted), "recorded" (first seen
    now), "unchanged" (as first seen), or one of `BAD`.
    """

    name: str
    status: str
    details: str = ""


@dataclass(frozen=True)
class Seen:
    """A file, or many under one pattern: name under the data folder, hash, and known hash or ""."""

    name: str
    paths: tuple[Path, ...]
    sha256: str
    known: str

    @property
    def differs(self) -> bool:
        """Whether the known hash is another one."""
        return bool(self.known) and self.sha256 != self.known

    def accepted(self, ledger: Ledger) -> str:
        """The day on which the user accepted exactly this content, else ""."""
        noted = ledger.hashes.get(self.name, {})
        same = (noted.get("sha256"), noted.get("instead_of")) == (self.sha256, self.known)
        return noted["seen"] if same else ""


def seen(entry: Entry, data: Path, hashed: Callable[[Path], str] = fresh_hash) -> list[Seen]:
    """The files of an entry in the data folder, with their hashes (computed by `hashed`) and known hashes."""
    known = {}
    if entry.original is not None:
        known = {file.name: file.sha256 for file in entry.original.files if file.sha256}
    files = []
    for name, paths in entry.present(data).items():
        many = "*" in name
        now = listing_hash(paths) if many else hashed(paths[0])
        wanted = entry.original.listing if many and entry.original else known.get(name, "")
        files.append(Seen(f"{entry.dataset}/{name}", paths, now, wanted))
    return files


def verify(
    entry: Entry, data: Path, ledger: Ledger, accept: bool = False, other: bool = False
) -> list[Finding]:
    """Hash the files of an entry and compare them with the known hashes, or with the ledger.

    A file without a known hash is recorded the first time. A later change is reported; `accept` records it.
    A file with another hash than the known one "differs", unless the user accepts it as another version now
    (`other`) or did so before. The ledger object is changed, but not written.
    """
    files = seen(entry, data)
    if not files:
        return [Finding(f"{entry.dataset}/{name}", "missing") for name in entry.forms[0]]
    return [_compared(one, ledger, accept, other) for one in files]


def _compared(one: Seen, ledger: Ledger, accept: bool, other: bool) -> Finding:
    if not one.known:
        finding = _remembered(one.name, one.sha256, ledger, accept)
        if other:  # marks it as accepted, and not only seen
            ledger.hashes[one.name]["instead_of"] = ""
        return Finding(one.name, "recorded", finding.details) if other else finding
    if not one.differs:
        return Finding(one.name, "ok")
    if other and not one.accepted(ledger):
        ledger.hashes[one.name] = {"sha256": one.sha256, "seen": _today(), "instead_of": one.known}
    hashes = f"sha256 {one.sha256}, wanted {one.known}"
    day = one.accepted(ledger)
    if day:
        return Finding(one.name, "accepted", f"as another version on {day}: {hashes}")
    return Finding(one.name, "differs", hashes)


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
            f"sha256 {now}, on {before['seen']} it was {before['sha256']}; accept the change with --accept",
        )
    ledger.hashes[name] = {"sha256": now, "seen": _today()}
    return Finding(name, "recorded", f"sha256 {now}")


def vanished(data: Path, ledger: Ledger) -> list[Finding]:
    """Files in the ledger that no longer exist."""
    return [
        Finding(name, "missing", f"on {before['seen']} it was sha256 {before['sha256']}")
        for name, before in sorted(ledger.hashes.items())
        if not any(data.glob(name))
    ]
