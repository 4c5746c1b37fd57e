"""The series of a file of the user with their frequencies, and the sentences about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.clocks import set_back
from recurbench.reading.layout import Layout
from recurbench.reading.missing import Missing, without_missing
from recurbench.reading.proposal import Remark
from recurbench.reading.protocol import Protocol
from recurbench.reading.rows import Rows
from recurbench.reading.seasons import Rhythm, rhythm
from recurbench.reading.series import Series, counted
from recurbench.reading.stamps import Stamps, read_stamps
from recurbench.reading.table import listed, more, named_rows

FIRST = 3  # series that a sentence names
FARTHEST = 120  # minutes; larger differences between time zones are no change of the clocks


@dataclass(frozen=True, eq=False)
class UserSeries:
    """One series, its frequency, its last line in the file, and the line of each of its rows."""

    series: Series
    rhythm: Rhythm
    line: int
    lines: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """The number of its rows."""
        return len(self.series.values)


@dataclass(frozen=True, eq=False)
class UserFile:
    """The series of a file.

    Attributes
    ----------
    path : Path
    columns : tuple of str
        The target, then the covariates.
    series : list of UserSeries
        In order of time, without missing values.
    note : str
        How time stamps and numbers were read; empty if there was only one way.
    missing : Missing
        What was done about missing values.
    layout : Layout or None
        The roles of the columns of a table.
    horizon : int or None
        The horizon that the file names for all series.
    horizons : dict of int to int
        The horizon that it names for each series, by the line of the series.
    remarks : tuple of Remark
    """

    path: Path
    columns: tuple[str, ...]
    series: list[UserSeries]
    note: str = ""
    missing: Missing = field(default_factory=Missing)
    layout: Layout | None = None
    horizon: int | None = None
    horizons: dict[int, int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


def sorted_series(file: Path, rows: Rows, policy: str) -> UserFile:
    """Sort the rows by series and time, and do as `policy` says about missing values.

    ValueError names the row that cannot be read, or that stands twice with different values.
    """
    stamps = _stamps(file, rows)
    order = np.lexsort((stamps.order, rows.owner))
    stamps, order = _with_clocks(rows, stamps, order)
    rows, stamps, order, remarks = _without_copies(rows, stamps, order)
    _refuse_twice(file, rows, stamps, order)
    begins = np.searchsorted(rows.owner[order], np.arange(len(rows.names) + 1))
    rhythms: dict[tuple[bytes, bytes], Rhythm] = {}  # series of one panel often share their stamps
    series, missing, blank = [], Missing(), []
    for i, name in enumerate(rows.names):
        places = order[begins[i] : begins[i + 1]]
        if len(stamps.offsets):
            _refuse_far(file, rows, stamps, places)
        if policy == "refuse":
            _refuse_missing(file, rows, places)
        numbers, lines = rows.numbers[places], rows.lines[places]
        values, kept, filled = without_missing(name, numbers, lines, policy, missing)
        places = places[kept]
        if not len(places):
            blank.append(name)
            continue
        written, ticks = stamps.written[places], stamps.order[places]
        key = written.tobytes(), ticks.tobytes()
        if key not in rhythms:
            rhythms[key] = rhythm(written, ticks)
        if policy == "refuse" and rhythms[key].missing:
            _refuse_gaps(file, rows, places, name, rhythms[key])
        one = Series(name, values, written, rows.known, tuple(filled.tolist()))
        lines = rows.lines[places]
        series.append(UserSeries(one, rhythms[key], int(lines.max()), lines))
    if not series:
        raise ValueError(f"{file}: column {rows.columns[0]} has no number; write the values to forecast")
    if blank:
        remarks += (Remark(f"without a number: {listed(blank, 3)}; left out"),)
    note = "; ".join(filter(None, (stamps.note, *rows.notes)))
    return UserFile(file, rows.columns, series, note, missing, remarks=remarks)


def _stamps(file: Path, rows: Rows) -> Stamps:
    """The time stamps as moments; without any, the rows of each series are numbered from 1."""

    def refuse(place: int, sentence: str) -> NoReturn:
        raise ValueError(f"{file}, row {rows.lines[place]}: {sentence}")

    if len(rows.stamps):
        return read_stamps(rows.stamps, refuse, rows.time)
    order = np.argsort(rows.owner, kind="stable")
    begins = np.searchsorted(rows.owner[order], rows.owner)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    numbers = places - begins + 1
    return Stamps(numbers, numbers, np.array([], dtype=np.int64))


def _without_copies(
    rows: Rows, stamps: Stamps, order: NDArray[np.int64]
) -> tuple[Rows, Stamps, NDArray[np.int64], tuple[Remark, ...]]:
    """The rows without those that repeat another row in every value."""
    twice = _twice(rows, stamps, order)
    one, other = order[twice], order[twice + 1]
    same = [
        np.array_equal(rows.numbers[a], rows.numbers[b], equal_nan=True)
        for a, b in zip(one, other, strict=True)
    ]
    copies = np.maximum(one, other)[np.array(same, dtype=np.bool_)]
    if not len(copies):
        return rows, stamps, order, ()
    lines = np.unique(rows.lines[copies])
    said = f"{counted(len(copies), 'row')} repeated exactly: {named_rows(lines)}; one of each was kept"
    return rows, stamps, order[~np.isin(order, copies)], (Remark(said),)


def _refuse_missing(file: Path, rows: Rows, places: NDArray[np.int64]) -> None:
    none = np.isnan(rows.numbers[places])
    if none.any():
        lines = np.sort(rows.lines[places][none.any(axis=1)])
        column = rows.columns[int(none.any(axis=0).argmax())]
        raise ValueError(
            f"{file}, row {lines[0]}: {column} is missing; write a number, or use --missing carry or "
            f"--missing drop{more(lines)}"
        )


def _refuse_gaps(file: Path, rows: Rows, places: NDArray[np.int64], name: str, found: Rhythm) -> None:
    raise ValueError(
        f"{file}, row {rows.lines[places[-1]]}: series {name!r}, which ends here, is {found.name} with "
        f"{counted(found.missing, 'row')} missing in {counted(found.gaps, 'gap')}; add the rows, or use "
        "--missing carry, which counts a gap as one step"
    )


def _twice(rows: Rows, stamps: Stamps, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The indices in `order` of rows with the same series and time stamp as the next row."""
    owner, ticks = rows.owner[order], stamps.order[order]
    return np.flatnonzero((owner[1:] == owner[:-1]) & (ticks[1:] == ticks[:-1]))


def _with_clocks(rows: Rows, stamps: Stamps, order: NDArray[np.int64]) -> tuple[Stamps, NDArray[np.int64]]:
    """Correct the order of rows in hours that occur twice because clocks were set back."""
    twice = _twice(rows, stamps, order)
    local = np.issubdtype(stamps.written.dtype, np.datetime64) and not len(stamps.offsets)
    if not len(twice) or not local:
        return stamps, order
    ticks = stamps.order.copy()
    grouped = np.argsort(rows.owner, kind="stable")
    begins = np.searchsorted(rows.owner[grouped], np.arange(len(rows.names) + 1))
    for owner in np.unique(rows.owner[order[twice]]):
        places = grouped[begins[owner] : begins[owner + 1]]
        shifts = set_back(ticks[places])
        if shifts is not None:
            ticks[places] += shifts
    if (ticks == stamps.order).all():
        return stamps, order
    note = "; ".join(filter(None, (stamps.note, "an hour twice read as clocks set back")))
    return replace(stamps, order=ticks, note=note), np.lexsort((ticks, rows.owner))


def _refuse_twice(file: Path, rows: Rows, stamps: Stamps, order: NDArray[np.int64]) -> None:
    """Raise ValueError if two rows of one series have the same time stamp."""
    twice = _twice(rows, stamps, order)
    if not len(twice):
        return
    one, other = order[twice[0]], order[twice[0] + 1]
    stamp = rows.stamps[one]
    todo = "keep one row per series and time stamp, or name the column of the series with --id"
    if ":" in stamp and not len(stamps.offsets) and not stamps.note:
        todo += ", or write the zone of each where clocks were set back (+02:00, then +01:00)"
    more = f"; the same is true of {len(twice)} rows" if len(twice) > 1 else ""
    raise ValueError(
        f"{file}, row {rows.lines[other]}: series {rows.names[rows.owner[one]]!r} has {stamp} already in row "
        f"{rows.lines[one]}; {todo}{more}"
    )


def _refuse_far(file: Path, rows: Rows, stamps: Stamps, places: NDArray[np.int64]) -> None:
    """Raise ValueError if a series has time zones that no change of the clocks explains."""
    low, high = places[stamps.offsets[places].argmin()], places[stamps.offsets[places].argmax()]
    if stamps.offsets[high] - stamps.offsets[low] > FARTHEST:
        raise ValueError(
            f"{file}, rows {rows.lines[low]} and {rows.lines[high]}: series "
            f"{rows.names[rows.owner[low]]!r} has the time stamps {rows.stamps[low]} and "
            f"{rows.stamps[high]}, of different zones; write the time stamps of a series in one zone"
        )


def needed(protocol: Protocol, season: int | None) -> int:
    """The rows that a series needs: a training example of two steps, and more than a season of history."""
    return max(protocol.span + protocol.horizon + 2, protocol.span + (season or 1) + 1)


def too_short(
    file: Path, series: Sequence[UserSeries], protocol: Protocol, period: int | None, several: bool = False
) -> str:
    """The error for series with too few rows; empty if there are none.

    With `several`, short series may be left out, so that it is an error only if more than half are short.
    """
    short = [one for one in series if one.rows < needed(protocol, period)]
    if not short or (several and 2 * len(short) <= len(series)):
        return ""
    with_period = f" with period {period}" if period else ""
    at = f"horizon {protocol.horizon} at {counted(protocol.origins, 'test origin')}"
    even = protocol.step == protocol.horizon or protocol.origins == 1
    apart = "" if even else f", {counted(protocol.step, 'step')} apart,"
    asked = f"{at}{apart}{with_period} needs {needed(protocol, period)} rows"
    least = min(one.rows for one in short)
    longest = _longest(protocol, period, least)
    widest = least - protocol.span - 1
    fits = period and protocol.span + protocol.horizon + 2 <= least
    remedies = [
        *([f"leave {'it' if len(short) == 1 else 'them'} out"] if len(short) < len(series) else []),
        *([f"lower the horizon to {longest}"] if longest > 0 else []),
        *([f"lower the period to {widest}"] if fits else []),
    ]
    fewer = _most_origins(protocol, period, least)
    todo = ", or ".join(remedies) or (f"lower the origins to {fewer}" if fewer else "give more rows")
    if len(series) == 1:
        one = short[0]
        return (
            f"{file}, row {one.line}: series {one.series.name!r} ends here after "
            f"{counted(one.rows, 'row')}, too short: {asked}; {todo}"
        )
    are = "is" if len(short) == 1 else "are"
    return f"{file}: {len(short)} of {len(series)} series {are} too short: {names_of(short)}; {asked}; {todo}"


def _longest(protocol: Protocol, period: int | None, rows: int) -> int:
    """The longest horizon at which a series of `rows` rows is long enough; origins stay one horizon apart."""
    low, high = 0, max(rows, 0)
    while low < high:
        middle = (low + high + 1) // 2
        step = middle if protocol.step == protocol.horizon else protocol.step
        if needed(Protocol(middle, protocol.origins, step), period) <= rows:
            low = middle
        else:
            high = middle - 1
    return low


def _most_origins(protocol: Protocol, period: int | None, rows: int) -> int:
    """The most test origins at which a series of `rows` rows is long enough; 0 if one is too many."""
    least = needed(Protocol(protocol.horizon, 1, protocol.step), period)
    return (rows - least) // protocol.step + 1 if rows >= least else 0


def names_of(series: Sequence[UserSeries]) -> str:
    """The first series with their numbers of rows and last lines, and how many more there are."""
    named = [
        f"{one.series.name!r} ({counted(one.rows, 'row')}, the last in row {one.line})"
        for one in series[:FIRST]
    ]
    return ", ".join(named) + (f" and {len(series) - FIRST} more" if len(series) > FIRST else "")
