"""The command that repeats a run asks for the same jobs that the run was made of."""

import shlex
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner
from recurbench import api
from recurbench.address import OWN_DATA
from recurbench.cli.main import main
from recurbench.reading.cases_proposal import TASKS
from recurbench.reading.proposal import GIVEN, POLICIES
from recurbench.reading.series_proposal import DATASET
from recurbench.reports.text import repeat
from recurbench.reports.text.repeat import commands
from recurbench.results import Run
from recurbench.suites import Block, Suite


def ran(request):
    """A run that holds a cell of every job of a request."""
    plan = api.prepare(request)
    rows = [
        {
            "problem": job.dataset.address,
            "dataset": job.dataset.plugin.name,
            "address": job.method.address,
            "seed": job.seed,
            "data_seed": job.data_seed,
            "trial": max(len(job.trials) - 1, 0),
            "dials": dict(job.dataset.settings),
        }
        for job in plan.jobs
    ]
    return plan, Run(plan.name, pd.DataFrame(rows), {}, {})


def typed(command, monkeypatch):
    """The jobs that a command asks for, read by the command line itself."""
    words, caught = shlex.split(command), []
    assert words[0] == "recurbench"

    def catch(request):
        caught.append(request)
        raise ValueError("caught")

    with monkeypatch.context() as patched:
        patched.setattr(api, "prepare", catch)
        CliRunner().invoke(main, words[1:])
    return api.prepare(caught[0]).jobs


def key(job):
    return (job.dataset.address, job.data_seed, job.method.address, job.seed, len(job.trials))


@pytest.mark.parametrize(
    "request_",
    [
        api.Request(),
        api.Request(seeds=2, first_seed=5),
        api.Request("pilots"),
        api.Request("pilots", datasets=("copy-memory", "lorenz[length=100]")),
        api.Request(
            methods=("lstm[hidden=8,layers=2]", "markov"), datasets=("parity[train_length=20]", "gunpoint")
        ),
        api.Request(methods=("lstm", "mlp"), datasets=("parity",), seeds=2, data_seeds=3),
        api.Request(methods=("drift", "theta"), datasets=("airline",)),
        api.Request(methods=("rnn",), datasets=("gunpoint",), trials=4, seeds=1),
    ],
    ids=lambda r: f"{r.suite} {r.methods} {r.datasets}",
)
def test_the_command_asks_for_the_same_jobs(request_, monkeypatch):
    plan, run = ran(request_)
    again = [job for command in commands(run) for job in typed(command, monkeypatch)]
    assert sorted(map(str, map(key, again))) == sorted(map(str, map(key, plan.jobs)))


def test_a_run_of_all_methods_of_a_suite_names_the_suite(monkeypatch):
    request = api.Request("pilots", datasets=("copy-memory",), seeds=2)
    (command,) = commands(ran(request)[1])
    assert command == "recurbench run pilots --datasets copy-memory --seeds 2 --first-seed 0"


def test_a_suite_is_named_where_some_of_its_methods_have_not_run_yet():
    _, run = ran(api.Request("pilots", datasets=("copy-memory",)))
    first = run.cells["address"].iloc[0]
    cells = run.cells[run.cells["address"] != first]
    (command,) = commands(replace(run, cells=cells, absent={("copy-memory", first): 3}))
    assert command.startswith("recurbench run pilots --datasets copy-memory ")
    (command,) = commands(replace(run, cells=cells))
    assert command.startswith("recurbench run --datasets copy-memory --methods ")


def test_one_more_method_than_a_suite_has_is_no_run_of_the_suite():
    _, run = ran(api.Request("pilots", datasets=("copy-memory",)))
    more = run.cells.iloc[:1].assign(address="markov")
    (command,) = commands(replace(run, cells=pd.concat([run.cells, more])))
    assert "pilots" not in command


def test_the_suite_of_the_judged_samples_is_not_named(monkeypatch):
    judged = Suite("judged", "", (Block(("parity",), ("lstm",), 1),), True)
    monkeypatch.setattr(repeat, "SUITES", {"judged": judged})
    _, run = ran(api.Request(methods=("lstm",), datasets=("parity",), seeds=1))
    assert "judged" not in commands(run)[0]
    monkeypatch.setattr(repeat, "SUITES", {"judged": replace(judged, registered=False)})
    assert commands(run)[0].startswith("recurbench run judged --datasets parity")


def command_of(*dials, suite="csv-mixed", dataset="csv"):
    """The command that repeats a run of theta on problems with these settings of the data set csv."""
    cells = [
        {
            "problem": f"csv[{each.get('frequency')}]",
            "address": "theta",
            "dataset": dataset,
            "seed": None,
            "data_seed": None,
            "trial": 0,
            "dials": each,
        }
        for each in dials
    ]
    (command,) = commands(Run(suite, pd.DataFrame(cells), {}, {}))
    return command


def test_a_file_of_ones_own_is_named_with_its_folder_so_that_the_command_works_anywhere():
    dials = {
        "path": "/home/me/my sales.csv",
        "horizon": 6,
        "step": 3,
        "refit": True,
        "time": "day",
        "target": ("sales",),
        "ahead": ("price",),
        "excerpts": True,
    }
    assert command_of(dials, suite="csv-sales") == (
        "recurbench run --data '/home/me/my sales.csv' --time day --horizon 6 --step 3 --target sales "
        "--ahead price --refit --excerpts --methods theta"
    )


def test_each_data_set_of_a_folder_has_a_line_of_its_own_and_a_problem_finds_its_line():
    paths = [f"/home/me/mine/{name}_TRAIN.ts" for name in "ab"]
    cells = pd.DataFrame(
        {
            "problem": [f"own-classes[path={path}]" for path in paths],
            "dataset": "own-classes",
            "dials": [{"path": path} for path in paths],
            "address": "lstm",
            "seed": 0,
            "data_seed": None,
            "trial": 0,
            "suite": "cases-mine",
        }
    )
    run = Run("cases-mine", cells, {}, {})
    lines = tuple(
        f"recurbench run --data {path} --task classification --methods lstm --seeds 1 --first-seed 0"
        for path in paths
    )
    assert commands(run) == lines
    assert tuple(repeat.command_of(run, problem) for problem in cells["problem"]) == lines


def test_missing_values_that_are_kept_are_asked_for_again():
    dials = {"path": "/home/me/a.npz", "missing": "keep"}
    assert command_of(dials, suite="cases-a", dataset="own-classes") == (
        "recurbench run --data /home/me/a.npz --task classification --missing keep --methods theta"
    )


def test_the_table_of_wav_files_is_named_where_it_was_chosen():
    dials = {"path": "/home/me/told", "form": "wav", "label": "word", "case": "file", "table": "words.csv"}
    assert command_of(dials, suite="cases-words", dataset="own-classes") == (
        "recurbench run --data /home/me/told/words.csv --task classification --label word --id file "
        "--methods theta"
    )


@pytest.mark.parametrize(
    ("frequencies", "said"),
    [(["monthly"], "--frequency monthly --methods theta"), (["monthly", "weekly"], "--methods theta")],
)
def test_a_frequency_is_named_where_it_was_chosen_from_a_file_of_several(frequencies, said):
    command = command_of(*({"path": "mixed.csv", "frequency": frequency} for frequency in frequencies))
    assert command == f"recurbench run --data mixed.csv {said}"


def test_a_protocol_that_differs_between_frequencies_is_left_to_the_file():
    shared = {"path": "mixed.csv", "origins": 18, "missing": "drop"}
    command = command_of(
        {**shared, "frequency": "monthly", "horizon": 6, "step": 3},
        {**shared, "frequency": "weekly", "horizon": 52, "step": 26},
    )
    assert command == "recurbench run --data mixed.csv --missing drop --methods theta"


def test_every_option_of_ones_own_data_is_known():
    # Reports may not import what reads files, so these names stand twice.
    others = {"frequency", "refit", "excerpts", "label", "group", "task", "rate"}
    assert {*repeat.DIALS, *repeat.LISTS, *others} == set(GIVEN)
    assert POLICIES[:1] == repeat.DEFAULTS[:1]
    assert not set(repeat.DEFAULTS[1:]) & set(POLICIES)  # names that older versions had
    assert {task: name for name, task in repeat.TASKS.items()} == TASKS
    assert {DATASET, *TASKS.values()} == set(OWN_DATA)


def test_a_run_without_cells_is_named_by_its_suite():
    assert commands(Run("quick", pd.DataFrame(), {}, {})) == ("recurbench run quick",)


@pytest.mark.parametrize(
    "dials", [{}, {"time": "none"}, {"task": "regression", "label": "debt", "id": "year"}]
)
def test_cases_of_ones_own_are_named_with_their_columns(tmp_path, monkeypatch, dials):
    rows = [f"{i},{2000 + k},{i % 7},{(i * 3) % 31},{i % 2}" for i in range(40) for k in range(3)]
    (tmp_path / "firms.csv").write_text("company,year,sales,debt,status\n" + "\n".join(rows) + "\n")
    if dials.get("id"):
        (tmp_path / "firms.csv").write_text(
            "name,sales,year,debt\n" + "".join(f"n{i},{i * 7},{i},{(i * 3) % 31}\n" for i in range(60))
        )
    plan, run = ran(api.Request(methods=("mea?", "most-commo?"), data=tmp_path / "firms.csv", dials=dials))
    (said,) = commands(run)
    assert sorted(map(str, map(key, typed(said, monkeypatch)))) == sorted(map(str, map(key, plan.jobs)))
