"""A feedforward network on a fixed number of steps: a whole sequence of that length, or a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.stacked_training import Fitted, Steps, fit_seeds
from recurbench.methods._preparation import prepared_lengths
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional

LONGEST = 512  # steps; more would make the first layer too large for the data
Reads = Literal["all", "window"]
READS = ("all", "window")
Way = Literal["whole", "masked", "last"]


class Feedforward(nn.Module):
    """Two hidden layers with ReLU on the flattened steps of a sequence, or of a window; see `Body`.

    `way` says how `sequence_state` brings a sequence to `steps` steps. "whole": it has so many. "masked": the
    first steps, with zeros after a shorter sequence and a channel that is 1 for steps that are there. "last":
    the last steps, with zeros before a shorter sequence.
    """

    def __init__(
        self,
        inputs: int,
        steps: int,
        hidden: int,
        notes: dict[str, Any],
        before: int = 0,
        way: Way = "whole",
    ) -> None:
        super().__init__()
        self.width = hidden
        self.notes = notes
        self.steps = steps
        self.before = before
        self.way = way
        channels = inputs + (way == "masked")
        self.layers = nn.Sequential(
            nn.Linear(channels * steps, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, hidden], from a window of steps for each step; padded with zeros."""
        x = functional.pad(masked(x, lengths), (0, 0, self.before, self.steps - 1 - self.before))
        return self.layers(x.unfold(1, self.steps, 1).flatten(2))  # type: ignore[no-any-return]

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, hidden], from `steps` steps of each sequence."""
        if self.way == "last":
            x = last_steps(masked(x, lengths), lengths, self.steps)
        elif self.way == "masked":
            x = first_steps(masked(x, lengths), self.steps)
            there = torch.arange(self.steps, device=x.device) < lengths[:, None]
            x = torch.cat([x, there[..., None].to(x.dtype)], dim=2)
        return self.layers(x.flatten(1))  # type: ignore[no-any-return]


def first_steps(x: Tensor, steps: int) -> Tensor:
    """The first `steps` steps of `x` [B, T, C]: [B, steps, C], padded with zeros at the end."""
    return functional.pad(x, (0, 0, 0, max(0, steps - x.shape[1])))[:, :steps]


def last_steps(x: Tensor, lengths: Tensor, steps: int) -> Tensor:
    """The last `steps` steps of each sequence of `x` [B, T, C]: [B, steps, C], padded with zeros before."""
    at = lengths[:, None] + torch.arange(steps, device=x.device)
    padded = functional.pad(x, (0, 0, steps, 0))
    return padded.gather(1, at[..., None].expand(-1, -1, x.shape[2]))


def way_of(task: Task, reads: str, unequal: str) -> Way:
    """How the network reads a whole sequence, see `Feedforward`; ValueError if `reads` is not in READS."""
    if reads not in READS:
        raise ValueError(f"reads must be one of {', '.join(READS)}, got {reads!r}")
    if reads == "window":
        return "last"
    return "masked" if task.x.symbols and unequal == "native" else "whole"


def fixed_width(lengths: Sequence[int], way: Way, window: int) -> int:
    """The steps of sequences that are read in this way; for all but "last" at most LONGEST."""
    if way == "last":
        return window
    known = lengths or [1]
    return min(LONGEST, int(max(known) if way == "masked" else np.median(known)))


def way_words(way: Way, steps: int) -> str:
    """The way in words, as a note."""
    return {
        "whole": f"interpolated to {steps} steps",
        "masked": f"padded with zeros to {steps} steps and a channel that says which are there; cut beyond",
        "last": f"the last {steps} steps, zeros before the first",
    }[way]


def layout(
    task: Task, coding: Coding, way: Way, window: int, reached: int
) -> tuple[int, int, Way, dict[str, Any]]:
    """How the network reads a sequence: steps, steps before the answered one, way, notes."""
    notes: dict[str, Any] = {"initialisation": "torch default (uniform, 1/sqrt of inputs)"}
    if task.length == "same":
        notes |= {"receptive_field": window, "length_policy": f"a window of {window} steps around each"}
        return window, window - 1 if task.causal else window // 2, "whole", notes
    if task.kind == "forecasting":
        # The coding has cut all histories to `context` steps.
        notes["length_policy"] = f"the last {coding.context} steps"
        return coding.context, 0, "whole", notes
    notes["length_policy"] = way_words(way, reached)
    return reached, 0, way, notes


@method(
    "mlp",
    family="feedforward",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={"hidden": (32, 64, 128), "learning_rate": (0.0003, 0.001, None, 0.01), "clip": (0.25, 1.0)},
    # It cannot use steps before its window, so it shows what a longer memory is worth.
    overrides={"parameters": ("hidden",)},
    variants={"window-mlp": {"reads": "window", "role": "control"}},
)
def mlp(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    seeds: tuple[int, ...] = (),
    check: Split | None = None,
    steps: Steps = None,
    device: str = "cpu",
    hidden: AtLeast1 = 64,
    window: AtLeast1 = 16,
    reads: Reads = "all",
    parameters: AtLeast0 = 0,
    training: Training,
    decoding: Decoding,
) -> Fitted | list[Fitted]:
    """Multilayer perceptron: two hidden layers with ReLU on a fixed number of steps (Rumelhart et al. 1986).

    One answer per step: it reads the last `window` steps; if the task is not causal, the window is centred.
    One answer per sequence, or of free length: it reads a fixed number of steps, at most 512. With
    `unequal=native` numbers are interpolated linearly to the median training length, and zeros follow on
    symbols up to the longest training example, with a channel that is 1 for steps that are there. With
    another `unequal` all examples have one length, and are interpolated if that is above 512.
    Forecasting: it reads the last `context` steps. window-mlp always reads the last `window` steps.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per hidden layer.
    window : int
        Steps of the window.
    reads : str
        "all": as above. "window": one answer per sequence, and forecasts, are made from the last `window`
        steps alone.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    """
    way = way_of(task, reads, training.unequal)
    if window < 1:
        raise ValueError(f"window must be at least 1 step, got {window}")
    if way == "last" and training.context is None:
        training = replace(training, context=window)
    if decoding.decoder == "attention" and task.length != "same":
        raise Unsupported("mlp has one state per sequence, and attention needs one per step")
    if decoding.decoder == "auto" and task.length == "free":
        decoding = replace(decoding, decoder="recurrent")
    recipe = Recipe(seed, check, None, training, decoding, device)
    reached = fixed_width(prepared_lengths(training.unequal, train), way, window)

    def build(coding: Coding) -> Feedforward:
        size, before, read, notes = layout(task, coding, way, window, reached)

        def body(width: int) -> Feedforward:
            return Feedforward(coding.task.x.size, size, width, notes, before, read)

        return sized(coding, body, hidden, parameters, decoding)

    interpolated = task.length != "same" and task.kind != "forecasting" and way == "whole"
    known = reached if interpolated and len(train) else None
    fitted = fit_seeds(task, train, build, recipe, seeds, steps, width=known)
    return fitted if seeds else fitted[0]
