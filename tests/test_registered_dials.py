"""The dials of registered problems: what is run, and the table of what has run. The problem is tiny."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_contrasts import CHOSEN, PARITY
from recurbench.address import split_address
from recurbench.registration import FrozenPair
from scripts import script

DIALS = script("benchmarks/registered_dials.py")
STAND_IN = script("tests/test_judge.py")

TINY = "word-problem[n_test=20,n_valid=20]"


@pytest.fixture
def dials(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script with one made-up contrast, two values of each dial and two replicates."""
    roles = (replace(PARITY, problem=TINY), replace(CHOSEN, problem=TINY))
    pair = FrozenPair(DIALS.LINEAR, TINY, "lstm", "rnn")
    monkeypatch.setattr(DIALS, "PROBLEMS", (TINY,))
    monkeypatch.setattr(DIALS, "agreed", lambda: (roles,))
    monkeypatch.setattr(DIALS, "frozen_pairs", lambda: (pair,))
    monkeypatch.setattr(DIALS, "refuse_unfrozen", lambda: None)
    monkeypatch.setattr(DIALS, "REPLICATES", 2)
    monkeypatch.setattr(DIALS, "DIALS", {"test_length": (10, 20), "steps": (1, 2), "n_train": (20, 40)})
    return DIALS


def test_each_setting_changes_one_thing(dials: Any) -> None:
    ((contrast, chosen),) = dials.agreed()
    found = {(each.dial, each.value): each for each in dials.settings_of(contrast, chosen)}
    assert split_address(found["n_train", 40].problem)[1] == {"n_train": 40, "n_test": 20, "n_valid": 20}
    assert found["steps", 80].problem == TINY
    once, twice = (split_address(found["steps", n].methods["lstm"])[1] for n in (40, 80))
    assert (once["max_steps"], once["patience"]) == (40, 10)
    assert twice == {**once, "max_steps": 80, "patience": 20}


def test_the_methods_are_the_best_of_each_group_and_the_best_linear_recurrence(dials: Any) -> None:
    ((contrast, chosen),) = dials.agreed()
    assert list(next(dials.settings_of(contrast, chosen)).methods) == ["lstm", "rnn", "tcn", "cnn"]


def test_no_judged_sample_runs(dials: Any, tmp_path: Path) -> None:
    ((_, plan), *_) = dials.every(tmp_path, 0)[TINY]
    assert {job.data_seed for job in plan.jobs} == {100, 101}


def test_an_entry_has_solved_fits_mean_skill_and_cost_and_is_empty_before_it_ran(
    dials: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fits = STAND_IN.Fits({"lstm": 0.95, "rnn": 0.5, "cnn": float("nan")}, most=10)
    monkeypatch.setattr(dials, "perform", fits)
    assert dials.main([str(tmp_path / "dials")]) == 130
    assert dials.main([str(tmp_path / "dials"), "--table"]) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| 10 ")]
    assert rows == [
        [
            "| 10",
            "2 of 2, 0.950, 2.0 s",
            "0 of 2, 0.500, 2.0 s",
            "0 of 2, 0.000, 2.0 s",
            "0 of 2, no score, 2.0 s, 2 failed |",
        ]
    ]
    fits.most = float("inf")
    assert dials.main([str(tmp_path / "dials"), "--hours", "0.001"]) == 0
    assert "CPU-hours are used up" in capsys.readouterr().out


def test_nothing_runs_before_the_freeze(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(DIALS, "agreed", lambda: ())
    assert DIALS.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.strip()
