"""The pairwise matrix: median differences, wins and losses, and adjusted p values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from recurbench.reports.figures.axes import EM, lines, of_family, safe
from recurbench.reports.figures.palette import FAINT, RULE, Look
from recurbench.reports.statistics.differences import ALPHA, LEAST
from recurbench.reports.statistics.pairwise import Matrix
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.translation import Messages

MOST = 12  # methods in the picture, the best by mean rank
CELL = 0.62  # inches
LETTER = 0.075  # inches that a letter of a label takes
NOTE, LINE = 8.0, 0.15  # points of the words below, inches of a line of them


def shown(matrix: Matrix) -> list[str]:
    """The methods in the picture."""
    return [str(name) for name in matrix.skills.columns[:MOST]]


def pairwise(matrix: Matrix, say: Messages) -> Figure:
    """The best MOST methods against each other, the best mean rank first.

    Above the diagonal median difference (row minus column) and wins/ties/losses, below the adjusted p.
    """
    names = shown(matrix)
    k = len(names)
    left = LETTER * max(map(len, names)) + 0.75
    width = max(left + CELL * k + 0.1, 3.6)
    note = lines(say("statistics.pairwise_axis"), int((width * 72 - 12) / (NOTE * EM)))
    below = 0.15 + LINE * (note.count("\n") + 1)
    height = CELL * 0.75 * k + below + 0.3
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((left / width, below / height, CELL * k / width, CELL * 0.75 * k / height))
    axes.set(xlim=(0, k), ylim=(k, 0), xticks=[i + 0.5 for i in range(k)], yticks=[])
    axes.set_xticklabels([str(i + 1) for i in range(k)])
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if i != j:
                _cell(axes, matrix, (i, one), (j, other))
    _labels(axes, matrix, names)
    figure.text(0.02, 0.06 / height, note, fontsize=NOTE, color=FAINT.light)
    return figure


def _cell(axes: Axes, matrix: Matrix, row: tuple[int, str], column: tuple[int, str]) -> None:
    (i, one), (j, other) = row, column
    pair, sure = matrix.pair(one, other), matrix.differ(one, other)
    weight = "bold" if sure else "normal"
    face = RULE.light if sure else "none"
    axes.add_patch(Rectangle((j, i), 1, 1, facecolor=face, edgecolor=RULE.light, linewidth=0.7))
    if i > j:
        axes.text(
            j + 0.5, i + 0.5, short_p(pair["p_adjusted"]), ha="center", va="center", fontsize=8, weight=weight
        )
        return
    counts = f"{pair['wins']}/{pair['ties']}/{pair['losses']}"
    axes.text(j + 0.5, i + 0.34, brief(pair["median"]), ha="center", va="center", fontsize=8.5, weight=weight)
    axes.text(j + 0.5, i + 0.72, counts, ha="center", va="center", fontsize=7, weight=weight)


def _labels(axes: Axes, matrix: Matrix, names: Sequence[str]) -> None:
    """Number, name, mark of the family and mean rank of every row."""
    ranks = matrix.ranks
    for i, name in enumerate(names):
        look = look_of(matrix, name)
        axes.plot([-0.12], [i + 0.5], marker=look.mark, color=look.light, markersize=6, clip_on=False)
        axes.text(-0.3, i + 0.38, safe(f"{name}  {i + 1}"), ha="right", va="center", fontsize=8.5)
        axes.text(
            -0.3, i + 0.74, f"{ranks[name]:.1f}", ha="right", va="center", fontsize=7, color=FAINT.light
        )


def look_of(matrix: Matrix, name: str) -> Look:
    """The colour and mark of a method's family; plain ink where the palette knows none."""
    return of_family(matrix.families.get(name, ""))


def short_p(p: float) -> str:
    """A p value in the room of a cell: `.041`, `<.001`, `1`; a dash where nothing was tested."""
    if math.isnan(p):
        return "–"
    return "<.001" if p < 0.001 else "1" if p > 0.9995 else f"{p:.3f}".lstrip("0")


def brief(value: float) -> str:
    """A difference of skill in the room of a cell."""
    return signed(value) if abs(value) < 10 else f"{value:+.2g}"


def outcome(matrix: Matrix, say: Messages) -> str:
    """How many pairs differ, or that there are too few data sets for a test."""
    if matrix.n < LEAST:
        return say("statistics.pairwise_few", n=matrix.n, smallest=f"{matrix.best_p:.2g}")
    count = int((matrix.pairs["p_adjusted"] < ALPHA).sum())
    return say("statistics.pairwise_found", count=count, pairs=len(matrix.pairs))


def alt(matrix: Matrix, say: Messages) -> str:
    """What the matrix shows, in a sentence with numbers: the first of what differs by name."""
    best = str(matrix.skills.columns[0])
    told = matrix.pairs[matrix.pairs["p_adjusted"] < ALPHA].to_dict("records")
    seen = [row if row["median"] >= 0 else matrix.pair(row["other"], row["one"]) for row in told]
    marked = "; ".join(
        say(
            "statistics.pairwise_ahead",
            one=row["one"],
            other=row["other"],
            median=number(row["median"]),
            p=short_p(row["p_adjusted"]),
        )
        for row in seen[:5]
    )
    return say(
        "statistics.pairwise_alt",
        methods=len(shown(matrix)),
        n=matrix.n,
        found=outcome(matrix, say),
        best=best,
        rank=f"{matrix.ranks[best]:.1f}",
        marked=marked,
    ).strip()
