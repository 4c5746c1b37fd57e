"""A comparison of two runs: what got better, worse, appeared or failed, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from recurbench.packing import unpack_units
from recurbench.reports.statistics.changes import changes, data_changed
from recurbench.reports.statistics.comparison_table import spent
from recurbench.reports.statistics.differences import ALPHA, LEAST, Difference, constant, of_draws, of_values
from recurbench.reports.statistics.draws import Draw, drawn
from recurbench.reports.statistics.outcomes import (
    CellReason,
    ChangeVerdict,
    Reason,
    ReasonCode,
    of_cell,
    reason,
)
from recurbench.reports.statistics.skill import by_draw, by_example
from recurbench.results import Place, Run, shared_cases
from statsmodels.stats.multitest import multipletests

SILENT = (ChangeVerdict.IDENTICAL, ChangeVerdict.REFUSED_IN_BOTH)  # counted, and not listed
ONE_SIDED = (ChangeVerdict.DISAPPEARED, ChangeVerdict.APPEARED, ChangeVerdict.NOT_RUN_YET)

Key = tuple[int | None, int | None]
"""Seed and data seed of a cell."""


@dataclass(frozen=True)
class Comparison:
    """cells: one row per problem and method in either run, see `compare`. changes: see `changes.changes`.

    times: problem, method, a, b: mean CPU seconds of the jobs in both runs. margin: of skill, that a
    difference must exceed to be better or worse.
    """

    cells: pd.DataFrame
    changes: pd.DataFrame
    times: pd.DataFrame
    margin: float

    @property
    def regressions(self) -> pd.DataFrame:
        """The rows that are worse by more than the margin, or that failed in the second run only."""
        return self.cells[self.cells["regression"]]


def compare(a: Run, b: Run, margin: float = 0.0) -> Comparison:
    """Run b against run a, cell by cell, paired over test units and over the seeds and draws in both.

    cells: problem, method, metric, verdict (a ChangeVerdict), a, b (mean scores over the pairs), pairs, scale
    ("skill", or "metric" where none can be formed; higher is better either way), difference (b minus a), low,
    high, p (that it lies beyond the margin on its side, twice the one-sided p), p_adjusted (Holm over all
    cells that differ and can be tested), smallest_p, units, regression, reasons (what qualifies the verdict),
    ended (how a cell without a score ended: its status, or "undefined", and its reason; where it is mended,
    in a, else in b; None where all have a score). Better and worse, and so a regression, have an adjusted p
    below .05: one test. A cell that was ok and is not any more is a regression, too. The margin is of skill;
    where there is none, a difference is held against 0. ValueError where it is no margin.
    """
    if not np.isfinite(margin) or margin < 0:
        raise ValueError(f"the margin is of skill, 0 or more, got {margin}; give --margin 0.02 or so")
    groups = [dict(tuple(run.final.groupby(["problem", "address"], sort=False))) for run in (a, b)]
    other_data = data_changed(a, b)
    places: dict[Any, None] = dict.fromkeys([*groups[0], *a.absent, *groups[1], *b.absent])
    rows = [
        {
            "problem": place[0],
            "method": place[1],
            **_row(a, b, groups[0].get(place), groups[1].get(place), place, other_data, margin),
        }
        for place in places
    ]
    return Comparison(_judged(pd.DataFrame(rows)), changes(a, b), _times(a, b), margin)


BLANK: Mapping[str, Any] = {
    "metric": "",
    "verdict": ChangeVerdict.NOT_TOLD_APART,
    "a": None,
    "b": None,
    "pairs": 0,
    "scale": "",
    "difference": None,
    "low": None,
    "high": None,
    "p": None,
    "p_adjusted": None,
    "smallest_p": None,
    "units": 0,
    "regression": False,
    "reasons": (),
    "ended": None,
}


def _row(
    a: Run,
    b: Run,
    one: pd.DataFrame | None,
    two: pd.DataFrame | None,
    place: tuple[str, str],
    other_data: Mapping[Place, Reason],
    margin: float,
) -> dict[str, Any]:
    """One problem and method: `one` its final cells in run a, `two` those in run b."""
    if one is None or two is None:
        waits = place in (a.absent if one is None else b.absent)
        alone = ChangeVerdict.APPEARED if one is None else ChangeVerdict.DISAPPEARED
        return {**BLANK, "verdict": ChangeVerdict.NOT_RUN_YET if waits else alone}
    old, new = _by_key(one), _by_key(two)
    shared = [key for key in old if key in new]
    if not shared:
        reasons = (reason(ReasonCode.NO_SHARED_SEED),)
        return {**BLANK, "verdict": ChangeVerdict.NOT_COMPARABLE, "reasons": reasons}
    notes = []
    if len(shared) < max(len(old), len(new)):
        notes.append(reason(ReasonCode.SOME_PAIRS, some=len(shared), one=len(old), other=len(new)))
    ended = _ended(old, new, shared)
    if ended is not None:
        return {**BLANK, **ended, "pairs": len(shared)}
    sound = [key for key in shared if _sound(old[key]) and _sound(new[key])]
    if len(sound) < len(shared):
        notes.append(reason(ReasonCode.FAILED_IN_BOTH, n=len(shared) - len(sound)))
    why = _apart(a, b, place[0], sound, other_data)
    if why:
        return {**BLANK, "verdict": ChangeVerdict.NOT_COMPARABLE, "pairs": len(sound), "reasons": (why,)}
    pairs = [(old[key], new[key]) for key in sound]
    measured = _measured(a, place[0], pairs, sound, margin)
    if margin and measured.get("scale") == "metric":
        notes.append(reason(ReasonCode.NO_SKILL))
    identical = measured["verdict"] == ChangeVerdict.IDENTICAL
    if not identical and _whole(pairs):
        notes.append(reason(ReasonCode.WHOLE_SCORES_ONLY))
    if sound[0][0] is not None and len(sound) == 1 and not identical:
        # The test units do not show how scores vary between seeds.
        notes.append(reason(ReasonCode.ONE_SEED))
        measured |= {"p": None, "verdict": ChangeVerdict.TOO_FEW_TO_TEST}
    reasons = (*notes, *measured.pop("reasons", ()))
    return {**BLANK, **measured, "pairs": len(sound), "reasons": reasons}


def _by_key(cells: pd.DataFrame) -> dict[Key, pd.Series[Any]]:
    found = {}
    for _, row in cells.iterrows():
        seeds = (None if pd.isna(row[name]) else int(row[name]) for name in ("seed", "data_seed"))
        found[next(seeds), next(seeds)] = row
    return found


def _sound(row: pd.Series[Any]) -> bool:
    return bool(row["status"] == "ok" and pd.notna(row["score"]))


def _why(row: pd.Series[Any]) -> tuple[str, Reason | CellReason]:
    """How a cell without a score ended: its status and its reason."""
    if row["status"] == "ok":
        return "undefined", reason(ReasonCode.UNDEFINED_SCORE)
    return str(row["status"]), of_cell(row["notes"], str(row["reason"]))


def _ended(
    old: Mapping[Key, pd.Series[Any]], new: Mapping[Key, pd.Series[Any]], shared: Sequence[Key]
) -> dict[str, Any] | None:
    """The row of a pair of which one side failed, None where their scores can be compared."""
    lost = [key for key in shared if _sound(old[key]) and not _sound(new[key])]
    won = [key for key in shared if not _sound(old[key]) and _sound(new[key])]
    if lost or won:
        reasons = (reason(ReasonCode.SOME_FITS, some=len(lost or won), all=len(shared)),)
        if lost:
            ended = _why(new[lost[0]])
            return {
                "verdict": ChangeVerdict.FAILED_NOW,
                "reasons": reasons,
                "ended": ended,
                "regression": True,
            }
        return {"verdict": ChangeVerdict.MENDED, "reasons": reasons, "ended": _why(old[won[0]])}
    if all(cells[key]["status"] == "unsupported" for key in shared for cells in (old, new)):
        return {"verdict": ChangeVerdict.REFUSED_IN_BOTH, "ended": _why(new[shared[0]])}
    if not any(_sound(old[key]) for key in shared):
        return {"verdict": ChangeVerdict.FAILED_IN_BOTH, "ended": _why(new[shared[0]])}
    return None


def _apart(
    a: Run, b: Run, problem: str, keys: Sequence[Key], other_data: Mapping[Place, Reason]
) -> Reason | None:
    """Why the scores of a problem cannot be set against each other, None where they can."""
    for place in dict.fromkeys((problem, draw) for _, draw in keys):
        if place in other_data:
            return other_data[place]
        facts = [run.problems.get(place, {}).get("metric") for run in (a, b)]
        if facts[0] != facts[1]:
            return reason(ReasonCode.METRIC_CHANGED, one=facts[0], other=facts[1])
    return None


Pairs = Sequence[tuple["pd.Series[Any]", "pd.Series[Any]"]]


def _measured(a: Run, problem: str, pairs: Pairs, keys: Sequence[Key], margin: float) -> dict[str, Any]:
    """The scores of both sides and the difference of b, the second of every pair, from a."""
    metric = str(pairs[0][0]["metric"])
    row = {
        "metric": metric,
        "a": float(np.mean([float(old["score"]) for old, _ in pairs])),
        "b": float(np.mean([float(new["score"]) for _, new in pairs])),
    }
    if all(_same(old, new) for old, new in pairs):
        return {**row, "verdict": ChangeVerdict.IDENTICAL, "difference": 0.0}
    scale, found = _difference(a, problem, pairs, keys, margin)
    testable = found.p is not None or not found.changed
    few = found.few if not testable else None
    return {
        **row,
        "scale": scale,
        "difference": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "smallest_p": found.smallest_p,
        "units": found.units,
        "reasons": () if few is None else (few,),
        "verdict": ChangeVerdict.NOT_TOLD_APART if testable else ChangeVerdict.TOO_FEW_TO_TEST,
    }


def _same(old: pd.Series[Any], new: pd.Series[Any]) -> bool:
    """Whether two cells agree in every bit of every score, over all and example by example."""
    if old["scores"] != new["scores"] or old["score"] != new["score"]:
        return False
    one, two = unpack_units(old["units"]), unpack_units(new["units"])
    return one.keys() == two.keys() and all(
        np.array_equal(x, y, equal_nan=True)
        for name in one
        for x, y in zip(one[name], two[name], strict=True)
    )


def _whole(pairs: Pairs) -> bool:
    """Whether some cell keeps no scores per example, so that whole scores are all there is to compare."""
    return any(row["metric"] not in unpack_units(row["units"]) for pair in pairs for row in pair)


def _difference(
    a: Run, problem: str, pairs: Pairs, keys: Sequence[Key], margin: float
) -> tuple[str, Difference]:
    """On which scale ("skill" or "metric"), and the difference, in skill held against the margin."""
    if _whole(pairs):
        return _of_scores(a, problem, pairs, keys, margin)
    metric = pairs[0][0]["metric"]
    by_draw: dict[int | None, list[tuple[Any, Any]]] = {}
    for (_, draw), (old, new) in zip(keys, pairs, strict=True):
        one, two = (unpack_units(cell["units"]).get(metric) for cell in (old, new))
        by_draw.setdefault(draw, []).append((one, two))
    spans = {draw: _levels(a, problem, draw, group[0][0]) for draw, group in by_draw.items()}
    known = not any(isinstance(span, Reason) for span in spans.values())
    draws = []
    for draw, group in by_draw.items():
        about, span = a.problems[problem, draw], spans[draw]
        count = len(group[0][0][0])
        if not known or isinstance(span, Reason):
            span = (constant(count, 0.0), constant(count, 1.0 if about["higher_is_better"] else -1.0))
        draws.append(_draw(about, span, group))
    return "skill" if known else "metric", of_draws(draws, margin if known else 0.0)


def _of_scores(
    a: Run, problem: str, pairs: Pairs, keys: Sequence[Key], margin: float
) -> tuple[str, Difference]:
    """The same from whole scores, where some cell keeps none per example."""
    ends = by_draw(a, problem)
    known = not isinstance(ends, Reason)
    sign = 1.0 if next(iter(a.draws(problem).values()))["higher_is_better"] else -1.0
    gaps: dict[int | None, list[float]] = {}
    for (_, draw), (old, new) in zip(keys, pairs, strict=True):
        reach = sign if isinstance(ends, Reason) else ends[draw][1] - ends[draw][0]
        gaps.setdefault(draw, []).append(float(new["score"] - old["score"]) / reach)
    # Seeds on one draw share its data, so where there are several draws each is one value.
    values = next(iter(gaps.values())) if len(gaps) == 1 else [float(np.mean(own)) for own in gaps.values()]
    shared = shared_cases(a.problems[problem, keys[0][1]]) if len(gaps) > 1 else 0.0
    return "skill" if known else "metric", of_values(values, margin if known else 0.0, shared)


def _levels(a: Run, problem: str, draw: int | None, like: tuple[Any, Any]) -> Any:
    """The scores with skill 0 and skill 1 in run a, used for both runs; or why there are none."""
    about = a.problems[problem, draw]
    rows = a.final[(a.final["problem"] == problem) & (a.final["address"] == about["reference"])]
    rows = rows[rows["data_seed"].isna() if draw is None else rows["data_seed"] == draw]
    units = [unpack_units(blob).get(about["metric"]) for blob in rows["units"]]
    return by_example(about, [each for each in units if each is not None], like)


def _draw(about: Mapping[str, Any], span: tuple[Any, Any], group: Sequence[tuple[Any, Any]]) -> Draw:
    """Both runs on one sample, b first, a column per seed, without examples undefined in either."""
    new, old = (np.stack([pair[side][0] for pair in group], axis=1) for side in (1, 0))
    known = np.isfinite(np.column_stack([*span, new, old])).all(axis=1)
    return drawn(about, group[0][0][1], (*span, new, old), known)


def _judged(cells: pd.DataFrame) -> pd.DataFrame:
    """The same rows with adjusted p values, the verdicts that follow and the regressions, worst first."""
    if not len(cells):
        return pd.DataFrame(columns=["problem", "method", *BLANK])
    tested = cells["p"].notna()
    if tested.any():
        adjusted = multipletests(cells.loc[tested, "p"].astype(float), method="holm")[1]
        cells.loc[tested, "p_adjusted"] = adjusted
    sure = tested & (cells["p_adjusted"].astype(float) < ALPHA)
    gap = cells["difference"].astype(float)
    cells.loc[sure & (gap > 0), "verdict"] = ChangeVerdict.BETTER
    cells.loc[sure & (gap < 0), "verdict"] = ChangeVerdict.WORSE
    cells["regression"] = cells["regression"].astype(bool) | (cells["verdict"] == ChangeVerdict.WORSE)
    few = cells["verdict"] == ChangeVerdict.TOO_FEW_TO_TEST
    few &= cells["smallest_p"].astype(float) > 2.0 ** (1 - LEAST)
    cells["reasons"] = [
        (*reasons, reason(ReasonCode.FEW_UNITS_DIFFER, needed=LEAST, p=float(p))) if is_few else reasons
        for reasons, p, is_few in zip(cells["reasons"], cells["smallest_p"], few, strict=True)
    ]
    order = cells["verdict"].map({verdict: place for place, verdict in enumerate(ChangeVerdict)})
    return (
        cells.assign(order=order, gap=gap)
        .sort_values(["order", "gap"], kind="stable")
        .drop(columns=["order", "gap"])
        .reset_index(drop=True)
    )


def _times(a: Run, b: Run) -> pd.DataFrame:
    """Mean CPU seconds of a job by problem and method in both runs, over the seeds and draws in both."""
    keys = ["problem", "address", "seed", "data_seed"]
    both = a.final[keys].merge(b.final[keys]).drop_duplicates()
    rows = []
    sides = [run.cells.merge(both, on=keys) for run in (a, b)]
    groups = [dict(tuple(side.groupby(["problem", "address"], sort=False))) for side in sides]
    for place, cells in groups[0].items():
        if place in groups[1]:
            old, new = spent(cells), spent(groups[1][place])
            rows.append({"problem": place[0], "method": place[1], "a": old, "b": new})
    return pd.DataFrame(rows, columns=["problem", "method", "a", "b"]).dropna()
