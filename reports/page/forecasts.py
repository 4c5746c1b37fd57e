"""The metrics of forecasts: over all problems, and one level down on each problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.metric_tables import of_problems, problem_grid
from recurbench.reports.page.page_tables import names_on
from recurbench.reports.page.section import Grid, Part, Prose, Section
from recurbench.reports.statistics.forecast_ratios import Overall, overall
from recurbench.reports.statistics.forecast_scores import forecast_scores
from recurbench.reports.text import forecasts
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """All forecasting problems together, and a table of each; None for a run without a forecast."""
    scored = forecast_scores(run)
    if not len(scored):
        return None
    found = overall(run)
    parts: list[Part] = []
    if found is not None:
        grid = _together(found, scored, say)
        parts.append(grid if grid.rows else Prose(grid.notes))
    parts.append(Prose((say("forecasts.intro"),)))
    grids = {
        str(problem): _of_problem(run, rows, say) for problem, rows in scored.groupby("problem", sort=False)
    }
    labels = dict(zip(scored["problem"], scored["label"], strict=True))
    return of_problems("forecasts", say("forecasts.title"), parts, grids, labels)


def _together(found: Overall, scored: pd.DataFrame, say: Messages) -> Grid:
    addresses = list(found.methods["method"])
    names = method_names(addresses, say)
    known = dict(zip(scored["problem"], scored["label"], strict=True))
    labels = {problem: known.get(problem, problem) for problem in (*found.problems, *found.left_out)}
    head, body = forecasts.overall_table(found, names, say)
    numeric = frozenset(i for i, name in enumerate(head) if i and name != say("page.interval"))
    notes = tuple(forecasts.overall_notes(found, labels, say))
    return Grid(tuple(head), tuple(map(tuple, body)), forecasts.overall_title(found, say), numeric, notes)


def _of_problem(run: Run, rows: pd.DataFrame, say: Messages) -> Grid:
    problem = str(rows["problem"].iloc[0])
    names, line = names_on(run, problem, say), forecasts.windows_line(rows, say)
    title = say("forecasts.problem", problem=rows["label"].iloc[0])
    return problem_grid(forecasts.OF_FORECASTS, rows, names, say, title, [line] if line else [])
