"""Training curves of the network of each family with the best validation score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.loss_curves import drawable, loss_curves
from recurbench.reports.page.page_tables import label_of, names_on, problems_of, stable, standing_for
from recurbench.reports.page.plugin_notes import numbers, real
from recurbench.reports.page.section import Picture, Section, of_what_there_is
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

WANTED = {"step": "step", "check loss": "loss", "gradient norm": "gradient"}  # columns by how they begin


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """One picture per problem; None where no fit holds a curve."""
    pictures = (_picture(run, place, problem, say, drawn) for place, problem in enumerate(problems_of(run)))
    return of_what_there_is(
        "training", say("figures.training_title"), say("figures.training_intro"), pictures
    )


def looks(run: Run, problem: str, say: Messages) -> tuple[pd.DataFrame, float | None]:
    """The rows of `loss_curves.loss_curves`, and the mean check loss of the best constant answer.

    Of each family the network chosen on validation; of several folds the first.
    """
    inner = (run.cells["problem"] == problem) & (run.cells["stage"] == "inner") & run.cells["chosen"]
    cells = run.cells[inner.astype(bool)]
    curves = {key: _curve(notes) for key, notes in zip(cells["key"], cells["notes"], strict=True)}
    trained = frozenset(cells[cells["key"].map(lambda key: bool(curves[key])).astype(bool)]["address"])
    names = names_on(run, problem, say)
    cells = cells[
        cells["address"].isin(list(standing_for(run, problem, trained).values()))
        & (cells["cut"] == cells["cut"].min())
    ]
    rows: list[dict[str, Any]] = []
    trivial = []
    for cell in cells.to_dict("records"):
        line = f"{cell['seed']}/{cell['data_seed']}"
        about = {"method": names[cell["address"]], "family": cell["family"], "line": line}
        rows += [{**about, **point} for point in curves[cell["key"]]]
        level = real(cell["notes"].get("trivial_loss"))
        if curves[cell["key"]] and level is not None and level > 0:
            trivial.append(level)
    return drawable(pd.DataFrame(rows)), sum(trivial) / len(trivial) if trivial else None


def _curve(notes: Mapping[str, Any]) -> list[dict[str, float]]:
    """The points of one curve, with our column names; empty where the notes hold no such numbers."""
    columns, points = notes.get("curve_columns"), notes.get("curve")
    if not isinstance(columns, list) or not isinstance(points, list):
        return []
    place = {
        own: i
        for start, own in WANTED.items()
        for i, name in enumerate(columns)
        if str(name).startswith(start)
    }
    if set(place) != set(WANTED.values()):
        return []
    looked = [row for row in points if isinstance(row, list) and len(row) == len(columns)]
    picked = [numbers([row[i] for i in place.values()]) for row in looked]
    return [dict(zip(place, row, strict=True)) for row in picked if row]


def _picture(run: Run, place: int, problem: str, say: Messages, drawn: Drawn) -> Picture | None:
    rows, trivial = looks(run, problem, say)
    if not len(rows):
        return None
    # In forecasting a network adds a correction to the naive forecast, so that is the trivial answer.
    forecast = next(iter(run.draws(problem).values()))["kind"] == "forecasting"
    level = "level_naive" if forecast else "level_constant"
    svg = drawn(
        f"training-{place}",
        stable(say, rows, f"{trivial} {level}"),
        lambda: sure(loss_curves(rows, trivial, say, level)),
    )
    told = []
    for method, own in rows.groupby("method", sort=False):
        lowest = own.groupby("line")["loss"].min()
        steps = int(own["step"].max())
        span = f"{number(lowest.min())} - {number(lowest.max())}"
        told.append(say("figures.training_alt_one", method=method, seeds=len(lowest), steps=steps, loss=span))
    alt = " ".join([say("figures.training_alt", problem=label_of(run, problem)), *told])
    return Picture(
        svg,
        say("figures.training_caption", problem=label_of(run, problem), level=say(f"figures.{level}_is")),
        alt,
    )
