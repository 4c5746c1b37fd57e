"""Made-up runs of a registered contrast, for tests of its answer: one for each heading, graded, failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from made_up import MadeUp
from made_up_contrasts import CHOSEN, PARITY, SOLVED_BY_RECURRENCE, TWICE, as_registered, filled
from recurbench.contrasts import Registered
from recurbench.registration import Frozen
from recurbench.reports.text.registered_answer import Line, RegisteredAnswer, registered_answer
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run

EN = Messages()
DASH = "\N{EN DASH}"
ONES, HALF = [1.0] * 30, [1.0, 0.0] * 15
# By heading, the skills that earn it in a family of one.
EARNED: dict[str, tuple[dict[str, Any], int]] = {
    "Only recurrence solved it": (SOLVED_BY_RECURRENCE, 12),
    "Recurrence helped": ({"lstm": 1.0, "tcn": [1.0] + [0.0] * 11}, 12),
    "Memory pays, recurrence not needed": ({"lstm": 1.0, "rnn": 1.0, "tcn": 1.0}, 30),
    "Recurrence not needed": ({**SOLVED_BY_RECURRENCE, "tcn": 1.0, "cnn": [0.0] * 3 + [1.0] * 27}, 30),
    "No difference": ({"lstm": 1.0, "tcn": 1.0, "cnn": 1.0}, 30),
    "Recurrence lost": ({"lstm": 0.5, "tcn": 1.0}, 12),
    "Neither learned": ({}, 30),
    "Open": ({"lstm": HALF, "transformer": ONES}, 30),
}


@cache
def _run(heading: str) -> Run:
    with TemporaryDirectory() as folder:
        return read_run(filled(Path(folder), *EARNED[heading]).write())


def run_of(heading: str) -> Run:
    """A run by the heading that it earns; another object every time, since reports cache by object."""
    return replace(_run(heading), file=None)


def told(run: Run, say: Messages = EN) -> RegisteredAnswer:
    found = registered_answer(run, say)
    assert found is not None
    return found


def the_line(run: Run, heading: str) -> Line:
    """The only line of an answer, which stands under this heading."""
    (group,) = told(run).groups
    (line,) = group.lines
    assert group.heading == heading
    return line


def others(count: int) -> list[tuple[Registered, Frozen]]:
    """Registered contrasts that no run holds."""
    names = [f"not-run-{i}" for i in range(count)]
    return [(replace(PARITY, problem=name), replace(CHOSEN, problem=name)) for name in names]


def failing(made: MadeUp, method: str, seed: int = 203) -> MadeUp:
    """The same run with a failed fit of this method."""
    made.records = [
        replace(record, status="failed", reason="out of memory", score=None, scores={}, units=b"")
        if (record.method, record.seed) == (method, seed)
        else record
        for record in made.records
    ]
    return made


CLOSE = {"rnn": 0.98, "lstm": 0.98, "tcn": 0.96, TWICE: 0.96, "transformer": 0.96, "cnn": 0.95}


def graded(
    folder: Path, skills: Mapping[str, float | Sequence[float]], replicates: int = 16, **changes: Any
) -> Run:
    """A run of a graded problem; what is not named has the skill .5."""
    every = {name: 0.5 for methods in CHOSEN.rates.values() for name in methods}
    return read_run(filled(folder, {**every, **skills}, replicates, **changes).write())


def graded_registered(monkeypatch: pytest.MonkeyPatch, predicted: str = "no difference") -> None:
    chosen = replace(CHOSEN, outcome="graded", predicted=predicted)
    as_registered(monkeypatch, replace(PARITY, known_before=True), chosen)
