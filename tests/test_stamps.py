"""What people write for time stamps: read as it is meant, or refused with what to write."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reading.stamps import read_stamps

FIRST = datetime(2015, 1, 1)
HOURS = [FIRST + timedelta(hours=i) for i in range(60)]
DAYS = [FIRST + timedelta(days=i) for i in range(60)]
MONTHS = [datetime(2015 + i // 12, i % 12 + 1, 1) for i in range(60)]


class RefusalError(Exception):
    """What `read_stamps` calls, with the place and the sentence."""


def refuse(place: int, sentence: str) -> NoReturn:
    raise RefusalError(place, sentence)


def refusal(texts: list[str]) -> tuple[int, str]:
    with pytest.raises(RefusalError) as caught:
        read_stamps(texts, refuse)
    return caught.value.args


def seconds(when: datetime) -> int:
    return (when - datetime(1970, 1, 1)) // timedelta(seconds=1)


@pytest.mark.parametrize(
    ("texts", "meant", "note"),
    [
        ([f"{when:%Y%m}" for when in MONTHS], MONTHS, "ds read as YYYYMM"),
        ([f"{when:%Y%m%d}" for when in DAYS], DAYS, ""),
        ([f"{when:%Y%m%d%H}" for when in HOURS], HOURS, "ds read as YYYYMMDDHH"),
        ([f"{when:%Y%m%d%H%M}" for when in HOURS], HOURS, "ds read as YYYYMMDDHHMM"),
        ([f"{when:%Y%m%d%H%M%S}" for when in HOURS], HOURS, "ds read as YYYYMMDDHHMMSS"),
        ([str(year) for year in range(1850, 1900)], [datetime(1850 + i, 1, 1) for i in range(50)], "YYYY"),
        ([str(seconds(when)) for when in HOURS], HOURS, "seconds since 1970 in UTC"),
        ([f"{seconds(when)}000" for when in HOURS], HOURS, "milliseconds since 1970 in UTC"),
        ([f"{seconds(when)}000000" for when in HOURS], HOURS, "microseconds since 1970 in UTC"),
        ([f"{seconds(when)}000000000" for when in HOURS], HOURS, "nanoseconds since 1970 in UTC"),
        ([f"{when:%Y-%m}" for when in MONTHS], MONTHS, ""),
        ([f"{when:%Y-%m-%d}" for when in MONTHS], MONTHS, ""),
        ([f"{when:%Y-%m-%dT%H:%M:%S}" for when in HOURS], HOURS, ""),
        ([f"{when:%Y-%m-%d %H:%M}" for when in HOURS], HOURS, ""),
        ([f"{when:%G-W%V}" for when in DAYS[4::7]], DAYS[4::7], ""),
        # One column, two ways to write a date; both say the same.
        ([f"{when:%Y-%m-%d}" if i % 2 else f"{when:%Y-%m}" for i, when in enumerate(MONTHS)], MONTHS, ""),
        ([f"{d:%Y-%m-%d}" if i % 2 else d.isoformat(" ") for i, d in enumerate(DAYS)], DAYS, ""),
    ],
)
def test_dates_are_read_as_they_are_meant(texts, meant, note):
    if texts[0].startswith("2015-W"):
        meant = [when - timedelta(days=when.weekday()) for when in meant]
    found = read_stamps(texts, refuse)
    assert found.written.tolist() == meant
    assert found.order.tolist() == np.array(meant, dtype="datetime64[us]").astype(np.int64).tolist()
    assert found.note.endswith(note)
    assert bool(found.note) == bool(note)


@pytest.mark.parametrize(
    "numbers",
    [
        range(60),
        range(-5, 70),
        range(-1234567, -1234500),
        range(990, 1100),
        range(201501, 201560),
        range(20151, 20200),
        range(1, 4000, 7),
    ],
)
def test_step_numbers_stay_step_numbers(numbers):
    found = read_stamps([str(number) for number in numbers], refuse)
    assert found.written.tolist() == found.order.tolist() == list(numbers)
    assert found.note == ""


@pytest.mark.parametrize("scale", [1, 1000, 10**6], ids=["s", "ms", "us"])
@pytest.mark.parametrize(
    ("first", "step"),
    [("1970-01-01", 86400), ("1970-01-01", 3600), ("1960-01-01", 2629800), ("1973-02-25", 3600)],
)
def test_counts_from_1970_are_read_from_its_first_day_on_and_before_it(first, step, scale):
    begin = np.datetime64(first, "s").astype(int)
    numbers = [int(begin + i * step) for i in range(200)]
    found = read_stamps([str(number * scale) for number in numbers], refuse)
    assert found.order.tolist() == [number * 10**6 for number in numbers]
    assert found.note.endswith("since 1970 in UTC")


def test_steps_of_some_minutes_may_be_seconds_and_are_refused_where_nothing_else_tells():
    place, sentence = refusal([str(60 * i) for i in range(40)])
    assert place == 0
    assert (
        "in steps of 60, which may be seconds since 1970 or step numbers; write dates, or number" in sentence
    )
    for meant in (range(1, 41), range(1, 2400, 60)):
        assert read_stamps([str(number) for number in meant], refuse).note == ""


def test_eight_digits_that_are_no_date_are_seconds_where_their_step_is_a_whole_hour():
    found = read_stamps([str(94694400 + 86400 * i) for i in range(30)], refuse)
    assert str(found.written[0]).startswith("1973-01-01T00:00")
    # One slip among dates leaves them dates.
    assert refusal(["20151301", "20150201", "20150301"])[0] == 0
    assert refusal([str(30000001 + i) for i in range(30)])[0] == 0


def test_stamps_less_than_a_microsecond_apart_are_refused_and_not_called_the_same():
    nano = [f"2020-01-01T00:00:00.{i:09d}" for i in range(40)]
    place, sentence = refusal(nano)
    assert place == 1
    assert "differs from another by less than a microsecond; number the steps from 1" in sentence
    assert "microsecond" in refusal([str(1577836800 * 10**9 + i) for i in range(40)])[1]
    spread = [f"2020-01-01T00:00:{i:02d}.123456789" for i in range(40)]
    assert len(np.unique(read_stamps(spread, refuse).order)) == 40


@pytest.mark.parametrize(
    ("texts", "todo"),
    [
        (["0.0", "1.0", "2.0"], "write it without the decimal point"),
        (["0.0", "0.1", "0.2"], "number the steps from 1, or write a date such as 2024-01-31"),
        (["1990.0", "1990.083", "1990.167"], "write a month such as 1990-01, or number the steps from 1"),
        (["1990.083", "1990.167"], "write a month such as 1990-02, or number"),
        (["1.42e+09", "1.43e+09"], "number the steps from 1, or write a date"),
    ],
)
def test_what_to_write_for_decimals_depends_on_what_they_are(texts, todo):
    assert todo in refusal(texts)[1]


@pytest.mark.parametrize(
    ("texts", "place", "words"),
    [
        ([f"{w:%Y%m}" for w in MONTHS[:20]] + ["201613"], 20, "YYYYMM; write a month from 01 to 12"),
        ([f"{2015 + i // 52}{i % 52 + 1:02d}" for i in range(99)], 0, "year and its week; write 2015-W01"),
        (
            [f"{2015 + i // 4}{i % 4 + 1}" for i in range(40)],
            0,
            "quarter; write the quarter's first day, such as",
        ),
        ([f"{w:%Y%j}" for w in DAYS], 0, "a year and its day; write a date such as 2015-01-31"),
        (["2015-01-01", "2015Q2"], 1, "ds is '2015Q2'; write a date such as 2024-01-31"),
        (["201501.0"], 0, "write it without the decimal point"),
        (["2015-01", "201502"], 1, "ds is '201502'; write a date such as 2024-01-31"),
        (["1", "2015-02"], 1, "write a whole number as in the first row"),
        (["1", "2", "x"], 2, "write a whole number"),
        (["31/01/2015", "01/31/2015"], 1, "with the day second, where '31/01/2015' has it first"),
        (["01/02/2015", "03/04/2015"], 0, "no row shows whether the day or the month stands first"),
        (["2015-02-30"], 0, "write a date such as"),
        (["2015-01-01", "0000-00-00"], 1, "write a date such as"),
        (["0000-01-01"], 0, "write a date such as"),
        (["2015022923", "2015022800"], 0, "which is no date"),
        (["9" * 25], 0, "too many digits; number the steps from 1"),
        (
            ["1420070400", "1420070400000"],
            1,
            "looks like seconds since 1970; write all time stamps in one unit",
        ),
        (
            ["2015-01-01T00:00+09:00", "2015-01-01T01:00", "2015-01-01T02:00+09:00"],
            1,
            "with no zone, where '2015-01-01T00:00+09:00' has one (1 of 3 rows)",
        ),
        # The rows that are fewer are named, even where the first row is one of them.
        (
            ["2015-01-01T00:00", "2015-01-01T01:00Z", "2015-01-01T02:00Z"],
            0,
            "with no zone, where '2015-01-01T01:00Z' has one (1 of 3 rows)",
        ),
        (
            ["2015-01-01", "2015-01-02T00:00Z", "2015-01-03", "2015-01-01"],
            1,
            "with a zone, where '2015-01-01' has none (1 of 4 rows)",
        ),
    ],
)
def test_what_may_mean_two_things_is_refused_with_what_to_write(texts, place, words):
    found, sentence = refusal(texts)
    assert found == place
    assert words in sentence
    assert texts[place] in sentence
    for remedy in re.findall(r"\b\d{4}-(?:W\d\d|\d\d-\d\d)\b", sentence.partition("write ")[2]):
        assert str(read_stamps([remedy], refuse).written[0]).startswith(remedy[:3])


ZONES = st.sampled_from(["Z", "+00:00", "+09:00", "-05:00", "+05:45", "+0900", "-03:30"])


@given(st.lists(st.tuples(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)), ZONES), min_size=1))
def test_a_zone_moves_the_order_and_never_the_calendar(stamps):
    texts = [f"{when.isoformat()}{zone}" for when, zone in stamps]
    found = read_stamps(texts, refuse)
    assert found.written.tolist() == [when for when, _ in stamps]
    meant = [datetime.fromisoformat(text) for text in texts]
    minutes = [when.utcoffset() // timedelta(minutes=1) for when in meant]
    assert found.offsets.tolist() == minutes
    assert np.argsort(found.order, kind="stable").tolist() == sorted(range(len(meant)), key=meant.__getitem__)


@given(st.lists(st.dates(date(1700, 1, 1), date(2150, 1, 1)), min_size=2, max_size=30, unique=True))
def test_eight_digits_are_the_date_that_they_spell(days):
    found = read_stamps([f"{day:%Y%m%d}" for day in days], refuse)
    assert found.written.astype("datetime64[D]").tolist() == days


def test_the_first_row_with_a_fault_is_named_though_others_repeat_it():
    assert refusal(["2015-01-01", "2015-01-02", "soon", "2015-01-02", "soon"])[0] == 2


ODD = st.one_of(
    st.text(alphabet="0123456789-:TWQZ+. /\u0661\u00b2\u00bd", max_size=22),
    st.integers(-(10**21), 10**21).map(str),
    st.dates().map(str),
    st.datetimes(timezones=st.timezones()).map(str),
)


@given(st.lists(ODD, min_size=1, max_size=6))
def test_whatever_stands_in_ds_is_read_or_refused(texts):
    try:
        found = read_stamps(texts, refuse)
    except RefusalError as refused:
        place, sentence = refused.args
        assert repr(texts[place]) in sentence
        assert "write" in sentence or "number the steps" in sentence
    else:
        assert len(found.written) == len(found.order) == len(texts)
        assert not np.isnat(found.written).any() if found.written.dtype.kind == "M" else True
