"""Tables for papers: booktabs, everything escaped, bold only where a paired test says so."""

from __future__ import annotations

from typing import Any

import pandas as pd
from recurbench.registry import FAMILIES
from recurbench.reports.statistics.best_significance import bests
from recurbench.reports.statistics.comparison_table import abridged, comparison
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, Reasons, WarningStatus, has
from recurbench.reports.statistics.registered_rule import ERROR
from recurbench.reports.statistics.registered_standings import Standings
from recurbench.reports.text import registered_tables
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.render import families_of, metric_words, shown_notes
from recurbench.reports.text.tex import PREAMBLE, escape, figure_of, message, of, row, table
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

MOST = 18  # problems of one table, two lines each; what comes after goes into another
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def latex(run: Run, say: Messages) -> str:
    """All tables of a run: one per task kind, the lift, and the map where there is one.

    From the data frame of table.csv. The best of a row is bold only where it is told from each other family's
    method, adjusted p below .05 (`bests`); what failed carries a letter with its reason below the table.
    """
    compared = comparison(run)
    if not len(compared):
        return PREAMBLE
    parts = [PREAMBLE]
    named = abridged(run)
    for kind, rows in compared.groupby("kind", sort=False):
        parts += _pieces(str(kind), named.loc[rows.index], bests(run, rows), say)
    parts += _lifts(named, say)
    parts += _map(run, say)
    return "\n".join(parts)


def _pieces(kind: str, rows: pd.DataFrame, sure: pd.DataFrame, say: Messages) -> list[str]:
    """The table of one kind, in pieces of at most MOST problems; sure: what `bests` says of them."""
    known = [name for name in families_of(rows) if name in FAMILIES]
    bold = dict(zip(sure["problem"], sure["best"].where(sure["sure"], ""), strict=True))
    units = [int(n) for n in sure["units"] if n]
    header = [message(say, "statistics.latex_problem"), *(_name(say, name) for name in known)]
    caption = message(
        say,
        "statistics.latex_caption",
        kind=_name(say, kind),
        problems=str(len(rows)),
        units=_range(units),
        tested=str(int(sure["p"].notna().sum())),
    )
    found = []
    for start in range(0, len(rows), MOST):
        notes: dict[Reasons, str] = {}
        lines: list[str] = []
        for _, each in rows.iloc[start : start + MOST].iterrows():
            lines += _two_lines(each, known, str(bold.get(each["problem"], "")), notes, say)
        written = [f"$^{{{letter}}}$ {_reasons(say, note)}" for note, letter in notes.items()]
        written += [
            f"{escape(str(each['label']))}: {_reasons(say, each['validation_part'])}"
            for _, each in rows.iloc[start : start + MOST].iterrows()
            if each["validation_part"]
        ]
        found.append(table(caption, f"{kind}-{start // MOST + 1}", header, lines, written))
    return found


def _range(values: list[int]) -> str:
    if not values:
        return "0"
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}--{high}"


def _two_lines(
    each: pd.Series[Any], known: list[str], bold: str, notes: dict[Reasons, str], say: Messages
) -> list[str]:
    """Scores on the first line, metric and methods on the second."""
    metric = of(say, lambda words: metric_words(each, words))
    scores, methods = [escape(str(each["label"]))], [rf"\scriptsize {metric}"]
    failed = of(say, lambda words: words.status("failed"))
    seen = of(say, lambda words: words.status(WarningStatus.TRAINED_ON_THIS_DATA))
    for name in known:
        note = shown_notes(each, name)
        mark = f"$^{{{_letter(note, notes)}}}$" if note else ""
        if not isinstance(each[name], str):
            unchosen = has(each[f"{name}_notes"], ReasonCode.NOTHING_CHOSEN)
            blank = seen if has(note, ReasonCode.METHODS_TRAINED_ON_THIS_DATA) else failed
            if unchosen:
                blank = of(say, lambda words: words.verdict(LiftVerdict.NOTHING_CHOSEN))
            scores.append(f"{blank}{mark}" if note or unchosen else "--")
            methods.append("")
            continue
        score = figure_of(number(each[f"{name}_score"]))
        spread = number(each.get(f"{name}_sd"))
        score = rf"\textbf{{{score}}}" if name == bold else score
        around = rf" $\pm$ {spread}" if spread else ""
        scores.append(f"{score}{around}{mark}")
        methods.append(rf"\scriptsize {escape(each[name])}")
    return [row(scores), row(methods), r"\addlinespace"]


def _name(say: Messages, name: str) -> str:
    return of(say, lambda words: words.of(name))


def _reasons(say: Messages, reasons: Reasons) -> str:
    return of(say, lambda words: words.reasons(reasons))


def _verdict(say: Messages, each: pd.Series[Any]) -> str:
    return of(say, lambda words: words.verdict(each["verdict"], each["reasons"]))


def _letter(note: Reasons, notes: dict[Reasons, str]) -> str:
    """The letter of a note, the same for the same reasons; two letters after z."""
    if note not in notes:
        i = len(notes)
        notes[note] = LETTERS[i % 26] if i < 26 else LETTERS[i // 26 - 1] + LETTERS[i % 26]
    return notes[note]


def _lifts(compared: pd.DataFrame, say: Messages) -> list[str]:
    header = [message(say, f"statistics.latex_{name}") for name in ("problem", "recurrent", "other", "lift")]
    header += ["n", message(say, "statistics.latex_verdict")]
    lines = []
    for _, each in compared.iterrows():
        sides = [
            f"{escape(each[f'lift_{side}'])} {figure_of(number(each[f'skill_{side}']))}".strip()
            if isinstance(each.get(f"lift_{side}"), str)
            else ""
            for side in ("recurrent", "other")
        ]
        units = each.get("units")
        count = str(int(units)) if pd.notna(units) and units else ""
        gap = _interval(each.get("lift"), each.get("low"), each.get("high"))
        lines.append(row([escape(str(each["label"])), *sides, gap, count, _verdict(say, each)]))
    caption = message(
        say, "statistics.latex_lift_caption", level=rf"{LEVEL:.0%}".replace("%", r"\,\%"), margin=str(MARGIN)
    )
    chunks = range(0, len(lines), 2 * MOST)
    return [table(caption, f"lift-{i // MOST + 1}", header, lines[i : i + 2 * MOST], ()) for i in chunks]


def _interval(value: Any, low: Any, high: Any) -> str:
    """`$+0.1$ [$-0.1$, $+0.3$]`, as far as it is known."""
    shown = figure_of(signed(value))
    if low is None or pd.isna(low):
        return shown
    return f"{shown} [{figure_of(signed(low))}, {figure_of(signed(high))}]"


def _map(run: Run, say: Messages) -> list[str]:
    """The registered contrasts that the run holds judged samples of, nothing where it holds none."""
    found = contrasts_in(run)
    if not found:
        return []
    names = ("problem", "recurrent", "full", "lift")
    header = [message(say, f"statistics.latex_{name}") for name in names]
    header += ["n", message(say, "statistics.latex_verdict")]
    caption = message(
        say, "statistics.latex_map", contrasts=str(len(found)), error=f"{ERROR:.0%}".replace("%", r"\,\%")
    )
    return [table(caption, "map", header, [_contrast(each, say) for each in found], ())]


def _contrast(each: Standings, say: Messages) -> str:
    cells = (
        of(say, lambda words: registered_tables.label(each, words)),
        *(of(say, lambda words: registered_tables.side(each, "recurrent", words)),),
        *(of(say, lambda words: registered_tables.side(each, "full", words)),),
        of(say, lambda words: registered_tables.gap(each, words)),
        str(each.replicates),
        of(say, lambda words: words.verdict(each.verdict, each.refused)),
    )
    return row(list(cells))
