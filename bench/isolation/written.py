"""Which dicts and functions were changed since they were last looked at, read from two fields of CPython.

Comparing all names of all libraries takes 50 ms, and each job of a third-party method needs it. CPython gives
a dict a new version number with every change (PEP 509, Python 3.11 to 3.13), and a function holds pointers to
its code and defaults. Reading both takes a fifth of that time; only what changed is then compared by name.

Both fields are tried out first. Where an interpreter has them elsewhere, everything counts as changed.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from types import FunctionType, MappingProxyType
from typing import Any

POINTER = ctypes.sizeof(ctypes.c_void_p)
# Fields of an object in front of the one that is read: its reference count and type, then for a dict the
# number of its items, and for a function its globals, builtins, name and qualified name.
DICT_VERSION = 3 * POINTER, 8
FUNCTION_INSIDE = 6 * POINTER, 3 * POINTER
RAW = attrgetter("raw")


class Fields:
    """One field of many objects, with the bytes that it held when each object was last accepted.

    field: its offset in an object and its size in bytes. The caller keeps the objects alive.
    """

    def __init__(self, field: tuple[int, int], readable: bool) -> None:
        self._offset, self._type = field[0], ctypes.c_char * field[1]
        self._readable = readable
        self._fields: list[Any] = []
        self._accepted: list[bytes] = []

    def extend(self, objects: Iterable[object]) -> None:
        """Look at these objects too, behind those that are there; they are accepted as they are."""
        new = [self._type.from_address(id(each) + self._offset) for each in objects]
        self._fields += new
        self._accepted += map(RAW, new)

    def changed(self) -> list[int]:
        """The places of all objects that may have changed since they were accepted."""
        if not self._readable:
            return list(range(len(self._fields)))
        now = [*map(RAW, self._fields)]
        if now == self._accepted:
            return []
        pairs = enumerate(zip(now, self._accepted, strict=True))
        return [place for place, (one, other) in pairs if one != other]

    def accept(self, place: int) -> None:
        """Take what the object at this place holds now for unchanged."""
        self._accepted[place] = self._fields[place].raw


def dict_versions() -> Fields:
    """The version numbers of dicts; pass `dict_of` of what shows a dict."""
    return Fields(DICT_VERSION, versions_readable())


def function_insides() -> Fields:
    """The pointers of functions to their code, defaults and defaults of keywords."""
    return Fields(FUNCTION_INSIDE, insides_readable())


def dict_of(names: Mapping[str, Any]) -> dict[str, Any]:
    """The dict itself, which `__dict__` of a class shows through a proxy."""
    if isinstance(names, MappingProxyType):
        (behind,) = gc.get_referents(names)
        names = behind
    assert isinstance(names, dict)
    return names


@cache
def versions_readable() -> bool:
    """Whether every way of changing a dict changes its version."""
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 14):
        return False

    class Sample:
        """Its dict is changed by setting attributes."""

    plain: dict[str, Any] = {"a": 1}
    acts: list[tuple[dict[str, Any], Callable[[], object]]] = [
        (plain, lambda: plain.update(a=2)),
        (plain, lambda: plain.__setitem__("a", 3)),
        (plain, lambda: plain.setdefault("b", 1)),
        (plain, lambda: plain.pop("b")),
        (plain, lambda: plain.__delitem__("a")),
        (plain, lambda: exec("global c; c = 1", plain)),
        (plain, plain.clear),
        (dict_of(vars(Sample)), lambda: setattr(Sample, "a", 1)),
        (dict_of(vars(Sample)), lambda: delattr(Sample, "a")),
    ]
    for changed, act in acts:
        fields = Fields(DICT_VERSION, True)
        fields.extend([changed])
        quiet = not fields.changed()
        act()
        if not (quiet and fields.changed()):
            return False
    return True


@cache
def insides_readable() -> bool:
    """Whether the pointers stand where they are read."""

    def sample(a: int = 1, *, b: int = 2) -> int:
        return a + b

    offset, size = FUNCTION_INSIDE
    if sys.implementation.name != "cpython" or FunctionType.__basicsize__ < offset + size:
        return False
    held = (ctypes.c_void_p * 3).from_address(id(sample) + offset)
    return [*held] == [id(sample.__code__), id(sample.__defaults__), id(sample.__kwdefaults__)]
