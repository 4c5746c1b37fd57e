"""Distributions of the next value of a series, from the two numbers that a network puts out."""

from __future__ import annotations

import torch
from scipy import special, stats
from torch import Tensor
from torch.distributions import Distribution, NegativeBinomial, Normal, StudentT
from torch.nn import functional

LIKELIHOODS = ("student", "gaussian", "negative-binomial")
LEAST = 1e-3  # of a scale, in the unit of the window; a series without noise would make it 0


def distribution(name: str, output: Tensor, tail: Tensor, unit: Tensor) -> Distribution:
    """The distribution of the next value.

    Parameters
    ----------
    name : str
        "student" or "gaussian" (of the scaled value), or "negative-binomial" (of the count itself).
    output : Tensor [..., 2]
        Of the network: location and raw scale, or for counts raw mean and raw dispersion.
    tail : Tensor []
        "student": 2 + softplus of it are the degrees of freedom, one number for all steps.
    unit : Tensor [...]
        "negative-binomial": the mean of the window. The mean of the count is softplus times the unit, and its
        dispersion softplus over the root of the unit (Salinas et al. 2020, section 3.3).

    Returns
    -------
    Distribution
        Of the shape of `unit`.
    """
    first, second = output.unbind(-1)
    if name == "negative-binomial":
        mean = (functional.softplus(first) + LEAST) * unit
        dispersion = (functional.softplus(second) + LEAST) / unit.sqrt()
        return NegativeBinomial(1 / dispersion, logits=(mean * dispersion).log(), validate_args=False)
    scale = functional.softplus(second) + LEAST
    if name == "gaussian":
        return Normal(first, scale, validate_args=False)
    return StudentT(freedom(tail), first, scale, validate_args=False)


def freedom(tail: Tensor) -> Tensor:
    """The degrees of freedom, above 2, so that the variance is finite."""
    return 2 + functional.softplus(tail)


def log_likelihood(name: str, output: Tensor, tail: Tensor, unit: Tensor, scaled: Tensor) -> Tensor:
    """The log likelihood [...] of `scaled` values [...]; counts are first multiplied by the `unit`."""
    value = (scaled * unit).round() if name == "negative-binomial" else scaled
    found: Tensor = distribution(name, output, tail, unit).log_prob(value)
    return found


def drawn(name: str, output: Tensor, tail: Tensor, unit: Tensor, uniform: Tensor) -> Tensor:
    """The scaled values whose share of the distribution below them is `uniform`, in 0..1.

    Parameters
    ----------
    output : Tensor [..., 2]
    uniform : Tensor [...]

    The others are those of `distribution`.
    """
    if name == "negative-binomial":
        found = distribution(name, output, tail, unit)
        assert isinstance(found, NegativeBinomial)
        # Scipy counts failures until `total_count` successes, torch the other way around.
        count = stats.nbinom.ppf(uniform, found.total_count, 1 - found.probs)
        return torch.as_tensor(count, dtype=unit.dtype).view_as(unit) / unit
    if name == "gaussian":
        normal = torch.special.ndtri(uniform)
    else:
        normal = torch.from_numpy(special.stdtrit(float(freedom(tail)), uniform.numpy()))
    value: Tensor = output[..., 0] + (functional.softplus(output[..., 1]) + LEAST) * normal
    return value
