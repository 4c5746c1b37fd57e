"""Which words are said of which state: the verdict on one problem, and the sentences of a run's answer.

Everything here follows from the numbers and names it is given; `answer` and `lift` take them out of a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any, Protocol

import pandas as pd
from recurbench.reports.text.translation import Words
from recurbench.validation import lacking, partial

MARGIN = 0.05  # of skill: what counts as a difference
LEAST_UNITS = 10  # independent test units; with fewer an interval is a guess, and none is shown
NAMED = 3  # problems that a sentence names; the others are counted

AHEAD, BEHIND, NO_DIFFERENCE = "recurrent ahead", "recurrent behind", "no difference"
BY_SIZE, UNDECIDED = "undecided by size", "undecided"
NOT_LEARNED = "not learned in budget"
ONE_SEED, FEW_SEEDS = "undecided: one seed only", "undecided: too few seeds"
NOTHING_CHOSEN = "nothing chosen"
TIED = "tied on validation with"
NO_SCORES = "no validation scores to choose by"
UNCHOSEN = ("train too short to hold out a validation part", "train too small to hold out a validation part")
UNDEFINED = "the score is undefined on these data"
# Why MASE has no scale: the keys of the fact `no_scale`, the longest histories first.
NO_SCALE = {
    "constant": "its scale is 0, because every value of the history is the same",
    "seasonal": "its scale is 0, because every value of the history equals the one a season before",
    "short": "the history is not longer than a season",
    "gaps": "the history holds missing values",
}
OTHER_METRICS = "`recurbench export RUN` also writes smape, mae and mse, which need no scale"

Facts = Mapping[str, Any]
Row = Mapping[str, Any]


class State(StrEnum):
    """What can be said of one problem: decided in three ways, open, or without any choice of methods."""

    AHEAD = AHEAD
    BEHIND = BEHIND
    LEVEL = NO_DIFFERENCE
    UNCHOSEN = NOTHING_CHOSEN
    OPEN = UNDECIDED


class Varies(Protocol):
    """What a verdict asks of the spread of a lift, see `lift.Spread`."""

    @property
    def units(self) -> int:
        """Independent test units."""

    @property
    def by_seeds(self) -> float | None:
        """The variance from seeds or draws, None where there is one."""

    def of_units(self) -> float | None:
        """Half the width of the interval from test units alone."""


# The verdict on one problem: English words, which `Words.told` translates part by part.


def verdict(lift: float, half: float | None, spread: Varies, random: bool) -> str:
    """One word for an interval, by its bounds alone: see docs/decisions/0003-selection-and-lift.md."""
    of_units = spread.of_units()
    if half is None or of_units is None or spread.units < LEAST_UNITS:
        return BY_SIZE
    if random and spread.by_seeds is None:
        return ONE_SEED
    if lift - half > MARGIN:
        return AHEAD
    if lift + half < -MARGIN:
        return BEHIND
    if abs(lift) + half <= MARGIN:
        return NO_DIFFERENCE
    if of_units > MARGIN:
        return BY_SIZE
    return FEW_SEEDS if half > MARGIN else UNDECIDED


def unchosen(facts: Facts) -> str:
    """Why nothing was chosen on a problem, and what would be enough, as a verdict."""
    return f"{UNDECIDED}: {lacking(facts.get('validation', {})) or NO_SCORES}"


def tie(sides: Sequence[Sequence[str]]) -> str:
    """The verdict where the methods of a side are equal on validation and differ on test; names by side."""
    return f"{UNDECIDED}: " + "; ".join(f"validation does not tell {', '.join(own)} apart" for own in sides)


def tied_with(names: Sequence[str]) -> str:
    """The note of a method that stands for a family though these are its equals on validation."""
    return f"{TIED} {', '.join(names)}"


def undefined(facts: Facts) -> str:
    """That no method has a defined score on a problem, and why, as a verdict."""
    return f"{UNDECIDED}: {undefined_score(facts).partition('; ')[0]}"


def undefined_score(facts: Facts) -> str:
    """Why a cell that is ok has no score, and which scores it has."""
    causes = [NO_SCALE[cause] for cause in NO_SCALE if cause in facts.get("no_scale", {})]
    if facts.get("metric") != "mase" or not causes:
        return UNDEFINED
    return f"MASE is undefined: {causes[0]}; {OTHER_METRICS}"


def no_scale(facts: Facts, examples: int) -> list[str]:
    """Why MASE is undefined on some test examples, a sentence per cause; of an older run that it is."""
    known = facts.get("no_scale", {})
    counted = [(known[cause], words) for cause, words in NO_SCALE.items() if cause in known]
    if not counted:
        counted = [(examples, "its scale is 0, or the history is not longer than a season")]
    return [
        f"MASE is undefined on {n} test {'example' if n == 1 else 'examples'}: {words}; {OTHER_METRICS}"
        for n, words in counted
    ]


def validation_part(facts: Facts) -> str:
    """How the validation part falls short, or why there is none; "" where there is nothing to say of it."""
    held = facts.get("validation", {})
    return lacking(held) or partial(held)


def no_side(side: str, some_seeds: bool) -> str:
    """That the recurrent or the other side has no method to compare; some_seeds: one has a score on a few."""
    return f"no {side} method with a score" + (" on every seed" if some_seeds else "")


def too_few_units(units: int, facts: Facts, dataset: str, dials: Facts) -> str:
    """The verdict where less than LEAST_UNITS independent test units were there, and what would give more."""
    names = list(facts["series"])
    windows = facts["kind"] == "forecasting" and len(set(names)) == 1
    cases = facts["kind"] != "forecasting" and len(set(names)) == len(names)
    thing = "window" if windows else "series" if facts["kind"] == "forecasting" else "group"
    thing = "case" if cases else thing
    plural = thing if units == 1 or thing == "series" else f"{thing}s"
    words = f"{BY_SIZE}: only {units} independent test {plural}, {LEAST_UNITS} needed"
    remedy = _more_origins(facts, dataset, dials) if windows and "origins" in dials else ""
    return f"{words}; {remedy}" if remedy else words


def _more_origins(facts: Facts, dataset: str, dials: Facts) -> str:
    """How many test origins give LEAST_UNITS windows, and how many rows that takes, validation and all."""
    origins = origins_needed(LEAST_UNITS)
    flag = f"--origins {origins}" if dataset == "csv" else f"origins={origins}"
    held = facts.get("validation", {})
    if "rows" not in held or not isinstance(dials["origins"], int):
        return ""
    rows = origins * int(facts["steps"]) + int(held["enough"])
    return f"{flag} gives them" + ("" if held["rows"] >= rows else f", with {rows} rows or more")


def block_of(origins: int) -> int:
    """How many neighbouring origins of one series make one independent window: about their cube root."""
    return max(2, round(math.pow(origins, 1 / 3)))


def origins_needed(units: int) -> int:
    """The smallest number of origins of one series that makes so many independent windows."""
    return next(n for n in count(1) if -(-n // block_of(n)) >= units)


def state_of(words: str) -> State:
    """What a verdict of `lift` says of its problem; notes behind it change nothing."""
    head = words.partition(";")[0]
    if any(why in head for why in (*UNCHOSEN, NO_SCORES)):
        return State.UNCHOSEN
    decided = (State.AHEAD, State.BEHIND, State.LEVEL)
    return next((state for state in decided if state == head), State.OPEN)


# The sentences of a run's answer.


@dataclass(frozen=True)
class Best:
    """The method that validation chooses on a problem: its words, `gru on sales.csv (mase 0.9 on test)`.

    tied: validation chooses none of several that are equal; the words name them.
    """

    problem: str
    words: str
    tied: bool = False


def of_lifts(rows: Sequence[Row], best: Sequence[Best], say: Words) -> tuple[str, ...]:
    """The sentences where no registered contrast was run; rows: label, words, lift, low, high by problem.

    Every problem is counted once: as ahead, behind, level, open, or as one on which nothing was chosen.
    """
    if not rows:
        # Where nothing was compared, that nothing was shown would be no news.
        return say("first.empty"), say("first.nothing_open")
    found: dict[State, list[Row]] = {state: [] for state in State}
    for row in sorted(rows, key=_smallness):
        found[state_of(str(row["words"]))].append(row)
    compared = any(pd.notna(row["lift"]) for row in rows)
    said = _shown(found, len(rows), say) if compared else [say("first.not_compared", of=len(rows))]
    said += of_best(best, say)
    if found[State.UNCHOSEN]:
        names = enumerated([_with_reason(row, say) for row in found[State.UNCHOSEN]], say)
        said.append(say("first.unchosen", n=len(found[State.UNCHOSEN]), of=len(rows), problems=names))
    if found[State.OPEN]:
        said.append(_open(found[State.OPEN], len(rows), say))
    elif not found[State.UNCHOSEN]:
        said.append(say("first.all_decided", of=len(rows)))
    return tuple(said)


def of_contrasts(
    groups: Mapping[str, Sequence[Row]], of: int, best: Sequence[Best], say: Words
) -> tuple[str, ...]:
    """The sentences of registered contrasts.

    groups: under helps, context, equal, hurts and open their rows, with problem, verdict, lift, lift_low and
    lift_high.
    """
    rows = {name: sorted(own, key=_smallness) for name, own in groups.items()}
    clauses = [
        say(f"first.{name}", problems=_listed(rows[name], say))
        for name in ("context", "equal", "hurts")
        if rows[name]
    ]
    return (
        _first("helps", rows["helps"], of, say),
        _joined(clauses, say) if clauses else say("first.nothing_else"),
        *of_best(best, say),
        _open(rows["open"], of, say) if rows["open"] else say("first.all_decided", of=of),
    )


def of_best(best: Sequence[Best], say: Words) -> list[str]:
    """The sentences that name the best methods, and those that validation does not tell apart."""
    words = {
        "best": [one.words for one in best if not one.tied],
        "tied": [one.words for one in best if one.tied],
    }
    return [say(f"first.{key}", problems=enumerated(own, say)) for key, own in words.items() if own]


def _shown(found: Mapping[State, Sequence[Row]], of: int, say: Words) -> list[str]:
    """Where the recurrent side is ahead, and where it is behind or level."""
    names = {"behind": found[State.BEHIND], "level": found[State.LEVEL]}
    clauses = [say(f"first.{name}", problems=_listed(own, say)) for name, own in names.items() if own]
    rest = _joined(clauses, say) if clauses else say("first.nothing_behind")
    return [_first("ahead", found[State.AHEAD], of, say), rest]


def _first(key: str, rows: Sequence[Row], of: int, say: Words) -> str:
    if not rows:
        return say(f"first.{key}_nowhere", of=of)
    return say(f"first.{key}", n=len(rows), of=of, problems=_listed(rows, say))


def _open(rows: Sequence[Row], of: int, say: Words) -> str:
    """Of what is open the largest lifts are named, whyever they are open."""
    return say("first.open", n=len(rows), of=of, problems=enumerated([_reason(r, say) for r in rows], say))


def _smallness(row: Row) -> float:
    return -abs(row["lift"]) if pd.notna(row.get("lift")) else 0.0


def _listed(rows: Sequence[Row], say: Words) -> str:
    """Problems with their lift and its interval: `parity (+0.95 [+0.93, +0.97])`."""
    return enumerated([f"{_name(row)} ({_measured(row)})" for row in rows], say)


def _reason(row: Row, say: Words) -> str:
    """A problem without a verdict, its lift and why: `airline (-0.07 [-0.43, +0.29], undecided by size)`.

    Where nothing but the interval stands in the way, it says why.
    """
    word = str(row.get("verdict", row.get("words")))
    first, _, rest = word.partition(": ")
    why = "" if word == UNDECIDED else word if first.startswith("not learned") else rest or first
    parts = [_measured(row), say.told(why) if why else ""]
    return f"{_name(row)} ({', '.join(filter(None, parts)) or say.told(word)})"


def _with_reason(row: Row, say: Words) -> str:
    """A problem on which nothing was chosen, and why: the whole verdict."""
    return f"{_name(row)} ({say.told(str(row['words']))})"


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


def enumerated(names: Sequence[str], say: Words) -> str:
    """Names as part of a sentence: the first NAMED of them, and how many more.

    rest: the others, for a `say` that names them all.
    """
    if len(names) > NAMED:
        rest = ", ".join(names[NAMED:])
        return say("first.and_more", names=", ".join(names[:NAMED]), n=len(names) - NAMED, rest=rest)
    if len(names) < 2:
        return "".join(names)
    return say("first.and", names=", ".join(names[:-1]), last=names[-1])


def _joined(clauses: Sequence[str], say: Words) -> str:
    """Clauses as one sentence."""
    text = "; ".join(clauses)
    return say("first.sentence", text=text[:1].upper() + text[1:])
