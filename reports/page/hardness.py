"""Dial curves: how methods fare as one dial of a problem is turned."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.dial_curves import LEVELS, dials, shows
from recurbench.reports.frame import Run
from recurbench.reports.page.frames import problems_of, shorter, stable, standing_for
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.render import metric_name, number
from recurbench.reports.words import Words


@dataclass(frozen=True)
class Turned:
    """Problems that differ in one numeric dial: value -> problem."""

    dataset: str
    dial: str
    problems: Mapping[float, str]


def section(run: Run, say: Words, drawn: Drawn) -> Section | None:
    """One picture per dial that took several values; None where none did."""
    pictures = (_picture(run, place, each, say, drawn) for place, each in enumerate(turned(run)))
    return of_what_there_is("dials", say("figures.dials_title"), pictures)


def turned(run: Run) -> list[Turned]:
    """Every data set and dial with at least two values, all other dials being equal."""
    firsts = [run.cells[run.cells["problem"] == problem].iloc[0] for problem in problems_of(run)]
    groups: dict[tuple[str, str, str], dict[float, str]] = {}
    for cell in firsts:
        for dial, value in cell["dials"].items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                rest = {key: other for key, other in cell["dials"].items() if key != dial}
                key = (str(cell["dataset"]), dial, json.dumps(rest, sort_keys=True, default=str))
                groups.setdefault(key, {})[float(value)] = str(cell["problem"])
    return [
        Turned(dataset, dial, dict(sorted(problems.items())))
        for (dataset, dial, _), problems in groups.items()
        if len(problems) > 1 and dial != "resample"  # another deal of the cases, no harder than the first
    ]


def scores(run: Run, of: Turned) -> pd.DataFrame:
    """The frame of `figures.dials`: of each family the method chosen most often, with a score everywhere."""
    names = list(of.problems.values())
    final = run.final[run.final["problem"].isin(names) & (run.final["family"] != "baseline")]
    reach = final[final["score"].notna()].groupby("address")["problem"].nunique()
    whole = {str(address) for address, count in reach.items() if count == len(names)}
    votes: dict[str, Counter[str]] = {}
    for problem in names:
        for family, address in standing_for(run, problem).items():
            if address in whole:
                votes.setdefault(family, Counter())[address] += 1
    chosen = [min(sorted(count), key=lambda name: -count[name]) for count in votes.values()]
    short = shorter(chosen)
    value = {problem: at for at, problem in of.problems.items()}
    kept = final[final["address"].isin(chosen)]
    return pd.DataFrame(
        {
            "method": [short[address] for address in kept["address"]],
            "family": list(kept["family"]),
            "value": [value[problem] for problem in kept["problem"]],
            "score": kept["score"].astype(float).to_list(),
        }
    )


def levels(run: Run, of: Turned) -> pd.DataFrame:
    """By value of the dial what is known of it: constant, memoryless and best, means over the draws."""
    rows = []
    for value, problem in of.problems.items():
        row: dict[str, Any] = {"value": value}
        for level in LEVELS:
            known = [f[level] for f in run.draws(problem).values() if f.get(level) is not None]
            row[level] = sum(known) / len(known) if known else None
        rows.append(row)
    return pd.DataFrame(rows)


def _picture(run: Run, place: int, of: Turned, say: Words, drawn: Drawn) -> Picture | None:
    rows, known = scores(run, of), levels(run, of)
    facts = next(iter(run.draws(next(iter(of.problems.values()))).values()), {})
    words = metric_name(facts.get("metric", ""), say)
    if not shows(rows):
        return None
    svg = drawn(
        f"dials-{place}",
        stable(say, rows, known, of.dial, words),
        lambda: sure(dials(rows, known, of.dial, words, say)),
    )
    told = []
    for method, own in rows.groupby("method", sort=False):
        means = own.groupby("value")["score"].mean()
        told.append(
            f"{method}: " + ", ".join(f"{number(mean)} ({value:g})" for value, mean in means.items()) + "."
        )
    alt = " ".join([say("figures.dials_alt", dataset=of.dataset, dial=of.dial, metric=words), *told])
    return Picture(svg, say("figures.dials_caption", dataset=of.dataset, dial=of.dial), alt)
