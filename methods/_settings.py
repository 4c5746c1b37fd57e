"""Settings that several methods share. A network takes a whole group of them as one argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from recurbench.task import Task, Unsupported

AtLeast0 = Annotated[int, ">= 0"]
AtLeast1 = Annotated[int, ">= 1"]
Channels = Literal["joint", "shared"]
# What these words mean stands in `_preparation`.
Unequal = Literal["native", "pad", "resample", "truncate"]
OneLength = Literal["pad", "resample", "truncate"]
Normalise = Literal["auto", "none", "series", "train", "window"]
WholeSeries = Literal["none", "series", "train"]
Reference = Literal["auto", "none", "mean", "last", "seasonal"]
ClassWeights = Literal["none", "balanced"]
Augment = Literal["none", "jitter", "warp"]
Precision = Literal["float32", "bfloat16"]
Transform = Literal["auto", "log", "none"]
WEIGHTS = ("own", "shared")
DECODERS = ("auto", "direct", "recurrent", "attention")


@dataclass(frozen=True)
class Training:
    """How a network is trained, and in forecasting how it reads the series.

    Attributes
    ----------
    learning_rate : float or None
        Of Adam at the start; it falls along a cosine, see `Budget.rate`. None: 0.003, but 0.001 for rnn on
        small classification problems, see `rnn`.
    batch : int
        Examples per optimizer step.
    clip : float
        The largest norm of a gradient; larger ones are scaled down.
    patience : int or None
        Stop after so many optimizer steps without a better loss on the check part, however small it is; None:
        see `Budget.of`.
    max_steps : int or None
        The largest number of optimizer steps; None: see `Budget.of`.
    class_weights : str
        Answers that are classes: "balanced" weights the training loss so that all classes count alike, as in
        scikit-learn. Validation losses are not weighted.
    augment : str
        Classification and regression of series of numbers: "jitter" adds noise to every training batch,
        "warp" makes a window of each series slower or faster (Le Guennec et al. 2016).
    precision : str
        Numbers in which an optimizer step multiplies and convolves. "bfloat16" is faster for wide
        convolutions, on processors that have instructions for it, and less exact; weights, losses and answers
        stay as with "float32".
    smoothing : float or None
        Classes: this share of each true class is spread evenly over all classes in the training loss (label
        smoothing, Szegedy et al. 2016); None: see `Budget.of`.
    context : int or None
        Forecasting: steps of history to read; None: see `context_steps`.
    reference : str
        Forecasting: the forecast that the network corrects. "mean" of the history, "last" value, "seasonal"
        (the last season), or "none": the network forecasts the scaled values themselves. "auto" takes the
        one with the smallest error on train. The forecast is the reference plus a weight times the output of
        the network; the weight (0, 0.25, 0.5 or 1) is chosen on the validation part.
    windows : int
        Forecasting: about how many training windows to cut from the series.
    channels : str
        Forecasting: "joint" forecasts all channels at once; "shared" applies one network to each channel.
    unequal : str
        Classification and regression: "native", "pad", "resample" or "truncate", see `_preparation`.
    normalise : str
        "none", "series", "train" or "window", see `_preparation`; "auto" is "window" in forecasting and
        "train" otherwise.
    calendar : bool
        Forecasting: whether to add time of day, day of week and day of year as covariates.

    Raises
    ------
    ValueError
        If `smoothing` is not in 0..1 (1 excluded), another number is not above 0, or a word is none of those
        above.
    """

    learning_rate: Annotated[float, "> 0"] | None = None
    batch: AtLeast1 = 64
    clip: Annotated[float, "> 0"] = 1.0
    patience: AtLeast1 | None = None
    max_steps: AtLeast1 | None = None
    class_weights: ClassWeights = "none"
    augment: Augment = "none"
    precision: Precision = "float32"
    smoothing: Annotated[float, ">= 0", "< 1"] | None = None
    context: AtLeast1 | None = None
    reference: Reference = "auto"
    windows: AtLeast1 = 1000
    channels: Channels = "joint"
    unequal: Unequal = "native"
    normalise: Normalise = "auto"
    calendar: bool = False

    def __post_init__(self) -> None:
        for name in ("learning_rate", "batch", "clip", "patience", "max_steps", "windows"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")
        words_of = {"class_weights": ClassWeights, "augment": Augment, "precision": Precision}
        for name, words in words_of.items():
            if getattr(self, name) not in get_args(words):
                wanted = ", ".join(get_args(words))
                raise ValueError(f"{name} must be one of {wanted}, got {getattr(self, name)!r}")
        if self.smoothing is not None and not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing must be at least 0 and below 1, got {self.smoothing}")


@dataclass(frozen=True)
class Decoding:
    """How a network turns states into an answer.

    Attributes
    ----------
    decoder : str
        "direct" reads all steps of the answer from one state. "recurrent" is an LSTM that starts from this
        state, sees it at every step (Cho et al. 2014), and reads its own last answer. "attention" is the same
        LSTM, but with attention to the states of all steps (Luong et al. 2015). "auto" is attention for
        answers of free length, and direct for all others.
    teaching : float
        Share of the training steps at which the decoder reads the true last symbol instead of its own
        (Bengio et al. 2015).
    beam : int
        Width of the beam search when answering; 1 takes the likeliest symbol each time.
    weights : str
        "own": the decoder has its own weights. "shared": it uses the recurrent layer of the encoder, which
        must have one layer and one direction.

    Raises
    ------
    ValueError
        If a setting is out of range.
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
        """Decide the decoder for a task.

        Parameters
        ----------
        task : Task

        Returns
        -------
        str
            "direct", "recurrent" or "attention".

        Raises
        ------
        Unsupported
            If this decoder cannot answer the task.
        """
        if self.weights == "shared" and (
            self.decoder == "direct" or (self.decoder, task.length) == ("auto", "fixed")
        ):
            raise Unsupported("weights cannot be shared, because a direct answer has no decoder")
        if self.decoder == "auto":
            return "attention" if task.length == "free" else "direct"
        if self.decoder != "direct" and task.length == "same":
            raise Unsupported("an answer per step is read from the state of its step and needs no decoder")
        if self.decoder != "direct" and task.length == "fixed" and (task.y.symbols or task.quantiles):
            raise Unsupported("a decoder writes answers of free length, or numbers without quantiles")
        return self.decoder
