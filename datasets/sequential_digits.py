"""Handwritten digits read pixel by pixel or row by row."""

from __future__ import annotations

from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.reading.series import package_version
from recurbench.task import Array
from sklearn.datasets import load_digits

ORDERS = ("raster", "permuted", "rows", "shuffled")
N_VALID, N_TEST = 359, 360
N_TRAIN = 1797 - N_VALID - N_TEST
# The seed of the permutation, which is the same for every seed of the data set.
PERMUTATION = 977


@dataset("sequential-digits", kind="classification")
def sequential_digits(
    *, order: Literal["raster", "permuted", "rows", "shuffled"] = "raster", n_train: int = 1078, seed: int = 0
) -> Problem:
    """Handwritten digits, 8 x 8 pixels, read pixel by pixel (like the sequential MNIST of Le et al. 2015).

    The exact best is unknown, so skill 1 stands for no error. Nearest neighbours on the whole image have an
    accuracy of .98 to .99 (not if shuffled).

    Parameters
    ----------
    order : str
        "raster": one pixel per step, row after row. "permuted": the same in one fixed random order. "rows":
        eight steps of eight pixels. "shuffled": another random order for every image, so only the frequencies
        of the greys are left.
    n_train : int
        Training images.
    seed : int
        Chooses the parts, stratified by digit.
    """
    if order not in ORDERS or not 10 <= n_train <= N_TRAIN:
        raise ValueError(
            f"sequential-digits needs order {', '.join(ORDERS)} and 10 <= n_train <= {N_TRAIN}, "
            f"got {order=}, {n_train=}"
        )
    digits_data = load_digits()
    places = _mixed(digits_data.target, np.random.default_rng([seed, 0]))
    test, valid, train = np.split(places[: N_TEST + N_VALID + n_train], [N_TEST, N_TEST + N_VALID])
    x = _ordered(digits_data.images / 16.0, order, np.random.default_rng([seed, 1]))
    names = tuple(map(str, digits_data.target_names))
    about = About(
        source="handwritten digits of UCI as shipped with scikit-learn",
        licence="BSD-3-Clause (scikit-learn)",
        protocol=f"order {order}; {n_train}, {N_VALID} and {N_TEST} images, drawn by the seed, stratified by "
        "digit (writers are unknown, so they may be in all parts); ink from 0 to 1",
        reference="most-common",
        metric="accuracy",
        version=package_version("scikit-learn"),
        constant=float(np.bincount(digits_data.target).max() / len(digits_data.target)),
        # All images have the same length and position, so a method that sees all pixels needs no memory.
        role="control",
    )
    task = Task(
        "classification",
        x=Values(x.shape[2]),
        y=Values(len(names), symbols=True, names=names),
        length="fixed",
    )
    splits = [
        Split([x[i] for i in part], [digits_data.target[i : i + 1] for i in part])
        for part in (train, test, valid)
    ]
    return Problem(task, splits[0], splits[1], about, splits[2])


def _mixed(digits: Array, rng: np.random.Generator) -> Array:
    """All images in a random order, in which every part has the same shares of the digits."""
    place = np.empty(len(digits))
    for digit in np.unique(digits):
        members = rng.permutation(np.flatnonzero(digits == digit))
        place[members] = (np.arange(len(members)) + rng.random()) / len(members)
    order: Array = place.argsort()
    return order


def _ordered(images: Array, order: str, rng: np.random.Generator) -> Array:
    """The images [n, 8, 8] as sequences [n, steps, channels]."""
    if order == "rows":
        return images
    pixels = images.reshape(len(images), -1)
    if order == "permuted":
        pixels = pixels[:, np.random.default_rng(PERMUTATION).permutation(pixels.shape[1])]
    elif order == "shuffled":
        pixels = rng.permuted(pixels, axis=1)
    return pixels[:, :, None]
