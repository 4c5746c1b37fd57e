"""Rolling origins and the naming of data files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Task, Values
from recurbench.reading.series import Series, digest, origins_text, packaged, rolling, version
from recurbench.task import windows


def counting(length: int, channels: int = 1, known: int = 0, name: str = "a") -> Series:
    values = np.arange(length * channels, dtype=np.float64).reshape(length, channels)
    return Series(name, values, np.arange(length), known)


def test_training_ends_where_the_first_test_origin_begins():
    train, test = rolling([counting(50)], targets=1, horizon=4, origins=3)
    assert [len(x) for x in test.x] == [38, 42, 46]
    assert len(train.x[0]) + 4 == 38
    assert np.array_equal(np.concatenate([train.x[0], train.y[0]]), test.x[0])


def test_only_the_targets_are_asked_for_and_only_the_known_channels_go_ahead():
    _, test = rolling([counting(30, channels=4, known=2)], targets=1, horizon=5, origins=1)
    assert test.y[0].shape == (5, 1)
    assert test.ahead[0].shape == (5, 2)
    assert test.ahead[0][0].tolist() == [102, 103]


def test_without_known_covariates_nothing_is_ahead():
    train, test = rolling([counting(30, channels=2)], targets=1, horizon=5, origins=1)
    assert len(train.ahead) == len(test.ahead) == 0


@given(
    st.lists(st.integers(40, 90), min_size=1, max_size=4),
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 2),
)
def test_no_answer_lies_in_its_own_past_and_the_test_answers_tile_the_end(lengths, horizon, origins, known):
    series = [counting(n, 3, known, name=str(i)) for i, n in enumerate(lengths)]
    train, test = rolling(series, 1, horizon, origins)
    assert len(train) == len(series)
    assert len(test) == origins * len(series)
    for x, y, time in zip(test.x, test.y, test.time, strict=True):
        assert len(x) + len(y) == len(time)
        assert not np.isin(y, x[:, :1]).any()
    for i, one in enumerate(series):
        answers = [y for y, name in zip(test.y, test.series, strict=True) if name == one.name]
        assert np.array_equal(np.concatenate(answers), one.values[-origins * horizon :, :1])
        assert np.array_equal(train.x[i], one.values[: len(train.x[i])])


def test_examples_own_their_memory_so_one_cannot_show_the_other_what_comes_next():
    _, test = rolling([counting(30)], 1, 5, 2)
    assert not np.shares_memory(test.x[0], test.x[1])
    assert test.x[0].base is None


def test_training_can_be_cut_into_windows():
    train, _ = rolling([counting(50, channels=3, known=1)], 1, 4, 2)
    task = Task("forecasting", Values(3), Values(1), "fixed", steps=4)
    assert [len(x) for x in windows(task, train, stride=4).x][-2:] == [34, 38]


def test_a_series_too_short_says_how_much_is_needed():
    with pytest.raises(ValueError, match=r"'a' \(20 steps\).*needs 22"):
        rolling([counting(20)], 1, horizon=5, origins=3)
    with pytest.raises(ValueError, match="at least 1"):
        rolling([counting(20)], 1, horizon=0, origins=3)


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    horizon=st.integers(1, 15),
    origins=st.integers(1, 6),
    least=st.integers(2, 5),
)
def test_the_horizon_or_the_origins_that_a_refusal_names_fit_and_no_larger_ones(
    lengths, horizon, origins, least
):
    series = [counting(length) for length in lengths]
    short = [length for length in lengths if length < least + (origins + 1) * horizon]
    if not short:
        rolling(series, 1, horizon, origins, least)
        return
    with pytest.raises(ValueError, match=f"^{len(short)} of {len(lengths)} series") as caught:
        rolling(series, 1, horizon, origins, least)
    sentence = str(caught.value)
    assert len(re.findall(r"\((?:1 step|\d+ steps)\)", sentence)) == min(len(short), 3)
    assert " 1 steps" not in sentence
    assert " 1 test origins" not in sentence
    for word, value in re.findall(r"lower the (horizon|origins) to (\d+)", sentence):
        asked = {"horizon": horizon, "origins": origins}
        rolling(series, 1, **{**asked, word: int(value)}, least=least)
        with pytest.raises(ValueError, match="too short"):
            rolling(series, 1, **{**asked, word: int(value) + 1}, least=least)
    if "give longer series" in sentence:
        for fewer in ({"horizon": 1, "origins": origins}, {"horizon": horizon, "origins": 1}):
            with pytest.raises(ValueError, match="too short"):
                rolling(series, 1, **fewer, least=least)


def test_a_missing_data_file_is_reported_in_words():
    with pytest.raises(FileNotFoundError, match=r"datasets/none\.csv should be in the package aeon"):
        packaged("aeon", "datasets", "none.csv")
    with pytest.raises(FileNotFoundError, match="no version"):
        packaged("a_package_nobody_has", "x.csv")


def test_a_version_names_the_package_and_the_bytes_that_were_read(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    together = hashlib.sha256(b"onetwo").hexdigest()
    assert digest(tmp_path / "a", tmp_path / "b") == together
    assert version("numpy", tmp_path / "a", tmp_path / "b") == f"numpy {np.__version__}, sha256 {together}"


def test_a_single_origin_stands_in_the_singular_and_without_a_distance() -> None:
    assert origins_text(1, 12) == "1 test origin"
    assert origins_text(3, 1) == "3 test origins, 1 step apart"
    assert origins_text(2, 7, "day") == "2 test origins, 7 days apart"
