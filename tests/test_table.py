"""A table is read in any dialect, encoding and packing, with the line of each row."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from recurbench.reading.columns import so_called
from recurbench.reading.numerals import numbers
from recurbench.reading.table import Table, as_text, read_table, with_index

CELLS = [["2024-01-01", "1.5"], ["2024-01-02", "2.5"], ["2024-01-03", "3.5"]]
TEXT = "\n".join(["day,sales", *(",".join(row) for row in CELLS)]) + "\n"


def table(tmp_path: Path, content: str | bytes, name: str = "my.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|", " ", "  "])
def test_any_sign_may_stand_between_the_columns(tmp_path, sign):
    assert table(tmp_path, TEXT.replace(",", sign)).frame.values.tolist() == CELLS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(tmp_path, encoding):
    text = TEXT.replace("sales", "größe")
    assert list(table(tmp_path, text.encode(encoding)).frame.columns) == ["day", "größe"]


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("inside.csv", content)
    return stream.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_a_packed_file_is_unpacked_and_that_is_said(tmp_path, pack):
    read = table(tmp_path, pack(TEXT.encode()))
    assert read.frame.values.tolist() == CELLS
    assert read.how[0] in ("gzip", "bzip2", "xz", "zip")


def test_rows_know_their_line_across_blank_lines_and_quoted_line_ends(tmp_path):
    read = table(tmp_path, 'a,b\n\n1,2\n"x\ny",3\n,\n5,6\n')
    assert read.lines.tolist() == [3, 4, 7]


def test_names_of_rows_without_a_header_above_them_become_a_column(tmp_path):
    assert list(table(tmp_path, "a,b\n1,2,3\n2,3,4\n").frame.columns) == ["", "a", "b"]


def test_a_table_without_a_header_is_read_and_said(tmp_path):
    read = table(tmp_path, "2024-01-01,1.5\n2024-01-02,2.5\n")
    assert (len(read.frame), list(read.frame.columns)) == (2, ["column 1", "column 2"])
    assert any("no header" in how for how in read.how)
    assert len(table(tmp_path, "2024-01-01,NULL\n2024-01-02,2.5\n").frame) == 2


def test_columns_that_are_numbered_from_0_are_a_header(tmp_path):
    assert list(table(tmp_path, "0,1\n0.5,1.5\n0.6,1.6\n").frame.columns) == ["0", "1"]


def test_semicolons_win_over_decimal_commas(tmp_path):
    read = table(tmp_path, "day;sales\n2024-01-01;1,5\n2024-01-02;2,5\n")
    assert read.texts("sales") == ["1,5", "2,5"]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
        (["1.234,5", "2.345,6"], [1234.5, 2345.6]),
        (["1,234.5", "2,345.6"], [1234.5, 2345.6]),
        (["1,234,567", "2,345,678"], [1234567, 2345678]),
        (["1e3", "-.5", "7."], [1000, -0.5, 7]),
    ],
)
def test_commas_are_decimal_or_between_thousands(texts, values):
    read = numbers(texts)
    assert read.values.tolist() == values
    assert not read.wrong.any()


def test_a_comma_that_has_two_readings_stands_between_thousands_where_commas_separate_the_columns():
    assert numbers(["1,234", "5,678"], thousands=True).values.tolist() == [1234, 5678]
    assert numbers(["1,234", "5,678"], thousands=False).values.tolist() == [1.234, 5.678]


def test_a_sign_of_percent_or_of_a_currency_in_every_cell_is_left_out():
    assert numbers(["1.5%", "2 %"]).values.tolist() == [1.5, 2]
    assert numbers(["$1,234.50", "$7.00"]).values.tolist() == [1234.5, 7]
    assert numbers(["1.5%", "2"]).wrong.tolist() == [True, False]


def test_a_title_above_the_header_is_skipped(tmp_path):
    read = table(tmp_path, "Report of sales\n\nday,sales\n2024-01-01,1\n2024-01-02,2\n")
    assert (list(read.frame.columns), read.head, read.lines.tolist()) == (["day", "sales"], 3, [4, 5])


def test_one_column_with_decimal_commas_is_one_column(tmp_path):
    assert table(tmp_path, "rate\n84,2\n85,1\n").frame.values.tolist() == [["84,2"], ["85,1"]]


def test_blank_cells_and_words_for_missing_are_missing_and_others_are_wrong():
    read = numbers(["1", "", "NA", "?", "x", "inf", "1_000"])
    assert read.missing.tolist() == [False, True, True, True, False, False, False]
    assert read.wrong.tolist() == [False, False, False, False, True, True, True]


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is an extra")
def test_parquet_is_read_like_the_frame_that_was_written(tmp_path):
    frame = pd.DataFrame(
        {"day": pd.date_range("2024-01-01", periods=3), "y": [1.5, 2.5, 3.5], "n": ["a"] * 3}
    )
    frame.to_parquet(tmp_path / "my.parquet")
    assert read_table(tmp_path / "my.parquet").frame.equals(as_text(frame))


@pytest.mark.parametrize(
    ("index", "names"),
    [
        (pd.RangeIndex(2), ["y"]),
        (pd.Index([4, 7]), ["y"]),
        (pd.Index([4, 7], name="step"), ["step", "y"]),
        (pd.date_range("2024-01-01", periods=2), ["time", "y"]),
        (pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["shop", None]), ["shop", "level_1", "y"]),
    ],
)
def test_an_index_that_says_more_than_the_number_of_a_row_becomes_a_column(index, names):
    assert list(with_index(pd.DataFrame({"y": [1, 2]}, index=index), "data").columns) == names


def test_an_index_with_the_name_of_a_column_is_refused_with_the_name_of_the_file():
    frame = pd.DataFrame({"ds": [1]}, index=pd.Index(["a"], name="ds"))
    with pytest.raises(
        ValueError, match=r"^a\.parquet has 'ds' both as a column and as its index; rename one"
    ):
        with_index(frame, "a.parquet")


def test_a_column_is_found_by_its_name_or_else_by_its_letters():
    assert so_called("Day", ["day", "Day", "DAY"]) == ["Day"]
    assert so_called("dAY", ["day", "Day", "y"]) == ["day", "Day"]
    assert so_called("week", ["day"]) == []
