"""Scores per task: values for the table, and one value per example for the intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.task import Array, Split, Task

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """What a score is called and which way is better."""

    name: str
    higher_is_better: bool
    words: str

    @property
    def arrow(self) -> str:
        """The direction in one sign."""
        return "↑" if self.higher_is_better else "↓"


METRICS = {
    m.name: m
    for m in (
        Metric("log_loss", False, "mean negative log chance of the true class, nats"),
        Metric("accuracy", True, "share of answers that are right"),
        Metric("balanced_accuracy", True, "mean over the classes present of the share found"),
        Metric("last_step_accuracy", True, "share of sequences right at their last step"),
        Metric(
            "cross_entropy",
            False,
            "negative log chance of the true symbol per step, nats; in answers of free length given the true "
            "symbols before it, the end being one of them",
        ),
        Metric("flag_loss", False, "negative log-likelihood of all flags of a step, nats"),
        Metric("mse", False, "mean squared error"),
        Metric("mae", False, "mean absolute error"),
        Metric("r2", True, "1 - squared error / variance of the answers"),
        Metric("mase", False, "absolute error / in-sample seasonal naive error, over series, then origins"),
        Metric("smape", False, "mean of 200 |y - f| / (|y| + |f|), in 0..200"),
        Metric(
            "pinball",
            False,
            "mean over levels of twice the pinball loss, at .5 the absolute error; a point stands for all",
        ),
        Metric("wql", False, "weighted quantile loss: 2 x pinball / sum of |y|"),
        Metric("coverage_80", True, "share of answers between the .1 and .9 quantiles"),
        Metric("exact_match", True, "share of sequences right in every symbol"),
        Metric("token_error_rate", False, "edit distance / length of the true sequence"),
    )
}


@dataclass(frozen=True)
class Scores:
    """Every metric of one set of answers.

    units[name], weights[name]: one value and one weight per example whose weighted mean is values[name];
    metrics that are no such mean (R2, weighted quantile loss) have no entry there.
    """

    values: dict[str, float]
    units: dict[str, Floats]
    weights: dict[str, Floats]


def score(task: Task, split: Split, answers: Sequence[Array], terms: Sequence[Array] | None = None) -> Scores:
    """Score `answers` (of proper form) against `split.y`; answers are cut to the example's own steps.

    terms: log chances [S + 1] of the symbols of every true answer of free length and of its end, each given
    those before it; where there are none, there is no cross-entropy of such answers. ValueError where an
    answer, true or given, or a term holds NaN, infinite or masked values: no score stands for them.
    """
    for what, arrays in (("answer", answers), ("true answer", split.y), ("log-likelihood", terms or ())):
        _refuse_missing(what, arrays)
    if task.length == "free":
        return _free(split, answers, terms)
    own = [answer[: len(split.y[i])] for i, answer in enumerate(answers)]
    if task.y.symbols:
        if task.length == "fixed" and task.steps == 1:
            return _classes(task, split, own)
        return _labels(split, own)
    if task.kind == "forecasting":
        return _forecasts(task, split, own)
    if task.y.flags:
        return _flags(split, own)
    return _numbers(task, split, own)


def _refuse_missing(what: str, arrays: Sequence[Array]) -> None:
    for i, array in enumerate(arrays):
        if isinstance(array, np.ma.MaskedArray) or not np.isfinite(array).all():
            raise ValueError(
                f"{what} {i} holds NaN, infinite or masked values, wanted numbers; nothing can be scored "
                "before they are filled or left out"
            )


def selectors(task: Task) -> tuple[str, ...]:
    """The metrics to choose methods by, the proper one first; the next for methods that lack the first."""
    if task.length == "free":
        return ("cross_entropy", "token_error_rate")
    if task.y.symbols:
        one = task.length == "fixed" and task.steps == 1
        return ("log_loss" if one else "cross_entropy", "accuracy")
    if task.y.flags:
        return ("flag_loss",)
    if task.kind == "forecasting":
        return ("pinball", "mae") if task.quantiles else ("mase", "mae")
    return ("mse",)


def _means(units: dict[str, Floats], weights: Floats) -> Scores:
    values = {name: weighted(v, weights) for name, v in units.items()}
    return Scores(values, units, dict.fromkeys(units, weights))


def weighted(values: Floats, weights: Floats) -> float:
    """Weighted mean over the examples where the value is defined; NaN where it is for none.

    A value is NaN only where the data leave it undefined: `score` takes no answers that hold NaN. A weight
    that is NaN makes the mean NaN.
    """
    if np.isnan(weights).any():
        return float("nan")
    known = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _surprise(chances: Array, truth: Array) -> Floats:
    """-log of the chance given to the true symbol, per step; chances are kept off 0 by their own rounding."""
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
        loss = np.array([_surprise(a, y)[0] for a, y in zip(answers, split.y, strict=True)])
        scores.values["log_loss"] = weighted(loss, np.ones(len(loss)))
        scores.units["log_loss"], scores.weights["log_loss"] = loss, np.ones(len(loss))
    return scores


def _labels(split: Split, answers: Sequence[Array]) -> Scores:
    """Per step over all sequences: a long sequence weighs as many steps as it has."""
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
    """[longest]: at every position the share of right symbols among the sequences that reach it.

    ValueError for answers that hold NaN.
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


def point(task: Task, answer: Array) -> Floats:
    """The point answer [S, channels]: the median where quantiles were given."""
    if answer.ndim == 3:
        answer = answer[:, :, task.quantiles.index(0.5)]
    return answer.astype(np.float64)


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
    # Equal values have a mean that rounding moves off them.
    moves = np.ptp(truth, axis=0) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(moves, (residual**2).sum(axis=0) / spread, np.nan)
    scores.values["r2"] = float(1 - ratio.mean())
    return scores


def _forecasts(task: Task, split: Split, answers: Sequence[Array]) -> Scores:
    """Every series weighs the same, and within it every origin."""
    points = [point(task, answer) for answer in answers]
    triples = list(zip(points, split.y, split.x, strict=True))
    units = {
        "mase": np.array([mase(f, y, x[:, : task.y.size], task.season) for f, y, x in triples]),
        "smape": np.array([smape(f, y) for f, y, _ in triples]),
        "mse": np.array([((f - y) ** 2).mean() for f, y, _ in triples]),
        "mae": np.array([np.abs(f - y).mean() for f, y, _ in triples]),
    }
    if task.quantiles:
        units["pinball"] = np.array([pinball(task, a, y) for a, y in zip(answers, split.y, strict=True)])
    weights = {name: _even(split.series, ~np.isnan(found)) for name, found in units.items()}
    scores = Scores({name: weighted(v, weights[name]) for name, v in units.items()}, units, weights)
    undefined = int(np.isnan(scores.units["mase"]).sum())
    if undefined:
        scores.values["mase_undefined"] = float(undefined)
    if task.quantiles and all(answer.ndim == 3 for answer in answers):
        scores.values.update(_quantile_scores(task, split, answers))
    return scores


def _even(series: Sequence[Hashable], defined: NDArray[np.bool_]) -> Floats:
    """Weights with which every series counts the same, and within it every origin where there is a value."""
    origins = Counter(name for name, known in zip(series, defined, strict=True) if known)
    return np.array([1.0 / max(origins[name], 1) for name in series])


def mase(forecast: Array, truth: Array, history: Array, season: int) -> float:
    """Mean absolute scaled error (Hyndman and Koehler 2006), M4 form: in-sample seasonal naive scale.

    forecast, truth: [S, channels]; history: [T, channels]; the mean over channels. NaN where a scale is 0 or
    the history is not longer than a season.
    """
    if len(history) <= season:
        return float("nan")
    scale = np.abs(history[season:] - history[:-season]).mean(axis=0)
    error = np.abs(forecast - truth).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(scale > 0, error / scale, np.nan).mean())


def smape(forecast: Array, truth: Array) -> float:
    """Symmetric mean absolute percentage error as in M4: 0..200, 0 where both are 0, NaN where one is NaN."""
    size = np.abs(forecast) + np.abs(truth)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(size == 0, 0.0, 200 * np.abs(forecast - truth) / size).mean())


def pinball(task: Task, answer: Array, truth: Array) -> float:
    """Twice the pinball loss (Koenker and Bassett 1978), a mean over steps, channels and levels.

    answer: [S, channels, Q], or [S, channels], which then stands at every level; truth: [S, channels].
    """
    levels = np.array(task.quantiles)
    error = truth[:, :, None] - (answer if answer.ndim == 3 else answer[:, :, None])
    return float((2 * np.maximum(levels * error, (levels - 1) * error)).mean())


def _quantile_scores(task: Task, split: Split, answers: Sequence[Array]) -> dict[str, float]:
    loss, size, inside, steps = 0.0, 0.0, 0.0, 0
    for answer, y in zip(answers, split.y, strict=True):
        loss += pinball(task, answer, y) * y.size
        size += float(np.abs(y).sum())
        if 0.1 in task.quantiles and 0.9 in task.quantiles:
            low, high = (answer[:, :, task.quantiles.index(q)] for q in (0.1, 0.9))
            inside += float(((low <= y) & (y <= high)).sum())
        steps += y.size
    scores = {"wql": loss / size if size else float("nan")}
    if 0.1 in task.quantiles and 0.9 in task.quantiles:
        scores["coverage_80"] = inside / steps
    return scores


def _free(split: Split, answers: Sequence[Array], terms: Sequence[Array] | None) -> Scores:
    """Every sequence weighs the same, but in the cross-entropy every symbol and every end."""
    pairs = [(_symbols(a), y) for a, y in zip(answers, split.y, strict=True)]
    units = {
        "token_error_rate": np.array([edit_distance(a, y) / max(len(y), 1) for a, y in pairs]),
        "exact_match": np.array([float(np.array_equal(a, y)) for a, y in pairs]),
    }
    scores = _means(units, np.ones(len(pairs)))
    if terms is not None:
        steps = np.array([len(own) for own in terms], dtype=float)
        # Rounding may leave a chance a hair above 1.
        loss = np.array([-np.minimum(own.astype(np.float64), 0.0).mean() for own in terms])
        scores.values["cross_entropy"] = weighted(loss, steps)
        scores.units["cross_entropy"], scores.weights["cross_entropy"] = loss, steps
    return scores


def unscaled(task: Task, split: Split) -> dict[str, int]:
    """How many forecasting examples have no MASE, by what keeps it from having a scale.

    short: a history not longer than a season; gaps: missing values in it; constant: a target whose history is
    one value; seasonal: one whose every value equals the one a season before.
    """
    found: Counter[str] = Counter()
    for whole in split.x:
        history = np.asarray(whole[:, : task.y.size], dtype=float)
        # Nearly every history differs from itself a season before within its first steps.
        start = history[: 2 * task.season + 100]
        if (start[task.season :] != start[: -task.season]).any(axis=0).all() and np.isfinite(history).all():
            continue
        if len(history) <= task.season:
            found["short"] += 1
        elif not np.isfinite(history[task.season :] - history[: -task.season]).all():
            found["gaps"] += 1
        elif (history == history[0]).all(axis=0).any():
            found["constant"] += 1
        elif (history[task.season :] == history[: -task.season]).all(axis=0).any():
            found["seasonal"] += 1
    return dict(found)


def edit_distance(one: Array, other: Array) -> int:
    """Levenshtein (1966) distance between two symbol sequences."""
    row = np.arange(len(other) + 1)
    ramp = np.arange(len(other) + 1)
    for i, symbol in enumerate(one, start=1):
        best = np.empty_like(row)
        best[0] = i
        best[1:] = np.minimum(row[1:] + 1, row[:-1] + (np.asarray(other) != symbol))
        # Insertions run along the row: a running minimum after taking the slope out.
        row = np.minimum.accumulate(best - ramp) + ramp
    return int(row[-1])
