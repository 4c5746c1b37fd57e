"""The tables of labelled cases in words: every metric on each classification and regression problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from recurbench.metrics import METRICS
from recurbench.reports.statistics.case_scores import METRICS_SHOWN, case_scores
from recurbench.reports.text.forecasts import Shown
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import measure, number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

SIZES = ("rmse", "mae")  # in the unit of the answers; shown with three digits
# By metric the term that explains it; the others explain themselves.
TERMS = {
    "log_loss": "log_loss",
    "balanced_accuracy": "balanced_accuracy",
    "auroc": "auroc",
    "brier": "brier",
    "calibration_error": "calibration_error",
    "rmse": "mae",
    "mae": "mae",
    "r2": "r2",
}


def tables(run: Run, say: Messages) -> list[Shown]:
    """A table of each problem; below each its protocol, and below the last what the metrics mean."""
    scored = case_scores(run)
    shown = []
    for _, rows in scored.groupby("problem", sort=False):
        names = method_names(list(rows["method"]), say)
        shown.append(Shown(title(rows, say), *problem_table(rows, names, say), notes(rows, say)))
    if shown:
        shown[-1].notes.extend([*reading(scored, say), *meanings(columns_of(scored), say)])
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


def title(rows: pd.DataFrame, say: Messages) -> str:
    """What stands over the table of one problem."""
    return say("cases.problem", problem=rows["label"].iloc[0])


def columns_of(rows: pd.DataFrame) -> list[str]:
    """The metrics that some method has on these rows of `case_scores`."""
    return [name for name in METRICS_SHOWN if rows[name].notna().any()]


def head_of(name: str, say: Messages) -> str:
    """The head of a metric's column: what it is called, and its direction."""
    return f"{say(f'cases.{name}')} {METRICS[name].arrow}"


def problem_table(
    rows: pd.DataFrame, names: Mapping[str, str], say: Messages
) -> tuple[list[str], list[list[str]]]:
    """Head and body of the table of one problem: a row per method, how it scales, a column per metric.

    rows: of `case_scores`. names: what stands for each method, by its address.
    """
    shown = columns_of(rows)
    scaled = [[values_words(one, say)] for one in rows["normalise"]] if rows["normalise"].any() else None
    head = [say("page.method"), *([say("cases.values")] if scaled else []), *(head_of(n, say) for n in shown)]
    body = [
        [names[row["method"]], *said, *(_value(name, row[name]) for name in shown)]
        for said, (_, row) in zip(scaled or [[]] * len(rows), rows.iterrows(), strict=True)
    ]
    return head, body


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


def meanings(shown: Sequence[str], say: Messages) -> list[str]:
    """What the metrics of some tables mean, each once."""
    terms = dict.fromkeys(TERMS[name] for name in shown if name in TERMS)
    return [
        say("forecasts.term", term=say(f"glossary.{term}"), meaning=say(f"glossary.{term}_is"))
        for term in terms
    ]


def _value(name: str, value: float) -> str:
    if pd.isna(value):
        return ""
    return measure(value) if name in SIZES else number(value)
