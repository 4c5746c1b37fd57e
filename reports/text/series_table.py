"""The scores per series for people: in the terminal, as Markdown and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.address import label, short
from recurbench.reports.statistics.series_scores import over_series, sample_of, series_scores
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.numbers import number, percent, signed, two_digits
from recurbench.reports.text.translation import Messages
from recurbench.results import Run
from rich.console import Console
from rich.markup import escape
from rich.table import Table

FEW = 30  # series; more of them are not printed in the terminal
FORMS = {"csv": "series.csv", "md": "series.md"}

Rows = tuple[list[str], list[list[str]]]
"""A header and the rows below it."""


def of_run(run: Run) -> pd.DataFrame:
    """What `series_scores` finds; ValueError if that is nothing."""
    scores = series_scores(run)
    if len(scores):
        return scores
    raise ValueError(
        f"the run of {run.suite} holds no scores of single series; run a forecasting problem, or leave "
        "--per-series out"
    )


def write(run: Run, folder: Path, say: Messages, scores: pd.DataFrame) -> list[Path]:
    """Write both forms into a folder; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for form, name in FORMS.items():
        (folder / name).write_text(text(run, say, scores, form), encoding="utf-8")
        paths.append(folder / name)
    return paths


def text(run: Run, say: Messages, scores: pd.DataFrame, form: str) -> str:
    """The table in a form: "csv" with all digits and metrics, or "md"."""
    return scores.to_csv(index=False) if form == "csv" else markdown(run, say, scores)


def markdown(run: Run, say: Messages, scores: pd.DataFrame) -> str:
    """Of every problem how the scores vary over series, then a row per series."""
    parts: list[str] = []
    for title, summary, own, metric in _problems(run, say, scores):
        parts += [f"## {escaped(title)}", "", *table_lines(*_summary(summary, say)), ""]
        parts += [escaped(_reading(run, summary, say)), ""]
        parts += [f"### {say('series.each', metric=metric_name(metric, say))}", ""]
        parts += [*table_lines(*_each(own, metric, say)), ""]
    return "\n".join(parts)


def show(run: Run, console: Console, say: Messages, scores: pd.DataFrame) -> None:
    """Print the same; a row per series only where there are few."""
    for title, summary, own, metric in _problems(run, say, scores):
        console.print(_printed(title, _summary(summary, say)))
        console.print(escape(_reading(run, summary, say)), highlight=False)
        if own["series"].nunique() <= FEW:
            caption = say("series.each", metric=metric_name(metric, say))
            console.print(_printed(caption, _each(own, metric, say)))


def _problems(
    run: Run, say: Messages, scores: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame, str]]:
    """Title, variation over series, scores and metric of every sample of a problem."""
    spread = over_series(run, scores)
    for (problem, _), own in scores.groupby(["problem", "data_seed"], sort=False, dropna=False):
        draw = sample_of(own)
        same = spread["data_seed"].isna() if draw is None else spread["data_seed"] == draw
        summary = spread[(spread["problem"] == problem) & same]
        first = run.final[run.final["problem"] == problem].iloc[0]
        title = label(first["dataset"], first["dials"], str(problem))
        if draw is not None:
            title = say("series.sample", problem=title, draw=draw)
        yield title, summary, own, str(summary["metric"].iloc[0])


def _summary(summary: pd.DataFrame, say: Messages) -> Rows:
    names = list(summary["method"])
    metric = metric_name(str(summary["metric"].iloc[0]), say)
    header = [
        say("page.method"),
        say("series.count"),
        say("series.mean", metric=metric),
        say("series.median"),
        say("series.high"),
        say("series.better"),
        say("series.ties"),
        say("series.difference"),
        say("series.cpu"),
    ]
    return header, [_spread(row, names) for row in summary.to_dict("records")]


def _spread(row: dict[Any, Any], names: list[str]) -> list[str]:
    better, ties, lower = row.get("better"), row.get("ties"), row.get("lower")
    difference = signed(row.get("difference"))
    if lower is not None and not pd.isna(lower):
        difference += f" [{signed(lower)}, {signed(row['upper'])}]"
    return [
        short(row["method"], names),
        str(row["series"]),
        number(row["mean"]),
        number(row["median"]),
        number(row["high"]),
        "" if better is None or pd.isna(better) else percent(better),
        "" if ties is None or pd.isna(ties) else str(int(ties)),
        difference,
        "" if pd.isna(row["cpu_ms"]) else two_digits(row["cpu_ms"]),
    ]


def _each(own: pd.DataFrame, metric: str, say: Messages) -> Rows:
    """A row per series, a column per method, in the order of the data."""
    names = list(own["method"].drop_duplicates())
    wide = own.pivot_table(index="series", columns="method", values=metric, sort=False, dropna=False)
    facts = own.drop_duplicates("series").set_index("series")
    header = [say("series.name"), say("series.steps"), say("series.origins")]
    rows = [
        [str(name), str(facts.at[name, "steps"]), str(facts.at[name, "origins"])]
        + [number(wide.at[name, method]) for method in names]
        for name in facts.index
    ]
    return header + [short(name, names) for name in names], rows


def _reading(run: Run, summary: pd.DataFrame, say: Messages) -> str:
    facts = next(iter(run.draws(str(summary["problem"].iloc[0])).values()))
    return say("series.reading", reference=facts["reference"])


def _printed(title: str, rows: Rows) -> Table:
    table = Table(title=escape(title), title_justify="left", padding=(0, 0))
    for place, name in enumerate(rows[0]):
        table.add_column(escape(name), justify="right" if place else "left", overflow="fold")
    for row in rows[1]:
        table.add_row(*map(escape, row))
    return table
