"""CPU seconds per series of our statistical methods beside statsforecast's, and their ratio.

    RECURBENCH_DATA=FOLDER python benchmarks/forecaster_ratio.py [--series 20] [--rounds 3] [--seconds 60]

On m1_monthly (Monash) and M4 Hourly, or on the data sets named by `--datasets`. Each method is fitted to one
series and forecasts once; then the model of statsforecast that does the same task gets the same series. A
figure is the median over rounds. One thread, CPU time of this process; imports are not measured. A pair that
has taken its seconds ends early, and the column `series` says after how many. Methods that this version
does not have are left out.
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

Floats = NDArray[np.float64]

DATASETS = ("monash[name=m1_monthly]", "m4")
# By method, the model of statsforecast for the same task, given the period.
PEERS: dict[str, Callable[[int], Any]] = {
    "last-value": lambda _: models.Naive(),
    "seasonal-naive": lambda m: models.SeasonalNaive(season_length=m),
    "mean": lambda _: models.HistoricAverage(),
    "drift": lambda _: models.RandomWalkWithDrift(),
    "ses": lambda _: models.SimpleExponentialSmoothingOptimized(),
    "holt": lambda _: models.Holt(),
    "damped": lambda _: models.AutoETS(season_length=1, model="AAN", damped=True),
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


def compare(one: Choice, task: Task, histories: Sequence[Floats], seconds: float) -> tuple[float, float, int]:
    """Seconds per series of ours and of theirs, and the number of series, one series after the other."""
    pairs: list[tuple[float, float]] = []
    for history in histories:
        peer = PEERS[one.plugin.name](task.season)
        pairs.append((ours(one, task, history), theirs(peer, task, history)))
        if sum(map(sum, pairs)) > seconds:
            break
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
    methods = registry.select_methods([name for name in options.methods if name in registry.methods])
    warnings.simplefilter("ignore")
    for address in options.datasets:
        (data,) = registry.select_datasets([address])
        problem = load(data.plugin)(**data.settings)
        histories = [x[:, 0] for x in spaced(problem.test.x, options.series)]
        wave = np.sin(np.arange(60.0))
        for one in methods:  # what a first call loads
            ours(one, Task("forecasting", problem.task.x, problem.task.y, "fixed", 2), wave)
        found: dict[str, list[tuple[float, float, int]]] = {one.plugin.name: [] for one in methods}
        for _ in range(options.rounds):
            for one in methods:
                found[one.plugin.name].append(compare(one, problem.task, histories, options.seconds))
        print(f"\n{address}\n\n| method | statsforecast | ours, s | theirs, s | ratio | series |")
        print("|---|---|---|---|---|---|")
        for name, rounds in found.items():
            mine, other = (statistics.median(each[k] for each in rounds) for k in (0, 1))
            ratio = statistics.median(each[0] / each[1] for each in rounds)
            peer = type(PEERS[name](1)).__name__
            print(f"| {name} | {peer} | {mine:.5f} | {other:.5f} | {ratio:.2f} | {rounds[0][2]} |")


if __name__ == "__main__":
    main()
