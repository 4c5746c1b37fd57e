"""The commands `recurbench new method|dataset`: a package of one's own to start from."""

from __future__ import annotations

from pathlib import Path

import click
from recurbench.refusal import in_words

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where to write it; by default a new folder named after the package.",
)


@click.group()
def new() -> None:
    """Write a working package with a new method or dataset to start from."""


@new.command()
@click.argument("name")
@_folder
@in_words
def method(name: str, folder: Path | None) -> None:
    """Write a package with the method NAME and a test that runs the conformance kit."""
    _write("method", name, folder)
    click.echo(f"    recurbench check {name}")
    click.echo(f"    recurbench run --methods {name},seasonal-naive --datasets airline")


@new.command()
@click.argument("name")
@_folder
@in_words
def dataset(name: str, folder: Path | None) -> None:
    """Write a package with the dataset NAME and a test that builds and checks it."""
    _write("dataset", name, folder)
    click.echo(f"    recurbench run --methods most-common,markov --datasets {name}")


def _write(sort: str, name: str, folder: Path | None) -> None:
    from recurbench.registry import discover
    from recurbench.scaffold import write

    written = write(sort, name, discover(), folder)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"Go on with\n    pip install -e {written[0].parent}\n    recurbench list {sort}s")
