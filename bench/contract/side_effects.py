"""Side effects of a call: output, files, connections, draws from global generators, threads left running.

They are found by an audit hook of the interpreter (PEP 578), by redirecting file descriptors 1 and 2 to a
file, and by comparing the process before and after. C code that calls the operating system directly can evade
the hook.
"""

from __future__ import annotations

import ctypes
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
from recurbench.isolation import process_state
from recurbench.isolation.replaced import Names

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit events that change the disk, with the place of the path they change in their arguments.
CHANGING = {
    "os.mkdir": 0,
    "os.remove": 0,
    "os.rmdir": 0,
    "os.truncate": 0,
    "os.rename": 1,
    "os.link": 1,
    "os.symlink": 1,
    "sqlite3.connect": 0,
}
REACHING = {"socket.connect", "socket.bind", "socket.sendto"}
# Processes of multiprocessing that live as long as their parent, by design.
HELPERS = ("resource_tracker", "multiprocessing.forkserver")
TIMERS = "running timers"
LOOKING_UP = {"socket.getaddrinfo", "socket.gethostbyname"}


@dataclass
class Conduct:
    """The side effects of one call; each field is empty if there was none.

    drew: the global random generators whose state changed. changed: what else of the process did.
    left: threads, child processes and timers that ran on. replaced: names in libraries with another meaning.
    """

    printed: str = ""
    wrote: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    drew: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)


class _AuditHook:
    """The audit hook. It cannot be removed again, so it does nothing unless a call is watched."""

    def __init__(self) -> None:
        self.conduct: Conduct | None = None
        self.folder = ""
        self.installed = False

    def install(self) -> None:
        if not self.installed:
            sys.addaudithook(self)
            self.installed = True

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        conduct = self.conduct
        if conduct is None:
            return
        if event == "open":
            if isinstance(given[2], int) and given[2] & WRITING:
                self._wrote(conduct, event, given[0], self.folder)
        elif event in CHANGING:
            self._wrote(conduct, event, given[CHANGING[event]], self._base(event, given[-1]))
        elif event in REACHING:
            if given[0].family != getattr(socket, "AF_UNIX", None):
                conduct.reached.append(str(given[1]))
        elif event in LOOKING_UP:
            conduct.reached.append(str(given[0]))

    def _base(self, event: str, descriptor: Any) -> str:
        """The folder that a relative path of this event starts from."""
        if event in ("os.truncate", "sqlite3.connect") or not isinstance(descriptor, int) or descriptor < 0:
            return self.folder
        try:
            return str(Path(f"/proc/self/fd/{descriptor}").readlink())
        except OSError:
            return self.folder

    def _wrote(self, conduct: Conduct, event: str, path: Any, base: str) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            place = os.path.normpath(os.path.join(base, os.fsdecode(path)))  # noqa: PTH118
            new = place not in conduct.wrote and not _in_vain(event, place)
            if new and _is_ours(place, self.folder):
                conduct.wrote.append(place)


_hook = _AuditHook()
_names: Names | None = None


def _in_vain(event: str, path: str) -> bool:
    """Whether the event changes nothing: libraries make folders that exist and remove files that do not."""
    if event == "os.mkdir":
        return os.path.lexists(path)
    return event in ("os.remove", "os.rmdir") and not os.path.lexists(path)


def _is_ours(path: str, folder: str) -> bool:
    """Whether a method may not write there: outside temporary folders, caches of code and devices."""
    place, temporary = Path(path), Path(tempfile.gettempdir())
    if "__pycache__" in place.parts or place.parts[1:2] in (("dev",), ("proc",)) or place.name == ":memory:":
        return False
    # A working folder may stand inside the temporary one, as in tests, or the other way round.
    inside = place.is_relative_to(folder) and not temporary.is_relative_to(folder)
    return inside or not place.is_relative_to(temporary)


@contextmanager
def watching() -> Iterator[Conduct]:
    """Note the side effects of what runs inside; afterwards the process is set back."""
    _hook.install()
    conduct = Conduct()
    with _output(conduct):
        generators = _generators()
        threads, children = set(threading.enumerate()), _children()
        outer = _hook.folder, _hook.conduct
        _hook.folder, _hook.conduct = str(Path.cwd()), conduct
        try:
            with comparing(conduct):
                yield conduct
        finally:
            _hook.folder, _hook.conduct = outer
            now = _generators()
            conduct.drew += [name for name, state in generators.items() if now[name] != state]
            conduct.left += _left(threads, children)


@contextmanager
def generators_at(seed: int) -> Iterator[None]:
    """Seed the global random generators; afterwards they have their earlier states again."""
    torch = sys.modules.get("torch")
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  (the global state is meant)
    state = None if torch is None else torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if torch is not None:
        torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch is not None:
            torch.set_rng_state(state)


def names() -> Names:
    """The names of all modules, as they were when this was first called after their import."""
    global _names
    if _names is None:
        _names = Names()
    _names.extend()
    return _names


def _generators() -> dict[str, Any]:
    """The states of the global generators, by name."""
    numpy: Any = np.random.get_state()  # noqa: NPY002
    states: dict[str, Any] = {"random": random.getstate(), "numpy.random": (numpy[1].tobytes(), *numpy[2:])}
    torch = sys.modules.get("torch")
    if torch is not None:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states


@contextmanager
def comparing(conduct: Conduct) -> Iterator[None]:
    """Note which settings of the process were changed, and set them back."""
    before = process_state.settings()
    try:
        yield
    finally:
        changed = process_state.bring_back(before)
        timers = [words for words in changed if words.startswith(TIMERS)]
        conduct.changed += [words for words in changed if words not in timers]
        conduct.left += [f"timer {words.removeprefix(TIMERS).strip(' ()')}" for words in timers]


@contextmanager
def _output(conduct: Conduct) -> Iterator[None]:
    """Note what Python or C code prints inside, without printing it."""
    sink = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the stack, last of all)
    with ExitStack() as stack:
        stack.enter_context(sink)
        _flush()
        for number in (1, 2):
            with suppress(OSError):  # a process may have none
                stack.callback(_put_back, os.dup(number), number)
                os.dup2(sink.fileno(), number)
        text = TextIOWrapper(
            os.fdopen(os.dup(sink.fileno()), "wb", 0), "utf-8", "replace", write_through=True
        )
        stack.enter_context(redirect_stdout(text))
        stack.enter_context(redirect_stderr(text))
        try:
            yield
        finally:
            with suppress(ValueError):  # a call may have closed what it took for standard output
                text.close()
            _flush()
            size = os.fstat(sink.fileno()).st_size
            conduct.printed += os.pread(sink.fileno(), min(size, 2000), 0).decode("utf-8", "replace")


def _put_back(kept: int, number: int) -> None:
    os.dup2(kept, number)
    os.close(kept)


def _flush() -> None:
    """Flush the buffers of Python and of C, so that earlier output is not counted."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(AttributeError, ValueError, OSError):
            stream.flush()  # type: ignore[union-attr]
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)


def _left(threads: Collection[threading.Thread], children: Collection[int]) -> list[str]:
    """Threads and processes that run beside these, after a moment for those that are about to end."""
    late = time.monotonic() + 0.1
    while True:
        found = [f"thread {t.name}" for t in threading.enumerate() if t not in threads]
        found += [f"process {words}" for p, words in _children().items() if p not in children]
        if not found or time.monotonic() > late:
            return found
        time.sleep(0.002)


def _children() -> dict[int, str]:
    """Living child processes with their commands, on Linux; {} elsewhere."""
    found = {}
    with suppress(OSError):
        for task in Path("/proc/self/task").iterdir():
            for word in (task / "children").read_text().split():
                command = _command(int(word))
                if command and not any(helper in command for helper in HELPERS):
                    found[int(word)] = command
    return found


def _command(pid: int) -> str:
    """The command of a living process, "" for one that has ended and was not yet waited for."""
    with suppress(OSError):
        for _ in range(100):  # empty for a moment while a program starts
            name, state = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
            if state.split()[0] in "ZX":
                return ""
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if words.strip():
                return words.strip()
            time.sleep(0.001)
        return name
    return ""
