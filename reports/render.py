"""The comparison table for people: in the terminal, as Markdown and as CSV, all from one data frame."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.metrics import METRICS
from recurbench.registry import FAMILIES
from recurbench.reports.frame import Run
from recurbench.reports.lift import AHEAD, BEHIND, LEVEL, MARGIN
from recurbench.reports.table import comparison, every_method, troubles
from recurbench.reports.tuning import shown, tuning
from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHORT = {
    "feedforward": "feed-\nforward",
    "convolutional": "convolu-\ntional",
    "statistical": "statis-\ntical",
}


def write(run: Run, folder: Path) -> dict[str, Path]:
    """Write table.md, table.csv, methods.csv and of a tuned run tuning.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    table, curves = comparison(run), tuning(run)
    paths = {"markdown": folder / "table.md", "csv": folder / "table.csv", "methods": folder / "methods.csv"}
    paths["markdown"].write_text(markdown(run, table), encoding="utf-8")
    table.to_csv(paths["csv"], index=False)
    every_method(run).to_csv(paths["methods"], index=False)
    # One of an earlier run in this directory must not stand beside tables that are not tuned.
    (folder / "tuning.csv").unlink(missing_ok=True)
    if len(curves):
        paths["tuning"] = folder / "tuning.csv"
        curves.to_csv(paths["tuning"], index=False)
    return paths


def number(value: Any) -> str:
    """Three decimals, fewer for large numbers, none where there is nothing to show."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def signed(value: Any) -> str:
    """As `number`, with its sign."""
    text = number(value)
    return text if not text or text.startswith("-") else f"+{text}"


def metric_words(row: pd.Series[Any]) -> str:
    """The metric's name and direction, and its exact best where that is known."""
    metric = METRICS.get(row["metric"])
    if metric is None:
        return ""
    best = f", best {number(row['best_possible'])}" if pd.notna(row.get("best_possible")) else ""
    return f"{metric.name.replace('_', ' ')} {metric.arrow}{best}"


def families_of(table: pd.DataFrame) -> list[str]:
    """The families that have anything to show in these rows."""
    return [f for f in FAMILIES if f in table and not table[f"{f}_note"].isin(["n/a", "not asked"]).all()]


def entry(row: pd.Series[Any], family: str) -> tuple[str, str]:
    """A family's method and its score with the spread over its cells."""
    note = str(row[f"{family}_note"] or "")
    if not isinstance(row[family], str):
        return ("", "") if note in ("n/a", "not asked") else ("failed", "†")
    spread = f" ±{number(row[f'{family}_sd'])}" if pd.notna(row.get(f"{family}_sd")) else ""
    return row[family], f"{number(row[f'{family}_score'])}{spread}{'†' if note else ''}"


def interval(row: pd.Series[Any]) -> str:
    """Lower and upper bound of the lift."""
    return f"[{signed(row['low'])}, {signed(row['high'])}]" if pd.notna(row.get("low")) else ""


def headline(run: Run) -> str:
    """What this is a table of; an unfinished run says so first."""
    jobs = run.final["job"].nunique() + run.missing
    unfinished = f"UNFINISHED: {run.missing} of {jobs} jobs are missing. " if run.missing else ""
    problems = run.final["problem"].nunique()
    counted = f"{problems} problem{'s' * (problems != 1)}, {jobs} job{'s' * (jobs != 1)}"
    return f"{unfinished}{run.suite or 'run'}: {counted}"


TROUBLES = "Cells without a score, or that did not learn"
READING = (
    "Best of each family, chosen on validation; mean test score ± standard deviation over seeds; "
    "↑ higher is better, ↓ lower is better; † cells of the family went wrong, are missing or did not learn, "
    "see below.",
    "Skill: on probes 0 is the best constant answer and 1 the exact best; elsewhere 1 - error / error of the "
    "named reference.",
    f"Lift: skill of the best recurrent network minus skill of the best other method, both chosen on "
    f"validation; {LEVEL:.0%} interval over test units and seeds; under {MARGIN} counts as no difference. "
    "Each side is the best of all it has (methods times trials: fits_recurrent and fits_other in table.csv); "
    "the best of more looks better by chance alone.",
    "Ahead says which side predicts better, not why: that takes the ablations.",
)


def lift_columns(row: pd.Series[Any]) -> list[str]:
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
        str(row["words"]),
    ]


LIFT_HEADER = ("problem", "recurrent, skill", "other, skill", "lift", f"{LEVEL:.0%} interval", "verdict")


METHOD_HEADER = ("problem", "method", "family", "validation", "test", "CPU-s")
FEW = 12  # methods; a run of no more shows every one of them


TUNING_HEADER = ("problem", "method", "validation", "trials")
TUNING = "Expected best validation score of k trials"


def tuning_columns(curves: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table of what more trials were worth: one row per problem and method."""
    groups = list(curves.groupby(["problem", "method"], sort=False))
    ks = sorted({k for _, rows in groups for k in shown(list(rows["k"]))})
    body = []
    for (problem, method), rows in groups:
        metric = METRICS[rows["metric"].iloc[0]]
        dropped = int(rows["dropped"].iloc[0])
        tried = f"{rows['trials'].iloc[0]}" + (f", {dropped} dropped out" if dropped else "")
        best = rows.set_index("k")["expected_best"]
        words = [str(problem), str(method), f"{metric.name.replace('_', ' ')} {metric.arrow}", tried]
        body.append([*words, *(number(best.get(k)) for k in ks)])
    return [*TUNING_HEADER, *(f"k={k}" for k in ks)], body


def method_columns(row: pd.Series[Any]) -> list[str]:
    """The row of the table of every method."""
    metric = METRICS.get(row["validation_metric"])
    words = f"{metric.name.replace('_', ' ')} {metric.arrow} " if metric else ""
    spread = f" ±{number(row['sd'])}" if pd.notna(row["sd"]) else ""
    return [
        str(row["label"]),
        f"{row['method']}, best of {row['trials']}" if row["trials"] > 1 else str(row["method"]),
        str(row["family"]),
        f"{words}{number(row['validation'])}",
        f"{metric_words(row)} {number(row['score'])}{spread}",
        f"{row['cpu_seconds']:.2f}",
    ]


def markdown(run: Run, table: pd.DataFrame) -> str:
    """The whole report as Markdown."""
    parts = [f"# {headline(run)}", ""]
    if not len(run.cells):
        return "\n".join(parts)
    families = families_of(table)
    body = []
    for _, row in table.iterrows():
        cells = [" ".join(part for part in reversed(entry(row, family)) if part) for family in families]
        body.append([str(row["label"]), metric_words(row), *cells])
    parts += [*grid_lines(["problem", "metric", *families], body), "", "## Recurrence lift", ""]
    parts += [*grid_lines(LIFT_HEADER, [lift_columns(row) for _, row in table.iterrows()]), ""]
    parts += [*(f"- {line}" for line in READING), ""]
    every = [method_columns(row) for _, row in every_method(run).iterrows()]
    parts += ["## Every method, the best validation first", "", *grid_lines(METHOD_HEADER, every), ""]
    curves = tuning(run)
    if len(curves):
        parts += [f"## {TUNING}", "", *grid_lines(*tuning_columns(curves)), ""]
    wrong = troubles(run)
    if len(wrong):
        parts += [f"## {TROUBLES}", ""]
        parts += grid_lines(
            list(wrong.columns), [[str(v) for v in row] for row in wrong.itertuples(index=False)]
        )
        parts += [""]
    return "\n".join(parts)


def grid_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, line by line."""

    def line(cells: Sequence[str]) -> str:
        # A pipe or a line break in a name or a reason must not end a cell.
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"

    return [line(header), line(["---"] * len(header)), *(line(row) for row in rows)]


def show(run: Run, console: Console, every: bool = False) -> None:
    """Print the tables: one per kind of task, the lift, and what has no score and why.

    every: also one row per method, as a run of few methods does anyway.
    """
    console.print(f"[bold]{escape(headline(run))}[/bold]")
    if not len(run.cells):
        return
    table = comparison(run)
    for kind, rows in table.groupby("kind", sort=False):
        console.print(_kind_table(str(kind), rows, console.width))
    console.print(_lift_table(table, console.width))
    if every or run.final["address"].nunique() <= FEW:
        every_row = [method_columns(row) for _, row in every_method(run).iterrows()]
        console.print(_plain_table("every method, the best validation first", METHOD_HEADER, every_row))
    curves = tuning(run)
    if len(curves):
        console.print(_plain_table(TUNING.lower(), *tuning_columns(curves)))
    wrong = troubles(run)
    if len(wrong):
        reasons = [[str(value) for value in row] for row in wrong.itertuples(index=False)]
        console.print(_plain_table(TROUBLES, list(wrong.columns), reasons))
    for line in READING:
        console.print(escape(line), style="dim", highlight=False)


def _kind_table(kind: str, rows: pd.DataFrame, width: int) -> Table:
    families = families_of(rows)
    grid = Table(title=f"{kind}: best of each family", title_justify="left", show_lines=True, padding=(0, 0))
    for name in ("problem", *families):
        grid.add_column(SHORT.get(name, name), overflow="fold")
    # What is left of the line beside the borders, shared out; never less than a short name takes.
    room = max(10, (width - 1) // (len(families) + 1) - 1)
    for _, row in rows.iterrows():
        cells = [entry(row, family) for family in families]
        words = [f"{folded(name, room)}\n[bold]{folded(score, room)}[/bold]" for name, score in cells]
        grid.add_row(
            f"{folded(str(row['label']), room)}\n[dim]{folded(metric_words(row), room)}[/dim]", *words
        )
    return grid


def folded(text: str, width: int) -> str:
    """`text` broken at spaces and hyphens into lines of at most `width`, safe as rich markup."""
    return escape("\n".join(textwrap.wrap(text, width, break_on_hyphens=True)))


def _lift_table(table: pd.DataFrame, width: int) -> Table:
    grid = Table(title="recurrence lift", title_justify="left", padding=(0, 0))
    for name in LIFT_HEADER:
        grid.add_column(name, justify="right" if name == "lift" else "left", overflow="fold")
    styles = {AHEAD: "green", BEHIND: "red"}
    room = max(12, (width - 8) // len(LIFT_HEADER))
    for _, row in table.iterrows():
        cells = [folded(cell, room) for cell in lift_columns(row)]
        style = styles.get(row["words"].partition(";")[0], "")
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
