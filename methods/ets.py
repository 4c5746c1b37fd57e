"""Exponential smoothing in state space form, chosen by AICc; not refitted at later origins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._seasonal import Floats, PerSeries, deseasonalised, passes_seasonal_test, plausible
from recurbench.methods._standard import settled
from recurbench.task import Predictor
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

# With a longer period the season is removed by classical indices, because each phase would be a parameter.
LONGEST_STATE = 24
ITERATIONS = 200
RESTARTS = 3  # at most, of the optimiser
GAIN = 0.01  # a restart that gains less log-likelihood is the last one

Form = tuple[str, str | None, bool, str | None]


@method("ets", family="statistical", kinds={"forecasting"}, recurrence="linear")
def ets(task: Task, train: Split) -> Predictor:
    """Exponential smoothing (ETS: Hyndman et al. 2002) with the error, trend and season of least AICc.

    The trend is none, additive or damped. The season is none, or of the kind of the error: additive or, for
    positive values, multiplicative. There are no quantiles.
    """

    def fit(history: Floats, _: Floats | None) -> Smoothing:
        return _fit(task, history)

    return PerSeries(replace(task, quantiles=()), train, fit, zero=True)


@dataclass(frozen=True)
class Smoothing:
    """The fitted model.

    `form` is (error, trend, damped, season). `params` includes the initial states. `centre` is subtracted
    from the series first; it is 0 for multiplicative forms.
    """

    form: Form
    params: Floats
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
        result = _model(adjusted, self.form, self.season).smooth(self.params)
        middle = np.asarray(result.forecast(self.steps))
        coming = factors[(len(history) + np.arange(self.steps)) % span]
        answer: Floats = middle * coming if multiplicative else middle + coming
        return np.asarray(answer + self.centre)


def _model(history: Floats, form: Form, season: int) -> ETSModel:
    error, trend, damped, seasonal = form
    periods = season if seasonal else None
    return ETSModel(
        history, error=error, trend=trend, damped_trend=damped, seasonal=seasonal, seasonal_periods=periods
    )


def _fit(task: Task, history: Floats) -> Smoothing:
    n, season = len(history), task.season
    states = 2 <= season <= LONGEST_STATE and n >= 3 * season
    indices = season if season > LONGEST_STATE and passes_seasonal_test(history, season) else 1
    tried: dict[str, float] = {}
    best: Smoothing | None = None
    reason = "none was tried"
    for form in _forms(history.min() > 0, states):
        centre = 0.0 if form[0] == "mul" else float(history.mean())
        adjusted, _ = deseasonalised(settled(history - centre), indices, form[0] == "mul")
        try:
            params, aicc = _estimate(adjusted, form, task)
        except (ValueError, ArithmeticError, IndexError) as trouble:
            reason = str(trouble)
            continue
        if best is None or aicc < min(tried.values()):
            best = Smoothing(form, params, centre, season, indices, task.steps, {"form": _name(form)})
        tried[_name(form)] = aicc
    if best is None:
        raise ValueError(f"no form could be fitted to {n} steps: {reason}")
    notes = {"aicc": min(tried.values()), "parameters": len(best.params), "tried": tried}
    return replace(best, notes={**best.notes, **notes, "classical_indices": indices > 1})


def _forms(positive: bool, states: bool) -> list[Form]:
    """The forms to try: error and season of the same kind; a season only if it can be estimated."""
    return [
        (error, trend, damped, season)
        for error in (("add", "mul") if positive else ("add",))
        for season in ((None, error) if states else (None,))
        for trend, damped in ((None, False), ("add", False), ("add", True))
    ]


def _name(form: Form) -> str:
    """The letters of the literature for error, trend and season, such as AAdN."""
    error, trend, damped, season = form
    slope = "N" if trend is None else "Ad" if damped else "A"
    return f"{error[0].upper()}{slope}{(season or 'n')[0].upper()}"


def _estimate(history: Floats, form: Form, task: Task) -> tuple[Floats, float]:
    """Fit a form and return its parameters and AICc; ValueError if its forecast is not plausible.

    The optimiser may stop too early, so it is restarted from its result until that gains nothing.
    """
    model = _model(history, form, task.season)
    result = model.fit(disp=False, maxiter=ITERATIONS)
    for _ in range(RESTARTS):
        again = model.fit(start_params=result.params, disp=False, maxiter=ITERATIONS)
        if not float(again.llf) > float(result.llf) + GAIN:
            break
        result = again
    params, aicc = np.asarray(result.params), float(result.aicc)
    if not (np.isfinite(params).all() and np.isfinite(aicc)):
        raise ValueError(f"the fit of {form} is not finite")
    if not plausible(np.asarray(result.forecast(task.steps)), history):
        raise ValueError(f"the forecast of {form} left the range of the history by ten times its width")
    return params, aicc
