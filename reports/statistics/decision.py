"""What a run on data of one's own decides: which method to use, its equals on test, the best of each side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import OWN_DATA
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.statistics.confidence_set import ConfidenceSet, set_of
from recurbench.reports.statistics.lift import Lift, Sides, lift_of
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.statistics.selection import Chosen, alike, best_of_all
from recurbench.reports.statistics.skill import by_draw
from recurbench.results import RUNS, Run

NEURAL = frozenset({"feedforward", "convolutional", "recurrent", "attention"})
"""Families of networks; the methods of all other families are called classical."""

FELL_BACK = "reference_used"
"""The note of a network that gives the reference forecast alone, because training added nothing to it."""


LOG_LOSS = "log_loss"


@dataclass(frozen=True)
class Unit:
    """The unit in which a user reads errors.

    name: "mae" (the unit of the data), "rmse" (the same), "accuracy" (a share) or "log_loss". apart: how much
    one unit of skill is in it, None where skill is no multiple of it: with several series of different size,
    or with squared errors. Then differences are shares of the error of the reference.
    """

    name: str
    apart: float | None


@dataclass(frozen=True)
class Decision:
    """One problem of a run on data of one's own.

    chosen: the method that validation chooses, None where it chooses none. open: whether methods that are
    equal on validation differ on test. unit; values: by address the mean over seeds on test in that unit.
    reference: the naive method of the problem. saved: by which share the error of `chosen` is below that of
    the reference, None where the reference was not run. alike: the methods that cannot be told from the
    best on test. seconds: by address the CPU seconds of one fit, validation included. sides: the best neural
    against the best classical method. lift: the best recurrent network against the best other method. fell:
    by address in how many fits the answer is a reference forecast alone, and of how many. networks: the
    addresses of the neural methods.
    """

    problem: str
    label: str
    kind: str
    chosen: Chosen | None
    open: bool
    unit: Unit
    values: Mapping[str, float]
    reference: str
    saved: float | None
    alike: ConfidenceSet | None
    seconds: Mapping[str, float]
    sides: Lift
    lift: Lift
    fell: Mapping[str, tuple[int, int]]
    networks: frozenset[str]

    def fell_back(self, address: str) -> bool:
        """Whether a network gives a reference forecast alone in more than half of its fits."""
        some, of = self.fell.get(address, (0, 0))
        return 2 * some > of

    @property
    def cheapest(self) -> str:
        """The method of the confidence set with the fewest CPU seconds, "" where there is no set."""
        members = self.alike.members if self.alike else ()
        return min(members, key=lambda name: self.seconds[name], default="")


def decides(run: Run) -> bool:
    """Whether all problems of the run are data of the user's own, by the data sets that its cells store."""
    return len(run.cells) > 0 and set(run.cells["dataset"]) <= OWN_DATA.keys()


def neural(cells: pd.DataFrame) -> pd.Series[bool]:
    """Whether a cell's method is a network."""
    return cells["family"].isin(NEURAL)


def classical(cells: pd.DataFrame) -> pd.Series[bool]:
    """Whether a cell's method is no network."""
    return ~cells["family"].isin(NEURAL)


SIDES: Sides = (neural, classical)


@lru_cache(maxsize=RUNS)
def decisions(run: Run) -> tuple[Decision, ...]:
    """One decision per problem with a method that has a score, in the order of the run."""
    scored = every_method(run)
    problems = scored["problem"].drop_duplicates() if len(scored) else ()
    return tuple(_decision(run, str(problem), scored) for problem in problems)


def _decision(run: Run, problem: str, scored: pd.DataFrame) -> Decision:
    cells = run.cells[run.cells["problem"] == problem]
    final = cells[(cells["stage"] == "final") & cells["score"].notna()]
    facts = next(iter(run.draws(problem).values()))
    rows = scored[scored["problem"] == problem]
    chosen = best_of_all(cells, facts)
    name, values = _values(final)
    reference = str(facts["reference"])
    unit = Unit(name, _apart(run, problem, name, values, facts))
    lift = _of_table(run, rows.iloc[0]["label"], problem)
    return Decision(
        problem,
        str(rows.iloc[0]["label"]),
        str(facts["kind"]),
        chosen,
        chosen is not None and bool(chosen.tied) and not alike(final, chosen),
        unit,
        values,
        reference,
        _saved(final, facts, unit, values, chosen),
        set_of(run, problem),
        dict(zip(rows["method"], rows["cpu_seconds"].astype(float), strict=True)),
        lift_of(run, problem, of=SIDES),
        lift,
        {address: _fell(final, address) for address in values},
        frozenset(map(str, final[neural(final)]["address"])),
    )


def _values(final: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """The name of the user's unit, and by address the mean over seeds of the score in it."""
    by = final["address"]
    if (final["metric"] == LOG_LOSS).all():
        # Where one class is frequent, accuracy would praise the constant answer and contradict the tables.
        name, column = LOG_LOSS, final["score"].astype(float)
    elif "accuracy" in final and final["accuracy"].notna().all():
        name, column = "accuracy", final["accuracy"].astype(float)
    elif (final["kind"] == "forecasting").all() and "mae" in final:
        name, column = "mae", final["mae"].astype(float)
    elif "mse" in final:
        name, column = "rmse", final["mse"].astype(float) ** 0.5
    else:
        name, column = str(final.iloc[0]["metric"]), final["score"].astype(float)
    return name, {str(address): float(value) for address, value in column.groupby(by).mean().items()}


def _apart(
    run: Run, problem: str, name: str, values: Mapping[str, float], facts: Mapping[str, Any]
) -> float | None:
    """How much of the user's unit one unit of skill is."""
    if name == "mae" and len(set(facts["series"])) == 1:
        return values.get(str(facts["reference"]))
    levels = by_draw(run, problem)
    if name == facts["metric"] and name in ("accuracy", LOG_LOSS) and isinstance(levels, dict):
        return float(np.mean([ceiling - floor for floor, ceiling in levels.values()]))
    return None


def _saved(
    final: pd.DataFrame,
    facts: Mapping[str, Any],
    unit: Unit,
    values: Mapping[str, float],
    chosen: Chosen | None,
) -> float | None:
    """Which share of the error of the reference the chosen method saves.

    In the user's unit; with several series in the metric of the problem, in which all weigh the same.
    """
    reference = str(facts["reference"])
    if chosen is None or reference not in values:
        return None
    own = values
    if unit.name == "mae" and unit.apart is None:
        scores = final["score"].astype(float).groupby(final["address"]).mean()
        own = {str(address): float(score) for address, score in scores.items()}
    one, other = own[chosen.address], own[reference]
    if unit.name == "accuracy":
        one, other = 1 - one, 1 - other
    return 1 - one / other if other > 0 else None


def _of_table(run: Run, label: str, problem: str) -> Lift:
    """The lift of the problem with the interval and the verdict of the table of lifts."""
    rows = lifts_of(run)
    row = rows[rows["label"] == label].iloc[0]
    lift, low, high = (None if pd.isna(row[name]) else float(row[name]) for name in ("lift", "low", "high"))
    recurrent, other = (row[name] if isinstance(row[name], str) else "" for name in ("recurrent", "other"))
    verdict, reasons = row["verdict"], tuple(row["reasons"])
    return Lift(problem, verdict, reasons, recurrent, other, lift=lift, low=low, high=high)


def _fell(final: pd.DataFrame, address: str) -> tuple[int, int]:
    """How many fits of a method on test give the reference forecast alone, and of how many."""
    own = final[final["address"] == address]
    return sum(bool(notes.get(FELL_BACK)) for notes in own["notes"]), len(own)
