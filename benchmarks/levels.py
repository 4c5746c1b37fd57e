"""Compare known levels of synthetic tasks with other sources, and the estimation error of an ARMA(1,1).

    python benchmarks/levels.py

Prints four tables. Copy memory: the cross-entropy without memory that Bai, Kolter and Koltun (2018) state
for a delay of 1000, beside ours. hmm-filter: accuracies without memory and of the full Bayes filter, and the
share of the way between them that windows reach; ours beside those of an independent implementation. arma:
fits by maximum likelihood to one series of n steps, phi = .99 and theta = .8, over 50 samples; the excess of
the mean squared error of one-step forecasts over that of the true filter, on 2000 later steps. lorenz: the
mean squared error of the particle filter by its number of particles, and that of its worst series.
Takes about a CPU-minute.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import math
import time
import warnings

import numpy as np
from numpy.typing import NDArray
from recurbench.datasets._chain import draw, filtered
from recurbench.datasets._particles import forecasts
from recurbench.datasets.arma import draw as draw_arma
from recurbench.datasets.arma import filtered as filtered_arma
from recurbench.datasets.copy_memory import levels as copy_levels
from recurbench.datasets.lorenz import paths, system
from scipy.stats import norm
from statsmodels.tsa.arima.model import ARIMA

PUBLISHED_COPY = 0.0204
# q, sd: memoryless, full, shares of windows 4, 16 and 64.
MEASURED_HMM = {
    (0.80, 1.5): (0.746, 0.780, 0.99, 1.00, 1.00),
    (0.95, 1.5): (0.749, 0.876, 0.88, 1.00, 1.00),
    (0.95, 3.0): (0.629, 0.751, 0.67, 1.00, 1.00),
    (0.99, 1.5): (0.747, 0.954, 0.72, 1.00, 1.00),
    (0.99, 3.0): (0.629, 0.884, 0.43, 0.91, 1.00),
    (0.995, 3.0): (0.630, 0.923, 0.39, 0.85, 1.00),
    (0.995, 5.0): (0.580, 0.862, 0.26, 0.67, 0.99),
}
WARM = 500
DRAWS = 50
AHEAD = 2000
SIZES = (300, 1000, 5000)
PHI, THETA = 0.99, 0.8


def copy_memory() -> None:
    """The level without memory by formula, by the generator and as published."""
    formula = 10 * math.log(8) / (1000 + 2 * 10)
    print("copy memory, delay 1000, 10 of 8 symbols, cross-entropy without memory")
    print(f"formula {formula:.5f}, generator {copy_levels(1000, 8, 10)[1]:.5f}, published {PUBLISHED_COPY}\n")


def hmm_filter() -> None:
    """Our levels on 300 sequences, with the standard error of the full filter over sequences.

    The other table is for long chains, so ours leaves out the first steps, in which the filter warms up.
    """
    print("hmm-filter, each ours / other: accuracies, then shares of the way from memoryless to full")
    print("    q   sd  memoryless     full           error  w=4          w=16         w=64")
    for (q, sd), other in MEASURED_HMM.items():
        x, states = draw(q, sd, 300, WARM + 1000, np.random.default_rng(5))
        chances = [filtered(x, q, sd, window) for window in (1, 4, 16, 64, None)]
        rights = [(chance[:, WARM:] > 0.5) == states[:, WARM:] for chance in chances]
        one, four, sixteen, more, full = (float(right.mean()) for right in rights)
        error = rights[-1].mean(axis=1).std(ddof=1) / math.sqrt(len(x))
        ours = (norm.cdf(1 / sd), full, *((w - one) / (full - one) for w in (four, sixteen, more)))
        accuracies = "  ".join(f"{a:.3f} / {b:.3f}" for a, b in zip(ours[:2], other[:2], strict=True))
        reached = "  ".join(f"{a:.2f} / {b:.2f}" for a, b in zip(ours[2:], other[2:], strict=True))
        print(f"{q:5.3f}  {sd:3.1f}  {accuracies}  {error:.4f} {reached}")
    print()


def excess(n: int, seed: int) -> tuple[float, float, float]:
    """The excess of one fit to n steps over the true filter on later steps, and its phi and theta."""
    x, seen, ahead = draw_arma(PHI, THETA, 0.0, (1, n + AHEAD), np.random.default_rng([n, seed]))
    with warnings.catch_warnings():
        # A fit that stops at its iteration limit counts like any other.
        warnings.simplefilter("ignore")
        fit = ARIMA(x[0, :n], order=(1, 0, 1), trend="n").fit()
    phi, minus_theta, _ = fit.params
    forecast = following(x[0], phi, -minus_theta)
    true, _ = filtered_arma(x, seen, PHI, THETA)
    # The errors of the true filter are subtracted step by step, so only the error of the fit remains.
    errors = (forecast[n:] - ahead[0, n:]) ** 2 - (true[0, n:] - ahead[0, n:]) ** 2
    return float(errors.mean()), phi, -minus_theta


def following(x: NDArray[np.float64], phi: float, theta: float) -> NDArray[np.float64]:
    """Forecasts of the value after each step: m_{t+1} = theta m_t + (phi - theta) x_t."""
    m, forecasts = 0.0, np.empty(len(x))
    for t, value in enumerate(x):
        forecasts[t] = m = theta * m + (phi - theta) * value
    return forecasts


def arma() -> None:
    """Compare with the true filter on the same steps; in theory, two parameters cost about 2 / n."""
    print(f"arma, phi {PHI}, theta {THETA}: excess of maximum likelihood over the best, {DRAWS} samples")
    for n in SIZES:
        start = time.process_time()
        fits = np.array([excess(n, seed) for seed in range(DRAWS)])
        error = fits[:, 0].std(ddof=1) / math.sqrt(DRAWS)
        print(
            f"n {n:5d}: mean {fits[:, 0].mean():.4f}, standard error {error:.4f}, median "
            f"{np.median(fits[:, 0]):.4f}, largest {fits[:, 0].max():.3f}; phi {fits[:, 1].min():.3f} to "
            f"{fits[:, 1].max():.3f}, theta {fits[:, 2].min():.3f} to {fits[:, 2].max():.3f}; "
            f"{time.process_time() - start:.0f} CPU-s"
        )


def lorenz() -> None:
    """The particle filter five samples ahead, on 100 series of 100 samples with noise .3."""
    print("\nlorenz[length=100]: mean squared error of the particle filter, standard error, worst series")
    rng = np.random.default_rng(6)
    clean = paths(rng.uniform((-15, -20, 5), (15, 20, 45), (100, 3)), 405)[:, 300:, 0]
    sd = 0.3 * clean.std()
    x, ahead = clean[:, :100] + sd * rng.standard_normal((100, 100)), clean[:, 5:]
    for particles in (250, 500, 1000, 2000, 4000, 8000):
        start = time.process_time()
        off = (forecasts(x, system(sd, particles), 5, 1) - ahead) ** 2 / clean.var()
        series = off.mean(axis=1)
        print(
            f"{particles:5d} particles: {series.mean():.5f}, {series.std(ddof=1) / 10:.5f}, "
            f"{series.max():.3f}; {time.process_time() - start:.0f} CPU-s"
        )


if __name__ == "__main__":
    copy_memory()
    hmm_filter()
    arma()
    lorenz()
