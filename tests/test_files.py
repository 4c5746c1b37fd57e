"""Figures of a run's page as files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import drawn_font
import pytest
from click.testing import CliRunner
from made_up import MadeUp, right
from matplotlib.font_manager import fontManager
from pypdf import PdfReader
from recurbench.cli.main import main
from recurbench.reports.figures.fonts import hangul
from recurbench.reports.page.files import figures
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = MadeUp(tmp_path_factory.mktemp("run"))
    for i in range(11):
        for name, count in (("most-common", 10), ("mlp", 20), ("rnn", 21 + i)):
            made.cell(name, right(count), problem=f"p<{i}>", validation={"accuracy": count})
    return made.write()


@pytest.mark.long
@pytest.mark.parametrize(("form", "first"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_figure_with_data_becomes_a_file_of_its_form(
    folder: Path, tmp_path: Path, form: str, first: bytes
) -> None:
    done = CliRunner().invoke(
        main, ["report", str(folder), "--figures", form, "--output", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    paths = [Path(line) for line in done.output.splitlines()]
    assert {path.stem for path in paths} >= {
        "lifts",
        "pairwise-classification-real",
        "critical-classification-real",
    }
    assert len(paths) == len(set(paths))
    assert all(path.suffix == f".{form}" and path.read_bytes().startswith(first) for path in paths)


def test_another_form_is_refused_and_a_run_without_data_has_no_figure(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="svg, png, pdf, got 'gif'"):
        figures(read_run(folder), Messages(), tmp_path / "out", "gif")
    empty = read_run(MadeUp(tmp_path / "run").write())
    assert figures(empty, Messages(), tmp_path / "out", "svg") == ([], [])


def words(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.fixture
def with_hangul(tmp_path: Path) -> Iterator[None]:
    """One font with Hangul and no other, whatever is installed."""
    fontManager.addfont(drawn_font.write(tmp_path / "drawn.ttf"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("recurbench.reports.page.files.hangul", lambda: drawn_font.NAME)
        patched.setattr("recurbench.reports.figures.canvas.hangul", lambda: drawn_font.NAME)
        yield
    fontManager.ttflist.pop()


@pytest.fixture
def without_hangul(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where none is installed."""
    monkeypatch.setattr("recurbench.reports.page.files.hangul", lambda: None)
    monkeypatch.setattr("recurbench.reports.figures.canvas.hangul", lambda: None)


@pytest.mark.long
@pytest.mark.usefixtures("with_hangul")
@pytest.mark.parametrize("form", ["png", "pdf"])
def test_korean_words_are_drawn_where_a_font_has_hangul(folder: Path, tmp_path: Path, form: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths, told = figures(read_run(folder), Messages("ko"), tmp_path / "out", form)
    assert paths
    assert told == []
    if form == "pdf":
        (lifts,) = [path for path in paths if path.stem == "lifts"]
        assert Messages("ko")("figures.axis_lift") in words(lifts)


@pytest.mark.long
@pytest.mark.usefixtures("without_hangul")
@pytest.mark.parametrize("form", ["png", "pdf"])
def test_without_such_a_font_the_words_are_english_and_a_sentence_says_why(
    folder: Path, tmp_path: Path, form: str
) -> None:
    asked = ["report", str(folder), "--lang", "ko", "--figures", form, "--output", str(tmp_path / "out")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert done.stderr == Messages("ko")("figures.no_hangul") + "\n"
    if form == "pdf":
        assert Messages("en")("figures.axis_lift") in words(tmp_path / "out" / "lifts.pdf")


@pytest.mark.usefixtures("without_hangul")
def test_a_name_that_no_font_can_write_is_told_of(tmp_path: Path) -> None:
    made = MadeUp(tmp_path / "run")
    for name, count in (("most-common", 10), ("mlp", 20), ("rnn", 31)):
        made.cell(name, right(count), problem="전력 수요", validation={"accuracy": count})
    run = read_run(made.write())
    told = figures(run, Messages(), tmp_path / "png", "png")[1]
    assert len(told) == 1
    assert "they are boxes in" in told[0]
    assert "lifts.png" in told[0]
    assert figures(run, Messages(), tmp_path / "svg", "svg")[1] == []


@pytest.mark.long
@pytest.mark.skipif(hangul() is None, reason="no font with Hangul is installed")
def test_an_installed_font_draws_korean_words(folder: Path, tmp_path: Path) -> None:
    paths, told = figures(read_run(folder), Messages("ko"), tmp_path / "out", "pdf")
    assert told == []
    (lifts,) = [path for path in paths if path.stem == "lifts"]
    assert Messages("ko")("figures.axis_lift") in words(lifts)


def test_a_form_and_figures_are_asked_for_one_at_a_time(folder: Path) -> None:
    done = CliRunner().invoke(main, ["report", str(folder), "--figures", "png", "--format", "html"])
    assert done.exit_code == 2
    assert "--format and --figures" in done.output
