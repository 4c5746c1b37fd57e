"""The file beside a run that says what the newest command did not run for its budget, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

NAME = "budget.json"
# A method was not chosen, had no CPU time left, was stopped, or has fewer seeds than planned.
REASONS = ("not chosen", "budget spent", "stopped", "fewer seeds")

LeftOut = Mapping[tuple[str, str], str]
"""A word of REASONS by problem and method."""


def write(folder: Path, seconds: float | None, left_out: LeftOut) -> None:
    """Replace what the last command left. Without a budget (None) there is no such file."""
    path = folder / NAME
    if seconds is None:
        path.unlink(missing_ok=True)
        return
    rows = [{"problem": names[0], "method": names[1], "why": why} for names, why in left_out.items()]
    path.write_text(json.dumps({"cpu_seconds": seconds, "left_out": rows}, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> dict[tuple[str, str], str]:
    """What `write` wrote into a folder; empty if there is no such file, or it cannot be read."""
    try:
        rows = json.loads((folder / NAME).read_text(encoding="utf-8"))["left_out"]
        return {(str(row["problem"]), str(row["method"])): str(row["why"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
