"""Fit a chosen method again on all examples of a problem, at a cost that is said before."""

from __future__ import annotations

from dataclasses import replace

from recurbench.forecasting.choice import MethodChoice
from recurbench.registry import Choice
from recurbench.running.fit_and_score import SeedInput, fit_alone
from recurbench.running.job import Job
from recurbench.task import Array, Predictor, Problem, Split, Task


def everything(problem: Problem) -> Split:
    """All examples of a problem in one split: training, validation and test part, in this order.

    For examples that are separate cases. Forecasting examples of one series overlap and are not joined so.
    """
    parts = [problem.train, *([problem.valid] if problem.valid is not None else []), problem.test]
    x: list[Array] = [item for part in parts for item in part.x]
    y: list[Array] = [item for part in parts for item in part.y]
    # Groups of different parts may have the same name, and a method that holds out groups must not mix them.
    series = [(i, name) for i, part in enumerate(parts) for name in part.series]
    return Split(x, y, series=series)


def expected_seconds(chosen: MethodChoice, train: Split, split: Split) -> float:
    """CPU seconds that a fit on `split` may take, from the stored fit on `train`.

    The time grows with the number of values. That of a network with a fixed number of steps stays the same.
    """
    if chosen.steps is not None:
        return chosen.cpu_seconds
    return chosen.cpu_seconds * _values(split) / max(_values(train), 1)


def _values(split: Split) -> int:
    return sum(item.size for item in split.x)


def refit_on(
    task: Task, dataset: Choice, chosen: MethodChoice, split: Split, seed: int | None = None
) -> Predictor:
    """Fit the chosen method on `split`, with its settings, its optimizer steps and its seed in the run.

    Parameters
    ----------
    task : Task
    dataset : Choice
        The data set of the problem; with the method it decides where random generators start.
    chosen : MethodChoice
    split : Split
        Examples with answers.
    seed : int, optional
        Another seed than that of `chosen`.

    Returns
    -------
    callable
        Answers a `Split`. Its `notes`, if it has any, are those of the method.

    Raises
    ------
    Exception
        Whatever the method raises.
    """
    job = Job(
        dataset,
        chosen.data_seed,
        chosen.method,
        chosen.seed if seed is None or chosen.seed is None else seed,
        device=chosen.device,
    )
    one = SeedInput(job, {}, job.key("final", 0), chosen.steps)
    return fit_alone(one, task, replace(split))
