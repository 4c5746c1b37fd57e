import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods._embedding import delay_windows, known_targets, last_window, require_finite

TASK = Task("forecasting", Values(2), Values(1), "fixed", steps=2)


def test_windows_hold_every_run_oldest_first():
    series = np.arange(8.0).reshape(4, 2)
    np.testing.assert_array_equal(delay_windows(series, 3), [series[0:3], series[1:4]])


def test_a_series_shorter_than_the_window_has_none():
    assert delay_windows(np.ones((2, 3)), 5).shape == (0, 5, 3)


def test_a_short_history_is_continued_backwards_by_its_first_step():
    np.testing.assert_array_equal(last_window(np.array([[1.0], [2.0]]), 4)[:, 0], [1, 1, 1, 2])


def test_a_long_history_is_cut_to_its_end():
    np.testing.assert_array_equal(last_window(np.arange(5.0)[:, None], 2)[:, 0], [3, 4])


def test_a_whole_series_is_the_targets_of_the_past_and_the_answer():
    x = np.array([[1.0, 9.0], [2.0, 9.0]])
    train = Split([x], [np.array([[3.0], [4.0]])], series=["a"])
    (known,) = known_targets(TASK, train, "m")
    np.testing.assert_array_equal(known[:, 0], [1, 2, 3, 4])


def test_missing_values_are_refused_in_words():
    with pytest.raises(ValueError, match=r"analog needs finite values, but 1 of 3"):
        require_finite(np.array([1.0, np.nan, 2.0]), "analog")
