"""Runs on data of the user's own, with scores made up for a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from made_up import MadeUp
from recurbench.results import Run, read_run

UNSEEDED = ("seasonal-naive", "theta")
SERIES = {
    "kind": "forecasting",
    "metric": "mase",
    "higher_is_better": False,
    "selectors": ["mase"],
    "reference": "seasonal-naive",
    "steps": 6,
    "source": "sales.csv: 1 series",
}


def forecasts(
    folder: Path,
    errors: Mapping[str, float],
    *,
    origins: int = 60,
    series: Sequence[str] = (),
    validation: Mapping[str, float] | None = None,
    seeds: int = 3,
    spread: float = 0.05,
    notes: Mapping[str, object] | None = None,
    learned: bool | None = None,
    missing: int = 0,
    rows: int = 2000,
) -> Run:
    """A run on sales.csv: by method its mean MASE on test, with errors of its own on every origin.

    series: the series of every example; by default one series with `origins` origins. validation: by method;
    as on test by default. The mean absolute error is 10 times the MASE. notes: of the networks.
    """
    names = list(series) or ["sales"] * origins
    made = MadeUp(
        folder,
        **SERIES,
        series=names,
        n_test=len(names),
        validation={"rows": rows, "enough": 33, "origins": [1, 1], "steps": [6, 6]},
    )
    rng = np.random.default_rng(0)
    shared = rng.normal(size=len(names)) * 0.1
    for method, error in errors.items():
        network = method not in UNSEEDED
        for seed in range(seeds) if network else (None,):
            own = error + shared + rng.normal(size=len(names)) * spread
            own += error - own.mean()
            scores = {"mase": float(own.mean()), "mae": float(10 * own.mean())}
            made.cell(
                method,
                own,
                problem="csv[path=sales.csv]",
                dataset="csv",
                dials={"path": "sales.csv", "horizon": 6, "origins": origins},
                seed=seed,
                validation={"mase": (validation or errors)[method]},
                learned=learned if network else None,
                scores=scores,
                notes={"steps": 400, **(notes or {})} if network else {},
                cpu_seconds=4.0 if network else 0.2,
            )
    return read_run(made.write(missing=missing))


def classes(folder: Path, right: Mapping[str, int], *, cases: int = 200, seeds: int = 3) -> Run:
    """A run on classes of one's own: by method how many of the cases are right, the first ones."""
    made = MadeUp(folder, series=[str(i) for i in range(cases)], n_test=cases)
    for method, count in right.items():
        for seed in range(seeds):
            values = np.arange(cases) < count
            made.cell(
                method,
                np.roll(values, seed),
                problem="own-classes",
                dataset="own-classes",
                seed=seed,
                validation={"log_loss": 1 - count / cases, "accuracy": count / cases},
                scores={"accuracy": count / cases},
            )
    return read_run(made.write())
