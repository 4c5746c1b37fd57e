"""Nearest neighbours: published accuracies, the rule for ties, the window, lengths and missing values."""

from __future__ import annotations

from pathlib import Path

import aeon
import numpy as np
import pytest
import tslearn
from aeon.datasets import load_from_ts_file
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._warping import band_radius
from recurbench.methods.neighbours import dtw_1nn, dtw_knn, euclidean_1nn, euclidean_knn
from tslearn.metrics import dtw


def labelled(x: list[np.ndarray], y: list[int], channels: int = 1) -> tuple[Task, Split]:
    task = Task("classification", Values(channels), Values(max(2, max(y) + 1), symbols=True), "fixed")
    return task, Split(x, [np.array([c]) for c in y])


def columns(*rows: list[float]) -> list[np.ndarray]:
    return [np.array(row, dtype=float)[:, None] for row in rows]


def archive(name: str) -> tuple[Task, Split, Split]:
    """An archive problem out of the files that aeon and tslearn carry; nothing is fetched."""
    if name == "Trace":
        with np.load(Path(tslearn.__file__).parent / ".cached_datasets" / "Trace.npz") as data:
            parts = [(data[f"X_{part}"], data[f"y_{part}"]) for part in ("train", "test")]
            raw = [(list(x.reshape(len(x), -1, 1)), y) for x, y in parts]
    else:
        folder = Path(aeon.__file__).parent / "datasets" / "data" / name
        files = [load_from_ts_file(str(folder / f"{name}_{part}.ts")) for part in ("TRAIN", "TEST")]
        raw = [([case.T for case in x], y) for x, y in files]
    names = sorted(set(raw[0][1]))
    train, test = (Split(x, [np.array([names.index(label)]) for label in y]) for x, y in raw)
    y = Values(len(names), symbols=True)
    return Task("classification", Values(train.x[0].shape[1]), y, "fixed"), train, test


def accuracy(answers: list[np.ndarray], test: Split) -> float:
    return float(np.mean([a[0] == y[0] for a, y in zip(answers, test.y, strict=True)]))


# The archive's own table, default split; dependent DTW of BasicMotions from the published per-fold results.
# These series are stored z-normalised already (BasicMotions is used as it is), so normalise="none" is the
# protocol here.
PUBLISHED = [
    ("GunPoint", 0.9133, 0.9067),
    ("ArrowHead", 0.8000, 0.7029),
    ("ItalyPowerDemand", 0.9553, 0.9504),
    ("Trace", 0.7600, 1.0000),
]


@pytest.mark.long
@pytest.mark.parametrize(("name", "euclidean", "dtw"), PUBLISHED)
def test_the_published_accuracies_are_met_to_four_digits(name: str, euclidean: float, dtw: float) -> None:
    task, train, test = archive(name)
    assert round(accuracy(euclidean_1nn(task, train)(test.blind()), test), 4) == euclidean
    assert round(accuracy(dtw_1nn(task, train)(test.blind()), test), 4) == dtw


# The archive's table: the smallest of the windows 0, 1, ... 100 % with the fewest errors in leave-one-out.
@pytest.mark.parametrize(
    ("name", "percent", "published"),
    [
        ("GunPoint", 0, 0.9133),
        ("ArrowHead", 0, 0.8000),
        ("ItalyPowerDemand", 0, 0.9553),
        pytest.param("Trace", 3, 0.9900, marks=pytest.mark.long),
    ],
)
def test_the_window_that_is_learned_is_the_published_one(name: str, percent: int, published: float) -> None:
    task, train, test = archive(name)
    known = dtw_1nn(task, train, window="learned")
    assert known.notes["window"] == percent / 100
    assert round(accuracy(known(test.blind()), test), 4) == published


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_a_window_is_learned_as_if_every_training_example_were_left_out_in_turn(kind: str, k: int) -> None:
    rng = np.random.default_rng(7)
    series = list(rng.normal(size=(14, 11, 1)).cumsum(axis=1))
    task, train = labelled(series, [0, 1] * 7)
    if kind == "regression":
        task = Task("regression", Values(1), Values(1), "fixed")
        train = Split(series, [np.array([[value]]) for value in rng.normal(size=14)])

    def error(window: float) -> float:
        """Of fits without one example each."""
        gaps = []
        for i in range(14):
            rest = train.take([j for j in range(14) if j != i])
            answer = dtw_knn(task, rest, k=k, window=window)(train.take([i]).blind())[0]
            true = train.y[i]
            gaps.append(
                float(answer[0].argmax() != true[0])
                if kind == "classification"
                else float((answer - true).item() ** 2)
            )
        return float(np.mean(gaps))

    errors = [error(percent / 100) for percent in range(101)]
    known = dtw_knn(task, train, k=k, window="learned")
    assert known.notes["window"] == int(np.argmin(errors)) / 100
    assert known.notes["error_left_out"] == pytest.approx(min(errors))


def test_a_window_cannot_be_learned_from_one_example() -> None:
    task, train = labelled(columns([0, 1, 2]), [0])
    with pytest.raises(ValueError, match="1 training example; give a window"):
        dtw_1nn(task, train, window="learned")


@pytest.mark.parametrize("make", [euclidean_knn, dtw_knn])
def test_several_neighbours_vote_for_a_class_and_average_numbers(make: object) -> None:
    series = columns([0, 0], [1, 1], [2, 2], [9, 9])
    task, train = labelled(series, [1, 0, 0, 1])
    known = make(task, train, k=3)  # type: ignore[operator]
    # Two votes of three, and of one more vote each class has a half.
    assert known(Split(columns([0, 0])))[0] == pytest.approx(np.array([[2.5 / 4, 1.5 / 4]]), abs=1e-6)
    numbers = Task("regression", Values(1), Values(1), "fixed")
    answers = [np.array([[value]]) for value in (3.0, 5.0, 10.0, 0.0)]
    mean = make(numbers, Split(series, answers), k=3)(Split(columns([0, 0])))  # type: ignore[operator]
    assert mean[0].tolist() == [[6.0]]


def test_all_examples_answer_if_there_are_fewer_than_k() -> None:
    task, train = labelled(columns([0, 0], [5, 5]), [0, 1])
    known = dtw_knn(task, train, k=9)
    assert known.notes["neighbours"] == 2
    assert known(Split(columns([4, 4])))[0].argmax() == 1


def test_channels_are_warped_together() -> None:
    task, train, test = archive("BasicMotions")
    assert round(accuracy(dtw_1nn(task, train)(test.blind()), test), 4) == 0.975


@pytest.mark.parametrize(
    ("window", "length", "radius"),
    [
        (None, 24, None),
        (0.1, 24, 3),
        (0.04, 82, 4),
        (0.1, 150, 15),
        (0.0, 24, 0),
        (1.0, 24, None),
        (5, 24, 5),
    ],
)
def test_a_share_of_the_length_is_rounded_up(window: float | None, length: int, radius: int | None) -> None:
    assert band_radius(window, length) == radius


@pytest.mark.parametrize("window", [-1, 1.5, -0.1, "wide", True])
def test_a_window_that_is_none_is_refused(window: object) -> None:
    with pytest.raises(ValueError, match="window"):
        band_radius(window, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [euclidean_1nn, dtw_1nn])
def test_the_first_of_equally_near_examples_answers(make: object) -> None:
    task, train = labelled(columns([1, 1], [0, 0], [0, 0]), [0, 1, 0])
    known = make(task, train)  # type: ignore[operator]
    assert known.nearest(np.zeros((2, 1))) == 1
    assert known(Split(columns([0, 0])))[0].tolist() == [1]


@pytest.mark.parametrize("make", [euclidean_1nn, dtw_1nn])
def test_a_missing_value_is_refused_in_words(make: object) -> None:
    task, train = labelled(columns([1, 1], [0, 0]), [0, 1])
    with pytest.raises(Unsupported, match="example 1 has 1 missing"):
        make(task, train)(Split(columns([0, 0], [0, np.nan])))  # type: ignore[operator]
    with pytest.raises(Unsupported, match="example 0 has 1 missing"):
        make(task, Split(columns([np.nan, 1], [0, 0]), train.y))  # type: ignore[operator]
    numbers = Task("regression", Values(1), Values(1), "fixed")
    with pytest.raises(Unsupported, match="answer of example 1 has 1 missing"):
        make(numbers, Split(train.x, columns([2], [np.nan])))  # type: ignore[operator]


@pytest.mark.parametrize("make", [euclidean_1nn, dtw_1nn])
def test_normalised_examples_are_compared_by_shape(make: object) -> None:
    task, train = labelled(columns([0, 1, 0, 1], [0, 0, 1, 1]), [0, 1])
    asked = Split(columns([100, 100, 300, 300], [5, 5, 5, 5]))
    answers = make(task, train, normalise="series")(asked)  # type: ignore[operator]
    assert answers[0].tolist() == [1]
    with pytest.raises(ValueError, match="normalise must be one of"):
        make(task, train, normalise="z")  # type: ignore[operator]


def test_unequal_training_lengths_are_refused_or_interpolated_by_the_euclidean_distance() -> None:
    task, train = labelled(columns([0, 1, 2], [2, 1, 0, -1, -2]), [0, 1])
    with pytest.raises(Unsupported, match="3 to 5 steps"):
        euclidean_1nn(task, train)
    known = euclidean_1nn(task, train, unequal="resample")
    assert known.nearest(np.array([[0.0], [2.0]])) == 0
    assert known.notes["unequal"] == "interpolated linearly to 5 steps"


def test_a_window_between_unequal_lengths_is_that_of_tslearn() -> None:
    rng = np.random.default_rng(1)
    task, train = labelled([rng.normal(size=(n, 2)) for n in (7, 9, 12, 12)], [0, 1, 0, 1], channels=2)
    asked = [rng.normal(size=(n, 2)) for n in (6, 10, 12, 15)]
    known = dtw_1nn(task, train, window=2)
    for x in asked:
        far = [dtw(x, other, global_constraint="sakoe_chiba", sakoe_chiba_radius=2) for other in train.x]
        assert known.nearest(x) == int(np.argmin(far))


def test_channels_that_are_warped_separately_have_a_path_each() -> None:
    rng = np.random.default_rng(2)
    task, train = labelled(list(rng.normal(size=(9, 14, 3)).cumsum(axis=1)), [0, 1, 0] * 3, channels=3)
    asked = rng.normal(size=(4, 14, 3)).cumsum(axis=1)
    known = dtw_1nn(task, train, channels="separate")
    for x in asked:
        far = [sum(dtw(x[:, c], y[:, c]) ** 2 for c in range(3)) for y in train.x]
        assert known.nearest(x) == int(np.argmin(far))
    assert not known.components(Split(list(asked)))["warped"]
    with pytest.raises(ValueError, match="together"):
        dtw_1nn(task, train, channels="apart")  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [1, 2, 9])
def test_an_unseen_length_is_answered(length: int) -> None:
    task, train = labelled(columns([0, 1, 2], [2, 1, 0]), [0, 1])
    asked = Split([np.linspace(2, 0, length)[:, None]])
    for known in (euclidean_1nn(task, train), dtw_1nn(task, train), dtw_1nn(task, train, window=1)):
        assert known(asked)[0].shape == (1,)


def test_regression_answers_with_a_copy_of_the_neighbours_number() -> None:
    task = Task("regression", Values(1), Values(1), "fixed")
    train = Split(columns([0, 0], [5, 5]), [np.array([[0.5]]), np.array([[7.5]])])
    known = dtw_1nn(task, train)
    answer = known(Split(columns([4, 4])))[0]
    assert answer.tolist() == [[7.5]]
    answer[:] = 0
    assert known(Split(columns([4, 4])))[0].tolist() == [[7.5]]


def test_symbols_are_compared_by_where_they_differ() -> None:
    task = Task("classification", Values(3, symbols=True), Values(2, symbols=True), "fixed")
    train = Split([np.array([0, 1, 2]), np.array([2, 2, 2])], [np.array([0]), np.array([1])])
    assert euclidean_1nn(task, train).nearest(np.array([0, 2, 2])) == 0


def test_a_path_is_generated_by_copying_that_of_the_nearest_state() -> None:
    task = Task("generation", Values(2), Values(1), "fixed", 3)
    states = [np.array([[0.0, 0.0]]), np.array([[1.0, 3.0]])]
    paths = columns([1, 2, 3], [4, 5, 6])
    answer = euclidean_1nn(task, Split(states, paths))(Split([np.array([[1.0, 2.0]])]))[0]
    assert answer.tolist() == paths[1].tolist()


def test_free_answers_are_those_of_the_nearest_drawing_or_refused_where_lengths_differ() -> None:
    task = Task("translation", Values(1), Values(3, symbols=True), "free")
    said = [np.array([0, 1]), np.array([2])]
    train = Split(columns([0, 0], [5, 5]), said)
    assert euclidean_1nn(task, train)(Split(columns([4, 4], [1, 0])))[0].tolist() == [2]
    with pytest.raises(Unsupported, match="2 to 3 steps"):
        euclidean_1nn(task, Split(columns([0, 0], [5, 5, 5]), said))


def test_the_nearest_case_is_told_with_both_series_as_they_were_compared() -> None:
    task, train = labelled(columns([0, 0, 0, 1], [5, 6, 7, 8]), [0, 1])
    asked = Split(columns([5, 5, 6, 8]))
    told = dtw_1nn(task, train).components(asked)
    (near,) = told["nearest"]
    assert (near["train"], told["warped"], told["radius"]) == (1, True, None)
    assert near["asked"] == [[5.0, 5.0, 6.0, 8.0]]
    assert near["found"] == [[5.0, 6.0, 7.0, 8.0]]
    assert near["distance"] == pytest.approx(dtw(asked.x[0], train.x[1]) ** 2)


def test_a_case_told_after_normalising_is_the_normalised_one() -> None:
    task, train = labelled(columns([0, 2, 0, 2], [5, 6, 7, 8]), [0, 1])
    known = euclidean_1nn(task, train, normalise="series")
    (near,) = known.components(Split(columns([10, 30, 10, 30])))["nearest"]
    assert (near["train"], near["distance"]) == (0, pytest.approx(0))
    assert near["asked"] == near["found"] == [[-1.0, 1.0, -1.0, 1.0]]
