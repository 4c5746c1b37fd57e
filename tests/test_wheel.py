"""What is shipped: one import package, whole, that is found where nothing else of ours is."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # builds a wheel and makes an environment

ROOT = Path(__file__).parents[1]
FOLDERS = {"bench": "recurbench", "methods": "recurbench/methods", "datasets": "recurbench/datasets"}
FOLDERS["reports"] = "recurbench/reports"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Asked in an environment that holds the wheel and nothing else, not even numpy.
QUESTIONS = """
import importlib, importlib.util, json
def fails(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return error.name == name
    return False
import recurbench
from recurbench.registry import discover
registry = discover()
print(json.dumps({
    "absent": [name for name in ("bench", "methods", "datasets", "reports") if fails(name)],
    "found": importlib.util.find_spec("recurbench").origin,
    "version": recurbench.__version__,
    "broken": len(registry.broken),
    "plugins": ["gru" in registry.methods, "airline" in registry.datasets],
}))
"""


def said(*command: str | Path, cwd: Path) -> str:
    """What a command prints; the environment tells it nothing of this repository."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def sources() -> list[str]:
    """The files git knows or would take, so that no build folder comes along."""
    named = ["pyproject.toml", "README.md", "LICENSE", *FOLDERS]
    known = said("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *named, cwd=ROOT)
    return [name for name in known.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("copy")
    for name in sources():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    said(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "out", copy, cwd=copy)
    (built,) = (copy / "out").glob("*.whl")
    return built


def test_the_wheel_holds_one_package_with_every_module_and_its_types(wheel: Path) -> None:
    facts = f"recurbench-{PROJECT['version']}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = configparser.ConfigParser()
        points.read_string(archive.read(f"{facts}/entry_points.txt").decode())
    assert {name.split("/")[0] for name in names} == {"recurbench", facts}
    wanted = {
        "/".join([FOLDERS[name.split("/")[0]], *name.split("/")[1:]])
        for name in sources()
        if name.split("/")[0] in FOLDERS
    }
    assert {name for name in names if name.startswith("recurbench/")} == wanted
    assert {
        "recurbench/py.typed",
        "recurbench/methods/__init__.py",
        "recurbench/datasets/__init__.py",
    } <= wanted
    assert f"{facts}/licenses/LICENSE" in names
    shipped = {group: dict(points[group]) for group in points.sections()}
    assert shipped.pop("console_scripts", {}) == PROJECT.get("scripts", {})
    assert shipped == PROJECT["entry-points"]
    assert shipped["recurbench.methods"] == {"recurbench": "recurbench.methods"}


def test_the_installed_wheel_is_found_and_leaves_the_common_names_alone(wheel: Path, tmp_path: Path) -> None:
    said(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    said(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    got = json.loads(said(python, "-c", QUESTIONS, cwd=tmp_path))
    assert got["absent"] == ["bench", "methods", "datasets", "reports"]
    assert Path(got["found"]).is_relative_to(tmp_path)
    assert (got["version"], got["broken"], got["plugins"]) == (PROJECT["version"], 0, [True, True])
