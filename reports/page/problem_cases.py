"""Pictures of classification and regression: confusions, single cases, the nearest neighbour, states."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from recurbench.reports.figures.alignments import alignment, alignment_path
from recurbench.reports.figures.axes import cut
from recurbench.reports.figures.cases import cases
from recurbench.reports.figures.confusions import confusions
from recurbench.reports.figures.strips import states
from recurbench.reports.page.links import mark_of
from recurbench.reports.page.picturing import UNDRAWABLE, Picturing, number
from recurbench.reports.page.problem_series import spectra
from recurbench.reports.page.problem_written import written
from recurbench.reports.page.section import Part, Picture
from recurbench.reports.statistics.case_studies import COUNTED, Answers, Unit, confusion
from recurbench.reports.text.translation import Messages

# Methods whose matrices and answers are shown.
SHOWN = COUNTED
CLASSES = 20
# Of fewer steps a case is a row of a table, not a picture.
STEPS = 4


def pictures(this: Picturing) -> list[Part]:
    """Whatever can be drawn of the cases of a classification or regression."""
    exhibit = this.exhibit
    found: list[Part] = []
    labels = exhibit.facts.get("labels")
    if labels and labels["classes"] <= CLASSES and exhibit.shown:
        found.append(_confusions(this, labels))
    if not exhibit.units:
        return found
    if exhibit.symbols("x"):
        return [*found, *written(this)]
    if exhibit.shown and len(exhibit.units[0].x.at) >= STEPS:
        found.append(_cases(this))
    found += spectra(this, exhibit.units[0])
    return [*found, *components(this)]


def components(this: Picturing) -> list[Picture]:
    """What methods told of how they came to the answer to the first exemplar."""
    found: list[Picture] = []
    for address, told in this.exhibit.components.items():
        unit = next((unit for unit in this.exhibit.units if unit.index == told.get("unit")), None)
        if unit is None:
            continue
        with suppress(*UNDRAWABLE):
            if told.get("warped") and told.get("nearest"):
                found.append(_alignment(this, address, told, unit))
            if told.get("paths") and not this.exhibit.symbols("x"):
                found.append(_states(this, address, told, unit))
    return found


def _confusions(this: Picturing, labels: Mapping[str, Any]) -> Picture:
    exhibit, say = this.exhibit, this.say
    names = labels["names"] or [str(code) for code in range(labels["classes"])]
    counts = [(answers.name, confusion(labels, answers)) for answers in exhibit.shown[:SHOWN]]
    n = len(labels["test"])
    right = ", ".join(f"{method} {np.trace(matrix)} / {matrix.sum()}" for method, matrix in counts)
    caption = say(
        "pictures.confusions_caption",
        cases=n,
        problem=this.problem,
        methods=", ".join(_with_seeds(answers, say) for answers in exhibit.shown[:SHOWN]),
    )
    if any(answers.seeds > 1 for answers in exhibit.shown[:SHOWN]):
        caption += " " + say("pictures.confusions_seeds")
    return this.picture(
        "confusions",
        [counts, names],
        lambda: confusions(counts, names, say),
        caption,
        say("pictures.confusions_alt", problem=this.problem, cases=n, right=right),
    )


def _with_seeds(answers: Answers, say: Messages) -> str:
    """A method with the number of seeds whose predictions are counted, where it has seeds."""
    if answers.seed is None:
        return answers.name
    return say("pictures.confusions_of", method=answers.name, n=answers.seeds)


def _cases(this: Picturing) -> Picture:
    exhibit, say = this.exhibit, this.say
    shown = []
    for unit in exhibit.units:
        lines = [say("pictures.case", unit=unit.index, truth=_truth(this, unit))]
        lines += [f"{cut(a.name, 24)}: {_said(this, a, unit)}" for a in exhibit.shown[:SHOWN]]
        shown.append((unit.x.at, unit.x.values, "\n".join(lines)))
    words = "; ".join(text.replace("\n", ", ") for _, _, text in shown)
    return this.picture(
        "cases",
        [shown],
        lambda: cases(shown, say),
        say("pictures.cases_caption", chosen=this.chosen(exhibit.units)),
        say("pictures.cases_alt", count=len(shown), problem=this.problem, words=words),
    )


def _truth(this: Picturing, unit: Unit) -> str:
    if this.exhibit.symbols("y"):
        return this.exhibit.name("y", int(unit.y.codes[0]))
    return number(unit.y.values[0, 0])


def _said(this: Picturing, answers: Answers, unit: Unit) -> str:
    if this.exhibit.symbols("y"):
        return this.exhibit.name("y", int(answers.codes(unit.index)[0]))
    return number(answers.middle(unit.index, this.exhibit.quantiles)[0, 0])


def _alignment(this: Picturing, address: str, told: Mapping[str, Any], unit: Unit) -> Picture:
    say, near = this.say, told["nearest"][0]
    asked, found = (np.atleast_2d(np.asarray(near[side], dtype=np.float64)) for side in ("asked", "found"))
    path, distance = alignment_path(asked, found, told.get("radius"))
    return this.picture(
        f"alignment-{mark_of(address)}",
        [address, near, told.get("radius")],
        lambda: alignment(asked[0], found[0], path, say),
        say(
            "pictures.alignment_caption",
            method=this.name(address),
            train=near["train"],
            chosen=this.chosen([unit]),
        ),
        say(
            "pictures.alignment_alt",
            unit=unit.index,
            problem=this.problem,
            train=near["train"],
            pairs=len(path),
            distance=number(distance),
            shift=max(abs(i - j) for i, j in path),
        ),
    )


def _states(this: Picturing, address: str, told: Mapping[str, Any], unit: Unit) -> Picture:
    say = this.say
    path = np.asarray(told["paths"][0], dtype=np.int64)[unit.x.at]
    values = unit.x.values[:, 0]
    classes = told.get("classes")
    name = this.exhibit.name("y", int(classes[0])) if classes else ""
    of_class = say("pictures.of_class", name=name) if classes else ""
    return this.picture(
        f"states-{mark_of(address)}",
        [address, values, path],
        lambda: states(values, path, say),
        say(
            "pictures.states_caption",
            method=this.name(address),
            of_class=of_class,
            chosen=this.chosen([unit]),
        ),
        say(
            "pictures.states_alt",
            steps=len(path),
            problem=this.problem,
            states=told["states"],
            changes=int((np.diff(path) != 0).sum()),
        ),
    )
