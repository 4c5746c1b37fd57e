"""Settings as they are read and as they are given: literal defaults, and dataclasses that methods share."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, TypeVar

from recurbench.plugin_files import beside, inside, path_of

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


@dataclass(frozen=True)
class Source:
    """A Python file as text: what its names stand for, found without an import.

    folder: of the plugin file that it belongs to; modules that stand there are the plugin's own.
    """

    tree: ast.Module
    package: str
    folder: Path | None = None

    def find(self, name: str) -> tuple[ast.stmt, Source] | None:
        """The class, assignment or import that gives the file this name, and the file of it.

        An import by name is followed to the file it names, and no further than files of Python; None where
        nothing is found. A module imported as a whole is not followed.
        """
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return node, self
            if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node):
                return node, self
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self._imported(node, alias.name)
        return None

    def _imported(self, node: ast.ImportFrom, name: str) -> tuple[ast.stmt, Source]:
        place = "." * node.level + (node.module or "")
        try:
            spec = located(importlib.util.resolve_name(place, self.package or None), self.folder)
        except ImportError:  # a relative import in a file that is in no package
            spec = None
        if spec is None or not (spec.origin or "").endswith(".py"):
            raise ValueError(f"{name} is imported from {place}, which is no Python file that can be read")
        path = Path(str(spec.origin))
        found = source(path, spec.name, self.folder).find(name)
        if found is None:
            raise ValueError(f"{spec.name} defines no class {name}; import it from the file that does")
        return found


def source(path: Path, module: str, folder: Path | None = None) -> Source:
    """The file of a module as text; SyntaxError where it is no Python. folder: see `Source`."""
    facts = path.stat()
    tree = _parsed(path, facts.st_mtime_ns, facts.st_size)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return Source(tree, package, folder if path_of(module) is None else path.parent)


@functools.lru_cache(maxsize=256)
def _parsed(path: Path, _changed: int, _size: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    every = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in every if isinstance(target, ast.Name)}


@dataclass(frozen=True)
class Field:
    """A setting as it is written: its annotation, its default, and the file in which names are looked up."""

    annotation: ast.expr | None
    default: Any
    source: Source


def shared(here: Source, name: str, where: str) -> dict[str, Field] | None:
    """The fields of the dataclass `name` that the file defines or imports, read as text.

    None where it does neither. ValueError where it is no dataclass of literal defaults.
    """
    try:
        found = here.find(name)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if found is None:
        return None
    node, source = found
    if not isinstance(node, ast.ClassDef):
        return None
    marks = {ast.unparse(mark).partition("(")[0].rpartition(".")[2] for mark in node.decorator_list}
    if "dataclass" not in marks or node.bases:
        raise ValueError(
            f"{where}: shared settings must be a dataclass without a base, which {node.name} is not"
        )
    fields = {}
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            what = f"{where}: {node.name}.{line.target.id}"
            if line.value is None:
                raise ValueError(f"{what} needs a default")
            default = literal(line.value, f"{what}: the default")
            fields[line.target.id] = Field(line.annotation, default, source)
    return fields


def located(name: str, folder: Path | None = None) -> ModuleSpec | None:
    """Where a module is; unlike `importlib.util.find_spec`, no parent is imported and runs foreign code.

    folder: of a plugin file; modules that stand there are its own.
    """
    places = None
    if folder is not None and "." not in name and (own := beside(name, folder)) is not None:
        return own
    if "." in name:
        parent = located(name.rpartition(".")[0], folder)
        if parent is None or parent.submodule_search_locations is None:
            return None
        places = list(parent.submodule_search_locations)
    try:
        return next((s for finder in sys.meta_path if (s := finder.find_spec(name, places))), None)
    except KeyError:
        # A folder without __init__.py inside a package, which no finder places without an import.
        return None if folder is None else inside(name.rpartition(".")[2], places or [])
