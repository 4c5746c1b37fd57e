"""Files that are not the known ones are refused before a run, in words whose remedies work."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from http_host import Host, serving
from recurbench import catalogue
from recurbench.cli.main import main
from recurbench.fetching.known_files import accepted_versions, noted
from recurbench.registry import Choice, discover
from recurbench.running.problem_cache import ProblemCache
from recurbench.running.runner import jobs
from shared_files import SHARED, linked

COMMIT = "0" * 40
TRAIN = "".join(f"W{i},{','.join(str(10 * i + k * k % 7) for k in range(30))}\n" for i in range(6))
FILES = {
    "Weekly-train.csv": f"V1\n{TRAIN}".encode(),
    "Weekly-test.csv": b"V1\n" + b"".join(b"W%d,1,2,3\n" % i for i in range(6)),
}
NAME = "m4[group=Weekly]"


def original(files: dict[str, bytes], **dials: str) -> dict[str, object]:
    """A section of the catalogue in which these bytes are known."""
    known = [
        {"name": name, "path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    return {"dials": dials, "repository": "o/r", "commit": COMMIT, "files": known}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a small M4 of known hashes, and one that nobody hashed (Hourly)."""
    originals = [original(FILES, group="Weekly"), original({"Yearly-train.csv": b"old"}, group="Yearly")]
    table = {**catalogue._table(), "m4": {**catalogue._table()["m4"], "originals": originals}}
    monkeypatch.setattr(catalogue, "_table", lambda: table)
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path / "data"))
    (tmp_path / "data" / "m4").mkdir(parents=True)
    for name, data in FILES.items():
        (tmp_path / "data" / "m4" / name).write_bytes(data)
        (tmp_path / "data" / "m4" / name.replace("Weekly", "Hourly")).write_bytes(data.replace(b"W", b"H"))
    return tmp_path / "data" / "m4"


@pytest.fixture
def host(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A server that has the known files."""
    with serving() as running:
        for name, data in FILES.items():
            running.bodies[f"/o/r/{COMMIT}/{name}"] = data
        monkeypatch.setattr(catalogue, "HOST", running.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield running


def choice(address: str) -> Choice:
    return discover().select_datasets([address])[0]


def typed(words: str) -> Result:
    """A command as a sentence of ours names it."""
    return CliRunner().invoke(main, shlex.split(words))


def run(out: Path, verb: str = "run") -> Result:
    named = f"--datasets '{NAME}' --methods seasonal-naive --jobs 0 --out {out}"
    return typed(f"{verb} {named}")


def test_known_files_are_noted_as_known_and_others_without_a_hash_as_unverified(folder: Path) -> None:
    assert noted(choice(NAME))["state"] == "known"
    assert noted(choice("m4[group=Hourly]"))["state"] == "unverified"
    assert noted(choice("airline")) == {}
    assert accepted_versions([choice(NAME), choice("airline")]) == []


WRONG: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another file": (lambda _: b"old", "this is the content of Yearly-train.csv of m4[group=Yearly]"),
    "the other part": (lambda _: FILES["Weekly-test.csv"], "content of Weekly-test.csv of m4[group=Weekly]"),
    "one digit": (lambda data: data.replace(b"20", b"21", 1), "from the known version"),
    "cut short": (lambda data: data[:-20], "it may be incomplete"),
    "empty": (lambda _: b"", "it is empty"),
    "line ends of Windows": (lambda data: data.replace(b"\n", b"\r\n"), "only its line ends"),
    "line ends of old": (lambda data: data.replace(b"\n", b"\r"), "only its line ends"),
    "byte order mark": (lambda data: b"\xef\xbb\xbf" + data, "or a byte order mark differ"),
    "both": (lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), "only its line ends"),
    "one blank more": (lambda data: data + b"\n", "from the known version"),
}


@pytest.mark.parametrize("verb", ["run", "plan"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_file_with_another_hash_is_refused_before_anything_runs(
    kind: str, verb: str, folder: Path, tmp_path: Path
) -> None:
    change, reason = WRONG[kind]
    path = folder / "Weekly-train.csv"
    known, wrong = hashlib.sha256(path.read_bytes()).hexdigest(), change(path.read_bytes())
    path.write_bytes(wrong)
    refused = run(tmp_path / "out", verb)
    assert refused.exit_code == 2, refused.output
    words = refused.output
    assert f"{path} has sha256 {hashlib.sha256(wrong).hexdigest()}, wanted {known}" in words
    assert reason in words
    assert not (tmp_path / "out").exists()


def test_a_link_to_another_file_is_refused_and_one_to_the_known_file_is_not(folder: Path) -> None:
    path, elsewhere = folder / "Weekly-train.csv", folder.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert noted(choice(NAME))["state"] == "known"
    path.unlink()
    path.symlink_to(folder / "Weekly-test.csv")
    with pytest.raises(ValueError, match="this is the content of"):
        noted(choice(NAME))


def test_all_files_that_differ_are_named(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(b"other")
    with pytest.raises(ValueError, match=r"2 files of .* differ from the known version") as caught:
        noted(choice(NAME))
    assert all(str(folder / name) in str(caught.value) for name in FILES)


def test_a_known_file_after_a_wrong_one_is_taken_in_the_same_process(folder: Path) -> None:
    path = folder / "Weekly-train.csv"
    right = path.read_bytes()
    path.write_bytes(right[::-1] + b"x")
    with pytest.raises(ValueError, match=r"differs? from the known version"):
        noted(choice(NAME))
    path.write_bytes(right)
    assert noted(choice(NAME))["state"] == "known"


def commands(words: str) -> list[str]:
    """The commands that a refusal names."""
    flat = " ".join(words.split())
    return re.findall(r"recurbench (data .*?(?:--replace|--accept))", flat)


def test_fetching_anew_mends_a_wrong_file(host: Host, folder: Path, tmp_path: Path) -> None:
    (folder / "Weekly-train.csv").write_bytes(b"other")
    fetch, _ = commands(run(tmp_path / "out").output)
    assert typed(f"{fetch} --yes").exit_code == 0
    assert run(tmp_path / "out").exit_code == 0


def test_a_version_that_the_user_accepts_runs_and_leaves_its_trace(folder: Path, tmp_path: Path) -> None:
    path = folder / "Weekly-train.csv"
    path.write_bytes(path.read_bytes().replace(b"20", b"21", 1))
    _, accept = commands(run(tmp_path / "out").output)
    accepted = typed(accept)
    assert accepted.exit_code == 0, accepted.output
    assert "accepted   m4/Weekly-train.csv" in accepted.output
    assert typed("data verify").exit_code == 0
    done = run(tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert f"{NAME}: its files are another version than the known one; you accepted them on 2" in done.output
    page = (tmp_path / "out" / "report" / "index.html").read_text(encoding="utf-8")
    assert "the user accepted them on 2" in page
    # What was said of these bytes is not said of others.
    path.write_bytes(path.read_bytes().replace(b"30", b"31", 1))
    assert run(tmp_path / "out").exit_code == 2
    assert typed(f"data verify '{NAME}'").exit_code == 1


def test_accepting_every_change_at_once_accepts_no_other_version(folder: Path, tmp_path: Path) -> None:
    (folder / "Weekly-train.csv").write_bytes(b"other")
    assert typed("data verify --accept").exit_code == 1
    assert run(tmp_path / "out").exit_code == 2


def test_a_hash_recorded_at_first_use_does_not_stand_for_an_accepted_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = catalogue._table()
    bare = {**table, "m4": {**table["m4"], "originals": []}}
    (folder / "Weekly-train.csv").write_bytes(b"other")
    with monkeypatch.context() as before:
        before.setattr(catalogue, "_table", lambda: bare)
        assert typed("data verify").exit_code == 0
    with pytest.raises(ValueError, match=r"differs? from the known version"):
        noted(choice(NAME))


def test_known_bytes_under_a_name_without_a_known_hash_are_refused_until_they_are_meant(folder: Path) -> None:
    for name, data in FILES.items():
        (folder / name.replace("Weekly", "Hourly")).write_bytes(data)
    address = "m4[group=Hourly]"
    assert typed(f"data verify '{address}'").exit_code == 0  # a first look is no consent
    with pytest.raises(ValueError, match=r"Hourly-train.csv has the content of Weekly-train.csv of m4"):
        noted(choice(address))
    assert typed(f"data verify '{address}' --accept").exit_code == 0
    assert noted(choice(address))["state"] == "accepted"
    (folder / "Hourly-train.csv").write_bytes(FILES["Weekly-test.csv"])
    with pytest.raises(ValueError, match=r"1 file of m4\[group=Hourly\] differs .* --from ARCHIVE --replace"):
        noted(choice(address))


def test_the_page_says_where_no_hash_is_known(folder: Path) -> None:
    registry = discover()
    (job,) = jobs(registry.select_methods(["drift"]), [choice("m4[group=Hourly]")], 1)
    _, facts = ProblemCache().problem(job)
    assert facts is not None
    assert facts[1]["files"]["state"] == "unverified"


def test_a_worker_refuses_other_files_too(folder: Path) -> None:
    registry = discover()
    (job,) = jobs(registry.select_methods(["drift"]), [choice(NAME)], 1)
    (folder / "Weekly-train.csv").write_bytes(b"other")
    reason, facts = ProblemCache().problem(job)
    assert "from the known version" in str(reason)
    assert facts is None


def test_many_files_under_one_hash_say_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "spoken-digits" / "recordings").mkdir(parents=True)
    (tmp_path / "spoken-digits" / "recordings" / "0_george_0.wav").write_bytes(b"RIFF")
    with pytest.raises(
        ValueError, match=r"recordings, all files together, has sha256 .*\(1 files, wanted 3000\)"
    ):
        noted(choice("spoken-digits"))


def test_one_file_of_the_archive_under_the_name_of_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = linked(tmp_path / "real")
    if not (real / "monash" / "m3_yearly_dataset.tsf").is_file():
        pytest.skip(f"the Monash files are not in {SHARED.name}")
    (tmp_path / "data" / "monash").mkdir(parents=True)
    wrong = tmp_path / "data" / "monash" / "m1_monthly_dataset.tsf"
    wrong.write_bytes((real / "monash" / "m3_yearly_dataset.tsf").read_bytes())
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path / "data"))
    with pytest.raises(ValueError, match=r"content of m3_yearly_dataset.tsf of monash\[name=m3_yearly\]"):
        noted(choice("monash[name=m1_monthly]"))
