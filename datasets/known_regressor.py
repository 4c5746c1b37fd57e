"""Forecasting with a covariate known ahead, with the exact best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.reading.series import Series, examples
from recurbench.task import Array


@dataclass(frozen=True)
class _Process:
    """y_t = level + beta z_t + u_t with u_t = phi u_{t-1} + N(0, sd^2) and z_t ~ N(0, 1)."""

    beta: float
    phi: float
    sd: float

    def extend(self, level: float, last: float, steps: int, rng: np.random.Generator) -> tuple[Array, float]:
        """Draw `steps` more rows (y, z) after the error `last`; also return the last error."""
        z = rng.standard_normal(steps)
        noise = self.sd * rng.standard_normal(steps)
        errors = np.empty(steps)
        for t in range(steps):
            last = errors[t] = self.phi * last + noise[t]
        return np.stack([level + self.beta * z + errors, z], axis=1), float(last)

    def expected(self, level: float, history: Array, ahead: Array) -> Array:
        """The conditional mean [steps, 1] of the next y, given the past and the covariate ahead."""
        last = history[-1, 0] - level - self.beta * history[-1, 1]
        fading = self.phi ** np.arange(1, len(ahead) + 1)
        mean: Array = level + self.beta * ahead[:, :1] + last * fading[:, None]
        return mean


@dataset("known-regressor", kind="forecasting")
def known_regressor(
    *,
    beta: float = 2.0,
    phi: float = 0.7,
    sd: float = 1.0,
    n_series: int = 8,
    length: int = 120,
    horizon: int = 12,
    origins: int = 5,
    seed: int = 0,
) -> Problem:
    """Linear regression on a covariate known ahead, with autocorrelated errors (simulated).

    Parameters
    ----------
    beta : float
        Effect of the covariate.
    phi, sd : float
        Autocorrelation of the errors, and standard deviation of their innovations.
    n_series : int
    length : int
        Steps of a training series.
    horizon : int
        Steps to forecast.
    origins : int
        Test origins per series.
    seed : int
    """
    if sd <= 0 or not -1 < phi < 1:
        raise ValueError(f"known-regressor needs sd > 0 and -1 < phi < 1, got sd={sd} and phi={phi}")
    if min(n_series, horizon, origins) < 1 or length < horizon + 2:
        raise ValueError(
            "known-regressor needs at least one series, step and origin, and length >= horizon + 2, "
            f"got n_series={n_series}, horizon={horizon}, origins={origins}, length={length}"
        )
    process = _Process(beta, phi, sd)
    past, valid_future, test_future = (np.random.default_rng([seed, stream]) for stream in range(3))
    levels = 10 + 3 * past.standard_normal(n_series)
    train: list[Series] = []
    valid: list[Series] = []
    test: list[Series] = []
    for number, level in enumerate(levels):
        start = sd / np.sqrt(1 - phi**2) * past.standard_normal()
        rows, last = process.extend(level, start, length, past)
        train.append(_series(number, rows))
        # Valid and test are two independent futures of one past.
        for split, rng in ((valid, valid_future), (test, test_future)):
            more, _ = process.extend(level, last, origins * horizon, rng)
            split.append(_series(number, np.concatenate([rows, more])))
    later = [length + k * horizon for k in range(origins)]
    asked = _cut(test, later, horizon)
    oracle = [process.expected(levels[i // origins], asked.x[i], asked.ahead[i]) for i in range(len(asked))]
    names = ("y", "z")
    task = Task(
        "forecasting", x=Values(2, names=names), y=Values(1, names=names[:1]), length="fixed", steps=horizon
    )
    about = _about(process, np.repeat(levels, origins), asked, oracle)
    return Problem(
        task, _cut(train, [length - horizon], horizon), asked, about, _cut(valid, later, horizon), oracle
    )


def _series(number: int, rows: Array) -> Series:
    return Series(f"series {number}", rows, np.arange(len(rows), dtype=np.float64), known=1)


def _cut(series: list[Series], origins: list[int], horizon: int) -> Split:
    return examples([(one, origin) for one in series for origin in origins], 1, horizon)


def _about(process: _Process, levels: Array, test: Split, oracle: list[Array]) -> About:
    """The description, with levels on the test sample; `without_ahead`: without the covariate ahead."""
    flat = [np.full_like(y, level) for y, level in zip(test.y, levels, strict=True)]
    memoryless = [one + process.beta * z for one, z in zip(flat, test.ahead, strict=True)]
    unaware = [best - process.beta * z for best, z in zip(oracle, test.ahead, strict=True)]
    constant, best = _mase(flat, test), _mase(oracle, test)
    share = (constant - _mase(unaware, test)) / (constant - best) if constant > best else 1.0
    return About(
        source="generated: regression on a known covariate with first-order autoregressive errors",
        licence="none needed: generated",
        protocol=f"beta={process.beta}, phi={process.phi}, sd={process.sd}; training is the common "
        "past, valid and test are two independent futures of it, with origins one horizon apart; the "
        "covariate is known ahead",
        reference="seasonal-naive",
        metric="mase",
        version="1",
        constant=constant,
        memoryless=_mase(memoryless, test),
        best=best,
        headroom={"window_1": 1.0, "without_ahead": share},
        role="control",
    )


def _mase(answers: list[Array], test: Split) -> float:
    """MASE: the absolute error divided by the in-sample error of the last value."""
    return float(
        np.mean(
            [
                np.abs(answer - y).mean() / np.abs(np.diff(x[:, 0])).mean()
                for answer, y, x in zip(answers, test.y, test.x, strict=True)
            ]
        )
    )
