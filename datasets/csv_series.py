"""A person's own series from one long CSV file: unique_id, ds, y and numeric covariates."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from recurbench import About, Problem, Task, Values, dataset
from recurbench.datasets._series import Series, digest, rolling
from recurbench.task import Array

INDEX = ("unique_id", "ds", "y")
DAY = 86400.0
# Usual distance of two rows in days -> steps in one season.
SEASONS = (((6.9, 7.1), 52), ((27.5, 31.5), 12), ((89.0, 93.0), 4))


@dataset("csv", kind="forecasting", files=("path",))
def own_series(
    *,
    path: str = "",
    horizon: int = 12,
    period: int | None = None,
    origins: int = 3,
    ahead: tuple[str, ...] = (),
    excerpts: bool = False,
) -> Problem:
    """Your own series: a CSV file with the columns unique_id, ds and y, and covariates if you like.

    excerpts: whoever reads the report may see parts of the series, drawn with their forecasts.
    """
    return read_csv(path, horizon, period, origins, ahead, excerpts)


@dataclass
class _Rows:
    """The rows of one series as they stand in the file: line numbers, time stamps and numbers."""

    lines: list[int] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    numbers: list[list[float]] = field(default_factory=list)


def read_csv(
    path: str | Path,
    horizon: int,
    period: int | None = None,
    origins: int = 3,
    ahead: str | Sequence[str] = (),
    excerpts: bool = False,
) -> Problem:
    """Forecast y of every series at its last `origins` origins, one horizon apart.

    Rows may come in any order. A covariate is known up to the origin only, unless `ahead` names it. The
    period follows from the distance of the rows when it is not given. ValueError names file, row and remedy.
    """
    file = Path(path)
    if not str(path):
        raise ValueError("the dataset csv needs a file; give --data FILE or csv[path=FILE]")
    for word, value in (("horizon", horizon), ("origins", origins), ("period", period or 1)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{file}: {word} is {value!r}; write a whole number of at least 1")
    known = [name.strip("()[]'\" ") for name in (ahead.split(",") if isinstance(ahead, str) else ahead)]
    known = [name for name in known if name]
    columns, groups = _read(file, known)
    dated = not _whole(next(iter(groups.values())).stamps[0])
    series = [_series(file, name, rows, dated, len(known)) for name, rows in groups.items()]
    needed = (origins + 1) * horizon + (period or 1) + 1
    asked = f" with period {period}" if period else ""
    for one in series:
        if _length(one) < needed:
            raise ValueError(
                f"{file}, row {max(groups[one.name].lines)}: series {one.name!r} ends here after "
                f"{_length(one)} rows, too short: horizon {horizon} at {origins} test origins{asked} "
                f"needs {needed}; lower the horizon or the origins, or give more rows"
            )
    task = Task(
        "forecasting",
        x=Values(len(columns), names=tuple(columns)),
        y=Values(1, names=("y",)),
        length="fixed",
        steps=horizon,
        period=period or _season(series, horizon, origins),
    )
    train, test = rolling(series, 1, horizon, origins)
    return Problem(task, train, test, _about(file, series, task, origins, excerpts))


def _about(file: Path, series: Sequence[Series], task: Task, origins: int, excerpts: bool) -> About:
    lengths = [_length(one) for one in series]
    steps = np.concatenate([np.diff(one.time.astype(np.float64)) for one in series])
    long = int((steps > 1.5 * np.median(steps)).sum())
    rows = " to ".join(map(str, sorted({min(lengths), max(lengths)})))
    gaps = f"; {long} gaps longer than the usual step are counted as one step" if long else ""
    return About(
        source=f"{file.name}: {len(series)} series of {rows} rows",
        # The words that `bench/exemplars.py` takes for leave to show parts of it.
        licence="a file of your own: excerpts allowed" if excerpts else "not stated: a file of your own",
        protocol=f"{origins} test origins, {task.steps} steps apart; training ends at the first; "
        f"period {task.period}{gaps}",
        reference="seasonal-naive",
        metric="mase",
        version=f"sha256 {digest(file)}",
    )


def _length(series: Series) -> int:
    return len(series.values)


def _read(file: Path, known: Sequence[str]) -> tuple[list[str], dict[str, _Rows]]:
    """The numeric columns (y, past-only covariates, those known ahead) and the rows of every series."""
    groups: dict[str, _Rows] = {}
    lines = _lines(file)
    start, header = next(lines, (1, []))
    header = [name.strip() for name in header]
    if not any(header):
        raise ValueError(
            f"{file}, row 1: the file is empty; write a header unique_id,ds,y and one row per step"
        )
    _check_header(file, start, header, known)
    past = [name for name in header if name not in INDEX and name not in known]
    columns = ["y", *past, *known]
    places = {name: header.index(name) for name in header}
    for line, row in lines:
        if len(row) != len(header):
            raise ValueError(
                f"{file}, row {line}: {len(row)} fields where the header has {len(header)}; "
                f"write one value for each of {', '.join(header)}"
            )
        name = row[places["unique_id"]].strip()
        if not name:
            raise ValueError(f"{file}, row {line}: unique_id is blank; name the series the row belongs to")
        rows = groups.setdefault(name, _Rows())
        rows.lines.append(line)
        rows.stamps.append(row[places["ds"]].strip())
        rows.numbers.append([_number(file, line, column, row[places[column]]) for column in columns])
    if not groups:
        raise ValueError(f"{file}, row {start}: there is no row below the header; write one row per step")
    return columns, groups


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row that is not blank begins, and its fields."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            begins = 1
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield begins, row
                begins = reader.line_num + 1
    except OSError as error:
        raise ValueError(f"{file}: cannot be read ({error.strerror}); give the path of a CSV file") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"{file}, row {begins}: not readable as CSV ({error}); correct the quotes") from None


def _check_header(file: Path, line: int, header: list[str], known: Sequence[str]) -> None:
    found = f"the columns are {', '.join(header)}"
    for sign, said in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and sign in header[0]:
            raise ValueError(
                f"{file}, row {line}: one column, {header[0]!r}, with {said} in it; "
                "separate the columns by commas"
            )
    for name in header:
        if not name or header.count(name) > 1:
            raise ValueError(f"{file}, row {line}: column {name!r} is blank or stands twice; rename it")
    for name in INDEX:
        if name not in header:
            raise ValueError(f"{file}, row {line}: no column {name}; {found}; add or rename one")
    for name in known:
        if name not in header or name in INDEX:
            raise ValueError(
                f"{file}, row {line}: no covariate is called {name!r}, which ahead names; {found}; "
                "name a column other than unique_id, ds and y"
            )
    if len(set(known)) < len(known):
        raise ValueError(f"{file}, row {line}: ahead is {', '.join(known)}; name each covariate once")


def _number(file: Path, line: int, column: str, text: str) -> float:
    try:
        # Python reads 1_000 as a number; nobody else does.
        value = float(text.replace("_", "?"))
    except ValueError:
        value = np.nan
    if np.isfinite(value):
        return value
    seen = f"is {text.strip()!r}" if text.strip() else "is blank"
    todo = "write a number" if column == "y" else "write a number or drop the column"
    if re.fullmatch(r"[+-]?[\d., ]*\d,\d[\d., ]*", text.strip()):
        todo = "write it with a decimal point and nothing between thousands, such as 1234.5"
    raise ValueError(f"{file}, row {line}: {column} {seen}, not a finite number; {todo}")


def _whole(text: str) -> bool:
    """Whether a time stamp is a plain step number; eight digits are a date."""
    return re.fullmatch(r"[+-]?\d+", text) is not None and len(text) != 8


def _stamp(file: Path, line: int, text: str, dated: bool) -> float:
    """Seconds since 1970, or the step number."""
    try:
        if not dated:
            return float(int(text))
        if _whole(text):
            raise ValueError
        when = datetime.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text)
    except ValueError:
        wanted = "a date such as 2024-01-31" if dated else "a whole number as in the first row"
        raise ValueError(f"{file}, row {line}: ds is {text!r}; write {wanted}") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _series(file: Path, name: str, rows: _Rows, dated: bool, known: int) -> Series:
    """One series in the order of its time stamps."""
    stamps = np.array(
        [_stamp(file, line, text, dated) for line, text in zip(rows.lines, rows.stamps, strict=True)]
    )
    order = np.argsort(stamps, kind="stable")
    for one, other in pairwise(order.tolist()):
        if stamps[one] == stamps[other]:
            raise ValueError(
                f"{file}, row {rows.lines[other]}: series {name!r} has {rows.stamps[other]} already in row "
                f"{rows.lines[one]}; keep one row per unique_id and ds"
            )
    time: Array = stamps[order]
    if dated:
        time = np.round(time * 1e6).astype(np.int64).astype("datetime64[us]")
    return Series(name, np.array(rows.numbers)[order], time, known)


def _season(series: Sequence[Series], horizon: int, origins: int) -> int | None:
    """The season that goes with the usual distance of two rows, where training holds two of them."""
    if not np.issubdtype(series[0].time.dtype, np.datetime64):
        return None
    times = [one.time for one in series]
    steps = np.concatenate([np.diff(time) for time in times]) / np.timedelta64(1, "s") / DAY
    days = float(np.median(steps)) if len(steps) else 0.0
    season = next((season for (low, high), season in SEASONS if low <= days <= high), None)
    if 0.95 <= days <= 1.05:
        # 1970 began on a Thursday.
        weekday = (np.concatenate(times).astype("datetime64[D]").astype(np.int64) + 3) % 7
        season = 7 if (weekday > 4).any() else 5
    elif 0 < days < 0.95:
        season = round(1 / days)
    shortest = min(map(_length, series)) - (origins + 1) * horizon
    return season if season and 2 * season <= shortest else None
