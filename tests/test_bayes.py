import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Split, Task, Values
from recurbench.methods._bayes import choose_temperature, class_chances, class_priors

TASK = Task("classification", Values(1), Values(2, symbols=True), "fixed")


def labelled(count, length=10):
    labels = [i % 2 for i in range(count)]
    return Split([np.full((length, 1), float(c)) for c in labels], [np.array([c]) for c in labels])


def test_priors_add_half_a_case_to_every_class():
    np.testing.assert_allclose(np.exp(class_priors(np.array([0, 0, 1]), 3)), np.array([2.5, 1.5, 0.5]) / 4.5)


@given(st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=5), st.floats(0.001, 1.0))
def test_chances_sum_to_one_however_extreme_the_likelihoods(scores, temperature):
    size = len(scores)
    chances = class_chances(np.array([scores]), np.full(size, -np.log(size)), temperature)
    assert chances.sum() == pytest.approx(1.0)
    assert np.argmax(chances[0]) in np.flatnonzero(np.isclose(scores, max(scores), atol=1e-6))


def test_plain_bayes_is_temperature_one():
    likelihoods = np.array([[0.2, 0.6]])
    chances = class_chances(np.log(likelihoods), np.log([0.75, 0.25]), 1.0)
    np.testing.assert_allclose(chances, [[0.5, 0.5]])


def test_overconfident_wrong_scores_are_cooled_most():
    def fit(_):
        return lambda split: np.tile([[200.0, -200.0]], (len(split), 1))

    assert choose_temperature(TASK, labelled(40), fit) < 0.01


def test_scores_that_are_always_right_are_left_sharp():
    def fit(_):
        return lambda split: np.array([[2.0, -2.0] if x[0, 0] == 0 else [-2.0, 2.0] for x in split.x])

    assert choose_temperature(TASK, labelled(40), fit) == 1.0


def test_with_nothing_to_hold_out_the_likelihood_per_step_is_used():
    one_each = labelled(2, length=20)
    assert choose_temperature(TASK, one_each, lambda _: pytest.fail("nothing to fit on")) == 1 / 20
