"""The comparison table: per problem the best of each family, and the recurrence lift."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.address import short
from recurbench.metrics import METRICS
from recurbench.record import BAD, RETRIED
from recurbench.registry import FAMILIES
from recurbench.reports.statistics.lift import lift_of
from recurbench.reports.statistics.selection import Chosen, contenders, of_families, unlearned, validation
from recurbench.reports.text.sentences import (
    NOTHING_CHOSEN,
    no_scale,
    tied_with,
    undefined_score,
    validation_part,
)
from recurbench.results import RUNS, Run, fits


@lru_cache(maxsize=RUNS)
def comparison(run: Run) -> pd.DataFrame:
    """One row per problem; formed once a run, so a caller that changes it takes a copy.

    problem, kind, metric, higher_is_better, pairs_asked; for each family F: `F` the method chosen on
    validation, `F_by` by which metric, `F_score` its mean test score, `F_sd` the standard deviation over its
    cells (seeds and draws), `F_cells` their number, `F_note` why there is none, how many final cells of the
    family went wrong, or which methods are its equals on validation; `validation_part`: how it falls short
    of the task or of train, or why there is none, in which case no family has a method; `constant`,
    `memoryless` and `best_possible` on probes; then the fields of Lift, its two methods as `lift_recurrent`
    and `lift_other`.
    """
    rows = [_row(run, str(problem)) for problem in run.cells["problem"].drop_duplicates()]
    return pd.DataFrame(rows)


def abridged(run: Run) -> pd.DataFrame:
    """`comparison` with methods named by the settings in which their namesakes on the problem differ."""
    table = comparison(run)
    asked = run.cells.groupby("problem", sort=False)["address"].unique()
    named = {
        side: [
            short(name, asked[problem]) if isinstance(name, str) and name else name
            for problem, name in zip(table["problem"], table[side], strict=True)
        ]
        for side in (*FAMILIES, "lift_recurrent", "lift_other")
        if side in table
    }
    return table.assign(**named)


def _row(run: Run, problem: str) -> dict[str, Any]:
    cells = run.cells[run.cells["problem"] == problem]
    facts = run.draws(problem)
    about: Mapping[str, Any] = next(iter(facts.values()), {})
    row: dict[str, Any] = {
        "problem": problem,
        "label": label(cells.iloc[0]["dataset"], cells.iloc[0]["dials"], problem),
        "kind": cells.iloc[0]["kind"],
        "metric": about.get("metric", ""),
        "higher_is_better": about.get("higher_is_better"),
        "reference": about.get("reference", ""),
        "n_train": about.get("n_train"),
        "n_test": about.get("n_test"),
        "validation_part": validation_part(about),
    }
    for level in ("constant", "memoryless", "best"):
        known = [f[level] for f in facts.values() if f[level] is not None]
        row["best_possible" if level == "best" else level] = sum(known) / len(known) if known else None
    families = of_families(cells, about) if about else {}
    idle = unlearned(cells)
    for family in FAMILIES:
        row.update(_entry(run, cells[cells["family"] == family], family, families.get(family), idle))
    if about:
        lift = asdict(lift_of(run, problem, idle))
        # `recurrent` is also the name of a family.
        sides = {"recurrent": "lift_recurrent", "other": "lift_other"}
        row.update({sides.get(key, key): value for key, value in lift.items() if key != "problem"})
    else:
        row["words"] = "the problem could not be built"
    tuned = bool((cells["trial"] > 0).any())
    if tuned and row.get("lift") is not None and row["fits_recurrent"] != row["fits_other"]:
        # The best of more looks better by chance alone.
        row["words"] += f"; {row['fits_recurrent']} fits against {row['fits_other']}"
    limited = int(cells["status"].isin(RETRIED).sum())
    if limited:
        # A pool that lacks a method for want of time or memory may have lost its best one.
        row["words"] += f"; {limited} cell{'s' * (limited > 1)} met a limit or crashed"
    return row


def _entry(
    run: Run, cells: pd.DataFrame, family: str, chosen: Chosen | None, idle: pd.Series[int]
) -> dict[str, Any]:
    """One family's columns; `idle`: by method its cells that did not learn."""
    final = cells[cells["stage"] == "final"]
    wrong = int(final["status"].isin(BAD).sum())
    notes = [f"{wrong} of {len(final)} cells went wrong"] if wrong else []
    if chosen is None:
        if len(contenders(final)):
            return {family: None, f"{family}_note": "; ".join([*notes, NOTHING_CHOSEN])}
        return {family: None, f"{family}_note": (*notes, "n/a" if len(final) else "not asked")[0]}
    scores = final[final["address"] == chosen.address]["score"].astype(float)
    absent = run.absent.get((str(final["problem"].iloc[0]), chosen.address), 0)
    if absent:
        notes.insert(0, f"{absent} of {absent + len(scores)} cells of {chosen.address} are missing")
    if chosen.tied:
        asked = list(cells["address"].unique())
        notes.insert(0, tied_with([short(address, asked) for address in chosen.tied]))
    if idle.get(chosen.address, 0):
        notes.insert(0, f"{idle[chosen.address]} of {len(scores)} cells of {chosen.address} did not learn")
    return {
        family: chosen.address,
        f"{family}_by": chosen.by,
        f"{family}_score": float(scores.mean()),
        f"{family}_sd": float(scores.std(ddof=1)) if len(scores) > 1 else None,
        f"{family}_cells": len(scores),
        f"{family}_note": "; ".join(notes),
    }


@lru_cache(maxsize=RUNS)
def every_method(run: Run) -> pd.DataFrame:
    """One row per problem and method with a score, the best validation first; formed once a run.

    problem, label, kind, method, family, trials, metric; validation: the mean over its inner cells, of a
    tuned method those of the chosen settings, of the metric that orders the rows of its problem (named
    `validation_metric`): the first that all methods have, or where there is none its own first; score, sd,
    cells: on test; validation_part as in `comparison`; not_learned: of how many cells training ended no
    better than a constant answer; cpu_seconds: of one job, all of it.
    """
    rows: list[dict[str, Any]] = []
    for problem, cells in run.cells.groupby("problem", sort=False):
        facts = next(iter(run.draws(str(problem)).values()), None)
        if facts is not None:
            rows.extend(_methods(cells, facts))
    return pd.DataFrame(rows)


def _methods(cells: pd.DataFrame, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row per method with a score on one problem, in the order of the first metric they all have."""
    scored = cells[(cells["stage"] == "final") & cells["score"].notna()]
    idle = unlearned(cells)
    trials = cells.groupby("address")["trial"].nunique()
    seconds, scores = _spent_by(cells), scored["score"].astype(float).groupby(scored["address"])
    mean_of, sd_of, count = scores.mean(), scores.std(ddof=1), scores.size()
    checked = _ordering([(name, validation(cells, name)) for name in facts["selectors"]], set(mean_of.index))
    rows = []
    for first in scored.drop_duplicates("address").to_dict("records"):
        method = first["address"]
        name, mean = next(((n, float(s[method])) for n, s in checked if method in s.index), ("", None))
        rows.append(
            {
                "problem": first["problem"],
                "label": label(first["dataset"], first["dials"], first["problem"]),
                "kind": first["kind"],
                "method": method,
                "family": first["family"],
                "trials": int(trials[method]),
                "metric": first["metric"],
                "validation_metric": name,
                "validation": mean,
                "score": float(mean_of[method]),
                "sd": float(sd_of[method]) if count[method] > 1 else None,
                "cells": int(count[method]),
                "validation_part": validation_part(facts),
                "not_learned": int(idle.get(method, 0)),
                "cpu_seconds": float(seconds[method]),
            }
        )
    return sorted(rows, key=lambda row: _rank(row, ordered=len(checked) == 1))


def _ordering(
    checked: Sequence[tuple[str, pd.Series[float]]], methods: Set[str]
) -> Sequence[tuple[str, pd.Series[float]]]:
    """The first metric that all methods with any have; failing that, all of them."""
    some = methods & {address for _, means in checked for address in means.index}
    return next(([(name, means)] for name, means in checked if some <= set(means.index)), checked)


def _rank(row: Mapping[str, Any], ordered: bool) -> float:
    """The best of one metric first, what has none last; by several metrics (not `ordered`) none is better."""
    if row["validation"] is None:
        return math.inf
    sign = -1 if METRICS[row["validation_metric"]].higher_is_better else 1
    return sign * row["validation"] if ordered else 0.0


def spent(cells: pd.DataFrame) -> float:
    """Mean CPU seconds of a job; stages that share a fit bear the same figure, which counts once."""
    once = fits(cells)
    return float(once["cpu_seconds"].astype(float).groupby(once["job"]).sum().mean())


def _spent_by(cells: pd.DataFrame) -> pd.Series[float]:
    """By method what `spent` says of its cells."""
    once = fits(cells)
    jobs = once["cpu_seconds"].astype(float).groupby([once["address"], once["job"]]).sum()
    return jobs.groupby("address").mean()


def label(dataset: str, dials: Mapping[str, Any], address: str) -> str:
    """A problem's name for people: of a file its bare name and a chosen frequency, otherwise the address."""
    if dataset != "csv" or not dials.get("path"):
        return address
    return f"{Path(str(dials['path'])).name} {dials.get('frequency') or ''}".rstrip()


def troubles(run: Run) -> pd.DataFrame:
    """What a reader must know of by reason: what went wrong, is missing or was not learned, then refusals."""
    final = run.final
    without = final[(final["status"] != "ok") | _undefined(final)]
    columns = ["method", "status", "reason", "problems", "cells"]
    absent = [
        {"method": address, "status": "missing", "reason": "not run yet", "problems": problem, "cells": count}
        for (problem, address), count in run.absent.items()
    ]
    absent += [*_undefined_in_part(run), *_dropped(run.cells), *_idle(run.cells)]
    if not len(without):
        return pd.DataFrame(absent, columns=columns)
    status = without["status"].replace({"unsupported": "n/a", "ok": "undefined"})
    about = {problem: next(iter(run.draws(problem).values()), {}) for problem in without["problem"].unique()}
    undefined = pd.Series([undefined_score(about[name]) for name in without["problem"]], index=without.index)
    reason = without["reason"].where(without["status"] != "ok", undefined)
    keyed = without.assign(method=without["address"], status=status, reason=reason)
    grouped = keyed.groupby(["method", "status", "reason"], sort=False)
    found = grouped.agg(
        problems=("problem", lambda names: ", ".join(dict.fromkeys(names))), cells=("problem", "size")
    ).reset_index()
    found = pd.concat([found, pd.DataFrame(absent, columns=columns)]) if absent else found
    return found.sort_values("status", key=lambda words: words == "n/a", kind="stable")[columns]


def _dropped(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Trials without a score, of jobs that could choose among others."""
    done = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]["job"]
    lost = cells[(cells["stage"] == "inner") & (cells["status"] != "ok") & cells["job"].isin(done)]
    keys = ["address", "status", "trial", "reason", "problem"]
    counted = lost.groupby(keys, sort=False).size().reset_index(name="cells")
    return [
        {
            "method": row["address"],
            "status": f"trial {row['trial']} {row['status']}",
            "reason": row["reason"],
            "problems": row["problem"],
            "cells": row["cells"],
        }
        for _, row in counted.iterrows()
    ]


def _idle(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Methods whose training ended, on some seeds, no better than a constant answer or the naive forecast."""
    found = []
    for problem, rows in cells.groupby("problem", sort=False):
        for method, count in unlearned(rows).items():
            found.append(
                {
                    "method": method,
                    "status": "not learned",
                    "reason": "on validation no better than a constant answer or the naive forecast when its "
                    "training steps were spent: more of them, or another setting, might",
                    "problems": problem,
                    "cells": count,
                }
            )
    return found


def _undefined_in_part(run: Run) -> list[dict[str, Any]]:
    """Problems with examples that no one's mean holds, for MASE has no scale there."""
    final = run.final
    if "mase_undefined" not in final:
        return []
    some = final[final["mase_undefined"] > 0].drop_duplicates("problem")
    found = []
    for _, row in some.iterrows():
        facts = next(iter(run.draws(str(row["problem"])).values()), {})
        if row["mase_undefined"] == facts.get("n_test"):
            continue  # no method has a score, and each says why
        for reason in no_scale(facts, int(row["mase_undefined"])):
            left_out = {"method": "every method", "status": "left out", "reason": reason}
            found.append({**left_out, "problems": row["problem"], "cells": 0})
    return found


def _undefined(final: pd.DataFrame) -> pd.Series[bool]:
    return (final["status"] == "ok") & final["score"].isna()
