"""The commands `recurbench new method|dataset`: a plugin package to start from."""

from __future__ import annotations

from pathlib import Path

import click
from recurbench.refusal import in_words

_folder = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Where to make it; here by default."
)


@click.group()
def new() -> None:
    """Write a working plugin package to start from."""


@new.command()
@click.argument("name")
@_folder
@in_words
def method(name: str, folder: Path) -> None:
    """Write a package with the method NAME, its pyproject.toml and a test of the contract."""
    _write("method", name, folder)


@new.command()
@click.argument("name")
@_folder
@in_words
def dataset(name: str, folder: Path) -> None:
    """Write a package with the dataset NAME, its pyproject.toml and a test."""
    _write("dataset", name, folder)


def _write(sort: str, name: str, folder: Path) -> None:
    from recurbench.registry import discover
    from recurbench.scaffold import write

    for path in write(sort, name, folder, discover()):
        click.echo(str(path))
    click.echo(f"Next: pip install -e {folder / name}; recurbench list {sort}s")
    words = f"recurbench check {name}" if sort == "method" else f"recurbench run --datasets {name}"
    click.echo(f"      {words}")
