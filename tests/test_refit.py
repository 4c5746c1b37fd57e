"""A method is fitted again on all examples, with the settings, steps and seed of the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from case_run import PROBLEM, on_cases
from recurbench import answers
from recurbench.forecasting.choice import choose_method, rebuilt
from recurbench.forecasting.refit import everything, expected_seconds, refit_on
from recurbench.registry import discover


def chosen(method):
    one = choose_method(on_cases(), PROBLEM, method, discover())
    return one, *rebuilt(on_cases(), PROBLEM, discover(), one.data_seed)


def test_everything_joins_all_parts_and_keeps_their_groups_apart():
    _, _, problem = chosen("most-common")
    joined = everything(problem)
    assert len(joined) == len(problem.train) + len(problem.test)
    assert len(set(joined.series)) == len(joined)


def test_a_method_fitted_on_everything_has_seen_the_test_part():
    one, dataset, problem = chosen("most-common")
    alone = replace(problem.test, y=[np.array([0])] * len(problem.test))
    given = refit_on(problem.task, dataset, one, alone)(problem.test.blind())
    assert all(answer.tolist() == [[1.0, 0.0]] or answer.tolist() == [0] for answer in given)


def test_a_network_is_fitted_alike_twice_and_in_the_right_form():
    one, dataset, problem = chosen("mlp")
    first, second = (
        refit_on(problem.task, dataset, one, everything(problem))(problem.test.blind()) for _ in range(2)
    )
    assert answers.form_error(problem.task, problem.test, first) == ""
    assert np.array_equal(np.concatenate(first), np.concatenate(second))


def test_another_seed_gives_another_network():
    one, dataset, problem = chosen("mlp")
    first, second = (
        refit_on(problem.task, dataset, one, problem.train, seed)(problem.test.blind()) for seed in (0, 1)
    )
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))


def test_the_expected_time_grows_with_the_data_but_not_that_of_fixed_steps():
    constant, _, problem = chosen("most-common")
    network = chosen("mlp")[0]
    assert expected_seconds(constant, problem.train, everything(problem)) > 1.2 * constant.cpu_seconds
    assert expected_seconds(network, problem.train, everything(problem)) == network.cpu_seconds
