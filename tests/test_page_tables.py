"""The tables that sections share: formed once for a run, and forgotten with it."""

from __future__ import annotations

import pandas as pd
from made_up import MadeUp, right
from recurbench.reports.page import page_tables
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run
from small_run import empty, small


def test_a_table_is_formed_once_for_a_run() -> None:
    assert lifts_of(small()) is lifts_of(small())
    other = Run("made up", small().cells, small().problems, {})
    assert lifts_of(other) is not lifts_of(small())


def test_every_problem_has_a_lift_and_resamples_are_one_row(tmp_path) -> None:
    assert list(lifts_of(small())["label"]) == page_tables.problems_of(small())
    made = MadeUp(tmp_path, best=None)
    for k in range(2):
        name = f"gunpoint[resample={k}]"
        for method, count in (("most-common", 20), ("gru", 30), ("mlp", 25)):
            made.cell(
                method,
                right(count),
                problem=name,
                seed=0,
                validation={"accuracy": count},
                dials={"resample": k},
            )
    found = lifts_of(read_run(made.write()))
    assert list(found["label"]) == ["gunpoint"]
    assert found["recurrent"].iloc[0] == "gru"


def test_a_family_is_stood_for_by_one_of_those_asked_for() -> None:
    problem = page_tables.problems_of(small())[0]
    whole = page_tables.standing_for(small(), problem)
    assert set(whole) == {"baseline", "recurrent", "convolutional"}
    only = page_tables.standing_for(small(), problem, frozenset({"gru[max_steps=30]"}))
    assert only == {"recurrent": "gru[max_steps=30]"}
    assert page_tables.standing_for(small(), "nowhere") == {}


def test_cells_that_failed_or_are_missing_are_counted_and_refusals_are_not(tmp_path) -> None:
    made = MadeUp(tmp_path)
    for seed in range(3):
        made.cell("gru", right(30), seed=seed)
        failed = {"status": "timeout", "reason": "slow"} if seed == 1 else {}
        made.cell("lstm", [] if failed else right(30), seed=seed, **failed)
        made.cell("tcn", [], seed=seed, status="unsupported", reason="not of this kind")
        made.cell("mlp", [] if seed else right(30), seed=seed, **({"status": "unsupported"} if seed else {}))
    found = page_tables.gaps(read_run(made.write(missing=2)), "made-up")
    assert found == {"lstm": (1, 3), "mlp": (2, 3), "rnn": (2, 2)}


def test_of_many_names_the_first_are_said_and_the_rest_counted() -> None:
    assert page_tables.some(["a", "b"]) == "a, b"
    assert page_tables.some(["a", "b", "c"], 2) == "a, b, … (+1)"


def test_an_empty_run_has_no_problems_and_no_lifts() -> None:
    assert page_tables.problems_of(empty()) == []
    assert not len(lifts_of(empty()))


def test_methods_on_a_problem_are_told_apart_and_say_no_more(tmp_path) -> None:
    made = MadeUp(tmp_path)
    for hidden in (8, 16):
        made.cell(f"gru[hidden={hidden},max_steps=30]", right(30), seed=0)
    made.cell("gru[hidden=8,max_steps=40]", right(30), problem="other", seed=0)
    run = read_run(made.write())
    assert sorted(page_tables.names_on(run, "made-up", Messages()).values()) == [
        "gru, 16 units",
        "gru, 8 units",
    ]
    assert page_tables.names_on(run, "other", Messages()) == {"gru[hidden=8,max_steps=40]": "gru"}


def test_the_text_of_what_is_shown_changes_with_a_number_and_with_the_language() -> None:
    frame = pd.DataFrame({"x": [0.1]})
    one = page_tables.stable(Messages(), frame, "note")
    assert one == page_tables.stable(Messages(), frame.copy(), "note")
    assert one != page_tables.stable(Messages("ko"), frame, "note")
    assert one != page_tables.stable(Messages(), frame + 0.01, "note")
    assert one != page_tables.stable(Messages(), frame, "other")
