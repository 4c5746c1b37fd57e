"""A sticky two-state Markov chain seen in noise, and what Bayes says of its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from recurbench import About, Problem, Split, Task, Values
from recurbench.datasets._roles import role, shares
from recurbench.task import Array
from scipy.stats import norm

# Headroom and role are facts about the dials, so they are measured on a draw that no seed changes.
MEASURED = (2000, 977)
STATES = Values(2, symbols=True, names=("low", "high"))
FLAGGED = ("observation", "observed")

# Chances of the high state [count, length] from x, q, sd and a window of steps, None for all there may be.
Best = Callable[[Array, float, float, int | None], Array]


@dataclass(frozen=True)
class Chains:
    """Sequences in three arrays [count, length]: observations, 0 where absent; which are there; states.

    An absent observation is 0, half way between the states, and so says nothing to `filtered`.
    """

    x: Array
    there: Array
    states: Array

    def split(self, flags: bool) -> Split:
        """As examples; `flags`: with a second channel that says 1 where the observation is there."""
        channels = [self.x, self.there] if flags else [self.x]
        return Split(list(np.stack(channels, axis=2, dtype=np.float64)), list(self.states))

    def accuracy(self, chance: Array) -> float:
        """The share of states that chances of the high one [count, length] name."""
        return float(((chance > 0.5) == self.states).mean())


@dataclass(frozen=True)
class Dials:
    """What makes a chain: chance to stay, noise, share of observations absent, steps of a sequence."""

    q: float
    sd: float
    missing: float
    length: int

    def draw(self, count: int, stream: int | list[int]) -> Chains:
        """Draw sequences; a share `missing` of the observations is absent, the others are as without it."""
        rng = np.random.default_rng(stream)
        x, states = draw(self.q, self.sd, count, self.length, rng)
        there = rng.random(x.shape) >= self.missing
        return Chains(np.where(there, x, 0.0), there, states)

    def headroom(self, best: Best) -> dict[str, float]:
        """The share of the way from the memoryless answer to `best` that each window reaches."""
        seen = self.draw(*MEASURED)
        level = {w: seen.accuracy(best(seen.x, self.q, self.sd, w)) for w in (1, 4, 16, None)}
        # Under a thousandth the way is sampling noise.
        return shares(level[1], level[None], {w: level[w] for w in (4, 16)}, least=1e-3)


def problem(
    name: str, dials: Dials, best: Best, causal: bool, counts: tuple[int, int, int], seed: int
) -> Problem:
    """The labelling of every step by its state, for `counts` sequences of train, valid and test.

    best: the exact best answer. ValueError where the dials make no chain.
    """
    q, sd, missing, length = dials.q, dials.sd, dials.missing, dials.length
    if not 0 < q < 1 or sd <= 0 or length < 1 or not 0 <= missing < 1:
        raise ValueError(
            f"{name} wants 0 < q < 1, sd > 0, length >= 1 and 0 <= missing < 1, "
            f"got q={q}, sd={sd}, {length=}, {missing=}"
        )
    train, valid, test = (dials.draw(count, [seed, k]) for k, count in enumerate(counts))
    chance = best(test.x, q, sd, None)
    known = dials.headroom(best)
    absent = f"; {missing:.0%} of the observations absent" if missing else ""
    about = About(
        source="generated: two-state hidden Markov chain with Gaussian noise",
        licence="none needed: generated",
        protocol=f"q={q}, sd={sd}{absent}; every sequence starts in the stationary distribution; train, "
        f"valid and test are {counts[0]}, {counts[1]} and {counts[2]} independent sequences "
        f"of {length} steps",
        reference="most-common",
        metric="accuracy",
        version="1",
        constant=0.5,
        memoryless=(1 - missing) * float(norm.cdf(1 / sd)) + missing / 2,
        best=test.accuracy(chance),
        headroom=known,
        role=role(known),
    )
    x = Values(2, names=FLAGGED) if missing else Values(1)
    task = Task("labelling", x=x, y=STATES, length="same", causal=causal)
    oracle = [np.stack([1 - row, row], axis=1) for row in chance]
    splits = [part.split(flags=missing > 0) for part in (train, test, valid)]
    return Problem(task, splits[0], splits[1], about, splits[2], oracle)


def draw(q: float, sd: float, count: int, length: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """`count` sequences: observations [count, length] and hidden states 0 or 1 [count, length]."""
    first = rng.integers(2, size=(count, 1))
    moves = rng.random((count, length - 1)) >= q
    states = np.concatenate([first, moves], axis=1).cumsum(axis=1) % 2
    return 2.0 * states - 1.0 + sd * rng.standard_normal((count, length)), states


def filtered(x: Array, q: float, sd: float, window: int | None = None) -> Array:
    """The chance of the high state at t given x[t-window+1 : t+1], or the whole past: [count, length].

    The forward recursion of Rabiner (1989): predict through the chain, then weigh by the likelihood.
    """
    count, length = x.shape
    ratio = np.exp(np.clip(2 * x / sd**2, -500, 500))
    chance = np.full((count, length), 0.5)
    if window is None:
        now = np.full(count, 0.5)
        for t in range(length):
            now = chance[:, t] = _updated(now, ratio[:, t], q)
        return chance
    # Every t runs its own recursion over its last steps; all advance together, the oldest lag first.
    for lag in range(min(window, length) - 1, -1, -1):
        chance[:, lag:] = _updated(chance[:, lag:], ratio[:, : length - lag], q)
    return chance


def smoothed(x: Array, q: float, sd: float, window: int | None = None) -> Array:
    """The chance of the high state at t given all of x, or the `window` steps around t: [count, length].

    The forward and backward recursions of Rabiner (1989); the chain looks the same in reverse. A window of w
    steps holds the w // 2 before t and the rest from t on.
    """
    before, after = (None, None) if window is None else (window // 2, window - 1 - window // 2)
    past = filtered(x, q, sd, None if before is None else before + 1)
    later = np.full_like(past, 0.5)
    later[:, :-1] = filtered(x[:, ::-1], q, sd, after)[:, ::-1][:, 1:]
    ahead = later * q + (1 - later) * (1 - q)
    both: Array = past * ahead / (past * ahead + (1 - past) * (1 - ahead))
    return both


def _updated(chance: Array, ratio: Array, q: float) -> Array:
    ahead = chance * q + (1 - chance) * (1 - q)
    updated: Array = ahead * ratio / (ahead * ratio + 1 - ahead)
    return updated
