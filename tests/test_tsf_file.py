"""The reader of .tsf files: what was written comes back, what cannot be read is refused by file and line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.datasets._tsf_file import read_tsf
from shared_files import SHARED

NAMED = "@attribute series_name string\n"
DATED = f"{NAMED}@attribute start_timestamp date\n"
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


def test_names_in_windows_1252_are_read(tmp_path):
    assert read(f"{NAMED}@data\n".encode() + b"Caf\xe9:1,2\n", tmp_path).rows[0].name == "Café"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header line @data; write '@attribute NAME KIND'"),
        ("T1:1,2\n", "line 1: a line without @ stands before @data; write '@attribute"),
        ("@data\nT1:1,2\n", "line 1: no @attribute stands before @data"),
        (f"{NAMED}@data\n\n", "holds no series after @data"),
        ("@attribute series_name\n", "line 1: '@attribute series_name'; write '@attribute NAME KIND'"),
        ("@attribute name nominal\n", "KIND one of numeric, string, date"),
        (
            f"{NAMED}@horizon soon\n@data\nT1:1,2\n",
            "line 2: '@horizon soon'; write '@horizon' and a whole number",
        ),
        (f"{NAMED}@data\nT1:1,x\n", "line 3: 'x' is no number"),
        (f"{NAMED}@data\nT1:1,-inf\n", "line 3: '-inf' is no finite number"),
        (f"{NAMED}@data\nT1:?,?\n", "line 3: the series holds no value; leave it out"),
        (f"{NAMED}@data\n1,2\n", r"line 3: 1 fields parted by ':', wanted 2 \(series_name : values\)"),
        (
            f"{DATED}@data\nT1:31/01/1979:1,2\n",
            "line 4: '31/01/1979' is no date; write it as 1979-01-31 00-00-00",
        ),
        (f"{DATED}@data\nT1:1979-13-01 00-00-00:1,2\n", "line 4: '1979-13-01 00-00-00' is no date"),
        (
            f"{NAMED}@attribute n numeric\n@data\nT1:x:1,2\n",
            "line 4: n is 'x', and its kind is numeric; write",
        ),
        (f"{NAMED}@data\nT1:1,2\n\nT1:3,4\n", "line 5: the series 'T1' stands on line 3 too"),
        (f"{NAMED}@attribute b string\n@data\na:b:c:1,2\n", "line 4: 4 fields parted by ':', wanted 3"),
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
