"""Tables with a time and numbers: what is read, and what is refused by file and line."""

from __future__ import annotations

import pytest
from recurbench.datasets._table import read_table

HEAD = "date,A,B\n2020-01-01,1,2\n"


def test_time_values_and_names_are_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(f"\ufeff{HEAD}2020-01-02,-1e3,0\n")
    time, values, names = read_table(path, "1D", "A")
    assert values.tolist() == [[1, 2], [-1000, 0]]
    assert names == ("A", "B")
    assert str(time[1].astype("datetime64[D]")) == "2020-01-02"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "x.csv: No columns to parse from file; a table with time and numbers in columns is needed"),
        (f"{HEAD}2020-01-02,3,x\n", "x.csv, line 3: B is 'x', which is no finite number; this problem needs"),
        (f"{HEAD}2020-01-02,,inf\n", "line 3: A is 'nan', which is no finite number .and 1 more.; this"),
        (f"{HEAD}2020-01-03,3,4\n", "x.csv, line 3: the time '2020-01-03' is not 1D after the line before"),
        (f"{HEAD}soon,3,4\n", "x.csv, line 3: the time 'soon' is not 1D after"),
        (
            "date,B\n2020-01-01,1\n",
            "x.csv, line 1: no column A; the columns are date, B; the time must come first",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(tmp_path, text, words):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        read_table(path, "1D", "A")
