"""What the size of a run can show, and for every open problem the command that is likely to decide it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from recurbench.reports.statistics.lift import prepared
from recurbench.reports.statistics.more_seeds import SEEDS, TIMES, needed, smallest_shown
from recurbench.reports.statistics.outcomes import REMARKS, LiftVerdict
from recurbench.reports.text.repeat import LONGEST, NO_SUITE, commands
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

NAMED = 3  # open problems that get a sentence of their own
OPEN = frozenset({LiftVerdict.TEST_SET_TOO_SMALL, LiftVerdict.TOO_FEW_SEEDS, LiftVerdict.UNDECIDED})

Row = Mapping[str, Any]


def notes(run: Run, rows: Sequence[Row], say: Messages) -> tuple[str, ...]:
    """The sentences below those of the verdicts; () for a run without intervals or of one problem.

    rows: label, verdict, reasons, lift, low, high by problem, as `lifts_of` gives them.
    """
    return (*_sizes(rows, say), *_remedies(run, rows, say))


def _sizes(rows: Sequence[Row], say: Messages) -> Iterator[str]:
    """The smallest difference that can be shown, on the finest and on the coarsest problem."""
    shown = sorted(
        (smallest_shown(row["low"], row["high"]), str(row["label"])) for row in rows if pd.notna(row["low"])
    )
    if len(shown) > 1:
        (least, finest), (most, coarsest) = shown[0], shown[-1]
        values = {"least": f"{least:.2f}", "most": f"{most:.2f}"}
        yield say("first.sizes", finest=finest, coarsest=coarsest, **values)


def _remedies(run: Run, rows: Sequence[Row], say: Messages) -> Iterator[str]:
    """For the first open problems what would decide them."""
    problems = set(run.cells["problem"])
    wide = [row for row in rows if row["label"] in problems and _wide(row)]
    for row in wide[:NAMED]:
        yield _remedy(run, str(row["label"]), say)


def _wide(row: Row) -> bool:
    """Whether nothing but the width of its interval keeps a problem open."""
    plain = all(each.code in REMARKS for each in row["reasons"])
    return row["verdict"] in OPEN and plain and bool(pd.notna(row["low"]))


def _remedy(run: Run, problem: str, say: Messages) -> str:
    found = needed(prepared(run, problem).draws)
    if math.isinf(found.times):
        return say("first.at_the_margin", problem=problem, seeds=SEEDS[-1], times=TIMES[-1])
    if not found.seeds:
        return say("first.larger_test", problem=problem, times=found.times)
    if found.times > 1:
        return say("first.seeds_and_larger_test", problem=problem, seeds=found.seeds, times=found.times)
    command = with_seeds(run, problem, found.seeds)
    if len(command) > LONGEST:
        return say("first.more_seeds_again", problem=problem, seeds=found.seeds)
    return say("first.more_seeds", problem=problem, seeds=found.seeds, command=command)


def with_seeds(run: Run, problem: str, seeds: int) -> str:
    """The command that runs one problem of this run with so many seeds."""
    if run.suite not in NO_SUITE:
        words = ["recurbench", "run", run.suite, "--datasets", problem]
    else:
        alone = replace(run, cells=run.cells[run.cells["problem"] == problem])
        words = shlex.split(commands(alone)[0])
    if "--seeds" in words:
        words[words.index("--seeds") + 1] = str(seeds)
    else:
        words += ["--seeds", str(seeds)]
    return shlex.join(words)
