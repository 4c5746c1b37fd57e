"""Plugin files given by path: functions reach child processes, and files beside them can be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from recurbench import plugin_files
from recurbench.plugin_files import code_name, module_name, path_of
from recurbench.provenance import code_hash, forget
from recurbench.record import RunFile
from recurbench.registry import discover, load
from recurbench.running.pool import Pool
from recurbench.running.runner import Inline, jobs, run_jobs

METHOD = """
import numpy as np
{first}
from recurbench import method


def double(i):
    return 2.0 * i


@method("mine", family="baseline", kinds={{"forecasting"}})
def mine(task, train):
    \"\"\"The number of this file, everywhere.\"\"\"
    level = {level}
    return lambda split: [np.full((task.steps, task.y.size), float(level)) for _ in split.x]
"""
POOLS = {
    "joblib": (
        "from joblib import Parallel, delayed",
        "sum(Parallel(n_jobs=2)(delayed(double)(i) for i in (1, 2)))",
    ),
    "loky with what a helper defines": (
        "import helper\nfrom joblib import Parallel, delayed",
        "sum(Parallel(n_jobs=2)(delayed(helper.twice)(i) for i in (1, 2)))",
    ),
} | {
    f"concurrent.futures, {how}": (
        "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n\n\n"
        "def both():\n"
        f"    context = multiprocessing.get_context({how!r})\n"
        "    with ProcessPoolExecutor(2, mp_context=context) as pool:\n"
        "        return sum(pool.map(double, (1, 2)))\n",
        "both()",
    )
    for how in ("spawn", "fork", "forkserver")
}


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch):
    """Other tests load other helpers under the same name."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(plugin_files, "_folders", set())
    yield
    sys.modules.pop("helper", None)
    forget()


def written(folder: Path, level: str = "1", first: str = "", name: str = "my-plugin.py") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_text(METHOD.format(level=level, first=first))
    (folder / "helper.py").write_text("LEVEL = 3\n\n\ndef twice(i):\n    return 2.0 * i\n")
    return path


def answers(plugin: Path, out: Path, executor) -> tuple[str, str, float]:
    """Status, reason and score of the final cell of `mine`."""
    registry = discover([plugin])
    chosen = jobs(registry.select_methods(["mine"]), registry.select_datasets(["airline[origins=2]"]), 1)
    file = RunFile(out / "results.sqlite")
    run_jobs(chosen, file, executor=executor)
    (row,) = file.rows("stage = 'final'")
    file.close()
    return row["status"], row["reason"], row["score"]


@pytest.mark.long
@pytest.mark.parametrize("how", POOLS)
@pytest.mark.parametrize("jobs_", [0, 1])
def test_functions_of_a_plugin_file_work_in_child_processes(tmp_path: Path, how: str, jobs_: int) -> None:
    from recurbench.running.limits import Limits

    first, level = POOLS[how]
    executor = Pool(1, Limits()) if jobs_ else Inline()
    found = answers(written(tmp_path / "plug", level, first), tmp_path / "pooled", executor)
    assert found[0] == "ok", found
    plain = answers(written(tmp_path / "plain", "6"), tmp_path / "run", Inline())
    assert found == plain


def test_a_file_beside_the_plugin_can_be_imported_and_is_part_of_the_hash(tmp_path: Path) -> None:
    plugin = written(tmp_path, "helper.LEVEL", "import helper")
    (one,) = (p for p in discover([plugin]).methods.values() if p.name == "mine")
    before = code_hash(one)
    load(one)
    forget()
    assert code_hash(one) == before  # whether the folder is on sys.path by now does not count
    (tmp_path / "helper.py").write_text("LEVEL = 4\n")
    forget()
    assert code_hash(one) != before
    (tmp_path / "helper.py").write_text("from deeper import LEVEL\n")
    (tmp_path / "deeper.py").write_text("LEVEL = 3\n")
    forget()
    through = code_hash(one)
    (tmp_path / "deeper.py").write_text("LEVEL = 5\n")
    forget()
    assert code_hash(one) != through


@pytest.mark.parametrize(
    ("first", "level", "file"),
    [
        ("import parts.mod", "parts.mod.K", "parts/mod.py"),
        ("from parts import mod", "mod.K", "parts/mod.py"),
        ("from parts.deep.mod import K", "K", "parts/deep/mod.py"),
        ("import helper", "helper.LEVEL", "parts/mod.py"),
        ("import whole.mod", "whole.mod.K", "whole/__init__.py"),
        ("import whole.deep.mod", "whole.deep.mod.K", "whole/deep/mod.py"),
    ],
)
def test_files_in_a_folder_beside_the_plugin_are_part_of_the_hash(
    tmp_path: Path, first: str, level: str, file: str
) -> None:
    plugin = written(tmp_path, level, first)
    for name in (
        "parts/mod.py",
        "parts/deep/mod.py",
        "whole/mod.py",
        "whole/deep/mod.py",
        "whole/__init__.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("K = 3\n")
    (tmp_path / "helper.py").write_text("import parts.mod\nLEVEL = parts.mod.K\n")
    one = discover([plugin]).methods["mine"]
    before = code_hash(one)
    (tmp_path / file).write_text("K = 4\n")
    forget()
    assert code_hash(one) != before
    load(one)
    after = code_hash(one)
    forget()
    assert code_hash(one) == after  # whether the folder is on sys.path by now does not count
    for name in [name for name in sys.modules if name.partition(".")[0] in ("parts", "whole")]:
        del sys.modules[name]


def test_a_folder_of_the_name_of_an_installed_package_is_not_the_plugins_own(tmp_path: Path) -> None:
    plugin = written(tmp_path, first="import numpy.linalg")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "linalg.py").write_text("")
    one = discover([plugin]).methods["mine"]
    before = code_hash(one)
    (tmp_path / "numpy" / "linalg.py").write_text("K = 1")
    forget()
    assert code_hash(one) == before


def test_folders_of_one_name_in_two_places_are_never_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = written(tmp_path / "plug", first="import parts.mod")
    for folder in ("plug", "other"):
        (tmp_path / folder / "parts").mkdir(parents=True)
        (tmp_path / folder / "parts" / "mod.py").write_text("")
    discover([plugin])
    monkeypatch.syspath_prepend(tmp_path / "other")
    with pytest.raises(ValueError, match=r"`import parts` in my-plugin\.py would import the installed parts"):
        discover([plugin])


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("from .helper import LEVEL", "from helper import LEVEL"),
        ("from . import helper as h", "import helper as h"),
        ("from ..helper import LEVEL as L", "from helper import LEVEL as L"),
    ],
)
def test_an_import_relative_to_a_package_is_refused_with_the_import_to_write(
    tmp_path: Path, bad: str, good: str
) -> None:
    plugin = written(tmp_path, first=bad)
    with pytest.raises(
        ValueError, match=f": my-plugin.py, line 3: a plugin file is in no package; write `{good}`$"
    ):
        discover([plugin])
    load(discover([written(tmp_path, first=good)]).methods["mine"])
    written(tmp_path, first="import helper")
    (tmp_path / "helper.py").write_text("\n" + bad)
    with pytest.raises(ValueError, match=f": helper.py, line 2: .* write `{good}`$"):
        discover([plugin])


def test_a_relative_import_that_may_fail_is_left_alone(tmp_path: Path) -> None:
    both = "try:\n    from .helper import LEVEL\nexcept ImportError:\n    from helper import LEVEL\n"
    load(discover([written(tmp_path, "LEVEL", both)]).methods["mine"])


def test_the_hash_does_not_depend_on_the_folder_of_the_plugin_file(tmp_path: Path) -> None:
    hashes = set()
    for folder in ("a", "b"):
        (one,) = (p for p in discover([written(tmp_path / folder)]).methods.values() if p.name == "mine")
        hashes.add(code_hash(one))
    assert len(hashes) == 1


def test_two_plugin_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    files = [written(tmp_path / folder, level) for folder, level in (("a", "1"), ("b", "2"))]
    files[1].write_text(files[1].read_text().replace('"mine"', '"other"'))
    methods = discover(files).methods
    assert methods["mine"].module != methods["other"].module
    assert load(methods["mine"]) is not load(methods["other"])


@pytest.mark.parametrize("name", ["random", "numpy", "scipy", "time"])
def test_a_file_that_an_installed_module_would_hide_is_refused_by_name(tmp_path: Path, name: str) -> None:
    plugin = written(tmp_path, first=f"import {name}")
    (tmp_path / f"{name}.py").write_text("")
    with pytest.raises(
        ValueError, match=f"`import {name}` in my-plugin.py would import the installed {name}"
    ):
        discover([plugin])


def test_a_file_that_the_helper_would_hide_is_refused_too(tmp_path: Path) -> None:
    plugin = written(tmp_path, first="import helper")
    (tmp_path / "helper.py").write_text("import secrets\n")
    (tmp_path / "secrets.py").write_text("")
    with pytest.raises(ValueError, match="`import secrets`"):
        discover([plugin])


def test_files_named_like_installed_modules_do_no_harm_where_the_plugin_imports_none(tmp_path: Path) -> None:
    from recurbench.running.limits import Limits

    plugin = written(tmp_path)
    for name in ("random", "json", "socket", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('nobody imports this')")
    here = Path.cwd()
    try:
        os.chdir(tmp_path)  # as a user who calls it from the folder of the plugin
        assert answers(plugin, tmp_path / "run", Pool(1, Limits()))[0] == "ok"
    finally:
        os.chdir(here)


def test_helpers_of_one_name_in_two_folders_are_never_mixed_up(tmp_path: Path) -> None:
    from recurbench.running.limits import Limits

    files = [written(tmp_path / folder, "helper.LEVEL", "import helper") for folder in ("a", "b")]
    files[1].write_text(files[1].read_text().replace('"mine"', '"other"'))
    registry = discover(files)
    load(registry.methods["mine"])
    words = r"has loaded .*a/helper.py with the same name; rename one of them, or run with --jobs 1"
    with pytest.raises(ImportError, match=words):
        load(registry.methods["other"])
    (tmp_path / "b" / "helper.py").write_text("LEVEL = 3\n")
    chosen = jobs(
        registry.select_methods(["mine", "other"]), registry.select_datasets(["airline[origins=2]"]), 1
    )
    file = RunFile(tmp_path / "results.sqlite")
    run_jobs(chosen, file, executor=Pool(1, Limits()))
    assert {row["status"] for row in file.rows()} == {"ok"}
    file.close()


def test_a_process_that_knows_only_the_name_imports_the_file(tmp_path: Path) -> None:
    name = module_name(written(tmp_path / "with space é", "helper.LEVEL", "import helper"))
    code = f"import importlib; print(importlib.import_module({name!r}).double(4))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "8.0\n"


@pytest.mark.parametrize(
    "name", ["recurbench.running.pool", "mine", f"{plugin_files.PREFIX}components", plugin_files.PREFIX]
)
def test_other_modules_stand_for_no_plugin_file(name: str) -> None:
    assert path_of(name) is None
    assert code_name(name) == name


def test_a_name_stands_for_its_file(tmp_path: Path) -> None:
    path = tmp_path / "my.odd-näme.py"
    assert path_of(module_name(path)) == path
    assert code_name(module_name(path)) == "_recurbench_plugin_my.odd-näme"


def test_a_setting_group_may_come_from_a_file_beside_the_plugin(tmp_path: Path) -> None:
    plugin = tmp_path / "grouped.py"
    (tmp_path / "groups.py").write_text(
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Budget:\n    rounds: int = 3\n"
    )
    plugin.write_text(
        "import numpy as np\nfrom groups import Budget\nfrom recurbench import method\n\n\n"
        '@method("grouped", family="baseline", kinds={"forecasting"})\n'
        "def grouped(task, train, *, budget: Budget):\n    return None\n"
    )
    assert discover([plugin]).methods["grouped"].settings == {"rounds": 3}
