"""What pilot draws choose: rates and best methods, by test, validation and name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.registration import read_frozen
from recurbench.reports.statistics.pilot_choice import choose

GROUPS = {"recurrent": ["rnn", "lstm"], "full": ["tcn"], "window": ["cnn"]}
TWINS = {"rnn": "rnn-state-cut", "lstm": "lstm-state-cut"}
NAMES = ("rnn", "lstm", "tcn", "cnn", "rnn-state-cut", "lstm-state-cut")


def pilots(**skills: dict[float, list[float]]) -> pd.DataFrame:
    """Rows of fits; a method that is not named has skill 0 at rate .003. `lstm_valid` sets validation."""
    valid = {name.removesuffix("_valid"): of for name, of in skills.items() if name.endswith("_valid")}
    rows = []
    for name in NAMES:
        key = name.replace("-", "_")
        for rate, tests in skills.get(key, {0.003: [0.0, 0.0]}).items():
            for i, test in enumerate(tests):
                rows.append((name, rate, i, test, valid.get(key, {}).get(rate, [0.0, 0.0])[i]))
    return pd.DataFrame(rows, columns=["method", "rate", "replicate", "test", "valid"])


def chosen(fits: pd.DataFrame, **more: Any) -> Any:
    return choose(fits, GROUPS, TWINS, "parity", "recurrence helps", **more)


def test_each_method_gets_its_best_rate_and_each_group_its_best_method() -> None:
    found = chosen(
        pilots(rnn={0.001: [0.2, 0.2], 0.01: [0.6, 0.6]}, lstm={0.003: [0.4, 0.5]}, tcn={0.003: [0.5, 0.5]})
    )
    assert found.rates["recurrent"] == {"rnn": 0.01, "lstm": 0.003}
    assert (found.best_recurrent, found.best_full, found.best_window) == ("rnn", "tcn", "cnn")
    assert (found.best_memory, found.twin) == ("rnn", "rnn-state-cut")
    assert found.outcome == "solved"


def test_the_twin_has_a_rate_of_its_own() -> None:
    found = chosen(pilots(lstm={0.003: [1, 1]}, lstm_state_cut={0.001: [0.1, 0.1], 0.01: [0.2, 0.2]}))
    assert found.rates["twin"] == {"rnn-state-cut": 0.003, "lstm-state-cut": 0.01}


def test_equal_test_skills_are_decided_by_validation_then_by_name_and_the_lower_rate() -> None:
    equal = pilots(rnn={0.003: [0.5, 0.5]}, lstm={0.003: [0.5, 0.5]}, lstm_valid={0.003: [0.1, 0.1]})
    assert chosen(equal).best_recurrent == "lstm"
    tied = pilots(rnn={0.003: [0.5, 0.5]}, lstm={0.001: [0.5, 0.5], 0.01: [0.5, 0.5]})
    assert (chosen(tied).best_recurrent, chosen(tied).rates["recurrent"]["lstm"]) == ("lstm", 0.001)


def test_graded_holds_only_where_no_recipe_both_solves_and_loses() -> None:
    assert chosen(pilots(lstm={0.003: [0.9, 0.6]}), graded=True).outcome == "graded"
    assert chosen(pilots(lstm={0.003: [0.9, 0.5]}), graded=True).outcome == "solved"
    assert chosen(pilots(lstm={0.003: [0.9, 0.6]})).outcome == "solved"


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(random: Any) -> None:
    fits = pilots(
        rnn={0.001: [0.5, 0.1], 0.01: [0.3, 0.3]}, lstm={0.003: [0.4, 0.2]}, tcn={0.003: [0.1, 0.9]}
    )
    order = list(range(len(fits)))
    random.shuffle(order)
    assert chosen(fits.iloc[order]) == chosen(fits)


def without(column: str) -> pd.DataFrame:
    return pilots().drop(columns=column)


@pytest.mark.parametrize(
    ("fits", "words"),
    [
        (without("valid"), "pilot fits have no column valid"),
        (pilots().query("method != 'tcn'"), "no pilot fits of tcn"),
        (pd.concat([pilots(), pilots().head(1)]), "two pilot fits of one method, rate and replicate"),
        (pilots(lstm={0.003: [float("nan"), 0.0]}), "pilot fits without a score"),
        (pilots().drop(index=0), "recipes have pilots of replicates"),
    ],
)
def test_pilots_that_cannot_be_compared_are_refused(fits: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen(fits)


def test_both_sides_need_a_method() -> None:
    with pytest.raises(ValueError, match="recurrent and full each need a method with pilot fits"):
        choose(pilots(), {**GROUPS, "full": []}, TWINS, "parity", "no difference")


def test_what_is_chosen_can_be_written_and_read(tmp_path: Path) -> None:
    found = chosen(pilots(lstm={0.003: [1, 1]}))
    rates = "\n".join(
        f"{group} = {{ {', '.join(f'{name} = {rate}' for name, rate in of.items())} }}"
        for group, of in found.rates.items()
    )
    text = f"""[[frozen]]
problem = "{found.problem}"
outcome = "{found.outcome}"
predicted = "{found.predicted}"
best_recurrent = "{found.best_recurrent}"
best_full = "{found.best_full}"
best_window = "{found.best_window}"
best_memory = "{found.best_memory}"
twin = "{found.twin}"
[frozen.rates]
{rates}
"""
    (tmp_path / "frozen.toml").write_text(text)
    assert read_frozen(tmp_path / "frozen.toml") == (found,)
