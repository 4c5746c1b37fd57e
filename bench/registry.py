"""From names to plugins: find plugin files, read them as text without importing them, load a plugin."""

from __future__ import annotations

import ast
import difflib
import fnmatch
import importlib
import importlib.metadata
import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recurbench.address import joined, label, split_address, spread
from recurbench.decorators import dataset, method
from recurbench.plugin_files import module_name, path_of, refuse_hidden
from recurbench.setting_types import SettingType, UnfitError, by_default
from recurbench.settings import Source, literal, located, source
from recurbench.signature import declared, signature

FAMILIES = (
    "baseline",
    "statistical",
    "dynamics",
    "features",
    "neighbours",
    "feedforward",
    "convolutional",
    "recurrent",
    "attention",
)
OURS = "recurbench"  # the package that owns the built-in plugins
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # of a plugin
RECURRENCE = ("none", "linear", "learned")
ROLES = ("contender", "control", "ablation")
# Settings that had another name in earlier versions: the setting, and what the message calls it.
RENAMED = {
    "scale": ("normalise", "normalise"),
    "padded": ("unequal", "unequal"),
    "policy": ("unequal", "unequal (policy=last: reads=window)"),
}
PREPARING = ("unequal", "normalise")  # settings of methods that change length or scale of a series first


@dataclass(frozen=True)
class Plugin:
    """One entry of the registry, known without importing anything."""

    name: str
    sort: str  # "method" or "dataset"
    function: str
    module: str
    path: Path
    owner: str
    kinds: frozenset[str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, SettingType] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    family: str = ""
    recurrence: str = "none"
    role: str = "contender"
    search: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    overrides: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    summary: str = ""

    @property
    def foreign(self) -> bool:
        """Whether it comes from a plugin file, or from another package."""
        return self.owner != OURS

    def type_of(self, key: str) -> SettingType:
        """The values that a setting takes."""
        return self.types[key] if key in self.types else by_default(self.settings[key])

    def counts(self, key: str) -> bool:
        """Whether a setting takes whole numbers and no text, so that `0..29` names thirty of them."""
        return key in self.settings and int in self.type_of(key).plain and str not in self.type_of(key).plain

    def address(self, settings: Mapping[str, Any]) -> str:
        """The name, with the settings that differ from their defaults in brackets."""
        changed = {
            key: self.type_of(key).written(settings[key])
            for key in sorted(settings)
            if not _same(settings[key], self.settings[key])
        }
        return joined(self.name, changed)

    def choose(self, changes: Mapping[str, Any]) -> Choice:
        """The plugin with some settings changed; ValueError for an unknown setting or a wrong value."""
        for key in changes:
            if key not in self.settings:
                raise ValueError(self._no_setting(key))
        settings = dict(self.settings)
        for key, value in changes.items():
            kind = self.type_of(key)
            try:
                settings[key] = kind.fitted(value)
            except UnfitError:
                message = kind.refusal(key, value, self.settings[key])
                raise ValueError(f"{self.sort} {self.name}: {message}") from None
        return Choice(self, settings)

    def _no_setting(self, key: str) -> str:
        known = ", ".join(sorted(self.settings)) or "none"
        now, called = RENAMED.get(key, ("", ""))
        why = f", which is called {called} now" if now in self.settings else ""
        if self.sort == "method" and key in PREPARING:
            what = "length" if key == "unequal" else "scale"
            why = f", because it reads every example at its own {what}"
        return f"{self.sort} {self.name} has no setting {key!r}{why}; its settings: {known}"


@dataclass(frozen=True)
class Choice:
    """A plugin with a value for each of its settings."""

    plugin: Plugin
    settings: Mapping[str, Any]

    @property
    def address(self) -> str:
        """`name` or `name[setting=value,...]`."""
        return self.plugin.address(self.settings)

    @property
    def label(self) -> str:
        """What a reader calls it: a file of the user goes by its name."""
        return label(self.plugin.name, self.settings, self.address)


@dataclass(frozen=True)
class Broken:
    """A plugin file that could not be read, and why."""

    owner: str
    path: str
    reason: str


@dataclass(frozen=True)
class Registry:
    """All plugins by name."""

    methods: Mapping[str, Plugin]
    datasets: Mapping[str, Plugin]
    broken: tuple[Broken, ...] = ()

    def select_methods(self, patterns: Iterable[str]) -> list[Choice]:
        """The methods that `patterns` name (names, glob patterns, `name[setting=value]`), each once.

        `setting=0..4` stands for the five whole numbers.
        """
        return _select(self.methods, patterns, "method")

    def select_datasets(self, patterns: Iterable[str]) -> list[Choice]:
        """The data sets that `patterns` name, each once."""
        return _select(self.datasets, patterns, "dataset")


def discover(files: Sequence[str | Path] = ()) -> Registry:
    """Read every installed plugin and the plugin `files`, without importing any of them.

    The environment variable RECURBENCH_PLUGINS=0 leaves out plugins of other packages. ValueError if two
    plugins have the same name, or one of `files` cannot be read.
    """
    plugins: list[Plugin] = []
    broken: list[Broken] = []
    third_parties = os.environ.get("RECURBENCH_PLUGINS", "1") != "0"
    for group in ("recurbench.methods", "recurbench.datasets"):
        for point in importlib.metadata.entry_points(group=group):
            owner = point.dist.name if point.dist else point.name
            if owner != OURS and not third_parties:
                continue
            for module, path in _module_files(point.value, owner, broken):
                _collect(path, module, owner, plugins, broken)
    for file in files:
        path = Path(file).resolve()
        if not path.is_file():
            raise ValueError(f"--plugin {file}: no such file; give the path of a Python file")
        _collect(path, module_name(path), str(file), plugins, broken)
        for unreadable in broken:
            if unreadable.path == str(path):
                raise ValueError(f"--plugin {file}: {unreadable.reason}")
    return Registry(_by_name(plugins, "method"), _by_name(plugins, "dataset"), tuple(broken))


def load(plugin: Plugin) -> Callable[..., Any]:
    """Import the plugin's file and return its function."""
    function: Callable[..., Any] = getattr(importlib.import_module(plugin.module), plugin.function)
    return function


def _module_files(value: str, owner: str, broken: list[Broken]) -> list[tuple[str, Path]]:
    """The modules of an entry point: the module itself, and every public module if it is a package."""
    spec = located(value)
    if spec is None or spec.origin is None:
        why = f"the entry point names {value}, which is no module and no folder with an __init__.py"
        broken.append(Broken(owner, value, why))
        return []
    files = [(value, Path(spec.origin))]
    for folder in spec.submodule_search_locations or ():
        for path in sorted(Path(folder).glob("*.py")):
            if not path.stem.startswith("_"):
                files.append((f"{value}.{path.stem}", path))
    return files


def _collect(path: Path, module: str, owner: str, plugins: list[Plugin], broken: list[Broken]) -> None:
    try:
        plugins.extend(read(path, module, owner))
    except (OSError, SyntaxError, ValueError) as error:
        broken.append(Broken(owner, str(path), f"{type(error).__name__}: {error}"))


def _by_name(plugins: Iterable[Plugin], sort: str) -> dict[str, Plugin]:
    table: dict[str, Plugin] = {}
    for plugin in plugins:
        if plugin.sort != sort:
            continue
        other = table.setdefault(plugin.name, plugin)
        if other is not plugin:
            raise ValueError(
                f"two {sort}s are called {plugin.name!r}: one of {other.owner} in {other.path}, "
                f"one of {plugin.owner} in {plugin.path}; rename one, or set RECURBENCH_PLUGINS=0 to leave "
                "out third parties"
            )
    return dict(sorted(table.items()))


def read(path: Path, module: str, owner: str) -> list[Plugin]:
    """The plugins in a file, read from its text; ValueError names the line that is wrong."""
    text = source(path, module)
    if path_of(module) is not None:
        refuse_hidden(path)
    plugins: list[Plugin] = []
    for node in text.tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and _called(mark.func) in ("method", "dataset"):
                plugins.extend(_plugins(node, mark, text, path, module, owner))
    return plugins


def _called(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _plugins(
    node: ast.FunctionDef, mark: ast.Call, text: Source, path: Path, module: str, owner: str
) -> Iterable[Plugin]:
    sort = _called(mark.func)
    where = f"{path.name}, line {node.lineno}, {node.name}"
    declaration = signature(node, sort, where, text)
    arguments = _arguments(mark, sort, where)
    _check_arguments(arguments, declaration.settings, where)
    search = {
        key: tuple(
            declared({key: value}, declaration.types, where, "a value to search of")[key] for value in values
        )
        for key, values in arguments.get("search", {}).items()
    }
    overrides = arguments.get("overrides", {})
    for name, changes in ((arguments["name"], {}), *arguments.get("variants", {}).items()):
        changed = dict(changes)
        role = changed.pop("role", arguments.get("role", "contender"))
        changed = declared(changed, declaration.types, where, f"in the variant {name},")
        # Settings that make it a variant are not tuned, or it would become another variant.
        fixed = {*changed, *(idle for key in changed for idle in overrides.get(key, ()))}
        yield Plugin(
            name=name,
            sort=sort,
            function=node.name,
            module=module,
            path=path,
            owner=owner,
            kinds=frozenset(arguments["kinds"]),
            role=role,
            settings={**declaration.settings, **changed},
            types=declaration.types,
            takes=declaration.takes,
            family=arguments.get("family", ""),
            recurrence=arguments.get("recurrence", "none"),
            search={key: values for key, values in search.items() if key not in fixed},
            overrides=overrides,
            files=arguments.get("files", ()),
            summary=(ast.get_docstring(node) or "").split("\n")[0],
        )


def _arguments(mark: ast.Call, sort: str, where: str) -> dict[str, Any]:
    """The arguments of the decorator by name; its signature says which are allowed."""
    values = [literal(arg, f"{where}: name") for arg in mark.args]
    arguments = {key.arg or "**": literal(key.value, f"{where}: {key.arg}") for key in mark.keywords}
    try:
        bound = inspect.signature(method if sort == "method" else dataset).bind(*values, **arguments)
    except TypeError as error:
        raise ValueError(f"{where}: @{sort}(...): {error}") from None
    given = {key: value for key, value in bound.arguments.items() if value is not None}
    for key, form in (
        ("kinds", set),
        ("kind", str),
        ("search", dict),
        ("variants", dict),
        ("files", tuple),
        ("overrides", dict),
    ):
        if not isinstance(given.get(key, form()), form):
            raise ValueError(f"{where}: {key} must be a {form.__name__}, got {given[key]!r}")
    return given if sort == "method" else {**given, "kinds": {given.get("kind")}}


def _check_arguments(arguments: Mapping[str, Any], settings: Mapping[str, Any], where: str) -> None:
    variants = arguments.get("variants", {})
    for name in (arguments.get("name"), *variants):
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ValueError(f"{where}: a plugin's name is lower-case words joined by hyphens, got {name!r}")
    if not arguments.get("kinds") or not all(isinstance(kind, str) for kind in arguments["kinds"]):
        raise ValueError(f"{where}: the decorator needs a kind of task, got {arguments.get('kinds')}")
    if not all(isinstance(changes, dict) for changes in variants.values()):
        raise ValueError(f"{where}: variants must hold a dict of settings by name, got {variants!r}")
    for key, values in arguments.get("search", {}).items():
        if not isinstance(values, tuple | list) or not values:
            raise ValueError(f"{where}: search must hold a tuple of values for {key}, got {values!r}")
    overrides = arguments.get("overrides", {})
    for key, names in overrides.items():
        if not isinstance(names, tuple | list):
            raise ValueError(f"{where}: overrides must hold a tuple of settings for {key}, got {names!r}")
    for key, known in (("family", FAMILIES), ("recurrence", RECURRENCE), ("role", ROLES)):
        for value in (arguments.get(key, known[0]), *(v.get(key, known[0]) for v in variants.values())):
            if value not in known:
                raise ValueError(f"{where}: {key} must be one of {', '.join(known)}; got {value!r}")
    if arguments.get("family") == "recurrent" and arguments.get("recurrence", "none") == "none":
        raise ValueError(f"{where}: family recurrent needs recurrence='learned' or 'linear'")
    named = {what: arguments.get(what, ()) for what in ("search", "files")}
    named["overrides"] = (*overrides, *(name for names in overrides.values() for name in names))
    for what, keys in {**named, **{name: set(v) - {"role"} for name, v in variants.items()}}.items():
        for key in sorted(set(keys) - set(settings)):
            raise ValueError(f"{where}: {what} names {key}, which is not a setting of the function")


def _select(table: Mapping[str, Plugin], patterns: Iterable[str], sort: str) -> list[Choice]:
    chosen: dict[str, Choice] = {}
    for pattern in patterns:
        name, bracket = split_address(pattern)
        matches = [key for key in table if fnmatch.fnmatchcase(key, name)]
        if not matches:
            raise ValueError(unknown(name, table, sort))
        for key in matches:
            for changes in spread(bracket, [name for name in bracket if table[key].counts(name)]):
                choice = table[key].choose(changes)
                chosen.setdefault(choice.address, choice)
    return list(chosen.values())


def unknown(name: str, known: Iterable[str], sort: str) -> str:
    """The error message for an unknown name, with the nearest known names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(names)}"
    return f"no {sort} is called {name!r}; {hint}"


def _same(one: Any, other: Any) -> bool:
    """Equal in value and type: True differs from 1, and the share 1.0 from the number 1."""
    return repr(one) == repr(other)
