"""Recurrent networks: the plain network of the lecture, GRU and LSTM, and their ablations."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, Shape, reads_both_ways, recurrent
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.stacked_training import Fitted, Steps, fit_seeds
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training


def fit_recurrent(task: Task, train: Split, shape: Shape, recipe: Recipe) -> TrainedNetwork:
    """Train a network of this shape."""
    (fitted,) = fit_recurrents(task, train, shape, recipe, (), recipe.steps)
    assert isinstance(fitted, TrainedNetwork)
    return fitted


def fit_recurrents(
    task: Task, train: Split, shape: Shape, recipe: Recipe, seeds: tuple[int, ...], steps: Steps
) -> list[Fitted]:
    """Train a network of this shape per seed, see `fit_seeds`."""
    shape = replace(shape, both=reads_both_ways(task, shape.both))

    def build(coding: Coding) -> Directions:
        def of_width(hidden: int) -> Directions:
            return recurrent(coding.task.x.size, replace(shape, hidden=hidden))

        return sized(coding, of_width, shape.hidden, shape.parameters, recipe.decoding)

    fitted = fit_seeds(task, train, build, recipe, seeds, steps)
    if shape.reset_every:
        for each in fitted:
            if isinstance(each, TrainedNetwork):
                _reset(each, shape)
    return fitted


def _reset(fitted: TrainedNetwork, shape: Shape) -> None:
    """From here on it answers with a state that begins anew."""
    body = fitted.net.body
    assert isinstance(body, Directions)
    body.reset_every = shape.reset_every
    when = "in training and when answering" if shape.reset_training else "when answering only"
    fitted.notes["reset"] = f"every {shape.reset_every} steps, {when}"


@method(
    "rnn",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
    overrides={"parameters": ("hidden",)},
    variants={
        "rnn-state-cut": {"reset_every": 1, "reset_training": True, "role": "ablation"},
        "rnn-reset": {"reset_every": 16, "role": "ablation"},
    },
)
def rnn(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    seeds: tuple[int, ...] = (),
    check: Split | None = None,
    steps: Steps = None,
    device: str = "cpu",
    hidden: AtLeast1 = 64,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    init: Literal["orthogonal", "default"] = "orthogonal",
    activation: Literal["tanh", "relu", "sigmoid"] = "tanh",
    first_state: Literal["zero", "random", "learned"] = "zero",
    matrix: Literal["full", "identity", "diagonal", "zero"] = "full",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    training: Training,
    decoding: Decoding,
) -> Fitted | list[Fitted]:
    """The plain recurrent network h_t = act(U x_t + W h_{t-1}), y_t = V h_t (Elman 1990).

    activation: tanh, relu or sigmoid. first_state: h_0 is zero, random or learned. matrix: W is full, the
    identity (not trained), diagonal, or zero, which leaves no memory.
    bidirectional None: aligned answers that need not be causal read both ways, all others forwards only.
    reset_every: the state begins anew after so many steps, 0 never; when answering only, or with
    reset_training in training too. rnn-reset keeps the weights of rnn and forgets after 16 steps, as far as
    the window of mlp sees; rnn-state-cut is trained without any memory.
    parameters: 0, or the number that decides `hidden`.
    """
    recipe = Recipe(seed, check, None, training, decoding, device)
    shape = Shape(
        "rnn",
        hidden,
        layers,
        bidirectional,
        init,
        activation,
        first_state,
        matrix,
        reset_every,
        reset_training,
        parameters=parameters,
    )
    fitted = fit_recurrents(task, train, shape, recipe, seeds, steps)
    return fitted if seeds else fitted[0]


@method(
    "gru",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
    overrides={"parameters": ("hidden",)},
    variants={
        "gru-state-cut": {"reset_every": 1, "reset_training": True, "role": "ablation"},
        "gru-reset": {"reset_every": 16, "role": "ablation"},
    },
)
def gru(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    seeds: tuple[int, ...] = (),
    check: Split | None = None,
    steps: Steps = None,
    device: str = "cpu",
    hidden: AtLeast1 = 32,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    init: Literal["orthogonal", "default"] = "orthogonal",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    training: Training,
    decoding: Decoding,
) -> Fitted | list[Fitted]:
    """Gated recurrent unit (Cho et al. 2014): two gates decide what h keeps; y_t = V h_t.

    bidirectional, reset_every, reset_training, parameters: as in rnn. In gru-state-cut the gates keep their
    input x_t and lose h_{t-1}.
    """
    recipe = Recipe(seed, check, None, training, decoding, device)
    shape = Shape("gru", hidden, layers, bidirectional, init, parameters=parameters)
    shape = replace(shape, reset_every=reset_every, reset_training=reset_training)
    fitted = fit_recurrents(task, train, shape, recipe, seeds, steps)
    return fitted if seeds else fitted[0]


@method(
    "lstm",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, 0.003, 0.01),
        "init": ("orthogonal", "default"),
    },
    overrides={"parameters": ("hidden",)},
    variants={
        "lstm-state-cut": {"reset_every": 1, "reset_training": True, "role": "ablation"},
        "lstm-reset": {"reset_every": 16, "role": "ablation"},
    },
)
def lstm(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 32,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    init: Literal["orthogonal", "default", "orthogonal-only", "forget-only"] = "orthogonal",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with a forget gate); y_t = V h_t.

    init: orthogonal opens the forget gate too; orthogonal-only and forget-only do one of the two.
    bidirectional, reset_every, reset_training, parameters: as in rnn. In lstm-state-cut the gates keep their
    input x_t and lose both h_{t-1} and c_{t-1}.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    shape = Shape("lstm", hidden, layers, bidirectional, init, parameters=parameters)
    shape = replace(shape, reset_every=reset_every, reset_training=reset_training)
    return fit_recurrent(task, train, shape, recipe)


@method(
    "rnn-shuffled",
    family="recurrent",
    recurrence="learned",
    role="ablation",
    kinds={"classification", "regression", "forecasting"},
    overrides={"parameters": ("hidden",)},
    variants={
        "gru-shuffled": {"cell": "gru", "hidden": 32, "role": "ablation"},
        "lstm-shuffled": {"cell": "lstm", "hidden": 32, "role": "ablation"},
    },
)
def shuffled(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    cell: Literal["rnn", "gru", "lstm"] = "rnn",
    hidden: AtLeast1 = 64,
    parameters: AtLeast0 = 0,
    layers: AtLeast1 = 1,
    bidirectional: bool | None = None,
    init: Literal["orthogonal", "default", "orthogonal-only", "forget-only"] = "orthogonal",
    training: Training,
) -> TrainedNetwork:
    """rnn, gru or lstm on sequences whose steps are shuffled, in training and when answering.

    What the order of the steps is worth: which shuffle a sequence meets depends on which steps it holds, not
    on their order, so two orders of the same steps get the same answer. In forecasting the context the
    network sees is shuffled, the naive forecast it corrects is not.
    """
    recipe = Recipe(seed, check, steps, training, device=device)
    if task.length != "fixed":
        raise Unsupported("an answer per step goes with the step it is for; shuffled, it would have none")
    shape = Shape(cell, hidden, layers, bidirectional, init, shuffle=True, parameters=parameters)
    return fit_recurrent(task, train, shape, recipe)
