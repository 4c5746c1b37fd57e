"""Answers in symbols, written out beside what is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from recurbench.reports.figures.attention import attention
from recurbench.reports.page.links import mark_of, method_link
from recurbench.reports.page.picturing import UNDRAWABLE, Picturing
from recurbench.reports.page.section import Grid, Picture
from recurbench.reports.statistics.case_studies import Answers, Exhibit, Unit

# Letters of a text that a cell of the table has room for.
LETTERS = 160
# Networks whose attention is drawn, and symbols of input and answer that a picture has room for.
DRAWN = 2
SYMBOLS = 48


def written(this: Picturing) -> list[Grid]:
    """One table: every exemplar as it was given, the right answer, and those of the best of every family."""
    exhibit, say = this.exhibit, this.say
    if not exhibit.shown:
        return []
    rows: list[tuple[str, ...]] = []
    for unit in exhibit.units:
        case, right = str(unit.index), text(exhibit, "y", unit.y.codes)
        if exhibit.symbols("x"):
            rows.append((case, say("pictures.written_given"), text(exhibit, "x", unit.x.codes), ""))
        rows.append((case, say("pictures.truth"), right, ""))
        for answers in exhibit.shown:
            said, same = answer(exhibit, answers, unit)
            name = method_link(answers.address, this.name(answers.address))
            rows.append((case, name, said, say("pictures.yes" if same else "pictures.no")))
    header = tuple(
        say(f"pictures.written_{column}")
        for column in (
            "case",
            "who",
            "text",
            "right",
        )
    )
    caption = say("pictures.written_caption", chosen=this.chosen(exhibit.units))
    return [Grid(header, tuple(rows), caption, numeric=frozenset({0}))]


def looked(this: Picturing) -> list[Picture]:
    """Where attention looked while the first exemplar was answered, by the best families that have it."""
    found: list[Picture] = []
    for address in (answers.address for answers in this.exhibit.shown):
        told = this.exhibit.components.get(address, {})
        unit = next((unit for unit in this.exhibit.units if unit.index == told.get("unit")), None)
        if unit is None or not this.exhibit.symbols("x"):
            continue
        with suppress(*UNDRAWABLE):
            found.append(_attention(this, address, told["attention"][0], unit))
    return found[:DRAWN]


def _attention(this: Picturing, address: str, told: Mapping[str, Any], unit: Unit) -> Picture:
    exhibit, say = this.exhibit, this.say
    across = [exhibit.name("x", int(code)) for code in unit.x.codes]
    down = [exhibit.name("y", int(code)) for code in told["written"]]
    weights = np.asarray(told["weights"], dtype=np.float64) / 100
    if weights.shape != (len(down), len(across)) or not 0 < max(weights.shape) <= SYMBOLS:
        raise ValueError(f"weights {weights.shape} of {len(down)} symbols written and {len(across)} given")
    most = weights.argmax(axis=1)
    pairs = ", ".join(
        f"{name} \N{LEFTWARDS ARROW} {across[j]} {j + 1} ({weights[i, j]:.2f})"
        for i, (name, j) in enumerate(zip(down, most, strict=True))
    )
    return this.picture(
        f"attention-{mark_of(address)}",
        [address, told, across, down],
        lambda: attention(weights, across, down, say),
        say("pictures.attention_caption", method=this.name(address), chosen=this.chosen([unit])),
        say("pictures.attention_alt", method=this.name(address), problem=this.problem, pairs=pairs),
    )


def answer(exhibit: Exhibit, answers: Answers, unit: Unit) -> tuple[str, bool]:
    """What was written, and whether it is right as far as the exemplar is kept."""
    codes = answers.codes(unit.index)
    right = unit.y.codes
    whole = len(codes) == unit.y.steps
    return text(exhibit, "y", codes), whole and codes[: len(right)].tolist() == right.tolist()


def text(exhibit: Exhibit, side: str, codes: Iterable[int]) -> str:
    """Symbols as their names: letters together, words apart; names longer than a letter make words."""
    names = [exhibit.name(side, int(code)) for code in codes]
    letters = all(len(name) == 1 for name in exhibit.kept[side]["names"] or names)
    whole = ("" if letters else " ").join(names)
    return whole if len(whole) <= LETTERS else f"{whole[: LETTERS - 1]}\N{HORIZONTAL ELLIPSIS}"
