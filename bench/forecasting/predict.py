"""Predict new cases with a method of a run, fitted again on all cases of the run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench import answers, catalogue, provenance
from recurbench.forecasting.choice import MethodChoice, choose_method, choose_problem, rebuilt
from recurbench.forecasting.new_cases import NewCases, read_new
from recurbench.forecasting.recipe import recipe
from recurbench.forecasting.refit import everything, expected_seconds, refit_on
from recurbench.registry import Choice, Registry, load
from recurbench.results import Run
from recurbench.task import Array, Problem, Split, Task, Unsupported

KINDS = ("classification", "regression")


@dataclass(frozen=True)
class Question:
    """What will be fitted and predicted; nothing is fitted yet.

    Attributes
    ----------
    chosen : MethodChoice
    dataset : Choice
    problem : Problem
    cases : NewCases
    split : Split
        All cases of the problem, to fit on.
    seconds : float
        CPU time that the fit may take.
    score : tuple of (str, float) or None
        Metric and mean score of the method on the test part of the run.
    """

    chosen: MethodChoice
    dataset: Choice
    problem: Problem
    cases: NewCases
    split: Split
    seconds: float
    score: tuple[str, float] | None


@dataclass(frozen=True)
class Predicted:
    """Predictions, and what they were made with.

    Attributes
    ----------
    frame : DataFrame
        `table_of` describes it.
    recipe : dict
    seconds : float
        CPU time that the fit took.
    """

    frame: pd.DataFrame
    recipe: dict[str, Any]
    seconds: float


def ask(
    run: Run,
    data: Path,
    registry: Registry,
    *,
    method: str | None = None,
    problem: str | None = None,
    case: str | None = None,
    moment: str | None = None,
) -> Question:
    """Choose the method, build the problem again and read the new cases.

    Parameters
    ----------
    run : Run
    data : Path
        The file of the new cases.
    registry : Registry
    method, problem : str, optional
        As in `choose_method` and `choose_problem`.
    case, moment : str, optional
        Columns of the cases and of the time in a table.

    Raises
    ------
    ValueError
        If something does not fit together.
    """
    which = choose_problem(run, problem, KINDS)
    chosen = choose_method(run, which, method, registry)
    dataset, made = rebuilt(run, which, registry, chosen.data_seed)
    cases = read_new(data, dataset, made, case, moment)
    split = everything(made)
    seconds = expected_seconds(chosen, made.train, split)
    return Question(chosen, dataset, made, cases, split, seconds, _score(run, chosen))


def _score(run: Run, chosen: MethodChoice) -> tuple[str, float] | None:
    final = run.final[(run.final["problem"] == chosen.problem) & (run.final["address"] == chosen.address)]
    scores = final["score"].dropna().astype(float)
    return (str(final["metric"].iloc[0]), float(scores.mean())) if len(scores) else None


def predict(question: Question, data: Path) -> Predicted:
    """Fit the method on all cases, and predict the new ones.

    Raises
    ------
    ValueError
        If the method cannot be fitted on these cases, or its answers have the wrong form.
    """
    chosen, task = question.chosen, question.problem.task
    # Neither an import nor the hash of the code, which both are cached then, is the cost of the fit.
    load(chosen.method.plugin)
    for plugin in (chosen.method.plugin, question.dataset.plugin):
        provenance.known_code_hash(plugin)
    start = time.process_time()
    try:
        predictor = refit_on(task, question.dataset, chosen, question.split)
        seconds = time.process_time() - start
        given = list(predictor(question.cases.split))
    except Unsupported as error:
        raise ValueError(
            f"{chosen.address} cannot answer these cases: {error}; name another method with --method"
        ) from None
    wrong = answers.form_error(task, question.cases.split, given)
    if wrong:
        raise ValueError(f"{chosen.address}: {wrong}; name another method with --method")
    notes = getattr(predictor, "notes", {})
    made = recipe(
        question.dataset,
        chosen,
        question.split,
        predicted={"file": data.name, "sha256": catalogue.file_hash(data), "cases": len(given)},
        notes={name: notes[name] for name in ("steps", "parameters") if name in notes},
    )
    return Predicted(table_of(task, question.cases.names, given), made, seconds)


def table_of(task: Task, names: Sequence[str], given: Sequence[Array]) -> pd.DataFrame:
    """One row per case.

    Returns
    -------
    DataFrame
        case, prediction (a class or a number), and for classes `probability_NAME` of each class. These are
        missing if the method answers classes without probabilities.
    """
    if not task.y.symbols:
        return pd.DataFrame({"case": list(names), "prediction": [float(one[0, 0]) for one in given]})
    classes = task.y.names or tuple(str(code) for code in range(task.y.size))
    if given and np.issubdtype(given[0].dtype, np.integer):
        return pd.DataFrame({"case": list(names), "prediction": [classes[int(one[0])] for one in given]})
    chances = np.array([one[0] for one in given]).reshape(-1, task.y.size)
    return pd.DataFrame(
        {
            "case": list(names),
            "prediction": [classes[code] for code in chances.argmax(axis=1)],
            **{f"probability_{name}": chances[:, code] for code, name in enumerate(classes)},
        }
    )
