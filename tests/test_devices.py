"""Everything a network makes on its way follows the device of its input; tried on torch's meta device."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods._network import losses
from recurbench.registry import discover, load

CLASSES = Task("classification", Values(2), Values(3, symbols=True), "fixed")
LEVELS = Task("regression", Values(2), Values(1), "fixed", quantiles=(0.1, 0.5, 0.9))
TAGS = Task("labelling", Values(2), Values(3, symbols=True), "same")
WORDS = Task("translation", Values(2), Values(3, symbols=True), "free")
MONTHS = Task("forecasting", Values(1), Values(1), "fixed", steps=3)
TASKS = (CLASSES, LEVELS, TAGS, WORDS, MONTHS)
# A shuffle is drawn from the values, which meta tensors do not have.
NETWORKS = {
    name: plugin
    for name, plugin in discover().methods.items()
    if "learning_rate" in plugin.settings and "clip" in plugin.settings and not name.endswith("-shuffled")
}


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
def test_a_forward_and_a_loss_stay_on_the_device_of_their_input(name: str, task: Task) -> None:
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
