"""Data sets of the Monash forecasting archive: .tsf files in the data folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.reading.missing import Missing, without_missing
from recurbench.reading.series import (
    Series,
    counted,
    filled_steps,
    left_out_text,
    origins_text,
    rolling,
    too_short,
)
from recurbench.reading.tsf_file import Row, Table, read_tsf
from recurbench.reading.tsf_times import frequency_of, season_text, times
from recurbench.task import SEVERAL, joined

LEAST = 2


@dataclass(frozen=True)
class _Asked:
    """A series, the steps that are asked of it, and its time stamps, which go on beyond its end."""

    series: Series
    steps: int

    def fits(self, longest: int, origins: int) -> bool:
        """Whether there is a history of LEAST steps before the training answer and all test origins."""
        return len(self.series.values) >= LEAST + longest + origins * self.steps

    def parts(self, longest: int, origins: int) -> tuple[Split, Split]:
        """Train and test. Test answers have `longest` steps; those beyond the own horizon are NaN."""
        lacking = longest - self.steps
        values = np.concatenate([self.series.values, np.full((lacking, 1), np.nan)])
        longer = replace(self.series, values=values)
        train, test = rolling([longer], 1, longest, origins, LEAST, step=self.steps)
        if lacking:
            beyond = np.arange(longest)[:, None] >= self.steps
            test = replace(test, y=[np.where(beyond, np.nan, y) for y in test.y])
        return train, test


@dataset("monash", kind="forecasting")
def monash(*, name: str = "m1_monthly", horizon: int = 0, origins: int = 1) -> Problem:
    """A data set of the Monash forecasting archive (Godahewa et al. 2021), by the name of its file.

    The series of a file may have different horizons, such as 12 and 6 months in cif_2016. The task then asks
    for the longest one. Of a series with a shorter horizon only its own steps are scored in test; the others
    are NaN in its test answers. Training and validation ask every series for the longest horizon.

    Parameters
    ----------
    name : str
        Of the .tsf file.
    horizon : int
        Steps to forecast of every series; 0: the horizons in the file.
    origins : int
        Test origins per series, one horizon of the series apart. Series that are too short are left out.
    """
    if horizon < 0 or origins < 1:
        raise ValueError(
            "horizon must be at least 0 (that of the file) and origins at least 1, got "
            f"{horizon} and {origins}"
        )
    (path,) = files("monash", {"name": name})
    table = read_tsf(path)
    horizons = [horizon or own for own in _horizons(table, name, horizon)]
    longest = max(horizons)
    period, every, unit = frequency_of(table)
    found = [
        _Asked(_series(row, longest - steps, every, unit), steps)
        for row, steps in zip(table.rows, horizons, strict=True)
    ]
    kept = [one for one in found if one.fits(longest, origins)]
    everyone, shown = [one.series for one in found], [one.series for one in kept]
    if not kept:
        # The longest series decides, because shorter ones may be left out.
        most = max(len(one.values) for one in everyone)
        sentence = too_short(everyone, len(everyone), most, longest, origins, LEAST)
        raise ValueError(f"{path.name}: {sentence}")
    parts = [one.parts(longest, origins) for one in kept]
    said = (
        f"{path.name}: {_origins(kept, origins)}, up to the end of every series",
        "training ends at the first",
        season_text(period),
        left_out_text(everyone, shown),
        _filled(sum(len(one.filled) for one in shown)),
    )
    return Problem(
        task=Task(
            "forecasting",
            x=Values(1),
            y=Values(1, names=("y",)),
            length="fixed",
            steps=longest,
            period=period,
        ),
        train=joined([train for train, _ in parts]),
        test=joined([test for _, test in parts]),
        missing=filled_steps(shown),
        rolling=SEVERAL,
        about=about("monash", "; ".join(filter(None, said)), "seasonal-naive", "mase", name=name),
    )


def _horizons(table: Table, name: str, given: int) -> list[int]:
    """By series the steps to forecast: those of the series, or else of the header. ValueError without any."""
    found = [row.horizon or table.horizon for row in table.rows]
    if not given and not all(found):
        raise ValueError(f"{table.path.name} has no horizon; give one: monash[name={name},horizon=12]")
    return found


def _series(row: Row, more: int, every: int, unit: str) -> Series:
    """One series without missing values, with the time stamps of `more` steps beyond its end."""
    written = np.asarray(row.values, dtype=np.float64)[:, None]
    values, kept, holes = without_missing(row.name, written, np.arange(len(written)), "carry", Missing())
    places = np.flatnonzero(kept)
    places = np.concatenate([places, places[-1] + 1 + np.arange(more)])
    return Series(row.name, values, times(row.start, places, every, unit), filled=tuple(holes.tolist()))


def _origins(kept: Sequence[_Asked], origins: int) -> str:
    """Origins and horizons in words; if horizons differ, how many series have which, and what is scored."""
    counts = Counter(one.steps for one in kept)
    if len(counts) == 1:
        return origins_text(origins, kept[0].steps)
    each = " and ".join(f"{steps} ({counted(n, 'series', 'series')})" for steps, n in sorted(counts.items()))
    apart = "1 test origin" if origins == 1 else f"{origins} test origins, one horizon of the series apart"
    return f"{apart}; horizons {each}; every series is scored up to its own horizon only"


def _filled(count: int) -> str:
    if not count:
        return ""
    were = "is" if count == 1 else "are"
    return f"{counted(count, 'missing value')} {were} filled with the last value before and not scored"
