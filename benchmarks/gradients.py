"""How fast the gradient fades over lag: at the start, after 100 steps and at the end of training.

Prints the slope d ln J / dk over lags 5 to 59 for inputs of 200 steps: J(k) is the mean size of the
derivative of the last state by the input k steps before (`recurbench.methods._gradients`); -inf where some of
these lags feel nothing at all. Every recurrent network and the convolution, by initialisation, at its default
width, on running parity, whose state must be carried from the first step to the last. Trained are the weights
of the best check loss.

    python benchmarks/gradients.py
    python benchmarks/gradients.py --csv gradients.csv --figure gradients.svg

--csv writes J(k) itself (network, initialisation, when, lag, norm); --figure draws it (svg, png or pdf).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.datasets.parity import parity
from recurbench.methods._examples import Batch, Coding, learn_coding
from recurbench.methods._gradients import gradient_by_lag, slope
from recurbench.methods._network import Body, TrainedNetwork, alone
from recurbench.methods._recurrence import Shape, recurrent
from recurbench.methods._training import Recipe, fit_network
from recurbench.methods.lru import linear_units
from recurbench.methods.mingru import minimal
from recurbench.methods.tcn import Dilated, levels_for
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import save
from recurbench.reports.figures.fading import fading
from recurbench.reports.words import Words
from recurbench.task import Problem

SEED = 0
EARLY = 100  # optimizer steps
COLUMNS = (
    "network        initialisation                  start   100 steps   trained  accuracy  steps  parameters"
)


@dataclass(frozen=True)
class Case:
    """A network, how it is initialised, and what makes its body for so many inputs."""

    network: str
    initialisation: str
    build: Callable[[int], Body]


def _gated(cell: str, hidden: int, init: str, words: str) -> Case:
    return Case(cell, words, lambda inputs: recurrent(inputs, Shape(cell, hidden, init=init)))


def _minimal(init: str, words: str) -> Case:
    return Case("mingru", words, lambda inputs: minimal(inputs, 32, 2, False, init))


def _linear(longest: float) -> Case:
    words = f"moduli 0 to {longest:g}"
    return Case("lru", words, lambda inputs: linear_units(inputs, 32, 1, False, (0.0, longest)))


def _dilated(reach: int) -> Case:
    levels = levels_for(reach, back=2)
    return Case(f"tcn, reach {reach}", "torch's default", lambda inputs: Dilated(inputs, 12, 3, levels, 0))


CASES = (
    _gated("rnn", 64, "default", "torch's default"),
    _gated("rnn", 64, "orthogonal", "W orthogonal, biases 0"),
    _gated("gru", 32, "default", "torch's default"),
    _gated("gru", 32, "orthogonal", "W orthogonal, biases 0"),
    _gated("lstm", 32, "default", "torch's default"),
    _gated("lstm", 32, "forget-only", "forget gate +1"),
    _gated("lstm", 32, "orthogonal", "W orthogonal, forget gate +1"),
    _minimal("default", "torch's default"),
    _minimal("spread", "gates remember 2 to 100 steps"),
    _linear(0.99),
    _linear(0.999),
    _dilated(40),
    _dilated(200),
)


def main(words: Sequence[str] | None = None) -> None:
    """Train every case and print its row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--csv", type=Path, help="a file for the gradients by lag")
    parser.add_argument("--figure", type=Path, help="a file for their figure, by its suffix")
    asked = parser.parse_args(words)
    problem = parity(seed=SEED)
    coding, _ = learn_coding(problem.task, problem.train)
    batch = coding.examples(problem.test).batch(range(64))
    print("slope of ln J over lag; last-step accuracy on parity at 200 steps")
    print(COLUMNS)
    rows: list[dict[str, Any]] = []
    for case in CASES:
        line, found = _row(case, problem, batch)
        rows += found
        print(line, flush=True)
    frame = pd.DataFrame(rows)
    if asked.csv:
        frame.to_csv(asked.csv, index=False)
    if asked.figure:
        save(lambda: sure(fading(frame, Words())), asked.figure)


def by_lag(case: Case, when: str, sizes: Sequence[float]) -> list[dict[str, Any]]:
    """The rows of `figures.fading` for one network at one moment."""
    about = {"network": case.network, "initialisation": case.initialisation, "when": when}
    return [{**about, "lag": lag, "norm": size} for lag, size in enumerate(sizes)]


def _row(case: Case, problem: Problem, batch: Batch) -> tuple[str, list[dict[str, Any]]]:
    """What is printed of a case, and its gradients by lag."""

    def fit(recipe: Recipe) -> TrainedNetwork:
        def body(coding: Coding) -> Body:
            return case.build(coding.task.x.size)

        return fit_network(problem.task, problem.train, body, recipe)

    def sizes(body: Body) -> list[float]:
        return gradient_by_lag(body, batch.x, batch.lengths)

    with alone(SEED):
        start = sizes(case.build(problem.task.x.size))
    # The rate depends on the step alone, so these are the first steps of the whole training.
    early = sizes(fit(Recipe(SEED, None, EARLY)).net.body)
    fitted = fit(Recipe(SEED, problem.valid, None))
    trained = sizes(fitted.net.body)
    moments = {"start": start, f"{EARLY} steps": early, "trained": trained}
    rows = [row for when, found in moments.items() for row in by_lag(case, when, found)]
    right = [a[-1].argmax() == y[-1] for a, y in zip(fitted(problem.test), problem.test.y, strict=True)]
    first, second, third = (slope(found) for found in moments.values())
    line = (
        f"{case.network:<15}{case.initialisation:<29}{first:>8.3f}{second:>12.3f}{third:>10.3f}"
        f"{sum(right) / len(right):>10.3f}{fitted.notes['steps']:>7}{fitted.notes['parameters']:>12}"
    )
    return line, rows


if __name__ == "__main__":
    main()
