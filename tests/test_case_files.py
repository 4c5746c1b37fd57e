"""A file brings its other part, a folder its data set, and every format is recognised."""

from __future__ import annotations

import gzip

import pytest
from own_files import panel, put, ts, tsv, wide
from recurbench.reading.case_files import find_parts, format_of, sets_in


def test_a_train_file_brings_its_test_and_validation_file(tmp_path):
    put(tmp_path, a_TRAIN__ts="", a_TEST__ts="", a_valid__ts="", b_TEST__ts="")
    found = find_parts(tmp_path / "a_TRAIN.ts")
    assert {part: file.name for part, file in found.items()} == {
        "train": "a_TRAIN.ts",
        "test": "a_TEST.ts",
        "valid": "a_valid.ts",
    }
    assert find_parts(tmp_path / "a_TEST.ts") == found


def test_a_train_file_without_a_test_file_is_one_file(tmp_path):
    put(tmp_path, a_TRAIN__ts="")
    assert find_parts(tmp_path / "a_TRAIN.ts") == {"": tmp_path / "a_TRAIN.ts"}


def test_a_word_inside_a_name_is_no_part(tmp_path):
    put(tmp_path, contest__csv="", training_data__csv="")
    assert find_parts(tmp_path / "contest.csv") == {"": tmp_path / "contest.csv"}


def test_a_folder_of_several_formats_gives_the_first(tmp_path):
    put(tmp_path, a_TRAIN__tsv="", a_TEST__tsv="", a_TRAIN__ts="", a_TEST__ts="", notes__md="")
    assert find_parts(tmp_path)["train"].name == "a_TRAIN.ts"


def test_a_folder_of_packed_tables_is_read(tmp_path):
    for part in ("train", "test"):
        (tmp_path / f"5_{part}.csv.gz").write_bytes(gzip.compress(b"a,b\n"))
    assert set(find_parts(tmp_path)) == {"train", "test"}


def test_a_folder_without_a_pair_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no train and test"):
        find_parts(tmp_path)


def test_a_folder_of_several_data_sets_names_the_train_file_of_each_once(tmp_path):
    put(tmp_path, b_TRAIN__ts="", b_TEST__ts="", b_TRAIN__tsv="", b_TEST__tsv="", c_TRAIN__ts="")
    assert sets_in(tmp_path) == [tmp_path / "b_TRAIN.ts"]
    put(tmp_path, a_TRAIN__csv="", a_TEST__csv="", a_valid__csv="")
    assert sets_in(tmp_path) == [tmp_path / "a_TRAIN.csv", tmp_path / "b_TRAIN.ts"]


def test_sub_folders_count_where_the_folder_itself_has_no_file_to_read(tmp_path):
    for name in ("two", "one", "none", ".hidden"):
        (tmp_path / name).mkdir()
        if name != "none":
            put(tmp_path / name, TRAIN__ts="", TEST__ts="")
    put(tmp_path, README__md="")
    assert sets_in(tmp_path) == [tmp_path / "one" / "TRAIN.ts", tmp_path / "two" / "TRAIN.ts"]
    put(tmp_path, a__ts="")
    assert sets_in(tmp_path) == [tmp_path]


def test_a_file_and_a_folder_of_wav_files_are_one_data_set(tmp_path):
    put(tmp_path, a_TRAIN__ts="", a_TEST__ts="", b_TRAIN__ts="", b_TEST__ts="")
    assert sets_in(tmp_path / "a_TRAIN.ts") == [tmp_path / "a_TRAIN.ts"]
    put(tmp_path, sound__wav="")
    assert sets_in(tmp_path) == [tmp_path]


def test_formats_are_told_by_ending_and_first_line(tmp_path):
    put(tmp_path, a__ts=ts(), b__tsv=tsv(), c__csv=panel(), d__tsv=wide().replace(",", "\t"))
    forms = [format_of(tmp_path / name) for name in ("a.ts", "b.tsv", "c.csv", "d.tsv")]
    assert forms == ["ts", "tsv", "table", "table"]
