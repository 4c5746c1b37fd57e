"""The table of the benchmark of settings of recurrent networks."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest
from scripts import script

Row = dict[str, object]


@pytest.fixture(scope="module")
def pilot() -> ModuleType:
    return script("benchmarks/recurrent_pilot.py")


def row(
    problem: str, method: str, accuracy: float, train: float = 1.0, constant: int = 0
) -> dict[str, object]:
    given = {"problem": problem, "method": method, "seed": 0, "asked": 400, "steps": 400}
    return given | {
        "accuracy": accuracy,
        "train_accuracy": train,
        "largest": 0.5,
        "constant": constant,
        "seconds": 2.0,
    }


def test_a_row_of_the_table_counts_what_did_not_train(pilot: ModuleType) -> None:
    rows = pd.DataFrame(
        [row("a", "rnn", 0.5, 0.5, 1), row("b", "rnn", 0.9), row("a", "gru", 0.8), row("b", "gru", 0.6, 0.51)]
    )
    assert pilot.table(rows).loc[("rnn", 400)].tolist() == [2, 0.7, 1, 1, 4.0]
    assert pilot.table(rows).loc[("gru", 400)].tolist() == [2, 0.7, 0, 1, 4.0]


def test_a_problem_that_one_method_lacks_is_not_counted(pilot: ModuleType) -> None:
    rows = pd.DataFrame([row("a", "rnn", 0.5), row("b", "rnn", 0.9), row("a", "gru", 0.8)])
    assert pilot.table(rows)["fits"].tolist() == [1, 1]
    assert pilot.table(rows).loc[("rnn", 400), "accuracy"] == 0.5
