"""The tables of forecasts in words: every metric on each problem, and all problems together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from recurbench.metrics import METRICS
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL
from recurbench.reports.statistics.forecast_ratios import BASELINE, Overall, overall
from recurbench.reports.statistics.forecast_scores import AVERAGED, forecast_scores
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import measure, number, signed
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

# Columns of a problem, in the order of a reader: without a unit first, then in the unit of the data.
SHOWN = ("mase", "rmsse", "smape", "owa", "wql", "mae", "rmse", "pinball", *AVERAGED[7:])
SIZES = ("wql", "mae", "rmse", "pinball", "interval_score")  # small and large ones; shown with three digits
ACROSS = 7  # metrics beside each other in a terminal
TERMS = {
    "rmsse": "mase",
    "rmse": "mae",
    "pinball": "crps",
}  # by metric the term that explains it
FAMILIES = ("coverage", "interval_score")
OVERALL = ("method", "skill", "interval", "win_rate", "interval", "ratio_mase", "ratio_wql", "replaced")


class Shown(NamedTuple):
    """A table in words: what stands over it, its head, its rows, and the lines below it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str]


def tables(run: Run, say: Messages, problems: bool = True) -> list[Shown]:
    """All forecasting problems together, then each problem; below the last what the metrics mean."""
    scored, found = forecast_scores(run), overall(run)
    labels = dict(zip(scored["problem"], scored["label"], strict=True))
    shown = []
    if found is not None:
        names = method_names(list(found.methods["method"]), say)
        head, body = overall_table(found, names, say)
        labels = {problem: labels.get(problem, problem) for problem in (*found.problems, *found.left_out)}
        shown.append(Shown(overall_title(found, say), head, body, overall_notes(found, labels, say)))
    for _, rows in scored.groupby("problem", sort=False) if problems else ():
        names = method_names(list(rows["method"]), say)
        title = say("forecasts.problem", problem=rows["label"].iloc[0])
        line = windows_line(rows, say)
        shown.append(Shown(title, *problem_table(rows, names, say), [line] if line else []))
    if problems and shown and len(scored):
        shown[-1].notes.extend(meanings(columns_of(scored), say))
    return shown


def narrow(found: Shown) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Title, head and rows of a table in parts that 80 columns hold; the first column stands in each."""
    for start in range(1, len(found.head), ACROSS):
        part = [0, *range(start, min(start + ACROSS, len(found.head)))]
        rows = [[row[i] for i in part] for row in found.rows]
        yield (found.title if start == 1 else ""), [found.head[i] for i in part], rows


def columns_of(rows: pd.DataFrame) -> list[str]:
    """The metrics that some method has on these rows of `forecast_scores`."""
    return [name for name in SHOWN if rows[name].notna().any()]


def head_of(name: str, say: Messages) -> str:
    """The head of a metric's column: what it is called, and its direction or target."""
    family, percent = _parts(name)
    arrow = METRICS[name].arrow if name in METRICS else "↓"
    return f"{say(f'forecasts.{family}', percent=percent)} {arrow}"


def problem_table(
    rows: pd.DataFrame, names: Mapping[str, str], say: Messages
) -> tuple[list[str], list[list[str]]]:
    """Head and body of the table of one problem: a row per method, a column per metric.

    rows: of `forecast_scores`. names: what stands for each method, by its address.
    """
    shown = columns_of(rows)
    head = [say("page.method"), *(head_of(name, say) for name in shown)]
    body = [
        [names[row["method"]], *(_value(name, row[name]) for name in shown)] for _, row in rows.iterrows()
    ]
    return head, body


def windows_line(rows: pd.DataFrame, say: Messages) -> str:
    """How many test forecasts the rows of one problem are about, and on how many MASE is undefined."""
    counts = rows["windows"].dropna().unique()
    undefined = int(rows["undefined"].max())
    words = [say("forecasts.windows", n=int(count), count=f"{count:,.0f}") for count in counts]
    if len(counts) > 1:
        least, most = f"{counts.min():,.0f}", f"{counts.max():,.0f}"
        words = [say("forecasts.windows_differ", least=least, most=most)]
    if undefined:
        words.append(say("forecasts.undefined", n=undefined, count=f"{undefined:,}"))
    return " ".join(words)


def meanings(shown: Sequence[str], say: Messages) -> list[str]:
    """What the metrics of some tables mean, each once."""
    terms = dict.fromkeys(TERMS.get(_parts(name)[0], _parts(name)[0]) for name in shown)
    return [_meaning(term, say) for term in terms]


def _meaning(term: str, say: Messages) -> str:
    return say("forecasts.term", term=say(f"glossary.{term}"), meaning=say(f"glossary.{term}_is"))


def overall_table(
    found: Overall, names: Mapping[str, str], say: Messages
) -> tuple[list[str], list[list[str]]]:
    """Head and body of the table over all problems: a row per method."""
    bounded, quantiles = found.data_sets >= LEAST_UNITS, len(found.with_quantiles) > 0
    kept = [
        place
        for place, name in enumerate(OVERALL)
        if (bounded or name != "interval") and (quantiles or name != "ratio_wql")
    ]
    head = [_overall_head(name, say) for name in OVERALL]
    body = [_overall_row(row, names, say, len(found.problems)) for _, row in found.methods.iterrows()]
    return [head[i] for i in kept], [[row[i] for i in kept] for row in body]


def overall_title(found: Overall, say: Messages) -> str:
    """What stands over the table of all problems."""
    return say("forecasts.overall", n=len(found.problems))


def overall_notes(found: Overall, labels: Mapping[str, str], say: Messages) -> list[str]:
    """How the table over all problems is made, and what it leaves out. labels: the names of the problems."""
    if not len(found.methods):
        return _left_out(found, labels, say)
    notes = [_meaning("skill_score", say), _meaning("win_rate", say)]
    if found.data_sets >= LEAST_UNITS:
        notes.append(say("forecasts.interval_is", level=f"{LEVEL:.0%}".replace("%", " %"), n=found.data_sets))
    else:
        notes.append(say("forecasts.no_interval", n=found.data_sets, least=LEAST_UNITS))
    if found.methods["replaced"].any():
        notes.append(say("forecasts.replaced_is", baseline=BASELINE))
    if found.with_quantiles:
        notes.append(say("forecasts.with_quantiles", n=len(found.with_quantiles), all=len(found.problems)))
    if found.windows:
        key = "undefined_of" if found.undefined else "all_defined"
        values = {"n": found.undefined, "count": f"{found.undefined:,}", "windows": f"{found.windows:,}"}
        notes.append(say(f"forecasts.{key}", **values))
    return [*notes, *_left_out(found, labels, say)]


def _left_out(found: Overall, labels: Mapping[str, str], say: Messages) -> list[str]:
    return [
        say("forecasts.left_out", problem=labels[problem], why=say.reasons(why))
        for problem, why in found.left_out.items()
    ]


def _overall_head(name: str, say: Messages) -> str:
    arrows = {"skill": " ↑", "win_rate": " ↑", "ratio_mase": " ↓", "ratio_wql": " ↓"}
    place = "page" if name in ("method", "interval") else "forecasts"
    return say(f"{place}.{name}") + arrows.get(name, "")


def _overall_row(row: pd.Series[Any], names: Mapping[str, str], say: Messages, problems: int) -> list[str]:
    replaced = int(row["replaced"])
    return [
        names[row["method"]],
        signed(row["skill"]),
        _bounds(row, "skill", signed),
        f"{100 * row['win_rate']:.0f} %",
        _bounds(row, "win_rate", lambda share: f"{100 * share:.0f} %"),
        number(row["ratio_mase"]),
        number(row["ratio_wql"]),
        say("forecasts.some_of", n=replaced, all=problems) if replaced else "0",
    ]


def _bounds(row: pd.Series[Any], name: str, written: Any) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"[{written(low)}, {written(high)}]" if pd.notna(low) else ""


def _parts(name: str) -> tuple[str, str]:
    """`coverage` and `80` of `coverage_80`; the name itself of a metric without a level."""
    family, _, percent = name.rpartition("_")
    return (family, percent) if family in FAMILIES else (name, "")


def _value(name: str, value: float) -> str:
    if pd.isna(value):
        return ""
    return measure(value) if _parts(name)[0] in SIZES else number(value)
