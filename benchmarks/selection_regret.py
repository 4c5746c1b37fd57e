"""What a rule of choosing a method on validation costs: mean validation regret on real and simulated series.

    python benchmarks/selection_regret.py [FOLDER ...]

Regret: the test loss of the method that the rule chooses minus that of the best method, over the test loss
of the seasonal naive forecast. Real series: those of statsmodels, and the numeric columns of the CSV files in
the folders (the first three of a file, its last 1,500 rows; the mean over the series of a file counts once).
Simulated: white noise, AR(1), seasonal, threshold and long-memory series of 200 steps, tested on 2,000 more.

The horizon is the largest of season, season / 2, ... of which 10 fit into two fifths of the rows (12, 6, 3, 1
without a season), the test part at most 20 horizons, origins half a horizon apart. Nine methods are fitted
once, before the validation part, and once before the test part. Takes about one CPU-minute.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import argparse
import importlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROWS, COLUMNS, TEST_SHARE, LEAST, MOST = 1500, 3, 0.4, 10, 20
# Words in the name of a file and the season of its series.
SEASONS = {
    12: "air milk ice_cream sunspots wine pbs shampoo airline seatbelts temps_month co2 elnino",
    4: "ausbeer wool tourism uschange macro",
    48: "taylor taxi",
    24: "solar",
    7: "temps household",
    52: "ili gasoline",
}
SIMULATED = {"noise": 40, "ar": 20, "seasonal": 20, "threshold": 20, "long memory": 20}


@dataclass(frozen=True)
class Case:
    """One series: fitted on `values[:train]`, tested on the rest."""

    group: str
    values: Floats
    season: int
    horizon: int
    train: int
    test_step: int


Forecasts = Callable[[Floats, int, Whole, int, int], Floats]
"""Series, end of the fitting part, origins, horizon and season to forecasts [origins, horizon]."""


def mean(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:  # noqa: ARG001
    """The mean of the fitting part."""
    return np.full((len(at), h), y[:end].mean())


def naive(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:  # noqa: ARG001
    """The last value."""
    return np.repeat(y[at - 1][:, None], h, axis=1)


def seasonal(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:  # noqa: ARG001
    """The value a season before."""
    steps = np.arange(h)
    return y[at[:, None] - s + steps % s]


def drift(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:  # noqa: ARG001
    """The last value and the mean change of the fitting part."""
    return y[at - 1][:, None] + (y[end - 1] - y[0]) / (end - 1) * np.arange(1, h + 1)


def _adjusted(y: Floats, end: int, s: int) -> tuple[Floats, Floats]:
    """The series without the seasonal means of the fitting part, and these by phase."""
    if s < 2 or end < 2 * s:
        return y, np.zeros(max(s, 1))
    level = pd.Series(y[:end]).rolling(s, center=True, min_periods=1).mean().to_numpy()
    phases = np.arange(end) % s
    means = np.array([(y[:end] - level)[phases == k].mean() for k in range(s)])
    means -= means.mean()
    return y - means[np.arange(len(y)) % s], means


def _with_season(found: Floats, means: Floats, at: Whole, h: int) -> Floats:
    return found + means[(at[:, None] + np.arange(h)) % len(means)]


def smoothing(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:
    """Simple exponential smoothing of the seasonally adjusted series."""
    z, means = _adjusted(y, end, s)
    level = _levels(z, end)
    return _with_season(np.repeat(level[at - 1][:, None], h, axis=1), means, at, h)


def _levels(z: Floats, end: int) -> Floats:
    """The level after every step, with the weight that has the least squared errors on the fitting part."""
    best, found = np.inf, z
    for alpha in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0):
        level = lfilter([alpha], [1, alpha - 1], z, zi=[(1 - alpha) * z[0]])[0]
        error = float(((z[1:end] - level[: end - 1]) ** 2).sum())
        if error < best:
            best, found = error, level
    return found


def theta(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:
    """Smoothing plus half of the linear trend (Assimakopoulos and Nikolopoulos 2000)."""
    z, means = _adjusted(y, end, s)
    slope = np.polyfit(np.arange(end), z[:end], 1)[0] / 2
    found = _levels(z, end)[at - 1][:, None] + slope * np.arange(1, h + 1)
    return _with_season(found, means, at, h)


def damped(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:
    """Smoothing with a damped trend, its three weights from a grid."""
    z, means = _adjusted(y, end, s)
    grid = np.array([(a, b, p) for a in (0.1, 0.3, 0.6, 0.9) for b in (0.02, 0.1, 0.3) for p in (0.8, 0.95)])
    alpha, beta, phi = grid.T
    level, slope = np.full(len(grid), z[0]), np.zeros(len(grid))
    levels, slopes = np.empty((len(z), len(grid))), np.empty((len(z), len(grid)))
    error = np.zeros(len(grid))
    for t, value in enumerate(z):
        ahead = level + phi * slope
        gap = value - ahead
        level, slope = ahead + alpha * gap, phi * slope + alpha * beta * gap
        levels[t], slopes[t] = level, slope
        if t < end:
            error += gap**2
    k = int(error.argmin())
    reach = np.cumsum(phi[k] ** np.arange(1, h + 1))
    found = levels[at - 1, k][:, None] + slopes[at - 1, k][:, None] * reach
    return _with_season(found, means, at, h)


def _lagged(y: Floats, at: Whole, lags: int) -> Floats:
    return y[at[:, None] - 1 - np.arange(lags)]


def autoregression(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:
    """Autoregression by least squares, its order by AIC, iterated over the horizon."""
    most = max(1, min(2 * s if s > 1 else 8, end // 4, 30))
    rows = np.arange(most, end)
    best, weights = np.inf, np.zeros(2)
    for order in sorted({1, 2, 3, 5, 8, s, s + 1, most}):
        if order > most:
            continue
        x = np.column_stack([np.ones(len(rows)), _lagged(y, rows, order)])
        found = np.linalg.lstsq(x, y[rows], rcond=None)[0]
        error = float(((y[rows] - x @ found) ** 2).mean())
        score = len(rows) * np.log(max(error, 1e-12)) + 2 * (order + 1)
        if score < best:
            best, weights = score, found
    past = _lagged(y, at, len(weights) - 1)
    found = []
    bound = 10 * np.abs(y[:end]).max()
    for _ in range(h):
        ahead = np.clip(weights[0] + past @ weights[1:], -bound, bound)
        found.append(ahead)
        past = np.column_stack([ahead, past[:, :-1]])
    return np.stack(found, axis=1)


def ridge(y: Floats, end: int, at: Whole, h: int, s: int) -> Floats:
    """One linear map from the last values, less their last, to all steps."""
    lags = max(1, min(2 * max(s, h), end // 3))
    rows = np.arange(lags, end - h + 1)
    if len(rows) < 4:
        return naive(y, end, at, h, s)
    x, target = _lagged(y, rows, lags), y[rows[:, None] + np.arange(h)]
    last = x[:, :1]
    x, target = np.column_stack([np.ones(len(x)), x - last]), target - last
    penalty = 0.1 * float((x**2).mean()) * len(rows) ** 0.5 * np.eye(lags + 1)
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ target)
    now = _lagged(y, at, lags)
    return now[:, :1] + np.column_stack([np.ones(len(at)), now - now[:, :1]]) @ weights


# From the simplest; a tie goes to the earlier one.
METHODS: dict[str, Forecasts] = {
    "naive": naive,
    "mean": mean,
    "seasonal naive": seasonal,
    "drift": drift,
    "smoothing": smoothing,
    "theta": theta,
    "damped trend": damped,
    "autoregression": autoregression,
    "ridge": ridge,
}


def losses(case: Case, end: int, at: Whole) -> Floats:
    """[methods, origins, horizon]: absolute errors of fits that end at `end`."""
    truth = case.values[at[:, None] + np.arange(case.horizon)]
    with np.errstate(all="ignore"):
        return np.stack(
            [
                np.abs(method(case.values, end, at, case.horizon, case.season) - truth)
                for method in METHODS.values()
            ]
        )


@dataclass(frozen=True)
class Rule:
    """A rule of choice: validation origins `step` of a horizon apart over at most `most` horizons.

    parts: the loss is the mean over these parts of the horizon, counted from the first step. tie: whether
    the simplest method within one standard error of the best is taken. share: of the training part, the most
    that validation takes, but always one horizon.
    """

    most: float
    step: float
    parts: tuple[float, ...] = (1.0,)
    tie: bool = False
    share: float = 1.0

    def origins(self, case: Case) -> Whole:
        """The validation origins, from the first; they end one horizon before the test part."""
        h = case.horizon
        spare = case.train - h - 2 * max(case.season, h)
        span = min(int(self.most * h), max(h, int(self.share * case.train)), spare)
        step = max(1, int(self.step * h))
        count = max(1, (span - h) // step + 1)
        return (case.train - h - step * np.arange(count))[::-1]

    def chosen(self, case: Case) -> int:
        """The number of the method."""
        at = self.origins(case)
        errors = losses(case, int(at[0]), at)
        steps = [max(1, int(part * case.horizon)) for part in self.parts]
        by_origin = np.mean([errors[:, :, :count].mean(axis=2) for count in steps], axis=0)
        means = np.nan_to_num(by_origin.mean(axis=1), nan=np.inf)
        best = int(means.argmin())
        if not self.tie or len(at) < 3:
            return best
        gaps = by_origin - by_origin[best]
        windows = max(2.0, (at[-1] - at[0]) / case.horizon + 1)
        error = gaps.std(axis=1, ddof=1) / np.sqrt(min(windows, len(at)))
        return int(np.flatnonzero(means <= means[best] + error)[0])


RULES = {
    "1 origin": Rule(1, 1),
    "3 origins, 1 horizon apart (today)": Rule(3, 1),
    "3 horizons, half a horizon apart": Rule(3, 0.5),
    "3 horizons, every step": Rule(3, 0),
    "5 horizons, half a horizon apart": Rule(5, 0.5),
    "10 horizons, half a horizon apart": Rule(10, 0.5),
    "10 horizons, every step": Rule(10, 0),
    "20 horizons, half a horizon apart": Rule(20, 0.5),
    "10 horizons, half apart, up to 1/4 of train": Rule(10, 0.5, share=0.25),
    "10 horizons, half apart, up to 1/3 of train": Rule(10, 0.5, share=1 / 3),
    "10 horizons, half apart, up to 1/2 of train": Rule(10, 0.5, share=0.5),
    "today, horizons h, h/2, h/4": Rule(3, 1, (1.0, 0.5, 0.25)),
    "10 horizons, half apart, h, h/2, h/4": Rule(10, 0.5, (1.0, 0.5, 0.25)),
    "today, one-SE tie": Rule(3, 1, tie=True),
    "10 horizons, half apart, one-SE tie": Rule(10, 0.5, tie=True),
}


def regrets(case: Case) -> dict[str, float] | None:
    """By rule the regret on the test part; None where the naive forecast has no error."""
    at = np.arange(case.train, len(case.values) - case.horizon + 1, case.test_step)
    test = losses(case, case.train, at).mean(axis=(1, 2))
    scale = test[list(METHODS).index("seasonal naive")]
    if not np.isfinite(test).all() or scale <= 0:
        return None
    return {name: float((test[rule.chosen(case)] - test.min()) / scale) for name, rule in RULES.items()}


def case_of(group: str, values: Floats, season: int) -> Case | None:
    """The default protocol for a series; None if it is too short or constant."""
    values = values[np.isfinite(values)][-ROWS:].astype(float)
    lengths = [season >> k for k in range(10) if season >> k] if season > 1 else [12, 6, 3, 1]
    part = int(TEST_SHARE * len(values))
    horizon = next((h for h in lengths if LEAST * h <= part), 0)
    train = len(values) - min(part, MOST * horizon)
    if not horizon or train < 3 * season + 2 * horizon or np.ptp(values[:train]) == 0:
        return None
    return Case(group, values, season, horizon, train, max(1, horizon // 2))


def real(folders: Sequence[Path]) -> Iterator[Case]:
    """The series of statsmodels and of CSV files."""
    for name in ("co2", "sunspots", "nile", "macrodata", "elnino"):
        data = importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data
        drop = {"YEAR", "year", "quarter"}
        columns = [data[each] for each in data.columns if each not in drop]
        if name == "elnino":
            columns = [pd.Series(data.drop(columns="YEAR").to_numpy().ravel())]
        season = {"co2": 52, "macrodata": 4, "elnino": 12}.get(name, 1)
        yield from _cases(f"statsmodels {name}", columns, season)
    for file in (file for folder in folders for file in sorted(folder.rglob("*.csv"))):
        frame = pd.read_csv(file)
        columns = [frame[each] for each in frame.columns if pd.api.types.is_numeric_dtype(frame[each])]
        words = {word: s for s, text in SEASONS.items() for word in text.split()}
        season = next((s for word, s in words.items() if word in file.stem.lower()), 1)
        yield from _cases(file.stem, columns, season)


def _cases(group: str, columns: Sequence[pd.Series], season: int) -> Iterator[Case]:
    kept = [each for each in columns if each.nunique() > 10 and not each.is_monotonic_increasing]
    for column in kept[:COLUMNS]:
        if case := case_of(group, column.to_numpy(dtype=float), season):
            yield case


def simulated() -> Iterator[Case]:
    """Series of 200 steps, the last 80 of which nothing is fitted on, and 2,000 more to test on."""
    rng = np.random.default_rng(0)
    length, more, burn = 200, 2000, 1000
    weights = np.append(1.0, np.cumprod((np.arange(1, burn) - 1 + 0.3) / np.arange(1, burn)))
    for kind, count in SIMULATED.items():
        season = 12 if kind == "seasonal" else 1
        for _ in range(count):
            noise = rng.normal(size=burn + length + more)
            if kind == "ar":
                noise = lfilter([1], [1, -0.8], noise)
            elif kind == "long memory":
                noise = np.convolve(noise, weights)[: len(noise)]
            elif kind == "seasonal":
                phase = np.arange(len(noise)) * 2 * np.pi / season
                noise = lfilter([1], [1, -0.5], noise) + 2 * np.sin(phase + rng.uniform(0, 6))
            elif kind == "threshold":
                for t in range(1, len(noise)):
                    noise[t] += (0.9 if noise[t - 1] < 0 else -0.6) * noise[t - 1]
            values = noise[burn:]
            horizon = 6
            yield Case(f"simulated {kind}", values, season, horizon, 120, horizon)


def main() -> None:
    """Print the mean regret by rule: over real files, over kinds of simulated series, and each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="folders with CSV files")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    rows = []
    for case in (*real(options.folders), *simulated()):
        if (found := regrets(case)) is not None:
            rows.append({"group": case.group, **found})
    table = pd.DataFrame(rows).groupby("group").agg(["mean", "count"])
    means = table.xs("mean", axis=1, level=1)
    counts = table.xs("count", axis=1, level=1).iloc[:, 0]
    is_simulated = means.index.str.startswith("simulated")
    spread = (means - means[[list(RULES)[1]]].to_numpy())[~is_simulated]
    print(f"{(~is_simulated).sum()} real files with {counts[~is_simulated].sum()} series")
    print(f"{'rule':45}{'real':>8}{'less today':>12}{'s.e.':>7}{'simulated':>11}")
    for name in RULES:
        gap = spread[name]
        print(
            f"{name:45}{means.loc[~is_simulated, name].mean():8.3f}{gap.mean():12.3f}"
            f"{gap.std(ddof=1) / np.sqrt(len(gap)):7.3f}{means.loc[is_simulated, name].mean():11.3f}"
        )
    print()
    short = {name: f"r{i}" for i, name in enumerate(RULES)}
    print("\n".join(f"{short[name]}: {name}" for name in RULES))
    print(means.rename(columns=short).round(3).to_string())


if __name__ == "__main__":
    main()
