"""The bundled archive problems: sizes, labels, published levels, and no network."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from recurbench import Problem
from recurbench.datasets import archive
from recurbench.datasets._labels import labelled

# name: train, test, shortest and longest length, channels, classes (0: a number is asked for).
SIZES = {
    "gunpoint": (50, 150, 150, 150, 1, 2),
    "italy_power_demand": (67, 1029, 24, 24, 1, 2),
    "arrowhead": (36, 175, 251, 251, 1, 3),
    "basic_motions": (40, 40, 100, 100, 6, 4),
    "japanese_vowels": (270, 370, 7, 29, 12, 9),
    "trace": (100, 100, 275, 275, 1, 4),
    "covid_3_month": (140, 61, 84, 84, 1, 0),
}
# One nearest neighbour by Euclidean distance, as the UCR archive publishes it.
NEIGHBOUR = {"gunpoint": 0.9133, "arrowhead": 0.8, "italy_power_demand": 0.9553, "trace": 0.76}


@pytest.fixture(scope="module")
def problems() -> dict[str, Problem]:
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*args: object, **words: object) -> None:
            raise AssertionError("a dataset opened the network")

        patch.setattr(socket.socket, "connect", refuse)
        return {name: getattr(archive, name)() for name in SIZES}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_of_the_archive(problems, name):
    n_train, n_test, shortest, longest, channels, classes = SIZES[name]
    problem = problems[name]
    assert (len(problem.train), len(problem.test)) == (n_train, n_test)
    lengths = [len(x) for x in (*problem.train.x, *problem.test.x)]
    assert (min(lengths), max(lengths)) == (shortest, longest)
    assert problem.task.x.size == channels
    for x in (*problem.train.x, *problem.test.x):
        assert x.dtype == np.float64
        assert x.shape[1] == channels
        assert np.isfinite(x).all()
    if classes:
        assert problem.task.y.size == classes
        assert problem.task.y.symbols


@pytest.mark.parametrize("name", [name for name in SIZES if SIZES[name][-1]])
def test_every_class_occurs_in_train_and_labels_are_one_integer(problems, name):
    problem = problems[name]
    assert {int(y[0]) for y in problem.train.y} == set(range(problem.task.y.size))
    for y in (*problem.train.y, *problem.test.y):
        assert y.shape == (1,)
        assert y.dtype.kind == "i"
        assert 0 <= y[0] < problem.task.y.size


@pytest.mark.parametrize("name", NEIGHBOUR)
def test_the_nearest_neighbour_reaches_its_published_accuracy_on_the_values_as_shipped(problems, name):
    train, test = problems[name].train, problems[name].test
    known = np.stack([x[:, 0] for x in train.x])
    nearest = [int(((known - x[:, 0]) ** 2).sum(axis=1).argmin()) for x in test.x]
    right = np.mean([train.y[i][0] == y[0] for i, y in zip(nearest, test.y, strict=True)])
    assert round(float(right), 4) == NEIGHBOUR[name]


@pytest.mark.parametrize("name", NEIGHBOUR)
def test_the_protocol_says_normalised_only_where_the_series_are(problems, name):
    for x in (*problems[name].train.x, *problems[name].test.x):
        assert abs(x.mean()) < 1e-4
        assert abs(x.std(ddof=1) - 1) < 1e-4
    assert "ddof=1" in problems[name].about.protocol


def test_symbols_follow_the_sorted_order_of_the_labels(problems):
    assert problems["basic_motions"].task.y.names == ("badminton", "running", "standing", "walking")
    assert problems["japanese_vowels"].task.y.names == tuple("123456789")
    # The first 30 utterances are those of the first speaker, and so on.
    speakers = [int(y[0]) for y in problems["japanese_vowels"].train.y]
    assert speakers == sorted(30 * list(range(9)))


def test_the_nearest_mean_death_rate_is_a_number_of_one_step(problems):
    problem = problems["covid_3_month"]
    assert problem.task.kind == "regression"
    assert problem.about.reference == "mean"
    assert problem.about.metric == "mse"
    rates = np.concatenate([*problem.train.y, *problem.test.y])
    assert rates.shape == (201, 1)
    assert (rates >= 0).all()
    assert (rates < 1).all()


@pytest.mark.parametrize("name", SIZES)
def test_about_names_source_licence_protocol_and_the_bytes_read(problems, name):
    about = problems[name].about
    assert "bundled in" in about.source
    assert "no licence text found" in about.licence
    assert "default split" in about.protocol
    assert len(about.version.split("sha256 ")[1]) == 64


def test_a_label_that_train_does_not_hold_is_refused():
    about = archive.gunpoint().about
    x = [np.zeros((3, 1))]
    with pytest.raises(ValueError, match=r"test labels \['b'\] never occur in train"):
        labelled(x, np.array(["a"]), x, np.array(["b"]), about)
