"""Who did what in a registered contrast: solved fits, skill and cost of every method, and the differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from recurbench.reports.statistics.outcomes import ContrastVerdict, Reasons
from recurbench.reports.statistics.registered_contrasts import NOT_RUN, Judged
from recurbench.reports.statistics.registered_rule import (
    LAST,
    SOLVED,
    Counted,
    Difference,
    Floats,
    Outcome,
    Word,
    counted,
    difference,
)

# The code of each word in tables and files.
CODES = {
    Word.HELPS: ContrastVerdict.RECURRENCE_HELPS,
    Word.HURTS: ContrastVerdict.RECURRENCE_HURTS,
    Word.CONTEXT: ContrastVerdict.MEMORY_HELPS,
    Word.NO_DIFFERENCE: ContrastVerdict.NO_DIFFERENCE,
    Word.NOT_NEEDED: ContrastVerdict.NOT_NEEDED,
    Word.NEITHER: ContrastVerdict.NEITHER_LEARNED,
    Word.UNDECIDED: ContrastVerdict.UNDECIDED,
}
GROUPS = ("recurrent", "full", "window", "twin")


@dataclass(frozen=True)
class Standing:
    """One method of a contrast over the judged replicates.

    group: one of GROUPS. best: whether pilots chose it as the best of its group. twice: whether it has twice
    the optimizer steps. counted: solved fits of those with a score; None, like `skill`, where there are none.
    seconds: CPU seconds of a fit (median). parameters: trained ones.
    """

    address: str
    group: str
    best: bool
    twice: bool
    counted: Counted | None
    skill: float | None
    seconds: float | None
    parameters: int | None


@dataclass(frozen=True)
class Standings:
    """The methods of a contrast in the order of the groups.

    lift: best recurrent less best full-context network. context: best with memory less best window-limited
    network. None where there are not two replicates with both. Where fits are counted, their bounds
    are NaN: a t interval over zeros and ones has no width once all fits agree.
    """

    judged: Judged
    methods: tuple[Standing, ...]
    lift: Difference | None
    context: Difference | None

    def best(self, group: str) -> Standing | None:
        """The method that pilots chose as the best of a group; None where the group is empty."""
        return next((each for each in self.methods if each.group == group and each.best), None)

    def of(self, *groups: str) -> tuple[Standing, ...]:
        """The methods of some groups."""
        return tuple(each for each in self.methods if each.group in groups)

    @property
    def all_or_nothing(self) -> bool:
        """Whether fits are counted as solved or not."""
        return self.judged.frozen.outcome == Outcome.SOLVED

    @property
    def replicates(self) -> int:
        """Those judged."""
        return _judged(self.judged)

    @property
    def verdict(self) -> ContrastVerdict:
        """The word of the contrast, as tables and files have it."""
        return CODES[self.judged.word]

    @property
    def predicted(self) -> ContrastVerdict:
        """The word that was predicted."""
        return CODES[Word(self.judged.frozen.predicted)]

    @property
    def hit(self) -> bool | None:
        """Whether the prediction came true; None where nothing is decided."""
        return (
            None if self.judged.word == Word.UNDECIDED else self.judged.word == self.judged.frozen.predicted
        )

    @property
    def failed(self) -> tuple[str, ...]:
        """The addresses of the methods whose failed fits leave the contrast undecided."""
        failed = self.judged.ruling.failed if self.judged.ruling else ()
        return tuple(self.judged.roles.methods[i] for i in failed)

    @property
    def failed_twin(self) -> str | None:
        """The address of the twin if a fit of it failed: then "recurrence helps" cannot be shown."""
        twin = self.judged.roles.at.twin
        if twin is None or np.isfinite(self.judged.skills.iloc[:LAST, twin].to_numpy(dtype=float)).all():
            return None
        return self.judged.roles.methods[twin]

    @property
    def refused(self) -> Reasons:
        """Why there is no ruling, or why fits failed; those of the twin where nothing is decided."""
        if self.judged.refused is not None:
            return (self.judged.refused,)
        twin = self.failed_twin if self.verdict == ContrastVerdict.UNDECIDED else None
        addresses = (*self.failed, *([twin] if twin else []))
        return tuple(self.judged.failed[name] for name in addresses if name in self.judged.failed)

    @property
    def goes_on(self) -> bool:
        """Whether more replicates will be judged."""
        ruling = self.judged.ruling
        return ruling is not None and not ruling.ended(Word(self.judged.frozen.predicted))

    @property
    def error_ratio(self) -> float | None:
        """(1 - skill) of the best recurrent network over that of the best full-context one, both near 1."""
        skills = [one.skill if (one := self.best(group)) else None for group in ("recurrent", "full")]
        r, f = (math.nan if skill is None else skill for skill in skills)
        return (1 - r) / (1 - f) if SOLVED <= r <= 1 and SOLVED <= f < 1 else None

    @property
    def failure_possible(self) -> float | None:
        """Beside a word of absence: the failure rate that the replicates leave possible, at its level."""
        return self.judged.ruling.failure_possible if self.judged.ruling else None


def standings(judged: Judged) -> Standings:
    """What every method of a contrast did on the replicates that its word rests on."""
    at, chosen = judged.roles.at, judged.frozen
    champions = {at.best_recurrent, at.best_full, at.best_window, at.twin}
    names = [(group, name) for group, methods in chosen.rates.items() for name in methods]
    seen = judged.skills.iloc[: _judged(judged)]
    methods = []
    for i, (group, name) in enumerate(names):
        if i not in at.judged:
            continue
        address = judged.roles.methods[i]
        values = seen[address].dropna().to_numpy(dtype=float)
        methods.append(
            Standing(
                address,
                group,
                i in champions,
                name in chosen.twice,
                counted(values) if len(values) else None,
                float(values.mean()) if len(values) else None,
                judged.seconds.get(address),
                judged.parameters.get(address),
            )
        )
    skills = seen.to_numpy(dtype=float)
    bounded = chosen.outcome != Outcome.SOLVED
    lift = _difference(skills, at.best_recurrent, at.best_full, bounded)
    context = _difference(skills, at.best_memory, at.best_window, bounded)
    return Standings(judged, tuple(methods), lift, context)


def held(found: Sequence[Judged]) -> tuple[Standings, ...]:
    """The contrasts that a run holds judged samples of."""
    return tuple(standings(each) for each in found if each.refused != NOT_RUN)


def table(found: Sequence[Standings]) -> pd.DataFrame:
    """One row per contrast, for the map and for files."""
    return pd.DataFrame([_row(each) for each in found])


def _row(each: Standings) -> dict[str, object]:
    judged, ruling = each.judged, each.judged.ruling
    contrast = judged.contrast
    row: dict[str, object] = {
        "problem": contrast.problem,
        "label": contrast.label or contrast.problem,
        "outcome": judged.frozen.outcome,
        "replicates": each.replicates,
        "verdict": each.verdict,
        "reasons": each.refused,
        "p": ruling.p.get(judged.word) if ruling else None,
        "bar": ruling.bar if ruling else None,
        "predicted": each.predicted,
        "hit": each.hit,
        "known_before": contrast.known_before,
        "failure_possible": each.failure_possible,
    }
    for name, gap in (("lift", each.lift), ("context", each.context)):
        ends = (gap.mean, gap.low, gap.high) if gap else (math.nan, math.nan, math.nan)
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
    for group in ("recurrent", "full", "window"):
        one = each.best(group)
        row[group] = one.address if one else None
        row[f"{group}_solved"] = one.counted.solved if one and one.counted else None
        row[f"{group}_skill"] = one.skill if one else None
        row[f"{group}_cpu_seconds"] = one.seconds if one else None
    row |= {"steps": contrast.steps, "parameters": contrast.parameters, "cpu_hours": judged.hours}
    return row


def _judged(judged: Judged) -> int:
    return judged.ruling.n if judged.ruling else len(judged.skills)


def _difference(skills: Floats, one: int, other: int | None, bounded: bool) -> Difference | None:
    if other is None:
        return None
    gaps = skills[:, one] - skills[:, other]
    gaps = gaps[np.isfinite(gaps)]
    if len(gaps) < 2:
        return None
    return difference(gaps) if bounded else Difference(float(gaps.mean()), math.nan, math.nan)
