"""The public names of the package, as they are imported and as a type checker sees them."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import recurbench


def test_the_public_names_are_those_that_can_be_imported() -> None:
    own = {n for n, v in vars(recurbench).items() if getattr(v, "__module__", "").startswith("recurbench.")}
    assert sorted({n for n in own if not n.startswith("_")} | set(recurbench._LATER)) == recurbench.__all__
    for name in recurbench.__all__:
        assert getattr(recurbench, name).__module__.startswith("recurbench.")


def test_a_type_checker_sees_the_same_names() -> None:
    tree = ast.parse(Path(recurbench.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [node for node in imports if str(node.module).startswith("recurbench")]
    assert {alias.name for node in ours for alias in node.names} == set(recurbench.__all__)


def test_a_name_nobody_knows_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'recurbench' has no attribute 'mean'"):
        recurbench.__getattr__("mean")


# What users call: every argument, or field of a dataclass, is described in numpydoc sections.
DOCUMENTED = {
    "recurbench": (
        "About",
        "Problem",
        "Result",
        "Split",
        "Task",
        "Unsupported",
        "Values",
        "dataset",
        "from_estimator",
        "load",
        "method",
        "run",
    ),
    "recurbench.answers": (
        "batch_error",
        "fingerprint",
        "forcing_error",
        "form_error",
        "future_error",
        "likelihood_error",
        "plain_error",
        "same",
        "value_error",
    ),
    "recurbench.api": ("Plan", "Request", "perform", "prepare"),
    "recurbench.choosing": ("compared", "selectors"),
    "recurbench.given_table": ("stored",),
    "recurbench.metrics": (
        "Metric",
        "Scores",
        "by_position",
        "edit_distance",
        "interval_score",
        "mase",
        "pinball",
        "point",
        "rmsse",
        "score",
        "smape",
        "unscaled",
        "weighted",
    ),
    "recurbench.record": ("Record", "RunFile"),
    "recurbench.results": ("Run", "answers_of", "read_run"),
    "recurbench.suites": ("Block", "Suite", "suite"),
    "recurbench.task": ("Several", "holdout", "windows"),
}
NAMES = [(module, name) for module, names in DOCUMENTED.items() for name in names]
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")


def sections(docstring: str) -> dict[str, list[str]]:
    """The lines of every section of a numpydoc docstring, and of the summary under ""."""
    found: dict[str, list[str]] = {"": []}
    title = ""
    lines = docstring.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if following and set(following) == {"-"} and line:
            assert len(following) == len(line), f"the rule under {line} has another length"
            title = line
            found[title] = []
        elif not (line and set(line) == {"-"}):
            found[title].append(line)
    return found


def described(lines: list[str]) -> list[str]:
    """The names that a section describes, without their stars; several may share a description."""
    heads = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return [name.lstrip("*") for head in heads for name in head.split(", ")]


def taken(thing: Any) -> list[str]:
    """The names of the arguments, for an exception those that its users give it."""
    if thing is recurbench.Unsupported:
        return ["reason"]
    return [name for name in inspect.signature(thing).parameters if name != "self"]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_argument_of_a_public_name_is_described(module: str, name: str) -> None:
    thing = getattr(importlib.import_module(module), name)
    parts = sections(inspect.getdoc(thing) or "")
    assert set(parts) - {""} <= set(SECTIONS)
    assert described(parts.get("Parameters", [])) == taken(thing)
    assert parts[""][0].endswith(".")
    assert len(parts[""]) == 1 or parts[""][1] == "", "the summary is one line"
    if inspect.isfunction(thing):
        assert parts.get("Returns"), "what it returns is described"


def test_where_a_method_describes_its_arguments_it_describes_all() -> None:
    count = 0
    for module, name in NAMES:
        thing = getattr(importlib.import_module(module), name)
        for method in vars(thing).values() if inspect.isclass(thing) else ():
            lines = sections(inspect.getdoc(method) or "").get("Parameters")
            if inspect.isfunction(method) and lines is not None:
                assert described(lines) == taken(method), method.__qualname__
                count += 1
    assert count >= 4  # encode, take, ask, rows


def test_the_parser_of_docstrings_finds_a_name_that_is_missing_and_one_that_is_too_many() -> None:
    text = "S.\n\nParameters\n----------\na, b : int\n    Two\n*c\n    More\n\nReturns\n-------\nint\n    Sum"
    assert described(sections(text)["Parameters"]) == ["a", "b", "c"]
    assert sections(text)["Returns"] == ["int", "    Sum"]


def test_every_metric_says_what_it_is() -> None:
    from recurbench.metrics import METRICS

    assert all(metric.description and key == metric.name for key, metric in METRICS.items())
