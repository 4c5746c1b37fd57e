"""Time every built-in method on problems of different size. The same command continues a killed run.

    python benchmarks/measure_costs.py runs/costs

    python benchmarks/measure_costs.py runs/costs-mine --methods my-method

measures what `benchmarks/fit_costs.py` needs to fit the numbers of `recurbench plan`, cheap fits first.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recurbench.address import joined
from recurbench.api import Request, perform, prepare
from recurbench.record import RunFile
from recurbench.registry import Plugin, discover

PLUGINS = [Path(__file__).with_name(name) for name in ("sized.py", "sized_symbols.py")]
STEPS = 20  # optimizer steps of a network; only the time of one step is measured
TIMEOUT = 60  # seconds of wall-clock time
CROWDED = 6  # a fit that timed out has used at least TIMEOUT / CROWDED of CPU time, on a busy machine
PATIENCE = 2  # timeouts of a method on one kind of task, after which larger problems are left out
GROUP = 5  # seeds fitted together
WARM = 2  # test examples of the problem that comes first in a worker
HALF = 5  # sizes in the first half of a design
# Settings that make a method larger, at about four times their default.
LARGER = {
    "sized-classification": [
        *(f"{name}[hidden=128,max_steps={STEPS}]" for name in ("gru", "lstm", "lru", "mingru")),
        *(f"{name}[layers=4,max_steps={STEPS}]" for name in ("gru", "lstm")),
        *(f"{name}[batch=16,max_steps={STEPS}]" for name in ("gru", "mlp", "tcn")),
        f"mlp[hidden=256,max_steps={STEPS}]",
        f"cnn[filters=128,max_steps={STEPS}]",
        f"tcn[filters=48,max_steps={STEPS}]",
        f"inception[blocks=4,max_steps={STEPS}]",
        f"inception[members=3,max_steps={STEPS}]",
        *(f"{kind}-forest[trees=1200]" for kind in ("fourier", "time-domain")),
        "hmm[states=8]",
        "hmm[rounds=200]",
        "esn[units=800]",
    ],
}
# Problems on which the share of its step budget that a network uses is measured, small and large ones.
BUDGETS = [
    "arrowhead",
    "elnino",
    "sunspots",
    "diabetes",
    "basic-motions",
    "hmm-smoother",
    "sequential-digits",
]
BUDGETED = ["mlp", "cnn", "gru"]
# Sizes by kind of task, from cheap to expensive: one difference at a time, then several together.
DESIGN: dict[str, list[dict[str, Any]]] = {
    "forecasting": [
        {},
        {"length": 100, "period": 12, "horizon": 12},
        {"length": 500},
        {"length": 500, "period": 12},
        {"cases": 10},
        {"length": 150, "channels": 3},
        {"asked": 100},
        {"length": 600, "period": 24, "horizon": 24},
        {"length": 3000},
        {"length": 10000, "horizon": 12},
    ],
    "classification": [
        {},
        {"cases": 300},
        {"length": 400},
        {"channels": 6},
        {"cases": 200, "outputs": 10},
        {"cases": 500, "asked": 500, "length": 100},
    ],
    "regression": [{}, {"cases": 300}, {"length": 400}, {"channels": 6}, {"asked": 500}],
    "labelling": [
        {},
        {"cases": 500},
        {"length": 300},
        {"channels": 5, "numbers": True},
        {"outputs": 6},
        {"asked": 300, "numbers": True},
    ],
    "translation": [{}, {"cases": 1000}, {"length": 20}, {"channels": 40}, {"asked": 100}],
    "generation": [{}, {"cases": 500}, {"horizon": 200}, {"channels": 6}, {"asked": 200}],
}


def asked(plugin: Plugin) -> str:
    """The address with which a method is timed; a network takes STEPS steps."""
    return joined(plugin.name, {"max_steps": STEPS} if "max_steps" in plugin.settings else {})


def spent(folder: Path) -> tuple[float, Counter[tuple[str, str]]]:
    """CPU seconds so far, with the least that timeouts took, and the timeouts by method and kind."""
    if not (folder / "results.sqlite").is_file():
        return 0.0, Counter()
    file = RunFile(folder / "results.sqlite")
    rows = file.rows("stage = 'final'")
    file.close()
    late = [row for row in rows if row["status"] == "timeout"]
    seconds = sum(row["cpu_seconds"] or 0.0 for row in rows) + TIMEOUT / CROWDED * len(late)
    return seconds, Counter((row["method"], row["kind"]) for row in late)


def main() -> None:
    """Run what is missing until the budget is spent: cheap sizes, other settings, then expensive sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", type=float, default=900, help="total CPU seconds")
    parser.add_argument("--methods", nargs="*", help="measure only these methods; all by default")
    options = parser.parse_args()
    # A method that reads files of the user has none here.
    methods = [one for one in discover().methods.values() if one.owner == "recurbench" and not one.files]
    if options.methods:
        methods = [plugin for plugin in methods if plugin.name in options.methods]
    grow(options.folder, methods, slice(HALF), WARM, options.budget)
    read_symbols(options.folder, methods)
    if not options.methods:
        other_settings(options.folder, methods)
    grow(options.folder, methods, slice(HALF, None), WARM + 1, options.budget)


def grow(folder: Path, methods: Sequence[Plugin], which: slice, first: int, budget: float) -> None:
    """Time all methods on some of the sizes of every kind of task.

    The first fit in a worker also compiles and loads; the second, of nearly the same size, does not.
    """
    for kind, sizes in DESIGN.items():
        seconds, late = spent(folder)
        if seconds > budget or not sizes[which]:
            print(f"{kind}: left out, {seconds:.0f} CPU-s are spent")
            continue
        names = [asked(m) for m in methods if kind in m.kinds and late[m.name, kind] < PATIENCE]
        if not names:
            continue
        problems = [joined(f"sized-{kind}", dials) for dials in ({"asked": first}, *sizes[which])]
        measure(folder, problems, names)
        print(f"{kind}: {spent(folder)[0]:.0f} CPU-s", flush=True)


def read_symbols(folder: Path, methods: Sequence[Plugin]) -> None:
    """Time the methods on sequences of symbols; some methods take no other input."""
    for kind in ("classification", "regression", "labelling"):
        names = [asked(plugin) for plugin in methods if kind in plugin.kinds]
        sizes = ({"asked": WARM}, {}, {"cases": 300, "length": 40, "channels": 8})
        if names:
            measure(folder, [joined(f"symbols-{kind}", dials) for dials in sizes], names)


def other_settings(folder: Path, methods: Sequence[Plugin]) -> None:
    """Time larger settings, seeds fitted together, and whole trainings."""
    for problem, names in LARGER.items():
        measure(folder, [joined(problem, {"asked": WARM}), problem], names)
    group = [asked(plugin) for plugin in methods if "seeds" in plugin.takes]
    both = [joined("sized-classification", {"asked": count}) for count in (WARM, WARM + 1)]
    measure(folder.with_name(f"{folder.name}-seeds"), both, group, seeds=GROUP)
    measure(folder.with_name(f"{folder.name}-budgets"), BUDGETS, BUDGETED)
    print(f"other settings: {spent(folder)[0]:.0f} CPU-s", flush=True)


def measure(folder: Path, problems: Sequence[str], methods: Sequence[str], seeds: int = 1) -> None:
    """Run the methods on the problems in one worker."""
    plan = prepare(
        Request(
            methods=methods,
            datasets=problems,
            plugins=PLUGINS,
            jobs=1,
            timeout=f"{TIMEOUT}s",
            retry="none",
            seeds=seeds,
            out=folder,
        )
    )
    perform(plan)


if __name__ == "__main__":
    main()
