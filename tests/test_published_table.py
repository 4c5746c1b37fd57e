"""A user's table of published scores: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from recurbench.published_table import read_scores

TABLE = """\
dataset,method,accuracy,resample_protocol,source,note
Coffee,1NN-ED,1,"default split, series z-normalised",UCR,x
Coffee,tsml:CNN,0.98,mean of 30 resamples,tsml,y
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_read_with_their_metric_protocol_and_source(tmp_path: Path) -> None:
    one, other = read_scores(put(tmp_path, TABLE))
    assert (one.dataset, one.method, one.metric, one.value) == ("Coffee", "1NN-ED", "accuracy", 1.0)
    assert (one.default_split, one.normalised, one.source) == (True, True, "UCR")
    assert (other.default_split, other.normalised) == (False, False)


def test_the_split_is_the_default_one_and_the_source_the_file_where_nothing_is_said(tmp_path: Path) -> None:
    (one,) = read_scores(put(tmp_path, "\ufeffmethod,rmse,dataset\nx,0.5,Tecator\n"))
    assert (one.metric, one.default_split, one.source) == ("rmse", True, "scores.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its columns are none"),
        ("dataset,method\nA,b\n", r"needs the columns dataset, method and one metric .* rename them"),
        ("dataset,accuracy\nA,1\n", "its columns are dataset, accuracy"),
        ("dataset,method,accuracy,rmse\nA,b,1,2\n", "one metric"),
        ("dataset,method,accuracy\n", "has no row below its header"),
        ("dataset,method,accuracy\nA,b,1\nA,b,high\n", r"line 3: .*accuracy 'high'; a row needs both names"),
        ("dataset,method,accuracy\nA,b,nan\n", "line 2"),
        ("dataset,method,accuracy\n,b,1\n", "line 2"),
        ("dataset,method,accuracy\nA,b\n", "line 2"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_what_is_wrong(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        read_scores(put(tmp_path, text))


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be read \(No such file or directory\)"):
        read_scores(tmp_path / "none.csv")
    (tmp_path / "wide.csv").write_bytes("dataset,method,accuracy\né,b,1\n".encode("latin-1"))
    with pytest.raises(ValueError, match="cannot be read"):
        read_scores(tmp_path / "wide.csv")
