"""One real run for the pages: three problems of two dials, ablations included, trained for a few seconds."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path

import pandas as pd
from recurbench.api import Request, perform, prepare
from recurbench.reports.page.section import Picture, Section
from recurbench.results import Run, read_run

SMALL = "n_train=60,n_valid=30,n_test=40,train_length=6"
PROBLEMS = tuple(f"parity[{SMALL},test_length={steps}]" for steps in (8, 12))
METHODS = ("most-common", "gru", "gru-state-cut", "tcn", "esn")


@functools.cache
def small() -> Run:
    """The run, made once a session; two seeds, each with its own draw."""
    networks = [name if name in ("most-common", "esn") else f"{name}[max_steps=30]" for name in METHODS]
    with tempfile.TemporaryDirectory() as folder:
        request = Request(methods=networks, datasets=PROBLEMS, seeds=2, out=Path(folder), jobs=0)
        perform(prepare(request))
        return read_run(folder)


def empty() -> Run:
    """A run without a cell."""
    return Run("made up", pd.DataFrame(columns=small().cells.columns), {}, {})


def pictures(section: Section | None) -> list[Picture]:
    """The pictures of a section that is there."""
    assert section is not None
    return [part for part in section.parts if isinstance(part, Picture)]


def texts(svg: str) -> str:
    """All words of a figure, a line per text."""
    return "\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def marks(svg: str, name: str) -> int:
    """How many marks the drawn groups of that name hold."""
    groups = re.findall(rf'<g id="[^"]*-{name}">(.*?)(?=<g id=|</svg>)', svg, flags=re.DOTALL)
    return sum(group.count("<use ") for group in groups)
