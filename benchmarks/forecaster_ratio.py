"""CPU seconds per series of our statistical methods beside statsforecast's, and their ratio.

    RECURBENCH_DATA=FOLDER python benchmarks/forecaster_ratio.py [--series 20] [--rounds 3] [--seconds 60]

On m1_monthly (Monash) and M4 Hourly, or on the data sets named by `--datasets`. Each method is fitted to one
series and forecasts once; then the model of statsforecast that does the same task gets the same series. A
figure is the median over rounds. One thread, CPU time of this process; imports are not measured. A pair that
has taken its seconds ends early, and a series that the model of statsforecast cannot fit is left out; the
column `series` says how many there were. Methods that this version does not have are left out.

`ses`, `holt` and `damped` first remove a season that the test of the M4 competition finds, as that
competition has them. The models of statsforecast do not. They are timed alone, and again in the rows
`adjusted`, after the same test and decomposition by statsmodels.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task
from recurbench.registry import Choice, discover, load
from statsforecast import models
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

Floats = NDArray[np.float64]


class Adjusted:
    """A model of statsforecast for series without the season that the test of the M4 competition finds."""

    def __init__(self, model: Any, period: int) -> None:
        self.model, self._period = model, period

    def forecast(self, y: Floats, h: int) -> dict[str, Floats]:
        """The forecast [h] after the history [T], under the name that statsforecast gives it."""
        m, n = self._period, len(y)
        if m < 2 or n < 3 * m:
            return {"mean": self.model.forecast(y=y, h=h)["mean"]}
        found = acf(y, nlags=m, fft=False)[1:]
        if abs(found[-1]) <= 1.645 * np.sqrt((1 + 2 * np.sum(found[:-1] ** 2)) / n):
            return {"mean": self.model.forecast(y=y, h=h)["mean"]}
        multiplicative = bool(y.min() > 0)
        season = seasonal_decompose(y, "multiplicative" if multiplicative else "additive", period=m).seasonal
        coming = np.resize(season[n - m :], h)
        middle = self.model.forecast(y=y / season if multiplicative else y - season, h=h)["mean"]
        return {"mean": middle * coming if multiplicative else middle + coming}


DATASETS = ("monash[name=m1_monthly]", "m4")
# By method, the model of statsforecast for the same task, given the period; of some a second one.
PEERS: dict[str, Callable[[int], Any]] = {
    "last-value": lambda _: models.Naive(),
    "seasonal-naive": lambda m: models.SeasonalNaive(season_length=m),
    "mean": lambda _: models.HistoricAverage(),
    "drift": lambda _: models.RandomWalkWithDrift(),
    "ses": lambda _: models.SimpleExponentialSmoothingOptimized(),
    "holt": lambda _: models.Holt(),
    "damped": lambda _: models.AutoETS(season_length=1, model="AAN", damped=True),
    "ses, adjusted": lambda m: Adjusted(models.SimpleExponentialSmoothingOptimized(), m),
    "holt, adjusted": lambda m: Adjusted(models.Holt(), m),
    "damped, adjusted": lambda m: Adjusted(models.AutoETS(season_length=1, model="AAN", damped=True), m),
    "theta": lambda m: models.Theta(season_length=m),
    "ets": lambda m: models.AutoETS(season_length=m),
    "sarimax": lambda m: models.AutoARIMA(season_length=m),
    "decomposition": lambda m: models.MSTL(season_length=m),
    "gaussian-ar": lambda _: models.AutoRegressive(lags=12),
    "auto-theta": lambda m: models.AutoTheta(season_length=m),
    "auto-ces": lambda m: models.AutoCES(season_length=m),
    "mstl": lambda m: models.MSTL(season_length=m),
    "auto-ets": lambda m: models.AutoETS(season_length=m),
    "auto-arima": lambda m: models.AutoARIMA(season_length=m),
    "tbats": lambda m: models.AutoTBATS(season_length=[m]),
}


def method_of(name: str) -> str:
    """The method of a row: `ses` of `ses, adjusted`."""
    return name.partition(",")[0]


def named(peer: Any) -> str:
    """The class of a model of statsforecast."""
    return type(peer.model if isinstance(peer, Adjusted) else peer).__name__


def spaced(items: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of the items, evenly spaced."""
    chosen = np.unique(np.linspace(0, len(items) - 1, min(count, len(items))).astype(int))
    return [items[i] for i in chosen]


def ours(one: Choice, task: Task, history: Floats) -> float:
    """CPU seconds to fit to a history [T] and to forecast after it."""
    fit, end = load(one.plugin), len(history) - task.steps
    train = Split([history[:end, None]], [history[end:, None]], series=["a"])
    extra = {"seed": 0} if "seed" in one.plugin.takes else {}
    began = time.process_time()
    fit(task, train, **one.settings, **extra)(Split([history[:, None]], series=["a"]))
    return time.process_time() - began


def theirs(model: Any, task: Task, history: Floats) -> float:
    """CPU seconds of a model of statsforecast for the same."""
    began = time.process_time()
    model.forecast(y=history, h=task.steps)
    return time.process_time() - began


def compare(
    one: Choice, peer: Callable[[int], Any], task: Task, histories: Sequence[Floats], seconds: float
) -> tuple[float, float, int]:
    """Seconds per series of ours and of theirs, and the number of series, one series after the other."""
    pairs: list[tuple[float, float]] = []
    for history in histories:
        try:
            spent = theirs(peer(task.season), task, history)
        except (ValueError, ArithmeticError):  # such as a regression on 12 lags of 30 steps
            continue
        pairs.append((ours(one, task, history), spent))
        if sum(map(sum, pairs)) > seconds:
            break
    if not pairs:
        return float("nan"), float("nan"), 0
    mine, other = (statistics.fmean(column) for column in zip(*pairs, strict=True))
    return mine, other, len(pairs)


def main() -> None:
    """Print one table per data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--datasets", nargs="+", default=list(DATASETS))
    parser.add_argument("--methods", nargs="+", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60, help="CPU seconds of a pair in a round")
    options = parser.parse_args()
    registry = discover()
    there = [name for name in options.methods if method_of(name) in registry.methods]
    methods = {name: registry.select_methods([method_of(name)])[0] for name in there}
    warnings.simplefilter("ignore")
    for address in options.datasets:
        (data,) = registry.select_datasets([address])
        problem = load(data.plugin)(**data.settings)
        histories = [x[:, 0] for x in spaced(problem.test.x, options.series)]
        wave = np.sin(np.arange(60.0))
        for one in methods.values():  # what a first call loads
            ours(one, Task("forecasting", problem.task.x, problem.task.y, "fixed", 2), wave)
        found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in methods}
        for _ in range(options.rounds):
            for name, one in methods.items():
                timed = compare(one, PEERS[name], problem.task, histories, options.seconds)
                found[name].append(timed)
        print(f"\n{address}\n\n| method | statsforecast | ours, s | theirs, s | ratio | series |")
        print("|---|---|---|---|---|---|")
        for name, rounds in found.items():
            mine, other = (statistics.median(each[k] for each in rounds) for k in (0, 1))
            ratio = statistics.median(each[0] / each[1] for each in rounds)
            peer = named(PEERS[name](1))
            print(f"| {name} | {peer} | {mine:.5f} | {other:.5f} | {ratio:.2f} | {rounds[0][2]} |")


if __name__ == "__main__":
    main()
