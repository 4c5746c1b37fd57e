"""Cases from a folder of wav files, labelled by their sub-folders or by a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.case_columns import LABELS, CaseColumns, column
from recurbench.reading.cases import Cases
from recurbench.reading.files import head
from recurbench.reading.numerals import MISSING
from recurbench.reading.proposal import Fact, Options
from recurbench.reading.table import Table, listed, read_table
from recurbench.reading.wav_file import at_rate, read_wav

FILES = ("file", "filename", "file_name", "path", "name", "wav")  # names of the column with the files
GROUP = "group"
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")


@dataclass(frozen=True)
class Named:
    """A file with what is known of it: its label, its group, and where that is written."""

    path: Path
    label: str
    group: str
    line: int


def choose_wav_columns(folder: Path, options: Options, named: str = "") -> tuple[CaseColumns, list[Fact]]:
    """Choose what labels the files: the columns of a table in the folder, or the sub-folders.

    Parameters
    ----------
    folder : Path
    options : Options
    named : str
        The name of the table; empty if the folder has only one or none.

    Raises
    ------
    ValueError
        If there are several tables, or a named column does not exist.
    """
    rate = _rate(options.rate)
    table = table_of(folder, named)
    brought = f"{rate} per second" if rate else "as in the files"
    samples = Fact("samples", brought, "named" if rate else "one rate in all files", "--rate")
    if options.time:
        raise ValueError(f"{folder}: wav files have no column of times; leave out --time")
    if table is None:
        wrong = [f"--{name}" for name in ("label", "group", "id") if getattr(options, name)]
        if wrong:
            raise ValueError(
                f"{folder}: {', '.join(wrong)} names a column, and the folder has no table; put a CSV file "
                "with the columns file and label into it, or leave the option out"
            )
        return CaseColumns("wav", "", rate=rate), [
            Fact("label", "the sub-folder of a file", "the folder has no table"),
            samples,
        ]
    file = column(table, options.id, "--id") if options.id else _first(table, FILES, "files", "--id")
    label = column(table, options.label, "--label") if options.label else _label(table, file)
    group = column(table, options.group, "--group") if options.group else _group(table)
    facts = [
        Fact("label", label, "named" if options.label else f"by its name, in {table.path.name}", "--label"),
        Fact("file", file, "named" if options.id else "by its name", "--id"),
        *([Fact("group", group, "no group is in both parts", "--group")] if group else []),
        samples,
    ]
    return CaseColumns("wav", label, file, group, rate=rate, table=named), facts


def names_wavs(path: Path, column: str | None = None) -> bool:
    """Whether a file is a table whose rows name wav files, in `column` or in a column called one of FILES."""
    packed = path.suffix.lower() in (".parquet", ".pq")
    if not packed and b".wav" not in head(path).lower():
        return False
    frame = read_table(path).frame
    names = [one for one in frame.columns if str(one) == column or str(one).lower() in FILES]
    return any(str(name).strip().lower().endswith(".wav") for one in names for name in frame[one][:1])


def holds_wav(folder: Path) -> bool:
    """Whether a folder, or a folder in it, has a wav file."""
    return folder.is_dir() and next(_wavs(folder), None) is not None


def table_of(folder: Path, named: str = "") -> Table | None:
    """The named table of a folder of wav files, else its only one or None; ValueError for several."""
    if named:
        return read_table(folder / named)
    found = [one for one in sorted(folder.iterdir()) if one.is_file() and one.suffix.lower() in TABLES]
    if len(found) > 1:
        raise ValueError(
            f"{folder}: has {len(found)} tables, {listed([one.name for one in found])}; give the path of the "
            "one with the labels of the wav files"
        )
    return read_table(found[0]) if found else None


def wav_cases(folder: Path, columns: CaseColumns, answers: bool = True) -> tuple[Cases, list[str]]:
    """Read the cases of a folder.

    Parameters
    ----------
    folder : Path
    columns : CaseColumns
        With `form` "wav": the columns of the table (`case` is that of the files), none of them if the label
        of a file is the name of its sub-folder; and `rate`, the samples per second that all files are brought
        to, or 0.
    answers : bool
        Whether the labels are read.

    Returns
    -------
    cases : Cases
        A case per file, [samples, channels].
    remarks : list of str
        Files that have no row in the table.

    Raises
    ------
    ValueError
        If a file cannot be read, is missing or empty, if rates or numbers of channels differ, if a label is
        missing or has only one file.
    """
    remarks: list[str] = []
    if not answers:
        named = [Named(path, "", "", place) for place, path in enumerate(_wavs(folder), start=1)]
    elif columns.case:
        named = _in_table(folder, columns, remarks)
    else:
        named = _in_folders(folder)
    read = [read_wav(one.path) for one in named]
    _refuse_mixed(named, read, columns.rate)
    if columns.rate:
        rates = sorted({rate for rate, _ in read})
        had = ", ".join(map(str, rates))
        remarks.append(f"samples per second: {had} in the files, brought to {columns.rate}")
    series = [at_rate(values, rate, columns.rate or rate) for rate, values in read]
    cases = Cases(
        folder,
        series,
        [one.label for one in named] if answers else [],
        [one.line for one in named],
        groups=[one.group for one in named] if answers and columns.group else [],
        names=[one.path.relative_to(folder).as_posix() for one in named],
        padded=False,
        word="row" if answers and columns.case else "file",
    )
    return cases, remarks


def refuse_single(cases: Cases) -> None:
    """Raise ValueError if a label has only one file: it could not be both trained and tested."""
    counts = Counter(map(str, cases.answers))
    single = [i for i, answer in enumerate(cases.answers) if counts[str(answer)] == 1]
    if single:
        shown = ", ".join(f"{cases.answers[i]} ({cases.names[i]})" for i in single[:3])
        raise ValueError(
            f"{cases.path}: {len(single)} of {len(counts)} labels have one file: {shown}"
            f"{', ...' if len(single) > 3 else ''}; a class needs two, one to train and one to test; add a "
            "file, or leave the label out"
        )


def _wavs(folder: Path) -> Iterator[Path]:
    """The wav files in a folder and the folders in it, by their names; hidden ones do not count."""
    for path in sorted(folder.rglob("*")):
        own = path.relative_to(folder).parts
        if path.suffix.lower() == ".wav" and path.is_file() and not any(p.startswith(".") for p in own):
            yield path


def _in_folders(folder: Path) -> list[Named]:
    """The files, each labelled by its sub-folder."""
    paths = list(_wavs(folder))
    loose = [path for path in paths if path.parent == folder]
    if loose:
        raise ValueError(
            f"{loose[0]}: has no label ({len(loose)} such files); move it into a sub-folder that is named "
            f"after its class, or put a CSV file with the columns file and label into {folder}"
        )
    return [
        Named(path, path.relative_to(folder).parts[0], "", place) for place, path in enumerate(paths, start=1)
    ]


def _in_table(folder: Path, columns: CaseColumns, remarks: list[str]) -> list[Named]:
    """The files that the table names, with their labels and groups."""
    table = table_of(folder, columns.table)
    if table is None:
        raise ValueError(f"{folder}: the table with the labels is gone; put it back")
    names, labels = table.texts(columns.case), table.texts(columns.label)
    groups = table.texts(columns.group) if columns.group else [""] * len(names)
    found: dict[Path, Named] = {}
    for name, label, group, line in zip(names, labels, groups, table.lines, strict=True):
        path = folder / name.strip()
        where = f"{table.path}, row {int(line)}"
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(
                f"{where}: the file {name!r} is not in {folder}; correct its name, or remove the row"
            )
        if path in found:
            raise ValueError(
                f"{where}: {name!r} stands in row {found[path].line} too; remove one of the rows"
            )
        if label.lower() in MISSING:
            raise ValueError(f"{where}: {name!r} has no label; write one, or remove the row")
        found[path] = Named(path, label, group, int(line))
    extra = [path.name for path in _wavs(folder) if path not in found]
    if extra:
        remarks.append(f"wav files without a row in {table.path.name} are left out: {listed(extra)}")
    return list(found.values())


def _refuse_mixed(
    named: Sequence[Named], read: Sequence[tuple[int, NDArray[np.float64]]], wanted: int
) -> None:
    """Raise ValueError if the files have several rates or numbers of channels, or too low a rate."""
    rates = [rate for rate, _ in read]
    low = min(range(len(rates)), key=rates.__getitem__)
    if wanted > rates[low]:
        raise ValueError(
            f"--rate {wanted}: {named[low].path} has {rates[low]} samples per second, and samples are never "
            f"added; write --rate {rates[low]} or less"
        )
    other = next((i for i, rate in enumerate(rates) if rate != rates[0]), None)
    if other is not None and not wanted:
        raise ValueError(
            f"{named[other].path}: has {rates[other]} samples per second, and {named[0].path.name} has "
            f"{rates[0]}; bring all to one rate with --rate {rates[low]}"
        )
    sizes = [values.shape[1] for _, values in read]
    other = next((i for i, size in enumerate(sizes) if size != sizes[0]), None)
    if other is not None:
        raise ValueError(
            f"{named[other].path}: has {sizes[other]} channels, and {named[0].path.name} has {sizes[0]}; "
            "save all files with the same channels"
        )


def _rate(given: object) -> int:
    """The samples per second that a user asks for; 0 where none are."""
    if given is None:
        return 0
    text = str(given)
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(
            f"--rate {text}: is no whole number of samples per second; write for example --rate 8000"
        )
    return int(text)


def _first(table: Table, names: Sequence[str], what: str, option: str) -> str:
    lower = {str(name).lower(): str(name) for name in table.frame.columns}
    found = next((lower[name] for name in names if name in lower), "")
    if not found:
        raise ValueError(
            f"{table.path}: which column names the {what}? its columns are {listed(list(lower.values()))}; "
            f"name it with {option}"
        )
    return found


def _label(table: Table, file: str) -> str:
    """The column of the labels: by its name, else the only one beside that of the files."""
    lower = {str(name).lower(): str(name) for name in table.frame.columns if str(name) != file}
    others = [name for name in lower.values() if name.lower() != GROUP]
    if not any(name in lower for name in LABELS) and len(others) == 1:
        return others[0]
    return _first(table, LABELS, "labels", "--label")


def _group(table: Table) -> str:
    return next((str(name) for name in table.frame.columns if str(name).lower() == GROUP), "")
