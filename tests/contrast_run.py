"""A made-up run of three primary contrasts with known skills, for the pages."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from made_up_pools import CONTEXT, HELPS, HURTS, empty, fill
from recurbench.results import Run, read_run

HELD = {"parity": HELPS, "copy-memory": HURTS, "lorenz[length=100]": CONTEXT}


@functools.cache
def judged_run() -> Run:
    """One contrast that helps, one that hurts, one where context helps; all others not run."""
    with tempfile.TemporaryDirectory() as folder:
        made = empty(Path(folder), series=["0"])
        for problem, skills in HELD.items():
            fill(made, problem, skills)
        return read_run(made.write())
