"""A small transformer encoder: every step attends to all steps, or to the steps before it."""

from __future__ import annotations

from typing import Any, Literal

import torch
from recurbench import Split, Task, method
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import masked
from recurbench.methods._networks.network import TrainedNetwork
from recurbench.methods._networks.sizing import sized
from recurbench.methods._networks.training import fit_network
from recurbench.methods._settings import AtLeast0, AtLeast1, Decoding, Training
from torch import Tensor, nn
from torch.nn import functional

SLOWEST = 10_000.0  # the slowest wave of the position encoding has a period of 2 pi times so many steps
POOLINGS = ("mean", "last")
POSITIONS = ("sinusoidal", "none", "alibi", "rotary")


class AttentionLayer(nn.Module):
    """One layer: attention, then two linear maps at every step; both with layer norm and a shortcut.

    The width of a head is width / heads, rounded up, so any width is possible. With `rotary` it is rounded up
    to an even number, because channels are rotated in pairs.
    """

    def __init__(self, width: int, heads: int, rotary: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.rotary = rotary
        each = -(-width // heads)
        inner = heads * (each + each % 2 if rotary else each)
        self.before = nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * inner)
        self.gather = nn.Linear(inner, width)
        self.after = nn.LayerNorm(width)
        self.steps = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, h: Tensor, seen: Tensor | None) -> Tensor:
        """Map `h` [B, T, width] to the same shape.

        `seen` [B, 1, 1, T] is True for the steps to attend to; None: each step attends to itself and to
        earlier steps. Numbers [B or 1, heads, T, T] are added to the scores instead, see `distances`.
        """
        asked = self.ask(self.before(h)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = asked.unbind(0)
        if self.rotary:
            query, key = rotated(query), rotated(key)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=seen, is_causal=seen is None
        )
        h = h + self.gather(mixed.transpose(1, 2).flatten(2))
        return h + self.steps(self.after(h))  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """A linear map of the steps, with or without a position encoding, layers of attention, layer norm.

    See `Body`. `encoding` is one of POSITIONS.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        heads: int,
        layers: int,
        causal: bool,
        pooling: str,
        encoding: str = "sinusoidal",
    ) -> None:
        super().__init__()
        self.width = width
        self.heads = heads
        self.causal = causal
        self.pooling = pooling
        self.encoding = encoding
        self.notes: dict[str, Any] = {}
        self.step = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(AttentionLayer(width, heads, encoding == "rotary") for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def step_states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, width]."""
        h = self.step(masked(x, lengths))
        if self.encoding == "sinusoidal":
            h = h + sinusoids(x.shape[1], self.width, x.device).to(x.dtype)
        seen = self._seen(x, lengths)
        for layer in self.layers:
            h = layer(h, seen)
        return self.norm(h)  # type: ignore[no-any-return]

    def _seen(self, x: Tensor, lengths: Tensor) -> Tensor | None:
        """Which steps are attended to, or what is added to the scores; see `AttentionLayer`."""
        # Padding comes after the last step, so no step attends to it under a causal mask.
        there = (
            None
            if self.causal
            else (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, None, None]
        )
        if self.encoding != "alibi":
            return there
        added = distances(x.shape[1], self.heads, x.device).to(x.dtype)
        if there is None:
            there = torch.ones(added.shape[1:], dtype=torch.bool, device=x.device).tril()
        return added.masked_fill(~there, -torch.inf)

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width]: the mean over the steps of each sequence, or its last step."""
        h = self.step_states(x, lengths)
        if self.pooling == "last":
            return h[torch.arange(len(h), device=h.device), lengths - 1]
        return masked(h, lengths).sum(dim=1) / lengths[:, None]


def sinusoids(steps: int, width: int, device: torch.device | str = "cpu") -> Tensor:
    """The position encoding [steps, width]: sines and cosines, periods from 2 pi to 2 pi SLOWEST steps."""
    at = torch.arange(steps, dtype=torch.float64, device=device)[:, None]
    channel = torch.arange(width, dtype=torch.float64, device=device)
    angle = at * SLOWEST ** (-2 * torch.div(channel, 2, rounding_mode="floor") / width)
    return torch.where(channel % 2 == 0, angle.sin(), angle.cos())


def distances(steps: int, heads: int, device: torch.device | str = "cpu") -> Tensor:
    """What ALiBi adds to the scores, [heads, steps, steps]: -m |i - j|, m = 2^(-8/heads), 2^(-16/heads)..."""
    at = torch.arange(steps, dtype=torch.float64, device=device)
    slope = 2.0 ** (-8 * torch.arange(1, heads + 1, dtype=torch.float64, device=device) / heads)
    return -slope[:, None, None] * (at[:, None] - at).abs()


def rotated(each: Tensor) -> Tensor:
    """Rotate channels 2i and 2i + 1 of [..., T, C] by the angle t SLOWEST^(-2i/C) at step t; C is even."""
    steps, width = each.shape[-2:]
    at = torch.arange(steps, dtype=torch.float64, device=each.device)[:, None]
    channel = torch.arange(0, width, 2, dtype=torch.float64, device=each.device)
    angle = at * SLOWEST ** (-channel / width)
    cosine, sine = angle.cos().to(each.dtype), angle.sin().to(each.dtype)
    even, odd = each[..., ::2], each[..., 1::2]
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], dim=-1).flatten(-2)


@method(
    "transformer",
    family="attention",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
    search={"hidden": (16, 32, 64), "layers": (1, 2, 3), "learning_rate": (0.0003, 0.001, None, 0.01)},
    overrides={"parameters": ("hidden",)},
)
def transformer(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    device: str = "cpu",
    hidden: AtLeast1 = 16,
    heads: AtLeast1 = 2,
    layers: AtLeast1 = 2,
    pooling: Literal["mean", "last"] = "mean",
    positions: Literal["sinusoidal", "none", "alibi", "rotary"] = "sinusoidal",
    parameters: AtLeast0 = 0,
    training: Training,
    decoding: Decoding,
) -> TrainedNetwork:
    """Transformer encoder (Vaswani et al. 2017) with layer norm before each part, and without dropout.

    A step attends to all steps of its sequence, in a causal task to itself and earlier ones, and never to
    padding. The setting `positions` says how the network knows where a step stands.

    In forecasting the network corrects a reference forecast (mean, last value or last season). It chooses the
    reference and the weight of its correction (0, 0.25, 0.5 or 1) on held-out data. See the setting
    `reference`.

    Parameters
    ----------
    hidden : int
        Width of the states.
    heads, layers : int
    pooling : str
        For one answer per sequence: the "mean" over its steps, or its "last" step.
    positions : str
        "sinusoidal": sines and cosines of the position are added to each step. "none": nothing; a causal task
        then has its mask alone, and any other has no order. "alibi": the score of steps i and j is lowered by
        m |i - j|, with m = 2^(-8/heads), 2^(-16/heads), ... in the heads (Press, Smith and Lewis 2022). A
        task that is not causal has this in both directions; the mean over the steps is then that of the
        reversed sequence, so set pooling=last if the direction matters. "rotary": queries and keys are
        rotated by angles proportional to their position (Su et al. 2021).
    parameters : int
        Above 0: the number of trainable parameters; it decides `hidden`.
    """
    if pooling not in POOLINGS:
        raise ValueError(f"pooling must be one of {', '.join(POOLINGS)}, got {pooling!r}")
    if positions not in POSITIONS:
        raise ValueError(f"positions must be one of {', '.join(POSITIONS)}, got {positions!r}")
    if heads < 1 or layers < 1:
        raise ValueError(f"heads and layers must be at least 1, got {heads} and {layers}")
    recipe = Recipe(seed, check, steps, training, decoding, device)
    aligned = task.length == "same"

    def build(coding: Coding) -> Encoder:
        def body(width: int) -> Encoder:
            causal = aligned and task.causal
            return Encoder(coding.task.x.size, width, heads, layers, causal, pooling, positions)

        body_built = sized(coding, body, hidden, parameters, decoding)
        body_built.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            "positions": positions,
            "length_policy": "padded and masked" + ("" if aligned else f"; {pooling} over the steps there"),
        }
        return body_built

    return fit_network(task, train, build, recipe)
