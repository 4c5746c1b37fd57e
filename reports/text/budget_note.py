"""What a run does not hold, in sentences: jobs not run yet, and what a budget of CPU time left out."""

from __future__ import annotations

from recurbench.reports.text.sentences import enumerated
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

# By the reason in `Run.left_out` the message that says it.
SAID = {
    "not chosen": "first.budget_not_chosen",
    "budget spent": "first.budget_spent",
    "stopped": "first.budget_stopped",
    "fewer seeds": "first.budget_fewer_seeds",
}


def unfinished(run: Run, say: Messages) -> str:
    """That jobs of the run are missing, "" where none is."""
    jobs = run.final["job"].nunique() + run.missing
    return say("page.unfinished", missing=run.missing, jobs=jobs) if run.missing else ""


def budget_note(run: Run, say: Messages) -> tuple[str, ...]:
    """One sentence per reason, with the names of the methods; of a problem without any fit its name."""
    problems = set(run.cells["problem"]) if len(run.cells) else set()
    names: dict[str, dict[str, None]] = {why: {} for why in SAID}
    for (problem, method), why in run.left_out.items():
        if why in names:
            names[why][method if problem in problems else problem] = None
    return tuple(say(SAID[why], names=enumerated(list(found), say)) for why, found in names.items() if found)
