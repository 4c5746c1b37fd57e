"""What `recurbench new` writes works: installed, listed, checked, run, and tested by its own test."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from environments import Environment
from recurbench.check import method_checks, problem_error
from recurbench.cli.new import new
from recurbench.cli.scaffold import Package, write
from recurbench.record import RunFile
from recurbench.registry import Registry, discover, load

EMPTY = Registry({}, {})


def wrote(folder: Path, *words: str) -> Path:
    result = CliRunner().invoke(new, [*words, "--folder", str(folder)])
    assert result.exit_code == 0, result.output
    assert f"pip install -e {folder}" in result.output
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new")


@pytest.fixture(scope="module")
def installed(place: Path) -> Environment:
    environment = Environment.new(place / "venv")
    environment.install(wrote(place / "one", "method", "my-idea"))
    environment.install(wrote(place / "two", "dataset", "my-bits"))
    return environment


@pytest.mark.slow
def test_what_is_installed_appears_in_the_lists(installed: Environment, place: Path) -> None:
    for what, name in (("methods", "my-idea"), ("datasets", "my-bits")):
        listed = installed.recurbench("list", what, cwd=place)
        assert any(line.split()[0] == name for line in listed.stdout.splitlines())
        assert listed.stderr == ""


@pytest.mark.slow
def test_the_new_method_passes_the_conformance_kit(installed: Environment, place: Path) -> None:
    said = installed.recurbench("check", "my-idea", cwd=place).stdout
    assert "my-idea: " in said
    assert " 0 failed" in said


@pytest.mark.slow
def test_the_new_method_runs_on_the_new_dataset(installed: Environment, place: Path) -> None:
    asked = ("--methods", "my-idea,most-common", "--datasets", "my-bits[count=8]", "--jobs", "1")
    said = installed.recurbench("run", *asked, "--seeds", "1", "--out", "out", cwd=place).stdout
    assert "ok" in said
    file = RunFile(place / "out" / "results.sqlite")
    finals = [row for row in file.rows() if row["stage"] == "final"]
    file.close()
    assert {row["method"]: row["status"] for row in finals} == {"my-idea": "ok", "most-common": "ok"}
    assert all(0.3 < row["score"] < 0.7 for row in finals)  # fair bits cannot be guessed


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "least"), [("one", 100), ("two", 1)])
def test_the_test_that_is_written_passes(
    installed: Environment, place: Path, folder: str, least: int
) -> None:
    done = installed.python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=place / folder)
    assert int(done.stdout.strip().splitlines()[-1].split()[0]) >= least


@pytest.mark.parametrize("sort", ["method", "dataset"])
def test_the_code_is_at_most_30_lines_and_110_columns(sort: str) -> None:
    for path, text in Package(sort, "my-quite-long-idea").files().items():
        if path.endswith(".py"):
            assert len(text.splitlines()) <= 30
            assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", ["np", "method", "dataset", "lambda", "len", "range", "3nn", "x"])
def test_a_name_that_python_uses_otherwise_still_works(tmp_path: Path, name: str) -> None:
    code = write("method", name, EMPTY, tmp_path / "one")[1]
    plugin = discover([code]).methods[name]
    outcomes = [run() for case, run in method_checks(plugin) if case.endswith(("/import", "/form"))]
    assert {outcome.status for outcome in outcomes} == {"ok"}
    code = write("dataset", name, EMPTY, tmp_path / "two")[1]
    assert problem_error(discover([code]).datasets[name]) == ""


def test_the_answers_of_the_new_dataset_can_be_known(tmp_path: Path) -> None:
    code = write("dataset", "my-bits", EMPTY, tmp_path / "two")[1]
    problem = load(discover([code]).datasets["my-bits"])(lag=2, length=5)
    assert problem.about.best == 1
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        assert list(y) == [0, 0, *x[:3]]


@pytest.mark.parametrize("name", ["My-Idea", "my_idea", "my--idea", "-my", "my idea", "../my", "é", ""])
def test_a_name_that_no_plugin_may_have_is_refused(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(new, ["method", "--folder", str(tmp_path / "one"), "--", name])
    assert result.exit_code == 2
    assert "lower-case words and digits joined by hyphens" in result.output
    assert repr(name) in result.output
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize(("sort", "name"), [("method", "theta"), ("dataset", "parity")])
def test_a_name_that_is_taken_is_refused_and_both_owners_named(tmp_path: Path, sort: str, name: str) -> None:
    with pytest.raises(ValueError, match="there is already a") as refused:
        write(sort, name, discover(), tmp_path / "one")
    for word in (repr(name), "from recurbench in", f"{name}.py", Package(sort, name).distribution):
        assert word in str(refused.value)
    assert not (tmp_path / "one").exists()


def test_a_method_may_be_called_like_a_dataset(tmp_path: Path) -> None:
    write("method", "airline", discover(), tmp_path / "one")
    assert Package("method", "airline").module != Package("dataset", "airline").module


def test_a_folder_that_is_there_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(new, ["dataset", "my-bits", "--folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "exists already; remove it, or name another folder" in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_a_folder_it_is_named_after_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(new, ["method", "my-idea"])
    assert result.exit_code == 0
    assert (tmp_path / "recurbench-my-idea" / "recurbench_my_idea.py").is_file()


def test_a_package_that_is_installed_under_this_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "recurbench_my_idea-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: recurbench_my.idea\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="a package recurbench-my-idea is installed already"):
        write("method", "my-idea", EMPTY, tmp_path / "one")
