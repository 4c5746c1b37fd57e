"""A particle filter: forecasts of a hidden state that is observed in Gaussian noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from recurbench.task import Array

# The kernel that moves particles apart after resampling: its standard deviation, divided by that of the
# particles, is KERNEL * particles ** (-1 / (dimensions + 4)), the rate of Silverman (1986).
KERNEL = 0.7
# Resample where the effective number of particles is below this share of them.
FEW = 0.5
# One particle in so many is moved on to the horizon. They are drawn by weight.
SENT = 8
# Series that are filtered together. With fewer, the particles stay in the cache of the processor.
TOGETHER = 20


@dataclass(frozen=True)
class Model:
    """A hidden Markov model whose first coordinate is observed in Gaussian noise.

    Attributes
    ----------
    start : array
        [dimensions, particles]: a sample of the state at the first observation.
    move : callable
        The states one step later, from states [dimensions, series, particles] and a random generator.
    sd : float
        Standard deviation of the noise.
    """

    start: Array
    move: Callable[[Array, np.random.Generator], Array]
    sd: float


def forecasts(x: Array, model: Model, horizon: int, stream: int, kernel: float = KERNEL) -> Array:
    """The mean of the first coordinate `horizon` steps ahead, given all observations so far: [series, steps].

    This is the bootstrap filter of Gordon, Salmond and Smith (1993) with systematic resampling and the kernel
    of Liu and West (2001), which leaves mean and covariance of the particles as they are. Without a kernel
    all particles of a deterministic system would soon be copies of one.

    Parameters
    ----------
    x : array
        [series, steps]: observations.
    model : Model
    horizon : int
        Steps.
    stream : int
        Seed of the random numbers. All series use the same ones, so the forecasts of one series do not depend
        on the others.
    kernel : float
        See KERNEL.
    """
    blocks = [x[first : first + TOGETHER] for first in range(0, len(x), TOGETHER)]
    return np.concatenate([_filtered(block, model, horizon, stream, kernel) for block in blocks])


def _filtered(x: Array, model: Model, horizon: int, stream: int, kernel: float) -> Array:
    rng = np.random.default_rng(stream)
    dimensions, particles = model.start.shape
    width = kernel * particles ** (-1 / (dimensions + 4))
    state = np.repeat(model.start[:, None], len(x), axis=1)
    fit, found = np.zeros((len(x), particles)), np.empty(x.shape)
    for step in range(x.shape[1]):
        if step:
            state = model.move(state, rng)
        fit -= (x[:, step, None] - state[0]) ** 2 / (2 * model.sd**2)
        weight = np.exp(fit - fit.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        sent = _drawn(state, weight, max(particles // SENT, 1), rng.random())
        for _ in range(horizon):
            sent = model.move(sent, rng)
        found[:, step] = sent[0].mean(axis=1)
        place, kicks = rng.random(), rng.standard_normal((dimensions, particles))
        poor = 1 / (weight**2).sum(axis=1) < FEW * particles
        if poor.any():
            state[:, poor] = _renewed(state[:, poor], weight[poor], place, width, kicks)
            fit[poor] = 0
    return found


def _drawn(state: Array, weight: Array, count: int, place: float) -> Array:
    """Systematic resampling: `count` of the particles, [dimensions, series, count]; place: from 0 to 1."""
    series = np.arange(len(weight))[:, None]
    heap = weight.cumsum(axis=1)
    # All series at once: each has its own unit interval.
    chosen = np.searchsorted(
        (series + heap / heap[:, -1:]).ravel(), (series + (place + np.arange(count)) / count).ravel()
    ).reshape(len(weight), count)
    chosen = np.clip(chosen - series * weight.shape[1], 0, weight.shape[1] - 1)
    return np.take_along_axis(state, chosen[None], axis=2)


def _renewed(state: Array, weight: Array, place: float, width: float, kicks: Array) -> Array:
    """Particles of equal weight, resampled and moved by `width` times their own spread."""
    mean = (weight * state).sum(axis=2, keepdims=True)
    apart = state - mean
    covariance = np.einsum("ism,jsm,sm->sij", apart, apart, weight)
    scale = np.linalg.eigvalsh(covariance)[:, -1]
    # A little more on the diagonal, because the covariance may be singular within rounding.
    root = np.linalg.cholesky(covariance + (1e-12 * scale[:, None, None] + 1e-30) * np.eye(len(state)))
    kept = np.sqrt(1 - width**2) * _drawn(apart, weight, weight.shape[1], place)
    renewed: Array = mean + kept + width * np.einsum("sij,jm->ism", root, kicks)
    return renewed
