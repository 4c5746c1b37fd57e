"""A working plugin package to start from: the plugin, its pyproject.toml and a test."""

from __future__ import annotations

import re
from pathlib import Path

from recurbench.registry import Registry

METHOD = '''"""NAME: say in one line what it does."""

import numpy as np
from recurbench import Unsupported, method


@method("NAME", family="baseline", kinds={"forecasting"})
def FUNCTION(task, train, *, weight=0.5):
    """Carry on the last value, drawn towards the mean of the history by `weight` (0 to 1)."""

    def forecast(x):
        if np.isnan(x).any():
            raise Unsupported("values are missing")
        last, mean = x[-1:, : task.y.size], x[:, : task.y.size].mean(axis=0)
        return np.repeat((1 - weight) * last + weight * mean, task.steps, axis=0)

    return lambda split: [forecast(x) for x in split.x]
'''
DATASET = '''"""NAME: say in one line what it holds."""

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset


@dataset("NAME", kind="classification")
def FUNCTION(*, n_train=60, n_test=60, length=30, seed=0):
    """Rising or falling: the sign of a slope in noise."""

    def draw(count, stream):
        rng = np.random.default_rng([seed, stream])
        labels = rng.integers(2, size=count)
        slopes = np.outer(2 * labels - 1, np.linspace(-1, 1, length))
        series = slopes + rng.standard_normal((count, length))
        return Split([row[:, None] for row in series], [np.array([label]) for label in labels])

    task = Task("classification", Values(1), Values(2, symbols=True), "fixed")
    about = About("generated", "none needed: generated", "a new draw per seed", "most-common", "accuracy")
    return Problem(task, draw(n_train, 0), draw(n_test, 1), about, valid=draw(60, 2))
'''
METHOD_TEST = '''"""NAME keeps the contract of a method."""

import pytest
from recurbench.check import method_checks
from recurbench.registry import discover

PLUGIN = discover().methods["NAME"]


@pytest.mark.parametrize("run", [run for _, run in method_checks(PLUGIN)])
def test_the_contract_is_kept(run):
    outcome = run()
    assert outcome.status != "failed", outcome.words
'''
DATASET_TEST = '''"""NAME is a problem that a method can answer."""

import recurbench


def test_a_baseline_answers_it(tmp_path):
    cells = recurbench.run(datasets=["NAME"], methods=["most-common"], seeds=1, out=tmp_path)
    assert set(cells["status"]) == {"ok"}
'''
PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "NAME"
version = "0.1.0"
description = "A SORT for recurbench"
dependencies = ["recurbench"]

[project.entry-points."recurbench.SORTs"]
NAME = "MODULE"

[tool.setuptools]
py-modules = ["MODULE"]
"""


def write(sort: str, name: str, folder: Path, registry: Registry) -> list[Path]:
    """Write a package for a "method" or a "dataset" called `name` into `folder`/`name`; the files written.

    ValueError where the name is not one, is taken, or the folder is there already; nothing is written then.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(
            f"{name!r} is no plugin name; write lower-case words joined by hyphens, such as my-{sort}"
        )
    taken = (registry.methods if sort == "method" else registry.datasets).get(name)
    if taken is not None:
        raise ValueError(
            f"a {sort} called {name} is there already, of {taken.owner} in {taken.path}; take another"
        )
    place = folder / name
    if place.exists():
        raise ValueError(f"{place} is there already; name another folder with --folder, or take another name")
    function = name.replace("-", "_")
    module = f"{function}_{sort}"
    source, test = (METHOD, METHOD_TEST) if sort == "method" else (DATASET, DATASET_TEST)
    texts = {f"{module}.py": source, "pyproject.toml": PROJECT, f"tests/test_{module}.py": test}
    (place / "tests").mkdir(parents=True)
    for path, text in texts.items():
        for mark, word in (("NAME", name), ("FUNCTION", function), ("MODULE", module), ("SORT", sort)):
            text = text.replace(mark, word)
        (place / path).write_text(text, encoding="utf-8")
    return [place / path for path in texts]
