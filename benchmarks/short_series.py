"""Score statistical and linear methods beside the naive forecast on short series: sMAPE, MASE, CPU seconds.

    python benchmarks/short_series.py                              # generated series
    python benchmarks/short_series.py --data ../shared/data/forecasting/monash
    python benchmarks/short_series.py --save before.json           # later: --before before.json

The last horizon of every series is its test part. Without `--test` it is cut off from the series of files,
and the horizon before it is asked for: choices are made on that. `--test` asks for the test part.
Generated series have no such part. sMAPE is 0..200, MASE as in M4, both the mean over series.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import importlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Values
from recurbench.forecast_errors import mase, smape
from recurbench.reading.series import packaged
from recurbench.reading.tsf_file import read_tsf

Floats = NDArray[np.float64]

MODULES = {
    "naive": "baseline:last_value",
    "seasonal-naive": "baseline:seasonal_naive",
    "theta": "theta:theta",
    "ets": "ets:ets",
    "sarimax": "sarimax:sarimax",
    "decomposition": "decomposition:decomposition",
    "nlinear": "linear_forecasts:nlinear",
    "dlinear": "linear_forecasts:dlinear",
}
# Files of the Monash archive: horizon and period.
FILES = {"m1_monthly_dataset": (18, 12), "m3_yearly_dataset": (6, None)}


@dataclass(frozen=True)
class Group:
    """Series of one kind, each ending with the steps that are asked for."""

    name: str
    series: list[Floats]
    horizon: int
    period: int | None

    @property
    def task(self) -> Task:
        """The question."""
        return Task("forecasting", Values(1), Values(1), "fixed", self.horizon, self.period)


def generated(count: int) -> Iterator[Group]:
    """Series of each kind on which a method was once far worse than the naive forecast."""
    rng = np.random.default_rng(5)
    weekly = [walk(rng, int(rng.integers(80, 300))) for _ in range(count)]
    yield Group("weekly walk", weekly, 13, None)
    yearly = [walk(rng, int(rng.integers(15, 40)), drift=0.03) for _ in range(count)]
    yield Group("yearly drift", yearly, 6, None)
    yield Group("monthly short", [monthly(rng, int(rng.integers(40, 66))) for _ in range(count)], 18, 12)
    level = [monthly(rng, int(rng.integers(40, 66)), season=0.0, drift=0.0) for _ in range(count)]
    yield Group("monthly level", level, 18, 12)
    yield Group("constant past", [started(rng, int(rng.integers(60, 120))) for _ in range(count)], 6, None)


def walk(rng: np.random.Generator, steps: int, drift: float = 0.0) -> Floats:
    """A geometric random walk with a changing spread and errors of measurement."""
    moves = drift * rng.normal() + 0.04 * rng.standard_t(4, steps)
    return np.asarray(1000 * np.exp(np.cumsum(moves) + 0.02 * rng.normal(size=steps)))


def monthly(rng: np.random.Generator, steps: int, season: float = 0.25, drift: float = 0.01) -> Floats:
    """Level times season times noise; the level drifts, and its drift ends or turns at some step."""
    pattern = season * rng.normal(size=12)
    drifts = np.where(np.arange(steps) < rng.integers(steps), rng.normal(), rng.normal()) * drift
    level = np.cumsum(drifts + 0.03 * rng.normal(size=steps))
    return np.asarray(500 * np.exp(level + np.resize(pattern, steps) + 0.1 * rng.normal(size=steps)))


def started(rng: np.random.Generator, steps: int) -> Floats:
    """A series that is constant at first and wanders later."""
    return np.concatenate([np.full(steps // 2, 1000.0), walk(rng, steps - steps // 2)])


def of_files(folder: Path | None, test: bool, every: int) -> Iterator[Group]:
    """Series of files of the Monash archive; without `test` their last horizon is cut off."""
    one = packaged("aeon", "datasets", "data", "m1_yearly_dataset", "m1_yearly_dataset.tsf")
    found = [("m1_yearly (aeon)", one, 6, None)]
    paths = [(name, (folder / f"{name}.tsf"), *FILES[name]) for name in FILES] if folder else []
    for name, path, horizon, period in found + [each for each in paths if each[1].exists()]:
        rows = [np.asarray(row.values, dtype=np.float64) for row in read_tsf(path).rows][::every]
        rows = rows if test else [row[:-horizon] for row in rows]
        kept = [row for row in rows if len(row) >= 2 * horizon + 2 and np.isfinite(row).all()]
        yield Group(name, kept, horizon, period)


def score(group: Group, method: Callable[..., Any], alone: bool) -> tuple[float, float, float]:
    """sMAPE, MASE and CPU seconds per series; alone: a fit per series, else one fit on all of them."""
    h, task = group.horizon, group.task
    names = tuple(range(len(group.series)))
    train = Split(
        [y[: -2 * h, None] for y in group.series], [y[-2 * h : -h, None] for y in group.series], series=names
    )
    asked = Split([y[:-h, None] for y in group.series], series=names)
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if alone:
            answers = [method(task, train.take([i]))(asked.take([i]))[0] for i in names]
        else:
            answers = method(task, train)(asked)
    spent = (time.process_time() - start) / len(names)
    errors = [errors_of(y, np.asarray(a)[:, 0], task) for y, a in zip(group.series, answers, strict=True)]
    return (*(float(np.nanmean(column)) for column in zip(*errors, strict=True)), spent)


def errors_of(y: Floats, answer: Floats, task: Task) -> tuple[float, float]:
    """sMAPE and MASE of one series; NaN where the seasonal naive forecast has no error in the history."""
    history, truth = y[: -task.steps, None], y[-task.steps :, None]
    return smape(answer[:, None], truth), mase(answer[:, None], truth, history, task.season)


def main() -> None:
    """Print a table per group."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder with the .tsf files of the Monash archive")
    parser.add_argument("--test", action="store_true", help="ask for the test part of the files")
    parser.add_argument("--methods", default=",".join(MODULES))
    parser.add_argument("--count", type=int, default=30, help="generated series of each kind; 0: none")
    parser.add_argument("--every", type=int, default=1, help="take one of so many series of a file")
    parser.add_argument("--only", default="", help="part of the name of a group")
    parser.add_argument("--alone", action="store_true", help="fit linear maps per series, too")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--before", type=Path)
    asked = parser.parse_args()
    before = json.loads(asked.before.read_text()) if asked.before else {}
    found: dict[str, list[float]] = {}
    groups = [
        *(generated(asked.count) if asked.count else ()),
        *of_files(asked.data, asked.test, asked.every),
    ]
    for group in groups:
        if asked.only not in group.name:
            continue
        print(f"{group.name}: {len(group.series)} series, horizon {group.horizon}, period {group.period}")
        earlier = "   before: sMAPE     MASE    CPU-s" if before else ""
        print(f"  {'method':16}{'sMAPE':>9}{'MASE':>9}{'CPU-s':>9}{earlier}")
        for name in asked.methods.split(","):
            module, function = MODULES[name].split(":")
            method = getattr(importlib.import_module(f"recurbench.methods.{module}"), function)
            key = f"{group.name}/{name}"
            found[key] = list(score(group, method, asked.alone))
            earlier = "".join(f"{v:9.3f}" for v in before.get(key, ()))
            print(
                f"  {name:16}" + "".join(f"{v:9.3f}" for v in found[key]) + f"        {earlier}", flush=True
            )
            if asked.save:
                asked.save.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
