"""What a run would do, why, and what it is likely to cost."""

from pathlib import Path

import pytest
from recurbench.api import Request, perform, prepare
from recurbench.durations import spelled
from recurbench.planning.plan_costs import (
    Prospect,
    against_estimate,
    altered,
    cost,
    lasting,
    predicted,
    prospects,
    summary,
)
from recurbench.planning.prices import Price
from recurbench.record import RunFile
from tuned import prepared

METHOD = '''
"""A method."""

import numpy as np
from recurbench import method

LEVEL = {level}


@method("flat", family="baseline", kinds={{"forecasting"}})
def flat(task, train, *, height=1.0):
    """Answer with a constant."""
    return lambda split: [np.full((task.steps, task.y.size), LEVEL * height) for _ in split.x]
'''


@pytest.fixture
def made(tmp_path):
    """A plugin file, and how to plan with it."""
    plugin = tmp_path / "flat.py"
    plugin.write_text(METHOD.format(level=1.0))

    def plan(out="run", **words):
        asked = {"methods": ["flat"], "datasets": ["airline", "sunspots"], "plugins": [plugin], "jobs": 0}
        return prepare(Request(**{**asked, "out": tmp_path / out, **words}))

    return plugin, plan


def outlook(plan):
    return {
        (one.job.dataset.plugin.name, one.job.method.plugin.name): one.why
        for one in prospects(plan.jobs, plan.folder, plan.retry, plan.force)
    }


def test_planning_a_new_run_writes_nothing_and_says_what_it_will_take_and_why(made, tmp_path):
    _, plan = made
    found = prospects(plan().jobs, tmp_path / "run")
    assert {one.why for one in found} == {"new"}
    assert {one.job.method.plugin.name: one.price.basis for one in found} == {"flat": 2, "seasonal-naive": 1}
    assert cost(found, 2).endswith("measured times of the method (2), its family of methods (2)")
    assert predicted(found) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["flat.py"]


@pytest.mark.long
def test_only_what_changed_is_run_again_and_the_reason_is_named(made):
    plugin, plan = made
    perform(plan())
    assert set(outlook(plan()).values()) == {""}
    plugin.write_text(METHOD.format(level=1.0) + "\n# a comment changes nothing\n")
    assert set(outlook(plan()).values()) == {""}
    plugin.write_text(METHOD.format(level=2.0))
    assert outlook(plan()) == {
        ("airline", "flat"): "the code of flat changed",
        ("sunspots", "flat"): "the code of flat changed",
        ("airline", "seasonal-naive"): "",
        ("sunspots", "seasonal-naive"): "",
    }
    tally = perform(plan())
    assert tally.cached == 2


def test_a_new_setting_dial_or_thread_count_is_a_new_cell(made):
    _, plan = made
    perform(plan())
    assert outlook(plan(methods=["flat[height=2]"]))["airline", "flat"] == "new"
    assert outlook(plan(datasets=["airline[horizon=6]"]))["airline", "flat"] == "new"
    assert outlook(plan(threads=2))["airline", "flat"] == "threads 1 -> 2"
    assert set(outlook(plan(force=True)).values()) == {"forced"}


@pytest.mark.long
def test_another_device_is_a_new_cell_of_the_methods_that_take_one(made, monkeypatch):
    plugin, plan = made
    text = METHOD.format(level=1.0)
    plugin.write_text(
        text + text.replace('"flat"', '"placed"').replace("height=1.0", 'device="cpu", height=1.0')
    )
    words = {"methods": ["flat", "placed"], "datasets": ["airline"]}
    perform(plan(**words))
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    there = plan(**words, device="cuda")
    assert outlook(there) == {
        ("airline", "flat"): "",
        ("airline", "placed"): "device cpu -> cuda",
        ("airline", "seasonal-naive"): "",
    }
    found = prospects(there.jobs, there.folder)
    assert cost(found, 1).startswith("1 of 3 results to compute, 1 on cuda: about ")
    assert ", 1 on cuda" not in cost(prospects(plan(**words, threads=2).jobs, there.folder), 1)


def test_another_version_of_a_package_is_named(made, monkeypatch):
    _, plan = made
    perform(plan())
    import recurbench.provenance as provenance

    real = provenance.importlib.metadata.version
    monkeypatch.setattr(
        provenance.importlib.metadata, "version", lambda name: "0.0" if name == "numpy" else real(name)
    )
    why = outlook(plan())["airline", "flat"]
    assert why == f"numpy {real('numpy')} -> 0.0 changed"


def test_changed_bytes_of_a_data_file_run_its_jobs_again(made, tmp_path):
    _, plan = made
    file = tmp_path / "mine.csv"
    rows = [f"a,2020-{1 + i % 12:02d}-{1 + i // 12:02d},{i % 7}" for i in range(90)]
    words = {"data": file, "datasets": (), "dials": {"horizon": 3}, "methods": ["flat"]}
    file.write_text("\n".join(["unique_id,ds,y", *rows]))
    perform(plan(**words))
    file.write_text("\n".join(["unique_id,ds,y", *rows[:-1], rows[-1] + "1"]))
    assert outlook(plan(**words))["csv", "flat"] == "the data file changed"


def test_costs_come_from_like_cells_and_from_runs_beside_this_one(made, tmp_path):
    _, plan = made
    perform(plan())
    found = prospects(plan(out="another").jobs, tmp_path / "another")
    assert {one.price.basis for one in found} == {0}
    assert predicted(found) == pytest.approx(sum(one.price.seconds for one in found))
    assert "the same method on the same problem (4)" in cost(found, 2)
    other = prospects(plan(out="another", datasets=["elnino"], methods=["drift"]).jobs, tmp_path / "another")
    assert {one.price.basis for one in other} == {1}


def test_a_run_of_another_layout_beside_this_one_is_passed_over(made, tmp_path):
    _, plan = made
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "results.sqlite").write_text("something else, and long enough to be a file")
    assert 0 not in {one.price.basis for one in prospects(plan().jobs, tmp_path / "run")}


def test_a_damaged_run_beside_this_one_is_passed_over(made, tmp_path):
    _, plan = made
    perform(plan())
    beside = tmp_path / "beside" / "results.sqlite"
    beside.parent.mkdir()
    whole = bytearray((tmp_path / "run" / "results.sqlite").read_bytes())
    for place in range(4096, len(whole), 997):
        whole[place : place + 60] = b"?" * len(whole[place : place + 60])
    beside.write_bytes(whole)
    assert predicted(prospects(plan("new").jobs, tmp_path / "new")) is not None


def test_the_summary_has_a_line_per_problem_and_the_cost(made, tmp_path):
    _, plan = made
    perform(plan(datasets=["airline"]))
    lines = summary(prospects(plan().jobs, tmp_path / "run"), 2)
    assert lines[0] == "airline: 2 results, 2 cached; nothing to run"
    assert lines[1].startswith("sunspots: 2 results, 0 cached; 2 new; about 0.0")
    assert lines[2].startswith("2 of 4 results to compute: about 0.0")
    assert "8 of 10 estimates are within" in lines[2]


def test_ten_thousand_cached_jobs_are_planned_from_one_look_at_the_file(made, tmp_path, monkeypatch):
    _, plan = made
    perform(plan())
    looks = []
    real = RunFile.statuses
    monkeypatch.setattr(RunFile, "statuses", lambda self: looks.append(1) or real(self))
    jobs = plan().jobs * 2500
    assert not any(one.why for one in prospects(jobs, tmp_path / "run"))
    assert len(looks) == 1
    assert Path(tmp_path / "run" / "results.sqlite").is_file()


DRIFTING = '''
"""A dataset that reads what no key can know of."""

import os

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset


@dataset("drifting", kind="regression")
def drifting():
    """Numbers that move with the environment."""
    x = tuple(np.full((4, 1), i + float(os.environ["LEVEL"])) for i in range(30))
    split = Split(x, tuple(one[:1] for one in x))
    task = Task("regression", x=Values(1), y=Values(1), length="fixed")
    return Problem(task, split, split, About("here", "none", "none", reference="mean", metric="mse"))
'''


def test_verifying_finds_data_that_are_not_those_the_cells_were_given(made, tmp_path, monkeypatch):
    _, plan = made
    (tmp_path / "drifting.py").write_text(DRIFTING)
    words = {"plugins": [tmp_path / "drifting.py"], "methods": ["mean"], "datasets": ["drifting", "airline"]}
    monkeypatch.setenv("LEVEL", "1")
    perform(plan(**words))
    jobs = plan(**words).jobs
    assert altered(jobs, tmp_path / "run") == (2, [])
    monkeypatch.setenv("LEVEL", "2")
    assert set(outlook(plan(**words)).values()) == {""}
    compared, (sentence,) = altered(jobs, tmp_path / "run")
    assert compared == 2
    assert sentence.startswith("drifting: its data differ from those of its stored fits")
    assert altered(jobs, tmp_path / "none") == (0, [])


@pytest.fixture
def guesses(tmp_path, monkeypatch):
    """How to plan tuned jobs of known cost."""
    plugin = prepared(tmp_path, monkeypatch)

    def plan(trials, dataset="three", methods=("guess",)):
        asked = {"plugins": [plugin], "jobs": 0, "out": tmp_path / "run", "trials": trials}
        return prepare(Request(methods=methods, datasets=[dataset], **asked))

    return plan


def told(plan):
    found = [one for one in prospects(plan.jobs, plan.folder) if one.job.method.plugin.name == "guess"]
    return [(one.why, one.trials, one.price.seconds) for one in found]


@pytest.mark.parametrize(("dataset", "inner"), [("three", 15.0), ("three[brings_valid=True]", 1.0)])
def test_a_tuned_job_costs_as_many_inner_stages_as_it_has_trials_left(guesses, tmp_path, dataset, inner):
    perform(guesses(1, dataset))
    file = RunFile(tmp_path / "run" / "results.sqlite")
    file._db.execute("UPDATE cells SET cpu_seconds = cut + 1 WHERE stage = 'inner'")
    final = 20.0 if dataset == "three" else 1.0
    file._db.execute("UPDATE cells SET cpu_seconds = ? WHERE stage = 'final'", (final,))
    file.close()
    # One fit serves both stages where the problem brings valid, and is counted as inner.
    last = final if dataset == "three" else 0.0
    assert told(guesses(4, dataset)) == [("tuned over 4 trials, not 1", 3, 3 * inner + last)]
    line = cost(prospects(guesses(4, dataset).jobs, tmp_path / "run"), 2)
    assert line.startswith(f"1 of 2 results to compute, with 3 trials: about {spelled(3 * inner + last)}")


def test_the_reason_names_the_number_of_trials(guesses):
    assert [(why, trials) for why, trials, _ in told(guesses(3))] == [("new", 3)]
    perform(guesses(3))
    assert told(guesses(3)) == [("", 0, 0.0)]
    assert [why for why, *_ in told(guesses(5))] == ["tuned over 5 trials, not 3"]
    assert [(why, trials) for why, trials, _ in told(guesses(1))] == [("no longer tuned", 1)]


def test_a_trial_that_met_a_limit_is_a_reason_to_run(guesses, tmp_path):
    perform(guesses(3))
    file = RunFile(tmp_path / "run" / "results.sqlite")
    file._db.execute(
        "UPDATE cells SET status = 'timeout' WHERE stage = 'inner' AND cut = 4 AND address = 'guess'"
    )
    file.close()
    assert [(why, trials) for why, trials, _ in told(guesses(3))] == [("a trial timeout, tried once more", 0)]
    assert [why for why, *_ in told(guesses(1))] == ["no longer tuned"]


def prospect(seconds, fit, job):
    return Prospect(job, "new", 1, Price(seconds, 1, fit))


def test_workers_share_the_work_but_no_fit_is_shared(made):
    _, plan = made
    job = plan().jobs[0]
    even = [prospect(60.0, number, job) for number in range(4)]
    assert lasting(even, 2) == "2.0 minutes"
    assert lasting([prospect(36_000.0, 0, job)], 2) == "10 hours"
    assert lasting([prospect(5.43, 0, job)], 2) == "5.4 seconds"
    # Seeds of one fit run on one worker, one after the other.
    assert lasting([prospect(60.0, 0, job)] * 3 + even[3:], 4) == "3.0 minutes"


@pytest.mark.parametrize(
    ("estimated", "taken", "words"),
    [
        (14.5, 1114.0, "took 77 times the estimate: 14 CPU-s estimated, 1100 CPU-s taken"),
        (1000.0, 2.0, "took 0.20 % of the estimate: 1000 CPU-s estimated, 2.0 CPU-s taken"),
        (10.0, 10.2, "took as long as estimated: 10 CPU-s estimated, 10 CPU-s taken"),
        (0.081, 0.0032, "too short to judge the estimate: 0.081 CPU-s estimated, 0.0032 CPU-s taken"),
        (0.5, 0.0, "too short to judge the estimate: 0.50 CPU-s estimated, 0 CPU-s taken"),
        (10.0, 0.0, "too short to judge the estimate: 10 CPU-s estimated, 0 CPU-s taken"),
        (0.02, 2.0, "took 100 times the estimate: 0.020 CPU-s estimated, 2.0 CPU-s taken"),
    ],
)
def test_an_estimate_is_compared_with_the_time_taken_by_a_factor(estimated, taken, words):
    assert against_estimate(estimated, taken) == words


def written(path, series, rows):
    lines = [
        f"s{i},{1900 + row // 12}-{1 + row % 12:02d}-01,{(row * 7 + i) % 13}"
        for i in range(series)
        for row in range(rows)
    ]
    path.write_text("\n".join(["unique_id,ds,y", *lines]))


@pytest.mark.long
@pytest.mark.parametrize(("series", "rows"), [(1, 1440), (20, 144)])
def test_a_larger_file_is_predicted_to_take_longer_also_where_a_smaller_one_was_run(tmp_path, series, rows):
    words = {"dials": {"horizon": 12}, "methods": ["ets", "drift"], "jobs": 0}
    file = tmp_path / "mine.csv"

    def said():
        plan = prepare(Request(data=file, out=tmp_path / "run" / "new", force=True, **words))
        return predicted(prospects(plan.jobs, plan.folder, force=True, built=plan.sizes))

    written(file, 1, 144)
    small = said()
    perform(prepare(Request(data=file, out=tmp_path / "run" / "new", **words)))
    like = said()
    written(file, series, rows)
    # The file has kept its name: what its smaller self took must not stand for it.
    assert said() > 1.5 * like
    assert said() > 1.5 * small / 20


def test_the_size_of_a_file_is_measured_when_it_is_checked_and_not_once_more(tmp_path, monkeypatch):
    file = tmp_path / "mine.csv"
    written(file, 2, 144)
    plan = prepare(Request(data=file, dials={"horizon": 12}, methods=["drift"], jobs=0, out=tmp_path / "run"))
    (size,) = plan.sizes.values()
    assert (size.kind, size.examples, size.channels) == ("forecasting", 2, 1)
    monkeypatch.setattr("recurbench.planning.prices.build", lambda *_: pytest.fail("built twice"))
    assert predicted(prospects(plan.jobs, plan.folder, built=plan.sizes)) > 0
