"""A two-state Markov chain observed in noise, and the exact probabilities of its states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from recurbench import About, Problem, Split, Task, Values
from recurbench.datasets._roles import role, shares
from recurbench.task import Array
from scipy.stats import norm

# Headroom and role depend on the settings only, so they are measured on a sample that no seed changes:
# so many sequences, from this random stream.
MEASURED = (2000, 977)
STATES = Values(2, symbols=True, names=("low", "high"))
FLAGGED = ("observation", "observed")

# Probabilities of the high state [count, length] from x, q, sd and a window of steps (None: all steps).
Best = Callable[[Array, float, float, int | None], Array]


@dataclass(frozen=True)
class Chains:
    """Sequences as three arrays [count, length].

    Attributes
    ----------
    x : array
        Observations. A missing one is 0, half way between the states, and so is no evidence in `filtered`.
    there : array
        Whether each observation is there.
    states : array
        Hidden states, 0 or 1.
    """

    x: Array
    there: Array
    states: Array

    def split(self, flags: bool) -> Split:
        """The sequences as examples; `flags`: with a second channel, 1 where the observation is there."""
        channels = [self.x, self.there] if flags else [self.x]
        return Split(list(np.stack(channels, axis=2, dtype=np.float64)), list(self.states))

    def accuracy(self, chance: Array) -> float:
        """The accuracy of probabilities of the high state [count, length]."""
        return float(((chance > 0.5) == self.states).mean())


@dataclass(frozen=True)
class Dials:
    """The settings of a chain: probability to stay, noise, share of missing observations, steps."""

    q: float
    sd: float
    missing: float
    length: int

    def draw(self, count: int, stream: int | list[int]) -> Chains:
        """Draw sequences. With another share `missing` the other observations are the same."""
        rng = np.random.default_rng(stream)
        x, states = draw(self.q, self.sd, count, self.length, rng)
        there = rng.random(x.shape) >= self.missing
        return Chains(np.where(there, x, 0.0), there, states)

    def headroom(self, best: Best) -> dict[str, float]:
        """How far each window gets from the memoryless answer (0) to the exact best (1)."""
        seen = self.draw(*MEASURED)
        level = {w: seen.accuracy(best(seen.x, self.q, self.sd, w)) for w in (1, 4, 16, None)}
        # A difference under a thousandth is sampling noise.
        return shares(level[1], level[None], {w: level[w] for w in (4, 16)}, least=1e-3)


def problem(
    name: str, dials: Dials, best: Best, causal: bool, counts: tuple[int, int, int], seed: int
) -> Problem:
    """Build the problem: label every step with its hidden state.

    Parameters
    ----------
    name : str
        For error messages.
    dials : Dials
    best : callable
        Computes the exact best answer.
    causal : bool
        Whether an answer may use past steps only.
    counts : (int, int, int)
        Sequences in train, valid and test.
    seed : int

    Raises
    ------
    ValueError
        If a setting is out of range.
    """
    q, sd, missing, length = dials.q, dials.sd, dials.missing, dials.length
    if not 0 < q < 1 or sd <= 0 or length < 1 or not 0 <= missing < 1:
        raise ValueError(
            f"{name} needs 0 < q < 1, sd > 0, length >= 1 and 0 <= missing < 1, "
            f"got q={q}, sd={sd}, {length=}, {missing=}"
        )
    train, valid, test = (dials.draw(count, [seed, k]) for k, count in enumerate(counts))
    chance = best(test.x, q, sd, None)
    known = dials.headroom(best)
    absent = f"; {missing:.0%} of the observations missing" if missing else ""
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
    """Draw `count` sequences: observations and hidden states (0 or 1), [count, length] each."""
    first = rng.integers(2, size=(count, 1))
    moves = rng.random((count, length - 1)) >= q
    states = np.concatenate([first, moves], axis=1).cumsum(axis=1) % 2
    return 2.0 * states - 1.0 + sd * rng.standard_normal((count, length)), states


def filtered(x: Array, q: float, sd: float, window: int | None = None) -> Array:
    """P(high state at t | x[t-window+1 : t+1]), or given the whole past: [count, length].

    This is the forward recursion (Rabiner 1989): predict with the chain, then multiply by the likelihood.
    """
    count, length = x.shape
    ratio = np.exp(np.clip(2 * x / sd**2, -500, 500))
    chance = np.full((count, length), 0.5)
    if window is None:
        now = np.full(count, 0.5)
        for t in range(length):
            now = chance[:, t] = _updated(now, ratio[:, t], q)
        return chance
    # One recursion per t, over its last steps; all run together, starting at the oldest lag.
    for lag in range(min(window, length) - 1, -1, -1):
        chance[:, lag:] = _updated(chance[:, lag:], ratio[:, : length - lag], q)
    return chance


def smoothed(x: Array, q: float, sd: float, window: int | None = None) -> Array:
    """P(high state at t | all of x), or given the `window` steps around t: [count, length].

    These are the forward and backward recursions (Rabiner 1989); the chain is the same in reverse. A window
    of w steps has w // 2 steps before t, and the others from t on.
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
