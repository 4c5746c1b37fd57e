"""Skill against CPU time, problem by problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.cost import LOWEST, cost, front, priced
from recurbench.reports.frame import Run
from recurbench.reports.page.frames import problems_of, shorter, stable
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.recurrence import levels_of, skill_table
from recurbench.reports.render import number
from recurbench.reports.table import every_method
from recurbench.reports.words import Words


def section(run: Run, say: Words, drawn: Drawn) -> Section | None:
    """One picture per problem that has skills; None where no problem has."""
    pictures = (_picture(run, place, problem, say, drawn) for place, problem in enumerate(problems_of(run)))
    return of_what_there_is("cost", say("figures.cost_title"), pictures)


def prices(run: Run, problem: str) -> pd.DataFrame:
    """Every method with a score on all draws: method, family, skill (mean over the pairs), cpu_seconds."""
    levels = levels_of(run, problem)
    if isinstance(levels, str):
        return pd.DataFrame()
    cells = run.cells[(run.cells["problem"] == problem) & (run.cells["role"] != "ablation")]
    final = cells[cells["stage"] == "final"]
    whole = final.groupby("address")["score"].agg(lambda scores: scores.notna().all())
    skills = skill_table(cells, levels).mean()
    told = [row for row in every_method(run).to_dict("records") if row["problem"] == problem]
    costs = {row["method"]: row for row in told}
    kept = [str(a) for a in skills.index if whole.get(a, False) and a in costs]
    names = shorter(kept)
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


def _picture(run: Run, place: int, problem: str, say: Words, drawn: Drawn) -> Picture | None:
    rows = prices(run, problem)
    if len(rows) < 2:
        return None
    svg = drawn(f"cost-{place}", stable(say, rows), lambda: sure(cost(rows, say)))
    told = "; ".join(
        f"{row['method']}: {number(row['skill'])}, {row['cpu_seconds']:.3g} {say('page.cpu')}"
        for _, row in front(rows).iterrows()
    )
    hidden = int((rows["skill"] < LOWEST).sum())
    caption = say("figures.cost_caption", problem=problem)
    if hidden:
        caption += " " + say("figures.cost_below", n=hidden)
    return Picture(svg, caption, say("figures.cost_alt", n=len(rows), problem=problem, front=told))
