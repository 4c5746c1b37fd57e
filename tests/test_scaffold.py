"""A package made by `recurbench new`: installed, listed, checked, run, and its own test passes."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from recurbench.cli import main
from recurbench.registry import discover
from recurbench.scaffold import write

RECURBENCH = [sys.executable, "-c", "from recurbench.cli import main; main()"]


def made(tmp_path, sort, name):
    """Make a package with the command and install it beside; the environment that sees it."""
    result = CliRunner().invoke(main, ["new", sort, name, "--folder", str(tmp_path)])
    assert result.exit_code == 0, result.output
    target = tmp_path / "installed"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([sys.executable, *install, "--target", str(target), str(tmp_path / name)], check=True)
    return {**os.environ, "PYTHONPATH": str(target)}


def output(words, environment, folder):
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_method_is_listed_checked_run_and_passes_its_own_test(tmp_path):
    environment = made(tmp_path, "method", "my-carry")
    assert "my-carry" in output([*RECURBENCH, "list", "methods"], environment, tmp_path)
    assert "0 failed" in output([*RECURBENCH, "check", "my-carry"], environment, tmp_path)
    words = ["run", "--methods", "my-carry,drift", "--datasets", "airline", "--out", "run"]
    assert "my-carry" in output([*RECURBENCH, *words], environment, tmp_path)
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "my-carry/tests"]
    assert "passed" in output(pytest_, environment, tmp_path)
    source = (tmp_path / "my-carry" / "my_carry_method.py").read_text()
    assert len(source.splitlines()) <= 30


def test_a_new_dataset_is_listed_run_and_passes_its_own_test(tmp_path):
    environment = made(tmp_path, "dataset", "my-slopes")
    assert "my-slopes" in output([*RECURBENCH, "list", "datasets"], environment, tmp_path)
    words = ["run", "--methods", "euclidean-1nn", "--datasets", "my-slopes", "--seeds", "2", "--out", "run"]
    assert "my-slopes" in output([*RECURBENCH, *words], environment, tmp_path)
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "my-slopes/tests"]
    assert "passed" in output(pytest_, environment, tmp_path)
    source = (tmp_path / "my-slopes" / "my_slopes_dataset.py").read_text()
    assert len(source.splitlines()) <= 30


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("My Method", "is no plugin name"),
        ("9lives", "is no plugin name"),
        ("theta", "a method called theta is there already, of recurbench in"),
        ("here", "is there already; name another folder"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_written(tmp_path, name, words):
    (tmp_path / "here").mkdir()
    with pytest.raises(ValueError, match=words):
        write("method", name, tmp_path, discover())
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert not list((tmp_path / "here").iterdir())
