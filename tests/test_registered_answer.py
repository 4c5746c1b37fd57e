"""The answer of a run of registered contrasts: headings by verdict, and sentences that say no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_contrasts import CHOSEN, PARITY, ROLES, SOLVED_BY_RECURRENCE, as_registered, filled
from recurbench.reports.statistics.registered_contrasts import observe
from recurbench.reports.statistics.registered_standings import standings
from recurbench.reports.text.answer import answer
from recurbench.reports.text.registered_answer import Budget, counts, groups, names_of, registered_answer
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

EN = Messages()
ONES, HALF = [1.0] * 30, [1.0, 0.0] * 15
# By heading, the skills that earn it in a family of one.
EARNED: dict[str, tuple[dict[str, Any], int]] = {
    "Only recurrence solved it": (SOLVED_BY_RECURRENCE, 12),
    "Recurrence helped": ({"lstm": 1.0, "tcn": [1.0, 1.0] + [0.0] * 10}, 12),
    "Memory pays, recurrence not needed": ({"lstm": 1.0, "rnn": 1.0, "tcn": 1.0}, 30),
    "Recurrence not needed": ({**SOLVED_BY_RECURRENCE, "tcn": 1.0, "cnn": [0.0] * 3 + [1.0] * 27}, 30),
    "No difference": ({"lstm": 1.0, "tcn": 1.0, "cnn": 1.0}, 30),
    "Recurrence lost": ({"lstm": 0.5, "tcn": 1.0}, 12),
    "Neither learned": ({}, 30),
    "Open": ({"lstm": HALF, "transformer": ONES}, 30),
}


def run_of(folder: Path, heading: str, **changes: Any) -> Run:
    skills, replicates = EARNED[heading]
    return read_run(filled(folder, skills, replicates, **changes).write())


@pytest.mark.parametrize("heading", EARNED)
def test_a_contrast_stands_under_the_heading_that_its_verdict_earned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    as_registered(monkeypatch)
    found = registered_answer(run_of(tmp_path, heading), EN)
    assert found is not None
    (group,) = found.groups
    (line,) = group.lines
    assert (group.heading, line.label) == (heading, "parity")
    assert found.short == (f"{heading}: parity.",)


def test_a_line_says_counts_bounds_budget_cost_prediction_and_theory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch, replace(PARITY, task="Parity of bits", theory="one bit is enough"))
    found = registered_answer(run_of(tmp_path, "Only recurrence solved it"), EN)
    assert found is not None
    (line,) = found.groups[0].lines
    assert line.task == "Parity of bits"
    assert line.finding == (
        "lstm solved 12 of 12 fits [74\N{EN DASH}100%]; without recurrence tcn 0 of 12 [0\N{EN DASH}26%]; "
        "with a window cnn 0 of 12 [0\N{EN DASH}26%]. "
        "All 4 rivals together solved 0 of 48 fits, twice the steps included."
    )
    assert line.detail == "12 replicates; CPU per fit: lstm 2.0 s, tcn 2.0 s; as predicted"
    assert line.theory == "Theory: one bit is enough."
    assert "40 optimizer steps and 500 parameters" in found.head[1]


def test_beside_absence_stands_the_failure_rate_still_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    found = registered_answer(run_of(tmp_path, "Memory pays, recurrence not needed"), EN)
    assert found is not None
    (line,) = found.groups[0].lines
    assert "tcn may still fail in up to 12 % of fits." in line.finding
    assert "not as predicted: recurrence helps" in line.detail


def test_an_open_line_names_the_rival_that_solved_more_than_the_best_on_pilots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    found = registered_answer(run_of(tmp_path, "Open"), EN)
    assert found is not None
    assert "Of the rivals transformer solved most: 30 of 30." in found.groups[0].lines[0].finding
    (line,) = found.counts
    assert line.startswith("parity, open: all 30 fits solved by transformer; some by lstm 15/30; none by rnn")


def test_counts_stand_apart_from_the_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    run = read_run(filled(tmp_path, {"lstm": 1.0}, 12).write())
    found = registered_answer(run, EN)
    assert found is not None
    assert found.counts == ("parity, recurrent networks: all 12 fits solved by lstm; none by rnn.",)
    alike = standings(
        observe(read_run(filled(tmp_path / "alike", SOLVED_BY_RECURRENCE, 12).write()), PARITY, CHOSEN, 1)
    )
    assert counts([alike], EN) == ()


def test_graded_problems_are_told_by_skill_difference_and_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(CHOSEN, outcome="graded", predicted="no difference")
    as_registered(monkeypatch, replace(PARITY, known_before=True), chosen)
    skills = {"rnn": 0.98, "lstm": 0.98, "tcn": 0.96, "transformer": 0.96, "cnn": 0.95}
    skills["tcn[max_steps=80,patience=20]"] = 0.96
    found = registered_answer(read_run(filled(tmp_path, skills, 16).write()), EN)
    assert found is not None
    (line,) = found.groups[0].lines
    assert found.groups[0].heading == "No difference"
    assert "Skill: lstm 0.980; without recurrence tcn 0.960; with a window cnn 0.950." in line.finding
    assert "+0.020 [+0.020, +0.020]; 0.5 times the remaining error." in line.finding
    assert line.detail.endswith("as predicted, known before")


def test_a_budget_of_its_own_stands_on_the_line(tmp_path: Path) -> None:
    found = standings(observe(run_of(tmp_path, "Open"), PARITY, CHOSEN, 1))
    (group,) = groups([found], Budget(4000, 5000), EN)
    assert group.lines[0].detail.startswith("30 replicates of 40 steps, 500 parameters;")


def test_methods_of_one_name_and_those_at_twice_the_steps_are_told_apart(tmp_path: Path) -> None:
    found = standings(observe(run_of(tmp_path, "Open"), PARITY, CHOSEN, 1))
    names = names_of(found, EN)
    assert [names[address] for address in ROLES.methods] == [
        *("rnn", "lstm", "tcn", "tcn (twice the steps)", "transformer", "cnn", "lstm-state-cut")
    ]


def test_a_failed_fit_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 12)
    made.records = [
        replace(record, status="failed", reason="out of memory", score=None, scores={}, units=b"")
        if (record.method, record.seed) == ("transformer", 203)
        else record
        for record in made.records
    ]
    found = registered_answer(read_run(made.write()), EN)
    assert found is not None
    (line,) = found.groups[0].lines
    assert found.groups[0].heading == "Open"
    assert "No verdict: out of memory." in line.finding


def test_without_a_complete_replicate_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 2)
    made.records = [record for record in made.records if record.method != "cnn"]
    found = registered_answer(read_run(made.write()), EN)
    assert found is not None
    assert found.groups[0].heading == "Open"
    assert found.groups[0].lines[0].finding == "No verdict: no complete replicate."


def test_a_run_of_pilots_has_another_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    assert registered_answer(run_of(tmp_path, "Open", first=0), EN) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("heading", EARNED)
def test_the_answer_of_a_report_is_that_of_its_contrasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str, language: str
) -> None:
    as_registered(monkeypatch)
    run, say = run_of(tmp_path, heading), Messages(language)
    found = answer(run, say)
    assert found.registered == registered_answer(run, say)
    assert found.registered is not None
    assert found.sentences == (*found.registered.short, *found.registered.head)
    assert not found.exploratory
