"""The daily electric power of one household, with covariates, from a file in the data folder."""

from __future__ import annotations

from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.datasets._table import read_table
from recurbench.reading.series import Series, origins_text, rolling

TARGET = "Global_active_power"


@dataset("household-power", kind="forecasting")
def household_power(*, horizon: int = 7, origins: int = 46) -> Problem:
    """Daily active power of a French household, 2006 to 2010, a week ahead; seven covariates of the past.

    Parameters
    ----------
    horizon : int
        Days to forecast.
    origins : int
        Test origins, one horizon apart.
    """
    (path,) = files("household-power", {})
    time, values, columns = read_table(path, "1D", TARGET)
    names = (TARGET, *(name for name in columns if name != TARGET))
    # The first and the last day were measured for a few hours only.
    time, values = time[1:-1], values[1:-1, [columns.index(name) for name in names]]
    task = Task(
        "forecasting",
        x=Values(len(names), names=names),
        y=Values(1, names=(TARGET,)),
        length="fixed",
        steps=horizon,
        period=7,
    )
    train, test = rolling([Series("household", values, time)], 1, horizon, origins, least=14)
    protocol = (
        f"{origins_text(origins, horizon, 'day')}; training ends at the first; daily sums, without the first "
        "and the last day, which are not complete; covariates are known up to the origin only"
    )
    return Problem(task, train, test, about("household-power", protocol, "seasonal-naive", "mase"))
