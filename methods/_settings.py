"""The settings that networks share, each named once: a network takes a group of them as one argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from recurbench.task import Task, Unsupported

AtLeast0 = Annotated[int, ">= 0"]
AtLeast1 = Annotated[int, ">= 1"]
Channels = Literal["joint", "shared"]
Normalise = Literal["window", "train", "none"]
Residual = Literal["auto", "last", "seasonal"]
Transform = Literal["auto", "log", "none"]
WEIGHTS = ("own", "shared")
DECODERS = ("auto", "direct", "recurrent", "attention")


@dataclass(frozen=True)
class Training:
    """How every network is trained.

    learning_rate: at first; see `Budget.rate`. batch: examples. clip: the longest gradient.
    patience, max_steps: optimizer steps, None for the rule of `Budget.of`.
    Forecasting only: context, residual, see `learn_coding`. windows: the most cut from train. channels,
    normalise, calendar: see `View`.
    """

    learning_rate: Annotated[float, "> 0"] = 0.003
    batch: AtLeast1 = 64
    clip: Annotated[float, "> 0"] = 1.0
    patience: AtLeast1 | None = None
    max_steps: AtLeast1 | None = None
    context: AtLeast1 | None = None
    residual: Residual = "auto"
    windows: AtLeast1 = 1000
    channels: Channels = "joint"
    normalise: Normalise = "window"
    calendar: bool = False

    def __post_init__(self) -> None:
        for name in ("learning_rate", "batch", "clip", "patience", "max_steps", "windows"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")


@dataclass(frozen=True)
class Decoding:
    """How an answer is formed from a body's states.

    decoder: "direct" reads all steps of the answer from the sequence's state at once; "recurrent" is an
    LSTM with parameters of its own that starts from this state, sees it at every step (Cho et al. 2014) and
    is fed what it answered; "attention" lets it look at all states instead (Luong et al. 2015). "auto":
    attention for free answers, else direct.
    teaching: share of training steps fed with the true symbol, the rest with its own (Bengio et al. 2015).
    beam: answers followed at once when answering; 1 is greedy.
    weights: "own", or "shared": encoder and decoder are one recurrent cell, which is fed x in one and a
    learned map of the step before in the other. Of one layer and one direction.
    """

    decoder: Literal["auto", "direct", "recurrent", "attention"] = "auto"
    teaching: Annotated[float, ">= 0", "<= 1"] = 1.0
    beam: AtLeast1 = 1
    weights: Literal["own", "shared"] = "own"

    def __post_init__(self) -> None:
        if self.decoder not in DECODERS:
            raise ValueError(f"decoder must be one of {', '.join(DECODERS)}, got {self.decoder!r}")
        if self.weights not in WEIGHTS:
            raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}, got {self.weights!r}")
        if not 0 <= self.teaching <= 1:
            raise ValueError(f"teaching must be a share in 0..1, got {self.teaching}")
        if self.beam < 1:
            raise ValueError(f"beam must be at least 1, got {self.beam}")

    def of(self, task: Task) -> str:
        """The decoder for a task, "auto" decided; Unsupported where it has none of this sort."""
        if self.weights == "shared" and (
            self.decoder == "direct" or (self.decoder, task.length) == ("auto", "fixed")
        ):
            raise Unsupported("an answer that is read directly has no decoder to share weights with")
        if self.decoder == "auto":
            return "attention" if task.length == "free" else "direct"
        if self.decoder != "direct" and task.length == "same":
            raise Unsupported("an aligned answer has a state per step to be read from and needs no decoder")
        if self.decoder != "direct" and task.length == "fixed" and (task.y.symbols or task.quantiles):
            raise Unsupported("the recurrent decoder answers free sequences and numbers without quantiles")
        return self.decoder
