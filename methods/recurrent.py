"""Recurrent networks: the plain RNN, GRU and LSTM, and their ablations."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from recurbench import Split, Task, Unsupported, method
from recurbench.methods._networks.budget import Recipe, is_fixed
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.recurrence import Directions, Shape, reads_both_ways, recurrent
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.stacked_training import Fitted, Steps, fit_seeds
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training

SLOWER = 0.001  # learning rate of the plain network on small classification problems


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
    longest = max(map(len, train.x), default=0)

    def build(coding: Coding) -> Directions:
        def of_width(hidden: int) -> Directions:
            return recurrent(
                coding.task.x.size, replace(shape, hidden=hidden, longest=coding.context or longest)
            )

        return sized(coding, of_width, shape.hidden, shape.parameters, recipe.decoding)

    told = steps if isinstance(steps, tuple) else (steps,)
    rates = {_rate(task, train, shape, replace(recipe, steps=one)) for one in told}
    if len(rates) > 1:  # networks are trained together at one rate only
        pairs = zip(seeds, told, strict=True)
        return [fit_recurrents(task, train, shape, recipe, (seed,), (one,))[0] for seed, one in pairs]
    recipe = replace(recipe, training=replace(recipe.training, learning_rate=rates.pop()))
    fitted = fit_seeds(task, train, build, recipe, seeds, steps)
    if shape.reset_every:
        for each in fitted:
            if isinstance(each, TrainedNetwork):
                _reset(each, shape)
    return fitted


def _rate(task: Task, train: Split, shape: Shape, recipe: Recipe) -> float | None:
    """The learning rate of this cell; one that is set stays, and None stands for that of all networks.

    With the rate of the gated networks the plain one gave every case of some problems the same answer after
    400 steps (benchmarks/recurrent_pilot.py).
    """
    if recipe.training.learning_rate is None and shape.cell == "rnn" and is_fixed(task, len(train), recipe):
        return SLOWER
    return recipe.training.learning_rate


def _reset(fitted: TrainedNetwork, shape: Shape) -> None:
    """From now on the network answers with a state that is reset."""
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
        "learning_rate": (0.0003, 0.001, None, 0.01),
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
    init: Literal["orthogonal", "default", "identity"] = "orthogonal",
    activation: Literal["tanh", "relu", "sigmoid"] = "tanh",
    first_state: Literal["zero", "random", "learned"] = "zero",
    matrix: Literal["full", "identity", "diagonal", "zero"] = "full",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    pooling: Literal["last", "mean"] = "last",
    layer_norm: bool = False,
    dropout: Annotated[float, ">= 0", "< 1"] = 0.0,
    training: Training,
    decoding: Decoding,
) -> Fitted | list[Fitted]:
    """The plain recurrent network (Elman 1990): h_t = act(U x_t + W h_{t-1}), y_t = V h_t.

    rnn-reset is trained like rnn, but when it answers, its state is reset every 16 steps, the window of mlp.
    rnn-state-cut is trained and answers with a reset at every step, so it has no memory.

    Unless `learning_rate` is set, it is 0.001 in classification with fewer than 1,000 training examples and
    fewer than 250 validation examples, and 0.003 otherwise.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Units per layer and direction.
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    layers : int
    bidirectional : bool or None
        Whether to read in both directions; None: unless the task is causal or asks for one answer per
        sequence.
    init : str
        "orthogonal" W with biases 0, "identity" W with biases 0 (Le, Jaitly and Hinton 2015), or torch's
        "default".
    activation : str
        "tanh", "relu" or "sigmoid".
    first_state : str
        h_0: "zero", "random" or "learned".
    matrix : str
        W: "full", "identity" (not trained), "diagonal", or "zero", which leaves no memory.
    reset_every : int
        Reset the state every so many steps; 0 never.
    reset_training : bool
        Whether to reset in training, too.
    pooling : str
        One answer per sequence is read from the "last" state, or from the "mean" of the states of all steps.
    layer_norm : bool
        Layer normalisation (Ba, Kiros and Hinton 2016): the summed inputs U x_t + W h_{t-1} of each gate are
        normalised over its units. It needs matrix="full" and first_state="zero".
    dropout : float
        The probability of dropout between layers, and of the states before the readout. It is plain dropout
        (Zaremba, Sutskever and Vinyals 2014): every step is drawn anew, and W h_{t-1} is not dropped.
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
        pooling=pooling,
        layer_norm=layer_norm,
        dropout=dropout,
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
        "learning_rate": (0.0003, 0.001, None, 0.01),
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
    init: Literal["orthogonal", "default", "chrono"] = "orthogonal",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    pooling: Literal["last", "mean"] = "last",
    layer_norm: bool = False,
    dropout: Annotated[float, ">= 0", "< 1"] = 0.0,
    training: Training,
    decoding: Decoding,
) -> Fitted | list[Fitted]:
    """Gated recurrent unit (Cho et al. 2014): two gates decide what the state keeps; y_t = V h_t.

    The parameters are those of rnn, except `init`: "chrono" is "orthogonal" with an update gate whose units
    remember from 2 steps up to the longest training sequence (Tallec and Ollivier 2018).

    gru-reset and gru-state-cut are to gru as rnn-reset and rnn-state-cut
    are to rnn; in gru-state-cut the gates read x_t but not h_{t-1}.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.
    """
    recipe = Recipe(seed, check, None, training, decoding, device)
    shape = Shape("gru", hidden, layers, bidirectional, init, parameters=parameters, pooling=pooling)
    shape = replace(
        shape,
        reset_every=reset_every,
        reset_training=reset_training,
        layer_norm=layer_norm,
        dropout=dropout,
    )
    fitted = fit_recurrents(task, train, shape, recipe, seeds, steps)
    return fitted if seeds else fitted[0]


@method(
    "lstm",
    family="recurrent",
    recurrence="learned",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={
        "hidden": (16, 32, 64),
        "learning_rate": (0.0003, 0.001, None, 0.01),
        "init": ("orthogonal", "default"),
    },
    overrides={"parameters": ("hidden",)},
    variants={
        "bilstm": {"bidirectional": True},
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
    init: Literal["orthogonal", "default", "orthogonal-only", "forget-only", "chrono"] = "orthogonal",
    reset_every: AtLeast0 = 0,
    reset_training: bool = False,
    pooling: Literal["last", "mean"] = "last",
    layer_norm: bool = False,
    dropout: Annotated[float, ">= 0", "< 1"] = 0.0,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate; y_t = V h_t.

    The parameters are those of rnn, except `init`: "orthogonal" also opens the forget gate, and
    "orthogonal-only" and "forget-only" do one of the two. With "chrono" the units remember from 2 steps up to
    the longest training sequence (Tallec and Ollivier 2018). Layer normalisation also covers c_t.

    bilstm reads in both directions (Graves and Schmidhuber 2005). One answer per sequence is read from the
    last states of both. Causal tasks are refused. On other tasks with an answer per step it is lstm.

    lstm-reset and lstm-state-cut are to lstm as
    rnn-reset and rnn-state-cut are to rnn; in lstm-state-cut the gates read x_t but neither h_{t-1} nor
    c_{t-1}.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.
    """
    recipe = Recipe(seed, check, steps, training, decoding, device)
    shape = Shape("lstm", hidden, layers, bidirectional, init, parameters=parameters, pooling=pooling)
    shape = replace(
        shape,
        reset_every=reset_every,
        reset_training=reset_training,
        layer_norm=layer_norm,
        dropout=dropout,
    )
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
    init: Literal["orthogonal", "default", "orthogonal-only", "forget-only", "chrono"] = "orthogonal",
    training: Training,
) -> TrainedNetwork:
    """An rnn, gru or lstm on sequences with shuffled steps, in training and when answering (an ablation).

    It shows what the order of the steps is worth. Two sequences with the same steps in different order get
    the same answer, see `shuffled_positions`. In forecasting the network reads a shuffled context, and the
    naive forecast whose error it forecasts is not shuffled. The parameters are those of rnn.
    """
    recipe = Recipe(seed, check, steps, training, device=device)
    if task.length != "fixed":
        raise Unsupported("an answer per step needs the order of the steps, which shuffling removes")
    shape = Shape(cell, hidden, layers, bidirectional, init, shuffle=True, parameters=parameters)
    return fit_recurrent(task, train, shape, recipe)
