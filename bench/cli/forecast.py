"""`recurbench forecast`: forecasts beyond the end of the data, with the chosen or a named method of a run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import with_messages
from recurbench.cli.options import levels, plugin_option
from recurbench.cli.proposals import terminal_columns, wrapped
from recurbench.destination import refuse_place

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS = 12  # of the table that is printed


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--problem", help="Problem to forecast, if RUN has several.")
@click.option("--method", help="Method of RUN; by default the one that validation chose.")
@click.option("--steps", type=int, help="Steps to forecast; the horizon of RUN by default.")
@click.option(
    "--level",
    default="80,95",
    show_default=True,
    callback=levels,
    help="Coverage of the intervals, in percent.",
)
@click.option(
    "--ahead",
    type=click.Path(path_type=Path),
    help="CSV file with the future values of covariates known ahead.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="CSV file to write; RUN/report/forecast.csv by default. The picture (svg) and the recipe (json) are "
    "written beside it.",
)
@plugin_option
@with_messages
def forecast(
    folder: Path,
    problem: str | None,
    method: str | None,
    steps: int | None,
    level: tuple[float, ...],
    ahead: Path | None,
    output: Path | None,
    plugins: tuple[Path, ...],
) -> None:
    """Forecast beyond the end of the data of RUN.

    The method that validation chose (or --method) is fitted again on every known step.
    """
    from recurbench.forecasting.beyond import Question, compute, described, prepare
    from recurbench.forecasting.picture import picture
    from recurbench.forecasting.recipe import write_recipe
    from recurbench.reports.figures.canvas import save

    refuse_place("--output", output, folder=False)
    if output is not None and output.suffix in (".svg", ".json"):
        raise ValueError(
            f"--output {output}: this name is for the {output.suffix[1:]} file beside the table; give a name "
            "that ends in .csv"
        )
    prepared = prepare(folder, Question(problem, method, steps, level, ahead, plugins))
    columns = terminal_columns()
    click.echo("\n".join(wrapped(prepared.opening, columns)))
    made = compute(prepared)
    for line in table(made.frame):
        click.echo(line)
    for note in made.notes:
        click.echo("\n".join(wrapped(note, columns)))
    place = output or (folder if folder.is_dir() else folder.parent) / "report" / "forecast.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    drawn, written = place.with_suffix(".svg"), place.with_suffix(".json")
    made.frame.to_csv(place, index=False)
    save(lambda: picture(made), drawn)
    command = _command(folder, problem, prepared.method.address, steps, level, ahead, output, plugins)
    write_recipe(written, described(made, command))
    click.echo(f"Table: {place}\nPicture: {drawn}\nRecipe: {written}")


def _command(
    folder: Path,
    problem: str | None,
    method: str,
    steps: int | None,
    level: tuple[float, ...],
    ahead: Path | None,
    output: Path | None,
    plugins: tuple[Path, ...],
) -> str:
    """The command that repeats the forecast, with the method by its name."""
    words = ["recurbench", "forecast", str(folder), "--method", method]
    for option, value in (
        ("--problem", problem),
        ("--steps", steps),
        ("--ahead", ahead),
        ("--output", output),
    ):
        words += [option, str(value)] if value is not None else []
    for plugin in plugins:
        words += ["--plugin", str(plugin)]
    return shlex.join([*words, "--level", ",".join(f"{share * 100:g}" for share in level)])


def table(frame: DataFrame) -> list[str]:
    """The first rows as lines of text; columns that say nothing here are left out."""
    shown = frame.head(ROWS)
    if frame["series"].nunique() == 1:
        shown = shown.drop(columns="series")
    shown = shown.drop(columns=[name for name in shown if str(name).startswith("quantile_")])
    days = shown["time"]
    if days.dtype.kind == "M" and (days == days.dt.normalize()).all():
        shown = shown.assign(time=days.dt.strftime("%Y-%m-%d"))
    text = shown.to_string(index=False, float_format=lambda value: f"{value:.5g}", na_rep="")
    more = f"... {len(frame) - len(shown)} more rows in the file" if len(frame) > len(shown) else ""
    return [*text.splitlines(), *([more] if more else [])]
