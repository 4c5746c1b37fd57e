"""The values that a setting takes, and how a given value is held against them."""

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
FEW = 12  # words that a sentence lists


class UnfitError(ValueError):
    """A value that a setting does not take."""


@dataclass(frozen=True)
class SettingType:
    """The values that one setting takes. Without any field, it takes none.

    plain: the types allowed. words: the values listed by `Literal`. none: whether None is allowed. bounds:
    (int or float, sign, limit). sequence: tuple or list, with `items` the type of every element, or where
    `places` is true one type per element. anything: no value is refused.
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
        """Values of either type; of two lists the first decides."""
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
        """`value` as the setting takes it; UnfitError says what is wanted.

        The words true, false and none in any case stand for True, False and None unless the setting takes
        words. A whole number stands for a float and the other way round: 1.0 for 1. A single value stands
        for a list of one.
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
        """What a word stands for in a setting that takes no words of its own."""
        meant = {"true": True, "false": False}.get(word.lower())
        if meant is not None and (bool in self.plain or _among(meant, self.words)):
            return meant
        return None if word.lower() == "none" and self.none else self._one(word)

    def _one(self, value: Any) -> Any:
        """A list of the one value, where the setting takes a list of any length."""
        if self.sequence is None or self.places or value is None or isinstance(value, list | tuple):
            raise UnfitError(f"wanted {self.description}")
        return self._listed((value,))

    def _listed(self, values: list[Any] | tuple[Any, ...]) -> Any:
        own = self.items if self.places else self.items * len(values)
        if self.sequence is None or len(own) != len(values):
            raise UnfitError(f"wanted {self.description}")
        try:
            return self.sequence(item.fitted(value) for item, value in zip(own, values, strict=True))
        except UnfitError:
            raise UnfitError(f"wanted {self.description}") from None

    def _bounded(self, value: Any) -> Any:
        finite = not isinstance(value, float) or math.isfinite(value)
        kind = type(value)
        own = [SIGNS[sign][1](value, limit) for of, sign, limit in self.bounds if of is kind]
        if not finite or not all(own):
            raise UnfitError(f"wanted {self.description}")
        return value

    @property
    def description(self) -> str:
        """What the setting takes, in words: "'a' or 'b'", "a whole number of at least 1 or None"."""
        if self.anything:
            return "any value"
        found = [repr(word) for word in self.words]
        for kind in self.plain:
            own = [f"{SIGNS[sign][0]} {limit:g}" for of, sign, limit in self.bounds if of is kind]
            limits = " and ".join(own)
            between = " of " if limits.startswith("at ") else " " if limits else ""
            found.append(WORDS.get(kind, f"a {kind.__name__}") + between + limits)
        if self.sequence and self.items:
            size = f" of {len(self.items)} values" if self.places else ""
            found.append(f"a list{size} (each {self.items[0].description})")
        elif self.sequence:
            found.append("an empty list")
        if self.none:
            found.append("None")
        return f"{', '.join(found[:-1])} or {found[-1]}" if len(found) > 1 else "".join(found)

    def refusal(self, key: str, value: Any, default: Any) -> str:
        """The sentence that refuses `value`: what was seen, what was wanted, what to write."""
        seen = shown(value)
        words = [str(word) for word in self.words]
        # What is no word, such as True, is near to none: it only looks like its letters.
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
            # What was typed is not known: 1e5 and 100000.0 are one number and two file names.
            example = f"{key}='...', the text as it stands between the quotes"
        elif isinstance(value, str) and self._takes(_literal(value)):
            example = f"{key}={value}, without quotes"
        return f"{key} is {seen}, wanted {wanted}; write {example}"

    def _quoted(self, value: Any) -> Any:
        """A whole number, True or False as the text it is written as, where the setting takes it; else None.

        A word of the setting in another case is that word.
        """
        if isinstance(value, list | tuple) and self.sequence and not self.places:
            own = [one if isinstance(one, str) else self.items[0]._quoted(one) for one in value]
            return None if None in own or not self._takes(own) else self.sequence(own)
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
        """`value` as an address writes it: a whole float as 3 where no whole number means anything else."""
        if isinstance(value, float) and value.is_integer() and int not in self.plain and abs(value) < 1e15:
            return int(value)
        return value


ANYTHING = SettingType(anything=True)


def by_default(value: Any) -> SettingType:
    """What a setting without a usable annotation takes: values of the type of its default, anything for None.

    A list or tuple: any number of values of the types that its elements have.
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
    """A scalar or array of numpy, a path or a subclass of str, int or float as the plain value it holds."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        plain = value.tolist()
        # A long double has no plain Python value of its own, and gives itself.
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
    """The other types that a number is read as."""
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
