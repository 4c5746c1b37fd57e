"""Every stored prediction of a run beside the true value, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench.forecasting.choice import rebuilt
from recurbench.forecasting.conformal import LEVELS, half_widths, refuse_levels
from recurbench.forecasting.held_out import errors, middle, scales_of
from recurbench.forecasting.units import unit_of
from recurbench.registry import Choice, Registry, discover
from recurbench.results import Run, answers_of, read_run
from recurbench.running.cell import parts
from recurbench.task import Array, Problem, Split, Task

STAGES = {"inner": "validation", "final": "test"}


def predictions(
    folder: str | Path,
    problem: str | None = None,
    plugins: Sequence[str | Path] = (),
    level: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Read every stored prediction of a run, in the unit of the data.

    The true values are not in the run file; the problems are built again from their data.

    Parameters
    ----------
    folder : path
        Directory of the run.
    problem : str, optional
        Only this problem.
    plugins : sequence of paths, optional
        Plugin files that the run used.
    level : sequence of float
        Nominal coverage of the conformal intervals of forecasts, as shares.

    Returns
    -------
    pandas.DataFrame
        Columns problem, method, address, seed, data_seed, stage ("validation" or "test"), fold, and series.
        Forecasts: origin (0 for the first of the series), origin_time (the last known stamp), step, target,
        time, actual, predicted; a column for each quantile of the task; and for test the conformal intervals
        of each level, such as low_80, high_80, low_95, high_95, made from the validation errors of the same
        fit alone. One label per case: case, actual, predicted, and probability_LABEL of each class where the
        method gave them. Other tasks: case, step, target, actual, predicted.

    Raises
    ------
    ValueError
        If there is no run, the data of a problem are missing or have changed, or a level is not between 0
        and 1.
    """
    refuse_levels(level)
    run, registry = read_run(folder), discover(plugins)
    known = list(dict.fromkeys(run.cells["problem"].astype(str)))
    if problem is not None and problem not in known:
        raise ValueError(f"the run has no problem {problem!r}; its problems: {', '.join(known)}")
    tables = [_of_problem(run, name, registry, level) for name in known if problem in (None, name)]
    tables = [table for table in tables if len(table)]
    if not tables:
        raise ValueError(f"{folder} holds no predictions; a copy made by `recurbench slim` has none")
    return pd.concat(tables, ignore_index=True)


def _of_problem(run: Run, address: str, registry: Registry, level: Sequence[float]) -> pd.DataFrame:
    """All stored predictions of one problem, sample by sample."""
    cells = run.cells[(run.cells["problem"] == address) & run.cells["chosen"]]
    tables = []
    for draw in run.draws(address):
        own = cells[cells["data_seed"].isna() if draw is None else cells["data_seed"] == draw]
        given = answers_of(run, list(dict.fromkeys(own["key"].astype(str))))
        if not given:
            continue
        dataset, problem = rebuilt(run, address, registry, draw)
        splits: dict[tuple[str, int], Split] = {}
        for row in own.to_dict("records"):
            if row["key"] not in given:
                continue
            place = (str(row["stage"]), int(row["cut"]))
            if place not in splits:
                splits[place] = problem.test if place[0] == "final" else parts(problem, place[1])[1]
            table = _rows(problem.task, splits[place], given[str(row["key"])])
            if problem.task.kind == "forecasting" and place[0] == "final":
                _add_intervals(table, problem, own, row, given, level)
            if problem.task.kind == "forecasting":
                _to_unit(table, dataset, problem.task)
            for name in reversed(("problem", "method", "address", "seed", "data_seed")):
                table.insert(0, name, None if pd.isna(row[name]) else row[name])
            table.insert(5, "stage", STAGES[place[0]])
            table.insert(6, "fold", place[1] if place[0] == "inner" else None)
            tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _rows(task: Task, split: Split, given: Sequence[Array]) -> pd.DataFrame:
    if task.kind == "forecasting":
        return _forecasts(task, split, given)
    if task.y.symbols and task.length == "fixed" and task.steps == 1:
        return _labels(task, split, given)
    return _steps(task, split, given)


def _forecasts(task: Task, split: Split, given: Sequence[Array]) -> pd.DataFrame:
    """One row per origin, target and step with a true value."""
    names = _names(task)
    answers = [np.asarray(each, dtype=np.float64) for each in given]
    levels = task.quantiles if any(each.ndim == 3 for each in answers) else ()
    origins: dict[Any, int] = {}
    # Arrays are joined once, because a frame for every example takes most of the time of thousands of series.
    columns: dict[str, list[Array]] = {}
    for i, (x, y, name) in enumerate(zip(split.x, split.y, split.series, strict=True)):
        origin = origins[name] = origins.get(name, -1) + 1
        steps = min(len(y), task.steps)
        rows = steps * task.y.size
        time = np.asarray(split.time[i]) if len(split.time) else np.arange(1, len(x) + task.steps + 1)
        parts = {
            "series": np.full(rows, str(name), dtype=object),
            "origin": np.full(rows, origin),
            "origin_time": np.repeat(time[len(x) - 1], rows),
            "step": np.tile(np.arange(1, steps + 1), task.y.size),
            "target": np.repeat(np.array(names, dtype=object), steps),
            "time": np.tile(time[len(x) : len(x) + steps], task.y.size),
            "actual": np.asarray(y, dtype=np.float64)[:steps].T.ravel(),
            "predicted": middle(task, given[i])[:steps].T.ravel(),
        }
        for place, level in enumerate(levels):
            known = answers[i].ndim == 3
            parts[f"quantile_{level:g}"] = (
                answers[i][:steps, :, place].T.ravel() if known else np.full(rows, np.nan)
            )
        for key, part in parts.items():
            columns.setdefault(key, []).append(part)
    return pd.DataFrame({key: np.concatenate(found) for key, found in columns.items()})


def _add_intervals(
    table: pd.DataFrame,
    problem: Problem,
    cells: pd.DataFrame,
    row: dict[Any, Any],
    given: dict[str, Any],
    levels: Sequence[float],
) -> None:
    """Conformal intervals of the test forecasts of one fit, from the validation errors of the same fit."""
    inner = cells[(cells["job"] == row["job"]) & (cells["stage"] == "inner")]
    keys = [str(key) for key in inner["key"] if str(key) in given]
    task = problem.task
    found = errors(task, parts(problem, 0)[1], [given[keys[0]]]) if keys else np.empty((0, 0, 0))
    scales = scales_of(task, problem.test)
    lengths = [min(len(y), task.steps) for y in problem.test.y]
    for level in levels if len(found) else ():
        widths = half_widths(found, level).values
        halves = [(widths[:steps] * scale).T.ravel() for steps, scale in zip(lengths, scales, strict=True)]
        half = np.concatenate(halves)
        table[f"low_{100 * level:g}"] = table["predicted"] - half
        table[f"high_{100 * level:g}"] = table["predicted"] + half


def _to_unit(table: pd.DataFrame, dataset: Choice, task: Task) -> None:
    """Bring values that the data set scaled into the unit of the data."""
    offset, factor = unit_of(dataset, task)
    if not offset.any() and (factor == 1).all():
        return
    place = table["target"].map({name: i for i, name in enumerate(_names(task))}).to_numpy()
    for name in table.columns:
        if name in ("actual", "predicted") or str(name).startswith(("quantile_", "low_", "high_")):
            table[name] = table[name] * factor[place] + offset[place]


def _labels(task: Task, split: Split, given: Sequence[Array]) -> pd.DataFrame:
    """One row per case."""
    names = np.array(_names(task), dtype=object)
    first = [np.asarray(answer)[0] for answer in given]
    codes = [int(np.argmax(each)) if np.ndim(each) else int(each) for each in first]
    columns: dict[str, Any] = {
        "series": [str(name) for name in split.series],
        "case": np.arange(len(split)),
        "actual": names[[int(np.asarray(y)[0]) for y in split.y]],
        "predicted": names[codes],
    }
    if np.ndim(first[0]):
        shares = np.stack(first)
        columns |= {f"probability_{name}": shares[:, place] for place, name in enumerate(names)}
    return pd.DataFrame(columns)


def _steps(task: Task, split: Split, given: Sequence[Array]) -> pd.DataFrame:
    """One row per case, target and step; where the answer is longer or shorter, one side is missing."""
    names = _names(task)
    tables = []
    for i, (actual, predicted) in enumerate(zip(split.y, given, strict=True)):
        true, said = np.asarray(actual), np.asarray(predicted)
        if task.y.symbols:
            said = said if said.ndim == 1 else said.argmax(axis=1)
            sides = [[np.array([names[int(code)] for code in each], dtype=object)] for each in (true, said)]
            targets = [""]
        else:
            said = said if said.ndim == 2 else said[:, :, task.quantiles.index(0.5)]
            sides, targets = [list(true.T), list(said.T)], names
        for target, one, other in zip(targets, *sides, strict=True):
            columns = {"actual": pd.Series(one), "predicted": pd.Series(other)}
            table = pd.DataFrame(columns)
            table.insert(0, "target", target)
            table.insert(0, "step", np.arange(1, len(table) + 1))
            table.insert(0, "case", i)
            table.insert(0, "series", str(split.series[i]))
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _names(task: Task) -> list[str]:
    """The names of targets or labels; their numbers where there are none."""
    return [str(name) for name in task.y.names or range(task.y.size)]
