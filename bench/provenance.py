"""What a result depends on: the code of a plugin, the packages it imports, the machine."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from recurbench import catalogue
from recurbench.plugin_files import beside, code_name, path_of
from recurbench.registry import Choice, Plugin
from recurbench.settings import located

# Modules of this package that the predictions of every plugin may depend on.
SHARED = ("recurbench.task", "recurbench.methods", "recurbench.datasets", "recurbench.reading")

# Import packages that results may depend on.
PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "sklearn", "torch", "tslearn", "aeon", "pywt", "numba")
# The same for packages that an installation need not have; versions are recorded where they are installed.
OPTIONAL = ("chronos", "darts", "neuralforecast", "sktime", "statsforecast", "transformers")

# Public names that a plugin imports from the package, and whose code belongs to its own.
PUBLIC = {
    "recurbench.from_estimator": "recurbench.methods._estimators",
    "recurbench.from_forecaster": "recurbench.methods._forecasters",
    "recurbench.from_pipeline": "recurbench.methods._pipelines",
}
CLASS = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_]\w*")  # module:Class


def code_hash(plugin: Plugin) -> str:
    """A hash of the file of a plugin, of its own modules that it imports, and of package versions.

    Files are parsed, so comments and docstrings do not count. The runner and the reports are not included.
    """
    seen: dict[str, str] = {}
    outside: set[str] = set()
    _follow(plugin.module, plugin.path, _own(plugin), seen, outside)
    digest = hashlib.blake2b(digest_size=12)
    for module in sorted(seen, key=code_name):
        digest.update(f"{code_name(module)}={seen[module]}\n".encode())
    for package in sorted(outside):
        digest.update(f"{package}=={version(package)}\n".encode())
    digest.update(platform.python_version().encode())
    return digest.hexdigest()


def named(plugin: Plugin) -> set[str]:
    """Every module that a plugin imports, in its file and in its own modules."""
    names: set[str] = set()
    _follow(plugin.module, plugin.path, _own(plugin), {}, set(), names)
    return names


def files(plugin: Plugin) -> set[Path]:
    """The Python files that `code_hash` reads."""
    own, seen = _own(plugin), dict[str, str]()
    _follow(plugin.module, plugin.path, own, seen, set())
    return {plugin.path, *(path for module in seen if (path := own.find(module)) is not None)}


def _own(plugin: Plugin) -> _Own:
    if path_of(plugin.module) is not None:
        return _Own(SHARED, plugin.path.parent)
    package = plugin.module if plugin.path.name == "__init__.py" else plugin.module.rpartition(".")[0]
    return _Own((package, *SHARED))


_hashes: dict[tuple[str, Path], str] = {}
_data: dict[tuple[str, str], list[str]] = {}


def known_code_hash(plugin: Plugin) -> str:
    """`code_hash`, cached until `forget`: code is assumed not to change during a run."""
    place = (plugin.module, plugin.path)
    if place not in _hashes:
        _hashes[place] = code_hash(plugin)
    return _hashes[place]


def known_data(choice: Choice) -> list[str]:
    """Hashes of what a plugin reads, named by its settings or in the data folder; cached.

    A setting names a file, a folder (hidden files in it do not count), or a class as module:Class, of which
    the version of the package and its file count. One that is None, or of a method "", names nothing.
    ValueError or OSError if a file is missing.
    """
    place = (choice.plugin.sort, choice.address)
    if place not in _data:
        named = [choice.settings[name] for name in choice.plugin.files]
        if choice.plugin.sort == "method":
            hashes = [_content(str(value)) for value in named if value not in (None, "")]
        else:
            hashes = [_held(Path(str(value))) for value in named if value is not None]
            if choice.plugin.name in catalogue.datasets():
                hashes.append(catalogue.content(choice.plugin.name, choice.settings))
        _data[place] = hashes
    return _data[place]


def _content(named: str) -> str:
    """A hash of a file, of a folder or of the code behind module:Class."""
    path, match = Path(named), CLASS.fullmatch(named)
    if match is None or path.exists():
        return _held(path)
    file = _find(match[1])
    return f"{version(match[1].partition('.')[0])} {catalogue.file_hash(file) if file else ''}".strip()


def _held(path: Path) -> str:
    """A hash of a file, or of the names and contents of the files in a folder."""
    if path.is_dir():
        held = sorted(one for one in path.rglob("*") if one.is_file())
        own = [(one.relative_to(path), one) for one in held]
        lines = [
            f"{name.as_posix()}={catalogue.file_hash(one)}"
            for name, one in own
            if not any(part.startswith(".") for part in name.parts)
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return catalogue.file_hash(path)


def forget() -> None:
    """Clear the caches, so that every file and version is read again."""
    _hashes.clear()
    _data.clear()
    for cached in (_read, _find, version, versions, _distributions):
        cached.cache_clear()


@dataclass(frozen=True)
class _Own:
    """Which modules belong to a plugin: those of these packages, and those in the folder of a plugin file."""

    packages: tuple[str, ...]
    folder: Path | None = None

    def find(self, name: str) -> Path | None:
        """The file of a module that belongs to the plugin, else None."""
        if any(part and f"{name}.".startswith(f"{part}.") for part in self.packages):
            return _find(name)
        return _find(name, self.folder) if self.stands_beside(name) else None

    def stands_beside(self, name: str) -> bool:
        """Whether a name is that of a module in the folder of the plugin file, or inside such a module."""
        return self.folder is not None and beside(name.partition(".")[0], self.folder) is not None

    def above(self, name: str) -> list[str]:
        """The parent packages, in the folder of the plugin file, that an import of this name also runs."""
        parts = name.split(".")
        return [".".join(parts[:end]) for end in range(1, len(parts))] if self.stands_beside(name) else []


def _follow(
    module: str,
    path: Path,
    own: _Own,
    seen: dict[str, str],
    outside: set[str],
    named: set[str] | None = None,
) -> None:
    if module in seen:
        return
    names, seen[module] = _read(path, module)
    names = {PUBLIC.get(name, name) for name in names}
    if named is not None:
        named.update(names)
    above = {package for name in names for package in own.above(name)}
    for name in sorted(names | above):
        file, top = own.find(name), name.partition(".")[0]
        if file is not None:
            _follow(name, file, own, seen, outside, named)
        elif top not in ("recurbench", *sys.stdlib_module_names) and not own.stands_beside(top):
            outside.add(top)


@functools.cache
def _read(path: Path, module: str) -> tuple[set[str], str]:
    """The names a file imports, and a hash of its code without comments and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    names = _imported(nodes, module, path)
    for node in nodes:
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return names, hashlib.blake2b(ast.dump(tree).encode(), digest_size=12).hexdigest()


def _imported(nodes: Iterable[ast.AST], module: str, path: Path) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = node.module or ""
            if node.level:
                # In the __init__.py of a package the first dot is the package itself.
                up = node.level - (path.name == "__init__.py")
                base = module.rsplit(".", up)[0] if up else module
                parent = f"{base}.{parent}" if parent else base
            names.add(parent)
            names.update(f"{parent}.{alias.name}" for alias in node.names if parent)
    return names


@functools.cache
def _find(name: str, folder: Path | None = None) -> Path | None:
    spec = located(name, folder)
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


@functools.cache
def version(package: str) -> str:
    """The installed version of an import package, "" if it has none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return next((one.version for one in _distributions() if _brings(one, package)), "")


@functools.cache
def _distributions() -> list[importlib.metadata.Distribution]:
    return list(importlib.metadata.distributions())


def _brings(distribution: importlib.metadata.Distribution, package: str) -> bool:
    """Whether a distribution with another name installs this import package.

    Its list of files is searched as text, because parsing the lists takes as long as planning a run.
    """
    declared = distribution.read_text("top_level.txt")
    if declared:
        return package in declared.split()
    record = distribution.read_text("RECORD") or ""
    return re.search(rf"^{re.escape(package)}(/|\.py,|\.[^/,]*\.so,)", record, re.MULTILINE) is not None


@functools.cache
def machine() -> str:
    """Processor and number of cores."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = (line for line in info.read_text().splitlines() if line.startswith("model name"))
        model = next(lines, f": {model}").partition(":")[2].strip()
    return f"{model}, {os.cpu_count()} cores"


@functools.cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results may depend on."""
    found = {name: version(name) for name in (*PACKAGES, *OPTIONAL)}
    there = {name: number for name, number in found.items() if number or name in PACKAGES}
    return {"python": platform.python_version(), **there}
