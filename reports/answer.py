"""Where recurrence helps, in three sentences from the data: what helps, what does not, what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from recurbench.reports import lift, verdicts
from recurbench.reports.frame import Run
from recurbench.reports.recurrence import primary, table
from recurbench.reports.render import signed
from recurbench.reports.table import comparison
from recurbench.reports.words import Words

Row = Mapping[str, Any]
NAMED = 3  # problems that a sentence names; the others are counted


@dataclass(frozen=True)
class Answer:
    """sentences: three, in the reader's language. exploratory: they stand on lifts, not on contrasts."""

    sentences: tuple[str, str, str]
    exploratory: bool


def answer(run: Run, say: Words) -> Answer:
    """The answer of a run: from the verdicts of its primary contrasts, else from the lift of its problems."""
    rows = table(primary(run))
    complete = rows[rows["lift"].notna() & ~rows["verdict"].map(_refused)] if len(rows) else rows
    if len(complete):
        return Answer(_of_contrasts(rows[rows["verdict"].map(_held)], say), exploratory=False)
    return Answer(_of_lifts(comparison(run), say), exploratory=True)


def _refused(verdict: str) -> bool:
    """Whether a verdict was refused: undecided, with the reason after a colon."""
    return verdict.startswith(f"{verdicts.UNDECIDED}:")


def _held(verdict: str) -> bool:
    return verdict != f"{verdicts.UNDECIDED}: not run"


def _of_contrasts(rows: pd.DataFrame, say: Words) -> tuple[str, str, str]:
    by = _grouped(rows, lambda row: str(row["verdict"]).partition(":")[0])
    helps, hurts = by.get(verdicts.HELPS, []), by.get(verdicts.HURTS, [])
    context, equal = by.get(verdicts.CONTEXT, []), by.get(verdicts.NO_DIFFERENCE, [])
    said = [
        say(f"first.{key}", problems=_listed(found, say))
        for key, found in (("context", context), ("equal", equal), ("hurts", hurts))
        if found
    ]
    open_ = [row for word in (verdicts.UNDECIDED, verdicts.NOT_LEARNED) for row in by.get(word, [])]
    return (
        say("first.helps", n=len(helps), of=len(rows), problems=_listed(helps, say))
        if helps
        else say("first.helps_nowhere", of=len(rows)),
        _joined(said, say) if said else say("first.nothing_else"),
        say("first.open", n=len(open_), of=len(rows), problems=_reasons(open_, say))
        if open_
        else say("first.all_decided", of=len(rows)),
    )


def _of_lifts(rows: pd.DataFrame, say: Words) -> tuple[str, str, str]:
    if not len(rows):
        return say("first.empty"), say("first.nothing_else"), say("first.nothing_open")
    by = _grouped(rows, lambda row: str(row["words"]).partition(";")[0])
    ahead, behind, equal = (by.pop(word, []) for word in (lift.AHEAD, lift.BEHIND, lift.NO_DIFFERENCE))
    said = [
        say(f"first.{key}", problems=_listed(found, say))
        for key, found in (("behind", behind), ("level", equal))
        if found
    ]
    open_ = [row for found in by.values() for row in found]
    return (
        say("first.ahead", n=len(ahead), of=len(rows), problems=_listed(ahead, say))
        if ahead
        else say("first.ahead_nowhere", of=len(rows)),
        _joined(said, say) if said else say("first.nothing_else"),
        say("first.open", n=len(open_), of=len(rows), problems=_reasons(open_, say))
        if open_
        else say("first.all_decided", of=len(rows)),
    )


def _grouped(rows: pd.DataFrame, word: Callable[[Row], str]) -> dict[str, list[Row]]:
    """The rows by their word, the largest lift first."""
    found: dict[str, list[Row]] = {}
    for row in rows.to_dict("records"):
        named: Row = {str(key): value for key, value in row.items()}
        found.setdefault(word(named), []).append(named)
    return {key: sorted(group, key=_smallness) for key, group in found.items()}


def _smallness(row: Row) -> float:
    return -abs(row["lift"]) if pd.notna(row.get("lift")) else 0.0


def _listed(rows: Sequence[Row], say: Words) -> str:
    """Problems with their lift and its interval: `parity (+0.95 [+0.93, +0.97])`."""
    names = []
    for row in rows[:NAMED]:
        low, high = (row.get(f"lift_{end}", row.get(end)) for end in ("low", "high"))
        bounds = f" [{signed(low)}, {signed(high)}]" if pd.notna(low) else ""
        names.append(f"{_name(row)} ({signed(row['lift'])}{bounds})")
    return _enumerated(names, len(rows) - NAMED, say)


def _reasons(rows: Sequence[Row], say: Words) -> str:
    """Problems without a verdict, and why: `copy-memory (undecided by size)`."""
    names = []
    for row in rows[:NAMED]:
        word = str(row.get("verdict", row.get("words")))
        first, _, rest = word.partition(": ")
        why = f"{say.of(first)}: {say.of(rest)}" if first == verdicts.NOT_LEARNED else say.of(rest or first)
        if word == verdicts.UNDECIDED and (row.get("half_width") or 0) > verdicts.MARGIN:
            why = say("first.half_width", half=f"{row['half_width']:.2f}", margin=verdicts.MARGIN)
        names.append(f"{_name(row)} ({why})")
    return _enumerated(names, len(rows) - NAMED, say)


def _name(row: Row) -> str:
    return str(row.get("label", row["problem"]))


def _enumerated(names: Sequence[str], more: int, say: Words) -> str:
    if more > 0:
        return say("first.and_more", names=", ".join(names), n=more)
    if len(names) < 2:
        return "".join(names)
    return say("first.and", names=", ".join(names[:-1]), last=names[-1])


def _joined(clauses: Sequence[str], say: Words) -> str:
    """Clauses as one sentence."""
    text = "; ".join(clauses)
    return say("first.sentence", text=text[:1].upper() + text[1:])
