"""The checks of a third-party method run in a separate process, so that its changes affect no other method.

The process is `python -m recurbench.check_process FD`. It receives a plugin over the connection FD. For each
check it sends the name before and the outcome after it. At the end it sends None.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection

from recurbench.check import Outcome, Result, checks_for, method_checks
from recurbench.registry import Plugin


def checked(plugin: Plugin) -> Iterator[Result]:
    """`checks_for`, in a new process for a third-party method; a check that ends the process has failed."""
    if not plugin.foreign:
        yield from checks_for(plugin)
        return
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", "recurbench.check_process", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()
    name = f"{plugin.name}//start"
    try:
        with Connection(ours.detach()) as connection:
            connection.send(plugin)
            while (message := connection.recv()) is not None:
                if isinstance(message, Outcome):
                    yield _result(plugin, name, message)
                else:
                    name = message
    except (EOFError, OSError):
        code = process.wait()
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        words = f"the process of the checks ended with {how}; the checks after this one were not tried"
        yield _result(plugin, name, Outcome("failed", words))
    finally:
        process.kill()
        process.wait()


def _result(plugin: Plugin, name: str, outcome: Outcome) -> Result:
    _, kind, check = name.rsplit("/", 2)
    return Result(plugin.name, kind, check, outcome.status, outcome.words)


def main(descriptor: int) -> None:
    """Receive a plugin, run its checks and send their outcomes."""
    with Connection(descriptor) as connection:
        for name, run in method_checks(connection.recv()):
            connection.send(name)
            connection.send(run())
        connection.send(None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
