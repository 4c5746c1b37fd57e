"""The command `recurbench compare`: what got better or worse between two runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from recurbench.cli.errors import in_words

_folder = click.Path(path_type=Path)


@click.command()
@click.argument("one", metavar="RUN_A", type=_folder)
@click.argument("other", metavar="RUN_B", type=_folder)
@click.option("--fail-on-regression", is_flag=True, help="Exit with 1 where RUN_B has a regression.")
@click.option(
    "--margin",
    type=float,
    default=0.0,
    show_default=True,
    help="Of skill, 0 or more: better and worse must be beyond it, by the same test.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True
)
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True)
@in_words
def compare(one: Path, other: Path, fail_on_regression: bool, margin: float, form: str, lang: str) -> None:
    """Say what got better, worse, failed, appeared or disappeared in RUN_B, and what changed since RUN_A."""
    from recurbench.reports.statistics.run_comparison import compare as set_beside
    from recurbench.reports.text import run_comparison
    from recurbench.reports.text.translation import Words
    from recurbench.results import read_run
    from rich.console import Console

    found, say = set_beside(read_run(one), read_run(other), margin), Words(lang)
    if form == "text":
        run_comparison.show(found, say, Console())
    else:
        click.echo(run_comparison.as_json(found) if form == "json" else run_comparison.markdown(found, say))
    sys.exit(1 if fail_on_regression and len(found.regressions) else 0)
