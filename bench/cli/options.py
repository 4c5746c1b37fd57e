"""The options of `run` and `plan`, which say what to run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from recurbench.address import split_list
from recurbench.reading.proposal import GIVEN, OF_CASES, POLICIES

if TYPE_CHECKING:
    from recurbench.api import Request

C = TypeVar("C", bound=Callable[..., Any])


def levels(_context: click.Context, _option: click.Parameter, value: str) -> tuple[float, ...]:
    """Read `80,95` as the shares .8 and .95."""
    try:
        shares = tuple(float(word) / 100 for word in value.split(","))
    except ValueError:
        shares = ()
    # A number up to 1 is a share by mistake: an interval of 0.8 % is of no use.
    if not shares or not all(0.01 < share < 1 for share in shares):
        raise click.BadParameter(f"{value!r}; give percentages between 1 and 100, such as 80,95")
    return shares


def split_names(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Split `a,b[c=1,d=2]` and repeated options into names; a comma inside brackets does not split."""
    given = tuple(name for value in values for name in split_list(value))
    if values and not given:
        raise click.BadParameter(f"{', '.join(map(repr, values))} contains no name")
    return given


def suites(_context: click.Context, _argument: click.Parameter, begun: str) -> list[str]:
    """Complete the names of suites in the shell."""
    from recurbench.suites import SUITES

    return [name for name in SUITES if name.startswith(begun)]


def complete(sort: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Complete names of methods or data sets in the shell: the last one of a list with commas."""

    def names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
        from recurbench.registry import discover

        before, comma, last = begun.rpartition(",")
        registry = discover()
        table = registry.methods if sort == "methods" else registry.datasets
        return [f"{before}{comma}{name}" for name in table if name.startswith(last)]

    return names


def use_folder(_context: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    """Set the data folder for this process and for the workers it starts."""
    if folder is not None:
        os.environ["RECURBENCH_DATA"] = str(folder.resolve())


plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Python file with methods or data sets.",
)
PARAMETERS = (
    click.argument("suite", default="quick", shell_complete=suites),
    click.option(
        "--methods",
        multiple=True,
        callback=split_names,
        shell_complete=complete("methods"),
        help="Methods to run: names, glob patterns or 'name[setting=value]', separated by commas.",
    ),
    click.option(
        "--datasets",
        multiple=True,
        callback=split_names,
        shell_complete=complete("datasets"),
        help="Data sets to run on: names, glob patterns or 'name[setting=value]', separated by commas.",
    ),
    click.option(
        "--seeds", type=click.IntRange(1), help="Number of seeds per method; as in the suite by default."
    ),
    click.option(
        "--first-seed",
        type=click.IntRange(0),
        help="First seed; as in the suite by default.",
    ),
    click.option(
        "--data-seeds",
        type=click.IntRange(1),
        help="Samples of each generated data set, each combined with every seed; by default one per seed.",
    ),
    click.option(
        "--trials",
        type=click.IntRange(1),
        help="Settings of every method to try on validation; 1, the default, uses the default settings.",
    ),
    click.option(
        "--folds",
        type=click.IntRange(1),
        help="Validation parts taken out of train in turn; by default 5 for fewer than 200 cases, else 1. "
        "Not for forecasting.",
    ),
    click.option(
        "--budget",
        default="none",
        show_default=True,
        metavar="TIME",
        help="CPU time of all workers together: 30s, 5m, 1h. It chooses the methods, seeds and trials that "
        "you do not give.",
    ),
    click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="Your own data: a table of series or cases (CSV, parquet), a .tsf, .ts, .tsv or .npz file, "
        "the folder of a train and a test file, or a folder of wav files.",
    ),
    click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        callback=use_folder,
        expose_value=False,
        help="Folder with fetched data; by default RECURBENCH_DATA, else a cache folder.",
    ),
    click.option(
        "--id",
        help="With --data: column that names the series or cases; several for series, separated by commas.",
    ),
    click.option("--time", help="With --data: column of the time stamps; 'none' numbers the rows."),
    click.option(
        "--target",
        multiple=True,
        help="With --data: columns to forecast, each a series; names or glob patterns.",
    ),
    click.option(
        "--covariates",
        multiple=True,
        help="With --data: columns known up to the origin of a forecast.",
    ),
    click.option(
        "--ahead",
        multiple=True,
        help="With --data: columns whose future values are known.",
    ),
    click.option(
        "--horizon",
        type=click.IntRange(1),
        help="With --data: steps to forecast; from the season and the number of rows by default.",
    ),
    click.option(
        "--period",
        type=click.IntRange(1),
        help="With --data: rows in a season; from the dates or the autocorrelation by default.",
    ),
    click.option(
        "--origins",
        type=click.IntRange(1),
        help="With --data: number of forecast origins to test; as many as fill the last 40 % of the rows.",
    ),
    click.option(
        "--step",
        type=click.IntRange(1),
        help="With --data: distance of the origins; half a horizon, or with --origins one horizon.",
    ),
    click.option(
        "--refit",
        is_flag=True,
        help="With --data: fit every method again at each test origin; by default once, before the first.",
    ),
    click.option("--frequency", help="With --data: use only the series of this frequency; all by default."),
    click.option(
        "--series", help="With --data: use only the first so many series, or those that fit a glob pattern."
    ),
    click.option(
        "--missing",
        type=click.Choice((*POLICIES, *OF_CASES)),
        help="With --data: what to do with missing values. Series: carry, the default, takes the last value "
        "before; drop, refuse. Labelled cases: interpolate, the default; keep leaves them missing.",
    ),
    click.option("--label", help="With --data: column of the class or number to predict for each case."),
    click.option(
        "--group", help="With --data: column of a group whose cases are in one part, such as a patient."
    ),
    click.option(
        "--task",
        type=click.Choice(["classification", "regression"]),
        help="With --data: what the label is; a number with many values is a regression by default.",
    ),
    click.option(
        "--rate",
        type=click.IntRange(1),
        help="With --data, a folder of wav files: bring all to so many samples per second.",
    ),
    click.option(
        "--excerpts", is_flag=True, help="With --data: the report page may show parts of the series."
    ),
    plugin_option,
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="Directory for the results; by default runs/SUITE, or runs/custom with --methods or --datasets.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(0),
        help="Worker processes; one per core by default. 0 uses this process only, without limits.",
    ),
    click.option("--timeout", default="none", show_default=True, help="Time limit of one fit: 90s, 10m, 2h."),
    click.option(
        "--memory",
        default="",
        help="Memory limit of one worker: 2GB; by default an equal share of the machine.",
    ),
    click.option(
        "--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads of one worker."
    ),
    click.option(
        "--device",
        type=click.Choice(["cpu", "cuda"]),
        default="cpu",
        show_default=True,
        help="Device on which networks train and predict.",
    ),
    click.option("--dask", default="", help="Address of a Dask scheduler whose workers run the fits."),
    click.option(
        "--retry",
        type=click.Choice(["none", "limits", "all"]),
        default="limits",
        show_default=True,
        help="Which stored fits to repeat: those that hit a limit or crashed, or all that are not ok.",
    ),
    click.option("--force", is_flag=True, help="Compute every fit again."),
)


def request_options(command: C) -> C:
    """Give a command the suite argument and the options of a request."""
    for parameter in reversed(PARAMETERS):
        command = parameter(command)
    return command


def as_request(suite: str, options: dict[str, Any]) -> Request:
    """The request that the options of `request_options` make."""
    from recurbench.api import Request

    dials = {name: value for name in GIVEN if (value := options[name])}
    return Request(suite, dials=dials, **{name: v for name, v in options.items() if name not in GIVEN})
