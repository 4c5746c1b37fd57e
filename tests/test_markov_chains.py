from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.methods._markov_chains import (
    Categorical,
    Gaussian,
    Hidden,
    backward,
    baum_welch,
    forward,
    likeliest_path,
    smooth,
)


def chain(seed, states, steps):
    """Start, moves and log emissions drawn at random."""
    rng = np.random.default_rng(seed)
    start, move = rng.dirichlet(np.ones(states)), rng.dirichlet(np.ones(states), size=states)
    return start, move, np.ascontiguousarray(rng.normal(scale=2.0, size=(steps, states)))


def enumerate_paths(start, move, log_emission):
    """log p(x), P(s_t | x) and P(s_T | x), by summing over all K^T paths."""
    steps, states = log_emission.shape
    total, chances = 0.0, np.zeros((steps, states))
    for path in product(range(states), repeat=steps):
        p = start[path[0]] * np.prod([move[a, b] for a, b in pairwise(path)])
        p *= np.exp(sum(log_emission[t, s] for t, s in enumerate(path)))
        total += p
        for t, s in enumerate(path):
            chances[t, s] += p
    return np.log(total), chances / total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 6))
def test_the_forward_recursion_equals_the_sum_over_all_paths(seed, states, steps):
    start, move, emission = chain(seed, states, steps)
    filtered, total = forward(start, move, emission)
    for t in range(steps):
        log_p, chances = enumerate_paths(start, move, emission[: t + 1])
        np.testing.assert_allclose(filtered[t], chances[-1], atol=1e-12)
    assert total == pytest.approx(log_p, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 6))
def test_the_smoother_equals_the_sum_over_all_paths(seed, states, steps):
    start, move, emission = chain(seed, states, steps)
    smoothed, moves, total = smooth(start, move, emission)
    log_p, chances = enumerate_paths(start, move, emission)
    np.testing.assert_allclose(smoothed, chances, atol=1e-12)
    assert total == pytest.approx(log_p, abs=1e-10)
    np.testing.assert_allclose(moves.sum(axis=1), chances[:-1].sum(axis=0), atol=1e-10)
    np.testing.assert_allclose(moves.sum(axis=0), chances[1:].sum(axis=0), atol=1e-10)


def test_emissions_far_out_of_floating_point_range_stay_finite():
    start, move = np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.1, 0.9]])
    emission = np.array([[-1e4, -2e4], [-3e5, -1e5], [-5.0, -6.0]] * 400)
    filtered, total = forward(start, move, emission)
    assert np.isfinite(filtered).all()
    assert np.isfinite(total)
    assert np.isfinite(backward(move, emission)).all()


def test_a_state_that_cannot_be_reached_does_not_poison_the_chances():
    filtered, total = forward(np.array([1.0, 0.0]), np.eye(2), np.array([[0.0, 0.0], [-2000.0, 0.0]]))
    np.testing.assert_allclose(filtered.sum(axis=1), 1.0)
    assert np.isfinite(total)


def test_long_sequences_do_not_underflow():
    start, move, emission = chain(3, 2, 50_000)
    filtered, total = forward(start, move, emission - 50.0)
    assert np.isfinite(total)
    np.testing.assert_allclose(filtered.sum(axis=1), 1.0)


def test_a_missing_channel_says_nothing():
    base = np.array([[0.0, 0.0], [1.0, 1.0]])
    law = Gaussian(np.array([[0.0, 1.0], [2.0, 5.0]]), np.ones((2, 2)), base)
    alone = Gaussian(np.array([[0.0], [2.0]]), np.ones((2, 1)), base[:, :1])
    np.testing.assert_allclose(law.log(np.array([[1.5, np.nan]])), alone.log(np.array([[1.5]])))


def test_gaussian_emissions_equal_scipys_densities():
    from scipy.stats import norm

    rng = np.random.default_rng(0)
    law = Gaussian(rng.normal(size=(2, 3)), rng.uniform(0.5, 2.0, size=(2, 3)), np.ones((2, 3)))
    x = rng.normal(size=(4, 3))
    wanted = norm.logpdf(x[:, None], law.mean, np.sqrt(law.variance)).sum(axis=2)
    np.testing.assert_allclose(law.log(x), wanted)


def test_symbol_emissions_are_chances():
    law = Categorical.of(np.eye(3), np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(law.chances.sum(axis=1), 1.0)
    np.testing.assert_allclose(np.exp(law.log(np.eye(3))), law.chances.T)


def test_baum_welch_finds_two_levels_and_their_stickiness():
    rng = np.random.default_rng(5)
    states = [np.cumsum(rng.random(300) < 0.05) % 2 for _ in range(20)]
    x = [(3.0 * s + rng.normal(size=300))[:, None] for s in states]
    guess = np.where(np.concatenate(x) > 1.5, [[0.1, 0.9]], [[0.9, 0.1]])
    base = np.array([[1.5], [3.0]])
    found, _, _ = baum_welch(x, Gaussian.of(np.concatenate(x), guess, base), guess, 60)
    assert isinstance(found.emission, Gaussian)
    np.testing.assert_allclose(found.emission.mean[:, 0], [0.0, 3.0], atol=0.1)
    np.testing.assert_allclose(found.emission.variance[:, 0], 1.0, atol=0.1)
    np.testing.assert_allclose(np.diag(found.move), 0.95, atol=0.01)


def test_every_round_of_baum_welch_raises_the_likelihood():
    # Large samples, so that the smoothing of the counts is of no weight.
    rng = np.random.default_rng(1)
    x = [rng.normal(size=(2_000, 1)).cumsum(axis=0) for _ in range(3)]
    joined = np.concatenate(x)
    guess = np.eye(3)[np.argsort(np.argsort(joined[:, 0])) * 3 // len(joined)] * 0.8 + 0.2 / 3
    base = np.array([joined.mean(axis=0), joined.var(axis=0)])
    law = Gaussian.of(joined, guess, base)
    likely = [baum_welch(x, law, guess, rounds)[1] for rounds in (1, 2, 4, 8, 16)]
    assert likely == sorted(likely)


def test_one_step_sequences_can_be_fitted():
    x = [np.array([[0.0]]), np.array([[1.0]])]
    guess = np.full((2, 2), 0.5)
    base = np.array([[0.5], [0.25]])
    found, likely, _ = baum_welch(x, Gaussian.of(np.concatenate(x), guess, base), guess, 5)
    assert isinstance(found, Hidden)
    assert np.isfinite(likely)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 6))
def test_the_likeliest_path_is_the_best_of_all_paths(seed, states, steps):
    start, move, emission = chain(seed, states, steps)

    def log_chance(path):
        moves = sum(np.log(move[a, b]) for a, b in pairwise(path))
        return np.log(start[path[0]]) + moves + sum(emission[t, s] for t, s in enumerate(path))

    best = max(log_chance(path) for path in product(range(states), repeat=steps))
    assert log_chance(likeliest_path(start, move, emission)) == pytest.approx(best)


def test_a_state_that_cannot_be_reached_is_on_no_path():
    start, move = np.array([1.0, 0.0]), np.eye(2)
    assert likeliest_path(start, move, np.array([[0.0, 9.0]] * 4)) == [0, 0, 0, 0]
