"""The path of a dynamical system from its initial state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.task import Array
from scipy.integrate import solve_ivp

# All paths of a part are integrated as one system; the tolerances are for the root mean square of its error.
TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


@dataclass(frozen=True)
class System:
    """An ordinary differential equation.

    Attributes
    ----------
    names : tuple of str
        The d state variables.
    slope : callable
        The derivative of states [d, n].
    low, high : tuple of float
        The box of the initial states.
    dt : float
        Time per step.
    """

    names: tuple[str, ...]
    slope: Callable[[Array], Array]
    low: tuple[float, ...]
    high: tuple[float, ...]
    dt: float

    def paths(self, states: Array, steps: int) -> Array:
        """Integrate from states [n, d] and return the next `steps` states: [n, steps, d]."""
        d = len(self.names)
        times = self.dt * np.arange(1, steps + 1)

        def flat(_time: float, state: Array) -> Array:
            return self.slope(state.reshape(d, -1)).ravel()

        solved = solve_ivp(
            flat, (0.0, times[-1]), states.T.ravel(), method="DOP853", t_eval=times, **TOLERANCE
        )
        if not solved.success:
            raise ArithmeticError(f"the solver stopped: {solved.message}")
        path: Array = solved.y.reshape(d, len(states), steps)
        return path.transpose(1, 2, 0)


def _lorenz(state: Array) -> Array:
    """Lorenz (1963), sigma = 10, rho = 28 and beta = 8 / 3."""
    x, y, z = state
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])


def _van_der_pol(state: Array) -> Array:
    """The oscillator of van der Pol with mu = 1; all paths converge to one cycle."""
    x, v = state
    return np.stack([v, (1 - x**2) * v - x])


def _lotka_volterra(state: Array) -> Array:
    """Lotka-Volterra: prey and predators, with closed paths around (4, 2.75)."""
    prey, hunters = state
    return np.stack([prey * (1.1 - 0.4 * hunters), hunters * (0.1 * prey - 0.4)])


SYSTEMS = {
    "lorenz": System(("x", "y", "z"), _lorenz, (-15, -20, 5), (15, 20, 45), dt=0.03),
    "van-der-pol": System(("x", "v"), _van_der_pol, (-3, -3), (3, 3), dt=0.2),
    "lotka-volterra": System(("prey", "predators"), _lotka_volterra, (2, 1), (8, 5), dt=0.3),
}


@dataset("trajectory", kind="generation")
def trajectory(
    *,
    system: Literal["lorenz", "van-der-pol", "lotka-volterra"] = "lorenz",
    steps: int = 50,
    noise: float = 0.0,
    n_train: int = 1000,
    n_valid: int = 200,
    n_test: int = 200,
    seed: int = 0,
) -> Problem:
    """The path of a dynamical system from its initial state (Lorenz, van der Pol or Lotka-Volterra).

    The answer is the next `steps` states, all channels. The initial state has no noise, so the exact best is
    the numerical solution, with the mean squared error noise^2.

    Parameters
    ----------
    system : str
    steps : int
    noise : float
        Standard deviation of the noise on the answers, divided by that of the channel.
    n_train, n_valid, n_test : int
        Paths in each part.
    seed : int
    """
    if system not in SYSTEMS:
        raise ValueError(f"trajectory needs system {', '.join(SYSTEMS)}, got {system!r}")
    if min(steps, n_train, n_valid, n_test) < 1 or not 0 <= noise < np.inf:
        raise ValueError(
            "trajectory needs at least one step, one example per part and noise >= 0, "
            f"got {steps=}, {n_train=}, {n_valid=}, {n_test=}, {noise=}"
        )
    known = SYSTEMS[system]
    draws = [
        _draw(known, count, steps, np.random.default_rng([seed, stream]))
        for stream, count in enumerate((n_train, n_valid, n_test))
    ]
    clean = draws[0][1].reshape(-1, len(known.names))
    level, spread = clean.mean(axis=0), clean.std(axis=0)
    times = known.dt * np.arange(steps + 1)
    train, valid, test = (
        _observed((first - level) / spread, (path - level) / spread, times, noise, [seed, 3 + stream])
        for stream, (first, path) in enumerate(draws)
    )
    values = Values(len(known.names), names=known.names)
    task = Task("generation", x=values, y=values, length="fixed", steps=steps)
    # The best constant answer is the mean path of train.
    errors = np.stack(test.y) - np.mean(train.y, axis=0)
    about = About(
        source=f"generated: {system}, solved numerically",
        licence="none needed: generated",
        protocol=f"{system}, {steps} steps of {known.dt}; initial states uniform in the box {known.low} to "
        f"{known.high}; scaled by mean and standard deviation of the training paths; noise {noise} on the "
        f"answers; train, valid and test are {n_train}, {n_valid} and {n_test} independent paths",
        reference="mean",
        metric="mse",
        version="1",
        constant=float((errors**2).mean()),
        best=noise**2,
        role="crossover",
    )
    oracle = list((draws[2][1] - level) / spread)
    return Problem(task, train, test, about, valid, oracle)


def _draw(system: System, count: int, steps: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw `count` initial states [n, d], and compute the paths from them [n, steps, d]."""
    states = rng.uniform(system.low, system.high, size=(count, len(system.names)))
    return states, system.paths(states, steps)


def _observed(first: Array, path: Array, times: Array, noise: float, stream: list[int]) -> Split:
    seen = path + noise * np.random.default_rng(stream).standard_normal(path.shape)
    return Split([state[None] for state in first], list(seen), time=[times] * len(first))
