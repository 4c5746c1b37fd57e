"""The figures of a run as files: one list of what can be drawn, and where it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from recurbench.reports.figures.canvas import FORMS, save
from recurbench.reports.figures.critical import diagram, why_not
from recurbench.reports.figures.pairwise import pairwise
from recurbench.reports.frame import Run
from recurbench.reports.pairwise import matrices
from recurbench.reports.words import Words

# Drawn only when it is saved, for the style holds while it is drawn.
Named = tuple[str, Callable[[], Figure]]


def figures(run: Run, folder: Path, form: str, say: Words | None = None) -> list[Path]:
    """Write every figure that the run has data for into `folder`, as svg, png or pdf; returns their paths.

    ValueError for another form.
    """
    if form not in FORMS:
        raise ValueError(f"figures can be written as {', '.join(FORMS)}, got {form!r}")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for drawing in DRAWINGS:
        for name, make in drawing(run, say or Words()):
            paths.append(folder / f"{name}.{form}")
            save(make, paths[-1])
    return paths


def _pairwise(run: Run, say: Words) -> Iterator[Named]:
    for matrix in matrices(run):
        yield f"pairwise-{matrix.kind}-{matrix.part}", partial(pairwise, matrix, say)
        if not why_not(matrix, say):
            yield f"critical-{matrix.kind}-{matrix.part}", partial(diagram, matrix, say)


# To add a figure, add a function that gives the names and figures of it that a run has data for.
DRAWINGS: list[Callable[[Run, Words], Iterator[Named]]] = [_pairwise]
