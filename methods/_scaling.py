"""Transformation of forecasting examples: normalisation, one channel at a time, calendar covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from recurbench.methods._calendar import fields, usable_fields
from recurbench.methods._preparation import refuse_unsuited
from recurbench.task import Array, Split, Task, Values, arithmetic

Floats = NDArray[np.float64]

CHANNELS = ("joint", "shared")


@dataclass(frozen=True)
class View:
    """A transformation of forecasting examples, and the inverse transformation of the answers.

    Attributes
    ----------
    original : Task
        The task before the transformation.
    normalise : str
        "window": the method subtracts the last value of a window and divides by the standard deviation of
        the window (see `level_and_unit`). "train": every channel is scaled by its mean and standard deviation
        in the training part. "none": values stay as they are.
    shared : bool
        Whether every target becomes a separate series, together with all covariates.
    calendar : tuple of str
        Calendar fields that are appended as covariates known ahead.
    mean, spread : arrays [channels], or None
        For "train": mean and standard deviation in train; 0 and 1 for covariates known ahead.
    """

    original: Task
    normalise: str = "window"
    shared: bool = False
    calendar: tuple[str, ...] = ()
    mean: Floats | None = None
    spread: Floats | None = None

    @property
    def task(self) -> Task:
        """The task after the transformation."""
        x, y, more = self.original.x, self.original.y, 2 * len(self.calendar)
        if self.shared:
            size = x.size - y.size + 1 + more
            return replace(self.original, x=Values(size), y=Values(1))
        return replace(self.original, x=replace(x, size=x.size + more, names=None)) if more else self.original

    @property
    def parts(self) -> int:
        """How many examples one original example becomes: one per target if `shared`, else 1."""
        return self.original.y.size if self.shared else 1

    def split(self, split: Split, keep: int | None = None) -> Split:
        """Transform examples.

        Parameters
        ----------
        split : Split
            Original examples.
        keep : int or None
            Only the last so many steps of each history are needed; None keeps all.

        Returns
        -------
        Split
            `parts` examples for each original one.

        Raises
        ------
        ValueError
            If calendar fields are wanted and time stamps are missing.
        """
        if not (self.shared or self.calendar or self.mean is not None):
            return split
        # Cut before anything is copied: a thousand origins of one long series share its memory.
        starts = [max(0, len(x) - keep) if keep else 0 for x in split.x]
        x: list[Array] = [each[start:] for each, start in zip(split.x, starts, strict=True)]
        time = [each[start:] for each, start in zip(split.time, starts, strict=False)]
        y, ahead = list(split.y), list(split.ahead)
        if self.mean is not None and self.spread is not None:
            k = self.original.y.size
            x = [(each - self.mean) / self.spread for each in x]
            y = [(each - self.mean[:k]) / self.spread[:k] for each in y]
        if self.calendar:
            x, ahead = self._with_calendar(x, ahead, time)
        seen = Split(x, y, ahead, split.series, time)
        return self._by_channel(seen) if self.shared else seen

    def _with_calendar(
        self, x: list[Array], ahead: list[Array], time: list[Array]
    ) -> tuple[list[Array], list[Array]]:
        steps = self.original.steps
        dated = [fields(each, self.calendar) for each in time]
        for i, each in enumerate(x):
            if len(dated[i]) < len(each) + steps:
                raise ValueError(
                    f"example {i} has {len(dated[i])} time stamps for {len(each)} steps of history and "
                    f"{steps} ahead; calendar needs one for each: give them, or set calendar=False"
                )
        coming = [each[len(past) : len(past) + steps] for each, past in zip(dated, x, strict=True)]
        if ahead:
            coming = [np.hstack([given[:steps], more]) for given, more in zip(ahead, coming, strict=True)]
        return [np.hstack([past, more[: len(past)]]) for past, more in zip(x, dated, strict=True)], coming

    def _by_channel(self, split: Split) -> Split:
        k = self.original.y.size
        beside = list(range(k, self.task.x.size - 1 + k))

        def one_channel(values: Array, channel: int) -> Array:
            # Without covariates a slice, which copies nothing.
            return values[:, [channel, *beside]] if beside else values[:, channel : channel + 1]

        return Split(
            [one_channel(each, j) for each in split.x for j in range(k)],
            [each[:, j : j + 1] for each in split.y for j in range(k)],
            [each for each in split.ahead for _ in range(k)],
            [(name, j) for name in split.series for j in range(k)],
            [each for each in split.time for _ in range(k)],
        )

    def answers(self, seen: Sequence[Array]) -> list[Array]:
        """Transform answers back.

        Parameters
        ----------
        seen : sequence of arrays [S, K'] or [S, K', Q]
            Answers to the transformed examples.

        Returns
        -------
        list of arrays [S, K] or [S, K, Q]
            Answers to the original examples, in the units of the data if `normalise` is "train".
        """
        k = self.parts
        joined = [
            seen[i] if k == 1 else np.concatenate(seen[i : i + k], axis=1) for i in range(0, len(seen), k)
        ]
        if self.mean is None or self.spread is None:
            return joined
        return [self._unscaled(each) for each in joined]

    def _unscaled(self, answer: Array) -> Array:
        assert self.mean is not None
        assert self.spread is not None
        shape = (-1,) + (1,) * (answer.ndim - 2)
        k = self.original.y.size
        return np.asarray(self.mean[:k].reshape(shape) + self.spread[:k].reshape(shape) * answer)

    def level_and_unit(self, recent: Floats) -> tuple[Floats, Floats]:
        """The level that a method subtracts from a window, and the unit that it divides by.

        Parameters
        ----------
        recent : array [T, channels]
            The window, without covariates known ahead.

        Returns
        -------
        level, unit : arrays [channels]
            For "window" the last value and the standard deviation, which is 0 for a constant channel.
            Otherwise 0 and 1.
        """
        if self.normalise == "window":
            return recent[-1], arithmetic.spread(recent)
        return np.zeros(recent.shape[1]), np.ones(recent.shape[1])

    @property
    def notes(self) -> dict[str, str]:
        """The transformation in words, as notes of a fit."""
        notes = {
            "normalisation": {
                "window": "per window: minus the last value, over the window's standard deviation",
                "train": "minus the mean of the training part, over its standard deviation",
                "none": "none: values as they are",
            }[self.normalise]
        }
        if self.shared:
            notes["channels"] = f"shared: one network answers each of the {self.parts} channels by itself"
            if self.task.x.size > 1:
                notes["channels"] += ", beside all covariates"
        if self.calendar:
            notes["calendar"] = ", ".join(self.calendar)
        return notes


def learn_view(
    task: Task,
    train: Split,
    *,
    normalise: str = "auto",
    channels: str = "joint",
    calendar: bool = False,
) -> View:
    """Learn the transformation that the settings ask for on the training part.

    Parameters
    ----------
    task : Task
        If it is no forecasting of numbers, nothing is transformed.
    train : Split
        The training part.
    normalise : str
        "window", "train" or "none"; see `View`. "auto" is "window".
    channels : str
        "joint", or "shared" for one series per target.
    calendar : bool
        Whether to add calendar covariates.

    Raises
    ------
    ValueError
        If a setting is not one of its values.
    Unsupported
        If calendar covariates are wanted and the time stamps are no dates or too few, or `normalise` is
        "series".
    """
    if channels not in CHANNELS:
        raise ValueError(f"channels must be one of {', '.join(CHANNELS)}, got {channels!r}")
    if task.kind != "forecasting" or task.x.symbols or task.y.symbols:
        return View(task)
    refuse_unsuited(task, "native", normalise)
    normalise = "window" if normalise == "auto" else normalise
    view = View(
        task,
        normalise,
        channels == "shared" and task.y.size > 1,
        usable_fields(train.time) if calendar else (),
    )
    if normalise != "train":
        return view
    together = np.concatenate([np.asarray(x, dtype=np.float64) for x in train.x])
    mean, spread = together.mean(axis=0), arithmetic.spread(together)
    known = train.ahead[0].shape[1] if len(train.ahead) else 0
    scaled = (np.arange(len(mean)) < len(mean) - known) & (spread > 0)
    return replace(view, mean=np.where(scaled, mean, 0.0), spread=np.where(scaled, spread, 1.0))
