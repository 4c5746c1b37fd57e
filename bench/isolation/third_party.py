"""Third-party plugins in this process: what they change is found by comparison, said, and never stood on.

A process knows its state before the first third-party code (start) and after the import of a third-party
method (own): what a plugin sets at its import belongs to its own cells, which run in no other process. After
each of its cells the settings of `process_state` are brought back to that, and whatever else was changed
makes the process one that nothing more may be computed in (`changed`).
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

# What scores, keys and measured costs are computed with.
GROUND = ("recurbench", "numpy", "builtins", "math", "hashlib", "json", "time", "resource", "statistics")
# Printed or opened in a browser when imported, by whoever names them.
NEVER = {"antigravity", "this"}


@dataclass
class _House:
    """The state of this process, as far as third parties are concerned."""

    names: Names
    start: process_state.Values
    own: process_state.Values
    admitted: set[str] = field(default_factory=set)
    at_import: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


_house: _House | None = None
# Files beside a plugin file that it imported and its key does not hold, by the plugin's module.
_late: dict[str, set[Path]] = {}


def _entered(plugin: Plugin) -> _House:
    """The house, whose state was noted before the first code of any guest ran."""
    global _house
    preload(plugin)
    if _house is None:
        state = process_state.settings()
        _house = _House(Names(), state, state)
    else:
        _house.names.extend()
    return _house


def preload(plugin: Plugin) -> None:
    """Import what the plugin's code names, wherever in it: or nobody could tell what it changed there."""
    for name in sorted(provenance.named(plugin) - NEVER):
        if watched(name) and name not in sys.modules:
            with suppress(
                Exception
            ):  # a name in a module is none, and what is missing the plugin may do without
                importlib.import_module(name)


def begin() -> None:
    """Forget what was known of the process: a run in a process of somebody else's starts here."""
    global _house
    _house = None


def admit(plugin: Plugin) -> None:
    """Import a third-party method, and note the state that its cells begin with; once in a process."""
    if _house is not None and plugin.module in _house.admitted:
        return
    house = _entered(plugin)
    try:
        load(plugin)
    finally:
        house.at_import += house.names.replaced()
        house.names.accept()
        house.own = process_state.settings()
        house.admitted.add(plugin.module)


def touched() -> list[str]:
    """What guests replaced of that which scores stand on."""
    if _house is None:
        return []
    found = [*_house.at_import, *_house.names.replaced(GROUND)]
    return [words for words in found if not words.startswith("added") and _root(words) in GROUND]


def _root(words: str) -> str:
    return words.split()[-1].partition(".")[0]


def late_imports(plugin: Plugin, before: Collection[str]) -> str:
    """What a plugin file imported from its folder that its key does not hold, with the remedy, or "".

    The key is made from the imports that stand in the text; a name that is made while it runs cannot be read
    there. before: the names of the modules that were loaded when the plugin's code began.
    """
    if path_of(plugin.module) is None:
        return ""
    folder = plugin.path.parent.resolve()
    found = _late.setdefault(plugin.module, set())
    for name in set(sys.modules) - set(before):
        given, top = getattr(sys.modules.get(name), "__file__", None), name.partition(".")[0]
        # Modules that torch makes say names of files that there are not.
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
    """After a guest's cell: bring its settings back, and remember what stays changed, which is returned."""
    if _house is None:
        return []
    process_state.bring_back(_house.own)
    found = [f"changed {words}" for words in process_state.differences(_house.own)]
    _house.changed += found + _house.names.replaced()
    return list(_house.changed)


def changed() -> list[str]:
    """What guests changed for good in this process, in words; nothing more may be computed in it then."""
    return [] if _house is None else list(_house.changed)


def since_start() -> list[str]:
    """What is not as it was before the first guest: its import counts too."""
    if _house is None:
        return []
    settings = [f"changed {words}" for words in process_state.differences(_house.start)]
    return [*settings, *_house.at_import, *_house.changed]


@contextmanager
def building(plugin: Plugin) -> Iterator[None]:
    """Run code of a dataset: settings come back after it, and ValueError says what else it changed.

    A problem is for methods of everybody, so no method runs where building it replaced what they use.
    """
    if not plugin.foreign:
        yield
        return
    house = _entered(plugin)
    before, loaded = process_state.settings(), set(sys.modules)
    # In a program of somebody else's, what it replaced since is not the doing of this dataset.
    known = set(house.names.replaced())
    try:
        yield
    finally:
        process_state.bring_back(before)
        found = [f"changed {words}" for words in process_state.differences(before)]
        found += [words for words in house.names.replaced() if words not in known]
        house.changed += found
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
