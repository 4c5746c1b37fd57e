"""Plugin files given by path: each becomes a module that child processes can import by name.

The module of a file is called `recurbench.plugin_files.NAME`, and NAME encodes the path. A function in the
file can therefore be sent to any child process (multiprocessing, joblib, concurrent.futures): the child
imports this module, which installs the finder below, and the finder loads the file. A plugin file may import
modules in its folder. The folder is added at the end of `sys.path`, so that a file in it never replaces an
installed package.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

# A module with a `__path__` is a package. It is empty, so only the finder below finds modules in it.
__path__: list[str] = []
PREFIX = f"{__name__}."
_folders: set[str] = set()  # added to sys.path when plugin files were loaded


def added(folder: str) -> bool:
    """Whether a folder is in `sys.path` only because a plugin file in it was loaded."""
    return folder in _folders


def module_name(path: Path) -> str:
    """The module name of a plugin file; it encodes the absolute path."""
    return f"{PREFIX}{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}_{os.fsencode(path).hex()}"


def path_of(module: str) -> Path | None:
    """The plugin file of a module name, None for any other module."""
    if not module.startswith(PREFIX):
        return None
    try:
        path = Path(os.fsdecode(bytes.fromhex(module.rpartition("_")[2])))
    except ValueError:
        return None
    return path if path.is_absolute() else None


def code_name(module: str) -> str:
    """The name of a module in a code hash; that of a plugin file does not contain its folder."""
    path = path_of(module)
    return module if path is None else f"_recurbench_plugin_{path.stem}"


def beside(name: str, folder: Path) -> ModuleSpec | None:
    """The module or package with this top-level name in a folder.

    A folder without __init__.py counts if it contains a Python file and no module of its name is installed.
    """
    spec = inside(name, [str(folder)])
    if spec is None or spec.origin is not None:
        return spec
    other = _elsewhere(name)
    hidden = other is not None and (other.origin is not None or other.loader is not None)
    return None if hidden or not _with_files(spec) else spec


def inside(name: str, places: list[str]) -> ModuleSpec | None:
    """The module, package or folder with a name without dots in one of these folders."""
    spec = PathFinder.find_spec(name, places)
    if spec is None or spec.origin is not None:
        return spec
    # The list of folders in `spec` changes with `sys.path`; a copy does not.
    fixed = ModuleSpec(name, None, is_package=True)
    fixed.submodule_search_locations = list(spec.submodule_search_locations or ())
    return fixed


def _with_files(spec: ModuleSpec) -> list[Path]:
    """The folders of a package without __init__.py that contain a Python file."""
    folders = map(Path, spec.submodule_search_locations or ())
    return [folder.resolve() for folder in folders if next(folder.rglob("*.py"), None) is not None]


def companions(path: Path) -> dict[str, Path]:
    """The modules in the folder of a plugin file that it imports, directly or not, with their files."""
    files: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        for name in sorted(_imported(waiting.pop()) - files.keys()):
            spec = beside(name, path.parent)
            if spec is not None:
                files[name] = Path(spec.origin or _with_files(spec)[0])
                if files[name].suffix == ".py":
                    waiting.append(files[name])
    return files


def refuse_hidden(path: Path) -> None:
    """ValueError if a plugin file imports a name that is installed and also a file in the same folder.

    Python would import the installed one, but the author may have meant the file. Relative imports are an
    error too, because a plugin file is in no package.
    """
    files = companions(path)
    for name, file in files.items():
        if _installed(name, file):
            raise ValueError(
                f"`import {name}` in {path.name} would import the installed {name}, but {file} has the same "
                "name; rename that file"
            )
    alone = (file for file in files.values() if file.suffix == ".py" and file.name != "__init__.py")
    for file in (path, *alone):
        _refuse_relative(file)


def _refuse_relative(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    # An import inside `try` may fail.
    tried = [one for node in ast.walk(tree) if isinstance(node, ast.Try) for one in node.body]
    allowed = {id(node) for one in tried for node in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in allowed:
            plain = ast.ImportFrom(node.module, node.names, 0) if node.module else ast.Import(node.names)
            raise ValueError(
                f"{path.name}, line {node.lineno}: a plugin file is in no package; "
                f"write `{ast.unparse(plain)}`"
            )


def _installed(name: str, file: Path) -> bool:
    """Whether Python finds another module with this name, outside the folders of plugin files."""
    if name in sys.builtin_module_names:
        return True
    spec = _elsewhere(name)
    if spec is None:
        return False
    if spec.origin is None and spec.loader is None:
        # Python prefers any module to a folder without __init__.py, and joins several such folders.
        return file.is_dir() and any(folder != file.resolve() for folder in _with_files(spec))
    return spec.origin is None or Path(spec.origin).resolve() != file.resolve()


def _elsewhere(name: str) -> ModuleSpec | None:
    """The module that Python finds with this name, outside the folders of plugin files."""
    places = [folder for folder in sys.path if folder not in _folders]
    finders = (finder for finder in sys.meta_path if finder is not PathFinder)
    specs = (finder.find_spec(name, None) for finder in finders)
    return next((spec for spec in specs if spec is not None), None) or PathFinder.find_spec(name, places)


def _imported(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names


class _Loader(SourceFileLoader):
    """Loads a plugin file, with its folder at the end of `sys.path`."""

    def exec_module(self, module: ModuleType) -> None:
        path = Path(self.path)
        for name, file in companions(path).items():
            other = sys.modules.get(name)
            # A folder without __init__.py has no `__file__`; its first path is compared instead.
            loaded = getattr(other, "__file__", None) or next(iter(getattr(other, "__path__", ())), None)
            if loaded is not None and Path(loaded).resolve() != file.resolve():
                raise ImportError(
                    f"`import {name}` in {path.name} means {file}, but this process has loaded {loaded} "
                    "with the same name; rename one of them, or run with --jobs 1, where each method has its "
                    "own process"
                )
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
            _folders.add(str(path.parent))
        super().exec_module(module)


class _Finder:
    """Finds the plugin file of a module name below this module."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        path = path_of(name)
        if path is None:
            return None
        return spec_from_file_location(name, path, loader=_Loader(name, str(path)))


if not any(getattr(finder, "__name__", "") == _Finder.__name__ for finder in sys.meta_path):
    sys.meta_path.append(_Finder)
