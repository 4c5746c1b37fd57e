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


@pytest.mark.parametrize(
    ("group", "period", "horizon"),
    [
        ("Yearly", None, 6),
        ("Quarterly", 4, 8),
        ("Monthly", 12, 18),
        ("Weekly", None, 13),
        ("Daily", None, 14),
        ("Hourly", 24, 48),
    ],
)
def test_every_group_has_the_period_of_the_organisers_and_says_when_it_is_not_whole(
    put, group, period, horizon
):
    values = ",".join(map(str, range(1, 200)))
    ends = ",".join(map(str, range(horizon)))
    put(f"V1\nS1,{values}\n", f"V1\nS1,{ends}\n", group)
    problem = m4(group=group)
    assert (problem.task.period, problem.task.steps) == (period, horizon)
    assert f"series and a horizon of {horizon}, so scores are not comparable" in problem.about.protocol


def test_series_too_short_for_a_training_answer_are_left_out_and_named(put):
    put("V1\nW1,1,2,3,4,5,6\nW2,1,2\n", "V1\nW1,7,8\nW2,3,4\n")
    problem = m4(group="Weekly")
    assert problem.test.series == ("W1",)
    assert "1 of 2 series is too short and left out: 'W2' (4 steps)" in problem.about.protocol


def test_files_that_do_not_belong_together_and_unknown_groups_are_refused(put):
    put("V1\nW1,1,2,3,4,5,6\n", "V1\nW2,1,2\n")
    with pytest.raises(ValueError, match=r"2 series are in only one of .*: W1, W2; get both"):
        m4(group="Weekly")
    with pytest.raises(ValueError, match="known: Yearly, Quarterly"):
        m4(group="hourly")


HEAD = "V1,V2,V3,V4\n"


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (
            f"{HEAD}W1,1,,3,4\n",
            f"{HEAD}W1,1\n",
            "Weekly-train.csv, line 2: value 2 of 4 is missing; M4 has no gaps",
        ),
        (f"{HEAD}W1,1,x,3\n", f"{HEAD}W1,1\n", "Weekly-train.csv, line 2: 'x' is no number"),
        (f"{HEAD}W1,1,2\nW1,3,4\n", f"{HEAD}W1,1\n", "line 3: the series 'W1' occurs a second time"),
        (
            f"{HEAD}W1,1,2\nW2,3,4\n",
            f"{HEAD}W1,1,2\nW2,1\n",
            "1 of 2 series have fewer than 2 values: W2 with 1",
        ),
        (f"{HEAD}W1,1,2\n", HEAD, "Weekly-test.csv: has no series below its first line"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(put, train, test, words):
    put(train, test)
    with pytest.raises(ValueError, match=words):
        m4(group="Weekly")


def test_blank_lines_and_a_byte_order_mark_do_not_count(put):
    put(f"\ufeff{HEAD}W1,1,2,3,4,5,6\n\n", f"{HEAD}\nW1,7,8\n")
    assert [x[:, 0].tolist() for x in m4(group="Weekly").test.x] == [[1, 2, 3, 4, 5, 6]]


@pytest.mark.parametrize(
    ("method", "smape", "mase"), [(seasonal_naive, 13.912, 1.193), (last_value, 43.003, 11.608)]
)
def test_the_naive_forecasts_score_what_the_organisers_published(real, method, smape, mase):
    problem = m4(group="Hourly")
    assert (len(problem.test), problem.task.steps, problem.task.period) == (414, 48, 24)
    assert problem.about.protocol == (
        "official split: test is the last 48 steps of 414 series; period 24, as in M4"
    )
    points = [
        answer if answer.ndim == 2 else answer[:, :, 0]
        for answer in method(problem.task, problem.train)(problem.test.blind())
    ]
    scores = metrics.score(problem.task, problem.test, points).values
    assert (round(scores["smape"], 3), round(scores["mase"], 3)) == (smape, mase)
    lengths = [len(x) for x in problem.test.x]
    assert (min(lengths), max(lengths), float(np.median(lengths))) == (700, 960, 960)
