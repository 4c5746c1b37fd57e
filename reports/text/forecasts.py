"""The tables of forecasts in words: every metric on each problem, and all problems together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from recurbench.reports.statistics.constants import LEAST_UNITS, LEVEL
from recurbench.reports.statistics.forecast_ratios import BASELINE, Overall, overall
from recurbench.reports.statistics.forecast_scores import AVERAGED, forecast_scores
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.metric_tables import MetricTable, Shown, meaning
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

LEVELS = ("coverage", "interval_score")
# In the order of a reader: without a unit first, then in the unit of the data.
PLAIN = ("mase", "rmsse", "smape", "owa", "wql", "mae", "rmse", "pinball")
SHARED = {"rmsse": "mase", "rmse": "mae", "pinball": "crps"}  # explained by the term of another metric
OF_FORECASTS = MetricTable(
    (*PLAIN, *AVERAGED[7:]),
    sizes=frozenset(("wql", "mae", "rmse", "pinball", "interval_score")),
    terms={name: SHARED.get(name, name) for name in (*PLAIN, *LEVELS)},
)
OVERALL = ("method", "skill", "interval", "win_rate", "interval", "ratio_mase", "ratio_wql", "replaced")


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
        shown.append(Shown(title, *OF_FORECASTS.of(rows, names, say), [line] if line else []))
    if problems and shown and len(scored):
        shown[-1].notes.extend(OF_FORECASTS.meanings(OF_FORECASTS.columns_of(scored), say))
    return shown


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
    notes = [meaning("skill_score", say), meaning("win_rate", say)]
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
