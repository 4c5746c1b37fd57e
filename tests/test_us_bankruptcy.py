"""Five years of accounts, bankrupt or not."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.datasets.us_bankruptcy import us_bankruptcy


@pytest.fixture
def put(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    folder = tmp_path / "us-bankruptcy"
    folder.mkdir()

    def write(text: str, packed: bool = True) -> None:
        for part in ("train", "validation", "test"):
            if packed:
                (folder / f"5_{part}.csv.gz").write_bytes(gzip.compress(text.encode()))
            else:
                (folder / f"5_{part}_for_LSTM.csv").write_text(text)

    return write


def rows(*status: int) -> str:
    return "".join(f"{w},{2000 + k},{10 * w + k},-{k},{s}\n" for w, s in enumerate(status) for k in range(5))


def test_five_rows_are_one_company(put):
    put(f"window,fyear,sales,debt,status\n{rows(0, 1)}")
    problem = us_bankruptcy(logarithms=False)
    assert problem.task.x.names == ("sales", "debt")
    assert problem.train.x[1].tolist() == [[10 + k, -k] for k in range(5)]
    assert [y.tolist() for y in problem.train.y] == [[0], [1]]
    assert "50.0% of the test companies go bankrupt" in problem.about.protocol
    logs = us_bankruptcy().train.x[1]
    assert np.allclose(logs[2], [np.log(13), -np.log(3)])


def test_the_authors_own_columns_are_left_out(put):
    text = rows(0, 1).replace("\n", ",alive\n")
    put(f"cik,fyear,sales,debt,status,status_label\n{text}", packed=False)
    assert us_bankruptcy().task.x.names == ("sales", "debt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"window,fyear,sales,debt,state\n{rows(0)}", "needed are 5 rows per company and a column status"),
        (f"window,fyear,sales,debt,status\n{rows(0)}0,1,2,3,0\n", "6 rows"),
        (
            f"window,fyear,sales,debt,status\n{rows(0).replace(',3,', ',x,')}",
            "line 5: sales is 'x', which is no finite number .1 such values.; leave out companies",
        ),
        (f"window,fyear,sales,debt,status\n{rows(2)}", "status must be 0 or 1"),
        (f"window,fyear,sales,debt,status\n{rows(0)[:-2]}1\n", "the same in all 5 rows"),
    ],
)
def test_another_form_is_refused(put, text, words):
    put(text)
    with pytest.raises(ValueError, match=words):
        us_bankruptcy()


def test_the_real_files_have_their_known_sizes(real):
    problem = us_bankruptcy()
    splits = (problem.train, problem.valid, problem.test)
    assert tuple(map(len, splits)) == (2046, 504, 2735)
    assert tuple(sum(int(y[0]) for y in split.y) for split in splits) == (304, 68, 91)
    assert problem.task.x.size == 18
    assert all(x.shape == (5, 18) and np.isfinite(x).all() for split in splits for x in split.x)
    assert problem.about.licence.startswith("CC BY 4.0")
