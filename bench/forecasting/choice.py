"""Which problem of a run and which of its methods to use, and the problem built again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench import answers
from recurbench.address import label, split_address
from recurbench.registry import Choice, Plugin, Registry
from recurbench.reports.statistics.selection import Chosen, best_of_all
from recurbench.results import Run
from recurbench.running.job import build
from recurbench.task import Problem


@dataclass(frozen=True)
class MethodChoice:
    """A method of a run with everything needed to fit it again.

    Attributes
    ----------
    problem : str
        Address of the problem.
    address : str
        Address of the method, as the run names it.
    method : Choice
        The plugin with its settings; of a tuned method the settings that validation chose.
    seed, data_seed : int or None
        Of the fit in the run: the lowest seed that ended ok. None if the method or the data have none.
    steps : int or None
        Optimizer steps that validation chose; None for a method without.
    device : str
        Where the fit ran.
    by : str
        The validation metric that chose it; "" if it was named by the user.
    tied : tuple of str
        Methods that are equal to it on validation.
    cpu_seconds : float
        CPU time of the stored fit on the training part; 0 if unknown.
    """

    problem: str
    address: str
    method: Choice
    seed: int | None
    data_seed: int | None
    steps: int | None
    device: str = "cpu"
    by: str = ""
    tied: tuple[str, ...] = ()
    cpu_seconds: float = 0.0


def choose_problem(run: Run, problem: str | None, kinds: Iterable[str]) -> str:
    """The problem that was named, or the only one of these kinds.

    Raises
    ------
    ValueError
        If there is no such problem, or several and none was named.
    """
    wanted = sorted(kinds)
    cells = run.cells
    kind_of = dict(zip(map(str, cells["problem"]), map(str, cells["kind"]), strict=True))
    able = [name for name, kind in kind_of.items() if kind in wanted]
    if problem is not None:
        # The bracket may be left out where it is clear which problem is meant, and a file may stand for it.
        first = cells.drop_duplicates("problem")
        files = {
            str(name): label(str(dataset), dials, str(name))
            for name, dataset, dials in zip(first["problem"], first["dataset"], first["dials"], strict=True)
        }
        named = [name for name in able if problem in (name, split_address(name)[0], files[name])]
        if len(named) == 1:
            return named[0]
    if problem is None and len(able) == 1:
        return able[0]
    if not able and "forecasting" in kind_of.values():
        raise ValueError("the run has only forecasts, and no cases to predict; use recurbench forecast RUN")
    seen = ", ".join(able) or f"none (it has {', '.join(sorted(set(kind_of.values()))) or 'no results'})"
    what = "no problem" if not able else "several problems" if problem is None else f"no problem {problem!r}"
    raise ValueError(
        f"the run has {what} of {' or '.join(wanted)} to choose; its problems of this kind: {seen}; "
        "name one of them with --problem"
    )


def choose_method(run: Run, problem: str, method: str | None, registry: Registry) -> MethodChoice:
    """The method that is best on validation, or the named one, with its settings and seed in the run.

    Parameters
    ----------
    run : Run
    problem : str
        Address of a problem of the run.
    method : str or None
        Name or address of a method of the run; None: the one that validation chooses among all.
    registry : Registry
        Holds the plugins.

    Raises
    ------
    ValueError
        If the method is not in the run or has no result, or nothing was chosen on validation.
    """
    cells = run.cells[run.cells["problem"] == problem]
    final = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]
    if not len(final):
        raise ValueError(f"{problem} has no finished fit in this run; let the run finish")
    if method is not None:
        return _described(final, Chosen(_named(final, method), "", "", ""), registry)
    facts = next(iter(run.draws(problem).values()))
    found = best_of_all(cells, facts)
    if found is None:
        name = label(str(cells.iloc[0]["dataset"]), cells.iloc[0]["dials"], problem)
        raise ValueError(
            f"no method was chosen on validation for {name}: there was no validation part, or no method "
            f"has all its scores on it; name one with --method, of {_listed(final)}"
        )
    return _described(final, found, registry)


def _named(final: pd.DataFrame, method: str) -> str:
    """The address of the method that is meant; its settings may be left out if no other has its name."""
    addresses = list(dict.fromkeys(map(str, final["address"])))
    if method in addresses:
        return method
    same = [each for each in addresses if split_address(each)[0] == method]
    if len(same) == 1:
        return same[0]
    wrong = f"has several methods {method!r}" if same else f"has no result of a method {method!r}"
    raise ValueError(f"the run {wrong}; give --method one of {', '.join(same) or _listed(final)}")


def _listed(final: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(map(str, final["address"])))


def _described(final: pd.DataFrame, chosen: Chosen, registry: Registry) -> MethodChoice:
    rows = final[final["address"] == chosen.address].sort_values("seed", kind="stable", na_position="first")
    row: Mapping[Any, Any] = rows.iloc[0].to_dict()
    if row["method"] not in registry.methods:
        raise ValueError(f"the method {row['method']} is not installed; give its file with --plugin")
    plugin = registry.methods[row["method"]]
    return MethodChoice(
        problem=str(row["problem"]),
        address=chosen.address,
        data_seed=_whole(row["data_seed"]),
        device=str(row["device"]),
        by=chosen.by,
        tied=chosen.tied,
        **of_fit(plugin, row),
    )


def of_fit(plugin: Plugin, row: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields of `MethodChoice` that differ from fit to fit, from the row of a final fit.

    Of a fit that several seeds share, each row has the CPU seconds of its seed.
    """
    return {
        "method": plugin.choose(row["settings"]),
        "seed": _whole(row["seed"]),
        "steps": _whole(row["notes"].get("steps")) if "steps" in plugin.takes else None,
        "cpu_seconds": 0.0 if pd.isna(row["cpu_seconds"]) else float(row["cpu_seconds"]),
    }


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def rebuilt(run: Run, problem: str, registry: Registry, data_seed: int | None) -> tuple[Choice, Problem]:
    """Build a problem of a run again; its data must be those of the run.

    Returns
    -------
    dataset : Choice
        The data set with its settings.
    problem : Problem

    Raises
    ------
    ValueError
        If the data set is not installed, or its data have changed since the run.
    """
    row = run.cells[run.cells["problem"] == problem].iloc[0]
    if row["dataset"] not in registry.datasets:
        raise ValueError(f"the data set {row['dataset']} is not installed; give its file with --plugin")
    dials = dict(row["dials"])
    if row["dataset"] == "csv" and dials.get("missing") == "interpolate":
        # A run from before 2026-12. Without missing values the data are the same, otherwise refused below.
        dials["missing"] = "carry"
    dataset = registry.datasets[row["dataset"]].choose(dials)
    for file in filter(None, (dataset.settings[name] for name in dataset.plugin.files)):
        path = Path(str(file))
        if not path.exists():
            raise ValueError(
                f"{path}: the data file of the run is not there; put it back, or start the command in the "
                "folder in which the run was started"
            )
    made = build(dataset, data_seed)
    stored = run.problems.get((problem, data_seed), {}).get("fingerprint")
    if stored is not None and stored != answers.fingerprint(made.train, made.valid, made.test):
        raise ValueError(
            f"the data of {problem} differ from those of the run; bring back the file as it was, or run again"
        )
    return dataset, made
