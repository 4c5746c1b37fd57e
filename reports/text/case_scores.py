"""The tables of labelled cases in words: every metric on each classification and regression problem."""

from __future__ import annotations

import pandas as pd
from recurbench.reports.statistics.case_scores import METRICS_SHOWN, case_scores
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.metric_tables import Column, MetricTable, Shown
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
        shown.append(
            Shown(title(rows, say), *OF_CASES.of(rows, names, say, values(rows, say)), notes(rows, say))
        )
    if shown:
        meanings = OF_CASES.meanings(OF_CASES.columns_of(scored), say)
        shown[-1].notes.extend([*reading(scored, say), *meanings])
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


def scalings(run: Run, say: Messages) -> list[str]:
    """One line for each way in which methods scale the series, with these methods."""
    methods: dict[str, dict[str, None]] = {}
    scored = case_scores(run)
    for method, normalise in zip(scored["method"], scored["normalise"], strict=True):
        if normalise:
            methods.setdefault(values_words(normalise, say), {})[str(method)] = None
    return [
        say("cases.values_of", values=words, methods=", ".join(names)) for words, names in methods.items()
    ]


def values_words(normalise: str, say: Messages) -> str:
    """How a method scales the values, in words; empty if its fits do not say."""
    return ", ".join(say(f"cases.values_{word}") for word in normalise.split(", ") if word)


def reading(rows: pd.DataFrame, say: Messages) -> list[str]:
    """What the column of values means; nothing if these rows of `case_scores` have none."""
    return [say("cases.values_is")] if rows["normalise"].any() else []


def values(rows: pd.DataFrame, say: Messages) -> Column | None:
    """The column that says how each method scales the values; None if no fit says it."""
    if not rows["normalise"].any():
        return None
    return Column(say("cases.values"), [values_words(one, say) for one in rows["normalise"]])


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
