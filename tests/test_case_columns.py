"""The columns of a table of cases are found by name and content, and what the user names is kept."""

from __future__ import annotations

import pytest
from own_files import panel, wide, written_table
from recurbench.reading.case_columns import CaseColumns, choose_columns, looks_labelled
from recurbench.reading.proposal import Options


@pytest.fixture
def table(tmp_path):
    return lambda text: written_table(tmp_path / "a.csv", text)


def test_a_panel_is_long_with_company_year_and_status(table):
    columns, facts = choose_columns(table(panel()), Options())
    assert columns == CaseColumns("long", "status", "company", "", "year")
    assert [fact.option for fact in facts] == ["--label", "--id", "--time"]


def test_a_first_column_of_counted_rows_is_the_case_where_no_name_says_it(table):
    text = panel(named="").replace("company", "number", 1)
    assert choose_columns(table(text), Options())[0].case == "number"


def test_named_columns_are_kept_whatever_their_case_of_letters(table):
    columns, _ = choose_columns(table(panel()), Options(label="STATUS", group="Company"))
    assert (columns.form, columns.case, columns.group) == ("long", "company", "company")


def test_time_none_keeps_the_order_of_the_rows(table):
    assert choose_columns(table(panel()), Options(time="none"))[0].time == ""


def test_a_row_is_a_case_where_rows_of_a_group_have_different_labels(table):
    rows = ["subject,t0,t1,label", *(f"s{i // 4},{i},{i * i},{'ab'[i % 2]}" for i in range(16))]
    columns, _ = choose_columns(table("\n".join(rows)), Options(group="subject"))
    assert columns == CaseColumns("wide", "label", "", "subject", "")


def test_a_wide_table_has_no_column_that_groups_rows(table):
    columns, _ = choose_columns(table(wide()), Options(label="class"))
    assert columns == CaseColumns("wide", "class", "name")


def test_a_table_is_taken_for_cases_only_if_a_label_stays_the_same_in_each(table):
    assert looks_labelled(table(panel()))
    assert not looks_labelled(table("unique_id,ds,y\na,1,2\na,2,3\nb,1,4\nb,2,4\n"))
    assert looks_labelled(table(wide()))
    assert not looks_labelled(table(wide().replace("name", "date", 1)))
    assert not looks_labelled(
        table(",a,b,c,label\n" + "".join(f"2020-01-{d},1,2,3,{d % 2}\n" for d in range(10, 30)))
    )
    changing = panel().splitlines()
    changing[2] = changing[2][:-1] + "7"
    assert not looks_labelled(table("\n".join(changing)))


def test_a_label_that_cannot_be_found_is_asked_for_and_an_unknown_one_refused(table):
    with pytest.raises(ValueError, match="--label"):
        choose_columns(table("a,b\n1,2\n3,4\n"), Options())
    with pytest.raises(ValueError, match="'z'"):
        choose_columns(table(panel()), Options(label="z"))
