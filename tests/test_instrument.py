"""The instrument tested on itself: where nothing can be learned none is measured, and cheats are found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from recurbench.cli.main import main
from recurbench.packing import unpack_units
from recurbench.record import Record
from recurbench.registry import discover
from recurbench.reports.statistics.oracle_check import ALARM, gain_over
from recurbench.reports.statistics.paired_tests import Mean
from recurbench.results import read_run
from recurbench.running.job import Job, build
from recurbench.running.problem_cache import describe
from recurbench.task import Array, Problem, Split
from serving import cells_of

REGISTRY = discover()
ERRORS = 3.5  # standard errors a mean may be off; by chance once in two thousand
CHANCE = 0.5  # accuracy of a guess between two states


def drawn(dataset: str, seed: int = 0) -> Problem:
    return build(REGISTRY.select_datasets([dataset])[0], seed)


def final(method: str, dataset: str, problem: Problem) -> Record:
    """The final cell of a method on a problem, which may have been changed."""
    job = Job(REGISTRY.select_datasets([dataset])[0], 0, REGISTRY.select_methods([method])[0], 0)
    record = cells_of(job, problem)[-1]
    assert (record.stage, record.status) == ("final", "ok"), record.reason
    return record


def units(record: Record) -> Array:
    """Its score per test sequence; all test sequences of the problems used here weigh the same."""
    found, weights = unpack_units(record.units)[record.metric]
    assert len(set(weights)) == 1
    return found


def over_the_best(record: Record, problem: Problem) -> tuple[float, float]:
    """How much better than the exact best a cell is, as a gain, and the p value of that."""
    facts, packed = describe(problem)
    best, weights = unpack_units(packed)[record.metric]
    sign = 1.0 if facts["higher_is_better"] else -1.0
    gain, _, p = gain_over(sign * units(record), sign * best, weights)
    return gain, p


def mean_and_error(values: Array) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def swapped(split: Split, seed: int) -> Split:
    """The same sequences with answers of others of their length: nothing about x says which."""
    y: list[Array] = list(split.y)
    rng = np.random.default_rng([seed, len(split)])
    lengths = [len(x) for x in split.x]
    for length in sorted(set(lengths)):
        alike = [i for i, own in enumerate(lengths) if own == length]
        for i, j in zip(alike, rng.permutation(alike), strict=True):
            y[i] = split.y[j]
    return replace(split, y=y)


def without_a_link(problem: Problem, seed: int = 0) -> Problem:
    """The problem with swapped answers in what is learned from, and as they are in test."""
    assert problem.valid is not None
    return replace(
        problem, train=swapped(problem.train, 2 * seed), valid=swapped(problem.valid, 2 * seed + 1)
    )


def skills(record: Record, problem: Problem) -> Array:
    assert problem.about.constant is not None
    assert problem.about.best is not None
    return (units(record) - problem.about.constant) / (problem.about.best - problem.about.constant)


SMALL = "hmm-filter[length=40,n_train=200,n_valid=100,n_test=300]"


@pytest.mark.parametrize("method", ["rnn", "window-mlp"])
def test_swapped_labels_are_not_learned_and_true_ones_are(method: str) -> None:
    name, problem = f"{method}[max_steps=150,patience=150]", drawn(SMALL)
    # In test as well: whatever was learned is then as good as any other answer, sequence by sequence.
    apart = replace(without_a_link(problem), test=swapped(problem.test, 3))
    mean, error = mean_and_error(skills(final(name, SMALL, apart), problem))
    assert abs(mean) <= ERRORS * error < 0.3
    mean, error = mean_and_error(skills(final(name, SMALL, problem), problem))
    assert mean > 0.5 > ERRORS * error


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lstm", "mlp", "tcn"])
@pytest.mark.parametrize("dataset", ["parity[n_train=500,n_valid=100]", SMALL])
def test_swapped_labels_give_no_skill_over_independent_draws(method: str, dataset: str) -> None:
    found = []
    for draw in range(10):
        problem = drawn(dataset, draw)
        record = final(f"{method}[max_steps=150,patience=150]", dataset, without_a_link(problem, draw))
        found.append(float(skills(record, problem).mean()))
    # The draw is the unit, never the sequence: a slope that chance gave in training becomes a whole filter,
    # or its mirror image, once the likelier of two even labels is named. One draw may be far from 0.
    low, high = Mean(np.array(found)).interval(0.99)
    assert low <= 0 <= high


def without_memory(methods: Sequence[str], dataset: str) -> None:
    """Where every step has a state of its own, all that see the step are alike and none beats the best."""
    problem = drawn(dataset)
    found = {method: final(method, dataset, problem) for method in methods}
    for method, record in found.items():
        gain, p = over_the_best(record, problem)
        assert p > ALARM, method
        assert gain > -0.01, method
        assert record.score is not None
        assert record.score > CHANCE + 0.2, method
    first, *others = (units(record) for record in found.values())
    for other in others:
        mean, error = mean_and_error(first - other)
        assert abs(mean) <= max(ERRORS * error, 1e-12)
        assert abs(mean) < 0.01


def test_without_memory_to_be_had_a_state_gives_no_advantage() -> None:
    budget = "[max_steps=200,patience=200]"
    without_memory([f"rnn{budget}", f"window-mlp{budget}"], "hmm-filter[q=0.5,length=40,n_train=300]")


@pytest.mark.slow
def test_without_memory_to_be_had_no_network_differs() -> None:
    budget = "[max_steps=400,patience=200]"
    without_memory([f"{name}{budget}" for name in ("lstm", "gru", "tcn", "window-mlp")], "hmm-filter[q=0.5]")


RECALL = "delayed-recall[lag=5,length=40,n_train=500]"


@pytest.mark.parametrize("window", [4, 5])
def test_a_window_shorter_than_the_lag_explains_nothing(window: int) -> None:
    problem = drawn(RECALL)
    record = final(f"window-mlp[window={window},max_steps=300,patience=100]", RECALL, problem)
    zero = np.array([(y**2).mean() for y in problem.test.y])
    mean, error = mean_and_error((zero - units(record)) / zero.mean())
    # Whatever is fitted to nothing costs a little; it must not explain anything.
    assert mean <= ERRORS * error
    assert mean > -0.05
    assert record.scores["r2"] == pytest.approx(mean, abs=0.01)


def test_a_window_one_step_longer_explains_nearly_everything() -> None:
    record = final("window-mlp[window=6,max_steps=400,patience=400]", RECALL, drawn(RECALL))
    assert record.scores["r2"] > 0.98


ORDER = "temporal-order[length=20,n_test=500]"
BAG = "temporal-order[length=20,label=bag,n_test=500]"
DIALLED = "temporal-order[length=20,shuffle=True,n_test=500]"


def longer(method: str) -> str:
    """The address of a method with 1,500 optimizer steps."""
    return f"{method}[max_steps=1500,patience=500]".replace("][", ",")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "dataset"), [("lstm-shuffled", ORDER), ("rnn-shuffled", ORDER), ("cnn[segments=1]", DIALLED)]
)
def test_without_the_order_of_the_steps_three_quarters_are_left(method: str, dataset: str) -> None:
    problem = drawn(dataset)
    values = units(final(longer(method), dataset, problem))
    mean, error = mean_and_error(values)
    assert abs(mean - 0.75) <= ERRORS * error


@pytest.mark.slow
def test_the_order_left_in_place_is_learned() -> None:
    values = units(final(longer("lstm"), ORDER, drawn(ORDER)))
    assert values.mean() > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lstm-shuffled", "cnn[segments=1]"])
def test_a_bag_loses_nothing_by_the_shuffle(method: str) -> None:
    values = units(final(longer(method), BAG, drawn(BAG)))
    assert values.mean() > 0.98


PLANTED = '''
"""Methods that see what they should not."""

import numpy as np
from recurbench import method
from recurbench.datasets.hmm_filter import hmm_filter


@method("looks-ahead", family="baseline", kinds={"labelling"})
def looks_ahead(task, train):
    """Average the steps to come as well."""

    def predict(split):
        answers = []
        for x in split.x:
            chance = 1 / (1 + np.exp(-np.convolve(x[:, 0], np.ones(7), mode="same")))
            answers.append(np.column_stack([1 - chance, chance]))
        return answers

    return predict


@method("remembers", family="baseline", kinds={"labelling"})
def remembers(task, train):
    """Draw the test sequences again and answer as they do, known by their first step."""
    again = hmm_filter(length=40, n_train=50, n_test=200, seed=0).test
    known = {x[:1].tobytes(): np.eye(2)[y] for x, y in zip(again.x, again.y)}
    return lambda split: [known.get(x[:1].tobytes(), np.full((len(x), 2), 0.5)) for x in split.x]
'''


@pytest.mark.long
def test_planted_cheats_are_caught_and_honest_methods_are_not(tmp_path: Path) -> None:
    plugin, out = tmp_path / "planted.py", tmp_path / "run"
    plugin.write_text(PLANTED)
    words = ["--plugin", plugin, "--methods", "looks-ahead,remembers,hmm,most-common"]
    where = ["--datasets", "hmm-filter[length=40,n_train=50,n_test=200]", "--seeds", "1", "--out", out]
    assert CliRunner().invoke(main, list(map(str, ["run", *words, *where]))).exit_code == 1
    ends = read_run(out).final.set_index("address")[["status", "reason"]]
    assert ends.loc["looks-ahead", "status"] == "invalid"
    assert "in a causal task" in ends.loc["looks-ahead", "reason"]
    # No check of conduct can see this one: it answers causally. It is too good to be true.
    assert ends.loc["remembers", "status"] == "ok"
    shown = CliRunner().invoke(main, ["map", str(out)], catch_exceptions=False).output
    alarms = [line.split()[1] for line in shown.splitlines() if line.startswith("ALARM")]
    assert alarms == ["remembers"]
