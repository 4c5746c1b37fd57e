"""Series of the user, from a CSV file with the columns unique_id, ds, y and numeric covariates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from recurbench import About, Problem, Task, Values, dataset
from recurbench.datasets._csv_rows import refuse_unreadable
from recurbench.datasets._series import digest, origins_text, rolling
from recurbench.datasets._user_series import UserSeries, protocol_text, sorted_series, source_text, too_short
from recurbench.task import Rolling, Several, hyphenated

# Of the rules measured by benchmarks/selection_regret.py the one that chooses best (docs/statistics.md).
VALIDATION = Rolling(horizons=10, divisor=2, share=0.5)


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
    """Your own series, from a CSV file with the columns unique_id, ds and y, and covariates if you like.

    Parameters
    ----------
    path : str
        The file.
    horizon : int
        Steps to forecast.
    period : int or None
        Steps in a season; None: the season of the frequency.
    origins : int
        Test origins per series, one horizon apart.
    ahead : tuple of str
        Covariates known ahead.
    excerpts : bool
        Whether reports may show parts of the series with their forecasts.
    frequency : str
        Only the series of this frequency, such as monthly, from a file with several.
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
    """Build the problem to forecast y of every series at its last `origins` origins.

    Rows may be in any order. The parameters are those of `own_series`.

    Raises
    ------
    Several
        If the series have more than one frequency, and neither period nor frequency is given.
    ValueError
        Names the file, the row, and what to do.
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
        # With these words `bench/exemplars.py` allows excerpts.
        licence="a file of your own: excerpts allowed" if excerpts else "not stated: a file of your own",
        protocol=f"{protocol_text(kept, left, task, origins, period is not None, note)}; "
        f"{origins_text(origins, horizon)}; training ends at the first",
        reference="seasonal-naive",
        metric="mase",
        version=f"sha256 {version}",
    )
    return Problem(task, train, test, about, rolling=VALIDATION)


# A file with several frequencies becomes several problems, which are built from the same rows.
@lru_cache(maxsize=1)
def _read(
    file: Path,
    version: str,  # noqa: ARG001  (a hash of the file: if the content changes, it is read again)
    known: tuple[str, ...],
) -> tuple[tuple[str, ...], list[UserSeries], str]:
    """The columns, the series, and how their time stamps were read."""
    return sorted_series(file, known)


def _of_frequency(file: Path, series: Sequence[UserSeries], frequency: str) -> list[UserSeries]:
    wanted = hyphenated(frequency)
    chosen = [one for one in series if one.rhythm.name == wanted]
    if not chosen:
        raise ValueError(f"{file}: no series is {frequency!r}; the file has {_frequencies(series)}")
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
    """The season of the task, and the series that can be scored with it.

    The season of the frequency is used if at least half of the series have two seasons in training, so that
    neither the shortest nor the longest series decides. MASE needs more than one season of history.
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
