"""Which dicts and functions were changed since they were last looked at, read from two fields of CPython.

Comparing all names of all libraries takes 50 ms, and each job of a third-party method needs it. CPython gives
a dict a new version number with every change (PEP 509, Python 3.11 to 3.13), and a function holds pointers to
its code and defaults. Reading both takes 2 ms; only what changed is then compared by name.

Both fields are tried out first. Where an interpreter has them elsewhere, everything counts as changed.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import FunctionType, MappingProxyType
from typing import Any

import numpy as np

WORD = 8  # bytes of a pointer
# Fields of an object in front of the one that is read: its reference count and type, then for a dict the
# number of its items, and for a function its globals, builtins, name and qualified name. Both in words.
DICT_VERSION = 3, 1
FUNCTION_INSIDE = 6, 3
# The words of this process's memory at some places, as one array; nothing else is read. It is the compiled
# method of an array over all addresses: a plugin cannot replace it, and nothing can print that array.
START, END = 1 << 12, 1 << 48
WORDS_AT: Callable[[Any], Any] = np.frombuffer(
    memoryview((ctypes.c_uint64 * ((END - START) // WORD)).from_address(START)), np.uint64
).__getitem__


class Fields:
    """One field of many objects, with the words that it held when each object was last accepted.

    field: its offset in an object and its size, in words. The caller keeps the objects alive.
    """

    def __init__(self, field: tuple[int, int], readable: bool) -> None:
        self._offset, self._size = field
        self._readable = readable
        self._count = 0
        self._places = array("q")
        self._accepted = bytearray()

    def extend(self, objects: Iterable[object]) -> None:
        """Look at these objects too, behind those that are there; they are accepted as they are."""
        for each in objects:
            self._count += 1
            if self._readable:
                first = (id(each) - START) // WORD + self._offset
                self._places.extend(range(first, first + self._size))
                self._accepted += ctypes.string_at(START + first * WORD, self._size * WORD)

    def changed(self) -> list[int]:
        """The places of all objects that may have changed since they were accepted."""
        if not self._readable:
            return list(range(self._count))
        now = WORDS_AT(self._places).tobytes() if self._count else b""
        if now == self._accepted:
            return []
        words = enumerate(zip(memoryview(now).cast("Q"), memoryview(self._accepted).cast("Q"), strict=True))
        return sorted({word // self._size for word, (one, other) in words if one != other})

    def accept(self, place: int) -> None:
        """Take what the object at this place holds now for unchanged."""
        if self._readable:
            held = slice(place * self._size * WORD, (place + 1) * self._size * WORD)
            first = self._places[place * self._size]
            self._accepted[held] = ctypes.string_at(START + first * WORD, self._size * WORD)


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
    if not _laid_out_as_known(dict, DICT_VERSION) or sys.version_info >= (3, 14):
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

    if not _laid_out_as_known(FunctionType, FUNCTION_INSIDE):
        return False
    held = (ctypes.c_void_p * 3).from_address(id(sample) + FUNCTION_INSIDE[0] * WORD)
    return [*held] == [id(sample.__code__), id(sample.__defaults__), id(sample.__kwdefaults__)]


def _laid_out_as_known(kind: type, field: tuple[int, int]) -> bool:
    """Whether this is CPython with pointers of 8 bytes, and objects of this type hold the field."""
    known = sys.implementation.name == "cpython" and ctypes.sizeof(ctypes.c_void_p) == WORD
    return known and kind.__basicsize__ >= sum(field) * WORD and START < id(kind) < END
