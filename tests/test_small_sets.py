"""The benchmark of recipes for small training sets: what its table compares, and that its loop is ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from recurbench.registry import discover, load
from scripts import script

BENCHMARK = script("benchmarks/small_sets.py")


def row(recipe: str, problem: str, network: str, score: float, **more: object) -> object:
    fixed = {"loss": 0.5, "fit": 1.0, "constant": False, "trained": True, "steps": 400, "epochs": 10.0}
    return BENCHMARK.Row(recipe, problem, network, score, **{**fixed, "seconds": 2.0, **more})


def test_a_recipe_is_compared_with_the_base_on_the_same_problems_only() -> None:
    rows = [
        row("now", "trace", "lstm", 0.5),
        row("now", "Wine", "lstm", 0.9, constant=True),
        row("now, rate .01", "trace", "lstm", 0.7, trained=False),
        row("now, rate .01", "diabetes", "lstm", 0.1),
        row("now, rate .01", "Fish", "lstm", 0.1),
    ]
    lines = [line.replace(" ", "") for line in BENCHMARK.table(rows, "now")]
    assert lines[-2] == "|now|||||.700(.700),2||.700(.700),2|.500(.500)|1(1)|0(0)|4(4)|"
    assert lines[-1] == "|now,rate.01|||||.700(.500),1||.700(.500),1|.500(.500)|0(0)|1(0)|2(2)|"


def test_a_problem_of_the_controls_has_a_table_of_its_own() -> None:
    lines = BENCHMARK.controls([row("now", "diabetes", "mlp", 0.3), row("now", "trace", "mlp", 0.8)])
    assert [line.replace(" ", "") for line in lines[2:]] == ["|now||0.300||"]


def test_the_recipe_called_now_is_that_of_the_package() -> None:
    registry = discover(())
    problem = BENCHMARK.problem_of(registry, "gunpoint", False)
    few = problem.train.take(range(10))
    for network in ("rnn", "mlp"):
        (method,) = registry.select_methods([network])
        (now,) = (each for each in BENCHMARK.CANDIDATES if each.name == BENCHMARK.NOW)
        assert now.steps == BENCHMARK.budget.FIXED
        now = replace(now, steps=20)  # rounding grows with the steps
        made = BENCHMARK.fit(registry, network, now, problem.task, few, None, steps=20)
        ours = load(method.plugin)(problem.task, few, **{**method.settings, "max_steps": 20})
        pairs = zip(made.predict(few), ours(few), strict=True)
        assert all(np.allclose(one, other, atol=1e-5) for one, other in pairs)
