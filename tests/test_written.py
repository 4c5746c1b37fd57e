"""Changed dicts and functions are found by two fields of the interpreter, and by everything without them."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from recurbench.isolation.written import (
    FUNCTION_INSIDE,
    Fields,
    dict_of,
    dict_versions,
    function_insides,
    insides_readable,
    versions_readable,
)

KNOWN = (3, 11) <= sys.version_info < (3, 14) and sys.implementation.name == "cpython"


def module() -> types.ModuleType:
    made = types.ModuleType("made")
    made.one = 1  # type: ignore[attr-defined]
    return made


CHANGES: dict[str, Callable[[types.ModuleType], object]] = {
    "set": lambda one: setattr(one, "one", 2),
    "added": lambda one: setattr(one, "two", 2),
    "removed": lambda one: delattr(one, "one"),
    "by item": lambda one: vars(one).__setitem__("one", 2),
    "by its own code": lambda one: exec("global one\none = 2", vars(one)),
    "emptied": lambda one: vars(one).clear(),
    "equal and another object": lambda one: setattr(one, "one", 1.0),
}


@pytest.mark.skipif(not KNOWN, reason="the fields are known of CPython 3.11 to 3.13")
def test_the_fields_are_read_where_they_are_known() -> None:
    assert versions_readable()
    assert insides_readable()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_dict_that_was_changed_is_found_until_it_is_accepted(change: Callable[[Any], object]) -> None:
    modules = [module(), module(), module()]
    fields = dict_versions()
    fields.extend([vars(one) for one in modules])
    change(modules[1])
    assert 1 in fields.changed()
    if versions_readable():
        assert fields.changed() == [1]
        fields.accept(1)
        assert fields.changed() == []


def test_the_dict_of_a_class_is_found_behind_its_proxy() -> None:
    class Sample:
        pass

    fields = dict_versions()
    fields.extend([dict_of(vars(Sample))])
    Sample.added = 1  # type: ignore[attr-defined]
    assert dict_of(vars(Sample))["added"] == 1
    assert fields.changed() == [0]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("__code__", (lambda a, b: a).__code__),
        ("__defaults__", (3,)),
        ("__defaults__", None),
        ("__kwdefaults__", {"b": 3}),
    ],
)
def test_a_function_that_was_rewritten_is_found(part: str, value: object) -> None:
    def one(a: int, b: int = 1) -> int:
        return a

    def other(a: int, b: int = 1) -> int:
        return a

    fields = function_insides()
    fields.extend([one, other])
    setattr(other, part, value)
    assert 1 in fields.changed()
    assert not insides_readable() or fields.changed() == [1]


def test_without_the_fields_everything_may_have_changed() -> None:
    fields = Fields(FUNCTION_INSIDE, readable=False)
    fields.extend([module, test_a_function_that_was_rewritten_is_found])
    assert fields.changed() == [0, 1]
    fields.accept(0)
    assert fields.changed() == [0, 1]
