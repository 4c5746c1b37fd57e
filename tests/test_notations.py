"""Dates in other notations than ISO 8601."""

from __future__ import annotations

from typing import NoReturn

import pytest
from recurbench.reading.dates import in_iso, is_dated


class RefusalError(Exception):
    """What is said about a text that is refused."""


def refuse(place: int, sentence: str) -> NoReturn:
    raise RefusalError(f"{place}: {sentence}")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1970 Q1", "1970-01-01"),
        ("1970-Q2", "1970-04-01"),
        ("1970Q3", "1970-07-01"),
        ("Q4 1970", "1970-10-01"),
        ("1991 Jul", "1991-07-01"),
        ("Jul 1991", "1991-07-01"),
        ("July-1991", "1991-07-01"),
        ("1991M07", "1991-07-01"),
        ("31/12/2020", "2020-12-31"),
        ("12/31/2020", "2020-12-31"),
        ("31.12.2020", "2020-12-31"),
        ("12/31/99", "1999-12-31"),
        ("12/31/20 1:05 PM", "2020-12-31T13:05"),
        ("2020/12/31", "2020-12-31"),
        ("2020.12.31 07:30", "2020-12-31T07:30"),
        ("31 Dec 2020", "2020-12-31"),
        ("Dec 31, 2020", "2020-12-31"),
        ("31-Dec-20", "2020-12-31"),
        ("07/1991", "1991-07-01"),
        ("Jul-91", "1991-07-01"),
    ],
)
def test_a_notation_is_read(text, iso):
    assert in_iso([text], refuse)[0] == [iso]
    assert is_dated(text)


@pytest.mark.parametrize("text", ["soon", "1.5", "12", "2020-01-31", "1991 Foo", "a/b/c", "Store 1991x"])
def test_other_texts_stay_as_they_are(text):
    assert in_iso([text], refuse) == ([text], "")
    assert not is_dated(text)


def test_one_day_above_12_decides_the_whole_column():
    read, note = in_iso(["01/02/2020", "02/02/2020", "13/02/2020"], refuse)
    assert read == ["2020-02-01", "2020-02-02", "2020-02-13"]
    assert "day first" in note
    assert in_iso(["01/02/2020", "01/13/2020"], refuse)[0][0] == "2020-01-02"


def test_without_a_day_above_12_the_reading_with_even_steps_is_taken():
    months = [f"{i % 12 + 1:02d}/01/{2000 + i // 12}" for i in range(36)]
    read, note = in_iso(months, refuse)
    assert read[:2] == ["2000-01-01", "2000-02-01"]
    assert "month first" in note


def test_the_time_of_day_helps_to_tell_day_and_month_apart():
    hours = [f"{1 + i // 24:02d}/03/2024 {i % 24:02d}:00" for i in range(150)]
    assert in_iso(hours, refuse)[0][24] == "2024-03-02T00:00"


def test_day_and_month_that_cannot_be_told_apart_are_refused():
    with pytest.raises(RefusalError, match=r"0: .*no row shows whether"):
        in_iso(["05/03/2020", "07/11/2020", "02/09/2021"], refuse)
    with pytest.raises(RefusalError, match=r"1: .*with the day second"):
        in_iso(["31/12/2020", "12/30/2020"], refuse)


def test_a_text_that_fits_no_date_of_the_column_is_left_for_the_error():
    assert in_iso(["1970 Q1", "1970 Q5"], refuse)[0] == ["1970-01-01", "1970 Q5"]
