"""The file beside a run that says what the newest command did not run for its budget, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from recurbench.address import shown

NAME = "budget.json"
# A method was not chosen, had no CPU time left, was stopped, or has fewer seeds than planned.
REASONS = ("not chosen", "budget spent", "stopped", "fewer seeds")

WANTED = "wanted what the budget left out, as JSON with a list left_out of problem, method and why"
MEND = "give the command of the run again, which writes the file anew"

LeftOut = Mapping[tuple[str, str], str]
"""A word of REASONS by problem and method."""


def write(folder: Path, seconds: float | None, left_out: LeftOut) -> None:
    """Replace what the last command left. Without a budget (None) there is no such file."""
    path = folder / NAME
    if seconds is None:
        path.unlink(missing_ok=True)
        return
    rows = [{"problem": names[0], "method": names[1], "why": why} for names, why in left_out.items()]
    # A command that is stopped here leaves the old file or the new one, and no half of one.
    new = folder / f"{NAME}.new"
    new.write_text(json.dumps({"cpu_seconds": seconds, "left_out": rows}, indent=1) + "\n", encoding="utf-8")
    new.replace(path)


def read(folder: Path) -> dict[tuple[str, str], str]:
    """What `write` wrote into a folder; empty if there is no such file.

    ValueError if the file is damaged: then a report cannot say what the budget left out.
    """
    path, text = folder / NAME, ""
    try:
        text = path.read_text(encoding="utf-8")
        rows = json.loads(text)["left_out"]
        found = {(str(row["problem"]), str(row["method"])): str(row["why"]) for row in rows}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}); {MEND}") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is damaged: it holds {shown(text)}, {WANTED}; {MEND}") from None
    other = next((why for why in found.values() if why not in REASONS), None)
    if other is not None:
        raise ValueError(
            f"{path} is damaged: it gives the reason {shown(other)}, wanted one of {', '.join(REASONS)}; "
            f"{MEND}"
        )
    return found
