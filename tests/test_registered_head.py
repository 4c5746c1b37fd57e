"""What stands above the registered contrasts: predictions, budget, error, and what the run does not hold."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_answers import (
    EARNED,
    EN,
    run_of,
    told,
)
from made_up_contrasts import (
    PARITY,
    as_registered,
    filled,
)
from recurbench import left_out
from recurbench.registration import FrozenPair
from recurbench.reports import formats
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.document import document
from recurbench.reports.text import opening
from recurbench.reports.text.answer import answer
from recurbench.reports.text.registered_map import lines_of
from recurbench.results import read_run
from rich.console import Console


def test_the_head_counts_one_problem_and_its_prediction_in_the_singular(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    as_registered(monkeypatch)
    first, scope, reading = told(run_of("Open")).head
    assert first == (
        "For this problem a prediction was written down before the samples of this run were drawn. "
        "One prediction was made before any similar result was known: 1 is open."
    )
    assert scope == (
        "Every verdict is about the networks compared here, with at most 40 optimizer steps and about 500 "
        "parameters each; a line with another budget says so. "
        "The rule aims at a chance of at most 5 % that any of these verdicts is false."
    )
    assert "if its skill is at least 0.9" in reading


def test_predictions_made_with_similar_results_at_hand_are_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    as_registered(monkeypatch, replace(PARITY, known_before=True))
    first = told(run_of("Open")).head[0]
    assert first.endswith("before the samples of this run were drawn.")
    assert not re.search(r"\b[01]\b", first)


def test_the_error_of_secondary_contrasts_is_told_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    as_registered(monkeypatch, pairs=(FrozenPair("nonlinear against linear", "parity", "lstm", "rnn"),))
    scope = told(run_of("Open")).head[1]
    assert scope.endswith("compare recurrent networks with each other, have 5 % of their own.")


def test_what_the_run_does_not_hold_is_said_in_every_form_of_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_registered(monkeypatch)
    folder = filled(tmp_path, *EARNED["Open"]).write(missing=2)
    left_out.write(folder, 30.0, {("parity", "gru"): "stopped"})
    run = read_run(folder)
    found = told(run)
    unfinished, stopped = found.notes
    assert unfinished.startswith("Unfinished: 2 of ")
    assert stopped.endswith("longer than estimated: gru.")
    assert found.head[:2] == found.notes
    assert set(found.notes) <= set(answer(run, EN).sentences)
    written = io.StringIO()
    opening.show(run, EN, Console(width=1000, file=written))
    forms = {
        "page": document(run, EN, ()),
        "terminal": written.getvalue(),
        "Markdown": "\n".join(lines_of(found, EN)),
        "JSON": formats.dump(run, EN, Drawn(None, "")),
    }
    counted = {form: [text.count(note) for note in found.notes] for form, text in forms.items()}
    assert counted == {form: [1, 1] for form in forms}
