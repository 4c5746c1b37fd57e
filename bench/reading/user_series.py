"""The series of a user's CSV file with their frequencies, and the sentences about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from recurbench.reading.clocks import set_back
from recurbench.reading.csv_rows import Rows, read_rows
from recurbench.reading.seasons import CHANGED, IRREGULAR, NUMBERED, Rhythm, rhythm
from recurbench.reading.series import Series, counted
from recurbench.reading.stamps import Stamps, read_stamps
from recurbench.task import Task

FIRST = 3  # series that a sentence names
FARTHEST = 120  # minutes; larger differences between time zones are no change of the clocks
WORDS = {
    IRREGULAR: "irregularly spaced",
    NUMBERED: "numbered steps",
    CHANGED: "with a frequency that changes within a series",
}


@dataclass(frozen=True, eq=False)
class UserSeries:
    """One series, its frequency, and its last line in the file."""

    series: Series
    rhythm: Rhythm
    line: int

    @property
    def rows(self) -> int:
        """The number of its rows."""
        return len(self.series.values)


def sorted_series(file: Path, known: Sequence[str]) -> tuple[tuple[str, ...], list[UserSeries], str]:
    """Read a file.

    Parameters
    ----------
    file : Path
    known : sequence of str
        The covariates known ahead.

    Returns
    -------
    columns : tuple of str
        The numeric columns.
    series : list of UserSeries
        In order of time.
    note : str
        How digits in ds were read; empty if there was only one way.

    Raises
    ------
    ValueError
        Names the row that cannot be read.
    """
    rows = read_rows(file, known)

    def refuse(place: int, sentence: str) -> NoReturn:
        raise ValueError(f"{file}, row {rows.lines[place]}: {sentence}")

    stamps = read_stamps(rows.stamps, refuse)
    order = np.lexsort((stamps.order, rows.owner))
    stamps, order = _with_clocks(rows, stamps, order)
    _refuse_twice(file, rows, stamps, order)
    begins = np.searchsorted(rows.owner[order], np.arange(len(rows.names) + 1))
    rhythms: dict[tuple[bytes, bytes], Rhythm] = {}  # series of one panel often share their stamps
    series = []
    for i, name in enumerate(rows.names):
        places = order[begins[i] : begins[i + 1]]
        if len(stamps.offsets):
            _refuse_far(file, rows, stamps, places)
        written, ticks = stamps.written[places], stamps.order[places]
        key = written.tobytes(), ticks.tobytes()
        if key not in rhythms:
            rhythms[key] = rhythm(written, ticks)
        one = Series(name, rows.numbers[places], written, rows.known)
        series.append(UserSeries(one, rhythms[key], int(rows.lines[places].max())))
    return rows.columns, series, stamps.note


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
    note = "; ".join(filter(None, (stamps.note, "an hour twice in ds read as clocks set back")))
    return replace(stamps, order=ticks, note=note), np.lexsort((ticks, rows.owner))


def _refuse_twice(file: Path, rows: Rows, stamps: Stamps, order: NDArray[np.int64]) -> None:
    """Raise ValueError if two rows of one series have the same time stamp."""
    twice = _twice(rows, stamps, order)
    if not len(twice):
        return
    one, other = order[twice[0]], order[twice[0] + 1]
    stamp = rows.stamps[one]
    todo = "keep one row per unique_id and ds"
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


def too_short(
    file: Path, series: Sequence[UserSeries], horizon: int, origins: int, period: int | None
) -> str:
    """The error for series with too few rows; empty if there are none."""

    def needed(steps: int) -> int:
        return max((origins + 1) * steps + 2, origins * steps + (period or 1) + 1)

    short = [one for one in series if one.rows < needed(horizon)]
    if not short:
        return ""
    with_period = f" with period {period}" if period else ""
    at = f"horizon {horizon} at {counted(origins, 'test origin')}"
    asked = f"{at}{with_period} needs {needed(horizon)} rows"
    least = min(one.rows for one in short)
    longest = min((least - 2) // (origins + 1), (least - (period or 1) - 1) // origins)
    widest = least - origins * horizon - 1
    fits = period and (origins + 1) * horizon + 2 <= least
    remedies = [
        *([f"leave {'it' if len(short) == 1 else 'them'} out"] if len(short) < len(series) else []),
        *([f"lower the horizon to {longest}"] if longest > 0 else []),
        *([f"lower the period to {widest}"] if fits else []),
    ]
    todo = ", or ".join(remedies) or "give more rows"
    if len(series) == 1:
        one = short[0]
        return (
            f"{file}, row {one.line}: series {one.series.name!r} ends here after "
            f"{counted(one.rows, 'row')}, too short: {asked}; {todo}"
        )
    are = "is" if len(short) == 1 else "are"
    return f"{file}: {len(short)} of {len(series)} series {are} too short: {_named(short)}; {asked}; {todo}"


def _named(series: Sequence[UserSeries]) -> str:
    """The first series with their numbers of rows and last lines, and how many more there are."""
    named = [
        f"{one.series.name!r} ({counted(one.rows, 'row')}, the last in row {one.line})"
        for one in series[:FIRST]
    ]
    return ", ".join(named) + (f" and {len(series) - FIRST} more" if len(series) > FIRST else "")


def source_text(name: str, kept: Sequence[UserSeries], all_series: int) -> str:
    """The source of a problem in words: how many series of a file it has, and their numbers of rows."""
    lengths = {one.rows for one in kept}
    least, most = min(lengths), max(lengths)
    rows = counted(most, "row") if least == most else f"{least} to {most} rows"
    count = f"{len(kept)}" if len(kept) == all_series else f"{len(kept)} of {all_series}"
    return f"{name}: {count} series of {rows}"


def protocol_text(
    kept: Sequence[UserSeries], left: Sequence[UserSeries], task: Task, origins: int, given: bool, note: str
) -> str:
    """The protocol of a problem in words: frequency, season, gaps, and the series left out.

    `given` says whether the user chose the season; `note` says how time stamps were read.
    """
    names = list(dict.fromkeys(one.rhythm.name for one in kept))
    frequency = " and ".join(WORDS.get(name, name) for name in names)
    out = f"left out as too short for a season of {task.period}: {_named(left)}" if left else ""
    facts = ", ".join((frequency, _season_text(kept, task, origins, given), _gaps_text(kept)))
    return "; ".join(filter(None, (facts, note, out)))


def _season_text(series: Sequence[UserSeries], task: Task, origins: int, given: bool) -> str:
    rhythm = next((one.rhythm for one in series if one.rhythm.season), series[0].rhythm)
    if given:
        return f"season {task.period} as given"
    if rhythm.name == CHANGED:
        return "no season (split the series where its distances change, or --period sets one)"
    if rhythm.unfit:
        return f"no season: with the gaps {rhythm.unfit} rows span more than a season (--period sets one)"
    if rhythm.season is None:
        return "no season" + (" (--period sets one)" if rhythm.name in WORDS else "")
    few = sum(one.rows - (origins + 1) * task.steps < 2 * rhythm.season for one in series)
    training = f" ({few} of {len(series)} series with fewer than two of it in training)" if few else ""
    torn = sum(one.rhythm.unfit > 0 for one in series)
    holes = f" ({torn} of {len(series)} series with too many gaps for it)" if torn else ""
    return f"season {rhythm.season}{'' if task.period else ' not used'}{training}{holes}"


def _gaps_text(series: Sequence[UserSeries]) -> str:
    gaps, missing = (sum(getattr(one.rhythm, name) for one in series) for name in ("gaps", "missing"))
    if any(one.rhythm.name in (IRREGULAR, CHANGED) for one in series):
        return "nothing filled: every row counts as one step"
    if not gaps:
        return "no gaps, nothing filled"
    holed = sum(one.rhythm.gaps > 0 for one in series)
    where = f" in {holed} of {len(series)} series" if len(series) > 1 else ""
    return (
        f"{counted(gaps, 'gap')} ({counted(missing, 'row')} missing){where}, nothing filled: "
        "a gap counts as one step"
    )
