"""What a call does beside its answer is seen, and what is harmless is not blamed."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from recurbench.contract.side_effects import generators_at, watching


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_text("old")
    return tmp_path


WRITES = {
    "open": lambda: Path("new.txt").write_text("new"),
    "append": lambda: Path("old.txt").open("a").close(),
    "os.open": lambda: os.close(os.open("new.txt", os.O_CREAT | os.O_WRONLY)),
    "bytes": lambda: open(b"new.txt", "w").close(),  # noqa: PTH123
    "mkdir": lambda: Path("new").mkdir(),
    "remove": lambda: Path("old.txt").unlink(),
    "rename": lambda: Path("old.txt").rename("new.txt"),
    "symlink": lambda: Path("new.txt").symlink_to("old.txt"),
    "truncate": lambda: os.truncate("old.txt", 0),
    "sqlite": lambda: sqlite3.connect("new.sqlite").close(),
    "numpy": lambda: np.save("new.npy", np.zeros(1)),
    "upward": lambda: Path("..", Path.cwd().name, "new.txt").write_text("new"),
}
FORKSERVER = multiprocessing.get_context("forkserver")
HARMLESS = {
    "reading": lambda: Path("old.txt").read_text(),
    "temporary": lambda: tempfile.TemporaryDirectory().cleanup(),
    "nowhere": lambda: Path(os.devnull).write_text("gone"),
    "in memory": lambda: sqlite3.connect(":memory:").close(),
    "code": lambda: Path("__pycache__").mkdir(),
    "a pair of sockets": lambda: [one.close() for one in socket.socketpair()],
    "a process that ended": lambda: subprocess.run([sys.executable, "-S", "-c", ""], check=True),
    "a thread that ended": lambda: (one := threading.Thread(target=int), one.start(), one.join()),
    "a thread that ends soon": lambda: threading.Timer(0.01, int).start(),
    "a helper of multiprocessing": lambda: (one := FORKSERVER.Process(target=int), one.start(), one.join()),
    "a folder that is there": lambda: Path.cwd().mkdir(exist_ok=True),
    "a file that is not there": lambda: Path("none.txt").unlink(missing_ok=True),
    "own generators": lambda: (np.random.default_rng(0).normal(), random.Random(0).random()),
}


@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
def test_a_file_that_is_written_or_removed_is_named(act, folder):
    with watching() as seen:
        act()
    assert len(seen.wrote) == 1
    assert Path(seen.wrote[0]).parent == folder


@pytest.mark.parametrize("act", HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_is_not_blamed(act):
    with watching() as seen:
        act()
    assert (seen.printed, seen.wrote, seen.reached, seen.drew, seen.changed, seen.left) == ("", *[[]] * 5)


def test_connections_and_names_looked_up_are_named():
    with watching() as seen, socket.socket() as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        one.connect_ex(("127.0.0.1", 9))
        other.sendto(b"", ("127.0.0.1", 9))
        socket.getaddrinfo("localhost", 9)
    assert seen.reached == ["('127.0.0.1', 9)", "('127.0.0.1', 9)", "localhost"]


def test_nothing_is_noted_outside(folder):
    with watching() as seen:
        pass
    (folder / "new.txt").write_text("new")
    assert seen.wrote == []


def test_one_watch_inside_another_sees_what_is_its_own():
    with watching() as outer:
        with watching() as inner:
            Path("new.txt").write_text("new")
            print("inner")
        Path("other.txt").write_text("new")
        print("outer")
    assert (inner.printed, outer.printed) == ("inner\n", "outer\n")
    assert [Path(path).name for path in inner.wrote + outer.wrote] == ["new.txt", "other.txt"]


def test_all_that_is_printed_is_heard_and_none_of_it_printed(capfd):
    print("before")
    with watching() as seen:
        print("Python")
        sys.stderr.write("errors\n")
        ctypes.CDLL(None).puts(b"C")
        subprocess.run(["echo", "a child"], check=True)
    print("after")
    assert set(seen.printed.splitlines()) == {"Python", "errors", "C", "a child"}
    assert capfd.readouterr() == ("before\nafter\n", "")


def test_a_call_that_closes_standard_output_closes_it_for_itself_alone(capfd):
    with watching():
        sys.stdout.close()
        os.close(1)
    print("after")
    assert capfd.readouterr().out == "after\n"


def test_an_error_inside_passes_and_everything_is_put_back(folder):
    def act():
        os.environ["MINE"] = "1"
        os.chdir("/")
        raise KeyError("mine")

    with pytest.raises(KeyError), watching() as seen:
        act()
    assert seen.changed == ["the working folder to /", "environment variables (MINE)"]
    assert "MINE" not in os.environ
    assert Path.cwd() == folder


def test_global_generators_start_where_they_are_told_and_come_back():
    import torch

    def draws():
        return random.random(), np.random.random(), float(torch.rand(1))  # noqa: NPY002

    states = random.getstate(), np.random.get_state()[1].tobytes(), torch.get_rng_state()  # noqa: NPY002
    found = []
    for start in (1, 1, 2):
        with generators_at(start), watching() as seen:
            found.append(draws())
        assert seen.drew == ["random", "numpy.random", "torch"]
    assert found[0] == found[1]
    assert not set(found[0]) & set(found[2])
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tobytes() == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])
