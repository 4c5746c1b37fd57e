"""Reasons: every code has a sentence, its values fill it, and a row keeps both."""

import json
import string

import pytest
from recurbench import reasons
from recurbench.reasons import TEMPLATES, Reason, of_row, read
from recurbench.registry import discover
from recurbench.running.job import ended
from recurbench.running.runner import jobs

LATE = Reason("time_limit", {"seconds": 60})
# A reason of every code, with the values that `reasons` lists.
EXAMPLES = [
    Reason("raised", {"text": "KeyError: 'x'"}),
    Reason("no_reason"),
    Reason("other_kind", {"method": "dtw-1nn", "kinds": ["a", "b"], "kind": "forecasting"}),
    Reason("missing_metric", {"metric": "cross_entropy"}),
    Reason("bad_answer", {"text": "answer 0: holds NaN"}),
    Reason("changed_data"),
    Reason("changed_library", {"changes": "replaced numpy.abs"}),
    Reason("hidden_import", {"imports": "imported helper"}),
    Reason("not_built", {"text": "OSError: no disk"}),
    LATE,
    Reason("time_limit_each", {"seconds": 3, "seeds": 2}),
    Reason("memory_limit", {"used": 900, "limit": 800}),
    Reason("process_limit", {"used": 300, "limit": 256}),
    Reason("worker_exit", {"exit": 3}),
    Reason("worker_signal", {"signal": "SIGKILL"}),
    Reason("worker_printed", {"reason": Reason("worker_exit", {"exit": 3}), "text": "bye"}),
    Reason("during_build", {"reason": LATE}),
    Reason("inner_stage", {"reason": LATE}),
    Reason("inner_cut", {"cut": 1, "reason": LATE}),
    Reason(
        "no_trial_left",
        {"trials": 3, "method": "rnn", "reason": Reason("inner_cut", {"cut": 1, "reason": LATE})},
    ),
    Reason("uncoded", {"text": "an old sentence"}),
]


def test_every_code_has_an_example_here_and_a_line_in_the_docstring():
    assert [one.code for one in EXAMPLES] == list(TEMPLATES)
    lines = [line.split("|") for line in (reasons.__doc__ or "").splitlines() if line.startswith("| ")]
    listed = {code.strip(): set(values.replace(",", " ").split()) for _, code, values, _ in lines[1:]}
    assert listed == {one.code: set(one.values) for one in EXAMPLES}


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.code)
def test_the_values_of_a_code_fill_its_sentence(one):
    places = {name for _, name, _, _ in string.Formatter().parse(TEMPLATES[one.code]) if name}
    assert places == set(one.values)
    assert str(one)
    assert "{" not in str(one)


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.code)
def test_a_reason_survives_json(one):
    again = read(json.loads(json.dumps(one.stored())))
    assert again == one
    assert str(again) == str(one)


def test_a_reason_within_a_reason_is_told_in_one_sentence():
    assert str(EXAMPLES[-2]) == (
        "all of 3 trials dropped out, rnn: inner stage, cut 1: more than 60 s of wall-clock time"
    )


def test_the_cause_is_the_innermost_reason():
    assert EXAMPLES[-2].cause == LATE
    assert LATE.cause == LATE


def test_braces_in_a_text_from_outside_stay_as_they_are():
    inner = Reason("raised", {"text": "KeyError: '{seconds}'"})
    assert str(Reason("inner_stage", {"reason": inner})) == "inner stage: KeyError: '{seconds}'"


def test_a_row_that_ended_holds_the_sentence_and_the_code():
    registry = discover()
    (job,) = jobs(registry.select_methods(["drift"]), registry.select_datasets(["airline"]), 1)
    row = ended(job, "timeout", LATE)
    assert (row.status, row.reason) == ("timeout", "more than 60 s of wall-clock time")
    assert row.notes["reason"] == {"code": "time_limit", "values": {"seconds": 60}}
    assert of_row(row.notes, row.reason) == LATE


@pytest.mark.parametrize("notes", [{}, {"reason": "a note of a method"}])
def test_a_row_of_an_older_version_has_its_sentence_alone(notes):
    assert of_row(notes, "it went wrong") == Reason("uncoded", {"text": "it went wrong"})
