"""The map of the registered contrasts for people: in the terminal, as Markdown and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_contrasts import Compared, registered, secondary_contrasts
from recurbench.reports.statistics.registered_rule import ERROR
from recurbench.reports.statistics.registered_standings import Standings, table
from recurbench.reports.text import registered_tables as tables
from recurbench.reports.text.export import for_csv
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.registered_answer import (
    Line,
    RegisteredAnswer,
    contrasts_in,
    registered_answer,
)
from recurbench.reports.text.render import folded
from recurbench.reports.text.translation import Messages
from recurbench.results import Run
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

STYLES = {
    ContrastVerdict.RECURRENCE_HELPS: "green",
    ContrastVerdict.RECURRENCE_HURTS: "red",
    ContrastVerdict.UNDECIDED: "dim",
}
# The columns of the table in the terminal, in which cells stand below each other: which, and how wide.
COLUMNS = (
    (("problem",), 0.2),
    (("recurrent", "full", "window"), 0.32),
    (("gap", "cpu"), 0.24),
    (("verdict", "predicted"), 0.24),
)
BORDERS = 13


def show(run: Run, console: Console, say: Messages) -> None:
    """Print the answer and the table of the best methods; the other tables are in map.md."""
    found, answer = contrasts_in(run), registered_answer(run, say)
    assert answer is not None
    show_answer(answer, console, say)
    console.print(_grid(found, console.width, say))
    for note in tables.notes(found, say):
        console.print(note, style="dim", markup=False, highlight=False)


def lines_of(answer: RegisteredAnswer, say: Messages) -> list[str]:
    """The answer as Markdown, block by block."""
    short = [f"- **{escaped(group.heading)}**: {escaped(group.labels)}" for group in answer.groups]
    notes = [f"**{escaped(note)}**" for note in answer.notes]
    blocks = [*notes, "\n".join(short), *(escaped(sentence) for sentence in answer.about)]
    for group in answer.groups:
        blocks += [f"**{escaped(group.heading)}**", "\n".join(map(_item, group.lines))]
    if answer.counts:
        blocks += [
            f"**{escaped(say('registered.counts_title'))}**",
            escaped(say("registered.counts_intro")),
            "\n".join(f"- {escaped(line)}" for line in answer.counts),
        ]
    return [*blocks, *([escaped(answer.unrun)] if answer.unrun else [])]


def markdown(run: Run, say: Messages) -> str:
    """The answer and all tables."""
    found, answer = contrasts_in(run), registered_answer(run, say)
    assert answer is not None
    best = [tables.best_row(each, say) for each in found]
    every = [row for each in found for row in tables.method_rows(each, say)]
    blocks = [f"# {say('first.question')}", *lines_of(answer, say)]
    blocks += [f"## {say('registered.table_title')}", _table(tables.BEST, best, say)]
    blocks += ["\n".join(f"- {escaped(note)}" for note in tables.notes(found, say))]
    if compared := secondary_of(run):
        rows = tables.secondary_rows(compared, found, say)
        blocks += [f"## {say('registered.secondary_title')}", _table(tables.SECONDARY, rows, say)]
        blocks += [escaped(say("registered.secondary", error=f"{100 * ERROR:.0f} %"))]
    blocks += [f"## {say('registered.methods_title')}", _table(tables.METHODS, every, say)]
    return "\n\n".join(blocks) + "\n"


def write(run: Run, folder: Path, say: Messages) -> dict[str, Path]:
    """Write map.md and map.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"markdown": folder / "map.md", "csv": folder / "map.csv"}
    paths["markdown"].write_text(markdown(run, say), encoding="utf-8")
    for_csv(table(contrasts_in(run))).to_csv(paths["csv"], index=False)
    return paths


def secondary_of(run: Run) -> tuple[Compared, ...]:
    """The secondary contrasts of a run."""
    return secondary_contrasts(registered(run))


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], say: Messages) -> str:
    return "\n".join(table_lines(tables.header(names, say), rows))


def _item(line: Line) -> str:
    finding = f"- *{escaped(line.task)}:* {escaped(line.finding)} ({escaped(line.detail)})"
    return f"{finding} {escaped(line.theory)}".rstrip()


def show_answer(answer: RegisteredAnswer, console: Console, say: Messages) -> None:
    """Print the answer: the problems by heading, then a line for each."""
    console.print(say("first.question"), style="bold", highlight=False)
    for note in answer.notes:
        console.print(note, style="yellow", markup=False, highlight=False)
    for group in answer.groups:
        short = f"[bold]{escape(group.heading)}[/bold]: {escape(group.labels)}"
        console.print(Padding(short, (0, 0, 0, 2)), highlight=False)
    for sentence in answer.about:
        console.print(sentence, markup=False, highlight=False)
    for group in answer.groups:
        console.print(f"\n[bold]{escape(group.heading)}[/bold]", highlight=False)
        for line in group.lines:
            more = " ".join(filter(None, (f"({line.detail})", line.theory)))
            text = f"[italic]{escape(line.task)}[/italic]\n{escape(line.finding)} [dim]{escape(more)}[/dim]"
            console.print(Padding(text, (0, 0, 0, 2)), highlight=False)
    if answer.counts:
        console.print(f"\n[bold]{escape(say('registered.counts_title'))}[/bold]", highlight=False)
        for text in (say("registered.counts_intro"), *answer.counts):
            console.print(Padding(escape(text), (0, 0, 0, 2)), highlight=False)
    if answer.unrun:
        console.print(f"\n{answer.unrun}", markup=False, highlight=False)
    console.print()


def _grid(found: Sequence[Standings], width: int, say: Messages) -> Table:
    """The table of the best methods; cells stand below each other so that it fits a terminal."""
    head = dict(zip(tables.BEST, tables.header(tables.BEST, say), strict=True))
    grid = Table(show_lines=True, padding=(0, 1))
    rooms = [max(12, int((width - BORDERS) * share)) for _, share in COLUMNS]
    for (names, _), room in zip(COLUMNS, rooms, strict=True):
        grid.add_column("\n".join(folded(head[name], room) for name in names), overflow="fold")
    for each in found:
        cells = dict(zip(tables.BEST, tables.best_row(each, say), strict=True))
        shown = {
            name: folded(cells[name], room)
            for (names, _), room in zip(COLUMNS, rooms, strict=True)
            for name in names
        }
        if style := STYLES.get(each.verdict):
            shown["verdict"] = f"[{style}]{shown['verdict']}[/{style}]"
        shown |= {name: f"[dim]{shown[name]}[/dim]" for name in ("cpu", "predicted") if shown[name]}
        grid.add_row(*("\n".join(filter(None, (shown[name] for name in names))) for names, _ in COLUMNS))
    return grid
