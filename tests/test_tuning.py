"""The expected best of k trials, from the formula and from real runs."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.record import RunFile
from recurbench.reports.statistics.comparison_table import every_method, troubles
from recurbench.reports.statistics.tuning import expected_best, shown, tuning
from recurbench.reports.text.render import markdown, write
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from recurbench.running.runner import run_jobs
from tuned import prepared, wanted

SCORES = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=4)


@given(SCORES, st.booleans())
def test_it_is_the_mean_over_all_ways_to_draw_k_trials_with_replacement(scores, higher):
    best = max if higher else min
    for k, value in enumerate(expected_best(scores, higher), start=1):
        draws = [best(draw) for draw in itertools.product(scores, repeat=k)]
        assert value == pytest.approx(np.mean(draws))


@given(SCORES, st.booleans())
def test_more_trials_never_look_worse_and_one_is_the_mean(scores, higher):
    curve = expected_best(scores, higher)
    assert curve[0] == pytest.approx(np.mean(scores))
    steps = np.diff(curve) if higher else -np.diff(curve)
    assert (steps >= -1e-9).all()
    assert min(scores) - 1e-9 <= curve[-1] <= max(scores) + 1e-9


def test_the_best_of_two_and_three_by_hand():
    # Of (1, 2, 4) the best of two is 4 five times in nine, 2 three times and 1 once.
    assert expected_best([4.0, 1.0, 2.0], True) == pytest.approx([7 / 3, 27 / 9, (19 * 4 + 7 * 2 + 1) / 27])
    assert expected_best([], True) == []


def test_a_table_for_people_shows_powers_of_two_and_the_last():
    assert shown([1, 2, 3, 4, 5, 6]) == [1, 2, 4, 6]
    assert shown([1]) == [1]


@pytest.fixture
def done(tmp_path, monkeypatch):
    """Runs these methods into the same directory and reads it."""
    file = prepared(tmp_path, monkeypatch)

    def run(methods, count):
        runs = RunFile(tmp_path / "results.sqlite")
        run_jobs(wanted(file, methods, count), runs)
        runs.close()
        return read_run(tmp_path)

    return run


def test_the_curve_is_drawn_from_the_mean_validation_scores_of_the_trials(done):
    run = done(["guess", "mean"], 5)
    curve = tuning(run)
    assert list(curve["k"]) == [1, 2, 3, 4, 5]
    assert set(curve["method"]) == {"guess"}
    (final,) = run.final[run.final["address"] == "guess"].to_dict("records")
    assert list(curve["expected_best"]) == pytest.approx(
        expected_best(final["notes"]["tuning"]["validation"], False)
    )
    assert set(curve["metric"]) == {"mse"}
    assert (set(curve["trials"]), set(curve["dropped"]), set(curve["jobs"])) == ({5}, {0}, {1})


def test_trials_that_dropped_out_are_counted_shown_and_not_drawn_from(done):
    run = done(["guess[hurt=2.0]", "mean"], 8)
    curve = tuning(run)
    assert (list(curve["k"]), set(curve["trials"]), set(curve["dropped"])) == ([*range(1, 8)], {8}, {1})
    (lost,) = troubles(run).to_dict("records")
    assert (lost["method"], lost["status"], lost["cells"]) == ("guess[hurt=2]", "failed", 1)
    assert [each.text for each in lost["reasons"]] == ["RuntimeError: hurt"]
    text = markdown(run, Messages())
    assert f"| guess[hurt=2] | trial {lost['trial']}: failed | RuntimeError: hurt |" in text
    assert "8, 1 dropped out" in text


def test_the_table_of_methods_counts_trials_and_shows_the_validation_of_the_chosen_one(done):
    run = done(["guess", "mean"], 8)
    table = every_method(run).set_index("method")
    assert dict(table["trials"]) == {"guess": 8, "mean": 1}
    (final,) = run.final[run.final["address"] == "guess"].to_dict("records")
    assert table["validation"]["guess"] == pytest.approx(min(final["notes"]["tuning"]["validation"]))
    own = run.cells[run.cells["address"] == "guess"]
    assert table["cpu_seconds"]["guess"] == pytest.approx(own["cpu_seconds"].drop_duplicates().sum())


@pytest.mark.long
def test_a_tuned_run_writes_its_curve_beside_its_tables_and_an_untuned_one_leaves_none(done, tmp_path):
    run = done(["guess", "mean"], 4)
    paths = write(run, tmp_path / "report", Messages())
    pd.testing.assert_frame_equal(pd.read_csv(paths["tuning"]), tuning(run), check_dtype=False)
    text = paths["markdown"].read_text()
    assert "## Expected best validation score of k trials" in text
    assert "| three | guess | MSE ↓ | 4 |" in text
    assert "guess, best of 4" in text
    paths = write(done(["guess", "mean"], 1), tmp_path / "report", Messages())
    assert "tuning" not in paths
    assert not (tmp_path / "report" / "tuning.csv").exists()
    assert "Expected best" not in paths["markdown"].read_text()
