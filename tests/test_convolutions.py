"""Convolutions over steps: centre of a kernel, zeros beyond the ends, memory format."""

from __future__ import annotations

import pytest
import torch
from recurbench.methods._networks.convolutions import NormedConvolution, TimeConvolution, mean_over_steps
from torch import nn
from torch.nn import functional


@pytest.mark.parametrize("kernel", [1, 3, 5, 8, 40])
@pytest.mark.parametrize("inputs", [1, 3])
def test_it_is_the_convolution_of_torch_with_as_many_steps(kernel: int, inputs: int) -> None:
    ours, theirs = TimeConvolution(inputs, 4, kernel), nn.Conv1d(inputs, 4, kernel, bias=False)
    with torch.no_grad():
        theirs.weight.copy_(ours.layer.weight[:, :, 0])
    x = torch.randn(2, 11, inputs)
    padded = functional.pad(x.mT, ((kernel - 1) // 2, kernel // 2))
    assert torch.allclose(ours(x), theirs(padded).mT, atol=1e-5)


def test_states_stay_in_the_layout_of_their_input() -> None:
    part = NormedConvolution(3, 5, 4)
    assert part(torch.randn(2, 11, 3), None).is_contiguous()


def test_the_mean_over_steps_is_that_of_the_steps_that_are_there() -> None:
    states = torch.tensor([[[1.0], [3.0]], [[5.0], [0.0]]])
    assert mean_over_steps(states, torch.tensor([2, 1])).tolist() == [[2.0], [5.0]]
