"""M4 from its own files, against the organisers' figures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from recurbench import catalogue, metrics
from recurbench.datasets.m4 import m4
from recurbench.methods.baseline import last_value, seasonal_naive


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "m4").mkdir()

    def write(train: str, test: str, group: str = "Weekly") -> None:
        (tmp_path / "m4" / f"{group}-train.csv").write_text(train)
        (tmp_path / "m4" / f"{group}-test.csv").write_text(test)

    return write


def test_every_series_is_asked_at_its_official_end(put):
    head = '"V1","V2","V3","V4","V5","V6","V7"\n'
    put(f'{head}"W1","1","2","3","4","5","6"\n"W2","7","8","9","10","",""\n', f'{head}"W1",7,8\n"W2",11,12\n')
    problem = m4(group="Weekly")
    assert problem.test.series == ("W1", "W2")
    assert [x[:, 0].tolist() for x in problem.test.x] == [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10]]
    assert [y[:, 0].tolist() for y in problem.test.y] == [[7, 8], [11, 12]]
    assert [y[:, 0].tolist() for y in problem.train.y] == [[5, 6], [9, 10]]
    assert problem.task.season == 1


def test_files_that_do_not_belong_together_and_unknown_groups_are_refused(put):
    put("V1\nW1,1,2,3,4,5,6\n", "V1\nW2,1,2\n")
    with pytest.raises(ValueError, match="W1 stands in only one of"):
        m4(group="Weekly")
    with pytest.raises(ValueError, match="known: Yearly, Quarterly"):
        m4(group="hourly")


@pytest.mark.parametrize(
    ("method", "smape", "mase"), [(seasonal_naive, 13.912, 1.193), (last_value, 43.003, 11.608)]
)
def test_the_naive_forecasts_score_what_the_organisers_published(real, method, smape, mase):
    problem = m4(group="Hourly")
    assert (len(problem.test), problem.task.steps, problem.task.period) == (414, 48, 24)
    points = [
        answer if answer.ndim == 2 else answer[:, :, 0]
        for answer in method(problem.task, problem.train)(problem.test.blind())
    ]
    scores = metrics.score(problem.task, problem.test, points).values
    assert (round(scores["smape"], 3), round(scores["mase"], 3)) == (smape, mase)
    lengths = [len(x) for x in problem.test.x]
    assert (min(lengths), max(lengths), float(np.median(lengths))) == (700, 960, 960)
