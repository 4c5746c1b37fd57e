"""Where recurrence helps, in three sentences from the data: what helps, what does not, what is open.

Of a run without both sides on any problem: that nothing is compared, which method is best, what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from recurbench.reports import lift, verdicts
from recurbench.reports.frame import Run
from recurbench.reports.page.frames import lifts_of
from recurbench.reports.recurrence import NOT_RUN, primary, table
from recurbench.reports.render import number, signed
from recurbench.reports.selection import best, of_families
from recurbench.reports.table import every_method
from recurbench.reports.words import Words

Row = Mapping[str, Any]
NAMED = 3  # problems that a sentence names; the others are counted


@dataclass(frozen=True)
class Answer:
    """sentences: three, or two where the run has no cells or nothing to choose by, in the reader's language.

    exploratory: they stand on lifts, not on contrasts; not where there are none.
    """

    sentences: tuple[str, ...]
    exploratory: bool


def answer(run: Run, say: Words) -> Answer:
    """The answer of a run: from the verdicts of its primary contrasts, else from the lift of its problems.

    Resamples of one data set are one problem.
    """
    held = [pair for pair in primary(run) if pair[0].parts.refused != NOT_RUN]
    parts = [seen.parts for seen, _ in held]
    if any(each.lift.n and (each.idle or not each.refused) for each in parts):
        return Answer(_of_contrasts(table(held), say), exploratory=False)
    lifts = lifts_of(run)
    return Answer(_of_lifts(run, lifts, say), exploratory=bool(lifts["lift"].notna().any()))


def _of_contrasts(rows: pd.DataFrame, say: Words) -> tuple[str, str, str]:
    by = _grouped(rows, lambda row: str(row["verdict"]).partition(":")[0])
    rest = {
        "context": by.get(verdicts.CONTEXT, []),
        "equal": by.get(verdicts.NO_DIFFERENCE, []),
        "hurts": by.get(verdicts.HURTS, []),
    }
    open_ = [row for word in (verdicts.UNDECIDED, verdicts.NOT_LEARNED) for row in by.get(word, [])]
    return _three(("helps", "nothing_else"), by.get(verdicts.HELPS, []), rest, open_, len(rows), say)


def _of_lifts(run: Run, rows: pd.DataFrame, say: Words) -> tuple[str, ...]:
    if not len(rows):
        # Where nothing was compared, that nothing was shown would be no news.
        return say("first.empty"), say("first.nothing_open")
    if rows["lift"].isna().all():
        return _of_one_side(run, rows, say)
    by = _grouped(rows, lambda row: str(row["words"]).partition(";")[0])
    ahead, behind, equal = (by.pop(word, []) for word in (lift.AHEAD, lift.BEHIND, lift.NO_DIFFERENCE))
    open_ = [row for found in by.values() for row in found]
    keys = ("ahead", "nothing_behind")
    return _three(keys, ahead, {"behind": behind, "level": equal}, open_, len(rows), say)


def _of_one_side(run: Run, rows: pd.DataFrame, say: Words) -> tuple[str, ...]:
    """Where no problem has a lift: the method that validation chooses, and why nothing is compared."""
    said = [say("first.not_compared", of=len(rows))]
    if chosen := _chosen(run, say):
        said.append(say("first.best", problems=_enumerated(chosen[:NAMED], len(chosen) - NAMED, say)))
    return (*said, say("first.open", n=len(rows), of=len(rows), problems=_reasons(_rows(rows), say)))


def _chosen(run: Run, say: Words) -> list[str]:
    """By problem the method that validation chooses among all: `mlp on sales.csv (mase 0.465 on test)`."""
    names = []
    scored = every_method(run)
    for problem, rows in scored.groupby("problem", sort=False) if len(scored) else ():
        cells = run.cells[run.cells["problem"] == problem]
        facts = next(iter(run.draws(str(problem)).values()))
        found = best(cells, list(of_families(cells, facts).values()), facts["selectors"])
        if found is not None and found.by:
            row = rows[rows["method"] == found.address].iloc[0]
            score = f"{row['metric']} {number(row['score'])}"
            names.append(say("first.best_of", method=found.address, problem=row["label"], score=score))
    return names


def _three(
    keys: tuple[str, str],
    first: Sequence[Row],
    rest: Mapping[str, Sequence[Row]],
    open_: Sequence[Row],
    of: int,
    say: Words,
) -> tuple[str, str, str]:
    """What `first` shows, what else was decided by the name of its clause, and what is open.

    keys: the message of the first sentence, and of the second where there is nothing else. Of what is open
    the largest lifts are named, whyever they are open.
    """
    key, nothing = keys
    said = [say(f"first.{name}", problems=_listed(found, say)) for name, found in rest.items() if found]
    return (
        say(f"first.{key}", n=len(first), of=of, problems=_listed(first, say))
        if first
        else say(f"first.{key}_nowhere", of=of),
        _joined(said, say) if said else say(f"first.{nothing}"),
        say("first.open", n=len(open_), of=of, problems=_reasons(sorted(open_, key=_smallness), say))
        if open_
        else say("first.all_decided", of=of),
    )


def _grouped(rows: pd.DataFrame, word: Callable[[Row], str]) -> dict[str, list[Row]]:
    """The rows by their word, the largest lift first."""
    found: dict[str, list[Row]] = {}
    for row in _rows(rows):
        found.setdefault(word(row), []).append(row)
    return {key: sorted(group, key=_smallness) for key, group in found.items()}


def _rows(rows: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def _smallness(row: Row) -> float:
    return -abs(row["lift"]) if pd.notna(row.get("lift")) else 0.0


def _listed(rows: Sequence[Row], say: Words) -> str:
    """Problems with their lift and its interval: `parity (+0.95 [+0.93, +0.97])`."""
    names = [f"{_name(row)} ({_measured(row)})" for row in rows[:NAMED]]
    return _enumerated(names, len(rows) - NAMED, say)


def _reasons(rows: Sequence[Row], say: Words) -> str:
    """Problems without a verdict, their lift and why: `airline (-0.07 [-0.43, +0.29], undecided by size)`.

    Where nothing but the interval stands in the way, it says why.
    """
    names = []
    for row in rows[:NAMED]:
        word = str(row.get("verdict", row.get("words")))
        first, _, rest = word.partition(": ")
        why = "" if word == verdicts.UNDECIDED else word if first == verdicts.NOT_LEARNED else rest or first
        parts = [_measured(row), say.told(why) if why else ""]
        names.append(f"{_name(row)} ({', '.join(filter(None, parts)) or say.told(word)})")
    return _enumerated(names, len(rows) - NAMED, say)


def _measured(row: Row) -> str:
    """The lift and its interval, as far as there are any."""
    if pd.isna(row.get("lift")):
        return ""
    low, high = (row.get(f"lift_{end}", row.get(end)) for end in ("low", "high"))
    return signed(row["lift"]) + (f" [{signed(low)}, {signed(high)}]" if pd.notna(low) else "")


def _name(row: Row) -> str:
    return str(row["label" if "label" in row else "problem"])


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
