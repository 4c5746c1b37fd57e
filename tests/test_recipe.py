"""A recipe names the method, its settings and seed, the data by hash, and the versions."""

from __future__ import annotations

import json

from case_run import PROBLEM, on_cases
from recurbench import answers
from recurbench.forecasting.choice import choose_method, rebuilt
from recurbench.forecasting.recipe import recipe, write_recipe
from recurbench.registry import discover


def test_a_recipe_is_json_and_names_what_a_fit_depends_on(tmp_path):
    chosen = choose_method(on_cases(), PROBLEM, "mlp", discover())
    dataset, problem = rebuilt(on_cases(), PROBLEM, discover(), None)
    path = tmp_path / "recipe.json"
    write_recipe(path, recipe(dataset, chosen, problem.train, notes={"steps": 3}))
    read = json.loads(path.read_text())
    assert read["method"]["address"] == "mlp[max_steps=30]"
    assert read["method"]["settings"]["max_steps"] == 30
    assert read["method"]["seed"] == 0
    assert read["data"]["fingerprint"] == answers.fingerprint(problem.train)
    assert read["data"]["examples"] == len(problem.train)
    assert read["versions"]["numpy"]
    assert read["notes"] == {"steps": 3}
