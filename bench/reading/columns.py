"""What the columns of a table hold: numbers, dates, names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from recurbench.reading.dates import is_dated
from recurbench.reading.numerals import MISSING, Numbers, numbers
from recurbench.reading.stamps import is_iso
from recurbench.reading.table import Table

MOST = 0.9  # the share of cells that decides what a column holds
SAMPLE = 200  # cells of which the kind is judged, beside a count of numbers
# Usual names of the columns of time stamps, those that are taken first in front.
TIMES = (
    *("time", "t", "step", "date", "datetime", "timestamp", "ds", "year", "fyear", "month", "day", "index"),
    *("week", "quarter", "period", "hour", "obs"),
)
# Usual names of the columns that name a case or a series, those that are taken first in front.
IDS = (
    *("case", "case_id", "id", "unique_id", "series", "series_id", "sample", "window", "instance"),
    *("recording", "group", "subject", "patient", "company", "person", "unit", "user", "device"),
    *("series_name", "item_id", "item", "store", "store_id", "shop", "sku", "symbol", "ticker", "name"),
    *("key", "entity", "region", "country", "sensor", "station", "meter", "city", "product", "customer"),
)
CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?")


def so_called(name: str, known: Sequence[str]) -> list[str]:
    """The columns of this name; without one, those whose letters differ only in being capitals."""
    return [each for each in known if each == name] or [
        each for each in known if each.lower() == name.lower()
    ]


@dataclass(frozen=True)
class Column:
    """One column of text; `thousands` says how commas are read that have two readings."""

    name: str
    texts: Sequence[str]
    thousands: bool = False

    @cached_property
    def read(self) -> Numbers:
        """The column as numbers."""
        return numbers(self.texts, self.thousands)

    @cached_property
    def blank(self) -> bool:
        """Whether every cell is missing."""
        return bool(self.read.missing.all())

    @cached_property
    def numeric(self) -> bool:
        """Whether most cells that are not missing are numbers."""
        some = ~self.read.missing
        return bool(some.any()) and bool((~self.read.wrong[some]).mean() >= MOST)

    @cached_property
    def dated(self) -> bool:
        """Whether most cells are dates, and not plain numbers; eight digits such as 20240131 are dates."""
        if self.blank or (self.numeric and not self._eight_digits):
            return False
        cells = self._sample
        return bool(cells) and bool(np.mean([is_date(cell) for cell in cells]) >= MOST)

    @cached_property
    def clock(self) -> bool:
        """Whether the cells are times of day."""
        return bool(self._sample) and all(map(CLOCK.fullmatch, self._sample))

    @cached_property
    def text(self) -> bool:
        """Whether the column holds words."""
        return not self.blank and not self.numeric and not self.dated and not self.clock

    @cached_property
    def whole(self) -> bool:
        """Whether every cell is a whole number."""
        values = self.read.values
        return bool(self.numeric and np.isfinite(values).all() and (values == np.rint(values)).all())

    @cached_property
    def distinct(self) -> bool:
        """Whether no cell occurs twice."""
        return len(set(self.texts)) == len(self.texts)

    @cached_property
    def counts(self) -> bool:
        """Whether the column only counts the rows, from 0 or 1."""
        if not self.whole or not (self.name == "" or self.name.lower() in COUNTERS):
            return False
        values = self.read.values
        return bool((values - values[0] == np.arange(len(values))).all() and values[0] in (0, 1))

    @cached_property
    def years(self) -> bool:
        """Whether the cells can be years, one apart in the most common case."""
        values = self.read.values
        return bool(self.whole and ((values >= 1600) & (values <= 2199)).all())

    @cached_property
    def values(self) -> int:
        """How many different numbers there are."""
        found = self.read.values[np.isfinite(self.read.values)]
        return len(np.unique(found))

    @cached_property
    def _sample(self) -> list[str]:
        step = max(1, len(self.texts) // SAMPLE)
        return [text for text in self.texts[::step] if text.lower() not in MISSING]

    @cached_property
    def _eight_digits(self) -> bool:
        return all(re.fullmatch(r"(1[6-9]|2[01])\d\d(0[1-9]|1[0-2])[0-3]\d", text) for text in self._sample)


COUNTERS = ("unnamed: 0", "index", "obs", "row", "rownames", "row_number", "column 1", "id")


@lru_cache(maxsize=1)
def columns_of(table: Table) -> dict[str, Column]:
    """The columns of a table by name; those of the last table are kept, because each is read once."""
    # Where commas separate the columns, a comma within a cell stands between thousands.
    return {
        str(name): Column(str(name), table.texts(str(name)), table.delimiter == ",")
        for name in table.frame.columns
    }


def is_date(text: str) -> bool:
    """Whether a text is a date in a notation that is read; plain numbers other than years are not."""
    if text.isdigit() and len(text) == 4:
        return 1600 <= int(text) <= 2199
    return is_iso(text) or is_dated(text)


def dated_or_counted(names: Sequence[str]) -> bool | None:
    """Whether names are dates (True) or end in numbers that count on (False); None if neither."""
    if all(map(is_date, names)):
        return True
    start = names[0].rstrip("0123456789")
    ends = [name.removeprefix(start) for name in names]
    if not all(name.startswith(start) for name in names) or not all(map(str.isdigit, ends)):
        return None
    return False if (np.diff([int(end) for end in ends]) == 1).all() else None
