"""What a notebook shows of a run: the first screen of its page, as a piece of HTML.

It needs no script, no style sheet and no other file. It takes the colours of the notebook, light or dark, and
sets none of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from recurbench.reports.page.comparison import gains_grid
from recurbench.reports.page.first import sentences
from recurbench.reports.page.markup import breakable, inline, rich
from recurbench.reports.page.page_tables import label_of, names_on, problems_of
from recurbench.reports.page.section import Folded
from recurbench.reports.text.answer import answer
from recurbench.reports.text.data_frames import methods
from recurbench.reports.text.marks import meaning, sign
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.numbers import number, percent
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

ROWS = 10  # of the table; the others are counted below it
WHOLE = 22  # letters of a name that stays on one line


@dataclass(frozen=True)
class Table:
    """A table of a few columns. numeric: those that align right; note: the marks, and what is left out."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    note: str = ""


def first_screen(run: Run, say: Messages) -> str:
    """The question, the sentences of the answer, and the main table of a run."""
    template = files("recurbench.reports.page").joinpath("notebook.html").read_text(encoding="utf-8")
    sheets = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Nothing on the page that a name could lead to: names are plain words here.
    sheets.filters.update(line=rich(inline, frozenset()))
    sheets.tests.update(folded=lambda part: isinstance(part, Folded))
    problems = problems_of(run)
    kinds = set(run.cells["kind"]) if problems else set()
    # What can be done with all problems of the run.
    calls = "calls_forecasting" if kinds == {"forecasting"} else "calls"
    if kinds and kinds <= {"classification", "regression"}:
        calls = "calls_cases"
    return sheets.from_string(template).render(
        say=say,
        kicker=say(
            "page.kicker",
            suite=run.suite or "recurbench",
            problems=len(problems),
            methods=run.final["address"].nunique() if problems else 0,
        ),
        answer=answer(run, say),
        sentences=sentences(run, say),
        table=_table(run, problems, say) if problems else None,
        data=_data(run, problems, say),
        calls=say(f"notebook.{calls}"),
    )


def _table(run: Run, problems: list[str], say: Messages) -> Table | None:
    """Of one problem its methods, of several the gain from recurrence on each; None if no gain is known."""
    return _methods(run, problems[0], say) if len(problems) == 1 else _gains(run, say)


def _methods(run: Run, problem: str, say: Messages) -> Table:
    table, names = methods(run), names_on(run, problem, say)
    facts = next(iter(run.draws(problem).values()), {})
    shown = table.head(ROWS)
    # Where skill 0 is the best constant answer, the share of the error has no short name.
    relative = shown["error_vs_reference"].notna().any() and facts.get("constant") is None
    against = (say("notebook.against", reference=facts.get("reference", "")),) if relative else ()
    unit = _unit(run, problem, facts)
    scores = run.final[run.final["problem"] == problem].groupby("address")[unit].agg(["mean", "std"])
    header = (
        say("page.method"),
        metric_name(unit, say),
        *against,
        say("page.cpu"),
    )
    rows = []
    for _, row in shown.iterrows():
        share = row["error_vs_reference"]
        rows.append(
            (
                _method(_signed(run, problem, row, names), say.of(row["family"])),
                _score(row, scores.loc[row["method"]] if row["method"] in scores.index else None, say),
                *(("" if pd.isna(share) else percent(share),) if relative else ()),
                "" if pd.isna(row["cpu_seconds"]) else f"{row['cpu_seconds']:.2f}",
            )
        )
    ordered = table["validation"].notna().any()
    caption = say("notebook.methods" if ordered else "notebook.methods_unordered")
    more = say("notebook.more_methods", n=len(table) - ROWS) if len(table) > ROWS else ""
    more = " ".join(filter(None, (meaning(run, [problem], say), more)))
    return Table(caption, header, tuple(rows), frozenset(range(1, len(header))), more)


def _signed(run: Run, problem: str, row: pd.Series[Any], names: Mapping[str, str]) -> str:
    """The name of a method, with the marks of the best and of those that cannot be told from it."""
    method = str(row["method"])
    return sign(run, problem, method) + names.get(method, method)


def _method(name: str, family: str) -> Markup:
    return Markup('{} <span style="opacity:.7;font-weight:400;white-space:nowrap">{}</span>').format(
        _whole(name), family
    )


def _whole(name: str) -> Markup:
    """A name on one line if it is short; a long one may be broken."""
    text = breakable(name)
    return Markup('<span style="white-space:nowrap">{}</span>').format(text) if len(name) <= WHOLE else text


def _unit(run: Run, problem: str, facts: Mapping[str, Any]) -> str:
    """The metric to show: that of the problem, but of a single series the error in the unit of the data."""
    metric = str(facts.get("metric", ""))
    single = len(set(facts.get("series", ()))) == 1
    if metric == "mase" and single and "mae" in run.final:
        return "mae"
    return metric if metric in run.final else "score"


def _score(row: pd.Series[Any], score: pd.Series[float] | None, say: Messages) -> str:
    """The mean and its spread, or how the fits ended."""
    if score is None or pd.isna(score["mean"]):
        status, _, counts = str(row["status"]).partition(":")
        return f"{say.status(status)}{counts and ':'}{counts}"
    return number(score["mean"]) + (f" ±{number(score['std'])}" if pd.notna(score["std"]) else "")


def _gains(run: Run, say: Messages) -> Table | None:
    grid, cell = gains_grid(run, say), rich(breakable, frozenset())
    if grid is None:
        return None
    # The page also says how many methods were compared; here is no room.
    rows = tuple((_whole(row[0]), *map(cell, row[1:-1])) for row in grid.rows[:ROWS])
    more = say("notebook.more_problems", n=len(grid.rows) - ROWS) if len(grid.rows) > ROWS else ""
    return Table(grid.caption, grid.header[:-1], rows, grid.numeric, more)


def _data(run: Run, problems: list[str], say: Messages) -> str:
    """Of a run of one problem what its data are and how they were split; for several there is no room."""
    facts = next(iter(run.draws(problems[0]).values()), None) if len(problems) == 1 else None
    if facts is None:
        return ""
    source = facts["source"] or label_of(run, problems[0])
    return say("notebook.data", source=source, protocol=facts["protocol"])
