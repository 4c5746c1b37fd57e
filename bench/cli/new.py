"""The commands `recurbench new method|dataset`: write a new package to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from recurbench.cli.errors import with_messages

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Folder to write; by default a new folder named after the package.",
)
Command = Callable[[str, Path | None], None]


def _asking(command: Command) -> Command:
    """A command that takes a name and a folder."""
    return click.argument("name")(_folder(with_messages(command)))


@click.group()
def new() -> None:
    """Write a package with a method or data set to start from."""


@new.command()
@_asking
def method(name: str, folder: Path | None) -> None:
    """Write a package with the method NAME, and a test that runs `recurbench check` on it."""
    _write("method", name, folder, f"check {name}", f"run --methods {name},seasonal-naive --datasets airline")


@new.command()
@_asking
def dataset(name: str, folder: Path | None) -> None:
    """Write a package with the data set NAME, and a test that builds and checks it."""
    _write("dataset", name, folder, f"run --methods most-common,markov --datasets {name}")


def _write(sort: str, name: str, folder: Path | None, *then: str) -> None:
    """Write the package, and print its files and the next commands."""
    from recurbench.cli.scaffold import write
    from recurbench.registry import discover

    written = write(sort, name, discover(), folder)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"Next:\n    pip install -e {written[0].parent}")
    for arguments in (f"list {sort}s", *then):
        click.echo(f"    recurbench {arguments}")
