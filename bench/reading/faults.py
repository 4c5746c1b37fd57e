"""Remarks on the data of a user: what is unusual, in which rows, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from recurbench.reading.proposal import Remark
from recurbench.reading.protocol import LEAST_HORIZONS
from recurbench.reading.seasons import CHANGED, IRREGULAR
from recurbench.reading.series import counted
from recurbench.reading.series_problem import FILLED, SeriesProblem, unknown_truth, windows_text
from recurbench.reading.table import listed, named_rows
from recurbench.reading.user_series import UserSeries, names_of, needed

FAR = 1000  # a value this many times the spread of its series away from the median is named
MUCH = 0.2  # a share of filled values that is named as large


def remarks_of(problem: SeriesProblem) -> tuple[Remark, ...]:
    """All remarks on a file, the general ones first."""
    found = [
        *(remark.text for remark in problem.file.remarks),
        *_missing(problem),
        *_uneven(problem),
        *_gaps(problem.kept),
        *_constant(problem.kept),
        *_far(problem.kept),
        *_short(problem),
    ]
    return tuple(map(Remark, found))


def _missing(problem: SeriesProblem) -> list[str]:
    missing, several = problem.file.missing, len(problem.everyone) > 1
    holed = listed([repr(name) for name in missing.series], 3)
    where = f"inside {holed}" if several else f"inside {problem.everyone[0].series.name!r}"
    total = sum(one.rows for one in problem.everyone)
    said = []
    if missing.filled:
        much = len(missing.filled) > MUCH * total
        warning = "; a large part, so that scores say little" if much else ""
        said.append(
            f"{counted(len(missing.filled), 'missing value')} {where}, rows "
            f"{named_rows(sorted(set(missing.filled)))}: {FILLED} (--missing){warning}"
        )
        unknown = unknown_truth(problem)
        said.extend([f"test part: {windows_text(problem)}"] if unknown.values else [])
    for lines, what in (
        (missing.dropped, f"without a value {where}: left out (--missing)"),
        (missing.ends, "without a value at the ends of the series: left out"),
    ):
        if lines:
            said.append(f"{counted(len(lines), 'row')} {what}, rows {named_rows(sorted(set(lines)))}")
    if missing.carried:
        said.append(
            f"{counted(len(missing.carried), 'missing value')} of covariates, rows "
            f"{named_rows(sorted(set(missing.carried)))}: taken from the row before; 0 before the first value"
        )
    return said


def _uneven(problem: SeriesProblem) -> list[str]:
    """Series whose time stamps follow no frequency, or follow one and then another."""
    said = []
    season = "" if problem.given else "no season is used (--period sets one), and "
    faults = {IRREGULAR: "follow no frequency", CHANGED: "follow one frequency and then another"}
    for name, what in faults.items():
        uneven = [one for one in problem.kept if one.rhythm.name == name]
        if uneven:
            said.append(f"the time stamps of {names_of(uneven)} {what}: {season}every row counts as one step")
    return said


def _gaps(series: Sequence[UserSeries]) -> list[str]:
    """Missing dates, with the row after the longest gap."""
    holed = [one for one in series if one.rhythm.gaps]
    if not holed:
        return []
    gaps, rows = sum(one.rhythm.gaps for one in holed), sum(one.rhythm.missing for one in holed)
    worst = max(holed, key=lambda one: one.rhythm.missing)
    time = worst.series.time
    place = int(np.argmax(np.diff(time))) + 1
    where = f" of {len(holed)} series" if len(holed) > 1 else ""
    return [
        f"{counted(rows, 'date')} missing in {counted(gaps, 'gap')}{where}, the longest before row "
        f"{worst.lines[place]} of {worst.series.name!r}: a gap counts as one step; add the rows with a blank "
        "value to have them filled"
    ]


def _constant(series: Sequence[UserSeries]) -> list[str]:
    names = [one for one in series if np.ptp(one.series.values[:, 0]) == 0]
    if not names:
        return []
    are = "is" if len(names) == 1 else "are"
    which = f"{len(names)} of {len(series)} series {are}" if len(series) > 1 else "the series is"
    undefined = "kept, but an error relative to a naive forecast is undefined"
    so = ", so that no methods can be compared" if len(names) == len(series) else ""
    return [f"{which} constant: {names_of(names)}; {undefined}{so}"]


def _far(series: Sequence[UserSeries]) -> list[str]:
    """Values far from all others of their series."""
    rows: list[int] = []
    first = ""
    for one in series:
        values = one.series.values[:, 0]
        middle = np.median(values)
        away = np.abs(values - middle)
        spread = max(np.quantile(away, 0.9), 1e-3 * abs(middle))
        far = np.flatnonzero((away > FAR * spread) & (spread > 0))
        if len(far) and not first:
            first = f"{values[far[0]]:g}, where the median is {middle:g}"
        rows.extend(one.lines[far].tolist())
    if not rows:
        return []
    return [
        f"{counted(len(rows), 'value')} far from all others, rows {named_rows(sorted(rows))} ({first}): "
        "kept; leave a wrong value blank, and it counts as missing"
    ]


def _short(problem: SeriesProblem) -> list[str]:
    said, protocol = [], problem.protocol
    if problem.left:
        names = listed([one.series.name for one in problem.left], 3)
        least = needed(protocol, problem.season)
        said.append(f"too short, left out: {names}; {least} rows are needed, fewer with a shorter --horizon")
    windows = max(1, protocol.span // protocol.horizon)
    if windows < LEAST_HORIZONS and len(problem.kept) < LEAST_HORIZONS:
        said.append(
            f"only {counted(windows, 'test window')} without overlap per series, and {LEAST_HORIZONS} are "
            "wanted: differences between methods may stay open; more rows or a shorter --horizon help"
        )
    return said
