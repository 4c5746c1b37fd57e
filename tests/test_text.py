"""Sections as Markdown with their pictures beside them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from recurbench.reports.page.section import Grid, Picture, Prose, Section
from recurbench.reports.page.text import markdown

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><text x="1" y="5">lift</text></svg>'
NAME = "<script>alert(1)</script> | [x]"


def section() -> Section:
    grid = Grid(("problem", "lift"), ((NAME, "+0.1"), ("b", "")), "A table", frozenset({1}), ("A note",))
    inner = Section("inner", "One level down", (Prose(("First.\nStill first.", "Second.")),))
    return Section("map", "The map", (Picture(SVG, "A map", f"{NAME} helps"), grid), (inner,))


def test_a_section_becomes_headings_tables_and_pictures(tmp_path: Path) -> None:
    text = markdown([section()], tmp_path / "results")
    assert text.startswith("## The map\n\n![")
    assert "\n\n### One level down\n\nFirst. Still first.\n\nSecond." in text
    assert "](results/map-1.svg)\n\n*A map*\n\n*A table*\n\n| problem | lift |\n| --- | ---: |\n" in text
    assert text.index("| b |  |") < text.index("A note")


def test_a_picture_is_a_drawing_on_a_sheet_of_its_own(tmp_path: Path) -> None:
    markdown([section()], tmp_path / "results")
    root = ElementTree.parse(tmp_path / "results" / "map-1.svg").getroot()
    assert [child.tag.rpartition("}")[2] for child in root] == ["rect", "text"]


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    text = markdown([section()], tmp_path / "results")
    assert "<script>" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| &lt;script")]
    assert row.replace("\\|", "").count("|") == 3
