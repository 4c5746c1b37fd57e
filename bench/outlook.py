"""What a run would do: which jobs are cached, why the others are not, and what they are likely to cost."""

from __future__ import annotations

import sqlite3
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurbench import provenance
from recurbench.desk import describe
from recurbench.job import Job, build
from recurbench.record import RunFile
from recurbench.runner import Ledger

NEIGHBOURS = 20  # other runs beside this one whose times are looked at, the newest first
KINSHIP = ("like cells", "the method on the same kind", "its family on the same kind", "all cells")


@dataclass(frozen=True)
class Prospect:
    """What a run would do with one job.

    why: "" when it is cached, otherwise why it must run. trials: how many it has yet to try. cpu_seconds: so
    many times what the inner stage of KINSHIP[kin] took, and once its final stage, medians both; None where
    nothing was ever measured.
    """

    job: Job
    why: str
    trials: int = 0
    cpu_seconds: float | None = None
    kin: int | None = None


def prospects(
    jobs: Sequence[Job], folder: Path, retry: str = "limits", force: bool = False
) -> list[Prospect]:
    """One prospect per job, in order. Reads the run in `folder` and those beside it; writes nothing."""
    with opened(folder / "results.sqlite") as file:
        ledger = Ledger.of(file, retry, force)
        why = [ledger.due(job, job.key("final", 0)) for job in jobs]
        if not any(why):
            return [Prospect(job, "") for job in jobs]
        before = _before(file) if file is not None and ledger.statuses else {}
    costs = _Costs(_measured(folder))
    found = []
    for job, word in zip(jobs, why, strict=True):
        if not word:
            found.append(Prospect(job, ""))
            continue
        reason = _changed(job, before[_name(job)]) if word == "new" and _name(job) in before else word
        trials = _trials_left(job, ledger)
        found.append(Prospect(job, "forced" if force else reason, trials, *costs.of(job, trials)))
    return found


def _trials_left(job: Job, ledger: Ledger) -> int:
    """How many trials have no inner cell yet; of a job that is not tuned always its one."""
    if not job.trials:
        return 1
    return sum(one.key("inner", 0) not in ledger.statuses for one in job.tries)


@contextmanager
def opened(path: Path) -> Iterator[RunFile | None]:
    """The run file at `path`, None where there is none."""
    if not path.is_file():
        yield None
        return
    file = RunFile(path)
    try:
        yield file
    finally:
        file.close()


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


def _measured(folder: Path) -> Iterator[tuple[Any, ...]]:
    """What jobs took in this run and in those beside it."""
    beside = [path for path in folder.parent.glob("*/results.sqlite") if path.parent != folder]
    beside.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [folder / "results.sqlite", *beside[:NEIGHBOURS]]:
        try:
            with opened(path) as file:
                yield from file.costs() if file is not None else ()
        except (ValueError, sqlite3.DatabaseError):
            continue  # not ours, of another layout or damaged: no figures to learn from


class _Costs:
    """Median CPU seconds of the two stages of a job by kinship, nearest first."""

    def __init__(self, measured: Iterable[tuple[Any, ...]]) -> None:
        self._tables: list[dict[tuple[str, ...], tuple[list[float], list[float]]]] = [{} for _ in KINSHIP]
        for problem, _, kind, address, method, family, *seconds in measured:
            for table, key in zip(self._tables, _keys(problem, kind, address, method, family), strict=True):
                for stage, spent in zip(table.setdefault(key, ([], [])), seconds, strict=True):
                    if spent is not None:
                        stage.append(spent)

    def of(self, job: Job, trials: int) -> tuple[float | None, int | None]:
        """What so many trials and the final cell took the nearest kin that ended any job, and which kin."""
        plugin = job.method.plugin
        kind = next(iter(job.dataset.plugin.kinds))
        keys = _keys(job.dataset.address, kind, job.method.address, plugin.name, plugin.family)
        for kin, (table, key) in enumerate(zip(self._tables, keys, strict=True)):
            inner, final = table.get(key, ([], []))
            if final:
                # Without an inner figure train was too small to hold any of it out.
                each = statistics.median(inner) if inner else 0.0
                return trials * each + statistics.median(final), kin
        return None, None


def _keys(problem: str, kind: str, address: str, method: str, family: str) -> list[tuple[str, ...]]:
    return [(problem, address), (kind, method), (kind, family), ()]


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
    """The plan in lines: per problem what is cached and what runs and why, then the cost."""
    lines = []
    for name in dict.fromkeys(one.job.dataset.address for one in found):
        rows = [one for one in found if one.job.dataset.address == name]
        why = Counter(one.why for one in rows if one.why)
        words = ", ".join(f"{count} {word}" for word, count in why.most_common()) or "nothing to run"
        lines.append(f"{name}: {len(rows)} jobs, {sum(not one.why for one in rows)} cached; {words}")
    return [*lines, cost(found, workers)]


def cost(found: Sequence[Prospect], workers: int) -> str:
    """What is to run and what it is likely to take, in one sentence."""
    todo = [one for one in found if one.why]
    if not todo:
        return f"{len(found)} jobs, all cached"
    tuned = sum(one.trials for one in todo if one.job.trials)
    work = f"{len(todo)} of {len(found)} jobs to run" + (f", {tuned} trials among them" if tuned else "")
    work += on_devices([one.job for one in todo])
    known = [one for one in todo if one.cpu_seconds is not None]
    if not known:
        return f"{work}; nothing like them was measured here yet"
    seconds = sum(one.cpu_seconds or 0.0 for one in known) * len(todo) / len(known)
    kin = Counter(KINSHIP[one.kin] for one in known if one.kin is not None)
    basis = ", ".join(f"{count} from {name}" for name, count in kin.most_common())
    return (
        f"{work}: about {seconds / 3600:.2f} CPU-hours ({seconds:.0f} s), "
        f"{seconds / max(workers, 1) / 60:.1f} minutes on {max(workers, 1)} workers; estimated {basis}"
    )


def on_devices(jobs: Sequence[Job]) -> str:
    """How many jobs compute elsewhere than on the CPU, as the end of a sentence; "" where none does."""
    counts = Counter(job.device for job in jobs if job.device != "cpu")
    return "".join(f", {count} on {device}" for device, count in sorted(counts.items()))


def predicted(found: Sequence[Prospect]) -> float | None:
    """CPU seconds of all that is to run; None unless there is a figure for every job of it."""
    todo = [one.cpu_seconds for one in found if one.why]
    known = [seconds for seconds in todo if seconds is not None]
    return sum(known) if todo and len(known) == len(todo) else None
