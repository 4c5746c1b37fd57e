"""Run and judge the contrasts of the second registration, in the order of datasets/frozen.toml.

    python benchmarks/judge.py runs/registered [--jobs 2] [--hours 2]

Each contrast runs on judged samples (sample 200 and following ones) to its next look: 12, 20 and 30
replicates where fits solve the problem or do not, 16 and 30 where skill is graded. It stops when the word
that was predicted passes, or at 30. After each look a line gives the solved fits of the best methods, p of
the predicted word, what p may be at most, and CPU time. Only the methods with a role run, and the reference
method that every run has.

Everything is kept in one directory. The same command continues after --hours, Ctrl-C or a crash; it loses
only the fits that were in progress. `recurbench map runs/registered` shows all contrasts. Fits that crashed
or ran out of memory in earlier calls are tried once more at the start of a call, and never later in it.

The script refuses to run if no roles are frozen, if frozen.toml and registration.toml do not agree, or if
files of the checkout differ from its commit. judged.json in the directory has the SHA-256 of both files and
the commits of all calls. A directory that was begun with other files is refused.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from judged_file import Basis, begin
from merged_plans import merged, plan_of
from recurbench.api import Plan, perform
from recurbench.contrasts import FIRST, Registered, judged_methods, registration
from recurbench.packaged import beside
from recurbench.record import opened
from recurbench.registered_roles import agreed, fingerprint
from recurbench.registration import Frozen
from recurbench.reports.statistics.registered_contrasts import Judged, observe
from recurbench.reports.statistics.registered_rule import LAST, LOOKS, Outcome, Word, passes
from recurbench.reports.statistics.registered_standings import GROUPS, standings
from recurbench.results import read_run
from recurbench.running.runner import Step


class SpentError(Exception):
    """The CPU time of this call is used up. Every finished fit is stored."""


@dataclass
class Meter:
    """Adds up the CPU time of finished fits, and ends the run when there is no more.

    limit: CPU seconds of this call.
    """

    limit: float
    used: float = 0.0
    seen: set[tuple[str, str, float]] = field(default_factory=set)

    def __call__(self, step: Step) -> None:
        """Count the rows of a step; the rows of one fit have the same CPU time, which counts once."""
        for row in step.rows:
            place = (row.job, row.started, row.cpu_seconds or 0.0)
            if place not in self.seen:
                self.seen.add(place)
                self.used += place[2]
        if step.rows and self.used >= self.limit:
            raise SpentError


@dataclass(frozen=True)
class Entry:
    """A frozen contrast with its plan of all LAST replicates."""

    contrast: Registered
    chosen: Frozen
    plan: Plan

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of replicates at which it is judged."""
        return tuple(n for n, _ in LOOKS[Outcome(self.chosen.outcome)])

    def until(self, n: int) -> Plan:
        """The plan of the first n replicates."""
        jobs = [job for job in self.plan.jobs if job.data_seed is not None and job.data_seed < FIRST + n]
        return replace(self.plan, jobs=jobs)

    def begun(self, stored: Mapping[str, str]) -> int:
        """The look that the stored fits reach or lead to; 0 if there are none. stored: status by key."""
        held = [
            job.data_seed - FIRST + 1
            for job in self.plan.jobs
            if job.data_seed is not None and job.key("final", 0) in stored
        ]
        return next(n for n in self.looks if n >= max(held)) if held else 0


def checkout() -> Path:
    """The directory that the package is loaded from."""
    return beside("frozen.toml").parents[1]


def commit_of(folder: Path) -> str:
    """The commit of a checkout. ValueError if there is none, or if files differ from it."""
    git = ["git", "-C", str(folder)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        status = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(
            f"{folder} is no checkout of git; judge from one, so that the commit of the results is known"
        ) from None
    changed = [line[3:] for line in status.stdout.splitlines()]
    if changed:
        raise ValueError(
            f"{folder} differs from its commit in {', '.join(changed[:5])}{', ...' if changed[5:] else ''}; "
            "results must come from a commit: commit these files or remove them"
        )
    return commit.stdout.strip()


def refuse_unfrozen() -> None:
    """ValueError if no contrast is frozen."""
    if not agreed():
        raise ValueError(
            "nothing is frozen: datasets/frozen.toml has no contrast; "
            "run the pilots and write it with benchmarks/freeze.py --write"
        )


def basis(family: int) -> Basis:
    """What this checkout judges by."""
    frozen, registered = (fingerprint(beside(name)) for name in ("frozen.toml", "registration.toml"))
    return Basis(frozen, registered, family)


def entries(folder: Path, workers: int) -> list[Entry]:
    """Every frozen contrast with its plan. No fit runs."""
    found = []
    for contrast, chosen in agreed():
        methods = judged_methods(contrast, chosen)
        plan = plan_of(chosen.problem, methods, FIRST, LAST, folder, workers, judging=True)
        found.append(Entry(contrast, chosen, plan))
    return found


class Judging:
    """The contrasts in one run directory.

    family: how many contrasts are judged together. commit: of the checkout when the command began. targets:
    by problem the replicates that were asked for.
    """

    def __init__(
        self, contrasts: Sequence[Entry], folder: Path, meter: Meter, commit: str, family: int
    ) -> None:
        self.contrasts, self.folder, self.meter, self.commit = contrasts, folder, meter, commit
        self.family = family
        with opened(folder / "results.sqlite") as file:
            stored = file.statuses() if file is not None else {}
        self.targets = {each.contrast.problem: each.begun(stored) for each in contrasts}

    def run(self) -> None:
        """Run every contrast to its end. SpentError when the CPU time is used up.

        Only the first step repeats fits that crashed. After it, what is stored of a contrast changes while
        the contrast itself goes on and at no other time, so each contrast is visited once.
        """
        if any(self.targets.values()):
            self._perform("limits")
        for each in self.contrasts:
            self._to_its_end(each)

    def _perform(self, retry: str) -> None:
        """Run what is missing of all targets. A report shows what the newest plan asked for, so all of it.

        retry: "limits" repeats fits that crashed or met a limit, "none" does not.
        """
        # Worker processes load the code anew, so it must still be that of the commit.
        if (now := commit_of(checkout())) != self.commit:
            raise ValueError(f"the checkout went from commit {self.commit} to {now}; start the command again")
        asked = [each.until(self.targets[each.contrast.problem]) for each in self.contrasts]
        perform(replace(merged(asked), retry=retry), self.meter)

    def _to_its_end(self, each: Entry) -> None:
        problem = each.contrast.problem
        for n in each.looks:
            if n < self.targets[problem]:
                continue
            if n > self.targets[problem]:
                self.targets[problem] = n
                self._perform("none")
            found = self.observed(each)
            print(line(found, n, self.meter.used / 3600), flush=True)
            if ended(found, n):
                return

    def observed(self, each: Entry) -> Judged:
        """What the run says of a contrast now."""
        return observe(read_run(self.folder), each.contrast, each.chosen, self.family)


def ended(found: Judged, n: int) -> bool:
    """Whether a contrast needs no further look after n replicates."""
    ruled = found.ruling
    return ruled is None or len(found.skills) < n or ruled.ended(Word(found.frozen.predicted))


def line(found: Judged, n: int, hours: float) -> str:
    """The state of a contrast after the look at n replicates, in one line."""
    problem, ruled = found.contrast.problem, found.ruling
    if ruled is None:
        return f"{problem}: cannot be judged ({found.refused.code if found.refused else 'not run'})"
    if ruled.failed:
        why = "; ".join(f"{address}: {reason.text}" for address, reason in found.failed.items())
        return f"{problem}: {n} replicates; undecided, because fits failed ({why})"
    predicted = Word(found.frozen.predicted)
    p = ruled.p.get(predicted, 1.0)
    state = "passed" if passes(ruled.p, predicted, ruled.bar) else "not passed"
    word = f"; ends: {found.word.value}" if ended(found, n) else "; goes on"
    return (
        f"{problem}: {ruled.n} replicates; solved {counts(found)}; "
        f'"{predicted}" p {p:.2g}, at most {ruled.bar:.2g}: {state}{word}; '
        f"{found.hours:.2f} CPU-hours, {hours:.2f} in this call"
    )


def counts(found: Judged) -> str:
    """Solved fits of the best method of each group."""
    chosen, seen = found.frozen, standings(found)
    best = (chosen.best_recurrent, chosen.best_full, chosen.best_window, chosen.twin)
    each = [
        (name, one.counted) for name, group in zip(best, GROUPS, strict=True) if (one := seen.best(group))
    ]
    return ", ".join(f"{name} {of.solved} of {of.n}" for name, of in each if of is not None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge; 2 if nothing can run, 3 if --hours ended the call, 130 after Ctrl-C."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("folder", type=Path, help="directory of the run")
    asked.add_argument("--jobs", type=int, default=1, help="worker processes; 0: in this process")
    asked.add_argument("--hours", type=float, default=float("inf"), help="CPU-hours of this call")
    given = asked.parse_args(arguments)
    meter = Meter(given.hours * 3600)
    again = "the same command continues"
    try:
        refuse_unfrozen()
        commit = commit_of(checkout())
        print(f"Commit {commit}", flush=True)
        family = len(registration().contrasts)
        contrasts = entries(given.folder, given.jobs)
        begin(given.folder, basis(family), commit)
        Judging(contrasts, given.folder, meter, commit, family).run()
    except SpentError:
        print(f"{meter.used / 3600:.2f} CPU-hours used, at most {given.hours:g}: stopped; {again}")
        return 3
    except KeyboardInterrupt:
        print(f"stopped; {again}")
        return 130
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"All contrasts have ended. To see them: recurbench map {given.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
