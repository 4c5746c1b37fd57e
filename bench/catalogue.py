"""Data sets whose files do not come with the package: where the files are, and their known hashes."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

HOST = "https://raw.githubusercontent.com"
TABLE = Path(__file__).with_name("catalogue.toml")
VARIABLE = "RECURBENCH_DATA"
# The value of such a setting becomes part of a path.
SAFE = re.compile(r"\w[\w.-]*")
# Endings of a compressed copy of a file.
PACKED = (".gz", ".xz", ".bz2", ".zip")

# Data sets with the same cases as another data set here, by address. The second is part of an installed
# package, or is M4, which is also in the Monash archive (Godahewa et al. 2021). Rounding, resample or
# scale may differ, so a hash of the data cannot find the copies.
SAME_CASES: Mapping[str, str] = {
    "ucr[name=ArrowHead]": "arrowhead",
    "ucr[name=BasicMotions]": "basic-motions",
    "ucr[name=GunPoint]": "gunpoint",
    "ucr[name=ItalyPowerDemand]": "italy-power-demand",
    "ucr[name=JapaneseVowels]": "japanese-vowels",
    "ucr[name=Trace]": "trace",
    "tser[name=Covid3Month]": "covid-3-month",
    "monash[name=m4_yearly]": "m4[group=Yearly]",
    "monash[name=m4_quarterly]": "m4[group=Quarterly]",
    "monash[name=m4_monthly]": "m4[group=Monthly]",
    "monash[name=m4_weekly]": "m4[group=Weekly]",
    "monash[name=m4_daily]": "m4[group=Daily]",
    "monash[name=m4_hourly]": "m4[group=Hourly]",
}


@dataclass(frozen=True)
class File:
    """One file of an archive: `name` under the data set's folder, its path at the source, size and hash."""

    name: str
    path: str
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Original:
    """An archive that can be downloaded: its files had these hashes at `commit` of a public repository.

    listing: one hash over all files (see `listing_hash`), if the single files have none.
    """

    dials: Mapping[str, Any]
    repository: str
    commit: str
    files: tuple[File, ...]
    bytes: int
    listing: str = ""
    note: str = ""

    def address(self, file: File) -> str:
        """The address of the file as it was at that commit."""
        return f"{HOST}/{self.repository}/{self.commit}/{quote(file.path)}"


@dataclass(frozen=True)
class Entry:
    """The files that a data set with certain settings reads, and the archive they can be downloaded from.

    forms: alternative lists of file names; the data set reads the first list of which all files exist.
    """

    dataset: str
    dials: Mapping[str, Any]
    summary: str
    licence: str
    source: str
    forms: tuple[tuple[str, ...], ...]
    original: Original | None

    @property
    def address(self) -> str:
        """`name` or `name[setting=value]` with the settings that select files."""
        inside = ",".join(f"{key}={value}" for key, value in sorted(self.dials.items()))
        return f"{self.dataset}[{inside}]" if inside else self.dataset

    def folder(self, data: Path) -> Path:
        """The folder of the data set in the data folder."""
        return data / self.dataset

    def present(self, data: Path) -> dict[str, tuple[Path, ...]]:
        """The files of the first complete form, by the name or pattern in it; empty if none is complete."""
        for form in self.forms:
            matches = {name: _matching(self.folder(data), name) for name in form}
            if all(matches.values()):
                return matches
        return {}


def data_folder(given: Path | None = None) -> Path:
    """The data folder: `given`, else RECURBENCH_DATA, else the cache folder of the platform."""
    named = given or os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    try:
        from platformdirs import user_cache_path
    except ImportError:  # platformdirs comes with pooch; on Linux it gives the same folder
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recurbench"
    return user_cache_path("recurbench", appauthor=False)


@functools.cache
def _table() -> dict[str, Any]:
    with TABLE.open("rb") as stream:
        return tomllib.load(stream)


def datasets() -> tuple[str, ...]:
    """The data sets that read files from the data folder; only suites named after archives contain some."""
    return tuple(sorted(_table()))


def choosers(dataset: str) -> frozenset[str]:
    """The settings of a data set that select its files in the data folder; may be empty."""
    return frozenset(re.findall(r"\{(\w+)\}", str(_table().get(dataset, {}).get("forms", ""))))


def entry(dataset: str, dials: Mapping[str, Any]) -> Entry:
    """The entry of a data set with its settings. Settings that select no files are ignored."""
    table = _table()
    if dataset not in table:
        raise ValueError(
            f"{dataset} reads no file from the data folder; data sets that do: {', '.join(table)}"
        )
    section = table[dataset]
    selecting = {name: dials[name] for name in sorted(choosers(dataset))}
    for name, value in selecting.items():
        if not SAFE.fullmatch(str(value)) or ".." in str(value):
            raise ValueError(
                f"{dataset}: {name} is {value!r}; it names a file, so write letters, digits, _, - and ."
            )
    originals = (_original(one) for one in section.get("originals", ()))
    return Entry(
        dataset,
        selecting,
        section["summary"],
        section["licence"],
        section["source"],
        tuple(tuple(name.format(**selecting) for name in form) for form in section["forms"]),
        next((one for one in originals if one.dials == selecting), None),
    )


def entries() -> list[Entry]:
    """Every archive that can be downloaded, and a placeholder for others: `ucr[name=NAME]`."""
    listed: list[Entry] = []
    for dataset, section in _table().items():
        dials = [one.get("dials", {}) for one in section.get("originals", ())]
        placeholder = {name: name.upper() for name in re.findall(r"\{(\w+)\}", str(section["forms"]))}
        others = [placeholder] if placeholder or not dials else []
        listed.extend(entry(dataset, one) for one in (*dials, *others))
    return listed


def owners(sha256: str) -> list[str]:
    """Every known file with this hash, as `file of entry`."""
    return [
        f"{file['name']} of {entry(dataset, original.get('dials', {})).address}"
        for dataset, section in _table().items()
        for original in section.get("originals", ())
        for file in original.get("files", ())
        if file["sha256"] == sha256
    ]


def present_entries(data: Path, of: str = "") -> list[Entry]:
    """Every entry whose files all exist, including those that a user put there; `of`: of one data set."""
    entries_by_files: dict[tuple[Path, ...], Entry] = {}
    for dataset, section in _table().items():
        if of not in ("", dataset):
            continue
        for template in (form[0] for form in section["forms"]):
            for path in sorted((data / dataset).glob(re.sub(r"\{\w+\}", "*", template))):
                one = _reader(dataset, path.relative_to(data / dataset))
                present = (
                    () if one is None else tuple(itertools.chain.from_iterable(one.present(data).values()))
                )
                if one is not None and present:
                    entries_by_files.setdefault(present, one)
    return list(entries_by_files.values())


def _reader(dataset: str, first: Path) -> Entry | None:
    """The entry whose first file this is. If several forms fit, the first counts."""
    for form in _table()[dataset]["forms"]:
        match = re.fullmatch(_pattern(form[0]), first.as_posix())
        if match and all(SAFE.fullmatch(value) for value in match.groupdict().values()):
            return entry(dataset, match.groupdict())
    return None


def _pattern(template: str) -> str:
    """A template as a regular expression; a setting that occurs twice must have the same value."""
    seen: set[str] = set()
    text = ""
    for part in re.split(r"(\{\w+\}|\*)", template):
        name = part[1:-1]
        if part == "*":
            text += "[^/]*"
        elif not part.startswith("{"):
            text += re.escape(part)
        else:
            text += f"(?P={name})" if name in seen else f"(?P<{name}>[^/]+)"
            seen.add(name)
    return text


def _original(section: Mapping[str, Any]) -> Original:
    if "many" in section:
        files = tuple(File(path, path) for path in _expanded(section["many"], section["each"]))
    else:
        files = tuple(File(**one) for one in section["files"])
    return Original(
        section.get("dials", {}),
        section["repository"],
        section["commit"],
        files,
        section.get("bytes") or sum(file.bytes for file in files),
        section.get("listing", ""),
        section.get("note", ""),
    )


def _expanded(pattern: str, each: Mapping[str, Any]) -> list[str]:
    """`pattern` with every combination of the values; a number n stands for 0 to n - 1."""
    lists = [range(values) if isinstance(values, int) else values for values in each.values()]
    return sorted(
        pattern.format(**dict(zip(each, chosen, strict=True))) for chosen in itertools.product(*lists)
    )


def _matching(folder: Path, name: str) -> tuple[Path, ...]:
    if "*" in name:
        return tuple(sorted(folder.glob(name), key=lambda path: path.name))
    path = folder / name
    return (path,) if path.is_file() else ()


def files(dataset: str, dials: Mapping[str, Any], data: Path | None = None) -> tuple[Path, ...]:
    """The files that a data set reads with these settings, in a fixed order.

    ValueError if files are missing: which, where they should be, and how to get them.
    """
    wanted, folder = entry(dataset, dials), data_folder(data)
    present = wanted.present(folder)
    if not present:
        raise ValueError(_missing(wanted, folder))
    paths = tuple(itertools.chain.from_iterable(present.values()))
    reader = _reader(dataset, paths[0].relative_to(wanted.folder(folder)))
    if reader is not None and reader.address != wanted.address:
        raise ValueError(
            f"{wanted.address} and {reader.address} both name {paths[0]}; write {reader.address}, so "
            "that the file has one address"
        )
    return paths


def _missing(wanted: Entry, folder: Path) -> str:
    forms = "; or ".join(", ".join(form) for form in wanted.forms)
    absent = [name for name in wanted.forms[0] if not _matching(wanted.folder(folder), name)]
    nearby = "".join(_in_its_place(wanted.folder(folder) / name) for form in wanted.forms for name in form)
    seen = f" ({len(absent)} of the first {len(wanted.forms[0])} missing)" if len(wanted.forms[0]) > 1 else ""
    command = f"recurbench data fetch '{wanted.address}'"
    if wanted.original is None:
        command = (
            f"they cannot be downloaded, so put them there yourself, or take them from an archive of "
            f"yours: {command} --from ARCHIVE"
        )
    else:
        command = f"download them with: {command}"
    return (
        f"{wanted.address} needs {forms}, looked for in {wanted.folder(folder)}{seen}{nearby}; {command}; "
        f"another data folder: --data-dir or {VARIABLE}"
    )


def _in_its_place(path: Path) -> str:
    """What is found in place of a missing file: a folder, a broken link, or a compressed copy."""
    if path.is_dir():
        return f"; {path.name} is a folder there, replace it by the file"
    if path.is_symlink():
        return f"; {path.name} is a link to {path.readlink()}, which is no file"
    packed = next((more for more in PACKED if path.with_name(f"{path.name}{more}").is_file()), "")
    return f"; {path.name}{packed} is there, unpack it" if packed else ""


def content(dataset: str, dials: Mapping[str, Any], data: Path | None = None) -> str:
    """One SHA-256 over the names and contents of the files that a data set reads; part of the key of a fit.

    A file is hashed again only if its size or its time of change differs.
    """
    return listing_hash(files(dataset, dials, data))


def listing_hash(paths: Sequence[Path]) -> str:
    """SHA-256 of the lines `sha256  file name`, in the order given, joined by line ends."""
    lines = (f"{file_hash(path)}  {path.name}" for path in paths)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file, cached by its size and time of change."""
    state = path.stat()
    return _hash(str(path), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=20_000)
def _hash(path: str, size: int, changed: int) -> str:  # noqa: ARG001 size and changed are the key of the cache
    return fresh_hash(Path(path))


def fresh_hash(path: Path) -> str:
    """SHA-256 of a file, without a cache."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
