"""One-step forecasts of an ARMA(1,1) series; the Kalman filter is the exact best."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array

# The least variance of the series, divided by that of the innovations. Below it nothing can be predicted.
LEAST = 1.1
# With gaps the levels depend on which steps are missing. They are averaged over so many patterns of one seed.
MEASURED = (4000, 978)


@dataset("arma", kind="labelling")
def arma(
    *,
    phi: float = 0.99,
    theta: float = 0.8,
    missing: float = 0.0,
    length: int = 200,
    n_train: int = 50,
    n_valid: int = 50,
    n_test: int = 100,
    seed: int = 0,
) -> Problem:
    """The next value of an ARMA(1,1) series (Box and Jenkins 1970), x_t = phi x_{t-1} + e_t - theta e_{t-1}.

    With 0 < theta < phi it is a slowly changing level, observed in noise. With phi = 1 it is the local level
    model of Muth (1960), which starts at level 0, and its best forecast is exponential smoothing.

    Parameters
    ----------
    phi, theta : float
        Coefficients; e_t ~ N(0, 1).
    missing : float
        Share of the steps that are not observed. Then x has a second channel, 1 if the step is observed, and
        both channels are 0 if not. Answers are always the true next value.
    length : int
        Steps of a series.
    n_train, n_valid, n_test : int
        Series in each part.
    seed : int
    """
    if not (abs(phi) < 1 or phi == 1) or abs(theta) >= 1 or not 0 <= missing < 1:
        raise ValueError(
            f"arma needs -1 < phi <= 1, -1 < theta < 1 and 0 <= missing < 1, got {phi=}, {theta=}, {missing=}"
        )
    if length < 2 or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            "arma needs length >= 2 and at least one example per part, "
            f"got {length=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    constant = float(1 + spread(phi, theta, length + 1)[1:].mean())
    if constant < LEAST * _level(phi, theta, np.ones((1, length), dtype=bool))[0]:
        raise ValueError(
            f"arma with phi={phi}, theta={theta} has no headroom: the variance is {constant:.3f} times "
            f"that of the innovations, needed are {LEAST} times; move phi and theta apart"
        )
    draws = [
        draw(phi, theta, missing, (count, length), np.random.default_rng([seed, stream]))
        for stream, count in enumerate((n_train, n_valid, n_test))
    ]
    train, valid, test = (
        Split(list(np.stack([x, seen], axis=2) if missing else x[:, :, None]), list(ahead[:, :, None]))
        for x, seen, ahead in draws
    )
    x, seen, ahead = draws[2]
    guess = filtered(x, seen, phi, theta)[0]
    memoryless, headroom = levels(phi, theta, missing, length)
    about = About(
        source="generated: ARMA(1,1) with Gaussian innovations of variance 1",
        licence="none needed: generated",
        protocol=f"phi={phi}, theta={theta}, {missing:.0%} of the steps missing; "
        + ("starting at level 0" if phi == 1 else "starting in the stationary distribution")
        + f"; train, valid and test are {n_train}, {n_valid} and {n_test} independent series, "
        f"{length} steps each",
        reference="mean",
        metric="mse",
        version="1",
        constant=constant,
        memoryless=memoryless,
        best=float(((guess - ahead) ** 2).mean()),
        headroom=headroom,
        role=role(headroom),
    )
    values = Values(2, names=("value", "seen")) if missing else Values(1)
    task = Task("labelling", x=values, y=Values(1), length="same", causal=True)
    return Problem(task, train, test, about, valid, oracle=list(guess[:, :, None]))


def draw(
    phi: float, theta: float, missing: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Draw series [count, length] with 0 for missing steps, which steps are observed, and the next values.

    In innovations form: x_t = m_t + e_t and m_{t+1} = phi m_t + (phi - theta) e_t.
    """
    count, length = shape
    start = rng.standard_normal(count)
    noise = rng.standard_normal((count, length + 1))
    seen = rng.random(shape) >= missing
    mean = start * np.sqrt(spread(phi, theta, 1)[0])
    x = noise.copy()
    for t in range(length + 1):
        x[:, t] += mean
        mean = phi * mean + (phi - theta) * noise[:, t]
    return x[:, :-1] * seen, seen, x[:, 1:]


def spread(phi: float, theta: float, length: int) -> Array:
    """The variance of m_t at the first `length` steps: constant, or growing from 0 if phi is 1."""
    if phi == 1:
        return (1 - theta) ** 2 * np.arange(length)
    return np.full(length, (phi - theta) ** 2 / (1 - phi**2))


def filtered(
    x: Array, seen: Array, phi: float, theta: float, window: int | None = None
) -> tuple[Array, Array]:
    """The best forecasts of x_{t+1} from x[t-window+1 : t+1], or the whole past, and their error variances.

    Both are [count, length]. This is the filter of Kalman (1960) in innovations form. After x_t the estimate
    of m_t is m + k (x_t - m) with k = p / (p + 1), and then m_{t+1} = theta m_t + (phi - theta) x_t. After a
    gap m_{t+1} = phi m_t, and the variance p grows. A window starts from the distribution of m_t there.
    """
    count, length = x.shape
    before = spread(phi, theta, length)
    mean, variance = np.zeros((count, length)), np.zeros((count, length))
    if window is None:
        m, p = np.zeros(count), np.full(count, before[0])
        for t in range(length):
            m, p = mean[:, t], variance[:, t] = _updated(m, p, x[:, t], seen[:, t], phi, theta)
        return mean, variance + 1
    # One filter per t, over its last steps; all run together, starting at the oldest lag.
    window = min(window, length)
    for lag in range(window - 1, -1, -1):
        if lag == window - 1:
            variance[:, lag:] = before[: length - lag]
        else:
            # A window that is cut off at the start of the series begins here, with the first step.
            variance[:, lag] = before[0]
        mean[:, lag:], variance[:, lag:] = _updated(
            mean[:, lag:], variance[:, lag:], x[:, : length - lag], seen[:, : length - lag], phi, theta
        )
    return mean, variance + 1


def _updated(m: Array, p: Array, x: Array, seen: Array, phi: float, theta: float) -> tuple[Array, Array]:
    after = theta * (m + p / (p + 1) * (x - m)) + (phi - theta) * x
    return (
        np.where(seen, after, phi * m),
        np.where(seen, theta**2 * p / (p + 1), phi**2 * p + (phi - theta) ** 2),
    )


def levels(phi: float, theta: float, missing: float, length: int) -> tuple[float, dict[str, float]]:
    """The mean squared error of the best memoryless answer, and how far windows get from it to the filter.

    Without gaps they are exact. With gaps `window_16_error` is the standard error over patterns of gaps.
    """
    count, stream = MEASURED if missing else (1, 0)
    seen = np.random.default_rng(stream).random((count, length)) >= missing
    bottom, four, sixteen, top = (_level(phi, theta, seen, window) for window in (1, 4, 16, None))
    way = bottom.mean() - top.mean()
    headroom = shares(
        float(bottom.mean()),
        float(top.mean()),
        {4: float(four.mean()), 16: float(sixteen.mean())},
        least=1e-9,
    )
    if missing and way > 0:
        # The standard error of a ratio of two means over the same patterns.
        off = (bottom - sixteen) - headroom["window_16"] * (bottom - top)
        headroom["window_16_error"] = float(off.std(ddof=1) / np.sqrt(count) / way)
    return float(bottom.mean()), headroom


def _level(phi: float, theta: float, seen: Array, window: int | None = None) -> Array:
    """The expected squared error of the best answer from a window, for every pattern of gaps: [count]."""
    level: Array = filtered(np.zeros(seen.shape), seen, phi, theta, window)[1].mean(axis=1)
    return level
