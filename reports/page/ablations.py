"""Ablations: what a recurrent network loses without its state, its order or its past."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.address import joined, split_address
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.waterfall import FULL, shows, waterfall
from recurbench.reports.page.page_tables import (
    label_of,
    plain_name,
    problems_of,
    skill_axis,
    stable,
    standing_for,
)
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.statistics.constants import LEVEL
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.paired_tests import Mean, bimodal
from recurbench.reports.statistics.replicates import skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, shared_cases

TWINS = ("state-cut", "reset", "shuffled")


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One picture per problem with an ablation; None where the run holds none."""
    level = say("figures.ablations_level", level=f"{LEVEL:.0%}")
    parts = [
        _picture(run, of_twins(run, problem), place, problem, level, say, drawn)
        for place, problem in enumerate(problems_of(run))
    ]
    return of_what_there_is(
        "ablations", say("figures.ablations_title"), say("figures.ablations_intro"), parts
    )


def of_twins(run: Run, problem: str) -> pd.DataFrame:
    """The frame of `figures.waterfall`: the chosen recurrent method and its own twins; `name` names it."""
    cells = run.cells[run.cells["problem"] == problem]
    names = {str(address) for address in cells["address"]}
    able = frozenset(name for name in names if any(twin_of(name, part) in names for part in TWINS))
    levels, best = by_draw(run, problem), standing_for(run, problem, able).get("recurrent")
    if isinstance(levels, Reason) or best is None:
        return pd.DataFrame()
    skills = skill_table(cells, levels)
    name, draws = plain_name(best), run.draws(problem)
    # Seeds on one sample share its cases; different samples share none.
    shared = shared_cases(next(iter(draws.values()))) if len(draws) > 1 else 0.0
    own = skills[best]
    rows: list[dict[str, Any]] = [{"part": FULL, "name": name, "skill": float(own.mean())}]
    for part in TWINS:
        twin = twin_of(best, part)
        if twin in skills and skills[twin].notna().all() and own.notna().all():
            torn = bimodal(own.to_numpy()) or bimodal(skills[twin].to_numpy())
            lost = Mean((own - skills[twin]).to_numpy(), torn, shared=shared)
            rows.append(_loss(part, name, float(own.mean()), lost.mean, *lost.interval(LEVEL)))
    return pd.DataFrame(rows).reindex(columns=["part", "name", "skill", "low", "high"])


def twin_of(address: str, part: str) -> str:
    """The address of the same method without a part."""
    name, settings = split_address(address)
    return joined(f"{name}-{part}", settings)


def _loss(part: str, name: str, full: float, lost: float, low: float, high: float) -> dict[str, Any]:
    """The skill that remains when a part is removed; `lost` is the loss, with its interval [low, high]."""
    return {"part": part, "name": name, "skill": full - lost, "low": full - high, "high": full - low}


def _picture(
    run: Run, rows: pd.DataFrame, place: int, problem: str, levels: str, say: Messages, drawn: Drawn
) -> Picture | None:
    if not shows(rows):
        return None
    labels = [
        say(f"figures.part_{row['part'].replace('-', '_')}", method=row["name"]) for _, row in rows.iterrows()
    ]
    shown = rows.assign(label=labels)
    axis = skill_axis(run, problem, say)
    svg = drawn(f"ablations-{place}", stable(say, shown, axis), lambda: sure(waterfall(shown, axis)))
    told = "; ".join(f"{row['label']}: {_remains(row)}" for _, row in shown.iterrows())
    caption = say("figures.ablations_caption", problem=label_of(run, problem), levels=levels)
    return Picture(svg, caption, say("figures.ablations_alt", problem=label_of(run, problem), parts=told))


def _remains(row: pd.Series[Any]) -> str:
    known = all(pd.notna(row[end]) and abs(row[end]) != float("inf") for end in ("low", "high"))
    return number(row["skill"]) + (f" [{number(row['low'])}, {number(row['high'])}]" if known else "")
