"""Reader of the rows of a CSV file of series: header, series names, time stamps as text, numbers."""

from __future__ import annotations

import codecs
import csv
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.reading.lines import PACKED

INDEX = ("unique_id", "ds", "y")
ADDRESS = re.compile("[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # one slash, because a Path drops the other one
UNKNOWN = ("", "nan", "na", "null", "none")  # a value of y that is not known yet
LARGEST, SMALLEST = 1e150, 1e-150  # beyond these the square is infinite, or zero
FIRST = 3  # rows that an error names


@dataclass(frozen=True)
class Rows:
    """The N rows of a file, in the order of the file.

    Attributes
    ----------
    columns : tuple of str
        y, then the covariates known up to the origin, then those known ahead.
    lines : array [N]
        The line at which each row begins.
    names : tuple of str
        The series, in order of appearance.
    owner : array [N]
        The index of each row's series in `names`.
    stamps : sequence of N str
    numbers : array [N, columns]
    known : int
        How many columns, the last ones, are known ahead.
    """

    columns: tuple[str, ...]
    lines: NDArray[np.int64]
    names: tuple[str, ...]
    owner: NDArray[np.int64]
    stamps: Sequence[str]
    numbers: NDArray[np.float64]
    known: int = 0


def read_rows(file: Path, known: Sequence[str]) -> Rows:
    """Read a file whose header names unique_id, ds and y; `known` are the covariates known ahead.

    ValueError names the file, the row, what was found, and what to do.
    """
    lines, cells_read = _cells(file)
    header = _normal_case([name.strip() for name in cells_read[0]])
    asked = [[name] if name in header else name.split(",") for name in known]
    known = [name.strip() for names in asked for name in names]
    _check_header(file, int(lines[0]), header, known)
    if len(cells_read) == 1:
        raise ValueError(f"{file}, row {lines[0]}: there is no row below the header; write one row per step")
    lines, cells = _without_blank(file, header, lines[1:], cells_read[1:])
    places = {name: header.index(name) for name in header}
    texts = list(zip(*cells, strict=True))
    named = list(map(str.strip, texts[places["unique_id"]]))
    if "" in named:
        blank = lines[[not name for name in named]]
        raise ValueError(
            f"{file}, row {blank[0]}: unique_id is blank; name the series the row belongs to{_more(blank)}"
        )
    owner, names = pd.factorize(np.array(named, dtype=object))
    past = [name for name in header if name not in INDEX and name not in known]
    columns = ("y", *past, *known)
    _refuse_future(file, lines, owner, texts[places["y"]])
    numbers = np.stack([_numbers(file, lines, name, texts[places[name]]) for name in columns], axis=1)
    for name, values in zip(columns, numbers.T, strict=True):
        _refuse_scale(file, lines, owner, name, values)
    stamps = list(map(str.strip, texts[places["ds"]]))
    return Rows(columns, lines, tuple(map(str, names)), owner, stamps, numbers, len(known))


def refuse_unreadable(file: Path) -> None:
    """Raise ValueError if this is no regular text file; before it is opened, because a pipe may block."""
    if ADDRESS.match(str(file)) and not file.exists():
        raise ValueError(f"{file}: is a URL; save the file on this machine and give its path")
    if str(file) == "-":
        raise ValueError("-: standard input is not read; save the rows to a file and give its path")
    try:
        kind = file.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ValueError(f"{file}: cannot be read (it is a folder); give the path of a CSV file")
        if not stat.S_ISREG(kind):
            raise ValueError(
                f"{file}: is a pipe or a device, no regular file; save the rows to a file and give its path"
            )
        with file.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise ValueError(f"{file}: cannot be read ({error.strerror}); give the path of a CSV file") from None
    packed = next((name for sign, name in PACKED.items() if start.startswith(sign)), None)
    if packed:
        raise ValueError(
            f"{file}: is packed with {packed}; unpack it and give the path of the CSV file inside"
        )
    if b"\0" in start or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError(f"{file}: looks like UTF-16 or like no text; save the file as CSV in UTF-8")


def _cells(file: Path) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The line at which each row begins, and its fields; the header is the first row that is not blank."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            rows = list(reader)
            read = reader.line_num
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise ValueError(
            f"{file}, row {_broken(file)}: not readable as CSV ({error}); correct the quotes"
        ) from None
    breaks = np.zeros(len(rows), dtype=np.int64)
    if read != len(rows):
        breaks[:] = [sum(len(re.findall(r"\r\n|\r|\n", cell)) for cell in row) for row in rows]
    lines = 1 + np.arange(len(rows)) + np.concatenate([[0], np.cumsum(breaks)[:-1]]) if rows else breaks
    first = next((i for i, row in enumerate(rows) if any(map(str.strip, row))), None)
    if first is None:
        raise ValueError(
            f"{file}, row 1: the file is empty; write a header unique_id,ds,y and one row per step"
        )
    return lines[first:].astype(np.int64), rows[first:]


def _broken(file: Path) -> int:
    """The line at which the row that cannot be read begins."""
    begins = 1
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            for _ in reader:
                begins = reader.line_num + 1
        except csv.Error:
            pass
    return begins


def _normal_case(header: list[str]) -> list[str]:
    """The header with unique_id, ds and y in lower case, if only one column can be meant."""
    small = [name.lower() for name in header]
    return [
        low if low in INDEX and low not in header and small.count(low) == 1 else name
        for name, low in zip(header, small, strict=True)
    ]


def _without_blank(
    file: Path, header: list[str], lines: NDArray[np.int64], cells: list[list[str]]
) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The rows that are not blank; each must have a field for every column."""
    name = header.index("unique_id")
    width = len(header)
    if set(map(len, cells)) == {width} and all(row[name] and not row[name].isspace() for row in cells):
        return lines, cells
    kept = [any(map(str.strip, row)) for row in cells]
    lines, cells = lines[kept], [row for row, keep in zip(cells, kept, strict=True) if keep]
    wrong = np.array([len(row) != width for row in cells], dtype=np.bool_)
    if wrong.any():
        fields = len(cells[int(wrong.argmax())])
        raise ValueError(
            f"{file}, row {lines[wrong][0]}: {fields} fields where the header has {width}; "
            f"write one value for each of {', '.join(header)}{_more(lines[wrong])}"
        )
    if not cells:
        raise ValueError(f"{file}: every row below the header is blank; write one row per step")
    return lines, cells


def _check_header(file: Path, line: int, header: list[str], known: Sequence[str]) -> None:
    seen = f"the columns are {', '.join(header)}"
    for sign, separator in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and sign in header[0]:
            raise ValueError(
                f"{file}, row {line}: one column, {header[0]!r}, with {separator} in it; "
                "separate the columns by commas"
            )
    for name in header:
        if not name or header.count(name) > 1:
            raise ValueError(f"{file}, row {line}: column {name!r} is blank or occurs twice; rename it")
    lacking = [name for name in INDEX if name not in header]
    if lacking:
        raise ValueError(
            f"{file}, row {line}: no column {', '.join(lacking)}; {seen}; "
            f"add or rename {'one' if len(lacking) == 1 else 'columns'}"
        )
    for name in known:
        if name not in header or name in INDEX:
            raise ValueError(
                f"{file}, row {line}: no covariate is called {name!r}, which ahead names; {seen}; "
                "name a column other than unique_id, ds and y"
            )
    if len(set(known)) < len(known):
        raise ValueError(f"{file}, row {line}: ahead is {', '.join(known)}; name each covariate once")


def _numbers(file: Path, lines: NDArray[np.int64], column: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """One column as finite numbers, [N]."""
    try:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
        # Python reads 1_000 as a number, but in a CSV file it is a mistake.
        bad = ~np.isfinite(values)
        if "_" in "".join(texts):
            bad |= np.array(["_" in text for text in texts])
    except ValueError:
        values = np.array([_number(text) for text in texts])
        bad = ~np.isfinite(values)
    if not bad.any():
        return values
    text = texts[int(np.flatnonzero(bad)[0])].strip()
    seen = f"is {text!r}" if text else "is blank"
    todo = "write a number" if column == "y" else "write a number or drop the column"
    if re.fullmatch(r"[+-]?[\d., ]*\d,\d[\d., ]*", text):
        todo = "write it with a decimal point and nothing between thousands, such as 1234.5"
    raise ValueError(
        f"{file}, row {lines[bad][0]}: {column} {seen}, not a finite number; {todo}{_more(lines[bad])}"
    )


def _refuse_future(file: Path, lines: NDArray[np.int64], owner: NDArray[np.int64], y: Sequence[str]) -> None:
    """Raise ValueError if only the ends of series have no y: these rows are meant to be forecast."""
    blank = np.array([text.strip().lower() in UNKNOWN for text in y], dtype=np.bool_)
    if not blank.any():
        return
    places, count = np.arange(len(y)), int(owner.max()) + 1
    first, last = np.full(count, len(y)), np.full(count, -1)
    np.minimum.at(first, owner[~blank], places[~blank])
    np.maximum.at(last, owner[~blank], places[~blank])
    ends, begins = places > last[owner], places < first[owner]  # a file may hold the newest row first
    if (last[owner[blank]] >= 0).all() and (ends[blank].all() or begins[blank].all()):
        rows = f"these {blank.sum()} rows have" if blank.sum() > 1 else "this row has"
        them = "them" if blank.sum() > 1 else "it"
        raise ValueError(
            f"{file}, row {lines[blank][0]}: y is blank at the end of the series: {rows} no y yet; leave "
            f"{them} out, because forecasts are tested on known values"
        )


def _refuse_scale(
    file: Path,
    lines: NDArray[np.int64],
    owner: NDArray[np.int64],
    column: str,
    values: NDArray[np.float64],
) -> None:
    """Raise ValueError if the square of a number is infinite, or all squares of a series are zero."""
    size = np.abs(values)
    most = np.zeros(int(owner.max()) + 1)
    np.maximum.at(most, owner, size)
    large, small = size > LARGEST, (size > 0) & (most < SMALLEST)[owner]
    for wrong, what, unit in ((large, "infinite", "larger"), (small, "zero", "smaller")):
        if wrong.any():
            raise ValueError(
                f"{file}, row {lines[wrong][0]}: {column} is {values[wrong][0]:g}, and its square is {what} "
                f"in floating point; write it in a {unit} unit{_more(lines[wrong])}"
            )


def _number(text: str) -> float:
    try:
        return float(text.replace("_", "?"))
    except ValueError:
        return float("nan")


def _more(lines: NDArray[np.int64]) -> str:
    """The end of an error about the first of `lines`: how many rows have the same fault, and which."""
    if len(lines) == 1:
        return ""
    rest = "and so on" if len(lines) > FIRST else ""
    named = ", ".join([*map(str, lines[:FIRST]), *([rest] if rest else [])])
    return f"; the same is true of {len(lines)} rows: {named}"
