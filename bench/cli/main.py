"""The commands. Slow imports wait until a command needs them."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from recurbench import __version__
from recurbench.cli.compare import compare
from recurbench.cli.data import data
from recurbench.cli.errors import with_messages
from recurbench.cli.forecast import forecast
from recurbench.cli.new import new
from recurbench.cli.options import as_request, plugin_option, request_options, split_names
from recurbench.cli.predict import predict
from recurbench.cli.proposals import proposal_lines, remark_lines, terminal_columns, wrapped
from recurbench.cli.published import published
from recurbench.cli.report import export, report, show_after, show_map, write_slim
from recurbench.cli.show import show

if TYPE_CHECKING:
    from recurbench.api import Plan
    from recurbench.registry import Plugin
    from recurbench.running.runner import Tally


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="recurbench")
def main() -> None:
    """Compare classical methods and neural networks for time series, and show where recurrence helps.

    Begin with `recurbench run quick`; it takes minutes.
    """


@main.command()
@request_options
@click.option("--dry-run", is_flag=True, help="With --data: show what is made of the file, and stop.")
@with_messages
def run(suite: str, dry_run: bool, **options: Any) -> None:
    """Run SUITE ("quick" by default) and print the tables.

    Name methods and data sets to run others. The same command continues an unfinished run, and computes only
    what is not stored yet. Exit code 1 if a fit failed.
    """
    from recurbench.api import prepare
    from recurbench.own_data import proposals

    if dry_run:
        for line in proposal_lines(proposals(as_request(suite, options)), terminal_columns()):
            click.echo(line)
        return
    plan = prepare(as_request(suite, options))
    _tell_facts(plan)
    try:
        tally = _performed(plan)
    except KeyboardInterrupt:
        if plan.purchase is not None:
            show_after(plan.folder)
        raise
    show_after(plan.folder)
    sys.exit(1 if tally.bad else 0)


@main.command("plan")
@request_options
@click.option(
    "--verify", is_flag=True, help="Also build every problem and compare its data with those of stored fits."
)
@with_messages
def show_plan(suite: str, verify: bool, **options: Any) -> None:
    """Show what `run` would compute, and how long it would take.

    Takes the arguments of `run`. Nothing is run.
    """
    from recurbench.api import prepare
    from recurbench.planning.detectable_difference import detectable_lines
    from recurbench.planning.plan_costs import altered, prospects, summary

    plan = prepare(as_request(suite, options))
    _tell_facts(plan)
    jobs = prospects(plan.jobs, plan.folder, plan.retry, plan.force, built=plan.sizes, workers=plan.workers)
    for line in (*summary(jobs, plan.workers), *detectable_lines(plan.jobs)):
        click.echo("\n".join(wrapped(line, terminal_columns())))
    if verify:
        compared, differing = altered(plan.jobs, plan.folder)
        for line in differing:
            click.echo(line)
        click.echo(
            f"{compared - len(differing)} of {compared} problems have the same data as their stored fits"
        )
        sys.exit(1 if differing else 0)


def _tell_facts(plan: Plan) -> None:
    """Print which data files are another version than the known one, and what the user's own file holds."""
    from recurbench.fetching.known_files import accepted_versions

    versions = accepted_versions({job.dataset.address: job.dataset for job in plan.jobs}.values())
    columns = terminal_columns()
    facts = [line for fact in plan.facts for line in wrapped(fact, columns)]
    for line in (*versions, *facts, *remark_lines(plan.proposals, columns)):
        click.echo(line)
    if plan.purchase is not None:
        from recurbench.planning.budget_words import described

        for line in described(plan.purchase, plan.workers):
            click.echo("\n".join(wrapped(line, columns)))


def _performed(plan: Plan) -> Tally:
    """Run the plan with a progress bar; print how it ended, and how long it took against the estimate."""
    from recurbench.api import perform
    from recurbench.planning.plan_costs import against_estimate, on_devices, predicted, prospects
    from recurbench.running.progress import watching

    start = time.perf_counter()
    jobs = prospects(plan.jobs, plan.folder, plan.retry, plan.force, built=plan.sizes, workers=plan.workers)
    spare = plan.purchase.reserve if plan.purchase else ()
    with watching([*plan.jobs, *spare]) as tell:
        tally = perform(plan, tell)
    seconds = time.perf_counter() - start
    ends = ", ".join(f"{count} {status}" for status, count in sorted(tally.statuses.items()))
    results = tally.jobs - len(tally.not_run)
    if tally.cached == results:
        work = f"all cached, nothing computed, {seconds:.1f} s"
    else:
        cost = f"{tally.cells} rows written, {tally.cpu_seconds:.1f} CPU-s, {seconds:.1f} s"
        work = f"{cost}, {tally.cached} results cached"
    # A result belongs to one method with one seed on one problem; a row to one of its fits and scores.
    click.echo(f"{results} results ({ends}){on_devices(plan.jobs)}: {work}")
    if plan.purchase is not None:
        from recurbench.planning.budget_words import account

        for line in account(plan.purchase, tally):
            click.echo("\n".join(wrapped(line, terminal_columns())))
    expected = predicted(jobs)
    if expected is not None and tally.cpu_seconds and not tally.cut and not spare and not tally.not_run:
        click.echo(against_estimate(expected, tally.cpu_seconds))
    return tally


@main.command("list")
@click.argument("what", type=click.Choice(["methods", "datasets", "suites", "metrics"]))
@plugin_option
@with_messages
def list_names(what: str, plugins: tuple[Path, ...]) -> None:
    """List all methods, data sets, suites or metrics.

    A plugin file that cannot be read is listed with the reason.
    """
    from recurbench.registry import discover

    if what == "metrics":
        from recurbench.metrics import METRICS

        for metric in METRICS.values():
            click.echo(f"{metric.name:<20} {metric.arrow}  {metric.description}")
        return
    if what == "suites":
        from recurbench.suites import SUITES

        for suite in SUITES.values():
            click.echo(f"{suite.name:<10} {suite.summary}\n{'':<10} problems: {', '.join(suite.datasets)}")
        return
    registry = discover(plugins)
    for plugin in (registry.methods if what == "methods" else registry.datasets).values():
        sort = plugin.family if what == "methods" else ", ".join(plugin.kinds)
        click.echo(f"{plugin.name:<20} {sort:<14} {plugin.summary}")
    for broken in registry.broken:
        click.echo(f"cannot be read: {broken.path} from {broken.owner}: {broken.reason}", err=True)


@main.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--problem", "problems", multiple=True, help="Problem to measure; the first with a network by default."
)
@click.option(
    "--methods",
    multiple=True,
    callback=split_names,
    help="Methods to measure: names or glob patterns; the recurrent networks and tcn by default.",
)
@plugin_option
@with_messages
def gradients(
    folder: Path, problems: tuple[str, ...], methods: tuple[str, ...], plugins: tuple[Path, ...]
) -> None:
    """Measure how fast gradients fade over past steps.

    One seed of each network of RUN is trained again. `recurbench report RUN` then shows the result.
    """
    from recurbench.cli.gradients import GradientsFile, line, measure
    from recurbench.registry import discover
    from recurbench.results import read_run

    run, file = read_run(folder), GradientsFile(folder)
    for i, one in enumerate(measure(run, discover(plugins), problems, methods)):
        for text in line(one, first=i == 0):
            click.echo(text)
        file.add(one)
    click.echo(f"Gradients: {file.path}; `recurbench report {folder}` shows them")


@main.command()
@click.argument("target", metavar="NAME|FILE")
@click.option("--verbose", is_flag=True, help="Show every check, not only those that fail.")
@with_messages
def check(target: str, verbose: bool) -> None:
    """Check a method, or every method in a plugin FILE.

    Shapes, lengths, leaks, determinism and more. Exit code 1 if a check fails.
    """
    from recurbench.check_process import checked

    failed = 0
    for plugin in _targets(target):
        results = list(checked(plugin))
        wrong = [one for one in results if one.status == "failed"]
        failed += len(wrong)
        refused = sum(one.status == "unsupported" for one in results)
        click.echo(f"{plugin.name}: {len(results)} checks, {len(wrong)} failed, {refused} unsupported")
        for one in results if verbose else wrong:
            click.echo(f"  {one.status:<12} {one.kind}/{one.check}: {one.words}")
    sys.exit(1 if failed else 0)


def _targets(target: str) -> list[Plugin]:
    """The methods that a name or a plugin file stands for."""
    from recurbench.method_files import named, try_out
    from recurbench.registry import discover

    if "[" in target or not target.endswith(".py"):
        chosen = named(discover(), [target])
        if "[" in target and not all(choice.plugin.files for choice in chosen):
            raise ValueError(
                f"{target}: a method is checked with its default settings; leave the bracket out"
            )
        try_out(chosen)
        # The settings of a method that reads files say which files.
        return [replace(choice.plugin, settings=choice.settings) for choice in chosen]
    path = Path(target).resolve()
    found = [plugin for plugin in discover([path]).methods.values() if plugin.path == path]
    if not found:
        raise ValueError(f"{target} holds no method; decorate a function with @method(...)")
    return found


@main.command()
@plugin_option
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs"), help="Directory of your runs.")
@click.option("--quick", is_flag=True, help="Do not import plugins; look for no GPU.")
@with_messages
def doctor(plugins: tuple[Path, ...], out: Path, quick: bool) -> None:
    """Check this machine: versions, memory, disk, GPU and plugins.

    Exit code 1 if something would stop a run; its line begins with "!".
    """
    from recurbench.cli.doctor import findings
    from recurbench.registry import discover

    bad = 0
    for one in findings(discover(plugins), out, imports=not quick):
        click.echo(f"{'  ' if one.good else '! '}{one.what:<24} {one.result}")
        bad += not one.good
    click.echo(f"problems found: {bad}" if bad else "no problems found")
    sys.exit(1 if bad else 0)


for command in (compare, data, export, forecast, new, predict, published, report, show, show_map, write_slim):
    main.add_command(command)
