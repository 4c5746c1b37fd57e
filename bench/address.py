"""Read and write addresses: a name with settings, `name[setting=value,...]`."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SHOWN = 60  # characters of a value in a sentence
FORM = "name[setting=value,...]"
QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
RANGE = re.compile(r"(\d{1,9})\.\.(\d{1,9})")
MOST = 1000  # numbers of a range
CLOSES = {"(": ")", "[": "]"}
# The data sets that read a file of the user, and what the names of their runs begin with.
OWN_DATA = {"csv": "csv", "own-classes": "cases", "own-values": "cases"}
NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


def split_list(text: str) -> list[str]:
    """Split `a,b[c=1,d=2]` into names; a comma inside brackets does not split, and empty names are left out.

    A bracket that is not closed runs to the end; reading the name reports the error.
    """
    names: list[str] = []
    depth, start = 0, 0
    for i, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth == 0:
            names.append(text[start:i].strip())
            start = i + 1
    names.append(text[start:].strip())
    return [name for name in names if name]


def split_address(text: str) -> tuple[str, dict[str, Any]]:
    """Split `name[a=1,b=word,c=(x,y)]` into the name and the settings.

    A value that is a Python literal is read as one, any other as text. Text in a list or tuple needs no
    quotes either. ValueError if the address cannot be read.
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
    """Why a text is not a name with an optional bracket."""
    opened, closed = text.count("["), text.count("]")
    if text and not text.startswith("[") and opened > closed:
        return "is not a name: a bracket is not closed"
    if text and closed > opened:
        return "is not a name: a bracket is closed that was not opened"
    return "is not a name"


@functools.lru_cache(maxsize=10_000)  # the suites name the same few settings thousands of times
def _value(text: str) -> tuple[Any, str]:
    """The value at the beginning of `text`, and the rest: empty, or beginning with a comma."""
    for end in (*_commas(text), len(text)):
        try:
            return ast.literal_eval(text[:end].strip()), text[end:]
        except NO_LITERAL:
            continue
    stripped = text.lstrip()
    if stripped[:1] in CLOSES:
        return _list(stripped)
    return _word(text)


def _word(text: str) -> tuple[str, str]:
    """The text up to the next comma; ValueError if it is empty or its brackets do not match."""
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
    """The tuple or list at the beginning of `text`, and the rest."""
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
        raise ValueError(f"holds {cut(text)}, which must be in quotes")
    return text


def _commas(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign == ","]


def spread(settings: Mapping[str, Any], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Write a range of whole numbers, such as `0..29`, as one set of settings for each number.

    Parameters
    ----------
    settings : mapping
        As `split_address` reads them.
    keys : sequence of str
        The settings that take whole numbers; a text with two points in another setting is no range.

    Returns
    -------
    list of dict
        The settings, once for each number; of two ranges once for each pair.

    Raises
    ------
    ValueError
        If a range ends before it begins, or has more than MOST numbers.
    """
    found = [dict(settings)]
    for key in keys:
        match = RANGE.fullmatch(value) if isinstance(value := settings[key], str) else None
        if match is None:
            continue
        first, last = int(match[1]), int(match[2])
        if not first <= last < first + MOST:
            wrong = "ends before it begins" if last < first else f"has more than {MOST:,} numbers"
            raise ValueError(f"{key}={value} {wrong}; write for example {key}=0..29")
        found = [{**one, key: number} for one in found for number in range(first, last + 1)]
    return found


def joined(name: str, settings: Mapping[str, Any]) -> str:
    """Write `name[a=1,b=word]` as `split_address` reads it; only `name` without settings."""
    written = ",".join(f"{key}={value_text(value)}" for key, value in settings.items())
    return f"{name}[{written}]" if written else name


def short(address: str, among: Sequence[str]) -> str:
    """The address without settings that all addresses of the same method in `among` share."""
    name, settings = split_address(address)
    namesakes = [each for other, each in map(split_address, among) if other == name]
    differing = {
        key: value for key, value in settings.items() if any(each.get(key) != value for each in namesakes)
    }
    return joined(name, differing)


def run_name(dataset: str, file: Path) -> str:
    """The name of a run on a file of the user: csv-NAME for series, cases-NAME for labelled cases.

    The first word keeps its folder apart from those of the suites.
    """
    return f"{OWN_DATA[dataset]}-{file.stem.strip('.') or 'data'}"


def label(dataset: str, settings: Mapping[str, Any], address: str) -> str:
    """The name of a problem for readers: its address, or the name, frequency and horizon of a user's file."""
    if dataset not in OWN_DATA or not settings.get("path"):
        return address
    horizon = f"horizon {settings['of_horizon']}" if settings.get("of_horizon") else ""
    file = Path(str(settings["path"]))
    # A folder per data set often names its files alike.
    name = f"{file.parent.name}/{file.name}" if file.stem.lower() in ("train", "training") else file.name
    return " ".join(filter(None, (name, settings.get("frequency"), horizon)))


def shown(value: Any) -> str:
    """A value for a message: the first SHOWN characters of its repr."""
    return cut(repr(value))


def cut(text: str) -> str:
    """The first SHOWN characters of a text, with dots if it is longer."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def value_text(value: Any) -> str:
    """A value as `split_address` reads it back; text has quotes only if it needs them."""
    word = isinstance(value, str) and re.fullmatch(r"[\w./:+-]+", value) and _value(value)[0] == value
    return str(value) if word else repr(value)
