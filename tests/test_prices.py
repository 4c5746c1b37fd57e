"""What jobs are likely to take."""

from dataclasses import replace

import pytest
from recurbench.planning.prices import Sizes, prices, shared
from recurbench.registry import discover
from recurbench.running.job import JobGroup
from recurbench.running.runner import GROUP, grouped, jobs
from recurbench.running.sizes import known

PLUGIN = '''
"""A data set that nobody has measured, and one that cannot be built."""

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset

ABOUT = About("here", "none", "none", reference="mean", metric="mse")


@dataset("mine", kind="regression")
def mine(*, count=30):
    """Numbers."""
    split = Split([np.full((4, 1), float(i)) for i in range(count)], [np.ones((1, 1))] * count)
    return Problem(Task("regression", Values(1), Values(1), "fixed"), split, split, ABOUT)


@dataset("broken", kind="regression")
def broken():
    """Nothing."""
    raise RuntimeError("no such data")
'''


@pytest.fixture
def asked(tmp_path):
    """How to list jobs."""
    plugin = tmp_path / "mine.py"
    plugin.write_text(PLUGIN)
    registry = discover([plugin])

    def make(methods, datasets, seeds=1, **words):
        chosen = registry.select_methods(methods), registry.select_datasets(datasets)
        return jobs(*chosen, seeds, **words)

    return make


@pytest.mark.parametrize(
    ("methods", "datasets", "seeds", "words"),
    [
        (["mlp", "tcn", "drift"], ["airline", "co2"], 3, {}),
        (["lstm"], ["airline"], 2 * GROUP + 1, {}),
        (["gru", "mlp"], ["parity"], 3, {}),
        (["gru"], ["parity"], 3, {"data_seeds": 2}),
        (["gru"], ["airline"], 3, {"trials": 4}),
    ],
)
def test_seeds_are_put_together_as_the_runner_puts_them_together(asked, methods, datasets, seeds, words):
    wanted = asked(methods, datasets, seeds, **words)
    groups = grouped([JobGroup((job,), (str(i),), {}) for i, job in enumerate(wanted)], GROUP)
    fits = shared(wanted)
    ours = {frozenset(str(i) for i, fit in enumerate(fits) if fit == number) for number in fits}
    assert ours == {frozenset(group.keys) for group in groups}


def test_a_size_is_what_was_built_for_the_plan_then_what_a_run_saw_then_what_the_package_knows(asked):
    (job,) = asked(["drift"], ["airline"])
    plain = known()["airline"]
    seen, built = replace(plain, examples=5), replace(plain, examples=7)
    assert Sizes({}, {}).of(job) == plain
    assert Sizes({}, {"airline": seen}).of(job) == seen
    assert Sizes({("airline", None): built}, {"airline": seen}).of(job) == built


def test_a_problem_nobody_knows_is_built_to_be_measured_once(asked, monkeypatch):
    from recurbench.planning import prices as module

    calls = []
    real = module.build
    monkeypatch.setattr(module, "build", lambda *words: calls.append(words) or real(*words))
    sizes = Sizes({}, {})
    found = [sizes.of(job) for job in asked(["mean", "mlp"], ["mine"])]
    assert [one.examples for one in found if one is not None] == [30, 30]
    assert len(calls) == 1


def test_a_data_set_that_cannot_be_built_has_no_price_and_stops_no_plan(asked, tmp_path):
    wanted = asked(["mean"], ["broken", "mine"])
    broken, mine = prices(wanted, [1, 1], tmp_path / "run", {}, 1)
    assert (broken.seconds, broken.basis) == (None, None)
    assert mine.seconds is not None
    assert mine.seconds > 0


def test_more_trials_cost_more_by_an_inner_stage_each(asked, tmp_path):
    wanted = asked(["mlp"], ["diabetes"], trials=8)
    (one,), (two,), (four,) = (prices(wanted, [n], tmp_path / "run", {}, 1) for n in (1, 2, 4))
    assert four.seconds - two.seconds == pytest.approx(2 * (two.seconds - one.seconds))


def test_every_worker_loads_for_the_first_cell_of_its_networks(asked, tmp_path):
    wanted = asked(["mlp", "tcn", "cnn"], ["diabetes"])
    one, three = (prices(wanted, [1] * 3, tmp_path / "run", {}, workers) for workers in (1, 3))
    assert sum(p.seconds for p in three) > sum(p.seconds for p in one)
