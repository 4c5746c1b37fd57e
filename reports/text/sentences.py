"""The sentences of a run's answer, from the verdicts on its problems.

Everything here follows from the verdicts, numbers and names it is given; `answer` takes them out of a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from recurbench.reports.statistics.outcomes import REMARKS, LiftVerdict
from recurbench.reports.text.translation import Messages

NAMED = 3  # problems that a sentence names; the others are counted
OPEN = "open"

Row = Mapping[str, Any]

# The message of each verdict that has one; all other verdicts leave a problem open.
OF_LIFTS = {
    LiftVerdict.AHEAD: "ahead",
    LiftVerdict.BEHIND: "behind",
    LiftVerdict.NO_DIFFERENCE: "level",
    LiftVerdict.NOTHING_CHOSEN: "unchosen",
}


@dataclass(frozen=True)
class Best:
    """The method that validation chooses on a problem: its text, `gru on sales.csv (mase 0.9 on test)`.

    tied: validation chooses none of several that are equal; the text names them.
    """

    problem: str
    text: str
    tied: bool = False


def of_lifts(rows: Sequence[Row], best: Sequence[Best], say: Messages) -> tuple[str, ...]:
    """The sentences where no registered contrast was run.

    rows: label, verdict, reasons, lift, low, high by problem. Every problem is counted once: as ahead,
    behind, level, open, or as one on which nothing was chosen.
    """
    if not rows:
        return say("first.empty"), say("first.nothing_open")
    groups = grouped(rows, OF_LIFTS)
    compared = any(pd.notna(row["lift"]) for row in rows)
    sentences = _shown(groups, len(rows), say) if compared else [say("first.not_compared", of=len(rows))]
    sentences += of_best(best, say)
    if groups["unchosen"]:
        names = enumerated([_with_reason(row, say) for row in groups["unchosen"]], say)
        sentences.append(say("first.unchosen", n=len(groups["unchosen"]), of=len(rows), problems=names))
    if groups[OPEN]:
        sentences.append(_open(groups[OPEN], len(rows), say))
    elif not groups["unchosen"]:
        sentences.append(say("first.all_decided", of=len(rows)))
    return tuple(sentences)


def of_best(best: Sequence[Best], say: Messages) -> list[str]:
    """The sentences that name the best methods, and those that are equal on validation."""
    texts = {
        "best": [one.text for one in best if not one.tied],
        "tied": [one.text for one in best if one.tied],
    }
    return [say(f"first.{key}", problems=enumerated(names, say)) for key, names in texts.items() if names]


def grouped(rows: Sequence[Row], names: Mapping[Any, str]) -> dict[str, list[Row]]:
    """The rows by what their verdict is called, the largest lifts first; OPEN where it has no name."""
    groups: dict[str, list[Row]] = {name: [] for name in (*names.values(), OPEN)}
    for row in sorted(rows, key=_smallness):
        groups[names.get(row["verdict"], OPEN)].append(row)
    return groups


def _shown(groups: Mapping[str, Sequence[Row]], of: int, say: Messages) -> list[str]:
    """Where the best recurrent network is ahead, and where it is behind or level."""
    clauses = [
        say(f"first.{name}", problems=_listed(groups[name], say))
        for name in ("behind", "level")
        if groups[name]
    ]
    return [_first("ahead", groups["ahead"], of, say), *_clauses(clauses, "nothing_behind", of, say)]


def _clauses(clauses: Sequence[str], nothing: str, of: int, say: Messages) -> list[str]:
    """Clauses as one sentence, or that no problem shows any of them, which a single problem does not need."""
    if clauses:
        text = "; ".join(clauses)
        return [say("first.sentence", text=text[:1].upper() + text[1:])]
    return [say(f"first.{nothing}")] if of > 1 else []


def _first(key: str, rows: Sequence[Row], of: int, say: Messages) -> str:
    if not rows:
        return say(f"first.{key}_nowhere", of=of)
    return say(f"first.{key}", n=len(rows), of=of, problems=_listed(rows, say))


def _open(rows: Sequence[Row], of: int, say: Messages) -> str:
    """The undecided problems, the largest lifts named."""
    names = enumerated([_undecided(row, say) for row in rows], say)
    return say("first.open", n=len(rows), of=of, problems=names)


def _smallness(row: Row) -> float:
    return -abs(row["lift"]) if pd.notna(row.get("lift")) else 0.0


def _listed(rows: Sequence[Row], say: Messages) -> str:
    """Problems with their lift and its interval: `parity (+0.95 [+0.93, +0.97])`."""
    return enumerated([f"{_name(row)} ({_measured(row)})" for row in rows], say)


def _undecided(row: Row, say: Messages) -> str:
    """A problem without a decision, its lift and why: `co2 (-0.07 [-0.43, +0.29], test set too small)`."""
    parts = [_measured(row), _why(row, say)]
    return f"{_name(row)} ({', '.join(filter(None, parts)) or say.verdict(row['verdict'])})"


def _why(row: Row, say: Messages) -> str:
    """Why there is no decision; "" where nothing but the width of the interval stands in the way."""
    verdict, reasons = row["verdict"], row["reasons"]
    explained = any(each.code not in REMARKS for each in reasons)
    whole = verdict in (LiftVerdict.NOT_TRAINED, LiftVerdict.UNFINISHED) or not explained
    if whole and verdict != LiftVerdict.UNDECIDED:
        return say.verdict(verdict, reasons)
    return say.reasons(reasons)


def _with_reason(row: Row, say: Messages) -> str:
    """A problem on which nothing was chosen, and why."""
    return f"{_name(row)} ({say.reasons(row['reasons'])})"


def _measured(row: Row) -> str:
    """The lift and its interval, as far as there are any."""
    if pd.isna(row.get("lift")):
        return ""
    low, high = (row.get(f"lift_{end}", row.get(end)) for end in ("low", "high"))
    return _signed(row["lift"]) + (f" [{_signed(low)}, {_signed(high)}]" if pd.notna(low) else "")


def _signed(value: Any) -> str:
    return f"{value:+.3f}" if abs(value) < 100 else f"{value:+.4g}"


def _name(row: Row) -> str:
    return str(row["label" if "label" in row else "problem"])


def enumerated(names: Sequence[str], say: Messages) -> str:
    """Names as part of a sentence: the first NAMED of them, and how many more.

    rest: the others, for a `say` that names them all.
    """
    if len(names) > NAMED:
        rest = ", ".join(names[NAMED:])
        return say("first.and_more", names=", ".join(names[:NAMED]), n=len(names) - NAMED, rest=rest)
    if len(names) < 2:
        return "".join(names)
    return say("first.and", names=", ".join(names[:-1]), last=names[-1])
