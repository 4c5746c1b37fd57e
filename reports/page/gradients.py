"""Gradient by lag: how strongly networks depend on earlier inputs, as `recurbench gradients` measured it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.figures.gradients import fading
from recurbench.reports.page.page_tables import stable
from recurbench.reports.page.section import Grid, Part, Picture, Prose, Section
from recurbench.reports.statistics.gradients import MOMENTS, NAME, networks
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import RUNS, Run

Network = Mapping[str, Any]


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A figure and a table per measured problem; None where nothing was measured."""
    kept = [one for one in measured(run) if len(one["moments"][0]["norms"]) > 1]
    if not kept:
        return None
    parts: list[Part] = [Prose((say("reach.intro"),))]
    for place, problem in enumerate(dict.fromkeys(one["problem"] for one in kept)):
        own = [one for one in kept if one["problem"] == problem]
        parts += _problem(place, problem, own, say, drawn)
    return Section("gradients", say("reach.title"), tuple(parts))


@lru_cache(maxsize=RUNS)
def measured(run: Run) -> Sequence[Network]:
    """The measured networks whose fits are in the run; ValueError where the file is broken."""
    if run.file is None:
        return ()
    # Other networks are from an earlier run in this directory, or from older code.
    keys = set(run.final["key"])
    return tuple(one for one in networks(run.file.parent / NAME) if one["key"] in keys)


def _problem(place: int, problem: str, own: Sequence[Network], say: Messages, drawn: Drawn) -> list[Part]:
    names = method_names([one["method"] for one in own], say)
    rows = frame(own, names)
    parts: list[Part] = []
    if (np.isfinite(rows["norm"]) & (rows["norm"] > 0)).any():
        svg = drawn(f"gradients-{place}", stable(say, rows), lambda: sure(fading(rows, say)))
        inits = "; ".join(f"{names[one['method']]}: {one['initialisation']}" for one in own)
        caption = say("reach.caption", problem=problem, initialisations=inits)
        parts.append(Picture(svg, caption, _alt(own, names, problem, say)))
    header = tuple(say("reach.header").split("|"))
    cells = tuple(_row(one, names[one["method"]], say) for one in own)
    again = tuple(
        say(
            "reach.again",
            method=names[one["method"]],
            score=number(one["score"]),
            run=number(one["recorded"]),
        )
        for one in own
        if not math.isclose(one["score"], one["recorded"], abs_tol=1e-6)
    )
    notes = (say("reach.note"), *again)
    return [*parts, Grid(header, cells, problem, frozenset({2, 3, 4, 5, 6}), notes), *_words(own, names, say)]


def frame(own: Sequence[Network], names: Mapping[str, str]) -> pd.DataFrame:
    """The rows of `gradients.fading`."""
    rows = [
        (names[one["method"]], moment["when"], lag, norm)
        for one in own
        for moment in one["moments"]
        for lag, norm in enumerate(moment["norms"])
    ]
    return pd.DataFrame(rows, columns=["network", "when", "lag", "norm"])


def halved(one: Network, when: str) -> float | None:
    """The number of steps back over which the gradient halves at this moment; inf where it does not vanish.

    None where it was not measured then, or no slope could be fitted: `gradients.json` has null or NaN then.
    """
    slope = next((moment["slope"] for moment in one["moments"] if moment["when"] == when), None)
    if slope is None or not math.isfinite(slope):
        return None
    return math.log(2) / -slope if slope < 0 else math.inf


def _row(one: Network, name: str, say: Messages) -> tuple[str, ...]:
    halves = tuple(_told(one, when, say) for when in MOMENTS)
    return (name, one["initialisation"], *halves, number(one["score"]), str(one["steps"]))


def _told(one: Network, when: str, say: Messages) -> str:
    """The steps over which the gradient halves, or that it is zero at some lags; "" where unknown."""
    half = halved(one, when)
    if half is not None:
        return _steps(half, say)
    norms = next((moment["norms"] for moment in one["moments"] if moment["when"] == when), [1.0])
    return "" if all(norms) else say("reach.nothing")


def _steps(half: float, say: Messages) -> str:
    return say("reach.never") if math.isinf(half) else f"{half:.1f}"


def _alt(own: Sequence[Network], names: Mapping[str, str], problem: str, say: Messages) -> str:
    told = []
    for one in own:
        said = ((when, _told(one, when, say)) for when in MOMENTS)
        halves = ", ".join(f"{say.of(when)} {words}" for when, words in said if words)
        told.append(f"{names[one['method']]}: {halves}.")
    return " ".join([say("reach.alt", problem=problem, n=len(own)), *told])


def _words(own: Sequence[Network], names: Mapping[str, str], say: Messages) -> list[Part]:
    """Sentences: the range of the halving, and the networks whose gradient does not vanish or is zero."""
    lines = []
    for when in (MOMENTS[0], MOMENTS[-1]):
        known = [(half, one) for one in own if (half := halved(one, when)) is not None]
        fading = [pair for pair in known if math.isfinite(pair[0])]
        if len(fading) > 1:
            (low, first), (high, last) = (pick(fading, key=lambda pair: pair[0]) for pick in (min, max))
            lines.append(
                say(
                    f"reach.{when}",
                    fast=names[first["method"]],
                    fast_init=first["initialisation"],
                    low=_steps(low, say),
                    slow=names[last["method"]],
                    slow_init=last["initialisation"],
                    high=_steps(high, say),
                )
            )
        lasting = [names[one["method"]] for half, one in known if math.isinf(half)]
        if lasting:
            lines.append(say("reach.lasting", when=say.of(when), methods=", ".join(lasting)))
        lost = [names[one["method"]] for one in own if _told(one, when, say) == say("reach.nothing")]
        if lost:
            lines.append(say("reach.none", when=say.of(when), methods=", ".join(lost)))
    return [Prose(tuple(lines))] if lines else []
