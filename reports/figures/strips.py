"""Sequences of symbols as strips with one cell per step, the true one above the predicted ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray
from recurbench.reports.figures.palette import INK, PAPER, VERDICT
from recurbench.reports.figures.sizes import LINE, panels, short
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
ROW = 0.24
# With at most so many steps there is room for a letter in each.
LETTERED = 45
# Shades of the symbols: a reader cannot tell more than six apart; beyond that the letters do.
SHADES = (0.04, 0.85, 0.4, 0.62, 0.2, 0.5)


def tags(
    rows: Sequence[tuple[str, Codes]], names: Sequence[str], x: Sequence[str] | Floats, say: Messages
) -> Figure:
    """Strips of symbols [T], the first row the true one; a wrong step has a tick under its strip.

    names: what the symbols are called; where they fit, their first letters that tell them apart stand in the
    cells. x: above the strips, the letters that were given or the numbers [T].
    """
    drawn = not isinstance(x, np.ndarray)
    steps = len(rows[0][1])
    lettered = steps <= LETTERED
    heights = [
        *([] if drawn and not lettered else [0.3 if drawn else 0.9]),
        ROW * len(rows) + (0.55 if lettered else 0.75),
    ]
    figure, axes = panels(heights)
    strips = axes[-1]
    if isinstance(x, np.ndarray):
        axes[0].plot(x, color=INK.light, lw=LINE)
        axes[0].set_ylabel(say("pictures.given"))
    elif lettered:
        for t, letter in enumerate(x[:steps]):
            axes[0].text(t, 0, short(letter, 2), ha="center", va="center", fontsize=7)
        axes[0].set_axis_off()
    for row, (_, codes) in enumerate(rows):
        strip(strips, row, codes, letters(names) if lettered else None)
        wrong = np.flatnonzero(codes != rows[0][1])
        # One line with gaps: as little markup as one path.
        ticks = np.stack([np.full(len(wrong), row + 0.33), np.full(len(wrong), row + 0.5)], axis=1)
        gaps = np.full((len(wrong), 1), np.nan)
        across = np.hstack([wrong[:, None], wrong[:, None], gaps]).ravel()
        strips.plot(across, np.hstack([ticks, gaps]).ravel(), color=WRONG, lw=1.6, solid_capstyle="butt")
    strips.set(xlim=(-0.5, steps - 0.5), ylim=(len(rows) - 0.3, -0.5))
    strips.set_yticks(range(len(rows)), [short(name, 22) for name, _ in rows], fontsize=8)
    strips.tick_params(axis="y", length=0)
    strips.set_xlabel(say("pictures.step_wrong"))
    if not lettered and len(names) <= len(SHADES):
        keys = [
            Patch(facecolor=(INK.light, shade(code)), edgecolor=INK.light, lw=0.3, label=short(name, 16))
            for code, name in enumerate(names)
        ]
        figure.legend(handles=keys, loc="outside lower left", ncols=3, fontsize=8, handlelength=1.2)
    return figure


WRONG = VERDICT[ContrastVerdict.RECURRENCE_HELPS].light


def letters(names: Sequence[str]) -> list[str]:
    """As few first letters of every name as tell it from the others, at most three."""
    found = []
    for name in map(str, names):
        alone = [name[:k] for k in (1, 2) if sum(other[:k] == name[:k] for other in names) == 1]
        found.append(alone[0] if alone else name[:3])
    return found


def strip(axes: Axes, row: int, codes: Codes, marks: Sequence[str] | None) -> None:
    """One strip at height `row`: a polygon per run of equal symbols, shaded by the symbol."""
    for code in np.unique(codes):
        # One path for all runs of a symbol: a tenth of the markup of one path each.
        runs = [Path(np.array(_box(a, b, row)), closed=True) for a, b, c in runs_of(codes) if c == code]
        face = (INK.light, shade(int(code)))
        axes.add_patch(PathPatch(Path.make_compound_path(*runs), facecolor=face, edgecolor=INK.light, lw=0.3))
    if marks is None:
        return
    for t, code in enumerate(codes):
        ink = PAPER.light if shade(int(code)) > 0.45 else INK.light
        axes.text(t, row, marks[code], ha="center", va="center", fontsize=6, color=ink)


def runs_of(codes: Codes) -> list[tuple[int, int, int]]:
    """Start, end (not included) and symbol of every run of equal symbols."""
    cuts = np.flatnonzero(np.diff(codes)) + 1
    starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), len(codes)]
    return [(a, b, int(codes[a])) for a, b in zip(starts, ends, strict=True)]


def _box(a: int, b: int, row: int) -> list[tuple[float, float]]:
    left, right, top, bottom = a - 0.5, b - 0.5, row - 0.3, row + 0.3
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def shade(code: int) -> float:
    """How dark the cell of a symbol is."""
    return SHADES[code % len(SHADES)]


def states(x: Floats, path: Codes, say: Messages) -> Figure:
    """The numbers [T] that were given, and under them the states [T] of a hidden chain."""
    figure, (above, under) = panels([1.2, 0.75])
    above.plot(x, color=INK.light, lw=LINE)
    above.set_ylabel(say("pictures.given"))
    strip(under, 0, path, None)
    for a, b, state in runs_of(path):
        if b - a > len(path) / 40:
            ink = PAPER.light if shade(state) > 0.45 else INK.light
            under.text((a + b - 1) / 2, 0, str(state), ha="center", va="center", fontsize=8, color=ink)
    under.set(xlim=(-0.5, len(path) - 0.5), ylim=(0.5, -0.5), yticks=[])
    under.set_ylabel(say("pictures.state"))
    under.set_xlabel(say("pictures.step"))
    return figure
