"""The answer of a run of registered contrasts: headings by verdict, and sentences that say no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_up import MadeUp
from made_up_answers import (
    CLOSE,
    DASH,
    EARNED,
    EN,
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
    ROLES,
    SOLVED_BY_RECURRENCE,
    all_registered,
    as_registered,
    filled,
)
from recurbench.reports.statistics.registered_contrasts import observe
from recurbench.reports.statistics.registered_standings import standings
from recurbench.reports.text.answer import answer
from recurbench.reports.text.registered_answer import ORDER, groups, names_of, registered_answer
from recurbench.reports.text.registered_head import Budget
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run


@pytest.mark.parametrize("family", [1, 15])
@pytest.mark.parametrize("heading", EARNED)
def test_a_contrast_stands_under_the_heading_that_its_verdict_earned(
    monkeypatch: pytest.MonkeyPatch, heading: str, family: int
) -> None:
    all_registered(monkeypatch, [(PARITY, CHOSEN), *others(family - 1)])
    found = told(run_of(heading))
    (group,) = found.groups
    (line,) = group.lines
    assert (group.heading, line.label) == (heading, "parity")
    assert found.short == (f"{heading}: parity.",)
    assert found.unrun.count("not-run-") == family - 1


def test_what_is_decided_as_the_only_contrast_can_be_open_as_one_of_fifteen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In 8 of 12 replicates lstm alone solved: 2 * 2^-8 / .5 = .0156, between .05 / 15 and .05.
    run = read_run(filled(tmp_path, {"lstm": [1.0] * 8 + [0.0] * 4, "rnn": 1.0}, 12).write())
    for family, heading in ((1, "Only recurrence solved it"), (15, "Open")):
        all_registered(monkeypatch, [(PARITY, CHOSEN), *others(family - 1)])
        the_line(replace(run), heading)


def test_a_line_says_counts_bounds_what_is_shown_cost_prediction_and_theory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    as_registered(monkeypatch, replace(PARITY, task="Parity of bits", theory="one bit is enough"))
    found = told(run_of("Only recurrence solved it"))
    (line,) = found.groups[0].lines
    assert line.task == "Parity of bits"
    assert line.finding == (
        f"lstm solved 12 of 12 fits [74{DASH}100%]; without recurrence, tcn 0 of 12 [0{DASH}26%]; "
        f"with only a window of past steps, cnn 0 of 12 [0{DASH}26%]. "
        "No network without recurrence solved any of 48 fits "
        "(3 networks, 1 of them also with twice the optimizer steps). "
        "With its state reset at every step, lstm solved 0 of 12 fits. "
        "Shown: lstm solves the problem more often than every network without recurrence "
        "and than itself with its state reset."
    )
    assert line.detail == "12 replicates; CPU time of a fit: lstm 2.0 s, tcn 2.0 s; as predicted"
    assert line.theory == "Theory: one bit is enough."


def test_a_twin_that_solves_a_fit_is_told_and_takes_the_word_only_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    skills = {**SOLVED_BY_RECURRENCE, "lstm-state-cut": [1.0, 1.0] + [0.0] * 10}
    line = the_line(read_run(filled(tmp_path, skills, 12).write()), "Recurrence helped")
    assert "With its state reset at every step, lstm solved 2 of 12 fits." in line.finding


def test_a_twin_that_solves_as_much_leaves_the_contrast_open_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    skills = {**SOLVED_BY_RECURRENCE, "lstm-state-cut": 1.0}
    line = the_line(read_run(filled(tmp_path, skills, 30).write()), "Open")
    assert "With its state reset at every step, lstm solved 30 of 30 fits." in line.finding
    assert line.finding.endswith("No verdict has passed its test.")


def test_a_verdict_that_was_not_predicted_names_the_predicted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    line = the_line(run_of("Recurrence lost"), "Recurrence lost")
    assert line.detail.endswith("not as predicted (predicted: recurrence helps)")
    # More replicates follow until the predicted verdict passes.
    assert line.finding.endswith("Judged so far: 12 replicates of at most 30.")


def test_an_open_line_names_the_rival_that_solved_more_than_the_best_on_pilots(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    as_registered(monkeypatch)
    found = told(run_of("Open"))
    finding = found.groups[0].lines[0].finding
    assert "Of all networks without recurrence, transformer solved most: 30 of 30." in finding
    assert finding.endswith("No verdict has passed its test.")
    assert found.counts == (
        "parity (no verdict; fits solved by all networks): rnn 0 of 30, lstm 15 of 30, tcn 0 of 30, "
        "tcn (twice the steps) 0 of 30, transformer 30 of 30, cnn 0 of 30.",
    )


@pytest.mark.parametrize(("rnn", "solved"), [(0.0, 0), (1.0, 12)])
def test_counts_name_every_recurrent_network_even_where_all_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rnn: float, solved: int
) -> None:
    as_registered(monkeypatch)
    found = told(read_run(filled(tmp_path, {"lstm": 1.0, "rnn": rnn}, 12).write()))
    assert found.counts == (
        f"parity (fits solved by recurrent networks): rnn {solved} of 12, lstm 12 of 12.",
    )


def test_where_recurrence_lost_the_counts_stand_on_the_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    assert told(run_of("Recurrence lost")).counts == ()


def test_graded_problems_are_told_by_skill_difference_and_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_registered(monkeypatch)
    line = the_line(graded(tmp_path, CLOSE), "No difference")
    assert line.finding.startswith(
        "Mean skill: lstm 0.980; without recurrence, tcn 0.960; with only a window of past steps, cnn 0.950. "
        "Skill of lstm minus skill of tcn: +0.020 [+0.020, +0.020]. "
        "The remaining error (1 - skill) of lstm is 0.50 times that of tcn. "
        "Skill of lstm minus skill of cnn: +0.030 [+0.030, +0.030]. "
    )
    possible = 1 - (0.05 / 2) ** (1 / 16)
    assert line.finding.endswith(
        f"If some fits fail to learn, they are at most {100 * possible:.0f} % of all; none was seen."
    )
    assert line.detail.endswith("as predicted; similar results were known before")


def test_a_recurrent_network_without_any_error_left_has_the_ratio_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_registered(monkeypatch)
    line = the_line(
        graded(tmp_path, {**CLOSE, "lstm": 1.0, "rnn": 1.0, "cnn": 0.96, "tcn": 0.97}), "No difference"
    )
    assert "of lstm is 0 times that of tcn." in line.finding


def test_a_budget_of_its_own_stands_on_the_line() -> None:
    found = standings(observe(run_of("Open"), PARITY, CHOSEN, 1))
    (group,) = groups([found], Budget(4000, 5000), EN)
    own = "30 replicates with at most 40 optimizer steps and about 500 parameters;"
    assert group.lines[0].detail.startswith(own)


def test_methods_of_one_name_and_those_at_twice_the_steps_are_told_apart() -> None:
    found = standings(observe(run_of("Open"), PARITY, CHOSEN, 1))
    names = names_of(found, EN)
    assert [names[address] for address in ROLES.methods] == [
        *("rnn", "lstm", "tcn", "tcn (twice the steps)", "transformer", "cnn", "lstm-state-cut")
    ]


def test_a_run_of_pilots_has_another_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    assert registered_answer(read_run(filled(tmp_path, *EARNED["Open"], first=0).write()), EN) is None


def test_every_heading_stands_once_and_in_order_with_its_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        (replace(PARITY, problem=f"problem-{i}", label=heading), replace(CHOSEN, problem=f"problem-{i}"))
        for i, heading in enumerate([*EARNED, "Open"])
    ]
    made: MadeUp | None = None
    for contrast, chosen in found[::-1]:
        made = filled(tmp_path, *EARNED[contrast.label], contrast=contrast, chosen=chosen, made=made)
    assert made is not None
    all_registered(monkeypatch, [*found, *others(6)])
    run = read_run(made.write())
    for say in map(Messages, LANGUAGES):
        answered = told(run, say)
        assert [group.heading for group in answered.groups] == [say(f"registered.{name}") for name in ORDER]
        labels = [[line.label for line in group.lines] for group in answered.groups]
        assert labels == [[heading] for heading in list(EARNED)[:-1]] + [["Open", "Open"]]
        assert answered.short[-1] == f"{say('registered.open')}: Open; Open."
        assert len(answered.counts) == len(found) - 1  # where recurrence lost, the line has them
    assert told(run).head[0] == (
        "For each of these 9 problems a prediction was written down before the samples of this run were "
        "drawn. 9 of these predictions were made before any similar result was known: 2 came true, "
        "5 did not come true, 2 are open."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("heading", EARNED)
def test_the_answer_of_a_report_is_that_of_its_contrasts(
    monkeypatch: pytest.MonkeyPatch, heading: str, language: str
) -> None:
    as_registered(monkeypatch)
    run, say = run_of(heading), Messages(language)
    found = answer(run, say)
    assert found.registered == told(run, say)
    assert found.sentences == found.registered.flat
    assert not found.exploratory
