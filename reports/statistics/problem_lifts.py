"""The recurrence lift of every problem of a run, with the resamples of one data set taken together."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd
from recurbench.reports.statistics.comparison_table import comparison
from recurbench.reports.statistics.lift import PRACTICAL
from recurbench.reports.statistics.resampled_lifts import groups, lift_of_group
from recurbench.results import RUNS, Run

SHOWN = ("verdict", "reasons", "lift", "low", "high")


@lru_cache(maxsize=RUNS)
def lifts_of(run: Run) -> pd.DataFrame:
    """One row per problem: label, kind, verdict, reasons, lift, low, high, recurrent, other.

    Resamples of one data set are one row, as dependent as they are.
    """
    if not len(run.cells):
        return pd.DataFrame(columns=["label", "kind", *SHOWN, "recurrent", "other"])
    several = {name: own for name, own in groups(run).items() if len(own) > 1}
    inside = {member for members in several.values() for member in members}
    # Single resamples have no row, so their lifts need not be computed.
    compared = comparison(_without(run, inside)) if inside else comparison(run)
    rows: list[dict[str, Any]] = []
    for _, row in compared.iterrows():
        sides = {"recurrent": row.get("lift_recurrent"), "other": row.get("lift_other")}
        same = {name: row.get(name) for name in ("label", "kind", *SHOWN)}
        rows.append({**same, **sides})
    for problem, members in several.items():
        lift = lift_of_group(run, problem, members, PRACTICAL)[0].row()
        kind = next(iter(run.draws(members[0]).values()))["kind"]
        names = (*SHOWN, "recurrent", "other")
        rows.append({"label": problem, "kind": kind, **{name: lift[name] for name in names}})
    return pd.DataFrame(rows)


def _without(run: Run, problems: set[str]) -> Run:
    return replace(run, cells=run.cells[~run.cells["problem"].isin(problems)])
