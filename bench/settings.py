"""Settings as they are read and as they are given: literal defaults, and dataclasses that methods share."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, TypeVar

R = TypeVar("R")

# Keyword arguments the runner fills in (a dataset: the first only); everything else is a setting.
# seed: repeat per seed; check: the check part of the inner stage, or None; steps: the inner stage's finding.
# seeds: several at once, for a list of one predictor or exception each; steps is then a tuple, or None.
# device: where to train and answer, given only where that is not the CPU.
RESERVED: tuple[str, ...] = ("seed", "check", "steps", "seeds", "device")


def flat(function: Callable[..., R]) -> Callable[..., R]:
    """`function` called with the fields of its shared settings as keyword arguments of its own.

    `training: Training` after the star, without a default and annotated with a dataclass, is a group: it is
    filled by calling the dataclass. A function without groups is given back as it is.
    """
    groups = {
        arg.name: found
        for arg in inspect.signature(function).parameters.values()
        if arg.kind is arg.KEYWORD_ONLY and arg.default is arg.empty
        if dataclasses.is_dataclass(found := _annotated(function, arg.annotation)) and isinstance(found, type)
    }
    if not groups:
        return function

    @functools.wraps(function)
    def called(*args: Any, **words: Any) -> R:
        for name, group in groups.items():
            own = [each.name for each in dataclasses.fields(group) if each.name in words]
            words[name] = group(**{each: words.pop(each) for each in own})
        return function(*args, **words)

    return called


def _annotated(function: Callable[..., Any], annotation: Any) -> Any:
    """What an annotation names; it is a word where its module postpones the evaluation of annotations."""
    names: dict[str, Any] = getattr(function, "__globals__", {})
    return names.get(annotation) if isinstance(annotation, str) else annotation


def literal(node: ast.expr, what: str) -> Any:
    """The value of a literal; ValueError for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        text = ast.unparse(node)
        raise ValueError(f"{what} must be a literal, for plugins are read as text; got {text}") from None


def shared(tree: ast.Module, module: str, path: Path, name: str, where: str) -> dict[str, Any] | None:
    """The fields and defaults of the dataclass `name` that the file `tree` defines or imports, read as text.

    None where it does neither. ValueError where it is no dataclass of literal defaults.
    """
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _fields(node, where)
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _fields(_imported(node, alias.name, package, where), where)
    return None


def _imported(node: ast.ImportFrom, name: str, package: str, where: str) -> ast.ClassDef:
    """The class of that name in the module that it is imported from."""
    place = "." * node.level + (node.module or "")
    try:
        spec = located(importlib.util.resolve_name(place, package or None))
    except ImportError:  # a relative import in a file that is in no package
        spec = None
    if spec is None or not (spec.origin or "").endswith(".py"):
        raise ValueError(
            f"{where}: {name} is imported from {place}, which is no Python file that can be read"
        )
    for found in ast.parse(Path(str(spec.origin)).read_text(encoding="utf-8")).body:
        if isinstance(found, ast.ClassDef) and found.name == name:
            return found
    raise ValueError(f"{where}: {spec.name} defines no class {name}; import it from the file that does")


def _fields(node: ast.ClassDef, where: str) -> dict[str, Any]:
    marks = {ast.unparse(mark).partition("(")[0].rpartition(".")[2] for mark in node.decorator_list}
    if "dataclass" not in marks or node.bases:
        raise ValueError(
            f"{where}: shared settings must be a dataclass without a base, which {node.name} is not"
        )
    found = {}
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            what = f"{where}: {node.name}.{line.target.id}"
            if line.value is None:
                raise ValueError(f"{what} needs a default")
            found[line.target.id] = literal(line.value, f"{what}: the default")
    return found


def located(name: str) -> ModuleSpec | None:
    """Where a module is; unlike `importlib.util.find_spec`, no parent is imported and runs foreign code."""
    places = None
    if "." in name:
        parent = located(name.rpartition(".")[0])
        if parent is None or parent.submodule_search_locations is None:
            return None
        places = list(parent.submodule_search_locations)
    try:
        return next((s for finder in sys.meta_path if (s := finder.find_spec(name, places))), None)
    except KeyError:  # a folder without __init__.py inside a package: only an import could place it
        return None
