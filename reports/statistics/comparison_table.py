"""The comparison table: per problem the best of each family, and the recurrence lift."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
from recurbench.address import label, short
from recurbench.choosing import compared
from recurbench.record import BAD, RETRIED
from recurbench.registry import FAMILIES
from recurbench.reports.statistics.lift import lift_of
from recurbench.reports.statistics.outcomes import (
    LiftVerdict,
    ReasonCode,
    Reasons,
    WarningStatus,
    has,
    of_cell,
    reason,
)
from recurbench.reports.statistics.selection import (
    Chosen,
    contenders,
    of_families,
    scores_of,
    trained_before,
    unlearned,
)
from recurbench.reports.statistics.undefined_scores import undefined_in_part, undefined_score
from recurbench.reports.statistics.validation_part import shortfall
from recurbench.results import RUNS, Run, fits


@lru_cache(maxsize=RUNS)
def comparison(run: Run) -> pd.DataFrame:
    """One row per problem; formed once a run, so a caller that changes it takes a copy.

    problem, kind, metric, higher_is_better, pairs_asked; for each family F: `F` the method chosen on
    validation, `F_by` by which metric, `F_score` its mean test score, `F_sd` the standard deviation over its
    cells (seeds and draws), `F_cells` their number, `F_notes` the reasons why there is none, how many final
    cells of the family went wrong, or which methods are its equals on validation; `validation_part`: the
    reasons why it falls short of the task or of train, or why there is none, in which case no family has a
    method; `constant`, `memoryless` and `best_possible` on probes; then the fields of Lift, its two methods
    as `lift_recurrent` and `lift_other`.
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
        "validation_part": shortfall(about),
    }
    for level in ("constant", "memoryless", "best"):
        known = [f[level] for f in facts.values() if f[level] is not None]
        row["best_possible" if level == "best" else level] = sum(known) / len(known) if known else None
    families = of_families(cells, about) if about else {}
    idle = unlearned(cells)
    for family in FAMILIES:
        row.update(_entry(run, cells[cells["family"] == family], family, families.get(family), idle))
    if about:
        lift = lift_of(run, problem, idle).row()
        # `recurrent` is also the name of a family.
        sides = {"recurrent": "lift_recurrent", "other": "lift_other"}
        row.update({sides.get(key, key): value for key, value in lift.items() if key != "problem"})
    else:
        not_built = (reason(ReasonCode.PROBLEM_NOT_BUILT),)
        row |= {"verdict": LiftVerdict.NOT_COMPARED, "reasons": not_built}
    tuned = bool((cells["trial"] > 0).any())
    if tuned and row.get("lift") is not None and row["fits_recurrent"] != row["fits_other"]:
        # Choosing among more candidates inflates the best score.
        counts = {"one": row["fits_recurrent"], "other": row["fits_other"]}
        row["reasons"] += (reason(ReasonCode.FITS_DIFFER, **counts),)
    limited = int(cells["status"].isin(RETRIED).sum())
    if limited:
        # A method that hit a limit may have been the best one.
        row["reasons"] += (reason(ReasonCode.FITS_LIMITED, n=limited),)
    return row


def _entry(
    run: Run, cells: pd.DataFrame, family: str, chosen: Chosen | None, idle: pd.Series[int]
) -> dict[str, Any]:
    """The columns of one family; idle: by method the number of its fits that did not train."""
    final = cells[cells["stage"] == "final"]
    wrong = int(final["status"].isin(BAD).sum())
    notes = [reason(ReasonCode.FITS_FAILED, some=wrong, all=len(final))] if wrong else []
    if chosen is None:
        if len(contenders(final)):
            notes.append(reason(ReasonCode.NOTHING_CHOSEN))
        elif trained_before(final).any():
            names = tuple(short(str(one), list(cells["address"].unique())) for one in _seen(final))
            notes.append(reason(ReasonCode.METHODS_TRAINED_ON_THIS_DATA, methods=names))
        elif not notes:
            notes.append(reason(ReasonCode.NOT_SUPPORTED if len(final) else ReasonCode.NOT_ASKED))
        return {family: None, f"{family}_notes": tuple(notes)}
    scores = final[final["address"] == chosen.address]["score"].astype(float)
    absent = run.absent.get((str(final["problem"].iloc[0]), chosen.address), 0)
    if absent:
        counts = {"some": absent, "all": absent + len(scores)}
        notes.insert(0, reason(ReasonCode.FITS_OF_METHOD_MISSING, method=chosen.address, **counts))
    if chosen.tied:
        asked = list(cells["address"].unique())
        equals = tuple(short(address, asked) for address in chosen.tied)
        notes.insert(0, reason(ReasonCode.TIED_WITH, methods=equals))
    if idle.get(chosen.address, 0):
        counts = {"some": int(idle[chosen.address]), "all": len(scores)}
        notes.insert(0, reason(ReasonCode.FITS_NOT_TRAINED, method=chosen.address, **counts))
    return {
        family: chosen.address,
        f"{family}_by": chosen.by,
        f"{family}_score": float(scores.mean()),
        f"{family}_sd": float(scores.std(ddof=1)) if len(scores) > 1 else None,
        f"{family}_cells": len(scores),
        f"{family}_notes": tuple(notes),
    }


@lru_cache(maxsize=RUNS)
def every_method(run: Run) -> pd.DataFrame:
    """One row per problem and method with a score, the best validation first; formed once a run.

    problem, label, kind, method, family, trials, metric; validation: the mean over its inner cells, of a
    tuned method those of the chosen settings, of the metric that orders the rows of its problem (named
    `validation_metric`): the first that all methods have, or where there is none its own first; score, sd,
    cells: on test; validation_part as in `comparison`; not_learned: of how many cells training ended no
    better than a constant answer; trained_on_this_data: whether its model was before; cpu_seconds:
    of one job, all of it.
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
    idle, seen = unlearned(cells), set(_seen(scored))
    trials = cells.groupby("address")["trial"].nunique()
    seconds, scores = _spent_by(cells), scored["score"].astype(float).groupby(scored["address"])
    mean_of, sd_of, count = scores.mean(), scores.std(ddof=1), scores.size()
    names = facts["selectors"]
    checked = scores_of(cells, mean_of.index, names)
    shared, keys = compared(checked, names)
    rows = []
    for first in scored.drop_duplicates("address").to_dict("records"):
        method = first["address"]
        own = checked.get(method, {})
        name = shared if own and shared else next((each for each in names if each in own), "")
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
                "validation": own.get(name),
                "score": float(mean_of[method]),
                "sd": float(sd_of[method]) if count[method] > 1 else None,
                "cells": int(count[method]),
                "validation_part": shortfall(facts),
                "not_learned": int(idle.get(method, 0)),
                "trained_on_this_data": method in seen,
                "cpu_seconds": float(seconds[method]),
            }
        )
    # Without a shared metric the methods that have a score stay in the order of the run.
    return sorted(
        rows, key=lambda row: keys.get(row["method"], () if row["validation_metric"] else (math.inf,))
    )


def spent(cells: pd.DataFrame) -> float:
    """Mean CPU seconds of a job. Stages that share a fit have the same figure, which counts once."""
    once = fits(cells)
    return float(once["cpu_seconds"].astype(float).groupby(once["job"]).sum().mean())


def _spent_by(cells: pd.DataFrame) -> pd.Series[float]:
    """`spent` by method."""
    once = fits(cells)
    jobs = once["cpu_seconds"].astype(float).groupby([once["address"], once["job"]]).sum()
    return jobs.groupby("address").mean()


WARNINGS = ["method", "status", "trial", "reasons", "problems", "cells"]


def troubles(run: Run) -> pd.DataFrame:
    """The warnings of a run by their reasons: what failed, is missing or did not train, then refusals.

    One row of WARNINGS each. method: an address, None where a warning is about every method. status: of a fit
    or a WarningStatus. trial: the number of a trial that has no validation score, else None. problems: their
    names. cells: how many fits a warning is about.
    """
    final = run.final
    without = final[(final["status"] != "ok") | _undefined(final)]
    absent = [
        _warning(address, WarningStatus.MISSING, (reason(ReasonCode.NOT_RUN_YET),), problem, count)
        for (problem, address), count in run.absent.items()
    ]
    absent += [*_undefined_in_part(run), *_dropped(run.cells), *_idle(run.cells), *_trained_before(final)]
    if not len(without):
        return pd.DataFrame(absent, columns=WARNINGS, dtype=object)
    rows = [*_without_score(run, without), *absent]
    refused = [row for row in rows if row["status"] == "unsupported"]
    others = [row for row in rows if row["status"] != "unsupported"]
    return pd.DataFrame([*others, *refused], columns=WARNINGS, dtype=object)


def without_examples(table: pd.DataFrame) -> bool:
    """Whether no problem of a comparison has scores per example, as in a slim copy: no gain is known then."""
    return len(table) > 0 and all(
        has(reasons, ReasonCode.NO_VALUES_PER_EXAMPLE) for reasons in table["reasons"]
    )


def _warning(
    method: str | None, status: str, reasons: Reasons, problems: str, cells: int, trial: int | None = None
) -> dict[str, Any]:
    row = {"method": method, "status": status, "trial": trial, "reasons": reasons}
    return {**row, "problems": problems, "cells": cells}


def _without_score(run: Run, cells: pd.DataFrame) -> list[dict[str, Any]]:
    """A warning per method, status and reason of these final cells, none of which has a score."""
    about = {problem: next(iter(run.draws(problem).values()), {}) for problem in cells["problem"].unique()}
    problems: dict[tuple[str, str, Reasons], list[str]] = {}
    key: tuple[str, str, Reasons]
    columns = ("address", "status", "notes", "reason", "problem")
    for address, status, notes, text, problem in zip(*(cells[name] for name in columns), strict=True):
        if status == "ok":
            key = (str(address), str(WarningStatus.UNDEFINED), undefined_score(about[problem]))
        else:
            key = (str(address), str(status), (of_cell(notes, str(text)),))
        problems.setdefault(key, []).append(str(problem))
    return [
        _warning(*key, problems=", ".join(dict.fromkeys(names)), cells=len(names))
        for key, names in problems.items()
    ]


def _dropped(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Trials without a score, of jobs that could choose among others."""
    done = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]["job"]
    lost = cells[(cells["stage"] == "inner") & (cells["status"] != "ok") & cells["job"].isin(done)]
    columns = ("address", "status", "notes", "reason", "problem", "trial")
    counted = Counter(
        (str(address), str(status), (of_cell(notes, str(text)),), str(problem), int(trial))
        for address, status, notes, text, problem, trial in zip(
            *(lost[name] for name in columns), strict=True
        )
    )
    return [
        _warning(method, status, reasons, problem, count, trial)
        for (method, status, reasons, problem, trial), count in counted.items()
    ]


def _idle(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Methods whose training ended, on some seeds, no better than a constant answer or the naive forecast."""
    why = (reason(ReasonCode.NO_BETTER_THAN_CONSTANT),)
    return [
        _warning(str(method), WarningStatus.NOT_TRAINED, why, str(problem), int(count))
        for problem, rows in cells.groupby("problem", sort=False)
        for method, count in unlearned(rows).items()
    ]


def _seen(final: pd.DataFrame) -> list[str]:
    """The methods among these cells whose model was trained on the data before, each once."""
    return [str(address) for address in final["address"][trained_before(final)].unique()]


def _trained_before(final: pd.DataFrame) -> list[dict[str, Any]]:
    """Methods whose model was trained on the data it is tested on, with the problems."""
    own = final[trained_before(final) & (final["status"] == "ok")]
    why = (reason(ReasonCode.SEEN_BEFORE),)
    return [
        _warning(
            str(method),
            WarningStatus.TRAINED_ON_THIS_DATA,
            why,
            ", ".join(map(str, rows["problem"].unique())),
            len(rows),
        )
        for method, rows in own.groupby("address", sort=False)
    ]


def _undefined_in_part(run: Run) -> list[dict[str, Any]]:
    """Problems with examples that every mean leaves out, because MASE has no scale there."""
    final = run.final
    if "mase_undefined" not in final:
        return []
    some = final[final["mase_undefined"] > 0].drop_duplicates("problem")
    found = []
    for _, row in some.iterrows():
        facts = next(iter(run.draws(str(row["problem"])).values()), {})
        if row["mase_undefined"] == facts.get("n_test"):
            continue  # no method has a score, and each says why
        for reasons in undefined_in_part(facts, int(row["mase_undefined"])):
            found.append(_warning(None, WarningStatus.LEFT_OUT, reasons, str(row["problem"]), 0))
    return found


def _undefined(final: pd.DataFrame) -> pd.Series[bool]:
    return (final["status"] == "ok") & final["score"].isna()
