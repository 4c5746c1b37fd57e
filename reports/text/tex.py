"""Text and tables for LaTeX: everything escaped, and nothing that pdflatex cannot set."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby

from recurbench.reports.text.translation import Messages

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': "{''}",
    # After \\ these would be its arguments.
    "[": "{[}",
    "*": "{*}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "−": "$-$",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "†": r"\dag{}",
    "≤": r"$\le$",
    "≥": r"$\ge$",
}
ENGLISH = Messages()  # of what LaTeX without a Korean font must set
HYPHENS = re.compile("-(?=-)")
ACCENTS = {"\u0300", "\u0301", "\u0302", "\u0303", "\u0308", "\u030a", "\u030c", "\u0327"}
# The second argument stands where neither the engine nor a package can set the first.
PREAMBLE = r"""
% Needs \usepackage{booktabs,graphicx,textcomp}. Korean is set with \usepackage{kotex}, or by XeLaTeX or
% LuaLaTeX with a font that has it; without, its translation or code points stand in its place.
\providecommand{\rbtext}[2]{\ifdefined\Umathchardef#1\else\ifcsname ver@kotex.sty\endcsname#1\else#2\fi\fi}
""".lstrip()


def escape(text: str, known: bool = False) -> str:
    """The text on one line with every special character escaped.

    What pdflatex has no letter for stands as code points beside itself, unless the text is `known` to be set
    only where there are letters for it.
    """
    plain = " ".join(text.split())
    pieces = []
    for settable, run in groupby(plain, lambda sign: known or _settable(sign)):
        signs = "".join(run)
        if settable:
            # Two hyphens would join into a dash.
            pieces.append(HYPHENS.sub("-{}", "".join(SPECIAL.get(sign, sign) for sign in signs)))
        else:
            codes = " ".join(f"U+{ord(sign):04X}" for sign in signs)
            shown = "".join(sign for sign in signs if not unicodedata.category(sign).startswith("C"))
            pieces.append(rf"\rbtext{{{shown or codes}}}{{{{[}}{codes}]}}")
    return "".join(pieces)


def _settable(sign: str) -> bool:
    if sign in SPECIAL or 32 <= ord(sign) < 127:
        return True
    parts = unicodedata.normalize("NFD", sign)
    return len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS


def message(say: Messages, key: str, **values: str) -> str:
    """A message as LaTeX, its values being LaTeX already; in Korean with the English beside it."""
    if say.language == "en":
        return _filled(say, key, values)
    return rf"\rbtext{{{_filled(say, key, values)}}}{{{_filled(ENGLISH, key, values)}}}"


def of(say: Messages, text: Callable[[Messages], str]) -> str:
    """A text as LaTeX, with the English where its translation cannot be set."""
    return either(text(say), text(ENGLISH))


def either(translated: str, english: str) -> str:
    """A translation as LaTeX, with the English where it cannot be set; one text where they are the same."""
    if translated == english:
        return escape(english)
    return rf"\rbtext{{{escape(translated, known=True)}}}{{{escape(english)}}}"


def _filled(say: Messages, key: str, values: dict[str, str]) -> str:
    marks = {name: f"\0{i}\0" for i, name in enumerate(values)}
    parts = say(key, **marks).split("\0")
    found = list(values.values())
    return "".join(
        found[int(part)] if i % 2 else _spaced(part, escape(part, known=True)) for i, part in enumerate(parts)
    )


def _spaced(part: str, escaped: str) -> str:
    """The spaces at both ends, which `escape` takes away."""
    before, after = part[:1].isspace(), part[-1:].isspace()
    return f"{' ' * before}{escaped}{' ' * (after and bool(part.strip()))}"


def table(caption: str, label: str, header: Sequence[str], rows: Sequence[str], notes: Sequence[str]) -> str:
    """A floating booktabs table, no wider than the text. header, rows, notes: LaTeX."""
    columns = "l" * len(header)
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering\small",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{label}}}\smallskip",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            r"\toprule",
            " & ".join(header) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}}",
            *(rf"\par\smallskip{{\footnotesize {note}\par}}" for note in notes),
            r"\end{table}",
            "",
        ]
    )


def row(cells: Sequence[str]) -> str:
    """One line of a table."""
    return " & ".join(cells) + r" \\"


def figure_of(text: str) -> str:
    """A number in words with its sign as mathematics."""
    if text.endswith("inf"):
        return rf"${text.removesuffix('inf')}\infty$"
    return f"${text}$" if text[:1] in "+-" and text[1:] else escape(text)
