"""New cases are predicted by the method refitted on everything: a row per case, and a recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from case_run import PROBLEM, on_cases
from own_files import npz
from recurbench.forecasting.choice import rebuilt
from recurbench.forecasting.predict import ask, predict, table_of
from recurbench.registry import discover
from recurbench.task import Task, Unsupported, Values


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The first test cases of the problem, without their answers."""
    _, problem = rebuilt(on_cases(), PROBLEM, discover(), None)
    return npz(tmp_path / "new.npz", X=np.stack([x.T for x in problem.test.x[:12]]), y=None)


def test_the_method_is_fitted_on_all_cases_and_answers_each_new_one(new):
    question = ask(on_cases(), new, discover(), method="mlp")
    assert len(question.split) == len(question.problem.train) + len(question.problem.test)
    made = predict(question, new)
    assert made.frame["case"].tolist() == [f"case {i}" for i in range(1, 13)]
    assert list(made.frame.columns[2:]) == [f"probability_{name}" for name in question.problem.task.y.names]
    assert np.allclose(made.frame.iloc[:, 2:].sum(axis=1), 1, atol=1e-3)
    names = question.problem.task.y.names
    truth = [names[int(y[0])] for y in question.problem.test.y[:12]]
    assert (made.frame["prediction"] == truth).mean() > 0.8


def test_the_recipe_names_the_new_file_and_all_examples(new):
    question = ask(on_cases(), new, discover(), method="mlp")
    made = predict(question, new)
    assert made.recipe["predicted"]["cases"] == 12
    assert made.recipe["data"]["examples"] == len(question.split)
    assert made.recipe["notes"]["steps"] == question.chosen.steps


def test_the_score_of_the_run_and_the_cost_are_known_before(new):
    question = ask(on_cases(), new, discover())
    assert question.score is not None
    assert question.score[0] == question.problem.about.metric
    assert question.seconds > 0


def test_numbers_and_classes_without_probabilities_have_one_column():
    numbers = Task("regression", x=Values(1), y=Values(1), length="fixed")
    table = table_of(numbers, ["a"], [np.array([[2.5]])])
    assert table.equals(pd.DataFrame({"case": ["a"], "prediction": [2.5]}))
    classes = Task("classification", x=Values(1), y=Values(2, symbols=True, names=("u", "v")), length="fixed")
    table = table_of(classes, ["a"], [np.array([1])])
    assert table.equals(pd.DataFrame({"case": ["a"], "prediction": ["v"]}))


def test_a_method_that_cannot_answer_is_named_with_its_reason(new, monkeypatch):
    question = ask(on_cases(), new, discover(), method="mlp")

    def refuses(*_arguments):
        raise Unsupported("needs equal lengths")

    monkeypatch.setattr("recurbench.forecasting.predict.refit_on", refuses)
    with pytest.raises(ValueError, match=r"mlp.*needs equal lengths"):
        predict(question, new)
    monkeypatch.setattr("recurbench.forecasting.predict.refit_on", lambda *_: lambda split: [])
    with pytest.raises(ValueError, match="0 answers for 12"):
        predict(question, new)
