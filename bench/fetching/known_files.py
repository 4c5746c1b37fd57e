"""Compare the files of a data set with their known hashes; other files are refused before a run."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable

from recurbench import catalogue
from recurbench.catalogue import Entry, Original
from recurbench.fetching.verify import Ledger, Seen, seen
from recurbench.registry import Choice

SHOWN = 3
# A larger file is not read a second time to find out how it differs.
MOST_BYTES = 1 << 28
BOM = b"\xef\xbb\xbf"


def noted(dataset: Choice) -> dict[str, str]:
    """The state of the files that a data set reads from the data folder; empty if it reads none.

    state: "known" (every hash is the known one), "unverified" (some files have no known hash) or "accepted"
    (the user accepted another version). sha256: one hash over all files. since: day of the acceptance.
    ValueError if a file has another hash than the known one, or is known as a file of another data set.
    """
    if dataset.plugin.name not in catalogue.datasets():
        return {}
    data = catalogue.data_folder()
    sha256 = catalogue.content(dataset.plugin.name, dataset.settings)
    entry = catalogue.entry(dataset.plugin.name, dataset.settings)
    files = seen(entry, data, catalogue.file_hash)
    other = [one for one in files if one.differs or _elsewhere(entry, one)]
    if not other:
        return {"state": "known" if all(one.known for one in files) else "unverified", "sha256": sha256}
    ledger = Ledger.read(data)
    days = [one.accepted(ledger) for one in other]
    if not all(days):
        refused = [one for one, day in zip(other, days, strict=True) if not day]
        raise ValueError(_refusal(entry, refused, ledger))
    return {"state": "accepted", "sha256": sha256, "since": max(days)}


def accepted_versions(datasets: Iterable[Choice]) -> list[str]:
    """One line for every data set whose files are another version, accepted by the user."""
    states = {dataset.address: noted(dataset) for dataset in datasets}
    return [
        f"{address}: its files are another version than the known one; you accepted them on {facts['since']}"
        for address, facts in states.items()
        if facts.get("state") == "accepted"
    ]


def _refusal(entry: Entry, refused: list[Seen], ledger: Ledger) -> str:
    differences = "; ".join(_difference(entry, one) for one in refused[:SHOWN])
    more = f"; and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
    where = f"{shlex.quote(entry.address)} --data-dir {shlex.quote(str(ledger.path.parent))}"
    count = sum(len(one.paths) for one in refused)
    what = f"file of {entry.address} differs" if count == 1 else f"files of {entry.address} differ"
    if entry.original is None:
        fetch = f"Replace them from an archive with: recurbench data fetch {where} --from ARCHIVE"
    else:
        fetch = f"Download them again with: recurbench data fetch {where}"
    return (
        f"{count} {what} from the known version: {differences}{more}. {fetch} --replace. To use another "
        f"version on purpose: recurbench data verify {where} --accept (reports then say so)"
    )


def _difference(entry: Entry, one: Seen) -> str:
    if not one.known:
        return f"{one.paths[0]} has the content of {_elsewhere(entry, one)}"
    path = f"{one.paths[0].parent}, all files together," if "*" in one.name else one.paths[0]
    return f"{path} has sha256 {one.sha256}, wanted {one.known}{_reason(entry, one)}"


def _reason(entry: Entry, one: Seen) -> str:
    """How a file differs, as far as that can be found out."""
    original = entry.original
    if "*" in one.name or original is None:
        count = len(original.files) if original else 0
        return f" ({len(one.paths)} files, wanted {count})" if count != len(one.paths) else ""
    (path,) = one.paths
    size = path.stat().st_size
    if not size:
        return " (it is empty)"
    owners = catalogue.owners(one.sha256)
    if owners:
        return f" (this is the content of {' and '.join(owners)})"
    if size <= MOST_BYTES and _other_line_ends(path.read_bytes(), one.known):
        return " (only its line ends or a byte order mark differ; an editor or git may have changed them)"
    known = _bytes(original, one)
    return f" (it has {size} of {known} bytes: it may be incomplete)" if size < known else ""


def _bytes(original: Original, one: Seen) -> int:
    return next((file.bytes for file in original.files if file.sha256 == one.known), 0)


def _elsewhere(entry: Entry, one: Seen) -> str:
    """The other data set to which a file without a known hash belongs, else ""."""
    owners = [] if one.known else catalogue.owners(one.sha256)
    of_entry = any(owner.endswith(f" of {entry.address}") for owner in owners)
    return "" if of_entry else " and ".join(owners)


def _other_line_ends(data: bytes, known: str) -> bool:
    """Whether the file is the known one but for its line ends or a byte order mark."""
    lines = data.removeprefix(BOM).replace(b"\r\n", b"\n")
    forms = (data.removeprefix(BOM), lines, lines.replace(b"\n", b"\r\n"), lines.replace(b"\r", b"\n"))
    return any(hashlib.sha256(form).hexdigest() == known for form in forms)
