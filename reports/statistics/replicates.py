"""The replicates of a problem: the cells that belong to each, and the skill of every method in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from recurbench.reports.statistics.skill import skill_of
from recurbench.results import fits

UNDRAWN = -1  # the replicate of what has neither a sample nor a seed


def hours_of(cells: pd.DataFrame) -> float:
    """CPU hours; the inner and the final cell of one fit have the same figure, which counts once."""
    if not len(cells):
        return 0.0
    return float(fits(cells)["cpu_seconds"].sum()) / 3600


def pair_of(cells: pd.DataFrame) -> pd.Series[int]:
    """[cells]: the pair that each belongs to, by its draw, or by its seed where the problem has one draw."""
    return cells["data_seed"].where(cells["data_seed"].notna(), cells["seed"]).astype("Int64")


def skill_table(cells: pd.DataFrame, levels: Mapping[Any, tuple[float, float]]) -> pd.DataFrame:
    """[draws, methods]: (score - constant) / (best - constant) of every final cell that is ok.

    A method without a random seed stands once per draw like all others; where the problem is not drawn either
    it has the same value beside every seed of the others.
    """
    final = cells[(cells["stage"] == "final") & (cells["status"] == "ok") & cells["score"].notna()]
    pairs = pair_of(final).fillna(UNDRAWN)
    table = pd.DataFrame({"pair": pairs, "address": final["address"], "skill": skill_of(final, levels)})
    return by_replicate(table, "skill").sort_index()


def by_replicate(cells: pd.DataFrame, values: str) -> pd.DataFrame:
    """[pairs, methods] from columns `pair`, `address` and `values`; what is UNDRAWN stands in every pair."""
    table = cells.pivot_table(index="pair", columns="address", values=values, sort=False)
    if UNDRAWN not in table.index or len(table) == 1:
        return table
    return table.drop(index=UNDRAWN).fillna(table.loc[UNDRAWN])
