"""How a command ends after an error: one sentence, no traceback, and an exit code."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

INTERRUPTED = 130


class Refused(click.ClickException):
    """An error of the user: wrong arguments or input. Exit code 2."""

    exit_code = 2


def with_messages(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn the errors that a user can mend, and Ctrl-C, into a sentence and an exit code."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except BrokenPipeError:
            raise  # the program that reads our output has ended; click then ends without a message
        except ValueError as error:
            raise Refused(str(error)) from error
        except OSError as error:
            raise Refused(_without_number(error)) from error
        except sqlite3.DatabaseError as error:
            raise Refused(f"the run file is damaged ({error}); name another run with --out") from error
        except KeyboardInterrupt:
            click.echo(
                "Interrupted. Finished fits are stored; run the same command again to continue.", err=True
            )
            sys.exit(INTERRUPTED)

    return wrapped


def _without_number(error: OSError) -> str:
    """The message of the system and the file, without the error number that Python puts before it."""
    if error.strerror is None or error.filename is None:
        return str(error)
    return f"{error.filename}: {error.strerror}"
