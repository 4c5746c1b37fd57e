"""Choose the roles of the second registration from its pilot fits, and write them to datasets/frozen.toml.

    recurbench run pilots --out runs/pilots
    python benchmarks/freeze.py runs/pilots                                  # tables, and what is missing
    python benchmarks/freeze.py runs/pilots --run-twins runs/pilots-twins    # pilots of the twins
    python benchmarks/freeze.py runs/pilots runs/pilots-twins --write        # writes the file

The best learning rate of each method and the best method of each group are those with the highest mean test
skill on the pilot samples (`pilot_choice.choose`). Only the best recurrent method of a contrast needs its
twin without a state. The twin chooses its learning rate on the same samples, in a second run. The output
says which contrasts lack pilots. --write refuses then: a contrast is left out by removing it from
registration.toml, and by nothing else. The script trains nothing without --run-twins.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from frozen_file import Content, history, written
from merged_plans import merged, plan_of
from pilot_fits import Fits, fits_of
from recurbench.api import perform
from recurbench.contrasts import Registered, Registration, registration, twin
from recurbench.packaged import beside
from recurbench.registered_roles import fingerprint, held_together
from recurbench.registration import Frozen, FrozenPair
from recurbench.reports.statistics.pilot_choice import choose, ranked
from recurbench.reports.statistics.registered_rule import SOLVED, Outcome
from recurbench.reports.statistics.replicates import hours_of
from recurbench.results import Run, read_run

SHOWN = 6  # missing methods that a line names


@dataclass(frozen=True)
class Chosen:
    """A contrast and what its pilots chose.

    fits: of the candidates, and of the twin where it has run. frozen: None where candidates lack pilots.
    missing: recipes of candidates without all their pilots. twin: the twin that is needed. twin_missing:
    whether it lacks pilots.
    """

    contrast: Registered
    fits: Fits
    frozen: Frozen | None = None
    missing: tuple[str, ...] = ()
    twin: str = ""
    twin_missing: bool = True

    @property
    def complete(self) -> bool:
        """Whether the contrast can be frozen."""
        return self.frozen is not None and not self.twin_missing


def chosen_of(contrast: Registered, plan: Registration, run: Run, twins: Run | None) -> Chosen:
    """What the pilots of one contrast chose, as far as they have run."""
    own = fits_of(run, contrast, contrast.candidates.methods, plan)
    if own.missing:
        return Chosen(contrast, own, missing=own.missing)
    lists = contrast.candidates
    groups = {"recurrent": lists.recurrent, "full": lists.full, "window": lists.window}
    words = (contrast.problem, contrast.predicted)
    graded = contrast.outcome == Outcome.GRADED
    first = choose(own.table, groups, {}, *words, graded=graded)
    needed = twin(first.best_recurrent)
    cut = None if twins is None else fits_of(twins, contrast, (needed,), plan)
    if cut is None or cut.missing:
        return Chosen(contrast, own, doubled(contrast, first), twin=needed)
    both = Fits(pd.concat([own.table, cut.table], ignore_index=True), {**own.seconds, **cut.seconds})
    found = choose(both.table, groups, {first.best_recurrent: needed}, *words, graded=graded)
    return Chosen(contrast, both, doubled(contrast, found), twin=needed, twin_missing=False)


def doubled(contrast: Registered, found: Frozen) -> Frozen:
    """With the rivals at twice the budget, where "recurrence helps" is predicted; they keep their rates."""
    full = dict(found.rates["full"])
    again = {twice: full[name] for name, twice in contrast.doubled.items()}
    return replace(found, rates={**found.rates, "full": {**full, **again}}, twice=tuple(again))


def pairs_of(plan: Registration, found: Sequence[Chosen]) -> tuple[FrozenPair, ...]:
    """The secondary contrasts on the problems that can be frozen, with the best method of each list."""
    by_problem = {each.contrast.problem: each for each in found if each.complete}
    pairs = []
    for pair in plan.secondary:
        for problem in pair.problems:
            if problem in by_problem:
                order = ranked(by_problem[problem].fits.table)
                one, other = (
                    next((name for name in order if name in side), None) for side in (pair.one, pair.other)
                )
                if one and other:
                    pairs.append(FrozenPair(pair.name, problem, one, other))
    return tuple(pairs)


def table(each: Chosen, rates: Sequence[float]) -> Iterator[str]:
    """The pilots of a contrast in Markdown: by method and rate mean skill, solved fits and CPU time."""
    yield f"## {each.contrast.problem}"
    yield ""
    if each.missing:
        named = ", ".join(each.missing[:SHOWN]) + (", ..." if len(each.missing) > SHOWN else "")
        yield f"Not complete: {len(each.missing)} recipes lack pilot fits: {named}"
        return
    assert each.frozen is not None
    yield f"Outcome: {each.frozen.outcome}. Predicted: {each.frozen.predicted}."
    yield ""
    yield " | ".join(("| method", *(f"{rate:g}" for rate in rates), "best of |"))
    yield "|" + "---|" * (len(rates) + 2)
    chosen = {name: rate for methods in each.frozen.rates.values() for name, rate in methods.items()}
    for name, own in each.fits.table.groupby("method", sort=False):
        cells = []
        for rate in rates:
            test = own[own["rate"] == rate]["test"]
            seconds = each.fits.seconds[str(name), rate]
            solved = int((test >= SOLVED).sum())
            text = f"{test.mean():.3f}, {solved} of {len(test)}, {seconds:.1f} s"
            cells.append(f"**{text}**" if chosen[str(name)] == rate else text)
        yield " | ".join((f"| {name}", *cells, f"{', '.join(titles(each.frozen, str(name)))} |"))
    if each.twin_missing:
        yield ""
        yield f"Not complete: its twin lacks pilots: {each.twin}"


def titles(found: Frozen, name: str) -> list[str]:
    """Of which groups a method is the best, and whether it is the twin of the best recurrent one."""
    best = {
        "recurrent": found.best_recurrent,
        "full": found.best_full,
        "window": found.best_window,
        "memory": found.best_memory,
        "twin": found.twin,
    }
    return [what for what, champion in best.items() if champion == name]


def run_twins(found: Sequence[Chosen], plan: Registration, folder: Path, workers: int) -> None:
    """Train the twins of the best recurrent methods with every learning rate, on the pilot samples."""
    plans = [
        plan_of(
            each.contrast.problem,
            [each.contrast.address(each.twin, rate) for rate in plan.rates],
            0,
            plan.replicates,
            folder,
            workers,
        )
        for each in found
        if each.twin
    ]
    if not plans:
        raise ValueError("no contrast has all its pilots; run `recurbench run pilots` to the end first")
    perform(merged(plans))


def report(found: Sequence[Chosen], plan: Registration, runs: Sequence[Run], command: str) -> None:
    """Print the tables, what is missing, what it cost, and what to do next."""
    print("Each entry: mean test skill, solved fits, CPU seconds a fit. Bold: the chosen learning rate.\n")
    for each in found:
        print("\n".join(table(each, plan.rates)) + "\n")
    hours = sum(hours_of(run.cells) for run in runs)
    done = sum(each.complete for each in found)
    print(f"CPU time of the pilots: {hours:.2f} hours. Contrasts with all pilots: {done} of {len(found)}.")
    waiting = [each for each in found if each.frozen and each.twin_missing]
    if waiting:
        print(f"Twins without pilots: {len(waiting)}. To train them:\n\n    {command}\n")


def freeze(
    plan: Registration, found: Sequence[Chosen], runs: Sequence[Run], path: Path, command: str
) -> None:
    """Write the roles of all contrasts, unless the file holds them already.

    ValueError if a contrast lacks pilots, or the file holds other roles.
    """
    pairs = pairs_of(plan, found)
    lacking = [each.contrast.problem for each in found if not each.complete]
    if lacking or not found:
        raise ValueError(
            f"{len(lacking)} of {len(found)} contrasts lack pilots: {', '.join(lacking)}; "
            "nothing was written: run what is missing, or remove these contrasts from registration.toml "
            "and commit it"
        )
    roles = tuple(each.frozen for each in found if each.frozen is not None)
    held_together(plan, roles, pairs)
    new = Content(fingerprint(path.with_name("registration.toml")), roles, tuple(pairs))
    old = Content.of(path) if path.exists() else None
    if old == new:
        print(f"{path} holds these roles already; nothing was written.")
        return
    if old is not None and (old.registration or old.roles):
        raise ValueError(
            f"{path} holds {differing(old, new)}; if nothing was judged by this file, "
            "write `frozen = []` into it and repeat the command"
        )
    written(path, new, history(runs, command))
    print(f"{path}: {len(roles)} contrasts, {len(pairs)} secondary contrasts. Commit it before judging.")


def differing(old: Content, new: Content) -> str:
    """What an old file holds that would change."""
    parts = {
        "another registration": old.registration != new.registration,
        "other roles": old.roles != new.roles,
        "other secondary contrasts": old.pairs != new.pairs,
    }
    return ", ".join(what for what, changed in parts.items() if changed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the pilots chose, and write it if asked to; 2 where it cannot be done, 130 after Ctrl-C."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("pilots", type=Path, help="directory of the run of the suite pilots")
    asked.add_argument("twins", type=Path, nargs="?", help="directory of the run of the twins")
    asked.add_argument("--write", action="store_true", help="write datasets/frozen.toml")
    asked.add_argument("--run-twins", type=Path, metavar="FOLDER", help="train the twins into this directory")
    asked.add_argument("--jobs", type=int, default=1, help="worker processes for the twins")
    given = asked.parse_args(arguments)
    folder = given.run_twins or given.twins
    command = f"python benchmarks/freeze.py {given.pilots} --run-twins {folder or 'runs/pilots-twins'}"
    try:
        if given.run_twins and given.twins and given.run_twins != given.twins:
            raise ValueError(f"the twins are read from {given.twins}; give --run-twins the same directory")
        plan, run = registration(), read_run(given.pilots)
        if given.run_twins:
            first = [chosen_of(each, plan, run, None) for each in plan.contrasts]
            run_twins(first, plan, given.run_twins, given.jobs)
        twins = read_run(folder) if folder else None
        found = [chosen_of(each, plan, run, twins) for each in plan.contrasts]
        runs = [run, *([twins] if twins else [])]
        report(found, plan, runs, command)
        if given.write:
            how = f"python benchmarks/freeze.py {given.pilots} {folder} --write"
            freeze(plan, found, runs, beside("frozen.toml"), how)
    except KeyboardInterrupt:
        print("stopped; the same command continues")
        return 130
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
