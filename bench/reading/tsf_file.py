"""Reader of .tsf files, the format of the Monash archive (Godahewa et al. 2021, arXiv:2105.06643)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from recurbench.reading.lines import LineError, lines, numbers, refusal, refuse_bytes
from recurbench.task import Array

KINDS = ("numeric", "string", "date")
DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})[-:](\d{1,2})(?:[-:](\d{1,2}))?)?")
# The word `end` or `last` in a name, as in end_timestamp and seriesEnd, but not in calendar or trend.
END = re.compile("(?:^|[^A-Za-z])(?i:end|last|final)|[a-z](?:End|Last|Final)")
# Fields are separated by colons, but a date may have colons, too.
FIELDS = {"numeric": "([^:]*)", "string": "(.*?)", "date": r"(\s*\d+-\d+-\d+(?:[ T][\d:-]+)?\s*)"}
# Attributes that hold the horizon of a series, and the words of the header, by how they may be written.
HORIZON = re.compile("(?:forecast(?:ing)?|prediction)?[ _-]*horizon|prediction[ _-]*length", re.IGNORECASE)
KEYS = ("@relation", "@attribute", "@frequency", "@horizon", "@missing", "@equallength", "@data")
SHAPE = "write '@attribute NAME KIND' for every field before the values, then @data, then one series per line"


@dataclass(frozen=True)
class Row:
    """One series. Its name is made of all attributes except dates and horizon; values [T], NaN if missing.

    horizon: the steps to forecast of this series; 0 if the file gives it none of its own.
    """

    name: str
    values: Array
    start: datetime | None
    line: int
    horizon: int = 0


@dataclass
class Table:
    """The series of a file, and its header.

    Attributes
    ----------
    start : str
        The attribute with the date of the first value; empty if there is none.
    frequency : str
        In lower case, as written.
    horizon : int
        0 if the header has none.
    """

    path: Path
    attributes: list[tuple[str, str]] = field(default_factory=list)
    start: str = ""
    frequency: str = ""
    horizon: int = 0
    rows: list[Row] = field(default_factory=list)


def read_tsf(path: Path) -> Table:
    """Read the series of a file.

    Keywords are read in upper and lower case, with a colon behind them or without. ?, NaN, NA and empty cells
    are missing values. Names are UTF-8, or Windows-1252 as in the archive's own reader. An attribute called
    horizon, forecast_horizon or prediction_length is the horizon of its series, whatever its kind. @missing
    and @equallength are ignored, and so are other words that are not nearly one of the header. Lines that
    start with # are comments, except for series whose name starts with #.

    Raises
    ------
    ValueError
        Names the first lines that cannot be read, or what is missing in the header.
    """
    table = Table(path)
    stream = lines(path, comments=())
    _head(table, stream)
    faults: list[tuple[int, LineError]] = []
    known: dict[str, int] = {}
    for line, text in stream:
        if text.lstrip().startswith("#") and not _named(text.strip(), table.attributes):
            continue
        try:
            row = _row(table, text.strip(), line)
            if row.name in known:
                raise LineError(f"the series {row.name!r} is on line {known[row.name]}, too", "rename one")
        except LineError as fault:
            faults.append((line, fault))
            continue
        known[row.name] = line
        table.rows.append(row)
    if faults:
        raise refusal(path, *faults)
    if not table.rows:
        raise ValueError(f"{path}: has no series after @data; {SHAPE}")
    return table


def _head(table: Table, stream: Iterator[tuple[int, str]]) -> None:
    """Read the header, up to and including @data."""
    first: dict[str, tuple[int, list[str]]] = {}
    for line, text in stream:
        key, *rest = _words(text)
        if key.startswith("#"):
            continue
        try:
            if not key.startswith("@"):
                raise LineError("a line without @ comes before @data", SHAPE)
            if key == "@data":
                if not table.attributes:
                    raise LineError("no @attribute comes before @data", SHAPE)
                table.start = _start([name for name, kind in table.attributes if kind == "date"])
                return
            if key in ("@frequency", "@horizon"):
                before, words = first.setdefault(key, (line, rest))
                if rest != words:
                    raise LineError(f"{text.strip()!r}, and line {before} says another", "keep one of them")
            _keep(table, key, rest, text.strip())
        except LineError as fault:
            raise refusal(table.path, (line, fault)) from None
    raise ValueError(f"{table.path}: no header line @data; {SHAPE}")


def _start(dates: list[str]) -> str:
    """The attribute with the date of the first value, found by its name if there are several; "" for none."""
    starts = [name for name in dates if "start" in name.lower()]
    if len(starts) == 1 or not dates:
        return "".join(starts)
    if len(dates) > 1:
        raise LineError(
            f"{len(dates)} attributes are dates ({', '.join(dates)}), and {len(starts)} of them say start",
            "name only the date of the first value start_timestamp",
        )
    if END.search(dates[0]):
        raise LineError(
            f"the only date, {dates[0]}, names an end",
            "give the date of the first value instead, as '@attribute start_timestamp date', or none",
        )
    return dates[0]


def _words(text: str) -> list[str]:
    """The words of a header line; the first one in lower case, without a colon, and by its usual name."""
    if text.lstrip().startswith("@"):
        text = re.sub(r"^\s*(@\w+)\s*:", r"\1 ", text)
    key, *rest = text.split()
    return ["@horizon" if HORIZON.fullmatch(key[1:]) else key.lower(), *rest]


def _keep(table: Table, key: str, rest: list[str], text: str) -> None:
    """Store a header line in the table. LineError for a word that is nearly one of the header."""
    nearest = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.8)
    if nearest and key not in KEYS:
        raise LineError(f"{text!r} is no header line that is known", f"write {nearest[0]} if that is meant")
    if key == "@attribute":
        if len(rest) < 2 or rest[-1].lower() not in KINDS:
            raise LineError(f"{text!r}", f"write '@attribute NAME KIND', KIND one of {', '.join(KINDS)}")
        table.attributes.append((" ".join(rest[:-1]), rest[-1].lower()))
    elif key == "@frequency":
        table.frequency = " ".join(rest).lower()
    elif key == "@horizon":
        if len(rest) != 1 or not rest[0].isdecimal() or int(rest[0]) < 1:
            raise LineError(f"{text!r}", "write '@horizon' and a whole number from 1")
        table.horizon = int(rest[0])


def _row(table: Table, text: str, line: int) -> Row:
    fields, last = _fields(text, table.attributes)
    names: list[str] = []
    start, horizon = None, 0
    for (name, kind), content in zip(table.attributes, map(str.strip, fields), strict=True):
        if kind == "date":
            moment = _date(content)
            start = moment if name == table.start else start
        elif HORIZON.fullmatch(name):
            horizon = _steps(name, content)
        else:
            names.append(str(_whole(name, content)) if kind == "numeric" else _text(content))
    values = numbers(last)
    if np.isnan(values).all():
        raise LineError("the series has no value", "leave it out")
    return Row(":".join(names) or str(len(table.rows)), values, start, line, horizon)


def _named(text: str, attributes: list[tuple[str, str]]) -> bool:
    """Whether a line that starts with # is a series: it has all fields and a value."""
    if attributes[0][1] != "string" or text[1:2].isspace():
        return False
    try:
        _, last = _fields(text, attributes)
    except LineError:
        return False
    return any(map(_is_number, last.split(",")))


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _fields(text: str, attributes: list[tuple[str, str]]) -> tuple[list[str], str]:
    """The attributes of a row, and its values, as text."""
    *fields, last = text.split(":")
    if len(fields) != len(attributes):
        fields = _matched(text.removesuffix(f":{last}"), len(fields), attributes)
    return fields, last


def _matched(text: str, count: int, attributes: list[tuple[str, str]]) -> list[str]:
    """The fields of a row with too many colons, if there is only one reading."""
    pattern = ":".join(FIELDS[kind] for _, kind in attributes)
    match = re.fullmatch(pattern, text) if count > len(attributes) else None
    wordy = [kind for _, kind in attributes if kind == "string"]
    if match is None or len(wordy) > 1:
        wanted = " : ".join((*(name for name, _ in attributes), "values"))
        raise LineError(
            f"{count + 1} fields separated by ':', needed are {len(attributes) + 1} ({wanted})",
            "write one for each attribute, names without ':'",
        )
    return list(match.groups())


def _date(content: str) -> datetime:
    match = DATE.fullmatch(content)
    try:
        return datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type, union-attr]
    except (AttributeError, ValueError):
        raise LineError(f"{content!r} is no date", "write it as 1979-01-31 00-00-00") from None


def _whole(name: str, content: str) -> int:
    try:
        number = float(content)
        if number == int(number):
            return int(number)
    except (ValueError, OverflowError):
        pass
    raise LineError(f"{name} is {content!r}, and its kind is numeric", "write a whole number, or kind string")


def _steps(name: str, content: str) -> int:
    """The horizon of a series: a whole number from 1."""
    try:
        steps = _whole(name, content)
    except LineError:
        steps = 0
    if steps < 1:
        raise LineError(f"{name} is {content!r}", "write a whole number of steps, from 1")
    return steps


def _text(content: str) -> str:
    try:
        refuse_bytes(content)
    except LineError:
        return content.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return content
