"""Scores of the methods as one difficulty parameter of a problem changes."""

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
from recurbench.reports.page.page_tables import ablated, gaps, problems_of, stable, standing_for
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


@dataclass(frozen=True)
class Turned:
    """Problems that differ in one numeric setting; problems: its value -> the problem."""

    dataset: str
    dial: str
    problems: Mapping[float, str]


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One picture per difficulty parameter with several values; None where there is none."""
    pictures = (_picture(run, place, each, say, drawn) for place, each in enumerate(turned(run)))
    return of_what_there_is("dials", say("figures.dials_title"), say("figures.dials_intro"), pictures)


def turned(run: Run) -> list[Turned]:
    """Every data set and setting with at least two values, where all other settings are equal."""
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


def scores(run: Run, of: Turned, say: Messages) -> pd.DataFrame:
    """The rows of `dial_curves.dials`: of each family the most often chosen method without gaps."""
    names = list(of.problems.values())
    final = run.final[run.final["problem"].isin(names) & (run.final["family"] != "baseline")]
    lacking = lacks(run, of)
    whole = frozenset(str(address) for address in final["address"] if address not in lacking)
    votes: dict[str, Counter[str]] = {}
    for problem in names:
        for family, address in standing_for(run, problem, whole).items():
            votes.setdefault(family, Counter())[address] += 1
    chosen = [min(sorted(count), key=lambda name: -count[name]) for count in votes.values()]
    names_shown = method_names(chosen, say)
    value = {problem: at for at, problem in of.problems.items()}
    kept = final[final["address"].isin(chosen)]
    return pd.DataFrame(
        {
            "method": [names_shown[address] for address in kept["address"]],
            "family": list(kept["family"]),
            "value": [value[problem] for problem in kept["problem"]],
            "score": kept["score"].astype(float).to_list(),
        }
    )


def lacks(run: Run, of: Turned) -> dict[str, list[float]]:
    """By method, the values of the setting at which fits failed, are missing or were not run.

    Baselines and ablations are not drawn and not named.
    """
    final = run.final[run.final["problem"].isin(of.problems.values())]
    # A method that does not support the data set has no missing fits.
    asked = [*map(str, final[final["status"] != "unsupported"]["address"])]
    asked += [address for problem, address in run.absent if problem in of.problems.values()]
    apart = {*map(str, final[final["family"] == "baseline"]["address"]), *ablated(run)}
    found: dict[str, list[float]] = {}
    for value, problem in of.problems.items():
        held = set(final[(final["problem"] == problem) & (final["status"] == "ok")]["address"])
        held -= gaps(run, problem).keys()
        for address in dict.fromkeys(asked):
            if address not in held and address not in apart:
                found.setdefault(address, []).append(value)
    return found


def levels(run: Run, of: Turned) -> pd.DataFrame:
    """By value of the setting, the mean levels over all samples: constant, memoryless and best."""
    rows = []
    for value, problem in of.problems.items():
        row: dict[str, Any] = {"value": value}
        for level in LEVELS:
            draws = run.draws(problem).values()
            known = [facts[level] for facts in draws if facts.get(level) is not None]
            row[level] = sum(known) / len(known) if known and len(known) == len(draws) else None
        rows.append(row)
    return pd.DataFrame(rows)


def _picture(run: Run, place: int, of: Turned, say: Messages, drawn: Drawn) -> Picture | None:
    rows, known = scores(run, of, say), levels(run, of)
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
    caption = say("figures.dials_caption", dataset=of.dataset, dial=of.dial)
    left_out = lacks(run, of)
    names = method_names(list(left_out), say)
    lacking = [
        f"{names[address]} ({', '.join(f'{value:g}' for value in values)})"
        for address, values in left_out.items()
    ]
    if lacking:
        caption += " " + say("figures.dials_left_out", names=", ".join(lacking))
    return Picture(svg, caption, alt)
