"""The entry points of the command line and of Python: prepare a plan, perform it, load its table."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurbench import left_out, method_files, provenance
from recurbench.address import run_name
from recurbench.archive_problems import opened
from recurbench.contrasts import registration
from recurbench.given_table import with_file
from recurbench.judged_samples import refuse_judged
from recurbench.keywords import request_of
from recurbench.own_data import problems_of
from recurbench.planning import order
from recurbench.planning.budget import Terms, buy
from recurbench.record import RunFile
from recurbench.registry import Choice, Registry, discover
from recurbench.request import Plan, Request
from recurbench.request_fields import fitted
from recurbench.running import limits
from recurbench.running.allowance import Allowance
from recurbench.running.cluster import Cluster
from recurbench.running.job import Job
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.runner import RETRIES, Executor, Inline, Step, Tally, jobs, run_jobs
from recurbench.suite_files import with_files
from recurbench.suites import REFERENCES, SEEDS, SUITES, Block, Suite, suite
from recurbench.tried_problems import needs_files, tried

if TYPE_CHECKING:
    import pandas as pd
    from recurbench.result import Result

DEVICES = ("cpu", "cuda")
PER_WORKER = 30.0  # CPU seconds of a budget for each worker, because every worker takes time to start


def prepare(request: Request, *, judging: bool = False) -> Plan:
    """Check a request and list its jobs. Nothing is written, except a DataFrame given as data.

    Parameters
    ----------
    request : Request
        What to run.
    judging : bool
        Whether the judged samples of a registered problem may be used. Only benchmarks/judge.py says so.

    Returns
    -------
    Plan
        The jobs and how they are run.

    Raises
    ------
    ValueError
        If a name is unknown, a value is not allowed, or a file is missing or cannot be used.
    """
    request = with_file(request)
    request = replace(request, **fitted(vars(request)))
    _refuse_device(request)
    seconds = _budget(request)
    provenance.forget()
    registry = discover(request.plugins)
    request = replace(request, datasets=opened(request.datasets, registry))
    chosen, absent = with_files(suite(request.suite), request, registry)
    wanted: list[Job] = []
    proposed = problems_of(request, registry)
    for block in _blocks(request, registry, chosen):
        wanted.extend(_jobs_of(block, request, registry, [choice for choice, _ in proposed]))
    _refuse_jobs(request, registry, wanted, judging)
    method_files.try_out(job.method for job in wanted)
    judged = chosen.registered and not request.methods
    registered = {each.problem: each for each in registration().contrasts} if judged else {}
    named = bool(request.datasets) or request.data is not None
    built, read = tried(wanted, registered, named=named)
    facts = [*absent, *read]
    name = _name(request, [choice for choice, _ in proposed])
    folder = Path(request.out or Path("runs") / name)
    workers, bounds = _workers(request, seconds)
    purchase = None
    if seconds is not None:
        terms = Terms.of(request, seconds, chosen, registry, REFERENCES)
        purchase = buy(wanted, terms, folder, built, workers)
        wanted = list(purchase.jobs)
    how = (workers, bounds, request.dask, request.retry, request.force)
    return Plan(name, folder, wanted, *how, facts, [each for _, each in proposed], built, purchase)


def _budget(request: Request) -> float | None:
    """The budget in CPU seconds; None without one."""
    seconds = limits.duration(request.budget)
    if seconds is not None and request.dask:
        raise ValueError(
            "--budget with --dask: only the CPU time of workers on this machine is measured; "
            "leave one of them out"
        )
    return seconds


def _blocks(request: Request, registry: Registry, chosen: Suite) -> list[Block]:
    """The blocks of the suite, restricted to the data sets and methods that the request names."""
    if request.methods or request.data is not None or len(chosen.blocks) == 1:
        datasets = request.datasets or chosen.datasets
        methods = request.methods or chosen.others or chosen.methods
        return [replace(chosen.blocks[0], datasets=tuple(datasets), methods=tuple(methods))]
    wanted = registry.select_datasets(request.datasets or chosen.datasets)
    named = dict.fromkeys(choice.address for choice in wanted)
    blocks = []
    for block in chosen.blocks:
        chosen_here = [c.address for c in registry.select_datasets(block.datasets) if c.address in named]
        named = {address: None for address in named if address not in chosen_here}
        if chosen_here:
            blocks.append(replace(block, datasets=tuple(chosen_here)))
    if named and chosen.others:
        return [*blocks, Block(tuple(named), chosen.others, SEEDS)]
    if named:
        raise ValueError(
            f"{chosen.name} has no methods for {', '.join(sorted(named))}; its problems: "
            f"{', '.join(chosen.datasets)}; name others together with --methods"
        )
    return blocks


def _jobs_of(block: Block, request: Request, registry: Registry, own: Sequence[Choice]) -> list[Job]:
    datasets = own or _datasets(registry, block.datasets)
    methods = method_files.named(registry, block.methods)
    kinds = frozenset[str]().union(*(choice.plugin.kinds for choice in datasets))
    if _budget(request) is not None and request.data is not None and not request.methods:
        methods = order.every(registry, kinds)
    if request.data is not None and not request.methods:
        methods = [choice for choice in methods if choice.plugin.kinds & kinds]
    methods = _with_references(methods, registry, kinds)
    return jobs(
        methods,
        datasets,
        block.seeds if request.seeds is None else request.seeds,
        request.data_seeds,
        trials=request.trials or 1,
        threads=request.threads,
        device=request.device,
        first=block.first if request.first_seed is None else request.first_seed,
        folds=request.folds,
    )


def _workers(request: Request, budget: float | None) -> tuple[int, Limits]:
    """The number of workers, which is small for a small budget, and the limits of each."""
    if request.retry not in RETRIES:
        raise ValueError(f"retry must be one of {', '.join(RETRIES)}, got {request.retry!r}")
    most = limits.cores() if budget is None else max(1, min(limits.cores(), int(budget / PER_WORKER)))
    workers = most if request.jobs is None else request.jobs
    memory = limits.size(request.memory) if request.memory else limits.share_of_memory(workers)
    return workers, Limits(limits.duration(request.timeout), memory, request.threads)


def _refuse_device(request: Request) -> None:
    """ValueError if a device is unknown or not on this machine; the workers of Dask have their own."""
    if request.device not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, got {request.device!r}")
    if request.device == "cpu" or request.dask:
        return
    import torch  # takes seconds, and only this check needs it

    if not torch.cuda.is_available():
        raise ValueError(
            "--device cuda: torch sees no CUDA device here; run with --device cpu, or on a machine with an "
            "NVIDIA GPU, its driver and a build of torch for CUDA"
        )


def _datasets(registry: Registry, patterns: Sequence[str]) -> list[Choice]:
    found = registry.select_datasets(patterns)
    named = {pattern.partition("[")[0] for pattern in patterns}
    # A glob pattern leaves out data sets that need files; they are only taken by their full name.
    return [d for d in found if d.plugin.name in named or not needs_files(d)]


def _with_references(methods: list[Choice], registry: Registry, kinds: frozenset[str]) -> list[Choice]:
    names = {REFERENCES[kind] for kind in sorted(kinds) if kind in REFERENCES}
    missing = names - {choice.address for choice in methods}
    return [*methods, *registry.select_methods(sorted(missing & registry.methods.keys()))]


def _refuse_jobs(request: Request, registry: Registry, wanted: Sequence[Job], judging: bool) -> None:
    """ValueError for a judged sample, or if a method named in full supports none of the chosen problems."""
    if not judging:
        refuse_judged(request, wanted)
    if request.folds is not None and wanted and all(job.folds is None for job in wanted):
        raise ValueError(
            "--folds is not for forecasts: their validation part is the last origins of every series; "
            "leave it out"
        )
    used = {job.method.plugin.name for job in wanted}
    for pattern in request.methods:
        if set(pattern.partition("[")[0]) & set("*?"):
            continue
        for choice in registry.select_methods([pattern]):
            if choice.plugin.name not in used:
                kinds = ", ".join(sorted(choice.plugin.kinds))
                raise ValueError(
                    f"{choice.address} supports {kinds}, and no chosen problem is of this kind; "
                    "leave the method out, or choose a problem of a kind that it supports"
                )


def _name(request: Request, own: Sequence[Choice]) -> str:
    """The name of the run; own: the problems made of the user's file."""
    if own:
        return run_name(own[0].plugin.name, Path(str(request.data)))
    return "custom" if request.methods or request.datasets else request.suite


def perform(plan: Plan, tell: Callable[[Step], None] | None = None) -> Tally:
    """Run a plan. Fits that the directory of the run already holds are not computed again.

    Parameters
    ----------
    plan : Plan
        What `prepare` returned.
    tell : callable, optional
        Called after every job with a `Step`: the job and its new rows.

    Returns
    -------
    Tally
        How many jobs ended in which status, how many were cached, and the CPU seconds taken.

    Raises
    ------
    ValueError
        If another run is at work in the directory, or the directory cannot be used.
    """
    bought = plan.purchase
    allowance = bought.allowance if bought else None
    executor = _executor(plan, allowance)
    with locked(plan.folder):
        file = RunFile(plan.folder / "results.sqlite")
        left_out.write(plan.folder, bought.seconds if bought else None, bought.without() if bought else {})
        try:
            how: dict[str, Any] = {"force": plan.force, "retry": plan.retry, "notify": tell}
            wanted = [*plan.jobs, *(bought.reserve if bought else ())]
            tally = run_jobs(wanted, file, plan.name, executor=executor, **how)
        finally:
            file.close()
        if bought:
            left_out.write(plan.folder, bought.seconds, bought.without(tally.not_run))
    tally.used = None if allowance is None else allowance.used
    return tally


def _executor(plan: Plan, allowance: Allowance | None) -> Executor:
    if plan.dask:
        return Cluster(plan.dask, plan.limits)
    return Pool(plan.workers, plan.limits, allowance=allowance) if plan.workers else Inline(allowance)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a run directory against other runs. The lock ends with the process, also after a crash."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "run.lock").open("a+")
    except FileExistsError:
        raise ValueError(f"{folder} is a file, but a run needs a directory; name one with --out") from None
    except OSError as error:
        raise ValueError(
            f"{folder}: cannot be written ({error.strerror}); name another directory with --out"
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


def run(suite: Any = "quick", **keywords: Any) -> Result:
    """Run a suite, chosen methods on chosen data sets, or methods on your own data, and return the result.

    Parameters
    ----------
    suite : str, path or pandas.DataFrame
        Name of a suite: "quick" takes minutes; `recurbench list suites` shows all. A DataFrame or a path is
        taken as `data`.
    **keywords
        Any other field of `api.Request`, such as `methods`, `datasets`, `data`, `seeds`, `out` or `timeout`.
        `data` may also be a DataFrame or Series of pandas, which is written to data.csv in the directory of
        the run. With `data` the options of the command line as well: horizon, period, origins, step, refit,
        id, time, target, covariates, ahead, label, group, missing, frequency, series, task, rate, excerpts.

    Returns
    -------
    Result
        The answer, the tables and forecasts of the run, read from its directory.

    Raises
    ------
    TypeError
        If a keyword is not known, or the data is given twice.
    ValueError
        If a name is unknown, a value is not allowed, a file cannot be used, or another run is at work in the
        same directory. A fit that fails raises nothing: its row has the status and the reason.

    Notes
    -----
    The same call continues an unfinished run, and computes only fits that are not stored yet.

    Examples
    --------
    >>> result = run(df, horizon=12, methods="theta,fourier-ridge,lstm", seeds=1)
    >>> print(result.answer)
    """
    # Reports load pandas and matplotlib, which takes as long as planning a run.
    from recurbench.result import Result

    request = request_of(suite, keywords)
    plan = prepare(request)
    perform(plan)
    return Result(plan.folder, plugins=request.plugins)


def load(folder: str | Path) -> pd.DataFrame:
    """Read the table of a run: one row per fit and its score, without predictions.

    Parameters
    ----------
    folder : path
        Directory of the run, such as "runs/quick".

    Returns
    -------
    pandas.DataFrame
        Columns name the problem, method, settings, seed, stage and fold (`cut`), the status and its reason,
        every metric, seconds, and what is needed to repeat the fit (`record.Record` lists them).

    Raises
    ------
    ValueError
        If the directory holds no run.

    Examples
    --------
    >>> load("runs/quick").query("stage == 'final'")[["problem", "method", "metric", "score"]]
    """
    # This import loads pandas, which takes as long as planning a run.
    from recurbench.results import flat, read_run

    return flat(read_run(folder))


__all__ = ["SUITES", "Plan", "Request", "load", "perform", "prepare", "run"]
