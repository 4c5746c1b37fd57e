"""One real run on cases, made once a session: a small network and the reference, two seeds."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from recurbench.api import Request, perform, prepare
from recurbench.results import Run, read_run

PROBLEM = "breast-cancer"
METHODS = ("mlp[max_steps=30]",)


@functools.cache
def on_cases() -> Run:
    """The run; its file is gone."""
    with tempfile.TemporaryDirectory() as folder:
        request = Request(methods=METHODS, datasets=(PROBLEM,), seeds=2, out=Path(folder), jobs=0)
        perform(prepare(request))
        return read_run(folder)
