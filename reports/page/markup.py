"""Text as HTML: links, folded lists, code in sentences, and places where a long address may break."""

from __future__ import annotations

import re
from collections.abc import Callable, Set

from markupsafe import Markup, escape
from recurbench.reports.page.section import Folded, Link, Rich


def breakable(text: str) -> Markup:
    """Text that may be broken inside the brackets of an address, and not inside those of an interval."""
    return Markup(re.sub(r"([,\[/])(?=[^\s\d+.-])", r"\1<wbr>", str(escape(text))))


def inline(text: str) -> Markup:
    """A sentence; what stands between backticks is set as code, with no option broken at its hyphens."""
    return Markup(re.sub(r"`([^`]+)`", _code, str(escape(text))))


def _code(found: re.Match[str]) -> str:
    options = re.sub(r"(?<!\S)--[a-z-]+", r'<span class="whole">\g<0></span>', found[1])
    return f"<code>{options}</code>"


def rich(plain: Callable[[str], Markup], anchors: Set[str]) -> Callable[[str], Markup]:
    """A filter for text with links and folded lists. plain: for all else; anchors: those on the page."""

    def filled(text: str) -> Markup:
        return _filled(text, plain, anchors)

    return filled


def _filled(part: str, plain: Callable[[str], Markup], anchors: Set[str]) -> Markup:
    if isinstance(part, Rich):
        return Markup("").join(_filled(each, plain, anchors) for each in part.parts)
    if isinstance(part, Link):
        target = next((anchor for anchor in part.anchors if anchor in anchors), None)
        if target is None:
            return plain(part)
        title = Markup(' title="{}"').format(part.hint) if part.hint else Markup("")
        return Markup('<a href="#{}"{}>{}</a>').format(target, title, plain(part))
    if isinstance(part, Folded):
        shape = Markup('<details class="more"><summary>{}</summary>{}</details>')
        return shape.format(plain(part.start), _filled(part.whole, plain, anchors))
    return plain(part)
