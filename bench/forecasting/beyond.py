"""Forecasts beyond the end of the data, with the chosen or a named method of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench import provenance
from recurbench.durations import spelled
from recurbench.forecasting.choice import MethodChoice, choose_method, choose_problem, rebuilt
from recurbench.forecasting.conformal import LEVELS, half_widths, scale_of
from recurbench.forecasting.future import known_ahead
from recurbench.forecasting.held_out import HeldOut, coverage_text, few_text, held_out, middle
from recurbench.forecasting.recipe import recipe
from recurbench.forecasting.refit import expected_seconds, refit_on
from recurbench.forecasting.seeds import StoredFit, of_each_seed, seeds_text
from recurbench.forecasting.series_end import (
    WholeSeries,
    next_stamps,
    to_answer,
    to_fit,
    whole_series,
)
from recurbench.forecasting.units import unit_of
from recurbench.known_metrics import in_words
from recurbench.registry import Choice, discover
from recurbench.results import Run, read_run
from recurbench.running.refits import by_rank
from recurbench.task import Array, Predictor, Problem, Split, Task
from recurbench.validation import described as described_validation
from recurbench.validation import partial


@dataclass(frozen=True)
class Question:
    """What is to be forecast: how many steps, which levels, and covariates known ahead.

    steps: None for the horizon of the problem. ahead: a CSV file. plugins: files of third-party plugins.
    """

    problem: str | None = None
    method: str | None = None
    steps: int | None = None
    levels: tuple[float, ...] = LEVELS
    ahead: Path | None = None
    plugins: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before the method is fitted again."""

    dataset: Choice
    method: MethodChoice
    fits: tuple[StoredFit, ...]
    problem: Problem
    series: tuple[WholeSeries, ...]
    steps: int
    levels: tuple[float, ...]
    stamps: tuple[Array, ...]
    ahead: tuple[Array, ...]
    held_out: HeldOut
    notes: tuple[str, ...]

    @property
    def source(self) -> str:
        """The name of the user's file, or the address of the problem."""
        files = filter(None, (self.dataset.settings[name] for name in self.dataset.plugin.files))
        return ", ".join(Path(str(file)).name for file in files) or self.method.problem

    @property
    def run_fits(self) -> int:
        """How often the run fitted the method for the test part, per seed."""
        return len(by_rank(self.problem.test)) if self.problem.refit else 1

    @property
    def opening(self) -> str:
        """What is fitted, on what, and about how long it takes."""
        how = f"chosen on validation by {in_words(self.method.by)}" if self.method.by else "named by you"
        seeds = seeds_text(self.fits)
        train, everything = self.problem.train, to_fit(self.problem.task, self.series)
        seconds = sum(fit.chosen.cpu_seconds for fit in self.fits)
        expected = sum(expected_seconds(fit.chosen, train, everything) for fit in self.fits) / self.run_fits
        rows = sum(len(one.values) for one in self.series)
        many = f"{len(self.series)} series, {rows} rows" if len(self.series) > 1 else f"all {rows} rows"
        return (
            f"{self.method.address} ({', '.join(filter(None, (how, seeds)))}) is fitted again on {many} of "
            f"{self.source}. This may take {spelled(expected)}; in the run it took {spelled(seconds)}."
        )


@dataclass(frozen=True)
class Forecast:
    """Forecasts beyond the end, and what a reader must know of them.

    frame: one row per series (and target) and step. notes: sentences on intervals, time stamps and steps.
    """

    prepared: Prepared
    frame: pd.DataFrame
    notes: tuple[str, ...] = field(default=())


def prepare(folder: str | Path, question: Question) -> Prepared:
    """Choose, rebuild the problem, and check everything that can be checked before the fit.

    Raises
    ------
    ValueError
        If the run has no forecasting problem, or several and none is named; if the data have changed or are
        missing; if the method has no result; or if covariates known ahead are not given.
    """
    refuse_levels(question.levels)
    if question.steps is not None and question.steps < 1:
        raise ValueError(f"--steps is {question.steps}; give at least 1")
    run, registry = read_run(folder), discover(question.plugins)
    if "forecasting" not in set(run.cells["kind"]):
        raise ValueError(
            f"{folder} has no forecasting problem, so nothing can be forecast; for new cases of its classes "
            f"or numbers: recurbench predict {folder} --data FILE"
        )
    address = choose_problem(run, question.problem, {"forecasting"})
    method = choose_method(run, address, question.method, registry)
    fits = of_each_seed(run, method)
    dataset, problem = rebuilt(run, address, registry, method.data_seed)
    series, notes = whole_series(problem, dataset, method.data_seed)
    steps = question.steps or problem.task.steps
    stamps, irregular = next_stamps(series, problem.task.steps * -(-steps // problem.task.steps))
    notes += irregular
    if _changed(run, method):
        notes.append(
            f"The code of {method.address}, or of a package that it uses, has changed since the run. The "
            "forecasts may differ from those of the version that was tested."
        )
    if part := partial(described_validation(problem)):
        notes.append(f"Validation, whose errors also make the intervals, had {part}.")
    if method.tied:
        notes.append(f"On validation {', '.join(method.tied)} did as well as {method.address}.")
    return Prepared(
        dataset,
        method,
        fits,
        problem,
        tuple(series),
        steps,
        tuple(sorted(question.levels)),
        tuple(stamps),
        tuple(known_ahead(problem.task, series, steps, question.ahead)),
        held_out(run, problem, fits, series, unit_of(dataset, problem.task)[1]),
        tuple(notes),
    )


def _changed(run: Run, method: MethodChoice) -> bool:
    """Whether the code of the method, or of a package that it uses, differs from that of the run."""
    final = run.final
    rows = final[(final["problem"] == method.problem) & (final["address"] == method.address)]
    return provenance.known_code_hash(method.method.plugin) not in set(rows["code"])


def refuse_levels(levels: Sequence[float]) -> None:
    """ValueError if a level is not between 0 and 1."""
    for level in levels:
        if not 0 < level < 1:
            raise ValueError(f"level is {level:g}; give shares between 0 and 1, such as 0.8 and 0.95")


def compute(prepared: Prepared) -> Forecast:
    """Fit the method again on every known step, forecast, and add the intervals. ValueError if it fails."""
    task, series = prepared.problem.task, prepared.series
    split = to_fit(task, series)
    answers = [_answers(task, prepared, _refitted(prepared, fit, split)) for fit in prepared.fits]
    mean: list[Array] = [np.mean(each, axis=0)[: prepared.steps] for each in zip(*answers, strict=True)]
    notes = [*prepared.notes, *_interval_notes(prepared)]
    return Forecast(prepared, _frame(prepared, mean), tuple(notes))


def _refitted(prepared: Prepared, fit: StoredFit, split: Split) -> Predictor:
    try:
        return refit_on(prepared.problem.task, prepared.dataset, fit.chosen, split)
    except Exception as error:  # a method may raise anything
        raise ValueError(
            f"{fit.chosen.address} cannot be fitted on the whole series ({type(error).__name__}: {error}); "
            "name another with --method"
        ) from error


def _answers(task: Task, prepared: Prepared, predict: Predictor) -> list[Array]:
    """The answers of one seed for every series, [at least steps, channels] or with quantiles.

    Beyond the horizon the forecasts so far stand for the history.
    """
    series, ahead = prepared.series, prepared.ahead
    given: list[Array] = [np.empty((0, task.y.size)) for _ in series]
    whole: list[Array] = []
    while not whole or len(whole[0]) < prepared.steps:
        split = to_answer(task, series, prepared.stamps, ahead, given)
        answered = [np.asarray(each, dtype=np.float64) for each in predict(split)]
        wrong = next((each for each in answered if not np.isfinite(each).all()), None)
        if wrong is not None:
            raise ValueError(
                f"{prepared.method.address} forecasts NaN or infinite values; name another with --method"
            )
        whole = [np.concatenate(pair) for pair in zip(whole, answered, strict=True)] if whole else answered
        given = [
            np.concatenate([before, middle(task, new)]) for before, new in zip(given, answered, strict=True)
        ]
    return whole


def _frame(prepared: Prepared, means: Sequence[Array]) -> pd.DataFrame:
    task = prepared.problem.task
    widths = [half_widths(prepared.held_out.together, level).values for level in prepared.levels]
    offset, factor = unit_of(prepared.dataset, task)
    parts = []
    for one, stamps, mean in zip(prepared.series, prepared.stamps, means, strict=True):
        scale = scale_of(np.asarray(one.values[:, : task.y.size], dtype=np.float64), task.season)
        numbers = middle(task, mean) * factor + offset
        for channel in range(task.y.size):
            columns: dict[str, object] = {"series": str(one.name)}
            if task.y.size > 1:
                columns["target"] = task.y.names[channel] if task.y.names else str(channel)
            columns["time"] = stamps[: prepared.steps]
            columns["step"] = np.arange(1, prepared.steps + 1)
            columns["forecast"] = numbers[:, channel]
            for level, width in zip(prepared.levels, widths, strict=True):
                half = np.full(prepared.steps, np.nan)
                reach = min(len(width), prepared.steps)
                half[:reach] = width[:reach, channel] * scale[channel] * factor[channel]
                columns[f"low_{level * 100:g}"] = numbers[:, channel] - half
                columns[f"high_{level * 100:g}"] = numbers[:, channel] + half
            if mean.ndim == 3:
                for place, quantile in enumerate(task.quantiles):
                    columns[f"quantile_{quantile:g}"] = (
                        mean[:, channel, place] * factor[channel] + offset[channel]
                    )
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _interval_notes(prepared: Prepared) -> list[str]:
    task, found = prepared.problem.task, prepared.held_out
    notes = [coverage_text(found, level) for level in prepared.levels]
    if len(found.test):
        procedure = (
            f"fitted again at every test origin ({prepared.run_fits} fits)"
            if prepared.problem.refit
            else "fitted once, before the first test origin; later origins used the longer history"
        )
        notes.append(f"The errors on test are from a method that was {procedure}.")
    notes += [text for level in prepared.levels if (text := few_text(found.together, level))]
    if prepared.steps > task.steps:
        notes.append(
            f"Steps after {task.steps}, the horizon of the run, are forecast from the forecasts before them "
            f"and have no interval, because no forecasts that far ahead were tested. A run with --horizon "
            f"{prepared.steps} tests them."
        )
    return notes


def described(forecast: Forecast, command: str) -> dict[str, Any]:
    """The recipe of a forecast: what was fitted on which data, and the command that repeats it."""
    prepared = forecast.prepared
    ends = {
        str(one.name): {"rows": len(one.values), "last": str(one.time[-1]) if len(one.time) else None}
        for one in prepared.series
    }
    return recipe(
        prepared.dataset,
        prepared.method,
        to_fit(prepared.problem.task, prepared.series),
        command=command,
        problem=prepared.method.problem,
        version_of_the_data=prepared.problem.about.version,
        series=ends,
        fits=[
            {
                "settings": dict(fit.chosen.method.settings),
                "seed": fit.chosen.seed,
                "steps": fit.chosen.steps,
            }
            for fit in prepared.fits
        ],
        combined="mean over the fits" if len(prepared.fits) > 1 else "one fit",
        steps=prepared.steps,
        intervals={
            "kind": "conformal: absolute errors on validation and test, scaled per series",
            "levels": list(prepared.levels),
            "held_out_forecasts": len(prepared.held_out.together),
            "procedure": "refit" if prepared.problem.refit else "fit once",
        },
        notes=list(forecast.notes),
    )
