"""Fonts for pictures that carry their letters with them, PNG and PDF: which installed one has Hangul."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from matplotlib.font_manager import FontEntry, findSystemFonts, fontManager, get_font

SYLLABLES = "가힣"  # the first and the last of the block
# Sans-serif ones first; any other that has the syllables will do as well.
KNOWN = (
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Noto Sans CJK JP",  # of the collection that holds all of them, the first
    "Source Han Sans KR",
    "NanumGothic",
    "NanumBarunGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "UnDotum",
)


@cache
def hangul() -> str | None:
    """The family of an installed font with Hangul, as matplotlib finds it; None where there is none."""
    return family_of(fontManager.ttflist) or family_of(_new())


def family_of(fonts: Iterable[FontEntry]) -> str | None:
    """The family among these fonts that Hangul is set in; None where none has it."""
    entries = sorted(fonts, key=lambda font: (_place(font.name), font.name, font.fname))
    return next((font.name for font in entries if _has(font.fname)), None)


def _place(name: str) -> int:
    return KNOWN.index(name) if name in KNOWN else len(KNOWN)


@cache
def _has(path: str) -> bool:
    try:
        known = get_font(path).get_charmap()
    except (OSError, RuntimeError, ValueError):  # gone since it was listed, or no font after all
        return False
    glyphs = {known.get(ord(letter)) for letter in SYLLABLES}
    # A font of last resort has one box for all of them.
    return None not in glyphs and len(glyphs) == len(SYLLABLES)


def _new() -> list[FontEntry]:
    """Fonts with Hangul that were installed after matplotlib made its list, which it keeps for good."""
    listed = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in listed and _has(path):
            fontManager.addfont(path)
    return [font for font in fontManager.ttflist if font.fname not in listed]
