"""Groups of methods by replicate: who is chosen on what scores, and the differences of those chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.validated_skills import Skills, validation

DRAWS = range(100, 104)


def table(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(DRAWS))


def skills(valid: pd.DataFrame, test: pd.DataFrame | None = None, **changes: object) -> Skills:
    return Skills(valid if test is None else test, valid, ("a", "b"), ("c",), **changes)  # type: ignore[arg-type]


def test_a_method_is_chosen_by_the_validation_of_the_other_replicates() -> None:
    # On the first replicate alone a is better, by more than b is on any other.
    found = skills(table(a=[9.0, 0.0, 0.0, 0.0], b=[0.0, 1.0, 1.0, 1.0], c=[0.0] * 4))
    assert found.chosen(("a", "b")) == ["b", "a", "a", "a"]


def test_equal_scores_go_to_the_first_by_name() -> None:
    assert skills(table(a=[0.5] * 4, b=[0.5] * 4, c=[0.0] * 4)).chosen(("b", "a")) == ["a"] * 4


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=4, max_size=4))
def test_what_happens_on_a_replicate_never_chooses_for_it(rows: list[tuple[float, float, float]]) -> None:
    columns = dict(zip("abc", map(list, zip(*rows, strict=True)), strict=True))
    before = skills(table(**columns)).chosen(("a", "b"))
    changed = {**columns, "a": [99.0, *columns["a"][1:]]}
    assert skills(table(**changed)).chosen(("a", "b"))[0] == before[0]


def test_the_parts_are_differences_of_those_chosen_on_test() -> None:
    valid = table(a=[0.9] * 4, b=[0.1] * 4, c=[0.5] * 4, w=[0.2] * 4)
    test = table(a=[0.5, 0.6, 0.7, 0.8], b=[1.0] * 4, c=[0.4] * 4, w=[0.1] * 4, twin=[0.2] * 4)
    found = skills(valid, test, window=("w",), cut={"a": "twin", "b": "other"})
    np.testing.assert_allclose(found.lift.values, [0.1, 0.2, 0.3, 0.4])
    assert found.context is not None
    np.testing.assert_allclose(found.context.values, [0.4, 0.5, 0.6, 0.7])
    assert found.without_state is not None
    np.testing.assert_allclose(found.without_state.values, [0.3, 0.4, 0.5, 0.6])


def test_without_a_twin_or_a_window_there_is_no_such_part() -> None:
    found = skills(table(a=[0.9] * 4, b=[0.1] * 4, c=[0.5] * 4), cut={"b": "c"})
    assert (found.without_state, found.context) == (None, None)


def cells(**scores: list[float]) -> pd.DataFrame:
    rows = [
        {"stage": "inner", "chosen": True, "address": name, "data_seed": draw, "seed": draw, metric: value}
        for metric, name in (("mse", "a"), ("mse", "b"))
        for draw, value in zip(DRAWS, scores[name], strict=True)
    ]
    return pd.DataFrame(rows).astype({"data_seed": "Int64", "seed": "Int64"})


def test_the_first_selector_that_all_have_decides_and_higher_is_better() -> None:
    facts = {100: {"selectors": ["accuracy", "mse"]}}
    found = validation(cells(a=[1.0] * 4, b=[2.0] * 4), facts, ("a", "b"), pd.Index(DRAWS))
    assert found is not None
    assert found.loc[100].to_dict() == pytest.approx({"a": -1.0, "b": -2.0})


def test_without_a_selector_that_all_have_there_is_none() -> None:
    facts = {100: {"selectors": ["accuracy"]}}
    assert validation(cells(a=[1.0] * 4, b=[2.0] * 4), facts, ("a", "b"), pd.Index(DRAWS)) is None
