"""What every probe keeps: levels that its answers score, draws that repeat and stand apart."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.answers import fingerprint
from recurbench.metrics import score, weighted
from recurbench.registry import Choice, discover, load
from recurbench.suites import PROBES
from recurbench.task import Problem, Split

REGISTRY = discover()
# Their best level is an expectation over draws; elsewhere it is that of the test draw.
EXPECTED = {"temporal-order[shuffle=True]"}
LARGE = 2000
# Their exact best takes seconds for a hundred sequences.
FEWER = {"lorenz": 100}
# Chances of a coincidence: fewer bits than this and two fair draws may well hold the same sequence.
BITS = 30


@cache
def built(choice: str, **changes) -> Problem:
    (found,) = REGISTRY.select_datasets([choice])
    return load(found.plugin)(**{**found.settings, **changes})


def choices() -> dict[str, Choice]:
    """Every data set with a role, and the dials at which suites run it."""
    offered = [
        name
        for name, plugin in REGISTRY.datasets.items()
        if plugin.owner == "recurbench" and not plugin.files and name not in catalogue.datasets()
    ]
    chosen = REGISTRY.select_datasets(dict.fromkeys([*offered, *PROBES]))
    return {choice.address: choice for choice in chosen if built(choice.address).about.role}


CHOICES = choices()
SEEDED = [name for name, choice in CHOICES.items() if "seed" in choice.plugin.takes]
EXACT = [name for name in CHOICES if len(built(name).oracle)]
# A forecast's best constant is one level per series, which its own tests know.
LEVELLED = [
    name
    for name in CHOICES
    if built(name).about.constant is not None and built(name).task.kind != "forecasting"
]


def scored(problem: Problem, answers: list[np.ndarray]) -> tuple[float, float]:
    """The problem's metric and its standard error, examples being independent."""
    metric = problem.about.metric
    found = score(problem.task, problem.test, answers)
    units, weights = found.units[metric], found.weights[metric]
    apart = weights * (units - weighted(units, weights))
    return found.values[metric], float(np.sqrt((apart**2).sum())) / float(weights.sum())


def flat(problem: Problem) -> list[np.ndarray]:
    """The best constant answer to the test part, by the metric."""
    task, y = problem.task, problem.test.y
    if not task.y.symbols:
        mean = np.mean(y, axis=0) if task.length == "fixed" else np.concatenate(y).mean(axis=0, keepdims=True)
        return [np.broadcast_to(mean, one.shape) for one in y]
    last = problem.about.metric == "last_step_accuracy"
    counts = np.bincount(np.concatenate([one[-1:] if last else one for one in y]), minlength=task.y.size)
    if task.length == "free":
        return [np.full(len(one), counts.argmax()) for one in y]
    return [np.tile(counts / counts.sum(), (len(one), 1)) for one in y]


def test_the_registry_is_read():
    assert {name.split("[")[0] for name in PROBES} <= {name.split("[")[0] for name in CHOICES}
    assert len(EXACT) > 10


@pytest.mark.parametrize("name", EXACT)
def test_the_oracle_scores_the_best_level(name):
    problem = built(name)
    found, error = scored(problem, list(problem.oracle))
    assert found == pytest.approx(problem.about.best, abs=4 * error if name in EXPECTED else 1e-9)


@pytest.mark.parametrize("name", LEVELLED)
def test_the_constant_answer_scores_the_constant_level_on_a_large_draw(name):
    problem = built(
        name, **({"n_test": FEWER.get(name, LARGE)} if "n_test" in CHOICES[name].plugin.settings else {})
    )
    found, error = scored(problem, flat(problem))
    assert found == pytest.approx(problem.about.constant, abs=4 * error + 1e-9)


@pytest.mark.parametrize("name", CHOICES)
def test_levels_stand_in_their_order(name):
    about = built(name).about
    levels = [level for level in (about.constant, about.memoryless, about.best) if level is not None]
    signs = np.sign(np.diff(levels))
    assert len(set(signs[signs != 0])) < 2
    for key, share in about.headroom.items():
        assert 0 <= share <= 1, key


@pytest.mark.parametrize("name", SEEDED)
def test_a_seed_repeats_its_draw_and_another_gives_another(name):
    def mark(problem: Problem) -> str:
        return fingerprint(problem.train, problem.test, problem.valid)

    (choice,) = REGISTRY.select_datasets([name])
    again = load(choice.plugin)(**choice.settings, seed=0)
    assert mark(again) == mark(built(name))
    assert mark(built(name, seed=1)) != mark(again)


@pytest.mark.parametrize("name", CHOICES)
def test_no_sequence_stands_in_two_parts(name):
    problem = built(name)
    task = problem.task
    bits = math.log2(task.x.size) if task.x.symbols else math.inf

    def held(split: Split) -> set[bytes]:
        # Forecasts may share a past, and must not share what is asked of it.
        shown = split.y if task.kind == "forecasting" else split.x
        return {one.tobytes() for one in shown if len(one) * bits >= BITS}

    parts = [held(split) for split in (problem.train, problem.test, problem.valid) if split is not None]
    assert all(parts)
    assert len(set().union(*parts)) == sum(map(len, parts))


@pytest.mark.parametrize(
    "name", ["parity", "word-problem", "temporal-order", "variable-length", "hmm-filter", "automaton"]
)
def test_a_larger_test_part_leaves_training_as_it_is(name):
    small, large = built(name, n_test=20), built(name, n_test=LARGE)
    assert len(large.test) == LARGE
    for part in ("train", "valid"):
        pairs = zip(getattr(small, part).x, getattr(large, part).x, strict=True)
        assert all(np.array_equal(one, other) for one, other in pairs)
