"""The roles of columns are found by what the columns hold and how they are called."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from recurbench.reading.layout import Layout, layout_of
from recurbench.reading.proposal import Options
from recurbench.reading.table import read_table

DAYS = [(date(2024, 1, 1) + timedelta(days=i)).isoformat() for i in range(30)]


def layout(tmp_path: Path, header: str, rows: list[str], **options: object) -> Layout:
    path = tmp_path / "my.csv"
    path.write_text("\n".join([header, *rows]))
    return layout_of(read_table(path), Options(**options))


def roles(found: Layout) -> tuple[object, ...]:
    return found.ids, found.time, found.targets, found.past


@pytest.mark.parametrize("name", ["Month", "DATE", "", "Unnamed: 0", "whatever"])
def test_a_column_of_dates_is_the_time_whatever_it_is_called(tmp_path, name):
    found = layout(tmp_path, f"{name},sales", [f"{day},{i * i % 7}" for i, day in enumerate(DAYS)])
    assert roles(found) == ((), (name,), ("sales",), ())


def test_numeric_columns_of_a_wide_table_are_a_series_each(tmp_path):
    found = layout(tmp_path, "day,a,b", [f"{day},{i % 7},{i % 5}" for i, day in enumerate(DAYS)])
    assert roles(found) == ((), ("day",), ("a", "b"), ())


def test_covariates_and_targets_that_are_named_win_in_letters_of_either_case(tmp_path):
    rows = [f"{day},{i % 7},{i % 5},{i % 4}" for i, day in enumerate(DAYS)]
    assert roles(layout(tmp_path, "day,a,b,c", rows, covariates="B"))[2:] == (("a", "c"), ("b",))
    assert roles(layout(tmp_path, "day,a,b,c", rows, target="A", covariates="b,c"))[2:] == (
        ("a",),
        ("b", "c"),
    )
    assert layout(tmp_path, "day,a,b,c", rows, ahead="c").ahead == ("c",)
    assert layout(tmp_path, "day,x_1,x_2,z", rows, target="x_*").targets == ("x_1", "x_2")


def test_a_column_called_y_is_the_target_and_the_other_numbers_are_covariates(tmp_path):
    found = layout(tmp_path, "ds,temp,y", [f"{day},{i % 7},{i % 5}" for i, day in enumerate(DAYS)])
    assert roles(found) == ((), ("ds",), ("y",), ("temp",))


def test_the_column_that_makes_time_stamps_unique_names_the_series(tmp_path):
    rows = [f"{shop},{day},note{i},{i % 7}" for shop in "ab" for i, day in enumerate(DAYS)]
    assert roles(layout(tmp_path, "Shop,Date,note,Sales", rows)) == (("Shop",), ("Date",), ("Sales",), ())


def test_two_columns_may_name_the_series_together(tmp_path):
    rows = [f"{shop},{item},{day},1{i}" for shop in "ab" for item in "xy" for i, day in enumerate(DAYS)]
    assert layout(tmp_path, "shop,item,day,sold", rows).ids == ("shop", "item")


def test_a_column_that_only_counts_the_rows_is_no_series_and_no_time(tmp_path):
    rows = [f"{i},{1990 + i // 4} Q{i % 4 + 1},{i % 7},{i % 5}" for i in range(30)]
    assert roles(layout(tmp_path, ",Quarter,a,b", rows)) == ((), ("Quarter",), ("a", "b"), ())


def test_years_are_the_time_and_rows_without_any_time_are_numbered(tmp_path):
    assert layout(tmp_path, "Obs,x,YEAR", [f"{i + 1},{i * i % 7},{1947 + i}" for i in range(20)]).time == (
        "YEAR",
    )
    assert layout(tmp_path, "x", [f"{i * i % 7}.5" for i in range(20)]).time == ()


def test_columns_of_year_and_month_are_one_time_stamp(tmp_path):
    rows = [f"{2000 + i // 12},{i % 12 + 1},{i * i % 7}" for i in range(40)]
    assert layout(tmp_path, "year,month,sales", rows).time == ("year", "month")


def test_a_row_per_series_is_recognised_by_columns_that_count_on(tmp_path):
    header = ",".join(f"V{i}" for i in range(1, 14))
    found = layout(tmp_path, header, [f"H{k}," + ",".join(str(k * i) for i in range(12)) for k in range(3)])
    assert found.in_rows
    assert (found.ids, len(found.targets)) == (("V1",), 12)


def test_constant_columns_are_left_out_and_flags_become_covariates_which_is_said(tmp_path):
    rows = [f"{day},{i % 7},5,{int(i > 9)}" for i, day in enumerate(DAYS)]
    found = layout(tmp_path, "day,a,constant,flag", rows)
    assert roles(found)[2:] == (("a",), ("flag",))
    said = " ".join(remark.text for remark in found.remarks)
    assert "constant" in said
    assert "flag" in said


def test_text_beside_the_numbers_is_not_used_and_named(tmp_path):
    found = layout(tmp_path, "day,a,note", [f"{day},{i % 7},n{i}" for i, day in enumerate(DAYS)])
    assert any("note" in remark.text for remark in found.remarks)


def test_every_role_says_how_it_was_found_and_which_option_overrides_it(tmp_path):
    found = layout(tmp_path, "day,a", [f"{day},{i % 7}" for i, day in enumerate(DAYS)])
    assert {(fact.topic, fact.option) for fact in found.facts} == {
        ("id", "--id"),
        ("time", "--time"),
        ("target", "--target"),
        ("covariates", "--covariates, --ahead"),
    }
    assert all(fact.how for fact in found.facts if fact.value != "none")
