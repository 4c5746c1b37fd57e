"""Along a dial: planted lifts cross where they were planted, what is missing is named, never filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from made_up import MadeUp
from made_up_pools import FIRST, HELPS, empty, fill
from recurbench.dials import dials
from recurbench.reports.statistics.dial_lifts import Turned, crossings_table, turned, values_table
from recurbench.reports.statistics.outcomes import ContrastVerdict, ReasonCode, reason
from recurbench.reports.statistics.primary_contrasts import NOT_RUN
from recurbench.results import Run, read_run

LAG = next(d for d in dials() if d.name == "lag")
GROUP = next(d for d in dials() if d.name == "group")
# By lag how far recurrence is ahead: it crosses 0 half way (in logarithms) from 5 to 20.
LIFTS = {2: 0.3, 5: 0.2, 10: 0.0, 20: -0.2, 40: -0.3}


def sides(lift: float) -> dict[str, float]:
    return {"recurrent": 0.5 + lift / 2, "full": 0.5 - lift / 2, "window": 0.2, "cut": 0.2}


def lagged(made: MadeUp, lifts: Mapping[Any, float], **changes: Any) -> MadeUp:
    for value, lift in lifts.items():
        contrast = LAG.contrasts[value]
        fill(made, contrast.problem, sides(lift), contrast=contrast, **changes)
    for record in made.records:
        record.started = "2026-03-05T10:00:00+00:00"
    return made


def one(run: Run) -> Turned:
    (found,) = turned(run)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Turned:
    made = lagged(empty(tmp_path_factory.mktemp("whole"), role="crossover"), LIFTS)
    return one(read_run(made.write()))


def test_a_planted_lift_crosses_where_it_was_planted_on_the_scale_of_the_dial(whole: Turned) -> None:
    assert whole.dial == LAG
    assert {value: seen.parts.lift.mean for value, seen in whole.seen.items()} == pytest.approx(LIFTS)
    zero, above, below = (whole.crossings[name] for name in ("L = 0", "L = +0.05", "L = -0.05"))
    assert zero.at == pytest.approx([10.0])
    # A quarter of the way from 10 to 5, and to 20: half the ratio of 2 to the power of .25.
    assert above.at == pytest.approx([10 * 2**-0.25])
    assert below.at == pytest.approx([10 * 2**0.25])
    assert whole.pairs == 10
    assert zero.low <= 10 <= zero.high


def test_every_value_has_an_exploratory_verdict_with_holm_within_the_dial(whole: Turned) -> None:
    assert {value: verdict.code for value, verdict in whole.verdicts.items()} == {
        2: ContrastVerdict.RECURRENCE_HELPS,
        5: ContrastVerdict.RECURRENCE_HELPS,
        10: ContrastVerdict.MEMORY_HELPS,
        20: ContrastVerdict.RECURRENCE_HURTS,
        40: ContrastVerdict.RECURRENCE_HURTS,
    }
    rows = values_table([whole]).set_index("value")
    # Five values, each as clear as ten pairs can be.
    assert rows.loc[2, "p_adjusted"] == pytest.approx(5 * 2 / 1024)
    assert set(rows["role"]) == {"crossover"}
    assert set(rows["since"]) == {"2026-03-05"}


def test_the_share_of_pairs_solved_crosses_a_half(tmp_path: Path) -> None:
    made = empty(tmp_path)
    for value, solved in {2: 10, 5: 8, 10: 2, 20: 0}.items():
        contrast = LAG.contrasts[value]
        skills = [0.95] * solved + [0.4] * (10 - solved)
        fill(made, contrast.problem, {**sides(0.0), "recurrent": skills}, contrast=contrast)
    found = one(read_run(made.write()))
    half = found.crossings["half of the pairs solved by recurrent"]
    assert half.at == pytest.approx([50**0.5])
    assert "half of the pairs solved by full" not in found.crossings


def test_a_value_that_was_not_run_or_failed_is_named_and_left_out_of_the_line(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 40: -0.2})
    contrast = LAG.contrasts[20]
    fill(made, contrast.problem, sides(-0.1), contrast=contrast, failed={contrast.pools.full[0]: 3})
    found = one(read_run(made.write()))
    assert found.missing == {10: NOT_RUN, 20: reason(ReasonCode.UNEQUAL_FITS, one=4, other=3)}
    assert found.crossings["L = 0"].at == pytest.approx([5 * 8**0.5])
    assert values_table([found]).set_index("value").loc[10, "missing"] == NOT_RUN


def test_a_value_at_which_neither_side_learned_is_no_tie(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 10: 0.1})
    for value in (20, 40):
        contrast = LAG.contrasts[value]
        fill(
            made,
            contrast.problem,
            {"recurrent": 0.01, "full": 0.02, "window": 0.0, "cut": 0.0},
            contrast=contrast,
        )
    found = one(read_run(made.write()))
    assert found.missing == dict.fromkeys((20, 40), reason(ReasonCode.NEITHER_TRAINED))
    assert found.crossings["L = 0"].at == ()
    assert found.verdicts[40].code == ContrastVerdict.NOT_TRAINED
    assert [each.code for each in found.verdicts[40].reasons] == [
        ReasonCode.RECURRENT_NOT_TRAINED,
        ReasonCode.FULL_CONTEXT_NOT_TRAINED,
    ]


def test_too_few_values_or_a_dial_without_order_have_lifts_and_no_crossing(tmp_path: Path) -> None:
    two = one(read_run(lagged(empty(tmp_path / "two"), {2: 0.3, 40: -0.3}).write()))
    assert (two.crossings, set(two.seen)) == ({}, {2, 40})
    made = empty(tmp_path / "group")
    for lift, contrast in zip((0.3, 0.1, -0.1, -0.3), GROUP.contrasts.values(), strict=False):
        fill(made, contrast.problem, sides(lift), contrast=contrast)
    assert one(read_run(made.write())).crossings == {}


def test_pairs_that_one_value_lacks_are_left_out_of_the_line_for_all(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path), {2: 0.3, 5: 0.2, 20: -0.2})
    made.records = [
        record
        for record in made.records
        if record.problem != LAG.contrasts[5].problem or record.data_seed != FIRST + 4
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
        lacking = (LAG.contrasts[5].problem, FIRST + 9)
        made.records = [each for each in made.records if (each.problem, each.data_seed) != lacking]
        found[source] = one(read_run(made.write()))
    own, shared = (each.crossings["L = 0"] for each in found.values())
    assert shared.at == pytest.approx(own.at)
    assert shared.low < own.low < own.high < shared.high
    ours, theirs = (values_table([each]) for each in found.values())
    assert (set(ours["shared"]), set(theirs["shared"])) == ({0.0}, {0.4})
    rests = ours["unseen"].notna()
    assert rests.any()
    assert (theirs["unseen"] > ours["unseen"])[rests].all()


def test_a_run_of_primary_contrasts_alone_turns_no_dial(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), "parity", HELPS)
    for problem in ("copy-memory", "copy-memory[selective=True]"):
        fill(made, problem, HELPS)
    assert turned(read_run(made.write())) == []


def test_crossings_are_a_table_of_numbers(whole: Turned) -> None:
    rows = crossings_table([whole]).set_index("of")
    assert rows.loc["L = 0", "at"] == "10"
    assert rows.loc["L = 0", "crossings"] == 1
    assert rows.loc["L = 0", "low"] <= 10 <= rows.loc["L = 0", "high"]
