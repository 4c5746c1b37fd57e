"""Echo state network: a fixed random recurrent network with a fitted readout."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._learners import Flags, Learner, Ridge
from recurbench.methods._networks.encoding import Coding, learn_coding
from recurbench.methods._networks.examples import Examples, in_order
from recurbench.methods._networks.recurrence import reads_both_ways
from recurbench.methods._scaling import learn_view
from recurbench.methods._settings import AtLeast1, Channels, Normalise, Reference, Unequal
from recurbench.task import Array
from recurbench.task.arithmetic import Floats

MOST_ROWS = 20_000  # steps with an answer; more hardly change a few hundred weights
# Neighbours are alike, so cross-validation leaves out blocks: so many steps of a sequence; in forecasting one
# of so many parts of the windows of a series.
STEPS, STRETCHES = 200, 5
ANSWERED_TOGETHER = 256


class Reservoir:
    """A fixed random recurrent layer: h_t = (1 - leak) h_{t-1} + leak tanh(b + U x_t + W h_{t-1}).

    W is uniform and scaled to the spectral radius `radius`. U and b are uniform in -scaling..scaling.
    """

    def __init__(
        self, inputs: int, units: int, radius: float, scaling: float, leak: float, rng: np.random.Generator
    ) -> None:
        W = rng.uniform(-1, 1, (units, units))
        self.W: Floats = W * (radius / np.abs(np.linalg.eigvals(W)).max())
        self.U = rng.uniform(-scaling, scaling, (units, inputs))
        self.b = rng.uniform(-scaling, scaling, units)
        self.leak = leak

    def states(self, x: Floats) -> Floats:
        """Map inputs [B, T, inputs] to states [B, T, units], from h_0 = 0."""
        driven = x @ self.U.T + self.b
        h = np.zeros((len(x), len(self.b)))
        for t in range(x.shape[1]):
            h = (1 - self.leak) * h + self.leak * np.tanh(driven[:, t] + h @ self.W.T)
            driven[:, t] = h
        return np.asarray(driven)


class EchoState:
    """An echo state network as a predictor: one reservoir per direction, and ridge regressions as readouts.

    An answer per step is read from the state and x of this step. An answer per sequence is read from the last
    state, the mean of all states, and the covariates known ahead.
    """

    def __init__(self, coding: Coding, reservoirs: Sequence[Reservoir]) -> None:
        self.coding = coding
        self.reservoirs = reservoirs
        self.learners: list[Learner] = []
        self.notes: dict[str, Any] = {}

    def fit(self, examples: Examples, blocks: NDArray[np.int64]) -> None:
        """Fit the readouts.

        Parameters
        ----------
        examples : Examples
        blocks : array [N]
            The block of each example for cross-validation; not used if there is an answer per step.
        """
        task = examples.task
        if task.length == "same":
            every = -(-int(examples.lengths.sum()) // MOST_ROWS)
            chosen = np.arange(0, len(examples), every)
            rows = np.concatenate(list(self.rows(examples, chosen)))
            blocks = np.cumsum(np.concatenate([np.arange(n) % STEPS == 0 for n in examples.lengths[chosen]]))
            questions = [np.concatenate([task.y.encode(examples.y[int(i)]) for i in chosen])]
        else:
            rows = np.stack(list(self.rows(examples, np.arange(len(examples)))))
            answers = np.stack([task.y.encode(y) for y in examples.y])
            questions = [answers.reshape(len(rows), -1)]
            if task.y.symbols:
                questions = [answers[:, step] for step in range(task.steps)]
        self.learners = [Ridge(rows, question, blocks, task.y.symbols) for question in questions]
        self.notes = {
            "parameters": sum(learner.notes["parameters"] for learner in self.learners),
            "fixed_weights": sum(r.W.size + r.U.size + r.b.size for r in self.reservoirs),
            "rows": len(rows),
            "penalty": [learner.notes["penalty"] for learner in self.learners],
            "recurrence": "fixed and random, nonlinear in the state",
            "bidirectional": len(self.reservoirs) > 1,
            "length_policy": "the state is read at the last step that is there",
        }
        if task.y.flags:
            self.learners = [Flags(learner, len(rows)) for learner in self.learners]

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [S, K] of symbols or flags, or numbers [S, K]."""
        examples = self.coding.examples(split.blind())
        answers: list[Array] = [np.empty(0)] * len(examples)
        for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
            for i, rows in zip(chosen, self.rows(examples, chosen), strict=True):
                answers[i] = self._answer(examples, int(i), np.atleast_2d(rows))
        return self.coding.view.answers(answers)

    def _answer(self, examples: Examples, i: int, rows: Floats) -> Array:
        task = examples.task
        answer = np.concatenate([learner(rows) for learner in self.learners])
        if task.y.symbols or task.y.flags:
            return answer.reshape(-1, task.y.size)
        return np.asarray(examples.base[i] + examples.scale[i] * answer.reshape(-1, task.y.size))

    def rows(self, examples: Examples, chosen: Array) -> list[Floats]:
        """The inputs of the readouts for each chosen example: [p], or [T, p] for an answer per step."""
        inputs: list[Floats] = [np.empty(0)] * len(chosen)
        for some in in_order(examples.lengths[chosen], ANSWERED_TOGETHER):
            x = [np.asarray(examples.x[i]) for i in chosen[some]]
            ways = [self._states(self.reservoirs[0], x)]
            if len(self.reservoirs) > 1:
                back = self._states(self.reservoirs[1], [each[::-1] for each in x])
                ways.append([each[::-1] for each in back])
            for place, i, x_here, *states in zip(some, chosen[some], x, *ways, strict=True):
                if examples.task.length == "same":
                    inputs[place] = np.concatenate([*states, x_here], axis=1)
                else:
                    last = [h[-1 if way == 0 else 0] for way, h in enumerate(states)]
                    means = [h.mean(axis=0) for h in states]
                    inputs[place] = np.concatenate([*last, *means, examples.extra[i]])
        return inputs

    @staticmethod
    def _states(reservoir: Reservoir, x: list[Floats]) -> list[Floats]:
        together = np.zeros((len(x), max(map(len, x)), x[0].shape[1]))
        for row, x_here in enumerate(x):
            together[row, : len(x_here)] = x_here
        return [h[: len(x_here)] for h, x_here in zip(reservoir.states(together), x, strict=True)]


def blocks_of(task: Task, split: Split) -> NDArray[np.int64]:
    """The block [N] of each example: one per example; in forecasting neighbouring windows of a series."""
    if task.kind != "forecasting":
        return np.arange(len(split))
    windows: dict[Hashable, list[int]] = {}
    for i, name in enumerate(split.series):
        windows.setdefault(name, []).append(i)
    blocks = np.zeros(len(split), dtype=np.int64)
    for members in windows.values():
        rising = sorted(members, key=lambda i: len(split.x[i]))
        blocks[rising] = np.arange(len(members)) * STRETCHES // len(members)
    return blocks


@method(
    "esn",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling"},
    search={
        "radius": (0.5, 0.9, 0.99),
        "scaling": (0.1, 0.5, 1.0),
        "leak": (0.1, 0.3, 1.0),
    },
)
def esn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    units: AtLeast1 = 200,
    radius: Annotated[float, ">= 0"] = 0.9,
    scaling: Annotated[float, ">= 0"] = 0.5,
    leak: Annotated[float, "> 0", "<= 1"] = 0.3,
    bidirectional: bool | None = None,
    context: AtLeast1 | None = None,
    reference: Reference = "auto",
    channels: Channels = "joint",
    windows: AtLeast1 = 1000,
    unequal: Unequal = "native",
    normalise: Normalise = "auto",
    calendar: bool = False,
) -> EchoState:
    """Echo state network (Jaeger 2001): a random recurrent layer, and ridge regression on its states.

    Only the readout is fitted. The registry counts the recurrence as learned, because it has no value for a
    random one; the note `recurrence` says what it is. Cross-validation chooses the penalty, and the
    temperature of the softmax that turns scores into probabilities. An answer per sequence uses the mean
    state and the last one (Lukosevicius 2012).

    Parameters
    ----------
    units : int
        Units of the recurrent layer.
    radius : float
        Spectral radius of the recurrent weights.
    scaling : float
        Size of the input weights and biases.
    leak : float
        Share of the new value in each state; 1 keeps nothing of the old one.
    bidirectional : bool or None
        Whether to read in both directions; None: if the task allows it.
    unequal, normalise : str
        See `Training`.
    context, reference, channels, windows, calendar
        For forecasting; see `Training`. The reference has no weight here: the ridge penalty does the same.
    """
    if task.length == "free":
        raise Unsupported("an echo state network reads a state per step; it has no decoder for free answers")
    if units < 1 or radius < 0 or scaling < 0 or not 0 < leak <= 1:
        raise ValueError(
            f"esn needs units >= 1, radius >= 0, scaling >= 0 and 0 < leak <= 1, got {units}, {radius}, "
            f"{scaling} and {leak}"
        )
    view = learn_view(task, train, normalise=normalise, channels=channels, calendar=calendar)
    coding, fitted = learn_coding(
        task,
        train,
        context=context,
        reference=reference,
        view=view,
        most=windows,
        unequal=unequal,
        normalise=normalise,
    )
    rng = np.random.default_rng([seed, 8])
    ways = 2 if reads_both_ways(task, bidirectional) else 1
    reservoirs = [Reservoir(coding.task.x.size, units, radius, scaling, leak, rng) for _ in range(ways)]
    network = EchoState(coding, reservoirs)
    network.fit(coding.encode(fitted), blocks_of(task, fitted))
    if task.kind == "forecasting":
        network.notes |= {"reference": coding.reference, **coding.view.notes}
    else:
        network.notes |= coding.notes
    return network
