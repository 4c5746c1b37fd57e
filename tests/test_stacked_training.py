"""Seeds trained together: each is what it would have become by itself, whoever else is in its group."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods._networks import stacked_training
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding, learn_coding
from recurbench.methods._networks.network import Body, ReadoutNet, fixed_rng, summed_loss
from recurbench.methods._networks.recurrence import Shape, recurrent
from recurbench.methods._networks.stacked_layers import Stack, stackable
from recurbench.methods._networks.stacked_training import fit_stacked, merged, rows_of_a_batch, stacked_step
from recurbench.methods._networks.training import TrainedNetwork, batches, fit_network
from recurbench.methods._settings import Decoding, Training
from recurbench.methods.mlp import Feedforward
from recurbench.task import Array
from scipy import stats
from torch import Tensor, nn

CLASSES = Task("classification", Values(2), Values(3, symbols=True), "fixed")
TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
NUMBER = Task("regression", Values(1), Values(2), "fixed")
LEVELS = Task("regression", Values(1), Values(1), "fixed", quantiles=(0.1, 0.5, 0.9))
FLAGS = Task("labelling", Values(1), Values(2, flags=True), "same", causal=True)
AHEAD = Task("forecasting", Values(2), Values(1), "fixed", steps=4)
STEPS = 12

Build = Callable[[Coding], Body]


def cases(task: Task, count: int = 100, seed: int = 0, shortest: int = 3) -> Split:
    """Sequences up to STEPS long whose answers follow the sum of the first channel so far."""
    rng = np.random.default_rng(seed)
    if task is AHEAD:
        walk = rng.normal(size=(90, 2)).cumsum(axis=0)
        return Split([walk[:-4]], [walk[-4:, :1]], ahead=[walk[-4:, 1:]], series=("one",))
    x = [rng.normal(size=(rng.integers(shortest, STEPS + 1), task.x.size)) for _ in range(count)]
    y: list[Array] = []
    for each in x:
        level = each[:, :1].cumsum(axis=0)[slice(None) if task.length == "same" else slice(-1, None)]
        if task.y.symbols:
            y.append((level[:, 0] > -1).astype(int) + (level[:, 0] > 1))
        elif task.y.flags:
            y.append(np.concatenate([level > 0, level > 1], axis=1).astype(float))
        else:
            y.append(level + np.zeros(task.y.size))
    return Split(x, y)


def recipe(seed: int = 0, **changes: Any) -> Recipe:
    plain: dict[str, Any] = {"learning_rate": 0.01, "batch": 32, "clip": 0.3, "max_steps": 40}
    given = {key: changes.pop(key, None) for key in ("check", "steps")}
    decoding = changes.pop("decoding", Decoding())
    return Recipe(seed, **given, training=Training(**(plain | changes)), decoding=decoding)


def loops(task: Task, cell: str = "gru", **changes: Any) -> Build:
    shape = Shape(cell, 5, both=task is TAGS, **changes)
    return lambda _: recurrent(task.x.size, shape)


def layers(task: Task) -> Build:
    if task.length == "same":
        return lambda _: Feedforward(task.x.size, 4, 7, {}, before=3)
    if task is AHEAD:
        return lambda coding: Feedforward(task.x.size, coding.context, 7, {})
    return lambda _: Feedforward(task.x.size, STEPS, 7, {}, way="masked")


BUILDS: dict[str, Callable[[Task], Build]] = {
    "rnn": lambda task: loops(task, "rnn"),
    "gru": loops,
    "mlp": layers,
}
every_build = pytest.mark.parametrize("kind", BUILDS)
both_lengths = pytest.mark.parametrize("task", [CLASSES, TAGS], ids=["class", "tags"])


def weights(fitted: Any) -> Tensor:
    assert isinstance(fitted, TrainedNetwork)
    return torch.cat([value.detach().flatten() for value in fitted.net.parameters()])


def nets(task: Task, build: Build, coding: Coding, seeds: range, dtype: torch.dtype) -> list[ReadoutNet]:
    made = []
    for seed in seeds:
        with fixed_rng(seed):
            made.append(ReadoutNet(task, build(coding), coding.extras).to(dtype))
    return made


def by_itself(net: ReadoutNet, loaded: TensorExamples, how: Recipe) -> Iterator[Tensor]:
    """The clipped gradient of one step after another."""
    adam = torch.optim.Adam(net.parameters(), lr=how.training.learning_rate)
    for chosen in batches(loaded.lengths, how):
        batch = loaded.batch(chosen)
        adam.zero_grad()
        total, count = summed_loss(net.task, net(batch), batch)
        (total / count).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), how.training.clip)
        yield torch.cat([value.grad.flatten() for value in net.parameters() if value.grad is not None])
        adam.step()


@every_build
@both_lengths
@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_gradients_are_those_of_one_by_one_over_the_first_twenty_steps(
    kind: str, task: Task, dtype: torch.dtype, most: float
) -> None:
    coding, cut = learn_coding(task, cases(task))
    loaded = TensorExamples(coding.examples(cut), dtype)
    hows = [recipe(seed) for seed in range(3)]
    made = nets(task, BUILDS[kind](task), coding, range(3), dtype)
    stack = Stack(made)
    adam = torch.optim.Adam([stack.weights], lr=hows[0].training.learning_rate, fused=True)
    orders = [batches(loaded.lengths, how) for how in hows]
    singles = [by_itself(net, loaded, how) for net, how in zip(made, hows, strict=True)]
    for step in range(20):
        stacked_step(stack, adam, merged(loaded, [next(each) for each in orders], 32), hows[0].training.clip)
        assert stack.weights.grad is not None
        for k, single in enumerate(singles):
            wanted = next(single)
            got = stack.weights.grad[k, : len(wanted)]
            assert float((got - wanted).abs().max()) < most, (step, k)


@pytest.mark.parametrize("task", [NUMBER, LEVELS, FLAGS, AHEAD], ids=["number", "levels", "flags", "ahead"])
@every_build
def test_every_kind_of_answer_is_trained_as_by_itself(kind: str, task: Task) -> None:
    train, build = cases(task), BUILDS[kind](task)
    hows = [recipe(seed, steps=20) for seed in (3, 8)]
    for how, fitted in zip(hows, fit_stacked(task, train, build, hows), strict=True):
        alone_ = fit_network(task, train, build, how)
        assert float((weights(alone_) - weights(fitted)).abs().max()) < 1e-4
        assert isinstance(fitted, TrainedNetwork)
        for a, b in zip(fitted(train), alone_(train), strict=True):
            assert np.allclose(a, b, atol=1e-3)


@every_build
@both_lengths
def test_a_seed_is_bit_for_bit_the_same_in_any_company(
    kind: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacked_training, "pays", lambda _: True)
    train, check = cases(task, count=90), cases(task, count=40, seed=1)
    hows = [recipe(seed, check=check) for seed in range(12)]
    build = BUILDS[kind](task)
    whole = fit_stacked(task, train, build, hows)
    for company in ([0, 1], [7, 0, 11], [11, 5, 3, 2, 0], [4]):
        for i, fitted in zip(
            company, fit_stacked(task, train, build, [hows[i] for i in company]), strict=True
        ):
            assert torch.equal(weights(fitted), weights(whole[i])), (company, i)
            assert isinstance(fitted, TrainedNetwork)
            assert fitted.notes["curve"] == whole[i].notes["curve"]  # type: ignore[union-attr]


def test_long_sequences_are_trained_in_smaller_groups_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train, hows = cases(CLASSES), [recipe(seed, steps=5) for seed in range(5)]
    whole = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    monkeypatch.setattr(stacked_training, "ROOM", 2 * 32 * STEPS)
    parts = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    assert [each.notes["trained_together"] for each in parts] == [2, 2, 2, 2, 1]  # type: ignore[union-attr]
    assert all(torch.equal(weights(a), weights(b)) for a, b in zip(whole, parts, strict=True))


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("hidden", [3, 7, 16])
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_an_awkward_number_of_units_changes_nothing_about_that(cell: str, hidden: int, pooling: str) -> None:
    train = cases(CLASSES, count=45)
    hows = [recipe(seed, steps=15, batch=7) for seed in range(5)]

    def build(_: Coding) -> Body:
        return recurrent(2, Shape(cell, hidden, pooling=pooling))

    whole = fit_stacked(CLASSES, train, build, hows)
    pair = fit_stacked(CLASSES, train, build, [hows[4], hows[1]])
    assert torch.equal(weights(pair[0]), weights(whole[4]))
    assert torch.equal(weights(pair[1]), weights(whole[1]))


def test_gradients_are_clipped_per_seed() -> None:
    coding, cut = learn_coding(CLASSES, cases(CLASSES))
    loaded = TensorExamples(coding.examples(cut))
    made = nets(CLASSES, loops(CLASSES), coding, range(3), torch.float32)
    with torch.no_grad():
        made[1].V.weight *= 50
    stack = Stack(made)
    adam = torch.optim.Adam([stack.weights], lr=0.01)
    batch = merged(loaded, [np.arange(30)] * 3, 32)
    clip = 1.5
    norms = [norm for _, norm in stacked_step(stack, adam, batch, clip)]
    assert stack.weights.grad is not None
    left = stack.weights.grad.norm(dim=1)
    assert norms[1] > 10 * clip > clip > max(norms[0], norms[2])
    assert left.tolist() == pytest.approx([norms[0], clip, norms[2]], rel=1e-4)


@pytest.mark.long
@every_build
def test_each_seed_stops_early_by_itself_and_gets_its_best_weights_back(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    true_keep = Stack.keep
    monkeypatch.setattr(
        Stack, "keep", lambda stack, rows, adam: (kept.append(len(rows)), true_keep(stack, rows, adam))[1]
    )
    train, check = (cases(CLASSES, count=30, seed=seed) for seed in (0, 1))
    hows = [recipe(seed, check=check, max_steps=300, patience=40) for seed in range(6)]
    build = BUILDS[kind](CLASSES)
    fitted = fit_stacked(CLASSES, train, build, hows)
    ended = [each.notes["steps_done"] for each in fitted]  # type: ignore[union-attr]
    assert len(set(ended)) > 1
    assert kept == sorted(kept, reverse=True)
    assert kept[0] < 6
    for how, each in zip(hows, fitted, strict=True):
        assert isinstance(each, TrainedNetwork)
        single = fit_network(CLASSES, train, build, how)
        same = ("steps", "steps_done", "stopped", "examples_seen", "learned")
        assert [each.notes[name] for name in same] == [single.notes[name] for name in same]
        assert each.notes["check_loss"] == pytest.approx(single.notes["check_loss"], abs=1e-4)
        losses = {step: loss for step, _, loss, _ in each.notes["curve"]}
        assert losses[each.notes["steps"]] == min(losses.values())


def test_the_last_stage_has_steps_of_its_own_for_each_seed() -> None:
    train, check = cases(CLASSES), cases(CLASSES, seed=1)
    hows = [recipe(seed, check=check, steps=steps) for seed, steps in enumerate((7, 31, 20))]
    fitted = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    assert [each.notes["steps"] for each in fitted] == [7, 31, 20]  # type: ignore[union-attr]
    assert "31 steps asked for" in fitted[1].notes["stopped"]  # type: ignore[union-attr]
    for how, each in zip(hows, fitted, strict=True):
        single = fit_network(CLASSES, train, loops(CLASSES), how)
        assert float((weights(single) - weights(each)).abs().max()) < 1e-4


@both_lengths
def test_rows_and_steps_that_fill_up_a_batch_count_nothing(task: Task) -> None:
    coding, cut = learn_coding(task, cases(task))
    loaded = TensorExamples(coding.examples(cut), torch.float64)
    made = nets(task, loops(task), coding, range(2), torch.float64)
    order = np.argsort(loaded.lengths)
    chosen = [order[:20], order[-29:]]  # the shortest sequences beside the longest
    batch = merged(loaded, chosen, 32)
    assert batch.x.shape[0] == 64
    stack = Stack(made)
    adam = torch.optim.Adam([stack.weights], lr=0.0)
    found = stacked_step(stack, adam, batch, 1e9)
    for net, rows, (loss, _) in zip(made, chosen, found, strict=True):
        own = loaded.batch(rows)
        total, count = summed_loss(task, net(own), own)
        assert loss == pytest.approx(float(total.detach()) / count, rel=1e-12)


@pytest.mark.parametrize(
    ("examples", "size"), [(1, 64), (20, 64), (100, 64), (1000, 64), (5000, 64), (70, 7)]
)
def test_no_batch_is_larger_than_the_rows_that_every_group_has(examples: int, size: int) -> None:
    how = recipe(batch=size)
    order = batches(np.ones(examples, dtype=int), how)
    most = max(len(next(order)) for _ in range(300))
    height = rows_of_a_batch(examples, size)
    assert most <= height < most + 32


def test_notes_are_those_of_one_by_one_and_the_cost_is_shared_out() -> None:
    train, check = cases(CLASSES), cases(CLASSES, seed=1)
    hows = [recipe(seed, check=check) for seed in range(3)]
    fitted = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    single = fit_network(CLASSES, train, loops(CLASSES), hows[1])
    assert isinstance(fitted[1], TrainedNetwork)
    notes = dict(fitted[1].notes)
    assert notes.pop("trained_together") == 3
    assert notes.keys() == single.notes.keys()
    for name in ("parameters", "steps", "epochs", "stopped", "learned", "trivial_loss", "initialisation"):
        assert notes[name] == single.notes[name]
    assert np.allclose(notes["curve"], single.notes["curve"], atol=1e-3)
    assert all(each.notes["cpu_seconds"] > 0 for each in fitted)  # type: ignore[union-attr]


@pytest.mark.parametrize("where", ["loss", "check"])
def test_a_seed_that_diverges_is_an_error_of_its_own(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    train, check = cases(CLASSES), cases(CLASSES, seed=1)
    hows = [recipe(seed, check=check) for seed in range(3)]
    whole = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    calls = [0]
    name = {"loss": "stacked_step", "check": "check_losses"}[where]
    true = getattr(stacked_training, name)

    def breaking(*given: Any) -> Any:
        calls[0] += 1
        found = true(*given)
        if len(found) == 3:
            found[1] = (math.nan, 1.0) if where == "loss" else math.inf
        return found

    monkeypatch.setattr(stacked_training, name, breaking)
    first, second, third = fit_stacked(CLASSES, train, loops(CLASSES), hows)
    assert isinstance(second, FloatingPointError)
    assert str(second).startswith("training diverged: ")
    assert ("loss nan at step 1;" if where == "loss" else "check loss inf at step 20;") in str(second)
    assert torch.equal(weights(first), weights(whole[0]))
    assert torch.equal(weights(third), weights(whole[2]))


@pytest.mark.parametrize(
    ("cell", "changes"),
    [
        ("lstm", {}),
        ("gru", {"layers": 2}),
        ("gru", {"layers": 2, "dropout": 0.3}),
        ("rnn", {"dropout": 0.3}),
        ("gru", {"layer_norm": True}),
        ("rnn", {"activation": "relu"}),
        ("rnn", {"first_state": "learned"}),
        ("rnn", {"matrix": "diagonal"}),
    ],
)
def test_what_has_no_stacked_form_is_trained_one_by_one(cell: str, changes: dict[str, Any]) -> None:
    train, build = cases(CLASSES), loops(CLASSES, cell, **changes)
    hows = [recipe(seed, steps=3) for seed in range(2)]
    coding, _ = learn_coding(CLASSES, train)
    assert not stackable(nets(CLASSES, build, coding, range(1), torch.float32)[0])
    for how, fitted in zip(hows, fit_stacked(CLASSES, train, build, hows), strict=True):
        assert torch.equal(weights(fitted), weights(fit_network(CLASSES, train, build, how)))
        assert "trained_together" not in fitted.notes  # type: ignore[union-attr]


@pytest.mark.parametrize(("kind", "expected"), [("rnn", False), ("gru", True), ("mlp", False)])
def test_networks_with_an_answer_per_step_are_stacked_only_where_it_pays(kind: str, expected: bool) -> None:
    hows = [recipe(seed, steps=3) for seed in range(2)]
    for fitted in fit_stacked(TAGS, cases(TAGS), BUILDS[kind](TAGS), hows):
        assert ("trained_together" in fitted.notes) is expected  # type: ignore[union-attr]


def test_a_state_that_begins_anew_and_a_lost_order_are_stacked_too() -> None:
    train = cases(CLASSES)
    hows = [recipe(seed, steps=10) for seed in range(2)]
    for changes in ({"reset_every": 3, "reset_training": True}, {"shuffle": True}, {"pooling": "mean"}):
        build = loops(CLASSES, "rnn", **changes)
        for how, fitted in zip(hows, fit_stacked(CLASSES, train, build, hows), strict=True):
            assert fitted.notes["trained_together"] == 2  # type: ignore[union-attr]
            single = fit_network(CLASSES, train, build, how)
            assert float((weights(single) - weights(fitted)).abs().max()) < 1e-4


def test_networks_that_differ_in_more_than_seed_and_steps_are_refused() -> None:
    train = cases(CLASSES)
    for other in (recipe(1, learning_rate=0.02), recipe(1, check=cases(CLASSES, seed=1))):
        with pytest.raises(ValueError, match="may differ in seed and steps only"):
            fit_stacked(CLASSES, train, loops(CLASSES), [recipe(0), other])


def test_global_random_state_and_threads_stay_untouched() -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    fit_stacked(CLASSES, cases(CLASSES), loops(CLASSES), [recipe(seed, steps=2) for seed in range(2)])
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads


@pytest.mark.slow
@every_build
def test_final_scores_over_twenty_seeds_come_from_one_distribution(kind: str) -> None:
    """At this learning rate rounding grows until the weights of the two ways part."""
    train, test = cases(CLASSES, count=150), cases(CLASSES, count=300, seed=1)
    hows = [recipe(seed, steps=600, learning_rate=0.1, clip=1.0) for seed in range(20)]
    build = BUILDS[kind](CLASSES)
    truth = np.concatenate(list(test.y))

    def score(fitted: Any) -> float:
        return float((np.concatenate(list(fitted(test))).argmax(axis=1) == truth).mean())

    together = [score(each) for each in fit_stacked(CLASSES, train, build, hows)]
    apart = [score(fit_network(CLASSES, train, build, how)) for how in hows]
    assert stats.ks_2samp(together, apart).pvalue > 0.05
    change = np.subtract(together, apart)
    assert abs(change.mean()) <= 3 * change.std() / math.sqrt(len(change))
