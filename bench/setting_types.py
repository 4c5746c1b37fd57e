"""The type of a setting: which values it takes, conversion of a value, and error messages."""

from __future__ import annotations

import ast
import difflib
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from recurbench.address import shown, value_text

PLAIN = {"bool": bool, "int": int, "float": float, "str": str}
LISTS = {"tuple": tuple, "Tuple": tuple, "Sequence": tuple, "list": list, "List": list}
WORDS = {bool: "True or False", int: "a whole number", float: "a finite number", str: "text"}
BOUND = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*")
SIGNS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    ">=": ("at least", lambda value, limit: value >= limit),
    ">": ("above", lambda value, limit: value > limit),
    "<=": ("at most", lambda value, limit: value <= limit),
    "<": ("below", lambda value, limit: value < limit),
}
FEW = 12  # a message lists up to so many allowed words


class UnfitError(ValueError):
    """A value that is not allowed for a setting."""


@dataclass(frozen=True)
class SettingType:
    """The values that one setting takes; by default none.

    plain: allowed types. words: the values of a `Literal`. none: whether None is allowed. bounds: (int or
    float, sign, limit). sequence: tuple or list. items: the type of every element, or with `places` one type
    per element. anything: every value is allowed.
    """

    plain: tuple[type, ...] = ()
    words: tuple[Any, ...] = ()
    none: bool = False
    bounds: tuple[tuple[type, str, float], ...] = ()
    sequence: type | None = None
    items: tuple[SettingType, ...] = ()
    places: bool = False
    anything: bool = False

    def __or__(self, other: SettingType) -> SettingType:
        """Values of either type; if both are lists, the list type of the first."""
        listed = self if self.sequence else other
        return SettingType(
            tuple(dict.fromkeys((*self.plain, *other.plain))),
            (*self.words, *(word for word in other.words if not _among(word, self.words))),
            self.none or other.none,
            (*self.bounds, *other.bounds),
            listed.sequence,
            listed.items,
            listed.places,
            self.anything or other.anything,
        )

    def fitted(self, value: Any) -> Any:
        """Convert `value` to the type of the setting; UnfitError says which values are allowed.

        The words true, false and none, in upper or lower case, become True, False and None, unless the
        setting takes text. A whole number can stand for a float, and 1.0 for 1. A single value becomes a list
        of one.
        """
        value = _python(value)
        if self.anything:
            return value
        if isinstance(value, list | tuple) and self.sequence:
            return self._listed(value)
        if (value is None and self.none) or _among(value, self.words):
            return value
        for kind in (type(value), *_stands_for(value)):
            if kind in self.plain:
                return self._bounded(_converted(value, kind))
        if isinstance(value, str):
            return self._read(value)
        equal = [word for word in self.words if _number(word) and _number(value) and word == value]
        if equal:
            return equal[0]
        return self._one(value)

    def _read(self, word: str) -> Any:
        """The value that a word stands for in a setting that takes no text."""
        meant = {"true": True, "false": False}.get(word.lower())
        if meant is not None and (bool in self.plain or _among(meant, self.words)):
            return meant
        return None if word.lower() == "none" and self.none else self._one(word)

    def _one(self, value: Any) -> Any:
        """A list with this value, if the setting takes a list of any length."""
        if self.sequence is None or self.places or value is None or isinstance(value, list | tuple):
            raise UnfitError(f"wanted {self.description}")
        return self._listed((value,))

    def _listed(self, values: list[Any] | tuple[Any, ...]) -> Any:
        types = self.items if self.places else self.items * len(values)
        if self.sequence is None or len(types) != len(values):
            raise UnfitError(f"wanted {self.description}")
        try:
            return self.sequence(item.fitted(value) for item, value in zip(types, values, strict=True))
        except UnfitError:
            raise UnfitError(f"wanted {self.description}") from None

    def _bounded(self, value: Any) -> Any:
        finite = not isinstance(value, float) or math.isfinite(value)
        kind = type(value)
        within = [SIGNS[sign][1](value, limit) for of, sign, limit in self.bounds if of is kind]
        if not finite or not all(within):
            raise UnfitError(f"wanted {self.description}")
        return value

    @property
    def description(self) -> str:
        """The allowed values as text: "'a' or 'b'", "a whole number of at least 1 or None"."""
        if self.anything:
            return "any value"
        parts = [repr(word) for word in self.words]
        for kind in self.plain:
            limits = " and ".join(
                f"{SIGNS[sign][0]} {limit:g}" for of, sign, limit in self.bounds if of is kind
            )
            between = " of " if limits.startswith("at ") else " " if limits else ""
            parts.append(WORDS.get(kind, f"a {kind.__name__}") + between + limits)
        if self.sequence and self.items:
            size = f" of {len(self.items)} values" if self.places else ""
            parts.append(f"a list{size} (each {self.items[0].description})")
        elif self.sequence:
            parts.append("an empty list")
        if self.none:
            parts.append("None")
        return f"{', '.join(parts[:-1])} or {parts[-1]}" if len(parts) > 1 else "".join(parts)

    def refusal(self, key: str, value: Any, default: Any) -> str:
        """The error message for `value`: the value, what is allowed, and what to write."""
        seen = shown(value)
        words = [str(word) for word in self.words]
        # Only text can be a misspelt word; True is not.
        near = difflib.get_close_matches(value, words, n=1, cutoff=0.5) if isinstance(value, str) else []
        wanted = self.description
        if len(words) > FEW:
            wanted = f"one of {len(words)} words"
        example = f"for example {key}={value_text(default)}"
        if near:
            example = f"{key}={near[0]}, the nearest"
        elif (quoted := self._quoted(value)) is not None:
            example = f"{key}={quoted!r}, with quotes"
        elif str in self.plain and isinstance(value, float):
            # The text as typed is lost: 1e5 and 100000.0 are one number, but two file names.
            example = f"{key}='...', the text as it stands between the quotes"
        elif isinstance(value, str) and self._takes(_literal(value)):
            example = f"{key}={value}, without quotes"
        return f"{key} is {seen}, wanted {wanted}; write {example}"

    def _quoted(self, value: Any) -> Any:
        """A whole number, True or False as text, if the setting takes it so; else None.

        A word that differs from a word of the setting in upper and lower case only becomes that word.
        """
        if isinstance(value, list | tuple) and self.sequence and not self.places:
            quoted = [one if isinstance(one, str) else self.items[0]._quoted(one) for one in value]
            return None if None in quoted or not self._takes(quoted) else self.sequence(quoted)
        if not isinstance(value, int):
            return None
        text = str(value)
        if str not in self.plain:
            text = next((w for w in self.words if isinstance(w, str) and w.lower() == text.lower()), "")
        if text:
            return text
        return self._quoted((value,)) if self.sequence else None

    def _takes(self, value: Any) -> bool:
        try:
            self.fitted(value)
        except UnfitError:
            return False
        return True

    def written(self, value: Any) -> Any:
        """`value` for an address: 3.0 is written as 3, unless the setting also takes integers."""
        if isinstance(value, float) and value.is_integer() and int not in self.plain and abs(value) < 1e15:
            return int(value)
        return value


ANYTHING = SettingType(anything=True)


def by_default(value: Any) -> SettingType:
    """The type of a setting without a usable annotation: that of its default; every value for None.

    A list or tuple: any number of values with the types of its elements.
    """
    if value is None:
        return ANYTHING
    if not isinstance(value, list | tuple):
        return SettingType((type(value),))
    item = ANYTHING
    if value:
        item = by_default(value[0])
        for other in value[1:]:
            item |= by_default(other)
    return SettingType(sequence=type(value), items=(item,))


def _python(value: Any) -> Any:
    """Convert numpy scalars and arrays, paths, and subclasses of str, int or float to plain Python values."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        plain = value.tolist()
        # `tolist` returns a long double unchanged, because Python has no such type.
        return float(plain) if type(plain) is type(value) else plain
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, float) else value


def _among(value: Any, words: tuple[Any, ...]) -> bool:
    return any(type(word) is type(value) and word == value for word in words)


def _number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _stands_for(value: Any) -> tuple[type, ...]:
    """The other types that a number can stand for."""
    if not _number(value):
        return ()
    if isinstance(value, int):
        return (float,)
    return (int,) if value.is_integer() else ()


def _converted(value: Any, kind: type) -> Any:
    if kind is not float:
        return int(value) if kind is int else value
    try:
        return float(value) + 0.0  # -0.0 is 0.0, so that one setting has one address
    except OverflowError:
        return math.inf


def _literal(word: str) -> Any:
    try:
        return ast.literal_eval(word)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return word
