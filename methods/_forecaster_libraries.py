"""How forecasters of statsforecast, sktime and darts are called: one series in, forecasts out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from recurbench.methods._quantile_regression import uncrossed
from recurbench.methods._seasonal import Floats

PATHS = 1000  # the quantiles of a model of darts are those of so many sampled paths


@dataclass(frozen=True)
class Given:
    """A history [T], its covariates [T, k] and those ahead [steps, k]; both None without covariates."""

    history: Floats
    rows: Floats | None
    ahead: Floats | None


@dataclass(frozen=True)
class Asked:
    """What a model is asked for: the steps ahead and the quantiles, () for points."""

    steps: int
    quantiles: tuple[float, ...]


Answer = Callable[[Given], Floats]
"""Forecasts [steps] or [steps, Q] with a model that is not fitted again."""


class Library(Protocol):
    """How the models of one library are called."""

    def quantiles(self, model: Any) -> bool:
        """Whether the model offers intervals."""

    def covariates(self, model: Any) -> bool:
        """Whether the model takes covariates."""

    def fitted(self, model: Any, history: Floats, rows: Floats | None, asked: Asked) -> Answer | None:
        """Fit a copy of the model; None if a fitted model cannot be applied to another history."""

    def once(self, model: Any, given: Given, asked: Asked) -> Floats:
        """Fit a copy of the model and forecast [steps] or [steps, Q]."""


class Statsforecast:
    """Models of statsforecast, called on plain arrays, without its frames and processes."""

    def quantiles(self, model: Any) -> bool:
        """Models without intervals of their own have them if they were given `prediction_intervals`."""
        conformal = getattr(model, "prediction_intervals", None) is not None
        return conformal or not getattr(model, "only_conformal_intervals", False)

    def covariates(self, model: Any) -> bool:
        """What the class says."""
        return bool(model.uses_exog)

    def fitted(self, model: Any, history: Floats, rows: Floats | None, asked: Asked) -> Answer | None:
        """Fit a copy of a model whose class has `forward`."""
        if not hasattr(model, "forward"):
            return None
        fitted = copy.deepcopy(model).fit(y=history, X=rows)
        return lambda given: self._called(fitted.forward, given, asked)

    def once(self, model: Any, given: Given, asked: Asked) -> Floats:
        """Fit a copy to the history and forecast."""
        return self._called(copy.deepcopy(model).forecast, given, asked)

    def _called(self, function: Callable[..., Any], given: Given, asked: Asked) -> Floats:
        levels = {q: _level(q) for q in asked.quantiles if q != 0.5}
        extra = {"level": sorted(set(levels.values()))} if levels else {}
        told = function(y=given.history, h=asked.steps, X=given.rows, X_future=given.ahead, **extra)
        if not asked.quantiles:
            return np.asarray(told["mean"], dtype=np.float64)
        columns = [
            told["mean"] if q == 0.5 else told[f"{'lo' if q < 0.5 else 'hi'}-{levels[q]}"]
            for q in asked.quantiles
        ]
        return uncrossed(np.stack(columns, axis=1), asked.quantiles)


class Sktime:
    """Forecasters of sktime, called on a pandas Series that starts at step 0."""

    def quantiles(self, model: Any) -> bool:
        """What its tag says."""
        return bool(model.get_tag("capability:pred_int", False, raise_error=False))

    def covariates(self, model: Any) -> bool:
        """What its tag says, which older versions of sktime have under another name."""
        ignored = model.get_tag("ignores-exogeneous-X", True, raise_error=False)
        return bool(model.get_tag("capability:exogenous", not ignored, raise_error=False))

    def fitted(self, _model: Any, _history: Floats, _rows: Floats | None, _asked: Asked) -> Answer | None:
        """None: after `update` without fitting, many forecasters still forecast from the old end."""
        return None

    def once(self, model: Any, given: Given, asked: Asked) -> Floats:
        """Fit a copy to the history and forecast."""
        copied, steps = copy.deepcopy(model), np.arange(1, asked.steps + 1)
        end = len(given.history)
        rows = None if given.rows is None else pd.DataFrame(given.rows)
        ahead = None if given.ahead is None else pd.DataFrame(given.ahead, index=range(end, end + len(steps)))
        copied.fit(pd.Series(given.history), X=rows, fh=steps)
        if not asked.quantiles:
            return np.asarray(copied.predict(fh=steps, X=ahead), dtype=np.float64).ravel()
        told = copied.predict_quantiles(fh=steps, X=ahead, alpha=list(asked.quantiles))
        return uncrossed(np.asarray(told, dtype=np.float64), asked.quantiles)


class Darts:
    """Forecasters of darts, called on a series of values without dates."""

    def quantiles(self, model: Any) -> bool:
        """Whether the model draws sampled paths."""
        return bool(model.supports_probabilistic_prediction)

    def covariates(self, _model: Any) -> bool:
        """False: the lags of covariates are chosen when the model is made."""
        return False

    def fitted(self, model: Any, history: Floats, _rows: Floats | None, asked: Asked) -> Answer | None:
        """Fit a copy of a global model; the local ones forecast only the series of their fit."""
        if not model.supports_transferable_series_prediction:
            return None
        fitted = copy.deepcopy(model).fit(_series(history))
        return lambda given: self._called(fitted, asked, series=_series(given.history))

    def once(self, model: Any, given: Given, asked: Asked) -> Floats:
        """Fit a copy to the history and forecast."""
        return self._called(copy.deepcopy(model).fit(_series(given.history)), asked)

    def _called(self, fitted: Any, asked: Asked, **series: Any) -> Floats:
        if not asked.quantiles:
            return np.asarray(fitted.predict(asked.steps, **series).values(), dtype=np.float64).ravel()
        paths = fitted.predict(asked.steps, num_samples=PATHS, random_state=0, **series).all_values()[:, 0]
        return np.asarray(np.quantile(paths, asked.quantiles, axis=1).T, dtype=np.float64)


def _series(values: Floats) -> Any:
    from darts import TimeSeries  # the model is of darts, so this loads nothing

    return TimeSeries.from_values(values)


def _level(quantile: float) -> float | int:
    """The per cent of the central interval that ends at a quantile; whole numbers as int."""
    level = round(abs(2 * quantile - 1) * 100, 6)
    return int(level) if level == int(level) else level


LIBRARIES: dict[str, Library] = {"statsforecast": Statsforecast(), "sktime": Sktime(), "darts": Darts()}
