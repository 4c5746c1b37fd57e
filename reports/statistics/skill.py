"""What skill 0 and skill 1 stand for: the one definition behind every table, test and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from recurbench.metrics import weighted
from recurbench.packing import unpack_units
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import Floats
from recurbench.results import Run

Units = tuple[Floats, Floats]
"""[n] scores and [n] weights of the examples."""

HEADROOM = 0.02  # of the metric's range, from skill 0 to skill 1; with less there is no skill


def ends(about: Mapping[str, Any], reference: float | None) -> tuple[float, float] | Reason:
    """What skill 0 and skill 1 stand for in the metric of one draw, or why no skill can be formed.

    0: the best constant answer where it is known, else the named reference's own score (`reference`, None
    where the run lacks it). 1: the exact best on the same draw where it is known, else no error at all.
    Between them must lie HEADROOM of the metric's range in the right direction: the range of a share of
    right answers is 1, that of an error reaches from none to the error of skill 0.
    """
    constant: float | None = about["constant"]
    low = reference if constant is None else constant
    if low is None:
        return reason(ReasonCode.REFERENCE_NOT_RUN, method=about["reference"])
    floor = float(low)
    exact = _exact(about)
    ceiling = _perfect(about) if about["best"] is None else float(about["best"])
    if exact is not None:
        ceiling = weighted(*exact)
    up = about["higher_is_better"]
    reach = ceiling - floor if up else floor - ceiling
    if not reach >= HEADROOM * (1.0 if up else floor) or reach <= 0:
        return _no_headroom(about, ceiling - floor)
    return floor, ceiling


def _no_headroom(about: Mapping[str, Any], gap: float) -> Reason:
    """That skill 0 and skill 1 lie too close; gap: skill 1 minus skill 0, in the metric."""
    exact = about["best"] is not None
    if about["constant"] is not None:
        return reason(ReasonCode.NO_HEADROOM_TO_BEST if exact else ReasonCode.NO_HEADROOM, gap=gap)
    code = ReasonCode.NO_HEADROOM_OF_REFERENCE_TO_BEST if exact else ReasonCode.NO_HEADROOM_OF_REFERENCE
    return reason(code, gap=gap, method=about["reference"])


def by_example(about: Mapping[str, Any], reference: Sequence[Units], like: Units) -> Units | Reason:
    """The two `ends` example by example, as many as `like` has; their weighted means are the ends.

    reference: the units of the named reference's cells on this draw.
    """
    found = ends(about, weighted(*reference[0]) if reference else None)
    if isinstance(found, Reason):
        return found
    exact, n = _exact(about), len(like[0])
    floor = np.full(n, found[0]) if about["constant"] is not None else reference[0][0]
    return floor, np.full(n, found[1]) if exact is None else exact[0]


def by_draw(run: Run, problem: str) -> dict[Any, tuple[float, float]] | Reason:
    """The `ends` of every draw of a problem by its seed, or why one of them has none."""
    found = {}
    for draw, facts in run.draws(problem).items():
        rows = run.final[(run.final["problem"] == problem) & (run.final["address"] == facts["reference"])]
        rows = rows[rows["data_seed"].isna() if draw is None else rows["data_seed"] == draw]
        known = len(rows) > 0 and bool(rows["score"].notna().all())
        of_draw = ends(facts, float(rows["score"].astype(float).mean()) if known else None)
        if isinstance(of_draw, Reason):
            return of_draw
        found[draw] = of_draw
    return found or reason(ReasonCode.PROBLEM_NOT_BUILT)


def skill_of(cells: pd.DataFrame, levels: Mapping[Any, tuple[float, float]]) -> pd.Series[float]:
    """[cells]: (score - skill 0) / (skill 1 - skill 0) by the levels `by_draw` found; NaN without a score."""
    draws = [None if pd.isna(draw) else int(draw) for draw in cells["data_seed"]]
    known = np.array([levels[draw] for draw in draws], dtype=float).reshape(-1, 2)
    scores = cells["score"].astype(float).where(cells["status"] == "ok")
    found: pd.Series[float] = (scores - known[:, 0]) / (known[:, 1] - known[:, 0])
    return found


def _perfect(about: Mapping[str, Any]) -> float:
    return 1.0 if about["higher_is_better"] else 0.0


def _exact(about: Mapping[str, Any]) -> Units | None:
    """The exact best's scores on the examples of the draw, where its answers were kept."""
    if about["best"] is None:
        return None
    found: Units | None = unpack_units(about.get("units", b"")).get(about["metric"])
    return found
