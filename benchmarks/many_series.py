"""What 1,000 series of 100 steps cost: wall time, CPU time and memory, method by method.

Every method is fitted on all series and forecasts 12 steps of each, in one worker process with one thread.
Prints a Markdown table of the final fits with their forecasts and scores: seconds of wall and CPU time; CPU
milliseconds per series of the method alone (fit and forecast), and of all that recurbench adds (copies,
checks, hashes, scores); the highest memory of the worker, and how much of it the fit added; the size of the
fit in the run file. Each series is a level, a slope, a season of 12 steps and a random walk.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from pathlib import Path

from recurbench.api import Request, perform, prepare
from recurbench.results import fits, read_run

PLUGIN = '''
"""Series with a level, a slope, a season and a random walk."""

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset


@dataset("many-series", kind="forecasting")
def many_series(*, count: int = 1000, length: int = 100, steps: int = 12) -> Problem:
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
METHODS = "seasonal-naive,theta,ets,nlinear,dlinear,mlp,lstm"
HEADER = (
    "method",
    "MASE",
    "wall s",
    "CPU s",
    "method, CPU ms per series",
    "recurbench, CPU ms per series",
    "peak MB",
    "added MB",
    "stored kB",
)


def measured(folder: Path, methods: list[str], count: int, length: int) -> list[list[str]]:
    """Run all methods on `count` series of `length` steps; one row of the table each."""
    plugin = folder / "many.py"
    plugin.write_text(PLUGIN)
    problem = f"many-series[count={count},length={length}]"
    request = Request(
        methods=methods, datasets=[problem], plugins=[plugin], seeds=1, out=folder / "run", jobs=1
    )
    perform(prepare(request))
    final = fits(read_run(folder / "run").final)
    with sqlite3.connect(folder / "run" / "results.sqlite") as file:
        query = "SELECT key, LENGTH(notes) + LENGTH(predictions) + LENGTH(units) FROM cells"
        stored = dict(file.execute(query).fetchall())
    return [_row(cell, count, stored[cell["key"]]) for cell in final.to_dict("records")]


def _row(cell: dict[str, object], count: int, stored: int) -> list[str]:
    if cell["status"] != "ok":
        return [str(cell["address"]), str(cell["status"]), *[""] * (len(HEADER) - 2)]
    wall, cpu, peak, start = (
        float(str(cell[k])) for k in ("wall_seconds", "cpu_seconds", "peak_mb", "start_mb")
    )
    own = float(str(cell["fit_cpu_seconds"])) + float(str(cell["predict_cpu_seconds"]))
    return [
        str(cell["address"]),
        f"{float(str(cell['score'])):.3f}",
        f"{wall:.1f}",
        f"{cpu:.1f}",
        f"{1000 * own / count:.2f}",
        f"{1000 * (cpu - own) / count:.2f}",
        f"{peak:.0f}",
        f"{peak - start:.0f}",
        f"{stored / 1000:.0f}",
    ]


def main(methods: list[str], count: int, length: int) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(Path(folder), methods, count, length)
    print(f"{count} series of {length} steps, horizon 12:\n")
    for line in (list(HEADER), ["---"] * len(HEADER), *rows):
        print("| " + " | ".join(line) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", default=METHODS, help="addresses, separated by commas")
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--length", type=int, default=100, help="steps of a series, at least 50")
    options = parser.parse_args()
    main(options.methods.split(","), options.series, options.length)
