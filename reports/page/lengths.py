"""Length generalisation: the share of right answers by position, with the trained length marked."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.positions import positions, scored
from recurbench.reports.page.page_tables import label_of, names_on, problems_of, stable, standing_for
from recurbench.reports.page.plugin_notes import numbers
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

NOTE = "by_position"  # written by `fit_and_score` for problems that are scored at their last step


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One picture per problem scored at its last step; None where there is none."""
    pictures = (_picture(run, place, problem, say, drawn) for place, problem in enumerate(problems_of(run)))
    return of_what_there_is("lengths", say("figures.lengths_title"), say("figures.lengths_intro"), pictures)


def by_position(run: Run, problem: str, say: Messages) -> pd.DataFrame:
    """The rows of `positions.positions`: the method of each family chosen on validation, no baselines."""
    standing = standing_for(run, problem).items()
    shown = [address for family, address in standing if family != "baseline"]
    names = names_on(run, problem, say)
    final = run.final
    final = final[(final["problem"] == problem) & final["address"].isin(shown)]
    rows: list[dict[str, Any]] = []
    for cell in final.to_dict("records"):
        scores = numbers(cell["notes"].get(NOTE))
        line = f"{cell['seed']}/{cell['data_seed']}"
        about = {"method": names[cell["address"]], "family": cell["family"], "line": line}
        rows += [{**about, "position": i, "score": score} for i, score in enumerate(scores, 1)]
    return pd.DataFrame(rows)


def _picture(run: Run, place: int, problem: str, say: Messages, drawn: Drawn) -> Picture | None:
    rows = scored(by_position(run, problem, say))
    facts = next(iter(run.draws(problem).values()), {})
    dials = run.cells[run.cells["problem"] == problem]["dials"].iloc[0]
    trained = dials.get("train_length")
    trained = int(trained) if isinstance(trained, int) and not isinstance(trained, bool) else None
    levels = facts.get("constant"), facts.get("best")
    if not len(rows):
        return None
    svg = drawn(
        f"lengths-{place}",
        stable(say, rows, f"{trained} {levels}"),
        lambda: sure(positions(rows, trained, *levels, say)),
    )
    label = label_of(run, problem)
    return Picture(svg, say("figures.lengths_caption", problem=label), _alt(rows, label, trained, say))


def _alt(rows: pd.DataFrame, problem: str, trained: int | None, say: Messages) -> str:
    last = int(rows["position"].max())
    told = []
    for method, own in rows.groupby("method", sort=False):
        marks = [p for p in (trained, last) if p is not None and p <= last]
        values = ", ".join(f"{number(own[own['position'] == p]['score'].mean())} ({p})" for p in marks)
        told.append(f"{method}: {values}.")
    return " ".join([say("figures.lengths_alt", problem=problem, last=last), *told])
