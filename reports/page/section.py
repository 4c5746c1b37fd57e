"""What a page is made of. All strings are plain text; the page escapes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A figure. svg: trusted markup of our own drawing. alt: what it shows, for those who cannot see it."""

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table: rows of as many cells as the header has.

    numeric: columns that align right and sort as numbers. notes: lines below it.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prose:
    """Paragraphs."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """Lines to type into a shell."""

    lines: tuple[str, ...]


Part = Picture | Grid | Prose | Command


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading and an anchor; `within` are sections one level down."""

    anchor: str
    title: str
    parts: tuple[Part, ...]
    within: tuple[Section, ...] = ()


def of_what_there_is(anchor: str, title: str, parts: Iterable[Part | None]) -> Section | None:
    """A section of the parts that a run has data for; None where it has none of them."""
    found = tuple(part for part in parts if part is not None)
    return Section(anchor, title, found) if found else None
