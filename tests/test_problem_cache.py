"""Problems in work: built once, kept while needed, whole for every job."""

from dataclasses import replace

import numpy as np
from recurbench.reasons import Reason
from recurbench.registry import discover
from recurbench.running.problem_cache import CAPACITY, ProblemCache, problem_id
from recurbench.running.runner import jobs


def job(dataset, method="drift"):
    registry = discover()
    return jobs(registry.select_methods([method]), registry.select_datasets([dataset]), 1)[0]


def test_a_problem_is_built_once_and_described_when_it_is():
    problems = ProblemCache()
    problem, facts = problems.problem(job("airline"))
    assert facts[0] == job("airline").problem_key
    assert facts[1]["reference"] == "seasonal-naive"
    again, nothing = problems.problem(job("airline", "theta"))
    assert again is problem
    assert nothing is None


def test_only_the_last_problems_are_kept():
    problems = ProblemCache()
    names = ["airline", "sunspots", "elnino"]
    first, *_ = [problems.problem(job(name))[0] for name in names]
    assert len(names) > CAPACITY
    assert problems.problem(job("airline"))[0] is not first


def test_a_problem_that_a_method_changed_is_built_anew_for_the_next_job():
    problems = ProblemCache()
    one = job("airline")
    problem, _ = problems.problem(one)
    problems.check(one)
    assert problems.problem(one)[0] is problem
    problem.test.x[0][:] = 0
    problems.check(one)
    whole, _ = problems.problem(one)
    assert whole is not problem
    assert np.all(whole.test.x[0] > 0)


def test_a_problem_that_cannot_be_built_is_a_reason(tmp_path):
    plugin = tmp_path / "broken.py"
    plugin.write_text(
        "from recurbench import dataset\n\n\n@dataset('broken', kind='forecasting')\n"
        "def broken(*, size=1):\n    'Fail.'\n    raise OSError('no such disk')\n"
    )
    registry = discover([plugin])
    (one,) = jobs(registry.select_methods(["drift"]), registry.select_datasets(["broken"]), 1)
    problems = ProblemCache()
    assert problems.problem(one) == (Reason("not_built", {"text": "OSError: no such disk"}), None)
    problems.check(one)
    assert problem_id(one) == ("broken", None)


def test_a_problem_scored_by_an_unknown_metric_is_a_reason_that_names_the_known_ones(monkeypatch):
    one = job("airline")
    whole, _ = ProblemCache().problem(one)
    odd = replace(whole, about=replace(whole.about, metric="rmsle"))
    monkeypatch.setattr("recurbench.running.problem_cache.build", lambda *_: odd)
    reason, facts = ProblemCache().problem(one)
    assert facts is None
    assert "airline is scored by 'rmsle', which is no metric; known: " in str(reason)


def test_a_problem_no_method_could_answer_is_a_reason(monkeypatch):
    one = job("gunpoint", "most-common")
    whole, _ = ProblemCache().problem(one)
    none = whole.test.take([])
    alike = whole.train.take([i for i, y in enumerate(whole.train.y) if y[0] == 0])
    wide = replace(whole.test, x=[np.hstack([x, x]) for x in whole.test.x])
    for odd, words in (
        (replace(whole, test=none), "test: holds no example"),
        (replace(whole, train=alike), "train holds one class, 1; a classification needs two"),
        (
            replace(whole, test=wide),
            "test: example 0: wanted numbers [steps, 1] as floats, got float64 [150, 2]",
        ),
    ):
        monkeypatch.setattr("recurbench.running.problem_cache.build", lambda *_, odd=odd: odd)
        reason, facts = ProblemCache().problem(one)
        assert facts is None
        assert words in str(reason)
