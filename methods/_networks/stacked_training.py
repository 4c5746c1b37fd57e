"""Several seeds of one network trained at once; each becomes what it would have become by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import Budget, Progress, Recipe, add_point, diverged, reason_to_end
from recurbench.methods._networks.decoder import decoder_network
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import POOL, Batch, Examples, in_order
from recurbench.methods._networks.network import Body, ReadoutNet, TrainedNetwork, fixed_rng, losses
from recurbench.methods._networks.stacked_layers import ALIGNED, Stack, stackable
from recurbench.methods._networks.training import batches, encoded, fit_network, notes_of
from recurbench.task import Array, Split, Task
from torch import Tensor, nn

CHECKED_TOGETHER = 64  # rows per member; more leave the processor's cache
ROOM = 2**19  # steps of all rows of all members at once; a GRU of 32 units keeps 640 bytes of each

Fitted = TrainedNetwork | FloatingPointError
Steps = int | None | tuple[int | None, ...]


@dataclass
class Member:
    """One of the networks of a group: how it is trained, what happened, its best weights as a row."""

    recipe: Recipe
    net: ReadoutNet
    order: Iterator[Array]
    most: int
    watched: bool
    progress: Progress = field(default_factory=Progress)
    recent: list[tuple[float, float]] = field(default_factory=list)
    best: Tensor | None = None
    failure: FloatingPointError | None = None

    @property
    def over(self) -> bool:
        """Whether its training has ended."""
        return bool(self.progress.end) or self.failure is not None

    def took(self, loss: float, norm: float, examples: int) -> None:
        """One more optimizer step was taken."""
        self.progress.done += 1
        if not np.isfinite([loss, norm]).all():
            self.failure = diverged(f"loss {loss:g}", self.progress.done, self.recipe)
        self.progress.seen += examples
        self.recent.append((loss, norm))

    def look(self, check_loss: float | None, weights: Tensor, budget: Budget) -> None:
        """Add a point to the curve, keep the weights if they are the best, and decide whether to go on."""
        train, self.recent = np.mean(self.recent, axis=0), []
        try:
            if add_point(self.progress, check_loss, train, self.recipe):
                self.best = weights.clone()
        except FloatingPointError as failure:
            self.failure = failure
            return
        self.progress.end = reason_to_end(
            self.net.task, self.watched, self.progress, budget, self.most, self.recipe
        )


def fit_stacked(
    task: Task,
    train: Split,
    build: Callable[[Coding], Body],
    recipes: Sequence[Recipe],
    *,
    width: int | None = None,
) -> list[Fitted]:
    """What `fit_network` gives for each of the `recipes`, which may differ in seed and steps alone.

    A network that diverged is the FloatingPointError that says so, and the others go on. Bodies without a
    stacked form, or for which it does not pay, are trained one by one, as are all off the CPU. A seed's
    result is bit for bit the same in any company, and by itself too: a lone seed is trained beside a copy.
    """
    began = time.process_time()
    first = recipes[0]
    alike = (replace(each, seed=first.seed, steps=first.steps) for each in recipes)
    if any(each.check is not first.check or each != first for each in alike):
        raise ValueError("networks trained together may differ in seed and steps alone")
    coding, known, asked = encoded(task, train, first, width)
    budget = Budget.of(task, len(train), first)
    nets = [_net(build, coding, each) for each in recipes]
    # Off the CPU neither its gain nor its sameness in any company was ever measured.
    apart = first.device != "cpu" or any(net is None or not (stackable(net) and pays(net)) for net in nets)
    if apart:
        return [_one(task, train, build, each, width) for each in recipes]
    members = [
        Member(
            each,
            net,
            batches(known.lengths, each),
            each.steps or budget.most,
            asked is not None and each.steps is None,
        )
        for each, net in zip(recipes, nets, strict=True)
        if net is not None
    ]
    # Long sequences in smaller groups, which changes no result.
    most = max(2, ROOM // (rows_of_a_batch(len(known), first.training.batch) * int(known.lengths.max())))
    groups = [members[start : start + most] for start in range(0, len(members), most)]
    with fixed_rng(first.seed):
        for group in groups:
            train_group(group, known, asked, budget)
    share = (time.process_time() - began) / sum(each.progress.done for each in members)
    return [
        _fitted(each, coding, known, asked, budget, share, len(group)) for group in groups for each in group
    ]


def fit_seeds(
    task: Task,
    train: Split,
    build: Callable[[Coding], Body],
    recipe: Recipe,
    seeds: Sequence[int],
    steps: Steps,
    *,
    width: int | None = None,
) -> list[Fitted]:
    """What a method answers with: a network per seed, of the recipe's own seed alone where `seeds` is empty.

    steps: of the one, or of each of the seeds. A failure is raised where there is only one to tell of it.
    """
    each = steps if isinstance(steps, tuple) else (steps,) * max(1, len(seeds))
    if not seeds:
        return [fit_network(task, train, build, replace(recipe, steps=each[0]), width=width)]
    recipes = [
        replace(recipe, seed=seed, steps=seed_steps) for seed, seed_steps in zip(seeds, each, strict=True)
    ]
    return fit_stacked(task, train, build, recipes, width=width)


def pays(net: ReadoutNet) -> bool:
    """Whether stacking was measured to be over 1.3 times faster (benchmarks/stacked.py).

    With an answer per step all states are read, and copied: rnn gains 1.2 to 1.5, mlp loses; gru gains 1.7 to
    2.7.
    """
    return net.task.length != "same" or any(isinstance(part, nn.GRU) for part in net.modules())


def _net(build: Callable[[Coding], Body], coding: Coding, recipe: Recipe) -> ReadoutNet | None:
    """The network as `fit_network` draws it; None where its answers come from a decoder."""
    with fixed_rng(recipe.seed):
        body = build(coding)
        decoded = decoder_network(coding.task, body, coding, recipe.decoding) is not None
        return None if decoded else ReadoutNet(coding.task, body, coding.extras)


def _one(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, width: int | None
) -> Fitted:
    try:
        return fit_network(task, train, build, recipe, width=width)
    except FloatingPointError as failure:
        return failure


def _fitted(
    member: Member,
    coding: Coding,
    known: Examples,
    asked: Examples | None,
    budget: Budget,
    share: float,
    group: int,
) -> Fitted:
    """The trained network with its notes; the group's cost is shared out by steps."""
    if member.failure is not None:
        return member.failure
    notes: dict[str, Any] = {
        **notes_of(member.net, coding, member.progress, known, asked, member.recipe, budget),
        "cpu_seconds": round(share * member.progress.done, 3),
        "trained_together": group,
    }
    return TrainedNetwork(member.net, coding, notes)


def train_group(members: list[Member], known: Examples, asked: Examples | None, budget: Budget) -> None:
    """Train the members' networks in place until all have ended; see `train_network`.

    Those that have ended leave the stack, as long as two remain.
    """
    rows = members if len(members) > 1 else [members[0], _companion(members[0], known)]
    stack = Stack([each.net for each in rows])
    place = stack.weights.dtype, stack.weights.device
    loaded, checked = (
        TensorExamples(known, *place),
        TensorExamples(asked, *place) if asked is not None else None,
    )
    height = rows_of_a_batch(len(known), members[0].recipe.training.batch)
    adam = torch.optim.Adam([stack.weights], lr=members[0].recipe.training.learning_rate, fused=True)
    step = 0
    while not all(each.over for each in members):
        adam.param_groups[0]["lr"] = members[0].recipe.training.learning_rate * budget.rate(step)
        chosen = [next(each.order) for each in rows]
        losses_and_norms = stacked_step(
            stack, adam, merged(loaded, chosen, height), members[0].recipe.training.clip
        )
        step += 1
        for each, now, taken in zip(rows, losses_and_norms, chosen, strict=True):
            if not each.over:
                each.took(*now, len(taken))
        looking = [i for i, each in enumerate(rows) if _looks(each, step, budget)]
        if not looking and not any(each.failure for each in rows):
            continue
        scores = check_losses(stack, checked) if checked and any(rows[i].watched for i in looking) else None
        for i in looking:
            rows[i].look(scores[i] if scores and rows[i].watched else None, stack.weights.data[i], budget)
        rows = _shrunk(rows, stack, adam)
    for each in members:
        if each.best is not None:
            stack.unstack(each.best, each.net)


def _looks(member: Member, step: int, budget: Budget) -> bool:
    return not member.over and (step % budget.every == 0 or step == member.most)


def _companion(member: Member, known: Examples) -> Member:
    """A copy to train beside a member that is alone; its result is nobody's."""
    return replace(
        member,
        order=batches(known.lengths, member.recipe),
        progress=Progress(end="a companion"),
        recent=[],
    )


def _shrunk(rows: list[Member], stack: Stack, adam: torch.optim.Optimizer) -> list[Member]:
    """The rows that go on, one that has ended among them where only one would remain; two or more."""
    on = [i for i, each in enumerate(rows) if not each.over]
    if len(on) == 1:
        on = sorted([on[0], next(i for i in range(len(rows)) if i != on[0])])
    if not on or len(on) == len(rows):
        return rows
    stack.keep(on, adam)
    return [rows[i] for i in on]


def rows_of_a_batch(examples: int, size: int) -> int:
    """The most rows a batch of `buckets` may have, with room to ALIGNED: the same in every group."""
    if examples < POOL * size:
        size = -(-examples // -(-examples // size))
    return size + -size % ALIGNED


def merged(loaded: TensorExamples, chosen: Sequence[Array], height: int) -> Batch:
    """One batch per member under each other, each filled up to `height` rows that are not answered."""
    rows = [np.concatenate([each, np.repeat(each[:1], height - len(each))]) for each in chosen]
    batch = loaded.batch(np.concatenate(rows))
    if all(len(each) == height for each in chosen):
        return batch
    device = batch.mask.device
    counts = torch.tensor([len(each) for each in chosen], device=device)
    real = torch.arange(height, device=device) < counts[:, None]
    return replace(batch, mask=batch.mask & real.flatten()[:, None])


def _member_losses(stack: Stack, batch: Batch) -> tuple[Tensor, Tensor]:
    """Losses [K, B * S], meaningful where the mask beside them is true."""
    each = losses(stack.net.task, stack.net(batch).flatten(0, 1), batch.y.flatten(0, 1))
    return each.view(len(stack), -1), batch.mask.view(len(stack), -1)


def _summed(each: Tensor, there: Tensor) -> Tensor:
    """Sums [K], in double precision: how far a batch is padded must not show in them."""
    return each.detach().masked_fill(~there, 0.0).double().sum(dim=1)


def stacked_step(
    stack: Stack, adam: torch.optim.Optimizer, batch: Batch, clip: float
) -> list[tuple[float, float]]:
    """One optimizer step of every member; its loss per answer and its gradient's norm before clipping."""
    if not stack.net.training:
        stack.net.train()
    each, there = _member_losses(stack, batch)
    counts = there.sum(dim=1).clamp(min=1)
    grad = stack.backward(each, there / counts[:, None].to(each.dtype))
    norms = torch.linalg.vector_norm(grad, dim=1)
    grad *= (clip / (norms + 1e-6)).clamp(max=1.0)[:, None]
    adam.step()
    return list(zip((_summed(each, there) / counts).tolist(), norms.tolist(), strict=True))


def check_losses(stack: Stack, asked: TensorExamples) -> list[float]:
    """Each member's loss per step of sequence over all of `asked`."""
    stack.net.eval()
    total, count = stack.weights.new_zeros(len(stack), dtype=torch.float64), 0
    height = min(CHECKED_TOGETHER, len(asked) + -len(asked) % ALIGNED)
    with torch.no_grad():
        for chosen in in_order(asked.lengths, CHECKED_TOGETHER):
            each, there = _member_losses(stack, merged(asked, [chosen] * len(stack), height))
            total, count = total + _summed(each, there), count + int(there[0].sum())
    return list((total / max(count, 1)).tolist())
