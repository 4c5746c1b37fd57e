"""A new package with one method or dataset in it, which works as it is written."""

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
    """Answer `share` of what train answers on average, the rest in equal parts: replace it by your idea."""
    known = np.concatenate([task.y.encode(y) for y in train.y])  # symbols one-hot, [steps, size]
    if np.isnan(known).any():
        raise ValueError("an average needs every answer, and some are missing")
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
    """Repeat the bit of `lag` steps ago, 0 before there is one: replace it by your data."""

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


def test_the_problem_is_proper_and_the_same_at_every_call():
    assert problem_error(discover().datasets["$name"]) == ""
""")


@dataclass(frozen=True)
class Words:
    """What the files of a new plugin say, and where they stand."""

    sort: str
    name: str

    @property
    def package(self) -> str:
        """What pip calls it: a name of its own for a method and a dataset of one name."""
        return f"recurbench-{self.name}" if self.sort == "method" else f"recurbench-data-{self.name}"

    @property
    def module(self) -> str:
        """What Python calls it."""
        return self.package.replace("-", "_")

    @property
    def function(self) -> str:
        """The name as an identifier that shadows nothing of the template."""
        own = self.name.replace("-", "_")
        shadows = own in ("np", "method", "dataset") or keyword.iskeyword(own) or hasattr(builtins, own)
        return own if own.isidentifier() and not shadows else f"{self.sort}_{own}"

    def files(self) -> Mapping[str, str]:
        """Every file of the package by its path."""
        code, test = (METHOD, METHOD_TEST) if self.sort == "method" else (DATASET, DATASET_TEST)
        words = {
            "sort": self.sort,
            "name": self.name,
            "package": self.package,
            "module": self.module,
            "function": self.function,
            "version": __version__,
        }
        return {
            "pyproject.toml": PROJECT.substitute(words),
            f"{self.module}.py": code.substitute(words),
            f"tests/test_{self.module}.py": test.substitute(words),
        }


def write(sort: str, name: str, registry: Registry, folder: Path | None = None) -> list[Path]:
    """Write the package of a new "method" or "dataset" into `folder`, which must not exist; its files."""
    words = Words(sort, name)
    _refuse_name(words, registry)
    place = folder or Path(words.package)
    if place.exists():
        raise ValueError(f"{place} is there already; remove it, or name another folder with --folder")
    written = []
    for path, text in words.files().items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
        written.append(place / path)
    return written


def _refuse_name(words: Words, registry: Registry) -> None:
    if not NAME.fullmatch(words.name):
        raise ValueError(
            f"a {words.sort}'s name is lower-case words and digits joined by hyphens, such as my-idea-2; "
            f"got {words.name!r}"
        )
    table = registry.methods if words.sort == "method" else registry.datasets
    known = table.get(words.name)
    if known is not None:
        raise ValueError(
            f"a {words.sort} called {words.name!r} is there already, one of {known.owner} in {known.path}; a "
            f"second one, of {words.package}, would stop every command; choose another name"
        )
    installed = {
        re.sub("[-_.]+", "-", one.name).lower() for one in importlib.metadata.distributions() if one.name
    }
    if words.package in installed:
        raise ValueError(f"a package {words.package} is installed already; choose another name")
