"""The reader of .tsf files: what was written comes back, what cannot be read is refused by file and line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reading.tsf_file import read_tsf
from shared_files import SHARED

NAMED = "@attribute series_name string\n"
DATED = f"{NAMED}@attribute start_timestamp date\n"
HORIZON = f"{NAMED}@attribute horizon numeric\n@data\n"
VALUES = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str | bytes, folder: Path):
    path = folder / "x.tsf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tsf(path)


@given(
    series=st.lists(
        st.tuples(VALUES, st.lists(st.one_of(VALUES, st.sampled_from(["?", " ? ", "NaN"])), max_size=4)),
        min_size=1,
        max_size=4,
    ),
    moment=st.datetimes(datetime(1, 1, 1), datetime(9999, 1, 1)).map(
        lambda when: when.replace(microsecond=0)
    ),
    name=st.text("ab :.é한", min_size=1, max_size=6),
    written=st.sampled_from(["%Y-%m-%d %H-%M-%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]),
    key=st.sampled_from([str, str.upper, str.title]),
    end=st.sampled_from(["\n", "\r\n", "\n\n", "\n# note: 1,2\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_what_was_written_comes_back(series, moment, name, written, key, end, mark, tmp_path_factory):
    start = moment.strftime(written).rjust(19, "0")
    said = ("@relation x", "@frequency\tmonthly", "@horizon  4", "@missing false", "@equallength true")
    rows = [
        f"{name}{i}:{start}:{','.join(map(str, (first, *more)))}" for i, (first, more) in enumerate(series)
    ]
    text = mark + end.join(["# x", *map(key, said), *DATED.splitlines(), key("@data"), *rows, ""])
    table = read(text, tmp_path_factory.getbasetemp())
    assert (table.frequency, table.horizon) == ("monthly", 4)
    assert [row.name for row in table.rows] == [f"{name}{i}".strip() for i in range(len(series))]
    assert {row.start for row in table.rows} == {moment}
    for row, (first, more) in zip(table.rows, series, strict=True):
        wanted = [first, *(np.nan if isinstance(cell, str) else cell for cell in more)]
        assert np.array_equal(row.values, wanted, equal_nan=True)


def test_a_horizon_that_each_series_has_is_no_part_of_its_name(tmp_path):
    text = f"{NAMED}@attribute horizon numeric\n@attribute State string\n@data\nT1:6:NSW:1,2\nT2:12:VIC:3,4\n"
    rows = read(text, tmp_path).rows
    assert [(row.name, row.horizon) for row in rows] == [("T1:NSW", 6), ("T2:VIC", 12)]


@pytest.mark.parametrize("name", ["horizon", "Horizon", "forecast_horizon", "prediction_length"])
@pytest.mark.parametrize("kind", ["numeric", "string"])
def test_a_horizon_is_no_part_of_a_name_however_it_is_called_and_of_any_kind(tmp_path, name, kind):
    rows = read(f"{NAMED}@attribute {name} {kind}\n@data\nT1:6:1,2\n", tmp_path).rows
    assert [(row.name, row.horizon) for row in rows] == [("T1", 6)]


@pytest.mark.parametrize("line", ["@horizon: 7", "@Horizon :7", "@horizon:7", "@forecast_horizon 7"])
def test_a_horizon_of_the_header_may_have_a_colon_and_a_longer_name(tmp_path, line):
    table = read(f"{line}\n@frequency: Half Hourly\n@missing: yes\n{NAMED}@data\nT1:1,2\n", tmp_path)
    assert (table.horizon, table.frequency) == (7, "half hourly")


def test_words_of_the_header_that_nobody_knows_are_skipped(tmp_path):
    assert read(f"@licence CC BY 4.0\n{NAMED}@data\nT1:1,2\n", tmp_path).rows[0].name == "T1"


@pytest.mark.parametrize(
    ("names", "start"),
    [
        (("end_timestamp", "start_timestamp"), 1991),
        (("Start", "last"), 1990),
        (("when",), 1990),
        (("calendar_date",), 1990),
        (("trend",), 1990),
    ],
)
def test_the_date_that_says_start_is_that_of_the_first_value(tmp_path, names, start):
    head = "".join(f"@attribute {name} date\n" for name in names)
    dates = [f"{1990 + i}-01-01 00-00-00" for i in range(len(names))]
    (row,) = read(f"{NAMED}{head}@data\n{':'.join(('T1', *dates))}:1,2\n", tmp_path).rows
    assert (row.name, row.start) == ("T1", datetime(start, 1, 1))


def test_a_header_line_may_stand_twice_where_both_say_the_same(tmp_path):
    text = f"@frequency daily\n@relation a\n@relation b\n{NAMED}@Frequency  daily\n@data\nT1:1,2\n"
    assert read(text, tmp_path).frequency == "daily"


def test_a_series_whose_name_begins_with_a_comment_sign_is_read(tmp_path):
    text = (
        f"# a: 1990-01-01: 1,2\n#b:1990-01-01:1\n{DATED}#c:1990-01-01:1,2\n@data\n#0:1990-01-01:1,2\n"
        "# 1:1990-01-01:1,2\n#note: 1,2\n#x:1990-01-01:no value\n#\n"
        " #a:b:1990-01-01 12:00:00:?,3\nT:1990-01-01:5\n"
    )
    assert [row.name for row in read(text, tmp_path).rows] == ["#0", "#a:b", "T"]


def test_comments_stay_comments_where_series_have_no_names(tmp_path):
    text = "@attribute start_timestamp date\n@data\n#1990-01-01:1,2\n1990-01-01:3,4\n"
    assert [row.values.tolist() for row in read(text, tmp_path).rows] == [[3, 4]]


def test_names_in_windows_1252_are_read(tmp_path):
    assert read(f"{NAMED}@data\n".encode() + b"Caf\xe9:1,2\n", tmp_path).rows[0].name == "Café"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header line @data; write '@attribute NAME KIND'"),
        ("T1:1,2\n", "line 1: a line without @ comes before @data; write '@attribute"),
        ("@data\nT1:1,2\n", "line 1: no @attribute comes before @data"),
        (f"{NAMED}@data\n\n", "has no series after @data"),
        ("@attribute series_name\n", "line 1: '@attribute series_name'; write '@attribute NAME KIND'"),
        ("@attribute name nominal\n", "KIND one of numeric, string, date"),
        (
            f"{NAMED}@horizon soon\n@data\nT1:1,2\n",
            "line 2: '@horizon soon'; write '@horizon' and a whole number",
        ),
        (f"{NAMED}@data\nT1:1,x\n", "line 3: 'x' is no number"),
        (f"{NAMED}@data\nT1:1,-inf\n", "line 3: '-inf' is no finite number"),
        (f"{NAMED}@data\n#1:1,x\n", "line 3: 'x' is no number"),
        (f"{NAMED}@data\nT1:?,?\n", "line 3: the series has no value; leave it out"),
        (f"{NAMED}@data\n1,2\n", r"line 3: 1 fields separated by ':', needed are 2 \(series_name : values\)"),
        (
            f"{DATED}@data\nT1:31/01/1979:1,2\n",
            "line 4: '31/01/1979' is no date; write it as 1979-01-31 00-00-00",
        ),
        (f"{DATED}@data\nT1:1979-13-01 00-00-00:1,2\n", "line 4: '1979-13-01 00-00-00' is no date"),
        (
            f"{NAMED}@attribute n numeric\n@data\nT1:x:1,2\n",
            "line 4: n is 'x', and its kind is numeric; write",
        ),
        (f"{HORIZON}T1:2:1,2\nT2:-3:1,2\n", "line 5: horizon is '-3'; write a whole number of steps, from 1"),
        (f"{HORIZON}T1:x:1,2\n", "line 4: horizon is 'x'; write a whole number of steps, from 1"),
        (
            f"{NAMED}@freqency monthly\n@data\nT1:1,2\n",
            "line 2: '@freqency monthly' is no header line that is known; write @frequency if that is meant",
        ),
        (f"{HORIZON}T1:0:1,2\n", "line 4: horizon is '0'; write a whole number of steps, from 1"),
        (
            f"{NAMED}@frequency daily\n@horizon 2\n@Frequency hourly\n@data\nT1:1,2\n",
            "line 4: '@Frequency hourly', and line 2 says another; keep one of them",
        ),
        (f"@horizon 2\n@horizon 3\n{NAMED}@data\n", "line 2: '@horizon 3', and line 1 says another; keep"),
        (
            f"{NAMED}@attribute a date\n@attribute b date\n@data\nT1:1990-01-01:1990-01-02:1,2\n",
            r"line 4: 2 attributes are dates \(a, b\), and 0 of them say start; name only the date of",
        ),
        (
            f"{DATED}@attribute restart date\n@data\nT1:1990-01-01:1990-01-02:1,2\n",
            r"line 4: 2 attributes are dates \(start_timestamp, restart\), and 2 of them say start",
        ),
        *(
            (
                f"{NAMED}@attribute {name} date\n@data\nT1:1990-01-01:1,2\n",
                f"line 3: the only date, {name}, names an end; give the date of the first",
            )
            for name in ("end_timestamp", "EndDate", "seriesEnd", "date of last value", "ENDED")
        ),
        (f"{NAMED}@data\nT1:1,2\n\nT1:3,4\n", "line 5: the series 'T1' is on line 3, too"),
        (
            f"{NAMED}@attribute b string\n@data\na:b:c:1,2\n",
            "line 4: 4 fields separated by ':', needed are 3",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(tmp_path, text, words):
    with pytest.raises(ValueError, match=words) as refused:
        read(text, tmp_path)
    assert str(tmp_path / "x.tsf") in str(refused.value)


def test_the_archives_files_are_read_as_by_aeon():
    if not SHARED.is_dir():
        pytest.skip("the archives are not beside the repository (../shared/data)")
    from aeon.datasets import load_from_tsf_file

    for path in sorted((SHARED / "forecasting" / "monash").glob("*.tsf")):
        ours = read_tsf(path)
        table, facts = load_from_tsf_file(str(path), replace_missing_vals_with=float("nan"))
        assert (ours.frequency, ours.horizon) == (facts["frequency"], facts["forecast_horizon"])
        for row, values in zip(ours.rows, table["series_value"], strict=True):
            assert np.array_equal(row.values, np.asarray(values, dtype=float), equal_nan=True), path
        if "start_timestamp" in table:
            assert [row.start for row in ours.rows] == list(table["start_timestamp"])
