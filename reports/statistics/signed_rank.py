"""Signed-rank tests over data sets, one kind of task at a time, with Holm over kinds and over families."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from recurbench.reports.statistics.resampled_lifts import without_resample
from scipy.stats import wilcoxon
from statsmodels.stats.multitest import multipletests

PRIMARY = "networks"
PAIRS = (
    ("recurrent", "feedforward"),
    ("recurrent", "convolutional"),
    ("recurrent", "attention"),
    ("recurrent", "features"),
    ("recurrent", "neighbours"),
    ("recurrent", "statistical"),
)
"""The pairs of families that are tested, named before any of them was seen."""
COLUMNS = ("kind", "contrast", "n", "ties", "median", "p", "p_adjusted", "smallest_p")


def signed_rank(values: Sequence[float]) -> tuple[float, int, float]:
    """Two-sided p of the signed-rank test against a median of 0 (Wilcoxon 1945), ties at 0, smallest p.

    The p value is exact up to 50 values, up to 13 where some are equal or 0. A value of exactly 0 is left
    out, as by Wilcoxon; the smallest p that n others can give is 2 / 2^n.
    """
    found = np.asarray(values, dtype=float)
    if not np.isfinite(found).all():
        raise ValueError(f"values to rank must be finite, got {found.tolist()}; leave out what has no lift")
    ties = int((found == 0).sum())
    smallest = min(1.0, 2.0 ** (1 - (len(found) - ties)))
    if ties == len(found):
        return 1.0, ties, smallest
    return float(wilcoxon(found[found != 0]).pvalue), ties, smallest


def ranked(values: pd.DataFrame) -> pd.DataFrame:
    """One row of COLUMNS per kind and contrast, `p_adjusted` by Holm over all rows given.

    values: kind, contrast, value, one row per data set. Kinds are never pooled.
    """
    rows = []
    for (kind, contrast), group in values.groupby(["kind", "contrast"], sort=False):
        p, ties, smallest = signed_rank(list(group["value"]))
        row = {"kind": kind, "contrast": contrast, "n": len(group), "ties": ties}
        rows.append({**row, "median": float(group["value"].median()), "p": p, "smallest_p": smallest})
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.DataFrame(rows)
    return table.assign(p_adjusted=multipletests(table["p"], method="holm")[1])[list(COLUMNS)]


def over_kinds(found: pd.DataFrame) -> pd.DataFrame:
    """The tests of the lift against 0, from `real.lifts` but its controls: per contrast, Holm over kinds.

    A data set with several settings has one value, the mean of their lifts.
    """
    tables = []
    known = found[found["lift"].notna() & (found["role"] == "")] if len(found) else found
    for contrast, group in known.groupby("contrast", sort=False) if len(known) else ():
        means = group.groupby(["kind", "data_set"], sort=False)["lift"].mean().rename("value").reset_index()
        tables.append(ranked(means.assign(contrast=contrast)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def by_data_set(values: pd.DataFrame, apart: Sequence[str] = ()) -> pd.DataFrame:
    """One value per data set: the mean over the resamples of every setting, then over its settings.

    values: one row per resample, indexed by `data_set`, `setting` (the problem without its resample) and
    others. apart: levels by which data sets are kept apart, such as the kind. A setting that was dealt anew
    five times weighs as much as one that was not.
    """
    of_settings = values.groupby(level=[*apart, "data_set", "setting"], sort=False).mean()
    return of_settings.groupby(level=[*apart, "data_set"], sort=False).mean()


def over_pairs(skills: pd.DataFrame) -> pd.DataFrame:
    """The tests of every pair in PAIRS, from `real.family_skills`: Holm over all pairs and kinds together.

    Of a data set with resamples or settings the difference is the mean (`by_data_set`) over those that have
    both families.
    """
    of_settings = skills.assign(setting=[without_resample(str(name)) for name in skills["problem"]])
    wide = of_settings.pivot_table(
        index=["kind", "data_set", "setting", "problem"], columns="family", values="skill", sort=False
    )
    tables = []
    for one, other in PAIRS:
        if one in wide and other in wide:
            gap = (wide[one] - wide[other]).dropna().to_frame("value")
            means = by_data_set(gap, ["kind"]).reset_index()
            tables.append(means.assign(contrast=f"{one} - {other}"))
    return ranked(pd.concat(tables)) if tables else pd.DataFrame(columns=list(COLUMNS))
