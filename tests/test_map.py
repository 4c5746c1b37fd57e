"""The map as a user meets it: run directories in which every verdict, refusal and hint is due."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp
from made_up_pools import (
    ARMA,
    CONTRASTS,
    FIRST,
    HELPS,
    HMM,
    NONE,
    SELECTIVE,
    again,
    empty,
    every_end,
    fill,
    mapped,
)
from recurbench.predictions import contrasts, doubled
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.paired_tests import unseen
from recurbench.reports.statistics.primary_contrasts import PREDICTED, judged
from recurbench.reports.statistics.verdicts import CLAIMS, ERROR
from recurbench.reports.text import map as map_
from recurbench.reports.text.map import headline
from recurbench.results import read_run

# By problem what the run below is made for; those with a verdict come first.
ENDS = {
    "parity": ("recurrence_helps", ""),
    ARMA: ("recurrence_hurts", ""),
    "lorenz[length=100]": ("memory_helps", ""),
    "adding": ("no_difference", ""),
    "sequential-digits": ("undecided", ""),
    "temporal-order": ("not_trained", "recurrent_not_trained"),
    "copy-memory": ("undecided", "few_replicates"),
    SELECTIVE: ("undecided", "unequal_fits"),
    "word-problem": ("undecided", "no_shared_validation_score"),
    "delayed-recall[length=50]": ("undecided", "no_headroom_to_best"),
    HMM: ("undecided", "reference_not_run"),
    "firm-default": ("undecided", "not_run"),
}
DECIDED = list(ENDS)[:4]
CODES = ["verdict_code", "reason_codes"]


def ended(table: pd.DataFrame, problem: str = ARMA) -> tuple[str, str]:
    """The codes of the verdict on a problem and of its reasons, as map.csv has them."""
    verdict, reasons = table.fillna({"reason_codes": ""}).loc[problem, CODES]
    return str(verdict), str(reasons)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that holds all contrasts but one, each with another end."""
    return every_end(tmp_path_factory.mktemp("run")).write()


@pytest.fixture(scope="module")
def shown(folder: Path) -> tuple[pd.DataFrame, str]:
    return mapped(folder)


def test_every_verdict_and_every_refusal_is_reached(shown: tuple[pd.DataFrame, str]) -> None:
    assert set(ENDS) == set(CONTRASTS)
    assert {problem: ended(shown[0], problem) for problem in shown[0].index} == ENDS
    assert set(ContrastVerdict) == {verdict for verdict, _ in ENDS.values()}
    assert {PREDICTED[each.predicted] for each in CONTRASTS.values()} <= set(CLAIMS)


def test_only_a_verdict_has_a_hit(shown: tuple[pd.DataFrame, str]) -> None:
    hits = shown[0]["hit"].dropna().astype(bool).to_dict()
    assert hits == {name: ENDS[name][0] == PREDICTED[CONTRASTS[name].predicted] for name in DECIDED}


def test_the_headline_counts_hits_and_misses_among_predictions_not_known_before(
    shown: tuple[pd.DataFrame, str],
) -> None:
    text = " ".join(shown[1].split())
    open_ = [each for each in contrasts() if not each.known_before]
    decided = [each for each in open_ if each.problem in DECIDED]
    hits = sum(ENDS[each.problem][0] == PREDICTED[each.predicted] for each in decided)
    assert 0 < hits < len(decided) < len(open_)
    assert f"of {len(open_)} predictions whose outcome was not known before, {hits} came true" in text
    assert f"{len(decided) - hits} did not, {len(open_) - len(decided)} are open" in text
    assert text.startswith("12 primary contrasts: 7 undecided, 1 ")


def test_contrasts_that_are_not_there_stay_in_the_count_of_holm(shown: tuple[pd.DataFrame, str]) -> None:
    table = shown[0]
    decided = table.loc[DECIDED]
    # All four are as clear as ten pairs can be, so they share the first bar.
    assert decided["p_adjusted"].to_list() == pytest.approx([12 * 2 / 1024] * 4)
    assert decided["level"].to_list() == pytest.approx([1 - ERROR / 12] * 4)


@pytest.mark.parametrize("width", [80, 160])
def test_no_line_of_the_table_is_wider_than_the_terminal(
    folder: Path, shown: tuple[pd.DataFrame, str], width: int
) -> None:
    text = shown[1] if width == 80 else mapped(folder, width=width)[1]
    lines = [line for line in text.splitlines() if line[:1] in "┃│┡└┏├"]
    assert len(lines) > 12
    assert max(map(len, lines)) <= width
    assert "[+0.480, +0.520]" in text  # an interval stays in one piece


def test_the_terminal_says_what_was_predicted_and_how_an_idle_side_is_told(
    shown: tuple[pd.DataFrame, str],
) -> None:
    text = shown[1]
    assert "hit: recurrence" in text
    assert "miss: no" in text
    assert "predicted:" in text
    assert "recurbench run probes-twice --datasets 'temporal-order' --out runs/probes-twice" in text


def test_the_smallest_attainable_p_is_said_by_number_of_pairs_in_terminal_and_markdown(
    folder: Path, shown: tuple[pd.DataFrame, str]
) -> None:
    sentence = "Smallest possible p: 0.0039 with 9 replicates, 0.002 with 10 replicates."
    assert sentence in " ".join(shown[1].split())
    assert f"- {sentence}" in (folder / "report" / "map.md").read_text()


def test_what_no_pair_showed_is_said_beside_the_verdicts_that_rest_on_likeness(
    folder: Path, shown: tuple[pd.DataFrame, str]
) -> None:
    table, text = shown
    # 1 - (.05 / 12 / 2) ** (1 / 10), by hand.
    likeness = table["verdict_code"].isin(["memory_helps", "no_difference"])
    assert table["unseen"].notna().equals(likeness)
    assert table.loc[likeness, "unseen"].to_list() == pytest.approx([0.46064] * 2, abs=1e-5)
    assert text.count("unseen:") == 2
    (row,) = [
        line for line in (folder / "report" / "map.md").read_text().splitlines() if "no difference; " in line
    ]
    assert "no difference; unseen: up to 0.46 of replicates" in row


def test_pairs_that_share_their_cases_are_named_beside_the_verdict(tmp_path: Path) -> None:
    made = fill(empty(tmp_path / "run", source="digits of a package"), "parity", HELPS)
    table, text = mapped(made.write())
    assert table["shared"].to_dict()["parity"] == 40 / 50
    assert text.count("shared cases") == 1
    said = (tmp_path / "run" / "report" / "map.md").read_text()
    assert "| recurrence helps; shared cases |" in said
    assert "- shared cases: " in said


def test_pairs_that_share_their_cases_leave_more_unseen(tmp_path: Path) -> None:
    facts = {"source": "digits of a package", "n_train": 100, "n_test": 40}
    table = mapped(fill(empty(tmp_path, **facts), ARMA, NONE).write())[0]
    assert ended(table) == ("no_difference", "")
    level = table.loc[ARMA, "level"]
    assert table.loc[ARMA, "unseen"] == pytest.approx(unseen(2, level))  # ten pairs that tell as much as two


def test_markdown_stays_a_table_whatever_a_reason_holds(
    folder: Path, shown: tuple[pd.DataFrame, str]
) -> None:
    lines = (folder / "report" / "map.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    bars = [line.replace("\\|", "").count("|") for line in rows]
    assert bars == [11] * 14 + [9] * 14
    assert any("skill needs no\\|ne" in line for line in rows)
    (left_out,) = [line for line in lines if "it \\| broke here" in line]
    assert left_out.startswith(f"- {SELECTIVE}: tcn[")


def test_an_empty_run_is_a_map_of_what_was_not_run(tmp_path: Path) -> None:
    empty(tmp_path).write()
    table, text = mapped(tmp_path)
    assert {ended(table, problem) for problem in table.index} == {("undecided", "not_run")}
    assert "not known before, 0 came true, 0 did not, 5 are open" in " ".join(text.split())


def test_the_skill_of_a_side_is_of_what_was_chosen_pair_by_pair_and_said_to_be(tmp_path: Path) -> None:
    """Two that change places by pair: the skill beside the name is not the mean of the one named."""
    one, other = CONTRASTS[ARMA].pools.full[:2]
    tests = {one: np.repeat([0.7, 0.3], 5), other: np.full(10, 0.4)}
    # On validation each is best over the pairs other than its own good ones.
    valid = {one: np.repeat([0.9, 0.7], 5), other: np.repeat([0.7, 0.9], 5)}
    made = fill(empty(tmp_path), ARMA, {**HELPS, "full": 0.1, **tests}, valid=valid)
    row = mapped(made.write())[0].loc[ARMA]
    assert row["full"] in tests
    assert row["full_skill"] != pytest.approx(tests[row["full"]].mean())
    text = (tmp_path / "report" / "map.md").read_text()
    assert "On some replicates another method of the group may have been chosen." in text


def test_the_map_says_how_far_its_rule_keeps_its_error(tmp_path: Path) -> None:
    mapped(fill(empty(tmp_path), ARMA, HELPS).write())
    text = (tmp_path / "report" / "map.md").read_text()
    assert "made to keep the chance of at least one wrong verdict at 5%. In simulations" in text


# The idle rule: what a re-run at twice the steps says of a side whose best is under .1 of skill.

IDLE = {"recurrent": 0.02, "full": 0.8, "window": 0.2, "cut": 0.02}


def idle_run(folder: Path, skills: Mapping[str, float] = IDLE) -> Path:
    return fill(empty(folder / "once"), ARMA, skills).write()


def twice_run(folder: Path, skills: Mapping[str, float], left_out: str = "", problem: str = ARMA) -> Path:
    return again(empty(folder / "twice"), problem, skills, left_out).write()


NOT_YET = ("not_trained", "recurrent_not_trained")


def test_a_side_that_learned_nothing_gets_no_verdict_without_a_re_run(tmp_path: Path) -> None:
    table, text = mapped(idle_run(tmp_path))
    assert ended(table) == NOT_YET
    assert "--datasets 'arma[length=100]'" in text


@pytest.mark.parametrize(
    ("later", "end"),
    [
        (0.02, ("recurrence_hurts", "")),  # it stays where it was
        (0.3, NOT_YET),  # it has begun to learn
        (0.09, NOT_YET),  # under .1, but on its way
    ],
)
def test_a_re_run_at_twice_the_steps_decides(tmp_path: Path, later: float, end: tuple[str, str]) -> None:
    twice = twice_run(tmp_path, {"recurrent": later, "full": 0.8})
    table, text = mapped(idle_run(tmp_path), "--twice", twice)
    assert ended(table) == end
    assert "probes-twice" not in text


def test_both_sides_may_be_idle(tmp_path: Path) -> None:
    none = {"recurrent": 0.02, "full": 0.01, "window": 0.0, "cut": 0.0}
    once = idle_run(tmp_path, none)
    assert ended(mapped(once)[0]) == ("not_trained", "recurrent_not_trained;full_context_not_trained")
    twice = twice_run(tmp_path, {"recurrent": 0.02, "full": 0.5})
    assert ended(mapped(once, "--twice", twice)[0]) == ("not_trained", "full_context_not_trained")


def test_a_re_run_with_a_method_that_failed_says_nothing(tmp_path: Path) -> None:
    method = CONTRASTS[ARMA].pools.recurrent[0]
    twice = twice_run(tmp_path, {"recurrent": 0.02, "full": 0.8}, left_out=method)
    assert ended(mapped(idle_run(tmp_path), "--twice", twice)[0]) == NOT_YET


def test_a_re_run_with_a_method_that_failed_on_one_pair_says_nothing(tmp_path: Path) -> None:
    made = again(empty(tmp_path / "twice"), ARMA, {"recurrent": 0.02, "full": 0.8})
    first = made.records[0]
    first.status, first.score = "failed", None
    table = mapped(idle_run(tmp_path), "--twice", made.write())[0]
    assert ended(table) == NOT_YET


@pytest.mark.parametrize("draws", [[FIRST, FIRST + 1], [0, 1, 2]])
def test_a_re_run_without_its_registered_pairs_says_nothing(tmp_path: Path, draws: list[int]) -> None:
    """Neither one that is not finished nor one on pilot draws."""
    made = again(empty(tmp_path / "twice"), ARMA, {"recurrent": 0.02, "full": 0.8})
    made.records = [record for record in made.records if (record.data_seed or 0) - FIRST < len(draws)]
    for record in made.records:
        record.seed = record.data_seed = draws[(record.data_seed or 0) - FIRST]
        record.problem_key = f"{ARMA}/{record.data_seed}"
    made.draws = dict.fromkeys(((ARMA, draw) for draw in draws), b"")
    assert ended(mapped(idle_run(tmp_path), "--twice", made.write())[0]) == NOT_YET


def test_more_pairs_than_the_registered_ones_of_a_re_run_change_nothing(tmp_path: Path) -> None:
    made = again(empty(tmp_path / "twice"), ARMA, {"recurrent": 0.09, "full": 0.8})
    for address in CONTRASTS[ARMA].pools.recurrent:
        for pair in range(3, 10):
            made.cell(doubled(address), [0.02], problem=ARMA, seed=FIRST + pair, data_seed=FIRST + pair)
    assert ended(mapped(idle_run(tmp_path), "--twice", made.write())[0]) == NOT_YET


def test_a_re_run_of_another_problem_says_nothing(tmp_path: Path) -> None:
    twice = twice_run(tmp_path, {"recurrent": 0.02, "full": 0.8}, problem="lorenz[length=100]")
    assert ended(mapped(idle_run(tmp_path), "--twice", twice)[0]) == NOT_YET


def test_a_cell_that_beats_the_exact_best_raises_an_alarm(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=0.5)
    rng = np.random.default_rng(0)
    made.cell("rnn", np.ones(40), problem="parity", seed=FIRST, data_seed=FIRST)
    made.cell("mlp", rng.random(40) < 0.5, problem="parity", seed=FIRST, data_seed=FIRST)
    text = mapped(made.write(exact=(np.arange(40) % 2).astype(float)))[1]
    (alarm,) = [line for line in text.splitlines() if line.startswith("ALARM")]
    assert "rnn beats the exact best of parity by 0.5" in alarm
    assert "draw 100" in alarm


def test_the_same_run_gives_the_same_map(tmp_path: Path) -> None:
    run = read_run(idle_run(tmp_path))
    one, two = (judged(run, contrasts()) for _ in range(2))
    assert headline(one) == headline(two)
    assert map_.markdown(one) == map_.markdown(two)
