"""Validation loss of the networks of a run by optimizer step.

Prints for each problem and network the best validation loss up to 250, 500, ... 8000 steps, as a mean over
seeds. A seed whose training ended earlier keeps its best loss; a column is empty if every seed had ended.
Then follow, for every seed, the step at which training ended (+ if the loss still improved), the number of
seeds that were better than a constant answer, and the test scores. The learning rate falls over the whole
budget, so steps of different budgets cannot be compared. A curve has 60 points, so a loss may be read up to
1/60 of the budget too early.

    python benchmarks/curves.py runs/once runs/twice --markdown
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import split_address
from recurbench.metrics import METRICS
from recurbench.reports.text.markdown import table
from recurbench.results import read_run

STEPS = (250, 500, 1000, 2000, 4000, 8000)
NETWORKS = ("feedforward", "convolutional", "recurrent", "attention")
COLUMNS = ("network", *map(str, STEPS), "ended", "learned", "test")
FINE = 0.001  # a smaller loss is printed as "<0.001"


def reached(curve: Sequence[Sequence[float | None]], done: int) -> list[float]:
    """The best validation loss up to each of STEPS; NaN before the first value and after training ended.

    curve: rows of step, training loss, validation loss and gradient norm. done: steps trained.
    """
    losses = []
    for place, step in enumerate(STEPS):
        seen = [loss for at, _, loss, *_ in curve if at is not None and loss is not None and at <= step]
        over = place > 0 and done <= STEPS[place - 1]
        losses.append(float("nan") if over or not seen else min(seen))
    return losses


def rows_of(cells: pd.DataFrame) -> list[list[str]]:
    """One row of COLUMNS per network. cells: the inner and final cells of one problem."""
    return [_row(str(name), group) for name, group in cells.groupby("address", sort=False)]


def _row(address: str, cells: pd.DataFrame) -> list[str]:
    final = cells[cells["stage"] == "final"].sort_values(["seed", "data_seed"])
    if not (final["status"] == "ok").all() or final.empty:
        return [_label(address), *[""] * (len(COLUMNS) - 2), "; ".join(sorted(set(final["reason"])))]
    notes = [
        notes for notes in cells[cells["stage"] == "inner"].sort_values("seed")["notes"] if "curve" in notes
    ]
    test = " ".join(f"{score:.3f}" for score in final["score"])
    if not notes:
        return [_label(address), *[""] * len(STEPS), "no steps", "", test]
    losses = np.array([reached(each["curve"], each["steps_done"]) for each in notes])
    going = ~np.isnan(losses).all(axis=0)
    best = [min(float(row[2]) for row in each["curve"] if row[2] is not None) for each in notes]
    # A seed whose training ended earlier keeps its best loss.
    filled = np.where(np.isnan(losses), np.array(best)[:, None], losses).mean(axis=0)
    shown = [_loss(value) if more else "" for value, more in zip(filled, going, strict=True)]
    ended = " ".join(f"{each['steps_done']}{'+' if each['still_improving'] else ''}" for each in notes)
    learned = f"{sum(each['learned'] for each in notes)} of {len(notes)}"
    return [_label(address), *shown, ended, learned, test]


def _loss(value: float) -> str:
    return f"{value:.3f}" if value >= FINE else f"<{FINE:g}"


def _label(address: str) -> str:
    """`rnn` at its own budget, `rnn, 8000 steps` at another."""
    name, settings = split_address(address)
    rest = [f"{key}={value}" for key, value in settings.items() if key not in ("max_steps", "patience")]
    steps = [f"{settings['max_steps']} steps"] if "max_steps" in settings else []
    return ", ".join([name, *rest, *steps])


def _title(problem: str, cells: pd.DataFrame) -> str:
    metric = METRICS[str(cells["metric"].iloc[0])]
    trivial = {notes["trivial_loss"] for notes in cells["notes"] if "trivial_loss" in notes}
    constant = f"{np.mean(sorted(trivial)):.3f}" if trivial else "unknown"
    test = f"{metric.name.replace('_', ' ')} {metric.arrow}"
    return f"{problem}: validation loss (constant answer {constant}) by step; test: {test} per seed"


def lines(title: str, rows: Sequence[Sequence[str]], markdown: bool) -> list[str]:
    """A table of COLUMNS under its title."""
    if markdown:
        return [title, "", *table(COLUMNS, rows), ""]
    widths = [max(len(row[i]) for row in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
    numbers = range(1, len(STEPS) + 1)
    return [title, *(_line(row, widths, numbers) for row in [COLUMNS, *rows]), ""]


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    cells = (
        text.rjust(w) if i in right else text.ljust(w)
        for i, (text, w) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table per problem of some runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--markdown", action="store_true")
    asked: Any = parser.parse_args(arguments)
    cells = pd.concat([read_run(folder).cells for folder in asked.runs], ignore_index=True)
    cells = cells[cells["family"].isin(NETWORKS)]
    for problem, group in cells.groupby("problem", sort=False):
        print("\n".join(lines(_title(str(problem), group), rows_of(group), asked.markdown)))


if __name__ == "__main__":
    main()
