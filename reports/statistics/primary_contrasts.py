"""Where recurrence helps: the primary contrasts of a run, judged together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import split_address
from recurbench.metrics import METRICS
from recurbench.predictions import AGAIN, FIRST, Contrast, contrasts, doubled
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.outcomes import (
    CellReason,
    ContrastVerdict,
    Reason,
    ReasonCode,
    of_cell,
    reason,
)
from recurbench.reports.statistics.paired_tests import SOLVED, Floats, Mean, unseen
from recurbench.reports.statistics.replicates import UNDRAWN, by_replicate, hours_of, pair_of, skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.statistics.verdicts import Parts, Skills, Verdict, judge, mean_of, parts_of
from recurbench.results import RUNS, Run, shared_cases

# Networks that are linear in their state.
LINEAR = ("mingru", "lru", "s5", "mamba", "deltanet", "deltanet-signed")
LEAST = 0.1  # skill below which a side has not begun to solve a problem
NOT_RUN = reason(ReasonCode.NOT_RUN)
# The words in which datasets/predictions.toml was written, before there were codes.
PREDICTED = {
    "recurrence helps": ContrastVerdict.RECURRENCE_HELPS,
    "recurrence hurts": ContrastVerdict.RECURRENCE_HURTS,
    "context helps, recurrence not needed": ContrastVerdict.MEMORY_HELPS,
    "no difference": ContrastVerdict.NO_DIFFERENCE,
}


@dataclass(frozen=True)
class Observed:
    """What a run holds of one contrast.

    pairs: complete ones. skills: None where no skill can be formed. parts: of the verdict. chosen: by side
    the method chosen most often. solved: by side the share of pairs with skill at least .9. further: by name
    the other components. practical: the best recurrent of any kind against the best of everything else. left
    out: methods without all pairs, with the reason. hours: CPU hours of every cell of the problem.
    """

    contrast: Contrast
    pairs: int
    skills: Skills | None
    parts: Parts
    chosen: Mapping[str, str] = field(default_factory=dict)
    solved: Mapping[str, float] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)
    further: Mapping[str, Mean] = field(default_factory=dict)
    practical: Mean | None = None
    left_out: Mapping[str, Reason | CellReason] = field(default_factory=dict)
    hours: float = 0.0


def observe(run: Run, contrast: Contrast, every: bool = False) -> Observed:
    """One contrast of a run, by its registered pairs; `every`: by all from draw FIRST on, exploratory."""
    cells = run.cells[run.cells["problem"] == contrast.problem]
    hours = hours_of(cells)
    none = Mean(np.zeros(0))
    run = _on_pairs(run, contrast, None if every else FIRST + contrast.pairs)
    cells = run.cells
    if not len(cells):
        return Observed(contrast, 0, None, Parts(none, refused=NOT_RUN))
    levels = by_draw(run, contrast.problem)
    if isinstance(levels, Reason):
        return Observed(contrast, 0, None, Parts(none, refused=levels), hours=hours)
    test = skill_table(cells, levels)
    pools = contrast.pools
    asked = [name for name in pools.methods if name not in pools.besides]
    whole, left_out = _whole(cells, test, asked)
    pairs = test[whole].dropna().index if whole else test.index[:0]
    valid = _validation(cells, run.draws(contrast.problem), whole, pairs)
    refused = _refusal(contrast, left_out, len(pairs), valid is None) or (
        None if every else _unregistered(contrast, pairs)
    )
    recurrent, full, window = (_in(whole, side) for side in (pools.recurrent, pools.full, pools.window))
    if not len(pairs) or valid is None or not recurrent or not full:
        return Observed(
            contrast, len(pairs), None, Parts(none, refused=refused), left_out=left_out, hours=hours
        )
    # A twin that failed on some replicates has gaps and is left out.
    shared = shared_cases(next(iter(run.draws(contrast.problem).values())))
    skills = Skills(test.loc[pairs].dropna(axis=1), valid, recurrent, full, window, pools.cut, shared=shared)
    idle = tuple(
        name
        for name, side in (("recurrent", skills.recurrent), ("full", skills.full))
        if _idle(skills, side, contrast, run.again)
    )
    best = {name: skills.chosen(side) for name, side in _named(skills).items() if side}
    seen = {name: skills.of(chosen) for name, chosen in best.items()}
    return Observed(
        contrast,
        len(pairs),
        skills,
        parts_of(skills, idle, refused),
        {name: max(sorted(set(chosen)), key=chosen.count) for name, chosen in best.items()},
        {name: float((values >= SOLVED).mean()) for name, values in seen.items()},
        {name: float(values.mean()) for name, values in seen.items()},
        _further(skills),
        _practical(cells, levels, run.draws(contrast.problem), pairs),
        left_out,
        hours,
    )


def _on_pairs(run: Run, contrast: Contrast, end: int | None) -> Run:
    """The run's part of a contrast, on the pairs from FIRST to before `end`; whole where it holds none.

    More pairs were run after the first were seen, or could have been, so they must not change the verdict.
    """
    cells = run.cells[run.cells["problem"] == contrast.problem]
    pairs = pair_of(cells)
    within = ((pairs >= FIRST) & (True if end is None else pairs < end)).fillna(False)
    if not within.any():
        return replace(run, cells=cells)
    # A method without a sample and a seed belongs to every replicate.
    own = cells[within | pairs.isna()]
    held = {None, *pairs[within]}
    drawn = {
        place: facts
        for place, facts in run.problems.items()
        if place[0] == contrast.problem and place[1] in held
    }
    return replace(run, cells=own, problems=drawn)


def _unregistered(contrast: Contrast, pairs: pd.Index[Any]) -> Reason | None:
    """Why no verdict may stand on these pairs, None where they are the registered ones."""
    last = FIRST + contrast.pairs - 1
    if all(FIRST <= pair <= last for pair in pairs):
        return None
    held = {"first": int(pairs.min()), "last": int(pairs.max())}
    return reason(ReasonCode.OTHER_SAMPLES, **held, first_registered=FIRST, last_registered=last)


def _named(skills: Skills) -> dict[str, tuple[str, ...]]:
    return {"recurrent": skills.recurrent, "full": skills.full, "window": skills.window}


def _in(whole: Sequence[str], side: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in side if name in whole)


def _whole(
    cells: pd.DataFrame, test: pd.DataFrame, asked: Sequence[str]
) -> tuple[list[str], dict[str, Reason | CellReason]]:
    """The methods without a failed cell, and by method what is wrong with the others."""
    final = cells[cells["stage"] == "final"]
    wrong = final[(final["status"] != "ok") & final["address"].isin(asked)]
    left_out: dict[str, Reason | CellReason] = {
        str(row["address"]): of_cell(row["notes"], str(row["reason"])) for _, row in wrong.iterrows()
    }
    left_out.update({name: NOT_RUN for name in asked if name not in test and name not in left_out})
    return [name for name in asked if name not in left_out], left_out


def _validation(
    cells: pd.DataFrame, draws: Mapping[Any, Mapping[str, Any]], methods: Sequence[str], pairs: pd.Index[Any]
) -> pd.DataFrame | None:
    """[pairs, methods]: the first selector that all of them have on every pair, higher being better."""
    inner = cells[(cells["stage"] == "inner") & cells["chosen"] & cells["address"].isin(methods)]
    inner = inner.assign(pair=pair_of(inner).fillna(UNDRAWN))
    for name in next(iter(draws.values()))["selectors"]:
        if name in inner:
            table = by_replicate(inner, name).reindex(index=pairs, columns=list(methods))
            if len(table) and table.notna().all(axis=None):
                return table if METRICS[name].higher_is_better else -table
    return None


def _refusal(
    contrast: Contrast, left_out: Mapping[str, Reason | CellReason], pairs: int, blind: bool
) -> Reason | None:
    """Why no verdict may be formed, None where it may; blind: the methods share no validation score."""
    unrun = sum(why == NOT_RUN for why in left_out.values())
    if unrun:
        return reason(ReasonCode.METHODS_NOT_RUN, n=unrun)
    pools = contrast.pools
    sides = [sum(name not in left_out for name in side) for side in (pools.recurrent, pools.full)]
    if sides[0] != sides[1] or not sides[0]:
        return reason(ReasonCode.UNEQUAL_FITS, one=sides[0], other=sides[1])
    failed = sum(name in left_out for name in (*pools.recurrent, *pools.full, *pools.window))
    if failed:
        # The methods that are left may be the weaker ones, even if both groups are equally large.
        return reason(ReasonCode.METHODS_FAILED, n=failed)
    if pairs < contrast.pairs:
        return reason(ReasonCode.FEW_REPLICATES, some=pairs, needed=contrast.pairs)
    return reason(ReasonCode.NO_SHARED_VALIDATION_SCORE) if blind else None


def _idle(skills: Skills, side: tuple[str, ...], contrast: Contrast, again: Run | None) -> bool:
    """Whether a side has no skill to speak of, and a re-run at twice the steps does not say it stays so.

    The registered pairs of the re-run alone say it: fewer say too little, and more that were run because of
    what three had said would be another test.
    """
    now = float(skills.of(skills.chosen(side)).mean())
    if now >= LEAST:
        return False
    if again is None:
        return True
    cells = again.cells[again.cells["problem"] == contrast.problem]
    levels = by_draw(again, contrast.problem) if len(cells) else None
    if levels is None or isinstance(levels, Reason):
        return True
    table = skill_table(cells, levels).reindex(range(FIRST, FIRST + AGAIN))
    names = [name for name in map(doubled, side) if name in table and table[name].notna().all()]
    if len(names) < len(side):
        return True
    later = float(table[names].mean().max())
    return bool(still_learns(now, later))


def still_learns(now: Floats | float, later: Floats | float) -> Any:
    """Whether a side under LEAST of skill has gained by twice the steps, or left that mark; elementwise."""
    return (np.asarray(later) >= LEAST) | (np.subtract(later, now) > MARGIN)


def _further(skills: Skills) -> dict[str, Mean]:
    """The components beside the verdict: of the chosen methods alone, the window, the linear recurrence and
    each ablation in the run."""
    best = skills.chosen(skills.recurrent)
    found = {"chosen": mean_of(skills, best, skills.chosen(skills.full))}
    if skills.window:
        found["window"] = mean_of(skills, best, skills.chosen(skills.window))
    linear = tuple(name for name in skills.recurrent if split_address(name)[0] in LINEAR)
    if linear and len(linear) < len(skills.recurrent):
        rest = tuple(name for name in skills.recurrent if name not in linear)
        found["linear"] = mean_of(skills, skills.chosen(rest), skills.chosen(linear))
    for what in ("reset", "shuffled"):
        twins = [f"{split_address(name)[0]}-{what}{name[len(split_address(name)[0]) :]}" for name in best]
        if all(name in skills.test and skills.test[name].notna().all() for name in twins):
            found[what] = mean_of(skills, best, twins)
    return found


def _practical(
    cells: pd.DataFrame,
    levels: Mapping[Any, tuple[float, float]],
    draws: Mapping[Any, Mapping[str, Any]],
    pairs: pd.Index[Any],
) -> Mean | None:
    """The best recurrent contender of any kind minus the best of everything else, both by validation."""
    able = cells[cells["role"] == "contender"]
    test = skill_table(able, levels).reindex(pairs)
    whole = [str(name) for name in test if test[name].notna().all()]
    kinds = able.drop_duplicates("address").set_index("address")["recurrence"]
    sides = [tuple(name for name in whole if (kinds[name] != "none") == own) for own in (True, False)]
    valid = _validation(able, draws, [name for side in sides for name in side], pairs)
    if valid is None or not all(sides):
        return None
    skills = Skills(test, valid, sides[0], sides[1], shared=shared_cases(next(iter(draws.values()))))
    return mean_of(skills, skills.chosen(sides[0]), skills.chosen(sides[1]))


def shared_in(seen: Observed) -> float:
    """Test cases per training case where the pairs share their cases, 0 where they are independent."""
    return seen.skills.shared if seen.skills else 0.0


def unseen_beside(seen: Observed, verdict: Verdict) -> float | None:
    """The rate of what no pair showed, beside verdicts that rest on pairs being alike; None elsewhere."""
    if verdict.code not in (ContrastVerdict.MEMORY_HELPS, ContrastVerdict.NO_DIFFERENCE):
        return None
    return unseen(seen.pairs, verdict.level, shared_in(seen))


def judged(run: Run, contrasts: Sequence[Contrast]) -> list[tuple[Observed, Verdict]]:
    """Every primary contrast with its verdict; Holm counts those that this run does not hold as well."""
    observed = [observe(run, contrast) for contrast in contrasts]
    return list(zip(observed, judge([each.parts for each in observed]), strict=True))


@lru_cache(maxsize=RUNS)
def primary(run: Run) -> tuple[tuple[Observed, Verdict], ...]:
    """The registered contrasts with their verdicts; formed once a run."""
    return tuple(judged(run, contrasts()))


def table(found: Sequence[tuple[Observed, Verdict]]) -> pd.DataFrame:
    """One row per contrast, with the verdicts and numbers of the map."""
    return pd.DataFrame([_row(*each) for each in found])


def _row(seen: Observed, verdict: Verdict) -> dict[str, Any]:
    contrast, parts = seen.contrast, seen.parts
    decided = verdict.code != ContrastVerdict.UNDECIDED and not parts.idle and not parts.refused
    predicted = PREDICTED[contrast.predicted]
    row: dict[str, Any] = {
        "problem": contrast.problem,
        "role": contrast.role,
        "verdict": verdict.code,
        "reasons": verdict.reasons,
        "predicted": predicted,
        "hit": verdict.code == predicted if decided else None,
        "known_before": contrast.known_before,
        "pairs": seen.pairs,
        "p": verdict.p,
        "p_adjusted": verdict.p_adjusted,
        "smallest_p": verdict.smallest,
        "unseen": unseen_beside(seen, verdict),
        "shared": shared_in(seen),
        "level": verdict.level,
        "half_width": verdict.half if math.isfinite(verdict.half) else None,
        # A narrow interval that is undecided lies across a bound; more replicates need not change that.
        "pairs_for_margin": parts.lift.pairs_for(MARGIN, verdict.level) if verdict.half > MARGIN else None,
        "cpu_hours": seen.hours,
        "left_out": dict(seen.left_out),
    }
    for side in ("recurrent", "full", "window"):
        row[side] = seen.chosen.get(side)
        row[f"{side}_skill"], row[f"{side}_solved"] = seen.means.get(side), seen.solved.get(side)
    components = {"lift": parts.lift, "cut": parts.cut, "context": parts.context}
    for name, mean in components.items():
        row.update(_interval(name, mean, verdict.level))
    for name, mean in {"practical": seen.practical, **seen.further}.items():
        row.update(_interval(f"L_{name}" if name != "practical" else name, mean, LEVEL))
    return row


def _interval(name: str, mean: Mean | None, level: float) -> dict[str, float | None]:
    if mean is None or not mean.n:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    low, high = mean.interval(level)
    return {name: mean.mean, f"{name}_low": low, f"{name}_high": high}
