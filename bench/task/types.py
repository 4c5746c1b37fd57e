"""The types of a question: what a step holds, the task, its examples, and the problem made of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KINDS = ("classification", "regression", "forecasting", "labelling", "generation", "translation")


class Unsupported(Exception):
    """Raise this in a method that cannot answer the question it is given.

    The fit gets the status `unsupported`, the run continues, and the report shows the reason. A method that
    could answer but failed raises any other exception.

    Parameters
    ----------
    reason : str
        Why the method cannot answer, as one short phrase.

    Examples
    --------
    >>> raise Unsupported("needs equal lengths")
    """


class Several(ValueError):
    """Raised by a data set whose settings fit several problems.

    Parameters
    ----------
    message : str
        What can be chosen, and how to choose it.
    choices : sequence of mappings
        One entry per problem: the settings that select it.
    """

    def __init__(self, message: str, choices: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message)
        self.choices = choices


def hyphenated(text: str) -> str:
    """Lower-case words joined by hyphens, so that "Business Daily" and "business_daily" are one address."""
    return "-".join(text.lower().replace("_", " ").split())


@dataclass(frozen=True)
class Values:
    """What one step of a sequence holds: `size` real channels, or one of `size` symbols.

    Parameters
    ----------
    size : int
        Number of channels (at least 1) or of different symbols (at least 2).
    symbols : bool
        True: a step is one integer from 0 to size - 1. False: a step is `size` floats.
    flags : bool
        True: every channel is 0 or 1, and a prediction is the probability of 1.
    names : tuple of str, optional
        One name per channel or symbol.

    Raises
    ------
    ValueError
        If `size` is too small or the number of names differs from it.

    Examples
    --------
    >>> Values(3)                    # three real channels
    >>> Values(2, symbols=True)      # two classes
    """

    size: int
    symbols: bool = False
    flags: bool = False
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        least, what = (2, "symbols") if self.symbols else (1, "numbers")
        if self.size < least:
            raise ValueError(f"Values of {what} need size at least {least}, got {self.size}")
        if self.names is not None and len(self.names) != self.size:
            raise ValueError(f"Values of size {self.size} need {self.size} names, got {len(self.names)}")

    def encode(self, sequence: Array) -> NDArray[np.float64]:
        """Return one sequence as floats; symbols become one-hot rows.

        Parameters
        ----------
        sequence : array
            [steps] symbols or [steps, size] numbers.

        Returns
        -------
        array of float64
            [steps, size].

        Raises
        ------
        ValueError
            If a symbol is below 0 or above size - 1.
        """
        if not self.symbols:
            return np.asarray(sequence, dtype=np.float64)
        codes = np.asarray(sequence)
        if codes.size and (codes.min() < 0 or codes.max() >= self.size):
            raise ValueError(
                f"symbols must be 0..{self.size - 1}, got {int(codes.min())}..{int(codes.max())}"
            )
        # An identity matrix would need size x size numbers, too many for a vocabulary of thousands.
        one_hot = np.zeros((*codes.shape, self.size))
        np.put_along_axis(one_hot, codes[..., None], 1.0, axis=-1)
        return one_hot


@dataclass(frozen=True)
class Task:
    """The question: what goes in, what comes out and how long the answer is.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    x, y : Values
        What a step of the input and a step of the answer hold.
    length : {"fixed", "same", "free"}
        Length of the answer: `steps` steps, one step per input step, or any length.
    steps : int
        Steps of a "fixed" answer: 1 for a class or a number, the horizon for a forecast.
    period : int, optional
        Steps in one season of a forecasting series (12 for monthly data); None without a season.
    quantiles : tuple of float
        Levels at which a number may also be answered. If not empty, it contains 0.5.
    causal : bool
        True: the answer at step t of a "same" task may only use x up to step t.

    Raises
    ------
    ValueError
        If a value is not one of those above.

    Examples
    --------
    >>> Task("forecasting", x=Values(1), y=Values(1), length="fixed", steps=12, period=12)
    """

    kind: str
    x: Values
    y: Values
    length: Literal["fixed", "same", "free"]
    steps: int = 1
    period: int | None = None
    quantiles: tuple[float, ...] = ()
    causal: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown task kind {self.kind!r}; known: {', '.join(KINDS)}")
        if self.length not in ("fixed", "same", "free"):
            raise ValueError(f"length must be fixed, same or free, got {self.length!r}")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        if self.period is not None and self.period < 1:
            raise ValueError(f"period must be at least 1 or None, got {self.period}")
        if self.quantiles and 0.5 not in self.quantiles:
            raise ValueError(f"quantiles must contain .5, got {self.quantiles}")

    @property
    def season(self) -> int:
        """Steps in one season; 1 for a series without a season."""
        return self.period or 1


@dataclass(frozen=True)
class Split:
    """Examples as parallel lists of arrays. Sequences may have different lengths.

    Parameters
    ----------
    x : sequence of arrays
        Per example [T, channels] floats or [T] symbols.
    y : sequence of arrays
        The answers: per example [S, channels] floats or [S] symbols. Empty if they are hidden. A step of a
        forecast with NaN is not scored.
    ahead : sequence of arrays
        Forecasting: per example [steps, known], the future values of covariates that are known in advance.
        They continue the last `known` channels of x. May be empty.
    series : sequence of hashable
        Per example the series or group it belongs to. Without it every example is a group.
    time : sequence of arrays
        Per example the time stamps, at least T + S of them. May be empty.

    Raises
    ------
    ValueError
        If a list that is not empty has another length than x.
    """

    x: Sequence[Array]
    y: Sequence[Array] = ()
    ahead: Sequence[Array] = ()
    series: Sequence[Hashable] = ()
    time: Sequence[Array] = ()

    def __post_init__(self) -> None:
        if not len(self.series):
            object.__setattr__(self, "series", tuple(range(len(self.x))))
        for name in ("y", "ahead", "series", "time"):
            got = len(getattr(self, name))
            if got not in (0, len(self.x)):
                raise ValueError(f"Split.{name} has {got} entries for {len(self.x)} examples in x")

    def __len__(self) -> int:
        return len(self.x)

    def blind(self) -> Split:
        """Return the same examples without their answers."""
        return replace(self, y=())

    def take(self, indices: Sequence[int] | Array) -> Split:
        """Return some of the examples; the arrays are not copied.

        Parameters
        ----------
        indices : sequence of int
            Which examples, in the order wanted. A boolean mask is refused.

        Returns
        -------
        Split
            The chosen examples.

        Raises
        ------
        ValueError
            If `indices` is a boolean mask.
        """
        if np.asarray(indices).dtype == bool:
            raise ValueError("take wants indices, got a mask; write take(np.flatnonzero(mask))")
        chosen = [int(i) for i in indices]

        def pick(items: Sequence[Any]) -> Sequence[Any]:
            return [items[i] for i in chosen] if len(items) else ()

        return Split(pick(self.x), pick(self.y), pick(self.ahead), tuple(pick(self.series)), pick(self.time))

    def copy(self) -> Split:
        """Return the same examples with every array copied."""

        def copied(items: Sequence[Array]) -> Sequence[Array]:
            return [np.array(item) for item in items]

        return Split(copied(self.x), copied(self.y), copied(self.ahead), self.series, copied(self.time))


Predictor = Callable[[Split], Sequence[Array]]


@dataclass(frozen=True)
class About:
    """Where a problem comes from, and the scores that skill is measured against.

    Parameters
    ----------
    source : str
        Where the data come from: a citation, an address, or "generated".
    licence : str
        The licence of the data.
    protocol : str
        How the data are split into train and test, in one sentence.
    reference : str
        Name of the method whose error is skill 0 on real data.
    metric : str
        Name of the metric that tables show and skill is computed from, a key of `metrics.METRICS`.
    version : str
        Version or checksum of the data.
    constant, memoryless, best : float, optional
        Synthetic tasks: the value of `metric` for the best constant answer (skill 0), for the best answer
        that uses the current step only, and for the exact best (skill 1). None if unknown.
    headroom : dict of str to float
        Synthetic tasks: named facts about what a window of w steps can reach. "window_16" is a share of the
        way from `constant` to `best`.
    role : {"", "positive", "control", "crossover"}
        Synthetic tasks: recurrence is predicted to be needed, not to be needed, or to depend on the
        difficulty.
    """

    source: str
    licence: str
    protocol: str
    reference: str
    metric: str
    version: str = ""
    constant: float | None = None
    memoryless: float | None = None
    best: float | None = None
    headroom: dict[str, float] = field(default_factory=dict)
    role: str = ""


@dataclass(frozen=True)
class Rolling:
    """Which validation origins `holdout` takes from the end of each training series.

    Parameters
    ----------
    horizons : int
        The most horizons that the validation part spans.
    divisor : int
        The origins are 1 / `divisor` of a horizon apart, at least one step.
    share : float
        The most that the validation part takes of a training series, but always one horizon.
    """

    horizons: int = 3
    divisor: int = 1
    share: float = 1.0

    def step(self, horizon: int) -> int:
        """The distance of neighbouring origins in steps."""
        return max(1, horizon // self.divisor)

    def count(self, horizon: int, length: int, spare: int) -> int:
        """The number of origins in a series of `length` steps, of which validation may take `spare`."""
        span = min(self.horizons * horizon, max(horizon, int(self.share * length)), spare)
        return (span - horizon) // self.step(horizon) + 1 if span >= horizon else 0


@dataclass(frozen=True)
class Problem:
    """A task with its examples.

    Parameters
    ----------
    task : Task
        The question.
    train, test : Split
        Examples to train on and to test on, both with answers.
    about : About
        Source, licence, protocol and reference scores.
    valid : Split, optional
        A validation sample. A data set that generates its examples draws one; for other data `holdout` takes
        validation examples out of train.
    oracle : sequence of arrays
        Synthetic tasks: what the exact best predictor answers to `test`, one array per example. It allows a
        comparison with a method example by example. Empty if unknown.
    rolling : Rolling
        Forecasting: the validation origins that `holdout` takes.
    refit : bool
        Forecasting: whether a method is fitted again at every test origin, on everything before it. Otherwise
        it is fitted once, on train, and answers later origins from the longer history.
    missing : mapping of hashable to sequence of int
        Forecasting: by series the steps, from 0 at its first step, whose target was missing and was filled.
        In the validation part that `holdout` takes they are not scored. In `test` the data set itself writes
        NaN at such steps, for example with `unscored`.
    """

    task: Task
    train: Split
    test: Split
    about: About
    valid: Split | None = None
    oracle: Sequence[Array] = ()
    rolling: Rolling = Rolling()
    refit: bool = False
    missing: Mapping[Hashable, Sequence[int]] = field(default_factory=dict)
