"""What is said of the validation part is what is held out, and what would be enough is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.datasets.csv_series import own_series
from recurbench.metrics import score
from recurbench.reading.series import Series, rolling
from recurbench.registry import discover
from recurbench.running.job import Job
from recurbench.task import About, Problem, Split, Task, Values, holdout
from recurbench.validation import described, lacking, partial
from serving import cells_of

ABOUT = About("made up", "none", "none", "seasonal-naive", "mase")
NETWORKS = ("gru", "rnn", "esn", "mingru", "lru", "mlp", "cnn", "tcn", "transformer", "nbeats")
OTHERS = ("time-domain-ridge[calendar=True]", "ets", "theta", "sarimax", "seasonal-naive")


def forecasts(
    lengths: Sequence[int],
    horizon: int,
    origins: int,
    period: int | None = None,
    channels: int = 1,
    targets: int = 1,
) -> Problem:
    rng = np.random.default_rng(0)
    stamps = np.datetime64("2000-01-01", "us") + np.arange(max(lengths)) * np.timedelta64(1, "D")
    series = [Series(f"s{i}", 9 + rng.normal(size=(n, channels)), stamps[:n]) for i, n in enumerate(lengths)]
    train, test = rolling(series, targets, horizon, origins, 1)
    task = Task("forecasting", Values(channels), Values(targets), "fixed", horizon, period)
    return Problem(task, train, test, ABOUT)


def labelled(labels: Sequence[int], groups: Sequence[int] | None = None) -> Problem:
    task = Task("classification", Values(1), Values(max(*labels, 1) + 1, symbols=True), "fixed")
    x = [np.array([[float(i)]]) for i in range(len(labels))]
    split = Split(x, [np.array([label]) for label in labels], series=() if groups is None else tuple(groups))
    return Problem(task, split, split, replace(ABOUT, reference="most-common", metric="accuracy"))


def held(problem: Problem) -> Split:
    return holdout(problem.task, problem.train, 0)[1]


@given(
    horizon=st.integers(1, 9),
    origins=st.integers(1, 4),
    period=st.none() | st.integers(1, 14),
    channels=st.integers(1, 2),
    targets=st.integers(1, 2),
)
def test_with_the_rows_it_needs_a_series_holds_a_validation_part_and_with_one_less_it_does_not(
    horizon: int, origins: int, period: int | None, channels: int, targets: int
) -> None:
    shape = {"period": period, "channels": max(channels, targets), "targets": targets}
    short = forecasts([(origins + 1) * horizon + 1], horizon, origins, **shape)
    needs = described(short)["needs"]
    assert (needs["horizon"], needs["origins"]) == (horizon, origins)
    enough = forecasts([needs["rows"]], horizon, origins, **shape)
    lacks = forecasts([needs["rows"] - 1], horizon, origins, **shape)
    assert len(held(enough)) == 1
    assert len(held(lacks)) == 0
    assert described(lacks)["needs"] == needs
    assert (lacking(described(enough)), partial(described(lacks))) == ("", "")


@pytest.mark.parametrize("horizon", [4, 7, 12])
def test_the_rows_that_a_csv_file_of_months_needs_are_those_it_needs(tmp_path: Path, horizon: int) -> None:
    def problem(rows: int) -> Problem:
        months = np.datetime64("2000-01", "M") + np.arange(rows)
        values = np.random.default_rng(0).normal(size=rows)
        lines = [f"a,{month},{value}" for month, value in zip(months, values, strict=True)]
        path = tmp_path / f"{rows}.csv"
        path.write_text("\n".join(["unique_id,ds,y", *lines]) + "\n")
        return own_series(path=str(path), horizon=horizon, origins=3)

    needs = described(problem(4 * horizon + 24))["needs"]["rows"]
    assert len(held(problem(needs))) == 1
    assert len(held(problem(needs - 1))) == 0


def test_the_words_name_rows_horizon_and_origins() -> None:
    words = lacking(described(forecasts([72], 12, 3, 12)))
    assert words == ("train too short to hold out a validation part; needs 78 rows at horizon 12, origins 3")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (forecasts([200], 12, 3, 12), ""),
        (forecasts([84], 12, 3, 12), ""),
        (forecasts([83], 12, 3, 12), "1 origin of 11 of 12 steps"),
        (forecasts([80, 60], 12, 3, 12), "1 origin of 8 of 12 steps in 1 of 2 series (1 too short)"),
        (
            forecasts([300, 80, 60], 12, 3, 12),
            "1–3 origins of 8–12 of 12 steps in 2 of 3 series (1 too short)",
        ),
        (forecasts([300, 60], 12, 3, 12), "3 origins of 12 of 12 steps in 1 of 2 series (1 too short)"),
        (forecasts([60], 12, 3, 12), ""),
        (labelled([0, 0, 1, 1]), ""),
        (labelled([0, 0, 1, 2]), "1 of 3 classes"),
        (labelled([0, 1, 2]), ""),
    ],
)
def test_a_validation_part_that_falls_short_is_told(problem: Problem, words: str) -> None:
    assert partial(described(problem)) == words


def test_a_panel_of_one_example_per_class_needs_a_second_of_one() -> None:
    panel = labelled([0, 1, 2, 3])
    assert len(held(panel)) == 0
    assert lacking(described(panel)).endswith("; needs 2 examples of one class")
    assert len(held(labelled([0, 1, 2, 3, 3]))) == 1


def test_groups_are_counted_and_not_their_examples() -> None:
    panel = labelled([0, 0, 1, 1], groups=[0, 0, 1, 1])
    assert lacking(described(panel)).endswith("; needs 2 groups of one class")
    assert len(held(labelled([0, 0, 1, 1, 1], groups=[0, 0, 1, 1, 2]))) > 0


def test_a_single_number_to_learn_needs_a_second_example() -> None:
    task = Task("regression", Values(1), Values(1), "fixed")
    split = Split([np.zeros((3, 1))], [np.zeros((1, 1))])
    assert lacking(described(Problem(task, split, split, ABOUT))).endswith("; needs 2 examples")


def test_a_problem_with_a_draw_of_its_own_lacks_nothing() -> None:
    panel = labelled([0, 1])
    facts = described(replace(panel, valid=panel.test))
    assert (facts, lacking(facts), partial(facts)) == ({"own": True}, "", "")


def test_answers_to_a_shorter_part_are_scored_on_the_steps_it_has() -> None:
    problem = forecasts([83], 12, 3, 12)
    check = held(problem)
    answer = [np.concatenate([y, np.full((12 - len(y), 1), 1e9)]) for y in check.y]
    assert (len(check.y[0]), score(problem.task, check, answer).values["mae"]) == (11, 0.0)


@pytest.mark.parametrize("method", [*NETWORKS, *OTHERS])
def test_every_method_bears_a_shorter_validation_part_and_its_row_says_so(method: str) -> None:
    registry = discover()
    problem = forecasts([33], 4, 3, 7)
    assert [len(y) for y in held(problem).y] == [3]
    choice = registry.select_methods([method])[0]
    seed = 0 if "seed" in choice.plugin.takes or "seeds" in choice.plugin.takes else None
    job = Job(registry.select_datasets(["airline"])[0], None, choice, seed)
    inner, final = cells_of(job, problem)
    assert (inner.stage, inner.status, inner.reason) == ("inner", "ok", "")
    assert np.isfinite(inner.score)
    assert final.notes["validation"] == "1 origin of 3 of 4 steps"
