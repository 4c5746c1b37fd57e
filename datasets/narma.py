"""NARMA: the output of a nonlinear filter with feedback, from its input."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array

CLASSIC = (0.3, 0.05, 1.5, 0.1)
# With the classic coefficients orders above 10 diverge; these are usual for order 30.
LONG = (0.2, 0.04, 1.5, 0.001)
# The output stays below about 1; above this value it diverges.
RUNAWAY = 5.0
REDRAWS = 50
# Scale and windows depend on the settings only: they are measured on so many series, from this random stream.
MEASURED = (4000, 979)


@dataset("narma", kind="labelling")
def narma(
    *,
    order: int = 10,
    length: int = 200,
    n_train: int = 200,
    n_valid: int = 100,
    n_test: int = 100,
    seed: int = 0,
) -> Problem:
    """NARMA (Atiya and Parlos 2000): the next output y_{t+1} of a nonlinear filter from its input u_1 .. u_t.

    u_t ~ U(0, .5) and y_{t+1} = a y_t + b y_t (y_t + .. + y_{t-order+1}) + c u_{t-order+1} u_t + d. The
    coefficients are .3, .05, 1.5, .1 up to order 10, and .2, .04, 1.5, .001 above. Everything before the
    first step is 0, so the input determines the answer, and the exact best makes no error. Answers are
    standardised, so the error of the best constant answer is 1.

    Parameters
    ----------
    order : int
    length : int
        Steps of a series.
    n_train, n_valid, n_test : int
        Series in each part.
    seed : int
    """
    if order < 2 or length <= order or min(n_train, n_valid, n_test) < 1:
        raise ValueError(
            "narma needs 2 <= order < length and at least one example per part, "
            f"got {order=}, {length=}, {n_train=}, {n_valid=}, {n_test=}"
        )
    (level, spread), memoryless, headroom = measured(order, length)
    draws = [
        draw(order, count, length, np.random.default_rng([seed, stream]))
        for stream, count in enumerate((n_train, n_valid, n_test))
    ]
    train, valid, test = (
        Split(list(u[:, :, None]), list(((y - level) / spread)[:, :, None])) for u, y in draws
    )
    about = About(
        source=f"generated: NARMA of order {order} and its uniform input",
        licence="none needed: generated",
        protocol=f"order {order}, {length} steps from rest; a series that diverges (above {RUNAWAY:g}) is "
        f"drawn again; answers scaled by mean {level:.4f} and standard deviation {spread:.4f}; train, "
        f"valid and test are {n_train}, {n_valid} and {n_test} independent series",
        reference="mean",
        metric="mse",
        version="1",
        constant=1.0,
        memoryless=memoryless,
        best=0.0,
        headroom=headroom,
        role=role(headroom),
    )
    task = Task("labelling", x=Values(1), y=Values(1), length="same", causal=True)
    return Problem(task, train, test, about, valid, oracle=list(test.y))


def draw(order: int, count: int, length: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw inputs and the outputs one step later, [count, length] each; series that diverge are redrawn."""
    u = rng.uniform(0, 0.5, size=(count, length))
    y = output(u, order)
    for _ in range(REDRAWS):
        lost = np.flatnonzero(~(np.abs(y) < RUNAWAY).all(axis=1))
        if not len(lost):
            return u, y
        u[lost] = rng.uniform(0, 0.5, size=(len(lost), length))
        y[lost] = output(u[lost], order)
    raise ValueError(
        f"narma with {order=}, {length=} diverges: {len(lost)} of {count} series after {REDRAWS} redraws; "
        "lower order or length"
    )


def output(u: Array, order: int) -> Array:
    """The outputs y_{t+1} at step t, [count, length], of inputs u [count, length]."""
    a, b, c, d = CLASSIC if order <= 10 else LONG
    count, length = u.shape
    before = np.concatenate([np.zeros((count, order - 1)), u], axis=1)
    y = np.zeros((count, order + length))
    # A series that diverges overflows here; it is found afterwards.
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(length):
            now = y[:, t + order - 1]
            recent = y[:, t : t + order].sum(axis=1)
            y[:, t + order] = a * now + b * now * recent + c * before[:, t] * u[:, t] + d
    return y[:, order:]


def measured(order: int, length: int) -> tuple[tuple[float, float], float, dict[str, float]]:
    """Measure the scale of y, the error of the best memoryless answer, and what windows reach.

    The error of the best answer from a window is half the mean squared difference of two outputs whose inputs
    agree in the window only. Each pair is compared at one random step.

    Returns
    -------
    scale : (float, float)
        Mean and standard deviation of y.
    memoryless : float
        Mean squared error, after scaling.
    headroom : dict
        `window_4`, `window_16`: see `shares`. `window_16_error`: standard error over pairs.
    """
    count, stream = MEASURED
    rng = np.random.default_rng(stream)
    u, y = draw(order, count, length, rng)
    level, spread = float(y.mean()), float(y.std())
    row, place = np.arange(count), rng.integers(length, size=count)
    off = {}
    for window in (1, 4, 16):
        age = place[:, None] - np.arange(length)
        other = np.where((age >= 0) & (age < window), u, rng.uniform(0, 0.5, size=u.shape))
        twin = output(other, order)[row, place]
        # A series that diverges would have been redrawn.
        twin[~(np.abs(twin) < RUNAWAY)] = np.nan
        off[window] = ((y[row, place] - twin) / spread) ** 2 / 2
    error = {window: float(np.nanmean(of)) for window, of in off.items()}
    headroom = shares(error[1], 0.0, {4: error[4], 16: error[16]})
    ratio = off[16] - (1 - headroom["window_16"]) * off[1]
    headroom["window_16_error"] = float(np.nanstd(ratio) / np.sqrt(count) / error[1])
    return (level, spread), error[1], headroom
