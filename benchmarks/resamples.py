"""Coverage of intervals over resamples of one data set: five kinds of interval, seven sizes.

Two linear classifiers on correlated normal channels whose true lift is known from 300 training sets and
40,000 cases. Every data set is split five times into parts of the sizes of our problems. `python
benchmarks/resamples.py` takes about one CPU-minute.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.draws import Spread

Floats = NDArray[np.float64]

CHANNELS, RESAMPLES, BOOTSTRAP, DATA_SETS = 8, 5, 300, 250
SHAPES = ((66, 1030), (36, 176), (50, 150), (100, 100), (140, 60), (270, 370), (332, 110))
MIXING = np.linalg.cholesky(np.eye(CHANNELS) + 0.6)
SHIFT = np.array([1.5] + [0.3] * (CHANNELS - 1))
NAMES = ("t over resamples", "cases alone", "ours", "ours, train shared", "Nadeau-Bengio")


def drawn(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Cases [n, CHANNELS] and their classes, half of each."""
    classes = np.arange(n) % 2.0
    return rng.normal(size=(n, CHANNELS)) @ MIXING.T + np.outer(classes, SHIFT), classes


def errors(train: tuple[Floats, Floats], test: tuple[Floats, Floats]) -> Floats:
    """[2, n]: which test cases the nearest mean and the linear discriminant get wrong."""
    x, y = train
    means = [x[y == k].mean(axis=0) for k in (0, 1)]
    centred = x - x.mean(axis=0)
    solved = np.linalg.solve(centred.T @ centred + np.eye(CHANNELS), centred.T @ (y - y.mean()))
    lines = ((means[1] - means[0], sum(means) / 2), (solved, x.mean(axis=0)))
    return np.array(
        [((test[0] - centre) @ line > 0) != (test[1] == 1) for line, centre in lines], dtype=float
    )


def truth(n: int) -> float:
    """The mean lift of the first over the second after training on n cases."""
    rng, big = np.random.default_rng(5), drawn(40_000, np.random.default_rng(99))
    pairs = [errors(drawn(n, rng), big).mean(axis=1) for _ in range(300)]
    return float(np.mean([2 * (two - one) for one, two in pairs]))


def halves(n_train: int, n_test: int, rng: np.random.Generator) -> tuple[float, list[float]]:
    """The mean lift over RESAMPLES splits of a new data set, and the half-width of every interval."""
    x, y = drawn(n_train + n_test, rng)
    gaps = np.full((RESAMPLES, len(y)), np.nan)
    for gap in gaps:
        train = np.zeros(len(y), dtype=bool)
        for k in (0, 1):
            train[rng.permutation(np.flatnonzero(y == k))[: n_train // 2]] = True
        one, two = errors((x[train], y[train]), (x[~train], y[~train]))
        gap[~train] = 2 * (two - one)
    values, known = np.nanmean(gaps, axis=1), np.isfinite(gaps)
    times = rng.multinomial(len(y), np.full(len(y), 1 / len(y)), size=BOOTSTRAP)
    moved = ((times @ np.nan_to_num(gaps).T) / (times @ known.T)).mean(axis=1)
    cases, between = float(moved.var(ddof=1)), float(values.var(ddof=1))
    share, ratio = between / RESAMPLES, n_test / n_train
    spreads = (
        Spread(None, share, 1, RESAMPLES, 1),
        Spread(cases, None, len(y), 1, 1),
        Spread(cases, share, len(y), RESAMPLES, 1),
        Spread(cases, between * (1 / RESAMPLES + 1 / ratio), len(y), RESAMPLES, 1),
        Spread(None, between * (1 / RESAMPLES + ratio), 1, RESAMPLES, 1),
    )
    return float(values.mean()), [each.half_width() or 0.0 for each in spreads]


def main() -> None:
    """Print coverage and mean half-width by size and kind of interval."""
    rng = np.random.default_rng(0)
    for n_train, n_test in SHAPES:
        true = truth(n_train)
        simulated = [halves(n_train, n_test, rng) for _ in range(DATA_SETS)]
        widths = np.array([half for _, half in simulated])
        inside = np.abs(np.array([[mean] for mean, _ in simulated]) - true) <= widths
        columns = zip(NAMES, inside.mean(axis=0), widths.mean(axis=0), strict=True)
        results = "; ".join(f"{name} {cover:.3f} ({half:.3f})" for name, cover, half in columns)
        print(f"{n_train} + {n_test}, true lift {true:+.3f}: {results}")


if __name__ == "__main__":
    main()
