"""Compare the estimates of `recurbench plan` with the times of 30 runs of different size.

    python benchmarks/plans.py runs/plans
    python benchmarks/plans.py runs/plans --before ../older/.venv/bin/recurbench

runs those that are missing and prints a table: CPU seconds taken, estimated from the shipped numbers alone,
and estimated with the earlier runs of the table in the same folder. The shipped numbers were not fitted on
any of these problems. --before also asks another recurbench, which sees the same runs.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from recurbench.api import Request, perform, prepare
from recurbench.planning.plan_costs import predicted, prospects
from recurbench.record import RunFile
from recurbench.running.runner import spent

HOURS = {"hourly": 1, "daily": 24, "monthly": 0}


@dataclass(frozen=True)
class Case:
    """One run. csv: number of series, rows of each, and frequency of a new file. methods "": default."""

    name: str
    methods: str
    datasets: str = ""
    csv: tuple[int, int, str] | None = None
    seeds: int = 1

    def request(self, folder: Path, beside: Path | None = None) -> Request:
        """The request. beside: the folder for a plan, if not that of the run."""
        file = None if self.csv is None else write(folder / "csv" / f"{self.name}.csv", *self.csv)
        return Request(
            methods=self.methods.split(),
            datasets=self.datasets.split(),
            data=file,
            dials={"horizon": 12} if file else {},
            seeds=self.seeds,
            jobs=1,
            out=(beside or folder / "runs") / self.name,
        )


CASES = (
    Case("airline", "", "airline"),
    Case("one-144", "", csv=(1, 144, "monthly")),
    Case("parity", "most-common lstm", "parity"),
    Case("ten-144", "theta ets drift mlp", csv=(10, 144, "monthly")),
    Case("italy", "dtw-1nn time-domain-forest fourier-ridge mlp", "italy-power-demand"),
    Case("one-2000", "ets theta sarimax mlp", csv=(1, 2000, "daily")),
    Case("gunpoint", "hmm euclidean-1nn wavelet-forest rnn", "gunpoint", seeds=3),
    Case("one-600", "decomposition sarimax time-domain-ridge lstm", csv=(1, 600, "monthly")),
    Case("arma", "gaussian-ar linear-filter mlp", "arma[length=100]"),
    Case("hundred-200", "theta drift ets", csv=(100, 200, "daily")),
    Case("trace", "dtw-1nn time-domain-ridge cnn", "trace"),
    Case("one-20000", "theta gaussian-ar nlinear drift", csv=(1, 20000, "daily")),
    Case("vowels", "hmm dtw-1nn lstm", "japanese-vowels"),
    Case("one-5000", "dlinear seasonal-naive gru", csv=(1, 5000, "hourly")),
    Case("digits", "fourier-forest tcn[max_steps=300]", "sequential-digits[n_train=300]"),
    Case("thirty-100", "theta ets gru", csv=(30, 100, "monthly"), seeds=3),
    Case("covid", "wavelet-ridge dtw-1nn mlp", "covid-3-month"),
    Case("sarimax-144", "sarimax", csv=(1, 144, "monthly")),
    Case("word", "markov gru[max_steps=1000]", "word-problem"),
    Case("co2", "ets sarimax analog wavelet-forest", "co2"),
    Case("firm", "most-common time-domain-forest mlp", "firm-default[n_train=200]"),
    Case("one-3000", "analog fourier-ridge esn", csv=(1, 3000, "daily")),
    Case("narma", "linear-filter esn tcn[max_steps=200]", "narma[length=100]"),
    Case("macro", "gaussian-ar nbeats theta", "macrodata"),
    Case("cancer", "fourier-forest wavelet-ridge mlp", "breast-cancer", seeds=3),
    Case("reversal", "ngram edit-1nn", "reversal"),
    Case("recall", "linear-filter rnn", "delayed-recall[length=50,n_train=100]"),
    Case("five-1000", "wavelet-forest decomposition transformer", csv=(5, 1000, "hourly")),
    Case("trajectory", "mean euclidean-1nn mlp[max_steps=500]", "trajectory"),
    Case("regressor", "time-domain-ridge sparse-ode lstm-shuffled", "known-regressor"),
)


def write(path: Path, series: int, rows: int, often: str) -> Path:
    """Write a file of seasonal series; every call writes the same numbers."""
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([series, rows])
    lines = ["unique_id,ds,y"]
    season = {"hourly": 24, "daily": 7, "monthly": 12}[often]
    for i in range(series):
        noise = np.cumsum(rng.normal(size=rows)) * 0.3
        wave = 5 * np.sin(2 * np.pi * np.arange(rows) / season + i) + 50 + noise
        lines += [f"s{i},{stamp(t, often)},{value:.4f}" for t, value in enumerate(wave)]
    path.write_text("\n".join(lines) + "\n")
    return path


def stamp(row: int, often: str) -> str:
    """The time stamp of a row."""
    if often == "monthly":
        return f"{1950 + row // 12}-{1 + row % 12:02d}-01"
    return (datetime(1960, 1, 1, tzinfo=UTC) + timedelta(hours=HOURS[often] * row)).strftime("%Y-%m-%d %H:%M")


def taken(case: Case, folder: Path) -> float:
    """CPU seconds of a run, which is run now if it is missing."""
    place = folder / "runs" / case.name / "results.sqlite"
    done = folder / "runs" / case.name / "done"
    if not done.is_file():
        perform(prepare(case.request(folder)))
        done.touch()
    file = RunFile(place)
    rows = [file.get(row["key"]) for row in file.rows()]
    file.close()
    return spent(row for row in rows if row is not None)


def plans(case: Case, earlier: list[Case], folder: Path, before: str) -> list[float | None]:
    """The estimates: from the shipped numbers alone, with the earlier runs, and by another program."""
    with tempfile.TemporaryDirectory() as alone, tempfile.TemporaryDirectory() as beside:
        for one in earlier:
            (Path(beside) / one.name).symlink_to((folder / "runs" / one.name).resolve())
        estimates: list[float | None] = []
        for place in (alone, beside):
            plan = prepare(case.request(folder, Path(place)))
            estimates.append(predicted(prospects(plan.jobs, plan.folder, built=plan.sizes)))
        if before:
            estimates.append(asked(before, case, folder, Path(beside)))
    return estimates


def asked(program: str, case: Case, folder: Path, beside: Path) -> float | None:
    """The estimate of another recurbench; None if it prints none."""
    request = case.request(folder, beside)
    command = [program, "plan", "--seeds", str(case.seeds), "--jobs", "1", "--out", str(request.out)]
    command += [part for name in request.methods for part in ("--methods", name)]
    command += [part for name in request.datasets for part in ("--datasets", name)]
    if request.data is not None:
        command += ["--data", str(request.data), "--horizon", "12"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    number = re.search(r"\(([\d.]+) s\)", output)
    return max(float(number[1]), 0.5) if number else None  # printed in whole seconds


def main() -> None:
    """Print a line per run, then the median and the worst factor of every kind of estimate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", default="", help="the recurbench program to compare with")
    options = parser.parse_args()
    ways = ["shipped", "with runs", *(["before"] if options.before else [])]
    print("| run | taken, CPU-s | " + " | ".join(ways) + " |\n|---|---|" + "---|" * len(ways))
    factors: dict[str, list[float]] = {way: [] for way in ways}
    for i, case in enumerate(CASES):
        seconds = taken(case, options.folder)
        cells = []
        for way, value in zip(
            ways, plans(case, list(CASES[:i]), options.folder, options.before), strict=True
        ):
            if value is not None:
                factors[way].append(max(value / seconds, seconds / max(value, 1e-9)))
            cells.append("no estimate" if value is None else f"{value:.2f} ({value / seconds:.2f})")
        print(f"| {case.name} | {seconds:.2f} | {' | '.join(cells)} |", flush=True)
    for way, values in factors.items():
        inside = sorted(values)[max(0, int(0.8 * len(values)) - 1)]
        print(
            f"{way}: {len(values)} runs, factor {statistics.median(values):.2f} in the median, "
            f"{inside:.2f} in 8 of 10, {max(values):.2f} at worst"
        )


if __name__ == "__main__":
    main()
