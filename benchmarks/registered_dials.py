"""Turn the dials of two registered problems: test length, optimizer steps, and number of training sequences.

    python benchmarks/registered_dials.py runs/dials [--jobs 2] [--hours 2]     # runs what is missing, prints
    python benchmarks/registered_dials.py runs/dials --table                    # prints only

On parity and on products in S3 one setting changes at a time. The methods are those that the pilots chose
(datasets/frozen.toml): the best recurrent, full-context and window-limited network, and the best recurrence
that is linear in its state. Each has its frozen learning rate. All of it is exploratory: nothing was
predicted, and no judged sample is used. The fits run on samples 100 to 103.

Everything is kept in one directory. The same command continues after --hours, Ctrl-C or a crash.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from judge import Meter, SpentError, refuse_unfrozen
from merged_plans import merged, plan_of
from recurbench.address import joined, split_address
from recurbench.api import Plan, perform
from recurbench.contrasts import Registered
from recurbench.registered_roles import agreed
from recurbench.registration import Frozen, frozen_pairs
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.registered_rule import SOLVED
from recurbench.reports.statistics.replicates import skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.results import Run, fits, read_run

PROBLEMS = ("parity[n_test=2000,test_length=100,train_length=20]", "word-problem[n_test=2000]")
FIRST, REPLICATES = 100, 4
LINEAR = "nonlinear against linear recurrence"
# By dial the values. Steps are multiples of the registered number; the others are settings of the data set.
DIALS: Mapping[str, tuple[int, ...]] = {
    "test_length": (20, 40, 100),
    "steps": (1, 2, 4),
    "n_train": (250, 500, 2000, 8000),
}
TITLES = {
    "test_length": "test length (training sequences have up to 20 steps)",
    "steps": "largest number of optimizer steps",
    "n_train": "training sequences",
}


@dataclass(frozen=True)
class Setting:
    """One value of one dial. problem: address of the data set. methods: by name their addresses."""

    dial: str
    value: int
    problem: str
    methods: Mapping[str, str]


def names_of(chosen: Frozen) -> tuple[str, ...]:
    """The methods to run, each once: the best of each group, and the best linear recurrence."""
    pair = next((p for p in frozen_pairs() if (p.name, p.problem) == (LINEAR, chosen.problem)), None)
    best = (chosen.best_recurrent, pair and pair.other, chosen.best_full, chosen.best_window)
    return tuple(dict.fromkeys(name for name in best if name))


def settings_of(contrast: Registered, chosen: Frozen) -> Iterator[Setting]:
    """Every value of every dial of one problem."""
    rates = {name: rate for group in chosen.rates.values() for name, rate in group.items()}
    name, given = split_address(contrast.problem)
    for dial, values in DIALS.items():
        for value in values:
            times = value if dial == "steps" else 1
            turned = given if dial == "steps" else {**given, dial: value}
            budget = replace(contrast, steps=times * contrast.steps, patience=times * contrast.patience)
            yield Setting(
                dial,
                times * contrast.steps if dial == "steps" else value,
                joined(name, dict(sorted(turned.items()))),
                {each: budget.address(each, rates[each]) for each in names_of(chosen)},
            )


def every(folder: Path, workers: int) -> dict[str, list[tuple[Setting, Plan]]]:
    """By registered problem its settings, each with its plan. No fit runs."""
    found = {}
    for contrast, chosen in agreed():
        if contrast.problem in PROBLEMS:
            found[contrast.problem] = [
                (each, plan_of(each.problem, [*each.methods.values()], FIRST, REPLICATES, folder, workers))
                for each in settings_of(contrast, chosen)
            ]
    return found


def lines(run: Run, problem: str, settings: Sequence[Setting]) -> Iterator[str]:
    """The tables of one problem in Markdown, one per dial; an entry that has not run is empty."""
    yield f"## {problem}"
    for dial in DIALS:
        rows = [each for each in settings if each.dial == dial]
        names = list(rows[0].methods)
        yield f"\n| {TITLES[dial]} | {' | '.join(f'`{name}`' for name in names)} |"
        yield "|---:|" + "---|" * len(names)
        for each in rows:
            yield f"| {each.value:,} | {' | '.join(entry(run, each, name) for name in names)} |"
    yield ""


def entry(run: Run, setting: Setting, name: str) -> str:
    """`3 of 4, .912, 7.1 s`: solved fits, mean skill and CPU seconds a fit; "" where nothing has run."""
    cells = run.cells
    own = cells[(cells["problem"] == setting.problem) & (cells["address"] == setting.methods[name])]
    final = own[own["stage"] == "final"]
    if not len(final):
        return ""
    levels = by_draw(run, setting.problem)
    if isinstance(levels, Reason):
        return levels.code
    skills = skill_table(own, levels)
    held = skills[setting.methods[name]] if len(skills) else []
    failed = len(final) - len(held)
    solved = sum(skill >= SOLVED for skill in held)
    mean = f"{sum(held) / len(held):.3f}" if len(held) else "no score"
    seconds = float(fits(own)["cpu_seconds"].sum()) / len(final)
    return f"{solved} of {len(final)}, {mean}, {seconds:.1f} s" + (f", {failed} failed" if failed else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing and print the tables; 2 if nothing can run, 130 after Ctrl-C."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("folder", type=Path, help="directory of the run")
    asked.add_argument("--jobs", type=int, default=1, help="worker processes; 0: in this process")
    asked.add_argument("--hours", type=float, default=2.0, help="CPU-hours of this call")
    asked.add_argument("--table", action="store_true", help="print what has run, and run nothing")
    given = asked.parse_args(arguments)
    try:
        refuse_unfrozen()
        found = every(given.folder, given.jobs)
        plans = [plan for rows in found.values() for _, plan in rows]
        if not plans:
            raise ValueError(f"datasets/frozen.toml has none of {', '.join(PROBLEMS)}; nothing can be turned")
        if not given.table:
            perform(merged(plans), Meter(given.hours * 3600))
        run = read_run(given.folder)
    except SpentError:
        print(f"{given.hours:g} CPU-hours are used up; the same command continues.")
        run = read_run(given.folder)
    except KeyboardInterrupt:
        print("stopped; the same command continues")
        return 130
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print("Each entry: solved fits (skill .9 or more), mean skill, CPU seconds a fit.\n")
    for problem, rows in found.items():
        print("\n".join(lines(run, problem, [setting for setting, _ in rows])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
