"""The verdict rule: one verdict for every combination, Holm, and who is chosen on what scores."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.outcomes import ContrastVerdict, ReasonCode, reason
from recurbench.reports.statistics.paired_tests import Mean, p_by_t
from recurbench.reports.statistics.verdicts import (
    APART,
    CLAIMS,
    ERROR,
    Parts,
    Skills,
    claim_of,
    judge,
    parts_of,
)
from scripts import script
from statsmodels.stats.multitest import multipletests

HELPS, HURTS, MEMORY, NO_DIFFERENCE = CLAIMS
UNDECIDED, NOT_TRAINED = ContrastVerdict.UNDECIDED, ContrastVerdict.NOT_TRAINED

STEP = np.linspace(-1, 1, 12)
# Where an interval may lie: by name its values for twelve pairs.
PLACES = {
    "below": -0.3 + 0.01 * STEP,  # wholly below -d
    "over -d": -MARGIN + 0.01 * STEP,
    "within": 0.01 * STEP,
    "over d": MARGIN + 0.01 * STEP,
    "above": 0.3 + 0.01 * STEP,
    "wide": STEP,  # beyond both
}


def mean(place: str | None) -> Mean | None:
    return None if place is None else Mean(PLACES[place])


def parts(lift: str, cut: str | None = None, context: str | None = None, **more: object) -> Parts:
    return Parts(Mean(PLACES[lift]), mean(cut), mean(context), **more)  # type: ignore[arg-type]


def by_the_table(lift: str, cut: str | None, context: str | None) -> ContrastVerdict:
    """The table of docs/verdicts.md, row by row."""
    match lift, cut, context:
        case "above", "above", _:
            return HELPS
        case "below", _, _:
            return HURTS
        case (("within" | "over -d"), _, "above"):
            return MEMORY
        case "within", _, "within":
            return NO_DIFFERENCE
    return UNDECIDED


def test_the_places_are_where_they_say() -> None:
    for place, values in PLACES.items():
        low, high = Mean(values).interval(1 - ERROR)
        want = {
            "below": high < -MARGIN,
            "over -d": low < -MARGIN < high < MARGIN,
            "within": -MARGIN < low < high < MARGIN,
            "over d": -MARGIN < low < MARGIN < high,
            "above": low > MARGIN,
            "wide": low < -MARGIN and high > MARGIN,
        }
        assert [name for name, there in want.items() if there] == [place]


@pytest.mark.parametrize("lift", PLACES)
def test_every_combination_has_one_verdict(lift: str) -> None:
    for cut, context in product([None, *PLACES], repeat=2):
        (found,) = judge([parts(lift, cut, context)])
        assert found.code == by_the_table(lift, cut, context), (lift, cut, context)


@given(st.tuples(*[st.floats(0, 1)] * 4), st.floats(0, 0.5))
def test_a_verdict_is_the_first_whose_claim_is_made(p: tuple[float, ...], error: float) -> None:
    claims = dict(zip(CLAIMS, p, strict=True))
    made = [claim for claim in CLAIMS if claims[claim] <= error]
    assert claim_of(claims, error) == (made[0] if made else UNDECIDED)


def test_hurts_goes_before_memory_helps_and_shows_its_own_p() -> None:
    one = Parts(Mean(-0.15 + 0.1 * STEP), None, Mean(PLACES["above"]))
    claims = one.claims()
    assert claims[MEMORY] < claims[HURTS] <= ERROR
    (found,) = judge([one])
    assert (found.code, found.p, found.p_adjusted) == (HURTS, claims[HURTS], claims[HURTS])


@given(
    st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=9), st.lists(st.floats(-1, 1), min_size=3, max_size=9)
)
def test_claims_that_exclude_each_other_are_never_both_made(lift: list[float], context: list[float]) -> None:
    claims = Parts(Mean(np.array(lift)), Mean(np.array(lift)), Mean(np.array(context))).claims()
    made = {claim for claim in CLAIMS if claims[claim] <= 0.5}
    assert made <= {HURTS, MEMORY} or len(made) == 1


@pytest.mark.parametrize("place", PLACES)
def test_without_its_part_no_verdict_needs_it(place: str) -> None:
    (no_twin,) = judge([parts(place, None, "above")])
    (no_window,) = judge([parts(place, "above", None)])
    assert no_twin.code != HELPS
    assert no_window.code not in (MEMORY, NO_DIFFERENCE)


def test_networks_that_did_not_train_get_no_decision_and_are_named() -> None:
    few = reason(ReasonCode.FEW_REPLICATES, some=9, needed=10)
    (one,) = judge([parts("above", "above", "above", idle=("recurrent",))])
    (two,) = judge([parts("above", "above", "above", idle=("recurrent", "full"), refused=few)])
    recurrent, full = reason(ReasonCode.RECURRENT_NOT_TRAINED), reason(ReasonCode.FULL_CONTEXT_NOT_TRAINED)
    assert (one.code, one.reasons, one.p) == (NOT_TRAINED, (recurrent,), 1.0)
    assert (two.code, two.reasons) == (NOT_TRAINED, (recurrent, full))


def test_a_refused_contrast_is_undecided_and_has_the_reason() -> None:
    few = reason(ReasonCode.FEW_REPLICATES, some=9, needed=10)
    (one,) = judge([parts("below", refused=few)])
    assert (one.code, one.reasons, one.p, one.p_adjusted) == (UNDECIDED, (few,), 1.0, 1.0)


def some_parts(seed: int, n: int = 12) -> Parts:
    rng = np.random.default_rng(seed)
    shift = rng.choice([0.0, 0.2, 0.4])
    values = shift + 0.15 * rng.standard_normal((3, n))
    return Parts(*(Mean(row) for row in values))


@pytest.mark.parametrize("seed", range(6))
def test_adjusted_p_values_are_those_of_statsmodels(seed: int) -> None:
    contrasts = [some_parts(10 * seed + i) for i in range(7)]
    found = judge(contrasts)
    p = [min(one.claims().values()) for one in contrasts]
    refused, adjusted, *_ = multipletests(p, ERROR, method="holm")
    assert [v.code != UNDECIDED for v in found] == list(refused)
    # Where hurts goes before a claim with a smaller p, its own p is shown; these have no such case.
    np.testing.assert_allclose([v.p_adjusted for v in found], adjusted)


@given(st.permutations(range(6)))
def test_the_order_of_the_contrasts_changes_nothing(order: list[int]) -> None:
    contrasts = [some_parts(i, 9) for i in range(6)]
    plain = judge(contrasts)
    assert judge([contrasts[i] for i in order]) == [plain[i] for i in order]


def test_contrasts_left_out_stay_in_the_family() -> None:
    one = parts("above", "above")
    (alone,), (among,) = judge([one]), judge([one], family=14)
    assert among.p_adjusted == pytest.approx(14 * alone.p)
    assert among.level == pytest.approx(1 - ERROR / 14)
    assert judge([one, one], family=1) == judge([one, one])


def test_a_contrast_without_a_verdict_is_counted() -> None:
    one = parts("above", "above")
    first, _ = judge([one, parts("above", "above", idle=("full",))])
    assert first.p_adjusted == pytest.approx(2 * first.p)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9])
def test_too_few_pairs_for_the_level_are_undecided(n: int) -> None:
    clear = Mean(np.full(n, 0.9))
    found = judge([Parts(clear, clear, clear)], family=14)[0]
    assert found.smallest > 1 - found.level
    assert (found.code, found.half) == (UNDECIDED, math.inf)


def test_ten_pairs_suffice_for_fourteen_contrasts() -> None:
    clear = Mean(np.full(10, 0.9))
    assert judge([Parts(clear, clear, clear)], family=14)[0].code == HELPS


def skills(
    test: dict[str, list[float]], valid: dict[str, list[float]] | None = None, **more: object
) -> Skills:
    side = {key: tuple(name for name in test if name[0] == key) for key in "rfw"}
    scores = pd.DataFrame(valid or test)
    return Skills(pd.DataFrame(test), scores, side["r"], side["f"], side["w"], **more)  # type: ignore[arg-type]


def test_a_pair_has_no_say_in_its_own_choice() -> None:
    found = skills(
        {"r1": [1, 1, 1], "r2": [0, 0, 0], "f": [0, 0, 0]}, {"r1": [9, 0, 0], "r2": [0, 1, 1], "f": [0, 0, 0]}
    )
    assert found.chosen(found.recurrent) == ["r2", "r1", "r1"]


@given(st.integers(0, 5), st.floats(-1e12, 1e12))
def test_whatever_a_pair_scores_its_own_choice_stays(pair: int, score: float) -> None:
    rng = np.random.default_rng(0)
    valid = {name: list(rng.random(6)) for name in ("r1", "r2", "r3", "f")}
    before = skills(valid)
    changed = {
        name: [score if i == pair and name == "r2" else v for i, v in enumerate(column)]
        for name, column in valid.items()
    }
    after = skills(valid, changed)
    assert after.chosen(after.recurrent)[pair] == before.chosen(before.recurrent)[pair]


def test_equal_scores_go_to_the_first_name_even_where_rounding_parts_them() -> None:
    valid = {"r2": [0.1, 0.2, 0.3, 0.7], "r1": [0.3, 0.1, 0.2, 0.7], "f": [0.0] * 4}
    found = skills(valid)
    assert found.chosen(found.recurrent)[3] == "r1"


def helped(*twins: str) -> Skills:
    """Two recurrent methods that validation does not tell apart, far ahead, and a third far behind them."""
    near = 0.8 + 0.01 * np.linspace(-1, 1, 12)
    test = {"r1": list(near), "r2": list(near[::-1]), "r3": list(near - 0.4), "f": [0.3] * 12}
    own = {
        f"{name}[size=9]": values for name, values in {**test, **{name: [0.2] * 12 for name in twins}}.items()
    }
    names = [f"{name}[size=9]" for name in ("r1", "r2", "r3")]
    frame = pd.DataFrame(own)
    cut = {name: name.replace("[", "-cut[") for name in names}
    return Skills(frame, frame, tuple(names), ("f[size=9]",), cut=cut)


def test_helps_rests_on_the_twins_of_every_method_that_is_not_told_apart() -> None:
    both = helped("r1-cut", "r2-cut")
    assert [name[:2] for name in both.open(both.recurrent)] == ["r1", "r2"]
    # What is set apart needs no twin.
    assert judge([parts_of(both)])[0].code == HELPS
    for twins, lack in ((("r1-cut",), ("r2",)), (("r2-cut", "r3-cut"), ("r1",)), ((), ("r1", "r2"))):
        own = parts_of(helped(*twins))
        assert own.cut is None
        verdict = judge([own])[0]
        assert (verdict.code, verdict.reasons) == (UNDECIDED, (reason(ReasonCode.NO_TWIN, methods=lack),))


def test_a_twin_that_is_lacking_is_no_reason_where_recurrence_is_not_ahead() -> None:
    lacking = {"untwinned": ("r1",)}
    for lift, context in (("within", "within"), ("within", "above"), ("below", None), ("over d", None)):
        want = judge([parts(lift, None, context)])[0]
        assert judge([parts(lift, None, context, **lacking)])[0] == want
    # Nor where its lead is no claim at the level that Holm leaves.
    few = Mean(np.full(6, 0.9))
    verdict = judge([Parts(few, None, untwinned=("r1",))], family=14)[0]
    assert (verdict.code, verdict.reasons) == (UNDECIDED, ())


def test_a_method_that_fails_on_a_few_pairs_stays_open() -> None:
    behind = np.full(10, 0.005)
    behind[[3, 9]] = 1.4
    found = skills({"r1": [0.0] * 10, "r2": list(-behind), "f": [-2.0] * 10})
    assert p_by_t(behind, 0.0) > APART
    assert found.open(found.recurrent) == ["r1", "r2"]


def test_a_method_that_validation_does_not_set_apart_stays_open() -> None:
    rng = np.random.default_rng(1)
    noise = 0.1 * rng.standard_normal((4, 10))
    found = skills(
        {
            "r1": list(0.5 + noise[0]),
            "r2": list(0.5 + noise[1]),
            "r3": list(noise[2] - 1),
            "f": list(noise[3]),
        }
    )
    assert found.open(found.recurrent) == ["r1", "r2"]
    open_now = [found.test[name] - found.test["f"] for name in ("r1", "r2")]
    lift = parts_of(found).lift
    held = [each.values for each in (lift, *lift.also)]
    assert all(any(np.allclose(one, values) for values in held) for one in open_now)
    assert parts_of(skills({"r": [1.0, 1.0], "f": [0.0, 0.0]})).lift.also == ()


def test_the_parts_are_the_differences_of_the_chosen() -> None:
    test = {"r": [0.9, 0.8], "f": [0.5, 0.6], "w": [0.1, 0.0], "cut": [0.2, 0.2]}
    found = parts_of(skills(test, cut={"r": "cut"}))
    assert found.cut is not None
    assert found.context is not None
    np.testing.assert_allclose(found.lift.values, [0.4, 0.2])
    np.testing.assert_allclose(found.cut.values, [0.7, 0.6])
    np.testing.assert_allclose(found.context.values, [0.8, 0.8])
    assert parts_of(skills(test)).cut is None
    assert parts_of(skills(test, cut={"r": "elsewhere"})).cut is None


def test_bimodal_sides_are_told_and_can_be_declared() -> None:
    plain = {"r": [1.0] * 4, "f": [1.0] * 4}
    assert not parts_of(skills(plain)).lift.bimodal
    assert parts_of(skills(plain, jumps=True)).lift.bimodal
    assert parts_of(skills({**plain, "f": [1.0, 1.0, 0.0, 1.0]})).lift.bimodal


TABLE = pd.DataFrame({"r": [1.0, 0.5], "f": [0.0, 0.1]})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Skills(TABLE, TABLE, (), ("f",)), "each needs a method"),
        (lambda: Skills(TABLE, TABLE, ("r",), ("r",)), "once and on one side"),
        (lambda: Skills(TABLE, TABLE[["r"]], ("r",), ("f",)), "validation scores of r; each of r, f"),
        (lambda: Skills(TABLE.replace(0.5, math.nan), TABLE, ("r",), ("f",)), "test scores .* have gaps"),
        (lambda: Skills(TABLE, TABLE[::-1], ("r",), ("f",)), "the same pairs"),
    ],
)
def test_tables_that_would_mislead_are_refused(make: Callable[[], Skills], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


SIMULATION = script("benchmarks/verdicts.py")


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["normal, equal", "normal, edges", "heavy, edges", "unequal, edges", "solved, edges"]
)
def test_at_most_one_report_in_twenty_has_a_false_verdict(name: str) -> None:
    reports = 100
    share, _ = SIMULATION.wrong_share(SIMULATION.SCENARIOS[name], 10, reports)
    assert share <= ERROR + 3 * math.sqrt(ERROR * (1 - ERROR) / reports)


@pytest.mark.long
def test_choosing_by_validation_makes_no_false_verdicts() -> None:
    reports = 15
    share, _ = SIMULATION.wrong_share(SIMULATION.SCENARIOS["selection, edges"], 12, reports)
    assert share <= ERROR + 3 * math.sqrt(ERROR * (1 - ERROR) / reports)


def test_a_clear_difference_is_found() -> None:
    truth = SIMULATION.powers(1.0)[HELPS]
    found = SIMULATION.words(SIMULATION.Scenario(SIMULATION.normal, (truth,)), 12, 0)
    assert [verdict for _, verdict in found] == [HELPS] * SIMULATION.CONTRASTS
