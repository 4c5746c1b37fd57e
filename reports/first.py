"""The first screen in a terminal: the question and its answer."""

from __future__ import annotations

from recurbench.reports.answer import answer
from recurbench.reports.frame import Run
from recurbench.reports.words import Words
from rich.console import Console


def show(run: Run, say: Words, console: Console) -> None:
    """Print the question, what is missing, and the sentences of the answer."""
    found = answer(run, say)
    console.print(say("first.question"), style="bold", highlight=False)
    if run.missing:
        jobs = run.final["job"].nunique() + run.missing
        console.print(say("page.unfinished", missing=run.missing, jobs=jobs), style="yellow", markup=False)
    for sentence in found.sentences:
        console.print(sentence, markup=False, highlight=False)
    if found.exploratory:
        console.print(say("first.exploratory"), style="dim", markup=False, highlight=False)
    console.print()
