"""The commands that read a finished run: `recurbench report` in its forms, `map`, `export` and `slim`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import with_messages
from recurbench.cli.options import levels, plugin_option
from recurbench.cli.proposals import terminal_columns, wrapped
from recurbench.destination import refuse_place

if TYPE_CHECKING:
    from pandas import DataFrame
    from recurbench.results import Run

FORMS = ("html", "md", "csv", "latex", "json")  # as in recurbench.reports.formats, which is slow to import
LANGUAGES = ("en", "ko")

_folder = click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
_language = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the report."
)


@click.command()
@_folder
@click.option(
    "--every", is_flag=True, help="Show every method in the terminal, not only the best per family."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMS, "all"]),
    help="Write only this format, and do not print the tables.",
)
@_language
@click.option(
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="With --format: file, folder, or - for standard output. With --figures: folder.",
)
@click.option(
    "--figures", type=click.Choice(("svg", "png", "pdf")), help="Write the figures of the page as files."
)
@click.option(
    "--per-series",
    is_flag=True,
    help="Print how the scores vary over series, and write the scores of every series as Markdown and CSV.",
)
@with_messages
def report(
    folder: Path,
    every: bool,
    form: str | None,
    lang: str,
    output: Path | None,
    figures: str | None,
    per_series: bool,
) -> None:
    """Print the tables of RUN and write its page.

    Files go into the folder RUN/report.
    """
    from recurbench.results import read_run

    run = read_run(folder)
    place = (folder if folder.is_dir() else folder.parent) / "report"
    if form is not None and figures is not None:
        raise ValueError("--format and --figures cannot be combined")
    if per_series:
        if figures is not None:
            raise ValueError("--per-series and --figures cannot be combined")
        _per_series(run, place, form, lang, output)
    elif figures is not None:
        from recurbench.reports.page import files
        from recurbench.reports.text.translation import Messages

        refuse_place("--output", output, folder=True)
        paths, warnings = files.figures(run, Messages(lang), output or place / figures, figures)
        for path in paths:
            click.echo(path)
        for sentence in warnings:
            click.echo(sentence, err=True)
    elif form is None:
        if output is not None:
            raise ValueError(f"--output {output} needs a format; name one with --format")
        show_run(run, place, lang, every)
    else:
        _write(run, place, form, lang, output)


def _per_series(run: Run, folder: Path, form: str | None, lang: str, output: Path | None) -> None:
    """Print the scores per series and write both files, or write one form."""
    from recurbench.reports.text import series_table
    from recurbench.reports.text.translation import Messages
    from rich.console import Console

    say = Messages(lang)
    if form is not None and form not in series_table.FORMS:
        raise ValueError(
            f"--per-series has no format {form}; choose {' or '.join(series_table.FORMS)} with --format"
        )
    if form is None and output is not None:
        raise ValueError(f"--output {output} needs a format; name one with --format")
    scores = series_table.of_run(run)
    if form is None:
        series_table.show(run, Console(), say, scores)
        for path in series_table.write(run, folder, say, scores):
            click.echo(path)
        return
    target = output or folder
    if str(target) != "-" and (output is None or target.is_dir()):
        target.mkdir(parents=True, exist_ok=True)
        target = target / series_table.FORMS[form]
    _put(series_table.text(run, say, scores, form), target)


def _put(text: str, target: Path) -> None:
    """Write a text to a file and name it, or for "-" to standard output."""
    if str(target) == "-":
        click.echo(text, nl=False)
        return
    _into_a_folder(target)
    target.write_text(text, encoding="utf-8")
    click.echo(target)


def _write(run: Run, folder: Path, form: str, lang: str, output: Path | None) -> None:
    """Write one format, or all, and print the paths."""
    from recurbench.reports import formats
    from recurbench.reports.page.document import figures
    from recurbench.reports.text.translation import Messages

    say, names = Messages(lang), FORMS if form == "all" else (form,)
    # With --output the directory of the run stays unchanged, so new figures are not cached in it.
    drawn = figures(folder, say, keep=output is None)
    if output is None or output.is_dir():
        for path in formats.write(run, say, output or folder, names, drawn):
            click.echo(path)
        return
    if form == "all":
        raise ValueError(
            f"--format all writes several files, but there is no folder {output}; "
            "leave --output out, name an existing folder, or name one format"
        )
    _into_a_folder(output)
    _put(formats.FORMS[form].text(run, say, drawn), output)


def _into_a_folder(output: Path | None) -> None:
    """ValueError if the folder of an output file does not exist. Checked before anything is computed."""
    if output is not None and not output.parent.is_dir():
        raise ValueError(
            f"--output {output}: there is no folder {output.parent}; "
            "make it first, or name a file in another folder"
        )


def show_run(run: Run, folder: Path, lang: str = "en", every: bool = False) -> None:
    """Print the summary and the tables, and write the page and the tables into a folder."""
    from recurbench.reports import formats
    from recurbench.reports.text import opening
    from recurbench.reports.text.render import show, write
    from recurbench.reports.text.translation import Messages
    from rich.console import Console

    say = Messages(lang)
    opening.show(run, say, Console())
    show(run, Console(), say, every)
    paths = {form: str(path) for form, path in write(run, folder, say).items()}
    written = [say("tables.written", **paths)]
    if "tuning" in paths:
        written.append(say("tables.written_trials", **paths))
    written.append(say("tables.written_page", page=formats.write(run, say, folder, ["html"])[0]))
    for text in written:
        for line in text.splitlines():
            click.echo("\n".join(wrapped(line, terminal_columns())))


def show_after(folder: Path) -> None:
    """Show the report at the end of `run`. If it fails, the run and its exit code stay as they are."""
    from recurbench.results import read_run

    try:
        show_run(read_run(folder), folder / "report")
    except BrokenPipeError:
        raise  # the program that reads our output has ended
    except Exception as error:
        click.echo(
            f"All fits are stored, but the report failed ({type(error).__name__}: {error}). "
            f"`recurbench report {folder}` tries again.",
            err=True,
        )


@click.command("map")
@_folder
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    help="Also write a Markdown page, with its figures and the stored fits beside it.",
)
@with_messages
def show_map(folder: Path, page: Path | None) -> None:
    """Show on which problems of RUN recurrence helps or hurts.

    RUN is a run of `registered`, `map` or `real`.
    """
    from recurbench.reports.page import results
    from recurbench.reports.statistics.dial_lifts import turned
    from recurbench.reports.statistics.oracle_check import alarms
    from recurbench.reports.text import dial_lifts, registered_map, resampled_lifts
    from recurbench.reports.text.registered_answer import contrasts_in
    from recurbench.reports.text.translation import Messages
    from recurbench.results import read_run
    from rich.console import Console

    refuse_place("--page", page, folder=False)
    run = read_run(folder)
    # A score that is too good to be true is told of any run, also of one without a map.
    for line in alarms(run):
        click.echo(line)
    real = resampled_lifts.page(run)
    judged = contrasts_in(run)
    if judged:
        registered_map.show(run, Console(), Messages())
        paths = registered_map.write(run, folder / "report", Messages())
        click.echo(f"Markdown: {paths['markdown']}\nCSV: {paths['csv']}")
    along = turned(run)
    if not judged and not along and real is None:
        raise ValueError(
            f"{folder} holds nothing to map: no judged sample of a registered contrast, no difficulty "
            "parameter and no resamples of real data. `recurbench report` shows what it holds"
        )
    if along:
        dial_lifts.show(along, Console())
        paths = dial_lifts.write(along, folder / "report")
        click.echo(
            f"Difficulty parameters: {paths['dials.md']}, {paths['dials.csv']}, {paths['crossings.csv']}"
        )
    if real is not None:
        resampled_lifts.show(real, Console())
        paths = resampled_lifts.write(real, folder / "report")
        click.echo(f"Real data: {paths['markdown']}, {paths['csv']}, {paths['tests']}, {paths['traits']}")
    if page is not None:
        click.echo(f"Page: {results.write(run, Messages(), page, f'recurbench map {folder} --page {page}')}")


@click.command()
@_folder
@click.option(
    "--to",
    "form",
    type=click.Choice(["csv", "json", "parquet"]),
    default="csv",
    show_default=True,
    help="Format of the table.",
)
@click.option("--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.option(
    "--predictions",
    "predicted",
    is_flag=True,
    help="Write every stored prediction beside the true value instead.",
)
@click.option(
    "--coverage",
    "covered",
    is_flag=True,
    help="Write how often intervals of each method contain the true value on test, and how wide they are.",
)
@click.option(
    "--level",
    default="80,95",
    show_default=True,
    callback=levels,
    help="With --predictions or --coverage: nominal coverage of the conformal intervals, in percent.",
)
@plugin_option
@with_messages
def export(
    folder: Path,
    form: str,
    output: Path | None,
    predicted: bool,
    covered: bool,
    level: tuple[float, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Write RUN as one flat table: a row per fit, per prediction, or per method and interval."""
    _into_a_folder(output)
    frame = _exported(folder, predicted, covered, level, plugins)
    if form == "parquet":
        _export_parquet(frame, output)
        return
    text = (
        frame.to_csv(index=False)
        if form == "csv"
        else frame.to_json(orient="records", indent=1, date_format="iso") + "\n"
    )
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _exported(
    folder: Path, predicted: bool, covered: bool, level: tuple[float, ...], plugins: tuple[Path, ...]
) -> DataFrame:
    """The table that was asked for."""
    from recurbench.api import load

    if predicted and covered:
        raise ValueError("--predictions and --coverage write two different tables; ask for one of them")
    if not predicted and not covered:
        return load(folder)
    from recurbench.forecasting import coverage, predictions

    frame = predictions(folder, plugins=plugins, level=level)
    if not covered:
        return frame
    found = coverage(frame)
    if not len(found):
        raise ValueError(f"{folder} holds no intervals of forecasts; run a forecasting problem")
    return found


@click.command("slim")
@_folder
@click.argument("file", type=click.Path(path_type=Path))
@with_messages
def write_slim(folder: Path, file: Path) -> None:
    """Write a small copy of RUN to FILE (xz), without predictions.

    The copy is small enough to publish. Unpacked as results.sqlite it is a run that can be continued.
    """
    from recurbench.compact import slim

    slim(folder, file)
    click.echo(f"{file}: {file.stat().st_size / 1e6:.2f} MB")


def _export_parquet(frame: DataFrame, output: Path | None) -> None:
    if output is None:
        raise ValueError("parquet is a binary format; name a file with --output")
    try:
        frame.to_parquet(output, index=False)
    except ImportError:
        raise ValueError("parquet needs pyarrow; install it, or export --to csv") from None
