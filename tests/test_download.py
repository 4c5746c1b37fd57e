"""Fetching from a real server that is slow, breaks off, corrupts, redirects and refuses."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pooch
import pytest
from http_host import Host, serving
from recurbench import catalogue
from recurbench.catalogue import Entry, File, Original
from recurbench.fetching import download

BODY = bytes(range(256)) * 2048
PATH = "/owner/repo/c0ffee/raw data/a.csv"


def original(*files: File, **words: object) -> Original:
    return Original({}, "owner/repo", "c0ffee", files, sum(file.bytes for file in files), **words)


def entry_of(found: Original | None) -> Entry:
    return Entry("toy", {}, "toys", "none", "here", (("a.csv",),), found)


SHA = hashlib.sha256(BODY).hexdigest()
ENTRY = entry_of(original(File("a.csv", "raw data/a.csv", len(BODY), SHA)))


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with serving() as running:
        running.bodies[PATH] = BODY
        monkeypatch.setattr(catalogue, "HOST", running.url)
        monkeypatch.setattr(pooch.core.time, "sleep", lambda _: None)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("ways", "ranges"),
    [
        (["good"], [None]),
        (["slow"], [None]),
        (["redirect"], [None, None]),
        (["503", "429", "good"], [None, None, None]),
        # What came before the break is kept, and only the rest is asked for.
        (["cut", "good"], [None, 262144]),
        (["cut", "cut", "good"], [None, 262144, 393216]),
        (["cut", "plain"], [None, 262144]),
        (["cut", "elsewhere", "good"], [None, 262144, None]),
        (["cut", "416", "good"], [None, 262144, None]),
        # Wrong bytes are thrown away whole.
        (["corrupt", "good"], [None, None]),
        (["cut", "corrupt", "good"], [None, 262144, None]),
    ],
)
def test_a_file_arrives_whole_whatever_happens_on_the_way(host, tmp_path, ways, ranges):
    host.ways[PATH] = list(ways)
    (line,) = download.fetch(ENTRY, tmp_path)
    assert "sha256 as recorded" in line
    assert (tmp_path / "toy" / "a.csv").read_bytes() == BODY
    assert left(tmp_path) == ["a.csv"]
    # A compressed answer could not be continued at a byte of the file.
    assert host.encodings == {"identity"}
    assert [asked for _, asked in host.asked] == [r if r is None else f"bytes={r}-" for r in ranges]


@pytest.mark.parametrize(
    ("ways", "requests", "words"),
    [
        (["404"] * 9, 1, "answers 404"),
        (["403"] * 9, 1, "answers 403"),
        (["500"] * 9, 4, "500"),
        (["corrupt"] * 9, 4, "another hash"),
        (["longer"], 1, "sends more than the 524288 bytes"),
    ],
)
def test_what_cannot_be_had_is_said_and_nothing_is_left(host, tmp_path, ways, requests, words):
    host.ways[PATH] = list(ways)
    with pytest.raises(OSError, match=words) as caught:
        download.fetch(ENTRY, tmp_path)
    assert str(tmp_path / "toy" / "a.csv") in str(caught.value)
    assert len(host.asked) == requests
    assert left(tmp_path) == []


def test_an_answer_without_an_end_is_cut_off(host, tmp_path):
    host.ways[PATH] = ["endless"]
    with pytest.raises(OSError, match="sends more than the 524288 bytes"):
        download.fetch(ENTRY, tmp_path)
    assert host.sent < 100 * len(BODY)
    assert left(tmp_path) == []


def test_a_download_that_broke_off_goes_on_at_the_next_command(host, tmp_path):
    host.ways[PATH] = ["cut"] * 4
    with pytest.raises(OSError, match="491520 bytes have arrived, run the command again"):
        download.fetch(ENTRY, tmp_path)
    assert left(tmp_path) == [".a.csv.part"]
    host.asked.clear()
    download.fetch(ENTRY, tmp_path)
    assert host.asked == [(PATH, "bytes=491520-")]
    assert (tmp_path / "toy" / "a.csv").read_bytes() == BODY


def test_a_part_as_long_as_the_file_is_not_taken_for_it(host, tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / ".a.csv.part").write_bytes(BODY[::-1])
    download.fetch(ENTRY, tmp_path)
    assert host.asked == [(PATH, None)]
    assert left(tmp_path) == ["a.csv"]


def test_a_killed_download_leaves_no_file_under_its_name(host, tmp_path):
    host.ways[PATH] = ["stall"]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from recurbench import catalogue\n"
        "from recurbench.fetching import download\n"
        "from test_download import ENTRY\n"
        "catalogue.HOST = sys.argv[2]\n"
        "download.fetch(ENTRY, Path(sys.argv[3]))\n"
    )
    command = [sys.executable, "-c", code, os.fspath(Path(__file__).parent), host.url, os.fspath(tmp_path)]
    with subprocess.Popen(command) as child:
        part = tmp_path / "toy" / ".a.csv.part"
        deadline = time.monotonic() + 120
        while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    got = part.stat().st_size
    assert 0 < got <= len(BODY) // 2
    assert not (tmp_path / "toy" / "a.csv").exists()
    download.fetch(ENTRY, tmp_path)
    assert host.asked[-1] == (PATH, f"bytes={got}-")
    assert (tmp_path / "toy" / "a.csv").read_bytes() == BODY


def test_a_file_that_is_there_is_not_fetched_again(host, tmp_path):
    download.fetch(ENTRY, tmp_path)
    host.asked.clear()
    (line,) = download.fetch(ENTRY, tmp_path)
    assert "here already" in line
    assert host.asked == []


def test_another_file_of_the_same_name_is_not_overwritten_unasked(host, tmp_path):
    mine = tmp_path / "toy" / "a.csv"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    with pytest.raises(ValueError, match="differs from the file in owner/repo; move it away"):
        download.fetch(ENTRY, tmp_path)
    assert mine.read_bytes() == b"mine"
    download.fetch(ENTRY, tmp_path, replace=True)
    assert mine.read_bytes() == BODY


def test_an_entry_without_an_address_is_refused(tmp_path):
    with pytest.raises(ValueError, match="toy cannot be downloaded"):
        download.fetch(entry_of(None), tmp_path)


def test_without_pooch_the_words_say_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ValueError, match=r"pip install 'recurbench\[data\]'"):
        download.fetch(ENTRY, tmp_path)


@pytest.fixture
def many(host) -> Entry:
    """Six files that have one hash together."""
    names = [f"rec/{digit}_{who}.wav" for digit in range(3) for who in ("ann", "bob")]
    lines = []
    for name in names:
        body = name.encode() * 100
        host.bodies[f"/owner/repo/c0ffee/{name}"] = body
        lines.append(f"{hashlib.sha256(body).hexdigest()}  {Path(name).name}")
    listing = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    found = original(*(File(name, name) for name in names), listing=listing)
    return replace(entry_of(found), forms=(("rec/*.wav",),))


def test_many_files_appear_together_and_those_that_came_are_not_asked_again(host, many, tmp_path):
    host.ways["/owner/repo/c0ffee/rec/2_ann.wav"] = ["404"]
    with pytest.raises(OSError, match="404"):
        download.fetch(many, tmp_path)
    assert not (tmp_path / "toy" / "rec").exists()
    assert many.present(tmp_path) == {}
    host.asked.clear()
    (line,) = download.fetch(many, tmp_path)
    assert "6 files, sha256 over all as recorded" in line
    assert [path for path, _ in host.asked] == [
        f"/owner/repo/c0ffee/rec/{name}" for name in ("2_ann.wav", "2_bob.wav")
    ]
    assert left(tmp_path) == [f"{digit}_{who}.wav" for digit in range(3) for who in ("ann", "bob")]
    (line,) = download.fetch(many, tmp_path)
    assert "here already, 6 files" in line


def test_many_files_of_which_one_is_wrong_are_thrown_away(host, many, tmp_path):
    host.ways["/owner/repo/c0ffee/rec/1_bob.wav"] = ["corrupt"]
    with pytest.raises(ValueError, match="files differ from those at commit c0ffee"):
        download.fetch(many, tmp_path)
    assert left(tmp_path) == []


def test_many_files_replace_others_only_when_asked(host, many, tmp_path):
    (tmp_path / "toy" / "rec").mkdir(parents=True)
    (tmp_path / "toy" / "rec" / "0_ann.wav").write_bytes(b"mine")
    with pytest.raises(ValueError, match="holds other files; move it away"):
        download.fetch(many, tmp_path)
    download.fetch(many, tmp_path, replace=True)
    assert len(left(tmp_path)) == 6


def test_a_file_of_unknown_size_has_a_limit(host, many, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MOST_BYTES", 100)
    with pytest.raises(OSError, match="sends more than the 100 bytes"):
        download.fetch(many, tmp_path)
