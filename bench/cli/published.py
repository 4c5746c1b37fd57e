"""The command `recurbench published`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from recurbench.cli.errors import with_messages
from recurbench.cli.options import split_names

if TYPE_CHECKING:
    from recurbench.literature import Published
    from recurbench.published import Compared, Wanted
    from recurbench.published_cases import Likeness, Paired

NAMED = 8  # methods of a table that are named where their scores are left out


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/published"),
    show_default=True,
    help="Directory for the results.",
)
@click.option(
    "--datasets",
    multiple=True,
    callback=split_names,
    help="Only scores on these data sets: names or glob patterns, or problems with their settings.",
)
@click.option(
    "--scores",
    type=click.Path(path_type=Path),
    help="A CSV file with published scores of your own: columns dataset, method, accuracy or another metric.",
)
@click.option(
    "--methods",
    multiple=True,
    callback=split_names,
    help="With --scores: our methods to compare; by default those whose scores must agree.",
)
@click.option("--costly", is_flag=True, help="Also compute scores that take many minutes.")
@with_messages
def published(
    out: Path, datasets: tuple[str, ...], scores: Path | None, methods: tuple[str, ...], costly: bool
) -> None:
    """Compare our scores with published scores.

    A score of the same method on the same data must agree in every printed digit; that of a smoothing method
    whose parameters are found by another optimiser within 1 %. A score of a similar method stands beside ours
    with the reason why both cannot agree. Exit code 1 if a score differs that must agree.
    """
    if methods and scores is None:
        raise ValueError("--methods is only for a table of your own; name its file with --scores")
    if scores is not None:
        _of_table(scores, out, datasets, methods)
    from recurbench.published import compare as set_beside
    from recurbench.published import distinct, left_out, wanted
    from recurbench.registry import discover
    from recurbench.running.progress import watching

    found = wanted(discover(), costly=costly)
    jobs = [(one, job) for one, job in found.jobs if _asked(one, datasets)]
    if not jobs and datasets:
        names = sorted({one.problem for one, _ in found.jobs})
        raise ValueError(
            f"no published score is on {', '.join(datasets)} with files on this machine "
            f"(`recurbench data list` says which are missing); write one of {', '.join(names)}"
        )
    with watching(distinct([job for _, job in jobs])) as tell:
        compared = set_beside(jobs, out, tell)
    for line in (*_table(compared), *left_out([job for _, job in jobs]), *_lacking(found, datasets)):
        click.echo(line)
    _finish(compared)


def _finish(compared: Sequence[Compared]) -> NoReturn:
    """Print how many scores agree, and exit: with 1 if one differs that must agree."""
    counts = Counter(one.verdict for one in compared)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in counts if verdict != "agrees")
    must = counts["agrees"] + counts["differs"]
    click.echo(f"{counts['agrees']} of {must} scores that must agree do{f'; {said}' if said else ''}")
    sys.exit(1 if counts["differs"] else 0)


def _of_table(scores: Path, out: Path, datasets: Sequence[str], methods: Sequence[str]) -> NoReturn:
    """Compare the scores of a user's table."""
    from recurbench.published import compare as set_beside
    from recurbench.published import distinct
    from recurbench.published_cases import explained, likenesses, paired
    from recurbench.published_table import read_scores
    from recurbench.registry import discover
    from recurbench.running.progress import watching

    printed = read_scores(scores)
    if datasets:
        printed = [one for one in printed if any(fnmatchcase(one.dataset, name) for name in datasets)]
    found = paired(printed, discover(), methods)
    if not found.jobs:
        raise ValueError(
            f"{scores}: none of its scores can be compared with the methods and files on this machine; "
            "`recurbench data list` says which files are missing, and --methods '*' takes similar methods"
        )
    with watching(distinct([job for _, job in found.jobs])) as tell:
        compared = explained(set_beside(found.jobs, out, tell))
    for line in _table(compared):
        click.echo(line)
    for each in likenesses(compared):
        for line in _likeness(each):
            click.echo(line)
    for line in _apart(found):
        click.echo(line)
    _finish(compared)


def _likeness(one: Likeness) -> list[str]:
    """How close our scores are to those of a similar method, and each problem on which they are not."""
    return [
        f"{one.method} beside {one.named} of {one.source}: mean difference {one.mean:+.4f} over "
        f"{one.problems} problems; on {one.inside} of them 0 lies within the 95 % interval of the "
        f"difference; {one.equal} are equal in every published digit",
        *(
            f"  outside: {each.one.figure.problem}, {each.one.ours:.4f} beside {each.one.figure.value:.4f}, "
            f"interval {each.low:+.4f} to {each.high:+.4f} ({each.one.cases} test cases)"
            for each in one.outside
        ),
    ]


def _apart(found: Paired) -> list[str]:
    """What of a table is not compared."""
    names = ", ".join(sorted(found.without_files))
    most = sorted(found.others.items(), key=lambda each: (-each[1], each[0]))
    others = ", ".join(f"{name} ({count})" for name, count in most[:NAMED])
    if len(most) > NAMED:
        others += f" and {sum(count for _, count in most[NAMED:])} of {len(most) - NAMED} other names"
    return [
        *([f"left out, their files are not on this machine: {names}"] if names else []),
        *([f"left out, not of the default split: {found.other_splits} scores"] if found.other_splits else []),
        *([f"left out, scores of methods that are not here or not asked for: {others}"] if others else []),
    ]


def _asked(one: Published, patterns: Sequence[str]) -> bool:
    """Whether a pattern stands for the data set, or is the problem with its settings."""
    name = one.problem.partition("[")[0]
    return not patterns or any(pattern == one.problem or fnmatchcase(name, pattern) for pattern in patterns)


def _table(compared: Sequence[Compared]) -> list[str]:
    """One line per score, source by source, and one line per reason why scores cannot agree."""
    header = ("problem", "values", "method", "metric", "published", "ours", "apart", "verdict")
    lines: list[str] = []
    for source in dict.fromkeys(one.figure.source for one in compared):
        own = [one for one in compared if one.figure.source == source]
        rows = [header, *(_row(one) for one in own)]
        if not any(row[1] for row in rows[1:]):  # forecasts have no such setting
            rows = [(row[0], *row[2:]) for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines.append(f"{source}:")
        lines += ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        for why in dict.fromkeys(one.why for one in own if one.why):
            verdicts = dict.fromkeys(one.verdict for one in own if one.why == why)
            lines.append(f"  {' or '.join(verdicts)}: {why}")
    return lines


def _row(one: Compared) -> tuple[str, ...]:
    from recurbench.known_metrics import in_words
    from recurbench.published_cases import values_of

    figure = one.figure
    ours = "none" if one.ours is None else f"{one.ours:.{figure.digits}f}"
    method = figure.method
    if figure.named not in ("", method):
        method += f" ({figure.named})"
    value = f"{figure.value:.{figure.digits}f}"
    within = f" (within {figure.within:.0%})" if figure.within and one.equal else ""
    verdict = one.verdict.upper() if one.verdict == "differs" else one.verdict
    values = values_of(figure.problem)
    return (
        figure.problem,
        values,
        method,
        in_words(figure.metric),
        value,
        ours,
        one.apart,
        f"{verdict}{within}",
    )


def _lacking(found: Wanted, patterns: Sequence[str]) -> list[str]:
    """What is not compared here: data sets whose files are not here, and methods that are not registered."""
    files = dict.fromkeys(one.problem for one in found.without_files if _asked(one, patterns))
    methods = Counter(one.method for one in found.without_method if _asked(one, patterns))
    return [
        *(
            f"{name}: left out, its data are not on this machine; see `recurbench data list`"
            for name in files
        ),
        *(f"{name}: left out, no such method is registered ({n} scores)" for name, n in methods.items()),
    ]
