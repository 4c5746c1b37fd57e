"""What a directory of judged fits belongs to: written once, held against later calls."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from scripts import script

FILE = script("benchmarks/judged_file.py")
BASIS = FILE.Basis("f" * 64, "e" * 64, 14)


def commits(folder: Path) -> list[str]:
    found: list[str] = json.loads((folder / "judged.json").read_text())["commits"]
    return found


def test_each_commit_is_added_once(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    for commit in ("a", "b", "a"):
        FILE.begin(folder, BASIS, commit)
    assert commits(folder) == ["a", "b"]


@pytest.mark.parametrize(
    ("field", "value"), [("frozen", "0" * 64), ("registration", "0" * 64), ("contrasts", 13)]
)
def test_another_basis_is_refused_and_adds_no_commit(tmp_path: Path, field: str, value: object) -> None:
    FILE.begin(tmp_path, BASIS, "a")
    with pytest.raises(ValueError, match="must not be mixed") as caught:
        FILE.begin(tmp_path, replace(BASIS, **{field: value}), "b")
    assert f"{field} is {getattr(BASIS, field)!r}, now {value!r}" in str(caught.value)
    assert commits(tmp_path) == ["a"]


def test_fits_without_the_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").touch()
    with pytest.raises(ValueError, match=r"holds fits but no judged\.json"):
        FILE.begin(tmp_path, BASIS, "a")
    assert not (tmp_path / "judged.json").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is not valid JSON"), ("[]", "no list of commits"), ("{}", "no list of commits")],
)
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "judged.json").write_text(text)
    with pytest.raises(ValueError, match=words):
        FILE.begin(tmp_path, BASIS, "a")
