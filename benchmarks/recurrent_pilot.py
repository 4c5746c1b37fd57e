"""What makes rnn, gru and lstm trainable on small training sets: settings tried on the development sets.

    python benchmarks/recurrent_pilot.py pilot.csv rnn 'rnn[learning_rate=0.003]' --problems gunpoint,BME
    python benchmarks/recurrent_pilot.py pilot.csv           # the table of what the file has

Every fit becomes a row of the CSV file. A fit that has a row is skipped, so the same command continues a
killed run. Problems that are not bundled are those of the UCR archive, with their files in the data folder
(RECURBENCH_DATA). A fit with `--steps 400` takes 400 optimizer steps on all of train. With `--steps 0` a
quarter of train is held out. If `patience` is set, it decides when training stops. A second fit takes as many
steps on all of train.

The table has one row per method and number of steps: the mean accuracy on test, how many fits gave the same
class to every test case ("constant"), how many had a training accuracy less than .01 above the share of the
largest class ("did not train"), and CPU seconds. It counts the problems and seeds that all its rows have.
These test parts are used for tuning, so the scores are no evidence.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported

import argparse
import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from recurbench.registry import Choice, Registry, discover, load
from recurbench.task import Predictor, Problem, Split, holdout

BUNDLED = ("gunpoint", "italy-power-demand", "arrowhead", "basic-motions", "japanese-vowels", "trace")
ARCHIVE = ("BME", "Chinatown", "ECGFiveDays", "PowerCons", "GunPointOldVersusYoung", "Wine")
KEYS = ["problem", "method", "seed", "asked"]
FIELDS = [*KEYS, "steps", "accuracy", "train_accuracy", "largest", "constant", "seconds"]
UNTRAINED = 0.01  # training accuracy above the share of the largest class; not more: nothing was learned


def problem_of(registry: Registry, name: str) -> Problem:
    """A bundled problem, or one of the archive; a series with one channel is standardised."""
    if name in registry.datasets:
        return load(registry.datasets[name])()  # type: ignore[no-any-return]
    made: Problem = load(registry.datasets["ucr"])(name=name, normalise="series")
    return made if made.task.x.size == 1 else load(registry.datasets["ucr"])(name=name)  # type: ignore[no-any-return]


def fit(choice: Choice, problem: Problem, seed: int, asked: int) -> tuple[Predictor, int]:
    """A network trained on all of train, and its number of steps."""
    function, steps = load(choice.plugin), asked
    if not steps:
        part, check = holdout(problem.task, problem.train, 0)
        steps = function(problem.task, part, check=check, seed=seed, **choice.settings).notes["steps"]
    return function(problem.task, problem.train, steps=steps, seed=seed, **choice.settings), steps


def classes(predict: Predictor, split: Split) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The most probable class of every case."""
    return np.array([answer[0].argmax() for answer in predict(split)])


def row_of(choice: Choice, name: str, problem: Problem, seed: int, asked: int) -> dict[str, Any]:
    """Fit once; return a row of the CSV file."""
    began = time.process_time()
    predict, steps = fit(choice, problem, seed, asked)
    seconds = time.process_time() - began
    train, test = (np.concatenate(list(part.y)) for part in (problem.train, problem.test))
    answers = classes(predict, problem.test)
    return {
        "problem": name,
        "method": choice.address,
        "seed": seed,
        "asked": asked,
        "steps": steps,
        "accuracy": round(float((answers == test).mean()), 4),
        "train_accuracy": round(float((classes(predict, problem.train) == train).mean()), 4),
        "largest": round(float(np.bincount(train).max() / len(train)), 4),
        "constant": int(len(set(answers.tolist())) == 1),
        "seconds": round(seconds, 2),
    }


def run(
    file: Path, methods: Sequence[str], problems: Sequence[str], seeds: Sequence[int], asked: int
) -> None:
    """Fit what the file has no row of, and append the rows."""
    registry = discover()
    known = set() if not file.exists() else set(pd.read_csv(file)[KEYS].itertuples(index=False, name=None))
    with file.open("a", newline="") as target:
        writer = csv.DictWriter(target, FIELDS)
        if not target.tell():
            writer.writeheader()
        for name in problems:
            problem = problem_of(registry, name)
            for choice in registry.select_methods(methods):
                for seed in seeds:
                    if (name, choice.address, seed, asked) not in known:
                        writer.writerow(row_of(choice, name, problem, seed, asked))
                        target.flush()


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per method and number of steps, over the problems and seeds that all of them have."""
    rows = rows.assign(idle=rows["train_accuracy"] <= rows["largest"] + UNTRAINED)
    groups = rows.groupby(["method", "asked"])
    counted = rows.groupby(["problem", "seed"])["method"].transform("size") == len(groups)
    found = rows[counted].groupby(["method", "asked"])
    return pd.DataFrame(
        {
            "fits": found.size(),
            "accuracy": found["accuracy"].mean().round(3),
            "constant": found["constant"].sum(),
            "did not train": found["idle"].sum(),
            "seconds": found["seconds"].sum().round(1),
        }
    )


def main() -> None:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("methods", nargs="*", help="names, with settings in brackets")
    parser.add_argument("--problems", default=",".join([*BUNDLED, *ARCHIVE]))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--steps", type=int, default=400)
    given = parser.parse_args()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    if given.methods:
        run(given.file, given.methods, given.problems.split(","), seeds, given.steps)
    rows = pd.read_csv(given.file)
    if given.methods:
        named = [choice.address for choice in discover().select_methods(given.methods)]
        rows = rows[rows["problem"].isin(given.problems.split(",")) & rows["method"].isin(named)]
    print(table(rows).to_string())
    print(rows.pivot_table("accuracy", ["method", "asked", "seed"], "problem").to_string())


if __name__ == "__main__":
    main()
