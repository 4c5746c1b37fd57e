"""The training loop and the coding of examples, tried through every network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks import training
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import Budget, Recipe, thinned
from recurbench.methods._networks.encoding import (
    Coding,
    learn_coding,
    training_windows,
)
from recurbench.methods._networks.examples import buckets, in_order
from recurbench.methods._networks.network import ReadoutNet, losses, summed_loss
from recurbench.methods._scaling import View
from recurbench.methods._settings import Training
from recurbench.methods.cnn import cnn
from recurbench.methods.mlp import mlp
from recurbench.methods.recurrent import gru, lstm, rnn
from recurbench.methods.tcn import tcn
from recurbench.methods.transformer import transformer
from recurbench.task import Array, holdout

NETWORKS: list[Callable[..., Any]] = [mlp, cnn, tcn, transformer, rnn, gru, lstm]
CLASSES = Task("classification", Values(2), Values(3, symbols=True), "fixed")
NUMBER = Task("regression", Values(1), Values(2), "fixed")
TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
CAUSAL = Task("labelling", Values(2), Values(3, symbols=True), "same", causal=True)
MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=12, period=12)

every_network = pytest.mark.parametrize("fit", NETWORKS, ids=lambda fit: fit.__name__)


def cases(task: Task, count: int = 12, seed: int = 0, shortest: int = 3, longest: int = 9) -> Split:
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=(rng.integers(shortest, longest + 1), task.x.size)) for _ in range(count)]
    y: list[Array] = []
    for i, each in enumerate(x):
        steps = len(each) if task.length == "same" else 1
        y.append(rng.integers(0, 3, steps) if task.y.symbols else rng.normal(size=(steps, task.y.size)) + i)
    return Split(x, y)


def seasonal(length: int = 108, level: float = 10.0) -> Split:
    t = np.arange(length)
    y = level + 0.1 * t + np.sin(2 * np.pi * t / 12)
    return Split([y[:-12, None]], [y[-12:, None]], series=("one",))


def recipe(**changes: Any) -> Recipe:
    return Recipe(0, None, None, Training(**({"learning_rate": 0.01, "batch": 8, "max_steps": 6} | changes)))


def small_net(task: Task, split: Split) -> tuple[ReadoutNet, Any]:
    fitted = lstm(task, split, steps=1, hidden=4)
    return fitted.net.float(), fitted.coding.examples(split)


@every_network
@pytest.mark.parametrize("task", [CLASSES, NUMBER, TAGS, CAUSAL], ids=["class", "number", "tags", "causal"])
def test_two_fits_with_one_seed_are_equal_bit_for_bit(fit: Callable[..., Any], task: Task) -> None:
    train, test = cases(task), cases(task, seed=1, longest=14)
    first, second = (fit(task, train, seed=3, steps=4)(test) for _ in range(2))
    other = fit(task, train, seed=4, steps=4)(test)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@every_network
@pytest.mark.parametrize("task", [CLASSES, NUMBER, TAGS, CAUSAL], ids=["class", "number", "tags", "causal"])
def test_a_lower_precision_changes_training_a_little_and_is_as_repeatable(
    fit: Callable[..., Any], task: Task
) -> None:
    train, test = cases(task), cases(task, seed=1, longest=14)
    plain = fit(task, train, seed=3, steps=4)(test)
    first, second = (fit(task, train, seed=3, steps=4, precision="bfloat16")(test) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, plain, strict=True))
    assert all(np.allclose(a, b, atol=0.1) for a, b in zip(first, plain, strict=True))
    assert {a.dtype for a in first} == {b.dtype for b in plain}


@every_network
@pytest.mark.parametrize("task", [CLASSES, NUMBER, TAGS, CAUSAL], ids=["class", "number", "tags", "causal"])
def test_what_stands_in_the_padding_does_not_matter(fit: Callable[..., Any], task: Task) -> None:
    fitted = fit(task, cases(task), steps=3)
    net, examples = fitted.net.float(), fitted.coding.examples(cases(task, seed=1, shortest=1, longest=20))
    plain, filled = (examples.batch(np.arange(12), pad=pad) for pad in (0.0, 1e3))
    a, b = net(plain), net(filled)
    assert torch.allclose(a[plain.mask], b[plain.mask], atol=1e-6, rtol=0)
    grads = []
    for batch in (plain, filled):
        net.zero_grad()
        summed_loss(task, net(batch), batch)[0].backward()
        grads.append(torch.cat([p.grad.ravel() for p in net.parameters()]))
    assert torch.allclose(*grads, atol=1e-4, rtol=1e-5)


@every_network
@pytest.mark.parametrize("task", [CLASSES, NUMBER, TAGS, CAUSAL], ids=["class", "number", "tags", "causal"])
def test_an_answer_does_not_depend_on_the_other_examples(fit: Callable[..., Any], task: Task) -> None:
    predict = fit(task, cases(task), steps=3)
    test = cases(task, seed=1, shortest=1, longest=20)
    together = predict(test)
    for i in (0, 5, 11):
        assert np.allclose(together[i], predict(test.take([i]))[0], atol=1e-9, rtol=0)


@every_network
def test_awkward_lengths_classes_and_constants_are_answered(fit: Callable[..., Any]) -> None:
    train = Split(
        [np.ones((5, 2)), np.zeros((1, 2)), np.ones((3, 2))], [np.array([0]), np.array([1]), np.array([0])]
    )
    test = Split([np.ones((1, 2)), np.full((40, 2), 7.0)])
    predict = fit(CLASSES, train, steps=3)
    for chances in predict(test):
        assert chances.shape == (1, 3)
        assert chances.sum() == pytest.approx(1)
    aligned = fit(TAGS, cases(TAGS, count=2, shortest=1, longest=1), steps=2)
    assert [a.shape for a in aligned(test)] == [(1, 3), (40, 3)]


@every_network
def test_symbols_in_and_numbers_out_per_step_work(fit: Callable[..., Any]) -> None:
    task = Task("labelling", Values(3, symbols=True), Values(2), "same", causal=True)
    train = Split([np.array([0, 1, 2]), np.array([2])], [np.ones((3, 2)), np.zeros((1, 2))])
    assert [a.shape for a in fit(task, train, steps=2)(train)] == [(3, 2), (1, 2)]


@every_network
def test_a_causal_answer_does_not_look_ahead(fit: Callable[..., Any]) -> None:
    predict = fit(CAUSAL, cases(CAUSAL), steps=3)
    x = np.random.default_rng(5).normal(size=(30, 2))
    for t in (0, 7, 28):
        changed = x.copy()
        changed[t + 1 :] += 5.0
        before, after = predict(Split([x]))[0], predict(Split([changed]))[0]
        assert np.array_equal(before[: t + 1], after[: t + 1])
        assert not np.allclose(before[t + 1 :], after[t + 1 :])


@every_network
def test_an_answer_that_need_not_be_causal_looks_both_ways(fit: Callable[..., Any]) -> None:
    predict = fit(TAGS, cases(TAGS), steps=3)
    x = np.random.default_rng(5).normal(size=(9, 2))
    for t in (3, 5):
        changed = x.copy()
        changed[t] += 5.0
        assert not np.allclose(predict(Split([x]))[0][4], predict(Split([changed]))[0][4])


@every_network
def test_a_season_on_a_trend_is_forecast_closely(fit: Callable[..., Any]) -> None:
    train = seasonal()
    predict = fit(MONTHS, train, steps=60)
    t = np.arange(108, 120)
    truth = 10 + 0.1 * t + np.sin(2 * np.pi * t / 12)
    later = Split([np.concatenate([train.x[0], train.y[0]])], series=("unknown",))
    answer = predict(later)[0]
    assert answer.shape == (12, 1)
    assert np.abs(answer[:, 0] - truth).mean() < 0.3  # the seasonal naive forecast is 1.2 off
    assert predict.notes["reference"] == "seasonal"


@every_network
def test_a_constant_series_is_forecast_as_that_constant(fit: Callable[..., Any]) -> None:
    train = Split([np.full((60, 1), 0.1)], [np.full((12, 1), 0.1)])
    assert np.array_equal(fit(MONTHS, train, steps=3)(train)[0], np.full((12, 1), 0.1))


@every_network
def test_a_forecast_moves_and_stretches_with_its_series(fit: Callable[..., Any]) -> None:
    predict = fit(MONTHS, seasonal(), steps=5)
    x = np.random.default_rng(0).normal(size=(50, 1)).cumsum(axis=0)
    plain, moved = predict(Split([x]))[0], predict(Split([1000 + 50 * x]))[0]
    assert np.allclose(moved, 1000 + 50 * plain)


@every_network
def test_a_history_shorter_than_the_context_is_still_answered(fit: Callable[..., Any]) -> None:
    predict = fit(MONTHS, seasonal(), steps=3)
    assert all(
        np.isfinite(a).all() for a in predict(Split([np.array([[3.0]]), np.array([[1.0], [2.0], [4.0]])]))
    )


@every_network
def test_covariates_known_ahead_change_the_forecast(fit: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    known = rng.normal(size=(80, 1))
    y = 3 * known + 0.01 * rng.normal(size=(80, 1))
    task = Task("forecasting", Values(2), Values(1), "fixed", steps=2)
    x = np.concatenate([y, known], axis=1)
    train = Split([x[:78]], [y[78:]], ahead=[known[78:]], series=("a",))
    predict = fit(task, train, steps=200)
    low, high = (predict(Split([x], ahead=[np.full((2, 1), v)]))[0].mean() for v in (-1.0, 1.0))
    assert high - low == pytest.approx(6, rel=0.1)
    assert "known ahead" in predict.notes["reference_effect"]


@every_network
def test_a_missing_value_is_refused_in_words(fit: Callable[..., Any]) -> None:
    train = cases(CLASSES)
    hole = train.copy()
    hole.x[3][1, 0] = np.nan
    with pytest.raises(Unsupported, match=r"x of example 3 holds 1 missing .* fill the gaps"):
        fit(CLASSES, hole, steps=2)
    with pytest.raises(Unsupported, match="x of example 3"):
        fit(CLASSES, train, steps=2)(hole)


@every_network
def test_numbers_without_an_end_are_unsupported(fit: Callable[..., Any]) -> None:
    task = Task("translation", Values(3, symbols=True), Values(1), "free")
    with pytest.raises(Unsupported, match="numbers have no end symbol"):
        fit(task, Split([np.array([0, 1])], [np.ones((2, 1))]))


@every_network
def test_global_random_state_threads_and_inputs_stay_untouched(fit: Callable[..., Any]) -> None:
    train = cases(CLASSES)
    before, copies = (torch.get_rng_state(), np.random.get_state()[1].copy()), train.copy()  # noqa: NPY002
    threads = torch.get_num_threads()
    fit(CLASSES, train, steps=3)(train)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    assert torch.get_num_threads() == threads
    assert all(np.array_equal(a, b) for a, b in zip(train.x, copies.x, strict=True))


@every_network
def test_notes_say_what_was_trained_and_how(fit: Callable[..., Any]) -> None:
    fitted = fit(CLASSES, cases(CLASSES), check=cases(CLASSES, seed=1), max_steps=40)
    notes = fitted.notes
    assert notes["parameters"] == sum(p.numel() for p in fitted.net.parameters())
    assert notes["curve"][0][0] == 20
    assert len(notes["curve"][0]) == len(notes["curve_columns"]) == 4
    said = {"steps", "epochs", "examples_seen", "stopped", "cpu_seconds", "initialisation", "length_policy"}
    assert said <= set(notes)


def test_steps_asked_for_are_taken_exactly_whatever_the_check_part_says() -> None:
    fitted = lstm(CLASSES, cases(CLASSES), check=cases(CLASSES, seed=1), steps=37, patience=1)
    assert fitted.notes["steps"] == fitted.notes["steps_done"] == 37
    assert "37 steps asked for" in fitted.notes["stopped"]


def test_without_check_and_steps_the_whole_budget_is_trained_and_said() -> None:
    notes = mlp(CLASSES, cases(CLASSES), max_steps=33, check=Split([])).notes
    assert notes["steps"] == 33
    assert notes["stopped"] == "the budget of 33 steps, without a check part"


def test_the_best_weights_on_the_check_part_are_restored() -> None:
    train, check = cases(CLASSES), cases(CLASSES, count=30, seed=1)
    fitted = mlp(CLASSES, train, check=check, max_steps=200, patience=100)
    notes = fitted.notes
    assert notes["steps"] < notes["steps_done"]  # labels are noise, so it overfits
    losses = {step: loss for step, _, loss, _ in notes["curve"]}
    assert losses[notes["steps"]] == min(losses.values())
    scored = training.check_loss(
        copy.deepcopy(fitted.net).float(), TensorExamples(fitted.coding.examples(check))
    )
    assert scored == pytest.approx(losses[notes["steps"]], abs=2e-6)
    again = mlp(CLASSES, train, steps=notes["steps"], max_steps=200, patience=100)
    assert np.array_equal(again(check)[0], fitted(check)[0])


@pytest.mark.parametrize("fit", [mlp, lstm], ids=lambda fit: fit.__name__)
def test_a_small_check_part_chooses_no_weights_of_a_classifier(fit: Callable[..., Any]) -> None:
    train, test = cases(CLASSES), cases(CLASSES, seed=5)
    checks = [cases(CLASSES, count=30, seed=1), cases(CLASSES, count=12, seed=2), None]
    fits = [fit(CLASSES, train, check=check, max_steps=45) for check in checks]
    answers = [np.concatenate(predict(test)) for predict in fits]
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])
    # The final fit of a run is told the steps, and has no check part.
    steps = fits[0].notes["steps"]
    assert steps == fits[0].notes["steps_done"] == 45
    again = fit(CLASSES, train, steps=steps, max_steps=45)
    assert np.array_equal(np.concatenate(again(test)), answers[0])


def test_a_small_check_part_is_looked_at_for_the_curve_only() -> None:
    notes = mlp(CLASSES, cases(CLASSES), check=cases(CLASSES, count=30, seed=1), max_steps=200).notes
    losses = [loss for _, _, loss, _ in notes["curve"]]
    assert losses[-1] > min(losses)  # labels are noise, so it overfits
    assert notes["check_loss"] == losses[-1]
    assert notes["stopped"] == "the budget of 200 steps, without early stopping"
    assert notes["still_improving"] is False


def test_a_large_check_part_or_a_patience_stops_training_early() -> None:
    def early(task: Task, train: int, check: int, **changes: Any) -> bool:
        split = Split([np.zeros((1, 2))] * check, [np.zeros(1, dtype=int)] * check)
        asked = Recipe(0, split, None, Training(**changes))
        return Budget.of(task, train, asked).early

    assert [early(CLASSES, 750, check) for check in (1, 249, 250)] == [False, False, True]
    assert early(CLASSES, 1000, 249)
    assert early(CLASSES, 50, 12, patience=100)
    assert all(early(task, 50, 12) for task in (NUMBER, TAGS, MONTHS))


def test_smoothed_labels_are_spread_over_all_classes() -> None:
    got = torch.tensor([[2.0, 0.5, -1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    wanted = torch.tensor([0, 2])
    chances = got.softmax(dim=1).log()
    spread = torch.full((2, 3), 0.1 / 3, dtype=torch.float64)
    spread[[0, 1], wanted] += 0.9
    assert torch.allclose(losses(CLASSES, got, wanted, 0.1), -(spread * chances).sum(dim=1))
    assert torch.equal(losses(CLASSES, got, wanted, 0.0), losses(CLASSES, got, wanted))


def test_labels_are_smoothed_where_the_check_part_is_small() -> None:
    def smoothing(task: Task, check: int, **changes: Any) -> float:
        split = Split([np.zeros((1, 2))] * check, [np.zeros(1, dtype=int)] * check)
        return Budget.of(task, 50, Recipe(0, split, None, Training(**changes))).smoothing

    assert smoothing(CLASSES, 12) == 0.1
    with pytest.raises(ValueError, match="smoothing must be at least 0 and below 1, got 1"):
        Training(smoothing=1.0)
    assert smoothing(CLASSES, 12, smoothing=0.3) == smoothing(TAGS, 500, smoothing=0.3) == 0.3
    assert smoothing(CLASSES, 12, smoothing=0.0) == 0
    assert smoothing(CLASSES, 250) == smoothing(CLASSES, 12, patience=100) == smoothing(NUMBER, 12) == 0
    clear = Split([np.full((4, 2), float(i % 3)) for i in range(60)], [np.array([i % 3]) for i in range(60)])
    sure, spread = (mlp(CLASSES, clear, max_steps=300, smoothing=each)(clear)[0].max() for each in (0.0, 0.3))
    assert spread == pytest.approx(0.8, abs=0.02)
    assert sure > 0.99


def test_the_check_part_teaches_nothing() -> None:
    train = cases(NUMBER)
    check = Split([x * 100 for x in train.x], [y + 1e4 for y in train.y])
    fitted = mlp(NUMBER, train, check=check, max_steps=20)
    values = np.concatenate(train.x)
    assert fitted.coding.prepare.centre == pytest.approx(values.mean(axis=0))
    assert fitted.coding.prepare.unit == pytest.approx(values.std(axis=0))
    assert fitted.coding.y_centre == pytest.approx(np.concatenate(train.y).mean(axis=0))


def test_patience_waits_at_chance_and_ends_early_once_overfitted() -> None:
    progress = training.Progress(best_loss=0.69, best_step=100, done=500, curve=[[500, 0.69, 0.70, 1.0]])
    budget = Budget.of(TAGS, 12, recipe(max_steps=None))
    assert (budget.most, budget.patience) == (4000, 1000)
    assert training.reason_to_end(TAGS, True, progress, budget, 4000, recipe()) == ""
    progress.curve = [[500, 0.5, 0.8, 1.0]]
    assert "overfitted" in training.reason_to_end(TAGS, True, progress, budget, 4000, recipe())


@pytest.mark.parametrize("checked", [False, True])
def test_divergence_is_an_error_and_never_scored_as_if_trained(
    checked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_loss, calls = summed_loss, [0]

    def breaking(*given: Any) -> tuple[torch.Tensor, int]:
        calls[0] += 1
        loss, count = true_loss(*given)
        return (loss * float("nan"), count) if calls[0] > 30 else (loss, count)

    monkeypatch.setattr(training, "summed_loss", breaking)
    train = cases(CLASSES)
    with pytest.raises(FloatingPointError, match=r"diverged: loss nan at step \d+; lower learning_rate"):
        mlp(CLASSES, train, check=train if checked else None, max_steps=100)


def test_a_check_loss_that_is_not_finite_is_divergence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "check_loss", lambda *_: float("inf"))
    with pytest.raises(FloatingPointError, match="check loss inf at step 20"):
        mlp(CLASSES, cases(CLASSES), check=cases(CLASSES, seed=1), max_steps=40)


def test_a_network_that_met_only_noise_is_said_not_to_have_learned() -> None:
    train, check = cases(CLASSES, count=60), cases(CLASSES, count=60, seed=1)
    notes = mlp(CLASSES, train, check=check, max_steps=40, patience=40).notes
    assert notes["learned"] is False
    assert notes["trivial_loss"] - notes["check_loss"] < 2 * notes["gain_error"]
    clear = Split([np.full((4, 2), float(i % 3)) for i in range(60)], [np.array([i % 3]) for i in range(60)])
    assert mlp(CLASSES, clear, check=clear, max_steps=100).notes["learned"] is True
    assert "learned" not in mlp(CLASSES, clear, steps=3).notes


def test_without_early_stopping_the_training_examples_say_whether_a_network_trained() -> None:
    clear = Split([np.full((4, 2), float(i % 3)) for i in range(60)], [np.array([i % 3]) for i in range(60)])
    # Every answer to the check part is wrong and sure, and yet the network has been trained.
    turned = Split(clear.x, [(y + 1) % 3 for y in clear.y])
    notes = mlp(CLASSES, clear, check=turned, max_steps=100).notes
    assert notes["check_loss"] > notes["trivial_loss"]
    assert notes["learned"] is True
    same = Split([np.zeros((4, 2))] * 60, clear.y)
    assert mlp(CLASSES, same, check=clear, max_steps=100).notes["learned"] is False


def test_a_budget_that_ends_while_the_check_loss_falls_is_said() -> None:
    clear = Split([np.full((4, 2), float(i % 3)) for i in range(60)], [np.array([i % 3]) for i in range(60)])
    assert mlp(CLASSES, clear, check=clear, max_steps=40, patience=40).notes["still_improving"] is True
    noise = mlp(CLASSES, cases(CLASSES), check=cases(CLASSES, seed=1), max_steps=300, patience=100).notes
    assert noise["still_improving"] is False


def test_the_learning_rate_falls_to_a_tenth_along_a_cosine() -> None:
    budget = Budget.of(CLASSES, 12, recipe(max_steps=200))
    assert [budget.rate(step) for step in (0, 100, 200, 500)] == pytest.approx([1.0, 0.55, 0.1, 0.1])


def test_the_budget_follows_the_length_of_answers_and_the_number_of_examples() -> None:
    long = recipe(max_steps=None)
    found = {
        (task, n): Budget.of(task, n, long).most for task, n in ((CLASSES, 999), (CLASSES, 1000), (TAGS, 10))
    }
    assert found == {(CLASSES, 999): 400, (CLASSES, 1000): 4000, (TAGS, 10): 4000}


def test_quantiles_are_answered_in_order_at_their_levels() -> None:
    rng = np.random.default_rng(0)
    levels = (0.1, 0.5, 0.9)
    task = Task("regression", Values(1), Values(1), "fixed", quantiles=levels)
    x = [rng.normal(size=(3, 1)) for _ in range(600)]
    train = Split(x, [5 + 2 * rng.normal(size=(1, 1)) for _ in x])
    answers = np.array(mlp(task, train, max_steps=300)(Split(x)))
    assert answers.shape == (600, 1, 1, 3)
    assert np.all(np.diff(answers, axis=-1) >= 0)
    assert answers.mean(axis=(0, 1, 2)) == pytest.approx([5 - 2 * 1.2816, 5, 5 + 2 * 1.2816], abs=0.5)


def test_a_step_is_never_longer_than_the_clip_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    norms = []
    true_step = torch.optim.Adam.step

    def watched(self: torch.optim.Adam, *args: Any) -> Any:
        grads = [p.grad for group in self.param_groups for p in group["params"]]
        norms.append(float(torch.cat([g.ravel() for g in grads]).norm()))
        return true_step(self, *args)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    lstm(CLASSES, cases(CLASSES), steps=5, clip=0.01)
    assert len(norms) == 5
    assert max(norms) <= 0.01 + 1e-6


def test_the_loss_counts_answered_steps_only_and_each_once() -> None:
    split = cases(TAGS)
    net, examples = small_net(TAGS, split)
    batch = examples.batch(np.arange(12))
    total, count = summed_loss(TAGS, net(batch), batch)
    alone = [summed_loss(TAGS, net(b), b) for b in (examples.batch(np.array([i])) for i in range(12))]
    assert count == sum(len(y) for y in split.y) == sum(c for _, c in alone)
    assert float(total.detach()) == pytest.approx(sum(float(loss.detach()) for loss, _ in alone), rel=1e-5)


def test_flags_are_answered_by_chances_per_channel() -> None:
    task = Task("labelling", Values(1), Values(2, flags=True), "same", causal=True)
    x = [np.random.default_rng(i).normal(size=(10, 1)) for i in range(20)]
    y = [np.concatenate([a > 0, a < 0], axis=1).astype(float) for a in x]
    predict = mlp(task, Split(x, y), max_steps=150)
    chances = np.concatenate(predict(Split(x)))
    assert ((chances > 0.5) == np.concatenate(y)).mean() > 0.95
    assert chances.min() >= 0
    assert chances.max() <= 1


def test_every_epoch_shows_every_example_once_in_batches_of_like_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 700)
    found = list(buckets(lengths, 64, np.random.default_rng(1)))
    assert sorted(np.concatenate(found)) == list(range(700))
    assert max(map(len, found)) <= 64
    assert np.mean([np.ptp(lengths[b]) for b in found]) < 20
    assert sorted(np.concatenate(list(in_order(lengths, 64)))) == list(range(700))


def test_windows_are_many_but_capped() -> None:
    assert len(training_windows(MONTHS, seasonal(108), 24)) == 96 - 24 + 1
    assert 500 < len(training_windows(MONTHS, seasonal(5000), 24)) <= 1001
    with pytest.raises(Unsupported, match="too few for a horizon"):
        training_windows(MONTHS, Split([np.ones((1, 1))], [np.ones((3, 1))]), 24)


def test_the_better_naive_forecast_is_chosen_on_train() -> None:
    walk = np.random.default_rng(0).normal(size=(200, 1)).cumsum(axis=0)
    assert learn_coding(MONTHS, Split([walk[:-12]], [walk[-12:]]))[0].reference == "last"
    assert learn_coding(MONTHS, seasonal())[0].reference == "seasonal"


def test_scaled_answers_come_back_in_their_own_units() -> None:
    split = cases(NUMBER)
    coding, _ = learn_coding(NUMBER, split)
    examples = coding.examples(split)
    for i in range(len(split)):
        assert examples.base[i] + examples.scale[i] * examples.y[i] == pytest.approx(split.y[i])


def test_settings_out_of_range_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="learning_rate must be above 0, got 0"):
        mlp(CLASSES, cases(CLASSES), learning_rate=0)
    with pytest.raises(ValueError, match="reference must be auto, none, mean, last, seasonal"):
        mlp(MONTHS, seasonal(), reference="drift")


def test_a_long_curve_keeps_its_ends() -> None:
    short = thinned([[i, 0.0, None] for i in range(1000)])
    assert len(short) == 60
    assert (short[0][0], short[-1][0]) == (0, 999)


def test_a_coding_knows_how_many_numbers_are_known_ahead() -> None:
    one = np.ones(2)
    assert Coding(View(MONTHS), one, one, one, one, known=2).extras == 24


@pytest.mark.parametrize("count", [700, 999, 1001, 1300, 1340])
def test_the_final_fit_follows_the_recipe_of_the_folds(count: int) -> None:
    """A fold has three quarters of the examples, and the final fit no validation part."""
    task = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    train = Split([np.zeros((1, 1))] * count, [np.array([i % 2]) for i in range(count)], series=range(count))
    part, check = holdout(task, train, 0)
    fold = Budget.of(task, len(part), Recipe(0, check, None))
    steps = fold.most if not fold.early else 180
    final = Budget.of(task, count, Recipe(0, None, steps))
    assert (final.early, final.smoothing) == (fold.early, fold.smoothing)
    assert fold.early or final.most == fold.most
