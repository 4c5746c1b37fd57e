"""Hashes at first use, and what changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from recurbench.catalogue import Entry, File, Original
from recurbench.fetching.verify import LEDGER, Ledger, vanished, verify

MINE = Entry("toy", {}, "toys", "none", "here", (("a.csv",), ("b.csv", "c/*.wav")), None)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def put(folder: Path, name: str, text: str) -> None:
    (folder / "toy" / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / "toy" / name).write_text(text)


def look(entry: Entry, data: Path, accept: bool = False) -> list[tuple[str, str]]:
    ledger = Ledger.read(data)
    found = verify(entry, data, ledger, accept)
    ledger.write()
    return [(finding.name, finding.status) for finding in found]


def test_a_file_of_ones_own_is_recorded_then_unchanged_then_changed(tmp_path):
    put(tmp_path, "a.csv", "1")
    assert look(MINE, tmp_path) == [("toy/a.csv", "recorded")]
    assert look(MINE, tmp_path) == [("toy/a.csv", "unchanged")]
    put(tmp_path, "a.csv", "2")
    (finding,) = verify(MINE, tmp_path, Ledger.read(tmp_path))
    assert finding.status == "changed"
    assert sha("1") in finding.details
    assert sha("2") in finding.details
    # A change stays a change until it is taken over.
    assert look(MINE, tmp_path) == [("toy/a.csv", "changed")]
    assert look(MINE, tmp_path, accept=True) == [("toy/a.csv", "recorded")]
    assert look(MINE, tmp_path) == [("toy/a.csv", "unchanged")]


def test_the_same_size_and_time_do_not_hide_a_change(tmp_path):
    import os

    put(tmp_path, "a.csv", "1")
    os.utime(tmp_path / "toy" / "a.csv", ns=(5, 5))
    look(MINE, tmp_path)
    put(tmp_path, "a.csv", "2")
    os.utime(tmp_path / "toy" / "a.csv", ns=(5, 5))
    assert look(MINE, tmp_path) == [("toy/a.csv", "changed")]


def test_many_files_have_one_hash_that_a_new_a_lost_and_a_renamed_file_change(tmp_path):
    put(tmp_path, "b.csv", "1")
    for name in ("1.wav", "2.wav"):
        put(tmp_path, f"c/{name}", name)
    assert look(MINE, tmp_path) == [("toy/b.csv", "recorded"), ("toy/c/*.wav", "recorded")]
    wavs = tmp_path / "toy" / "c"
    for change, back in (
        (lambda: (wavs / "3.wav").touch(), lambda: (wavs / "3.wav").unlink()),
        (lambda: (wavs / "2.wav").rename(wavs / "2"), lambda: (wavs / "2").rename(wavs / "2.wav")),
        (lambda: (wavs / "2.wav").rename(wavs / "4.wav"), lambda: (wavs / "4.wav").rename(wavs / "2.wav")),
    ):
        change()
        assert look(MINE, tmp_path)[1] == ("toy/c/*.wav", "changed")
        back()
        assert look(MINE, tmp_path)[1] == ("toy/c/*.wav", "unchanged")


def test_a_known_hash_is_the_only_right_one(tmp_path):
    seen = Original({}, "o/r", "c", (File("a.csv", "a.csv", 1, sha("1")),), 1)
    entry = replace(MINE, original=seen)
    put(tmp_path, "a.csv", "1")
    assert look(entry, tmp_path) == [("toy/a.csv", "ok")]
    put(tmp_path, "a.csv", "2")
    (finding,) = verify(entry, tmp_path, Ledger.read(tmp_path), accept=True)
    assert finding.status == "differs"
    assert finding.details == f"sha256 {sha('2')}, wanted {sha('1')}"


def test_missing_files_are_named(tmp_path):
    assert look(MINE, tmp_path) == [("toy/a.csv", "missing")]
    put(tmp_path, "a.csv", "1")
    look(MINE, tmp_path)
    (tmp_path / "toy" / "a.csv").unlink()
    assert [(one.name, one.status) for one in vanished(tmp_path, Ledger.read(tmp_path))] == [
        ("toy/a.csv", "missing")
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 2, "hashes": {}, "agreed": {}}', '{"form": 1}'])
def test_a_ledger_that_cannot_be_read_is_refused_and_kept(text, tmp_path):
    (tmp_path / LEDGER).write_text(text)
    with pytest.raises(ValueError, match="cannot be read"):
        Ledger.read(tmp_path)
    assert (tmp_path / LEDGER).read_text() == text


def test_the_ledger_is_plain_text(tmp_path):
    put(tmp_path, "a.csv", "1")
    look(MINE, tmp_path)
    words = json.loads((tmp_path / LEDGER).read_text())
    assert words["hashes"]["toy/a.csv"]["sha256"] == sha("1")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [LEDGER]
