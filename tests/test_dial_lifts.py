"""Along a dial: planted lifts cross where they were planted, what is missing is named, never filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import MadeUp
from made_up_dials import empty, fill
from recurbench.dials import FIRST, dials
from recurbench.reports.statistics.dial_lifts import (
    NOT_RUN,
    Seen,
    Turned,
    crossings_table,
    turned,
    values_table,
)
from recurbench.reports.statistics.outcomes import ReasonCode, reason
from recurbench.results import Run, read_run

LAG = next(d for d in dials() if d.name == "lag")
GROUP = next(d for d in dials() if d.name == "group")
# By lag how far recurrence is ahead: it crosses 0 half way (in logarithms) from 5 to 20.
LIFTS = {2: 0.3, 5: 0.2, 10: 0.0, 20: -0.2, 40: -0.3}


def sides(lift: float) -> dict[str, float]:
    return {"recurrent": 0.5 + lift / 2, "full": 0.5 - lift / 2, "window": 0.2, "cut": 0.2}


def lagged(made: MadeUp, lifts: Mapping[Any, float], **changes: Any) -> MadeUp:
    for value, lift in lifts.items():
        fill(made, LAG.settings[value], sides(lift), **changes)
    for record in made.records:
        record.started = "2026-03-05T10:00:00+00:00"
    return made


def lift_of(seen: Seen) -> float:
    assert seen.skills is not None
    return seen.skills.lift.mean


def one(run: Run) -> Turned:
    (found,) = turned(run)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Turned:
    made = lagged(empty(tmp_path_factory.mktemp("whole"), role="crossover"), LIFTS)
    return one(read_run(made.write()))


def test_a_planted_lift_crosses_where_it_was_planted_on_the_scale_of_the_dial(whole: Turned) -> None:
    assert whole.dial == LAG
    assert {value: lift_of(seen) for value, seen in whole.seen.items()} == pytest.approx(LIFTS)
    zero, above, below = (
        whole.crossings[name] for name in ("difference = 0", "difference = +0.05", "difference = -0.05")
    )
    assert zero.at == pytest.approx([10.0])
    # A quarter of the way from 10 to 5, and to 20: half the ratio of 2 to the power of .25.
    assert above.at == pytest.approx([10 * 2**-0.25])
    assert below.at == pytest.approx([10 * 2**0.25])
    assert whole.pairs == 10
    assert zero.low <= 10 <= zero.high


def test_every_value_has_a_lift_with_a_plain_interval_and_no_verdict(whole: Turned) -> None:
    rows = values_table([whole]).set_index("value")
    assert (rows["L_low"] < rows["L"]).all()
    assert (rows["L"] < rows["L_high"]).all()
    assert rows.loc[2, "C"] == pytest.approx(0.45, abs=0.02)
    assert rows.loc[2, "L_cut"] == pytest.approx(0.45, abs=0.02)
    assert "verdict" not in rows
    assert set(rows["role"]) == {"crossover"}
    assert set(rows["since"]) == {"2026-03-05"}


def test_the_share_of_pairs_solved_crosses_a_half(tmp_path: Path) -> None:
    made = empty(tmp_path)
    for value, solved in {2: 10, 5: 8, 10: 2, 20: 0}.items():
        skills = np.array([0.95] * solved + [0.4] * (10 - solved))
        fill(made, LAG.settings[value], {**sides(0.0), "recurrent": skills})
    found = one(read_run(made.write()))
    half = found.crossings["half of the pairs solved by recurrent"]
    assert half.at == pytest.approx([50**0.5])
    assert "half of the pairs solved by full" not in found.crossings


def test_a_value_that_was_not_run_or_failed_is_named_and_left_out_of_the_line(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 40: -0.2})
    setting = LAG.settings[20]
    fill(made, setting, sides(-0.1), failed={setting.pools.full[0]: 3})
    found = one(read_run(made.write()))
    assert found.missing == {10: NOT_RUN, 20: reason(ReasonCode.METHODS_FAILED, n=1)}
    assert found.crossings["difference = 0"].at == pytest.approx([5 * 8**0.5])
    assert values_table([found]).set_index("value").loc[10, "missing"] == NOT_RUN


def test_a_value_at_which_neither_side_learned_is_no_tie(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 10: 0.1})
    for value in (20, 40):
        fill(made, LAG.settings[value], {"recurrent": 0.01, "full": 0.02, "window": 0.0, "cut": 0.0})
    found = one(read_run(made.write()))
    assert found.missing == dict.fromkeys((20, 40), reason(ReasonCode.NEITHER_TRAINED))
    assert found.crossings["difference = 0"].at == ()


def test_too_few_values_or_a_dial_without_order_have_lifts_and_no_crossing(tmp_path: Path) -> None:
    two = one(read_run(lagged(empty(tmp_path / "two"), {2: 0.3, 40: -0.3}).write()))
    assert (two.crossings, set(two.seen)) == ({}, {2, 40})
    made = empty(tmp_path / "group")
    for lift, setting in zip((0.3, 0.1, -0.1, -0.3), GROUP.settings.values(), strict=False):
        fill(made, setting, sides(lift))
    assert one(read_run(made.write())).crossings == {}


def test_pairs_that_one_value_lacks_are_left_out_of_the_line_for_all(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 20: -0.2})
    made.records = [
        record
        for record in made.records
        if record.problem != LAG.settings[5].problem or record.data_seed != FIRST + 4
    ]
    found = one(read_run(made.write()))
    assert (found.pairs, found.seen[5].pairs, found.seen[2].pairs) == (9, 9, 10)


def test_a_line_over_pairs_that_share_their_cases_crosses_at_the_same_place_less_surely(
    tmp_path: Path,
) -> None:
    """Also where some pairs are lacking: what widens the values must not move their mean."""
    found = {}
    for source in ("generated: noise", "digits of a package"):
        made = lagged(empty(tmp_path / source, source=source, n_train=100, n_test=40), LIFTS)
        lacking = (LAG.settings[5].problem, FIRST + 9)
        made.records = [each for each in made.records if (each.problem, each.data_seed) != lacking]
        found[source] = one(read_run(made.write()))
    own, shared = (each.crossings["difference = 0"] for each in found.values())
    assert shared.at == pytest.approx(own.at)
    assert shared.low < own.low < own.high < shared.high
    ours, theirs = (values_table([each]) for each in found.values())
    assert (set(ours["shared"]), set(theirs["shared"])) == ({0.0}, {0.4})


def test_a_run_of_references_alone_turns_no_dial(tmp_path: Path) -> None:
    made = empty(tmp_path)
    references = {dial.problem: dial for dial in dials()}
    for problem in ("parity", "copy-memory", "copy-memory[selective=True]"):
        own = references[problem].settings.values()
        fill(made, next(each for each in own if each.problem == problem), sides(0.5))
    assert turned(read_run(made.write())) == []


def test_crossings_are_a_table_of_numbers(whole: Turned) -> None:
    rows = crossings_table([whole]).set_index("of")
    assert rows.loc["difference = 0", "at"] == "10"
    assert rows.loc["difference = 0", "crossings"] == 1
    assert rows.loc["difference = 0", "low"] <= 10 <= rows.loc["difference = 0", "high"]
