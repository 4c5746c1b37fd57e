"""Sequential digits: four orders of the same images, parts by seed, what is known of the levels."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.sequential_digits import ORDERS, sequential_digits
from recurbench.metrics import score
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

PARTS = ("train", "valid", "test")


def pixels(split) -> np.ndarray:
    return np.stack(split.x).reshape(len(split), -1)


def test_orders_show_the_same_images():
    raster, permuted, rows, shuffled = (sequential_digits(order=order) for order in ORDERS)
    assert raster.test.x[0].shape == permuted.test.x[0].shape == shuffled.test.x[0].shape == (64, 1)
    assert rows.test.x[0].shape == (8, 8)
    for part in PARTS:
        plain = pixels(getattr(raster, part))
        assert np.array_equal(pixels(getattr(rows, part)), plain)
        for other in (permuted, shuffled):
            assert np.array_equal(np.sort(pixels(getattr(other, part))), np.sort(plain))
            assert not np.array_equal(pixels(getattr(other, part)), plain)
            assert all(
                a[0] == b[0] for a, b in zip(getattr(other, part).y, getattr(raster, part).y, strict=True)
            )


def test_one_permutation_serves_all_images_and_seeds():
    for seed in (0, 1):
        plain, mixed = (pixels(sequential_digits(order=o, seed=seed).train) for o in ("raster", "permuted"))
        order = np.random.default_rng(977).permutation(64)
        assert np.array_equal(mixed, plain[:, order])


def test_parts_hold_every_image_once_and_every_digit_in_its_share():
    problem = sequential_digits()
    sizes = [len(getattr(problem, part)) for part in PARTS]
    assert sizes == [1078, 359, 360]
    everything = np.concatenate([pixels(getattr(problem, part)) for part in PARTS])
    images = load_digits().data / 16
    assert np.array_equal(everything[np.lexsort(everything.T)], images[np.lexsort(images.T)])
    shares = np.bincount(load_digits().target) / 1797
    for part, size in zip(PARTS, sizes, strict=True):
        counts = np.bincount([y[0] for y in getattr(problem, part).y], minlength=10)
        assert np.abs(counts - shares * size).max() <= 1
    few = sequential_digits(n_train=50)
    assert np.array_equal(pixels(few.test), pixels(problem.test))
    assert np.bincount([y[0] for y in few.train.y], minlength=10).min() >= 4


def test_the_seed_draws_the_parts():
    one, again, other = (sequential_digits(order="shuffled", seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(pixels(one.test), pixels(again.test))
    assert not np.array_equal(pixels(one.test), pixels(other.test))


def test_levels_are_the_majority_and_otherwise_unknown():
    about = sequential_digits().about
    assert about.constant == pytest.approx(183 / 1797)
    assert (about.memoryless, about.best, about.headroom, about.role) == (None, None, {}, "control")


@pytest.mark.parametrize(("order", "least", "most"), [("permuted", 0.97, 0.995), ("shuffled", 0.05, 0.2)])
def test_neighbours_reach_what_is_said_of_them_but_not_without_places(order, least, most):
    found = []
    for seed in range(3):
        problem = sequential_digits(order=order, seed=seed)
        known = KNeighborsClassifier(3).fit(pixels(problem.train), np.concatenate(problem.train.y))
        answers = list(known.predict(pixels(problem.test))[:, None])
        found.append(score(problem.task, problem.test, answers).values["accuracy"])
    assert least < np.mean(found) < most


@pytest.mark.parametrize(("name", "value"), [("order", "columns"), ("n_train", 9), ("n_train", 1079)])
def test_impossible_dials_are_refused(name, value):
    with pytest.raises(ValueError, match=f"sequential-digits needs.*{name}={value!r}"):
        sequential_digits(**{name: value})
