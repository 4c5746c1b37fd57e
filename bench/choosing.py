"""By which validation scores a method, or one of its settings, is chosen: one rule for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from recurbench.metrics import METRICS
from recurbench.task import About, Task

Name = TypeVar("Name")

# Scores that agree to this many digits are equal: the same mean over the folds may be rounded in two ways.
DIGITS = 12
SHOWN = ("accuracy", "balanced_accuracy")


def selectors(task: Task, about: About) -> tuple[str, ...]:
    """Return the metrics by which methods are chosen on validation.

    Parameters
    ----------
    task : Task
        The question.
    about : About
        What is known of the data: the metric that tables show, and the best constant answer.

    Returns
    -------
    tuple of str
        Names in `METRICS`. The first one that all candidates have decides, and the later ones decide between
        equal scores.

    Notes
    -----
    One class per sequence is chosen by the share of right answers if tables show it, and by the log loss
    where it is equal (docs/decisions/0003-selection-and-lift.md). If the best constant answer is known, the
    data are a synthetic task or a control with a large validation part. Then the log loss decides.
    """
    if task.length == "free":
        return ("cross_entropy", "token_error_rate")
    if task.y.symbols:
        if task.length != "fixed" or task.steps > 1:
            return ("cross_entropy", "accuracy")
        if about.metric in SHOWN and about.constant is None:
            return (about.metric, "log_loss")
        return ("log_loss", "accuracy")
    if task.y.flags:
        return ("flag_loss",)
    if task.kind == "forecasting":
        return ("pinball", "mae") if task.quantiles else ("mase", "mae")
    return ("mse",)


def compared(
    scores: Mapping[Name, Mapping[str, float]], names: Sequence[str]
) -> tuple[str, dict[Name, tuple[float, ...]]]:
    """Return the metric that compares candidates, and a sort key for each: the least is the best.

    Parameters
    ----------
    scores : mapping of candidate to mapping
        Validation scores by metric. NaN counts as missing.
    names : sequence of str
        What `selectors` returned.

    Returns
    -------
    metric : str
        The first of `names` that all candidates have; "" if there is none, or no candidate.
    keys : dict of candidate to tuple of float
        Equal scores are decided by the later metrics. A candidate without such a metric comes after those
        that have it. Candidates with equal keys cannot be told apart. Empty if there is no metric.
    """
    for place, first in enumerate(names):
        if scores and all(_has(own, first) for own in scores.values()):
            return first, {who: _key(own, names[place:]) for who, own in scores.items()}
    return "", {}


def _has(scores: Mapping[str, float], name: str) -> bool:
    return not np.isnan(scores.get(name, np.nan))


def _key(scores: Mapping[str, float], names: Sequence[str]) -> tuple[float, ...]:
    return tuple(_lower_is_better(scores[name], name) if _has(scores, name) else np.inf for name in names)


def _lower_is_better(score: float, name: str) -> float:
    rounded = float(f"{score:.{DIGITS}g}")
    return -rounded if METRICS[name].higher_is_better else rounded


__all__ = ["compared", "selectors"]
