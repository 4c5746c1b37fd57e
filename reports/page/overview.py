"""The map "where does recurrence help?": the contrasts as a plane, or else the lift of every problem."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.forest import forest, thinned, with_lift
from recurbench.reports.figures.plane import on_plane, plane
from recurbench.reports.page.page_tables import stable
from recurbench.reports.page.section import Picture, Section
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.statistics.registered_standings import table
from recurbench.reports.text.numbers import signed
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

PLANE = ["problem", "verdict", *(f"{n}{e}" for n in ("lift", "context") for e in ("", "_low", "_high"))]
LIFTS = ["label", "kind", "verdict", "lift", "low", "high"]
SPOKEN = 40  # rows that an alt text reads out


def map_figure(run: Run, say: Messages) -> Figure | None:
    """The headline figure of a run; None where it holds neither a contrast nor a lift."""
    rows = _contrasts(run, say)
    return plane(rows, say) if len(rows) else forest(lifts_of(run), say)


def map_picture(run: Run, say: Messages, drawn: Drawn) -> Picture | None:
    """The headline figure as a picture, with its caption and an alternative text."""
    rows = _contrasts(run, say)
    if not len(rows):
        return lift_picture(run, say, drawn)
    svg = drawn("map", stable(say, rows[PLANE]), lambda: sure(plane(rows, say)))
    return Picture(svg, map_caption(run, say), map_alt(run, say))


def lift_picture(run: Run, say: Messages, drawn: Drawn) -> Picture | None:
    """The lift of every problem with its interval; None where no problem has a lift."""
    rows = lifts_of(run)
    shown = thinned(rows)
    if not len(shown):
        return None
    svg = drawn("lifts", stable(say, shown[LIFTS]), lambda: sure(forest(shown, say)))
    return Picture(svg, _lift_caption(rows, say), _lift_alt(shown, say))


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """The section of the map; None where the run has neither contrasts nor lifts."""
    picture = map_picture(run, say, drawn)
    return None if picture is None else Section("map", say("figures.map_title"), (picture,))


def map_caption(run: Run, say: Messages) -> str:
    """How to read the map, and what it does not show."""
    if judged := contrasts_in(run):
        every = table(judged)
        off = every[~every["problem"].isin(on_plane(every)["problem"])]
        names = ", ".join(say.of(label) for label in off["label"])
        words = [say("registered.map_caption", margin=MARGIN)]
        return " ".join([*words, *([say("registered.map_off", problems=names)] if names else [])])
    return _lift_caption(lifts_of(run), say)


def map_alt(run: Run, say: Messages) -> str:
    """The alternative text: every contrast of the map with its numbers."""
    shown = _contrasts(run, say)
    if not len(shown):
        return _lift_alt(thinned(lifts_of(run)), say)
    told = [
        say(
            "registered.map_alt_one",
            problem=row["problem"],
            lift=_with_bounds(row, "lift", "lift_low", "lift_high"),
            context=_with_bounds(row, "context", "context_low", "context_high"),
            verdict=say.verdict(row["verdict"]),
        )
        for _, row in shown.iterrows()
    ]
    return " ".join([say("registered.map_alt", n=len(shown)), *told])


def _contrasts(run: Run, say: Messages | None = None) -> pd.DataFrame:
    """The contrasts that have a place on the plane; by their short names."""
    judged = contrasts_in(run)
    if not judged:
        return pd.DataFrame()
    rows = table(judged)
    return on_plane(rows.assign(problem=rows["label"] if say is None else rows["label"].map(say.of)))


def _lift_caption(rows: pd.DataFrame, say: Messages) -> str:
    words = [say("figures.lifts_caption", margin=MARGIN)]
    rest = rows[~rows.index.isin(with_lift(rows).index)]
    if len(rest):
        problems = "; ".join(
            f"{row['label']}: {say.verdict(row['verdict'], row['reasons'])}" for _, row in rest.iterrows()
        )
        words.append(say("figures.lifts_off", problems=problems))
    shown, every = len(thinned(rows)), len(with_lift(rows))
    if shown < every:
        words.append(say("figures.lifts_thinned", shown=shown, all=every))
    return " ".join(words)


def _lift_alt(shown: pd.DataFrame, say: Messages) -> str:
    told = [
        f"{row['label']}: {_with_bounds(row, 'lift', 'low', 'high')}, {say.verdict(row['verdict'])}."
        for _, row in shown.head(SPOKEN).iterrows()
    ]
    more = [say("figures.and_more", n=len(shown) - SPOKEN)] if len(shown) > SPOKEN else []
    return " ".join([say("figures.lifts_alt", n=len(shown)), *told, *more])


def _with_bounds(row: pd.Series[Any], name: str, low: str, high: str) -> str:
    """`+0.120 [+0.080, +0.160]`; without the bounds where they are not known."""
    bounds = [float(row[end]) if pd.notna(row[end]) else float("inf") for end in (low, high)]
    known = all(abs(bound) != float("inf") for bound in bounds)
    return f"{signed(row[name])} [{signed(bounds[0])}, {signed(bounds[1])}]" if known else signed(row[name])
