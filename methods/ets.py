"""Exponential smoothing in state space form, chosen by AICc; not refitted at later origins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import (
    Floats,
    PerSeries,
    deseasonalised,
    passes_seasonal_test,
    plausible,
    seasonal_factors,
)
from recurbench.methods._standard import settled
from recurbench.methods._state_smoothing import (
    DAMPED,
    IMPOSSIBLE,
    LINEAR,
    NONE,
    continued,
    maximise,
    smooth,
    unpack,
)
from recurbench.task import Predictor

# With a longer period the season is removed by classical indices, because each phase would be a parameter.
LONGEST_STATE = 24
# Shares to start from: alpha, beta / alpha, gamma / (1 - alpha). For each gamma the best alpha is
# improved, because a likelihood may have one maximum with a fixed and one with a changing season.
BETA = 0.05
ALPHAS = {0.02: (0.05, 0.2, 0.5, 0.8, 0.97), 0.5: (0.05, 0.2, 0.5)}
LINE = 10  # steps whose straight line gives the first level and slope

Form = tuple[str, int, bool]


@method("ets", family="statistical", kinds={"forecasting"}, recurrence="linear")
def ets(task: Task, train: Split) -> Predictor:
    """Exponential smoothing (ETS: Hyndman et al. 2002) with the error, trend and season of least AICc.

    The trend is none, additive or damped. The season is none, or of the kind of the error: additive or, for
    positive values, multiplicative. There are no quantiles.

    `auto-ets` is statsforecast's search over the same models (extra `nixtla`). Take `auto-ets` for
    intervals, and for errors and seasons of different kinds. Take `ets` if statsforecast is not installed,
    for periods above 24, and where a later origin should be answered with the parameters fitted before.
    """

    def fit(history: Floats, _: Floats | None) -> Smoothing:
        return _fit(task, history)

    return PerSeries(replace(task, quantiles=()), train, fit, zero=True)


@dataclass(frozen=True)
class Smoothing:
    """The fitted model.

    `form` is (kind of error, trend, whether there is a season). `weights` are alpha, beta, gamma and phi,
    `state` the first level, slope and season. `centre` is subtracted from the series first; it is 0 for
    multiplicative forms.
    """

    form: Form
    weights: Floats
    state: Floats
    centre: float
    season: int
    indices: int
    steps: int
    notes: dict[str, Any]

    def forecast(self, history: Floats, _known: Floats | None, /) -> Floats:
        """Smooth the whole history with the fitted parameters and forecast [steps]."""
        multiplicative = self.form[0] == "mul"
        if multiplicative and history.min() <= 0:
            raise ValueError(f"a multiplicative form needs positive values, got {history.min():g}")
        span = self.indices if len(history) >= 2 * self.indices else 1
        adjusted, factors = deseasonalised(settled(history - self.centre), span, multiplicative)
        middle = _continue(adjusted, self.form, self.season, self.weights, self.state, self.steps)
        coming = factors[(len(history) + np.arange(self.steps)) % span]
        answer: Floats = middle * coming if multiplicative else middle + coming
        return np.asarray(answer + self.centre)


def _continue(history: Floats, form: Form, season: int, weights: Floats, first: Floats, steps: int) -> Floats:
    multiplicative, span, state = form[0] == "mul", season if form[2] else 1, first.copy()
    if smooth(np.ascontiguousarray(history), multiplicative, span, weights, state) >= IMPOSSIBLE:
        raise ValueError(f"{_name(form)} has no positive mean on this history")
    return np.asarray(continued(state, len(history), multiplicative, span, weights, steps))


def _fit(task: Task, history: Floats) -> Smoothing:
    n, season = len(history), task.season
    states = 2 <= season <= LONGEST_STATE and n >= 2 * season
    indices = season if season > LONGEST_STATE and passes_seasonal_test(history, season) else 1
    tried: dict[str, float] = {}
    best: Smoothing | None = None
    reason = "none was tried"
    for form in _forms(history.min() > 0, states):
        centre = 0.0 if form[0] == "mul" else float(history.mean())
        adjusted, _ = deseasonalised(settled(history - centre), indices, form[0] == "mul")
        try:
            weights, state, aicc = _estimate(adjusted, form, task)
        except (ValueError, ArithmeticError, IndexError) as trouble:
            reason = str(trouble)
            continue
        if best is None or aicc < min(tried.values()):
            best = Smoothing(form, weights, state, centre, season, indices, task.steps, {"form": _name(form)})
        tried[_name(form)] = aicc
    if best is None:
        raise ValueError(f"no form could be fitted to {n} steps: {reason}")
    notes = {"aicc": min(tried.values()), "parameters": _count(best.form, season), "tried": tried}
    return replace(best, notes={**best.notes, **notes, "classical_indices": indices > 1})


def _forms(positive: bool, states: bool) -> list[Form]:
    """The forms to try: error and season of the same kind; a season only if it can be estimated."""
    return [
        (error, trend, season)
        for error in (("add", "mul") if positive else ("add",))
        for season in ((False, True) if states else (False,))
        for trend in (NONE, LINEAR, DAMPED)
    ]


def _name(form: Form) -> str:
    """The letters of the literature for error, trend and season, such as AAdN."""
    error, trend, season = form
    letter = error[0].upper()
    return letter + ("N", "A", "Ad")[trend] + (letter if season else "N")


def _count(form: Form, season: int) -> int:
    """Parameters: smoothing, the first level, slope and season (whose last index follows from the others)."""
    _, trend, seasonal = form
    return 2 + 2 * (trend != NONE) + (trend == DAMPED) + (season if seasonal else 0)


def _estimate(history: Floats, form: Form, task: Task) -> tuple[Floats, Floats, float]:
    """Fit a form: weights, first state and AICc. ValueError if its forecast is not plausible."""
    error, trend, seasonal = form
    multiplicative, season = error == "mul", task.season if seasonal else 1
    n, count = len(history), _count(form, task.season) + 1  # and the variance
    if n < count + 3:
        raise ValueError(f"{n} steps are too few for the {count} parameters of {_name(form)}")
    history = np.ascontiguousarray(history)
    found = [
        (maximise(start, history, multiplicative, trend, season), start)
        for start in _starts(history, multiplicative, trend, season)
    ]
    loss, free = min(found, key=lambda each: each[0])
    if loss >= IMPOSSIBLE:
        raise ValueError(f"{_name(form)} has no positive mean on this history")
    weights, state = np.empty(4), np.empty(2 + season)
    unpack(free, multiplicative, trend, season, weights, state)
    if not plausible(_continue(history, form, task.season, weights, state, task.steps), history):
        raise ValueError(
            f"the forecast of {_name(form)} left the range of the history by ten times its width"
        )
    return weights, state, 2 * loss + 2 * count + 2 * count * (count + 1) / (n - count - 1)


def _starts(history: Floats, multiplicative: bool, trend: int, season: int) -> list[Floats]:
    """Numbers for `maximise` to start from: for each gamma the likeliest alpha."""
    factors = np.full(1, 1.0 if multiplicative else 0.0)
    if season > 1:
        factors = seasonal_factors(history, season, multiplicative)
    head = history[: max(LINE, 2 * season)]
    indices = np.resize(factors, len(head))
    head = head / indices if multiplicative and factors.min() > 0 else head - indices + multiplicative
    if trend == NONE:
        state = [float(head[:LINE].mean())]
    else:
        slope, level = np.polyfit(np.arange(1.0, len(head) + 1), head, 1)
        state = [float(level), float(slope)]
    starts = []
    weights, first = np.empty(4), np.empty(2 + season)
    for gamma in ALPHAS if season > 1 else (0.02,):
        tries = []
        for alpha in ALPHAS[gamma]:
            shares = [alpha, *([BETA] if trend != NONE else []), *([gamma] if season > 1 else [])]
            shares += [0.9] if trend == DAMPED else []
            free = np.array(
                [*np.log(np.array(shares) / (1 - np.array(shares))), *state, *factors[: season - 1]]
            )
            unpack(free, multiplicative, trend, season, weights, first)
            tries.append((smooth(history, multiplicative, season, weights, first), free))
        starts.append(min(tries, key=lambda each: each[0])[1])
    return starts
