"""Hidden Markov chains: emissions, the forward and backward recursions, and fitting by Baum-Welch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def forward(start: Floats, move: Floats, log_emission: Floats) -> tuple[Floats, float]:
    """P(state at t | x up to t), [T, K], and log p(x).

    From start [K], move [K, K] and log_emission = log p(x_t | state) [T, K].

    Scaled by the largest emission and by the sum at every step (Rabiner 1989, Proc. IEEE 77).
    """
    steps, states = log_emission.shape
    chances = np.empty((steps, states))
    total = 0.0
    for t in range(steps):
        top = log_emission[t].max()
        norm = 0.0
        for k in range(states):
            prior = start[k]
            if t > 0:
                prior = 0.0
                for j in range(states):
                    prior += chances[t - 1, j] * move[j, k]
            chances[t, k] = prior * np.exp(log_emission[t, k] - top)
            norm += chances[t, k]
        if norm <= 0.0:
            # Every state that can be reached is out of floating-point range: the likeliest emission decides.
            for k in range(states):
                chances[t, k] = np.exp(log_emission[t, k] - top)
            norm = chances[t].sum()
        chances[t] /= norm
        total += np.log(norm) + top
    return chances, total


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def backward(move: Floats, log_emission: Floats) -> Floats:
    """p(x after t | state at t) up to a factor per step, [T, K]; rows sum to 1."""
    steps, states = log_emission.shape
    future = np.full((steps, states), 1.0 / states)
    for t in range(steps - 2, -1, -1):
        top = log_emission[t + 1].max()
        norm = 0.0
        for j in range(states):
            value = 0.0
            for k in range(states):
                value += move[j, k] * np.exp(log_emission[t + 1, k] - top) * future[t + 1, k]
            future[t, j] = value
            norm += value
        if norm > 0.0:
            future[t] /= norm
        else:
            future[t] = 1.0 / states
    return future


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def smooth(start: Floats, move: Floats, log_emission: Floats) -> tuple[Floats, Floats, float]:
    """P(state at t | all of x) [T, K], expected numbers of moves [K, K], and log p(x)."""
    filtered, total = forward(start, move, log_emission)
    future = backward(move, log_emission)
    steps, states = log_emission.shape
    chances = np.empty((steps, states))
    for t in range(steps):
        product = filtered[t] * future[t]
        norm = product.sum()
        chances[t] = product / norm if norm > 0.0 else filtered[t]
    moves = np.zeros((states, states))
    for t in range(steps - 1):
        top = log_emission[t + 1].max()
        weight = np.exp(log_emission[t + 1] - top) * future[t + 1]
        pair = np.empty((states, states))
        for j in range(states):
            for k in range(states):
                pair[j, k] = filtered[t, j] * move[j, k] * weight[k]
        norm = pair.sum()
        if norm > 0.0:
            moves += pair / norm
    return chances, moves, total


def likeliest_path(start: Floats, move: Floats, log_emission: Floats) -> list[int]:
    """The likeliest sequence of states, [T], of the first by number where several are (Viterbi 1967)."""
    with np.errstate(divide="ignore"):
        best, log_move = np.log(start) + log_emission[0], np.log(move)
    came_from = []
    for term in log_emission[1:]:
        ways = best[:, None] + log_move
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + term
    path = [int(best.argmax())]
    for step in reversed(came_from):
        path.append(int(step[path[-1]]))
    return path[::-1]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def expect(
    start: Floats, move: Floats, log_emission: Floats, ends: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, float]:
    """`smooth` over sequences laid end to end: chances [T, K], of the firsts [K], moves [K, K], log p."""
    chances = np.empty_like(log_emission)
    firsts = np.zeros(len(start))
    moves = np.zeros(move.shape)
    total = 0.0
    begin = 0
    for end in ends:
        part, pairs, likely = smooth(start, move, log_emission[begin:end])
        chances[begin:end] = part
        firsts += part[0]
        moves += pairs
        total += likely
        begin = end
    return chances, firsts, moves, total


class Emission(Protocol):
    """The law of one step's values in every hidden state."""

    def log(self, x: Floats) -> Floats:
        """log p(x_t | state) for x [T, channels]: [T, K]."""

    def refit(self, x: Floats, chances: Floats) -> Emission:
        """The law that fits x [T, channels] best where state k is weighted by chances [T, K]."""


@dataclass(frozen=True)
class Gaussian:
    """Independent normal channels; mean and variance [K, channels]. A missing value says nothing.

    base: mean and variance [2, channels] of all training steps, held by one step's weight in every state, so
    that a state seen once, or never, has a variance.
    """

    mean: Floats
    variance: Floats
    base: Floats

    @classmethod
    def of(cls, x: Floats, chances: Floats, base: Floats) -> Gaussian:
        present = np.isfinite(x)
        clean = np.where(present, x, 0.0)
        weight = chances.T @ present
        mean = (chances.T @ clean + 1e-3 * base[0]) / (weight + 1e-3)
        squares = chances.T @ clean**2 - 2.0 * mean * (chances.T @ clean) + mean**2 * weight
        variance = (np.maximum(squares, 0.0) + base[1]) / (weight + 1.0)
        return cls(mean, np.maximum(variance, 1e-3 * base[1]), base)

    def refit(self, x: Floats, chances: Floats) -> Gaussian:
        return Gaussian.of(x, chances, self.base)

    def log(self, x: Floats) -> Floats:
        gap = x[:, None, :] - self.mean[None]
        terms = -0.5 * (gap**2 / self.variance + np.log(2.0 * np.pi * self.variance))
        return np.ascontiguousarray(np.nansum(terms, axis=2))


@dataclass(frozen=True)
class Categorical:
    """Chances of the symbols [K, symbols]; x is one-hot."""

    chances: Floats

    @classmethod
    def of(cls, x: Floats, chances: Floats) -> Categorical:
        """Counts with half a symbol added to each (Jeffreys)."""
        counts = chances.T @ x + 0.5
        return cls(counts / counts.sum(axis=1, keepdims=True))

    def refit(self, x: Floats, chances: Floats) -> Categorical:
        return Categorical.of(x, chances)

    def log(self, x: Floats) -> Floats:
        return np.ascontiguousarray(x @ np.log(self.chances).T)


@dataclass(frozen=True)
class Hidden:
    """A hidden Markov chain: start [K], move [K, K] (rows sum to 1) and the emissions."""

    start: Floats
    move: Floats
    emission: Emission

    def log_likelihood(self, x: Floats) -> float:
        """log p(x) of one sequence [T, channels]."""
        return float(forward(self.start, self.move, self.emission.log(x))[1])

    def filtered(self, x: Floats) -> Floats:
        """P(state at t | x up to t), [T, K]."""
        return np.asarray(forward(self.start, self.move, self.emission.log(x))[0])

    def smoothed(self, x: Floats) -> Floats:
        """P(state at t | all of x), [T, K]."""
        return np.asarray(smooth(self.start, self.move, self.emission.log(x))[0])

    def path(self, x: Floats) -> list[int]:
        """The likeliest sequence of states for all of x, [T]."""
        return likeliest_path(self.start, self.move, self.emission.log(x))


def rows_from_counts(counts: Floats, added: float) -> Floats:
    """Chances from counts [..., K] with `added` cases spread over each row."""
    counts = counts + added / counts.shape[-1]
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def baum_welch(
    sequences: Sequence[Floats], emission: Emission, chances: Floats, rounds: int
) -> tuple[Hidden, float, int]:
    """Raise the likelihood of sequences [T, channels] from first guesses of the state chances [sum T, K].

    Returns the chain, its log-likelihood and the rounds used; stops at a gain under 1e-4 per sequence.
    """
    x = np.concatenate(sequences)
    ends = np.cumsum([len(sequence) for sequence in sequences])
    inner = np.ones(len(x) - 1, dtype=bool)
    inner[ends[:-1] - 1] = False
    firsts = chances[np.concatenate([[0], ends[:-1]])].sum(axis=0)
    moves = chances[:-1][inner].T @ chances[1:][inner]
    before, used = -np.inf, 0
    for used in range(1, rounds + 1):  # noqa: B007
        emission = emission.refit(x, chances)
        chain = Hidden(rows_from_counts(firsts, 1.0), rows_from_counts(moves, 1.0), emission)
        chances, firsts, moves, likely = expect(chain.start, chain.move, emission.log(x), ends)
        if likely - before < 1e-4 * len(sequences):
            break
        before = likely
    return chain, float(likely), used
