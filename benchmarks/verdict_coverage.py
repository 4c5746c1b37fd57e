"""Coverage of intervals for the difference of two forecasters on the test part of one series.

    python benchmarks/verdict_coverage.py --output FOLDER [--draws 2000]

Simulates two forecasters whose expected losses are known, with a true difference of skill of 0 and of the
margin. Five kinds of series: autoregressive with coefficient 0, .5 and .9, seasonal (lag 12: .8, lag 1: .5),
and long memory (ARFIMA with d = .3). Three pairs of forecasters, all around the exact forecast: two wrong
levels of opposite sign ("levels"), a mixture with the naive forecast against a wrong level ("reaction"), and
the mean of the series against a wrong level ("mean"). Loss: the mean absolute error over the horizon. Skill:
against the naive forecast, seasonal on the seasonal series. Four intervals of nominal level .95:

- ours: the interval of the reports (`reports/statistics/long_run.py`), the wider of EWC with B and with 4
  cosines.
- EWC: the equal-weighted cosine estimator with B = min(8, n / 2h) cosines.
- HAC: h - 1 lags with equal weights, as Diebold and Mariano (1995), and Bartlett weights where that variance
  is not positive; the correction of Harvey, Leybourne and Newbold (1997); t with n - 1 degrees of freedom.
- bootstrap: percentiles over blocks of about the cube root of the number of origins.

Origins are max(1, h / 2) steps apart, as for a file of your own. Each setting that is done is kept in FOLDER;
the same command continues. The whole takes about 10 CPU-minutes.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.lift_verdicts import block_of
from recurbench.reports.statistics.long_run import (
    LEAST_COSINES,
    Origins,
    half_width,
    ratio_of_means,
    variance_of_mean,
)
from scipy.optimize import brentq
from scipy.signal import fftconvolve, lfilter
from scipy.special import ndtr

Floats = NDArray[np.float64]

SPANS = (8, 16, 24, 48, 72, 96, 120, 192, 240, 480, 960, 2000)
HORIZONS = (1, 12, 24)
MEMORY = 2000  # weights of past innovations that are kept
SEASON = 12
LEVELS, MIXED = 0.3, 0.4  # a wrong level in standard deviations of the series; a share of the naive forecast
PAIRS = ("levels", "reaction", "mean")
RESAMPLES = 299
BATCH = 250


@dataclass(frozen=True)
class Process:
    """A Gaussian process by the weights of its past innovations, the newest first."""

    name: str
    weights: Floats
    season: int = 1

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of the series."""
        return float(np.sqrt((self.weights**2).sum()))

    def draw(self, count: int, steps: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """[count, steps]: innovations and the series."""
        noise = rng.normal(size=(count, steps + MEMORY))
        return noise[:, MEMORY:], fftconvolve(noise, self.weights[None], axes=1)[:, MEMORY : MEMORY + steps]


def processes() -> Iterator[Process]:
    """The kinds of series."""
    pulse = np.zeros(MEMORY)
    pulse[0] = 1.0
    for phi in (0.0, 0.5, 0.9):
        yield Process(f"AR({phi:g})", lfilter([1.0], [1.0, -phi], pulse))
    seasonal = np.convolve([1.0, -0.5], [1.0, *[0.0] * (SEASON - 1), -0.8])
    yield Process("seasonal", lfilter([1.0], seasonal, pulse), SEASON)
    steps = np.arange(1, MEMORY)
    yield Process("ARFIMA(.3)", np.append(1.0, np.cumprod((steps - 1 + 0.3) / steps)))


@dataclass(frozen=True)
class Forecaster:
    """Forecast = exact forecast + mixed * (naive - exact) + level, or the mean of the process."""

    mixed: float = 0.0
    level: float = 0.0
    mean: bool = False

    def expected(self, process: Process, horizon: int) -> float:
        """The expected absolute error, the mean over the horizon."""
        found = []
        for k in range(1, horizon + 1):
            exact = np.where(np.arange(MEMORY) < k, process.weights, 0.0)
            naive = process.weights.copy()
            lag = _lag(process, k)
            naive[lag:] -= process.weights[:-lag]
            error = process.weights if self.mean else (1 - self.mixed) * exact + self.mixed * naive
            found.append(_absolute(self.level, float(np.sqrt((error**2).sum()))))
        return float(np.mean(found))


def _lag(process: Process, k: int) -> int:
    """How far back the naive forecast of step k looks."""
    return process.season * -(-k // process.season) if process.season > 1 else k


def _absolute(mean: float, deviation: float) -> float:
    """The expected absolute value of a normal variable."""
    z = mean / deviation
    return deviation * float(np.sqrt(2 / np.pi)) * float(np.exp(-(z**2) / 2)) + mean * (
        1 - 2 * float(ndtr(-z))
    )


def forecasters(
    pair: str, process: Process, horizon: int, true: float
) -> tuple[Forecaster, Forecaster] | None:
    """Two forecasters with the true difference of skill, the first ahead; None where there are none."""
    scale = Forecaster(mixed=1.0).expected(process, horizon)
    wrong = LEVELS * process.deviation
    if pair == "levels":
        one: Forecaster = Forecaster(level=-wrong)
    elif pair == "reaction":
        one = Forecaster(mixed=MIXED)
    else:
        one = Forecaster(mean=True)
    want = one.expected(process, horizon) + true * scale
    if want - Forecaster().expected(process, horizon) < 1e-9:
        return None
    level = brentq(lambda b: Forecaster(level=b).expected(process, horizon) - want, 0.0, 50.0)
    return one, Forecaster(level=level)


def losses(
    process: Process, noise: Floats, series: Floats, horizon: int, starts: NDArray[np.int64]
) -> Callable[[Forecaster], Floats]:
    """By forecaster its loss [count, origins]; starts: the index of the last known step of each origin."""
    exact, naive, values = [], [], []
    for k in range(1, horizon + 1):
        of_step = np.zeros((len(noise), len(starts)))
        for j in range(k):
            of_step += process.weights[j] * noise[:, starts + k - j]
        exact.append(of_step)
        values.append(series[:, starts + k])
        naive.append(values[-1] - series[:, starts + k - _lag(process, k)])

    def of(one: Forecaster) -> Floats:
        total = np.zeros_like(values[0])
        for k in range(horizon):
            error = values[k] if one.mean else exact[k] + one.mixed * (naive[k] - exact[k])
            total += np.abs(error - one.level)
        return total / horizon

    return of


def ewc(influence: Floats, cosines: int) -> Floats:
    """Half-widths by equal-weighted cosines; infinite where the span allows none."""
    if cosines < 1:
        return np.full(len(influence), np.inf)
    return half_width(variance_of_mean(influence, cosines), cosines)


def hac(influence: Floats, origins: Origins) -> Floats:
    """Half-widths by h - 1 lags."""
    n = influence.shape[1]
    lags = min(-(-origins.horizon // origins.step), n) - 1
    covariances = [(influence[:, k:] * influence[:, : n - k]).sum(axis=1) / n for k in range(lags + 1)]
    flat = covariances[0] + 2 * sum(covariances[1:], np.zeros(len(influence)))
    tapered = covariances[0] + 2 * sum(
        ((1 - k / (lags + 1)) * covariances[k] for k in range(1, lags + 1)), np.zeros(len(influence))
    )
    h = lags + 1
    correction = max(n + 1 - 2 * h + h * (h - 1) / n, 1.0) / n
    return half_width(np.where(flat > 0, flat, tapered) / n / correction, n - 1)


def bootstrap(
    one: Floats, other: Floats, reference: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Bounds by the percentiles of the difference over resampled blocks of origins."""
    n = one.shape[1]
    blocks = np.arange(n) // block_of(n)
    count = blocks[-1] + 1
    times = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)[:, blocks].astype(float)
    moved = ((other - one) @ times.T) / (reference @ times.T)
    low, high = np.percentile(moved, [50 * (1 - LEVEL), 50 * (1 + LEVEL)], axis=1)
    return low, high


def simulated(process: Process, horizon: int, draws: int, seed: int) -> list[dict[str, Any]]:
    """One row per span, pair and true difference: by interval coverage, median width and false claims."""
    step, past = max(1, horizon // 2), 4 * SEASON
    rows: dict[tuple[Any, ...], list[Mapping[str, Floats]]] = {}
    rng = np.random.default_rng([seed, horizon])
    zero = Forecaster(mixed=1.0)
    pairs = {
        (pair, true): found
        for pair in PAIRS
        for true in (0.0, MARGIN)
        if (found := forecasters(pair, process, horizon, true))
    }
    for _ in range(draws // BATCH):
        noise, series = process.draw(BATCH, past + SPANS[-1], rng)
        starts = np.arange(past - 1, past - 1 + SPANS[-1] - horizon + 1, step)
        loss = losses(process, noise, series, horizon, starts)
        reference, kept = loss(zero), {place: [loss(each) for each in two] for place, two in pairs.items()}
        for span in SPANS:
            origins = Origins((span - horizon) // step + 1, step, horizon)
            if span < 2 * horizon or origins.count < 4:
                continue
            for (pair, true), (a, b) in kept.items():
                one, other, zero_loss = (each[:, : origins.count] for each in (a, b, reference))
                value, influence = ratio_of_means(other - one, zero_loss)
                widths = [ewc(influence, count) for count in {origins.cosines, LEAST_COSINES}]
                bounds = {
                    "ours": np.maximum.reduce(widths),
                    "EWC": ewc(influence, origins.cosines),
                    "HAC": hac(influence, origins),
                }
                found = {name: np.stack([value - half, value + half]) for name, half in bounds.items()}
                found["bootstrap"] = np.stack(bootstrap(one, other, zero_loss, rng))
                rows.setdefault((span, origins.cosines, pair, true), []).append(found)
    return [_row(process.name, horizon, *place, parts) for place, parts in rows.items()]


def _row(
    name: str,
    horizon: int,
    span: int,
    cosines: int,
    pair: str,
    true: float,
    parts: list[Mapping[str, Floats]],
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "series": name,
        "h": horizon,
        "span": span,
        "B": cosines,
        "pair": pair,
        "true": true,
    }
    for kind in parts[0]:
        low, high = np.concatenate([each[kind] for each in parts], axis=1)
        # A claim is false where the truth is not strictly beyond the margin on that side.
        ahead, behind = (low > MARGIN).mean(), (high < -MARGIN).mean()
        row[kind] = {
            "covers": float(((low <= true) & (true <= high)).mean()),
            "half": float(np.median((high - low) / 2)),
            "false": float(ahead + behind),
            "equal": float(((low >= -MARGIN) & (high <= MARGIN)).mean()),
            "zero": float(((low > 0) | (high < 0)).mean()),
        }
    return row


def main() -> None:
    """Simulate what is not stored yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for what is done")
    parser.add_argument("--draws", type=int, default=2000, help="simulated series of each kind")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    rows = []
    for seed, process in enumerate(processes()):
        for horizon in HORIZONS:
            file = options.output / f"{process.name}-{horizon}-{options.draws}.json"
            if not file.exists():
                file.write_text(json.dumps(simulated(process, horizon, options.draws, seed)))
            rows += json.loads(file.read_text())
            print(f"done: {process.name}, h = {horizon}", flush=True)
    for line in (*tables(rows), *skills()):
        print(line)


def tables(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The lowest coverage of each kind of interval, and rates of claims of ours."""
    names = list(dict.fromkeys(row["series"] for row in rows))
    places = sorted({(row["h"], row["span"], row["B"]) for row in rows})
    for kind in ("ours", "EWC", "HAC", "bootstrap"):
        yield (
            f"\n{kind}: coverage (nominal {LEVEL:g}), the lower of true differences 0 and {MARGIN:g}; "
            "pairs levels and reaction / pair mean"
        )
        yield f"{'h':>4}{'span':>6}{'B':>3}" + "".join(f"{name:>14}" for name in names)
        for h, span, cosines in places:
            cells = []
            for name in names:
                own = [row for row in rows if (row["series"], row["h"], row["span"]) == (name, h, span)]
                of_mean, others = (
                    [r[kind]["covers"] for r in own if (r["pair"] == "mean") == is_mean]
                    for is_mean in (True, False)
                )
                cells.append(f"{f'{min(others):.3f} / {min(of_mean):.3f}':>14}")
            yield f"{h:>4}{span:>6}{cosines:>3}" + "".join(cells)
    yield "\nours, pairs levels and reaction: range over the series of rates of claims and half-widths"
    yield f"{'':13}{'true 0:':>14}{'':>15}{'true .05:':>15}"
    yield f"{'h':>4}{'span':>6}{'B':>3}{'not 0':>14}{'within .05':>15}{'beyond .05':>15}{'half-width':>15}"
    for h, span, cosines in places:
        if cosines < LEAST_COSINES:
            continue
        own = [row for row in rows if (row["h"], row["span"]) == (h, span) and row["pair"] != "mean"]
        zero, margin = ([r["ours"] for r in own if (r["true"] == 0) == is_zero] for is_zero in (True, False))
        cells = [
            _range([each["zero"] for each in zero], 14),
            _range([each["equal"] for each in zero], 15),
            _range([each["false"] for each in margin], 15),
            _range([each["half"] for each in zero], 15),
        ]
        yield f"{h:>4}{span:>6}{cosines:>3}" + "".join(cells)


def skills() -> Iterator[str]:
    """The skill of the forecasters of the pair "mean", by kind of series and horizon."""
    yield "\nskill of the forecasters of the pair mean, at a true difference of 0"
    kinds = list(processes())
    yield f"{'h':>4}" + "".join(f"{kind.name:>14}" for kind in kinds)
    for h in HORIZONS:
        found = [
            1 - Forecaster(mean=True).expected(kind, h) / Forecaster(mixed=1.0).expected(kind, h)
            for kind in kinds
        ]
        yield f"{h:>4}" + "".join(f"{skill:>14.2f}" for skill in found)


def _range(values: list[float], width: int) -> str:
    return f"{f'{min(values):.3f}-{max(values):.3f}':>{width}}"


if __name__ == "__main__":
    main()
