"""Reader of time stamps: dates, dates with a time zone, dates as digits, Unix time, and step numbers."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.reading.dates import in_iso, padded
from recurbench.task import Array

Ints = NDArray[np.int64]
# Raises the error for the text at an index; the sentence says what is wrong and what to do.
Refuse = Callable[[int, str], NoReturn]

YEARS = (1600, 2199)  # the range of the first four digits of a date
UNITS = {9: "s", 10: "s", 12: "ms", 13: "ms", 15: "us", 16: "us", 18: "ns", 19: "ns"}
SPARE = {11: "ms", 14: "us", 17: "ns"}  # before 1973, if the step agrees
SECONDS = {"ns": 10**9, "us": 10**6, "ms": 1000, "s": 1}  # units per second
MANY = 10  # with so many time stamps their common step shows the unit
FINE = re.compile(r"[.,]\d{7,}")  # digits below a microsecond are cut off
WORDS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
PLAIN = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?\n)+", re.ASCII)
FIRST = 3  # time stamps that an error names
NO_ZONE = -(10**6)  # stands for an offset in minutes
ENOUGH = 0.9  # if this share of the numbers are months, the others are mistakes


@dataclass(frozen=True)
class Stamps:
    """The N time stamps of a file.

    Attributes
    ----------
    written : array [N]
        datetime64[us] in local time as written, or int64 step numbers.
    order : array [N] of int64
        For sorting: microseconds (in UTC if a time stamp has a time zone), or step numbers.
    offsets : array [N]
        Minutes ahead of UTC; empty if no time stamp has a time zone.
    note : str
        How digits were read; empty if there was only one way.
    """

    written: Array
    order: Ints
    offsets: Ints
    note: str = ""


def read_stamps(texts: Sequence[str], refuse: Refuse, column: str = "ds") -> Stamps:
    """Read N texts; `refuse` is called for one that cannot be read, or that has two readings.

    `column` is what the sentences call the time stamps.
    """
    codes, unique = pd.factorize(np.array(texts, dtype=object))
    unique_texts = [str(text) for text in unique]

    def at(place: int, sentence: str) -> NoReturn:
        refuse(int(np.flatnonzero(codes == place)[0]), f"{column or 'the time stamp'} {sentence}")

    unique_texts, note = in_iso(unique_texts, at)
    numbered = re.fullmatch(r"[+-]?\d+", unique_texts[0]) is not None
    stamps = _digits(unique_texts, at) if numbered else None
    if stamps is None:
        stamps = _dates(unique_texts, at)
    stamps = replace(stamps, note=note or stamps.note.replace("ds", column, 1))
    if not len(stamps.offsets):
        return Stamps(stamps.written[codes], stamps.order[codes], stamps.offsets, stamps.note)
    offsets = stamps.offsets[codes]
    _refuse_mixed(texts, offsets != NO_ZONE, lambda place, says: refuse(place, f"{column} {says}"))
    return Stamps(stamps.written[codes], stamps.order[codes], offsets, stamps.note)


def _refuse_mixed(texts: Sequence[str], zoned: NDArray[np.bool_], refuse: Refuse) -> None:
    """Refuse a mix of time stamps with and without a time zone; name a row of the smaller group."""
    few = zoned if zoned.mean() < 0.5 else ~zoned
    if few.any():
        one, other = int(few.argmax()), int((~few).argmax())
        has, had = ("a", "none") if zoned[one] else ("no", "one")
        refuse(
            one,
            f"is {texts[one]!r}, with {has} zone, where {texts[other]!r} has {had} ({int(few.sum())} of "
            f"{len(few)} rows); write all time stamps with their zone, or all without",
        )


def _dates(texts: list[str], refuse: Refuse) -> Stamps:
    """Read ISO 8601 dates and times; among others with a zone, one without has the offset NO_ZONE."""
    plain = _plain(texts)
    if plain is not None:
        return plain
    moments = [_date(texts, place, refuse) for place in range(len(texts))]
    written = np.array([when.replace(tzinfo=None) for when in moments], dtype="datetime64[us]")
    fine = [place for place, text in enumerate(texts) if FINE.search(text)]
    _refuse_merged([texts[i] for i in fine], written[fine], lambda i, says: refuse(fine[i], says))
    ticks = written.astype(np.int64)
    ahead = [when.utcoffset() for when in moments]
    if not any(offset is not None for offset in ahead):
        return Stamps(written, ticks, np.array([], dtype=np.int64))
    minute = timedelta(minutes=1)
    minutes = np.array([NO_ZONE if o is None else o // minute for o in ahead], dtype=np.int64)
    return Stamps(written, ticks - np.where(minutes == NO_ZONE, 0, minutes) * 60_000_000, minutes)


def _plain(texts: list[str]) -> Stamps | None:
    """The same for the usual forms, fast; None if a text has another form or is no date."""
    zoned = all(text[-6:-5] in ("+", "-") and text[-3:-2] == ":" for text in texts)
    walls = [text[:-6] for text in texts] if zoned else texts
    if PLAIN.fullmatch("\n".join(walls) + "\n") is None:
        return None
    try:
        written = np.array(walls, dtype="datetime64[us]")
    except ValueError:
        return None
    if written.min() < np.datetime64("0001"):
        return None
    ticks, none = written.astype(np.int64), np.array([], dtype=np.int64)
    if not zoned:
        return Stamps(written, ticks, none)
    codes, zones = pd.factorize(np.array([text[-6:] for text in texts], dtype=object))
    ahead = [int(f"{zone[0]}1") * (60 * int(zone[1:3]) + int(zone[4:])) for zone in map(str, zones)]
    minutes = np.array(ahead, dtype=np.int64)[codes]
    return Stamps(written, ticks - minutes * 60_000_000, minutes)


def _parsed(text: str) -> datetime | None:
    month = len(text) == 7 and text[4] == "-" and text[5:].isdigit()
    try:
        if text.isdigit() and len(text) != 8:
            raise ValueError
        return datetime.fromisoformat(f"{text}-01" if month else padded(text))
    except ValueError:
        return None


def is_iso(text: str) -> bool:
    """Whether a text is a date or a time in ISO 8601."""
    return _parsed(text) is not None


def _date(texts: list[str], place: int, refuse: Refuse) -> datetime:
    text = texts[place]
    when = _parsed(text)
    if when is not None:
        return when
    todo = "write a date such as 2024-01-31"
    if all(re.fullmatch(r"[+-]?\d+\.0*", word) for word in texts):
        todo = "write it without the decimal point"
    elif re.fullmatch(r"(1[6-9]|2[01])\d\d\.\d+", text):
        month = 1 + min(round(12 * float("0" + text[4:])), 11)
        todo = f"write a month such as {text[:4]}-{month:02d}, or number the steps from 1"
    elif re.fullmatch(r"[+-]?\d*(\.\d+|\.?\d+e[+-]?\d+|\.\d+e[+-]?\d+)", text, re.IGNORECASE):
        todo = "number the steps from 1, or write a date such as 2024-01-31"
    wrong = [word for word in texts if _parsed(word) is None]
    named = ", ".join([*map(repr, wrong[:FIRST]), *(["and so on"] if len(wrong) > FIRST else [])])
    more = f"; {len(wrong)} time stamps cannot be read: {named}" if len(wrong) > 1 else ""
    return refuse(place, f"is {text!r}; {todo}{more}")


def _digits(texts: list[str], refuse: Refuse) -> Stamps | None:
    """Read whole numbers: step numbers, dates as digits, or Unix time.

    None for dates of eight digits, which `_dates` reads.
    """
    if len(texts[0]) == 8 and texts[0].isdigit() and any(map(_is_day, texts)):
        return None
    for place, text in enumerate(texts):
        if re.fullmatch(r"[+-]?\d+", text) is None:
            refuse(place, f"is {text!r}; write a whole number as in the first row")
        if len(text) > 19 or abs(int(text)) >= 2**63:
            refuse(place, f"is {text!r}, which has too many digits; number the steps from 1")
    numbers = np.array(list(map(int, texts)), dtype=np.int64)
    lengths = {len(text) for text in texts}
    if len(lengths) == 1 and texts[0].isdigit() and len(texts) > 1:
        length = lengths.pop()
        _refuse_unclear(texts, numbers, length, refuse)
        if _compact(numbers, length).all():
            return _as_dates(texts, length, refuse)
    name = _epoch(texts, refuse)
    if name is not None:
        written = numbers.astype(f"datetime64[{name}]").astype("datetime64[us]")
        if name == "ns":
            _refuse_merged(texts, written, refuse)
        note = f"ds read as {WORDS[name]} since 1970 in UTC"
        return Stamps(written, written.astype(np.int64), np.array([], dtype=np.int64), note)
    if len(texts[0]) == 8 and texts[0].isdigit():
        return None
    return Stamps(numbers, numbers, np.array([], dtype=np.int64))


def _epoch(texts: list[str], refuse: Refuse) -> str | None:
    """The unit of Unix time stamps; None for step numbers.

    For times since 1973 the number of digits shows the unit. Before 1973 the common step shows it, which is
    then whole hours or minutes.
    """
    values = sorted(set(map(int, texts)))
    step = math.gcd(*(b - a for a, b in itertools.pairwise(values)))
    large = max(map(abs, values))
    many = step > 0 and len(values) >= MANY
    for unit, second in SECONDS.items():
        if many and step % (3600 * second) == 0 and large < 10**11 * second:
            return unit
    units = [UNITS.get(len(text.lstrip("+-"))) for text in texts]
    if not any(units):
        spare = SPARE.get(len(str(large)))
        if spare and step and step % (60 * SECONDS[spare]) == 0:
            return spare
        if many and step % 60 == 0 and values[0] % 60 == 0 and large < 10**8:
            refuse(
                0,
                f"is {texts[0]!r} and goes on in steps of {step}, which may be seconds since 1970 or step "
                "numbers; write dates, or number the steps from 1",
            )
        return None
    name = UNITS.get(len(str(large)))
    if name and len(set(units)) > 1 and many and step % (60 * SECONDS[name]) == 0:
        return name
    seen = next(place for place, unit in enumerate(units) if unit)
    for place, other in enumerate(units):
        if other != units[seen]:
            refuse(
                place,
                f"is {texts[place]!r}, where {texts[seen]!r} looks like {WORDS[units[seen] or 's']} since "
                "1970; write all time stamps in one unit, or as dates",
            )
    return units[seen]


def _refuse_merged(texts: list[str], written: Array, refuse: Refuse) -> None:
    """Refuse different texts that give the same time stamp in microseconds."""
    if len(np.unique(written)) < len(written):
        place = int(pd.Series(written).duplicated().to_numpy().argmax())
        refuse(
            place,
            f"is {texts[place]!r}, which differs from another by less than a microsecond; number the "
            "steps from 1",
        )


def _is_day(text: str) -> bool:
    """Whether eight digits can be a date between the YEARS."""
    return len(text) == 8 and text.isdigit() and bool(_compact(np.array([int(text[:6])]), 6)[0])


def _as_dates(texts: list[str], length: int, refuse: Refuse) -> Stamps:
    """Read dates as digits: YYYY, YYYYMM, YYYYMMDDHH, ..."""
    ends = [end for end in (4, 6, 8, 10, 12, 14) if end <= length]
    signs = ("-", "-", "T", ":", ":")

    def dated(text: str) -> str:
        parts = [text[:4], *(s + text[a:b] for s, a, b in zip(signs, ends, ends[1:], strict=False))]
        return "".join(parts)

    try:
        written = np.array([dated(text) for text in texts], dtype="datetime64[us]")
    except ValueError:
        for place, text in enumerate(texts):
            try:
                np.datetime64(dated(text))
            except ValueError:
                refuse(place, f"is {text!r}, which is no date; write a date such as 2024-01-31")
        raise
    note = f"ds read as {'YYYYMMDDHHMMSS'[:length]}"
    return Stamps(written, written.astype(np.int64), np.array([], dtype=np.int64), note)


def _compact(numbers: Ints, length: int) -> NDArray[np.bool_]:
    """Which numbers [N] can be dates of `length` digits that start with a year."""
    if length not in (4, 6, 10, 12, 14):
        return np.zeros(len(numbers), dtype=np.bool_)
    parts, rest = [], numbers
    for _ in range((length - 4) // 2):
        parts.append(rest % 100)
        rest = rest // 100
    fits = (YEARS[0] <= rest) & (rest <= YEARS[1])
    limits = ((1, 12), (1, 31), (0, 23), (0, 59), (0, 59))
    for part, (low, high) in zip(parts[::-1], limits, strict=False):
        fits &= (low <= part) & (part <= high)
    return fits


def _refuse_unclear(texts: list[str], numbers: Ints, length: int, refuse: Refuse) -> None:
    """Refuse digits that may be a date in an unknown form, or a month that does not exist."""

    def within(last: int, low: int, high: int) -> bool:
        year, part = numbers // 10**last, numbers % 10**last
        return bool(
            ((YEARS[0] <= year) & (year <= YEARS[1])).all() and ((low <= part) & (part <= high)).all()
        )

    year, text = texts[0][:4], texts[0]
    if length == 5 and within(1, 1, 4):
        month = 3 * int(text[4]) - 2
        refuse(
            0,
            f"is {text!r}, which looks like a year and its quarter; write the quarter's first day, such "
            f"as {year}-{month:02d}-01, or number the steps from 1",
        )
    if length == 6:
        months = _compact(numbers, 6)
        if ENOUGH <= months.mean() < 1:
            place = int(np.flatnonzero(~months)[0])
            refuse(
                place,
                f"is {texts[place]!r}, where other rows look like YYYYMM; write a month from 01 to 12",
            )
        if not months.all() and within(2, 1, 53):
            refuse(
                0,
                f"is {text!r}, which looks like a year and its week; write {year}-W{text[4:]}, or number "
                "the steps from 1",
            )
    if length == 7 and within(3, 1, 366):
        refuse(
            0,
            f"is {text!r}, which looks like a year and its day; write a date such as {year}-01-31, or "
            "number the steps from 1",
        )
