"""The signs of the marked methods in tables, and the line that says what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from recurbench.reports.statistics.confidence_set import LEVEL_OF_SET
from recurbench.reports.statistics.decision import decides
from recurbench.reports.statistics.marks import marked
from recurbench.reports.text.numbers import percent
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

BEST, ALIKE = "★", "≈"


def sign(run: Run, problem: str, address: object) -> str:
    """What stands before the name of a method: `★≈ `, `≈ ` or nothing."""
    found = marked(run, problem)
    signs = (BEST if address in found.best else "") + (ALIKE if address in (found.alike or ()) else "")
    return f"{signs} " if signs else ""


def family_sign(run: Run, problem: str, address: object) -> str:
    """The same in tables of families, which have signs in a run on data of the user's own."""
    return sign(run, problem, address) if decides(run) else ""


def family_meaning(run: Run, problems: Iterable[str], say: Messages) -> str:
    """The meaning of the signs in tables of families."""
    return meaning(run, problems, say) if decides(run) else ""


def meaning(run: Run, problems: Iterable[str], say: Messages) -> str:
    """What the signs that stand in a table of these problems mean, "" where there is none."""
    found = [marked(run, problem) for problem in problems]
    words = [say("tables.mark_best")] if any(one.best for one in found) else []
    if any(one.alike for one in found):
        words.append(say("tables.mark_alike", level=percent(LEVEL_OF_SET)))
    return " ".join(words)
