"""Difficulty parameters of synthetic tasks: the lift at every value, and where it crosses. Exploratory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from recurbench.dials import FIRST, Dial, Setting, dials
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.crossover import LEAST_VALUES, Crossing, crossing, is_wide
from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import SOLVED, widened
from recurbench.reports.statistics.registered_rule import LEAST
from recurbench.reports.statistics.replicates import pair_of, skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.statistics.validated_skills import Skills, validation
from recurbench.results import Run, shared_cases

HALF = 0.5  # share of replicates solved
SIDES = ("recurrent", "full")
NOT_RUN = reason(ReasonCode.NOT_RUN)
# The quantities whose crossings are computed, with their levels.
LIFT = {"difference = 0": 0.0, f"difference = +{MARGIN}": MARGIN, f"difference = -{MARGIN}": -MARGIN}
RATES = {f"half of the pairs solved by {side}": side for side in SIDES}


@dataclass(frozen=True)
class Seen:
    """What a run holds at one value, by all its replicates.

    pairs: complete replicates. skills: None where there is a `refused`. chosen: by group the method chosen
    most often. means, solved: by group the mean skill, and the share of replicates with skill at least .9.
    """

    setting: Setting
    pairs: int
    skills: Skills | None
    refused: Reason | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)
    solved: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Turned:
    """One dial of a probe in a run.

    seen: by value what the run holds there. roles: by value what the data set says. missing: values that
    carry nothing, with the reason. pairs: those that every value with a lift has. crossings: by what is
    followed; none where the dial is not ordered, or has too few values left. dates: first and last day on
    which a cell began.
    """

    dial: Dial
    seen: Mapping[Any, Seen]
    roles: Mapping[Any, str]
    missing: Mapping[Any, Reason]
    pairs: int
    dates: tuple[str, str]
    crossings: Mapping[str, Crossing] = field(default_factory=dict)


def turned(run: Run) -> list[Turned]:
    """The difficulty parameters that vary in the run: more than one value, not only shared references."""
    references = {dial.problem for dial in dials()}
    held = set(run.cells["problem"])
    own: dict[str, Seen] = {}
    found = []
    for dial in dials():
        there = {each.problem for each in dial.settings.values()} & held
        if len(there) > 1 and there - references:
            found.append(_turned(run, dial, own))
    return found


def _turned(run: Run, dial: Dial, known: dict[str, Seen]) -> Turned:
    """One dial; `known` keeps what was observed, as dials share their reference."""
    for setting in dial.settings.values():
        if setting.problem not in known:
            known[setting.problem] = observe(run, setting)
    every = {value: known[setting.problem] for value, setting in dial.settings.items()}
    missing = {value: why for value, seen in every.items() if (why := _why_not(seen))}
    seen = {value: own for value, own in every.items() if own.refused != NOT_RUN}
    lifts = {value: own for value, own in seen.items() if value not in missing}
    pairs = _common(lifts)
    cells = run.cells[run.cells["problem"].isin([own.setting.problem for own in seen.values()])]
    days = sorted(cells["started"].astype(str).str[:10])
    found = Turned(dial, seen, _roles(run, seen), missing, len(pairs), (days[0], days[-1]))
    if not dial.ordered or len(lifts) < LEAST_VALUES or not len(pairs):
        return found
    log = is_wide(np.array(list(dial.settings), dtype=float))
    return replace(found, crossings=_crossings(lifts, pairs, log))


def observe(run: Run, setting: Setting) -> Seen:
    """One value of a difficulty parameter, by all replicates from FIRST on; any number of them will do."""
    run = _from_first(run, setting.problem)
    cells = run.cells
    if not len(cells):
        return Seen(setting, 0, None, NOT_RUN)
    levels = by_draw(run, setting.problem)
    if isinstance(levels, Reason):
        return Seen(setting, 0, None, levels)
    test, pools, draws = skill_table(cells, levels), setting.pools, run.draws(setting.problem)
    final = cells[cells["stage"] == "final"]
    failed = set(final.loc[final["status"] != "ok", "address"])
    sides = (*pools.recurrent, *pools.full, *pools.window)
    unrun = sum(name not in test and name not in failed for name in sides)
    if unrun:
        return Seen(setting, 0, None, reason(ReasonCode.METHODS_NOT_RUN, n=unrun))
    if lost := len(failed & set(sides)):
        # The methods that are left may be the weaker ones.
        return Seen(setting, 0, None, reason(ReasonCode.METHODS_FAILED, n=lost))
    pairs = test[list(sides)].dropna().index
    if not len(pairs):
        return Seen(setting, 0, None, reason(ReasonCode.NO_COMPLETE_REPLICATE))
    valid = validation(cells, draws, sides, pairs)
    if valid is None:
        return Seen(setting, len(pairs), None, reason(ReasonCode.NO_SHARED_VALIDATION_SCORE))
    groups = {"recurrent": pools.recurrent, "full": pools.full, "window": pools.window}
    # A twin that failed on some replicates has gaps and is left out.
    own = test.loc[pairs].dropna(axis=1)
    skills = Skills(own, valid, **groups, cut=pools.cut, shared=shared_cases(next(iter(draws.values()))))
    best = {name: skills.chosen(side) for name, side in groups.items() if side}
    values = {name: skills.of(chosen) for name, chosen in best.items()}
    return Seen(
        setting,
        len(pairs),
        skills,
        None,
        {name: max(sorted(set(chosen)), key=chosen.count) for name, chosen in best.items()},
        {name: float(each.mean()) for name, each in values.items()},
        {name: float((each >= SOLVED).mean()) for name, each in values.items()},
    )


def _from_first(run: Run, problem: str) -> Run:
    """The run's part of a problem, from replicate FIRST on; whole where it holds none of those."""
    cells = run.cells[run.cells["problem"] == problem]
    pairs = pair_of(cells)
    within = (pairs >= FIRST).fillna(False)
    if not within.any():
        return replace(run, cells=cells)
    held = {None, *pairs[within]}
    drawn = {
        place: facts for place, facts in run.problems.items() if place[0] == problem and place[1] in held
    }
    # A method without a sample and a seed belongs to every replicate.
    return replace(run, cells=cells[within | pairs.isna()], problems=drawn)


def _why_not(seen: Seen) -> Reason | None:
    """Why a value has no lift, None if it has one; two groups that did not train are not equal."""
    if seen.refused or seen.skills is None:
        return seen.refused or NOT_RUN
    idle = all(seen.means[side] < LEAST for side in SIDES)
    return reason(ReasonCode.NEITHER_TRAINED) if idle else None


def _roles(run: Run, seen: Mapping[Any, Seen]) -> dict[Any, str]:
    draws = {value: run.draws(own.setting.problem) for value, own in seen.items()}
    return {value: str(next(iter(facts.values()))["role"]) for value, facts in draws.items() if facts}


def _common(lifts: Mapping[Any, Seen]) -> pd.Index[Any]:
    """The pairs that every value has."""
    found: pd.Index[Any] | None = None
    for own in lifts.values():
        assert own.skills is not None
        index = own.skills.test.index
        found = index if found is None else found.intersection(index)
    return pd.Index([]) if found is None else found


def _crossings(lifts: Mapping[Any, Seen], pairs: pd.Index[Any], log: bool) -> dict[str, Crossing]:
    """Of the lift and of the share of pairs that each side solves; of pairs that share cases, widened."""
    order = sorted(lifts)
    dial = np.array(order, dtype=float)
    columns: dict[str, list[Any]] = {"lift": [], **{side: [] for side in SIDES}}
    for value in order:
        skills = lifts[value].skills
        assert skills is not None
        place = skills.test.index.get_indexer(pairs)
        columns["lift"].append(widened(skills.lift.values[place], skills.shared))
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
    return pd.DataFrame([_row(each, value) for each in found for value in each.dial.settings])


def _row(each: Turned, value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "problem": each.dial.problem,
        "dial": each.dial.name,
        "value": value,
        "setting": each.dial.settings[value].problem,
        "role": each.roles.get(value, ""),
        "missing": each.missing.get(value),
        "since": each.dates[0],
        "until": each.dates[1],
    }
    if value not in each.seen:
        return row
    seen = each.seen[value]
    row["pairs"] = seen.pairs
    if (skills := seen.skills) is not None:
        row["shared"] = skills.shared
        for name, mean in {"L": skills.lift, "L_cut": skills.without_state, "C": skills.context}.items():
            if mean is not None:
                row[name], (row[f"{name}_low"], row[f"{name}_high"]) = mean.mean, mean.interval(LEVEL)
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
