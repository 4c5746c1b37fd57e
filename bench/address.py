"""How settings are written behind a name: `name[setting=value,...]`, read and written."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any


def split_address(text: str) -> tuple[str, dict[str, Any]]:
    """`name[a=1,b=word]` -> the name and the settings in the bracket."""
    match = re.fullmatch(r"([^\[\]]+)(?:\[(.*)\])?", text.strip(), re.DOTALL)
    if match is None:
        raise ValueError(f"{text!r} is not a name; write name or name[setting=value,...]")
    settings: dict[str, Any] = {}
    rest = match.group(2) or ""
    while rest:
        found = re.match(r"\s*([A-Za-z_]\w*)\s*=", rest)
        if found is None:
            raise ValueError(f"{text!r}: cannot read {rest!r}; write name[setting=value,...]")
        settings[found.group(1)], rest = _value(rest[found.end() :])
    return match.group(1), settings


def _value(text: str) -> tuple[Any, str]:
    """The value `text` begins with, and what follows its comma: a literal up to some comma, else a word."""
    ends = [place for place, sign in enumerate(text) if sign == ","] + [len(text)]
    for end in ends:
        try:
            return ast.literal_eval(text[:end].strip()), text[end + 1 :]
        except (ValueError, TypeError, SyntaxError):
            continue
    return text[: ends[0]].strip(), text[ends[0] + 1 :]


def joined(name: str, settings: Mapping[str, Any]) -> str:
    """`name[a=1,b=word]` as `split_address` reads it, in the order of the settings; `name` without any."""
    written = ",".join(f"{key}={value_text(value)}" for key, value in settings.items())
    return f"{name}[{written}]" if written else name


def short(address: str, among: Sequence[str]) -> str:
    """The address without the settings in which no other of the same method differs."""
    name, settings = split_address(address)
    namesakes = [own for other, own in map(split_address, among) if other == name]
    kept = {key: value for key, value in settings.items() if any(own.get(key) != value for own in namesakes)}
    return joined(name, kept)


def value_text(value: Any) -> str:
    """A value as `split_address` reads it back, whatever follows: a bare word where that is enough."""
    word = isinstance(value, str) and re.fullmatch(r"[\w./:+-]+", value) and _value(value)[0] == value
    return str(value) if word else repr(value)
