"""The section of the page that compares every pair of methods."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from recurbench.reports.figures import critical as ranking
from recurbench.reports.figures import pairwise as picture
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.section import Grid, Part, Picture, Prose, Section
from recurbench.reports.statistics.differences import ALPHA, LEAST
from recurbench.reports.statistics.pairwise import Matrix, matrices
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import signed
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A part per kind of task, synthetic tasks apart from real data; None without shared data sets."""
    found = matrices(run)
    if not found:
        return None
    parts = tuple(_part(named(matrix, say), say, drawn) for matrix in found)
    return Section(
        "pairwise", say("statistics.pairwise_title"), (Prose((say("statistics.pairwise_unit"),)),), parts
    )


def named(matrix: Matrix, say: Messages) -> Matrix:
    """The same matrix with its methods named in plain words."""
    names = method_names([*matrix.skills.columns, *matrix.left_out, *matrix.differing], say)
    return replace(
        matrix,
        skills=matrix.skills.rename(columns=names),
        families={names.get(name, name): family for name, family in matrix.families.items()},
        pairs=matrix.pairs.assign(one=matrix.pairs["one"].map(names), other=matrix.pairs["other"].map(names)),
        left_out={names[name]: count for name, count in matrix.left_out.items()},
        differing={names[name]: settings for name, settings in matrix.differing.items()},
    )


def title(matrix: Matrix, say: Messages) -> str:
    """`classification, real data: 7 methods on 6 problems`."""
    part, methods = say(f"statistics.{matrix.part}"), matrix.skills.shape[1]
    return say("statistics.pairwise_part", kind=say.of(matrix.kind), part=part, methods=methods, n=matrix.n)


def _part(matrix: Matrix, say: Messages, drawn: Drawn) -> Section:
    name, of = f"pairwise-{matrix.kind}-{matrix.part}", digest(matrix, say)
    svg = drawn(name, of, lambda: picture.pairwise(matrix, say))
    caption = say("statistics.pairwise_caption", n=matrix.n)
    parts: list[Part] = [Prose(tuple(lines(matrix, say))), Picture(svg, caption, picture.alt(matrix, say))]
    why = ranking.why_not(matrix, say)
    if why:
        parts.append(Prose((why,)))
    else:
        name = f"critical-{matrix.kind}-{matrix.part}"
        svg = drawn(name, of, lambda: ranking.diagram(matrix, say))
        p = picture.short_p(ranking.friedman(matrix))
        caption = say("statistics.critical_caption", n=matrix.n, p=p)
        parts.append(Picture(svg, caption, ranking.alt(matrix, say)))
    parts.append(_grid(matrix, say))
    return Section(f"pairwise-{matrix.kind}-{matrix.part}", title(matrix, say), tuple(parts))


def lines(matrix: Matrix, say: Messages) -> list[str]:
    """How to read the matrix, what its tests can show, and what it leaves out."""
    pairs = len(matrix.pairs)
    said = [picture.outcome(matrix, say)]
    if matrix.n >= LEAST:
        smallest = f"{matrix.smallest_p:.2g}"
        said += [
            say("statistics.pairwise_test", n=matrix.n, pairs=pairs, smallest=smallest),
        ]
        if matrix.smallest_p >= ALPHA:
            said.append(say("statistics.pairwise_none"))
    methods, seen = matrix.skills.shape[1], len(picture.shown(matrix))
    if seen < methods:
        said.append(say("statistics.pairwise_best", shown=seen, methods=methods))
    lacks = [
        say("statistics.pairwise_lacks", method=name, count=count) for name, count in matrix.left_out.items()
    ]
    named = {
        "left_out": lacks,
        "settings": [f"{name} ({', '.join(own)})" for name, own in matrix.settings.items()],
        "dropped": [f"{problem} ({say.reason(why)})" for problem, why in matrix.dropped.items()],
        "differing": [f"{name} ({', '.join(keys)})" for name, keys in matrix.differing.items()],
    }
    said += [
        say(f"statistics.pairwise_{key}", names=", ".join(names)) for key, names in named.items() if names
    ]
    return said


def _grid(matrix: Matrix, say: Messages) -> Grid:
    rows = tuple(
        (
            str(row["one"]),
            str(row["other"]),
            str(row["n"]),
            signed(row["median"]),
            f"{row['wins']}/{row['ties']}/{row['losses']}",
            picture.short_p(row["p"]),
            picture.short_p(row["p_adjusted"]),
        )
        for row in matrix.pairs.to_dict("records")
    )
    header = tuple(say("statistics.pairwise_header").split("|"))
    return Grid(header, rows, say("statistics.pairwise_table"), frozenset({2, 3, 5, 6}))


def digest(matrix: Matrix, say: Messages) -> str:
    """A hash of all that the pictures of a matrix show."""
    shown = (matrix.pairs.to_csv(), matrix.skills.to_csv(), str(matrix.families), say.language)
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()
