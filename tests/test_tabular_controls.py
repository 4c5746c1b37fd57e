"""Tables as one-step sequences: sizes, scaling, and fits that other people published."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench.datasets.tabular_controls import breast_cancer, diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression


def table(split) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(split.x), np.concatenate(split.y).ravel()


@pytest.mark.parametrize(
    ("build", "sizes", "width"), [(diabetes, (332, 110), 10), (breast_cancer, (427, 142), 30)]
)
def test_an_example_is_one_step_scaled_by_train_alone(build, sizes, width):
    problem = build()
    assert (len(problem.train), len(problem.test)) == sizes
    assert {x.shape for split in (problem.train, problem.test) for x in split.x} == {(1, width)}
    assert len(problem.task.x.names) == width
    rows, _ = table(problem.train)
    assert np.allclose(rows.mean(axis=0), 0)
    assert np.allclose(rows.std(axis=0), 1)
    assert not np.allclose(table(problem.test)[0].mean(axis=0), 0, atol=1e-3)
    assert problem.about.role == "control"


def test_no_patient_is_in_both_parts_and_the_draw_is_fixed():
    for build, patients in ((diabetes, 442), (breast_cancer, 569)):
        problem, again = build(), build()
        rows = {x.tobytes() for split in (problem.train, problem.test) for x in split.x}
        assert len(rows) == patients
        assert all(np.array_equal(a, b) for a, b in zip(problem.test.x, again.test.x, strict=True))


def test_all_patients_together_give_the_published_fit_of_least_squares():
    problem = diabetes()
    parts = [table(split) for split in (problem.train, problem.test)]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression: R2 = .518 with all ten.
    assert LinearRegression().fit(x, y).score(x, y) == pytest.approx(0.518, abs=5e-4)
    assert (y.min(), y.max()) == (25, 346)


def test_the_classes_are_those_of_the_archive_in_equal_shares():
    problem = breast_cancer()
    assert problem.task.y.names == ("malignant", "benign")
    train, test = (np.bincount(table(split)[1]) for split in (problem.train, problem.test))
    # The archive counts 212 malignant and 357 benign.
    assert (train + test).tolist() == [212, 357]
    assert np.allclose(train / train.sum(), test / test.sum(), atol=0.005)


def test_a_line_through_one_step_tells_nearly_every_patient():
    problem = breast_cancer()
    known = LogisticRegression(max_iter=1000).fit(*table(problem.train))
    assert known.score(*table(problem.test)) > 0.94
    assert diabetes().task.kind == "regression"
    line = LinearRegression().fit(*table(diabetes().train))
    assert line.score(*table(diabetes().test)) > 0.35
