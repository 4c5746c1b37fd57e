"""The data commands as a user types them, against a real server."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pooch
import pytest
from click.testing import CliRunner, Result
from http_host import Host, serving
from recurbench import catalogue
from recurbench.cli.data import data
from shared_files import linked

PAIRS = "Go.\t가.\tCC-BY\nHi.\t안녕.\tCC-BY\n".encode()
COMMIT = "0" * 40


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A server that has a small `tatoeba` and `us-bankruptcy`'s section as it is."""
    section = {
        **catalogue._table()["tatoeba"],
        "originals": [
            {
                "repository": "o/r",
                "commit": COMMIT,
                "note": "a small one",
                "files": [
                    {
                        "name": "kor.txt",
                        "path": "kor.txt",
                        "bytes": len(PAIRS),
                        "sha256": hashlib.sha256(PAIRS).hexdigest(),
                    }
                ],
            }
        ],
    }
    table = {**catalogue._table(), "tatoeba": section}
    with serving() as running:
        running.bodies[f"/o/r/{COMMIT}/kor.txt"] = PAIRS
        monkeypatch.setattr(catalogue, "_table", lambda: table)
        monkeypatch.setattr(catalogue, "HOST", running.url)
        monkeypatch.setattr(pooch.core.time, "sleep", lambda _: None)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path / "data"))

    def typed(*words: str | Path, text: str | None = None) -> Result:
        return CliRunner().invoke(data, list(map(str, words)), input=text)

    return typed


def test_the_licence_is_shown_and_asked_for_before_the_first_fetch_only(host, run, tmp_path):
    refused = run("fetch", "tatoeba", text="n\n")
    assert refused.exit_code == 2
    assert "licence: CC BY 2.0 France" in refused.output
    assert f"from:    o/r at {COMMIT} (a small one)" in refused.output
    assert "nothing was fetched" in refused.output
    assert host.asked == []
    done = run("fetch", "tatoeba", text="y\n")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "data" / "tatoeba" / "kor.txt").read_bytes() == PAIRS
    again = run("fetch", "tatoeba")
    assert again.exit_code == 0
    assert "licence:" not in again.output
    assert "is here already" in again.output


def test_yes_does_not_ask_and_no_terminal_does_not_agree(host, run):
    assert run("fetch", "tatoeba").exit_code == 2
    assert host.asked == []
    done = run("fetch", "tatoeba", "--yes")
    assert done.exit_code == 0
    assert "licence: CC BY 2.0 France" in done.output


def test_the_folder_can_be_named(host, run, tmp_path):
    assert run("fetch", "tatoeba", "--yes", "--data-dir", tmp_path / "here").exit_code == 0
    assert (tmp_path / "here" / "tatoeba" / "kor.txt").exists()
    assert not (tmp_path / "data").exists()


def test_a_refusal_is_one_sentence_and_exit_two(host, run):
    host.ways[f"/o/r/{COMMIT}/kor.txt"] = ["404"]
    for words in (("tatoeba", "--yes"), ("airline",), ("nothing",), ("ucr[name=../x]",), ("ucr[nam=x]",)):
        refused = run("fetch", *words)
        assert refused.exit_code == 2, words
        assert refused.output.splitlines()[-1].startswith("Error: ")
        assert "Traceback" not in refused.output


def test_what_has_no_address_says_how_to_bring_it(run):
    refused = run("fetch", "us-bankruptcy", "--yes")
    assert refused.exit_code == 2
    assert "us-bankruptcy cannot be downloaded: put 5_train.csv.gz" in refused.output
    assert "--from ARCHIVE" in refused.output


def test_files_are_taken_out_of_an_archive_of_ones_own(run, tmp_path):
    archive = tmp_path / "FordA.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in ("FordA_TRAIN.ts", "FordA_TEST.ts", "FordA.txt"):
            opened.writestr(name, name)
    done = run("fetch", "ucr[name=FordA]", "--from", archive, text="y\n")
    assert done.exit_code == 0, done.output
    assert "licence: none stated: research use is your decision" in done.output
    folder = tmp_path / "data" / "ucr" / "FordA"
    assert sorted(path.name for path in folder.iterdir()) == ["FordA_TEST.ts", "FordA_TRAIN.ts"]
    assert "here already" in run("fetch", "ucr[name=FordA]", "--from", archive).output
    assert run("fetch", "ucr[name=FordA]", "--from", archive, "--replace").exit_code == 0
    wrong = run("fetch", "ucr[name=FordB]", "--from", archive, "--yes")
    assert wrong.exit_code == 2
    assert "does not hold what ucr[name=FordB] needs" in wrong.output
    assert run("fetch", "ucr[name=FordA]", "--from", tmp_path / "none.zip").exit_code == 2


def test_a_single_file_of_ones_own_is_copied(run, tmp_path):
    (tmp_path / "nn5_dataset.tsf").write_text("x")
    done = run("fetch", "monash[name=nn5]", "--from", tmp_path / "nn5_dataset.tsf", "--yes")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "data" / "monash" / "nn5_dataset.tsf").read_text() == "x"


def test_verify_records_reports_a_change_and_a_loss(host, run, tmp_path):
    folder = tmp_path / "data"
    assert run("verify").output == f"no known data set in {folder}\n"
    run("fetch", "tatoeba", "--yes")
    mine = folder / "monash" / "nn5_dataset.tsf"
    mine.parent.mkdir()
    mine.write_text("1")
    first = run("verify")
    assert first.exit_code == 0
    assert "recorded   monash/nn5_dataset.tsf" in first.output
    assert "ok         tatoeba/kor.txt" in first.output
    assert "unchanged  monash/nn5_dataset.tsf" in run("verify", "monash[name=nn5]").output
    mine.write_text("2")
    changed = run("verify")
    assert changed.exit_code == 1
    assert "changed    monash/nn5_dataset.tsf" in changed.output
    assert run("verify", "--accept").exit_code == 0
    (folder / "tatoeba" / "kor.txt").write_text("other")
    differs = run("verify", "tatoeba")
    assert differs.exit_code == 1
    assert "differs    tatoeba/kor.txt" in differs.output
    mine.unlink()
    lost = run("verify")
    assert lost.exit_code == 1
    assert "missing    monash/nn5_dataset.tsf" in lost.output
    assert run("verify", "us-bankruptcy").exit_code == 1


def test_list_shows_every_archive_with_its_licence_and_what_is_there(host, run):
    run("fetch", "tatoeba", "--yes")
    lines = run("list").output.splitlines()
    rows = {line.split()[0]: line for line in lines[1:]}
    assert {"ett[name=ETTh1]", "ucr[name=Coffee]", "ucr[name=NAME]", "us-bankruptcy", "spoken-digits"} <= set(
        rows
    )
    assert "here" in rows["tatoeba"]
    assert "fetch" in rows["tatoeba"]
    assert "bring your own" in rows["us-bankruptcy"]
    assert "2.6 MB  CC BY-ND 4.0" in rows["ett[name=ETTh1]"]
    assert "none stated: research use is your decision" in rows["m4[group=Hourly]"]


def test_an_interruption_says_that_the_same_command_goes_on(host, run, monkeypatch):
    def interrupted(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("recurbench.fetching.download.fetch", interrupted)
    stopped = run("fetch", "tatoeba", "--yes")
    assert stopped.exit_code == 130
    assert "run the same command again" in stopped.output


def test_nothing_heavy_is_imported_for_the_help():
    code = (
        "import sys; from recurbench.cli.data import data\n"
        "print({'pooch', 'requests', 'numpy', 'aeon'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Their hashes are known, but their files are not beside the repository.
NOT_SHARED = {
    "ett[name=ETTh2]",
    "m4[group=Weekly]",
    "monash[name=cif_2016]",
    "monash[name=electricity_weekly]",
    "monash[name=tourism_quarterly]",
    "monash[name=tourism_yearly]",
}


def test_every_archive_beside_the_repository_is_fetched_whole(run, tmp_path, monkeypatch):
    """The shared files stand in for the archives: every address is asked for and every hash is met."""
    real = linked(tmp_path / "real")
    known = [one for one in catalogue.entries() if one.original and not one.original.listing]
    seen = [
        one for one in known if all((one.folder(real) / file.name).is_file() for file in one.original.files)
    ]
    assert {one.address for one in known} - {one.address for one in seen} == NOT_SHARED
    with serving() as running:
        for one in seen:
            for file in one.original.files:
                path = unquote(urlsplit(one.original.address(file)).path)
                running.bodies[path] = (one.folder(real) / file.name).read_bytes()
        monkeypatch.setattr(catalogue, "HOST", running.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        done = run("fetch", *(one.address for one in seen), "--yes")
    assert done.exit_code == 0, done.output
    checked = run("verify")
    assert checked.exit_code == 0, checked.output
    assert {line.split()[0] for line in checked.output.splitlines()} == {"ok"}
    assert len(checked.output.splitlines()) == sum(len(one.original.files) for one in seen)
