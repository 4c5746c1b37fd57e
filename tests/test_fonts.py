"""Fonts with Hangul: found where one is installed, none where none is."""

from __future__ import annotations

from pathlib import Path

import drawn_font
import pytest
from matplotlib import font_manager
from matplotlib.font_manager import FontEntry, fontManager
from recurbench.reports.figures import fonts


def entry(path: Path | str, name: str) -> FontEntry:
    return FontEntry(fname=str(path), name=name)


@pytest.fixture
def drawn(tmp_path: Path) -> FontEntry:
    return entry(drawn_font.write(tmp_path / "drawn.ttf"), drawn_font.NAME)


def test_the_fonts_that_matplotlib_brings_along_have_no_hangul() -> None:
    own = [font for font in fontManager.ttflist if "matplotlib" in font.fname]
    assert {"DejaVu Sans", "Last Resort High-Efficiency"} <= {font.name for font in own}
    assert fonts.family_of(own) is None


def test_a_font_with_hangul_is_found_and_one_that_is_gone_or_none_is_passed_by(
    drawn: FontEntry, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    wrong = [entry(tmp_path / "gone.ttf", "NanumGothic"), entry(broken, "Noto Sans KR")]
    assert fonts.family_of([*wrong, drawn]) == drawn_font.NAME
    assert fonts.family_of(wrong) is None


def test_a_known_sans_serif_goes_before_others(drawn: FontEntry, tmp_path: Path) -> None:
    batang = entry(drawn_font.write(tmp_path / "other.ttf"), "A Batang")
    nanum = entry(drawn.fname, "NanumGothic")
    assert fonts.family_of([batang, drawn, nanum]) == "NanumGothic"


def test_a_font_that_was_installed_after_matplotlib_made_its_list_is_found(
    drawn: FontEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [font for font in fontManager.ttflist if "matplotlib" in font.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", listed)
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [listed[0].fname, drawn.fname])
    assert fonts.hangul.__wrapped__() == drawn_font.NAME
