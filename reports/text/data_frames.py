"""The tables of a run as data frames for Python: every method, and the gain from recurrence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from recurbench.address import label
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.statistics.marks import marked
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.statistics.skill import by_draw, skill_of
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

METHODS = (
    "problem",
    "family",
    "method",
    "metric",
    "score",
    "mae",
    "error_vs_reference",
    "chosen",
    "equal_on_test",
    "sd",
    "validation",
    "fits",
    "cpu_seconds",
    "status",
    "reason",
)
NUMBERS = ("score", "mae", "error_vs_reference", "sd", "validation", "cpu_seconds")
GAINS = ("problem", "recurrent", "other", "gain", "low", "high", "verdict", "reason")


def methods(run: Run) -> pd.DataFrame:
    """One row per problem and method, the best validation first, then those without a score.

    mae: of forecasts and regressions the mean absolute error on test, in the unit of the data.
    error_vs_reference: 1 - skill, which is the error as a share of the reference's error; NaN where the
    problem has no skill. chosen: whether it is the best on validation. equal_on_test: whether it is in the
    model confidence set on test; None where the test part is too small for one. status: how the fits ended
    that have no score, "ok" where all have one.
    """
    if not len(run.cells):
        return pd.DataFrame(columns=list(METHODS))
    scored = every_method(run)
    problems = map(str, run.cells["problem"].drop_duplicates())
    rows = [row for problem in problems for row in _of(run, problem, scored)]
    return pd.DataFrame(rows, columns=list(METHODS)).astype(dict.fromkeys(NUMBERS, float))


def _of(run: Run, problem: str, scored: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    final = run.final[run.final["problem"] == problem]
    errors, ends = _errors(run, problem), dict(_ends(run, problem))
    absolute = final.groupby("address")["mae"].mean().to_dict() if "mae" in final else {}
    held, marks = scored[scored["problem"] == problem] if len(scored) else scored, marked(run, problem)
    for row in held.to_dict("records"):
        status, reason = ends.pop(row["method"], ("ok", ""))
        yield {
            **{str(key): value for key, value in row.items()},
            "problem": row["label"],
            "fits": row["cells"],
            "chosen": row["method"] in marks.best,
            "equal_on_test": None if marks.alike is None else row["method"] in marks.alike,
            "mae": absolute.get(row["method"]),
            "error_vs_reference": errors.get(row["method"]),
            "status": status,
            "reason": reason,
        }
    cells = run.cells[run.cells["problem"] == problem].iloc[0]
    families = dict(zip(final["address"], final["family"], strict=True))
    for address, (status, reason) in ends.items():
        yield {
            "problem": label(cells["dataset"], cells["dials"], problem),
            "family": families.get(address, ""),
            "method": address,
            "fits": 0,
            "chosen": False,
            "status": status,
            "reason": reason,
        }


def _errors(run: Run, problem: str) -> Mapping[str, float]:
    """By method 1 - skill, the mean over its final fits; empty where no skill can be formed."""
    levels = by_draw(run, problem)
    if isinstance(levels, Reason):
        return {}
    final = run.final[run.final["problem"] == problem]
    means = (1.0 - skill_of(final, levels)).groupby(final["address"]).mean()
    return {str(address): float(mean) for address, mean in means.items()}


def _ends(run: Run, problem: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """By method how its final fits ended that have no score, and why; nothing of a method with all scores."""
    final = run.final[run.final["problem"] == problem]
    lost = final[(final["status"] != "ok") | final["score"].isna()]
    for address, own in lost.groupby("address", sort=False):
        first = own.iloc[0]
        status = "undefined" if first["status"] == "ok" else str(first["status"])
        count = int((final["address"] == address).sum())
        words = status if len(own) == count else f"{status}: {len(own)} of {count}"
        yield str(address), (words, str(first["reason"]))
    for (name, address), count in run.absent.items():
        if name == problem:
            yield address, (f"missing: {count}", "not run yet")


def gains(run: Run, say: Messages) -> pd.DataFrame:
    """One row per problem: the best method of each side, the gain, its interval, the verdict, the reason."""
    rows = [
        {
            "problem": row["label"],
            "recurrent": row["recurrent"],
            "other": row["other"],
            "gain": row["lift"],
            "low": row["low"],
            "high": row["high"],
            "verdict": say.verdict(row["verdict"]),
            "reason": say.reasons(row["reasons"]),
        }
        for row in lifts_of(run).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(GAINS)).astype(dict.fromkeys(("gain", "low", "high"), float))
