"""From a matplotlib figure to SVG for a page, or to a file; drawn once and remembered by what it shows."""

from __future__ import annotations

import hashlib
import io
import logging
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from recurbench.reports.figures.fonts import hangul
from recurbench.reports.figures.palette import FAINT, INK, NAMED, PAPER, RULE

FORMS = ("svg", "png", "pdf")
MISSING = r"Glyph \d+ .* missing from font"  # how matplotlib says so
# Text stays text: it can be searched, read aloud and set in the reader's own font.
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": INK.light,
    "axes.edgecolor": FAINT.light,
    "axes.labelcolor": INK.light,
    "axes.titlecolor": INK.light,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": False,
    "grid.color": RULE.light,
    "xtick.color": INK.light,
    "ytick.color": INK.light,
    "legend.frameon": False,
    "legend.labelcolor": INK.light,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}
# A hundredth of a point is finer than any screen; matplotlib writes six digits.
_DRAWN = re.compile(r'\b(?:d|x|y|transform)="[^"]*"')
_LONG = re.compile(r"(-?\d+\.\d\d)\d+")
_BREAK = re.compile(r"(?: ?\n)?([MLCQz])[ \n]?")
_FONT = re.compile(r"(?:'[^']*'(?:, )?)+(?:sans-serif)?")  # matplotlib names every font it looked for
_SHORTHAND = re.compile(r"(?:(?P<words>[\w ]+) )?(?P<size>[\d.]+px) (?P<family>.+)")


def identifier(name: str) -> str:
    """`name` as an id and a file name: as it is where it can be one, else its letters and a hash of it."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        return name
    letters = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")
    return f"{letters or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def draw(make: Callable[[], Figure], name: str) -> str:
    """The figure that `make` draws as SVG markup; `name` sets its ids apart from those of other figures.

    The same figure gives the same text: no date, no random ids.
    """
    stream, name = io.StringIO(), identifier(name)
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        # The reader's font sets the text, so what matplotlib's own lacks is not missing.
        warnings.filterwarnings("ignore", MISSING)
        make().savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", text, flags=re.DOTALL)
    # What matplotlib's own style sheet says, as attributes that everything inside inherits.
    text = text.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    text = re.sub(r'(<\w[^<>]*?\s)style="([^"]*)"', lambda found: found[1] + _attributes(found[2]), text)
    text = re.sub(r"\s*\n\s*", "\n", text)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\g<1>#{name}-", text)
    return _DRAWN.sub(lambda place: _BREAK.sub(r"\1", _LONG.sub(r"\1", place[0])), text)


def _attributes(style: str) -> str:
    """An inline style as presentation attributes, which a strict Content-Security-Policy lets pass."""
    said: dict[str, str] = {}
    for part in style.split(";"):
        name, _, value = (word.strip() for word in part.partition(":"))
        if name == "font" and (short := _SHORTHAND.fullmatch(value)):
            said.update({"font-size": short["size"], "font-family": short["family"]})
            for word in (short["words"] or "").split():
                said["font-weight" if word.isdigit() or word == "bold" else "font-style"] = word
        elif value:
            said[name] = value
    if "font-family" in said:
        said["font-family"] = _FONT.sub("sans-serif", said["font-family"])
    return " ".join(f'{name}="{value}"' for name, value in said.items())


def themed(svg: str) -> str:
    """The same markup with every colour of the palette as a variable of the page, light or dark."""
    for name, look in NAMED.items():
        svg = svg.replace(look.light, f"var(--{name})")
    return svg


def save(make: Callable[[], Figure], path: Path) -> bool:
    """Write the figure as its suffix says, on white; ValueError for a form that is not known.

    Returns whether every letter of it is drawn: PNG and PDF lack those that no installed font has.
    """
    form = path.suffix.lstrip(".")
    if form not in FORMS:
        raise ValueError(f"{path} asks for a figure as {form or 'nothing'}; known: {', '.join(FORMS)}")
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
    families = ["sans-serif", *filter(None, [hangul() if form != "svg" else None])]
    own: dict[Any, Any] = {
        "font.family": families,
        "svg.hashsalt": path.stem,
        "savefig.facecolor": PAPER.light,
    }
    log = logging.getLogger("matplotlib.font_manager")
    # It tells of every weight that a font has under another number; the nearest is what is wanted.
    log.addFilter(_other_than_weights)
    try:
        with matplotlib.rc_context({**STYLE, **own}), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            make().savefig(path, format=form, dpi=200, bbox_inches="tight", metadata=undated)
    finally:
        log.removeFilter(_other_than_weights)
    lacking = [one for one in said if re.match(MISSING, str(one.message))]
    for one in said:
        if one not in lacking:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return form == "svg" or not lacking


def _other_than_weights(record: logging.LogRecord) -> bool:
    return "Failed to find font weight" not in record.getMessage()


class Drawn:
    """Figures remembered in a folder, by the hash of what is shown and the version of the drawing code.

    keep: whether what is drawn anew is written there; otherwise the folder is only read.
    """

    def __init__(self, folder: Path | None, version: str, keep: bool = True) -> None:
        self.folder, self._version, self._keep = folder, version, keep
        self.made = 0

    def __call__(self, name: str, of: str, make: Callable[[], Figure]) -> str:
        """The SVG of figure `name`, drawn only where no one drew the same before."""
        name = identifier(name)
        if self.folder is None:
            self.made += 1
            return draw(make, name)
        digest = hashlib.sha256("\0".join((self._version, name, of)).encode()).hexdigest()[:24]
        path = self.folder / f"{name}-{digest}.svg"
        if path.exists():
            return path.read_text(encoding="utf-8")
        svg = draw(make, name)
        self.made += 1
        if not self._keep:
            return svg
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob(f"{name}-{'[0-9a-f]' * 24}.svg"):
            old.unlink()
        path.write_text(svg, encoding="utf-8")
        return svg
