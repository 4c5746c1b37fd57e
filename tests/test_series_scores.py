"""Scores of every single series, and how they vary over series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp
from recurbench.packing import pack_units
from recurbench.reports.statistics.series_scores import over_series, series_scores
from recurbench.results import Run, read_run
from scipy.stats import t as student

NAN = float("nan")
NAMES = [f"series {i}" for i in range(12)]


def run_of(
    folder: Path, units: dict[str, list[list[float]]], origins: int = 1, names: list[str] = NAMES
) -> Run:
    """By method the MASE of every seed; the squared errors are those of the MASE."""
    made = MadeUp(
        folder,
        kind="forecasting",
        metric="mase",
        higher_is_better=False,
        reference="seasonal-naive",
        constant=None,
        best=None,
        series=[name for name in names for _ in range(origins)],
        origins=[20 + k for _ in names for k in range(origins)],
    )
    for method, seeds in units.items():
        for seed, values in enumerate(seeds):
            mase = np.array(values)
            packed = {"mase": mase, "mse": mase**2}
            made.cell(
                method,
                values,
                seed=seed if len(seeds) > 1 else None,
                fit_cpu_seconds=0.5,
                predict_cpu_seconds=0.1,
                cpu_seconds=1.0,
                started=f"{method} {seed}",
            )
            made.records[-1].units = pack_units(packed, dict.fromkeys(packed, np.ones(len(mase))))
    return read_run(made.write())


def test_every_series_has_the_mean_over_its_origins_and_then_over_seeds(tmp_path: Path) -> None:
    found = series_scores(
        run_of(tmp_path, {"lstm": [[1.0, 3.0, 5.0, 5.0], [3.0, 3.0, 7.0, 7.0]]}, 2, NAMES[:2])
    )
    assert list(found["series"]) == NAMES[:2]
    assert list(found["mase"]) == [2.5, 6.0]
    # The root is taken of each seed by itself.
    assert found["rmse"][0] == pytest.approx((np.sqrt(5) + 3) / 2)
    assert list(found["steps"]) == [21, 21]
    assert list(found["origins"]) == [2, 2]


def test_an_origin_without_a_score_is_left_out_and_a_series_without_one_has_none(tmp_path: Path) -> None:
    found = series_scores(run_of(tmp_path, {"lstm": [[1.0, NAN, NAN, NAN]]}, 2, NAMES[:2]))
    assert found["mase"][0] == 1.0
    assert np.isnan(found["mase"][1])


def test_the_interval_is_over_series_and_not_over_their_origins(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    of_series = rng.normal(0, 1, 12)
    base, other = np.full(36, 5.0), np.repeat(5 + of_series, 3)
    run = run_of(tmp_path, {"seasonal-naive": [list(base)], "lstm": [list(other)]}, 3)
    row = over_series(run, series_scores(run)).set_index("method").loc["lstm"]
    half = student.ppf(0.975, 11) * of_series.std(ddof=1) / np.sqrt(12)
    assert row["difference"] == pytest.approx(of_series.mean())
    assert row["upper"] - row["lower"] == pytest.approx(2 * half)
    assert row["better"] == pytest.approx((of_series < 0).mean())
    assert row["series"] == 12
    assert row["cpu_ms"] == pytest.approx(1000 * 0.6 / 12)


def test_few_series_have_a_difference_without_an_interval(tmp_path: Path) -> None:
    run = run_of(tmp_path, {"seasonal-naive": [[1.0, 2.0]], "lstm": [[1.0, 1.0]]}, 1, NAMES[:2])
    row = over_series(run, series_scores(run)).set_index("method").loc["lstm"]
    assert row["difference"] == -0.5
    assert row["better"] == 0.75
    assert "lower" not in row or pd.isna(row["lower"])


def test_a_run_without_forecasts_has_no_scores_of_series(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("lstm", [1.0, 0.0])
    assert not len(series_scores(read_run(made.write())))


def test_errors_that_are_equal_up_to_rounding_are_ties(tmp_path: Path) -> None:
    base = [0.3, 0.3, 0.3, 0.3]
    other = [0.1 + 0.2, 0.3 * (1 - 1e-12), 0.3 * (1 - 1e-6), 0.4]
    run = run_of(tmp_path, {"seasonal-naive": [base], "lstm": [other]}, 1, NAMES[:4])
    row = over_series(run, series_scores(run)).set_index("method").loc["lstm"]
    assert other[0] != base[0]
    assert row["ties"] == 2
    assert row["better"] == 0.5
