"""Networks train and answer on the device they are given: torch's meta device stands in for a GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods import inception, resnet
from recurbench.methods._networks import fully_convolutional, stacked_training
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import Budget, Recipe
from recurbench.methods._networks.constant_answer import gain_of
from recurbench.methods._networks.gradients import gradient_by_lag
from recurbench.methods._networks.network import TrainedNetwork, full_precision, losses
from recurbench.methods._networks.recurrence import Shape, recurrent
from recurbench.methods._networks.training import train_network
from recurbench.methods._settings import Training
from recurbench.registry import discover, load

CLASSES = Task("classification", Values(2), Values(3, symbols=True), "fixed")
LEVELS = Task("regression", Values(2), Values(1), "fixed", quantiles=(0.1, 0.5, 0.9))
TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
WORDS = Task("translation", Values(2), Values(3, symbols=True), "free")
MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=3)
TASKS = (CLASSES, LEVELS, TAGS, WORDS, MONTHS)
EVERY = {
    name: plugin
    for name, plugin in discover().methods.items()
    # deepar samples its paths with numpy, on the CPU.
    if "learning_rate" in plugin.settings and "clip" in plugin.settings and name != "deepar"
}
# A shuffle is drawn from the values, which meta tensors do not have.
NETWORKS = {name: plugin for name, plugin in EVERY.items() if not name.endswith("-shuffled")}
# One name for each function, and one that answers with another state than it was trained with.
KINDS_OF_BODY = [*{plugin.function: name for name, plugin in reversed(EVERY.items())}.values(), "rnn-reset"]
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")


def examples(task: Task) -> Split:
    rng = np.random.default_rng(0)
    if task is MONTHS:
        return Split([rng.normal(size=(40, 1))], [rng.normal(size=(3, 1))], series=("a",))
    x = [rng.normal(size=(n, 2)) for n in (4, 7, 9)]
    steps = [len(each) if task.length == "same" else 1 for each in x]
    y = [rng.integers(0, 3, n) if task.y.symbols else rng.normal(size=(n, 1)) for n in steps]
    return Split(x, y)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_forward_and_a_loss_stay_on_the_device_of_their_input(
    name: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Batch normalisation looks for padding in the lengths, and meta tensors have no values.
    for module in (fully_convolutional, inception, resnet):
        monkeypatch.setattr(module, "real_steps", lambda *_: None)
    plugin = NETWORKS[name]
    if task.kind not in plugin.kinds:
        pytest.skip(f"{name} does not answer {task.kind}")
    more: dict[str, Any] = {"teaching": 0.5} if "teaching" in plugin.settings else {}
    fitted = load(plugin)(task, examples(task), steps=1, **more)
    net = fitted.net.float().to("meta")
    batch = fitted.coding.examples(examples(task)).batch(np.arange(1 if task is MONTHS else 3))
    moved = {part.name: getattr(batch, part.name).to("meta") for part in dataclasses.fields(batch)}
    for training in (True, False):
        output = net.train(training)(dataclasses.replace(batch, **moved))
        loss = losses(task, output.flatten(0, 1), moved["y"].flatten(0, 1)).sum()
        assert loss.device == torch.device("meta")


def test_a_tensor_left_behind_is_found() -> None:
    here, there = torch.zeros(3), torch.zeros(3, device="meta")
    with pytest.raises((RuntimeError, NotImplementedError)):
        _ = here + there


def fitted(name: str, task: Task, **words: Any) -> TrainedNetwork:
    plugin = EVERY[name]
    if task.kind not in plugin.kinds:
        pytest.skip(f"{name} does not answer {task.kind}")
    made: TrainedNetwork = load(plugin)(task, examples(task), **{**plugin.settings, "steps": 3, **words})
    return made


def in_one(answers: Any) -> Any:
    return np.concatenate([np.ravel(each) for each in answers])


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
@pytest.mark.parametrize("name", KINDS_OF_BODY)
def test_training_and_answering_say_of_every_tensor_where_it_is_made(name: str, task: Task) -> None:
    found, split = fitted(name, task), examples(task)
    answers, known = found(split.blind()), found.coding.examples(split)
    recipe = Recipe(0, None, None, Training(max_steps=2))
    # What is made without a device is now made elsewhere, and cannot meet what is on the CPU.
    with torch.device("meta"):
        assert np.array_equal(in_one(found(split.blind())), in_one(answers))
        net = found.net.float()
        train_network(net, known, known, recipe, Budget.of(task, len(known), recipe))
        gain_of(net, known, known)


@pytest.mark.parametrize("words", [{"beam": 3}, {"decoder": "direct"}, {"teaching": 0.5}], ids=str)
def test_a_decoder_says_of_every_tensor_where_it_is_made(words: dict[str, Any]) -> None:
    found, split = fitted("lstm", WORDS, **words), examples(WORDS)
    answers, chances = found(split.blind()), found.log_likelihood(split)  # type: ignore[attr-defined]
    with torch.device("meta"):
        assert np.array_equal(in_one(found(split.blind())), in_one(answers))
        assert np.array_equal(in_one(found.log_likelihood(split)), in_one(chances))  # type: ignore[attr-defined]


def test_the_gradient_over_lag_says_of_every_tensor_where_it_is_made() -> None:
    body, x, lengths = recurrent(2, Shape("gru", 4)), torch.randn(3, 9, 2), torch.tensor([9, 5, 7])
    sizes = gradient_by_lag(body, x, lengths)
    with torch.device("meta"):
        assert gradient_by_lag(body, x, lengths) == sizes


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
def test_loaded_examples_give_batches_on_their_device(task: Task) -> None:
    known = fitted("rnn", task).coding.examples(examples(task))
    here, there = (
        TensorExamples(known, device=device).batch(np.arange(len(known))) for device in ("cpu", "meta")
    )
    for part in dataclasses.fields(here):
        one, other = getattr(here, part.name), getattr(there, part.name)
        assert (other.device.type, other.shape, other.dtype) == ("meta", one.shape, one.dtype)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_the_cpu_by_name_is_the_default(name: str) -> None:
    task = next(task for task in TASKS if task.kind in EVERY[name].kinds)
    default, named = fitted(name, task), fitted(name, task, device="cpu")
    assert "device" in EVERY[name].takes
    split = examples(task).blind()
    assert np.array_equal(in_one(named(split)), in_one(default(split)))


def test_a_group_of_seeds_off_the_cpu_is_trained_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: Any, **__: Any) -> Any:
        given.append(_[3])
        return "fitted"

    def stack(*_: Any) -> None:
        raise AssertionError("stacked")

    given: list[Recipe] = []
    monkeypatch.setattr(stacked_training, "fit_unweighed", fit)
    monkeypatch.setattr(stacked_training, "train_group", stack)
    gru: Callable[..., Any] = load(EVERY["gru"])
    assert gru(CLASSES, examples(CLASSES), seeds=(3, 4), device="cuda") == ["fitted", "fitted"]
    assert [(each.seed, each.device) for each in given] == [(3, "cuda"), (4, "cuda")]
    with pytest.raises(AssertionError, match="stacked"):
        gru(CLASSES, examples(CLASSES), seeds=(3, 4))


def test_cudnn_is_set_for_full_precision_off_the_cpu_alone() -> None:
    def modes() -> tuple[bool, bool]:
        return torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic

    before = modes()
    with full_precision("cpu"):
        assert modes() == before
    with full_precision("cuda"):
        assert modes() == (False, True)
    assert modes() == before


@CUDA
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.kind)
@pytest.mark.parametrize("name", KINDS_OF_BODY)
def test_cuda_gives_what_the_cpu_gives_but_for_rounding(name: str, task: Task) -> None:
    here, there = fitted(name, task), fitted(name, task, device="cuda")
    assert there.net.device.type == "cuda"
    for key, value in here.net.state_dict().items():
        assert torch.allclose(there.net.state_dict()[key].cpu(), value, atol=5e-3)
    split = examples(task).blind()
    if task is not WORDS:
        assert np.allclose(in_one(there(split)), in_one(here(split)), atol=2e-2)
    else:
        assert len(there(split)) == len(split)


@CUDA
@pytest.mark.parametrize("words", [{"beam": 3}, {"decoder": "direct"}, {"teaching": 0.5}], ids=str)
def test_a_decoder_answers_on_cuda(words: dict[str, Any]) -> None:
    here, there = fitted("lstm", WORDS, **words), fitted("lstm", WORDS, device="cuda", **words)
    split = examples(WORDS)
    one, other = here.log_likelihood(split), there.log_likelihood(split)  # type: ignore[attr-defined]
    assert np.allclose(in_one(one), in_one(other), atol=2e-2)
    assert len(there(split.blind())) == len(split)
