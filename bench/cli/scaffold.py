"""The files that `recurbench new` writes: a package with one method or data set that works."""

from __future__ import annotations

import builtins
import importlib.metadata
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from recurbench import __version__
from recurbench.registry import NAME, Registry

PROJECT = Template("""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "$package"
version = "0.1.0"
description = "The $sort $name for recurbench"
requires-python = ">=3.11"
dependencies = ["recurbench>=$version"]

[project.optional-dependencies]
test = ["pytest>=8"]

[project.entry-points."recurbench.${sort}s"]
$name = "$module"

[tool.setuptools]
py-modules = ["$module"]
""")

METHOD = Template('''\
"""The method $name for recurbench."""

import numpy as np
from recurbench import Split, Task, method


@method(
    "$name",
    family="baseline",
    kinds={"classification", "regression", "forecasting", "labelling"},
)
def $function(task: Task, train: Split, *, share: float = 1.0):
    """Predict the mean answer of train, mixed with an equal share for every channel: put your idea here."""
    known = np.concatenate([task.y.encode(y) for y in train.y])  # symbols one-hot, [steps, size]
    if np.isnan(known).any():
        raise ValueError("some answers of train are missing, so they have no mean")
    rest = 1 / task.y.size if task.y.symbols else known.mean()
    level = share * known.mean(axis=0) + (1 - share) * rest

    def answer(x):
        steps = len(x) if task.length == "same" else task.steps
        return np.tile(level, (steps, 1))

    return lambda split: [answer(x) for x in split.x]
''')

METHOD_TEST = Template("""\
import pytest
from recurbench.check import method_checks
from recurbench.registry import discover


@pytest.mark.parametrize(("name", "run"), method_checks(discover().methods["$name"]))
def test_the_method_keeps_the_contract(name, run):
    outcome = run()
    assert outcome.status != "failed", outcome.words
""")

DATASET = Template('''\
"""The dataset $name for recurbench."""

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset

ABOUT = dict(source="generated: fair bits", licence="none needed: generated", version="1")
SCORED = dict(reference="most-common", metric="accuracy", best=1.0)


@dataset("$name", kind="labelling")
def $function(*, lag: int = 3, length: int = 30, count: int = 60, seed: int = 0) -> Problem:
    """Repeat the bit of `lag` steps before, and 0 at the beginning: put your data here."""

    def part(number: int) -> Split:
        rng = np.random.default_rng([seed, number])
        x = [rng.integers(2, size=length) for _ in range(count)]
        return Split(x, [np.concatenate([np.zeros(lag, int), bits])[:length] for bits in x])

    bits = Values(2, symbols=True)
    task = Task("labelling", x=bits, y=bits, length="same", causal=True)
    about = About(protocol=f"3 parts of {count} sequences, {length} bits each, lag {lag}", **ABOUT, **SCORED)
    return Problem(task, train=part(0), test=part(1), about=about, valid=part(2))
''')

DATASET_TEST = Template("""\
from recurbench.check import problem_error
from recurbench.registry import discover


def test_the_problem_is_valid_and_the_same_at_every_call():
    assert problem_error(discover().datasets["$name"]) == ""
""")


@dataclass(frozen=True)
class Package:
    """The names in a new package, and its files."""

    sort: str
    name: str

    @property
    def distribution(self) -> str:
        """The name for pip. A method and a data set of the same name get different ones."""
        return f"recurbench-{self.name}" if self.sort == "method" else f"recurbench-data-{self.name}"

    @property
    def module(self) -> str:
        """The name of its Python module."""
        return self.distribution.replace("-", "_")

    @property
    def function(self) -> str:
        """The name of its function: an identifier that hides no other name of the file."""
        name = self.name.replace("-", "_")
        shadows = name in ("np", "method", "dataset") or keyword.iskeyword(name) or hasattr(builtins, name)
        return name if name.isidentifier() and not shadows else f"{self.sort}_{name}"

    def files(self) -> Mapping[str, str]:
        """Every file of the package by its path."""
        code, test = (METHOD, METHOD_TEST) if self.sort == "method" else (DATASET, DATASET_TEST)
        names = {
            "sort": self.sort,
            "name": self.name,
            "package": self.distribution,
            "module": self.module,
            "function": self.function,
            "version": __version__,
        }
        return {
            "pyproject.toml": PROJECT.substitute(names),
            f"{self.module}.py": code.substitute(names),
            f"tests/test_{self.module}.py": test.substitute(names),
        }


def write(sort: str, name: str, registry: Registry, folder: Path | None = None) -> list[Path]:
    """Write the package of a new "method" or "dataset" into `folder`, which must not exist.

    Returns the paths of its files. ValueError if the name or the folder is taken.
    """
    package = Package(sort, name)
    _refuse_name(package, registry)
    place = folder or Path(package.distribution)
    if place.exists():
        raise ValueError(f"{place} exists already; remove it, or name another folder with --folder")
    written = []
    for path, text in package.files().items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
        written.append(place / path)
    return written


def _refuse_name(new: Package, registry: Registry) -> None:
    if not NAME.fullmatch(new.name):
        raise ValueError(
            f"the name of a {new.sort} must be lower-case words and digits joined by hyphens, such as "
            f"my-idea-2; got {new.name!r}"
        )
    table = registry.methods if new.sort == "method" else registry.datasets
    known = table.get(new.name)
    if known is not None:
        raise ValueError(
            f"there is already a {new.sort} called {new.name!r}, from {known.owner} in {known.path}; a "
            f"second one, from {new.distribution}, would stop every command; choose another name"
        )
    installed = {
        re.sub("[-_.]+", "-", one.name).lower() for one in importlib.metadata.distributions() if one.name
    }
    if new.distribution in installed:
        raise ValueError(f"a package {new.distribution} is installed already; choose another name")
