"""Many short seasonal series with shared dynamics, and the exact best forecast of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.metrics import mase
from recurbench.reading.series import Series, examples
from recurbench.task import Array

PERIOD = 12
LEVEL = 5.0  # standard deviation of the levels


@dataclass(frozen=True)
class _Process:
    """y_t = level + a pattern[t mod 12] + u_t with u_t = phi1 u_{t-1} + phi2 u_{t-2} + N(0, 1).

    pattern [12] and phi are those of every series; level ~ N(0, LEVEL^2) and a ~ N(1, spread^2) are a series'
    own. All of it is Gaussian, so the conditional mean of the future given the past is linear.
    """

    pattern: Array
    phi: tuple[float, float]
    spread: float

    def autocovariance(self, count: int) -> Array:
        """The autocovariances [count] of u, from the Yule-Walker equations."""
        one, two = self.phi
        first = one / (1 - two)
        variance = 1 / (1 - one * first - two * (one * first + two))
        rho = [1.0, first]
        while len(rho) < count:
            rho.append(one * rho[-1] + two * rho[-2])
        return variance * np.array(rho[:count])

    def covariance(self, count: int, shared: bool = True) -> Array:
        """The covariance [count, count] of the steps of a series; shared: whether the pattern is known."""
        step = np.arange(count)
        moving = self.autocovariance(count)[np.abs(step[:, None] - step)]
        own = self.pattern[step % PERIOD]
        season = self.spread**2 * np.outer(own, own)
        if not shared:
            # Then the effects of the 12 phases are independent before the series is seen.
            season = self.pattern.var() * (1 + self.spread**2) * (step[:, None] % PERIOD == step % PERIOD)
        return np.asarray(moving + season + LEVEL**2)

    def expected(self, history: Array, steps: int, window: int | None = None, shared: bool = True) -> Array:
        """The conditional mean [steps, 1] of the next steps given the last `window` steps of a history."""
        total = len(history) + steps
        first = max(0, len(history) - window) if window else 0
        covariance = self.covariance(total, shared)
        mean = self.pattern[np.arange(total) % PERIOD] * shared
        past, future = slice(first, len(history)), slice(len(history), total)
        weights = np.linalg.solve(covariance[past, past], covariance[past, future])
        return np.asarray(mean[future, None] + weights.T @ (history[past] - mean[past, None]))

    def extend(self, level: float, size: float, rows: Array, steps: int, rng: np.random.Generator) -> Array:
        """`rows` [N, 1] and `steps` more of them; the two steps before an empty series are drawn."""
        if len(rows):
            known = np.arange(len(rows) - 2, len(rows))
            before = rows[-2:, 0] - level - size * self.pattern[known % PERIOD]
        else:
            variance, next_one = self.autocovariance(2)
            before = rng.multivariate_normal([0, 0], [[variance, next_one], [next_one, variance]])
        errors = [*before.tolist()]
        for shock in rng.standard_normal(steps):
            errors.append(self.phi[0] * errors[-1] + self.phi[1] * errors[-2] + shock)
        places = np.arange(len(rows), len(rows) + steps)
        new = level + size * self.pattern[places % PERIOD] + np.array(errors[2:])
        return np.concatenate([rows, new[:, None]])


@dataset("many-series", kind="forecasting")
def many_series(
    *,
    n_series: int = 60,
    length: int = 30,
    phi1: float = 0.5,
    phi2: float = 0.3,
    season: float = 2.0,
    spread: float = 0.5,
    horizon: int = 12,
    origins: int = 2,
    seed: int = 0,
) -> Problem:
    """Short monthly series that share one seasonal pattern and one autoregression (simulated).

    A series alone tells its pattern only roughly; all series together tell it well. The exact best forecast
    is the conditional mean given the past of the series, the pattern and the coefficients.

    Parameters
    ----------
    n_series : int
    length : int
        Steps of a series before the first test origin.
    phi1, phi2 : float
        Coefficients of the stationary autoregression of the errors.
    season : float
        Standard deviation of the pattern over its 12 steps; the innovations have 1.
    spread : float
        Standard deviation of the size of the pattern between series; its mean is 1.
    horizon : int
        Steps to forecast.
    origins : int
        Test origins per series, one horizon apart.
    seed : int
    """
    if not (abs(phi2) < 1 and phi2 + phi1 < 1 and phi2 - phi1 < 1) or min(season, spread) < 0:
        raise ValueError(
            "many-series needs a stationary autoregression and no negative deviations, got "
            f"phi1={phi1}, phi2={phi2}, season={season}, spread={spread}; phi1=0.5,phi2=0.3 is stationary"
        )
    if min(n_series, horizon, origins) < 1 or length < horizon + 2:
        raise ValueError(
            "many-series needs at least one series, step and origin, and length >= horizon + 2, "
            f"got n_series={n_series}, horizon={horizon}, origins={origins}, length={length}"
        )
    past, valid_future, test_future = (np.random.default_rng([seed, stream]) for stream in range(3))
    pattern = past.standard_normal(PERIOD)
    pattern = season * (pattern - pattern.mean()) / pattern.std()
    process = _Process(pattern, (phi1, phi2), spread)
    train: list[Series] = []
    valid: list[Series] = []
    test: list[Series] = []
    for number in range(n_series):
        level, size = LEVEL * past.standard_normal(), 1 + spread * past.standard_normal()
        rows = process.extend(level, size, np.empty((0, 1)), length, past)
        train.append(_series(number, rows))
        # Valid and test are two independent futures of one past.
        for split, rng in ((valid, valid_future), (test, test_future)):
            split.append(_series(number, process.extend(level, size, rows, origins * horizon, rng)))
    later = [length + k * horizon for k in range(origins)]
    asked = _cut(test, later, horizon)
    oracle = [process.expected(x, horizon) for x in asked.x]
    task = Task(
        "forecasting", x=Values(1), y=Values(1, names=("y",)), length="fixed", steps=horizon, period=PERIOD
    )
    protocol = (
        f"{n_series} series of {length} steps, phi1={phi1}, phi2={phi2}, season={season}, spread={spread}; "
        "training is the common past, valid and test are two independent futures of it, with origins one "
        "horizon apart"
    )
    about = _about(process, asked, oracle, protocol)
    return Problem(
        task, _cut(train, [length - horizon], horizon), asked, about, _cut(valid, later, horizon), oracle
    )


def _series(number: int, rows: Array) -> Series:
    return Series(f"series {number}", rows, np.arange(len(rows), dtype=np.float64))


def _cut(series: list[Series], origins: list[int], horizon: int) -> Split:
    return examples([(one, origin) for one in series for origin in origins], 1, horizon)


def _about(process: _Process, test: Split, oracle: list[Array], protocol: str) -> About:
    """The description, with levels on the test sample.

    `alone` in the headroom: how far the best forecast gets that must learn the pattern from the series alone.
    """
    steps = len(oracle[0])

    def reached(window: int | None = None, shared: bool = True) -> float:
        return _mase([process.expected(x, steps, window, shared) for x in test.x], test)

    constant = _mase([np.full_like(y, x.mean()) for x, y in zip(test.x, test.y, strict=True)], test)
    best = _mase(oracle, test)
    headroom = shares(constant, best, {4: reached(4), 16: reached(16)})
    headroom |= {"alone": (constant - reached(shared=False)) / (constant - best)}
    return About(
        source="generated: one seasonal pattern with second-order autoregressive errors, many series",
        licence="none needed: generated",
        protocol=protocol,
        reference="seasonal-naive",
        metric="mase",
        version="1",
        constant=constant,
        memoryless=reached(1),
        best=best,
        headroom=headroom,
        role=role(headroom),
    )


def _mase(answers: list[Array], test: Split) -> float:
    pairs = zip(answers, test.y, test.x, strict=True)
    return float(np.mean([mase(answer, y, x, PERIOD) for answer, y, x in pairs]))
