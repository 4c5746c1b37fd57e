"""From a request to a plan: what is added, what is refused before anything is written."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recurbench
from click.testing import CliRunner
from recurbench import api, tried_problems
from recurbench.address import run_name
from recurbench.api import REFERENCES, Request, prepare
from recurbench.cli.main import main
from recurbench.contrasts import registration
from recurbench.own_data import proposals
from recurbench.registry import discover
from recurbench.request_fields import FIELDS, fitted
from recurbench.results import read_run
from recurbench.suites import SUITES, Block


def series(path: Path, rows: int = 80) -> Path:
    days = pd.date_range("2020-01-01", periods=rows, freq="MS")
    frame = pd.DataFrame(
        {"unique_id": "a", "ds": days.strftime("%Y-%m-%d"), "y": [float(i % 12) for i in range(rows)]}
    )
    frame.to_csv(path, index=False)
    return path


def test_an_empty_request_is_the_quick_suite():
    plan = prepare(Request())
    assert (plan.name, plan.folder) == ("quick", Path("runs/quick"))
    assert {job.dataset.plugin.name for job in plan.jobs} >= {"parity", "hmm-filter", "m1-yearly"}
    assert {job.seed for job in plan.jobs} == {None, 0, 1, 2, 3, 4}


def test_problems_beside_those_of_quick_run_with_all_its_methods():
    jobs = prepare(Request(datasets=["airline", "japanese-vowels"])).jobs
    names = {job.method.address for job in jobs if job.dataset.plugin.name == "airline"}
    assert {"sarimax", "theta", "lstm"} < names
    seeds = {
        name: {job.seed for job in jobs if job.dataset.address == name}
        for name in ("airline", "japanese-vowels")
    }
    assert seeds == {"airline": {None, 0, 1, 2}, "japanese-vowels": {None, 0, 1, 2, 3, 4}}


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        (
            "seeds",
            "two",
            "seeds is 'two', wanted a whole number of at least 1 or None; write for example seeds=3",
        ),
        ("seeds", True, "seeds is True, wanted a whole number"),
        ("seeds", 0, "seeds is 0, wanted a whole number of at least 1"),
        ("seeds", [1, 2], "seeds is [1, 2], wanted"),
        ("first_seed", -1, "first_seed is -1, wanted a whole number of at least 0 or None"),
        ("data_seeds", 1.5, "data_seeds is 1.5, wanted"),
        ("trials", 0, "trials is 0, wanted a whole number of at least 1 or None; write for example trials=1"),
        ("budget", -1, "budget is -1, wanted text, a whole number above 0"),
        ("jobs", "all", "jobs is 'all', wanted a whole number of at least 0 or None"),
        ("threads", 0, "threads is 0, wanted a whole number of at least 1;"),
        ("seeds", "0", "seeds is '0', wanted a whole number of at least 1"),
        ("methods", " , ", "methods is ' , ', which holds no name; write for example methods=["),
        ("methods", [1], "methods is [1], wanted text or a list (each text); write for example methods=["),
        ("methods", None, "methods is None, wanted text or a list"),
        ("datasets", 3, "datasets is 3, wanted text or a list"),
        ("plugins", [None], "plugins is [None], wanted text or a list"),
        (
            "timeout",
            -1,
            "timeout is -1, wanted text, a whole number above 0, a finite number above 0 or None;",
        ),
        ("timeout", True, "timeout is True, wanted"),
        ("timeout", [60], "timeout is [60], wanted"),
        ("memory", 2, "memory is 2, wanted text; write for example memory='2GB'"),
        ("dials", [("horizon", 3)], "dials is [('horizon', 3)], wanted a dict; write for example dials={"),
        ("force", "maybe", "force is 'maybe', wanted True or False"),
        ("suite", None, "suite is None, wanted text"),
        ("methods", [["x" * 500]], "xxx..., wanted text"),
    ],
)
def test_a_field_of_another_type_is_refused_with_what_was_seen_and_wanted(field, value, wanted):
    with pytest.raises(ValueError, match=re.escape(wanted)):
        prepare(Request(**{field: value}))


def test_every_field_of_a_request_is_held_against_its_type_and_its_example_is_taken():
    assert list(FIELDS) == [each.name for each in fields(Request)]
    fitted({name: example for name, (_, example) in FIELDS.items()})
    given = vars(Request())
    assert fitted(given) == given


@pytest.mark.parametrize(
    "given",
    ["ets, theta", ["ets,theta"], ("ets", "theta"), np.array(["ets", "theta"]), pd.Series(["ets", "theta"])],
)
def test_names_in_one_text_are_as_good_as_a_list(given):
    assert fitted({**vars(Request()), "methods": given})["methods"] == ("ets", "theta")


def test_a_comma_within_a_bracket_or_a_path_splits_nothing():
    text = "csv[path='a,b.csv',horizon=6],airline"
    given = {**vars(Request()), "datasets": text, "plugins": "a,b.py", "seeds": " 2 "}
    found = fitted(given)
    assert found["datasets"] == ("csv[path='a,b.csv',horizon=6]", "airline")
    assert (found["plugins"], found["seeds"]) == (("a,b.py",), 2)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(60, 60.0), (1.5, 1.5), (np.float32(2), 2.0), ("90", 90.0), ("10m", 600.0), (None, None)],
)
def test_a_time_limit_is_a_text_or_a_number_of_seconds(given, seconds):
    plan = prepare(Request(methods="drift", datasets="airline", timeout=given))
    assert plan.limits.seconds == seconds


def test_one_name_is_a_list_of_one_and_numbers_of_numpy_are_numbers():
    plan = prepare(Request(methods="drift", datasets="airline", seeds=np.int64(1), out=Path("runs/a")))
    assert [job.method.address for job in plan.jobs] == ["drift", "seasonal-naive"]
    assert plan.folder == Path("runs/a")


def test_trials_are_of_every_method_that_has_a_choice_and_one_by_default():
    request = {"methods": ["mlp", "drift"], "datasets": ["airline"], "seeds": 1}
    assert [len(job.tries) for job in prepare(Request(**request)).jobs] == [1, 1, 1]
    tuned = prepare(Request(**request, trials=4))
    assert {job.method.address: len(job.trials) for job in tuned.jobs} == {
        "mlp": 4,
        "drift": 0,
        "seasonal-naive": 0,
    }
    assert tuned.folder == prepare(Request(**request)).folder


def test_names_given_replace_the_names_of_the_suite_and_the_run_has_a_place_of_its_own():
    plan = prepare(Request(methods=["drift"], datasets=["airline"], seeds=1))
    assert [job.method.address for job in plan.jobs] == ["drift", "seasonal-naive"]
    assert plan.folder == Path("runs/custom")


def test_one_problem_of_a_suite_of_blocks_runs_its_own_block_alone():
    block = next(b for b in SUITES["map"].blocks if b.datasets == ("parity",))
    plan = prepare(Request("map", datasets=["parity"]))
    assert {job.dataset.address for job in plan.jobs} == {"parity"}
    assert {job.method.address for job in plan.jobs} == {*block.methods, "most-common"}
    assert {job.seed for job in plan.jobs} == {None, *range(block.first, block.first + block.seeds)}
    assert len(prepare(Request("map", datasets=["parity"], seeds=2)).jobs) == 2 * (len(block.methods) + 1)


def test_a_contrast_that_a_window_nearly_solves_is_refused_with_the_number_before_anything_runs(
    monkeypatch, tmp_path
):
    problem = "hmm-filter[q=0.99,sd=3]"
    plan = registration()
    hopeful = [replace(c, role="positive") if c.problem == problem else c for c in plan.contrasts]
    monkeypatch.setattr(api, "registration", lambda: replace(plan, contrasts=tuple(hopeful)))
    suite = SUITES["registered"]
    block = Block((problem,), ("rnn",), 1)  # of a pilot sample
    monkeypatch.setitem(
        SUITES, "registered", replace(suite, blocks=(block, replace(block, datasets=("adding",))))
    )
    command = ["run", "registered", "--datasets", problem, "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert "16 steps reach 0.935 of the way to the best; wanted at most 0.9" in said
    assert list(tmp_path.iterdir()) == []
    # Named with methods of one's own, it is a problem like any other.
    prepare(Request("registered", datasets=[problem], methods=["rnn"], seeds=1))


def test_a_problem_without_a_block_is_refused_and_runs_with_methods_that_are_named():
    words = r"map has no methods for gunpoint; its problems: parity, .*together with --methods"
    with pytest.raises(ValueError, match=words):
        prepare(Request("map", datasets=["parity", "gunpoint"]))
    plan = prepare(Request("map", datasets=["gunpoint"], methods=["rnn"], seeds=1))
    assert [job.method.address for job in plan.jobs] == ["rnn", "most-common"]


def test_seeds_are_counted_from_the_first_that_is_asked_for():
    request = {"methods": ["rnn"], "seeds": 2, "first_seed": 5}
    drawn = prepare(Request(datasets=["parity"], **request)).jobs
    assert [(job.data_seed, job.seed) for job in drawn if job.method.address == "rnn"] == [(5, 5), (6, 6)]
    fixed = prepare(Request(datasets=["airline"], **request)).jobs
    assert [(job.data_seed, job.seed) for job in fixed if job.method.address == "rnn"] == [
        (None, 5),
        (None, 6),
    ]


def test_the_reference_of_skill_is_added_once():
    plan = prepare(Request(methods=["most-common", "euclidean-1nn"], datasets=["gunpoint"]))
    assert [job.method.address for job in plan.jobs] == ["most-common", "euclidean-1nn"]


@pytest.mark.parametrize("kind", REFERENCES)
def test_every_reference_is_a_baseline_that_declares_its_kind(kind):
    plugin = discover().methods[REFERENCES[kind]]
    assert (plugin.family, kind in plugin.kinds) == ("baseline", True)


@pytest.mark.parametrize(("answers", "kind"), [("ab", "own-classes"), ("numbers", "own-values")])
def test_a_run_on_cases_is_named_after_its_kind_and_is_known_by_its_data_set(tmp_path, answers, kind):
    rows = [(case, step, case * 1.37 + step) for case in range(60) for step in range(4)]
    told = {case: "ab"[case % 2] if answers == "ab" else str(case / 7) for case, _, _ in rows}
    lines = [f"{case},{step},{value},{told[case]}" for case, step, value in rows]
    file = tmp_path / "firms.csv"
    file.write_text("\n".join(["case,step,size,label", *lines]))
    plan = prepare(Request(data=file))
    assert plan.folder == Path("runs/cases-firms")
    assert {job.dataset.plugin.name for job in plan.jobs} == {kind}


@pytest.mark.parametrize(
    ("dataset", "file", "name"),
    [
        ("csv", "a/sales.v2.csv", "csv-sales.v2"),
        ("own-values", ".csv", "cases-csv"),
        ("csv", "..", "csv-data"),
    ],
)
def test_the_name_of_a_run_says_the_kind_and_the_file(dataset, file, name):
    assert run_name(dataset, Path(file)) == name


def test_a_file_of_ones_own_meets_the_methods_that_forecast(tmp_path):
    plan = prepare(Request(data=series(tmp_path / "sales.csv"), dials={"horizon": 6}))
    assert plan.folder == Path("runs/csv-sales")
    assert {job.dataset.settings["horizon"] for job in plan.jobs} == {6}
    assert all("forecasting" in job.method.plugin.kinds for job in plan.jobs)


def mixed(path: Path) -> Path:
    """One monthly series and two weekly ones."""
    frames = [
        pd.DataFrame(
            {"unique_id": name, "ds": pd.date_range("2015-01-04", periods=rows, freq=freq), "y": range(rows)}
        )
        for name, freq, rows in (("m", "MS", 80), ("v", "7D", 180), ("w", "7D", 200))
    ]
    pd.concat(frames).to_csv(path, index=False)
    return path


def test_a_file_of_several_frequencies_is_a_problem_of_each(tmp_path):
    path = mixed(tmp_path / "mixed.csv")
    plan = prepare(Request(data=path, methods=["drift"], dials={"horizon": 6}))
    assert [job.dataset.settings["frequency"] for job in plan.jobs[::2]] == ["monthly", "weekly"]
    assert len(plan.jobs) == 4
    assert plan.facts[0].startswith(
        "mixed.csv: 1 of 3 series of 80 rows, monthly, season 12, no gaps, nothing"
    )
    assert plan.facts[1].startswith("mixed.csv: 2 of 3 series of 180 to 200 rows, weekly, season 52")
    one = prepare(Request(data=path, methods=["drift"], dials={"frequency": "weekly"}))
    assert {job.dataset.settings["frequency"] for job in one.jobs} == {"weekly"}
    other = prepare(Request(data=path, methods=["drift"], dials={"frequency": " Weekly"}))
    assert [job.dataset.address for job in other.jobs] == [job.dataset.address for job in one.jobs]
    given = prepare(Request(data=path, methods=["drift"], dials={"period": 4}))
    assert {job.dataset.settings["frequency"] for job in given.jobs} == {""}
    assert len(given.facts) == 1
    with pytest.raises(ValueError, match="choose one with frequency=monthly"):
        prepare(Request(datasets=[f"csv[path={path}]"], methods=["drift"]))
    chosen = f"csv[path={path},frequency=monthly]"
    assert (
        prepare(Request(datasets=[chosen], methods=["drift"])).facts[0].startswith("mixed.csv: 1 of 3 series")
    )


def test_the_facts_of_a_file_stand_in_the_run_that_python_starts(tmp_path):
    path = series(tmp_path / "sales.csv")
    recurbench.run(data=path, methods=["drift"], out=tmp_path / "run", jobs=0)
    run = read_run(tmp_path / "run")
    (about,) = run.draws(str(run.cells["problem"].iloc[0])).values()
    assert about["source"] == "sales.csv: 1 series of 80 rows"
    assert about["protocol"].startswith("monthly, season 12, no gaps, nothing filled; 30 test")


def test_only_a_file_of_ones_own_has_facts():
    assert prepare(Request(datasets=["airline"], methods=["drift"])).facts == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request("qick"), "nearest: quick"),
        (Request(device="tpu"), "device must be one of cpu, cuda, got 'tpu'"),
        (Request(methods=["lstn"]), "nearest: lstm"),
        (Request(datasets=["gunpiont"]), "nearest: gunpoint"),
        (Request(methods=["lstm[hiden=3]"]), "no setting 'hiden'"),
        (Request(datasets=["hmm-filter[q=2]"]), "0 < q < 1"),
        (Request(datasets=["hmm-filter[q=abc]"]), r"dataset hmm-filter: q is 'abc', wanted a finite number"),
        (Request(datasets=["airline[origins=0]"]), r"airline\[origins=0\]: "),
        (Request(seeds=0), "seeds .* at least 1"),
        (Request("map", seeds=0), "seeds .* at least 1"),
        (Request(first_seed=-1), "first_seed is -1, .* at least 0"),
        (Request(trials=0), "trials is 0, .* at least 1"),
        (Request(data="nowhere.csv"), r"nowhere.csv: cannot be read"),
        (Request(data="a.csv", datasets=["airline"]), "--data and --datasets"),
        (Request(dials={"horizon": 3}), "horizon: .*--data FILE"),
        (Request(plugins=["nowhere.py"]), "no such file"),
        (Request(timeout="soon"), "'soon' is not a time such as 90s"),
        (Request(memory="-3GB"), "'-3GB' is not a size"),
        (Request(retry="always"), "retry must be one of none, limits, all"),
        (Request(jobs=-1), "jobs is -1, .* at least 0"),
        (Request(methods=["dtw-1nn", "drift"], datasets=["airline"]), "dtw-1nn supports classification"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_in_words(request_, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=words):
        prepare(request_)
    assert not list(tmp_path.iterdir())


def test_a_result_and_load_return_one_row_per_cell(tmp_path):
    out = tmp_path / "run"
    result = recurbench.run(methods=["drift"], datasets=["airline"], out=out)
    frame = result.fits()
    assert list(frame["method"].unique()) == ["drift", "seasonal-naive"]
    assert frame["mase"].notna().all()
    assert result.folder == out
    pd.testing.assert_frame_equal(frame, recurbench.load(out))


def test_a_frame_runs_like_the_file_that_holds_it(tmp_path):
    path = series(tmp_path / "sales.csv")
    words = {"horizon": np.int64(6), "origins": 2, "methods": "drift,theta", "jobs": 0}
    from_file = recurbench.run(data=path, out=tmp_path / "file", **words)
    from_frame = recurbench.run(pd.read_csv(path), out=tmp_path / "frame", **words)
    assert (tmp_path / "frame" / "data.csv").is_file()
    scores = ["method", "score", "validation"]
    pd.testing.assert_frame_equal(from_frame.table()[scores], from_file.table()[scores])


@pytest.mark.long
def test_two_runs_with_the_same_seeds_give_identical_scores(tmp_path):
    request = {
        "methods": ["lstm[max_steps=30]", "fourier-forest", "rnn[max_steps=30]"],
        "datasets": ["airline[origins=2]"],
    }
    one, other = (
        recurbench.run(**request, seeds=2, out=tmp_path / name, jobs=1).fits() for name in ("one", "other")
    )
    columns = ["key", "address", "seed", "stage", "score", "mase", "smape", "mse"]
    assert one["score"].notna().all()
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_run_names_the_keyword_it_does_not_know():
    with pytest.raises(TypeError, match=r"metods.*methods"):
        recurbench.run(metods=["drift"])


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"holds no results\.sqlite"):
        recurbench.load(tmp_path)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            {"methods": ["mlp[hidden=abc]"], "datasets": ["airline"]},
            "method mlp: hidden is 'abc', wanted a whole",
        ),
        (
            {"methods": "mlp[hidden=True]", "datasets": "airline"},
            "method mlp: hidden is True, wanted a whole",
        ),
        ({"methods": ["drift"], "datasets": ["airline[quantiles=no]"]}, "dataset airline: quantiles is 'no'"),
        (
            {"methods": ["drift"], "datasets": ["airline[origins=2.5]"]},
            "origins is 2.5, wanted a whole number",
        ),
        ({"data": "own.csv", "dials": {"horizon": "abc"}}, "dataset csv: horizon is 'abc', wanted a whole"),
        ({"data": "own.csv", "dials": {"period": True}}, "period is True, wanted a whole number or None"),
        ({"data": "own.csv", "dials": {"ahead": 5}}, "ahead is 5, wanted a list"),
        ({"data": "own.csv", "dials": {"horizn": 5}}, "dataset csv has no setting 'horizn'"),
    ],
)
def test_settings_from_python_are_held_against_their_type_before_anything_is_written(
    tmp_path, monkeypatch, request_, words
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=re.escape(words)):
        recurbench.run(**request_)
    assert not list(tmp_path.iterdir())


def test_dials_of_an_own_file_are_read_like_those_of_an_address(tmp_path):
    file = str(series(tmp_path / "own.csv"))
    from_dials = prepare(
        Request(data=file, dials={"horizon": 6.0, "period": 4, "excerpts": "true"}, methods=["drift"])
    )
    named = prepare(
        Request(
            datasets=[f"csv[path='{file}',horizon=6,origins=9,step=3,period=4,excerpts=True]"],
            methods=["drift"],
        )
    )
    assert from_dials.jobs[0].dataset == named.jobs[0].dataset
    assert from_dials.jobs[0].key("final", 0) == named.jobs[0].key("final", 0)


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("airline[horizon=6]", "OSError: cut short; check its settings"),
        (
            "ett",
            "OSError: cut short; its files cannot be read; compare them with their known hashes: recurbench ",
        ),
    ],
)
def test_the_remedy_of_a_file_that_cannot_be_read_is_not_to_check_the_dials(
    address, remedy, monkeypatch, tmp_path
):
    def fail(*_: object) -> None:
        raise OSError("cut short")

    monkeypatch.setenv("RECURBENCH_DATA", str(tmp_path))
    (tmp_path / "ett").mkdir()
    (tmp_path / "ett" / "ETTh1.csv").write_text("")
    monkeypatch.setattr(tried_problems, "build", fail)
    with pytest.raises(ValueError, match=re.escape(remedy)):
        prepare(Request(datasets=[address], methods=["drift"]))


def test_a_problem_of_a_plugin_is_judged_before_anything_runs(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np\nfrom recurbench import About, Problem, Split, Task, Values, dataset\n\n\n"
        "@dataset('mine', kind='classification')\ndef mine(*, size=4):\n    'One class.'\n"
        "    x = [np.zeros((3, 1))] * size\n    y = [np.array([0])] * size\n"
        "    task = Task('classification', Values(1), Values(2, symbols=True), 'fixed')\n"
        "    return Problem(task, Split(x, y), Split(x, y), About(*'slp', 'most-common', 'accuracy'))\n"
    )
    with pytest.raises(
        ValueError, match=r"mine\[size=6\]: train holds one class, 0; a classification needs two"
    ):
        prepare(Request(datasets=["mine[size=6]"], methods=["most-common"], plugins=[file]))


def test_a_frame_is_written_into_the_folder_of_the_run_and_read_like_a_file(tmp_path):
    index = pd.date_range("2020-01-01", periods=80, freq="MS", name="month")
    frame = pd.DataFrame({"sales": [float(i % 12) for i in range(80)]}, index=index)
    plan = prepare(Request(data=frame, methods=["drift"], out=tmp_path / "run", dials={"horizon": 3}))
    assert plan.jobs[0].dataset.settings["path"] == str(tmp_path / "run" / "data.csv")
    assert plan.proposals[0].settings["horizon"] == 3
    assert "data.csv: 1 series of 80 rows, monthly" in plan.facts[0]
    assert (tmp_path / "run" / "data.csv").read_text().startswith("month,sales\n2020-01-01")


def test_the_columns_of_a_file_are_chosen_by_settings_of_the_request(tmp_path):
    path = tmp_path / "wide.csv"
    days = pd.date_range("2020-01-01", periods=80).strftime("%Y-%m-%d")
    pd.DataFrame({"day": days, "a": range(80), "b": [i % 7 for i in range(80)]}).to_csv(path, index=False)
    (proposal,) = proposals(Request(data=path, dials={"target": "a", "covariates": ["b"]}))
    assert (proposal.settings["target"], proposal.settings["covariates"]) == (("a",), ("b",))
    (both,) = proposals(Request(data=path))
    assert "2 series: a, b" in {fact.topic: fact.value for fact in both.facts}["target"]
