"""Reader of a table: comma-separated text in any dialect, or parquet; every cell is kept as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.reading.files import begins, refuse_unreadable, text_of
from recurbench.reading.numerals import MISSING

DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", " ": "blanks"}
TITLES = 5  # lines above the header that may hold a title
DECIMAL = re.compile(r"\s*[+-]?\d+,\d+\s*")
SAMPLE = 200  # rows from which the delimiter is judged
NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T][\d:.]+)?")
PARQUET = b"PAR1"
MARKUP = re.compile(r"\s*(<|\{|\[\s*\{)")  # how HTML, XML and JSON begin
TIME = "time"  # the column of an index of dates that has no name
SHOWN = 3  # rows that an error names


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it stands in a file.

    Attributes
    ----------
    path : Path
    frame : DataFrame [N, columns]
        Cells as text without blanks around them; the names of the columns are unique.
    lines : array [N]
        The line of the file at which each row begins; for parquet the number of the row, from 1.
    head : int
        The line of the header.
    how : tuple of str
        What is unusual about the file, such as "semicolons between the columns" or "gzip".
    delimiter : str
    """

    path: Path
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    head: int = 1
    how: tuple[str, ...] = ()
    delimiter: str = ","

    def texts(self, column: str) -> list[str]:
        """One column."""
        texts: list[str] = self.frame[column].tolist()
        return texts


def read_table(path: Path) -> Table:
    """Read a file of rows; ValueError names the file, the row, what was found, and what to do."""
    refuse_unreadable(path)
    if begins(path).startswith(PARQUET):
        return _parquet(path)
    text, encoding, packed = text_of(path)
    if MARKUP.match(text):
        raise ValueError(f"{path}: is JSON, HTML or XML, not a table of rows; save the table as CSV")
    delimiter = _delimiter(text)
    lines, rows = _rows(path, text, delimiter)
    header, lines, rows, head, named = _header(path, lines, rows)
    how = (
        *([packed] if packed else []),
        *([encoding.upper()] if encoding != "utf-8" else []),
        *([f"{DELIMITERS[delimiter]} between the columns"] if delimiter != "," and len(header) > 1 else []),
        *([] if named else ["no header: the columns are called column 1, column 2, and so on"]),
    )
    texts = list(zip(*rows, strict=True))
    columns = {name: pd.Series(cells, dtype=object) for name, cells in zip(header, texts, strict=True)}
    return Table(path, pd.DataFrame(columns), lines, head, how, delimiter)


def _delimiter(text: str) -> str:
    """The sign between the columns: one that gives most rows as many fields as the header, above one.

    Tabs, semicolons and bars are tried before commas, which may be decimal signs, and blanks last, because
    dates and names hold some.
    """
    sample = [line for line in text[:200_000].splitlines() if line.strip()][:SAMPLE]
    for sign in DELIMITERS:
        fields = [len(row) for row in _split(sample, sign)]
        if not fields:
            continue
        usual = max(set(fields), key=lambda count: (fields.count(count), count))
        # R writes no name above the names of the rows.
        headed = any(count in (usual, usual - 1) for count in fields[:TITLES])
        if sign == "," and fields[0] == 1 and all(map(DECIMAL.fullmatch, sample[1:])):
            return "\t"  # one column, with decimal commas
        share = fields.count(usual) / len(fields)
        if usual > 1 and headed and share >= (0.99 if sign == " " else 0.5) - 1 / len(fields):
            return sign
    return ","


def _split(lines: Sequence[str], sign: str) -> list[list[str]]:
    if sign == " ":
        return [line.split() for line in lines]
    try:
        return list(csv.reader(lines, delimiter=sign))
    except csv.Error:
        return []


def _rows(path: Path, text: str, delimiter: str) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The line at which each row begins, and its fields; blank rows are left out."""
    stream = io.StringIO(text, newline="")
    options: dict[str, Any] = {"delimiter": delimiter, "skipinitialspace": delimiter == " ", "strict": True}
    if delimiter == " ":
        stream = io.StringIO("\n".join(" ".join(line.split()) for line in text.splitlines()))
    reader = csv.reader(stream, **options)
    rows, begun, line = [], [], 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append(cells)
                begun.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}, row {line}: not readable as CSV ({error}); correct the quotes") from None
    if not rows:
        raise ValueError(
            f"{path}, row 1: the file is empty; write a header such as date,sales and one row per step"
        )
    return np.array(begun, dtype=np.int64), rows


def _header(
    path: Path, lines: NDArray[np.int64], rows: list[list[str]]
) -> tuple[list[str], NDArray[np.int64], list[list[str]], int, bool]:
    """The names of the columns, the rows below, the line of the header, and whether there is one."""
    while len(rows) > 2 and len(rows[0]) == 1 < len(rows[1]) and not any(map(_is_value, rows[1])):
        lines, rows = lines[1:], rows[1:]  # a title above the header
    named = _is_header(rows)
    header = rows[0] if named else [f"column {i + 1}" for i in range(len(rows[0]))]
    if named:
        lines, head, rows = lines[1:], int(lines[0]), rows[1:]
    else:
        head = 0
    if not rows:
        raise ValueError(f"{path}, row {head}: there is no row below the header; write one row per step")
    _refuse_twice(path, head, header)
    counts = np.array([len(row) for row in rows])
    if named and (counts == len(header) + 1).all():
        header = ["", *header]  # R writes the names of the rows without a name above them
    while (
        len(header) > 1
        and header[-1] == ""
        and (counts >= len(header)).all()
        and not any(any(row[len(header) - 1 :]) for row in rows)
    ):
        header = header[:-1]  # a delimiter at the end of every line
        rows = [row[: len(header)] for row in rows]
        counts = np.array([len(row) for row in rows])
    wrong = counts != len(header)
    if named and len(header) == 1 and wrong.all():
        raise ValueError(
            f"{path}, row {head}: the header {header[0]!r} is one column where the rows have {counts[0]}; "
            "separate its names as the rows are separated"
        )
    if wrong.any():
        first = int(wrong.argmax())
        raise ValueError(
            f"{path}, row {lines[first]}: {counts[first]} fields where the header has {len(header)}; "
            f"write one value for each of {listed(header)}{more(lines[wrong])}"
        )
    return header, lines, rows, head, named


def _refuse_twice(path: Path, head: int, header: Sequence[str]) -> None:
    """ValueError if two columns have one name, or two have none."""
    for name in header[:-1]:
        if header.count(name) > 1 and (name or header[:-1].count("") > 1):
            raise ValueError(f"{path}, row {head}: column {name!r} is blank or occurs twice; rename it")


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: it holds words, or numbers that count the columns."""
    first = [cell for cell in rows[0] if cell]
    if any(not _is_value(cell) for cell in first):
        return True
    if len(rows) == 1:
        return False
    counted = [str(i) for i in range(len(first))], [str(i + 1) for i in range(len(first))]
    if first in counted and (len(first) > 1 or len(rows[0]) > len(first)):
        return True
    # A name beside values of another form, such as 2020 above 0.5.
    return not all(map(_is_value, rows[1])) and rows[0][0] == "" and any(rows[1])


def _is_value(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell) or DATE.fullmatch(cell)) or cell.lower() in MISSING


def _parquet(path: Path) -> Table:
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise ValueError(
            f"{path}: parquet needs pyarrow; install it with pip install 'recurbench[parquet]'"
        ) from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as parquet ({error}); write the file again") from None
    frame = as_text(with_index(frame, str(path)))
    return Table(path, frame, np.arange(1, len(frame) + 1), 0, ("parquet",))


def with_index(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """A frame with its index as columns, where the index says more than the number of a row.

    ValueError, with `what` as the name of the frame, if a column has the name of the index.
    """
    index = frame.index
    counts = index.nlevels == 1 and index.name is None and pd.api.types.is_integer_dtype(index.dtype)
    if counts:
        return frame.reset_index(drop=True)
    names = [f"level_{i}" if name is None else str(name) for i, name in enumerate(index.names)]
    if index.names == [None]:
        names = [TIME if TIME not in frame.columns else "index"]
    inside = [name for name in names if name in frame.columns]
    if inside:
        raise ValueError(
            f"{what} has {inside[0]!r} both as a column and as its index; rename one, or drop the index with "
            "reset_index(drop=True)"
        )
    return frame.rename_axis(index=names).reset_index()


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with every cell as text, without its index."""
    return pd.DataFrame({str(name): _column(frame[name]) for name in frame.columns})


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    missing = column.isna()
    if pd.api.types.is_datetime64_any_dtype(column):
        texts = column.map(lambda when: when.isoformat(), na_action="ignore")
    elif pd.api.types.is_bool_dtype(column):
        texts = column.astype("Int64").astype(str)
    elif pd.api.types.is_float_dtype(column):
        texts = column.astype("float64").map(repr, na_action="ignore")
    else:
        texts = column.astype(str).str.strip()
    return texts.astype(object).where(~missing, "")


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names, with a count of those left out."""
    shown = ", ".join(name or "''" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def more(lines: NDArray[np.int64]) -> str:
    """The end of an error about the first of `lines`: how many rows have the same fault, and which."""
    return "" if len(lines) == 1 else f"; the same is true of {len(lines)} rows: {named_rows(lines)}"


def named_rows(lines: Sequence[int] | NDArray[np.int64]) -> str:
    """The first rows, and whether there are more."""
    rest = ["and so on"] if len(lines) > SHOWN else []
    return ", ".join([*(str(int(line)) for line in lines[:SHOWN]), *rest])
