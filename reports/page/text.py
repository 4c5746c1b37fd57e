"""Sections as Markdown, their pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from recurbench.reports.figures.palette import PAPER
from recurbench.reports.page.section import Command, Grid, Part, Picture, Prose, Section, Terms
from recurbench.reports.text.markdown import escaped, image, table


def markdown(sections: Sequence[Section], pictures: Path, level: int = 2) -> str:
    """The sections under headings of this level; each picture goes to `pictures` as ANCHOR-K.svg.

    Links are relative to the folder that holds `pictures`.
    """
    blocks: list[str] = []
    for section in sections:
        blocks.append(f"{'#' * level} {escaped(section.title)}")
        for place, part in enumerate(section.parts, 1):
            blocks += _blocks(part, pictures / f"{section.anchor}-{place}.svg")
        if section.within:
            blocks.append(markdown(section.within, pictures, level + 1))
    return "\n\n".join(blocks)


def _blocks(part: Part, path: Path) -> list[str]:
    if isinstance(part, Prose):
        return [escaped(line) for line in part.lines]
    if isinstance(part, Picture):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_on_paper(part.svg), encoding="utf-8")
        return [image(part.alt, f"{path.parent.name}/{path.name}"), f"*{escaped(part.caption)}*"]
    if isinstance(part, Command):
        return ["\n".join(f"    {' '.join(line.split())}" for line in part.lines)]
    if isinstance(part, Terms):
        return [f"**{escaped(term)}**: {escaped(meaning)}" for _, term, meaning in part.entries]
    return _table(part)


def _table(grid: Grid) -> list[str]:
    lines = table(grid.header, grid.rows)
    # The second line of a Markdown table aligns its columns.
    marks = ["---:" if column in grid.numeric else "---" for column in range(len(grid.header))]
    lines[1] = f"| {' | '.join(marks)} |"
    caption = [f"*{escaped(grid.caption)}*"] if grid.caption else []
    return [*caption, "\n".join(lines), *map(escaped, grid.notes)]


def _on_paper(svg: str) -> str:
    """A drawing on a sheet of its own: its words are dark, and what shows it may be, too."""
    return re.sub(
        r"(<svg\b[^>]*>)", rf'\1<rect width="100%" height="100%" fill="{PAPER.light}"/>', svg, count=1
    )
