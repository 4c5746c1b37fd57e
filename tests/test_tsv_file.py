"""The reader of .tsv files: classes of any text, gaps, and refusals by file and line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reading.tsv_file import read_tsv, read_unlabelled
from shared_files import SHARED

VALUES = st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.one_of(VALUES, st.sampled_from(["", "?", "NaN", "NA", " "]))


def read(text: str, folder: Path):
    path = folder / "x.tsv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_tsv(path)


@given(
    first=st.lists(VALUES, min_size=3, max_size=3),
    rows=st.lists(st.tuples(VALUES, CELLS, CELLS), max_size=4),
    end=st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n# note\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_what_was_written_comes_back_bit_for_bit(first, rows, end, mark, tmp_path_factory):
    table = [tuple(first), *rows]
    text = mark + end.join("\t".join(("7", *map(str, row))) for row in table) + end
    found = read(text, tmp_path_factory.getbasetemp())
    wanted = np.array([[np.nan if isinstance(cell, str) else cell for cell in row] for row in table])
    assert np.array_equal(np.stack(found.series)[:, :, 0], wanted, equal_nan=True)


def test_a_whole_number_is_one_class_however_it_is_written_and_words_are_classes_too(tmp_path):
    found = read("1\t1\t2\n1.0\t1\t3\n 1.0000000e+00 \t1\t4\n-2\t0\t1\nCat\t1\t2\ncat\t3\t4\n", tmp_path)
    assert found.answers == ["1", "1", "1", "-2", "Cat", "cat"]


def test_a_word_beside_words_is_a_class_in_the_first_line_too(tmp_path):
    assert read("cat\t1\t2\ndog\t1\t3\n1\t4\t4\n", tmp_path).answers == ["cat", "dog", "1"]


def test_classes_of_many_digits_stay_apart(tmp_path):
    rows = ("12345678901234567890", "12345678901234567891", "+12345678901234567891.0", "-1")
    found = read("".join(f"{label}\t1\t2\n" for label in rows), tmp_path)
    assert found.answers == ["12345678901234567890", *["12345678901234567891"] * 2, "-1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no case; rows of a class and values, separated by tabs, are needed"),
        ("\n\n", "has no case"),
        ("1,2,3\n", "line 1: no tab; write the class, then the values, separated by tabs"),
        (
            "1\t2\t3\n2\t3\n",
            "line 2: 1 values, and line 1 has 2; give every row the same number, a short series with NaN",
        ),
        ("label\tv1\tv2\n1\t2\t3\n", "line 1: 'v1' is no number"),
        ("1\t2\t0,5\n", "line 1: '0,5' is no number"),
        ("1\t2\t1-2\n", "line 1: '1-2' is no number"),
        ("1\t1-2\t\t3\n", "line 1: '1-2' is no number"),
        ("1\t0,5\t1\t2\t\n", "line 1: '0,5' is no number"),
        ("1\t0\t1,5\t\t\n", "line 1: '1,5' is no number"),
        ("class\t0\t1\n1\t2\t3\n2\t3\t4\n", "line 1: the class is 'class', .* looks like a header; remove"),
        ("# note\n\nlabel\t2000\t2001\n1.0\t2\t3\n", "line 3: the class is 'label', .* a header; remove"),
        ("1\t2\tinf\n", "line 1: 'inf' is no finite number"),
        ("1\tNaN\t\n", "line 1: the series has no value; leave the case out"),
        ("\t1\t2\n", "line 1: the class is missing"),
        ("1\t1\t2\n\nNaN\t1\t2\n", "line 3: the class is missing"),
        (
            "1\t1\t2\n0.25\t1\t2\n",
            "line 2: the first column has 0.25, which is no class; write the class first",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(tmp_path, text, words):
    with pytest.raises(ValueError, match=words) as refused:
        read(text, tmp_path)
    assert str(tmp_path / "x.tsv") in str(refused.value)


@pytest.mark.long
def test_the_archives_files_are_read_as_by_numpy():
    if not SHARED.is_dir():
        pytest.skip("the archives are not beside the repository (../shared/data)")
    for path in sorted((SHARED / "ucr").glob("*/*.tsv")):
        ours, rows = read_tsv(path), np.loadtxt(path, delimiter="\t", ndmin=2)
        assert np.array_equal(np.stack(ours.series)[:, :, 0], rows[:, 1:], equal_nan=True), path
        assert [int(answer) for answer in ours.answers] == rows[:, 0].tolist(), path


def test_new_cases_may_have_a_class_in_front_or_not(tmp_path):
    path = tmp_path / "new.tsv"
    path.write_text("1\t2\t3\nb\t4\t5\t6\n")
    cases = read_unlabelled(path, 3)
    assert [values[:, 0].tolist() for values in cases.series] == [[1, 2, 3], [4, 5, 6]]
    path.write_text("a\t2\t3\nb\t4\n")
    assert [len(values) for values in read_unlabelled(path, None).series] == [2, 1]
