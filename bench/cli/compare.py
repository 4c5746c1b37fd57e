"""The command `recurbench compare`: what got better or worse between two runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from recurbench.cli.errors import with_messages

_folder = click.Path(path_type=Path)


@click.command()
@click.argument("one", metavar="RUN_A", type=_folder)
@click.argument("other", metavar="RUN_B", type=_folder)
@click.option("--fail-on-regression", is_flag=True, help="Exit code 1 if RUN_B has a regression.")
@click.option(
    "--margin",
    type=float,
    default=0.0,
    show_default=True,
    help="Difference in skill that does not matter; better and worse must exceed it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="Format of the comparison.",
)
@click.option(
    "--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Language of the report."
)
@with_messages
def compare(one: Path, other: Path, fail_on_regression: bool, margin: float, form: str, lang: str) -> None:
    """Show what is better or worse in RUN_B than in RUN_A.

    And what failed, appeared or disappeared.
    """
    from recurbench.reports.statistics.run_comparison import compare as set_beside
    from recurbench.reports.text import run_comparison
    from recurbench.reports.text.translation import Messages
    from recurbench.results import read_run
    from rich.console import Console

    changes, say = set_beside(read_run(one), read_run(other), margin), Messages(lang)
    if form == "text":
        run_comparison.show(changes, say, Console())
    else:
        click.echo(
            run_comparison.as_json(changes) if form == "json" else run_comparison.markdown(changes, say)
        )
    sys.exit(1 if fail_on_regression and len(changes.regressions) else 0)
