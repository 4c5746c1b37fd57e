"""What every network with batch normalisation must keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from recurbench import Split
from recurbench.methods._networks.batch_norm import MaskedNorm
from torch.nn import functional


def motifs(seed: int, longest: int) -> Split:
    """A jump down or its mirror image somewhere in 20 to `longest` steps of noise."""
    rng = np.random.default_rng(seed)
    x, y = [], []
    for i in range(60):
        series = 0.3 * rng.normal(size=(int(rng.integers(20, longest)), 1))
        at = int(rng.integers(0, len(series) - 6))
        series[at : at + 6, 0] += np.array([1, 2, 3, -3, -2, -1]) * (1 if i % 2 else -1)
        x.append(series)
        y.append(np.array([i % 2]))
    return Split(x, y)


def assert_padding_changes_no_training(build: Callable[[], Any]) -> None:
    """States, gradients and running averages of a training batch do not depend on its padding."""
    x, lengths = torch.randn(3, 8, 2, dtype=torch.float64), torch.tensor([8, 5, 1])
    gone = (torch.arange(8) >= lengths[:, None])[..., None]
    found = []
    for pad, steps in ((0.0, 8), (1e3, 8), (-5.0, 15)):
        body = build().double()
        with torch.no_grad():
            for i, weight in enumerate(body.parameters()):
                weight.copy_(torch.linspace(-1, 1, weight.numel()).roll(i).view_as(weight))
        padded = functional.pad(x.masked_fill(gone, pad), (0, 0, 0, steps - 8), value=pad)
        states = body.sequence_state(padded, lengths)
        (states**2).sum().backward()
        norms = [part for part in body.modules() if isinstance(part, MaskedNorm)]
        averages = [each for norm in norms for each in (norm.mean, norm.variance)]
        found.append([states, *(p.grad for p in body.parameters()), *averages])
    for other in found[1:]:
        assert all(torch.allclose(a, b, atol=1e-8) for a, b in zip(found[0], other, strict=True))


def assert_answers_depend_on_nothing_else(predict: Any, lengths: list[int], seed: int) -> None:
    """The answer to an example alone is its answer in a batch with others."""
    rng = np.random.default_rng(seed)
    test = Split([rng.normal(size=(length, 1)) for length in lengths], [])
    together = predict(test)
    for i in range(len(lengths)):
        assert np.allclose(predict(test.take([i]))[0], together[i], atol=1e-12)
