"""How the series of a task are brought to one length and scaled: the same words for every method.

The setting `unequal` says what happens to the lengths:

- "native": nothing. The method reads series of any length; one that needs a single length refuses training
  examples of several.
- "pad": every series becomes as long as the longest training example. Zeros follow after its last step.
- "resample": every series is interpolated linearly to as many steps as the longest training example. Its
  first and its last step stay.
- "truncate": every series is cut to the first steps, as many as the shortest training example has.

New examples become as long as the training examples: with "pad" a longer one is cut at its end, with
"truncate" zeros follow on a shorter one.

The setting `normalise` says how the values are scaled, after the lengths are equal:

- "none": values as they are.
- "series": each channel of each example minus its mean, over its standard deviation; 0 if it is constant.
- "train": each channel minus its mean over all steps of the training part, over its standard deviation there.
- "window": forecasts only, see `_scaling.View`.
- "auto": the default of a method that also forecasts. It is "window" in forecasting; otherwise "train" for
  networks and "none" for features.

Symbols are read as one channel each, 0 or 1, and never scaled. Missing values (NaN) stay, for the few methods
that take them; means and standard deviations are those of the known values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench.task import Split, Task, Unsupported
from recurbench.task.arithmetic import Floats, level_and_spread, of_length, resample, standardised

LENGTHS = ("native", "pad", "resample", "truncate")
NORMALISATIONS = ("auto", "none", "series", "train", "window")


@dataclass(frozen=True)
class Preparation:
    """Brings one series after another to the length and the scale that were learnt on the training part.

    Attributes
    ----------
    unequal : str
        "native", "pad", "resample" or "truncate".
    normalise : str
        "none", "series" or "train".
    steps : int or None
        The length that every series gets; None if it keeps its own.
    centre, unit : arrays [channels] or None
        For "train": mean and standard deviation in the training part; the unit of a constant channel is 1.
    """

    unequal: str = "native"
    normalise: str = "none"
    steps: int | None = None
    centre: Floats | None = None
    unit: Floats | None = None

    def __call__(self, series: Floats) -> Floats:
        """Prepare a series [T, channels], T at least 1: [steps, channels], or [T, channels] if "native"."""
        return self._scaled(self._lengthened(series))

    @property
    def notes(self) -> dict[str, Any]:
        """The preparation in words, as notes of a fit."""
        words = {
            "native": "each series at its own length",
            "pad": f"zeros follow up to {self.steps} steps; what is longer is cut",
            "resample": f"interpolated linearly to {self.steps} steps",
            "truncate": f"the first {self.steps} steps; zeros follow where there are fewer",
        }
        return {"normalise": self.normalise, "unequal": words[self.unequal]}

    def _lengthened(self, series: Floats) -> Floats:
        if self.steps is None:
            return series
        return resample(series, self.steps) if self.unequal == "resample" else of_length(series, self.steps)

    def _scaled(self, series: Floats) -> Floats:
        if self.normalise == "series":
            return standardised(series)
        if self.centre is None or self.unit is None:
            return series
        return np.asarray((series - self.centre) / self.unit)


def learn_preparation(
    task: Task, series: Sequence[Floats], *, unequal: str, normalise: str, auto: str = "none"
) -> Preparation:
    """Learn length and scale on the training part.

    Parameters
    ----------
    task : Task
    series : sequence of arrays [T, channels]
        The training examples as numbers, each with at least one step.
    unequal, normalise : str
        The settings of the method.
    auto : str
        What "auto" stands for if the task gives numbers.

    Raises
    ------
    ValueError
        If a setting is not one of its values.
    Unsupported
        If the task leaves no room for the setting: see `refuse_unsuited`.
    """
    refuse_unsuited(task, unequal, normalise)
    if normalise == "auto":
        normalise = "none" if task.x.symbols else auto
    steps = common_length(unequal, [len(x) for x in series])
    made = Preparation(unequal, normalise, steps)
    if normalise != "train" or not series:
        return made
    centre, deviation = level_and_spread(np.concatenate([made(x) for x in series]))
    unit = np.where(deviation > 0, deviation, 1.0)
    return Preparation(unequal, normalise, steps, centre, unit)


def common_length(unequal: str, lengths: Sequence[int]) -> int | None:
    """The steps that every series gets, given the lengths of the training examples; None for "native"."""
    if unequal == "native" or not lengths:
        return None
    return min(lengths) if unequal == "truncate" else max(lengths)


def prepared_lengths(unequal: str, train: Split) -> list[int]:
    """The lengths of the training examples after their preparation."""
    lengths = [len(x) for x in train.x]
    common = common_length(unequal, lengths)
    return lengths if common is None else [common] * len(lengths)


def refuse_unsuited(task: Task, unequal: str, normalise: str) -> None:
    """Unsupported if the task leaves no room for a setting; ValueError if it is not one of its values.

    An answer for each step, and a forecast, need the steps as they are. Forecasts are not scaled by a whole
    series, and only they have a window. Symbols are not scaled. Causal answers cannot use a scale that
    later steps would tell.
    """
    for name, word, words in (("unequal", unequal, LENGTHS), ("normalise", normalise, NORMALISATIONS)):
        if word not in words:
            raise ValueError(f"{name} must be one of {', '.join(words)}, got {word!r}")
    forecast = task.kind == "forecasting"
    if unequal != "native" and (forecast or task.length == "same"):
        raise Unsupported(
            f"unequal={unequal} changes the steps, and {task.kind} needs them as they are; set unequal=native"
        )
    if (normalise == "series" and forecast) or (normalise == "window" and not forecast):
        wanted = "window" if forecast else "series"
        raise Unsupported(f"normalise={normalise} is not for {task.kind}; set normalise={wanted}")
    if task.x.symbols and normalise in ("series", "train"):
        raise Unsupported(
            f"normalise={normalise} scales numbers, and the series are symbols; set normalise=none"
        )
    if normalise == "series" and task.length == "same" and task.causal:
        raise Unsupported(
            "normalise=series reads the whole series, but the task is causal; set normalise=train"
        )


def refuse_lengths(what: str, train: Split) -> None:
    """Unsupported if the training examples differ in length; `what` needs one."""
    lengths = {len(x) for x in train.x}
    if len(lengths) > 1:
        raise Unsupported(
            f"{what} needs series of one length, and the training examples have {min(lengths)} to "
            f"{max(lengths)} steps; set unequal=resample, or pad or truncate"
        )
