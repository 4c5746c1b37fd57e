"""The method to fit again is the best on validation or the named one, and its data are those of the run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from case_run import PROBLEM, on_cases
from made_up import MadeUp, right
from own_data import forecasts
from recurbench.forecasting.choice import choose_method, choose_problem, rebuilt
from recurbench.registry import Registry, discover
from recurbench.results import read_run


def test_the_best_on_validation_is_taken_and_by_which_metric(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(10), validation={"log_loss": 0.3})
    made.cell("dtw-1nn", right(39), validation={"log_loss": 0.4})
    run = read_run(made.write())
    chosen = choose_method(run, run.cells["problem"].iloc[0], None, discover())
    assert (chosen.address, chosen.by) == ("rnn", "log_loss")


def test_a_named_method_is_taken_with_its_settings_lowest_seed_and_steps():
    chosen = choose_method(on_cases(), PROBLEM, "mlp", discover())
    assert chosen.address == "mlp[max_steps=30]"
    assert chosen.method.settings["max_steps"] == 30
    assert (chosen.seed, chosen.data_seed, chosen.by) == (0, None, "")
    assert chosen.steps is not None
    assert chosen.cpu_seconds > 0


def test_a_method_without_steps_or_seed_has_none():
    chosen = choose_method(on_cases(), PROBLEM, "most-common", discover())
    assert (chosen.seed, chosen.steps) == (None, None)


def test_an_unknown_method_is_refused_and_those_of_the_run_are_named():
    with pytest.raises(ValueError, match="most-common"):
        choose_method(on_cases(), PROBLEM, "lstm", discover())


def test_without_validation_nothing_is_chosen(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(10))
    run = read_run(made.write())
    with pytest.raises(ValueError, match="--method"):
        choose_method(run, run.cells["problem"].iloc[0], None, discover())


def test_the_only_problem_of_a_kind_needs_no_name():
    assert choose_problem(on_cases(), None, {"classification", "regression"}) == PROBLEM
    assert choose_problem(on_cases(), PROBLEM, {"classification"}) == PROBLEM


def test_a_run_without_such_a_problem_or_with_another_name_is_refused():
    with pytest.raises(ValueError, match="classification"):
        choose_problem(on_cases(), None, {"forecasting"})
    with pytest.raises(ValueError, match=PROBLEM):
        choose_problem(on_cases(), "airline", {"classification"})


def test_a_problem_is_built_again_with_the_data_of_the_run():
    dataset, problem = rebuilt(on_cases(), PROBLEM, discover(), None)
    assert dataset.address == PROBLEM
    assert len(problem.train) == 427


def test_data_that_changed_since_the_run_are_refused():
    run = on_cases()
    facts = {**run.problems[PROBLEM, None], "fingerprint": "another"}
    changed = replace(run, problems={(PROBLEM, None): facts})
    with pytest.raises(ValueError, match="differ"):
        rebuilt(changed, PROBLEM, discover(), None)


def test_a_problem_without_a_finished_fit_is_refused():
    run = on_cases()
    unfinished = replace(run, cells=run.cells[run.cells["stage"] == "inner"])
    with pytest.raises(ValueError, match="finished"):
        choose_method(unfinished, PROBLEM, "mlp", discover())


def test_a_method_or_data_set_that_is_not_installed_is_named():
    with pytest.raises(ValueError, match="mlp"):
        choose_method(on_cases(), PROBLEM, "mlp", Registry({}, {}))
    with pytest.raises(ValueError, match=PROBLEM):
        rebuilt(on_cases(), PROBLEM, Registry({}, {}), None)


def test_a_run_of_forecasts_has_no_cases_to_predict(tmp_path):
    run = forecasts(tmp_path, {"seasonal-naive": 1.0, "theta": 0.5})
    with pytest.raises(ValueError, match="recurbench forecast RUN"):
        choose_problem(run, None, {"classification", "regression"})
