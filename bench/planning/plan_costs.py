"""What a run would do: which jobs are cached, why the others must run, and how long they may take."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurbench import provenance
from recurbench.durations import HOURS, spelled, two_digits
from recurbench.planning import costs
from recurbench.planning.costs import BASES
from recurbench.planning.prices import Place, Price, prices
from recurbench.record import RunFile, opened
from recurbench.running.job import FOLDS, Job, build
from recurbench.running.problem_cache import describe
from recurbench.running.runner import Ledger
from recurbench.running.sizes import Size

SHORT = 1.0  # CPU seconds; a shorter run is dominated by imports and the resolution of the clock
# Where the numbers of an estimate come from, as `plan` prints it, by `costs.BASES`.
SOURCES = {
    "like cells": "the same method on the same problem",
    "the method": "the method",
    "its family": "its family of methods",
    "its kind of task": "other methods for its kind of task",
}
FREE = Price(0.0, None, -1)


@dataclass(frozen=True)
class Prospect:
    """What a run would do with one job: one method with one seed on one problem.

    why: why the job must run, "" if it is cached. trials: number of settings still to try. price: its
    estimated time.
    """

    job: Job
    why: str
    trials: int = 0
    price: Price = FREE


def prospects(
    jobs: Sequence[Job],
    folder: Path,
    retry: str = "limits",
    force: bool = False,
    *,
    built: Mapping[Place, Size] | None = None,
    workers: int = 1,
) -> list[Prospect]:
    """One prospect per job, in the same order. Nothing is written.

    folder: directory of the run; other runs in the same parent directory are read for their times. built:
    sizes of problems that are known already, see `Plan.sizes`. workers: number of processes; in each the
    first fit of a method takes longer.
    """
    with opened(folder / "results.sqlite") as file:
        ledger = Ledger.of(file, retry, force)
        why = [ledger.due(job, job.key("final", 0)) for job in jobs]
        if not any(why):
            return [Prospect(job, "") for job in jobs]
        before = _before(file) if file is not None and ledger.statuses else {}
    reasons = []
    for job, reason in zip(jobs, why, strict=True):
        outdated = reason == "new" and _name(job) in before
        reasons.append(
            "forced" if reason and force else _changed(job, before[_name(job)]) if outdated else reason
        )
    todo = [job for job, reason in zip(jobs, reasons, strict=True) if reason]
    trials = [_trials_left(job, ledger) for job in todo]
    priced = iter(prices(todo, trials, folder, built or {}, max(workers, 1)))
    left = iter(trials)
    return [
        Prospect(job, reason, next(left), next(priced)) if reason else Prospect(job, "")
        for job, reason in zip(jobs, reasons, strict=True)
    ]


def _trials_left(job: Job, ledger: Ledger) -> int:
    """Number of trials without an inner cell; 1 for a job that is not tuned."""
    if not job.trials:
        return 1
    return sum(one.key("inner", 0) not in ledger.statuses for one in job.tries)


def _name(job: Job) -> tuple[Any, ...]:
    return job.dataset.address, job.data_seed, job.method.address, job.seed


def _before(file: RunFile) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """The newest final row by problem, sample, method and seed, even if its code is outdated."""
    return {
        (row["problem"], row["data_seed"], row["address"], row["seed"]): row
        for row in file.rows("stage = 'final'")
    }


def _changed(job: Job, row: Mapping[str, Any]) -> str:
    """Why the stored result of a job is outdated."""
    versions = provenance.versions()
    packages = [
        f"{k} {row['versions'].get(k)} -> {v}" for k, v in versions.items() if row["versions"].get(k) != v
    ]
    for plugin, column in ((job.method.plugin, "code"), (job.dataset.plugin, "dataset_code")):
        if provenance.known_code_hash(plugin) != row[column]:
            return f"{' and '.join(packages) if packages else 'the code of ' + plugin.name} changed"
    if job.threads != row["threads"]:
        return f"threads {row['threads']} -> {job.threads}"
    if job.device != row["device"]:
        return f"device {row['device']} -> {job.device}"
    if job.folds != row["notes"].get(FOLDS):
        stored, now = ("by size" if n is None else n for n in (row["notes"].get(FOLDS), job.folds))
        return f"folds {stored} -> {now}"
    before = row["notes"].get("tuning", {}).get("trials", 1)
    if before != len(job.tries):
        return f"tuned over {len(job.tries)} trials, not {before}" if job.trials else "no longer tuned"
    return "the data file changed"


def altered(jobs: Sequence[Job], folder: Path) -> tuple[int, list[str]]:
    """Build every problem with stored fits in `folder`, and compare its data with theirs.

    Stored fits are normally found by code, settings and files, without a look at the data themselves. Returns
    the number of problems that were compared, and one sentence for each that differs.
    """
    with opened(folder / "results.sqlite") as file:
        stored = file.problems() if file is not None else {}
    drawn = {key: job for job in reversed(jobs) if (key := job.problem_key) in stored}
    sentences = []
    for key, job in reversed(drawn.items()):
        before = stored[key]["fingerprint"]
        now = describe(build(job.dataset, job.data_seed))[0]["fingerprint"]
        if now != before:
            sample = "" if job.data_seed is None else f", sample {job.data_seed}"
            sentences.append(
                f"{job.dataset.address}{sample}: its data differ from those of its stored fits (fingerprint "
                f"{now} now, {before} then); run it with --force, or find out what changed on this machine"
            )
    return len(drawn), sentences


def summary(found: Sequence[Prospect], workers: int) -> list[str]:
    """The lines of `plan`: for each problem what is cached, what runs and why; at the end the total time.

    A line counts results: the outcome of one method with one seed on one problem.
    """
    lines = []
    for name in dict.fromkeys(one.job.dataset.address for one in found):
        rows = [one for one in found if one.job.dataset.address == name]
        why = Counter(one.why for one in rows if one.why)
        reasons = ", ".join(f"{count} {reason}" for reason, count in why.most_common()) or "nothing to run"
        seconds = expected(rows)
        about = f"; about {spelled(seconds)}" if why and seconds is not None else ""
        cached = sum(not one.why for one in rows)
        label = rows[0].job.dataset.label
        lines.append(f"{label}: {len(rows)} results, {cached} cached; {reasons}{about}")
    return [*lines, cost(found, workers)]


def cost(found: Sequence[Prospect], workers: int) -> str:
    """What is to run and how long it may take, in one sentence."""
    todo = [one for one in found if one.why]
    if not todo:
        return f"{len(found)} results, all cached"
    tuned = sum(one.trials for one in todo if one.job.trials)
    work = f"{len(todo)} of {len(found)} results to compute" + (f", with {tuned} trials" if tuned else "")
    work += on_devices([one.job for one in todo])
    seconds = expected(todo)
    if seconds is None:
        return f"{work}; no estimate, because none of the problems can be built"
    factor = within(todo)
    basis = Counter(BASES[one.price.basis] for one in todo if one.price.basis is not None)
    sources = ", ".join(f"{SOURCES[name]} ({basis[name]})" for name in BASES if basis[name])
    on = f"{max(workers, 1)} worker{'s' * (workers > 1)}"
    return (
        f"{work}: about {spelled(seconds)}, likely between {spelled(seconds / factor)} and "
        f"{spelled(seconds * factor)} (8 of 10 estimates are within a factor of {factor:.1f}), "
        f"about {lasting(todo, workers)} on {on}; based on measured times of {sources}"
    )


def expected(found: Sequence[Prospect]) -> float | None:
    """Estimated CPU seconds of all that is to run; None if there is no estimate for any job.

    A job without an estimate counts as the mean of the others.
    """
    todo = [one.price.seconds for one in found if one.why]
    known = [seconds for seconds in todo if seconds is not None]
    return sum(known) * len(todo) / len(known) if known else None


def within(todo: Sequence[Prospect]) -> float:
    """The factor within which 8 of 10 such estimates are: those of the bases, weighted by share of time."""
    factors = costs.shipped().factors
    parts = [
        (one.price.seconds, math.log(factors[one.price.basis]))
        for one in todo
        if one.price.seconds is not None and one.price.basis is not None
    ]
    whole = sum(seconds for seconds, _ in parts)
    return math.exp(sum(seconds * factor for seconds, factor in parts) / whole) if whole else factors[-1]


def lasting(todo: Sequence[Prospect], workers: int) -> str:
    """How long the workers are busy: at least as long as the longest fit, which runs on one worker."""
    fits: defaultdict[int, float] = defaultdict(float)
    for one in todo:
        fits[one.price.fit] += one.price.seconds or 0.0
    seconds = max((expected(todo) or 0.0) / max(workers, 1), *fits.values(), 0.0)
    if seconds >= HOURS:
        return f"{seconds / 3600:.0f} hours"
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{two_digits(seconds)} seconds"


def on_devices(jobs: Sequence[Job]) -> str:
    """How many jobs run on another device than the CPU, as the end of a sentence; "" if none does."""
    counts = Counter(job.device for job in jobs if job.device != "cpu")
    return "".join(f", {count} on {device}" for device, count in sorted(counts.items()))


def predicted(found: Sequence[Prospect]) -> float | None:
    """Estimated CPU seconds of all that is to run; None unless every job has an estimate."""
    todo = [one.price.seconds for one in found if one.why]
    return expected(found) if todo and None not in todo else None


def against_estimate(seconds: float, taken: float) -> str:
    """Compare the estimated with the taken CPU seconds, in one sentence; below SHORT there is no factor."""
    times = f"{spelled(seconds)} estimated, {spelled(taken)} taken"
    if max(seconds, taken) < SHORT or not min(seconds, taken):
        return f"too short to judge the estimate: {times}"
    ratio = taken / seconds
    if ratio > 1.05:
        return f"took {two_digits(ratio) if ratio < 100 else round(ratio)} times the estimate: {times}"
    if ratio < 1 / 1.05:
        return f"took {two_digits(100 * ratio)} % of the estimate: {times}"
    return f"took as long as estimated: {times}"
