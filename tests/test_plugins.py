"""A package of somebody else, really installed: its good method runs, its bad one is a row with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from environments import Environment
from recurbench.record import RunFile

pytestmark = pytest.mark.slow  # makes environments and installs packages into them

PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1"

[project.entry-points."recurbench.methods"]
{name} = "{name}"

[tool.setuptools]
packages = ["{name}"]
"""
METHOD = """
import numpy as np
{first}
from recurbench import method


@method("{name}", family="baseline", kinds={{"labelling"}})
def answer(task, train):
    \"\"\"Always the first symbol.\"\"\"
    return lambda split: [np.zeros(len(x), int) for x in split.x]
"""
ASKED = ("--datasets", "parity[n_train=20,n_valid=20,n_test=20]", "--jobs", "1", "--out", "out")


def package(folder: Path, name: str, modules: dict[str, str]) -> Path:
    """A package whose entry point names it, with a file per module."""
    (folder / name).mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT.format(name=name))
    (folder / name / "__init__.py").write_text("raise RuntimeError('nobody imports this to list names')")
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(text)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plugins")


@pytest.fixture(scope="module")
def foreign(place: Path) -> Environment:
    """With a package of a good method, one that needs what is not installed, and one that is no Python."""
    environment = Environment.new(place / "venv")
    modules = {
        "good": METHOD.format(name="foreign-good", first=""),
        "needy": METHOD.format(name="foreign-needy", first="import no_such_module_anywhere"),
        "torn": "def torn(:",
    }
    source = package(place / "source", "foreign", modules)
    (source / "foreign" / "__init__.py").write_text("")
    environment.install(source)
    return environment


@pytest.fixture(scope="module")
def twin(place: Path, foreign: Environment) -> Environment:
    """Another environment, with a method called like one of ours."""
    environment = Environment.new(place / "twin")
    environment.install(package(place / "other", "double", {"m": METHOD.format(name="theta", first="")}))
    return environment


def test_the_list_imports_nothing_and_names_the_file_that_is_no_python(
    foreign: Environment, place: Path
) -> None:
    listed = foreign.recurbench("list", "methods", cwd=place)
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert {"foreign-good", "foreign-needy", "theta"} <= names
    assert "torn.py from foreign: SyntaxError" in listed.stderr


def test_a_method_whose_import_fails_is_a_row_with_its_reason_and_the_run_goes_on(
    foreign: Environment, place: Path
) -> None:
    foreign.recurbench("run", "--methods", "foreign-*,most-common", *ASKED, cwd=place, code=1)
    file = RunFile(place / "out" / "results.sqlite")
    finals = {row["method"]: row for row in file.rows() if row["stage"] == "final"}
    file.close()
    assert {name: row["status"] for name, row in finals.items()} == {
        "foreign-good": "ok",
        "foreign-needy": "failed",
        "most-common": "ok",
    }
    assert "No module named 'no_such_module_anywhere'" in finals["foreign-needy"]["reason"]


def test_doctor_names_the_method_that_cannot_be_imported_and_its_owner(
    foreign: Environment, place: Path
) -> None:
    code = (
        "import json; from dataclasses import replace; from pathlib import Path;"
        "from recurbench.cli.doctor import findings; from recurbench.registry import discover;"
        "all = discover();"
        "own = {name: one for name, one in all.methods.items() if one.owner == 'foreign'};"
        "found = findings(replace(all, methods=own, datasets={}), Path());"
        "print(json.dumps([[one.what, one.result, one.good] for one in found]))"
    )
    findings = json.loads(foreign.python("-c", code, cwd=place).stdout)
    bad = {what: found for what, found, good in findings if not good}
    assert {"method foreign-needy", "plugin file"} <= set(bad)
    assert "method foreign-good" not in bad
    assert "from foreign, " in bad["method foreign-needy"]
    assert "no_such_module_anywhere" in bad["method foreign-needy"]
    assert "torn.py" in bad["plugin file"]


def test_the_kit_says_why_a_method_cannot_be_imported(foreign: Environment, place: Path) -> None:
    said = foreign.recurbench("check", "foreign-needy", cwd=place, code=1).stdout
    assert "1 failed" in said
    assert "labelling/import" in said
    assert "no_such_module_anywhere" in said


def test_without_third_parties_only_ours_are_left(foreign: Environment, place: Path) -> None:
    listed = foreign.recurbench("list", "methods", cwd=place, RECURBENCH_PLUGINS="0")
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert "theta" in names
    assert not any(name.startswith("foreign") for name in names)
    assert listed.stderr == ""


@pytest.mark.parametrize("words", [("list", "methods"), ("run", *ASKED), ("check", "theta")])
def test_a_name_of_ours_taken_twice_is_refused_and_both_owners_named(
    twin: Environment, place: Path, words: tuple[str, ...]
) -> None:
    refused = twin.recurbench(*words, cwd=place, code=2).stderr
    for part in ("two methods are called 'theta'", "one of recurbench in", "one of double in", "double/m.py"):
        assert part in refused
    assert "RECURBENCH_PLUGINS=0" in refused
    assert "Traceback" not in refused


def test_a_name_taken_twice_is_no_trouble_without_third_parties(twin: Environment, place: Path) -> None:
    assert "theta" in twin.recurbench("list", "methods", cwd=place, RECURBENCH_PLUGINS="0").stdout
