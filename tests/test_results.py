"""Reading a run directory back as a frame."""

import pytest
from made_up import MadeUp, right
from recurbench.datasets.date_tags import date_tags
from recurbench.datasets.sequential_digits import sequential_digits
from recurbench.record import RunFile
from recurbench.results import RUNS, fits, flat, once_per_problem, read_run, shared_cases


def test_scores_become_columns_and_inner_cells_stand_before_their_final_one(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(30), validation={"accuracy": 0.7}, seed=0)
    run = read_run(made.write())
    assert list(run.cells["stage"]) == ["inner", "final"]
    assert list(run.cells["accuracy"]) == [0.7, 0.75]
    assert (run.suite, run.missing) == ("made up", 0)


def test_only_the_jobs_of_the_newest_run_are_shown(tmp_path):
    folder = MadeUp(tmp_path).cell("rnn", right(30), seed=0).cell("mlp", right(20), data_seed=4).write()
    file = RunFile(folder / "results.sqlite")
    file.ask("newest", [("made-up/None/rnn/0", "made-up", "rnn"), ("another", "made-up", "lstm")])
    file.close()
    run = read_run(folder / "results.sqlite")
    assert list(run.cells["method"]) == ["rnn"]
    assert set(run.problems) == {("made-up", None)}
    assert (run.suite, run.missing, run.absent) == ("newest", 1, {("made-up", "lstm"): 1})


def test_the_flat_form_holds_no_blobs_and_names_settings_in_one_column(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(30), settings={"hidden": 8, "init": "default"})
    frame = flat(read_run(made.write()))
    assert "units" not in frame
    assert frame["settings"][0] == "hidden=8, init=default"


def test_a_run_without_a_cell_is_an_empty_frame(tmp_path):
    RunFile(tmp_path / "results.sqlite").close()
    run = read_run(tmp_path)
    assert (len(run.cells), len(run.final)) == (0, 0)


def test_what_was_found_for_a_problem_is_kept_for_the_last_runs_only(tmp_path):
    RunFile(tmp_path / "results.sqlite").close()
    asked = []
    find = once_per_problem(lambda run, problem: asked.append(problem))
    runs = [read_run(tmp_path) for _ in range(RUNS + 1)]
    for _ in range(2):
        find(runs[0], "a")
        find(runs[0], "b")
    assert asked == ["a", "b"]
    for run in runs[1:]:
        find(run, "a")
    find(runs[0], "b")
    assert asked == ["a", "b", *["a"] * RUNS, "b"]


def test_a_folder_without_a_run_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match=r"holds no results\.sqlite; give the directory"):
        read_run(tmp_path)


def test_the_time_of_a_fit_that_serves_both_stages_counts_once(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("gru", [1.0] * 40, seed=0, validation={"accuracy": 1.0}, cpu_seconds=3.0, started="2026-01-01")
    made.cell("gru", [1.0] * 40, seed=1, validation={"accuracy": 1.0}, cpu_seconds=3.0, started="2026-01-01")
    cells = read_run(made.write()).cells
    assert len(cells) == 4
    assert fits(cells)["cpu_seconds"].sum() == 6.0


@pytest.mark.parametrize(
    ("problem", "share"),
    [(sequential_digits(), 360 / 1078), (date_tags(n_train=40, n_valid=10, n_test=20), 0.0)],
)
def test_draws_share_cases_where_their_source_makes_none_of_its_own(problem, share):
    facts = {
        "source": problem.about.source,
        "n_train": len(problem.train),
        "n_test": len(problem.test),
    }
    assert shared_cases(facts) == pytest.approx(share)
