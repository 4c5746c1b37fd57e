"""The arguments that say what to run, shared by the commands that take them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from recurbench.api import Request

C = TypeVar("C", bound=Callable[..., Any])
DIALS = ("horizon", "period", "origins", "ahead", "excerpts", "frequency")


def split_names(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """`a,b[c=1,d=2]` and repeated options alike become single names; commas inside brackets stay."""
    names: list[str] = []
    for value in values:
        depth, start = 0, 0
        for i, sign in enumerate(f"{value},"):
            depth += (sign == "[") - (sign == "]")
            if sign == "," and depth == 0:
                names.append(value[start:i].strip())
                start = i + 1
        # An open bracket runs to the end; what reads the name says what is wrong with it.
        names.append(value[start:].strip())
    found = tuple(name for name in names if name)
    if values and not found:
        raise click.BadParameter(f"{', '.join(map(repr, values))} names nothing")
    return found


def suites(_context: click.Context, _argument: click.Parameter, begun: str) -> list[str]:
    """Names of suites for the shell."""
    from recurbench.suites import SUITES

    return [name for name in SUITES if name.startswith(begun)]


def complete(sort: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Names of plugins for the shell: of the last in a list of names, behind a comma."""

    def names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
        from recurbench.registry import discover

        before, comma, last = begun.rpartition(",")
        registry = discover()
        table = registry.methods if sort == "methods" else registry.datasets
        return [f"{before}{comma}{name}" for name in table if name.startswith(last)]

    return names


def use_folder(_context: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    """Make a data folder the one of this process and of the workers it starts."""
    if folder is not None:
        os.environ["RECURBENCH_DATA"] = str(folder.resolve())


PARAMETERS = (
    click.argument("suite", default="quick", shell_complete=suites),
    click.option(
        "--methods",
        multiple=True,
        callback=split_names,
        shell_complete=complete("methods"),
        help="Names, globs, 'name[setting=value]'.",
    ),
    click.option(
        "--datasets",
        multiple=True,
        callback=split_names,
        shell_complete=complete("datasets"),
        help="Names, globs, 'name[dial=value]'.",
    ),
    click.option("--seeds", type=click.IntRange(1), help="Seeds of a random method; the suite's by default."),
    click.option(
        "--first-seed",
        type=click.IntRange(0),
        help="Count the seeds from here; the suite's own first one by default.",
    ),
    click.option("--data-seeds", type=click.IntRange(1), help="Cross this many draws with every seed."),
    click.option(
        "--trials",
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help="Settings of every method to choose from on validation; 1: its defaults.",
    ),
    click.option(
        "--data", type=click.Path(path_type=Path), help="Your own series: unique_id,ds,y + covariates."
    ),
    click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        callback=use_folder,
        expose_value=False,
        help="Where fetched data lies; RECURBENCH_DATA by default, else the cache.",
    ),
    click.option("--horizon", type=click.IntRange(1), help="With --data: steps to forecast (12)."),
    click.option(
        "--period", type=click.IntRange(1), help="With --data: steps in a season; found by default."
    ),
    click.option("--origins", type=click.IntRange(1), help="With --data: test origins (3)."),
    click.option("--frequency", help="With --data: only the series of this frequency; all by default."),
    click.option(
        "--ahead", multiple=True, callback=split_names, help="With --data: covariates known in advance."
    ),
    click.option("--excerpts", is_flag=True, help="With --data: the page may draw parts of the series."),
    click.option(
        "--plugin", "plugins", multiple=True, type=click.Path(path_type=Path), help="A file of plugins."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="The run's directory; by default runs/SUITE, of named problems or methods runs/custom.",
    ),
    click.option("--jobs", type=click.IntRange(0), help="Workers; one per core by default, 0: no isolation."),
    click.option(
        "--timeout", default="none", show_default=True, help="Wall-clock limit of a cell: 90s, 10m, 2h."
    ),
    click.option(
        "--memory", default="", help="Memory limit of a worker: 2GB; a share of the machine by default."
    ),
    click.option(
        "--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads of one worker."
    ),
    click.option(
        "--device",
        type=click.Choice(["cpu", "cuda"]),
        default="cpu",
        show_default=True,
        help="Where networks train and answer.",
    ),
    click.option("--dask", default="", help="Run on the workers of the Dask scheduler at this address."),
    click.option(
        "--retry",
        type=click.Choice(["none", "limits", "all"]),
        default="limits",
        show_default=True,
        help="What to try once more: cells that met a limit or crashed, or all that are not ok.",
    ),
    click.option("--force", is_flag=True, help="Compute everything anew."),
)


def request_options(command: C) -> C:
    """Give a command the suite argument and the options of a request."""
    for parameter in reversed(PARAMETERS):
        command = parameter(command)
    return command


def as_request(suite: str, options: dict[str, Any]) -> Request:
    """The request that the options of `request_options` make."""
    from recurbench.api import Request

    dials = {name: value for name in DIALS if (value := options[name])}
    return Request(suite, dials=dials, **{name: v for name, v in options.items() if name not in DIALS})
