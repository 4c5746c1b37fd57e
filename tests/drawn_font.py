"""A font with the Hangul that messages hold, drawn here, for machines on which none is installed."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from test_translation import KOREAN

NAME = "Drawn Hangul"


def _box(width: int, height: int):
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for place in ((50, height), (width, height), (width, 0)):
        pen.lineTo(place)
    pen.closePath()
    return pen.glyph()


def write(path: Path) -> Path:
    """Write the font to `path`: a bar of its own height for every syllable; returns the path."""
    letters = sorted({letter for text in (*KOREAN, "가힣") for letter in text if "가" <= letter <= "힣"})
    names = {ord(letter): f"uni{ord(letter):04X}" for letter in letters}
    glyphs = {".notdef": _box(900, 900)}
    glyphs |= {name: _box(900, 100 + place) for place, name in enumerate(names.values())}
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap(names)
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 50)))
    font.setupHorizontalHeader(ascent=900, descent=-100)
    font.setupNameTable({"familyName": NAME, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=900, usWinAscent=900, usWinDescent=100)
    font.setupPost()
    font.save(str(path))
    return path
