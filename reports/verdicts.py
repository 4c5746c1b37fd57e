"""The verdict on recurrence: one word per contrast, by interval bounds, with Holm over all contrasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from recurbench.reports.margins import Floats, Mean, bimodal, smallest_p

MARGIN = 0.05  # of skill: what counts as a difference
ERROR = 0.05  # the chance of any wrong verdict among the primary contrasts

HELPS, HURTS = "recurrence helps", "recurrence hurts"
CONTEXT = "context helps, recurrence not needed"
NO_DIFFERENCE, UNDECIDED = "no difference", "undecided"
NOT_LEARNED = "not learned in budget"
WORDS = (HELPS, HURTS, CONTEXT, NO_DIFFERENCE)  # in the order in which they go before each other


@dataclass(frozen=True)
class Skills:
    """Skill by pair and method, and which methods stand on which side.

    test: [pairs, methods], 0 is the best constant answer, 1 the exact best. valid: alike, any score where
    higher is better; it alone chooses. recurrent: learned recurrence (R); full: networks that see the whole
    past without it (F); window: networks that see less than the task needs (W). cut: by recurrent method its
    twin trained without a state.
    """

    test: pd.DataFrame
    valid: pd.DataFrame
    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...] = ()
    cut: Mapping[str, str] | None = None

    def chosen(self, pool: Sequence[str]) -> list[str]:
        """Per pair, the method of the pool with the best mean validation score over the other pairs.

        A method is chosen, never a seed; equal scores go to the first by name.
        """
        names = sorted(pool)
        scores = self.valid[names].to_numpy(dtype=float)
        n = len(scores)
        others = (scores.sum(axis=0) - scores) / (n - 1) if n > 1 else scores
        return [names[place] for place in others.argmax(axis=1)]

    def of(self, methods: Sequence[str]) -> Floats:
        """[pairs]: the test skill of one method per pair."""
        values = (float(self.test[name].iloc[pair]) for pair, name in enumerate(methods))
        return np.array(list(values))


@dataclass(frozen=True)
class Parts:
    """What a verdict stands on.

    lift: L = R - F. cut: R minus its twin without a state, None where the run lacks the twin. context: C, the
    best of R and F minus the best of W, None where there is no W. idle: sides that learned nothing in their
    budget. refused: why no verdict may be formed, "" where it may.
    """

    lift: Mean
    cut: Mean | None = None
    context: Mean | None = None
    idle: tuple[str, ...] = ()
    refused: str = ""

    def claims(self) -> dict[str, float]:
        """By word the p value of its claim: twice the largest one-sided p of what it needs, at most 1.

        Every claim joins several one-sided ones and is as doubtful as the most doubtful of them
        (intersection-union test, Berger 1982); twice, because a bound may be wrong on either side.
        """
        if self.idle or self.refused:
            return dict.fromkeys(WORDS, 1.0)
        d, lift = MARGIN, self.lift
        needs = {
            HELPS: [lift.p_above(d), _above(self.cut, d)],
            HURTS: [lift.p_below(-d)],
            CONTEXT: [_above(self.context, d), lift.p_below(d)],
            NO_DIFFERENCE: [p for part in (lift, self.context) for p in (_above(part, -d), _below(part, d))],
        }
        return {word: min(1.0, 2 * max(values)) for word, values in needs.items()}


def _above(part: Mean | None, c: float) -> float:
    return 1.0 if part is None else part.p_above(c)


def _below(part: Mean | None, c: float) -> float:
    return 1.0 if part is None else part.p_below(c)


@dataclass(frozen=True)
class Verdict:
    """One contrast judged among all primary ones.

    p, p_adjusted: of the verdict, before and after Holm. level: of the intervals it stands on. smallest: the
    smallest p the number of pairs can give. half: the half-width of the interval of the lift.
    """

    word: str
    p: float
    p_adjusted: float
    level: float
    smallest: float
    half: float


def parts_of(skills: Skills, idle: tuple[str, ...] = (), refused: str = "") -> Parts:
    """The components of one contrast, pair by pair."""
    best, rival = skills.chosen(skills.recurrent), skills.chosen(skills.full)
    of_best, of_rival = skills.of(best), skills.of(rival)
    shape = bimodal(of_best) or bimodal(of_rival)
    twins = [(skills.cut or {}).get(name, "") for name in best]
    cut = None
    if all(name in skills.test for name in twins):
        without = skills.of(twins)
        cut = Mean(of_best - without, bimodal(of_best) or bimodal(without))
    context = None
    if skills.window:
        seeing = skills.of(skills.chosen((*skills.recurrent, *skills.full)))
        narrow = skills.of(skills.chosen(skills.window))
        context = Mean(seeing - narrow, bimodal(seeing) or bimodal(narrow))
    return Parts(Mean(of_best - of_rival, shape), cut, context, idle, refused)


def word_of(claims: Mapping[str, float], error: float) -> str:
    """The first claim whose p value is at most `error`; undecided where there is none."""
    return next((word for word in WORDS if claims[word] <= error), UNDECIDED)


def judge(contrasts: Sequence[Parts], family: int | None = None, error: float = ERROR) -> list[Verdict]:
    """A verdict per contrast: Holm's step-down over `family` contrasts (at least those given).

    The i-th smallest p of m is held against error / (m - i + 1), until one fails; all after it are undecided.
    What gets no verdict stays in the count, so that dropping a contrast buys the others nothing.
    """
    m = max(family or 0, len(contrasts))
    claims = [parts.claims() for parts in contrasts]
    least = [min(each.values()) for each in claims]
    found: dict[int, Verdict] = {}
    adjusted, failed, bar = 0.0, False, error
    for rank, i in enumerate(sorted(range(len(contrasts)), key=lambda i: (least[i], i))):
        if not failed:
            bar = error / (m - rank)
            failed = least[i] > bar
        adjusted = min(1.0, max(adjusted, (m - rank) * least[i]))
        parts = contrasts[i]
        low, high = parts.lift.interval(1 - bar)
        word = UNDECIDED if failed else word_of(claims[i], bar)
        if parts.idle:
            word = f"{NOT_LEARNED}: {' and '.join(parts.idle)}"
        elif parts.refused:
            word = f"{UNDECIDED}: {parts.refused}"
        found[i] = Verdict(word, least[i], adjusted, 1 - bar, smallest_p(parts.lift.n), (high - low) / 2)
    return [found[i] for i in range(len(contrasts))]
