"""Hidden Markov models: emissions, the forward and backward recursions, and fitting by Baum-Welch."""

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
    """The forward recursion: P(state at t | x up to t) [T, K], and log p(x).

    Every step is scaled by its largest emission and by its sum (Rabiner 1989, Proc. IEEE 77).

    Parameters
    ----------
    start : array [K]
        Probabilities of the first state.
    move : array [K, K]
        Transition probabilities; rows sum to 1.
    log_emission : array [T, K]
        log p(x_t | state).
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
            # The probability of every reachable state underflows: take the emissions alone.
            for k in range(states):
                chances[t, k] = np.exp(log_emission[t, k] - top)
            norm = chances[t].sum()
        chances[t] /= norm
        total += np.log(norm) + top
    return chances, total


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def backward(move: Floats, log_emission: Floats) -> Floats:
    """The backward recursion: p(x after t | state at t) [T, K], scaled so that rows sum to 1."""
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
    """P(state at t | all of x) [T, K], expected numbers of transitions [K, K], and log p(x)."""
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
    """The likeliest sequence of states, [T] (Viterbi 1967); ties go to the state of lower number."""
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
    """`smooth` each of several concatenated sequences, and add up.

    Parameters
    ----------
    start, move, log_emission
        See `forward`.
    ends : array
        Where each sequence ends.

    Returns
    -------
    chances : array [T, K]
        P(state | its sequence).
    firsts : array [K]
        Expected numbers of first states.
    moves : array [K, K]
        Expected numbers of transitions.
    total : float
        log p of all sequences.
    """
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
    """The distribution of the values of one step in every hidden state."""

    def log(self, x: Floats) -> Floats:
        """log p(x_t | state) for x [T, channels]: [T, K]."""

    def refit(self, x: Floats, chances: Floats) -> Emission:
        """The best fit to x [T, channels], where state k has the weights chances[:, k]."""


@dataclass(frozen=True)
class Gaussian:
    """Independent normal distributions per channel; missing values are skipped.

    Attributes
    ----------
    mean, variance : arrays [K, channels]
    base : array [2, channels]
        Mean and variance of all training steps. They count as one more step of every state, so that a state
        seen once or never has a variance.
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
    """Probabilities of the symbols in each state [K, symbols]; x is one-hot."""

    chances: Floats

    @classmethod
    def of(cls, x: Floats, chances: Floats) -> Categorical:
        """Counts plus half a symbol each (Jeffreys' prior)."""
        counts = chances.T @ x + 0.5
        return cls(counts / counts.sum(axis=1, keepdims=True))

    def refit(self, x: Floats, chances: Floats) -> Categorical:
        return Categorical.of(x, chances)

    def log(self, x: Floats) -> Floats:
        return np.ascontiguousarray(x @ np.log(self.chances).T)


@dataclass(frozen=True)
class Hidden:
    """A hidden Markov model: start [K], transitions move [K, K] (rows sum to 1) and emissions."""

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
    """Probabilities from counts [..., K], with `added` cases spread evenly over each row."""
    counts = counts + added / counts.shape[-1]
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def baum_welch(
    sequences: Sequence[Floats], emission: Emission, chances: Floats, rounds: int
) -> tuple[Hidden, float, int]:
    """Fit a hidden Markov model by expectation maximisation (Baum et al. 1970).

    It stops after `rounds`, or when a round gains less than 1e-4 log-likelihood per sequence.

    Parameters
    ----------
    sequences : sequence of arrays [T, channels]
    emission : Emission
        Of the kind to fit.
    chances : array [sum of T, K]
        First guess of the state probabilities at every step.
    rounds : int

    Returns
    -------
    chain : Hidden
    likely : float
        Its log-likelihood.
    used : int
        Rounds used.
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
