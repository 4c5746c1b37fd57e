"""The comparison table for people: in the terminal, as Markdown and as CSV, all from one data frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.address import label
from recurbench.registry import FAMILIES
from recurbench.reports.statistics.comparison_table import (
    abridged,
    comparison,
    every_method,
    troubles,
    without_examples,
)
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.decision import decides
from recurbench.reports.statistics.outcomes import (
    LiftVerdict,
    ReasonCode,
    Reasons,
    WarningStatus,
    has,
)
from recurbench.reports.statistics.tuning import shown, tuning
from recurbench.reports.text import case_scores, forecasts
from recurbench.reports.text.answer import answer
from recurbench.reports.text.export import for_csv
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.marks import family_meaning, family_sign, meaning, sign
from recurbench.reports.text.metric_tables import metric_name, narrow
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.translation import Messages
from recurbench.results import Run
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHORT = {
    "feedforward": "feed-\nforward",
    "convolutional": "convolu-\ntional",
    "statistical": "statis-\ntical",
}  # of English words; Korean ones are short

STYLES = {LiftVerdict.AHEAD: "green", LiftVerdict.BEHIND: "red"}

_PIECES = re.compile(r"\S+?(?<=[A-Za-z])-(?=[A-Za-z])|\S+\s*")  # what a line is broken between


def write(run: Run, folder: Path, say: Messages) -> dict[str, Path]:
    """Write table.md, table.csv, methods.csv and of a tuned run tuning.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    table, curves = comparison(run), tuning(run)
    paths = {"markdown": folder / "table.md", "csv": folder / "table.csv", "methods": folder / "methods.csv"}
    paths["markdown"].write_text(markdown(run, say), encoding="utf-8")
    for_csv(table).to_csv(paths["csv"], index=False)
    for_csv(every_method(run)).to_csv(paths["methods"], index=False)
    # One of an earlier run in this directory must not stand beside tables that are not tuned.
    (folder / "tuning.csv").unlink(missing_ok=True)
    if len(curves):
        paths["tuning"] = folder / "tuning.csv"
        curves.to_csv(paths["tuning"], index=False)
    return paths


def metric_words(row: pd.Series[Any], say: Messages) -> str:
    """The metric's name and direction, and its exact best where that is known."""
    name = metric_name(row["metric"], say)
    if name and pd.notna(row.get("best_possible")):
        return say("tables.metric_best", metric=name, best=number(row["best_possible"]))
    return name


def families_of(table: pd.DataFrame) -> list[str]:
    """The families that have anything to show in these rows."""
    return [f for f in FAMILIES if f in table and not table[f"{f}_notes"].map(_absent).all()]


def _absent(notes: Reasons) -> bool:
    """Whether a family has nothing to show: it does not support the problem, or was not asked for."""
    return has(notes, ReasonCode.NOT_SUPPORTED) or has(notes, ReasonCode.NOT_ASKED)


def shown_notes(row: pd.Series[Any], family: str) -> Reasons:
    """The notes on a family that stand below the table, marked by a dagger in it."""
    notes: Reasons = row[f"{family}_notes"]
    only_unchosen = [each.code for each in notes] == [ReasonCode.NOTHING_CHOSEN]
    return () if only_unchosen or _absent(notes) else notes


def entry(row: pd.Series[Any], family: str, say: Messages) -> tuple[str, str]:
    """A family's method and its score with the spread over its cells."""
    notes: Reasons = row[f"{family}_notes"]
    dagger = "†" if shown_notes(row, family) else ""
    if not isinstance(row[family], str):
        if has(notes, ReasonCode.NOTHING_CHOSEN):
            return say.verdict(LiftVerdict.NOTHING_CHOSEN), dagger
        seen = has(notes, ReasonCode.METHODS_TRAINED_ON_THIS_DATA)
        word = say.status(WarningStatus.TRAINED_ON_THIS_DATA if seen else "failed")
        return ("", "") if _absent(notes) else (word, dagger)
    spread = f" ±{number(row[f'{family}_sd'])}" if pd.notna(row.get(f"{family}_sd")) else ""
    return row[family], f"{number(row[f'{family}_score'])}{spread}{dagger}"


def _marked_entry(run: Run, row: pd.Series[Any], family: str, say: Messages) -> tuple[str, str]:
    """`entry` of a row of `abridged`, with the sign of the method where it has one."""
    name, score = entry(row, family, say)
    table = comparison(run)
    whole = table.loc[table["problem"] == row["problem"], family].iloc[0]
    return (f"{family_sign(run, row['problem'], whole)}{name}" if isinstance(whole, str) else name), score


def validation_notes(rows: pd.DataFrame, say: Messages) -> list[str]:
    """By problem how its validation part falls short of the task or of train, or why nothing was chosen."""
    notes = []
    for _, row in rows.iterrows():
        if part := row["validation_part"]:
            unchosen = has(part, ReasonCode.TRAIN_TOO_SHORT) or has(part, ReasonCode.TRAIN_TOO_SMALL)
            key = "tables.nothing_chosen" if unchosen else "tables.checked_on"
            notes.append(say(key, problem=row["label"], part=say.reasons(part)))
    return notes


def tie_notes(table: pd.DataFrame, say: Messages) -> list[str]:
    """By problem and family the methods that are equal on validation with the one shown."""
    return [
        f"† {row['label']}, {row[family]}: {say.reason(note)}"
        for _, row in table.iterrows()
        for family in families_of(table)
        for note in row[f"{family}_notes"]
        if note.code == ReasonCode.TIED_WITH
    ]


def interval(row: pd.Series[Any]) -> str:
    """Lower and upper bound of the lift."""
    return f"[{signed(row['low'])}, {signed(row['high'])}]" if pd.notna(row.get("low")) else ""


def headline(run: Run, say: Messages) -> str:
    """What this is a table of; an unfinished run says so first."""
    jobs = run.final["job"].nunique() + run.missing
    unfinished = say("page.unfinished", missing=run.missing, jobs=jobs) + " " if run.missing else ""
    counted = say("tables.jobs", n=jobs)
    problems = run.final["problem"].nunique()
    return unfinished + say("tables.headline", suite=run.suite or "run", n=problems, jobs=counted)


def reading(say: Messages) -> tuple[str, ...]:
    """How to read the tables."""
    values = {"margin": MARGIN, "level": f"{LEVEL:.0%}".replace("%", " %")}
    return tuple(say(f"page.read_{name}", **values) for name in ("family", "skill", "lift", "ahead"))


def lift_columns(row: pd.Series[Any], say: Messages) -> list[str]:
    """The row of the lift table."""
    names = [row.get(f"lift_{side}") for side in ("recurrent", "other")]
    skills = [number(row.get(f"skill_{side}")) for side in ("recurrent", "other")]
    sides = [
        (name if isinstance(name, str) else "", skill) for name, skill in zip(names, skills, strict=True)
    ]
    return [
        str(row["label"]),
        *(" ".join(part for part in side if part) for side in sides),
        signed(row.get("lift")),
        interval(row),
        say.verdict(row["verdict"], row["reasons"]),
    ]


def lift_header(say: Messages) -> list[str]:
    """What stands over `lift_columns`."""
    sides = [say(f"statistics.latex_{side}") for side in ("recurrent", "other")]
    return [say("page.problem"), *sides, *(say(f"page.{name}") for name in ("lift", "interval", "verdict"))]


METHODS = ("problem", "method", "family", "validation", "test", "cpu")
TUNING = ("problem", "method", "validation", "trials")
TROUBLES = ("method", "status", "reason", "problems", "cells")
FEW = 12  # methods; a run of no more shows every one of them


def header(names: Sequence[str], say: Messages) -> list[str]:
    """METHODS, TUNING or TROUBLES in words."""
    return [say(f"page.{name}") for name in names]


def tuning_columns(run: Run, curves: pd.DataFrame, say: Messages) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table of what more trials were worth: one row per problem and method."""
    groups, names = list(curves.groupby(["problem", "method"], sort=False)), _own_names(run)
    ks = sorted({k for _, rows in groups for k in shown(list(rows["k"]))})
    body = []
    for (problem, method), rows in groups:
        dropped = int(rows["dropped"].iloc[0])
        tried = f"{rows['trials'].iloc[0]}" + (f", {say('tables.dropped', n=dropped)}" if dropped else "")
        best = rows.set_index("k")["expected_best"]
        first = [
            names.get(str(problem), str(problem)),
            str(method),
            metric_name(rows["metric"].iloc[0], say),
            tried,
        ]
        body.append([*first, *(number(best.get(k)) for k in ks)])
    return [*header(TUNING, say), *(f"k={k}" for k in ks)], body


def methods_title(scored: pd.DataFrame, say: Messages) -> str:
    """What stands over the table of every method: its order is that of validation, where there is any."""
    ordered = len(scored) > 0 and bool(scored["validation"].notna().any())
    return say("page.methods" if ordered else "page.methods_unordered")


def method_columns(run: Run, row: pd.Series[Any], say: Messages) -> list[str]:
    """The row of the table of every method."""
    spread = f" ±{number(row['sd'])}" if pd.notna(row["sd"]) else ""
    tried = f", {say('page.best_of_trials', n=row['trials'])}" if row["trials"] > 1 else ""
    seen = f", {say.status('trained_on_this_data')}" if row["trained_on_this_data"] else ""
    return [
        str(row["label"]),
        f"{sign(run, row['problem'], row['method'])}{row['method']}{tried}{seen}",
        say.of(row["family"]),
        f"{metric_name(row['validation_metric'], say)} {number(row['validation'])}".strip(),
        f"{metric_words(row, say)} {number(row['score'])}{spread}",
        f"{row['cpu_seconds']:.2f}",
    ]


def trouble_columns(run: Run, row: pd.Series[Any], say: Messages) -> list[str]:
    """The row of the table of warnings; a file of the user goes by its name, not by its path."""
    status = say.status(row["status"])
    if row["trial"] is not None:
        status = say("tables.trial", n=row["trial"], status=status)
    method = say("tables.every_method") if row["method"] is None else str(row["method"])
    problems = str(row["problems"])
    for address, name in _own_names(run).items():
        problems = problems.replace(address, name)
    return [method, status, say.reasons(row["reasons"]), problems, str(row["cells"])]


def _own_names(run: Run) -> dict[str, str]:
    """By address the names of the problems that are files of the user."""
    if not len(run.cells):
        return {}
    first = run.cells.drop_duplicates("problem")
    rows = zip(first["dataset"], first["dials"], first["problem"], strict=True)
    return {str(address): label(dataset, dials, str(address)) for dataset, dials, address in rows}


def markdown(run: Run, say: Messages) -> str:
    """The whole report as Markdown."""
    parts = [f"# {escaped(headline(run, say))}", ""]
    if not len(run.cells):
        return "\n".join(parts)
    if decides(run):
        found = answer(run, say)
        parts += [f"## {found.question}", ""]
        parts += [line for sentence in found.sentences for line in (escaped(sentence), "")]
    table = abridged(run)
    families = families_of(table)
    body = []
    for _, row in table.iterrows():
        entries = [_marked_entry(run, row, family, say) for family in families]
        cells = [" ".join(part for part in reversed(each) if part) for each in entries]
        body.append([str(row["label"]), metric_words(row, say), *cells])
    first = [say("page.problem"), say("page.metric"), *(say.of(family) for family in families)]
    lifts = [lift_columns(row, say) for _, row in table.iterrows()]
    if families:
        parts += [*table_lines(first, body), ""]
    signs = family_meaning(run, table["problem"], say)
    if notes := [*filter(None, [signs]), *validation_notes(table, say), *tie_notes(table, say)]:
        parts += [*(f"- {escaped(line)}" for line in notes), ""]
    if not without_examples(table):
        parts += [f"## {say('tables.lift')}", "", *table_lines(lift_header(say), lifts), ""]
    parts += [*(f"- {escaped(line)}" for line in reading(say)), ""]
    scored = every_method(run)
    every = [method_columns(run, row, say) for _, row in scored.iterrows()]
    parts += [f"## {methods_title(scored, say)}", "", *table_lines(header(METHODS, say), every), ""]
    if len(scored) and (signs := meaning(run, scored["problem"].unique(), say)):
        parts += [f"- {escaped(signs)}", ""]
    for one in (*forecasts.tables(run, say), *case_scores.tables(run, say)):
        lines = (f"- {escaped(line)}" for line in one.notes)
        parts += [f"## {escaped(one.title)}", "", *table_lines(one.head, one.rows), "", *lines, ""]
    curves = tuning(run)
    if len(curves):
        parts += [f"## {say('tables.tuning')}", "", *table_lines(*tuning_columns(run, curves, say)), ""]
    wrong = troubles(run)
    if len(wrong):
        rows = [trouble_columns(run, row, say) for _, row in wrong.iterrows()]
        parts += [f"## {say('page.troubles')}", "", *table_lines(header(TROUBLES, say), rows), ""]
    return "\n".join(parts)


def show(run: Run, console: Console, say: Messages, every: bool = False) -> None:
    """Print the tables: one per kind of task, the recurrence lifts, and the warnings.

    every: also one row per method, as a run of few methods does anyway.
    """
    console.print(f"[bold]{escape(headline(run, say))}[/bold]")
    if not len(run.cells):
        return
    table = abridged(run)
    for kind, rows in table.groupby("kind", sort=False):
        if not families_of(rows):
            continue  # a table of problem names alone; the warnings say why there is no more
        console.print(_kind_table(run, str(kind), rows, console.width, say))
    explained = family_meaning(run, table["problem"], say)
    for line in (*filter(None, [explained]), *validation_notes(table, say), *tie_notes(table, say)):
        console.print(escape(line), highlight=False)
    if not without_examples(table):
        console.print(_lift_table(table, console.width, say))
    scored, few = every_method(run), run.final["address"].nunique() <= FEW
    if len(scored) and (every or few):
        every_row = [method_columns(run, row, say) for _, row in scored.iterrows()]
        console.print(_plain_table(methods_title(scored, say), header(METHODS, say), every_row))
        if (signs := meaning(run, scored["problem"].unique(), say)) and signs != explained:
            console.print(signs, highlight=False, markup=False)
    of_cases = case_scores.tables(run, say)
    alone = few and len(set(scored.get("problem", ()))) == 1
    of_cases = of_cases if every or (few and len(of_cases) == 1) else []
    for found in (*forecasts.tables(run, say, problems=every or alone), *of_cases):
        for title, names, body in narrow(found):
            console.print(_plain_table(escape(title), names, body))
        for line in found.notes:
            console.print(escape(line), highlight=False)
    for line in [] if of_cases else (*case_scores.protocols(run, say), *case_scores.scalings(run, say)):
        console.print(escape(line), highlight=False)
    if len(curves := tuning(run)):
        console.print(_plain_table(say("tables.tuning"), *tuning_columns(run, curves, say)))
    if len(wrong := troubles(run)):
        reasons = [trouble_columns(run, row, say) for _, row in wrong.iterrows()]
        console.print(_plain_table(say("page.troubles"), header(TROUBLES, say), reasons))
    for line in reading(say):
        console.print(escape(line), style="dim", highlight=False)


def _kind_table(run: Run, kind: str, rows: pd.DataFrame, width: int, say: Messages) -> Table:
    families = families_of(rows)
    title = say("tables.kind", kind=say.of(kind))
    grid = Table(title=escape(title), title_justify="left", show_lines=True, padding=(0, 0))
    grid.add_column(say("page.problem"), overflow="fold")
    for name in families:
        word = say.of(name)
        grid.add_column(SHORT.get(word, word), overflow="fold")
    # What is left of the line beside the borders, shared out; never less than a short name takes.
    room = max(10, (width - 1) // (len(families) + 1) - 1)
    for _, row in rows.iterrows():
        cells = [_marked_entry(run, row, family, say) for family in families]
        stacked = [f"{folded(name, room)}\n[bold]{folded(score, room)}[/bold]" for name, score in cells]
        metric = folded(metric_words(row, say), room)
        grid.add_row(f"{folded(str(row['label']), room)}\n[dim]{metric}[/dim]", *stacked)
    return grid


def folded(text: str, width: int) -> str:
    """`text` broken at spaces and hyphens into lines of at most `width` columns, safe as rich markup."""
    found: list[str] = []
    for piece in _PIECES.findall(" ".join(text.split())):
        word = piece.rstrip()
        if found and cell_len(found[-1] + word) <= width:
            found[-1] += piece
        else:
            found += chop_cells(word, width)
            found[-1] += piece[len(word) :]
    return escape("\n".join(line.rstrip() for line in found))


def _lift_table(table: pd.DataFrame, width: int, say: Messages) -> Table:
    names = lift_header(say)
    grid = Table(title=say("tables.lift"), title_justify="left", padding=(0, 0))
    for name in names:
        grid.add_column(name, justify="right" if name == say("page.lift") else "left", overflow="fold")
    room = max(12, (width - 8) // len(names))
    for _, row in table.iterrows():
        cells = [folded(cell, room) for cell in lift_columns(row, say)]
        style = STYLES.get(row["verdict"], "")
        cells[-1] = f"[{style}]{cells[-1]}[/{style}]" if style else cells[-1]
        grid.add_row(*cells)
    return grid


def _plain_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    grid = Table(title=title, title_justify="left", padding=(0, 0))
    for name in header:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(escape(cell) for cell in row))
    return grid
