"""The settings of the function of a plugin, read from its text: names, defaults and types."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recurbench.setting_types import ANYTHING, BOUND, LISTS, PLAIN, SettingType, UnfitError, by_default
from recurbench.settings import RESERVED, Field, Source, literal, shared


@dataclass(frozen=True)
class Signature:
    """Settings with their defaults, their types, and the reserved arguments that the function takes."""

    settings: Mapping[str, Any]
    types: Mapping[str, SettingType]
    takes: frozenset[str]


def signature(node: ast.FunctionDef, sort: str, where: str, source: Source) -> Signature:
    """The signature of a method or data set; ValueError says what is wrong with it."""
    positional = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    wanted, reserved, form = 0, RESERVED[:1], "(*, dial=default, ...)"
    if sort == "method":
        wanted, reserved, form = 2, RESERVED, "(task, train, *, setting=default, ...)"
    if len(positional) != wanted or node.args.vararg or node.args.kwarg:
        raise ValueError(f"{where}: the signature must be {form}, got ({', '.join(positional)})")
    fields: dict[str, Field] = {}
    takes = set()
    for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if arg.arg in reserved:
            takes.add(arg.arg)
            continue
        settings: dict[str, Field] | None
        if default is not None:
            value = literal(default, f"{where}: the default of {arg.arg}")
            settings = {arg.arg: Field(arg.annotation, value, source)}
        else:
            kind = arg.annotation
            named = sort == "method" and isinstance(kind, ast.Name)
            settings = shared(source, kind.id, where) if named and isinstance(kind, ast.Name) else None
        if settings is None:
            raise ValueError(f"{where}: the setting {arg.arg} needs a default")
        for name in settings.keys() & (fields.keys() | set(reserved)):
            raise ValueError(f"{where}: {arg.arg} contains {name}, which the function has already")
        fields |= settings
    if "seeds" in takes and "seed" not in takes:
        raise ValueError(f"{where}: a method that takes `seeds` must also take `seed`")
    types = {name: _type(field) for name, field in fields.items()}
    defaults = {name: field.default for name, field in fields.items()}
    return Signature(declared(defaults, types, where, "the default of"), types, frozenset(takes))


def declared(
    values: Mapping[str, Any], types: Mapping[str, SettingType], where: str, what: str
) -> dict[str, Any]:
    """Check and convert values in the text of a plugin; ValueError for one that its setting does not take."""
    converted = {}
    for name, value in values.items():
        try:
            converted[name] = types[name].fitted(value)
        except UnfitError as error:
            raise ValueError(
                f"{where}: {what} {name} is {value!r}, {error}; change the value, or annotate {name} with a "
                "type that takes it"
            ) from None
    return converted


def _type(field: Field) -> SettingType:
    """The type of a setting: from its annotation, or from its default if the annotation cannot be read."""
    kind = annotated(field.annotation, field.source)
    return by_default(field.default) if kind is None else kind


def annotated(node: ast.expr | None, source: Source, depth: int = 0) -> SettingType | None:
    """The type of an annotation; None if it cannot be read from the text.

    These can be read: bool, int, float, str, None, Any, Literal, Optional, Union, `|`, Annotated with bounds
    such as ">= 1", tuple and list, and names assigned to one of these in the file or in one it imports from.
    """
    if depth > 20:  # a name that is defined by itself
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return SettingType(none=True)
        return _quoted(node.value, source, depth) if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], source, depth)
    if isinstance(node, ast.Subscript):
        return _subscript(node, source, depth)
    name = _last(node)
    if name in PLAIN:
        return SettingType((PLAIN[name],))
    if name in LISTS:
        return SettingType(sequence=LISTS[name], items=(ANYTHING,))
    if name in ("Any", "object"):
        return ANYTHING
    return _alias(name, source, depth) if isinstance(node, ast.Name) else None


def _last(node: ast.expr | None) -> str:
    """`Literal` of `Literal` and `typing.Literal`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _quoted(text: str, source: Source, depth: int) -> SettingType | None:
    try:
        return annotated(ast.parse(text, mode="eval").body, source, depth + 1)
    except SyntaxError:
        return None


def _alias(name: str, source: Source, depth: int) -> SettingType | None:
    """The type of a name that the file assigns or imports."""
    try:
        found = source.find(name)
    except (ValueError, OSError, SyntaxError):
        return None
    if found is None or not isinstance(found[0], ast.Assign | ast.AnnAssign):
        return None
    return annotated(found[0].value, found[1], depth + 1)


def _union(nodes: list[ast.expr], source: Source, depth: int) -> SettingType | None:
    found = SettingType()
    for node in nodes:
        own = annotated(node, source, depth + 1)
        if own is None:
            return None
        found |= own
    return found


def _subscript(node: ast.Subscript, source: Source, depth: int) -> SettingType | None:
    name = _last(node.value)
    inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return _listed(inside, source, depth)
    if name == "Optional":
        return _union([*inside, ast.Constant(None)], source, depth)
    if name == "Union":
        return _union(inside, source, depth)
    if name == "Annotated":
        return _bounded(annotated(inside[0], source, depth + 1), inside[1:])
    if name not in LISTS:
        return None
    many = LISTS[name] is list or name == "Sequence" or _last_is_dots(inside)
    items = [annotated(each, source, depth + 1) for each in (inside[:1] if many else inside)]
    known = tuple(item for item in items if item is not None)
    return (
        SettingType(sequence=LISTS[name], items=known, places=not many) if len(known) == len(items) else None
    )


def _last_is_dots(nodes: list[ast.expr]) -> bool:
    return len(nodes) == 2 and isinstance(nodes[1], ast.Constant) and nodes[1].value is ...


def _listed(nodes: list[ast.expr], source: Source, depth: int) -> SettingType | None:
    """The values of `Literal[...]`; a Literal may hold others."""
    found = SettingType()
    for node in nodes:
        own = annotated(node, source, depth + 1) if isinstance(node, ast.Subscript | ast.Name) else None
        if own is None:
            try:
                value = ast.literal_eval(node)
            except (ValueError, TypeError):
                return None
            own = SettingType(none=True) if value is None else SettingType(words=(value,))
        found |= own
    return found


def _bounded(found: SettingType | None, marks: list[ast.expr]) -> SettingType | None:
    """A type with the bounds in its annotations; other annotations are ignored."""
    if found is None:
        return None
    words = [mark.value for mark in marks if isinstance(mark, ast.Constant) and isinstance(mark.value, str)]
    read = [match.groups() for word in words if (match := BOUND.fullmatch(word))]
    bounds = tuple(
        (kind, sign, float(at)) for kind in found.plain for sign, at in read if kind in (int, float)
    )
    return found | SettingType(bounds=bounds)
