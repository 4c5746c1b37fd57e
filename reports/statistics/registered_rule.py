"""The rule of the second registration: which word a contrast earns, with roles frozen on pilot draws.

The skills are an array [..., replicates, methods]. Leading axes are contrasts with the same roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, betaincinv, stdtr, stdtrit
from scipy.stats import binomtest

Floats = NDArray[np.float64]

MARGIN = 0.05  # of skill; graded problems alone
SOLVED, LOST = 0.9, 0.5  # skill of a solved fit at least, and of a lost fit at most
ABLE = 0.75  # the share of solved fits that "able" must exceed
LEAST = 0.1  # mean skill below which a method has learned nothing
ERROR = 0.05  # chance of any false word among the registered contrasts
ROUNDING = 1e-12  # a mean this close to a bound lies on it, which never helps a claim
LAST = 30  # replicates after which no contrast goes on


class Outcome(StrEnum):
    """What the fits of a problem look like."""

    SOLVED = "solved"
    GRADED = "graded"


class Word(StrEnum):
    """What can be said of a contrast. The first five are tried in this order, where not neither learned."""

    HELPS = "recurrence helps"
    HURTS = "recurrence hurts"
    CONTEXT = "context helps, recurrence not needed"
    NO_DIFFERENCE = "no difference"
    NOT_NEEDED = "recurrence not needed"
    NEITHER = "neither learned"
    UNDECIDED = "undecided"


CLAIMS = (Word.HELPS, Word.HURTS, Word.CONTEXT, Word.NO_DIFFERENCE, Word.NOT_NEEDED)
TESTED = (*CLAIMS, Word.NEITHER)
ABSENCE = (Word.CONTEXT, Word.NO_DIFFERENCE, Word.NOT_NEEDED)
# Number of replicates at a look, and the share of the error that the look may spend.
LOOKS = {
    Outcome.SOLVED: ((12, 0.5), (20, 0.25), (30, 0.25)),
    Outcome.GRADED: ((16, 0.5), (30, 0.5)),
}


@dataclass(frozen=True)
class Columns:
    """Which columns of the skills are which methods. `best_*` was chosen on pilot draws.

    best_memory is the better of best_recurrent and best_full. twin is the twin without a state of
    best_recurrent; without one no contrast earns "recurrence helps". Without a window-limited method no
    contrast earns "context helps" or "no difference".

    twice: the columns of rivals at twice the budget. They stand in their group too, so every claim over that
    group must hold against them. None of them can be a best method.
    """

    recurrent: tuple[int, ...]
    full: tuple[int, ...]
    window: tuple[int, ...]
    best_recurrent: int
    best_full: int
    best_window: int | None
    best_memory: int
    twin: int | None
    twice: tuple[int, ...] = ()

    @property
    def judged(self) -> list[int]:
        """Every column that some claim needs."""
        return [*self.recurrent, *self.full, *self.window, *([] if self.twin is None else [self.twin])]

    def __post_init__(self) -> None:
        named = (*self.recurrent, *self.full, *self.window)
        if not self.recurrent or not self.full:
            raise ValueError(f"recurrent {self.recurrent} and full-context {self.full}: each needs a method")
        if len(set(named)) < len(named) or self.twin in named:
            raise ValueError(f"columns {named} and twin {self.twin}: each may stand in one group only")
        if not set(self.twice) <= set(named):
            raise ValueError(f"columns {self.twice} at twice the budget must be among the groups {named}")
        for best, group, what in (
            (self.best_recurrent, self.recurrent, "recurrent"),
            (self.best_full, self.full, "full-context"),
            (self.best_memory, (self.best_recurrent, self.best_full), "memory"),
        ):
            if best not in group:
                raise ValueError(f"best {what} method {best} must be one of {group}")
        chosen = {self.best_recurrent, self.best_full, self.best_window}
        if dear := sorted(each for each in self.twice if each in chosen):
            raise ValueError(f"best methods {dear} have twice the budget, must have the registered budget")
        if self.window and self.best_window not in self.window:
            raise ValueError(f"best window-limited method {self.best_window} must be one of {self.window}")
        if not self.window and self.best_window is not None:
            raise ValueError(f"best window-limited method {self.best_window}, but the group is empty")


def beat(a: Floats, b: Floats) -> Floats:
    """[...]: p that a solves no more often than b, by the replicates that one alone solved (sign test).

    a, b: [..., replicates] of skill.
    """
    won = ((a >= SOLVED) & (b < SOLVED)).sum(axis=-1)
    lost = ((b >= SOLVED) & (a < SOLVED)).sum(axis=-1)
    return at_least(won, won + lost, 0.5)


def able(a: Floats) -> Floats:
    """[...]: p that a solves at most ABLE of its fits. a: [..., replicates] of skill."""
    return at_least((a >= SOLVED).sum(axis=-1), np.full(a.shape[:-1], a.shape[-1]), ABLE)


def unable(a: Floats) -> Floats:
    """[...]: p that a solves at least 1 - ABLE of its fits, 1 where its mean skill is LEAST or more.

    a: [..., replicates] of skill.
    """
    n = a.shape[-1]
    p = at_least((a < SOLVED).sum(axis=-1), np.full(a.shape[:-1], n), ABLE)
    return np.where(a.mean(axis=-1) < LEAST, p, 1.0)


def at_least(hits: NDArray[np.int64], trials: NDArray[np.int64], rate: float) -> Floats:
    """[...]: the chance of at least `hits` in `trials`, each with chance `rate`."""
    few = np.asarray(hits) <= 0
    return np.where(few, 1.0, bdtrc(np.where(few, 0, hits - 1), np.where(few, 1, trials), rate))


def ahead(a: Floats, b: Floats, c: float) -> Floats:
    """[...]: p that the mean of a - b is at most c: the larger of a t test and its guard against skew.

    The guard tests again with one more replicate, at mean - 2 (mean - worst). a, b: [..., replicates].
    """
    values = a - b
    mean = values.mean(axis=-1, keepdims=True)
    worse = mean - 2 * (mean - values.min(axis=-1, keepdims=True))
    return np.maximum(_by_t(values, c), _by_t(np.concatenate([values, worse], axis=-1), c))


def _by_t(values: Floats, c: float) -> Floats:
    n = values.shape[-1]
    gap = values.mean(axis=-1) - c
    error = values.std(axis=-1, ddof=1) / np.sqrt(n)
    flat = error <= ROUNDING
    p = stdtr(n - 1, -gap / np.where(flat, 1.0, error))
    return np.where(gap <= ROUNDING, np.maximum(p, 0.5), np.where(flat, 0.0, p))


def _largest(values: Iterable[Floats], shape: tuple[int, ...]) -> Floats:
    """The largest p of a claim, 1 for a claim that nothing stands for."""
    found = list(values)
    return np.max(np.stack(found), axis=0) if found else np.ones(shape)


def look(skills: Floats, at: Columns, outcome: Outcome) -> dict[Word, Floats]:
    """By word the p of its claim at one look, [...]: the largest p of what it needs (intersection-union)."""
    shape = skills.shape[:-2]

    def of(method: int) -> Floats:
        return skills[..., method]

    def over(one: int, rivals: Sequence[int], c: float) -> list[Floats]:
        if outcome is Outcome.SOLVED:
            return [beat(of(one), of(rival)) for rival in rivals]
        return [ahead(of(one), of(rival), c) for rival in rivals]

    def close(one: int, rivals: Sequence[int]) -> list[Floats]:
        if outcome is Outcome.SOLVED:
            return [able(of(one))]
        return over(one, rivals, -MARGIN)

    def idle(method: int) -> Floats:
        skill = of(method)
        return unable(skill) if outcome is Outcome.SOLVED else ahead(np.full_like(skill, LEAST), skill, 0.0)

    claims = dict.fromkeys(TESTED, np.ones(shape))
    claims[Word.NEITHER] = _largest([idle(method) for method in (*at.recurrent, *at.full)], shape)
    r, f, w = at.best_recurrent, at.best_full, at.best_window
    if at.twin is not None:
        claims[Word.HELPS] = _largest(over(r, (*at.full, *at.window, at.twin), MARGIN), shape)
    claims[Word.HURTS] = _largest(over(f, at.recurrent, MARGIN), shape)
    needless = close(f, at.recurrent)
    claims[Word.NOT_NEEDED] = _largest(needless, shape)
    if w is not None:
        claims[Word.CONTEXT] = _largest([*needless, *over(at.best_memory, at.window, MARGIN)], shape)
        pools = (
            (r, (*at.full, *at.window)),
            (f, (*at.recurrent, *at.window)),
            (w, (*at.recurrent, *at.full)),
        )
        claims[Word.NO_DIFFERENCE] = _largest([p for one, pool in pools for p in close(one, pool)], shape)
    return claims


def claims_of(skills: Floats, at: Columns, outcome: Outcome) -> dict[Word, Floats]:
    """By word its p over the looks that the replicates reach, min(1, 2 min_k p_k / w_k), [...].

    2: each word may be wrong in one of two directions. A graded problem where the fits of one method are
    both solved and lost needs both rules: the larger p counts.
    """
    found = _over_looks(skills, at, outcome)
    if outcome is Outcome.GRADED:
        mixed = mixes(skills[..., at.judged])
        if mixed.any():
            exact = _over_looks(skills, at, Outcome.SOLVED)
            found = {word: np.where(mixed, np.maximum(p, exact[word]), p) for word, p in found.items()}
    return found


def _over_looks(skills: Floats, at: Columns, outcome: Outcome) -> dict[Word, Floats]:
    found = dict.fromkeys(TESTED, np.ones(skills.shape[:-2]))
    for n, weight in LOOKS[outcome]:
        if n <= skills.shape[-2]:
            seen = look(skills[..., :n, :], at, outcome)
            found = {word: np.minimum(p, 2 * seen[word] / weight) for word, p in found.items()}
    return found


def mixes(skills: Floats) -> NDArray[np.bool_]:
    """[...]: whether some method has a solved and a lost fit."""
    return np.asarray(((skills >= SOLVED).any(axis=-2) & (skills <= LOST).any(axis=-2)).any(axis=-1))


def unseen(n: int, family: int, failures: int = 0, error: float = ERROR) -> float:
    """The failure rate that n replicates with `failures` leave possible, at the level of one contrast.

    The upper bound of Clopper and Pearson (1934); without a failure it is 1 - (error / 2 family)^(1/n).
    """
    if failures >= n:
        return 1.0
    return float(betaincinv(failures + 1, n - failures, 1 - error / (2 * family)))


@dataclass(frozen=True)
class Counted:
    """Solved fits of one method, with the exact bounds of their rate (Clopper and Pearson 1934)."""

    solved: int
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """The mean difference of two methods, with its plain 95 % t interval (no allowance for several looks)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Ruling:
    """The word of one contrast and what it rests on.

    n: replicates judged. p: by word, over the looks, already twice the one-sided p. bar: what p may be at
    most. failure_possible: beside a word of absence the failure rate that the best methods behind it may
    still have, see `unseen`; else None. failed: methods (columns) without a finite skill in some replicate;
    then the contrast is undecided.
    """

    word: Word
    n: int
    p: dict[Word, float]
    bar: float
    both_rules: bool
    failure_possible: float | None
    failed: tuple[int, ...]

    def ended(self, predicted: Word) -> bool:
        """Whether no later look is needed: `predicted` passes, fits failed, or there are LAST replicates."""
        return passes(self.p, predicted, self.bar) or bool(self.failed) or self.n >= LAST


def passes(p: Mapping[Word, float], predicted: Word, bar: float) -> bool:
    """Whether the predicted word passes; a word that is no claim never does. p: by word, over the looks."""
    return p.get(predicted, 1.0) <= bar


def stop_at(skills: Floats, at: Columns, outcome: Outcome, predicted: Word, family: int) -> int:
    """The replicates to judge: those of the first look where `predicted` passes, else up to LAST."""
    for n, _ in LOOKS[outcome]:
        if n <= len(skills):
            p = {word: float(value) for word, value in claims_of(skills[:n], at, outcome).items()}
            if passes(p, predicted, ERROR / family):
                return n
    return min(len(skills), LAST)


def ruling(skills: Floats, at: Columns, outcome: Outcome, predicted: Word, family: int) -> Ruling:
    """The ruling on one contrast of a family. skills: [replicates, methods], in the registered order.

    A replicate that a method failed has nan for it, and is not made up for by a later one. A twin that failed
    counts as missing: then "recurrence helps" cannot be earned.
    """
    if skills.ndim != 2 or family < 1:
        raise ValueError(
            f"skills of shape {skills.shape} in a family of {family}: give [replicates, methods], at least 1"
        )
    if at.twin is not None and not np.isfinite(skills[:LAST, at.twin]).all():
        at = Columns(**{**at.__dict__, "twin": None})
    judged = at.judged
    failed = tuple(m for m in judged if not np.isfinite(skills[:LAST, m]).all())
    bar = ERROR / family
    if failed:
        return Ruling(Word.UNDECIDED, len(skills), dict.fromkeys(TESTED, 1.0), bar, False, None, failed)
    n = stop_at(skills, at, outcome, predicted, family)
    seen = skills[:n]
    p = {word: float(value) for word, value in claims_of(seen, at, outcome).items()}
    word = word_of(p, bar)
    sides = seen[:, [*at.recurrent, *at.full]]
    if n and (sides.mean(axis=0) < LEAST).all():
        word = Word.NEITHER if p[Word.NEITHER] <= bar else Word.UNDECIDED
    both = outcome is Outcome.GRADED and bool(mixes(seen[:, judged]))
    possible = None
    if word in ABSENCE:
        lost = _lost(seen, at, word) if both or outcome is Outcome.SOLVED else 0
        possible = unseen(n, family, lost)
    return Ruling(word, n, p, bar, both, possible, ())


def _lost(skills: Floats, at: Columns, word: Word) -> int:
    """The most fits that a best method behind a word of absence did not solve."""
    names = [at.best_full]
    if word is Word.NO_DIFFERENCE and at.best_window is not None:
        names += [at.best_recurrent, at.best_window]
    return int((skills[:, names] < SOLVED).sum(axis=0).max())


def word_of(p: dict[Word, float], bar: float) -> Word:
    """The first word whose p is at most `bar`, undecided where there is none."""
    return next((word for word in CLAIMS if p[word] <= bar), Word.UNDECIDED)


def counted(values: Floats) -> Counted:
    """Solved fits with exact 95 % bounds. values: [replicates] of skill, at least one."""
    solved = int((values >= SOLVED).sum())
    bounds = binomtest(solved, len(values)).proportion_ci(0.95, "exact")
    return Counted(solved, len(values), float(bounds.low), float(bounds.high))


def difference(values: Floats) -> Difference:
    """The mean with its 95 % t interval. values: [replicates], at least two."""
    n = len(values)
    half = float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
    mean = float(values.mean())
    return Difference(mean, mean - half, mean + half)


@dataclass(frozen=True)
class Secondary:
    """A secondary contrast of two methods: doubled p of "a is ahead" and of "b is ahead", and the bar."""

    a_ahead: float
    b_ahead: float
    bar: float

    @property
    def winner(self) -> str | None:
        """ "a", "b", or None where neither passes."""
        return "a" if self.a_ahead <= self.bar else "b" if self.b_ahead <= self.bar else None


def secondary(a: Floats, b: Floats, outcome: Outcome, family: int, error: float = ERROR) -> Secondary:
    """Two methods on the replicates that both have, at one look: [replicates] each.

    The secondary contrasts are a family of their own, at their own `error`; they take nothing from the
    registered ones and add nothing to them.
    """
    if a.shape != b.shape or not np.isfinite([a, b]).all():
        raise ValueError(
            f"skills of shapes {a.shape} and {b.shape}: give finite skills of the same replicates"
        )
    if outcome is Outcome.SOLVED:
        one, two = beat(a, b), beat(b, a)
    else:
        one, two = ahead(a, b, MARGIN), ahead(b, a, MARGIN)
    return Secondary(min(1.0, 2 * float(one)), min(1.0, 2 * float(two)), error / family)
