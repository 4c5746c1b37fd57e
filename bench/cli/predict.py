"""`recurbench predict`: predict new cases with the method that a run chose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import with_messages
from recurbench.cli.options import plugin_option
from recurbench.cli.proposals import terminal_columns, wrapped
from recurbench.durations import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recurbench.forecasting.predict import Question

SHORT = 5.0  # CPU seconds


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="File of new cases: .ts, .tsv, .npz or a table. Labels are not needed.",
)
@click.option("--method", help="Method of the run to use; the best on validation by default.")
@click.option("--problem", help="Problem of the run, if it has several.")
@click.option("--id", "case", help="Column of a table that names the cases; as in the run by default.")
@click.option("--time", "moment", help="Column of a table with the time; as in the run by default.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="CSV file to write; RUN/predictions-NAME.csv by default.",
)
@plugin_option
@with_messages
def predict(
    folder: Path,
    data: Path,
    method: str | None,
    problem: str | None,
    case: str | None,
    moment: str | None,
    output: Path | None,
    plugins: tuple[Path, ...],
) -> None:
    """Predict new cases with a method of RUN.

    RUN is a run on classification or regression. The method is fitted again on all its cases, training and
    test part together. Writes a CSV file with a row per case, and a recipe that describes the fit.
    """
    from recurbench.forecasting.predict import ask
    from recurbench.forecasting.predict import predict as predicted
    from recurbench.forecasting.recipe import write_recipe
    from recurbench.record import located
    from recurbench.registry import discover
    from recurbench.results import read_run

    run, registry = read_run(folder), discover(plugins)
    question = ask(run, data, registry, method=method, problem=problem, case=case, moment=moment)
    for line in lines(question):
        click.echo("\n".join(wrapped(line, terminal_columns())))
    made = predicted(question, data)
    click.echo(f"The fit took {spelled(made.seconds)}.")
    path = output or located(folder).parent / f"predictions-{data.name.partition('.')[0]}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    made.frame.to_csv(path, index=False)
    beside = path.with_name(f"{path.stem}.recipe.json")
    write_recipe(beside, made.recipe)
    if len(made.frame.columns) == 2 and question.problem.task.y.symbols:
        click.echo(f"{question.chosen.address} gives classes without probabilities.")
    click.echo(f"Predictions: {path} ({len(made.frame)} cases)")
    click.echo(f"Recipe: {beside}")


def lines(question: Question) -> Iterator[str]:
    """What will be fitted, and what it may cost."""
    from recurbench.known_metrics import in_words

    chosen, problem = question.chosen, question.problem
    why = f"best on validation by {in_words(chosen.by)}" if chosen.by else "named with --method"
    tied = f"; equal on validation: {', '.join(chosen.tied)}" if chosen.tied else ""
    yield f"Method: {chosen.address} ({why}{tied})"
    if question.score is not None:
        metric, score = question.score
        yield f"On the test part of the run it had {metric} {score:.3f}."
    parts = [f"{len(problem.train)} training", f"{len(problem.test)} test"]
    if problem.valid is not None:
        parts.insert(1, f"{len(problem.valid)} validation")
    seed = "" if chosen.seed is None else f", seed {chosen.seed}"
    sizes = " + ".join(parts)
    yield f"It is fitted again on all {len(question.split)} cases ({sizes}{seed}). {cost(question)}"
    for remark in question.cases.remarks:
        yield f"New cases: {remark}"


def cost(question: Question) -> str:
    """What the fit may cost, from the stored fit on the training part."""
    if question.seconds < SHORT:
        # The first fit of a process takes longer than the others, which matters only here.
        return "This takes a few seconds of CPU time."
    return (
        f"This may take {spelled(question.seconds)}; on the training part it took "
        f"{spelled(question.chosen.cpu_seconds)}."
    )
