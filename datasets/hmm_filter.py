"""Filtering a sticky two-state Markov chain in noise: a probe whose exact best is the Bayes filter."""

from __future__ import annotations

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role, shares
from recurbench.task import Array
from scipy.stats import norm

# Headroom and role are facts about the dials, so they are measured on a draw that no seed changes.
MEASURED = (2000, 977)


@dataset("hmm-filter", kind="labelling")
def hmm_filter(
    *,
    q: float = 0.95,
    sd: float = 1.5,
    length: int = 100,
    n_train: int = 500,
    n_valid: int = 200,
    n_test: int = 300,
    seed: int = 0,
) -> Problem:
    """Name the hidden state now: x_t = 2 s_t - 1 + sd N(0, 1), and the state stays with chance q."""
    if not 0 < q < 1 or sd <= 0 or length < 1:
        raise ValueError(f"hmm-filter wants 0 < q < 1, sd > 0 and length >= 1, got q={q}, sd={sd}, {length=}")
    counts = (n_train, n_valid, n_test)
    draws = [draw(q, sd, n, length, np.random.default_rng([seed, k])) for k, n in enumerate(counts)]
    train, valid, test = (Split([x[:, None] for x in xs], list(states)) for xs, states in draws)
    x, states = draws[2]
    chance = filtered(x, q, sd)
    known = headroom(q, sd, length)
    about = About(
        source="generated: two-state hidden Markov chain with Gaussian noise",
        licence="none needed: generated",
        protocol=f"q={q}, sd={sd}; every sequence starts in the stationary distribution; train, valid and "
        f"test are {n_train}, {n_valid} and {n_test} independent sequences of {length} steps",
        reference="most-common",
        metric="accuracy",
        version="1",
        constant=0.5,
        memoryless=float(norm.cdf(1 / sd)),
        best=_accuracy(chance, states),
        headroom=known,
        role=role(known),
    )
    task = Task(
        "labelling", x=Values(1), y=Values(2, symbols=True, names=("low", "high")), length="same", causal=True
    )
    oracle = [np.stack([1 - row, row], axis=1) for row in chance]
    return Problem(task, train, test, about, valid, oracle)


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


def _updated(chance: Array, ratio: Array, q: float) -> Array:
    ahead = chance * q + (1 - chance) * (1 - q)
    updated: Array = ahead * ratio / (ahead * ratio + 1 - ahead)
    return updated


def headroom(q: float, sd: float, length: int, windows: tuple[int, ...] = (4, 16)) -> dict[str, float]:
    """The share of the way from the memoryless answer to the full filter that each window reaches."""
    count, stream = MEASURED
    x, states = draw(q, sd, count, length, np.random.default_rng(stream))
    bottom, top = (_accuracy(filtered(x, q, sd, window), states) for window in (1, None))
    reached = {window: _accuracy(filtered(x, q, sd, window), states) for window in windows}
    # Under a thousandth the way is sampling noise.
    return shares(bottom, top, reached, least=1e-3)


def _accuracy(chance: Array, states: Array) -> float:
    return float(((chance > 0.5) == states).mean())
