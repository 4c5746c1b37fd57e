"""The public names of the package, as they are imported and as a type checker sees them."""

from __future__ import annotations

import ast
from pathlib import Path

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
