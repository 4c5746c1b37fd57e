"""CPU time of training: stacked against single seeds, buckets against padding, ours against a plain loop.

Process CPU time on one thread. Every ratio is the median over rounds in which both sides ran one after the
other. Each time is the difference of a long and a short training, so start-up cancels.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import statistics
import time
from collections.abc import Callable, Iterator
from unittest.mock import patch

import numpy as np
import torch
from recurbench import Split, Task, Values
from recurbench.methods._networks import stacked_training, training
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.network import Body, fixed_rng
from recurbench.methods._networks.recurrence import Shape, recurrent
from recurbench.methods._networks.stacked_training import fit_stacked
from recurbench.methods._networks.training import fit_network
from recurbench.methods.mlp import Feedforward
from recurbench.task import Array
from torch import nn

ROUNDS = 7
GROUPS = (3, 10, 30)
LENGTHS = (40, 128)
HIDDEN = {"rnn": 64, "gru": 32, "mlp": 64, "lstm": 32}  # as the methods have it
STEPS = {"rnn": 24, "gru": 24, "mlp": 160, "lstm": 48}
WORTH = 1.3  # times faster; with less, stacking is not worth it
TASK = Task("classification", Values(1), Values(3, symbols=True), "fixed")
ALIGNED = Task("labelling", Values(1), Values(3, symbols=True), "same")


def noise(shortest: int, longest: int, count: int = 512) -> Split:
    """Sequences of noise in three classes; what is learned does not matter here."""
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(rng.integers(shortest, longest + 1), 1)) for _ in range(count)]
    return Split(x, list(rng.integers(0, 3, (count, 1))))


def tagged(train: Split) -> Split:
    """The same sequences with a class for every step."""
    rng = np.random.default_rng(0)
    return Split(train.x, [rng.integers(0, 3, len(each)) for each in train.x])


def builder(kind: str, length: int, task: Task = TASK) -> Callable[[Coding], Body]:
    """Makes the body of a method with its defaults."""
    if kind == "mlp" and task is ALIGNED:
        return lambda _: Feedforward(1, 16, HIDDEN[kind], {}, before=8)
    if kind == "mlp":
        return lambda _: Feedforward(1, length, HIDDEN[kind], {})
    return lambda _: recurrent(1, Shape(kind, HIDDEN[kind], both=task is ALIGNED))


def recipe(steps: int, seed: int = 0) -> Recipe:
    """Batches of 64, without a validation part."""
    return Recipe(seed, None, steps)


def per_step(train: Callable[[int], object], steps: int) -> float:
    """CPU milliseconds per optimizer step of `train(steps)`."""
    spent = []
    for count in (1, 1 + steps):
        start = time.process_time()
        train(count)
        spent.append(time.process_time() - start)
    return 1000 * (spent[1] - spent[0]) / steps


def compared(sides: list[Callable[[int], object]], steps: int) -> tuple[list[float], list[float]]:
    """The sides' median milliseconds per step, and the median ratios of the first to the others."""
    for side in sides:
        side(2)
    rounds = [[per_step(side, steps) for side in sides] for _ in range(ROUNDS)]
    ratios = [statistics.median(each[0] / each[i] for each in rounds) for i in range(1, len(sides))]
    return [statistics.median(each) for each in zip(*rounds, strict=True)], ratios


def stacked(kind: str, length: int, task: Task = TASK) -> None:
    """Print one line per group: milliseconds per step and seed, and how many times faster than one by one."""
    train, build = noise(length, length), builder(kind, length, task)
    train = tagged(train) if task is ALIGNED else train

    def group(size: int) -> Callable[[int], object]:
        return lambda steps: fit_stacked(task, train, build, [recipe(steps, seed) for seed in range(size)])

    def one(steps: int) -> object:
        return fit_network(task, train, build, recipe(steps))

    for size in (1, *GROUPS):
        (single, grouped), (ratio,) = compared([one, group(size)], STEPS[kind])
        verdict = "worth it" if ratio * size >= WORTH else "not worth it"
        print(
            f"{kind:5}{length:5}{size:5}{single:12.2f}{grouped / size:12.2f}{ratio * size:9.2f}  {verdict}",
            flush=True,
        )


def shuffled(lengths: Array, size: int, rng: np.random.Generator) -> Iterator[Array]:
    """Batches of random examples, long and short ones together."""
    order = rng.permutation(len(lengths))
    yield from np.array_split(order, -(-len(order) // size))


def bucketed() -> None:
    """Print how many times faster an LSTM is with batches of similar length than with any batches."""
    train, build = noise(16, 128), builder("lstm", 128)

    def ours(steps: int) -> object:
        return fit_network(TASK, train, build, recipe(steps))

    def padded(steps: int) -> object:
        with patch.object(training, "buckets", shuffled):
            return fit_network(TASK, train, build, recipe(steps))

    (before, after), (ratio,) = compared([padded, ours], STEPS["lstm"])
    print(f"lstm, 16 to 128 steps: padded {before:.2f}, bucketed {after:.2f}, {ratio:.2f} times faster")


class Plain(nn.Module):
    """The same network, written by hand for sequences of one length."""

    def __init__(self, kind: str, length: int) -> None:
        super().__init__()
        hidden = HIDDEN[kind]
        if kind == "mlp":
            wide = [nn.Linear(length, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()]
            self.body: nn.Module = nn.Sequential(nn.Flatten(), *wide)
        else:
            self.body = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](1, hidden, batch_first=True)
        self.V = nn.Linear(hidden, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, T, 1] to [B, 3]."""
        h = self.body(x)
        return self.V(h[0][:, -1] if isinstance(h, tuple) else h)  # type: ignore[no-any-return]


def by_hand(kind: str, train: Split, steps: int) -> None:
    """A training loop as in a tutorial: tensors, shuffled batches, Adam, clipping."""
    with fixed_rng(0):
        x = torch.from_numpy(np.stack(list(train.x))).float()
        y = torch.from_numpy(np.concatenate(list(train.y)))
        net = Plain(kind, x.shape[1])
        adam, loss_of = torch.optim.Adam(net.parameters(), lr=0.003), nn.CrossEntropyLoss()
        done, losses = 0, []
        while done < steps:
            for chosen in torch.randperm(len(x)).split(64)[: steps - done]:
                adam.zero_grad()
                loss = loss_of(net(x[chosen]), y[chosen])
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                adam.step()
                losses.append(loss.item())
                done += 1


def against_plain(kind: str, length: int) -> None:
    """Print what our training loop costs in plain loops."""
    train, build = noise(length, length), builder(kind, length)

    def ours(steps: int) -> object:
        return fit_network(TASK, train, build, recipe(steps))

    (mine, plain), (ratio,) = compared([ours, lambda steps: by_hand(kind, train, steps)], 2 * STEPS[kind])
    print(
        f"{kind}, {length} steps: by hand {plain:.2f}, ours {mine:.2f}, {ratio:.3f} times the cost",
        flush=True,
    )


def main() -> None:
    """Measure everything and print the medians."""
    torch.set_num_threads(1)
    print("Seeds trained together: CPU ms per step and seed (batch 64, one channel)")
    print(f"{'':5}{'T':>5}{'K':>5}{'one by one':>12}{'stacked':>12}{'ratio':>9}")
    for length in LENGTHS:
        for kind in ("rnn", "gru", "mlp"):
            stacked(kind, length)
    print("An answer per step, read both ways")
    with patch.object(stacked_training, "pays", lambda _: True):
        for kind in ("rnn", "gru", "mlp"):
            stacked(kind, LENGTHS[0], ALIGNED)
    print("One network: CPU ms per step")
    bucketed()
    for kind in HIDDEN:
        against_plain(kind, LENGTHS[-1])


if __name__ == "__main__":
    main()
