"""What a refusal that names a remedy is held against: the bad input, the sentence, the remedy carried out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from recurbench.cli.main import main

Ask = Sequence[str] | Callable[[], object]
Text = str | bytes
Said = re.Match[str]


@dataclass(frozen=True)
class Remedy:
    """One refusal and its remedy.

    bad: makes the input in the working directory and returns what is refused, the arguments of a command or a
    call. says: the sentence up to the end of the remedy, with a group for what the remedy takes from it.
    mend: carries the remedy out and returns what must go well then.
    """

    name: str
    says: str
    bad: Callable[[], Ask]
    mend: Callable[[Said], Ask]


def refused(ask: Ask) -> str:
    """The sentence that refuses; AssertionError where nothing is refused, or not in a sentence."""
    if callable(ask):
        try:
            ask()
        except Exception as error:
            return str(error)
        raise AssertionError("nothing was refused")
    result = CliRunner().invoke(main, list(ask))
    assert result.exit_code in (1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    said = result.output
    if "Error: " in said:
        assert result.exit_code == 2, said
        said = said.rpartition("Error: ")[2]
    return said.strip()


def goes_well(ask: Ask) -> None:
    """Do what was asked; AssertionError where it is refused."""
    if callable(ask):
        ask()
        return
    result = CliRunner().invoke(main, list(ask))
    assert result.exit_code == 0, f"{' '.join(ask)}: {result.output}"


def put(path: str, text: Text) -> str:
    """Write a file below the working directory; its path."""
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def plan(*arguments: str) -> list[str]:
    """The arguments that plan the cheapest methods of every kind."""
    return ["plan", *arguments, "--jobs", "0"]


def data(text: Text, *options: str, methods: str = "last-value") -> list[str]:
    """Ask for a forecast of a file of one's own."""
    return plan("--data", put("my.csv", text), "--methods", methods, "--horizon", "2", *options)


def csv(
    name: str,
    says: str,
    bad: Text,
    good: Text | Callable[[Said], Text],
    options: Sequence[str] = (),
    better: Sequence[str] | None = None,
) -> Remedy:
    """A file of one's own series that is refused, and how the sentence says to write it."""

    def mend(said: Said) -> Ask:
        text = good(said) if callable(good) else good
        return data(text, *(options if better is None else better))

    return Remedy(name, says, lambda: data(bad, *options), mend)


def option(
    name: str, says: str, text: Text, bad: Sequence[str], good: Callable[[Said], Sequence[str]]
) -> Remedy:
    """A file of one's own series that is right, and options that are refused."""
    return Remedy(name, says, lambda: data(text, *bad), lambda said: data(text, *good(said)))


Files = Mapping[str, Text]


def archive(
    name: str,
    says: str,
    address: str,
    bad: Files,
    good: Files | Callable[[Said], Files],
    better: str | Callable[[Said], str] = "",
) -> Remedy:
    """Files of an archive in the data folder that are refused, and how the sentence says to write them.

    better: the address that the sentence says to ask for instead.
    """

    def ask(files: Files, of: str) -> list[str]:
        for path, text in files.items():
            put(f"data/{path}", text)
        return plan("--datasets", of, "--methods", "last-valu?,most-commo?,mea?")

    def mend(said: Said) -> Ask:
        other = better(said) if callable(better) else better
        return ask(good(said) if callable(good) else good, other or address)

    return Remedy(name, says, lambda: ask(bad, address), mend)


def command(
    name: str, says: str, bad: Sequence[str], good: Callable[[Said], Sequence[str]], *files: tuple[str, Text]
) -> Remedy:
    """Arguments that are refused, and what the sentence says to write instead."""

    def first() -> Ask:
        for path, text in files:
            put(path, text)
        return bad

    return Remedy(name, says, first, good)


def call(name: str, says: str, bad: Callable[[], object], good: Callable[[Said], object]) -> Remedy:
    """A call in Python that is refused, and the one that the sentence says to make."""
    return Remedy(name, says, lambda: bad, lambda said: lambda: good(said))
