"""Curves of a run as a table: what was reached by which step, read from a made-up run file."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from made_up import MadeUp
from scripts import script

CURVES = script("benchmarks/curves.py")
CURVE = [[50, 1.0, 0.9, 1.0], [250, 0.9, 0.6, 1.0], [500, 0.8, 0.7, 1.0], [1200, 0.5, 0.0002, 1.0]]


def test_the_best_loss_so_far_is_read_and_nothing_stands_after_the_end() -> None:
    found = CURVES.reached(CURVE, 1200)
    assert found[:4] == [0.6, 0.6, 0.6, 0.0002]
    assert all(map(math.isnan, found[4:]))


def test_before_the_first_look_nothing_is_known() -> None:
    assert math.isnan(CURVES.reached(CURVE[2:], 1200)[0])
    assert math.isnan(CURVES.reached([[400, 1.0, None, 1.0]], 400)[1])


def run(folder: Path) -> Path:
    """Two seeds of the rnn, the second ending at step 250, and one of esn, which has no steps."""
    made = MadeUp(folder)
    for seed, curve in enumerate((CURVE, CURVE[:2])):
        made.cell("rnn[max_steps=8000,patience=9]", [0.5 + seed / 4], validation={"accuracy": 1.0}, seed=seed)
        made.records[-1].notes = {
            "curve": curve,
            "steps_done": curve[-1][0],
            "still_improving": seed == 1,
            "learned": seed == 0,
            "trivial_loss": 0.7,
        }
    made.cell("esn", [0.25], validation={"accuracy": 1.0}, seed=0)
    return made.write()


def test_a_seed_that_ended_keeps_its_best_in_the_mean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    CURVES.main([str(run(tmp_path)), "--markdown"])
    title, _, header, _, rnn, esn = capsys.readouterr().out.splitlines()[:6]
    assert title == "made-up: validation loss (constant answer 0.700) by step; test: accuracy ↑ per seed"
    assert header == "| network | 250 | 500 | 1000 | 2000 | 4000 | 8000 | ended | learned | test |"
    want = "| rnn, 8000 steps | 0.600 | 0.600 | 0.600 | 0.300 |  |  | 1200 250+ | 1 of 2 | 0.500 0.750 |"
    assert rnn == want
    assert esn == "| esn |  |  |  |  |  |  | no steps |  | 0.250 |"


def test_the_plain_table_stands_in_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    CURVES.main([str(run(tmp_path))])
    lines = capsys.readouterr().out.splitlines()[1:4]
    assert len({line.index(word) for line, word in zip(lines, ("ended", "1200", "no"), strict=True)}) == 1
