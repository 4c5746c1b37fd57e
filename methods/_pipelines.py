"""Forecasters that were trained by others: one interface, that of the pipeline of Chronos-Bolt."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from recurbench.task import Array, Predictor, Split, Task, Unsupported
from recurbench.task.arithmetic import Floats

Point = Literal["median", "mean"]
MEDIAN = 0.5


class Pipeline(Protocol):
    """What `from_pipeline` asks: quantiles of the steps after each series.

    Two attributes are read where they are there: `quantiles`, the levels that the model was trained to
    answer, and `model_context_length`, the most steps of history that it reads.
    """

    def predict_quantiles(
        self, inputs: list[torch.Tensor], /, *, prediction_length: int, quantile_levels: list[float]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Quantiles [series, steps, levels] and means [series, steps].

        Parameters
        ----------
        inputs : list of tensors of float32
            The history [T] of each series, NaN where a value is missing. Lengths may differ.
        prediction_length : int
            Steps to forecast.
        quantile_levels : list of float
            The levels, in ascending order.
        """


def from_pipeline(
    task: Task,
    pipeline: Pipeline,
    *,
    point: Point = "median",
    context: int | None = None,
    batch: int = 64,
    standardise: bool = True,
) -> Predictor:
    """Make a predictor of a forecaster that was trained before, such as a pipeline of Chronos-Bolt.

    Every channel to forecast is a series of its own, and covariates are not read. Nothing is trained.

    Parameters
    ----------
    task : Task
        The question, of kind "forecasting".
    pipeline : object
        Has a method `predict_quantiles(inputs, prediction_length=, quantile_levels=)`. inputs: a list of
        tensors [T] of float32, NaN where a value is missing. It returns two tensors: quantiles [series,
        steps, levels] and means [series, steps]. Its attributes `quantiles` (the levels that it was trained
        for) and `model_context_length` are read where it has them.
    point : {"median", "mean"}
        The answer where the task asks for no quantiles. The median has the least absolute error, the mean the
        least squared error. Chronos-Bolt returns its median as the mean too.
    context : int, optional
        Steps of history to read, the last ones; None: as many as the model takes.
    batch : int
        Series in one call.
    standardise : bool
        Whether to subtract the mean of each history and divide it by its standard deviation. A model reads
        float32, in which a series of large values loses digits. False: the model reads the values as they
        are, for a model in which 0 has a meaning.

    Returns
    -------
    callable
        What a method returns: it takes a `Split` and returns [steps, channels] or [steps, channels, levels]
        per example.

    Raises
    ------
    Unsupported
        If the task is no forecast of numbers.
    ValueError
        If the object has no such method, or a setting is out of range. The predictor raises it where a
        history holds no value, or the pipeline answers in another form.

    Notes
    -----
    Quantiles of a level that the model does not have are interpolated linearly between its neighbouring
    levels. Beyond its outermost levels the outermost quantile is the answer, with a warning; such an interval
    is too narrow. Quantiles that cross are put in ascending order.

    References
    ----------
    Ansari et al. (2024), Chronos: Learning the language of time series, Transactions on Machine Learning
    Research.

    Examples
    --------
    >>> @method("bolt", family="attention", kinds={"forecasting"}, files=("folder",))
    ... def bolt(task, train, *, folder: str = "models/bolt"):
    ...     return from_pipeline(task, ChronosBoltPipeline.from_pretrained(folder))
    """
    if task.kind != "forecasting" or task.x.symbols or task.y.symbols:
        raise Unsupported("a pretrained model forecasts numbers, and answers nothing else")
    require_interface(pipeline)
    if point not in ("median", "mean"):
        raise ValueError(f"point must be median or mean, got {point!r}")
    for name, value in (("context", context), ("batch", batch)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    most = getattr(pipeline, "model_context_length", None)
    read = min((steps for steps in (context, most) if steps is not None), default=None)
    wanted = task.quantiles or ((MEDIAN,) if point == "median" else ())
    levels = Levels.of(wanted, getattr(pipeline, "quantiles", None))
    return _Pretrained(task, pipeline, levels, read, batch, standardise)


def require_interface(pipeline: object) -> None:
    """ValueError if an object has no method `predict_quantiles`."""
    if isinstance(pipeline, type):
        raise ValueError(
            f"a pipeline must be an object, got the class {pipeline.__name__}; load it from its weights first"
        )
    if not callable(getattr(pipeline, "predict_quantiles", None)):
        raise ValueError(
            f"{type(pipeline).__name__} has no method predict_quantiles(inputs, prediction_length, "
            "quantile_levels), which a pretrained forecaster needs; wrap it in a class that has one"
        )


@dataclass(frozen=True)
class Levels:
    """Which quantile levels are asked of a model, and how those that are wanted follow from them.

    asked: in ascending order. weights [asked, wanted]: each wanted quantile is a weighted sum of those asked.
    beyond: wanted levels below the lowest or above the highest level of the model.
    """

    asked: tuple[float, ...]
    weights: Floats
    beyond: tuple[float, ...] = ()

    @classmethod
    def of(cls, wanted: Sequence[float], known: Sequence[float] | None) -> Levels:
        """The levels to ask for; known: those of the model, None where it answers any."""
        own = None if known is None else tuple(sorted(float(level) for level in known))
        if own is not None and (not own or not 0 < own[0] <= own[-1] < 1):
            raise ValueError(f"the quantile levels of the model must lie between 0 and 1, got {own}")
        if own is None or not len(wanted):
            asked = tuple(sorted(wanted)) or (MEDIAN,)
        else:
            within = [level for level in own if any(np.isclose(level, one) for one in wanted)]
            asked = tuple(within) if len(within) == len(set(wanted)) else own
        places = np.arange(len(asked), dtype=np.float64)
        weights = np.zeros((len(asked), len(wanted)))
        for column, level in enumerate(wanted):
            # Rounded, so that 0.3 and 0.1 + 0.2 are one level.
            place = round(float(np.interp(level, asked, places)), 9)
            share = place % 1
            weights[int(place), column] = 1 - share
            if share:
                weights[int(place) + 1, column] = share
        outside = [one for one in wanted if one < asked[0] - 1e-9 or one > asked[-1] + 1e-9]
        return cls(asked, weights, tuple(outside))


@dataclass(frozen=True)
class _History:
    """The last steps of one series, on the scale that the model reads."""

    values: torch.Tensor
    centre: float
    scale: float


class _Pretrained:
    """Asks a pipeline for every channel of every example."""

    def __init__(
        self,
        task: Task,
        pipeline: Pipeline,
        levels: Levels,
        context: int | None,
        batch: int,
        standardise: bool,
    ) -> None:
        self.task, self._pipeline, self._levels = task, pipeline, levels
        self._context, self._batch, self._standardise = context, batch, standardise
        self.notes: dict[str, Any] = _parameters(pipeline)
        if context is not None:
            self.notes["context"] = int(context)
        if not standardise:
            self.notes["follows_shift"] = False
        if levels.beyond:
            self.notes["levels_beyond_the_model"] = list(levels.beyond)

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [steps, channels] or [steps, channels, Q]."""
        if self._levels.beyond:
            warnings.warn(_narrow(self._levels), stacklevel=2)
        channels = range(self.task.y.size)
        histories = [self._history(x[:, channel]) for x in split.x for channel in channels]
        width = len(self.task.quantiles) or 1
        answers = np.zeros((len(histories), self.task.steps, width))
        # A history without spread has no scale: its value is the answer, and the model is not asked.
        asked = [i for i, one in enumerate(histories) if one.scale > 0]
        # Histories of about one length stand together, so that little is padded.
        asked.sort(key=lambda i: len(histories[i].values))
        for start in range(0, len(asked), self._batch):
            part = asked[start : start + self._batch]
            answers[part] = self._ask([histories[i].values for i in part])
        centre = np.array([one.centre for one in histories])[:, None, None]
        scale = np.array([one.scale for one in histories])[:, None, None]
        shaped = (answers * scale + centre).reshape(len(split.x), len(channels), self.task.steps, width)
        moved = np.moveaxis(shaped, 1, 2)
        return [np.array(one if self.task.quantiles else one[..., 0]) for one in moved]

    def _history(self, series: Array) -> _History:
        values = np.array(series, dtype=np.float64)
        values = values[-self._context :] if self._context else values
        seen = values[np.isfinite(values)]
        if not len(seen):
            raise ValueError(
                f"a history of {len(series)} steps holds no finite value in the {len(values)} steps that the "
                "model reads, at least one is needed; drop it"
            )
        values[~np.isfinite(values)] = np.nan
        centre, scale = 0.0, 1.0
        if self._standardise:
            centre, scale = float(seen.mean()), float(seen.std())
            if scale <= 1e-12 * float(np.abs(seen).max()):  # it differs by rounding only
                centre, scale = float(seen[-1]), 0.0
        shown = (values - centre) / (scale or 1.0)
        return _History(torch.from_numpy(shown.astype(np.float32)), centre, scale)

    def _ask(self, histories: list[torch.Tensor]) -> Floats:
        """What the model answers [series, steps, Q] to histories on its scale."""
        levels = self._levels
        with torch.no_grad():
            made = self._pipeline.predict_quantiles(
                histories, prediction_length=self.task.steps, quantile_levels=list(levels.asked)
            )
        if not isinstance(made, tuple | list) or len(made) != 2:
            raise ValueError(
                f"the pipeline answered {type(made).__name__}, wanted a pair: quantiles [series, steps, "
                "levels] and means [series, steps]; return both"
            )
        shape = (len(histories), self.task.steps, len(levels.asked))
        quantiles = _numbers(made[0], shape, "quantiles [series, steps, levels]")
        if not levels.weights.shape[1]:
            return _numbers(made[1], shape[:2], "means [series, steps]")[..., None]
        # The levels ascend, so quantiles that cross are put in order (Chernozhukov et al. 2010).
        return np.asarray(np.sort(quantiles, axis=-1) @ levels.weights)


def _numbers(given: Any, shape: tuple[int, ...], what: str) -> Floats:
    """An answer of the pipeline as float64; ValueError if it has another shape or is not finite."""
    values = np.asarray(torch.as_tensor(given).detach().to("cpu", torch.float64))
    if values.shape != shape:
        raise ValueError(
            f"the pipeline answered {what} of shape {values.shape}, wanted {shape}; put its axes in this "
            "order"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"the pipeline answered {what} that hold NaN or infinite values; it must fill them")
    return values


def _narrow(levels: Levels) -> str:
    beyond = ", ".join(f"{level:g}" for level in levels.beyond)
    return (
        f"the quantile levels {beyond} lie beyond those of the model ({levels.asked[0]:g} to "
        f"{levels.asked[-1]:g}): its outermost quantiles are the answer, and the intervals are too narrow"
    )


def _parameters(pipeline: object) -> dict[str, Any]:
    """A note on the number of weights, where the pipeline or its `model` is a torch module."""
    for one in (pipeline, getattr(pipeline, "model", None)):
        if isinstance(one, torch.nn.Module):
            return {"parameters": sum(weight.numel() for weight in one.parameters())}
    return {}
