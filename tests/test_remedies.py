"""Every remedy that a refusal names is carried out as it is written, and mends the case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import remedies_archives
import remedies_cases
import remedies_commands
import remedies_csv
import remedies_files
import remedies_methods
from recurbench import catalogue, provenance
from remedies import Remedy, goes_well, refused
from remedies_elsewhere import elsewhere, named_tests, unused
from sentences import sentences

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    remedies_archives,
    remedies_cases,
    remedies_csv,
    remedies_files,
    remedies_commands,
    remedies_methods,
)
TABLE: list[Remedy] = [remedy for part in PARTS for remedy in part.TABLE]

SAID: dict[str, str] = {}  # what was refused in this process, by the name of the remedy


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a data folder of its own."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    # The code of methods stays as it is while these tests run; to read it anew takes half their time.
    monkeypatch.setattr(provenance, "forget", provenance._data.clear)
    return tmp_path


@pytest.mark.parametrize("remedy", TABLE, ids=lambda remedy: remedy.name)
def test_the_remedy_mends_the_case(remedy):
    sentence = SAID[remedy.name] = refused(remedy.bad())
    said = re.search(remedy.says, sentence)
    assert said, f"{sentence!r} does not say {remedy.says!r}"
    goes_well(remedy.mend(said))


def test_every_remedy_of_the_source_is_carried_out(place, monkeypatch):
    for number, remedy in enumerate(TABLE):
        if remedy.name in SAID:
            continue
        own = place / str(number)
        own.mkdir()
        monkeypatch.setenv(catalogue.VARIABLE, str(own / "data"))
        monkeypatch.chdir(own)
        SAID[remedy.name] = refused(remedy.bad())
    every = sentences(ROOT)
    missing = [
        f"{one.file}: {one.text}"
        for one in every
        if elsewhere(one) is None and not any(map(one.is_said_by, SAID.values()))
    ]
    assert missing == [], "add an entry to a table of remedies_*.py, or the reason to remedies_elsewhere.py"


def test_what_is_carried_out_elsewhere_is_there():
    assert unused(sentences(ROOT)) == []
    for file, name in named_tests():
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_a_new_sentence_is_found(tmp_path):
    text = 'def f(a):\n    raise ValueError(f"{a} is odd; write {a + 1}")\n'
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "new.py").write_text(text)
    (one,) = sentences(tmp_path)
    assert one.text == "{} is odd; write {}"
    assert one.is_said_by("3 is odd; write 4")
    assert not one.is_said_by("3 is even; write 4")
    assert elsewhere(one) is None


def test_names_are_given_once():
    names = [remedy.name for remedy in TABLE]
    assert sorted(set(names)) == sorted(names)
