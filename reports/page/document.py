"""The page of a run: one HTML file that needs no other file and can be read without its script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import matplotlib
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape
from recurbench import __version__
from recurbench.reports.figures.canvas import Drawn, identifier, themed
from recurbench.reports.figures.palette import NAMED
from recurbench.reports.page.first import sentences
from recurbench.reports.page.glossary import anchor_of, explained
from recurbench.reports.page.markup import breakable, inline, rich
from recurbench.reports.page.section import Command, Folded, Grid, Part, Picture, Section, Terms
from recurbench.reports.page.sections import sections
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

FILTERED = 12  # rows; a longer table has a field to filter it
TALL = 24  # rows; a longer table scrolls within itself
_SIZE = re.compile(r'\s(?:width|height)="[^"]*"')
_ID = re.compile(r'(<\w[^<>]*?)\sid="([^"]*)"')
_USED = re.compile(r'(?:url\(|href=")#([^)"]+)')
_BOX = re.compile(r'viewBox="\S+ \S+ (\S+) \S+"')


def page(run: Run, say: Messages, drawn: Drawn) -> str:
    """The whole page of a run, as the text of an HTML file."""
    return document(run, say, sections(run, say, drawn))


def document(run: Run, say: Messages, parts: Sequence[Section]) -> str:
    """A page of these sections, under the answer of the run."""
    own = files("recurbench.reports.page")
    widths = sorted({width(part.svg) for part in pictures(parts)})
    style = colours() + "".join(f".w{w}{{--w:{w}px}}\n" for w in widths)
    style += own.joinpath("style.css").read_text(encoding="utf-8")
    script = own.joinpath("script.js").read_text(encoding="utf-8")
    raster = any("data:image/" in part.svg for part in pictures(parts))
    anchors = set(places(parts))
    sheets = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    sheets.filters.update(anchor=identifier, drawing=drawing, width=lambda svg: f"w{width(svg)}")
    sheets.filters.update(cell=rich(breakable, anchors), line=rich(inline, anchors), once=numbered())
    sheets.filters.update(explained=partial(_explained, say=say, anchors=anchors))
    sheets.tests.update(
        picture=_is(Picture), grid=_is(Grid), command=_is(Command), terms=_is(Terms), folded=_is(Folded)
    )
    template = sheets.from_string(own.joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(
        say=say,
        run=run,
        methods=run.final["address"].nunique(),
        problems=run.final["problem"].nunique(),
        answer=answer(run, say),
        sentences=sentences(run, say),
        sections=parts,
        grouped=grouped,
        policy=policy(style, script, raster),
        style=Markup(style),
        script=Markup(script),
        version=__version__,
        filtered=FILTERED,
        tall=TALL,
    )


def _is(sort: type[object]) -> Callable[[object], bool]:
    return lambda part: isinstance(part, sort)


def numbered() -> Callable[[str], str]:
    """Labels with a number from the second use on, so that a screen reader gives each a name of its own."""
    times: Counter[str] = Counter()

    def label(text: str) -> str:
        times[text] += 1
        return text if times[text] == 1 else f"{text} ({times[text]})"

    return label


def policy(style: str, script: str, raster: bool) -> str:
    """The Content-Security-Policy: this style, this script, pictures only where a figure holds one."""
    allowed = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        **({"img-src": "data:"} if raster else {}),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{what} {source}" for what, source in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def colours() -> str:
    """The palette as CSS variables: light on paper and by default, dark where the reader's system is dark."""
    light, dark = (
        "".join(f"--{name}:{getattr(look, side)};" for name, look in NAMED.items())
        for side in ("light", "dark")
    )
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def places(parts: Sequence[Section]) -> Iterator[str]:
    """Every anchor that a link can lead to: sections, those within, rows of tables, and terms."""
    for section in parts:
        yield identifier(section.anchor)
        for part in section.parts:
            if isinstance(part, Grid):
                yield from filter(None, part.anchors)
            elif isinstance(part, Terms):
                yield from (anchor for anchor, _, _ in part.entries)
        yield from places(section.within)


def _explained(head: str, say: Messages, anchors: Set[str]) -> tuple[str, str] | None:
    """The anchor and the name of the term that explains the head of a column, where the page has both."""
    key = explained(head, say)
    if key is None or anchor_of(key) not in anchors:
        return None
    return anchor_of(key), say(f"glossary.{key}")


def pictures(parts: Sequence[Section]) -> Iterator[Picture]:
    """Every figure of the sections and of the sections within them."""
    for section in parts:
        yield from (part for part in section.parts if isinstance(part, Picture))
        yield from pictures(section.within)


def grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """Figures that follow each other stand together, everything else by itself."""
    return [list(found) for _, found in groupby(parts, lambda p: "" if isinstance(p, Picture) else id(p))]


def width(svg: str) -> int:
    """How wide a figure was drawn, in steps of 10 points."""
    found = _BOX.search(svg)
    return round(float(found[1]) / 10) * 10 if found else 460


def drawing(picture: Picture) -> Markup:
    """A figure with the colour variables of the page and without a fixed size."""
    used = set(_USED.findall(picture.svg))
    # The same id may stand several times in a figure; the page keeps only the ids that something refers to.
    svg = _ID.sub(lambda found: found[0] if found[2] in used else found[1], picture.svg)
    head, end, rest = svg.partition(">")
    label = f' role="img" aria-label="{escape(picture.alt)}"'
    return Markup(themed(f"{_SIZE.sub('', head)}{label}{end}{rest}"))


def figures(folder: Path, say: Messages, keep: bool = True) -> Drawn:
    """The cache of figures in a run's report folder, for one language and these versions of the code.

    keep: whether new ones are written there as well.
    """
    return Drawn(folder / "figures" / say.language, f"{_sources()} {matplotlib.__version__}", keep)


def _sources() -> str:
    """A hash of all files that can change how a figure looks."""
    digest = hashlib.sha256()
    digest.update(files("recurbench").joinpath("results.py").read_bytes())
    for folder in ("statistics", "text", "figures", "page"):
        for file in sorted(files("recurbench.reports").joinpath(folder).iterdir(), key=lambda f: f.name):
            if file.name.endswith((".py", ".toml")):
                digest.update(file.read_bytes())
    return digest.hexdigest()
