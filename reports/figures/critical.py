"""The critical-difference diagram: mean ranks, and bars with dots on the methods that cannot be told apart.

After Demsar (2006), with Wilcoxon's signed ranks and Holm in place of Nemenyi, for Nemenyi's groups depend on
methods that are in neither pair (Benavoli, Corani and Mangili 2016).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import safe
from recurbench.reports.figures.pairwise import LETTER, look_of, short_p, shown
from recurbench.reports.figures.palette import FAINT, INK, RULE
from recurbench.reports.statistics.differences import ALPHA
from recurbench.reports.statistics.pairwise import Matrix
from recurbench.reports.text.translation import Messages
from scipy.stats import friedmanchisquare

METHODS, PROBLEMS = 3, 10
ROW, BAR = 0.27, 0.24  # inches of a method and of a bar


def friedman(matrix: Matrix) -> float:
    """The p value of Friedman's test (1937) that all methods are alike; 1 where all scores are the same."""
    columns = [matrix.skills[name].to_numpy() for name in matrix.skills]
    p = float(friedmanchisquare(*columns).pvalue)
    return 1.0 if np.isnan(p) else p


def why_not(matrix: Matrix, say: Messages) -> str:
    """Why there is no diagram, "" where there is one."""
    methods = matrix.skills.shape[1]
    if methods < METHODS or matrix.n < PROBLEMS:
        return say("statistics.critical_few", methods=methods, n=matrix.n)
    p = friedman(matrix)
    return "" if p < ALPHA else say("statistics.critical_open", n=matrix.n, p=short_p(p))


def cliques(matrix: Matrix) -> list[list[str]]:
    """All largest groups of shown methods no two of which differ, the best first; a method alone is none."""
    names = shown(matrix)
    like = {a: {b for b in names if b != a and not matrix.differ(a, b)} for a in names}
    found: list[set[str]] = []

    def grow(group: set[str], able: set[str], done: set[str]) -> None:
        """Bron and Kerbosch (1973)."""
        if not able and not done:
            found.append(group)
        for name in sorted(able):
            grow(group | {name}, able & like[name], done & like[name])
            able, done = able - {name}, done | {name}

    grow(set(), set(names), set())
    groups = [sorted(group, key=names.index) for group in found if len(group) > 1]
    return sorted(groups, key=lambda group: [names.index(name) for name in group])


def critical(matrix: Matrix, say: Messages) -> Figure | None:
    """Mean ranks of the shown methods from the best down, a bar per group; None where `why_not` says why."""
    return None if why_not(matrix, say) else diagram(matrix, say)


def diagram(matrix: Matrix, say: Messages) -> Figure:
    """The diagram, without the check whether it may be drawn."""
    names, groups, ranks = shown(matrix), cliques(matrix), matrix.ranks
    k = len(names)
    left, plot, bars = LETTER * max(map(len, names)) + 0.3, 2.6, BAR * max(len(groups), 1) + 0.2
    width, height = left + plot + bars + 0.1, ROW * k + 0.75
    figure = Figure(figsize=(width, height))
    bottom, tall = 0.5 / height, ROW * k / height
    axes = figure.add_axes((left / width, bottom, plot / width, tall))
    beside = figure.add_axes(((left + plot + 0.1) / width, bottom, bars / width, tall))
    for i, name in enumerate(names):
        look = look_of(matrix, name)
        axes.plot([0.9, ranks[name]], [i, i], color=RULE.light, linewidth=1, zorder=1)
        axes.plot([ranks[name]], [i], marker=look.mark, color=look.light, markersize=7, zorder=2)
        axes.text(ranks[name] + 0.04 * k, i, f" {ranks[name]:.1f}", va="center", fontsize=7.5)
    axes.set(xlim=(0.9, max(ranks[names]) + 0.14 * k), ylim=(k - 0.5, -0.5), yticks=range(k))
    axes.set_yticklabels([safe(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say("statistics.critical_axis", n=matrix.n), loc="left")
    for place, group in enumerate(groups):
        rows = [names.index(name) for name in group]
        for one, other in pairwise(rows):
            # Thin and broken where it passes a method that does not belong.
            own = {"linewidth": 1.8} if other == one + 1 else {"linewidth": 0.9, "linestyle": (0, (1, 2))}
            beside.plot([place, place], [one, other], color=INK.light, **own)
        beside.plot([place] * len(rows), rows, "o", color=INK.light, markersize=5.5)
    beside.set(xlim=(-0.7, max(len(groups), 1) - 0.3), ylim=(k - 0.5, -0.5), xticks=[], yticks=[])
    beside.spines[:].set_visible(False)
    for i in range(k):
        beside.axhline(i, color=RULE.light, linewidth=0.6, zorder=0)
    figure.text(
        1 - 0.05 / width,
        1 - 0.17 / height,
        say("statistics.critical_groups"),
        ha="right",
        fontsize=8,
        color=FAINT.light,
    )
    return figure


def alt(matrix: Matrix, say: Messages) -> str:
    """The ranks and the groups in words."""
    ranks = ", ".join(f"{name} {matrix.ranks[name]:.1f}" for name in shown(matrix))
    groups = "; ".join(" = ".join(group) for group in cliques(matrix)) or "–"
    return say("statistics.critical_alt", ranks=ranks, groups=groups)
