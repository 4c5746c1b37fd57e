"""The hourly series of the M4 competition, where they lie beside the repository, and its two metrics."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

M4 = Path(__file__).parents[2] / "shared" / "data" / "forecasting" / "m4"
SEASON, STEPS = 24, 48


@cache
def hourly(part: str) -> dict[str, np.ndarray]:
    """The values of the part train or test, by series."""
    return _rows(f"Hourly-{part}.csv")


@cache
def points(method: str) -> dict[str, np.ndarray]:
    """The organisers' forecasts of the hourly series."""
    return {name: row for name, row in _rows(f"pointforecast_{method}_HW.csv").items() if name[0] == "H"}


def scores(answers: dict[str, np.ndarray]) -> tuple[float, float]:
    """SMAPE (0 to 200) and MASE, averaged over the series."""
    past, future = hourly("train"), hourly("test")
    smape, mase = [], []
    for name, forecast in answers.items():
        missed = np.abs(future[name] - forecast)
        smape.append(np.mean(200 * missed / (np.abs(future[name]) + np.abs(forecast))))
        mase.append(missed.mean() / np.abs(past[name][SEASON:] - past[name][:-SEASON]).mean())
    return float(np.mean(smape)), float(np.mean(mase))


def _rows(name: str) -> dict[str, np.ndarray]:
    with (M4 / name).open() as file:
        return {
            row[0]: np.array([float(v) for v in row[1:] if v not in ("", "NA")])
            for row in list(csv.reader(file))[1:]
        }
