"""The first screen in a terminal: the question and its answer."""

from __future__ import annotations

from recurbench.reports.text.answer import answer
from recurbench.reports.text.registered_map import show_answer
from recurbench.reports.text.translation import Messages
from recurbench.results import Run
from rich.console import Console


def show(run: Run, say: Messages, console: Console) -> None:
    """Print the question, what is missing, and the sentences of the answer."""
    found = answer(run, say)
    if found.registered is not None:
        show_answer(found.registered, console, say)
        return
    console.print(found.question, style="bold", highlight=False)
    if found.alarm:
        console.print(found.alarm, style="yellow", markup=False)
    for sentence in found.sentences:
        # A command is copied from the terminal as one line.
        console.print(sentence, markup=False, highlight=False, soft_wrap="`" in sentence)
    if found.aside:
        console.print(found.aside, style="dim", markup=False, highlight=False)
    console.print()
