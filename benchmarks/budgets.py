"""Compare the CPU time that was asked for with the CPU time that was used, on ten files of one series each.

    python benchmarks/budgets.py runs/budgets 30s 2m

makes the files, runs each with each budget and prints a table: what was planned, what was used, and how many
methods were run. A run that is finished is not run again. No run learns from the times of another.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recurbench.api import Request, perform, prepare

Series = NDArray[np.float64]
STEPS = {"daily": 24, "hourly": 1}


def autoregression(rng: np.random.Generator, rows: int, phi: float) -> Series:
    """An AR(1) series."""
    noise, found = rng.normal(size=rows + 200), np.zeros(rows + 200)
    for t in range(1, rows + 200):
        found[t] = phi * found[t - 1] + noise[t]
    return found[200:]


def seasonal(rng: np.random.Generator, rows: int, season: int) -> Series:
    """A sine with a slow trend and noise."""
    time = np.arange(rows)
    wave: Series = 10 + 3 * np.sin(2 * np.pi * time / season) + rng.normal(size=rows) * 0.5 + time * 0.01
    return wave


def threshold(rng: np.random.Generator, rows: int) -> Series:
    """A threshold autoregression."""
    found = np.zeros(rows + 100)
    for t in range(1, rows + 100):
        level = -0.8 * found[t - 1] + 1 if found[t - 1] > 0 else 0.6 * found[t - 1] - 0.5
        found[t] = level + rng.normal() * 0.5
    return found[100:]


def series() -> dict[str, tuple[Series, str]]:
    """By name the values and the frequency."""
    rng = np.random.default_rng(7)
    return {
        "noise-60": (rng.normal(size=60), "monthly"),
        "seasonal-100": (seasonal(rng, 100, 12), "monthly"),
        "ar-144": (autoregression(rng, 144, 0.7), "monthly"),
        "noise-200": (rng.normal(size=200), "daily"),
        "threshold-200": (threshold(rng, 200), "daily"),
        "seasonal-300": (seasonal(rng, 300, 7), "daily"),
        "ar-500": (autoregression(rng, 500, 0.9), "daily"),
        "seasonal-800": (seasonal(rng, 800, 24), "hourly"),
        "threshold-1200": (threshold(rng, 1200), "daily"),
        "seasonal-2000": (seasonal(rng, 2000, 24), "hourly"),
    }


def stamp(row: int, frequency: str) -> str:
    """The time stamp of a row."""
    if frequency == "monthly":
        return f"{1950 + row // 12}-{1 + row % 12:02d}-01"
    time = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(hours=row * STEPS[frequency])
    return time.strftime("%Y-%m-%d %H:%M")


def used(file: Path, budget: str, folder: Path) -> dict[str, float]:
    """The figures of a run, which is run now if it is missing."""
    notes = folder / "used.json"
    if not notes.is_file():
        plan = prepare(Request(data=file, budget=budget, out=folder / "run"))
        assert plan.purchase is not None
        tally = perform(plan)
        without = plan.purchase.without(tally.not_run)
        lost = {method for (_, method), why in without.items() if why != "fewer seeds"}
        offered = {bid.name for bid in plan.purchase.bids}
        figures = {
            "asked": plan.purchase.seconds,
            "planned": plan.purchase.planned,
            "used": tally.used,
            "offered": len(offered),
            "run": len(offered - lost),
            "seeds": plan.purchase.level.seeds,
            "trials": plan.purchase.level.trials,
        }
        notes.write_text(json.dumps(figures))
    found: dict[str, float] = json.loads(notes.read_text())
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line per file and budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("budgets", nargs="+")
    options = parser.parse_args(arguments)
    data = options.folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    print("| file | asked, CPU-s | planned | used | used / asked | methods | seeds | trials |")
    print("|---|---|---|---|---|---|---|---|")
    for budget in options.budgets:
        for name, (values, frequency) in series().items():
            file = data / f"{name}.csv"
            rows = [f"a,{stamp(i, frequency)},{value:.4f}" for i, value in enumerate(values)]
            file.write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
            one = used(file, budget, options.folder / budget / name)
            print(
                f"| {name} | {one['asked']:.0f} | {one['planned']:.0f} | {one['used']:.1f} | "
                f"{one['used'] / one['asked']:.2f} | {one['run']} of {one['offered']} | {one['seeds']} | "
                f"{one['trials']} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
