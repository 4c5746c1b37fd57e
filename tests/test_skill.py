"""What skill 0 and 1 stand for: one definition, whoever asks, and none without room between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import FACTS, MadeUp, right
from recurbench.metrics import weighted
from recurbench.packing import pack_units
from recurbench.reports.statistics.lift import lift_of
from recurbench.reports.statistics.outcomes import Reason, ReasonCode
from recurbench.reports.statistics.pairwise import matrices
from recurbench.reports.statistics.skill import by_draw, by_example, ends
from recurbench.results import read_run

LOSS = {"metric": "mse", "higher_is_better": False}


@pytest.mark.parametrize(
    ("facts", "reference", "want"),
    [
        ({"constant": 0.5, "best": 0.9}, None, (0.5, 0.9)),
        # The best is not known: no error at all stands for it, and the constant answer stays skill 0.
        ({"constant": 0.5, "best": None}, 0.3, (0.5, 1.0)),
        ({"constant": 4.0, "best": None, **LOSS}, 3.0, (4.0, 0.0)),
        ({"constant": None, "best": 0.9}, 0.25, (0.25, 0.9)),
        ({"constant": None, "best": None}, 0.25, (0.25, 1.0)),
        # An error may be small in its own units, and be all there is.
        ({"constant": None, "best": None, **LOSS}, 1e-4, (1e-4, 0.0)),
    ],
)
def test_the_ends_are_the_constant_and_the_exact_best_where_known(
    facts: dict[str, Any], reference: float | None, want: tuple[float, float]
) -> None:
    assert ends({**FACTS, **facts}, reference) == want


@pytest.mark.parametrize(
    ("facts", "reference", "code", "gap"),
    [
        ({"constant": 0.5, "best": 0.51}, None, ReasonCode.NO_HEADROOM_TO_BEST, 0.01),
        ({"constant": 0.5, "best": 0.4}, None, ReasonCode.NO_HEADROOM_TO_BEST, -0.1),
        ({"constant": 0.99, "best": None}, None, ReasonCode.NO_HEADROOM, 0.01),
        ({}, 0.985, ReasonCode.NO_HEADROOM_OF_REFERENCE, 0.015),
        ({}, 1.0, ReasonCode.NO_HEADROOM_OF_REFERENCE, 0.0),
        ({"best": 0.9}, 0.895, ReasonCode.NO_HEADROOM_OF_REFERENCE_TO_BEST, 0.005),
        # Of an error the range ends at that of skill 0: 1 in 100 of it is too little, however large it is.
        ({"constant": 500.0, "best": 495.0, **LOSS}, None, ReasonCode.NO_HEADROOM_TO_BEST, -5.0),
        (LOSS, 0.0, ReasonCode.NO_HEADROOM_OF_REFERENCE, 0.0),
        ({}, None, ReasonCode.REFERENCE_NOT_RUN, None),
    ],
)
def test_without_room_or_reference_there_is_no_skill(
    facts: dict[str, Any], reference: float | None, code: ReasonCode, gap: float | None
) -> None:
    found = ends({**FACTS, **facts}, reference)
    assert isinstance(found, Reason)
    assert found.code == code
    assert found.values.get("gap") == (gap if gap is None else pytest.approx(gap))
    assert ("method" in found.values) == ("reference" in code)


@given(
    st.floats(0.01, 0.9), st.one_of(st.none(), st.floats(0.01, 0.9)), st.one_of(st.none(), st.floats(0, 1))
)
def test_example_by_example_the_ends_are_the_same(
    reference: float, constant: float | None, best: float | None
) -> None:
    scores, weights = np.array([reference - 0.01, reference + 0.01]), np.array([1.0, 1.0])
    facts = {**FACTS, "constant": constant, "best": best}
    found = by_example(facts, [(scores, weights)], (scores, weights))
    whole = ends(facts, reference)
    if isinstance(whole, Reason) or isinstance(found, Reason):
        # The mean of the scores may differ from the reference in its last bit.
        assert isinstance(whole, Reason) == isinstance(found, Reason)
        return
    assert tuple(weighted(side, weights) for side in found) == pytest.approx(whole)


def test_the_exact_best_is_that_of_the_draw_where_its_answers_are_kept() -> None:
    exact = (right(36), np.ones(40))
    units = pack_units({"accuracy": exact[0]}, {"accuracy": exact[1]})
    facts = {**FACTS, "constant": 0.5, "best": 0.99, "units": units}
    assert ends(facts, None) == (0.5, 0.9)
    found = by_example(facts, [], exact)
    assert not isinstance(found, Reason)
    np.testing.assert_array_equal(found[1], right(36))


@pytest.mark.parametrize(
    "facts",
    [{"constant": 0.5, "best": None}, {"constant": None, "best": 0.95}, {"constant": 0.3, "best": 0.99}, {}],
)
def test_lift_map_and_matrix_form_one_skill(tmp_path: Path, facts: dict[str, Any]) -> None:
    made = MadeUp(tmp_path, **facts)
    for problem in ("one", "two"):
        made.cell("most-common", right(10), validation={"log_loss": 2.0}, problem=problem)
        made.cell("rnn", right(30), validation={"log_loss": 0.1}, problem=problem)
        made.cell("mlp", right(20), validation={"log_loss": 0.1}, problem=problem)
    # The exact best's answers reach .95 on this draw.
    run = read_run(made.write(exact=right(38) if facts.get("best") else None))
    levels = by_draw(run, "one")
    assert not isinstance(levels, Reason)
    low, high = levels[None]
    want = (0.75 - low) / (high - low)
    assert lift_of(run, "one").skill_recurrent == pytest.approx(want)
    (matrix,) = matrices(run)
    assert matrix.skills.loc["one", "rnn"] == pytest.approx(want)


@pytest.mark.parametrize("constant", [0.985, None])
def test_lift_map_and_matrix_refuse_a_skill_for_one_reason(tmp_path: Path, constant: float | None) -> None:
    made = MadeUp(tmp_path, constant=constant)
    for problem in ("none", "one", "two"):
        reference = np.full(40, 0.985) if problem == "none" else right(10)
        made.cell("most-common", reference, validation={"log_loss": 2.0}, problem=problem)
        made.cell("rnn", right(30), validation={"log_loss": 0.1}, problem=problem)
        made.cell("mlp", right(20), validation={"log_loss": 0.1}, problem=problem)
        made.about(problem, constant=constant if problem == "none" else 0.25)
    run = read_run(made.write())
    why = by_draw(run, "none")
    assert isinstance(why, Reason)
    assert why.values["gap"] == pytest.approx(0.015)
    assert lift_of(run, "none").reasons == (why,)
    assert [matrix.dropped for matrix in matrices(run)] == [{"none": why}]
