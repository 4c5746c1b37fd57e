"""The loop over jobs: what runs, what is cached, and what a bad job does to the rest."""

import pytest
from recurbench import provenance
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.reports.statistics.selection import validation
from recurbench.results import read_run
from recurbench.running.runner import jobs, run_jobs
from tuned import asked, prepared, wanted

PLUGINS = '''
"""A method that fails on one problem, and a dataset that cannot be built."""

from recurbench import dataset, method


@method("stumbles", family="baseline", kinds={"forecasting"})
def stumbles(task, train):
    """Fail."""
    raise RuntimeError("out of luck")


@dataset("broken", kind="forecasting")
def broken(*, size=3):
    """Fail."""
    raise OSError("the disk is gone")
'''


@pytest.fixture
def registry(tmp_path):
    file = tmp_path / "plugins.py"
    file.write_text(PLUGINS)
    return discover([file])


def chosen(registry, methods, datasets, seeds=1, data_seeds=None):
    return jobs(registry.select_methods(methods), registry.select_datasets(datasets), seeds, data_seeds)


def test_a_generated_dataset_is_drawn_anew_with_every_seed():
    found = chosen(discover(), ["lstm", "most-common"], ["parity", "gunpoint"], seeds=2)
    pairs = [(j.dataset.address, j.data_seed, j.method.address, j.seed) for j in found]
    assert pairs == [
        ("parity", 0, "lstm", 0),
        ("parity", 0, "most-common", None),
        ("parity", 1, "lstm", 1),
        ("parity", 1, "most-common", None),
        ("gunpoint", None, "lstm", 0),
        ("gunpoint", None, "lstm", 1),
        ("gunpoint", None, "most-common", None),
    ]


def test_data_seeds_cross_every_draw_with_every_seed():
    found = chosen(discover(), ["lstm"], ["parity"], seeds=2, data_seeds=3)
    assert {(j.data_seed, j.seed) for j in found} == {(d, s) for d in range(3) for s in range(2)}


@pytest.mark.parametrize(("seeds", "data_seeds"), [(0, None), (1, 0)])
def test_no_seeds_at_all_are_refused(seeds, data_seeds):
    with pytest.raises(ValueError, match="at least 1"):
        jobs([], [], seeds, data_seeds)


def test_a_second_run_computes_nothing_and_tells_of_every_job(tmp_path, registry):
    wanted = chosen(registry, ["drift", "stumbles", "dtw-1nn"], ["airline"])
    assert [job.method.address for job in wanted] == ["drift", "stumbles"]
    file = RunFile(tmp_path / "results.sqlite")
    first = run_jobs(wanted, file)
    assert (first.jobs, first.cached) == (2, 0)
    assert dict(first.statuses) == {"ok": 1, "failed": 1}
    assert first.bad == 1
    before = file.rows()
    told = []
    second = run_jobs(wanted, file, notify=told.append)
    assert (second.cached, second.cells, second.cpu_seconds) == (2, 0, 0.0)
    assert second.statuses == first.statuses
    assert [step.job for step in told] == wanted
    assert file.rows() == before


def test_force_computes_everything_anew(tmp_path, registry):
    wanted = chosen(registry, ["drift"], ["airline"])
    file = RunFile(tmp_path / "results.sqlite")
    cells = run_jobs(wanted, file).cells
    again = run_jobs(wanted, file, force=True)
    assert (again.cached, again.cells) == (0, cells)
    assert len(file.rows()) == cells


def test_a_job_goes_on_from_the_cells_that_are_there(tmp_path, registry):
    wanted = chosen(registry, ["euclidean-1nn"], ["gunpoint"])
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted, file)
    kept = {row["key"]: row["started"] for row in file.rows("stage = 'inner' AND cut < 3")}
    file._db.execute("DELETE FROM cells WHERE stage = 'final' OR cut >= 3")
    tally = run_jobs(wanted, file)
    assert tally.cells == 3
    rows = {row["key"]: row["started"] for row in file.rows()}
    assert len(rows) == 6
    assert kept.items() <= rows.items()


def test_a_dataset_that_cannot_be_built_is_a_failed_row_and_the_run_goes_on(tmp_path, registry):
    wanted = chosen(registry, ["drift"], ["broken", "airline"])
    file = RunFile(tmp_path / "results.sqlite")
    tally = run_jobs(wanted, file)
    assert dict(tally.statuses) == {"failed": 1, "ok": 1}
    (row,) = file.rows("status = 'failed'")
    assert row["reason"] == "the dataset cannot be built: OSError: the disk is gone"


def test_the_facts_of_a_problem_are_kept_with_the_scores_of_its_exact_best(tmp_path, registry):
    wanted = chosen(registry, ["hmm"], ["hmm-filter[n_train=40,n_valid=10,n_test=20]"])
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted, file)
    facts = file.problems()[wanted[0].problem_key]
    assert facts["selectors"] == ["cross_entropy", "accuracy"]
    assert facts["series"] == [str(i) for i in range(20)]
    assert facts["role"] == "control"
    assert facts["higher_is_better"] is True
    assert facts["units"]


SHARED = '''
"""Two names for one function, a method that fails on some cuts, and datasets that are none."""

import numpy as np
from recurbench import dataset, method


@method("one", family="baseline", kinds={"forecasting"}, variants={"one-control": {"role": "control"}})
@method("two", family="baseline", kinds={"forecasting"})
def shared(task, train):
    """Answer with zeros."""
    return lambda split: [np.zeros((task.steps, task.y.size)) for _ in split.x]


@method("flaky", family="baseline", kinds={"classification"})
def flaky(task, train):
    """Fail on every part of train, and not on the whole."""
    if len(train) < 50:
        raise RuntimeError("not on this cut")
    return lambda split: [np.full((1, task.y.size), 1 / task.y.size) for _ in split.x]


@method("odd-notes", family="baseline", kinds={"forecasting"})
def odd_notes(task, train, *, notes="keys"):
    """Notes that cannot be stored."""
    class Predict:
        def __call__(self, split):
            return [np.zeros((task.steps, task.y.size)) for _ in split.x]

    predict = Predict()
    predict.notes = {(1, 2): 3} if notes == "keys" else {"steps": "many"}
    return predict


@dataset("nothing-at-all", kind="forecasting")
def nothing_at_all(*, size=1):
    """Return None."""


@dataset("other-kind", kind="classification")
def other_kind(*, size=1):
    """Return a forecasting problem."""
    from recurbench.datasets.forecasting import airline
    return airline()
'''


@pytest.fixture
def odd(tmp_path):
    file = tmp_path / "odd.py"
    file.write_text(SHARED)
    return discover([file])


def test_two_names_for_one_function_are_two_cells(tmp_path, odd):
    wanted = chosen(odd, ["one", "two", "one-control"], ["airline"])
    file = RunFile(tmp_path / "results.sqlite")
    assert run_jobs(wanted, file).statuses["ok"] == 3
    assert {row["method"] for row in file.rows("stage = 'final'")} == {"one", "two", "one-control"}


def test_a_method_that_fails_on_a_cut_has_no_final_score(tmp_path, odd):
    wanted = chosen(odd, ["flaky"], ["gunpoint"])
    file = RunFile(tmp_path / "results.sqlite")
    tally = run_jobs(wanted, file)
    (final,) = file.rows("stage = 'final'")
    assert (final["status"], tally.bad) == ("failed", 1)
    assert final["reason"] == "inner stage, cut 0: RuntimeError: not on this cut"


@pytest.mark.parametrize(("setting", "words"), [("keys", "words as keys"), ("steps", "whole number")])
def test_notes_that_cannot_be_stored_fail_their_cell_alone(tmp_path, odd, setting, words):
    wanted = chosen(odd, [f"odd-notes[notes={setting}]", "drift"], ["airline"])
    file = RunFile(tmp_path / "results.sqlite")
    assert dict(run_jobs(wanted, file).statuses) == {"failed": 1, "ok": 1}
    (row,) = file.rows("stage = 'final' AND status = 'failed'")
    assert words in row["reason"]


@pytest.mark.parametrize(
    ("dataset", "method", "words"),
    [
        ("nothing-at-all", "drift", "returned NoneType, not a Problem"),
        ("other-kind", "hmm", "returned a task of fore"),
    ],
)
def test_a_dataset_that_is_none_is_a_failed_row(tmp_path, odd, dataset, method, words):
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(chosen(odd, [method], [dataset]), file)
    (row,) = file.rows("stage = 'final'")
    assert (row["status"], words in row["reason"]) == ("failed", True), row["reason"]


def test_the_facts_shown_are_those_of_the_cells_shown(tmp_path):
    path = tmp_path / "mine.csv"
    file = RunFile(tmp_path / "results.sqlite")

    def run(rows):
        provenance.forget()
        lines = [f"a,2020-{1 + i % 12:02d}-{1 + i // 12:02d},{i % 7}" for i in range(rows)]
        path.write_text("\n".join(["unique_id,ds,y", *lines]))
        wanted = chosen(discover(), ["drift"], [f"csv[path={str(path)!r},horizon=3]"])
        return wanted[0].problem_key, run_jobs(wanted, file).cached

    (one, _), (other, _), (again, cached) = run(60), run(90), run(60)
    assert cached == 1
    assert again == one != other
    assert file.problems()[again]["source"].endswith(": 1 series of 60 rows")


PLACED = '''
"""A method that says where it is told to compute."""

import numpy as np
from recurbench import method


class Full(RuntimeError):
    pass


Full.__name__ = "OutOfMemoryError"  # as torch calls it


@method("placed", family="baseline", kinds={"forecasting"}, variants={"placed-full": {"full": True}})
def placed(task, train, *, device="where it likes", full=False):
    """Note the device."""
    if full:
        raise Full("CUDA out of memory")

    def predict(split):
        return [np.zeros((task.steps, task.y.size)) for _ in split.x]

    predict.notes = {"device": device}
    return predict
'''


def test_a_device_reaches_the_methods_that_take_one_and_only_where_it_is_not_the_cpu(tmp_path):
    plugin = tmp_path / "placed.py"
    plugin.write_text(PLACED)
    registry = discover([plugin])
    methods = registry.select_methods(["placed", "drift"])
    here, there = (
        jobs(methods, registry.select_datasets(["airline"]), 1, device=device) for device in ("cpu", "cuda")
    )
    assert [job.device for job in there] == ["cuda", "cpu"]
    same = [one.key("final", 0) == other.key("final", 0) for one, other in zip(here, there, strict=True)]
    assert same == [False, True]
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(here, file)
    assert run_jobs(there, file).cached == 1
    rows = file.rows("stage = 'final' AND method = 'placed'")
    assert [(row["device"], row["notes"]["device"]) for row in rows] == [
        ("cpu", "where it likes"),
        ("cuda", "cuda"),
    ]


def test_a_full_device_is_a_row_of_memory(tmp_path):
    plugin = tmp_path / "placed.py"
    plugin.write_text(PLACED)
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(chosen(discover([plugin]), ["placed-full"], ["airline"]), file)
    assert {(row["status"], row["reason"]) for row in file.rows("stage = 'final'")} == {
        ("memory", "inner stage, cut 0: OutOfMemoryError: CUDA out of memory")
    }


@pytest.fixture
def guesses(tmp_path, monkeypatch):
    return prepared(tmp_path, monkeypatch)


@pytest.mark.long
def test_more_trials_later_compute_only_what_is_added(tmp_path, guesses):
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted(guesses, ["guess"], 1), file)
    assert len(asked("fit")) == 5 + 1
    run_jobs(wanted(guesses, ["guess"], 3), file)
    assert len(asked("fit")) == 6 + 2 * 5 + 1
    tally = run_jobs(wanted(guesses, ["guess"], 5), file)
    assert len(asked("fit")) == 17 + 2 * 5 + 1
    assert (tally.cells, dict(tally.statuses)) == (11, {"ok": 1})
    typed = wanted(guesses, ["guess"], 5)[0].tries[4].method.address
    run_jobs(wanted(guesses, [typed], 1), file)
    assert len(asked("fit")) == 28 + 1


@pytest.mark.long
def test_an_interrupted_tuned_run_goes_on_from_the_trials_that_are_there(tmp_path, guesses):
    job = wanted(guesses, ["guess[hurt=-1.0,how=interrupt]"], 8)
    place = [one["sign"] * one["level"] for one in job[0].trials].index(-1.0)
    assert 0 < place < 7
    file = RunFile(tmp_path / "results.sqlite")
    with pytest.raises(KeyboardInterrupt):
        run_jobs(job, file)
    kept = {row["key"]: row["started"] for row in file.rows()}
    assert len(kept) == 5 * place
    tally = run_jobs(job, file)
    assert (tally.cells, dict(tally.statuses)) == (5 * (8 - place) + 1, {"ok": 1})
    assert kept.items() <= {row["key"]: row["started"] for row in file.rows()}.items()
    # The fit that was interrupted is the only one done twice.
    assert len(asked("fit")) == 5 * 8 + 1 + 1
    assert run_jobs(job, file).cached == 1


@pytest.mark.long
def test_a_cell_that_two_jobs_tried_is_shown_in_both_and_only_the_chosen_count(tmp_path, guesses):
    methods = ["guess", "guess[level=3]", "mean"]
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted(guesses, methods, 8), file)
    file.close()
    run = read_run(tmp_path)
    inner = run.cells[run.cells["stage"] == "inner"]
    trials = inner.groupby("address")["trial"].nunique()
    assert dict(trials) == {"guess": 8, "guess[level=3]": 2, "mean": 1}
    shared = inner[inner.duplicated("key", keep=False)]
    assert set(shared["address"]) == {"guess", "guess[level=3]"}
    assert len(shared) == 2 * 2 * 5
    means = validation(run.cells, "mse")
    by_trial = inner[inner["address"] == "guess"].groupby("trial")["mse"].mean()
    assert means["guess"] == means["guess[level=3]"] == by_trial.min()
    assert (inner[inner["chosen"]].groupby("address").size() == 5).all()


@pytest.mark.long
def test_an_untuned_run_after_a_tuned_one_shows_its_own_cells_alone(tmp_path, guesses):
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted(guesses, ["guess"], 8), file)
    assert len(file.tries()) == 1
    run_jobs(wanted(guesses, ["guess"], 1), file)
    assert file.tries() == {}
    file.close()
    run = read_run(tmp_path)
    assert list(run.cells["stage"]) == ["inner"] * 5 + ["final"]
    assert set(run.cells["trial"]) == {0}
    assert run.cells["chosen"].all()


def test_a_tuned_job_without_its_final_cell_is_missing_and_has_no_validation(tmp_path, guesses):
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(wanted(guesses, ["guess"], 3), file)
    file._db.execute("DELETE FROM cells WHERE stage = 'final'")
    file.close()
    run = read_run(tmp_path)
    assert (run.missing, len(run.cells)) == (1, 15)
    assert not len(validation(run.cells, "mse"))
