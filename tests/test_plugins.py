"""Packages of third parties: found by their entry points, never able to break a run or a list."""

import os
import subprocess
import sys

import pytest

GOOD = '''
"""A method."""

import numpy as np
from recurbench import method


@method("NAME", family="baseline", kinds={"forecasting"})
def carried(task, train):
    """Carry the last value on."""
    return lambda split: [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]
'''


@pytest.fixture
def installed(tmp_path):
    """Lay a distribution with modules and entry points into a folder; the environment that sees it."""

    def install(**modules):
        info = tmp_path / "theirs-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
        lines = [f"{name} = {name}" for name in modules]
        (info / "entry_points.txt").write_text("\n".join(["[recurbench.methods]", *lines]))
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        return {**os.environ, "PYTHONPATH": str(tmp_path)}

    return install


def recurbench(environment, *words):
    code = "from recurbench.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=False
    )


def test_a_plugin_that_cannot_be_imported_is_a_row_and_the_others_run(installed, tmp_path):
    environment = installed(
        their_good=GOOD.replace("NAME", "their-good"),
        their_bad="import nowhere\n" + GOOD.replace("NAME", "their-bad"),
    )
    listed = recurbench(environment, "list", "methods")
    assert "their-good" in listed.stdout
    assert "their-bad" in listed.stdout
    words = [
        "run",
        "--methods",
        "their-good,their-bad",
        "--datasets",
        "airline",
        "--out",
        str(tmp_path / "run"),
    ]
    done = recurbench(environment, *words)
    assert done.returncode == 1
    assert "2 ok" in done.stdout
    table = (tmp_path / "run" / "report" / "table.md").read_text()
    assert (
        "| their-bad | failed | inner stage, cut 0: ModuleNotFoundError: No module named 'nowhere'" in table
    )
    doctor = recurbench(environment, "doctor", "--out", str(tmp_path))
    assert doctor.returncode == 1
    assert "! method their-bad" in doctor.stdout
    assert "ModuleNotFoundError" in doctor.stdout


def test_a_file_that_cannot_be_read_is_listed_with_the_reason(installed):
    environment = installed(their_good=GOOD.replace("NAME", "their-good"), broken="def f(:\n")
    done = recurbench(environment, "list", "methods")
    assert done.returncode == 0
    assert "their-good" in done.stdout
    assert "cannot be read" in done.stderr
    assert "of theirs: SyntaxError" in done.stderr


def test_a_name_that_is_taken_names_both_owners_and_third_parties_can_be_switched_off(installed):
    environment = installed(theirs=GOOD.replace("NAME", "theta"))
    done = recurbench(environment, "list", "methods")
    assert done.returncode == 2
    assert "two methods are called 'theta': one of recurbench in" in " ".join(done.stderr.split())
    assert "one of theirs in" in " ".join(done.stderr.split())
    assert recurbench({**environment, "RECURBENCH_PLUGINS": "0"}, "list", "methods").returncode == 0
