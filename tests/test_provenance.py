"""What a result depends on: the hash of a plugin's code moves when its answers may, and only then."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from recurbench import provenance
from recurbench.provenance import code_hash, forget, known_data, machine, version, versions
from recurbench.registry import Plugin, discover

PLUGIN = '''
"""Methods of ours."""
import math

import numpy as np
from ours import _helper
from ours._other import number

LEVEL = 0.5


@method("mine", family="baseline", kinds={"regression"})
def mine(task, train, *, lag=1):
    """Answer with a level."""
    # A comment.
    return _helper.level(LEVEL)
'''
FILES = {
    "__init__.py": "",
    "plugin.py": PLUGIN,
    "_helper.py": "from . import _deep\n\n\ndef level(x):\n    return _deep.twice(x)\n",
    "_deep.py": "def twice(x):\n    return 2 * x\n",
    "_other.py": "number = 3\n",
    "unused.py": "other = 1\n",
}


@pytest.fixture(autouse=True)
def everything_read_anew() -> Iterator[None]:
    """Files and versions are read once per process; here they change."""
    forget()
    yield
    forget()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `ours` as a third party would install it."""
    folder = tmp_path / "ours"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def hashed(folder: Path) -> str:
    provenance._read.cache_clear()
    path = folder / "plugin.py"
    return code_hash(Plugin("mine", "method", "mine", "ours.plugin", path, "me", frozenset({"regression"})))


def after(folder: Path, name: str, before: str, now: str) -> str:
    """The hash once `before` is `now` in one file."""
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, now))
    return hashed(folder)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("# A comment.", "# Another\n\n    # and one more."),
        ('"""Answer with a level."""', '"""Other words."""'),
        ('    """Answer with a level."""\n', ""),
        ('"""Methods of ours."""\n', ""),
        ("LEVEL = 0.5", "LEVEL   =   0.50  # half"),
        ("_helper.level(LEVEL)", "(_helper.level(\n        LEVEL,\n    ))"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(package: Path, before: str, now: str) -> None:
    assert hashed(package) == after(package, "plugin.py", before, now)


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("plugin.py", "LEVEL = 0.5", "LEVEL = 0.6"),
        ("plugin.py", "lag=1", "lag=2"),
        ("plugin.py", "LEVEL = 0.5", 'LEVEL = "0.5"'),
        ("_helper.py", "twice(x)", "twice(x) + 1"),
        ("_deep.py", "2 * x", "3 * x"),
        ("_other.py", "number = 3", "number = 4"),
    ],
)
def test_code_of_the_plugin_and_of_all_it_imports_from_its_package_counts(
    package: Path, name: str, before: str, now: str
) -> None:
    assert hashed(package) != after(package, name, before, now)


def test_a_module_the_plugin_does_not_import_does_not_count(package: Path) -> None:
    assert hashed(package) == after(package, "unused.py", "other = 1", "other = 2")


def test_a_plugin_in_the_file_of_a_package_counts_its_relative_imports(package: Path) -> None:
    folder = package / "parts"
    folder.mkdir()
    (folder / "__init__.py").write_text(f"from ._shared import number\n{PLUGIN}")
    plugin = Plugin(
        "mine", "method", "mine", "ours.parts", folder / "__init__.py", "me", frozenset({"regression"})
    )
    (folder / "_shared.py").write_text("number = 3\n")
    before = code_hash(plugin)
    provenance._read.cache_clear()
    (folder / "_shared.py").write_text("number = 4\n")
    assert code_hash(plugin) != before


def test_modules_that_import_each_other_are_followed_once(package: Path) -> None:
    (package / "_deep.py").write_text("from ours import _helper\n\n\ndef twice(x):\n    return 2 * x\n")
    assert hashed(package) != after(package, "_helper.py", "twice(x)", "twice(x) + 1")


def test_a_private_helper_of_ours_counts_for_a_plugin_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plugin.py"
    path.write_text(f"from recurbench.methods._warping import band_radius\n{PLUGIN}")
    plugin = discover([path]).methods["mine"]
    before = code_hash(plugin)
    real = provenance._find
    source = real("recurbench.methods._warping")
    assert source is not None
    changed = tmp_path / "_warping.py"
    changed.write_text(source.read_text() + "\nMORE = 1\n")
    monkeypatch.setattr(provenance, "_find", lambda name: changed if real(name) == source else real(name))
    assert code_hash(plugin) != before


@pytest.mark.parametrize("package_name", ["numpy", "sklearn"])
def test_the_version_of_an_outside_package_that_is_imported_counts(
    package: Path, monkeypatch: pytest.MonkeyPatch, package_name: str
) -> None:
    """numpy is imported by the plugin, scikit-learn is not."""
    before = hashed(package)
    real = version
    monkeypatch.setattr(provenance, "version", lambda name: "999" if name == package_name else real(name))
    assert (hashed(package) != before) == (package_name == "numpy")


def test_the_standard_library_and_ourselves_are_no_outside_packages(package: Path) -> None:
    outside: set[str] = set()
    (package / "_other.py").write_text("import os.path\nimport recurbench\nfrom pandas.core import frame\n")
    provenance._follow("ours.plugin", package / "plugin.py", provenance._Own(("ours",)), {}, outside)
    assert outside - {"ours"} == {"numpy", "pandas"}


def test_the_hash_is_the_same_in_another_process_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from recurbench.registry import discover;"
        "from recurbench.provenance import code_hash;"
        "print(code_hash(discover().methods['gru']), sorted({'torch', 'numpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split(" ", 1) == [code_hash(discover().methods["gru"]), "[]\n"]


def test_a_variant_shares_the_code_of_its_method() -> None:
    hashes: dict[Path, set[str]] = {}
    for plugin in discover().methods.values():
        hashes.setdefault(plugin.path, set()).add(code_hash(plugin))
    assert all(len(found) == 1 for found in hashes.values())
    assert len({next(iter(found)) for found in hashes.values()}) == len(hashes)


def test_a_version_is_found_under_the_import_name_too() -> None:
    import sklearn

    assert version("numpy") == np.__version__
    assert version("sklearn") == sklearn.__version__
    assert version("a_package_nobody_has") == ""


def test_the_files_a_dataset_reads_are_hashed_and_remembered_until_told_to_forget(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"1,2\n")
    (dataset,) = discover().select_datasets([f"csv[path={str(path)!r}]"])
    before = known_data(dataset)
    assert before == [hashlib.sha256(b"1,2\n").hexdigest()]
    path.write_bytes(b"1,2,3\n")
    assert known_data(dataset) == before
    forget()
    assert known_data(dataset) == [hashlib.sha256(b"1,2,3\n").hexdigest()]
    assert known_data(discover().select_datasets(["airline"])[0]) == []


def test_the_machine_is_told_with_its_cores() -> None:
    assert machine().endswith(f", {os.cpu_count()} cores")
    assert not machine().startswith(",")


def test_every_version_that_is_recorded_is_known() -> None:
    found = versions()
    assert found["python"] == ".".join(str(part) for part in sys.version_info[:3])
    assert all(found.values())
