"""Tagging: the field (weekday, day, month, year) of every character of a date, in seven languages."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import numpy as np
from babel import Locale
from babel.dates import DateTimeFormat, get_date_format, tokenize_pattern
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.reading.series import package_version

FIELDS = ("literal", "weekday", "day", "month", "year")
LETTERS = {"E": "weekday", "c": "weekday", "d": "day", "M": "month", "L": "month", "y": "year"}
# No text in these formats has two readings. Spanish is left out, because 3/9/87 is also an American date.
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "ko_KR", "ja_JP", "pt_BR", "sv_SE")
Style = Literal["full", "long", "medium", "short"]
STYLES: tuple[Style, ...] = get_args(Style)
FIRST, LAST = date(1950, 1, 1), date(2049, 12, 31)
# The day number modulo 5 decides the part of a date, whatever the seed.
PARTS = {"train": (0, 1, 2), "valid": (3,), "test": (4,)}
UNKNOWN = "\ufffd"


@dataset("date-tags", kind="labelling")
def date_tags(*, n_train: int = 800, n_valid: int = 200, n_test: int = 400, seed: int = 0) -> Problem:
    """The field of every character of a date in one of seven languages: weekday, day, month, year or none.

    Parameters
    ----------
    n_train, n_valid, n_test : int
        Dates in each part.
    seed : int
    """
    counts = {"train": n_train, "valid": n_valid, "test": n_test}
    drawn = {part: _draw(part, count, seed) for part, count in counts.items()}
    symbols = (UNKNOWN, *sorted({character for _, text, _ in drawn["train"] for character in text}))
    codes = {character: code for code, character in enumerate(symbols)}
    splits = {
        part: Split(
            x=[np.array([codes.get(character, 0) for character in text]) for _, text, _ in examples],
            y=[np.array(tags) for _, _, tags in examples],
            series=tuple(day.isoformat() for day, _, _ in examples),
        )
        for part, examples in drawn.items()
    }
    task = Task(
        "labelling",
        x=Values(len(symbols), symbols=True, names=symbols),
        y=Values(len(FIELDS), symbols=True, names=FIELDS),
        length="same",
    )
    about = About(
        source="dates formatted by babel from the Unicode CLDR: real formats, generated content",
        licence="babel: BSD-3-Clause; CLDR: Unicode License v3",
        protocol=f"{n_train}, {n_valid} and {n_test} dates between {FIRST.year} and {LAST.year}, none in two "
        f"parts; locales {', '.join(LOCALES)}, styles {', '.join(STYLES)}; all characters that are not in "
        "train are one symbol",
        reference="most-common",
        metric="accuracy",
        version=package_version("babel"),
    )
    return Problem(task, splits["train"], splits["test"], about, splits["valid"])


def _draw(part: str, count: int, seed: int) -> list[tuple[date, str, list[int]]]:
    """Draw `count` different dates of one part, each in a random locale and style: day, text, field codes."""
    days = [day for day in range(FIRST.toordinal(), LAST.toordinal() + 1) if day % 5 in PARTS[part]]
    if not 1 <= count <= len(days):
        raise ValueError(f"date-tags needs 1 to {len(days)} {part} dates, got n_{part}={count}")
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    chosen = rng.choice(days, size=count, replace=False)
    locales, styles = rng.integers(len(LOCALES), size=count), rng.integers(len(STYLES), size=count)
    examples = []
    for day, locale, style in zip(chosen, locales, styles, strict=True):
        when = date.fromordinal(int(day))
        examples.append((when, *tagged(when, LOCALES[locale], STYLES[style])))
    return examples


def tagged(when: date, locale: str, style: Style) -> tuple[str, list[int]]:
    """A date as the locale writes it, and for every character the index of its field in FIELDS."""
    fields = DateTimeFormat(when, Locale.parse(locale))
    text = ""
    tags: list[int] = []
    for _, token in tokenize_pattern(get_date_format(style, locale=locale).pattern):
        if isinstance(token, str):
            piece, name = token, "literal"
        else:
            letter, width = token
            piece, name = fields[letter * width], LETTERS[letter]
        text += piece
        tags += [FIELDS.index(name)] * len(piece)
    return text, tags
