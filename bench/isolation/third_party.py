"""Third-party plugins in this process: their changes to it are found by comparison and reported.

The state of the process is noted before the first third-party code (`start`) and after the import of a
third-party method (`own`). What a plugin sets at its import is valid for its own cells, which run in no other
process. After each of its cells the settings of `process_state` are set back to `own`. If anything else was
changed (`changed`), nothing more may be computed in this process.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from recurbench import provenance
from recurbench.isolation import process_state
from recurbench.isolation.replaced import Names, watched
from recurbench.plugin_files import beside, path_of
from recurbench.registry import Plugin, load

# The modules that scores, keys and measured costs are computed with.
GROUND = ("recurbench", "numpy", "builtins", "math", "hashlib", "json", "time", "resource", "statistics")
# Importing these prints a text or opens a browser.
NEVER = {"antigravity", "this"}
# Its import replaces parts of `typing` before Python 3.13. torch brings it; many libraries import it late.
FIRST = "typing_extensions"


@dataclass
class _Process:
    """What is known of this process: its state before and after third-party code, and what stays changed."""

    names: Names
    start: process_state.Values
    own: process_state.Values
    admitted: set[str] = field(default_factory=set)
    at_import: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


_process: _Process | None = None
# By the module of a plugin: files of its folder that it imported and that its key does not include.
_late: dict[str, set[Path]] = {}


def _noted(plugin: Plugin) -> _Process:
    """The process, with its state noted before any third-party code ran."""
    global _process
    preload(plugin)
    if _process is None:
        state = process_state.settings()
        _process = _Process(Names(), state, state)
    else:
        _process.names.extend()
    return _process


def preload(plugin: Plugin) -> None:
    """Import all libraries that the plugin's code names: changes are found only in loaded modules."""
    for name in (FIRST, *sorted(provenance.named(plugin) - NEVER)):
        if (name == FIRST or watched(name)) and name not in sys.modules:
            # The name may be no module, and the plugin may not need a module that is missing.
            with suppress(Exception):
                importlib.import_module(name)


def begin() -> None:
    """Forget the noted state: a new run starts in a process that another program may have changed since."""
    global _process
    _process = None


def admit(plugin: Plugin) -> None:
    """Import a third-party method, and note the state that its cells begin with; once in a process."""
    if _process is not None and plugin.module in _process.admitted:
        return
    process = _noted(plugin)
    try:
        load(plugin)
    finally:
        process.at_import += process.names.replaced()
        process.names.accept()
        process.own = process_state.settings()
        process.admitted.add(plugin.module)


def touched() -> list[str]:
    """The names that third parties replaced in the modules that scores are computed with."""
    if _process is None:
        return []
    found = [*_process.at_import, *_process.names.replaced(GROUND)]
    return [words for words in found if not words.startswith("added") and _root(words) in GROUND]


def _root(words: str) -> str:
    return words.split()[-1].partition(".")[0]


def late_imports(plugin: Plugin, before: Collection[str]) -> str:
    """What a plugin file imported from its folder that its key does not include, with the remedy, or "".

    The key includes the files that the text of the plugin imports by name. A name that is put together at run
    time does not stand there. before: the names of the modules loaded before the plugin's code ran.
    """
    if path_of(plugin.module) is None:
        return ""
    folder = plugin.path.parent.resolve()
    found = _late.setdefault(plugin.module, set())
    for name in set(sys.modules) - set(before):
        given, top = getattr(sys.modules.get(name), "__file__", None), name.partition(".")[0]
        # Modules that torch generates give names of files that do not exist.
        if not isinstance(given, str) or not Path(given).is_absolute() or top == "recurbench":
            continue
        file = Path(given).resolve()
        if file.suffix != ".py" or folder not in file.parents or not file.is_file():
            continue
        if file.parent == folder or beside(top, folder) is not None:  # not what is installed below it
            found.add(file)
    found -= {file.resolve() for file in provenance.files(plugin)}
    if not found:
        return ""
    parts = (file.relative_to(folder).with_suffix("").parts for file in sorted(found))
    names = [".".join(own[:-1] if own[-1] == "__init__" else own) for own in parts]
    plain = " and ".join(f"`import {name}`" for name in names)
    return (
        f"imported {' and '.join(names)} from its folder by a name that is made while it runs, which the key "
        f"of a cell cannot follow; write a plain {plain} in {plugin.path.name}, so that a change of it is "
        "noticed"
    )


def settle() -> list[str]:
    """After a third-party cell: set the settings back, and return all that has stayed changed so far."""
    if _process is None:
        return []
    process_state.bring_back(_process.own)
    found = [f"changed {words}" for words in process_state.differences(_process.own)]
    _process.changed += found + _process.names.replaced()
    return list(_process.changed)


def changed() -> list[str]:
    """What third parties changed in this process for good; after that it may compute nothing more."""
    return [] if _process is None else list(_process.changed)


def since_start() -> list[str]:
    """What has changed since before the first third-party code, changes by its import included."""
    if _process is None:
        return []
    settings = [f"changed {words}" for words in process_state.differences(_process.start)]
    return [*settings, *_process.at_import, *_process.changed]


@contextmanager
def building(plugin: Plugin) -> Iterator[None]:
    """Run code of a dataset, then set the settings back; ValueError says what else it changed.

    All methods run on the problem, so none may run in a process where building it replaced what they use.
    """
    if not plugin.foreign:
        yield
        return
    process = _noted(plugin)
    before, loaded = process_state.settings(), set(sys.modules)
    # The calling program may have replaced names too, which this dataset did not do.
    known = set(process.names.replaced())
    try:
        yield
    finally:
        process_state.bring_back(before)
        found = [f"changed {words}" for words in process_state.differences(before)]
        found += [words for words in process.names.replaced() if words not in known]
        process.changed += found
    if found:
        raise ValueError(
            f"making it {listed(found)}, which all methods share; leave libraries and the process as they "
            "are, or do it in a child process"
        )
    late = late_imports(plugin, loaded)
    if late:
        raise ValueError(f"making it {late}")


def listed(found: list[str]) -> str:
    """The first three of what was changed, and how many there are."""
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"{', '.join(found[:3])}{more}"
