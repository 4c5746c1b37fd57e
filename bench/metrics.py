"""Scores of a set of answers: one value per metric, and one value per example for the intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.class_scores import auroc, brier, calibration_error
from recurbench.edit_distance import edit_distance
from recurbench.forecast_errors import (
    interval_score,
    losses,
    mase,
    pinball,
    point,
    pooled,
    rmsse,
    smape,
    true_steps,
    unscaled,
)
from recurbench.known_metrics import METRICS, Metric
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Every metric of one set of answers.

    Parameters
    ----------
    values : dict of str to float
        One score per metric, by its name.
    units, weights : dict of str to array
        Per metric one value and one weight for each example, [examples]; `values[name]` is their weighted
        mean. A metric that is no such mean (R2, weighted quantile loss) has no entry.
    """

    values: dict[str, float]
    units: dict[str, Floats]
    weights: dict[str, Floats]


def score(task: Task, split: Split, answers: Sequence[Array], terms: Sequence[Array] | None = None) -> Scores:
    """Score the answers of one method against the true answers `split.y`.

    Parameters
    ----------
    task : Task
        The question; it decides which metrics there are.
    split : Split
        Examples with their true answers.
    answers : sequence of arrays
        One array per example, in a form that `answers.form_error` accepts. An answer longer than the true
        one is shortened to it.
    terms : sequence of arrays, optional
        Answers of any length only: per example the log probabilities [S + 1] of the true symbols and of the
        end, each given the true symbols before it. Without them there is no cross-entropy.

    Returns
    -------
    Scores
        The metrics, and their values per example.

    Raises
    ------
    ValueError
        If there are not as many answers as examples: a score over some of the examples, such as one that
        leaves out an incomplete last batch, is another score. If an answer, a true answer or a term holds
        NaN, infinite or masked values. Only the true answers of a forecast may hold NaN: such a step is not
        scored, and an example without another step has no score.
    """
    if len(answers) != len(split.y):
        raise ValueError(
            f"{len(answers)} answers for {len(split.y)} examples, wanted one for each; answer every example, "
            "also those of an incomplete batch"
        )
    given = split.y
    if task.kind == "forecasting" and not task.y.symbols:
        given = [y[true_steps(y)] for y in split.y]
    for what, arrays in (("answer", answers), ("true answer", given), ("log-likelihood", terms or ())):
        _refuse_missing(what, arrays)
    if task.length == "free":
        return _free(split, answers, terms)
    shortened = [answer[: len(split.y[i])] for i, answer in enumerate(answers)]
    if task.y.symbols:
        if task.length == "fixed" and task.steps == 1:
            return _classes(task, split, shortened)
        return _labels(split, shortened)
    if task.kind == "forecasting":
        return _forecasts(task, split, shortened)
    if task.y.flags:
        return _flags(split, shortened)
    return _numbers(task, split, shortened)


def _refuse_missing(what: str, arrays: Sequence[Array]) -> None:
    for i, array in enumerate(arrays):
        if isinstance(array, np.ma.MaskedArray) or not np.isfinite(array).all():
            raise ValueError(
                f"{what} {i} holds NaN, infinite or masked values, wanted numbers; fill them first"
            )


def _means(units: dict[str, Floats], weights: Floats) -> Scores:
    values = {name: weighted(v, weights) for name, v in units.items()}
    return Scores(values, units, dict.fromkeys(units, weights))


def weighted(values: Floats, weights: Floats) -> float:
    """Compute the weighted mean over the examples that have a value.

    Parameters
    ----------
    values, weights : array
        [examples]. A value is NaN if the data leave it undefined, such as a MASE without a scale.

    Returns
    -------
    float
        NaN if no example has a value, or if a weight is NaN.
    """
    if np.isnan(weights).any():
        return float("nan")
    known = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _surprise(chances: Array, truth: Array) -> Floats:
    """-log of the probability given to the true symbol, per step; a 0 counts as the rounding error."""
    eps = float(np.finfo(chances.dtype).eps)
    total = chances.sum(axis=1, dtype=np.float64)
    given = chances[np.arange(len(truth)), truth] / total
    return np.asarray(-np.log(np.clip(given, eps, 1.0)), dtype=np.float64)


def _symbols(answer: Array) -> Array:
    return answer.argmax(axis=1) if answer.ndim == 2 else answer


def _classes(task: Task, split: Split, answers: Sequence[Array]) -> Scores:
    truth = np.array([int(y[0]) for y in split.y])
    guess = np.array([int(_symbols(answer)[0]) for answer in answers])
    right = (truth == guess).astype(float)
    scores = _means({"accuracy": right}, np.ones(len(truth)))
    counts = np.bincount(truth, minlength=task.y.size)
    even = 1.0 / counts[truth]
    scores.values["balanced_accuracy"] = weighted(right, even)
    scores.units["balanced_accuracy"], scores.weights["balanced_accuracy"] = right, even
    if all(answer.ndim == 2 for answer in answers):
        _add_chances(scores, truth, answers, split)
    return scores


def _add_chances(scores: Scores, truth: Array, answers: Sequence[Array], split: Split) -> None:
    """Add the metrics of probabilities, as they are: dividing by sums would set equal ones apart."""
    chances = np.concatenate(answers).astype(np.float64)
    units = {
        "log_loss": np.array([_surprise(a, y)[0] for a, y in zip(answers, split.y, strict=True)]),
        "brier": brier(truth, chances),
    }
    for name, values in units.items():
        scores.units[name], scores.weights[name] = values, np.ones(len(values))
        scores.values[name] = weighted(values, scores.weights[name])
    scores.values["auroc"] = auroc(truth, chances)
    scores.values["calibration_error"] = calibration_error(truth, chances)


def _labels(split: Split, answers: Sequence[Array]) -> Scores:
    """Every step counts the same, so a long sequence counts more than a short one."""
    pairs = list(zip(answers, split.y, strict=True))
    steps = np.array([len(y) for y in split.y], dtype=float)
    scores = _means({"accuracy": np.array([(_symbols(a) == y).mean() for a, y in pairs])}, steps)
    last = np.array([float(_symbols(a)[-1] == y[-1]) for a, y in pairs])
    scores.values["last_step_accuracy"] = float(last.mean())
    scores.units["last_step_accuracy"], scores.weights["last_step_accuracy"] = last, np.ones(len(last))
    if all(answer.ndim == 2 for answer in answers):
        loss = np.array([_surprise(a, y).mean() for a, y in pairs])
        scores.values["cross_entropy"] = weighted(loss, steps)
        scores.units["cross_entropy"], scores.weights["cross_entropy"] = loss, steps
    return scores


def by_position(split: Split, answers: Sequence[Array]) -> Floats:
    """Compute the accuracy at every position of a sequence.

    Parameters
    ----------
    split : Split
        Examples with true answers [S] of symbols.
    answers : sequence of arrays
        Per example symbols [S] or probabilities [S, size].

    Returns
    -------
    array of float64
        [longest S]: the share of right symbols among the sequences that are long enough.

    Raises
    ------
    ValueError
        If an answer holds NaN, infinite or masked values.
    """
    _refuse_missing("answer", answers)
    longest = max(len(y) for y in split.y)
    right, reached = np.zeros(longest), np.zeros(longest)
    for answer, y in zip(answers, split.y, strict=True):
        right[: len(y)] += _symbols(answer)[: len(y)] == y
        reached[: len(y)] += 1
    return right / reached


def _flags(split: Split, answers: Sequence[Array]) -> Scores:
    def loss(chances: Array, y: Array) -> float:
        eps = float(np.finfo(chances.dtype).eps)
        p = np.clip(chances.astype(np.float64), eps, 1 - eps)
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean())

    steps = np.array([len(y) for y in split.y], dtype=float)
    return _means({"flag_loss": np.array([loss(a, y) for a, y in zip(answers, split.y, strict=True)])}, steps)


def _numbers(task: Task, split: Split, answers: Sequence[Array]) -> Scores:
    errors = [point(task, a) - y for a, y in zip(answers, split.y, strict=True)]
    steps = np.array([len(y) for y in split.y], dtype=float)
    scores = _means(
        {
            "mse": np.array([(e**2).mean() for e in errors]),
            "mae": np.array([np.abs(e).mean() for e in errors]),
        },
        steps,
    )
    truth = np.concatenate([np.asarray(y, dtype=float) for y in split.y])
    residual = np.concatenate(errors)
    spread = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    # The variance of equal values is rarely exactly 0, because of rounding.
    varies = np.ptp(truth, axis=0) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(varies, (residual**2).sum(axis=0) / spread, np.nan)
    scores.values["r2"] = float(1 - ratio.mean())
    scores.values["rmse"] = float(np.sqrt(scores.values["mse"]))
    return scores


def _forecasts(task: Task, split: Split, answers: Sequence[Array]) -> Scores:
    """Every series has the same weight, and in it every origin with a true value; its known steps count."""
    scored = [i for i, y in enumerate(split.y) if true_steps(y).any()]
    answers = [answers[i][true_steps(split.y[i])] for i in scored]
    truths = [split.y[i][true_steps(split.y[i])] for i in scored]
    found = losses(task, [split.x[i] for i in scored], truths, answers)
    units = {name: np.full(len(split.y), np.nan) for name in found}
    for name, values in found.items():
        units[name][scored] = values
    weights = {name: _even(split.series, ~np.isnan(values)) for name, values in units.items()}
    scores = Scores({name: weighted(v, weights[name]) for name, v in units.items()}, units, weights)
    scores.values["rmse"] = _root(split.series, units["mse"])
    undefined = int(np.isnan(scores.units["mase"][scored]).sum())
    if undefined:
        scores.values["mase_undefined"] = float(undefined)
    if task.quantiles:
        scores.values.update(pooled(task, truths, answers))
    return scores


def _root(series: Sequence[Hashable], squared: Floats) -> float:
    """The root of the mean squared error of every series over its origins; the mean over the series."""
    of_series: dict[Hashable, list[float]] = {}
    for name, error in zip(series, squared, strict=True):
        if not np.isnan(error):
            of_series.setdefault(name, []).append(float(error))
    roots = [np.sqrt(np.mean(errors)) for errors in of_series.values()]
    return float(np.mean(roots)) if roots else float("nan")


def _even(series: Sequence[Hashable], defined: NDArray[np.bool_]) -> Floats:
    """Weights: every series counts the same, and within a series every origin that has a value."""
    origins = Counter(name for name, known in zip(series, defined, strict=True) if known)
    return np.array([1.0 / max(origins[name], 1) for name in series])


def _free(split: Split, answers: Sequence[Array], terms: Sequence[Array] | None) -> Scores:
    """Every sequence has the same weight; in the cross-entropy every symbol and every end has."""
    pairs = [(_symbols(a), y) for a, y in zip(answers, split.y, strict=True)]
    units = {
        "token_error_rate": np.array([edit_distance(a, y) / max(len(y), 1) for a, y in pairs]),
        "exact_match": np.array([float(np.array_equal(a, y)) for a, y in pairs]),
    }
    scores = _means(units, np.ones(len(pairs)))
    if terms is not None:
        steps = np.array([len(each) for each in terms], dtype=float)
        # Rounding may leave a probability slightly above 1.
        loss = np.array([-np.minimum(each.astype(np.float64), 0.0).mean() for each in terms])
        scores.values["cross_entropy"] = weighted(loss, steps)
        scores.units["cross_entropy"], scores.weights["cross_entropy"] = loss, steps
    return scores


__all__ = [
    "METRICS",
    "Metric",
    "Scores",
    "by_position",
    "edit_distance",
    "interval_score",
    "mase",
    "pinball",
    "point",
    "rmsse",
    "score",
    "smape",
    "unscaled",
    "weighted",
]
