"""How a command ends that was asked for what cannot be, in one sentence with an exit code."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

INTERRUPTED = 130


class Refused(click.ClickException):
    """Wrong usage or input: one sentence, exit 2."""

    exit_code = 2


def in_words(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what the package refuses, and an interruption, into a sentence and an exit code."""

    @wraps(command)
    def wrapped(*args: Any, **words: Any) -> Any:
        try:
            return command(*args, **words)
        except BrokenPipeError:
            raise  # the reader of a pipe has had enough; click ends quietly
        except ValueError as error:
            raise Refused(str(error)) from error
        except OSError as error:
            raise Refused(_without_number(error)) from error
        except sqlite3.DatabaseError as error:
            raise Refused(f"the run file is damaged ({error}); name another run with --out") from error
        except KeyboardInterrupt:
            click.echo(
                "Interrupted. Everything finished is kept; the same command goes on from there.", err=True
            )
            sys.exit(INTERRUPTED)

    return wrapped


def _without_number(error: OSError) -> str:
    """What the system refused, and where; the number that Python puts before it helps nobody."""
    if error.strerror is None or error.filename is None:
        return str(error)
    return f"{error.filename}: {error.strerror}"
