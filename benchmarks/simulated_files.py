"""Run `recurbench run --data` on simulated files with a known truth; count wrong verdicts and wrong choices.

    python benchmarks/simulated_files.py runs/simulated --budget 30s

Each file has 200 monthly values of one process: white noise, AR(1), a season of 12 with noise, a threshold
autoregression, or long memory (ARFIMA, d = .3). The truth comes from the next 100,000 values of the same
process: every method of the run is fitted again on the training part of the file, with its first seed, and
forecasts 490 windows of the continuation, each from the 200 values before it. Its true error is the mean
absolute error there.

    verdict   of the report: "ahead" is false if the recurrent network has the larger true error, "behind" if
              it has the smaller, "no difference" if the true errors differ by more than the margin
    regret    the true error of the method that validation chose minus that of the best method of the run, as
              a share of the true error of the reference

Results go to DIRECTORY/files.csv, one row per file; files that are there are not run again. `--table` prints
the tables only.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recurbench.forecasting.choice import choose_method, rebuilt
from recurbench.forecasting.refit import refit_on
from recurbench.registry import Registry, discover
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.text.markdown import table
from recurbench.results import Run, read_run
from recurbench.task import Problem, Split

Floats = NDArray[np.float64]

STEPS, SEASON = 200, 12
CONTINUED = 100_000
SPACING = 204  # steps between windows of the continuation; whole seasons, so that months keep their place
WARM = 1000


def white(noise: Floats) -> Floats:
    """White noise."""
    return noise


def ar(noise: Floats) -> Floats:
    """y[t] = .7 y[t-1] + e[t]."""
    return _filtered(noise, lambda last: 0.7 * last)


def threshold(noise: Floats) -> Floats:
    """y[t] = .9 y[t-1] + e[t] where y[t-1] is negative, else -.8 y[t-1] + e[t]."""
    return _filtered(noise, lambda last: 0.9 * last if last < 0 else -0.8 * last)


def seasonal(noise: Floats) -> Floats:
    """A fixed season of 12 with amplitude 2, plus white noise."""
    return 2 * np.sin(2 * np.pi * np.arange(len(noise)) / SEASON) + noise


def long_memory(noise: Floats) -> Floats:
    """ARFIMA(0, .3, 0) by its infinite moving average, cut at the length of the noise (Hosking 1981)."""
    steps = np.arange(1, len(noise))
    weights = np.concatenate([[1.0], np.cumprod((steps - 1 + 0.3) / steps)])
    size = 2 * len(noise)
    return np.fft.irfft(np.fft.rfft(noise, size) * np.fft.rfft(weights, size), size)[: len(noise)]


def _filtered(noise: Floats, step: Callable[[float], float]) -> Floats:
    values = np.zeros(len(noise))
    for t in range(1, len(noise)):
        values[t] = step(values[t - 1]) + noise[t]
    return values


PROCESSES: dict[str, tuple[Callable[[Floats], Floats], int]] = {
    "white noise": (white, 40),
    "AR(1)": (ar, 20),
    "season": (seasonal, 20),
    "threshold": (threshold, 20),
    "long memory": (long_memory, 20),
}
"""By name the function of the process, and how many files of it are run."""


@dataclass(frozen=True)
class Row:
    """One file. errors are true errors; lift and true_lift are differences in skill; cpu in seconds."""

    process: str
    number: int
    verdict: str
    lift: float
    low: float
    high: float
    true_lift: float
    chosen: str
    chosen_error: float
    best: str
    best_error: float
    reference_error: float
    naive_regret: float
    cpu: float


def values_of(process: str, number: int) -> Floats:
    """The values of a file and of its continuation [200 + 100,000]."""
    place = list(PROCESSES).index(process)
    rng = np.random.default_rng([number, place, 19])
    made = PROCESSES[process][0](rng.standard_normal(WARM + STEPS + CONTINUED))
    return made[WARM:] + 10.0


def write_file(path: Path, values: Floats) -> None:
    """One series with monthly dates, as a user would have it."""
    months = np.datetime64("2000-01") + np.arange(STEPS)
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"month": months.astype(str), "value": values[:STEPS]}).to_csv(path, index=False)


def continued(problem: Problem, values: Floats) -> tuple[Split, Floats]:
    """Windows of the continuation, each with the 200 values before it, and the truth [windows, horizon]."""
    horizon = problem.task.steps
    starts = np.arange(SPACING, len(values) - STEPS - horizon, SPACING)
    time = (np.datetime64("2000-01") + np.arange(STEPS + horizon)).astype("datetime64[us]")
    x = [values[start : start + STEPS, None] for start in starts]
    truth = np.stack([values[start + STEPS : start + STEPS + horizon] for start in starts])
    return Split(x, series=["value"] * len(x), time=[time] * len(x)), truth


def true_errors(run: Run, name: str, values: Floats, registry: Registry) -> dict[str, float]:
    """By address of a method that has a score the mean absolute error on the continuation."""
    dataset, problem = rebuilt(run, name, registry, None)
    split, truth = continued(problem, values)
    final = run.final
    scored = final[(final["problem"] == name) & final["score"].notna()]
    errors = {}
    for address in dict.fromkeys(map(str, scored["address"])):
        choice = choose_method(run, name, address, registry)
        answer = refit_on(problem.task, dataset, choice, problem.train)(split)
        errors[address] = float(np.abs(np.stack([each[:, 0] for each in answer]) - truth).mean())
    return errors


def row_of(process: str, number: int, folder: Path, values: Floats, registry: Registry) -> Row:
    """What the report says about a finished run, and the truth."""
    run = read_run(folder)
    (name,) = run.final["problem"].unique()
    errors = true_errors(run, str(name), values, registry)
    lift = lifts_of(run).iloc[0]
    reference = errors["seasonal-naive"]
    sides = [_address(run, lift[side]) for side in ("recurrent", "other")]
    truth = (errors[sides[1]] - errors[sides[0]]) / reference if all(sides) else float("nan")
    chosen = choose_method(run, str(name), None, registry).address
    best = min(errors, key=errors.__getitem__)
    cheap = min(errors.get(each, np.inf) for each in ("seasonal-naive", "mean"))
    return Row(
        process,
        number,
        str(lift["verdict"]),
        *(float(lift[each]) if pd.notna(lift[each]) else float("nan") for each in ("lift", "low", "high")),
        truth,
        chosen,
        errors[chosen],
        best,
        errors[best],
        reference,
        (cheap - errors[best]) / reference,
        float(run.cells["cpu_seconds"].sum()),
    )


def _address(run: Run, name: object) -> str:
    """The address of a side of a lift; "" if the lift has no such side."""
    return str(name) if name in set(run.final["address"]) else ""


def perform(folder: Path, budget: str, most: int) -> None:
    """Run all files that have no row yet, process after process in turns."""
    results = folder / "files.csv"
    done = (
        set(map(tuple, pd.read_csv(results)[["process", "number"]].to_numpy())) if results.exists() else set()
    )
    registry = discover(())
    for number in range(most):
        for process, (_, count) in PROCESSES.items():
            if number >= count or (process, number) in done:
                continue
            name = f"{process.replace(' ', '-').replace('(1)', '1').lower()}-{number}"
            values = values_of(process, number)
            write_file(folder / "files" / f"{name}.csv", values)
            command = [
                sys.executable,
                "-m",
                "recurbench",
                "run",
                "--data",
                str(folder / "files" / f"{name}.csv"),
            ]
            out = folder / "runs" / name
            subprocess.run(
                [*command, "--budget", budget, "--out", str(out)], check=False, stdout=subprocess.DEVNULL
            )
            row = asdict(row_of(process, number, out, values, registry))
            with results.open("a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(row))
                if file.tell() == 0:
                    writer.writeheader()
                writer.writerow(row)
            print(*row.values(), sep="  ", flush=True)


def is_false(row: pd.Series[float]) -> bool:
    """Whether the truth contradicts the verdict of a row."""
    wrong = {
        "ahead": row["true_lift"] < 0,
        "behind": row["true_lift"] > 0,
        "no_difference": abs(row["true_lift"]) > MARGIN,
    }
    return bool(wrong.get(str(row["verdict"]), False))


def tables(folder: Path) -> list[str]:
    """The verdicts by process, and the regret of the chosen method, as lines of Markdown."""
    rows = pd.read_csv(folder / "files.csv")
    rows["false"] = rows.apply(is_false, axis=1)
    rows["regret"] = (rows["chosen_error"] - rows["best_error"]) / rows["reference_error"]
    verdicts = sorted(rows["verdict"].unique())
    cells = []
    for process, group in rows.groupby("process", sort=False):
        counts = []
        for verdict in verdicts:
            fell = group[group["verdict"] == verdict]
            counts.append(f"{len(fell)}" + (f" ({int(fell['false'].sum())} false)" if len(fell) else ""))
        regret = [f"{group['regret'].mean():.3f}", f"{group['naive_regret'].mean():.3f}"]
        cells.append([str(process), str(len(group)), *counts, *regret, f"{group['cpu'].median():.0f}"])
    heads = ("process", "files", *verdicts, "mean regret", "of the better of mean and naive", "CPU-s, median")
    return table(heads, cells)


def main() -> None:
    """Run, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--budget", default="30s", help="CPU time of one file")
    parser.add_argument("--files", type=int, default=40, help="files of each process, at most")
    parser.add_argument("--table", action="store_true", help="print the tables of the files that are there")
    options = parser.parse_args()
    if not options.table:
        perform(options.directory, options.budget, options.files)
    print("\n".join(tables(options.directory)))


if __name__ == "__main__":
    main()
