"""The loop over jobs: what runs, what is cached, and what a bad job does to the rest."""

import pytest
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.runner import jobs, run_jobs

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
    second = run_jobs(wanted, file, tell=told.append)
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
    facts = file.problems()["hmm-filter[n_test=20,n_train=40,n_valid=10]", 0]
    assert facts["selectors"] == ["cross_entropy", "accuracy"]
    assert facts["series"] == [str(i) for i in range(20)]
    assert facts["role"] == "control"
    assert facts["higher_is_better"] is True
    assert facts["units"]
