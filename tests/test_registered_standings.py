"""Who did what in a registered contrast: counts, skills and differences over the judged replicates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_up_answers import failing
from made_up_contrasts import CHOSEN, PARITY, SOLVED_BY_RECURRENCE, filled
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_contrasts import observe
from recurbench.reports.statistics.registered_rule import Word, unseen
from recurbench.reports.statistics.registered_standings import CODES, Standings, held, standings, table
from recurbench.results import read_run
from scipy.stats import binomtest

GRADED = replace(CHOSEN, outcome="graded", predicted="no difference")


def of(folder: Path, skills: dict, replicates: int, chosen=CHOSEN) -> Standings:
    run = read_run(filled(folder, skills, replicates, chosen=chosen).write())
    return standings(observe(run, PARITY, chosen, 1))


def test_every_word_has_a_code() -> None:
    assert set(CODES) == set(Word)
    assert set(CODES.values()) == set(ContrastVerdict)


def test_every_method_with_a_role_stands_once_with_its_fits_and_costs(tmp_path: Path) -> None:
    found = of(tmp_path, SOLVED_BY_RECURRENCE, 12)
    assert [one.group for one in found.methods] == ["recurrent"] * 2 + ["full"] * 3 + ["window", "twin"]
    assert [one.twice for one in found.methods] == [False] * 3 + [True] + [False] * 3
    lstm = found.best("recurrent")
    assert lstm is not None
    assert lstm.counted is not None
    assert (lstm.address, lstm.counted.solved, lstm.skill) == (PARITY.address("lstm", 0.01), 12, 1.0)
    assert lstm.seconds == 2.0
    assert (found.verdict, found.hit, found.failure_possible) == (
        ContrastVerdict.RECURRENCE_HELPS,
        True,
        None,
    )


def test_fits_after_the_look_that_decided_do_not_count(tmp_path: Path) -> None:
    found = of(tmp_path, {"lstm": [1.0] * 12 + [0.0] * 3, "rnn": 1.0}, 15)
    lstm = found.best("recurrent")
    assert lstm is not None
    assert lstm.counted is not None
    assert (found.replicates, lstm.counted.n, lstm.counted.solved) == (12, 12, 12)


@pytest.mark.parametrize(
    ("skills", "replicates", "verdict"),
    [(SOLVED_BY_RECURRENCE, 12, "undecided"), ({"lstm": 1.0, "tcn": 1.0, "cnn": 1.0}, 30, "no_difference")],
)
def test_a_failed_twin_is_the_reason_of_an_undecided_contrast_alone(
    tmp_path: Path, skills: dict, replicates: int, verdict: str
) -> None:
    made = failing(filled(tmp_path, skills, replicates), "lstm-state-cut")
    found = standings(observe(read_run(made.write()), PARITY, CHOSEN, 1))
    assert (found.verdict, found.failed_twin) == (verdict, PARITY.address("lstm-state-cut", 0.01))
    assert [each.text for each in found.refused] == ["out of memory"] * (verdict == "undecided")
    assert found.failed == ()


def test_a_failed_method_and_a_failed_twin_are_both_named(tmp_path: Path) -> None:
    made = failing(failing(filled(tmp_path, SOLVED_BY_RECURRENCE, 12), "lstm-state-cut"), "cnn")
    found = standings(observe(read_run(made.write()), PARITY, CHOSEN, 1))
    assert found.failed == (PARITY.address("cnn", 0.003),)
    assert len(found.refused) == 2
    assert not found.goes_on


@pytest.mark.parametrize(
    ("skills", "replicates", "goes_on"),
    [
        (SOLVED_BY_RECURRENCE, 11, True),
        (SOLVED_BY_RECURRENCE, 12, False),
        ({"tcn": 1.0}, 12, True),  # recurrence hurts, which was not predicted
        ({"tcn": 1.0}, 30, False),
    ],
)
def test_judging_goes_on_until_the_predicted_verdict_passes_or_all_replicates_are_there(
    tmp_path: Path, skills: dict, replicates: int, goes_on: bool
) -> None:
    found = of(tmp_path, skills, replicates)
    assert (found.goes_on, found.failed_twin) == (goes_on, None)


@pytest.mark.parametrize("failures", [0, 1])
def test_beside_absence_stands_the_exact_bound_of_the_failures_seen(tmp_path: Path, failures: int) -> None:
    tcn = [0.0] * failures + [1.0] * (30 - failures)
    found = of(tmp_path, {"lstm": 1.0, "rnn": 1.0, "tcn": tcn}, 30)
    assert found.verdict == ContrastVerdict.MEMORY_HELPS
    exact = binomtest(failures, 30).proportion_ci(0.95, "exact").high
    assert found.failure_possible == pytest.approx(exact)
    if not failures:
        assert found.failure_possible == pytest.approx(unseen(30, 1))


def test_the_ratio_of_remaining_errors_is_told_near_the_ceiling_alone(tmp_path: Path) -> None:
    near = of(tmp_path / "near", {"lstm": 0.98, "tcn": 0.96}, 16, GRADED)
    assert near.error_ratio == pytest.approx(0.5)
    assert near.lift is not None
    assert near.lift.mean == pytest.approx(0.02)
    assert of(tmp_path / "far", {"lstm": 0.98, "tcn": 0.8}, 16, GRADED).error_ratio is None
    assert of(tmp_path / "perfect", {"lstm": 0.98, "tcn": 1.0}, 16, GRADED).error_ratio is None


def test_without_windows_there_is_no_gain_from_context(tmp_path: Path) -> None:
    chosen = replace(CHOSEN, rates={**CHOSEN.rates, "window": {}}, best_window=None)
    found = of(tmp_path, SOLVED_BY_RECURRENCE, 12, chosen)
    assert (found.best("window"), found.context) == (None, None)
    assert found.lift is not None


def test_a_contrast_that_was_not_run_is_not_held(tmp_path: Path) -> None:
    run = read_run(filled(tmp_path, {}, 2, first=0).write())
    assert held([observe(run, PARITY, CHOSEN, 1)]) == ()


def test_the_table_has_a_row_for_each_contrast(tmp_path: Path) -> None:
    (row,) = table([of(tmp_path, SOLVED_BY_RECURRENCE, 12)]).to_dict("records")
    assert (row["problem"], row["label"], row["replicates"]) == ("parity", "parity", 12)
    assert (row["recurrent_solved"], row["full_solved"], row["window_skill"]) == (12, 0, 0.0)
    assert (row["lift"], row["context"]) == (1.0, 1.0)
    assert row["p"] <= row["bar"]
