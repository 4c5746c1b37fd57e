"""The TOML files of the package: found beside the data sets, and refused in words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from recurbench.packaged import beside, opened, refuse_strange

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def folder_of(package: str) -> Path:
    """The folder of a package; one without an entry lies in that of its parent."""
    if package in SETUPTOOLS["package-dir"]:
        return ROOT / SETUPTOOLS["package-dir"][package]
    parent, _, name = package.rpartition(".")
    return folder_of(parent) / name


def test_a_wheel_holds_every_file_that_lies_beside_the_code() -> None:
    data = SETUPTOOLS["package-data"]
    beside_code = {
        file
        for package in SETUPTOOLS["packages"]
        for file in folder_of(package).iterdir()
        if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    packed = {
        file for package, globs in data.items() for each in globs for file in folder_of(package).glob(each)
    }
    assert beside_code == packed
    # No entry is left over from a file that is gone.
    assert all(list(folder_of(package).glob(each)) for package, globs in data.items() for each in globs)


def test_files_lie_beside_the_data_sets() -> None:
    names = ("dials.toml", "frozen.toml", "registration.toml")
    assert [name for name in names if not beside(name).is_file()] == []


def test_a_file_gives_its_tables(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[one]\nvalue = 1\n")
    assert opened(tmp_path / "mine.toml", ("one", "two")) == {"one": {"value": 1}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[one", r"mine\.toml is not valid TOML: Expected '\]'"),
        ("[three]", "mine.toml: unknown: three, known"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ValueError, match=words):
        opened(tmp_path / "mine.toml", ("one", "two"))


def test_misspelt_names_are_listed_beside_the_known_ones() -> None:
    with pytest.raises(ValueError, match="here: unknown: a, b, known: c, d"):
        refuse_strange({"b", "a"}, ("c", "d"), "here")
    refuse_strange(set(), ("c",), "here")
