"""Notations of dates other than ISO 8601: quarters, months by name, days and months between slashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import NoReturn

import numpy as np
from recurbench.reading.weeks import most_common

Refuse = Callable[[int, str], NoReturn]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
TIME = r"(?:[ T,]+(?P<time>\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
QUARTER = re.compile(
    r"(?P<year>\d{4})[ _:/-]*[Qq](?P<quarter>[1-4])|[Qq](?P<quarter2>[1-4])[ _:/-]*(?P<year2>\d{4})"
)
MONTH = re.compile(
    r"(?P<year>\d{4})[ _:/-]*(?P<name>[A-Za-z]{3,9})\.?"
    r"|(?P<name2>[A-Za-z]{3,9})\.?[ _:/,'-]*(?P<year2>\d{4})"
)
MONTH_OF = re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ '/-](?P<year>\d\d)")
COUNTED = re.compile(r"(?P<year>\d{4})M(?P<month>\d{1,2})")
NAMED_DAY = re.compile(
    r"(?:(?P<day>\d{1,2})[ -]+(?P<name>[A-Za-z]{3,9})\.?|(?P<name2>[A-Za-z]{3,9})\.?[ -]+(?P<day2>\d{1,2}))"
    r"[ ,-]+(?P<year>\d{4}|\d\d)" + TIME
)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})(?:[/.](?P<day>\d{1,2}))?" + TIME)
SLASHED = re.compile(r"(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)" + TIME)
MONTH_SLASHED = re.compile(r"(?P<month>\d{1,2})[/-](?P<year>\d{4})")
LOOSE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})(:.*))?")
PIVOT = 69  # two digits from here on are years of the last century, as in POSIX
REGULAR = 0.9  # the share of steps of one length that makes a reading regular
CLOSER = 0.02  # two readings whose shares differ by no more are equally regular
FORMS = (QUARTER, COUNTED, MONTH, MONTH_OF, NAMED_DAY, YEAR_FIRST, SLASHED, MONTH_SLASHED)
NAMED = (MONTH, MONTH_OF, NAMED_DAY)  # forms with the name of a month


def is_dated(text: str) -> bool:
    """Whether a text is written in one of these notations."""
    form = _form(text)
    return form is not None and (form not in NAMED or _iso(form, text, False) is not None)


def in_iso(texts: Sequence[str], refuse: Refuse) -> tuple[list[str], str]:
    """The texts in ISO 8601, and how they were read; texts of no known notation stay as they are.

    `refuse` is called if day and month cannot be told apart.
    """
    forms = {id(form) for text in texts[:1] if (form := _form(text)) is not None}
    if not forms:
        return list(texts), ""
    form = next(form for form in FORMS if id(form) in forms)
    if form is not SLASHED:
        return [_iso(form, text, False) or text for text in texts], ""
    day_first = _day_first(texts, refuse)
    word = "day" if day_first else "month"
    read = [_iso(form, text, day_first) or text for text in texts]
    return read, f"dates such as {texts[0]} read with the {word} first"


def padded(text: str) -> str:
    """A date such as 2024-1-5 7:30 with two digits for each part; other texts as they are."""
    found = LOOSE.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, rest = found.groups()
    time = f" {hour:0>2}{rest}" if hour else ""
    return f"{year}-{month:0>2}-{day:0>2}{time}"


def _form(text: str) -> re.Pattern[str] | None:
    return next((form for form in FORMS if form.fullmatch(text)), None)


def _iso(form: re.Pattern[str], text: str, day_first: bool) -> str | None:
    """One text in ISO 8601; None if it has another form or is no date."""
    found = form.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    year = _year(parts.get("year") or parts.get("year2") or "")
    day = int(parts.get("day") or parts.get("day2") or 1)
    if form is QUARTER:
        month = 3 * int(parts["quarter"] or parts["quarter2"]) - 2
    elif form is SLASHED:
        one, two = int(parts["one"]), int(parts["two"])
        day, month = (one, two) if day_first else (two, one)
    elif form in NAMED:
        month = MONTHS.get((parts["name"] or parts["name2"]).lower(), 0)
    else:
        month = int(parts["month"])
    try:
        written = date(year, month, day).isoformat()
    except ValueError:
        return None
    return written + _time(parts)


def _year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(text) + (1900 if int(text) >= PIVOT else 2000)


def _time(parts: dict[str, str | None]) -> str:
    time, half = parts.get("time"), parts.get("half")
    if not time:
        return ""
    hour, rest = time.split(":", 1)
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower().startswith("p") else 0)
    return f"T{hours:02d}:{rest}"


def _day_first(texts: Sequence[str], refuse: Refuse) -> bool:
    """Whether the day stands before the month, from the numbers above 12, else from the regular reading."""
    found = [(place, match) for place, text in enumerate(texts) if (match := SLASHED.fullmatch(text))]
    first = [place for place, match in found if int(match["one"]) > 12]
    second = [place for place, match in found if int(match["two"]) > 12]
    if first and second:
        refuse(
            second[0],
            f"is {texts[second[0]]!r}, with the day second, where {texts[first[0]]!r} has it "
            "first; write all dates as 2024-01-31",
        )
    if first or second:
        return bool(first)
    regular = [_regularity(texts, day_first) for day_first in (True, False)]
    if max(regular) >= REGULAR and max(regular) > min(regular) + CLOSER:
        return regular[0] > regular[1]
    if regular[0] == regular[1] == 1 and all(match["one"] == match["two"] for _, match in found):
        return True
    return refuse(
        0,
        f"is {texts[0]!r}, and no row shows whether the day or the month stands first; write "
        "all dates as 2024-01-31",
    )


def _regularity(texts: Sequence[str], day_first: bool) -> float:
    """The share of steps that are equal, in days or in months of the same day."""
    read = {_iso(SLASHED, text, day_first) for text in texts}
    unique = sorted({datetime.fromisoformat(text) for text in read if text})
    if len(unique) < 3:
        return 0.0
    steps = np.diff([int(when.replace(tzinfo=UTC).timestamp()) for when in unique])
    share = float((steps == most_common(steps)).mean())
    if len({day.day for day in unique}) == 1:
        months = np.diff([12 * day.year + day.month for day in unique])
        share = max(share, float((months == most_common(months)).mean()))
    return share
