"""Sections as Markdown with their pictures beside them."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from hypothesis import given
from recurbench.reports.page.section import Grid, Picture, Prose, Section
from recurbench.reports.page.text import markdown
from test_markdown import NAMES, PARSER

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
    assert r"![&lt;script&gt;alert(1)&lt;/script&gt; \| \[x\] helps](results/map-1.svg)" in text


@given(NAMES, NAMES)
def test_a_hostile_name_keeps_every_part_of_a_section_in_its_place(name: str, other: str) -> None:
    grid = Grid((f"a {name}", "n"), ((name, other),), f"b {other}", notes=(f"c {name}",))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "results"
        shown = Section(
            "map", f"t {name}", (Picture(SVG, f"d {other}", f"e {name}"), grid, Prose((f"f {other}",)))
        )
        tokens = PARSER.parse(markdown([shown], place))
    opened = [token.type for token in tokens if token.type.endswith("_open") and token.level == 0]
    # Heading, picture, its caption, the caption of the table, the table, its note, the paragraph.
    assert opened == ["heading_open", *["paragraph_open"] * 3, "table_open", *["paragraph_open"] * 2]
    assert [token.type for token in tokens].count("td_open") == 2
