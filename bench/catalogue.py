"""Which data sets need files that cannot be shipped, where the files lie and what is known of them."""

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
# A dial's value becomes part of a path.
SAFE = re.compile(r"\w[\w.-]*")
# How a file that somebody has compressed is called.
PACKED = (".gz", ".xz", ".bz2", ".zip")

# By its address, what holds the cases of another of our data sets: those that lie inside installed packages
# too, and M4, which is in the Monash archive (Godahewa et al. 2021). Copies are rounded otherwise, and a
# resample or a scale may differ, so no hash over the data tells that they are the same.
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
    """An archive whose bytes were seen: at `commit` of a public repository, its files had these hashes.

    listing: where files have no hash of their own, one hash over all (see `listing_hash`).
    """

    dials: Mapping[str, Any]
    repository: str
    commit: str
    files: tuple[File, ...]
    bytes: int
    listing: str = ""
    note: str = ""

    def address(self, file: File) -> str:
        """Where the host serves the file as it was at that commit."""
        return f"{HOST}/{self.repository}/{self.commit}/{quote(file.path)}"


@dataclass(frozen=True)
class Entry:
    """What a data set reads with its dials decided: file names by form, and the original, if one was seen."""

    dataset: str
    dials: Mapping[str, Any]
    summary: str
    licence: str
    source: str
    forms: tuple[tuple[str, ...], ...]
    original: Original | None

    @property
    def address(self) -> str:
        """`name` or `name[dial=value]` with the dials that name files."""
        inside = ",".join(f"{key}={value}" for key, value in sorted(self.dials.items()))
        return f"{self.dataset}[{inside}]" if inside else self.dataset

    def folder(self, data: Path) -> Path:
        """Where the files of the data set lie under the data folder."""
        return data / self.dataset

    def present(self, data: Path) -> dict[str, tuple[Path, ...]]:
        """The first form that is wholly there: each of its names with the files it stands for; else empty."""
        for form in self.forms:
            found = {name: _matching(self.folder(data), name) for name in form}
            if all(found.values()):
                return found
        return {}


def data_folder(given: Path | None = None) -> Path:
    """The folder with the data: `given`, else RECURBENCH_DATA, else the platform's cache folder."""
    named = given or os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    try:
        from platformdirs import user_cache_path
    except ImportError:  # it comes with pooch; this is what it says on Linux
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recurbench"
    return user_cache_path("recurbench", appauthor=False)


@functools.cache
def _table() -> dict[str, Any]:
    with TABLE.open("rb") as stream:
        return tomllib.load(stream)


def datasets() -> tuple[str, ...]:
    """The data sets that read files from the data folder; no built-in suite holds one of them."""
    return tuple(sorted(_table()))


def choosers(dataset: str) -> frozenset[str]:
    """The dials of a data set that say which files of the data folder it reads; empty where none do."""
    return frozenset(re.findall(r"\{(\w+)\}", str(_table().get(dataset, {}).get("forms", ""))))


def entry(dataset: str, dials: Mapping[str, Any]) -> Entry:
    """The entry of a data set; of `dials`, those that no file name holds are left out."""
    table = _table()
    if dataset not in table:
        raise ValueError(f"{dataset} reads no file from the data folder; those that do: {', '.join(table)}")
    found = table[dataset]
    own = {name: dials[name] for name in sorted(choosers(dataset))}
    for name, value in own.items():
        if not SAFE.fullmatch(str(value)) or ".." in str(value):
            raise ValueError(
                f"{dataset}: {name} is {value!r}; it names a file, so write letters, digits, _, - and ."
            )
    originals = (_original(one) for one in found.get("originals", ()))
    return Entry(
        dataset,
        own,
        found["summary"],
        found["licence"],
        found["source"],
        tuple(tuple(name.format(**own) for name in form) for form in found["forms"]),
        next((one for one in originals if one.dials == own), None),
    )


def entries() -> list[Entry]:
    """Every original, and what a user brings, there with the dials as words: `ucr[name=NAME]`."""
    found: list[Entry] = []
    for dataset, section in _table().items():
        dials = [one.get("dials", {}) for one in section.get("originals", ())]
        own = {name: name.upper() for name in re.findall(r"\{(\w+)\}", str(section["forms"]))}
        found.extend(entry(dataset, one) for one in (*dials, *([own] if own or not dials else [])))
    return found


def owners(sha256: str) -> list[str]:
    """Every `file of entry` under which these bytes are known."""
    return [
        f"{file['name']} of {entry(dataset, original.get('dials', {})).address}"
        for dataset, section in _table().items()
        for original in section.get("originals", ())
        for file in original.get("files", ())
        if file["sha256"] == sha256
    ]


def there(data: Path) -> list[Entry]:
    """Every entry whose files are all there, those that a user brought included."""
    found: dict[tuple[Path, ...], Entry] = {}
    for dataset, section in _table().items():
        for template in (form[0] for form in section["forms"]):
            for path in sorted((data / dataset).glob(re.sub(r"\{\w+\}", "*", template))):
                one = _reader(dataset, path.relative_to(data / dataset))
                present = (
                    () if one is None else tuple(itertools.chain.from_iterable(one.present(data).values()))
                )
                if one is not None and present:
                    found.setdefault(present, one)
    return list(found.values())


def _reader(dataset: str, first: Path) -> Entry | None:
    """The entry that reads a file, the first of its form; of several spellings the one of the first form."""
    for form in _table()[dataset]["forms"]:
        match = re.fullmatch(_pattern(form[0]), first.as_posix())
        if match and all(SAFE.fullmatch(value) for value in match.groupdict().values()):
            return entry(dataset, match.groupdict())
    return None


def _pattern(template: str) -> str:
    """A template as a regular expression; a dial that stands twice must have one value."""
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
    """`pattern` with every combination of the values; a number stands for 0 to below it."""
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
    """The files a data set reads with these dials, in a fixed order.

    ValueError says which are missing, where they were looked for and how to get them.
    """
    wanted, folder = entry(dataset, dials), data_folder(data)
    present = wanted.present(folder)
    if not present:
        raise ValueError(_missing(wanted, folder))
    found = tuple(itertools.chain.from_iterable(present.values()))
    reader = _reader(dataset, found[0].relative_to(wanted.folder(folder)))
    if reader is not None and reader.address != wanted.address:
        raise ValueError(
            f"{wanted.address} and {reader.address} both name {found[0]}; write {reader.address}, so "
            "that one file is one data set"
        )
    return found


def _missing(wanted: Entry, folder: Path) -> str:
    forms = "; or ".join(", ".join(form) for form in wanted.forms)
    absent = [name for name in wanted.forms[0] if not _matching(wanted.folder(folder), name)]
    lies = "".join(_in_its_place(wanted.folder(folder) / name) for form in wanted.forms for name in form)
    seen = f" ({len(absent)} of the first {len(wanted.forms[0])} missing)" if len(wanted.forms[0]) > 1 else ""
    command = f"recurbench data fetch '{wanted.address}'"
    if wanted.original is None:
        command = (
            f"no address is known for them, so put them there yourself, or take them out of an archive "
            f"you have: {command} --from ARCHIVE"
        )
    else:
        command = f"get them with: {command}"
    return (
        f"{wanted.address} needs {forms}, looked for in {wanted.folder(folder)}{seen}{lies}; {command}; "
        f"another data folder: --data-dir or {VARIABLE}"
    )


def _in_its_place(path: Path) -> str:
    """What lies where a file is missed, or beside that place in a compressed form, as words of a sentence."""
    if path.is_dir():
        return f"; {path.name} is a folder there, put the file itself in its place"
    if path.is_symlink():
        return f"; {path.name} is a link there to {path.readlink()}, which is no file"
    packed = next((more for more in PACKED if path.with_name(f"{path.name}{more}").is_file()), "")
    return f"; {path.name}{packed} lies there, unpack it" if packed else ""


def content(dataset: str, dials: Mapping[str, Any], data: Path | None = None) -> str:
    """One SHA-256 over the files a data set reads, their names included; what a cell's key must hold.

    A file is hashed once per process as long as its size and time of change stay the same.
    """
    return listing_hash(files(dataset, dials, data))


def listing_hash(paths: Sequence[Path]) -> str:
    """SHA-256 of the lines `sha256  file name`, in the order given, joined by line ends."""
    lines = (f"{file_hash(path)}  {path.name}" for path in paths)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, remembered by size and time of change."""
    state = path.stat()
    return _hash(str(path), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=20_000)
def _hash(path: str, size: int, changed: int) -> str:  # noqa: ARG001 size and changed are the cache's key
    return fresh_hash(Path(path))


def fresh_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, read now."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
