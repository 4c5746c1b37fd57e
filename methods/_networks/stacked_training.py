"""Training of several seeds of one network at once, with the same results as one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from recurbench.methods._networks.batching import TensorExamples
from recurbench.methods._networks.budget import (
    Budget,
    Progress,
    Recipe,
    add_point,
    diverged,
    is_fixed,
    reason_to_end,
)
from recurbench.methods._networks.constant_answer import blend_of
from recurbench.methods._networks.decoder import decoder_network
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import POOL, Batch, Examples, in_order
from recurbench.methods._networks.network import Body, ReadoutNet, TrainedNetwork, fixed_rng, losses
from recurbench.methods._networks.stacked_layers import ALIGNED, Stack, stackable
from recurbench.methods._networks.training import batches, encoded, fit_network, fit_unweighed, notes_of
from recurbench.methods._networks.weighing import weighed
from recurbench.task import Array, Split, Task
from torch import Tensor, nn

CHECKED_TOGETHER = 64  # rows per member; more do not fit into the cache of the processor
ROOM = (
    2**19
)  # the most steps of a batch, over all rows and members; a GRU of 32 units takes 640 bytes for each

Fitted = TrainedNetwork | FloatingPointError
Steps = int | None | tuple[int | None, ...]


@dataclass
class Member:
    """One network of a group.

    Attributes
    ----------
    recipe : Recipe
    net : ReadoutNet
    order : iterator of arrays
        The indices of its batches.
    most : int
        The largest number of optimizer steps.
    watched : bool
        Whether the check part is looked at during its training.
    progress : Progress
    recent : list
        Loss and gradient norm of each step since the last look at the check part.
    best : Tensor [P] or None
        Its best weights, as a row of the stack.
    failure : FloatingPointError or None
        Why it has no result.
    """

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
        """Record an optimizer step."""
        self.progress.done += 1
        if not np.isfinite([loss, norm]).all():
            self.failure = diverged(f"loss {loss:g}", self.progress.done, self.recipe)
        self.progress.seen += examples
        self.recent.append((loss, norm))

    def look(self, check_loss: float | None, weights: Tensor, budget: Budget) -> None:
        """Add a row to the curve, keep the weights if they are the best, and decide whether to go on."""
        train, self.recent = np.mean(self.recent, axis=0), []
        try:
            if add_point(self.progress, check_loss, train, self.recipe, budget.early):
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
    """Train several networks at once, with the results of `fit_network` for each recipe.

    The result of a seed does not depend on the other seeds, bit for bit. (A single seed is trained beside a
    copy.) Networks are trained one by one on a GPU, if a layer has no stacked form, or if stacking does not
    save time.

    Parameters
    ----------
    task, train, build, width
        See `fit_network`.
    recipes : sequence of Recipe
        They may differ in `seed` and `steps` only.

    Returns
    -------
    list of TrainedNetwork or FloatingPointError
        One per recipe; the error if the training of this network diverged.

    Raises
    ------
    ValueError
        If the recipes differ in something else.
    """

    def train_all(part: Split, some: Sequence[Recipe]) -> list[Fitted]:
        return _stacked(task, part, build, some, width)

    return weighed(task, train, recipes, train_all)


def _stacked(
    task: Task, train: Split, build: Callable[[Coding], Body], recipes: Sequence[Recipe], width: int | None
) -> list[Fitted]:
    """Train as `fit_stacked` does, and use all that each network adds to the reference."""
    began = time.process_time()
    first = recipes[0]
    alike = (replace(each, seed=first.seed, steps=first.steps) for each in recipes)
    if any(each.check is not first.check or each != first for each in alike):
        raise ValueError("networks trained together may differ in seed and steps only")
    coding, train_examples, check_examples = encoded(task, train, first, width)
    budget = Budget.of(task, len(train), first)
    nets = [_net(build, coding, each) for each in recipes]
    # On a GPU neither the speed nor the equality of results has been measured. The stacked loss has no class
    # weights and one precision, and random changes of a batch would depend on the other seeds.
    how = first.training
    changed = (how.class_weights, how.augment, how.precision) != ("none", "none", "float32")
    apart = (
        changed
        # Their budgets differ, so the result of a seed would depend on the first one.
        or len({is_fixed(task, len(train), each) for each in recipes}) > 1
        or first.device != "cpu"
        or any(net is None or not (stackable(net) and pays(net)) for net in nets)
    )
    if apart:
        return [_one(task, train, build, each, width) for each in recipes]
    members = [
        Member(
            each,
            net,
            batches(train_examples.lengths, each),
            each.steps or budget.most,
            check_examples is not None and each.steps is None,
        )
        for each, net in zip(recipes, nets, strict=True)
        if net is not None
    ]
    # Long sequences are trained in smaller groups, which does not change the results.
    most = max(
        2,
        ROOM
        // (rows_of_a_batch(len(train_examples), first.training.batch) * int(train_examples.lengths.max())),
    )
    groups = [members[start : start + most] for start in range(0, len(members), most)]
    with fixed_rng(first.seed):
        for group in groups:
            train_group(group, train_examples, check_examples, budget)
    share = (time.process_time() - began) / sum(each.progress.done for each in members)
    return [
        _fitted(each, coding, train_examples, check_examples, budget, share, len(group))
        for group in groups
        for each in group
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
    """Train one network per seed, as a method with a setting `seeds` does.

    Parameters
    ----------
    task, train, build, width
        See `fit_network`.
    recipe : Recipe
        Its seed is used if `seeds` is empty.
    seeds : sequence of int
    steps : int, None, or a tuple of them
        The number of optimizer steps; a tuple has one entry per seed.

    Returns
    -------
    list of TrainedNetwork or FloatingPointError
        One per seed. If `seeds` is empty, an error is raised instead.
    """
    each = steps if isinstance(steps, tuple) else (steps,) * max(1, len(seeds))
    if not seeds:
        return [fit_network(task, train, build, replace(recipe, steps=each[0]), width=width)]
    recipes = [
        replace(recipe, seed=seed, steps=seed_steps) for seed, seed_steps in zip(seeds, each, strict=True)
    ]
    return fit_stacked(task, train, build, recipes, width=width)


def pays(net: ReadoutNet) -> bool:
    """Whether stacking is more than 1.3 times faster, as measured by benchmarks/stacked.py.

    With an answer per step all states are copied: rnn is 1.2 to 1.5 times faster, gru 1.7 to 2.7 times, and
    mlp is slower.
    """
    return net.task.length != "same" or any(isinstance(part, nn.GRU) for part in net.modules())


def _net(build: Callable[[Coding], Body], coding: Coding, recipe: Recipe) -> ReadoutNet | None:
    """The network with the initial weights of `fit_network`; None if it needs a decoder."""
    with fixed_rng(recipe.seed):
        body = build(coding)
        decoded = decoder_network(coding.task, body, coding, recipe.decoding) is not None
        return None if decoded else ReadoutNet(coding.task, body, coding.extras)


def _one(
    task: Task, train: Split, build: Callable[[Coding], Body], recipe: Recipe, width: int | None
) -> Fitted:
    try:
        return fit_unweighed(task, train, build, recipe, width=width)
    except FloatingPointError as failure:
        return failure


def _fitted(
    member: Member,
    coding: Coding,
    train_examples: Examples,
    check_examples: Examples | None,
    budget: Budget,
    share: float,
    group: int,
) -> Fitted:
    """The trained network with its notes; the cost of the group is divided by optimizer steps."""
    if member.failure is not None:
        return member.failure
    notes: dict[str, Any] = {
        **notes_of(
            member.net, coding, member.progress, train_examples, check_examples, member.recipe, budget
        ),
        "cpu_seconds": round(share * member.progress.done, 3),
        "trained_together": group,
    }
    return TrainedNetwork(member.net, coding, notes, blend_of(train_examples))


def train_group(
    members: list[Member], train_examples: Examples, check_examples: Examples | None, budget: Budget
) -> None:
    """Train the networks of the members in place until all have ended; see `train_network`.

    A member that has ended leaves the stack, unless fewer than two would remain.
    """
    rows = members if len(members) > 1 else [members[0], _companion(members[0], train_examples)]
    stack = Stack([each.net for each in rows])
    place = stack.weights.dtype, stack.weights.device
    loaded, checked = (
        TensorExamples(train_examples, *place),
        TensorExamples(check_examples, *place) if check_examples is not None else None,
    )
    height = rows_of_a_batch(len(train_examples), members[0].recipe.training.batch)
    adam = torch.optim.Adam([stack.weights], lr=members[0].recipe.learning_rate, fused=True)
    step = 0
    while not all(each.over for each in members):
        adam.param_groups[0]["lr"] = members[0].recipe.learning_rate * budget.rate(step)
        chosen = [next(each.order) for each in rows]
        clip, smoothing = members[0].recipe.training.clip, budget.smoothing
        losses_and_norms = stacked_step(stack, adam, merged(loaded, chosen, height), clip, smoothing)
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


def _companion(member: Member, train_examples: Examples) -> Member:
    """A copy to train beside a single member; its result is not used."""
    return replace(
        member,
        order=batches(train_examples.lengths, member.recipe),
        progress=Progress(end="a companion"),
        recent=[],
    )


def _shrunk(rows: list[Member], stack: Stack, adam: torch.optim.Optimizer) -> list[Member]:
    """The members that stay in the stack: those that go on, and one more if that is only one."""
    on = [i for i, each in enumerate(rows) if not each.over]
    if len(on) == 1:
        on = sorted([on[0], next(i for i in range(len(rows)) if i != on[0])])
    if not on or len(on) == len(rows):
        return rows
    stack.keep(on, adam)
    return [rows[i] for i in on]


def rows_of_a_batch(examples: int, size: int) -> int:
    """The largest number of rows in a batch of `buckets`, rounded up to ALIGNED; the same in every group."""
    if examples < POOL * size:
        size = -(-examples // -(-examples // size))
    return size + -size % ALIGNED


def merged(loaded: TensorExamples, chosen: Sequence[Array], height: int) -> Batch:
    """Concatenate one batch per member, each padded to `height` rows; the padding is masked."""
    rows = [np.concatenate([each, np.repeat(each[:1], height - len(each))]) for each in chosen]
    batch = loaded.batch(np.concatenate(rows))
    if all(len(each) == height for each in chosen):
        return batch
    device = batch.mask.device
    counts = torch.tensor([len(each) for each in chosen], device=device)
    real = torch.arange(height, device=device) < counts[:, None]
    return replace(batch, mask=batch.mask & real.flatten()[:, None])


def _member_losses(stack: Stack, batch: Batch, smoothing: float = 0.0) -> tuple[Tensor, Tensor]:
    """The losses [K, B * S] and their mask."""
    each = losses(stack.net.task, stack.net(batch).flatten(0, 1), batch.y.flatten(0, 1), smoothing)
    return each.view(len(stack), -1), batch.mask.view(len(stack), -1)


def _summed(each: Tensor, there: Tensor) -> Tensor:
    """Sums [K], in double precision, so that they do not depend on the padding of the batch."""
    return each.detach().masked_fill(~there, 0.0).double().sum(dim=1)


def stacked_step(
    stack: Stack, adam: torch.optim.Optimizer, batch: Batch, clip: float, smoothing: float = 0.0
) -> list[tuple[float, float]]:
    """Take an optimizer step of every member; return the loss per answer and the gradient norm of each."""
    if not stack.net.training:
        stack.net.train()
    each, there = _member_losses(stack, batch, smoothing)
    counts = there.sum(dim=1).clamp(min=1)
    grad = stack.backward(each, there / counts[:, None].to(each.dtype))
    norms = torch.linalg.vector_norm(grad, dim=1)
    grad *= (clip / (norms + 1e-6)).clamp(max=1.0)[:, None]
    adam.step()
    return list(zip((_summed(each, there) / counts).tolist(), norms.tolist(), strict=True))


def check_losses(stack: Stack, check_examples: TensorExamples) -> list[float]:
    """The loss of each member per answered step, over all of `check_examples`."""
    stack.net.eval()
    total, count = stack.weights.new_zeros(len(stack), dtype=torch.float64), 0
    height = min(CHECKED_TOGETHER, len(check_examples) + -len(check_examples) % ALIGNED)
    with torch.no_grad():
        for chosen in in_order(check_examples.lengths, CHECKED_TOGETHER):
            each, there = _member_losses(stack, merged(check_examples, [chosen] * len(stack), height))
            total, count = total + _summed(each, there), count + int(there[0].sum())
    return list((total / max(count, 1)).tolist())
