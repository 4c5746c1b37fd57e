"""Long and wide tables become cases, in the order of time; faults are named with their rows."""

from __future__ import annotations

import numpy as np
import pytest
from own_files import panel, wide, written_table
from recurbench.reading.case_columns import CaseColumns
from recurbench.reading.case_table import cases_of

LONG = CaseColumns("long", "status", "company", "", "year")


@pytest.fixture
def table(tmp_path):
    return lambda text: written_table(tmp_path / "a.csv", text)


def test_a_long_table_has_a_case_per_company_in_order_of_first_rows(table):
    cases, remarks = cases_of(table(panel(3)), LONG)
    assert cases.names == ["firm0", "firm1", "firm2"]
    assert cases.channels == ("sales", "debt")
    assert [values.shape for values in cases.series] == [(4, 2)] * 3
    assert (cases.answers, cases.lines, remarks) == (["1", "0", "0"], [2, 6, 10], [])


def test_rows_are_sorted_by_time_and_that_is_said(table):
    head, *rows = panel(3).splitlines()
    straight, _ = cases_of(table(panel(3)), LONG)
    mixed, remarks = cases_of(table("\n".join([head, *rows[::-1]])), LONG)
    assert mixed.names == ["firm2", "firm1", "firm0"]
    assert np.array_equal(mixed.series[2], straight.series[0])
    assert len(remarks) == 1


def test_dates_order_rows_too(table):
    rows = ["company,year,sales,status"]
    rows += ["a,2020-02-01,2,x", "a,2020-01-01,1,x", "b,2020-01-01,3,y", "b,2020-02-01,4,y"]
    cases, _ = cases_of(table("\n".join(rows)), LONG)
    assert [values[:, 0].tolist() for values in cases.series] == [[1, 2], [3, 4]]


def test_the_day_stands_first_where_a_row_shows_it(table):
    rows = ["company,year,sales,status"]
    steps = ("5/3", "4/2", "31/1")
    rows += [f"{name},{step}/2020,{step[-1]},x" for name in "ab" for step in steps]
    cases, _ = cases_of(table("\n".join(rows)), LONG)
    assert [values[:, 0].tolist() for values in cases.series] == [[1, 2, 3]] * 2


def test_columns_of_words_are_left_out_and_named(table):
    text = panel(3).replace("company,", "company,name,", 1).replace("firm", "firm,word", 1)
    rows = [text.splitlines()[0], *(row.replace(",", ",word,", 1) for row in panel(3).splitlines()[1:])]
    cases, remarks = cases_of(table("\n".join(rows)), LONG)
    assert cases.channels == ("sales", "debt")
    assert "name" in remarks[0]


def test_a_wide_table_has_a_case_per_row(table):
    cases, _ = cases_of(table(wide(4)), CaseColumns("wide", "class"))
    assert [values.shape for values in cases.series] == [(5, 1)] * 4
    assert cases.answers == ["a", "b", "a", "b"]


def test_cases_without_a_label_are_left_out_with_their_rows(table):
    text = "\n".join(row if i != 2 else row[:-1] for i, row in enumerate(wide(4).splitlines()))
    cases, remarks = cases_of(table(text), CaseColumns("wide", "class"))
    assert len(cases.series) == 3
    assert "row 3" in remarks[-1]


def test_new_cases_need_neither_label_nor_group(table):
    text = "\n".join(",".join(row.split(",")[:4]) for row in panel(3).splitlines())
    cases, _ = cases_of(table(text), LONG, channels=("debt", "sales"), answers=False)
    assert cases.channels == ("debt", "sales")
    assert cases.answers == []


def replaced(text, row, old, new):
    rows = text.splitlines()
    assert old in rows[row - 1]
    rows[row - 1] = rows[row - 1].replace(old, new, 1)
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (replaced(panel(3), 3, "2001", "2000"), "row 3"),
        (replaced(panel(3), 3, "2001", "later"), "row 3"),
        (replaced(panel(3), 2, panel(3).splitlines()[1].split(",")[2], "much"), "row 2"),
        ("company,year,sales,status\na,1,,0\na,2,,0\nb,1,1,1\nb,2,1,1\n", "row 2"),
        ("company,year,sales,status\na,1,1,0\na,2,1,1\n", "row 3"),
        ("company,year,sales,status\na,1,1,\na,2,1,\n", "no case has a label"),
        ("company,year,status\na,1,1\n", "no column of numbers"),
        ("company,sales,status\na,1,1\n", "no column year"),
    ],
    ids=["time twice", "no time", "text", "no value", "label changes", "no label", "no values", "no column"],
)
def test_faults_are_named_with_their_row(table, text, says):
    with pytest.raises(ValueError, match=says):
        cases_of(table(text), LONG)


def test_a_column_that_the_training_part_has_is_needed(table):
    with pytest.raises(ValueError, match="price"):
        cases_of(table(panel(3)), LONG, channels=("price",))
