"""Difficulty parameters of synthetic tasks: the lift at every value, and where it crosses. Exploratory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from recurbench.dials import Dial, dials
from recurbench.predictions import contrasts
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.crossover import LEAST_VALUES, Crossing, crossing, is_wide
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import SOLVED, widened
from recurbench.reports.statistics.primary_contrasts import (
    NOT_RUN,
    Observed,
    observe,
    shared_in,
    unseen_beside,
)
from recurbench.reports.statistics.verdicts import Verdict, judge
from recurbench.results import Run

HALF = 0.5  # share of pairs solved
SIDES = ("recurrent", "full")
# The quantities whose crossings are computed, with their levels.
LIFT = {"L = 0": 0.0, f"L = +{MARGIN}": MARGIN, f"L = -{MARGIN}": -MARGIN}
RATES = {f"half of the pairs solved by {side}": side for side in SIDES}


@dataclass(frozen=True)
class Turned:
    """One dial of a probe in a run.

    seen: by value what the run holds there, by all its pairs. verdicts: alike, Holm within this dial alone.
    roles: by value what the data set says. missing: values that carry nothing, with the reason. pairs: those
    that every value with a lift has. crossings: by what is followed; none where the dial is not ordered, or
    has too few values left. dates: first and last day on which a cell began.
    """

    dial: Dial
    seen: Mapping[Any, Observed]
    verdicts: Mapping[Any, Verdict]
    roles: Mapping[Any, str]
    missing: Mapping[Any, Reason]
    pairs: int
    dates: tuple[str, str]
    crossings: Mapping[str, Crossing] = field(default_factory=dict)


def turned(run: Run) -> list[Turned]:
    """The difficulty parameters that vary in the run beyond the settings of the primary contrasts."""
    primary = {each.problem for each in contrasts()}
    held = set(run.cells["problem"])
    own: dict[str, Observed] = {}
    found = []
    for dial in dials():
        there = {each.problem for each in dial.contrasts.values()} & held
        if len(there) > 1 and there - primary:
            found.append(_turned(run, dial, own))
    return found


def _turned(run: Run, dial: Dial, known: dict[str, Observed]) -> Turned:
    """One dial; `known` keeps what was observed, as dials share their reference."""
    for contrast in dial.contrasts.values():
        if contrast.problem not in known:
            # Exploratory, so any number of replicates is accepted; reports show the number.
            known[contrast.problem] = observe(run, replace(contrast, pairs=1), every=True)
    every = {value: known[contrast.problem] for value, contrast in dial.contrasts.items()}
    missing = {value: why for value, seen in every.items() if (why := _why_not(seen))}
    seen = {value: own for value, own in every.items() if own.parts.refused != NOT_RUN}
    verdicts = dict(zip(seen, judge([own.parts for own in seen.values()], family=len(every)), strict=True))
    lifts = {value: own for value, own in seen.items() if value not in missing}
    pairs = _common(lifts)
    cells = run.cells[run.cells["problem"].isin([own.contrast.problem for own in seen.values()])]
    days = sorted(cells["started"].astype(str).str[:10])
    found = Turned(dial, seen, verdicts, _roles(run, seen), missing, len(pairs), (days[0], days[-1]))
    if not dial.ordered or len(lifts) < LEAST_VALUES or not len(pairs):
        return found
    log = is_wide(np.array(list(dial.contrasts), dtype=float))
    return replace(found, crossings=_crossings(lifts, pairs, log))


def _why_not(seen: Observed) -> Reason | None:
    """Why a value has no lift, None if it has one; two groups that did not train are not equal."""
    if seen.parts.refused or seen.skills is None:
        return seen.parts.refused or reason(ReasonCode.NO_COMPLETE_REPLICATE)
    return reason(ReasonCode.NEITHER_TRAINED) if len(seen.parts.idle) == len(SIDES) else None


def _roles(run: Run, seen: Mapping[Any, Observed]) -> dict[Any, str]:
    draws = {value: run.draws(own.contrast.problem) for value, own in seen.items()}
    return {value: str(next(iter(facts.values()))["role"]) for value, facts in draws.items() if facts}


def _common(lifts: Mapping[Any, Observed]) -> pd.Index[Any]:
    """The pairs that every value has."""
    found: pd.Index[Any] | None = None
    for own in lifts.values():
        assert own.skills is not None
        index = own.skills.test.index
        found = index if found is None else found.intersection(index)
    return pd.Index([]) if found is None else found


def _crossings(lifts: Mapping[Any, Observed], pairs: pd.Index[Any], log: bool) -> dict[str, Crossing]:
    """Of the lift and of the share of pairs that each side solves; of pairs that share cases, widened."""
    order = sorted(lifts)
    dial = np.array(order, dtype=float)
    columns: dict[str, list[Any]] = {"lift": [], **{side: [] for side in SIDES}}
    for value in order:
        skills = lifts[value].skills
        assert skills is not None
        place = skills.test.index.get_indexer(pairs)
        columns["lift"].append(widened(lifts[value].parts.lift.values[place], skills.shared))
        for side in SIDES:
            own = skills.of(skills.chosen(getattr(skills, side)))
            columns[side].append(widened((own[place] >= SOLVED).astype(float), skills.shared))
    table = {name: np.column_stack(values) for name, values in columns.items()}
    found = {name: crossing(dial, table["lift"], level, log) for name, level in LIFT.items()}
    rates = {name: crossing(dial, table[side], HALF, log) for name, side in RATES.items()}
    # A rate without a crossing is left out; a lift without one is worth reporting.
    return {**found, **{name: each for name, each in rates.items() if each.at}}


def values_table(found: Sequence[Turned]) -> pd.DataFrame:
    """One row per dial and value."""
    return pd.DataFrame([_row(each, value) for each in found for value in each.dial.contrasts])


def _row(each: Turned, value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "problem": each.dial.problem,
        "dial": each.dial.name,
        "value": value,
        "setting": each.dial.contrasts[value].problem,
        "role": each.roles.get(value, ""),
        "missing": each.missing.get(value),
        "since": each.dates[0],
        "until": each.dates[1],
    }
    if value not in each.seen:
        return row
    seen, verdict = each.seen[value], each.verdicts[value]
    row |= {"pairs": seen.pairs, "verdict": verdict.code, "reasons": verdict.reasons}
    row["p_adjusted"] = verdict.p_adjusted
    row |= {"unseen": unseen_beside(seen, verdict), "shared": shared_in(seen)}
    for name, mean in {"L": seen.parts.lift, "L_cut": seen.parts.cut, "C": seen.parts.context}.items():
        if mean is not None and mean.n:
            row[name], (row[f"{name}_low"], row[f"{name}_high"]) = mean.mean, mean.interval(verdict.level)
    for side in (*SIDES, "window"):
        row[side], row[f"{side}_skill"] = seen.chosen.get(side), seen.means.get(side)
        row[f"{side}_solved"] = seen.solved.get(side)
    return row


def crossings_table(found: Sequence[Turned]) -> pd.DataFrame:
    """One row per ordered dial and what is followed along it."""
    rows = []
    for each in found:
        for name, one in each.crossings.items():
            row = {"problem": each.dial.problem, "dial": each.dial.name, "of": name, "pairs": each.pairs}
            row |= {"crossings": len(one.at), "at": "; ".join(f"{at:.4g}" for at in one.at)}
            rows.append(row | {"low": one.low, "high": one.high, "none": one.none, "several": one.several})
    return pd.DataFrame(rows)
