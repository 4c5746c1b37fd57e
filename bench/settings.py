"""Settings of plugins: literal defaults, and dataclasses of settings that methods share."""

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

# Keyword arguments that the runner fills in (for a data set only the first); all others are settings.
# seed: the function runs once per seed. check: the validation part in the inner stage, else None. steps: the
# number of optimizer steps chosen in the inner stage. seeds: several seeds in one call, which returns a list
# with a predictor or an exception for each; steps is then a tuple, or None. device: where to train and
# predict; only passed if it is not the CPU.
RESERVED: tuple[str, ...] = ("seed", "check", "steps", "seeds", "device")


def flat(function: Callable[..., R]) -> Callable[..., R]:
    """Wrap `function` so that it takes the fields of its shared settings as single keyword arguments.

    A keyword-only argument without a default whose annotation is a dataclass, such as `training: Training`,
    is a group: its fields become arguments, and the dataclass is built from them. A function without groups
    is returned unchanged.
    """
    groups = {
        arg.name: group
        for arg in inspect.signature(function).parameters.values()
        if arg.kind is arg.KEYWORD_ONLY and arg.default is arg.empty
        if dataclasses.is_dataclass(group := _annotated(function, arg.annotation)) and isinstance(group, type)
    }
    if not groups:
        return function

    @functools.wraps(function)
    def called(*args: Any, **settings: Any) -> R:
        for name, group in groups.items():
            members = [each.name for each in dataclasses.fields(group) if each.name in settings]
            settings[name] = group(**{each: settings.pop(each) for each in members})
        return function(*args, **settings)

    return called


def _annotated(function: Callable[..., Any], annotation: Any) -> Any:
    """The object of an annotation, which is text if its module postpones the evaluation of annotations."""
    names: dict[str, Any] = getattr(function, "__globals__", {})
    return names.get(annotation) if isinstance(annotation, str) else annotation


def literal(node: ast.expr, what: str) -> Any:
    """The value of a literal; ValueError for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        text = ast.unparse(node)
        raise ValueError(f"{what} must be a literal, because plugins are read as text; got {text}") from None


@dataclass(frozen=True)
class Source:
    """A parsed Python file, in which names can be looked up without an import.

    folder: the folder of the plugin file it belongs to; modules in it belong to the plugin.
    """

    tree: ast.Module
    package: str
    folder: Path | None = None

    def find(self, name: str) -> tuple[ast.stmt, Source] | None:
        """The class or assignment that defines a name, and the file it is in; None if there is none.

        `from module import name` is followed to the Python file of the module; `import module` is not.
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
        definition = source(path, spec.name, self.folder).find(name)
        if definition is None:
            raise ValueError(f"{spec.name} defines no class {name}; import it from the file that does")
        return definition


def source(path: Path, module: str, folder: Path | None = None) -> Source:
    """The parsed file of a module; SyntaxError if it is not valid Python. folder: see `Source`."""
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
    """A setting in the text of a plugin: annotation, default, and the file for looking up names."""

    annotation: ast.expr | None
    default: Any
    source: Source


def shared(here: Source, name: str, where: str) -> dict[str, Field] | None:
    """The fields of the dataclass `name`, which the file defines or imports; None if it does neither.

    ValueError if it is no dataclass with literal defaults.
    """
    try:
        definition = here.find(name)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if definition is None:
        return None
    node, source = definition
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
    """The spec of a module. Unlike `importlib.util.find_spec`, no parent package is imported.

    folder: the folder of a plugin file; modules in it belong to the plugin.
    """
    places = None
    if folder is not None and "." not in name and (spec := beside(name, folder)) is not None:
        return spec
    if "." in name:
        parent = located(name.rpartition(".")[0], folder)
        if parent is None or parent.submodule_search_locations is None:
            return None
        places = list(parent.submodule_search_locations)
    try:
        return next((s for finder in sys.meta_path if (s := finder.find_spec(name, places))), None)
    except KeyError:
        # A folder without __init__.py inside a package: finders need an import to locate it.
        return None if folder is None else inside(name.rpartition(".")[2], places or [])
