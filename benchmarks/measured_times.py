"""The times that `measure_costs.py` measured, read from its run: one `Cell` per fit."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure_costs import CROWDED, PLUGINS, STEPS, TIMEOUT, WARM
from recurbench.address import split_address
from recurbench.planning import costs
from recurbench.planning.costs import NETWORKS, Point
from recurbench.record import RunFile
from recurbench.registry import Plugin, discover
from recurbench.running import sizes
from recurbench.running.job import build
from recurbench.running.sizes import Size

LEAST = 1e-5  # seconds
NOTED = 0.15  # seconds; a smaller extra cost of a first fit is left out


@dataclass(frozen=True)
class Cell:
    """One measured fit.

    fit: seconds to train; for a network, per optimizer step. answer: seconds to predict. late: the fit timed
    out, so its true time is longer.
    """

    plugin: Plugin
    problem: str
    size: Size
    fit: float
    answer: float
    late: bool = False

    @property
    def points(self) -> tuple[Point, Point]:
        """The features of the problem for training and for predicting."""
        return costs.fitting(self.size, "both"), costs.answering(self.size, "both")


def stepped(plugin: Plugin) -> bool:
    """Whether a method trains by optimizer steps."""
    return "max_steps" in plugin.settings


class Measured:
    """The rows of a run of `measure_costs.py`, and the sizes of their problems."""

    def __init__(self, folder: Path) -> None:
        self._registry = discover(PLUGINS)
        self._sizes: dict[str, Size] = {}
        file = RunFile(folder / "results.sqlite")
        self.rows = file.rows("stage = 'final' AND status IN ('ok', 'timeout')")
        self.inner = file.rows("stage = 'inner' AND status = 'ok'")
        file.close()

    def size(self, row: Mapping[str, Any]) -> Size:
        """The size of the problem of a row."""
        address = row["problem"]
        if address not in self._sizes:
            (choice,) = self._registry.select_datasets([address])
            self._sizes[address] = sizes.size_of(build(choice, row["data_seed"]))
        return self._sizes[address]

    def plugin(self, row: Mapping[str, Any]) -> Plugin:
        """The method of a row."""
        return self._registry.methods[row["method"]]

    def cells(self) -> list[Cell]:
        """One cell per size, without first fits in a worker and without other settings."""
        cells = []
        for row in self.rows:
            changed = split_address(row["address"])[1]
            if warm(row) or changed not in ({}, {"max_steps": STEPS}):
                continue
            plugin, late = self.plugin(row), row["status"] == "timeout"
            steps = row["notes"].get("steps_done", STEPS) if stepped(plugin) else 1
            fit = TIMEOUT / CROWDED if late else row["fit_cpu_seconds"]
            answer = LEAST if late else row["cpu_seconds"] - fit
            cells.append(Cell(plugin, row["problem"], self.size(row), fit / steps, max(answer, LEAST), late))
        return cells

    def once(self) -> dict[str, float]:
        """Extra seconds of the first fit of a method in a worker, by method."""
        first, base = defaultdict(list), {}
        for row in self.rows:
            if row["status"] == "ok" and row["dials"].get("asked") == WARM:
                first[row["method"]].append((row["kind"], row["cpu_seconds"]))
            elif row["problem"] == f"sized-{row['kind']}" and row["status"] == "ok":
                base.setdefault((row["method"], row["kind"]), row["cpu_seconds"])
        extra = {
            name: statistics.median(
                max(0.0, s - base[name, kind]) for kind, s in seen if (name, kind) in base
            )
            for name, seen in first.items()
            if any((name, kind) in base for kind, _ in seen)
        }
        networks = {name for name in extra if stepped(self._registry.methods[name])}
        noted = {name: round(s, 2) for name, s in extra.items() if s > NOTED and name not in networks}
        return {**noted, NETWORKS: round(max(extra[name] for name in networks), 2)}

    def exponents(self) -> dict[str, float]:
        """By setting, the exponent with which the seconds of a fit grow; the median over methods."""
        base = {
            (r["problem"], r["method"]): r["fit_cpu_seconds"] for r in self.rows if plain(r) and not warm(r)
        }
        seen = defaultdict(list)
        for row in self.rows:
            changed = {k: v for k, v in split_address(row["address"])[1].items() if k != "max_steps"}
            key = row["problem"], row["method"]
            if len(changed) != 1 or warm(row) or key not in base or row["status"] != "ok":
                continue
            ((name, value),) = changed.items()
            grown = math.log(row["fit_cpu_seconds"] / base[key])
            seen[name].append(grown / math.log(value / self.plugin(row).settings[name]))
        return {
            name: round(max(0.0, statistics.median(exponents)), 2) for name, exponents in sorted(seen.items())
        }


def warm(row: Mapping[str, Any]) -> bool:
    """Whether a row belongs to the problem that came first in a worker."""
    return bool(row["dials"].get("asked") in (WARM, WARM + 1))


def plain(row: Mapping[str, Any]) -> bool:
    """Whether a method ran with its default settings, except for the number of steps."""
    return row["status"] == "ok" and not set(split_address(row["address"])[1]) - {"max_steps"}
