"""What a run would do: which jobs are cached, why the others are not, and what they are likely to cost."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurbench import provenance
from recurbench.planning import costs
from recurbench.planning.costs import BASES
from recurbench.planning.prices import Place, Price, prices
from recurbench.record import RunFile, opened
from recurbench.running.job import Job, build
from recurbench.running.problem_cache import describe
from recurbench.running.runner import Ledger
from recurbench.running.sizes import Size

SHORT = 1.0  # CPU seconds; below it a clock tick or an import decides the factor
FREE = Price(0.0, None, -1)


@dataclass(frozen=True)
class Prospect:
    """What a run would do with one job.

    why: "" when it is cached, otherwise why it must run. trials: how many it has yet to try. price: what it
    is likely to take.
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
    """One prospect per job, in order. Reads the run in `folder` and those beside it; writes nothing.

    built: the sizes of problems that were built already, see `Plan.sizes`. workers: each has a first cell of
    every method.
    """
    with opened(folder / "results.sqlite") as file:
        ledger = Ledger.of(file, retry, force)
        why = [ledger.due(job, job.key("final", 0)) for job in jobs]
        if not any(why):
            return [Prospect(job, "") for job in jobs]
        before = _before(file) if file is not None and ledger.statuses else {}
    reasons = []
    for job, word in zip(jobs, why, strict=True):
        new = word == "new" and _name(job) in before
        reasons.append("forced" if word and force else _changed(job, before[_name(job)]) if new else word)
    todo = [job for job, word in zip(jobs, reasons, strict=True) if word]
    trials = [_trials_left(job, ledger) for job in todo]
    priced = iter(prices(todo, trials, folder, built or {}, max(workers, 1)))
    left = iter(trials)
    return [
        Prospect(job, word, next(left), next(priced)) if word else Prospect(job, "")
        for job, word in zip(jobs, reasons, strict=True)
    ]


def _trials_left(job: Job, ledger: Ledger) -> int:
    """How many trials have no inner cell yet; of a job that is not tuned always its one."""
    if not job.trials:
        return 1
    return sum(one.key("inner", 0) not in ledger.statuses for one in job.tries)


def _name(job: Job) -> tuple[Any, ...]:
    return job.dataset.address, job.data_seed, job.method.address, job.seed


def _before(file: RunFile) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """The newest final row by what was asked, whatever code it ran with."""
    return {
        (row["problem"], row["data_seed"], row["address"], row["seed"]): row
        for row in file.rows("stage = 'final'")
    }


def _changed(job: Job, row: Mapping[str, Any]) -> str:
    """Why a job that was run before has another key now."""
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
    before = row["notes"].get("tuning", {}).get("trials", 1)
    if before != len(job.tries):
        return f"tuned over {len(job.tries)} trials, not {before}" if job.trials else "no longer tuned"
    return "the data file changed"


def altered(jobs: Sequence[Job], folder: Path) -> tuple[int, list[str]]:
    """Build every problem that the run in `folder` holds cells of, and compare it with what they were given.

    A cell is found again by the code, settings and files that its data come from; this looks at the data.
    Returns how many problems were compared, and a sentence for each that differs.
    """
    with opened(folder / "results.sqlite") as file:
        kept = file.problems() if file is not None else {}
    drawn = {key: job for job in reversed(jobs) if (key := job.problem_key) in kept}
    found = []
    for key, job in reversed(drawn.items()):
        before = kept[key]["fingerprint"]
        now = describe(build(job.dataset, job.data_seed))[0]["fingerprint"]
        if now != before:
            draw = "" if job.data_seed is None else f", draw {job.data_seed}"
            found.append(
                f"{job.dataset.address}{draw}: its data are not those its cells were given (fingerprint "
                f"{now}, then {before}); run it with --force, or find out what changed on this machine"
            )
    return len(drawn), found


def summary(found: Sequence[Prospect], workers: int) -> list[str]:
    """The plan in lines: per problem what is cached and what runs, why and for how long, then the cost."""
    lines = []
    for name in dict.fromkeys(one.job.dataset.address for one in found):
        rows = [one for one in found if one.job.dataset.address == name]
        why = Counter(one.why for one in rows if one.why)
        words = ", ".join(f"{count} {word}" for word, count in why.most_common()) or "nothing to run"
        seconds = expected(rows)
        about = f"; about {spelled(seconds)}" if why and seconds is not None else ""
        lines.append(f"{name}: {len(rows)} jobs, {sum(not one.why for one in rows)} cached; {words}{about}")
    return [*lines, cost(found, workers)]


def cost(found: Sequence[Prospect], workers: int) -> str:
    """What is to run and what it is likely to take, in one sentence."""
    todo = [one for one in found if one.why]
    if not todo:
        return f"{len(found)} jobs, all cached"
    tuned = sum(one.trials for one in todo if one.job.trials)
    work = f"{len(todo)} of {len(found)} jobs to run" + (f", {tuned} trials among them" if tuned else "")
    work += on_devices([one.job for one in todo])
    seconds = expected(todo)
    if seconds is None:
        return f"{work}; how long is not known, for no problem of theirs can be built"
    factor = within(todo)
    basis = Counter(BASES[one.price.basis] for one in todo if one.price.basis is not None)
    sources = ", ".join(f"{basis[name]} from {name}" for name in BASES if basis[name])
    return (
        f"{work}: about {spelled(seconds)}, likely between {spelled(seconds / factor)} and "
        f"{spelled(seconds * factor)} (within a factor of {factor:.1f} in 8 of 10 runs), "
        f"about {lasting(todo, workers)} on {max(workers, 1)} workers; estimated {sources}"
    )


def expected(found: Sequence[Prospect]) -> float | None:
    """CPU seconds of all that is to run; a job that nobody can judge counts as the mean of the others.

    None where nothing is known of any.
    """
    todo = [one.price.seconds for one in found if one.why]
    known = [seconds for seconds in todo if seconds is not None]
    return sum(known) * len(todo) / len(known) if known else None


def within(todo: Sequence[Prospect]) -> float:
    """The factor that 8 of 10 such plans are within: those of the bases, weighed by share of the time."""
    factors = costs.shipped().factors
    parts = [
        (one.price.seconds, math.log(factors[one.price.basis]))
        for one in todo
        if one.price.seconds is not None and one.price.basis is not None
    ]
    whole = sum(seconds for seconds, _ in parts)
    return math.exp(sum(seconds * factor for seconds, factor in parts) / whole) if whole else factors[-1]


def lasting(todo: Sequence[Prospect], workers: int) -> str:
    """How long the workers are busy: never shorter than the longest fit, which one of them has to itself."""
    fits: defaultdict[int, float] = defaultdict(float)
    for one in todo:
        fits[one.price.fit] += one.price.seconds or 0.0
    seconds = max((expected(todo) or 0.0) / max(workers, 1), *fits.values(), 0.0)
    if seconds >= 7200:
        return f"{seconds / 3600:.0f} hours"
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{_two(seconds)} seconds"


def spelled(seconds: float) -> str:
    """A length of CPU time in two digits, which is all that an estimate has."""
    if seconds >= 7200:
        return f"{_two(seconds / 3600)} CPU-hours"
    return f"{_two(seconds)} CPU-s"


def _two(value: float) -> str:
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{round(value, digits):.{max(digits, 0)}f}"


def on_devices(jobs: Sequence[Job]) -> str:
    """How many jobs compute elsewhere than on the CPU, as the end of a sentence; "" where none does."""
    counts = Counter(job.device for job in jobs if job.device != "cpu")
    return "".join(f", {count} on {device}" for device, count in sorted(counts.items()))


def predicted(found: Sequence[Prospect]) -> float | None:
    """CPU seconds of all that is to run; None unless there is a figure for every job of it."""
    todo = [one.price.seconds for one in found if one.why]
    return expected(found) if todo and None not in todo else None


def held_against(seconds: float, taken: float) -> str:
    """A prediction beside what was taken, in one sentence; of less than SHORT seconds no factor is formed."""
    words = "as predicted"
    if max(seconds, taken) < SHORT or not min(seconds, taken):
        words = "too short to judge"
    elif max(seconds, taken) > 1.05 * min(seconds, taken):
        more = taken > seconds
        factor = taken / seconds if more else seconds / taken
        words = f"{_two(factor) if factor < 100 else round(factor)} times {'more' if more else 'less'}"
    return f"predicted {spelled(seconds)}, taken {spelled(taken)}: {words}"
