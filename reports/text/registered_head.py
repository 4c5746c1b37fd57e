"""What stands above the registered contrasts: predictions, the budget, the error of the rule, how to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recurbench.reports.statistics.registered_contrasts import NOT_RUN, registered, secondary_contrasts
from recurbench.reports.statistics.registered_rule import ERROR, SOLVED
from recurbench.reports.statistics.registered_standings import Standings
from recurbench.reports.text.budget_note import budget_note, unfinished
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

CAME = {True: "came_true", False: "came_false", None: "came_open"}


@dataclass(frozen=True)
class Budget:
    """What most contrasts of a run may spend."""

    steps: int
    parameters: int

    @classmethod
    def usual(cls, found: Sequence[Standings]) -> Budget:
        """That of the most contrasts."""
        each = [(one.judged.contrast.steps, one.judged.contrast.parameters) for one in found]
        return cls(*Counter(each).most_common(1)[0][0])


def about(run: Run, found: Sequence[Standings], say: Messages) -> tuple[str, ...]:
    """How the predictions fared, for what the verdicts hold, how often they are false, and how to read."""
    budget, error = Budget.usual(found), f"{100 * ERROR:.0f} %"
    limits = say("registered.scope", steps=f"{budget.steps:,}", parameters=f"{budget.parameters:,}")
    errors = [say("registered.error", error=error)]
    if secondary_contrasts(registered(run)):
        errors.append(say("registered.error_secondary", error=error))
    reading = say("registered.reading", solved=SOLVED)
    return (_predictions(found, say), f"{limits} {' '.join(errors)}", reading)


def notes(run: Run, say: Messages) -> tuple[str, ...]:
    """What the run does not hold: jobs not run yet, and what a budget left out."""
    return (*filter(None, [unfinished(run, say)]), *budget_note(run, say))


def unrun(run: Run, say: Messages) -> str:
    """The contrasts that were not run yet, "" if none."""
    names = [
        say.of(each.contrast.label or each.contrast.problem)
        for each in registered(run)
        if each.refused == NOT_RUN
    ]
    return say("registered.not_run", problems="; ".join(names)) if names else ""


def _predictions(found: Sequence[Standings], say: Messages) -> str:
    """How many predictions there are, and how those fared whose outcome was not known before."""
    said = say("registered.headline", n=len(found))
    fresh = Counter(each.hit for each in found if not each.judged.contrast.known_before)
    if not fresh:
        return said
    parts = [say(f"registered.{name}", n=fresh[came]) for came, name in CAME.items() if fresh[came]]
    return f"{said} {say('registered.predictions', n=fresh.total(), parts=', '.join(parts))}"
