"""What 1,000 series of 100 steps cost: wall time, CPU time and memory, method by method.

Every method is fitted on all series and forecasts 12 steps of each, in a worker process of its own with one
thread. Prints a Markdown table of the final fits with their forecasts and scores: seconds of wall and CPU;
CPU milliseconds per series of the method alone (fit and forecast), and of all that recurbench adds (copies,
checks, hashes, scores); the highest memory of the worker, libraries included; the size of the fit in the run
file. Each series is a level, a slope, a season of 12 steps and a random walk.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from pathlib import Path

from recurbench.address import split_list
from recurbench.api import Request, perform, prepare
from recurbench.results import read_run

PLUGIN = '''
"""Series with a level, a slope, a season and a random walk."""

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset


@dataset("alike-series", kind="forecasting")
def alike_series(*, count: int = 1000, length: int = 100, steps: int = 12) -> Problem:
    """Generated series of `length` steps, and the `steps` after them."""
    rng = np.random.default_rng(0)
    t = np.arange(length + steps)
    level, slope = rng.uniform(50, 200, (count, 1)), rng.normal(0, 0.3, (count, 1))
    size, phase = rng.uniform(0, 20, (count, 1)), rng.uniform(0, 12, (count, 1))
    walk = rng.normal(0, 1, (count, len(t))).cumsum(axis=1)
    values = level + slope * t + size * np.sin(2 * np.pi * (t + phase) / 12) + walk
    series = list(values[:, :, None])
    names = tuple(f"series {i}" for i in range(count))
    before = length - steps
    train = Split([s[:before] for s in series], [s[before:length] for s in series], series=names)
    test = Split([s[:length] for s in series], [s[length:] for s in series], series=names)
    task = Task("forecasting", Values(1), Values(1), "fixed", steps, 12)
    about = About("generated", "generated", "the last steps", "seasonal-naive", "mase")
    return Problem(task, train, test, about)
'''
METHODS = "seasonal-naive,theta,ets,nlinear,dlinear,mlp,lstm,lstm[windows=10000]"
HEADER = (
    "method",
    "MASE",
    "wall s",
    "CPU s",
    "method, CPU ms per series",
    "recurbench, CPU ms per series",
    "peak MB",
    "stored kB",
)


def measured(folder: Path, method: str, count: int, length: int) -> list[str]:
    """Run a method on `count` series of `length` steps; its row of the table."""
    plugin, out = folder / "many.py", folder / "run"
    plugin.write_text(PLUGIN)
    problem = f"alike-series[count={count},length={length}]"
    perform(
        prepare(Request(methods=[method], datasets=[problem], plugins=[plugin], seeds=1, out=out, jobs=1))
    )
    cells = read_run(out).cells
    own = cells[cells["address"] == method]
    final = own[own["stage"] == "final"].iloc[0]
    if final["status"] != "ok":
        return [method, str(final["status"]), *[""] * (len(HEADER) - 2)]
    spent = float(final["fit_cpu_seconds"] + final["predict_cpu_seconds"])
    with sqlite3.connect(out / "results.sqlite") as file:
        query = "SELECT LENGTH(notes) + LENGTH(predictions) + LENGTH(units) FROM cells WHERE key = ?"
        (stored,) = file.execute(query, [final["key"]]).fetchone()
    return [
        method,
        f"{final['score']:.3f}",
        f"{final['wall_seconds']:.1f}",
        f"{final['cpu_seconds']:.1f}",
        f"{1000 * spent / count:.2f}",
        f"{1000 * (final['cpu_seconds'] - spent) / count:.2f}",
        f"{own['peak_mb'].max():.0f}",
        f"{stored / 1000:.0f}",
    ]


def main(methods: list[str], count: int, length: int) -> None:
    """Measure, and print the table row by row."""
    print(f"{count} series of {length} steps, horizon 12:\n")
    for line in (list(HEADER), ["---"] * len(HEADER)):
        print("| " + " | ".join(line) + " |")
    for method in methods:
        with tempfile.TemporaryDirectory() as folder:
            row = measured(Path(folder), method, count, length)
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", default=METHODS, help="addresses, separated by commas")
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--length", type=int, default=100, help="steps of a series, at least 50")
    options = parser.parse_args()
    main(split_list(options.methods), options.series, options.length)
