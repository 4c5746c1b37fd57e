"""How settings are written behind a name: `name[setting=value,...]`, read and written."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 60  # characters of a value in a sentence
FORM = "name[setting=value,...]"
QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
CLOSES = {"(": ")", "[": "]"}
NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


def split_address(text: str) -> tuple[str, dict[str, Any]]:
    """`name[a=1,b=word,c=(x,y)]` -> the name and the settings in the bracket.

    A value is a Python literal; a list or tuple may hold words without quotes; anything else is a word.
    """
    match = re.fullmatch(r"([^\[\]]+)(?:\[(.*)\])?", text.strip(), re.DOTALL)
    if match is None:
        raise ValueError(f"{shown(text)} {_fault(text.strip())}; write name or {FORM}")
    settings: dict[str, Any] = {}
    rest = (match.group(2) or "").strip()
    while rest:
        found = re.match(r"\s*([A-Za-z_]\w*)\s*=", rest)
        if found is None:
            raise ValueError(f"{shown(text)}: cannot read {shown(rest)}; write {FORM}")
        key = found.group(1)
        if key in settings:
            raise ValueError(f"{shown(text)} gives {cut(key)} twice; write each setting once")
        try:
            settings[key], rest = _value(rest[found.end() :])
        except ValueError as error:
            raise ValueError(f"{shown(text)}: {cut(key)} {error}; write {FORM}") from None
        if rest.startswith(",") and not rest[1:].strip():
            raise ValueError(f"{shown(text)} ends in a comma; write {FORM}")
        rest = rest[1:]
    return match.group(1).strip(), settings


def _fault(text: str) -> str:
    """What keeps a text from being a name with an optional bracket."""
    opened, closed = text.count("["), text.count("]")
    if text and not text.startswith("[") and opened > closed:
        return "is not a name: a bracket is not closed"
    if text and closed > opened:
        return "is not a name: a bracket is closed that was not opened"
    return "is not a name"


@functools.lru_cache(maxsize=10_000)  # the suites name the same few settings thousands of times
def _value(text: str) -> tuple[Any, str]:
    """The value that `text` begins with, and what follows it: nothing, or a comma and more."""
    for end in (*_commas(text), len(text)):
        try:
            return ast.literal_eval(text[:end].strip()), text[end:]
        except NO_LITERAL:
            continue
    own = text.lstrip()
    if own[:1] in CLOSES:
        return _list(own)
    return _word(text)


def _word(text: str) -> tuple[str, str]:
    """The word up to the next comma; ValueError where there is none or its brackets do not match."""
    end = next(iter(_commas(text)), len(text))
    word = text[:end].strip()
    if not word:
        raise ValueError("has no value")
    if word[0] in "'\"":
        raise ValueError(f"is {cut(word)}, a quote that is not closed")
    depth = 0
    for sign in word:
        depth += (sign == "[") - (sign == "]")
        if depth < 0:
            break
    if depth:
        raise ValueError(f"is {cut(word)}, with a bracket that has no partner")
    return word, text[end:]


def _list(text: str) -> tuple[Any, str]:
    """The tuple or list of words and literals that `text` begins with, and what follows it."""
    close, rest, values = CLOSES[text[0]], text[1:], []
    while True:
        inside = rest.lstrip()
        if inside.startswith(close):
            break
        quoted = QUOTED.match(inside)
        start = quoted.end() if quoted else 0
        end = next((i for i in range(start, len(inside)) if inside[i] in f",{close}"), None)
        if end is None:
            raise ValueError(f"is {cut(text)}, a bracket that is not closed")
        values.append(_element(inside[:end].strip()))
        rest = inside[end + 1 :] if inside[end] == "," else inside[end:]
    after = inside[1:].lstrip()
    if after and not after.startswith(","):
        raise ValueError(f"is {cut(text)}, where a comma must follow the {close}")
    return (values if close == "]" else tuple(values)), after


def _element(text: str) -> Any:
    if not text:
        raise ValueError("has an empty place in its list")
    try:
        return ast.literal_eval(text)
    except NO_LITERAL:
        pass
    if set(text) & set("()[]'\""):
        raise ValueError(f"holds {cut(text)}, which must be in quotes of its own")
    return text


def _commas(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign == ","]


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


def shown(value: Any) -> str:
    """A value as a sentence shows it: the first SHOWN characters of its repr."""
    return cut(repr(value))


def cut(text: str) -> str:
    """The first SHOWN characters of a text; dots stand for the rest."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def value_text(value: Any) -> str:
    """A value as `split_address` reads it back, whatever follows: a bare word where that is enough."""
    word = isinstance(value, str) and re.fullmatch(r"[\w./:+-]+", value) and _value(value)[0] == value
    return str(value) if word else repr(value)
