"""The yearly series of the M1 competition, read from an installed package."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Task, Values, dataset
from recurbench.reading.series import Series, left_out_text, origins_text, packaged, rolling, version
from recurbench.reading.tsf_file import read_tsf
from recurbench.reading.tsf_times import times

LEAST = 2  # steps of a training history
MONTHS = 12  # from one value to the next


@dataset("m1-yearly", kind="forecasting")
def m1_yearly(*, horizon: int = 6, origins: int = 1) -> Problem:
    """The 181 yearly series of the M1 competition (Makridakis et al. 1982), 15 to 58 years each.

    With the default horizon and origin the test part is that of the competition.

    Parameters
    ----------
    horizon : int
        Steps to forecast.
    origins : int
        Test origins per series. Series that are too short for them are left out.
    """
    path = packaged("aeon", "datasets", "data", "m1_yearly_dataset", "m1_yearly_dataset.tsf")
    series = [
        Series(row.name, row.values[:, None], times(row.start, np.arange(len(row.values)), MONTHS, "M"))
        for row in read_tsf(path).rows
    ]
    kept = [one for one in series if len(one.values) >= LEAST + (origins + 1) * horizon]
    train, test = rolling(kept or series, 1, horizon, origins, LEAST)
    short = left_out_text(series, kept or series)
    about = About(
        source=f"{path.name} of the Monash archive, as bundled in aeon",
        licence="no statement for the data; bundled in aeon (BSD-3-Clause)",
        protocol=f"{origins_text(origins, horizon)}, up to the end of every series; training ends at the "
        f"first; no season{f'; {short}' if short else ''}",
        reference="seasonal-naive",
        metric="mase",
        version=version("aeon", path),
    )
    task = Task("forecasting", x=Values(1), y=Values(1, names=("y",)), length="fixed", steps=horizon)
    return Problem(task, train, test, about)
