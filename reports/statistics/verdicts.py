"""The verdict on recurrence: one per contrast, by interval bounds, with Holm over all contrasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from recurbench.address import split_address
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.outcomes import ContrastVerdict, Reason, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import (
    ROUNDING,
    Floats,
    Mean,
    bimodal,
    p_by_t,
    smallest_p,
    widened,
)

APART = 0.01  # the p value at which validation sets a method apart from the best of its side
ERROR = 0.05  # the chance of any wrong verdict among the primary contrasts

CLAIMS = (  # the verdicts that the data must support, in the order in which they go before each other
    ContrastVerdict.RECURRENCE_HELPS,
    ContrastVerdict.RECURRENCE_HURTS,
    ContrastVerdict.MEMORY_HELPS,
    ContrastVerdict.NO_DIFFERENCE,
)
UNTRAINED = {
    "recurrent": ReasonCode.RECURRENT_NOT_TRAINED,
    "full": ReasonCode.FULL_CONTEXT_NOT_TRAINED,
}


@dataclass(frozen=True)
class Skills:
    """Skill by pair and method, and which methods stand on which side.

    test: [pairs, methods], 0 is the best constant answer, 1 the exact best. valid: alike, any score where
    higher is better; it alone chooses. recurrent: learned recurrence (R); full: networks that see the whole
    past without it (F); window: networks that see less than the task needs (W). cut: by recurrent method its
    twin trained without a state. jumps: the probe is known to be solved or lost, so differences are
    judged as bimodal even where the pairs seen show one kind only. shared: test cases per training case where
    the pairs are random parts of one set of cases, see `margins.widened`.
    """

    test: pd.DataFrame
    valid: pd.DataFrame
    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...] = ()
    cut: Mapping[str, str] | None = None
    jumps: bool = False
    shared: float = 0.0

    def __post_init__(self) -> None:
        names = [*self.recurrent, *self.full, *self.window]
        if not self.recurrent or not self.full:
            raise ValueError(f"sides R {self.recurrent} and F {self.full}: each needs a method")
        if len(set(names)) < len(names):
            raise ValueError(f"methods {sorted(names)}: each stands once and on one side")
        for table, columns, what in (
            (self.test, self._tests, "test"),
            (self.valid, self._valids, "validation"),
        ):
            missing = sorted({name for name in names if name not in columns})
            if missing or not table.columns.is_unique:
                raise ValueError(
                    f"{what} scores of {', '.join(map(str, table.columns))}; each of {', '.join(names)} "
                    "needs one column: add it, or drop the method from its side"
                )
            if not all(np.isfinite(columns[name]).all() for name in names):
                raise ValueError(
                    f"{what} scores of {', '.join(names)} have gaps; give a run that failed the score of the "
                    "answer it fell back on"
                )
        if not self.test.index.equals(self.valid.index) or not self.test.index.is_unique:
            raise ValueError(
                f"pairs {list(self.test.index)} by test and {list(self.valid.index)} by validation; "
                "both tables need the same pairs, once each, in one order"
            )

    @cached_property
    def _tests(self) -> dict[str, Floats]:
        return _columns(self.test)

    @cached_property
    def _valids(self) -> dict[str, Floats]:
        return _columns(self.valid)

    def chosen(self, pool: Sequence[str]) -> list[str]:
        """Per pair, the method of the pool with the best mean validation score over the other pairs.

        A method is chosen, never a seed; equal scores go to the first by name. A pair without others chooses
        for itself; one pair earns no verdict.
        """
        names = sorted(pool)
        scores = np.column_stack([self._valids[name] for name in names])
        n = len(scores)
        # Never the sum less the own score: a huge own score would take the others' digits along.
        others = (1 - np.eye(n)) @ scores / (n - 1) if n > 1 else scores
        close = ROUNDING * np.abs(others).max(axis=1, keepdims=True)
        best = others >= others.max(axis=1, keepdims=True) - close
        return [names[place] for place in best.argmax(axis=1)]

    def open(self, pool: Sequence[str]) -> list[str]:
        """The methods of the pool that validation over all pairs does not set apart from its best.

        Set apart is what a one-sided paired t test refuses at APART (after Hansen, Lunde and Nason 2011; no
        confidence set, for that the best was chosen is not allowed for). A method that fails on a few pairs
        has so wide a gap that it stays open; docs/decisions/0007 says why that was left as it is.
        """
        names = sorted(pool)
        scores = np.column_stack([self._valids[name] for name in names])
        behind = scores[:, [scores.mean(axis=0).argmax()]] - scores
        gaps = {name: widened(gap, self.shared) for name, gap in zip(names, behind.T, strict=True)}
        return [name for name, gap in gaps.items() if p_by_t(gap, 0.0) > APART]

    def of(self, methods: Sequence[str]) -> Floats:
        """[pairs]: the test skill of one method per pair."""
        return np.array([self._tests[name][pair] for pair, name in enumerate(methods)], dtype=float)


def _columns(table: pd.DataFrame) -> dict[str, Floats]:
    return dict(zip(table.columns, table.to_numpy(dtype=float).T, strict=True))


@dataclass(frozen=True)
class Parts:
    """What a verdict stands on.

    lift: L = R - F. cut: R minus its twin without a state, None where the run lacks a twin of the methods
    that are not told apart. context: C, the best of R and F minus the best of W, None where there is no W.
    idle: sides ("recurrent", "full") that did not train within their budget. refused: why no verdict may be
    formed, None where it may. untwinned: the methods whose twin is missing.
    """

    lift: Mean
    cut: Mean | None = None
    context: Mean | None = None
    idle: tuple[str, ...] = ()
    refused: Reason | None = None
    untwinned: tuple[str, ...] = ()

    def claims(self) -> dict[ContrastVerdict, float]:
        """By verdict the p value of its claim: twice the largest one-sided p of what it needs, at most 1.

        Every claim joins several one-sided ones and is as doubtful as the most doubtful of them
        (intersection-union test, Berger 1982); twice, because a bound may be wrong on either side.
        """
        if self.idle or self.refused:
            return dict.fromkeys(CLAIMS, 1.0)
        d, lift = MARGIN, self.lift
        needs = {
            ContrastVerdict.RECURRENCE_HELPS: [lift.p_above(d), _above(self.cut, d)],
            ContrastVerdict.RECURRENCE_HURTS: [lift.p_below(-d)],
            ContrastVerdict.MEMORY_HELPS: [_above(self.context, d), lift.p_below(d)],
            ContrastVerdict.NO_DIFFERENCE: [
                p for part in (lift, self.context) for p in (_above(part, -d), _below(part, d))
            ],
        }
        return {claim: min(1.0, 2 * max(values)) for claim, values in needs.items()}


def _above(part: Mean | None, c: float) -> float:
    return 1.0 if part is None else part.p_above(c)


def _below(part: Mean | None, c: float) -> float:
    return 1.0 if part is None else part.p_below(c)


@dataclass(frozen=True)
class Verdict:
    """One contrast judged among all primary ones.

    code, reasons: what it comes to, and why where there is no decision. p, p_adjusted: of the claim, before
    and after Holm; where undecided, of the claim nearest to being made. level: of the intervals it stands on.
    smallest: the smallest p the number of pairs can give. half: the half-width of the interval of the lift.
    """

    code: ContrastVerdict
    p: float
    p_adjusted: float
    level: float
    smallest: float
    half: float
    reasons: tuple[Reason, ...] = ()


def parts_of(skills: Skills, idle: tuple[str, ...] = (), refused: Reason | None = None) -> Parts:
    """The components of one contrast, pair by pair.

    Each is the mean for the methods chosen over the other pairs, `also` for every method of a side that
    validation does not set apart from its best: the choice uses scores of the pairs it is judged on, so the
    chosen ones share its luck, and values by cross-fitted choice spread less than their mean does.

    The cut takes the twins of all of them: of some alone it would say that the state matters to those that
    happen to have one.
    """
    cut = context = None
    twins = skills.cut or {}
    needed = {*skills.chosen(skills.recurrent), *skills.open(skills.recurrent)}
    untwinned = tuple(sorted(name for name in needed if twins.get(name, "") not in skills.test))
    if not untwinned:
        cut = _difference(skills, skills.recurrent, twins)
    if skills.window:
        context = _difference(skills, (*skills.recurrent, *skills.full), skills.window)
    lift = _difference(skills, skills.recurrent, skills.full)
    return Parts(lift, cut, context, idle, refused, untwinned)


def _difference(skills: Skills, pool: Sequence[str], rivals: Sequence[str] | Mapping[str, str]) -> Mean:
    """The difference of two pools, or of a pool and the twin of each of its methods."""
    best = skills.chosen(pool)
    if isinstance(rivals, Mapping):
        other = [rivals[name] for name in best]
        left = [(name, rivals[name]) for name in skills.open(pool)]
    else:
        other = skills.chosen(rivals)
        left = [(name, rival) for name in skills.open(pool) for rival in skills.open(rivals)]
    n = len(best)
    only = {(best[0], other[0])} if n and len({*zip(best, other, strict=True)}) == 1 else set()
    also = [mean_of(skills, [name] * n, [rival] * n) for name, rival in left if (name, rival) not in only]
    return replace(mean_of(skills, best, other), also=tuple(also))


def mean_of(skills: Skills, best: Sequence[str], other: Sequence[str]) -> Mean:
    """The difference of two methods of every pair."""
    one, two = skills.of(best), skills.of(other)
    return Mean(one - two, skills.jumps or bimodal(one) or bimodal(two), shared=skills.shared)


def claim_of(claims: Mapping[ContrastVerdict, float], error: float) -> ContrastVerdict:
    """The first claim whose p value is at most `error`; undecided where there is none."""
    return next((claim for claim in CLAIMS if claims[claim] <= error), ContrastVerdict.UNDECIDED)


def judge(contrasts: Sequence[Parts], family: int | None = None, error: float = ERROR) -> list[Verdict]:
    """A verdict per contrast: Holm's step-down over `family` contrasts (at least those given).

    The i-th smallest p of m is held against error / (m - i + 1), until one fails; all after it are undecided.
    What gets no verdict stays in the count, so that dropping a contrast buys the others nothing.
    """
    m = max(family or 0, len(contrasts))
    claims = [parts.claims() for parts in contrasts]
    least = [min(each.values()) for each in claims]
    found: dict[int, Verdict] = {}
    adjusted, failed, bar, left, last = 0.0, False, error, m, -1.0
    for rank, i in enumerate(sorted(range(len(contrasts)), key=lambda i: (least[i], i))):
        if not failed and least[i] != last:  # equal p values share a bar, so that order decides nothing
            bar = error / (m - rank)
            failed = least[i] > bar
        left, last = (left if least[i] == last else m - rank), least[i]
        adjusted = min(1.0, max(adjusted, left * least[i]))
        parts = contrasts[i]
        claim = ContrastVerdict.UNDECIDED if failed else claim_of(claims[i], bar)
        p = claims[i].get(claim, least[i])
        low, high = parts.lift.interval(1 - bar)
        p_adjusted = min(1.0, max(adjusted, left * p))
        code, reasons = _explained(parts, claim, bar)
        half = (high - low) / 2
        found[i] = Verdict(code, p, p_adjusted, 1 - bar, smallest_p(parts.lift.n), half, reasons)
    return [found[i] for i in range(len(contrasts))]


def _explained(
    parts: Parts, claim: ContrastVerdict, bar: float
) -> tuple[ContrastVerdict, tuple[Reason, ...]]:
    """The verdict on a contrast whose best supported claim is `claim`, and why there is no decision."""
    if parts.idle:
        return ContrastVerdict.NOT_TRAINED, tuple(reason(UNTRAINED[side]) for side in parts.idle)
    if parts.refused:
        return ContrastVerdict.UNDECIDED, (parts.refused,)
    if claim == ContrastVerdict.UNDECIDED and parts.untwinned and 2 * parts.lift.p_above(MARGIN) <= bar:
        names = tuple(dict.fromkeys(split_address(name)[0] for name in parts.untwinned))
        return claim, (reason(ReasonCode.NO_TWIN, methods=names),)
    return claim, ()
