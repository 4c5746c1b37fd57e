"""Translation of English dates to Korean dates, character by character; there is one correct answer."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
from babel.dates import format_date
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._fetched import coded, vocabulary
from recurbench.reading.series import package_version

STYLES = ("full", "long", "medium")
FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
# The day number modulo 5 decides the part of a date, whatever the seed.
PARTS = {"train": (0, 1, 2), "valid": (3,), "test": (4,)}


@dataset("dates", kind="translation")
def dates(
    *,
    style: Literal["full", "long", "medium", "mixed"] = "full",
    n_train: int = 10000,
    n_valid: int = 500,
    n_test: int = 1000,
    seed: int = 0,
) -> Problem:
    """English dates in Korean, such as "Monday, March 9, 1987" to "1987년 3월 9일 월요일".

    The English text determines the Korean text, so the exact best makes no error.

    Parameters
    ----------
    style : str
        The same in both languages: "full", "long" ("March 9, 1987"), "medium" ("Mar 9, 1987"), or "mixed":
        each pair in one of the three.
    n_train, n_valid, n_test : int
        Dates in each part.
    seed : int
    """
    if style not in (*STYLES, "mixed"):
        raise ValueError(f"dates needs style {', '.join(STYLES)} or mixed, got {style!r}")
    styles = STYLES if style == "mixed" else (style,)
    counts = {"train": n_train, "valid": n_valid, "test": n_test}
    drawn = {part: _draw(part, count, styles, seed) for part, count in counts.items()}
    english = vocabulary([pair[1] for pair in drawn["train"]])
    korean = vocabulary([pair[2] for pair in drawn["train"]])
    splits = {
        part: Split(
            x=coded([text for _, text, _ in pairs], english),
            y=coded([text for _, _, text in pairs], korean),
            series=tuple(day for day, _, _ in pairs),
        )
        for part, pairs in drawn.items()
    }
    task = Task(
        "translation",
        x=Values(len(english), symbols=True, names=english),
        y=Values(len(korean), symbols=True, names=korean),
        length="free",
    )
    about = About(
        source="dates formatted by babel from the Unicode CLDR: real formats, generated content",
        licence="babel: BSD-3-Clause; CLDR: Unicode License v3",
        protocol=f"{n_train}, {n_valid} and {n_test} dates between {FIRST.year} and {LAST.year}, none in two "
        f"parts; {', '.join(styles)} style of en_US and ko_KR; all characters that are not in train are one "
        "symbol",
        reference="most-common",
        metric="exact_match",
        version=package_version("babel"),
        constant=1 / (len(_days("test")) * len(styles)),
        best=1.0,
    )
    return Problem(
        task, splits["train"], splits["test"], about, splits["valid"], oracle=list(splits["test"].y)
    )


def _days(part: str) -> list[int]:
    return [day for day in range(FIRST.toordinal(), LAST.toordinal() + 1) if day % 5 in PARTS[part]]


def _draw(part: str, count: int, styles: tuple[str, ...], seed: int) -> list[tuple[str, str, str]]:
    """Draw `count` different dates of one part: the day, in English and in Korean."""
    days = _days(part)
    if not 1 <= count <= len(days):
        raise ValueError(f"dates needs 1 to {len(days)} {part} dates, got n_{part}={count}")
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    # All days are shuffled, so that a larger part has the dates of a smaller one.
    chosen = rng.permutation(days)[:count]
    pairs = []
    for day, place in zip(chosen, rng.integers(len(styles), size=count), strict=True):
        when = date.fromordinal(int(day))
        english, korean = (format_date(when, styles[place], locale=name) for name in ("en_US", "ko_KR"))
        pairs.append((when.isoformat(), english, korean))
    return pairs
