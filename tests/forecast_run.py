"""Runs on made-up series with the cheapest methods, for forecasts and stored predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from recurbench.api import Request, perform, prepare


def monthly(folder: Path, series: Sequence[str] = ("a",), rows: int = 72, price: bool = False) -> Path:
    """Write series of `rows` months with a trend and a season; a covariate `price` if asked for."""
    tables = []
    for place, name in enumerate(series):
        steps = np.arange(rows)
        wave = np.sin(2 * np.pi * steps / 12) + 0.3 * np.cos(steps**2)
        columns = {
            "unique_id": name,
            "ds": pd.date_range("2015-01-31", periods=rows, freq="ME").strftime("%Y-%m-%d"),
            "y": (10 ** (place + 1) * (5 + 0.05 * steps + wave)).round(4),
        }
        if price:
            columns["price"] = np.round(3 + np.cos(steps), 3)
        tables.append(pd.DataFrame(columns))
    path = folder / "my.csv"
    pd.concat(tables).to_csv(path, index=False)
    return path


def ran(folder: Path, methods: Sequence[str], seeds: int = 1, **request: object) -> Path:
    """Perform a run in this process; returns its directory."""
    out = folder / "run"
    perform(prepare(Request(methods=list(methods), seeds=seeds, out=out, jobs=0, **request)))
    return out
