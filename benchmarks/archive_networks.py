"""Networks on the archive problems that chose nothing, beside the published accuracies.

    recurbench data list                      # the data folder must have the problems
    python benchmarks/archive_networks.py runs/archive_networks.csv --published FILE
    python benchmarks/archive_networks.py runs/archive_networks.csv --published FILE --table

The problems are those under `judged` in `development.toml`, with the default split. Every network is trained
once on all of train, with its default settings and seed 0. Rows that are in the CSV file are not computed
again. FILE has the columns dataset, method and accuracy; without it the published columns are left out.
`--problems development` takes the development problems instead, which are no evidence.

The first table has the mean accuracy of each network over the problems that have the published one too, and
how many published accuracies lie in the 95 % interval of ours (Wilson 1927, from the number of test cases;
it knows nothing of the spread over seeds). The second table has every problem; a star marks a published
accuracy outside the interval. `--without NAME ...` leaves problems out of both tables.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import csv
import statistics
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from archive_problem import problem_of
from recurbench.registry import Registry, discover, load
from recurbench.reports.text.markdown import table
from recurbench.task import Problem
from statsmodels.stats.proportion import proportion_confint

SETS = Path(__file__).parent / "development.toml"
NETWORKS = (
    "mlp", "cnn", "fcn", "resnet", "inception", "rnn", "gru", "lstm", "bilstm", "lstm-fcn", "esn",
)  # fmt: skip
ARCHIVE_NAMES = {
    "arrowhead": "ArrowHead",
    "basic-motions": "BasicMotions",
    "gunpoint": "GunPoint",
    "italy-power-demand": "ItalyPowerDemand",
    "japanese-vowels": "JapaneseVowels",
    "trace": "Trace",
}
ROUNDING = 1e-9  # the upper bound of 28 right of 28 is 1, and is computed a little below
# By network the published results of the same architecture, of the first source that has the problem.
PUBLISHED = {
    "mlp": ("dl4tsc:mlp",),
    "cnn": ("dl4tsc:cnn",),
    "fcn": ("dl4tsc:fcn",),
    "resnet": ("dl4tsc:resnet",),
    "inception": ("tsml:InceptionTime", "tsml:H-InceptionTime"),
    "lstm-fcn": ("lstmfcn-paper:LSTM-FCN",),
    "esn": ("dl4tsc:twiesn",),
}


@dataclass(frozen=True)
class Row:
    """What one network gave on one problem."""

    problem: str
    network: str
    correct: int
    cases: int
    constant: bool
    steps: int
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of test cases that are right."""
        return self.correct / self.cases


def problems(registry: Registry, which: str) -> Mapping[str, Problem]:
    """The problems by name; series of one channel from the archive are standardised."""
    listed = tomllib.loads(SETS.read_text(encoding="utf-8"))[which]
    bundled = listed.get("bundled", ())
    return {name: problem_of(registry, name, name not in bundled) for name in (*bundled, *listed["archive"])}


def measured(registry: Registry, name: str, problem: Problem, network: str) -> Row:
    """Train one network on all of train, and count its right answers on test."""
    (method,) = registry.select_methods([network])
    began = time.process_time()
    predict = load(method.plugin)(problem.task, problem.train, seed=0, **method.settings)
    answers = np.concatenate(list(predict(problem.test))).argmax(axis=1)
    seconds = time.process_time() - began
    truth = np.concatenate(list(problem.test.y))
    notes = getattr(predict, "notes", {})
    return Row(
        name,
        network,
        int((answers == truth).sum()),
        len(truth),
        len(set(answers.tolist())) == 1,
        int(notes.get("steps", 0)),
        round(seconds, 2),
    )


def stored(path: Path) -> list[Row]:
    """The rows that are there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Row(
                each["problem"],
                each["network"],
                int(each["correct"]),
                int(each["cases"]),
                each["constant"] == "True",
                int(each["steps"]),
                float(each["seconds"]),
            )
            for each in csv.DictReader(file)
        ]


def published(path: Path | None) -> dict[tuple[str, str], float]:
    """By problem and network the published accuracy on the default split."""
    if path is None:
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("resample_protocol", "").startswith("default")]
    # Later rows of one source are newer results on the same data.
    ours = {archive: name for name, archive in ARCHIVE_NAMES.items()}
    known = {
        (ours.get(row["dataset"], row["dataset"]), row["method"]): float(row["accuracy"]) for row in rows
    }
    found: dict[tuple[str, str], float] = {}
    for network, sources in PUBLISHED.items():
        for source in reversed(sources):  # the first source comes last, and replaces the others
            found |= {(name, network): value for (name, method), value in known.items() if method == source}
    return found


def summary(rows: Sequence[Row], others: Mapping[tuple[str, str], float]) -> list[str]:
    """One line per network."""
    lines = []
    for network in NETWORKS:
        own = [row for row in rows if row.network == network]
        if not own:
            continue
        both = [row for row in own if (row.problem, network) in others]
        inside = sum(_holds(row, others[row.problem, network]) for row in both)
        theirs = [others[row.problem, network] for row in both]
        lines.append(
            [
                network,
                str(len(own)),
                _mean([row.accuracy for row in own]),
                _mean([row.accuracy for row in both]),
                _mean(theirs),
                f"{inside} of {len(both)}" if both else "",
                str(sum(row.constant for row in own)),
                f"{sum(row.seconds for row in own):.0f}",
            ]
        )
    heads = ("network", "problems", "mean accuracy", "where published", "published", "inside our interval")
    return table((*heads, "constant answers", "CPU s"), lines)


def cells(rows: Sequence[Row], others: Mapping[tuple[str, str], float]) -> list[str]:
    """One line per problem: each network, with the published accuracy in brackets."""
    found = {(row.problem, row.network): row for row in rows}
    lines = []
    for problem in dict.fromkeys(row.problem for row in rows):
        line = [problem]
        for network in NETWORKS:
            row, other = found.get((problem, network)), others.get((problem, network))
            line.append("" if row is None else f"{row.accuracy:.3f}{_beside(row, other)}")
        lines.append(line)
    return table(("problem", *NETWORKS), lines)


def _beside(row: Row, other: float | None) -> str:
    """The published accuracy in brackets, with a star where it lies outside our interval."""
    return "" if other is None else f" ({other:.3f}{'' if _holds(row, other) else '*'})"


def _holds(row: Row, accuracy: float) -> bool:
    """Whether the interval of a row holds another accuracy."""
    low, high = proportion_confint(row.correct, row.cases, method="wilson")
    return bool(low - ROUNDING <= accuracy <= high + ROUNDING)


def _mean(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.3f}" if values else ""


def main() -> None:
    """Compute the rows that are missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--published", type=Path, help="CSV file with dataset, method, accuracy")
    parser.add_argument("--problems", choices=("judged", "development"), default="judged")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--without", nargs="+", default=[], help="problems to leave out of the tables")
    parser.add_argument("--table", action="store_true", help="print the tables of the rows that are there")
    options = parser.parse_args()
    rows = stored(options.path)
    done = {(row.problem, row.network) for row in rows}
    registry = discover(())
    options.path.parent.mkdir(parents=True, exist_ok=True)
    for name, problem in {} if options.table else problems(registry, options.problems).items():
        for network in options.networks:
            if (name, network) in done:
                continue
            row = measured(registry, name, problem, network)
            rows.append(row)
            with options.path.open("a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(asdict(row)))
                if not file.tell():
                    writer.writeheader()
                writer.writerow(asdict(row))
            print(name, network, f"{row.accuracy:.3f}", f"{row.seconds:.0f} CPU s", flush=True)
    others = published(options.published)
    rows = [row for row in rows if row.problem not in options.without]
    print("\n".join([*summary(rows, others), "", *cells(rows, others)]))


if __name__ == "__main__":
    main()
