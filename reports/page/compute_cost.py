"""Skill against CPU time, problem by problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.cost import LOWEST, cost, front, priced
from recurbench.reports.page.page_tables import (
    ablated,
    gaps,
    label_of,
    names_on,
    problems_of,
    skill_axis,
    stable,
)
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.replicates import skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One picture per problem that has skills; None where no problem has."""
    pictures = (_picture(run, place, problem, say, drawn) for place, problem in enumerate(problems_of(run)))
    return of_what_there_is("cost", say("figures.cost_title"), say("figures.cost_intro"), pictures)


def prices(run: Run, problem: str, say: Messages) -> pd.DataFrame:
    """Methods without failed or missing fits: method, family, skill (mean over replicates), cpu_seconds."""
    levels = by_draw(run, problem)
    if isinstance(levels, Reason):
        return pd.DataFrame()
    cells = run.cells[(run.cells["problem"] == problem) & (run.cells["role"] != "ablation")]
    skills = skill_table(cells, levels).mean()
    told = [row for row in every_method(run).to_dict("records") if row["problem"] == problem]
    costs = {row["method"]: row for row in told}
    lacking = gaps(run, problem)
    kept = [str(a) for a in skills.index if a not in lacking and a in costs]
    names = names_on(run, problem, say)
    rows = [
        {
            "method": names[address],
            "family": costs[address]["family"],
            "skill": float(skills[address]),
            "cpu_seconds": float(costs[address]["cpu_seconds"]),
        }
        for address in kept
    ]
    return priced(pd.DataFrame(rows))


def _picture(run: Run, place: int, problem: str, say: Messages, drawn: Drawn) -> Picture | None:
    rows = prices(run, problem, say)
    if len(rows) < 2:
        return None
    axis = skill_axis(run, problem, say)
    svg = drawn(f"cost-{place}", stable(say, rows, axis), lambda: sure(cost(rows, axis, say)))
    told = "; ".join(
        f"{row['method']}: {number(row['skill'])}, {row['cpu_seconds']:.3g} {say('page.cpu')}"
        for _, row in front(rows).iterrows()
    )
    hidden = int((rows["skill"] < LOWEST).sum())
    name = label_of(run, problem)
    caption = say("figures.cost_caption", problem=name)
    if hidden:
        caption += " " + say("figures.cost_below", n=hidden)
    names = names_on(run, problem, say)
    lacking = [
        f"{names[address]} ({lost}/{of})"
        for address, (lost, of) in gaps(run, problem).items()
        if address not in ablated(run)
    ]
    if lacking:
        caption += " " + say("figures.cost_left_out", names=", ".join(lacking))
    return Picture(svg, caption, say("figures.cost_alt", n=len(rows), problem=name, front=told))
