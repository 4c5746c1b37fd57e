"""Sparse identification of differential equations (SINDy), integrated over the horizon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._embedding import (
    Floats,
    delay_windows,
    known_targets,
    last_window,
    require_finite,
)
from recurbench.methods._settings import AtLeast1
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Predictor
from scipy.integrate import solve_ivp
from scipy.signal import savgol_coeffs, savgol_filter

THRESHOLDS = (0.01, 0.03, 0.1, 0.3)
# Window and order of the Savitzky-Golay filter: the first interpolates (clean data), the last smooths.
SMOOTHERS = ((5, 4), (11, 3), (21, 3))
ORIGINS = 10
MOST_SLOPES = 4_000
# A forecast that leaves the range of the training states by more than three times its width is rejected.
ROOM = 3.0


@dataclass(frozen=True)
class Design:
    """The settings of a fit.

    Attributes
    ----------
    delays : int
        Number of delay coordinates of a single target; 1 if the targets are the state.
    lag : int
        Steps between delay coordinates.
    smoother : (int, int)
        Window and order of the Savitzky-Golay filter.
    degree : int
        Of the polynomials.
    threshold : float
        See `threshold_least_squares`.
    waves : int
        Pairs of sine and cosine of the season among the terms.
    season : int
        Steps of a season.
    """

    delays: int
    lag: int
    smoother: tuple[int, int]
    degree: int
    threshold: float
    waves: int = 0
    season: int = 1

    def states(self, series: Floats) -> Floats:
        """From [T, channels] to states [T - (delays - 1) * lag, dimension], newest coordinate first."""
        if self.delays == 1:
            return series
        runs = delay_windows(series, (self.delays - 1) * self.lag + 1)
        return np.ascontiguousarray(runs[:, :: -self.lag, 0])

    def forcing(self, time: Floats) -> Floats:
        """Sines and cosines of the season at the steps `time` [n]: [n, 2 * waves]."""
        turns = 2.0 * np.pi * np.outer(time, np.arange(1, self.waves + 1)) / self.season
        return np.concatenate([np.sin(turns), np.cos(turns)], axis=1)


def monomials(dimension: int, degree: int) -> NDArray[np.int64]:
    """Exponents [terms, dimension] of all monomials up to `degree`; the constant is first."""
    rows = [np.zeros(dimension, dtype=np.int64)]
    for total in range(1, degree + 1):
        for factors in combinations_with_replacement(range(dimension), total):
            rows.append(np.bincount(factors, minlength=dimension))
    return np.array(rows)


def evaluate(states: Floats, exponents: NDArray[np.int64]) -> Floats:
    """The monomials at states [n, dimension]: [n, terms]."""
    return np.asarray(np.prod(states[:, None, :] ** exponents[None], axis=2))


def threshold_least_squares(terms: Floats, slopes: Floats, threshold: float) -> Floats:
    """Sequentially thresholded least squares (Brunton, Proctor and Kutz 2016, PNAS 113, 3932-3937).

    Small coefficients are set to zero and the others fitted again, until none is small. The size of a
    coefficient is the root mean square of its term, divided by that of the slope.

    Parameters
    ----------
    terms : array [n, terms]
    slopes : array [n, dimension]
    threshold : float

    Returns
    -------
    array [terms, dimension]
    """
    weight = np.sqrt((terms**2).mean(axis=0))
    weight = np.where(weight > 0, weight, 1.0)
    result = np.zeros((terms.shape[1], slopes.shape[1]))
    for column in range(slopes.shape[1]):
        size = np.sqrt((slopes[:, column] ** 2).mean())
        active = np.ones(terms.shape[1], dtype=bool)
        while size > 0 and active.any():
            fitted = np.linalg.lstsq(terms[:, active] / weight[active], slopes[:, column], rcond=None)[0]
            keep = np.abs(fitted) >= threshold * size
            if keep.all():
                result[active, column] = fitted / weight[active]
                break
            active[np.flatnonzero(active)[~keep]] = False
    return result


@dataclass(frozen=True)
class Equations:
    """The fitted equations d state / d step = terms(state, time) @ coefficients, in scaled coordinates."""

    design: Design
    exponents: NDArray[np.int64]
    coefficients: Floats
    centre: Floats
    scale: Floats
    low: Floats
    high: Floats

    def slope(self, states: Floats, time: Floats) -> Floats:
        """The slopes [n, dimension] at states [n, dimension] and steps `time` [n]."""
        terms = evaluate(states, self.exponents)
        if self.design.waves:
            terms = np.concatenate([terms, self.design.forcing(time)], axis=1)
        return np.asarray(terms @ self.coefficients)

    def start(self, history: Floats) -> Floats:
        """The smoothed and scaled state [dimension] at the end of a history [T, channels]."""
        window, order = self.design.smoother
        span = (self.design.delays - 1) * self.design.lag
        states = self.design.states(last_window(history, max(min(len(history), span + window), span + 1)))
        if len(states) >= window:
            states = savgol_coeffs(window, order, pos=window - 1, use="dot")[None] @ states[-window:]
        return np.asarray((states[-1] - self.centre) / self.scale)

    def contains(self, states: Floats) -> NDArray[np.bool_]:
        """Whether states [..., dimension] lie in the range that forecasts may use (see ROOM): [...]."""
        return np.asarray(((states >= self.low) & (states <= self.high)).all(axis=-1))

    def integrate(self, starts: Floats, since: Floats, steps: int) -> Floats:
        """Integrate from `starts` [n, dimension] at the steps `since` [n].

        Returns
        -------
        array [n, steps, dimension]
            NaN for a path that leaves the range, or if the solver fails.
        """
        count, dimension = starts.shape
        budget = 40 * steps + 2_000

        def right(time: float, flat: Floats) -> Floats:
            nonlocal budget
            budget -= 1
            if budget < 0:
                raise FloatingPointError("too many evaluations: the equations are stiff")
            states = flat.reshape(count, dimension)
            # Outside the range a state is kept constant, so that one path does not stop the others.
            inside = self.contains(states)
            safe = np.where(inside[:, None], states, 0.0)
            return np.asarray(np.where(inside[:, None], self.slope(safe, since + time), 0.0).ravel())

        times = np.arange(1, steps + 1, dtype=np.float64)
        lost = np.full((count, steps, dimension), np.nan)
        try:
            with np.errstate(all="ignore"):
                path = solve_ivp(
                    right, (0.0, float(steps)), starts.ravel(), t_eval=times, rtol=1e-6, atol=1e-8
                )
        except FloatingPointError:
            return lost
        if not path.success:
            return lost
        states = path.y.T.reshape(steps, count, dimension).transpose(1, 0, 2)
        inside = np.asarray(self.contains(states).all(axis=1))
        return np.where(inside[:, None, None], states * self.scale + self.centre, np.nan)

    def forecast(self, history: Floats, steps: int) -> Floats:
        """Forecast all coordinates [steps, dimension] after a history [T, channels]; see `integrate`."""
        ahead = self.integrate(self.start(history)[None], np.array([len(history) - 1.0]), steps)
        return np.asarray(ahead[0])

    def coefficients_by_term(self) -> dict[str, dict[str, float]]:
        """The coefficients by equation and term, per step, in units of the centred data."""
        names = [
            "*".join(f"x{k}" if p == 1 else f"x{k}^{p}" for k, p in enumerate(row) if p) or "1"
            for row in self.exponents
        ]
        units = np.prod(self.scale**self.exponents, axis=1)
        for wave in range(2 * self.design.waves):
            kind, turn = divmod(wave, self.design.waves)
            names.append(f"{('sin', 'cos')[kind]}{turn + 1}")
        units = np.concatenate([units, np.ones(2 * self.design.waves)])
        coefficients = self.coefficients * self.scale / units[:, None]
        return {
            f"x{k}'": {name: float(v) for name, v in zip(names, coefficients[:, k], strict=True) if v != 0.0}
            for k in range(coefficients.shape[1])
        }


def fit_equations(series: Sequence[Floats], design: Design) -> Equations | None:
    """Fit one set of equations to all series [T, channels]; None if they are too short."""
    window, order = design.smoother
    states, slopes, times = [], [], []
    for values in series:
        path = design.states(values)
        if len(path) <= window:
            continue
        # The filter extrapolates at the ends, where its slopes are poor.
        inner = slice(window // 2, len(path) - window // 2)
        states.append(savgol_filter(path, window, order, axis=0)[inner])
        slopes.append(savgol_filter(path, window, order, deriv=1, axis=0)[inner])
        times.append(np.arange(len(values) - len(path), len(values), dtype=np.float64)[inner])
    if not states:
        return None
    state, slope, time = (np.concatenate(parts) for parts in (states, slopes, times))
    chosen = slice(None, None, 1 + len(state) // MOST_SLOPES)
    state, slope, time = state[chosen], slope[chosen], time[chosen]
    spread = state.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    # Centring would hide sparsity. It is done only if the level is so far from 0 that powers are collinear.
    centre = np.where(np.abs(state.mean(axis=0)) > 5.0 * scale, state.mean(axis=0), 0.0)
    scaled = (state - centre) / scale
    exponents = monomials(state.shape[1], design.degree)
    terms = evaluate(scaled, exponents)
    if design.waves:
        terms = np.concatenate([terms, design.forcing(time)], axis=1)
    if len(terms) < 2 * terms.shape[1]:
        return None
    low, high = scaled.min(axis=0), scaled.max(axis=0)
    room = ROOM * np.maximum(high - low, 1.0)
    fitted = threshold_least_squares(terms, slope / scale, design.threshold)
    return Equations(design, exponents, fitted, centre, scale, low - room, high + room)


def delay_lag(series: Sequence[Floats]) -> int:
    """The first lag with autocorrelation below 1/e in the longest series, at most a tenth of its length."""
    longest = max(series, key=len)[:, 0]
    most = max(1, len(longest) // 10)
    centred = longest - longest.mean()
    total = float(centred @ centred)
    for lag in range(1, most):
        if total == 0 or centred[lag:] @ centred[:-lag] < total / math.e:
            return lag
    return most


def designs(task: Task, series: Sequence[Floats], degrees: Sequence[int]) -> list[Design]:
    """The settings to try, simple ones first."""
    waves = min(3, (task.season - 1) // 2)
    lag = delay_lag(series) if task.y.size == 1 else 1
    delays = (2, 3) if task.y.size == 1 else (1,)
    return [
        Design(d, lag, s, degree, threshold, waves, task.season)
        for d, s, degree, threshold in product(delays, SMOOTHERS, degrees, THRESHOLDS)
    ]


def choose(series: Sequence[Floats], tried: Sequence[Design], steps: int) -> tuple[Design, float | None]:
    """The settings whose equations, fitted to the first part of every series, forecast the rest best."""
    cuts = [min(int(0.7 * len(s)), len(s) - steps) for s in series]
    early = [s[:cut] for s, cut in zip(series, cuts, strict=True) if cut > 0]
    places = [(i, o) for i, s in enumerate(series) for o in range(max(cuts[i], 1), len(s) - steps + 1)]
    picked = np.unique(np.linspace(0, len(places) - 1, min(ORIGINS, len(places))).astype(int))
    best, least = tried[0], np.inf
    for design in tried:
        equations = fit_equations(early, design) if early else None
        if equations is None or not len(picked):
            continue
        pasts = [series[places[p][0]][: places[p][1]] for p in picked]
        starts = np.array([equations.start(past) for past in pasts])
        since = np.array([len(past) - 1.0 for past in pasts])
        size = series[0].shape[1]
        ahead = equations.integrate(starts, since, steps)[:, :, :size]
        answers = np.array([series[places[p][0]][places[p][1] :][:steps] for p in picked])
        misses = np.abs(ahead - answers) / equations.scale[:size]
        # A rejected forecast counts as an error of ROOM.
        error = float(np.where(np.isfinite(misses), misses, ROOM).mean())
        if error < 0.999 * least:
            best, least = design, error
    return best, None if np.isinf(least) else least


class Integrated:
    """The fitted method: forecasts by integration, with simpler forecasts where that fails."""

    def __init__(self, task: Task, equations: Equations | None, linear: Equations | None) -> None:
        self.task = task
        self.ways = [("equations", equations), ("linear", linear)]
        # The terms are powers of the values, so forecasts depend on where 0 is.
        self.notes: dict[str, Any] = {"fallbacks": {}, "follows_shift": False}
        if equations is None:
            self.notes["reason"] = "the training series are too short for the terms; the linear model answers"
        else:
            design = equations.design
            self.notes |= {"equations": equations.coefficients_by_term(), "degree": design.degree}
            self.notes |= {"threshold": design.threshold, "smoother": list(design.smoother)}
            self.notes |= {"delays": design.delays, "lag": design.lag, "waves": design.waves}
            self.notes["parameters"] = int(np.count_nonzero(equations.coefficients))

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, size]."""
        return [self.forecast(x) for x in split.x]

    def forecast(self, history: Array) -> Floats:
        """Forecast [steps, size] from a history [T, channels]."""
        size, steps = self.task.y.size, self.task.steps
        past = require_finite(history[:, :size], "sparse-ode")
        for name, equations in self.ways:
            if equations is None:
                continue
            ahead = equations.forecast(past, steps)[:, :size]
            if np.isfinite(ahead).all():
                return ahead
            self._count(f"{name}: left the room of the training states or became stiff")
        self._count("last value")
        return np.repeat(past[-1:], steps, axis=0)

    def _count(self, reason: str) -> None:
        self.notes["fallbacks"][reason] = self.notes["fallbacks"].get(reason, 0) + 1


@method("sparse-ode", family="dynamics", kinds={"forecasting"})
def sparse_ode(
    task: Task,
    train: Split,
    *,
    degree: AtLeast1 | None = None,
    threshold: Annotated[float, ">= 0"] | None = None,
) -> Predictor:
    """SINDy (Brunton et al. 2016): sparse polynomial differential equations, integrated over the horizon.

    The equations are fitted to the slopes of the smoothed series. The state is all targets, or delay
    coordinates of a single one. The season enters as sines and cosines. A forecast that leaves the range of
    the data is replaced by that of a linear model, or else by the last value; the notes count these cases.

    Parameters
    ----------
    degree : int or None
        Of the polynomials; None is chosen on the training series.
    threshold : float or None
        The least size of a term, see `threshold_least_squares`; None is chosen on the training series.
    """
    series = known_targets(task, whole_series(task, train), "sparse-ode")
    tried = designs(task, series, [degree] if degree else (1, 2, 3))
    if threshold is not None:
        tried = list(dict.fromkeys(_with_threshold(design, threshold) for design in tried))
    best, error = choose(series, tried, task.steps)
    plain = Design(best.delays, best.lag, SMOOTHERS[0], 1, 0.0)
    fitted = Integrated(task, fit_equations(series, best), fit_equations(series, plain))
    fitted.notes["training_error_in_spreads"] = error
    return fitted


def _with_threshold(design: Design, threshold: float) -> Design:
    fields = {**design.__dict__, "threshold": threshold}
    return Design(**fields)
