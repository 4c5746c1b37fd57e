"""The command that makes a run again, from what its cells say."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.reports.statistics.decision import decides
from recurbench.results import Run
from recurbench.suites import REFERENCES, SUITES

NO_SUITE = ("", "custom")
LONGEST = 300  # letters of a command that a sentence names
DIALS = ("id", "time", "horizon", "period", "origins", "step", "missing", "series")
DEFAULTS = ("carry", "interpolate")  # of series, and of cases; also of series in run files of older versions
LISTS = ("target", "covariates", "ahead")
TASKS = {"own-classes": "classification", "own-values": "regression"}
CASES = {"label": "--label", "case": "--id", "group": "--group", "time": "--time"}


def commands(run: Run) -> tuple[str, ...]:
    """What to type: one line for a suite, else one for every set of problems with their methods and seeds.

    Where a problem has all methods that a suite gives it, and no other, the line names the suite instead.
    A file of one's own is named with its folder, so that the command works anywhere; several data sets of one
    folder have a line each. Plugin files are not known to a run file.
    """
    if not len(run.cells):
        return (f"recurbench run {_named(run)}".rstrip(),)
    if run.suite not in NO_SUITE and decides(run):
        files = run.cells["problem"].map(_files(run))
        return tuple(_own_file(cells) for _, cells in run.cells.groupby(files, sort=False))
    if run.suite not in NO_SUITE:
        seeds = {_seeds(run.cells[run.cells["problem"] == p]) for p in run.cells["problem"].unique()}
        # Blocks of a suite may differ in their seeds; then only the suite itself can name them all.
        own = seeds.pop() if len(seeds) == 1 and not run.missing else ()
        return (shlex.join(("recurbench", "run", run.suite, *own, *_trials(run.cells))),)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for name, cells in run.cells.groupby("problem", sort=False):
        problem = str(name)
        methods = tuple(dict.fromkeys(map(str, cells["address"])))
        waiting = (method for of, method in run.absent if of == problem)
        whole = _suite_of(problem, {*methods, *waiting})
        given = (whole,) if whole else ("--methods", ",".join(methods))
        groups.setdefault((given, (*_seeds(cells), *_trials(cells))), []).append(problem)
    return tuple(_line(given, problems, rest) for (given, rest), problems in groups.items())


def command_of(run: Run, problem: str) -> str:
    """The line of `commands` that this problem is in, if it is of a file of one's own; else the first."""
    own = _files(run)
    if run.suite not in NO_SUITE and decides(run) and problem in own:
        return _own_file(run.cells[run.cells["problem"].map(own) == own[problem]])
    return commands(run)[0]


def _files(run: Run) -> dict[str, str]:
    """By problem, the file of one's own that it is made of."""
    first = run.cells.drop_duplicates("problem")
    paths = (str(dials.get("path", "FILE")) for dials in first["dials"])
    return dict(zip(map(str, first["problem"]), paths, strict=True))


def _line(given: tuple[str, ...], problems: Iterable[str], rest: tuple[str, ...]) -> str:
    """given: a suite, or the option of the methods."""
    datasets = ("--datasets", ",".join(problems))
    own = (*given, *datasets) if len(given) == 1 else (*datasets, *given)
    return shlex.join(("recurbench", "run", *own, *rest))


def _suite_of(problem: str, methods: set[str]) -> str:
    """The suite that gives a problem these methods, and at most a reference method besides; "" if none.

    The suite of the judged samples is never named: its roles are checked for the whole suite.
    """
    for each in SUITES.values():
        own = {name for block in each.blocks if problem in block.datasets for name in block.methods}
        if own and not each.registered and own <= methods <= own | set(REFERENCES.values()):
            return each.name
    return ""


def _named(run: Run) -> str:
    return "" if run.suite in NO_SUITE else run.suite


def _own_file(cells: pd.DataFrame) -> str:
    """The line for the problems of one file."""
    problems: list[dict[str, Any]] = list(cells.drop_duplicates("problem")["dials"])
    dials = problems[0]
    path = Path(str(dials.get("path", "FILE"))) / str(dials.get("table") or "")
    arguments = ["recurbench", "run", "--data", str(path)]
    dataset = str(cells.iloc[0].get("dataset"))
    if dataset in TASKS:
        arguments += ["--task", TASKS[dataset], *_of_cases(dials)]
        dials = {"excerpts": dials.get("excerpts")}
        problems = [dials]
    for name in _common(problems):
        arguments += [f"--{name}", str(dials[name])]
    if dials.get("frequency") and len(problems) == 1:
        # A file of several frequencies makes a problem of each by itself.
        arguments += ["--frequency", str(dials["frequency"])]
    for option in LISTS:
        names = dials.get(option) or ()
        for name in [names] if isinstance(names, str) else names:
            arguments += [f"--{option}", name]
    arguments += ["--refit"] if dials.get("refit") else []
    arguments += ["--excerpts"] if dials.get("excerpts") else []
    methods = ",".join(dict.fromkeys(map(str, cells["address"])))
    return shlex.join((*arguments, "--methods", methods, *_seeds(cells), *_trials(cells)))


def _common(problems: list[dict[str, Any]]) -> list[str]:
    """The options that all problems share; those of a frequency of its own follow from the file again."""

    def shared(name: str) -> bool:
        values = {str(dials.get(name) or "") for dials in problems}
        return len(values) == 1 and not values & {"", *DEFAULTS}

    names = [name for name in DIALS if shared(name)]
    # Origins without a step are one horizon apart.
    apart = all(dials.get("step") in (None, dials.get("horizon")) for dials in problems)
    return [name for name in names if name != "origins" or "step" in names or apart]


def _of_cases(dials: dict[str, Any]) -> list[str]:
    """The options that name the columns of a table of cases, and what else differs from the default."""
    named = [(option, dials.get(name)) for name, option in CASES.items() if dials.get(name)]
    if dials.get("form") == "long" and not dials.get("time"):
        named.append(("--time", "none"))
    if dials.get("rate"):
        named.append(("--rate", dials["rate"]))
    if dials.get("missing", DEFAULTS[1]) not in DEFAULTS:
        named.append(("--missing", dials["missing"]))
    return [word for option, name in named for word in (option, str(name))]


def _seeds(cells: pd.DataFrame) -> tuple[str, ...]:
    """Number and first of the seeds, and of the draws where each of them met every seed."""
    seeds = sorted({int(seed) for seed in cells["seed"].dropna()})
    draws = sorted({int(seed) for seed in cells["data_seed"].dropna()})
    both = cells[cells["seed"].notna() & cells["data_seed"].notna()]
    pairs = both[["seed", "data_seed"]].drop_duplicates()
    known = seeds or draws
    if not known:
        return ()
    crossed = len(pairs) > max(len(seeds), 1) or (len(seeds) > 1 and len(draws) == 1)
    own = ("--seeds", str(len(known)), "--first-seed", str(known[0]))
    return (*own, "--data-seeds", str(len(draws))) if crossed and draws else own


def _trials(cells: pd.DataFrame) -> tuple[str, ...]:
    most = int(cells["trial"].max()) + 1
    folds = {notes.get("folds") for notes in cells.get("notes", ())} - {None, 0}
    given = ("--folds", str(folds.pop())) if len(folds) == 1 else ()
    return (*(("--trials", str(most)) if most > 1 else ()), *given)
