"""A person's own series from one long CSV file: unique_id, ds, y and numeric covariates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from recurbench import About, Problem, Task, Values, dataset
from recurbench.datasets._csv_rows import refuse_unreadable
from recurbench.datasets._series import counted, digest, rolling
from recurbench.datasets._user_series import UserSeries, protocol_text, sorted_series, source_text, too_short
from recurbench.task import Several, hyphenated


@dataset("csv", kind="forecasting", files=("path",))
def own_series(
    *,
    path: str = "",
    horizon: int = 12,
    period: int | None = None,
    origins: int = 3,
    ahead: tuple[str, ...] = (),
    excerpts: bool = False,
    frequency: str = "",
) -> Problem:
    """Your own series: a CSV file with the columns unique_id, ds and y, and covariates if you like.

    excerpts: whoever reads the report may see parts of the series, drawn with their forecasts.
    frequency: only the series of this frequency, such as monthly, of a file that holds several.
    """
    return read_csv(path, horizon, period, origins, ahead, excerpts, frequency)


def read_csv(
    path: str | Path,
    horizon: int,
    period: int | None = None,
    origins: int = 3,
    ahead: str | Sequence[str] = (),
    excerpts: bool = False,
    frequency: str = "",
) -> Problem:
    """Forecast y of every series at its last `origins` origins, one horizon apart.

    Rows may come in any order. A covariate is known up to the origin only, unless `ahead` names it. The
    period is the season of the series' frequency when it is not given, and Several is raised where they
    have more than one frequency. ValueError names file, row and remedy.
    """
    file = Path(path)
    if not str(path):
        raise ValueError("the dataset csv needs a file; give --data FILE or csv[path=FILE]")
    for word, value in (("horizon", horizon), ("origins", origins), ("period", period or 1)):
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{file}: {word} is {value!r}; write a whole number of at least 1")
    known = [name.strip("()[]'\" ") for name in (ahead.split(",") if isinstance(ahead, str) else ahead)]
    refuse_unreadable(file)
    version = digest(file)
    columns, everyone, note = _read(file, version, tuple(name for name in known if name))
    chosen = _of_frequency(file, everyone, frequency) if frequency else everyone
    if sentence := too_short(file, chosen, horizon, origins, period):
        raise ValueError(sentence)
    if not frequency and period is None:
        _refuse_several(file, chosen)
    season, kept = _season(chosen, horizon, origins, period)
    task = Task(
        "forecasting",
        x=Values(len(columns), names=columns),
        y=Values(1, names=("y",)),
        length="fixed",
        steps=horizon,
        period=season,
    )
    train, test = rolling([one.series for one in kept], 1, horizon, origins)
    left = sorted(set(chosen) - set(kept), key=lambda one: one.line)
    about = About(
        source=source_text(file.name, kept, len(everyone)),
        # The words that `bench/exemplars.py` takes for leave to show parts of it.
        licence="a file of your own: excerpts allowed" if excerpts else "not stated: a file of your own",
        protocol=f"{protocol_text(kept, left, task, origins, period is not None, note)}; "
        f"{counted(origins, 'test origin')}, {counted(horizon, 'step')} apart; training ends at the first",
        reference="seasonal-naive",
        metric="mase",
        version=f"sha256 {version}",
    )
    return Problem(task, train, test, about)


# A mixed file becomes several problems, which are built one after the other from the same rows.
@lru_cache(maxsize=1)
def _read(
    file: Path,
    version: str,  # noqa: ARG001  (it stands for the content of the file: another content is read anew)
    known: tuple[str, ...],
) -> tuple[tuple[str, ...], list[UserSeries], str]:
    """The columns, the series and how their stamps were read."""
    return sorted_series(file, known)


def _of_frequency(file: Path, series: Sequence[UserSeries], frequency: str) -> list[UserSeries]:
    wanted = hyphenated(frequency)
    chosen = [one for one in series if one.rhythm.name == wanted]
    if not chosen:
        raise ValueError(f"{file}: no series is {frequency!r}; the file holds {_frequencies(series)}")
    return chosen


def _frequencies(series: Sequence[UserSeries]) -> str:
    counts = Counter(one.rhythm.name for one in series)
    return ", ".join(f"{name} ({count} series)" for name, count in counts.items())


def _refuse_several(file: Path, series: Sequence[UserSeries]) -> None:
    names = list(dict.fromkeys(one.rhythm.name for one in series))
    if len(names) > 1:
        raise Several(
            f"{file}: its series have {len(names)} frequencies, {_frequencies(series)}, and a problem has "
            f"one; choose one with frequency={names[0]}, or give all series one season with period=N",
            [{"frequency": name} for name in names],
        )


def _season(
    series: Sequence[UserSeries], horizon: int, origins: int, period: int | None
) -> tuple[int | None, list[UserSeries]]:
    """The season of the task and the series that can be scored with it.

    A season that was found is used where at least half of the series hold two of it in training, so that
    neither the shortest nor the longest of them decides. MASE needs more than one season of history.
    """
    if period is not None:
        return period, list(series)
    season = next((one.rhythm.season for one in series if one.rhythm.season), None)
    if season is None:
        return None, list(series)
    fit = [one for one in series if one.rhythm.season]
    enough = [one for one in fit if one.rows - (origins + 1) * horizon >= 2 * season]
    if 2 * len(enough) < len(series):
        return None, list(series)
    return season, [one for one in series if one.rows - origins * horizon > season]
