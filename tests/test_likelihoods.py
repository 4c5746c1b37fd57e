"""The likelihoods, against scipy, and their draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from recurbench.methods._networks.likelihoods import LEAST, drawn, freedom, log_likelihood
from scipy import stats
from torch import Tensor
from torch.distributions import StudentT

RNG = np.random.default_rng(0)
OUTPUT = torch.from_numpy(RNG.normal(size=(40, 2)))
VALUES = torch.from_numpy(RNG.normal(size=40))
TAIL = torch.tensor(1.0, dtype=torch.float64)
UNIT = torch.from_numpy(RNG.uniform(2, 9, 40))


def softplus(x: Tensor) -> np.ndarray:
    return np.log1p(np.exp(x.numpy()))


def test_gaussian_and_student_are_those_of_scipy() -> None:
    location, scale = OUTPUT[:, 0].numpy(), softplus(OUTPUT[:, 1]) + LEAST
    wanted = {
        "gaussian": stats.norm.logpdf(VALUES, location, scale),
        "student": stats.t.logpdf(VALUES, float(freedom(TAIL)), location, scale),
    }
    for name, each in wanted.items():
        assert log_likelihood(name, OUTPUT, TAIL, UNIT, VALUES).numpy() == pytest.approx(each, abs=1e-10)


def test_counts_have_the_mean_and_the_dispersion_of_the_paper() -> None:
    counts = torch.from_numpy(RNG.poisson(5, 40).astype(float))
    got = log_likelihood("negative-binomial", OUTPUT, TAIL, UNIT, counts / UNIT).numpy()
    mean = (softplus(OUTPUT[:, 0]) + LEAST) * UNIT.numpy()
    dispersion = (softplus(OUTPUT[:, 1]) + LEAST) / np.sqrt(UNIT.numpy())
    # A variance of mean + dispersion * mean^2 (Salinas et al. 2020, equation 4).
    share = 1 / (1 + dispersion * mean)
    assert got == pytest.approx(stats.nbinom.logpmf(counts, 1 / dispersion, share), abs=1e-8)


def test_the_gradient_is_that_of_torch() -> None:
    ours, theirs = (OUTPUT.clone().requires_grad_() for _ in range(2))
    tails = [TAIL.clone().requires_grad_() for _ in range(2)]
    log_likelihood("student", ours, tails[0], UNIT, VALUES).sum().backward()
    scale = torch.nn.functional.softplus(theirs[:, 1]) + LEAST
    StudentT(2 + torch.nn.functional.softplus(tails[1]), theirs[:, 0], scale).log_prob(
        VALUES
    ).sum().backward()
    assert torch.allclose(ours.grad, theirs.grad)
    assert torch.allclose(tails[0].grad, tails[1].grad)


@pytest.mark.parametrize("name", ["gaussian", "student", "negative-binomial"])
def test_draws_at_even_shares_have_the_distribution(name: str) -> None:
    uniform = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000
    output = torch.tensor([0.4, -0.3], dtype=torch.float64).expand(4000, 2)
    unit = torch.full((4000,), 6.0, dtype=torch.float64)
    values = drawn(name, output, TAIL, unit, uniform).numpy()
    scale = float(softplus(output[0, 1])) + LEAST
    if name == "negative-binomial":
        mean = float(softplus(output[0, 0])) + LEAST
        assert values.mean() == pytest.approx(mean, rel=0.01)
        assert np.round(values * 6) == pytest.approx(values * 6)
        variance = 6 * mean + scale / np.sqrt(6) * (6 * mean) ** 2
        assert (values * 6).var() == pytest.approx(variance, rel=0.02)
    else:
        law = stats.norm if name == "gaussian" else stats.t(float(freedom(TAIL)))
        assert values == pytest.approx(0.4 + scale * law.ppf(uniform.numpy()), abs=1e-6)
