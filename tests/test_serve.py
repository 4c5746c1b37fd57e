"""The loop that serves jobs: the same events wherever it runs."""

import pytest
from recurbench.isolation import third_party
from recurbench.registry import discover
from recurbench.running.cell import Fit
from recurbench.running.job import JobGroup
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.problem_cache import ProblemCache
from recurbench.running.runner import Inline, jobs
from recurbench.running.serve import JobsDone, ProblemBuilt, RowsReady, StaleError, Started, serve


def group_of(methods, dataset="airline[origins=2]", plugins=()):
    registry = discover(plugins)
    return JobGroup.of_jobs(jobs(registry.select_methods(methods), registry.select_datasets([dataset]), 1))


def names(events):
    return [type(event) for event in events]


def test_a_group_is_served_from_the_build_to_the_end():
    events = list(serve(group_of(["drift"]), ProblemCache()))
    assert names(events) == [Started, ProblemBuilt, Started, RowsReady, Started, RowsReady, JobsDone]
    assert [event.fit for event in events if isinstance(event, Started)] == [
        None,
        Fit("inner", 0, (0,)),
        Fit("final", 0, (0,)),
    ]
    assert events[-1] == JobsDone((0,))


def test_a_problem_that_is_there_is_not_built_again():
    problems = ProblemCache()
    list(serve(group_of(["drift"]), problems))
    assert ProblemBuilt not in names(serve(group_of(["last-value"]), problems))


def test_jobs_that_were_planned_with_other_code_are_refused():
    group = group_of(["drift"])
    with pytest.raises(StaleError, match="behind drift changed during the run"):
        next(serve(JobGroup(group.jobs, ("0" * 32,)), ProblemCache()))


def test_a_problem_that_cannot_be_built_is_a_row_for_every_job(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text(
        "from recurbench import dataset\n\n\n@dataset('broken', kind='forecasting')\n"
        "def broken(*, size=1):\n    'Fail.'\n    raise OSError('no such disk')\n"
    )
    try:
        events = list(serve(group_of(["drift"], "broken", [file]), ProblemCache()))
    finally:
        third_party.begin()
    assert names(events) == [Started, RowsReady, JobsDone]
    (row,) = events[1].rows
    assert (row.status, row.notes["reason"]["code"]) == ("failed", "not_built")


def test_an_error_outside_of_a_fit_is_a_row(monkeypatch):
    def broken(*_):
        raise RuntimeError("no fold")

    monkeypatch.setattr("recurbench.running.cell.cuts", broken)
    events = list(serve(group_of(["drift"]), ProblemCache()))
    (row,) = events[-2].rows
    assert (row.stage, row.status, row.reason) == ("final", "failed", "RuntimeError: no fold")


def test_this_process_and_a_worker_send_the_same_events():
    group = group_of(["drift"])
    here, there = (
        [event for _, event in executor.run([group]) if not isinstance(event, Started)]
        for executor in (Inline(), Pool(1, Limits()))
    )
    assert names(here) == names(there) == [ProblemBuilt, RowsReady, RowsReady, JobsDone]
    for one, other in zip(here[1:3], there[1:3], strict=True):
        assert [(row.key, row.score, row.predictions) for row in one.rows] == [
            (row.key, row.score, row.predictions) for row in other.rows
        ]


def test_a_method_that_changes_its_settings_is_fitted_once_per_cell(tmp_path):
    file = tmp_path / "grows.py"
    file.write_text(
        "import numpy as np\nfrom recurbench import method\n\n\n"
        "@method('grows', family='baseline', kinds={'classification'})\n"
        "def grows(task, train, *, sizes=[1]):\n    'Add to a setting.'\n    sizes.append(2)\n"
        "    return lambda split: [np.full((1, task.y.size), 1 / task.y.size) for _ in split.x]\n"
    )
    group = group_of(["grows"], "gunpoint", [file])
    try:
        events = list(serve(group, ProblemCache()))
    finally:
        third_party.begin()
    rows = [row for event in events if isinstance(event, RowsReady) for row in event.rows]
    assert [(row.stage, row.cut, row.status) for row in rows] == [
        *(("inner", cut, "ok") for cut in range(5)),
        ("final", 0, "ok"),
    ]
    assert rows[-1].key == group.keys[0]
