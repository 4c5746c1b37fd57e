"""Recurrent networks: the definitions, initialisation, ablations, state tracking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks.budget import MANY, is_small
from recurbench.methods._networks.positions import reversed_positions, shuffled_positions, take_positions
from recurbench.methods._networks.recurrence import (
    ACTIVATIONS,
    FIRST_STATES,
    MATRICES,
    Shape,
    StepLoop,
    TorchLoop,
    recurrent,
)
from recurbench.methods.recurrent import gru, lstm, rnn, shuffled
from recurbench.registry import Choice, discover, load
from recurbench.suites import SUITES
from torch import Tensor

BITS = Task("labelling", Values(2, symbols=True), Values(2, symbols=True), "same", causal=True)
LABEL = Task("classification", Values(2), Values(3, symbols=True), "fixed")
CELLS = ("rnn", "gru", "lstm")

every_cell = pytest.mark.parametrize("cell", CELLS)
every_network = pytest.mark.parametrize("fit", [rnn, gru, lstm], ids=lambda fit: fit.__name__)


def parity(seed: int, count: int, shortest: int, longest: int) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.integers(0, 2, rng.integers(shortest, longest + 1)) for _ in range(count)]
    return Split(x, [np.cumsum(bits) % 2 for bits in x])


def labelled(seed: int = 0, count: int = 12) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(1, 9), 2)) for _ in range(count)]
    return Split(x, [rng.integers(0, 3, 1) for _ in x])


def weights_of(body: torch.nn.Module) -> list[Tensor]:
    return [value.detach().clone() for value in body.parameters()]


def test_the_plain_network_is_the_lecture_s_formula() -> None:
    body = recurrent(2, Shape("rnn", 3)).double()
    weights = dict(body.cells[0].named_parameters())
    U, W = weights["loop.weight_ih_l0"], weights["loop.weight_hh_l0"]
    x = torch.randn(1, 6, 2, dtype=torch.float64)
    h = torch.zeros(3, dtype=torch.float64)
    for t in range(6):
        h = torch.tanh(U @ x[0, t] + W @ h)
        assert torch.allclose(body.step_states(x, torch.tensor([6]))[0, t], h)
    assert torch.allclose(body.sequence_state(x, torch.tensor([6]))[0], h)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("first_state", FIRST_STATES)
def test_every_variation_is_its_formula_and_learns(activation: str, matrix: str, first_state: str) -> None:
    torch.manual_seed(0)
    shape = Shape("rnn", 4, init="default", activation=activation, matrix=matrix, first_state=first_state)
    body = recurrent(2, shape).double().eval()
    (cell,) = body.cells
    first = cell.first
    h = torch.zeros(4, dtype=torch.float64) if first is None else first(1)[0, 0]
    if isinstance(cell, StepLoop):
        U, bias = cell.U[0].weight, cell.U[0].bias
        W = {"zero": torch.zeros(4, 4), "identity": torch.eye(4)}.get(matrix, torch.eye(4)).double()
        if cell.weight_hh:
            W = cell.weight_hh[0] * W if matrix == "diagonal" else cell.weight_hh[0]
    else:
        U, W, one, two = cell.loop.parameters()
        bias = one + two
    x = torch.randn(1, 5, 2, dtype=torch.float64)
    got = body.step_states(x, torch.tensor([5]))
    for t in range(5):
        h = ACTIVATIONS[activation](U @ x[0, t] + bias + W @ h)
        assert torch.allclose(got[0, t], h)
    got.square().sum().backward()
    # An own W or h_0 learns; h_0 cannot where W is zero.
    idle = [n for n, p in body.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == (["cells.0.first.h"] if matrix == "zero" and first_state == "learned" else [])


def test_the_loop_in_plain_steps_is_torch_s_own() -> None:
    loop = StepLoop(2, Shape("rnn", 5, layers=2)).double()
    kernel = TorchLoop(2, Shape("rnn", 5, layers=2)).double()
    with torch.no_grad():
        for i in range(2):
            own = {
                name: getattr(kernel.loop, f"{name}_l{i}") for name in ("weight_ih", "weight_hh", "bias_ih")
            }
            own["weight_ih"].copy_(loop.U[i].weight)
            own["weight_hh"].copy_(loop.weight_hh[i])
            own["bias_ih"].copy_(loop.U[i].bias)
            getattr(kernel.loop, f"bias_hh_l{i}").zero_()
    x = torch.randn(3, 7, 2, dtype=torch.float64)
    assert torch.allclose(loop(x), kernel(x))


def test_a_random_first_state_is_drawn_in_training_and_fixed_when_answering() -> None:
    body = recurrent(1, Shape("rnn", 3, first_state="random"))
    x, lengths = torch.zeros(2, 1, 1), torch.ones(2, dtype=torch.int64)
    assert not torch.equal(body.step_states(x, lengths)[0], body.step_states(x, lengths)[1])
    body.eval()
    one, other = body.step_states(x, lengths)
    assert torch.equal(one, other)
    assert torch.equal(one, body.step_states(x, lengths)[0])


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("first_state", ["random", "learned"])
def test_answers_of_a_variation_repeat_and_stand_alone(matrix: str, first_state: str) -> None:
    free = Task("labelling", BITS.x, BITS.y, "same")
    train, test = parity(0, 12, 1, 6), parity(1, 5, 1, 12)
    fits = [rnn(free, train, seed=4, steps=3, matrix=matrix, first_state=first_state) for _ in range(2)]
    one, other = (fit(test) for fit in fits)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert all(np.allclose(fits[0](test.take([i]))[0], one[i], atol=1e-9) for i in range(5))


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_the_named_initialisation_is_the_one_used(cell: str, gates: int) -> None:
    body = recurrent(2, Shape(cell, 5, 2, both=True))
    for name, value in body.named_parameters():
        if "weight_hh" in name:
            assert len(value.split(5)) == gates
            for W in value.split(5):
                assert torch.allclose(W @ W.T, torch.eye(5), atol=1e-5)
        elif "bias" in name:
            forget = cell == "lstm" and "bias_ih" in name
            assert value.sum() == (5 if forget else 0)
            assert not forget or value[5:10].tolist() == [1] * 5
    assert ("forget gate 1" in body.notes["initialisation"]) == (cell == "lstm")
    assert "torch default" in recurrent(2, Shape(cell, 5, init="default")).notes["initialisation"]


@pytest.mark.parametrize(
    ("init", "orthogonal", "open_gate"),
    [("default", False, False), ("orthogonal-only", True, False), ("forget-only", False, True)],
)
def test_an_lstm_can_have_either_half_of_its_initialisation(
    init: str, orthogonal: bool, open_gate: bool
) -> None:
    weights = dict(recurrent(2, Shape("lstm", 5, init=init)).cells[0].named_parameters())
    W = weights["loop.weight_hh_l0"][:5]
    assert torch.allclose(W @ W.T, torch.eye(5), atol=1e-5) == orthogonal
    forget = (weights["loop.bias_ih_l0"] + weights["loop.bias_hh_l0"])[5:10]
    assert torch.equal(forget, torch.ones(5)) == open_gate


def test_the_plain_network_can_start_from_the_identity() -> None:
    weights = dict(recurrent(2, Shape("rnn", 5, init="identity")).cells[0].named_parameters())
    assert torch.equal(weights["loop.weight_hh_l0"], torch.eye(5))
    assert not weights["loop.bias_ih_l0"].any()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_chrono_gates_remember_up_to_the_longest_sequence(cell: str) -> None:
    body = recurrent(2, Shape(cell, 400, init="chrono", longest=101))
    bias = body.cells[0].loop.bias_ih_l0.detach()
    kept = 1 + bias[400:800].exp()  # steps; the forget gate of the lstm, the update gate of the gru
    assert 2 <= kept.min() < 5
    assert 95 < kept.max() <= 101
    assert float(kept.mean()) == pytest.approx(51.5, abs=6)
    assert torch.equal(bias[:400], -bias[400:800] if cell == "lstm" else torch.zeros(400))
    assert not body.cells[0].loop.bias_hh_l0.any()


def test_chrono_takes_the_longest_training_sequence() -> None:
    train = labelled(count=40)
    net = gru(LABEL, train, steps=1, learning_rate=1e-9, init="chrono", hidden=300).net
    kept = 1 + net.body.cells[0].loop.bias_ih_l0[300:600].exp()
    longest = max(map(len, train.x))
    assert longest - 1 < kept.max() <= longest + 1e-6


@every_cell
@pytest.mark.parametrize("both", [False, True])
def test_a_mean_over_the_steps_leaves_out_the_padding(cell: str, both: bool) -> None:
    body = recurrent(2, Shape(cell, 4, init="default", pooling="mean", both=both)).double()
    x, lengths = torch.randn(3, 7, 2, dtype=torch.float64), torch.tensor([7, 4, 1])
    whole, along = body.sequence_state(x, lengths), body.step_states(x, lengths)
    for i, length in enumerate(lengths.tolist()):
        assert torch.allclose(whole[i], along[i, :length].mean(dim=0))
    assert "mean over the steps" in body.notes["length_policy"]


def test_a_mean_is_taken_over_states_that_are_reset() -> None:
    body = recurrent(1, Shape("gru", 4, pooling="mean", reset_every=2, reset_training=True)).double()
    x, lengths = torch.randn(1, 5, 1, dtype=torch.float64), torch.tensor([5])
    assert torch.allclose(body.sequence_state(x, lengths)[0], body.step_states(x, lengths)[0].mean(dim=0))


def test_a_diagonal_matrix_is_orthogonal_with_ones_of_either_sign() -> None:
    (W,) = recurrent(2, Shape("rnn", 64, matrix="diagonal")).cells[0].weight_hh
    assert set(W.tolist()) == {-1.0, 1.0}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"init": "zero"}, "init must be one of orthogonal, default, identity, got 'zero'"),
        ({"activation": "cube"}, "activation must be one of tanh, relu, sigmoid, got 'cube'"),
        ({"first_state": "one"}, "first_state must be one of zero, random, learned, got 'one'"),
        ({"matrix": "unit"}, "matrix must be one of full, identity, diagonal, zero, got 'unit'"),
        ({"reset_every": -1}, "reset_every must be 0 .never. or more steps, got -1"),
        ({"pooling": "max"}, "pooling must be one of last, mean, got 'max'"),
        ({"dropout": 1.0}, "dropout must be a probability of at least 0 and below 1, got 1.0"),
        ({"layer_norm": True, "matrix": "zero"}, "first_state=zero and matrix=full only, got .* matrix=zero"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_known_ones(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rnn(BITS, parity(0, 4, 3, 5), steps=1, **wrong)


@every_network
@pytest.mark.parametrize("parameters", [700, 4000])
def test_the_number_of_parameters_can_be_asked_for(fit: Callable[..., Any], parameters: int) -> None:
    for task, train in ((BITS, parity(0, 4, 3, 5)), (LABEL, labelled())):
        notes = fit(task, train, steps=1, parameters=parameters).notes
        assert abs(notes["parameters"] - parameters) <= 0.1 * parameters
        assert fit(task, train, steps=1, hidden=notes["hidden"]).notes["parameters"] == notes["parameters"]


@every_cell
def test_a_cut_state_depends_on_its_own_step_alone(cell: str) -> None:
    body = recurrent(2, Shape(cell, 4, layers=2, init="default", reset_every=1, reset_training=True)).double()
    x, lengths = torch.randn(1, 6, 2, dtype=torch.float64), torch.tensor([6])
    changed = x.clone()
    changed[0, [0, 2, 3, 5]] += 1
    one, other = body.step_states(x, lengths)[0], body.step_states(changed, lengths)[0]
    assert torch.allclose(one[[1, 4]], other[[1, 4]])
    assert not torch.isclose(one[[0, 2, 3, 5]], other[[0, 2, 3, 5]]).all(dim=1).any()
    assert torch.allclose(body.sequence_state(x, lengths)[0], one[5])


@every_cell
def test_a_state_reset_every_k_steps_depends_on_these_alone(cell: str) -> None:
    body = recurrent(1, Shape(cell, 4, init="default", reset_every=3, reset_training=True)).double()
    x = torch.randn(1, 7, 1, dtype=torch.float64, requires_grad=True)
    along = body.step_states(x, torch.tensor([7]))
    for t in range(7):
        (grad,) = torch.autograd.grad(along[0, t].sum(), x, retain_graph=True)
        assert grad[0].flatten().nonzero().flatten().tolist() == list(range(t - t % 3, t + 1))
    for length, seen in ((7, [4, 5, 6]), (2, [0, 1])):
        (grad,) = torch.autograd.grad(body.sequence_state(x, torch.tensor([length])).sum(), x)
        assert grad[0].flatten().nonzero().flatten().tolist() == seen


def test_a_reset_backwards_counts_from_where_reading_begins() -> None:
    body = recurrent(1, Shape("gru", 4, both=True, reset_every=2, reset_training=True)).double()
    x = torch.randn(1, 6, 1, dtype=torch.float64, requires_grad=True)
    back = body.step_states(x, torch.tensor([5]))[0, :, 4:]
    for t, seen in ((4, [4]), (3, [3, 4]), (2, [2]), (0, [0])):
        (grad,) = torch.autograd.grad(back[t].sum(), x, retain_graph=True)
        assert grad[0].flatten().nonzero().flatten().tolist() == seen


def test_without_a_matrix_the_plain_network_is_the_one_with_its_state_cut() -> None:
    cut = recurrent(2, Shape("rnn", 4, reset_every=1, reset_training=True))
    bare = recurrent(2, Shape("rnn", 4, matrix="zero"))
    with torch.no_grad():
        bare.cells[0].U[0].weight.copy_(cut.cells[0].loop.weight_ih_l0)
    x, lengths = torch.randn(2, 5, 2), torch.tensor([5, 3])
    assert torch.allclose(cut.step_states(x, lengths), bare.step_states(x, lengths), atol=1e-6)


@every_network
def test_a_reset_when_answering_leaves_the_training_as_it_was(fit: Callable[..., Any]) -> None:
    train, check = parity(0, 30, 3, 9), parity(1, 10, 3, 9)
    plain, reset, both = (
        fit(BITS, train, check=check, max_steps=60, **changes)
        for changes in ({}, {"reset_every": 2}, {"reset_every": 2, "reset_training": True})
    )
    assert plain.notes["curve"] == reset.notes["curve"]
    assert all(map(torch.equal, weights_of(plain.net), weights_of(reset.net)))
    assert not all(map(torch.equal, weights_of(plain.net), weights_of(both.net)))
    assert reset.notes["reset"] == "every 2 steps, when answering only"
    assert both.notes["reset"] == "every 2 steps, in training and when answering"
    one, other = (each(check)[0] for each in (plain, reset))
    assert np.allclose(one[:2], other[:2], atol=1e-9)
    assert not np.allclose(one[2:], other[2:])


@pytest.mark.parametrize("cell", CELLS)
def test_a_shuffled_sequence_is_answered_alike_in_every_order(cell: str) -> None:
    predict = shuffled(LABEL, labelled(), cell=cell, steps=5)
    rng = np.random.default_rng(2)
    x = [rng.normal(size=(9, 2)), rng.integers(0, 2, (12, 2)).astype(float)]
    asked = predict(Split(x))
    for order in (np.arange(9)[::-1], rng.permutation(9)):
        turned = predict(Split([x[0][order], x[1][::-1]]))
        assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(asked, turned, strict=True))
    assert np.allclose(predict(Split([x[1]]))[0], asked[1], atol=1e-9)
    assert predict.notes["order"] == "steps shuffled, in training and when answering"


def test_a_shuffle_keeps_the_steps_leaves_the_padding_and_is_no_sorting() -> None:
    x = torch.arange(400, dtype=torch.float32).view(4, 100, 1) % 2
    lengths = torch.tensor([100, 100, 80, 1])
    positions = shuffled_positions(x, lengths)
    assert torch.equal(positions.sort(dim=1).values, torch.arange(100).repeat(4, 1))
    assert torch.equal(positions[2, 80:], torch.arange(80, 100))
    assert positions[3, 0] == 0
    bits = take_positions(x, positions)[0, :, 0]
    # Equal steps stay spread: 100 fair bits change about 49.5 times, sorted ones once.
    assert 35 < int((bits[1:] != bits[:-1]).sum()) < 65
    assert not torch.equal(positions[1, :80], positions[2, :80])


def test_single_and_double_precision_meet_the_same_shuffle() -> None:
    x = torch.randn(3, 20, 2)
    assert torch.equal(
        shuffled_positions(x, torch.full((3,), 20)), shuffled_positions(x.double(), torch.full((3,), 20))
    )


def test_shuffling_an_answer_per_step_is_refused() -> None:
    with pytest.raises(Unsupported, match="an answer per step needs the order of the steps"):
        shuffled(BITS, parity(0, 4, 3, 5))


def test_reading_backwards_reverses_each_sequence_within_its_length() -> None:
    x = torch.arange(1.0, 6.0).view(1, 5, 1).repeat(2, 1, 1)
    turned = take_positions(x, reversed_positions(torch.tensor([5, 3]), 5))[..., 0]
    assert turned.tolist() == [[5, 4, 3, 2, 1], [3, 2, 1, 4, 5]]


def test_both_directions_meet_at_the_ends() -> None:
    body = recurrent(1, Shape("gru", 4, both=True, init="default")).double()
    x, lengths = torch.randn(2, 7, 1, dtype=torch.float64), torch.tensor([7, 4])
    along, whole = body.step_states(x, lengths), body.sequence_state(x, lengths)
    assert torch.allclose(whole[:, :4], along[[0, 1], lengths - 1, :4])
    assert torch.allclose(whole[:, 4:], along[:, 0, 4:])


def test_two_directions_are_the_default_only_where_looking_ahead_is_allowed() -> None:
    free = Task("labelling", BITS.x, BITS.y, "same")
    label = Task("classification", BITS.x, BITS.y, "fixed")
    train = parity(0, 4, 3, 5)
    last = Split(train.x, [y[-1:] for y in train.y])
    assert lstm(free, train, steps=1).notes["bidirectional"]
    assert not lstm(BITS, train, steps=1).notes["bidirectional"]
    assert not lstm(label, last, steps=1).notes["bidirectional"]
    assert lstm(label, last, steps=1, bidirectional=True).notes["bidirectional"]
    with pytest.raises(Unsupported, match="the task is causal"):
        lstm(BITS, train, steps=1, bidirectional=True)


def test_bilstm_is_the_lstm_that_reads_both_ways_and_refuses_a_causal_task() -> None:
    choice = discover().select_methods(["bilstm"])[0]
    assert (choice.plugin.recurrence, choice.plugin.role) == ("learned", "contender")
    fit = load(choice.plugin)
    notes = fit(LABEL, labelled(), steps=1, **choice.settings).notes
    assert notes == lstm(LABEL, labelled(), steps=1, bidirectional=True).notes | {
        "cpu_seconds": notes["cpu_seconds"]
    }
    assert notes["bidirectional"]
    with pytest.raises(Unsupported, match="which bilstm sets, reads ahead, but the task is causal"):
        fit(BITS, parity(0, 4, 3, 5), steps=1, **choice.settings)


@every_network
@pytest.mark.parametrize("task", [LABEL, Task("labelling", LABEL.x, LABEL.y, "same")], ids=["one", "same"])
def test_dropout_repeats_and_answers_stand_alone(fit: Callable[..., Any], task: Task) -> None:
    train = labelled()
    if task.length == "same":
        train = Split(train.x, [np.zeros(len(x), dtype=int) for x in train.x])
    settings: dict[str, Any] = {"layers": 2, "layer_norm": True, "hidden": 8, "steps": 4}
    first, again, without = (fit(task, train, **settings, dropout=dropout) for dropout in (0.5, 0.5, 0.0))
    assert all(map(torch.equal, weights_of(first.net), weights_of(again.net)))
    assert not all(map(torch.equal, weights_of(first.net), weights_of(without.net)))
    for i, answer in enumerate(first(train)):
        assert np.allclose(first(train.take([i]))[0], answer, atol=1e-9)


def of_length(count: int, kind: str = "classification") -> Split:
    """Two steps per case; every answer is a class, or a number."""
    rng = np.random.default_rng(0)
    answer = (lambda i: np.array([i % 3])) if kind == "classification" else (lambda i: np.array([[i % 3.0]]))
    return Split([rng.normal(size=(2, 2)) for _ in range(count)], [answer(i) for i in range(count)])


@pytest.mark.parametrize(
    ("fit", "kind", "examples", "checked", "rate"),
    [
        (rnn, "classification", 20, 0, 0.001),
        (rnn, "classification", 20, 249, 0.001),
        (shuffled, "classification", 20, 0, 0.001),
        (rnn, "classification", 20, 250, 0.003),
        (rnn, "classification", 1000, 0, 0.003),
        (rnn, "regression", 20, 0, 0.003),
        (gru, "classification", 20, 0, 0.003),
        (lstm, "classification", 20, 0, 0.003),
    ],
)
def test_the_plain_network_learns_slower_on_small_classification_problems_alone(
    fit: Callable[..., Any], kind: str, examples: int, checked: int, rate: float
) -> None:
    task = LABEL if kind == "classification" else Task("regression", Values(2), Values(1), "fixed")
    train = of_length(examples, kind)
    check = of_length(checked, kind) if checked else None
    one, other = (
        fit(task, train, check=check, hidden=2, max_steps=2, **given)
        for given in ({}, {"learning_rate": rate})
    )
    assert all(map(torch.equal, weights_of(one.net), weights_of(other.net)))


def test_a_learning_rate_that_is_set_stays() -> None:
    one, other = (rnn(LABEL, of_length(20), hidden=2, steps=2, learning_rate=r) for r in (0.001, 0.003))
    assert not all(map(torch.equal, weights_of(one.net), weights_of(other.net)))


@pytest.mark.long
def test_no_classification_problem_of_pilots_or_map_is_small() -> None:
    """So the rate of the plain network on small problems changes none of their scores."""
    registry = discover()
    smallest: dict[str, Choice] = {}
    for choice in registry.select_datasets([*SUITES["pilots"].datasets, *SUITES["map"].datasets]):
        if choice.plugin.kinds == {"classification"}:
            name, count = choice.plugin.name, choice.settings["n_train"]
            if name not in smallest or count < smallest[name].settings["n_train"]:
                smallest[name] = choice
    assert "sequential-digits" in smallest
    for choice in smallest.values():
        problem = load(choice.plugin)(**choice.settings, seed=0)
        assert len(problem.train) >= MANY or not is_small(problem.task, problem.valid)


def test_an_lstm_learns_parity_and_keeps_it_at_five_times_the_length() -> None:
    predict = lstm(BITS, parity(0, 2000, 3, 40), check=parity(1, 300, 3, 40))
    test = parity(2, 200, 200, 200)
    assert np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]) == 1
    assert predict.notes["stopped"] == "check loss below 0.001"


@pytest.mark.slow
def test_a_plain_tanh_network_learns_parity_too() -> None:
    predict = rnn(BITS, parity(0, 2000, 3, 40), check=parity(1, 300, 3, 40))
    test = parity(2, 200, 200, 200)
    assert np.mean([a[-1].argmax() == y[-1] for a, y in zip(predict(test), test.y, strict=True)]) == 1
