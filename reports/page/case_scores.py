"""The metrics of classification and regression, problem by problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import mark_of, method_link
from recurbench.reports.page.section import Grid, Prose, Section
from recurbench.reports.statistics.case_scores import case_scores
from recurbench.reports.text import case_scores as words
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A table of each problem with its protocol; None for a run without labelled cases."""
    scored = case_scores(run)
    if not len(scored):
        return None
    grids = {str(problem): _of_problem(rows, say) for problem, rows in scored.groupby("problem", sort=False)}
    intro = Prose((say("cases.intro"), *words.reading(scored, say)))
    if len(grids) == 1:
        return Section("cases", say("cases.title"), (intro, *grids.values()))
    labels = dict(zip(scored["problem"], scored["label"], strict=True))
    within = tuple(
        Section(f"cases-{mark_of(problem)}", labels[problem], (grid,)) for problem, grid in grids.items()
    )
    return Section("cases", say("cases.title"), (intro,), within)


def _of_problem(rows: pd.DataFrame, say: Messages) -> Grid:
    names = method_names(list(rows["method"]), say)
    links = {address: method_link(address, names[address]) for address in rows["method"]}
    head, body = words.problem_table(rows, links, say)
    metrics = len(words.columns_of(rows))
    return Grid(
        tuple(head),
        tuple(map(tuple, body)),
        words.title(rows, say),
        frozenset(range(len(head) - metrics, len(head))),
        tuple(words.notes(rows, say)),
    )
