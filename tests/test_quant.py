"""QUANT, against aeon."""

from __future__ import annotations

import numpy as np
import pytest
from aeon.classification.interval_based import QUANTClassifier
from aeon.regression.interval_based import QUANTRegressor
from recurbench import Unsupported
from recurbench.methods.quant import quant
from series_sets import archive, cube, labels, numbers, seed_of_trees, shapes


@pytest.mark.parametrize("channels", [1, 2])
def test_quant_decides_as_the_classifier_of_aeon(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = QUANTClassifier(random_state=5).fit(cube(train), labels(train))
    chances = np.concatenate(quant(task, train, seed=seed_of_trees(5))(test.blind()))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))
    np.testing.assert_allclose(chances, (24 * theirs.predict_proba(cube(test)) + 1 / 3) / 25, atol=0.02)


def test_quant_predicts_the_numbers_of_the_regressor_of_aeon() -> None:
    task, train, test = numbers()
    theirs = QUANTRegressor(random_state=5).fit(cube(train), labels(train))
    answers = np.concatenate(quant(task, train, seed=seed_of_trees(5))(test.blind()))[:, 0]
    np.testing.assert_allclose(answers, theirs.predict(cube(test)), rtol=0.02)


def test_quant_has_the_published_accuracy_on_gunpoint() -> None:
    # .9867 in the results of the archive, for the default split.
    task, train, test = archive("GunPoint")
    chances = np.concatenate(quant(task, train)(test.blind()))
    assert (chances.argmax(axis=1) == labels(test)).mean() == pytest.approx(0.9867, abs=0.01)


def test_an_answer_is_the_same_alone_and_among_others() -> None:
    task, train, test = shapes()
    predict = quant(task, train, trees=20)
    together = predict(test.blind())
    for i in (0, 11, 23):
        np.testing.assert_array_equal(predict(test.take([i]).blind())[0], together[i])


def test_two_steps_are_refused_in_words() -> None:
    task, train, _ = shapes(steps=2)
    with pytest.raises(Unsupported, match="QUANT needs series of at least 3 steps"):
        quant(task, train)
