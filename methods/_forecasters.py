"""Forecasters of other libraries as methods: statsforecast, sktime, darts, and scikit-learn regressors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from traceback import walk_tb
from typing import Any

import numpy as np
from recurbench.methods._forecaster_libraries import LIBRARIES, Answer, Asked, Given, Library
from recurbench.methods._lag_regression import LagRegression
from recurbench.methods._numpy_generator import unmoved_numpy
from recurbench.methods._seasonal import Floats, PerSeries, deseasonalised, passes_seasonal_test
from recurbench.methods._standard import settled
from recurbench.task import Predictor, Split, Task
from recurbench.task.arithmetic import spread
from sklearn.base import is_classifier

SHORTEST = 4  # steps; many models index a second difference without asking whether there is one


def from_forecaster(task: Task, train: Split, forecaster: Any, *, lags: int | None = None) -> Predictor:
    """Answer a forecasting task with a forecaster of statsforecast, sktime or darts, or a regressor.

    A model of these three libraries gets every series and channel by itself, divided by its standard
    deviation (and centred if a value is not positive). If it fails on a series, or its forecast leaves the
    range of the history by more than ten times its width, the seasonal naive forecast is the answer, and
    `notes["fallbacks"]` holds the reason. A statsforecast model with `forward` and a global model of darts
    are fitted once per series and applied to later histories. Every other model is fitted again to each
    history, which costs more.

    A scikit-learn regressor predicts the next value of a series from its last ones. It is fitted once, to the
    windows of all series, and continues its own predictions; see `LagRegression`.

    Missing values are filled with the value one season before.

    Parameters
    ----------
    task : Task
        Forecasting of numbers.
    train : Split
        The training part, as a method gets it.
    forecaster : object
        An instance that is not fitted. It is copied, never changed. Set its `random_state` if it has one.
    lags : int, optional
        For a regressor: how many values it sees. By default one season or one horizon, whichever is longer.

    Returns
    -------
    callable
        The predictor that a method returns. Per example [steps, channels], or [steps, channels, quantiles]
        if the task has quantiles and the forecaster offers intervals.

    Raises
    ------
    Unsupported
        If the task is to forecast symbols.
    TypeError
        If `forecaster` is a class, or none of the four kinds; if `lags` is given and it is no regressor.
    ValueError
        If `lags` is below 1.

    Examples
    --------
    >>> from statsforecast.models import AutoCES
    >>> @method("my-ces", family="statistical", kinds={"forecasting"})
    ... def my_ces(task, train):
    ...     return from_forecaster(task, train, AutoCES(season_length=task.season))
    """
    kind = _kind(forecaster)
    if kind == "scikit-learn":
        return LagRegression(task, train, forecaster, lags)
    if lags is not None:
        raise TypeError(f"lags is for regressors, and {type(forecaster).__name__} is none; leave lags out")
    library = LIBRARIES[kind]
    predict = per_series(task, train, lambda _history: forecaster, library, forecaster)
    predict.notes["forecaster"] = f"{type(forecaster).__module__.partition('.')[0]}: {forecaster!r}"[:200]
    return predict


def _kind(forecaster: Any) -> str:
    """The library whose interface an object has; TypeError if none of the four."""
    wanted = "a forecaster of statsforecast, sktime or darts, or a scikit-learn regressor"
    if isinstance(forecaster, type):
        name = forecaster.__name__
        raise TypeError(f"from_forecaster takes an object, got the class {name}; write {name}(...)")
    if hasattr(forecaster, "predict_quantiles") and hasattr(forecaster, "get_tag"):
        return "sktime"
    if hasattr(forecaster, "forecast") and hasattr(forecaster, "uses_exog"):
        return "statsforecast"
    if hasattr(forecaster, "supports_transferable_series_prediction"):
        return "darts"
    if all(hasattr(forecaster, name) for name in ("fit", "predict", "get_params")):
        if is_classifier(forecaster):
            raise TypeError(
                f"from_forecaster takes {wanted}, and {type(forecaster).__name__} is a classifier"
            )
        return "scikit-learn"
    raise TypeError(f"from_forecaster takes {wanted}, got {type(forecaster).__name__}")


def per_series(
    task: Task,
    train: Split,
    build: Callable[[Floats], Any],
    library: Library,
    example: Any,
    *,
    centred: bool = False,
    indices: bool = False,
) -> PerSeries:
    """Fit a model of a library to every series.

    Parameters
    ----------
    task : Task
    train : Split
    build : callable
        Gives the model, not fitted, for a standardised history [T].
    library : Library
    example : object
        A model of the class that `build` gives, for what it offers.
    centred : bool
        Whether to centre every history. Otherwise only those with a value that is not positive.
    indices : bool
        Whether to remove the season by classical indices, if the test of the M4 competition finds one.
    """
    quantiles = task.quantiles if library.quantiles(example) else ()
    taken = library.covariates(example)

    def fit(history: Floats, known: Floats | None) -> Foreign:
        if len(history) < SHORTEST:
            raise ValueError(f"a model needs at least {SHORTEST} steps, got {len(history)}")
        span = task.season if indices and passes_seasonal_test(history, task.season) else 1
        design = Covariates.learned(known) if taken and known is not None else None
        # Models with a form for positive values keep the zero of such a series.
        multiplicative = bool(history.min() > 0)
        prepared = Preparation(0.0 if multiplicative else float(history.mean()), span, multiplicative)
        values, _ = prepared(history, task.steps)
        model = build(values)
        asked = Asked(task.steps, quantiles)
        with _as_value_error(model):
            fitted = library.fitted(model, values, design.rows(known) if design else None, asked)
        return Foreign(library, model, fitted, prepared, design, asked)

    return PerSeries(replace(task, quantiles=quantiles), train, fit, zero=not centred)


@dataclass(frozen=True)
class Preparation:
    """What is taken from a history before a model sees it: a level, and a season by classical indices."""

    centre: float
    season: int
    multiplicative: bool

    def __call__(self, history: Floats, steps: int) -> tuple[Floats, Floats]:
        """The prepared history [T], and the indices [steps] after it."""
        if self.multiplicative and history.min() <= 0:
            raise ValueError(f"fitted to positive values, asked about {history.min():g}")
        span = self.season if len(history) >= 2 * self.season else 1
        values, factors = deseasonalised(settled(history - self.centre), span, self.multiplicative)
        return values, factors[(len(history) + np.arange(steps)) % span]

    def back(self, answer: Floats, coming: Floats) -> Floats:
        """An answer [steps] or [steps, Q] with its season and level."""
        season = coming if answer.ndim == 1 else coming[:, None]
        return np.asarray((answer * season if self.multiplicative else answer + season) + self.centre)


@dataclass(frozen=True)
class Foreign:
    """A model of a library, fitted to one series where it can be applied to later histories."""

    library: Library
    model: Any
    fitted: Answer | None
    prepared: Preparation
    design: Covariates | None
    asked: Asked
    # Answers by history: a model that is fitted at every question is not fitted twice for the same one.
    known_answers: dict[bytes, Floats] = field(default_factory=dict)

    @property
    def notes(self) -> dict[str, Any]:
        """Whether the model was fitted again at every question, and the covariates it was given."""
        kept = len(self.design.kept) if self.design else 0
        return {"refitted": self.fitted is None, "covariates": kept}

    def forecast(self, history: Floats, known: Floats | None, /) -> Floats:
        """Forecast [steps] or [steps, Q] after the history."""
        if len(history) < SHORTEST:
            raise ValueError(f"a model needs at least {SHORTEST} steps, got {len(history)}")
        values, coming = self.prepared(history, self.asked.steps)
        rows = self.design.rows(known) if self.design else None
        given = Given(
            values,
            None if rows is None else rows[: len(values)],
            None if rows is None else rows[len(values) :],
        )
        key = values.tobytes() + (b"" if rows is None else rows.tobytes())
        if self.fitted is None and key in self.known_answers:
            return self.known_answers[key]
        with _as_value_error(self.model):
            if self.fitted is None:
                answer = self.library.once(self.model, given, self.asked)
            else:
                answer = self.fitted(given)
        answer = self.prepared.back(answer, coming)
        if self.fitted is None:
            self.known_answers[key] = answer
        return answer


@dataclass(frozen=True)
class Covariates:
    """The covariates that differ from constants and from combinations of others, standardised on train."""

    width: int
    kept: tuple[int, ...]
    centre: Floats
    scale: Floats

    @classmethod
    def learned(cls, known: Floats) -> Covariates | None:
        """Learn from covariates [T, width]; None if none is left."""
        centre, scale = known.mean(axis=0), spread(known)
        kept: list[int] = []
        for column in np.flatnonzero(scale > 0):
            tried = [*kept, int(column)]
            values = settled((known[:, tried] - centre[tried]) / scale[tried])
            if np.linalg.matrix_rank(values, tol=1e-4 * len(values) ** 0.5) == len(tried):
                kept = tried
        return cls(known.shape[1], tuple(kept), centre[kept], scale[kept]) if kept else None

    def rows(self, known: Floats | None) -> Floats:
        """The standardised covariates [T, k] of covariates [T, width]."""
        if known is None or known.shape[1] != self.width:
            width = 0 if known is None else known.shape[1]
            raise ValueError(f"fitted with {self.width} known covariates, asked with {width}")
        return settled((known[:, list(self.kept)] - self.centre) / self.scale)


@contextmanager
def _as_value_error(model: Any) -> Iterator[None]:
    """Errors of a model become ValueError, and the global generator of numpy is left as it was.

    A wrong name in this package or in the class of a user is passed on, because it concerns every series. So
    is a failed import.
    """
    try:
        with unmoved_numpy():  # some models of statsforecast seed the global generator
            yield
    except Exception as error:  # libraries raise plain Exception, KeyError, TypeError on short series
        # A local variable without a value is a fault of a library on a short series, not a wrong name.
        name = isinstance(error, NameError | AttributeError) and not isinstance(error, UnboundLocalError)
        if isinstance(error, ImportError) or (name and not _in_library(error, model)):
            raise
        first = (str(error).splitlines() or [""])[0][:150]
        raise ValueError(f"{type(model).__name__}: {type(error).__name__}: {first}") from error


def _in_library(error: Exception, model: Any) -> bool:
    """Whether the code of a library made the error, not this package or the module of the model's class.

    The last of them on the way to the error counts; packages that they call, such as numpy, do not.
    """
    ours = {__name__.partition(".")[0], type(model).__module__.partition(".")[0]}
    way = [str(frame.f_globals.get("__name__", "")) for frame, _ in walk_tb(error.__traceback__)]
    roots = [name.partition(".")[0] for name in way]
    known = [root for root in roots if root in ours or root in LIBRARIES]
    return bool(known) and known[-1] in LIBRARIES
