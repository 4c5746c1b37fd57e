"""One rule chooses methods and settings on validation: which scores it reads, and what decides equal ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from recurbench import About, Split, Task, Values
from recurbench.choosing import compared, selectors
from recurbench.metrics import METRICS, score
from recurbench.registry import discover
from recurbench.running.job import build
from recurbench.running.problem_cache import describe
from recurbench.task import KINDS

CLASSES = Task("classification", Values(1), Values(3, symbols=True), "fixed")
NUMBERS, SYMBOLS, FLAGS = Values(2), Values(3, symbols=True), Values(2, flags=True)
TASKS = [
    CLASSES,
    Task("labelling", Values(1), SYMBOLS, "same"),
    Task("generation", Values(1), SYMBOLS, "fixed", steps=4),
    Task("labelling", Values(1), FLAGS, "same"),
    Task("regression", Values(1), NUMBERS, "fixed"),
    Task("forecasting", NUMBERS, NUMBERS, "fixed", steps=3),
    Task("forecasting", NUMBERS, NUMBERS, "fixed", steps=3, quantiles=(0.1, 0.5, 0.9)),
]


def known(metric: str = "accuracy", constant: float | None = None) -> About:
    return About("somewhere", "none", "none", "most-common", metric, constant=constant)


# Which scores


@pytest.mark.parametrize("shown", ["accuracy", "balanced_accuracy"])
def test_classes_of_real_data_are_chosen_by_the_share_that_tables_show_then_by_log_loss(shown: str) -> None:
    assert selectors(CLASSES, known(shown)) == (shown, "log_loss")


@pytest.mark.parametrize("about", [known("log_loss"), known(constant=0.25), known("log_loss", 0.6)])
def test_where_tables_show_the_log_loss_or_the_best_constant_is_known_log_loss_chooses(about: About) -> None:
    assert selectors(CLASSES, about) == ("log_loss", "accuracy")


@pytest.mark.parametrize("task", TASKS[1:], ids=lambda task: f"{task.kind}-{task.length}-{task.y.size}")
def test_other_tasks_are_chosen_by_the_same_scores_whatever_is_known_of_the_data(task: Task) -> None:
    assert selectors(task, known()) == selectors(task, known("mse", 1.0))
    assert selectors(task, known())[0] != "accuracy"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.kind}-{task.length}-{task.y.size}")
def test_the_first_selector_is_a_score_of_the_task(task: Task) -> None:
    rng = np.random.default_rng(0)
    shape = (task.steps, task.y.size)
    if task.y.symbols:
        y, answer = (
            rng.integers(task.y.size, size=task.steps),
            rng.dirichlet(np.ones(task.y.size), task.steps),
        )
    else:
        y, answer = rng.integers(2, size=shape).astype(float), rng.uniform(size=shape)
    if task.quantiles:
        answer = np.sort(rng.normal(size=(*shape, len(task.quantiles))), axis=2)
    x = rng.normal(size=(9, task.x.size)) if task.length == "fixed" else rng.normal(size=(task.steps, 1))
    found = score(task, Split([x, x], [y, y]), [answer, answer]).values
    names = selectors(task, known())
    assert set(names) <= set(METRICS)
    assert names[0] in found


@pytest.mark.parametrize(
    ("dataset", "first"),
    [
        ("gunpoint", "accuracy"),
        ("breast-cancer", "accuracy"),
        ("temporal-order", "log_loss"),
        ("variable-length", "log_loss"),
        ("sequential-digits", "log_loss"),
        ("firm-default", "log_loss"),
    ],
)
def test_real_data_are_chosen_by_accuracy_and_problems_of_the_suites_probes_and_map_as_before(
    dataset: str, first: str
) -> None:
    (choice,) = discover().select_datasets([dataset])
    problem = build(choice, 0 if "seed" in choice.plugin.takes else None)
    assert problem.task.kind in KINDS
    assert selectors(problem.task, problem.about)[0] == first


def test_the_metrics_stand_in_the_facts_that_a_run_file_keeps() -> None:
    (choice,) = discover().select_datasets(["gunpoint"])
    assert describe(build(choice, None))[0]["selectors"] == ("accuracy", "log_loss")


# How they compare

NAMES = ("accuracy", "log_loss")
SHARES = st.integers(0, 4).map(lambda count: count / 4)
LOSSES = st.integers(0, 3).map(float)
CANDIDATES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({"accuracy": SHARES}, optional={"log_loss": st.one_of(LOSSES, st.just(math.nan))}),
    min_size=1,
)


@given(CANDIDATES)
def test_accuracy_decides_and_log_loss_decides_where_it_is_equal(scores: dict[str, dict[str, float]]) -> None:
    metric, keys = compared(scores, NAMES)
    assert (metric, set(keys)) == ("accuracy", set(scores))
    for one in scores:
        for other in scores:
            gap = scores[one]["accuracy"] - scores[other]["accuracy"]
            losses = [scores[name].get("log_loss", math.nan) for name in (one, other)]
            losses = [math.inf if math.isnan(loss) else loss for loss in losses]
            assert (keys[one] < keys[other]) == (gap > 0 or (gap == 0 and losses[0] < losses[1]))
            assert (keys[one] == keys[other]) == (gap == 0 and losses[0] == losses[1])


@given(CANDIDATES, st.sampled_from(["log_loss", "accuracy"]))
def test_a_score_that_one_candidate_lacks_does_not_compare(
    scores: dict[str, dict[str, float]], missing: str
) -> None:
    assume(len(scores) > 1)
    first = sorted(scores)[0]
    scores[first] = {name: value for name, value in scores[first].items() if name != missing}
    whole = [name for name in NAMES if all(not math.isnan(s.get(name, math.nan)) for s in scores.values())]
    metric, keys = compared(scores, NAMES)
    assert metric == (whole[0] if whole else "")
    assert bool(keys) == bool(whole)


@given(st.lists(st.integers(0, 7), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_folds_makes_no_difference(right: list[int], luck: object) -> None:
    other = list(right)
    luck.shuffle(other)  # type: ignore[attr-defined]
    means = [sum(count / 7 for count in counts) / len(counts) for counts in (right, other)]
    _, keys = compared({name: {"accuracy": mean} for name, mean in zip("ab", means, strict=True)}, NAMES)
    assert keys["a"] == keys["b"]


@pytest.mark.parametrize("size", [1e-13, 1.0, 1e13])
def test_small_and_large_scores_that_differ_are_told_apart(size: float) -> None:
    _, keys = compared({"a": {"mse": size}, "b": {"mse": 1.000001 * size}}, ("mse",))
    assert keys["a"] < keys["b"]


def test_without_candidates_nothing_is_compared() -> None:
    assert compared({}, NAMES) == ("", {})
