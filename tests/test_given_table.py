"""A DataFrame that is written to a file and read back holds the same values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recurbench.given_table import NAME, stored
from recurbench.reading.table import TIME, read_table

DATES = pd.date_range("2020-01-01", periods=3, freq="MS")


def columns(table: object, folder: Path) -> list[str]:
    file, _ = stored(table, folder)
    return list(pd.read_csv(file).columns)


def test_values_and_dates_come_back_as_they_were(tmp_path: Path) -> None:
    table = pd.DataFrame({"day": DATES, "value": [0.1 + 0.2, np.nan, 1e-17], "name": ["a,b", 'c"d', "é"]})
    file, out = stored(table, tmp_path)
    assert (file, out) == (tmp_path / NAME, tmp_path)
    back = pd.read_csv(file, parse_dates=["day"], float_precision="round_trip")
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


def test_periods_are_written_as_the_dates_on_which_they_begin(tmp_path: Path) -> None:
    quarters = pd.period_range("2024Q1", periods=2, freq="Q")
    file, _ = stored(pd.Series([1, 2], index=quarters, name="sales"), tmp_path)
    read = read_table(file).frame
    assert read["sales"].tolist() == ["1", "2"]
    assert read[TIME].tolist() == ["2024-01-01T00:00:00", "2024-04-01T00:00:00"]


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (pd.DataFrame({"y": [1, 2, 3]}), ["y"]),
        (pd.DataFrame({"y": [1, 2, 3]}, index=[7, 5, 9]), ["y"]),
        (pd.DataFrame({"y": [1, 2, 3]}, index=DATES), [TIME, "y"]),
        (pd.DataFrame({"y": [1, 2, 3]}, index=DATES.rename("month")), ["month", "y"]),
        (pd.DataFrame({"y": [1, 2, 3]}, index=pd.period_range("2020Q1", periods=3, freq="Q")), [TIME, "y"]),
        (pd.DataFrame({"y": [1, 2, 3]}, index=["1 May", "2 May", "3 May"]), [TIME, "y"]),
        (pd.DataFrame({TIME: [1, 2, 3]}, index=DATES), ["index", TIME]),
        (pd.DataFrame({0: [1, 2, 3], 1: [4, 5, 6]}), ["0", "1"]),
        (pd.Series([1, 2, 3]), ["y"]),
        (pd.Series([1, 2, 3], index=DATES, name="sales"), [TIME, "sales"]),
        (
            pd.Series(
                range(6), pd.MultiIndex.from_product([["a", "b"], DATES], names=["id", "ds"]), name="y"
            ),
            ["id", "ds", "y"],
        ),
    ],
)
def test_an_index_that_says_more_than_the_number_of_a_row_becomes_a_column(
    tmp_path: Path, table: object, wanted: list[str]
) -> None:
    assert columns(table, tmp_path) == wanted


def test_the_same_table_has_the_same_directory_and_another_table_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one, again, other = (stored(pd.DataFrame({"y": values}), None)[1] for values in ([1], [1], [2]))
    assert one == again != other
    assert one.parent == Path("runs")


def test_a_file_with_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    table = pd.DataFrame({"y": [1]})
    file, _ = stored(table, tmp_path)
    written = file.stat().st_mtime_ns
    stored(table, tmp_path)
    assert file.stat().st_mtime_ns == written
    stored(pd.DataFrame({"y": [2]}), tmp_path)
    assert file.read_text() == "y\n2\n"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"y": []}), "0 rows and 1 columns"),
        (pd.DataFrame(index=range(3)), "3 rows and 0 columns"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])), "2 levels"),
        (pd.DataFrame({"ds": [1]}, index=pd.Index(["a"], name="ds")), "'ds' both as a column"),
        (np.zeros(3), "ndarray"),
    ],
)
def test_a_table_that_no_file_can_hold_is_refused(tmp_path: Path, table: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stored(table, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ValueError, match="name another directory with out="):
        stored(pd.DataFrame({"y": [1]}), tmp_path / "taken")
