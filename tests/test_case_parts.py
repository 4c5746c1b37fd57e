"""Parts of labelled cases: read, filled, split, and everything wrong is said with its places."""

from __future__ import annotations

import numpy as np
import pytest
from own_files import npz, panel, put, ts, tsv, wide
from recurbench.reading.case_columns import CaseColumns
from recurbench.reading.case_files import find_parts
from recurbench.reading.case_parts import many_numbers, read_parts

LONG = CaseColumns("long", "status", "company", "", "year")


def read(path, columns=None, as_numbers=False):
    return read_parts(find_parts(path), columns, as_numbers=as_numbers, share=0.3, seed=0)


def said(parts, word):
    return [remark for remark in parts.remarks if word in remark]


def test_one_file_is_split_and_a_pair_is_not(tmp_path):
    put(tmp_path, one__ts=ts(40), two_TRAIN__ts=ts(20), two_TEST__ts=ts(30, first=1))
    one, two = read(tmp_path / "one.ts"), read(tmp_path / "two_TRAIN.ts")
    assert (len(one.train.series), len(one.test.series)) == (28, 12)
    assert (len(two.train.series), len(two.test.series)) == (20, 30)
    assert one.split != two.split
    assert two.remarks == ()


def test_a_folder_of_three_tables_brings_its_validation_part(tmp_path):
    put(tmp_path, p_train__csv=panel(30), p_valid__csv=panel(9, first=50), p_test__csv=panel(12, first=70))
    parts = read(tmp_path, LONG)
    assert parts.valid is not None
    assert [len(each.series) for each in (parts.train, parts.valid, parts.test)] == [30, 9, 12]


def test_groups_are_in_one_part(tmp_path):
    path = npz(tmp_path / "a.npz", 48, groups=np.arange(48) // 2)
    parts = read(path)
    assert set(parts.train.groups) & set(parts.test.groups) == set()


def test_identical_cases_of_one_file_are_in_one_part_and_named(tmp_path):
    lines = ts(30).splitlines()
    lines[5 + 7] = lines[5 + 2]
    put(tmp_path, a__ts="\n".join(lines))
    parts = read(tmp_path / "a.ts")
    (remark,) = said(parts, "same values")
    assert "lines 8, 13" in remark
    assert (8 in parts.train.lines) == (13 in parts.train.lines)


def test_identical_cases_with_other_labels_are_named(tmp_path):
    lines = ts(30).splitlines()
    lines[5 + 7] = lines[5 + 2][:-1] + "b"
    put(tmp_path, a__ts="\n".join(lines))
    assert said(read(tmp_path / "a.ts"), "different labels")


def test_test_cases_that_train_has_are_left_out_and_named(tmp_path):
    leaking = ts(20, first=1).splitlines()
    leaking[9] = ts(20).splitlines()[6]
    put(tmp_path, a_TRAIN__ts=ts(20), a_TEST__ts="\n".join(leaking))
    parts = read(tmp_path)
    assert len(parts.test.series) == 19
    (remark,) = said(parts, "left out")
    assert "line 10: line 7 of a_TRAIN.ts" in remark


def test_companies_of_both_files_are_left_out_of_test(tmp_path):
    put(tmp_path, p_train__csv=panel(20), p_test__csv=panel(20, first=15))
    parts = read(tmp_path, LONG)
    assert parts.test.names == [f"firm{i}" for i in range(20, 35)]
    assert "5 groups" in said(parts, "left out")[0]


def test_files_that_count_their_cases_from_0_share_no_groups(tmp_path):
    head, *rows = panel(20, named="").splitlines()
    shifted = [f"{int(row.split(',')[0]) % 5},{row.partition(',')[2]}" for row in rows[40:60]]
    put(tmp_path, p_train__csv="\n".join([head, *rows[:40]]), p_test__csv="\n".join([head, *shifted]))
    parts = read(tmp_path, LONG)
    assert len(parts.test.series) == 5
    assert said(parts, "left out") == []


def test_a_test_part_that_train_has_is_refused(tmp_path):
    put(tmp_path, a_TRAIN__ts=ts(20), a_TEST__ts=ts(20))
    with pytest.raises(ValueError, match="all 20 test cases"):
        read(tmp_path)


def test_a_class_that_only_test_has_is_refused_with_its_lines(tmp_path):
    test = ts(20, first=1).replace("true a b", "true a b c").replace(":b", ":c")
    put(tmp_path, a_TRAIN__ts=ts(20), a_TEST__ts=test)
    with pytest.raises(ValueError, match=r"c \(line 7\)"):
        read(tmp_path)


def test_a_class_of_one_case_is_in_train_and_named(tmp_path):
    put(tmp_path, a__csv=wide(31).rstrip()[:-1] + "rare\n")
    parts = read(tmp_path / "a.csv", CaseColumns("wide", "class"))
    assert "rare" in parts.train.answers
    assert "row 32" in said(parts, "one case only")[0]


def test_one_class_is_refused(tmp_path):
    put(tmp_path, a__ts=ts(20, classes="a"))
    with pytest.raises(ValueError, match="all 20 cases have the class a"):
        read(tmp_path / "a.ts")


def test_missing_values_are_filled_and_counted(tmp_path):
    x = np.random.default_rng(0).normal(size=(24, 2, 7))
    x[4, 0, 3] = x[5, 1, 0] = np.nan
    x[6, :, 5:] = np.nan
    parts = read(npz(tmp_path / "a.npz", X=x))
    inside, ends = said(parts, "missing values")
    assert inside.endswith("1, case 5")
    assert ends.endswith("1, case 6")
    assert said(parts, "1 series is cut")
    lengths = {len(values) for part in (parts.train, parts.test) for values in part.series}
    assert lengths == {5, 7}
    assert all(np.isfinite(values).all() for part in (parts.train, parts.test) for values in part.series)


def test_missing_values_are_kept_and_counted_where_that_is_asked_for(tmp_path):
    x = np.random.default_rng(0).normal(size=(24, 2, 7))
    x[4, 0, 3] = x[5, 1, 0] = np.nan
    path = npz(tmp_path / "a.npz", X=x)
    parts = read_parts(find_parts(path), None, as_numbers=False, share=0.3, seed=0, keep=True)
    inside, ends = said(parts, "missing values")
    assert inside == "missing values inside series are kept: 1, case 5"
    assert ends == "missing values at the ends of series are kept: 1, case 6"
    series = dict(
        zip((*parts.train.lines, *parts.test.lines), (*parts.train.series, *parts.test.series), strict=True)
    )
    assert all(np.array_equal(series[i + 1], x[i].T, equal_nan=True) for i in range(24))


def test_a_channel_without_values_is_refused_with_its_case(tmp_path):
    x = np.ones((24, 2, 7))
    x[3, 1] = np.nan
    with pytest.raises(ValueError, match="case 4: channel 2"):
        read(npz(tmp_path / "a.npz", X=x))


def test_numbers_are_read_where_they_are_asked_for(tmp_path):
    put(tmp_path, a__csv=wide(40, label="y", numbers=True))
    parts = read(tmp_path / "a.csv", CaseColumns("wide", "y"), as_numbers=True)
    assert parts.train.asks_numbers
    assert all(isinstance(answer, float) for answer in parts.train.answers)
    put(tmp_path, b__csv=wide(40))
    with pytest.raises(ValueError, match="row 2: the answer 'a'"):
        read(tmp_path / "b.csv", CaseColumns("wide", "class"), as_numbers=True)


def test_a_small_test_part_is_said(tmp_path):
    put(tmp_path, a__tsv=tsv(24), b__tsv=tsv(200))
    assert said(read(tmp_path / "a.tsv"), "fewer than 30")
    assert not said(read(tmp_path / "b.tsv"), "fewer than 30")


def test_many_different_numbers_are_values_and_few_are_classes():
    assert many_numbers([str(i / 3) for i in range(40)])
    assert many_numbers([0.5, 0.25])
    assert not many_numbers([str(i % 3) for i in range(40)])
    assert not many_numbers([f"class {i}" for i in range(40)])


def test_classes_that_differ_in_capitals_are_kept_apart_and_named(tmp_path):
    put(tmp_path, a__csv=wide(40) + wide(40).split("\n", 1)[1].replace(",a", ",A").replace("n", "m"))
    parts = read(tmp_path / "a.csv", CaseColumns("wide", "class"))
    assert set(parts.train.answers) == {"a", "A", "b"}
    assert said(parts, "capitals")
    assert not said(parts, "b, ")
