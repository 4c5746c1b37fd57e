"""What readers of text files share: numbered lines, numbers, and errors that name file and line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from recurbench.task import Array

MISSING = ("", "?", "nan", "na")
PACKED = {
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zX": "xz",
}  # by their first bytes
PLAIN = b"0123456789+-.eE,nNaA"
SHOWN = 3  # faults that an error names


class LineError(ValueError):
    """A fault in one line: what was found, and what to do."""

    def __init__(self, seen: str, remedy: str) -> None:
        super().__init__(f"{seen}; {remedy}")
        self.seen, self.remedy = seen, remedy


def lines(path: Path, comments: tuple[str, ...] = ("#", "%")) -> Iterator[tuple[int, str]]:
    """Yield number (from 1) and text of every line that is neither blank nor a comment.

    The text is UTF-8, with or without a byte order mark, or UTF-16 with one. Bytes that are not UTF-8 become
    surrogates, because old archives have some in comments; `refuse_bytes` finds them where they matter.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(tuple(PACKED)):
        raise ValueError(f"{path}: is a compressed archive, and a text file is needed; unpack it")
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    with path.open(encoding="utf-16" if wide else "utf-8-sig", errors="surrogateescape") as text:
        try:
            for number, line in enumerate(text, start=1):
                stripped = line.lstrip()
                if stripped and not stripped.startswith(comments):
                    yield number, line.rstrip("\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: is no valid UTF-16 text ({error.reason}); save it as UTF-8") from error


def refuse_bytes(word: str) -> None:
    """Raise LineError if a name has bytes that are not UTF-8."""
    if not word.isascii() and any("\udc80" <= letter <= "\udcff" for letter in word):
        shown = word.encode("utf-8", "surrogateescape")
        raise LineError(f"the name {shown!r} is not UTF-8", "save the file as UTF-8")


def numbers(text: str, separator: str = ",") -> Array:
    """The numbers [N] of a row, NaN for missing ones; LineError names the first cell that is no number."""
    # With another separator a comma is part of a number, as in 0,5, and must not separate cells.
    foreign = separator != "," and "," in text
    values = None if foreign else _plain(text.replace(separator, ","), text.count(separator) + 1)
    if values is None:
        cells = [cell.strip() for cell in text.split(separator)]
        values = np.fromiter(map(_number, cells), np.float64, len(cells))
    if np.isinf(values).any():
        bad = text.split(separator)[int(np.isinf(values).argmax())].strip()
        raise LineError(f"{bad!r} is no finite number", "write ? where a value is not known")
    return values


def _plain(text: str, count: int) -> Array | None:
    """The numbers of a row of plain numbers, ? and NaN, read fast; None if it has anything else."""
    text = text.replace("?", "nan")
    if text.encode("utf-8", "surrogateescape").translate(None, PLAIN):
        return None
    try:
        values: Array = np.fromstring(text, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    return values if len(values) == count else None


def _number(cell: str) -> float:
    if cell.lower() in MISSING:
        return np.nan
    try:
        # float() reads 1_000 as 1000, but no file format does.
        return float(cell if "_" not in cell else "")
    except ValueError:
        shown = cell if len(cell) <= 40 else f"{cell[:40]}..."
        raise LineError(
            f"{shown!r} is no number", "write a number such as -1.5e3, or ? where it is missing"
        ) from None


def refusal(path: Path, *faults: tuple[int, LineError]) -> ValueError:
    """The error for the faults of a file; it names the first ones with their lines."""
    line, first = faults[0]
    more = "; ".join(f"line {number}: {fault.seen}" for number, fault in faults[1:SHOWN])
    rest = "; ..." if len(faults) > SHOWN else ""
    tail = f" ({len(faults)} lines are at fault; also {more}{rest})" if more else ""
    return ValueError(f"{path}, line {line}: {first.seen}; {first.remedy}{tail}")
