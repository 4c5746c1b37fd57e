"""Pictures of answers step by step: tags, values, paths in phase space, captions, texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.figures.cases import IMAGE, captions
from recurbench.reports.figures.paths import LINES, PATHS, WOUND, Said, aligned, phase
from recurbench.reports.figures.strips import tags
from recurbench.reports.page.picturing import Picturing, number
from recurbench.reports.page.problem_cases import components
from recurbench.reports.page.problem_series import spectra
from recurbench.reports.page.problem_written import answer, looked, text, written
from recurbench.reports.page.section import Part, Picture
from recurbench.reports.statistics.case_studies import Unit

# A path is drawn in phase space where neighbouring true values are this alike.
SMOOTH = 0.9
# Steps of a strip: on a phone each is two or three pixels wide.
TAGGED = 100
# Symbols that a caption names.
NAMED = 12
LAG = 5


def pictures(this: Picturing) -> list[Part]:
    """Whatever can be drawn of a labelling, generation or translation."""
    exhibit = this.exhibit
    if not exhibit.shown or not exhibit.units:
        return []
    unit = exhibit.units[0]
    free = exhibit.facts["length"] == "free"
    if free and not exhibit.symbols("x") and unit.x.values.shape[1] >= IMAGE:
        return [_captions(this, each) for each in exhibit.units]
    if free:
        return [*written(this), *looked(this)]
    found: list[Part] = [_tags(this, unit)] if exhibit.symbols("y") else [*_values(this, unit)]
    if not exhibit.symbols("x"):
        found += spectra(this, unit)
    return [*found, *components(this)]


def _tags(this: Picturing, unit: Unit) -> Picture:
    exhibit, say = this.exhibit, this.say
    true = unit.y.codes[:TAGGED]
    said = [(answers.name, answers.codes(unit.index)[: len(true)]) for answers in exhibit.shown]
    rows = [(say("pictures.truth"), true), *said]
    names = [exhibit.name("y", code) for code in range(exhibit.kept["y"]["size"])]
    x: list[str] | NDArray[np.float64] = unit.x.values[: len(true), 0]
    if exhibit.symbols("x"):
        x = [exhibit.name("x", int(code)) for code in unit.x.codes[: len(true)]]
    wrong = ", ".join(f"{method} {int((codes != true).sum())}" for method, codes in said)
    return this.picture(
        "tags",
        [rows, names, x],
        lambda: tags(rows, names, x, say),
        say(
            "pictures.tags_caption",
            steps=len(true),
            whole=unit.y.steps,
            names=", ".join(names[:NAMED]),
            chosen=this.chosen([unit]),
        ),
        say("pictures.tags_alt", steps=len(true), problem=this.problem, wrong=wrong),
    )


def _values(this: Picturing, unit: Unit) -> list[Picture]:
    """The values over time, and as a path where there is one to see."""
    exhibit, say = this.exhibit, this.say
    true = unit.y.values
    wide = true.shape[1]
    said = [
        (a.name, a.family, a.middle(unit.index, exhibit.quantiles)[: len(true), :wide]) for a in exhibit.shown
    ]
    errors = ", ".join(f"{method} {number(float(((a - true) ** 2).mean()))}" for method, _, a in said[:LINES])
    name = exhibit.name("y", 0) if exhibit.kept["y"]["names"] else say("pictures.value")
    found = [
        this.picture(
            "aligned",
            [true, said[:LINES], name],
            lambda: aligned(true, said, name, say),
            say("pictures.aligned_caption", count=min(LINES, len(said)), chosen=this.chosen([unit])),
            say("pictures.aligned_alt", steps=len(true), problem=this.problem, errors=errors),
        )
    ]
    return [*found, *_phase(this, unit, said)]


def _phase(this: Picturing, unit: Unit, said: Said) -> list[Picture]:
    true, say = unit.y.values[:WOUND], this.say
    if len(true) <= 4 * LAG or not smooth(unit.y.values[:, 0]):
        return []
    names = (this.exhibit.name("y", 0), this.exhibit.name("y", true.shape[1] - 1))
    paths = [(method, family, answer[: len(true)]) for method, family, answer in said[:PATHS]]
    gaps = ((method, float(np.linalg.norm(answer[-1] - true[-1]))) for method, _, answer in paths)
    ends = ", ".join(f"{method} {number(gap)}" for method, gap in gaps)
    return [
        this.picture(
            "phase",
            [true, paths, names],
            lambda: phase(true, paths, names, LAG, say),
            say("pictures.phase_caption", steps=len(true), chosen=this.chosen([unit])),
            say("pictures.phase_alt", steps=len(true), problem=this.problem, ends=ends),
        )
    ]


def smooth(values: NDArray[np.float64]) -> bool:
    """Whether neighbouring values [T] correlate by SMOOTH or more."""
    if np.ptp(values) == 0:
        return False
    return bool(np.corrcoef(values[:-1], values[1:])[0, 1] >= SMOOTH)


def _captions(this: Picturing, unit: Unit) -> Picture:
    exhibit, say = this.exhibit, this.say
    right = text(exhibit, "y", unit.y.codes)
    said = [(answers.name, answer(exhibit, answers, unit)[0]) for answers in exhibit.shown]
    lines = [("", right), *said]
    words = "; ".join(f"{who or say('pictures.truth')}: {words}" for who, words in lines[:3])
    return this.picture(
        f"caption{unit.index}",
        [unit.x.values, lines],
        lambda: captions(unit.x.values, lines, say),
        say("pictures.captions_caption", chosen=this.chosen([unit])),
        say("pictures.captions_alt", unit=unit.index, problem=this.problem, words=words),
    )
