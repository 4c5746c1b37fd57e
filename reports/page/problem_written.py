"""Answers in symbols, written out beside what is right."""

from __future__ import annotations

from collections.abc import Iterable

from recurbench.reports.exhibits import Answers, Exhibit, Unit
from recurbench.reports.page.picturing import Picturing
from recurbench.reports.page.section import Grid

# Letters of a text that a cell of the table has room for.
LETTERS = 160


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
            rows.append((case, answers.address, said, say("pictures.yes" if same else "pictures.no")))
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
