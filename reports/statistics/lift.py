"""The recurrence lift: skill of the best recurrent method minus that of the best other, with an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.address import short
from recurbench.packing import unpack_units
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.reports.statistics.draws import Draw, drawn, measured
from recurbench.reports.statistics.lift_verdicts import too_few_units, verdict_of
from recurbench.reports.statistics.outcomes import LiftVerdict, Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.reports.statistics.selection import (
    Chosen,
    alike,
    best_of_all,
    contenders,
    fits_of,
    trained_before,
    unlearned,
)
from recurbench.reports.statistics.skill import by_example
from recurbench.reports.statistics.undefined_scores import undefined
from recurbench.reports.statistics.validation_part import unchosen
from recurbench.results import Run


@dataclass(frozen=True)
class Lift:
    """One problem's contrast.

    low, high: the interval of `lift`, None with too few independent test units. units: how many there are.
    pairs: (data seed, model seed) pairs. verdict, reasons: what the lift comes to, and why where there is no
    decision. fits_recurrent, fits_other: methods times trials that each side was chosen from, whatever the
    number of seeds.
    """

    problem: str
    verdict: LiftVerdict = LiftVerdict.NOT_COMPARED
    reasons: tuple[Reason, ...] = ()
    recurrent: str = ""
    other: str = ""
    chosen_by: str = ""
    skill_recurrent: float | None = None
    skill_other: float | None = None
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    units: int = 0
    pairs: int = 0
    fits_recurrent: int = 0
    fits_other: int = 0

    def row(self) -> dict[str, Any]:
        """The fields as the columns of a frame."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


Sides = tuple[Callable[[pd.DataFrame], "pd.Series[bool]"], Callable[[pd.DataFrame], "pd.Series[bool]"]]
"""Which cells are of the recurrent side and which of the other."""


def learned(cells: pd.DataFrame) -> pd.Series[bool]:
    """Whether a cell's method learns its recurrence."""
    return cells["recurrence"] == "learned"


def not_learned(cells: pd.DataFrame) -> pd.Series[bool]:
    """Whether a cell's method has no recurrence, or one that is not learned."""
    return cells["recurrence"] != "learned"


PRACTICAL: Sides = (learned, not_learned)

# By side: the reason where no method has a score, and where one has a score on some seeds.
WITHOUT_SCORE = (
    (ReasonCode.NO_RECURRENT_SCORE, ReasonCode.NO_RECURRENT_SCORE_ON_EVERY_SEED),
    (ReasonCode.NO_OTHER_SCORE, ReasonCode.NO_OTHER_SCORE_ON_EVERY_SEED),
)


@dataclass(frozen=True)
class Prepared:
    """The input of an interval; `draws` is empty where `blank` says why there is none.

    random: whether seeds could have given another one. idle: the chosen methods that did not train within
    the budget in more than half of their fits. fell_back: those with recurrence that gave the answers of
    their reference in more than half of their fits. tied: by side the methods that are equal on validation
    and differ on test, as a reason; () where there are none.
    """

    blank: Lift
    draws: Sequence[Draw] = ()
    random: bool = False
    idle: tuple[str, ...] = ()
    fell_back: tuple[str, ...] = ()
    tied: tuple[Reason, ...] = ()


def lift_of(run: Run, problem: str, missed: pd.Series[int] | None = None, of: Sides = PRACTICAL) -> Lift:
    """The contrast of one problem between the best of each side, by validation.

    missed: what `unlearned` says of the problem's cells, where the caller has asked it already.
    """
    ready = prepared(run, problem, of, missed)
    if not ready.draws:
        return ready.blank
    if ready.tied:
        return replace(ready.blank, verdict=LiftVerdict.UNDECIDED, reasons=ready.tied)
    lift = sized(run, problem, contrast(ready.blank, ready.draws, ready.random))
    return without_evidence(lift, ready.idle, ready.fell_back)


def without_evidence(lift: Lift, idle: Sequence[str], fell_back: Sequence[str]) -> Lift:
    """The lift without a decision if a method in it is no evidence; the lift itself if these are empty.

    A network that did not train within its budget is no evidence about its architecture. A recurrent network
    that answered with its reference alone is no evidence about recurrence.
    """
    if idle:
        return not_trained(lift, idle)
    if not fell_back:
        return lift
    why = (reason(ReasonCode.REFERENCE_USED, methods=tuple(fell_back)),)
    return replace(lift, verdict=LiftVerdict.UNDECIDED, reasons=why)


def not_trained(lift: Lift, methods: Sequence[str]) -> Lift:
    """The lift without a decision, because these of its methods did not train within the budget."""
    why = (reason(ReasonCode.UNTRAINED_METHODS, methods=tuple(methods)),)
    return replace(lift, verdict=LiftVerdict.NOT_TRAINED, reasons=why)


def sized(run: Run, problem: str, lift: Lift) -> Lift:
    """The lift with the number of test units among its reasons, where they are too few."""
    facts = next(iter(run.draws(problem).values()))
    if lift.verdict is not LiftVerdict.TEST_SET_TOO_SMALL or lift.units >= LEAST_UNITS:
        return lift
    first = run.cells[run.cells["problem"] == problem].iloc[0]
    return replace(lift, reasons=too_few_units(lift.units, facts, str(first["dataset"]), first["dials"]))


def prepared(run: Run, problem: str, of: Sides = PRACTICAL, missed: pd.Series[int] | None = None) -> Prepared:
    """The best of each side on one problem, by validation, and their draws; see `lift_of`."""
    cells = run.cells[run.cells["problem"] == problem]
    facts = run.draws(problem)
    about = next(iter(facts.values()))
    sides: list[Chosen | None] = []
    fits = []
    for belongs in of:
        # A family may have methods on both sides; each side then has its own best one.
        of_side = cells[belongs(cells)]
        fits.append(fits_of(of_side))
        sides.append(best_of_all(of_side, about))
    if sides[0] is None or sides[1] is None:
        return Prepared(Lift(problem, *_uncompared(cells, of, sides, about)))
    recurrent, other = sides[0], sides[1]
    by = dict.fromkeys(side.by for side in (recurrent, other))
    blank = Lift(
        problem,
        recurrent=recurrent.address,
        other=other.address,
        chosen_by=" / ".join(by),
        fits_recurrent=fits[0],
        fits_other=fits[1],
    )
    absent = sum(run.absent.get((problem, side.address), 0) for side in (recurrent, other))
    if absent:
        why = (reason(ReasonCode.FITS_MISSING, n=absent),)
        return Prepared(replace(blank, verdict=LiftVerdict.UNFINISHED, reasons=why))
    final = cells[cells["stage"] == "final"]
    draws = paired_draws(final, facts, recurrent.address, other.address)
    if isinstance(draws, Reason):
        return Prepared(replace(blank, reasons=(draws,)))
    compared = final[final["address"].isin([recurrent.address, other.address])]
    random = bool(compared["seed"].notna().any() or compared["data_seed"].notna().any())
    missed = unlearned(cells) if missed is None else missed
    idle = [
        side.address
        for side in (recurrent, other)
        if 2 * missed.get(side.address, 0) > final[final["address"] == side.address]["job"].nunique()
    ]
    back = [side.address for side in (recurrent, other) if side.recurrence == "learned"]
    back = [address for address in back if _fell_back(final[final["address"] == address])]
    return Prepared(blank, draws, random, tuple(idle), tuple(back), _tie(cells, (recurrent, other)))


def _fell_back(final: pd.DataFrame) -> bool:
    """Whether most of these fits answered with the reference alone, as a network's notes say."""
    return bool(np.mean([notes.get("reference_used") is True for notes in final["notes"]]) > 0.5)


def _tie(cells: pd.DataFrame, sides: Sequence[Chosen]) -> tuple[Reason, ...]:
    """By side the methods that are equal on validation, where it would matter which of them is taken."""
    final, asked = cells[cells["stage"] == "final"], list(cells["address"].unique())
    names = [
        tuple(short(address, asked) for address in (side.address, *side.tied))
        for side in sides
        if side.tied and not alike(final, side)
    ]
    return tuple(reason(ReasonCode.TIED_ON_VALIDATION, methods=methods) for methods in names)


def _uncompared(
    cells: pd.DataFrame, of: Sides, sides: Sequence[Chosen | None], about: Mapping[str, Any]
) -> tuple[LiftVerdict, tuple[Reason, ...]]:
    """Why a problem has no two methods to compare: none was chosen, or a side has none with a score."""
    final = cells[cells["stage"] == "final"]
    fine = final["status"] == "ok"
    if fine.any() and final[fine]["score"].isna().all():
        return LiftVerdict.NOT_COMPARED, undefined(about)
    able = contenders(final)
    empty = [not belongs(able).any() for belongs in of]
    unchosen_side = any(side is None and not none for side, none in zip(sides, empty, strict=True))
    reasons = list(unchosen(about)) if unchosen_side else []
    for codes, belongs, none in zip(WITHOUT_SCORE, of, empty, strict=True):
        if none:
            scored = (final["role"] == "contender") & final["score"].notna() & ~trained_before(final)
            some = final[belongs(final) & scored]
            reasons.append(reason(codes[1 if len(some) else 0]))
    return LiftVerdict.NOTHING_CHOSEN if unchosen_side else LiftVerdict.NOT_COMPARED, tuple(reasons)


def paired_draws(
    final: pd.DataFrame, facts: Mapping[int | None, Mapping[str, Any]], recurrent: str, other: str
) -> list[Draw] | Reason:
    """The draws of both sides with paired seeds, or why there are none."""
    found: list[Draw] = []
    for seed, about in facts.items():
        rows = final[final["data_seed"].isna() if seed is None else final["data_seed"] == seed]
        metric = about["metric"]
        units = {
            address: [unpack_units(blob).get(metric) for blob in rows[rows["address"] == address]["units"]]
            for address in (recurrent, other, about["reference"])
        }
        sides = {name: [u for u in got if u is not None] for name, got in units.items()}
        if not sides[recurrent] or not sides[other]:
            return reason(ReasonCode.NO_VALUES_PER_EXAMPLE, metric=metric)
        counts = {len(sides[recurrent]), len(sides[other])}
        if len(counts - {1}) > 1:
            return reason(ReasonCode.UNEQUAL_SEEDS)
        span = by_example(about, sides[about["reference"]], sides[recurrent][0])
        if isinstance(span, Reason):
            return span
        one, two = (_columns(sides[name], max(counts)) for name in (recurrent, other))
        # An example whose score is undefined for one method (a scale of 0) is left out for all.
        known: NDArray[np.bool_] = np.asarray(np.isfinite(np.column_stack([*span, one, two])).all(axis=1))
        found.append(drawn(about, sides[recurrent][0][1], (*span, one, two), known))
    return found


def _columns(units: Sequence[tuple[Floats, Floats]], count: int) -> Floats:
    """One column per model seed; a method without seeds stands beside every seed of the other."""
    columns = np.stack([values for values, _ in units], axis=1)
    return columns if columns.shape[1] == count else np.repeat(columns[:, :1], count, axis=1)


def contrast(blank: Lift, draws: Sequence[Draw], random: bool) -> Lift:
    """Fill in the lift and its interval; `random` where seeds could have given another one.

    One fixed test set: the variance over resampled test units (of a few series: over their origins, see
    `long_run`) and the variance over model seeds add, and the degrees of freedom follow Satterthwaite (1946).
    Several draws: t over the draws, each averaged over its seeds, for seeds on one draw share its data; never
    narrower than the test units alone allow. Draws that are parts of one set of cases are no independent
    ones: the variance of their mean is taken as (1/K + shared) S^2 (Nadeau and Bengio 2003).
    """
    skills, spread = measured(draws)
    half = spread.half_width()
    lift = skills[0] - skills[1]
    verdict, reasons = verdict_of(lift, half, spread, random)
    decided = verdict in (LiftVerdict.AHEAD, LiftVerdict.BEHIND, LiftVerdict.NO_DIFFERENCE)
    if decided and spread.cosines is not None and max(skills) < 0:
        # The loss of such methods can depend on itself for longer than the test part shows.
        verdict, reasons = LiftVerdict.UNDECIDED, (reason(ReasonCode.WORSE_THAN_REFERENCE),)
    half = half if spread.shown else None
    return replace(
        blank,
        verdict=verdict,
        reasons=reasons,
        skill_recurrent=skills[0],
        skill_other=skills[1],
        lift=lift,
        low=None if half is None else lift - half,
        high=None if half is None else lift + half,
        units=spread.units,
        pairs=sum(draw.recurrent.shape[1] for draw in draws),
    )
