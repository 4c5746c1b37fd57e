"""The 22 canonical characteristics, against aeon."""

from __future__ import annotations

import numpy as np
import pytest
from aeon.classification.feature_based import Catch22Classifier
from aeon.regression.feature_based import Catch22Regressor
from recurbench import Split
from recurbench.methods.catch22 import catch22
from series_sets import cube, labels, numbers, seed_of_trees, shapes


@pytest.mark.parametrize("channels", [1, 2])
def test_catch22_decides_as_the_classifier_of_aeon(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = Catch22Classifier(random_state=5).fit(cube(train), labels(train))
    chances = np.concatenate(catch22(task, train, seed=seed_of_trees(5))(test.blind()))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))
    # Smoothed: one more example is spread over the three classes.
    expected = (24 * theirs.predict_proba(cube(test)) + 1 / 3) / 25
    np.testing.assert_allclose(chances, expected)


def test_catch22_predicts_the_numbers_of_the_regressor_of_aeon() -> None:
    task, train, test = numbers()
    theirs = Catch22Regressor(random_state=5).fit(cube(train), labels(train))
    answers = np.concatenate(catch22(task, train, seed=seed_of_trees(5))(test.blind()))[:, 0]
    np.testing.assert_allclose(answers, theirs.predict(cube(test)))


def test_series_of_any_length_have_the_same_features() -> None:
    task, train, _ = shapes()
    mixed = Split([x[: 12 + i % 13] for i, x in enumerate(train.x)], train.y)
    predict = catch22(task, mixed, trees=10)
    assert predict.notes["features"] == 24
    asked = Split([train.x[0][:1], train.x[1][:2], train.x[2], np.ones((40, 1))])
    together = predict(asked)
    assert np.isfinite(np.concatenate(together)).all()
    for i in range(4):
        np.testing.assert_array_equal(predict(asked.take([i]))[0], together[i])
