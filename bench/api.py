"""What the command line and Python callers share: from a request to jobs, to rows, to data frames."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurbench import catalogue, provenance
from recurbench.predictions import contrasts, hold_against
from recurbench.record import RunFile
from recurbench.registry import Choice, Registry, discover
from recurbench.request_fields import fitted
from recurbench.running import limits
from recurbench.running.cluster import Cluster
from recurbench.running.job import Job, build
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.problem_cache import sound
from recurbench.running.runner import RETRIES, Executor, Inline, Step, Tally, jobs, run_jobs
from recurbench.running.sizes import Size, size_of
from recurbench.suites import SUITES, Block, Suite, suite
from recurbench.task import Several, hyphenated

if TYPE_CHECKING:
    import pandas as pd
    from recurbench.task import Problem

DEVICES = ("cpu", "cuda")
# What skill is measured from, by kind; a run holds it whether it was asked for or not.
REFERENCES = {
    "classification": "most-common",
    "labelling": "most-common",
    "regression": "mean",
    "forecasting": "seasonal-naive",
    "translation": "most-common",
    "generation": "mean",
}


@dataclass(frozen=True)
class Request:
    """What to run. Whatever is left empty comes from the suite.

    methods, datasets: names, globs, `name[setting=value,...]`; one name may stand without a list. seeds: how
    many, counted from first_seed; a pilot takes others than the run it is for. data_seeds: None pairs draw s
    of a generated dataset with seed s; a number crosses that many draws with every seed. data: a CSV file of
    one's own series, in place of datasets; dials: of its dataset (horizon, period, origins, ahead, excerpts,
    frequency). trials: how many settings of every method to choose from on validation; 1 means its defaults.
    out: the run's directory. plugins: Python files with methods or datasets.

    jobs: worker processes, one per core by default; 0 runs in this process, where no limit can be kept.
    timeout, memory: of one cell, such as "10m" and "2GB", or "none"; memory is a share of the machine's by
    default. threads: of one worker. device: "cpu" or "cuda", where networks train and answer. dask: the
    address of a Dask scheduler whose workers run the jobs. retry: what to try once more, "none", "limits" or
    "all".
    """

    suite: str = "quick"
    methods: Sequence[str] = ()
    datasets: Sequence[str] = ()
    seeds: int | None = None
    first_seed: int | None = None
    data_seeds: int | None = None
    trials: int = 1
    data: str | Path | None = None
    dials: dict[str, Any] = field(default_factory=dict)
    out: str | Path | None = None
    plugins: Sequence[str | Path] = ()
    jobs: int | None = None
    timeout: str = "none"
    memory: str = ""
    threads: int = 1
    device: str = "cpu"
    dask: str = ""
    retry: str = "limits"
    force: bool = False


@dataclass(frozen=True)
class Plan:
    """The jobs of a request, where their rows go, and how they are run.

    facts: a line for every problem that a file of one's own makes, with what was found in the file.
    sizes: of the problems that were built to check the request, by address and draw.
    """

    name: str
    folder: Path
    jobs: Sequence[Job]
    workers: int
    limits: Limits
    dask: str = ""
    retry: str = "limits"
    force: bool = False
    facts: Sequence[str] = ()
    sizes: Mapping[tuple[str, int | None], Size] = field(default_factory=dict)


def prepare(request: Request) -> Plan:
    """Check a request and list its jobs. ValueError says what is wrong with it; nothing is written."""
    request = replace(request, **fitted(vars(request)))
    _refuse_device(request)
    provenance.forget()
    registry = discover(request.plugins)
    chosen = suite(request.suite)
    wanted: list[Job] = []
    for block in _blocks(request, registry, chosen):
        wanted.extend(_jobs_of(block, request, registry))
    datasets = list({job.dataset.address: job.dataset for job in wanted}.values())
    _refuse_idle(request, registry, wanted)
    judged = chosen.registered and not request.methods
    registered = {each.problem: each for each in contrasts()} if judged else {}
    facts = []
    built: dict[tuple[str, int | None], Size] = {}
    for choice in datasets:
        contrast = registered.get(choice.address)
        # What a user typed or wrote must be sound before a run begins; defaults and suites are.
        typed = choice.settings != choice.plugin.settings and (request.datasets or request.data is not None)
        if _needs_files(choice) or typed or (contrast is not None and contrast.role == "positive"):
            draw = next(job.data_seed for job in wanted if job.dataset == choice)
            problem = _tried(choice, draw)
            built[choice.address, draw] = size_of(problem)
            if contrast is not None:
                hold_against(contrast, problem.about.role, problem.about.headroom)
            if choice.plugin.name == "csv":
                facts.append(f"{problem.about.source}, {problem.about.protocol}")
    name = _name(request)
    folder = Path(request.out or Path("runs") / name)
    workers, bounds = _workers(request)
    return Plan(
        name, folder, wanted, workers, bounds, request.dask, request.retry, request.force, facts, built
    )


def _blocks(request: Request, registry: Registry, chosen: Suite) -> list[Block]:
    """What is asked for, block by block: the suite's own, but for what the request names."""
    if request.methods or request.data is not None or len(chosen.blocks) == 1:
        datasets, methods = request.datasets or chosen.datasets, request.methods or chosen.methods
        return [replace(chosen.blocks[0], datasets=tuple(datasets), methods=tuple(methods))]
    named = {choice.address for choice in registry.select_datasets(request.datasets or chosen.datasets)}
    found = []
    for block in chosen.blocks:
        own = [c.address for c in registry.select_datasets(block.datasets) if c.address in named]
        named -= set(own)
        if own:
            found.append(replace(block, datasets=tuple(own)))
    if named:
        raise ValueError(
            f"{chosen.name} has no methods for {', '.join(sorted(named))}; its problems: "
            f"{', '.join(chosen.datasets)}; name others together with --methods"
        )
    return found


def _jobs_of(block: Block, request: Request, registry: Registry) -> list[Job]:
    datasets = _datasets(request, registry, block.datasets)
    methods = registry.select_methods(block.methods)
    kinds = frozenset[str]().union(*(choice.plugin.kinds for choice in datasets))
    if request.data is not None and not request.methods:
        methods = [choice for choice in methods if choice.plugin.kinds & kinds]
    methods = _with_references(methods, registry, kinds)
    return jobs(
        methods,
        datasets,
        block.seeds if request.seeds is None else request.seeds,
        request.data_seeds,
        trials=request.trials,
        threads=request.threads,
        device=request.device,
        first=block.first if request.first_seed is None else request.first_seed,
    )


def _tried(choice: Choice, data_seed: int | None) -> Problem:
    """Build a problem once; whatever is wrong with it or its files becomes a ValueError in words."""
    try:
        return sound(build(choice, data_seed), choice)
    except Several:
        raise
    except ValueError as error:
        raise ValueError(str(error) if choice.plugin.files else f"{choice.address}: {error}") from error
    except Exception as error:
        remedy = "check its dials"
        if choice.plugin.name in catalogue.datasets():
            remedy = "its files cannot be read; hold them against their known hashes: recurbench data verify"
        raise ValueError(f"{choice.address}: {type(error).__name__}: {error}; {remedy}") from error


def _workers(request: Request) -> tuple[int, Limits]:
    """The number of workers and what each may use."""
    if request.retry not in RETRIES:
        raise ValueError(f"retry must be one of {', '.join(RETRIES)}, got {request.retry!r}")
    workers = limits.cores() if request.jobs is None else request.jobs
    memory = limits.size(request.memory) if request.memory else limits.share_of_memory(workers)
    return workers, Limits(limits.duration(request.timeout), memory, request.threads)


def _refuse_device(request: Request) -> None:
    """ValueError where a device is none of DEVICES, or is not here; the workers of Dask have their own."""
    if request.device not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, got {request.device!r}")
    if request.device == "cpu" or request.dask:
        return
    import torch  # seconds, which no other request should wait for

    if not torch.cuda.is_available():
        raise ValueError(
            "--device cuda: torch sees no CUDA device here; run with --device cpu, or on a machine with an "
            "NVIDIA GPU, its driver and a build of torch for CUDA"
        )


def _datasets(request: Request, registry: Registry, patterns: Sequence[str]) -> list[Choice]:
    if request.data is None:
        if request.dials:
            raise ValueError(
                f"{', '.join(request.dials)}: for a file of your own only; name the file with --data FILE"
            )
        found = registry.select_datasets(patterns)
        named = {pattern.partition("[")[0] for pattern in patterns}
        # A glob means what can be built as it stands; what needs files is asked for by its name.
        return [d for d in found if d.plugin.name in named or not _needs_files(d)]
    if request.datasets:
        raise ValueError("--data and --datasets name two sources of problems; give one of them")
    csv = registry.datasets["csv"]
    dials = dict(request.dials)
    if isinstance(dials.get("frequency"), str):
        dials["frequency"] = hyphenated(dials["frequency"])
    choice = csv.choose({"path": str(request.data), **dials})
    try:
        _tried(choice, None)
    except Several as several:
        return [csv.choose({**choice.settings, **dials}) for dials in several.choices]
    return [choice]


def _needs_files(choice: Choice) -> bool:
    return bool(choice.plugin.files) or choice.plugin.name in catalogue.datasets()


def _with_references(methods: list[Choice], registry: Registry, kinds: frozenset[str]) -> list[Choice]:
    names = {REFERENCES[kind] for kind in sorted(kinds) if kind in REFERENCES}
    missing = names - {choice.address for choice in methods}
    return [*methods, *registry.select_methods(sorted(missing & registry.methods.keys()))]


def _refuse_idle(request: Request, registry: Registry, wanted: Sequence[Job]) -> None:
    """A method named in full that answers none of the problems must not vanish without a word."""
    busy = {job.method.plugin.name for job in wanted}
    for pattern in request.methods:
        if set(pattern.partition("[")[0]) & set("*?"):
            continue
        for choice in registry.select_methods([pattern]):
            if choice.plugin.name not in busy:
                kinds = ", ".join(sorted(choice.plugin.kinds))
                raise ValueError(
                    f"{choice.address} answers {kinds}, and none of the problems asked for is of this kind; "
                    "leave the method out, or ask for a problem of a kind that it answers"
                )


def _name(request: Request) -> str:
    if request.data is not None:
        # Never the name of a suite, whose run it would stand in for.
        return f"csv-{Path(request.data).stem.strip('.') or 'data'}"
    return "custom" if request.methods or request.datasets else request.suite


def perform(plan: Plan, tell: Callable[[Step], None] | None = None) -> Tally:
    """Run a plan: compute what its directory does not hold. ValueError where another run is at work there."""
    executor = _executor(plan)
    with locked(plan.folder):
        file = RunFile(plan.folder / "results.sqlite")
        try:
            return run_jobs(
                plan.jobs, file, plan.name, executor=executor, force=plan.force, retry=plan.retry, notify=tell
            )
        finally:
            file.close()


def _executor(plan: Plan) -> Executor:
    if plan.dask:
        return Cluster(plan.dask, plan.limits)
    return Pool(plan.workers, plan.limits) if plan.workers else Inline()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runners out of a run directory; the lock goes with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "run.lock").open("a+")
    except FileExistsError:
        raise ValueError(f"{folder} is a file, and a run needs a directory; name one with --out") from None
    except OSError as error:
        raise ValueError(
            f"{folder}: cannot be written to ({error.strerror}); name another directory with --out"
        ) from None
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise ValueError(
                f"another run (process {file.read().strip() or 'unknown'}) is at work in {folder}; "
                "wait for it, or name another directory with --out"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def run(suite: str = "quick", **request: Any) -> pd.DataFrame:
    """Run a suite, or what the keywords (the fields of `Request`) ask for; returns what `load` returns."""
    known = {f.name for f in fields(Request)}
    for key in request:
        if key not in known:
            raise TypeError(f"run() knows no {key!r}; it takes {', '.join(sorted(known))}")
    plan = prepare(Request(suite, **request))
    perform(plan)
    return load(plan.folder)


def load(folder: str | Path) -> pd.DataFrame:
    """The cells of a run directory, one row each, without predictions; ValueError where there is no run."""
    # It imports pandas, which takes as long as planning a run.
    from recurbench.results import flat, read_run

    return flat(read_run(folder))


__all__ = ["SUITES", "Plan", "Request", "load", "perform", "prepare", "run"]
