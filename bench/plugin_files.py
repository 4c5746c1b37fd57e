"""Plugin files given by path: each is a module of its own, which child processes can import by its name too.

The module of a file is called `recurbench.plugin_files.NAME`, and NAME holds the path. A function of the file
can so be sent to any child process (multiprocessing, joblib, concurrent.futures): the child imports this
module, which adds the finder below, and the finder loads the file. A file may import modules that stand
beside it. Its folder comes last in `sys.path`, so an installed package is never replaced by a file there.
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

# A module with a path is a package: files are looked for below it, by the finder alone.
__path__: list[str] = []
PREFIX = f"{__name__}."
_folders: set[str] = set()  # that loading plugin files has added to sys.path


def added(folder: str) -> bool:
    """Whether a folder stands in `sys.path` only because a plugin file from there was loaded."""
    return folder in _folders


def module_name(path: Path) -> str:
    """The name of the module that a plugin file is loaded as; it holds the absolute path of the file."""
    return f"{PREFIX}{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}_{os.fsencode(path).hex()}"


def path_of(module: str) -> Path | None:
    """The plugin file that a module's name stands for, None for any other module."""
    if not module.startswith(PREFIX):
        return None
    try:
        path = Path(os.fsdecode(bytes.fromhex(module.rpartition("_")[2])))
    except ValueError:
        return None
    return path if path.is_absolute() else None


def code_name(module: str) -> str:
    """What the hash of a plugin's code calls a module: for plugin files without the folder they lie in."""
    path = path_of(module)
    return module if path is None else f"_recurbench_plugin_{path.stem}"


def beside(name: str, folder: Path) -> ModuleSpec | None:
    """The module or package of this top-level name that stands in a folder.

    A folder without __init__.py counts where a Python file lies below it and no module of its name is
    installed.
    """
    spec = inside(name, [str(folder)])
    if spec is None or spec.origin is not None:
        return spec
    found = _elsewhere(name)
    hidden = found is not None and (found.origin is not None or found.loader is not None)
    return None if hidden or not _with_files(spec) else spec


def inside(name: str, places: list[str]) -> ModuleSpec | None:
    """The module, package or folder of a name without dots that stands in one of these folders."""
    spec = PathFinder.find_spec(name, places)
    if spec is None or spec.origin is not None:
        return spec
    # Python's list of such folders follows `sys.path`, and here they are asked for alone.
    own = ModuleSpec(name, None, is_package=True)
    own.submodule_search_locations = list(spec.submodule_search_locations or ())
    return own


def _with_files(spec: ModuleSpec) -> list[Path]:
    """The folders of a package without __init__.py below which a Python file lies."""
    folders = map(Path, spec.submodule_search_locations or ())
    return [folder.resolve() for folder in folders if next(folder.rglob("*.py"), None) is not None]


def companions(path: Path) -> dict[str, Path]:
    """The modules beside a plugin file that it imports, or that these import, with their files."""
    found: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        for name in sorted(_imported(waiting.pop()) - found.keys()):
            own = beside(name, path.parent)
            if own is not None:
                found[name] = Path(own.origin or _with_files(own)[0])
                if found[name].suffix == ".py":
                    waiting.append(found[name])
    return found


def refuse_hidden(path: Path) -> None:
    """ValueError where a plugin file imports a name that is both installed and the name of a file beside it.

    Python would take the installed one, and whoever wrote both may have meant the other. So too where it
    imports relative to a package, for a plugin file is in none.
    """
    found = companions(path)
    for name, own in found.items():
        if _installed(name, own):
            raise ValueError(
                f"`import {name}` in {path.name} would mean the installed {name}, and {own} beside it "
                "has the same name; rename that file"
            )
    alone = (own for own in found.values() if own.suffix == ".py" and own.name != "__init__.py")
    for file in (path, *alone):
        _refuse_relative(file)


def _refuse_relative(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    # What stands in a `try` may fail.
    tried = [one for node in ast.walk(tree) if isinstance(node, ast.Try) for one in node.body]
    spared = {id(node) for one in tried for node in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in spared:
            plain = ast.ImportFrom(node.module, node.names, 0) if node.module else ast.Import(node.names)
            raise ValueError(
                f"{path.name}, line {node.lineno}: a plugin file is in no package; "
                f"write `{ast.unparse(plain)}`"
            )


def _installed(name: str, own: Path) -> bool:
    """Whether Python finds another module of this name, not counting folders of plugin files."""
    if name in sys.builtin_module_names:
        return True
    spec = _elsewhere(name)
    if spec is None:
        return False
    if spec.origin is None and spec.loader is None:
        # A folder without __init__.py gives way to any module, and Python joins several such folders.
        return own.is_dir() and any(folder != own.resolve() for folder in _with_files(spec))
    return spec.origin is None or Path(spec.origin).resolve() != own.resolve()


def _elsewhere(name: str) -> ModuleSpec | None:
    """What Python finds under this name, not counting folders of plugin files."""
    places = [folder for folder in sys.path if folder not in _folders]
    finders = (finder for finder in sys.meta_path if finder is not PathFinder)
    found = (finder.find_spec(name, None) for finder in finders)
    return next((each for each in found if each is not None), None) or PathFinder.find_spec(name, places)


def _imported(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


class _Loader(SourceFileLoader):
    """Loads a plugin file with its folder at the end of `sys.path`."""

    def exec_module(self, module: ModuleType) -> None:
        path = Path(self.path)
        for name, own in companions(path).items():
            other = sys.modules.get(name)
            # A folder without __init__.py has no file, and the first place where Python looks in it.
            loaded = getattr(other, "__file__", None) or next(iter(getattr(other, "__path__", ())), None)
            if loaded is not None and Path(loaded).resolve() != own.resolve():
                raise ImportError(
                    f"`import {name}` in {path.name} means {own}, and this process has loaded {loaded} under "
                    "the same name; rename one of them, or run them with --jobs 1: each method has a process "
                    "of its own there"
                )
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
            _folders.add(str(path.parent))
        super().exec_module(module)


class _Finder:
    """Finds the files that module names below this one stand for."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        path = path_of(name)
        if path is None:
            return None
        return spec_from_file_location(name, path, loader=_Loader(name, str(path)))


if not any(getattr(finder, "__name__", "") == _Finder.__name__ for finder in sys.meta_path):
    sys.meta_path.append(_Finder)
