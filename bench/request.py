"""What a caller asks for, and the plan that is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame
    from recurbench.planning.budget import Purchase
    from recurbench.reading.proposal import Proposal
    from recurbench.running.job import Job
    from recurbench.running.limits import Limits
    from recurbench.running.sizes import Size


@dataclass(frozen=True)
class Request:
    """What to run. Methods, data sets and seeds that are not given come from the suite.

    Parameters
    ----------
    suite : str
        Name of a suite, such as "quick".
    methods, datasets : str or sequence of str
        Names, glob patterns, or ``name[setting=value,...]``. One text may hold several, with commas.
    seeds : int, optional
        Seeds per method with random numbers.
    first_seed : int, optional
        The first seed.
    data_seeds : int, optional
        Samples of a generated data set, each combined with every seed. By default sample s goes with seed s.
    trials : int, optional
        Settings per method to choose from on validation; 1, the default, uses the default settings.
    folds : int, optional
        Times that a validation part is taken out of train, each another one, to choose methods, settings and
        training steps. By default five for fewer than 200 training cases (or groups of them), and one
        otherwise. Not for forecasting, nor for problems that bring their validation part.
    budget : str or number, optional
        CPU time of all workers together, such as "5m" or "1h"; a number is in seconds. It chooses the
        methods, seeds and trials that are not given, and no fit starts when it is used up. "none" for no
        budget.
    data : path or pandas.DataFrame, optional
        Your own data, instead of `datasets`: a file, or a DataFrame or Series, which is written to
        ``OUT/data.csv``.
    dials : dict
        Settings for `data`: id, time, target, covariates, ahead, horizon, origins, step, refit, period,
        frequency, series, missing, excerpts; for cases also label, group, task, rate.
    out : path, optional
        Directory of the run; ``runs/SUITE`` by default.
    plugins : sequence of paths
        Python files with methods or data sets.
    jobs : int, optional
        Worker processes, one per core by default. 0 runs in this process, where limits cannot be applied.
    timeout : str or float, optional
        Wall-clock limit of one fit, such as "90s" or "10m"; a number is in seconds. None or "none": no limit.
    memory : str
        Memory limit of one worker, such as "2GB", or "none". By default the workers share the memory of the
        machine equally.
    threads : int
        Threads of one worker.
    device : {"cpu", "cuda"}
        Where networks train and predict.
    dask : str
        Address of a Dask scheduler whose workers run the fits.
    retry : {"none", "limits", "all"}
        Fits to repeat: none, those that hit a limit or crashed, or all without a score.
    force : bool
        Compute every fit again, also those that are stored.
    """

    suite: str = "quick"
    methods: Sequence[str] = ()
    datasets: Sequence[str] = ()
    seeds: int | None = None
    first_seed: int | None = None
    data_seeds: int | None = None
    trials: int | None = None
    folds: int | None = None
    budget: str | float | None = "none"
    data: str | Path | DataFrame | None = None
    dials: dict[str, Any] = field(default_factory=dict)
    out: str | Path | None = None
    plugins: Sequence[str | Path] = ()
    jobs: int | None = None
    timeout: str | float | None = "none"
    memory: str = ""
    threads: int = 1
    device: str = "cpu"
    dask: str = ""
    retry: str = "limits"
    force: bool = False


@dataclass(frozen=True)
class Plan:
    """The jobs of a request, where their results go, and how they are run.

    A job is one method with one seed on one problem: its fits on all folds and on the whole training part.

    Parameters
    ----------
    name : str
        Name of the run: the suite, "custom", or "csv-NAME" (series) and "cases-NAME" of a file of one's own.
    folder : Path
        Directory of the run.
    jobs : sequence of Job
        What to run.
    workers : int
        Worker processes; 0 runs in the calling process.
    limits : Limits
        Time, memory and threads of one worker.
    dask, retry, force
        As in `Request`.
    facts : sequence of str
        One line for each problem made of the caller's own file: what was read from the file. Before them one
        line about the problems of a suite whose files are not on this machine.
    proposals : sequence of Proposal
        What was made of the caller's own data, and why; one for each problem.
    sizes : mapping
        Sizes of the problems that were built to check the request, by address and sample.
    purchase : Purchase, optional
        What the budget buys; None without a budget.
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
    proposals: Sequence[Proposal] = ()
    sizes: Mapping[tuple[str, int | None], Size] = field(default_factory=dict)
    purchase: Purchase | None = None
