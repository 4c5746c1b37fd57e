"""Lifts on real data. The resamples of one data set share cases, so they are evaluated together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import joined, split_address
from recurbench.catalogue import SAME_CASES, choosers
from recurbench.reports.statistics.constants import RESAMPLES, STREAM
from recurbench.reports.statistics.draws import Draw, Spread
from recurbench.reports.statistics.lift import (
    PRACTICAL,
    Lift,
    Prepared,
    Sides,
    contrast,
    learned,
    not_trained,
    prepared,
    sized,
    without_evidence,
)
from recurbench.reports.statistics.lift_verdicts import verdict_of
from recurbench.reports.statistics.outcomes import LiftVerdict, Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.reports.statistics.selection import of_families
from recurbench.reports.statistics.skill import by_draw, skill_of
from recurbench.results import Run

DIAL = "resample"
LEAST_RESAMPLES = 5  # of a data set that can be dealt anew; with fewer there is no verdict
NETWORKS = ("feedforward", "convolutional", "attention")


def other_networks(cells: pd.DataFrame) -> pd.Series[bool]:
    """Whether a cell's method is a network without recurrence."""
    return cells["family"].isin(NETWORKS) & (cells["recurrence"] == "none")


CONTRASTS: Mapping[str, Sides] = {"networks": (learned, other_networks), "practical": PRACTICAL}
"""networks: recurrent ones against networks without recurrence. practical: against everything else."""


def groups(run: Run) -> dict[str, list[str]]:
    """By data set with its dials, the problems of a run that are resamples of it, in the order of the run.

    Of real data alone: what has a role or a known best is a probe or a control, and is left out; but for
    controls whose cases can be dealt anew, tables of real patients, which no test over data sets holds.
    """
    found: dict[str, list[str]] = {}
    for problem in run.cells["problem"].drop_duplicates():
        facts = next(iter(run.draws(str(problem)).values()), None)
        if facts is not None and facts["best"] is None and (not facts["role"] or _dealt(run, str(problem))):
            found.setdefault(without_resample(str(problem)), []).append(str(problem))
    return found


def without_resample(problem: str) -> str:
    """The address of a problem without the dial `resample`."""
    name, dials = split_address(problem)
    return joined(name, {key: value for key, value in dials.items() if key != DIAL})


def data_set_of(run: Run, problem: str) -> str:
    """The data set that a problem is a setting of: its name, and the dials that say which files it reads.

    Its other dials (a horizon, a noise, a resample) turn the same data or the same generator, so problems of
    one data set are no independent values. A dial of a plugin is taken to do so as well. A second copy of the
    same cases (`catalogue.SAME_CASES`) is a setting of the first.
    """
    name, written = split_address(problem)
    dials = {**run.cells.loc[run.cells["problem"] == problem, "dials"].iloc[0], **written}
    # `csv` reads a file of the user's own from anywhere, and of it the series of one frequency
    # or horizon.
    parts = [key for key in ("frequency", "of_horizon") if name == "csv" and dials.get(key)]
    own = {"path", *parts}
    of_file = [key for key in sorted({*choosers(name), *own}) if key in dials]
    address = joined(name, {key: dials[key] for key in of_file})
    return SAME_CASES.get(address, address)


def lifts(run: Run) -> pd.DataFrame:
    """One row per real data set and contrast of CONTRASTS.

    problem, data_set (`data_set_of`), kind, role ("control" or ""), contrast, resamples; idle: whether a side
    learned nothing in most of its cells; corrected: the half-width after Nadeau and Bengio (2003), for
    comparison; then the fields of Lift.
    """
    rows = []
    for problem, members in groups(run).items():
        facts = next(iter(run.draws(members[0]).values()))
        kind, role = facts["kind"], facts["role"]
        for name, sides in CONTRASTS.items():
            found, corrected = lift_of_group(run, problem, members, sides)
            row = {"kind": kind, "role": role, "contrast": name, "resamples": len(members)}
            row["data_set"] = data_set_of(run, members[0])
            idle = found.verdict is LiftVerdict.NOT_TRAINED
            rows.append({**found.row(), **row, "idle": idle, "corrected": corrected})
    return pd.DataFrame(rows)


def lift_of_group(run: Run, problem: str, members: Sequence[str], sides: Sides) -> tuple[Lift, float | None]:
    """The lift of one data set over its resamples, and the half-width after Nadeau and Bengio.

    On every resample each side is chosen by the validation of that resample alone, for the cases that
    validate one are tested in another.
    """
    ready = [prepared(run, member, sides) for member in members]
    for member, one in zip(members, ready, strict=True):
        if not one.draws:
            where = () if len(members) == 1 else (reason(ReasonCode.ON_RESAMPLE, problem=member),)
            return replace(one.blank, problem=problem, reasons=(*where, *one.blank.reasons)), None
    idle = Counter(side for one in ready for side in one.idle)
    blank = _blank(problem, ready)
    if all(one.tied for one in ready):
        return replace(blank, verdict=LiftVerdict.UNDECIDED, reasons=ready[0].tied), None
    if len(members) == 1:
        found, corrected = contrast(blank, ready[0].draws, ready[0].random), None
    else:
        sizes = [next(iter(run.draws(member).values())) for member in members]
        found, corrected = over_resamples(
            blank,
            [one.draws[0] for one in ready],
            [_cases(one.draws[0], facts["series"]) for one, facts in zip(ready, sizes, strict=True)],
            sizes[0]["n_test"] / sizes[0]["n_train"],
        )
    found = sized(run, members[0], found)
    waiting = sum(count for (name, _), count in run.absent.items() if without_resample(name) == problem)
    if waiting:
        # One of the missing methods might have been chosen.
        why = (reason(ReasonCode.JOBS_MISSING, n=waiting),)
        return replace(found, verdict=LiftVerdict.UNFINISHED, reasons=why), corrected
    if 2 * sum(bool(one.idle) for one in ready) > len(ready):
        return not_trained(found, sorted(idle)), corrected
    back = Counter(side for one in ready for side in one.fell_back)
    if 2 * sum(bool(one.fell_back) for one in ready) > len(ready):
        return without_evidence(found, (), sorted(back)), corrected
    if _dealt(run, members[0]) and len(members) < LEAST_RESAMPLES:
        why = (reason(ReasonCode.FEW_RESAMPLES, n=len(members), needed=LEAST_RESAMPLES),)
        return replace(found, verdict=LiftVerdict.TOO_FEW_RESAMPLES, reasons=why), corrected
    return found, corrected


def _blank(problem: str, ready: Sequence[Prepared]) -> Lift:
    """A lift without numbers: of each side the method chosen most often."""
    blanks = [one.blank for one in ready]
    chosen = {}
    for side in ("recurrent", "other"):
        names = [getattr(each, side) for each in blanks]
        chosen[side] = max(sorted(set(names)), key=names.count)
    by = " / ".join(dict.fromkeys(each.chosen_by for each in blanks))
    fits = {side: max(getattr(each, side) for each in blanks) for side in ("fits_recurrent", "fits_other")}
    return Lift(problem, **chosen, chosen_by=by, **fits)


def _dealt(run: Run, problem: str) -> bool:
    """Whether the data set of a problem has the dial."""
    return DIAL in run.cells[run.cells["problem"] == problem]["dials"].iloc[0]


def _cases(draw: Draw, series: Sequence[str]) -> list[str]:
    """[n]: the name of every test case of a draw, the same in every resample."""
    names = list(dict.fromkeys(series))
    return [names[place] for place in draw.blocks]


def over_resamples(
    blank: Lift, draws: Sequence[Draw], cases: Sequence[Sequence[str]], ratio: float
) -> tuple[Lift, float | None]:
    """Fill in the mean lift over resamples of one data set, one draw each, and its interval.

    cases: by draw the name of every test case. ratio: test cases per training case.

    Resamples share their cases, so their lifts are no independent values. The cases themselves are
    resampled, each with the same weight in every resample it is tested in, both sides paired: the variance
    that this data set's size allows, whatever the number of resamples. To it the variance between resamples
    (other training cases, other choices, other seeds) over their number is added, with the degrees of freedom
    of Satterthwaite (1946). The interval is never narrower than the cases alone allow;
    `benchmarks/resamples.py` measures how often it covers.

    Second: the half-width of the resampled t test with the variance (1/K + ratio) S^2 (Nadeau and Bengio
    2003), which supposes test parts far smaller than train.
    """
    names = {name: i for i, name in enumerate(dict.fromkeys(name for each in cases for name in each))}
    places = [np.array([names[name] for name in each]) for each in cases]
    rng = np.random.default_rng(STREAM)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    own, moved = [], []
    for draw, place in zip(draws, places, strict=True):
        own.append([side.mean() for side in draw.skills(np.ones((1, len(place))))])
        one, other = draw.skills(times[:, place].astype(np.float64))
        moved.append((one - other).mean(axis=1))
    values = np.array(own)
    of_resamples = values[:, 0] - values[:, 1]
    together: Floats = np.stack(moved).mean(axis=0)
    # Skill is undefined in a resample in which the reference makes no error.
    together[~np.isfinite(together)] = np.nan
    count, between = len(draws), float(of_resamples.var(ddof=1))
    by_units = float(np.nanvar(together, ddof=1)) if len(names) > 1 else None
    spread = Spread(by_units, between / count, len(names), count, 1)
    half, lift = spread.half_width(), float(of_resamples.mean())
    verdict, reasons = verdict_of(lift, half, spread, True)
    if verdict is LiftVerdict.TOO_FEW_SEEDS and not reasons:
        verdict = LiftVerdict.TOO_FEW_RESAMPLES
    half = half if spread.shown else None
    corrected = Spread(None, between * (1 / count + ratio), 1, count, 1).half_width()
    found = replace(
        blank,
        verdict=verdict,
        reasons=reasons,
        skill_recurrent=float(values[:, 0].mean()),
        skill_other=float(values[:, 1].mean()),
        lift=lift,
        low=None if half is None else lift - half,
        high=None if half is None else lift + half,
        units=len(names),
        pairs=sum(draw.recurrent.shape[1] for draw in draws),
    )
    return found, corrected


def family_skills(run: Run) -> pd.DataFrame:
    """Skill of the method that stands for each family: one row per real data set, problem and family.

    data_set, problem, kind, family, method, skill: 1 - error / error of the named reference, the mean over
    seeds. Controls, and problems without a skill (`levels.by_draw`) are left out.
    """
    rows: list[dict[str, Any]] = []
    for members in groups(run).values():
        data_set = data_set_of(run, members[0])
        for problem in members:
            cells = run.cells[run.cells["problem"] == problem]
            about = next(iter(run.draws(problem).values()))
            if about["role"]:
                continue
            of_methods = method_skills(run, problem)
            for family, chosen in of_families(cells, about).items():
                if chosen.address in of_methods:
                    row = {"data_set": data_set, "problem": problem, "kind": about["kind"], "family": family}
                    rows.append({**row, "method": chosen.address, "skill": of_methods[chosen.address]})
    return pd.DataFrame(rows, columns=["data_set", "problem", "kind", "family", "method", "skill"])


def method_skills(run: Run, problem: str) -> dict[str, float]:
    """By method its skill on one real problem, the mean over draws and seeds; {} without skill."""
    found = by_draw(run, problem)
    if isinstance(found, Reason):
        return {}
    final = run.final[(run.final["problem"] == problem) & (run.final["status"] == "ok")]
    final = final[final["score"].notna()]
    means = skill_of(final, found).groupby(final["address"]).mean()
    return {str(name): float(value) for name, value in means.items()}
