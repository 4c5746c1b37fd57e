"""An .npz file gives cases [steps, channels] with answers and groups, in one or several parts."""

from __future__ import annotations

import numpy as np
import pytest
from own_files import npz
from recurbench.reading.npz_file import read_npz


def test_cases_are_transposed_and_keep_answers_and_groups(tmp_path):
    x = np.arange(24.0).reshape(2, 3, 4)
    path = npz(tmp_path / "a.npz", X=x, y=np.array([1.0, 2.0]), groups=np.array([7, 8]))
    cases = read_npz(path)[""]
    assert np.array_equal(cases.series[1], x[1].T)
    assert (cases.answers, cases.groups, cases.word) == (["1", "2"], ["7", "8"], "case")


def test_two_dimensions_are_cases_and_steps(tmp_path):
    path = npz(tmp_path / "a.npz", X=np.ones((4, 5)), y=np.array([0.5, 1, 2, np.nan]))
    cases = read_npz(path)[""]
    assert cases.series[0].shape == (5, 1)
    assert cases.answers == ["0.5", "1", "2", ""]


def test_parts_that_the_file_has_are_kept(tmp_path):
    arrays = {f"{name}_{part}": value for part in ("train", "test") for name, value in _few().items()}
    found = read_npz(npz(tmp_path / "a.npz", X=None, y=None, **arrays))
    assert list(found) == ["train", "test"]


def _few():
    return {"X": np.ones((4, 2, 5)), "y": np.array(["a", "b"] * 2)}


def test_new_cases_need_no_answers(tmp_path):
    cases = read_npz(npz(tmp_path / "a.npz", y=None), answers=False)[""]
    assert cases.answers == []
    with pytest.raises(ValueError, match="no array y"):
        read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "arrays",
    [
        {"X": np.ones(3)},
        {"X": np.full((24, 2, 7), np.inf)},
        {"y": np.zeros(3)},
        {"X": None},
        {"X": np.array([np.ones(2), np.ones(3)], dtype=object)},
    ],
    ids=["one dimension", "infinite", "too few answers", "no X", "objects"],
)
def test_arrays_of_another_form_are_refused(tmp_path, arrays):
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_npz(npz(tmp_path / "a.npz", **arrays))


def test_another_file_with_this_ending_is_refused(tmp_path):
    (tmp_path / "a.npz").write_text("no archive")
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_npz(tmp_path / "a.npz")
