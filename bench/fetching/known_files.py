"""Whether the files a data set reads are those whose hashes are known; others are refused before a run."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable

from recurbench import catalogue
from recurbench.catalogue import Entry, Original
from recurbench.fetching.verify import Ledger, Seen, seen
from recurbench.registry import Choice

SHOWN = 3
# Larger files are not read a second time to say in which way they differ.
MOST_BYTES = 1 << 28
BOM = b"\xef\xbb\xbf"


def noted(dataset: Choice) -> dict[str, str]:
    """How the files that a data set reads from the data folder stand; empty where it reads none.

    state: "known" (every hash is the known one), "unverified" (of some none is known) or "accepted" (another
    version, and the user said so). sha256: one over all of them. since: when the user said so. ValueError
    says which file is not the known one, or known as a file of another data set, and what to do.
    """
    if dataset.plugin.name not in catalogue.datasets():
        return {}
    data = catalogue.data_folder()
    sha256 = catalogue.content(dataset.plugin.name, dataset.settings)
    entry = catalogue.entry(dataset.plugin.name, dataset.settings)
    found = seen(entry, data, catalogue.file_hash)
    other = [one for one in found if one.differs or _elsewhere(entry, one)]
    if not other:
        return {"state": "known" if all(one.known for one in found) else "unverified", "sha256": sha256}
    ledger = Ledger.read(data)
    days = [one.accepted(ledger) for one in other]
    if not all(days):
        refused = [one for one, day in zip(other, days, strict=True) if not day]
        raise ValueError(_refusal(entry, refused, ledger))
    return {"state": "accepted", "sha256": sha256, "since": max(days)}


def told(datasets: Iterable[Choice]) -> list[str]:
    """A line for every data set whose files are not the known ones, as the user wanted it."""
    found = {dataset.address: noted(dataset) for dataset in datasets}
    return [
        f"{address}: its files are not those known under this name; you accepted them on {facts['since']}"
        for address, facts in found.items()
        if facts.get("state") == "accepted"
    ]


def _refusal(entry: Entry, refused: list[Seen], ledger: Ledger) -> str:
    words = "; ".join(_difference(entry, one) for one in refused[:SHOWN])
    more = f"; and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
    where = f"{shlex.quote(entry.address)} --data-dir {shlex.quote(str(ledger.path.parent))}"
    count = sum(len(one.paths) for one in refused)
    what = f"file of {entry.address} is" if count == 1 else f"files of {entry.address} are"
    if entry.original is None:
        fetch = (
            f"Put the right ones there, out of an archive with: recurbench data fetch {where} --from ARCHIVE"
        )
    else:
        fetch = f"Fetch anew with: recurbench data fetch {where}"
    return (
        f"{count} {what} not what the name says: {words}{more}. {fetch} --replace. If another version is "
        f"meant, say so with: recurbench data verify {where} --accept, and reports will say so too"
    )


def _difference(entry: Entry, one: Seen) -> str:
    if not one.known:
        return f"{one.paths[0]} holds the bytes known as {_elsewhere(entry, one)}"
    path = f"{one.paths[0].parent}, all files together," if "*" in one.name else one.paths[0]
    return f"{path} has sha256 {one.sha256}, known is {one.known}{_reason(entry, one)}"


def _reason(entry: Entry, one: Seen) -> str:
    """In which way a file differs, as far as that can be told."""
    original = entry.original
    if "*" in one.name or original is None:
        count = len(original.files) if original else 0
        return f" ({len(one.paths)} files where {count} are known)" if count != len(one.paths) else ""
    (path,) = one.paths
    size = path.stat().st_size
    if not size:
        return " (it is empty)"
    owners = catalogue.owners(one.sha256)
    if owners:
        return f" (these bytes are known as {' and '.join(owners)})"
    if size <= MOST_BYTES and _in_other_words(path.read_bytes(), one.known):
        return " (only its line ends or a byte order mark differ; an editor or git may have changed them)"
    known = _bytes(original, one)
    return f" (it has {size} bytes, {known} are known: it may be cut short)" if size < known else ""


def _bytes(original: Original, one: Seen) -> int:
    return next((file.bytes for file in original.files if file.sha256 == one.known), 0)


def _elsewhere(entry: Entry, one: Seen) -> str:
    """Under which other name the bytes of a file without a known hash are known, else ""."""
    owners = [] if one.known else catalogue.owners(one.sha256)
    own = any(owner.endswith(f" of {entry.address}") for owner in owners)
    return "" if own else " and ".join(owners)


def _in_other_words(data: bytes, known: str) -> bool:
    """Whether other line ends, or no byte order mark, make it the known file."""
    lines = data.removeprefix(BOM).replace(b"\r\n", b"\n")
    forms = (data.removeprefix(BOM), lines, lines.replace(b"\n", b"\r\n"), lines.replace(b"\r", b"\n"))
    return any(hashlib.sha256(form).hexdigest() == known for form in forms)
