"""Cells that beat the exact best: found where they are, and not where there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp
from recurbench.reports.statistics.oracle_check import ALARM, alarms, beside_the_best, gain_over
from recurbench.results import read_run
from scipy import stats
from statsmodels.stats.multitest import multipletests

EXACT = np.tile([1.0, 1.0, 1.0, 0.0], 50)  # the exact best is right three times of four
SEEDS = {"seed": 1, "data_seed": 1}


def drawn(seed: int, right: float = 0.7) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(EXACT)) < right).astype(float)


def test_the_gain_and_its_p_value_are_those_of_a_paired_t_test() -> None:
    own, best = np.random.default_rng(0).random((2, 30))
    own += 0.2
    mean, error, p = gain_over(own, best, np.ones(30))
    want = stats.ttest_rel(own, best, alternative="greater")
    assert (mean, p) == pytest.approx((float((own - best).mean()), float(want.pvalue)))
    assert error == pytest.approx(stats.sem(own - best))


def test_weights_count_a_sequence_as_many_steps_as_it_has() -> None:
    mean, _, _ = gain_over(np.array([1.0, 0.0, 5.0]), np.zeros(3), np.array([1.0, 3.0, 0.0]))
    assert mean == pytest.approx(0.25)


@pytest.mark.parametrize("n", [0, 1])
def test_one_sequence_tells_nothing(n: int) -> None:
    assert gain_over(np.ones(n), np.zeros(n), np.ones(n))[2] == 1.0


def test_a_method_that_knows_the_answers_is_found_and_the_others_are_not(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("rnn", np.ones(len(EXACT)), **SEEDS)
    made.cell("lstm", EXACT, **SEEDS).cell("mlp", drawn(1), **SEEDS).cell("most-common", drawn(2), **SEEDS)
    run = read_run(made.write(exact=EXACT))
    (line,) = alarms(run)
    assert line.startswith("ALARM: rnn beats the exact best of made-up by 0.25 ")
    cells = {cell.address: cell for cell in beside_the_best(run)}
    assert cells["lstm"].p == 1.0
    assert cells["lstm"].gain == 0.0


def test_an_error_below_the_best_one_counts_as_a_gain(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, metric="mse", higher_is_better=False)
    best = 1 + np.random.default_rng(0).random(50)
    made.cell("rnn", best - 0.5 + 0.1 * drawn(3)[:50], **SEEDS).cell("mlp", best + 0.5, **SEEDS)
    assert [line.split()[1] for line in alarms(read_run(made.write(exact=best)))] == ["rnn"]


def test_p_values_are_adjusted_over_all_cells_as_statsmodels_does(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    units = [drawn(seed, 0.5 + 0.06 * seed) for seed in range(9)]
    for seed, own in enumerate(units):
        made.cell("rnn", own, seed=seed, data_seed=1)
    cells = beside_the_best(read_run(made.write(exact=EXACT)))
    plain = [gain_over(own, EXACT, np.ones(len(EXACT)))[2] for own in units]
    np.testing.assert_allclose([cell.p for cell in cells], multipletests(plain, method="holm")[1])


def test_luck_raises_no_alarm_over_hundreds_of_cells(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for seed in range(300):
        made.cell("rnn", drawn(seed, 0.75), seed=seed, data_seed=1)
    cells = beside_the_best(read_run(made.write(exact=EXACT)))
    assert len(cells) == 300
    assert min(cell.p for cell in cells) > ALARM
    assert max(cell.gain for cell in cells) > 0


def test_failed_cells_and_problems_without_an_exact_best_are_passed_over(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("rnn", [], status="failed", reason="no", **SEEDS)
    assert beside_the_best(read_run(made.cell("mlp", EXACT, **SEEDS).write())) == []
