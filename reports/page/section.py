"""What a page is made of. All strings are plain text; the page escapes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class Link(str):
    """Words that lead to the first of some anchors that is on the page; plain words where none is.

    hint: what is shown on demand, such as the full address of a method.
    """

    anchors: tuple[str, ...]
    hint: str

    def __new__(cls, text: str, *anchors: str, hint: str = "") -> Link:
        """The words `text`, which lead to `anchors`."""
        link = super().__new__(cls, text)
        link.anchors, link.hint = anchors, hint
        return link


class Folded(str):
    """A text too long for its place: the page shows its `start`, and all of it when the reader opens it."""

    start: str
    whole: str

    def __new__(cls, text: str, start: str) -> Folded:
        """The whole `text`, which may hold links, and its plain `start`."""
        folded = super().__new__(cls, text)
        folded.start, folded.whole = start, text
        return folded


class Rich(str):
    """A plain text made of parts, of which some are links or folded: a cell, a note or a paragraph."""

    parts: tuple[str, ...]

    def __new__(cls, *parts: str) -> Rich:
        """The parts one after the other."""
        text = super().__new__(cls, "".join(parts))
        text.parts = parts
        return text


@dataclass(frozen=True)
class Picture:
    """A figure. svg: trusted markup of our own drawing. alt: what it shows, for those who cannot see it."""

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table: rows of as many cells as the header has.

    numeric: columns that align right and sort as numbers. notes: lines below it. anchors: by row the place
    that links lead to, "" for a row without one. cards: on a narrow screen every row stands as a block of its
    own, with the header beside each cell, and nothing scrolls sideways.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    cards: bool = False


@dataclass(frozen=True)
class Prose:
    """Paragraphs."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """Lines to type into a shell."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """A list of terms: the anchor, the term and its meaning of each."""

    entries: tuple[tuple[str, str, str], ...]


Part = Picture | Grid | Prose | Command | Terms


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading and an anchor; `within` are sections one level down, folded."""

    anchor: str
    title: str
    parts: tuple[Part, ...]
    within: tuple[Section, ...] = ()


def of_what_there_is(anchor: str, title: str, intro: str, parts: Iterable[Part | None]) -> Section | None:
    """A section of the parts that a run has data for, below an introduction; None where it has none."""
    held = tuple(part for part in parts if part is not None)
    return Section(anchor, title, (Prose((intro,)), *held)) if held else None
