"""The Markov chain in noise: exact levels, exact windows, independent draws."""

from __future__ import annotations

import hashlib
from itertools import pairwise, product

import numpy as np
import pytest
from recurbench.datasets._chain import Dials, draw, filtered
from recurbench.datasets.hmm_filter import hmm_filter
from scipy.stats import norm

# q, sd: full filter's accuracy and the share of its headroom that windows of 4 and 16 steps reach, as another
# implementation measured them on one draw: sticky and noisy chains differ by about .01 between draws.
MEASURED = {
    (0.80, 1.5): (0.780, 0.99, 1.00),
    (0.95, 1.5): (0.876, 0.88, 1.00),
    (0.95, 3.0): (0.751, 0.67, 1.00),
    (0.99, 1.5): (0.954, 0.72, 1.00),
    (0.99, 3.0): (0.884, 0.43, 0.91),
    (0.995, 5.0): (0.862, 0.26, 0.67),
}


def by_enumeration(x: np.ndarray, q: float, sd: float) -> float:
    """The chance of the high state at the last step, summed over every path of states."""
    weights = np.zeros(2)
    for path in product((0, 1), repeat=len(x)):
        weight = 0.5 * np.prod([q if a == b else 1 - q for a, b in pairwise(path)])
        weights[path[-1]] += weight * np.prod(norm.pdf(x, 2 * np.array(path) - 1, sd))
    return float(weights[1] / weights.sum())


def with_gaps(x: np.ndarray, there: np.ndarray, t: int, q: float, sd: float) -> float:
    """The same at step t from the steps `there`, whatever stands elsewhere."""
    weights = np.zeros(2)
    for path in product((0, 1), repeat=t + 1):
        weight = np.prod([q if a == b else 1 - q for a, b in pairwise(path)])
        weights[path[-1]] += weight * np.prod(norm.pdf(x[there], 2 * np.array(path)[there] - 1, sd))
    return float(weights[1] / weights.sum())


def test_the_filter_is_the_sum_over_all_paths():
    x, _ = draw(0.9, 1.2, 3, 7, np.random.default_rng(0))
    for t in range(7):
        for row in range(3):
            exact = by_enumeration(x[row, : t + 1], 0.9, 1.2)
            assert filtered(x, 0.9, 1.2)[row, t] == pytest.approx(exact, abs=1e-12)
            exact = by_enumeration(x[row, max(0, t - 2) : t + 1], 0.9, 1.2)
            assert filtered(x, 0.9, 1.2, window=3)[row, t] == pytest.approx(exact, abs=1e-12)


def test_a_window_as_long_as_the_sequence_is_the_filter():
    x, _ = draw(0.95, 1.5, 5, 30, np.random.default_rng(1))
    assert np.allclose(filtered(x, 0.95, 1.5, window=30), filtered(x, 0.95, 1.5))
    assert np.allclose(filtered(x, 0.95, 1.5, window=99), filtered(x, 0.95, 1.5))


@pytest.mark.parametrize("dials", MEASURED)
def test_levels_meet_those_measured_independently(dials):
    q, sd = dials
    full, four, sixteen = MEASURED[dials]
    x, states = draw(q, sd, 200, 1000, np.random.default_rng(3))
    assert ((filtered(x, q, sd) > 0.5) == states).mean() == pytest.approx(full, abs=0.015)
    shares = Dials(q, sd, 0.0, 500).headroom(filtered)
    assert shares["window_4"] == pytest.approx(four, abs=0.035)
    assert shares["window_16"] == pytest.approx(sixteen, abs=0.03)


def test_the_memoryless_level_is_the_normal_chance():
    about = hmm_filter(n_train=1, n_valid=1, n_test=1).about
    assert about.memoryless == pytest.approx(0.7475, abs=1e-4)
    x, states = draw(0.95, 1.5, 400, 500, np.random.default_rng(4))
    assert ((x > 0) == states).mean() == pytest.approx(about.memoryless, abs=0.004)


def test_the_role_follows_from_the_dials_alone():
    roles = {(q, sd): hmm_filter(q=q, sd=sd).about.role for q, sd in ((0.95, 1.5), (0.5, 1.5), (0.99, 3.0))}
    assert roles == {(0.95, 1.5): "control", (0.5, 1.5): "control", (0.99, 3.0): "crossover"}
    assert hmm_filter(seed=8).about.headroom == hmm_filter(seed=9).about.headroom


def test_the_oracle_reaches_the_best_level_on_the_test_draw():
    problem = hmm_filter()
    right = [chances.argmax(axis=1) == y for chances, y in zip(problem.oracle, problem.test.y, strict=True)]
    assert np.concatenate(right).mean() == pytest.approx(problem.about.best)
    assert all(np.allclose(chances.sum(axis=1), 1) for chances in problem.oracle)
    assert problem.about.constant < problem.about.memoryless < problem.about.best < 1


def test_the_oracle_is_causal():
    problem = hmm_filter(n_train=1, n_valid=1, n_test=2)
    x = np.stack([x[:, 0] for x in problem.test.x])
    x[:, 50:] = 9
    assert np.array_equal(filtered(x, 0.95, 1.5)[:, :50], np.stack(problem.oracle)[:, :50, 1])
    assert problem.task.causal


def test_chains_start_in_the_stationary_distribution_and_stay_with_chance_q():
    _, states = draw(0.9, 1.0, 20000, 4, np.random.default_rng(5))
    assert states[:, 0].mean() == pytest.approx(0.5, abs=0.015)
    assert (states[:, 1:] == states[:, :-1]).mean() == pytest.approx(0.9, abs=0.01)


def test_draws_are_independent_of_each_other_and_repeatable():
    problem, again, other = hmm_filter(), hmm_filter(), hmm_filter(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(problem.test.x, again.test.x, strict=True))
    assert not np.array_equal(problem.test.x[0], other.test.x[0])
    first = [split.x[0] for split in (problem.train, problem.valid, problem.test)]
    assert len({float(x[0, 0]) for x in first}) == 3
    # The size of one draw leaves the others as they are.
    assert np.array_equal(hmm_filter(n_train=3, n_valid=4).test.x[0], problem.test.x[0])


def test_sizes_are_the_dials():
    problem = hmm_filter(length=30, n_train=5, n_valid=6, n_test=7)
    assert [len(split) for split in (problem.train, problem.valid, problem.test)] == [5, 6, 7]
    assert problem.test.x[0].shape == (30, 1)
    assert problem.test.y[0].shape == (30,)


def test_a_noise_so_small_that_likelihoods_overflow_still_gives_chances():
    problem = hmm_filter(sd=0.01, n_train=1, n_valid=1, n_test=3)
    assert np.isfinite(np.stack(problem.oracle)).all()
    assert problem.about.best == 1.0


def test_impossible_dials_are_refused():
    with pytest.raises(ValueError, match=r"0 < q < 1.*q=1\.5"):
        hmm_filter(q=1.5)


def test_without_gaps_the_data_are_what_they_were():
    problem = hmm_filter(n_train=2, n_valid=2, n_test=2)
    states = np.random.default_rng([0, 2]).integers(2, size=(2, 1))
    assert problem.task.x.size == 1
    assert [y[0] for y in problem.test.y] == states[:, 0].tolist()
    # Bytes of the release before there was a dial `missing`.
    digest = hashlib.sha256(b"".join(a.tobytes() for a in (*hmm_filter().test.x, *hmm_filter().test.y)))
    assert digest.hexdigest() == "78eb195e6d8266dc4a5e06c6fcf39dba637ae016de10ed2afd9cad2294eaa480"


def test_the_filter_passes_over_what_is_absent():
    seen = Dials(0.9, 1.2, 0.4, 7).draw(4, 0)
    assert not seen.there.all()
    for row in range(4):
        for t in range(7):
            there = np.flatnonzero(seen.there[row, : t + 1])
            exact = with_gaps(seen.x[row], there, t, 0.9, 1.2)
            assert filtered(seen.x, 0.9, 1.2)[row, t] == pytest.approx(exact, abs=1e-12)


def test_a_channel_says_what_is_absent_and_the_rest_is_as_without_gaps():
    whole, gaps = hmm_filter(), hmm_filter(missing=0.3)
    x, there = np.stack(gaps.test.x)[..., 0], np.stack(gaps.test.x)[..., 1]
    assert gaps.task.x.names == ("observation", "observed")
    assert there.mean() == pytest.approx(0.7, abs=0.01)
    assert np.array_equal(x, np.stack(whole.test.x)[..., 0] * there)
    assert all(np.array_equal(a, b) for a, b in zip(gaps.test.y, whole.test.y, strict=True))
    right = [chances.argmax(axis=1) == y for chances, y in zip(gaps.oracle, gaps.test.y, strict=True)]
    assert np.concatenate(right).mean() == pytest.approx(gaps.about.best)
    # A split in which by luck nothing is absent has the channel, too.
    assert hmm_filter(missing=0.01, n_valid=1, length=2).valid.x[0].shape == (2, 2)


def test_gaps_lower_every_level():
    whole, gaps = hmm_filter(n_test=2000).about, hmm_filter(n_test=2000, missing=0.5).about
    assert gaps.memoryless == pytest.approx((whole.memoryless + 0.5) / 2)
    seen = Dials(0.95, 1.5, 0.5, 100).draw(2000, 3)
    assert seen.accuracy(filtered(seen.x, 0.95, 1.5, 1)) == pytest.approx(gaps.memoryless, abs=0.005)
    assert gaps.memoryless < gaps.best < whole.best
    assert gaps.headroom["window_4"] < whole.headroom["window_4"]
