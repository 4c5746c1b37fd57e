"""What a line of a registered contrast claims, by verdict and kind of problem, and what limits it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from made_up_answers import (
    CLOSE,
    DASH,
    EARNED,
    failing,
    graded,
    graded_registered,
    others,
    run_of,
    the_line,
    told,
)
from made_up_contrasts import (
    CHOSEN,
    PARITY,
    SOLVED_BY_RECURRENCE,
    TWICE,
    all_registered,
    as_registered,
    filled,
)
from recurbench.results import read_run


def test_a_larger_family_leaves_a_larger_failure_rate_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    heading, rates = "Memory pays, recurrence not needed", []
    for family in (1, 15):
        all_registered(monkeypatch, [(PARITY, CHOSEN), *others(family - 1)])
        line = the_line(run_of(heading), heading)
        rates += re.findall(r"up to (\d+) % may still fail", line.finding)
    # Without a failure in 30 fits: 1 - (.05 / (2 family))^(1/30).
    assert rates == [f"{100 * (1 - (0.05 / 2 / family) ** (1 / 30)):.0f}" for family in (1, 15)]
    assert rates == ["12", "19"]


SHOWN = {
    "Recurrence helped": "Shown: lstm solves the problem more often than every network without recurrence "
    "and than itself with its state reset.",
    "Memory pays, recurrence not needed": "Shown: tcn solves more than 3 fits of 4 (up to 12 % may still "
    "fail), and lstm solves the problem more often than every network with only a window.",
    "Recurrence not needed": "Shown: tcn solves more than 3 fits of 4; up to 12 % of its fits may still "
    "fail. Whether the past beyond a window helps is open.",
    "No difference": "Shown: lstm, tcn and cnn each solve more than 3 fits of 4; up to 12 % of their fits "
    "may still fail.",
    "Recurrence lost": "All recurrent networks: rnn 0 of 12, lstm 0 of 12. "
    "Shown: tcn solves the problem more often than every recurrent network.",
    "Neither learned": "All recurrent networks together solved 0 of 60 fits; all others that see the whole "
    "past solved 0 of 90. Shown: every network that sees the whole past, recurrent or not, solves fewer than "
    "1 fit of 4.",
}


@pytest.mark.parametrize("heading", SHOWN)
def test_a_line_claims_no_more_than_the_tests_of_its_verdict(
    monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    as_registered(monkeypatch)
    line = the_line(run_of(heading), heading)
    assert SHOWN[heading] in line.finding


GRADED: dict[str, tuple[Mapping[str, float], str]] = {
    "Recurrence helped": (
        {"lstm": 0.8},
        "With its state reset at every step, lstm has a mean skill of 0.500. Shown: the mean skill of lstm "
        "is higher by more than 0.05 than that of every network without recurrence and than its own with its "
        "state reset.",
    ),
    "Memory pays, recurrence not needed": (
        {**CLOSE, "cnn": 0.6},
        "Shown: the mean skill of tcn is less than 0.05 below that of every recurrent network, and that of "
        "lstm is more than 0.05 above that of every network with only a window. If some fits fail to learn",
    ),
    "Recurrence not needed": (
        {"tcn": 0.7, "lstm": 0.68, "rnn": 0.6, "cnn": 0.9},
        "Shown: the mean skill of tcn is less than 0.05 below that of every recurrent network. Whether",
    ),
    "No difference": (
        CLOSE,
        "Shown: the mean skills of lstm, tcn and cnn are each less than 0.05 below that of every network of "
        "the other two kinds. If some fits fail to learn",
    ),
    "Recurrence lost": (
        {"tcn": 0.8},
        "Mean skill of all recurrent networks: rnn 0.500, lstm 0.500. Shown: the mean skill of tcn is higher "
        "by more than 0.05 than that of every recurrent network.",
    ),
    "Neither learned": (
        dict.fromkeys(["rnn", "lstm", "tcn", TWICE, "transformer"], 0.02) | {"rnn": 0.04},
        "The highest mean skill of all networks that see the whole past, recurrent or not, is 0.040. Shown: "
        "every network that sees the whole past, recurrent or not, has a mean skill below 0.1.",
    ),
}


@pytest.mark.parametrize("heading", GRADED)
def test_a_line_of_a_graded_problem_claims_differences_of_mean_skill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    graded_registered(monkeypatch)
    skills, said = GRADED[heading]
    assert said in the_line(graded(tmp_path, skills), heading).finding


def test_a_graded_problem_with_solved_and_lost_fits_of_one_network_says_which_tests_must_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_registered(monkeypatch, "recurrence not needed")
    mixed = {**CLOSE, "rnn": [0.4] * 2 + [0.98] * 28, "cnn": 0.6}
    line = the_line(graded(tmp_path / "shown", mixed, 30), "Memory pays, recurrence not needed")
    both = "Some network had fits of skill 0.9 or more and fits of 0.5 or less; then a verdict must also pass"
    assert f"{both} the tests of solved fits. Up to 12 % of the fits of tcn may still fail." in line.finding
    assert "none was seen" not in line.finding
    line = the_line(graded(tmp_path / "open", mixed, 16), "Open")
    assert f"No verdict has passed its test. {both}" in line.finding


def test_a_failed_fit_is_said_with_its_network_and_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    run = read_run(failing(filled(tmp_path, SOLVED_BY_RECURRENCE, 12), "transformer").write())
    line = the_line(run, "Open")
    assert line.finding.endswith("No verdict, because fits failed: transformer (out of memory).")
    assert "transformer 0 of 11" in told(run).counts[0]


def test_a_failed_twin_is_said_and_why_recurrence_helps_is_not_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    run = read_run(failing(filled(tmp_path, SOLVED_BY_RECURRENCE, 12), "lstm-state-cut").write())
    line = the_line(run, "Open")
    assert line.finding.endswith(
        "A fit of lstm with its state reset at every step failed (out of memory), so the verdict "
        "“recurrence helps” is not possible. "
        "No verdict has passed its test. Judged so far: 12 replicates of at most 30."
    )


def test_a_failed_twin_is_said_beside_another_verdict_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    skills, replicates = EARNED["No difference"]
    run = read_run(failing(filled(tmp_path, skills, replicates), "lstm-state-cut").write())
    line = the_line(run, "No difference")
    assert line.finding.endswith("is not possible.")
    assert "No verdict" not in line.finding


def test_one_replicate_decides_nothing_and_has_sentences_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    found = told(read_run(filled(tmp_path, SOLVED_BY_RECURRENCE, 1).write()))
    (line,) = found.groups[0].lines
    assert found.groups[0].heading == "Open"
    assert line.finding.startswith(f"lstm solved 1 of 1 fit [3{DASH}100%]; without recurrence, tcn 0 of 1")
    assert line.finding.endswith(
        "No verdict has passed its test. Judged so far: 1 replicate; the first test needs 12."
    )
    assert line.detail.startswith("1 replicate;")


def test_one_replicate_of_a_graded_problem_has_no_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_registered(monkeypatch)
    line = the_line(graded(tmp_path, CLOSE, 1), "Open")
    assert "minus" not in line.finding
    assert line.finding.endswith("Judged so far: 1 replicate; the first test needs 16.")


def test_without_a_complete_replicate_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 2)
    made.records = [record for record in made.records if record.method != "cnn"]
    line = the_line(read_run(made.write()), "Open")
    assert line.finding == "No verdict: no replicate in which every method was run."
