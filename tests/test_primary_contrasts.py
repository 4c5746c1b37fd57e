"""What a run holds of a contrast: levels, pairs, selection and components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import MadeUp
from made_up_pools import CONTEXT, CONTRASTS, FIRST, HELPS, empty, fill, spread
from recurbench.predictions import Contrast
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.outcomes import CellReason, ContrastVerdict, Reason, ReasonCode, reason
from recurbench.reports.statistics.primary_contrasts import (
    NOT_RUN,
    Observed,
    judged,
    observe,
    table,
)
from recurbench.reports.statistics.replicates import skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.statistics.verdicts import Verdict
from recurbench.results import read_run

ARMA = CONTRASTS["arma[length=100]"]
RNN, GRU, LSTM, MINGRU = ARMA.pools.recurrent


def seen(made: MadeUp, contrast: Contrast = ARMA) -> tuple[Observed, Verdict]:
    run = read_run(made.write())
    (found,) = judged(run, [contrast])
    return found


def twin(address: str, what: str) -> str:
    return address.replace("[", f"-{what}[", 1)


def levels(folder: Path, reference: float | None = None, **facts: Any) -> object:
    made = MadeUp(folder, **facts)
    made.cell("rnn", [0.6], seed=1, data_seed=1)
    if reference is not None:
        made.cell("most-common", [reference], data_seed=1)
    return by_draw(read_run(made.write()), "made-up")


@pytest.mark.parametrize(
    ("facts", "want"),
    [
        ({"constant": 0.5, "best": 0.9}, (0.5, 0.9)),
        # The best is not known: no error at all stands for it.
        ({"constant": 0.5, "best": None}, (0.5, 1.0)),
        ({"constant": 4.0, "best": None, "metric": "mse", "higher_is_better": False}, (4.0, 0.0)),
        ({"constant": 4.0, "best": 1.0, "metric": "mse", "higher_is_better": False}, (4.0, 1.0)),
    ],
)
def test_levels_are_the_constant_and_the_exact_best_where_known(
    tmp_path: Path, facts: dict[str, Any], want: tuple[float, float]
) -> None:
    assert levels(tmp_path, **facts) == {1: want}


def test_where_no_constant_is_known_the_reference_s_own_score_is_skill_0(tmp_path: Path) -> None:
    assert levels(tmp_path / "with", 0.25, best=0.9) == {1: (0.25, 0.9)}
    assert levels(tmp_path / "without", best=0.9) == reason(
        ReasonCode.REFERENCE_NOT_RUN, method="most-common"
    )


def test_every_draw_has_levels_of_its_own(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, best=1.0)
    for draw, floor in ((1, 0.2), (2, 0.6)):
        made.cell("most-common", [floor], data_seed=draw).cell("rnn", [0.8], seed=draw, data_seed=draw)
    run = read_run(made.write())
    found = by_draw(run, "made-up")
    assert found == {1: (0.2, 1.0), 2: (0.6, 1.0)}
    skill = skill_table(run.cells, found)
    assert skill["rnn"].to_list() == pytest.approx([0.75, 0.5])
    assert skill["most-common"].to_list() == pytest.approx([0.0, 0.0])


def test_skill_of_an_error_rises_as_the_error_falls(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, metric="mse", higher_is_better=False, constant=2.0, best=1.0)
    made.cell("rnn", [1.25], seed=1, data_seed=1).cell("mlp", [3.0], seed=1, data_seed=1)
    run = read_run(made.write())
    found = by_draw(run, "made-up")
    assert not isinstance(found, Reason)
    skill = skill_table(run.cells, found)
    assert skill.loc[1].to_dict() == pytest.approx({"rnn": 0.75, "mlp": -1.0})


def test_too_little_between_constant_and_best_is_no_headroom(tmp_path: Path) -> None:
    found = levels(tmp_path, constant=0.5, best=0.505)
    assert isinstance(found, Reason)
    assert found.code == ReasonCode.NO_HEADROOM_TO_BEST
    assert found.values["gap"] == pytest.approx(0.005)


def test_validation_of_the_other_pairs_chooses_and_test_scores_never_do(tmp_path: Path) -> None:
    # On test the rnn is best by far; validation prefers the gru but on pair 4, where it adores the rnn.
    n = ARMA.pairs
    loved = np.where(np.arange(n) == 4, 2.0, 0.1)
    valid = {RNN: loved, GRU: np.full(n, 0.5), LSTM: np.zeros(n), MINGRU: np.zeros(n)}
    made = fill(
        empty(tmp_path),
        "arma[length=100]",
        {**HELPS, RNN: 0.85, GRU: 0.6, LSTM: 0.5, MINGRU: 0.5},
        valid=valid,
    )
    own, _ = seen(made)
    assert own.skills is not None
    chosen = own.skills.chosen(own.skills.recurrent)
    assert chosen == [GRU] * n
    assert own.chosen["recurrent"] == GRU
    assert own.means["recurrent"] == pytest.approx(0.6)
    assert own.parts.lift.values == pytest.approx(0.3 + 2 * spread(n))


def test_errors_as_validation_scores_choose_the_smallest(tmp_path: Path) -> None:
    n = ARMA.pairs
    valid = {name: np.full(n, 0.9) for name in ARMA.pools.methods} | {LSTM: np.full(n, 0.1)}
    made = fill(
        empty(tmp_path, selectors=["log_loss"]), "arma[length=100]", HELPS, valid=valid, selector="log_loss"
    )
    assert seen(made)[0].chosen["recurrent"] == LSTM


def test_methods_that_lack_the_first_selector_are_chosen_by_the_next_that_all_have(tmp_path: Path) -> None:
    made = empty(tmp_path, selectors=["log_loss", "accuracy"])
    fill(made, "arma[length=100]", HELPS)
    made.records[1].scores = {"log_loss": 0.3, **made.records[1].scores}
    assert seen(made)[1].code == ContrastVerdict.RECURRENCE_HELPS


def test_shares_solved_means_and_cpu_hours_are_those_of_the_run(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), "arma[length=100]", {**HELPS, "recurrent": np.repeat([0.95, 0.8], 5)})
    for record in made.records:
        # One fit for both stages, but of one job, whose stages each took their own.
        record.cpu_seconds = 36.0 if record.job != made.records[0].job or record.stage == "final" else 18.0
    own, _ = seen(made)
    assert own.solved == {"recurrent": 0.5, "full": 0.0, "window": 0.0}
    assert own.means["full"] == pytest.approx(0.3)
    assert own.hours == pytest.approx((len(made.records) / 2 + 0.5) / 100)


def test_further_components_are_differences_from_the_best_recurrent(tmp_path: Path) -> None:
    n = ARMA.pairs
    made = fill(
        empty(tmp_path),
        "arma[length=100]",
        {**HELPS, RNN: 0.82, GRU: 0.7, LSTM: 0.7, MINGRU: 0.5},
        besides=0.6,
    )
    for what, skill in (("reset", 0.4), ("shuffled", 0.1)):
        for pair in range(n):
            made.cell(
                twin(RNN, what),
                [skill],
                problem="arma[length=100]",
                seed=FIRST + pair,
                data_seed=FIRST + pair,
            )
    own, verdict = seen(made)
    means = {name: part.mean for name, part in own.further.items()}
    assert means == pytest.approx(
        {"chosen": 0.52, "window": 0.62, "linear": 0.32, "reset": 0.42, "shuffled": 0.72}
    )
    # Of every kind: esn is recurrent and linear-filter is not, both at .6.
    assert own.practical is not None
    assert own.practical.mean == pytest.approx(0.22)
    row = table([(own, verdict)]).iloc[0]
    assert row["L_reset"] == pytest.approx(0.42)
    assert row["L_reset_low"] <= row["L_reset"] <= row["L_reset_high"]


def undrawn(made: MadeUp, problem: str) -> MadeUp:
    """The same cells on a problem of one draw, told apart by their seeds alone."""
    for record in made.records:
        record.data_seed, record.problem_key = None, f"{problem}/None"
    made.draws = {(problem, None): b""}
    return made


def test_a_method_without_a_seed_is_the_same_rival_for_every_seed_of_a_problem_of_one_draw(
    tmp_path: Path,
) -> None:
    digits = CONTRASTS["sequential-digits"]
    made = undrawn(fill(empty(tmp_path), digits.problem, HELPS, besides=0.4), digits.problem)
    # By validation as on test it is the best of everything else.
    made.cell("dtw-1nn", [0.7], problem=digits.problem, validation={"accuracy": 0.7})
    own, verdict = seen(made, digits)
    assert own.practical is not None
    assert own.practical.values == pytest.approx(0.1 + spread(digits.pairs))
    assert (verdict.code, own.pairs) == (ContrastVerdict.RECURRENCE_HELPS, digits.pairs)


def test_more_pairs_are_asked_for_only_where_the_interval_is_wider_than_the_margin(tmp_path: Path) -> None:
    """One lies across a bound, narrow; the other is wide."""
    wanted = []
    for name, spread_of in (("narrow", 0.01), ("wide", 0.2)):
        skills = {**CONTEXT, "recurrent": 0.85 + spread(ARMA.pairs, spread_of)}
        run = read_run(fill(empty(tmp_path / name), ARMA.problem, skills).write())
        (row,) = table(judged(run, [ARMA])).to_dict("records")
        assert row["verdict"] == ContrastVerdict.UNDECIDED
        wanted.append((row["half_width"] < MARGIN, row["pairs_for_margin"]))
    assert wanted[0] == (True, None)
    assert not wanted[1][0]
    assert wanted[1][1] > ARMA.pairs


def test_pairs_that_are_parts_of_one_set_of_cases_bear_wider_intervals(tmp_path: Path) -> None:
    """By the corrected resampled t test of Nadeau and Bengio (2003), from the values of independent pairs."""
    own, shared = (
        seen(fill(empty(tmp_path / source, source=source, n_train=100, n_test=40), ARMA.problem, HELPS))[0]
        for source in ("generated: noise", "digits of a package")
    )
    assert own.skills is not None
    assert shared.skills is not None
    assert (own.skills.shared, shared.skills.shared) == (0.0, 0.4)
    assert own.practical is not None
    assert shared.practical is not None
    parts = [(own.parts.lift, shared.parts.lift), (own.practical, shared.practical)]
    parts += [(own.further[name], shared.further[name]) for name in own.further]
    for one, other in parts:
        assert other.mean == pytest.approx(one.mean)
        error = np.sqrt((1 / one.n + 0.4) * one.values.var(ddof=1))
        assert other.spread.std(ddof=1) / np.sqrt(other.n) == pytest.approx(error)
        assert other.values == pytest.approx(one.values)


def test_what_widens_the_pairs_keeps_methods_open_as_well(tmp_path: Path) -> None:
    """Validation sets two methods apart on independent pairs, and not on parts of one set of cases."""
    gap = 0.02 + spread(ARMA.pairs, 0.03)
    valid = {GRU: 0.8 + spread(ARMA.pairs, 0.0), RNN: 0.8 - gap}
    for source, apart in (("generated: noise", True), ("digits of a package", False)):
        made = empty(tmp_path / source, source=source, n_train=100, n_test=100)
        own, _ = seen(fill(made, ARMA.problem, HELPS, valid=valid))
        assert own.skills is not None
        assert (RNN not in own.skills.open((GRU, RNN))) == apart


def test_components_of_methods_that_were_not_run_are_left_out(tmp_path: Path) -> None:
    own, _ = seen(fill(empty(tmp_path), "arma[length=100]", HELPS))
    assert set(own.further) == {"chosen", "window", "linear"}


def test_an_ablation_with_a_gap_is_left_out(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), "arma[length=100]", {**HELPS, RNN: 0.85})
    for pair in range(ARMA.pairs - 1):
        made.cell(
            twin(RNN, "reset"), [0.4], problem="arma[length=100]", seed=FIRST + pair, data_seed=FIRST + pair
        )
    assert "reset" not in seen(made)[0].further


def test_a_twin_that_failed_on_one_pair_costs_the_cut_and_not_the_map(tmp_path: Path) -> None:
    failed = {ARMA.pools.cut[name]: 2 for name in ARMA.pools.recurrent}
    own, verdict = seen(fill(empty(tmp_path), "arma[length=100]", HELPS, failed=failed))
    assert own.parts.cut is None
    assert set(own.left_out) == set(failed)
    lack = reason(ReasonCode.NO_TWIN, methods=("gru", "lstm", "mingru", "rnn"))
    assert (verdict.code, verdict.reasons) == (ContrastVerdict.UNDECIDED, (lack,))
    assert own.pairs == ARMA.pairs


def test_a_side_that_failed_as_a_whole_is_refused(tmp_path: Path) -> None:
    failed = dict.fromkeys(ARMA.pools.full, 0)
    own, verdict = seen(fill(empty(tmp_path), "arma[length=100]", HELPS, failed=failed))
    assert verdict.reasons == (reason(ReasonCode.UNEQUAL_FITS, one=4, other=0),)
    assert own.left_out[ARMA.pools.full[0]] == CellReason("it | broke\nhere")


def test_where_everything_failed_the_fits_are_counted(tmp_path: Path) -> None:
    made = empty(tmp_path)
    for name in ARMA.pools.methods:
        made.cell(
            name, [], problem="arma[length=100]", status="failed", reason="no", seed=FIRST, data_seed=FIRST
        )
    assert seen(made)[1].reasons == (reason(ReasonCode.UNEQUAL_FITS, one=0, other=0),)


def test_a_method_that_was_not_asked_for_is_named(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), "arma[length=100]", HELPS)
    made.records = [record for record in made.records if record.address != RNN]
    own, verdict = seen(made)
    assert own.left_out == {RNN: NOT_RUN}
    assert verdict.reasons == (reason(ReasonCode.METHODS_NOT_RUN, n=1),)


def test_other_problems_of_a_run_change_nothing(tmp_path: Path) -> None:
    alone = observe(read_run(fill(empty(tmp_path / "one"), "arma[length=100]", HELPS).write()), ARMA)
    both = fill(fill(empty(tmp_path / "two"), "arma[length=100]", HELPS), "lorenz[length=100]", HELPS)
    among = observe(read_run(both.write()), ARMA)
    assert among.parts.lift.values == pytest.approx(alone.parts.lift.values)
    assert (among.chosen, among.means) == (alone.chosen, alone.means)


def test_on_data_that_is_not_drawn_a_method_without_a_seed_keeps_its_skill(tmp_path: Path) -> None:
    made = empty(tmp_path)
    made.cell("dtw-1nn", [0.7], problem="real")
    for seed, score in enumerate((0.5, 0.6)):
        made.cell("lstm", [score], problem="real", seed=seed)
    run = read_run(made.write())
    levels = by_draw(run, "real")
    assert not isinstance(levels, Reason)
    assert skill_table(run.cells, levels).mean().to_dict() == pytest.approx({"dtw-1nn": 0.7, "lstm": 0.55})


def test_the_lift_of_the_chosen_methods_is_not_widened_by_one_that_validation_leaves_open(
    tmp_path: Path,
) -> None:
    # As on word-problem: two recurrences always solve it, a third on eight of ten pairs.
    solved = np.ones(ARMA.pairs)
    solved[:2] = 0.2
    skills = {**HELPS, "recurrent": 0.98, RNN: solved, MINGRU: 0.2}
    own, verdict = seen(fill(empty(tmp_path), "arma[length=100]", skills))
    assert verdict.code == ContrastVerdict.UNDECIDED
    low, _ = own.parts.lift.interval(verdict.level)
    chosen = own.further["chosen"]
    assert low < MARGIN
    assert chosen.mean == pytest.approx(own.parts.lift.mean)
    assert chosen.interval(0.95)[0] > 0.6
