"""Echo state network: a fixed random recurrent network, of which only the readout is fitted."""

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
from recurbench.methods._numeric import Floats
from recurbench.methods._scaling import learn_view
from recurbench.methods._settings import AtLeast1, Channels, Normalise, Residual
from recurbench.task import Array

MOST_ROWS = 20_000  # steps with an answer; more of them hardly move some hundred weights
# Left out together where a penalty is chosen, for neighbours are alike: so many steps of one sequence, and in
# forecasting one of so many stretches of the windows of one series.
STEPS, STRETCHES = 200, 5
ANSWERED_TOGETHER = 256


class Reservoir:
    """States h_t = (1 - leak) h_{t-1} + leak tanh(b + U x_t + W h_{t-1}); nothing in it is trained.

    W is uniform, scaled to a spectral radius; U and b are uniform in -scaling..scaling.
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
        """[B, T, inputs] to states [B, T, units], from h_0 = 0."""
        driven = x @ self.U.T + self.b
        h = np.zeros((len(x), len(self.b)))
        for t in range(x.shape[1]):
            h = (1 - self.leak) * h + self.leak * np.tanh(driven[:, t] + h @ self.W.T)
            driven[:, t] = h
        return np.asarray(driven)


class EchoState:
    """A predictor: reservoirs, one per direction, and readouts of their states.

    An answer per step reads the state and x there; an answer per sequence the last state, the mean of all
    states and what is known ahead.
    """

    def __init__(self, coding: Coding, reservoirs: Sequence[Reservoir]) -> None:
        self.coding = coding
        self.reservoirs = reservoirs
        self.learners: list[Learner] = []
        self.notes: dict[str, Any] = {}

    def fit(self, examples: Examples, blocks: NDArray[np.int64]) -> None:
        """Fit the readouts; `blocks`: examples left out together where answers are not one per step."""
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
        """Chances [S, K] of symbols and flags, numbers [S, K]; one array per example."""
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
        """What the readouts read of each chosen example: [p], or [T, p] where the answer is one per step."""
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
    """Which examples are left out together: each alone; in forecasting a stretch of a series' windows."""
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
    residual: Residual = "auto",
    channels: Channels = "joint",
    windows: AtLeast1 = 1000,
    normalise: Normalise = "window",
    calendar: bool = False,
) -> EchoState:
    """Echo state network (Jaeger 2001): random leaky tanh units, a ridge readout in closed form.

    The recurrence is fixed and drawn at random; it counts as learned for want of a better word in the
    registry, and the note `recurrence` says what it is. The penalty is chosen on parts of train left out.
    Chances are a softmax over the ridge's scores of each symbol, its temperature chosen by log-loss on the
    same parts: from one decomposition, where a logistic regression would take many passes. Answers per
    sequence read the mean state beside the last one (Lukosevicius 2012).
    context, residual, channels, windows, normalise, calendar: of forecasts, as for all networks.
    """
    if task.length == "free":
        raise Unsupported("an echo state network reads a state per step; it has no decoder for free answers")
    if units < 1 or radius < 0 or scaling < 0 or not 0 < leak <= 1:
        raise ValueError(
            f"esn wants units >= 1, radius >= 0, scaling >= 0 and 0 < leak <= 1, got {units}, {radius}, "
            f"{scaling} and {leak}"
        )
    view = learn_view(task, train, normalise=normalise, channels=channels, calendar=calendar)
    coding, fitted = learn_coding(task, train, context=context, naive=residual, view=view, most=windows)
    rng = np.random.default_rng([seed, 8])
    ways = 2 if reads_both_ways(task, bidirectional) else 1
    reservoirs = [Reservoir(coding.task.x.size, units, radius, scaling, leak, rng) for _ in range(ways)]
    network = EchoState(coding, reservoirs)
    network.fit(coding.encode(fitted), blocks_of(task, fitted))
    if task.kind == "forecasting":
        network.notes |= coding.view.notes
    return network
