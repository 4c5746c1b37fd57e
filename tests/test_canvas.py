"""Figures as SVG: text as text, the same every time, drawn once."""

from __future__ import annotations

import re
from pathlib import Path

import drawn_font
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from recurbench.reports.figures import canvas
from recurbench.reports.figures.canvas import Drawn, draw, save, themed
from recurbench.reports.figures.palette import FAMILY, NAMED


def line(label: str = "steps") -> Figure:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot([0, 1, 2], [3, 1, 2], color=FAMILY["recurrent"].light)
    axes.set_xlabel(label)
    return figure


def test_a_figure_is_the_same_text_every_time_and_its_words_are_text() -> None:
    once, again = draw(line, "lift"), draw(line, "lift")
    assert once == again
    assert once.startswith("<svg")
    assert ">steps</text>" in once
    assert "DejaVu" not in once


def test_ids_of_two_figures_never_meet() -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', draw(line, name))) for name in ("one", "two")]
    assert ids[0]
    assert not ids[0] & ids[1]
    text = draw(line, "one")
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= ids[0]


def test_markup_in_a_label_stays_text() -> None:
    assert "<script>" not in draw(lambda: line("<script>alert(1)</script>"), "lift")


def test_a_themed_figure_has_no_colour_of_its_own() -> None:
    text = themed(draw(line, "lift"))
    assert "var(--family-recurrent)" in text
    assert not re.findall(r"#[0-9a-f]{6}\b", text)


def test_every_colour_occurs_once() -> None:
    assert len({look.light for look in NAMED.values()}) == len(NAMED)


def test_a_figure_is_drawn_once_for_what_it_shows(tmp_path: Path) -> None:
    drawn = Drawn(tmp_path, "1")
    first = drawn("lift", "abc", line)
    assert drawn("lift", "abc", line) == first
    assert drawn.made == 1
    drawn("lift", "abd", line)
    assert drawn.made == 2
    assert Drawn(tmp_path, "1")("lift", "abd", line) == first
    assert len(list(tmp_path.iterdir())) == 1
    other = Drawn(tmp_path, "2")
    other("lift", "abd", line)
    assert other.made == 1


def test_a_folder_that_is_only_read_stays_as_it_is(tmp_path: Path) -> None:
    first = Drawn(tmp_path / "own", "1")("lift", "abc", line)
    reader = Drawn(tmp_path / "own", "1", keep=False)
    assert reader("lift", "abc", line) == first
    assert reader.made == 0
    reader("lift", "abd", line)
    Drawn(tmp_path / "none", "1", keep=False)("lift", "abc", line)
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    assert len(list((tmp_path / "own").iterdir())) == 1


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_figure_becomes_a_file_of_its_suffix(tmp_path: Path, form: str, start: bytes) -> None:
    paths = [tmp_path / name / f"lift.{form}" for name in ("one", "two")]
    for path in paths:
        path.parent.mkdir()
        save(line, path)
    assert paths[0].read_bytes().startswith(start)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="asks for a figure as gif; known: svg, png, pdf"):
        save(line, tmp_path / "lift.gif")


def test_a_font_without_the_weight_asked_for_is_nothing_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = FontEntry(fname=str(drawn_font.write(tmp_path / "thin.ttf")), name="Drawn Thin", weight=300)
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist, own])
    monkeypatch.setattr(canvas, "hangul", lambda: own.name)

    def bold() -> Figure:
        figure = Figure(figsize=(2, 1))
        figure.text(0.1, 0.5, "순환", fontweight="bold")
        return figure

    assert save(bold, tmp_path / "bold.png")
    assert [record.getMessage() for record in caplog.records] == []
