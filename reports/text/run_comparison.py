"""Two runs beside each other for people: in the terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
from recurbench.metrics import METRICS
from recurbench.reports.statistics.outcomes import ChangeVerdict, Reason
from recurbench.reports.statistics.run_comparison import ONE_SIDED, SILENT, Comparison
from recurbench.reports.text.export import ENGLISH, codes_of
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.translation import Messages
from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHOWN = 10  # changes of CPU time, the largest first
NOTED = 1.25  # times as much CPU; what lies between that and its inverse is noise of the machine


def headline(found: Comparison, say: Messages) -> str:
    """How many regressions there are, and how often each verdict was given."""
    counts = found.cells["verdict"].value_counts()
    verdicts = ", ".join(
        say("statistics.compare_count", n=counts[verdict], verdict=say.verdict(verdict))
        for verdict in ChangeVerdict
        if verdict in counts
    )
    return say("statistics.compare_headline", regressions=len(found.regressions), verdicts=verdicts)


def markdown(found: Comparison, say: Messages) -> str:
    """All tables and how to read them."""
    parts = [f"# {escaped(headline(found, say))}", ""]
    rows = _rows(found, say)
    if rows:
        parts += [*table_lines(_header(say), rows), ""]
    parts += [*(f"- {escaped(line)}" for line in _one_sided(found, say)), ""]
    for title, header, body in _further(found, say):
        parts += [f"## {escaped(title)}", "", *(table_lines(header, body) if body else []), ""]
    return "\n".join([*parts, *(f"- {escaped(line)}" for line in _reading(found, say)), ""])


def as_json(found: Comparison) -> str:
    """Every row of every table, as records of JSON; what is not known is null.

    Verdicts and reasons are in English, each with its code beside it.
    """
    tables = {"cells": _coded(found.cells), "changes": _changes(found.changes), "cpu_seconds": found.times}
    records = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    head = {"regressions": len(found.regressions), "margin": found.margin}
    return json.dumps({**head, **records}, indent=1, ensure_ascii=False)


def _coded(cells: pd.DataFrame) -> pd.DataFrame:
    """The rows with verdicts and reasons as English text and as codes."""
    ends = [_ended(row, ENGLISH) for _, row in cells.iterrows()]
    return cells.drop(columns=["reasons", "ended"]).assign(
        verdict=[ENGLISH.verdict(verdict) for verdict in cells["verdict"]],
        verdict_code=[str(verdict) for verdict in cells["verdict"]],
        note=[ENGLISH.reasons(reasons) for reasons in cells["reasons"]],
        note_codes=pd.Series([codes_of(reasons) for reasons in cells["reasons"]], index=cells.index),
        reason=ends,
        status_code=["" if ended is None else ended[0] for ended in cells["ended"]],
        reason_code=["" if ended is None else str(ended[1].code) for ended in cells["ended"]],
    )


def _changes(changes: pd.DataFrame) -> pd.DataFrame:
    """What changed, with a reason as its English text."""
    sides = [ENGLISH.reason(b) if isinstance(b, Reason) else str(b) for b in changes["b"]]
    return changes.assign(b=sides)


def show(found: Comparison, say: Messages, console: Console) -> None:
    """Print the headline, every cell that is not identical, what changed, and CPU times."""
    console.print(headline(found, say), style="bold", highlight=False, markup=False)
    rows = _rows(found, say)
    if rows:
        console.print(_table(_header(say), rows))
    for line in _one_sided(found, say):
        console.print(line, highlight=False, markup=False)
    for title, header, body in _further(found, say):
        console.print(title, highlight=False, markup=False)
        if body:
            console.print(_table(header, body))
    for line in _reading(found, say):
        console.print(line, style="dim", highlight=False, markup=False)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    grid = Table(padding=(0, 0), show_lines=True)
    for name in header:
        grid.add_column(escape(name), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(cell) for cell in row))
    return grid


def _header(say: Messages) -> tuple[str, ...]:
    return tuple(say(f"statistics.compare_{name}") for name in ("cell", "word", "scores", "gap", "p"))


def _rows(found: Comparison, say: Messages) -> list[list[str]]:
    unlisted = (*SILENT, *ONE_SIDED)
    return [_row(row, say) for _, row in found.cells.iterrows() if row["verdict"] not in unlisted]


def _one_sided(found: Comparison, say: Messages) -> list[str]:
    """`appeared: airline (theta, ets); co2 (theta)`, a line per verdict on what only one run has."""
    lines = []
    for verdict in ONE_SIDED:
        rows = found.cells[found.cells["verdict"] == verdict]
        if len(rows):
            groups = rows.groupby("problem", sort=False)["method"].agg(", ".join)
            names = "; ".join(f"{problem} ({methods})" for problem, methods in groups.items())
            lines.append(f"{say.verdict(verdict)}: {names}")
    return lines


def _row(row: pd.Series[Any], say: Messages) -> list[str]:
    scores = f"{number(row['a'])} → {number(row['b'])}" if pd.notna(row["a"]) else ""
    interval = f" [{signed(row['low'])}, {signed(row['high'])}]" if pd.notna(row["low"]) else ""
    scale = say("statistics.compare_skill") if row["scale"] == "skill" else ""
    verdict = say.verdict(row["verdict"])
    return [
        f"{row['problem']}: {row['method']}",
        say("statistics.compare_regression", verdict=verdict) if row["regression"] else verdict,
        f"{metric_name(row['metric'], say)} {scores}" if row["metric"] in METRICS else scores,
        f"{signed(row['difference'])}{interval} {scale}".strip(),
        "; ".join(filter(None, [_p(row), say.reasons(row["reasons"]), _reason(row, say)])),
    ]


def _ended(row: pd.Series[Any], say: Messages) -> str:
    """How the fits ended that have no score, "" where all have one."""
    if row["ended"] is None:
        return ""
    status, why = row["ended"]
    return f"{say.status(status)}: {say.reason(why)}"


def _reason(row: pd.Series[Any], say: Messages) -> str:
    """The same; of fits that have a score now, how they ended in run A."""
    ended = _ended(row, say)
    mended = row["verdict"] == ChangeVerdict.MENDED
    return say("statistics.compare_was", reason=ended) if ended and mended else ended


def _p(row: pd.Series[Any]) -> str:
    return "" if pd.isna(row["p_adjusted"]) else f"{row['p_adjusted']:.2g}, n = {row['units']}"


def _further(found: Comparison, say: Messages) -> list[tuple[str, tuple[str, ...], list[list[str]]]]:
    """Title, header and rows of the tables below the first, those with anything in them."""
    tables = []
    if len(found.changes):
        rows = [_change(row, say) for _, row in found.changes.iterrows()]
        header = tuple(say(f"statistics.compare_{name}") for name in ("what", "where", "one", "other"))
        tables.append((say("statistics.compare_changes"), header, rows))
    if len(found.times):
        tables.append(_times(found.times, say))
    return tables


def _change(row: pd.Series[Any], say: Messages) -> list[str]:
    """The row of one thing that changed between the runs."""
    where = str(row["where"])
    if row["sample"] is not None:
        where = say("statistics.compare_sample", name=where, n=row["sample"])
    sides = [say.reason(row[side]) if isinstance(row[side], Reason) else say.of(row[side]) for side in "ab"]
    return [say.of(row["what"]), where, *sides]


def _times(times: pd.DataFrame, say: Messages) -> tuple[str, tuple[str, ...], list[list[str]]]:
    """The sums in the title, and the jobs that took much more or less."""
    ratio = times["b"] / times["a"].clip(lower=1e-9)
    noted = times.assign(ratio=ratio, gap=(times["b"] - times["a"]).abs())
    most = noted[(ratio > NOTED) | (ratio < 1 / NOTED)].nlargest(SHOWN, "gap")
    body = [
        [f"{row['problem']}: {row['method']}", f"{row['a']:.2f}", f"{row['b']:.2f}", f"× {row['ratio']:.2f}"]
        for _, row in most.iterrows()
    ]
    header = (*(say(f"statistics.compare_{name}") for name in ("cell", "one", "other", "ratio")),)
    sums = [f"{times[side].sum():.1f}" for side in ("a", "b")]
    return say("statistics.compare_times", a=sums[0], b=sums[1], by=NOTED, shown=len(body)), header, body


def _reading(found: Comparison, say: Messages) -> list[str]:
    names = ("reading_unit", "reading_test", "reading_regression")
    return [say(f"statistics.compare_{name}", margin=f"{found.margin:g}") for name in names]
