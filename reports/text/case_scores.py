"""The tables of labelled cases in words: every metric on each classification and regression problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.statistics.case_scores import METRICS_SHOWN, case_scores
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.metric_tables import MetricTable, Shown
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

OF_CASES = MetricTable(
    METRICS_SHOWN,
    sizes=frozenset(("rmse", "mae")),  # in the unit of the answers
    terms={name: {"rmse": "mae"}.get(name, name) for name in METRICS_SHOWN if name != "accuracy"},
)


def tables(run: Run, say: Messages) -> list[Shown]:
    """A table of each problem; below each its protocol, and below the last what the metrics mean."""
    scored = case_scores(run)
    shown = []
    for _, rows in scored.groupby("problem", sort=False):
        names = method_names(list(rows["method"]), say)
        shown.append(Shown(title(rows, say), *OF_CASES.of(rows, names, say), notes(rows, say)))
    if shown:
        shown[-1].notes.extend(OF_CASES.meanings(OF_CASES.columns_of(scored), say))
    return shown


def protocols(run: Run, say: Messages) -> list[str]:
    """One line for each protocol of the classification and regression problems, with all its problems."""
    scored = case_scores(run)
    problems: dict[str, dict[str, None]] = {}
    for name, protocol in zip(scored["label"], scored["protocol"], strict=True):
        if protocol:
            problems.setdefault(protocol, {})[str(name)] = None
    return [
        say("cases.protocol_of", problems=", ".join(names), protocol=protocol)
        for protocol, names in problems.items()
    ]


def title(rows: pd.DataFrame, say: Messages) -> str:
    """What stands over the table of one problem."""
    return say("cases.problem", problem=rows["label"].iloc[0])


def notes(rows: pd.DataFrame, say: Messages) -> list[str]:
    """How many cases and resamples the rows of one problem are about, and its protocol."""
    of, cases = int(rows["of_resamples"].iloc[0]), rows["cases"].iloc[0]
    said = []
    if pd.notna(cases):
        key = "cases" if of == 1 else "cases_of_resamples"
        said.append(say(f"cases.{key}", n=int(cases), count=f"{cases:,.0f}", resamples=of))
    lacking = rows[rows["resamples"] < of]
    if len(lacking):
        methods = ", ".join(f"{row['method']} ({row['resamples']})" for _, row in lacking.iterrows())
        said.append(say("cases.fewer", methods=methods))
    protocol = rows["protocol"].iloc[0]
    return [*said, *([say("cases.protocol", protocol=protocol)] if protocol else [])]
