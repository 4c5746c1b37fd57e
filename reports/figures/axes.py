"""What figures share: a look per verdict and family, words kept as words, plain numbers on log axes."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from recurbench.reports.figures.palette import FAMILY, INK, PAPER, RULE, VERDICT, Look
from recurbench.reports.statistics.outcomes import ContrastVerdict, LiftVerdict
from recurbench.reports.text.translation import Messages

WIDTH = 4.7  # inches; at 320 pixels its smallest words are still six and a half high
SMALL = 8.5  # points, the smallest words
EM = 0.56  # mean width of a Latin letter by its size; a sans-serif font of any reader
UNDECIDED = VERDICT[ContrastVerdict.UNDECIDED]
_OF_LIFTS = {
    LiftVerdict.AHEAD: ContrastVerdict.RECURRENCE_HELPS,
    LiftVerdict.BEHIND: ContrastVerdict.RECURRENCE_HURTS,
    LiftVerdict.NO_DIFFERENCE: ContrastVerdict.NO_DIFFERENCE,
}


def safe(text: object) -> str:
    """A name as matplotlib shows it letter by letter; a dollar sign would start a formula."""
    return literal("".join(c if c.isprintable() else " " for c in str(text).replace("\n", " ")))


def literal(text: str) -> str:
    """Words of our own, line breaks and all, with dollars that stay dollars."""
    return text.replace("$", r"\$")


def of_verdict(verdict: LiftVerdict | ContrastVerdict) -> Look:
    """Colour and mark of a verdict, on a contrast or on a lift; one without a decision looks undecided."""
    if isinstance(verdict, LiftVerdict):
        verdict = _OF_LIFTS.get(verdict, ContrastVerdict.UNDECIDED)
    return VERDICT.get(verdict, UNDECIDED)


def of_family(name: str) -> Look:
    """Colour and mark of a family; of one that is not known those of plain ink."""
    return FAMILY.get(name, INK)


def open_mark(verdict: LiftVerdict | ContrastVerdict) -> bool:
    """Whether a verdict's mark is hollow: nothing is decided."""
    return of_verdict(verdict) is UNDECIDED


def mark_style(look: Look, hollow: bool = False, size: float = 6.5) -> dict[str, Any]:
    """Arguments of `plot` for one mark; hollow ones are filled with the paper so that lines do not cross."""
    thin = look.mark in "x+"
    return {
        "linestyle": "none",
        "marker": look.mark,
        "markersize": size + (2.5 if look.mark == "*" else 0),
        "markeredgecolor": look.light,
        "markerfacecolor": PAPER.light if hollow else look.light,
        "markeredgewidth": 1.3 if hollow or thin else 0.6,
    }


def halves(problem: str) -> tuple[str, str]:
    """A problem's name, and its dials in brackets or nothing."""
    name, bracket, dials = problem.partition("[")
    return name, bracket + dials


def wide(text: str, size: float) -> float:
    """About how many points a line of text takes, whatever the reader's font."""
    return size * sum(1.0 if unicodedata.east_asian_width(c) in "WF" else EM for c in text)


def cut(text: str, letters: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= letters else text[: letters - 1] + "…"


def lines(text: str, letters: int) -> str:
    """Text broken at spaces into lines as wide as so many Latin letters, as matplotlib shows them."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and wide(longer, 1.0) <= letters * EM + 1e-9:
            found[-1] = longer
        else:
            found.append(word)
    return "\n".join(map(safe, found))


def plain_log(axes: Axes, which: str, low: float, high: float) -> None:
    """A logarithmic axis over [low, high] whose ticks are plain numbers."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    axis: Axis = axes.xaxis if which == "x" else axes.yaxis
    decades = math.log10(high / low)
    subs = (1.0, 2.0, 5.0) if decades < 2 else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=7))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
    axis.set_minor_formatter(NullFormatter())


def power(value: float) -> str:
    """0, 0.01, -1.5, 2000; what is far from 1 as 1e-5 or 1e9."""
    if value == 0 or 1e-4 <= abs(value) < 1e6 - 0.5:
        return f"{value + 0.0:g}"  # the zero below zero loses its sign
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def apart(rows: pd.DataFrame, x: str, y: str) -> tuple[list[float], list[float]]:
    """One path through every `line` of ordered rows, lifted between two of them: far less text than many."""
    across: list[float] = []
    up: list[float] = []
    for _, own in rows.groupby("line", sort=False):
        across += [*own[x].astype(float), math.nan]
        up += [*own[y].astype(float), math.nan]
    return across[:-1], up[:-1]


def around(values: Iterable[float], share: float = 0.08) -> tuple[float, float]:
    """Bounds of a logarithmic axis with some room about positive values; never beyond 1e-150 or 1e150."""
    logs = [math.log10(v) for v in values]
    room = max(0.05, share * (max(logs) - min(logs)))
    # Near the largest float the room and the ticks beyond it have no number.
    low, high = max(min(logs) - room, -150.0), min(max(logs) + room, 150.0)
    return 10 ** min(low, 149.0), 10 ** max(high, -149.0)


def sure(figure: Figure | None) -> Figure:
    """The figure of a frame that was seen to hold something."""
    assert figure is not None
    return figure


def legend(
    figure: Figure,
    entries: Sequence[tuple[str, dict[str, Any]]],
    columns: int = 3,
    loc: Any = "outside lower center",
) -> None:
    """Words and looks below a figure; the figure makes room where it lays itself out."""
    handles = [Line2D([], [], label=safe(word), **look) for word, look in entries]
    figure.legend(
        handles=handles,
        loc=loc,
        ncols=min(columns, len(entries)),
        fontsize=SMALL,
        handletextpad=0.4,
        columnspacing=1.2,
    )


def family_entries(families: Iterable[str], say: Messages) -> list[tuple[str, dict[str, Any]]]:
    """The families shown, for a legend in the order of the palette."""
    shown = set(families)
    return [(say.of(name), mark_style(look)) for name, look in FAMILY.items() if name in shown]


def level_line(axes: Axes, value: float, word: str, style: Any, ends: str = "right") -> None:
    """A horizontal line for a known level with its name on it."""
    axes.axhline(value, color=RULE.light, linestyle=style, linewidth=1.1, zorder=0)
    axes.annotate(
        safe(word),
        (1.0 if ends == "right" else 0.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(-2 if ends == "right" else 2, 4),
        textcoords="offset points",
        ha=ends,
        va="bottom",
        fontsize=SMALL,
        color=INK.light,
        bbox={"facecolor": PAPER.light, "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        zorder=5,
    )
