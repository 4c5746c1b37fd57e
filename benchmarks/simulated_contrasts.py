"""Simulated contrasts with a known truth: true skills, how fits vary, who is chosen, which words are false.

Shapes: skills are [reports, contrasts, replicates, methods]. Methods stand in the order R, F, W, twin; the
best of each group is moved to its front.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.statistics.registered_rule import (
    ABLE,
    LAST,
    LEAST,
    MARGIN,
    Columns,
    Outcome,
    Word,
)
from scipy.special import ndtr

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NARROW = 0.02  # standard deviation of the skill of one method, unless said
PILOTS = 3  # pilot replicates


@dataclass(frozen=True)
class Contrast:
    """One contrast. recurrent, full, window, twin: true mean skills; of all-or-nothing fits the solve rates.

    noise: adds the variation of the fits. declared: what the registration says of the problem. predicted: the
    word that ends the replicates. choice: the best method of a group is its "true" best, the best of three
    "pilot" draws, or its "worst". scale: standard deviation of the noise.
    """

    recurrent: tuple[float, ...]
    full: tuple[float, ...]
    window: tuple[float, ...]
    twin: float
    noise: Noise
    declared: Outcome
    predicted: Word
    choice: str = "true"
    scale: float = NARROW

    @property
    def groups(self) -> list[slice]:
        """The columns of R, F and W."""
        r, f, w = len(self.recurrent), len(self.full), len(self.window)
        return [slice(0, r), slice(r, r + f), slice(r + f, r + f + w)]

    def at(self, memory_is_full: bool) -> Columns:
        """The roles, with the best method of each group at its front."""
        r, f, w = (tuple(range(each.start, each.stop)) for each in self.groups)
        return Columns(r, f, w, r[0], f[0], w[0], f[0] if memory_is_full else r[0], w[-1] + 1)


@dataclass(frozen=True)
class Draws:
    """Skills, their true means [reports, contrasts, methods], and where the best of R and F is of F."""

    skills: Floats
    means: Floats
    memory_is_full: Bools


Noise = Callable[[np.random.Generator, Floats, Contrast], Floats]  # means [..., 1, methods], full shape


def drawn(contrast: Contrast, reports: int, count: int, rng: np.random.Generator) -> Draws:
    """`count` contrasts of this kind in each of the reports, best methods chosen and moved to the front."""
    flat = np.array([*contrast.recurrent, *contrast.full, *contrast.window, contrast.twin])
    shape = (reports, count, LAST, len(flat))
    skills = contrast.noise(rng, np.broadcast_to(flat, shape), contrast)
    seen = np.broadcast_to(flat, (reports, count, len(flat)))
    if contrast.choice == "pilot":
        pilots = np.broadcast_to(flat, (reports, count, PILOTS, len(flat)))
        seen = contrast.noise(rng, pilots, contrast).mean(axis=2)
    elif contrast.choice == "worst":
        seen = -seen
    order = np.broadcast_to(np.arange(len(flat)), seen.shape).copy()
    tops = []
    for group in contrast.groups:
        best = seen[..., group].argmax(axis=-1)[..., None]
        tops.append(np.take_along_axis(seen[..., group], best, -1)[..., 0])
        part = order[..., group].copy()
        first = np.take_along_axis(part, best, -1)
        np.put_along_axis(part, best, part[..., :1].copy(), -1)
        part[..., :1] = first
        order[..., group] = part
    skills = np.take_along_axis(skills, order[:, :, None, :], axis=-1)
    means = np.take_along_axis(np.broadcast_to(flat, order.shape), order, axis=-1)
    return Draws(skills, means, tops[1] > tops[0])


def false_words(means: Floats, at: Columns, outcome: Outcome) -> dict[Word, Bools]:
    """By word where it is false of the chosen methods, [...]. means: [..., methods] of skill or solve rate.

    On a bound no word is true that needs one side of it; differences are rounded to twelve places.
    """
    solved = outcome is Outcome.SOLVED

    def of(method: int) -> Floats:
        return means[..., method]

    def over(one: int, rivals: tuple[int, ...], c: float) -> Bools:
        bound = 0.0 if solved else c
        return np.all([np.round(of(one) - of(rival), 12) > bound for rival in rivals], axis=0)

    def close(one: int, rivals: tuple[int, ...]) -> Bools:
        return of(one) > ABLE if solved else over(one, rivals, -MARGIN)

    assert at.twin is not None
    assert at.best_window is not None
    r, f, w = at.best_recurrent, at.best_full, at.best_window
    least = 1 - ABLE if solved else LEAST
    learned = np.any([of(method) >= least for method in (*at.recurrent, *at.full)], axis=0)
    same = close(r, (*at.full, *at.window)) & close(f, (*at.recurrent, *at.window))
    return {
        Word.HELPS: ~over(r, (*at.full, *at.window, at.twin), MARGIN),
        Word.HURTS: ~over(f, at.recurrent, MARGIN),
        Word.CONTEXT: ~(close(f, at.recurrent) & over(at.best_memory, at.window, MARGIN)),
        Word.NO_DIFFERENCE: ~(same & close(w, (*at.recurrent, *at.full))),
        Word.NOT_NEEDED: ~close(f, at.recurrent),
        Word.NEITHER: learned,
    }


def normal(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """Independent normal skills."""
    return means + contrast.scale * rng.standard_normal(means.shape)


def shared(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """Normal; four fifths of the variance belong to the draw, which the methods of a replicate share."""
    return means + contrast.scale * _shared(rng, means.shape)


def _shared(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    common = rng.standard_normal((*shape[:-1], 1))
    return np.sqrt(0.8) * common + np.sqrt(0.2) * rng.standard_normal(shape)


def heavy(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """Student's t with three degrees of freedom: a few replicates are far off."""
    return means + contrast.scale * rng.standard_t(3, means.shape)


def unequal(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """Normal; the deviation grows over the replicates from a fifth of the scale to five times it."""
    widths = contrast.scale * np.geomspace(0.2, 5, means.shape[-2])[:, None]
    return means + widths * rng.standard_normal(means.shape)


def tail(group: int, sign: int) -> Noise:
    """Exponential for one group (0 R, 1 F, 2 W), its tail down (-1) or up (1); the others a tenth as wide."""

    def skewed(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
        skills = means + contrast.scale / 10 * rng.standard_normal(means.shape)
        where = (..., contrast.groups[group])
        skills[where] += sign * contrast.scale * (rng.standard_exponential(skills[where].shape) - 1)
        return skills

    return skewed


def rare(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """Normal, a tenth as wide; one fit of R in ten is .3 lower (its mean is kept)."""
    skills = means + contrast.scale / 10 * rng.standard_normal(means.shape)
    where = (..., contrast.groups[0])
    skills[where] += 0.03 - 0.3 * (rng.random(skills[where].shape) < 0.1)
    return skills


def solved(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """All or nothing: skill 1 with the mean as its chance, else 0, each at most half the scale off."""
    return (rng.random(means.shape) < means) + contrast.scale * (rng.random(means.shape) - 0.5)


def solved_shared(rng: np.random.Generator, means: Floats, contrast: Contrast) -> Floats:
    """The same, where the draw makes a replicate easy or hard for every method."""
    return (ndtr(_shared(rng, means.shape)) < means) + contrast.scale * (rng.random(means.shape) - 0.5)
