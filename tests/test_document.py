"""The page as text: its policy, what is escaped, and that the same run gives the same page."""

import base64
import hashlib
import html
import re
import string

import pages
import pictured
import pytest
from made_up_contrasts import SOLVED_BY_RECURRENCE, as_registered, filled
from matplotlib.figure import Figure
from recurbench.reports.figures.canvas import Drawn, draw, identifier
from recurbench.reports.figures.palette import NAMED
from recurbench.reports.page.document import colours, document, figures, grouped, policy
from recurbench.reports.page.section import Command, Grid, Picture, Prose, Section
from recurbench.reports.page.sections import sections
from recurbench.reports.statistics.case_studies import exhibits
from recurbench.reports.text.render import markdown
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run
from small_run import small
from test_translation import MESSAGES

EVIL = '"><script>alert(1)</script>'


def plot():
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([0, 1], [1, 0], color=NAMED["family-recurrent"].light, label=EVIL)
    return figure


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return read_run(pages.whole(tmp_path_factory.mktemp("run"), problems=("one",)).write())


@pytest.fixture(scope="module")
def page(run):
    inner = Section(f"inner {EVIL}", EVIL, (Prose((EVIL, "type `recurbench run`")),))
    parts = (
        Picture(draw(plot, EVIL), EVIL, EVIL),
        Picture(draw(plot, "two"), "caption", "alt"),
        Grid((EVIL, "n"), ((EVIL, "1"),), EVIL, frozenset({1}), (EVIL,)),
        Command((EVIL,)),
    )
    return document(run, Messages("en"), (Section("outer", EVIL, parts, (inner,)),))


def test_nothing_of_a_string_becomes_markup(page):
    assert page.count("<script>") == 1
    assert "alert(1)</script>" not in page.replace("&lt;", "<").replace("<script>alert(1)</script>", "")
    assert page.count("&lt;script&gt;") >= 8


def test_the_policy_names_exactly_the_style_and_the_script_that_stand_in_the_page(page):
    said = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    for tag in ("script", "style"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in said
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    assert "img-src" not in said


def test_pictures_from_data_are_allowed_only_where_a_figure_holds_one():
    assert "img-src data:" in policy("", "", raster=True)
    assert "img-src" not in policy("", "", raster=False)


def test_no_element_has_a_style_of_its_own_and_no_colour_is_fixed(page):
    assert not re.search(r"<[^>]*\sstyle=", page)
    assert "var(--family-recurrent)" in page
    body = page[page.index("<body>") :]
    assert not re.findall(r'(?:fill|stroke)="#', body)


def test_tables_of_one_caption_are_told_apart_by_who_hears_them(run):
    grid = Grid(("a", "b"), (("1", "2"),), "parity", frozenset({1}), ())
    sections_ = tuple(Section(name, name, (grid,)) for name in ("one", "two"))
    page = document(run, Messages("en"), sections_)
    assert re.findall('role="region" tabindex="0" aria-label="([^"]*)"', page) == ["parity", "parity (2)"]
    assert page.count("<span>parity</span>") == 2
    assert document(run, Messages("en"), sections_) == page


def test_every_colour_has_a_light_and_a_dark_side():
    light, dark = colours().split("\n")[:2]
    for name, look in NAMED.items():
        assert f"--{name}:{look.light};" in light
        assert f"--{name}:{look.dark};" in dark


def test_figures_that_follow_each_other_stand_together():
    one, two = Picture("<svg>", "a", "a"), Picture("<svg>", "b", "b")
    text, grid = Prose(("x",)), Grid(("x",), ())
    assert grouped((one, two, text, grid, one)) == [[one, two], [text], [grid], [one]]


def test_a_name_that_is_no_identifier_becomes_one_of_its_own():
    assert identifier("lift-1") == "lift-1"
    found = {identifier(name) for name in ("a b", "a/b", "a[b", "../..", "<script>", "가")}
    assert len(found) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in found)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_same_run_gives_the_same_page_from_drawn_and_from_remembered_figures(tmp_path, language):
    folder = pages.whole(tmp_path, problems=("one",)).write()
    first = pages.text(folder, language)
    assert pages.text(folder, language) == first
    assert f'<html lang="{language}">' in first


def test_figures_are_remembered_by_language(tmp_path):
    assert figures(tmp_path, Messages("ko")).folder != figures(tmp_path, Messages("en")).folder


LATIN = re.compile(r"[A-Za-z]{2,}")
# Words that no name, setting or command of ours holds and hardly an English sentence lacks.
ENGLISH = re.compile(r"\b(the|of|is|are|was|and|or|not|by|with|from|over|against|that|than|all)\b", re.I)
PHRASE = re.compile(r"[A-Za-z'-]+(?: [A-Za-z'-]+)*")


def english_parts():
    """What the English catalogue says between its places, where that is longer than two words."""
    for table, rows in MESSAGES.items():
        for key, row in rows.items():
            if table != "data" or "en" in row:
                pieces = [words for words, _, _, _ in string.Formatter().parse(row["en"])]
            else:
                pieces = [key]
            yield from (piece.strip(" .,:;()") for piece in pieces if len(LATIN.findall(piece)) > 2)


def quoted(run: Run):
    """What data sets, methods and users wrote themselves: it is shown as it was written."""
    for facts in run.problems.values():
        yield from (str(facts.get(name, "")) for name in ("source", "licence", "protocol"))
    yield from run.cells["reason"].unique()
    yield from (cell for cell in run.cells["problem"].unique())


def korean(sort, tmp_path):
    """A run of one sort, and what its Korean page and its Korean tables say."""
    made = {
        "contrasts": lambda: read_run(
            filled(tmp_path, SOLVED_BY_RECURRENCE, 12, series=["0"], n_test=1).write()
        ),
        "failing": lambda: read_run(pages.failing(tmp_path).write(missing=3)),
        "networks": small,
        "every kind": pictured.run,
    }
    run, say = made[sort](), Messages("ko")
    sheet = pages.words_of(document(run, say, sections(run, say, Drawn(None, ""))))
    text = "\n".join((sheet, markdown(run, say)))
    return run, text.replace("\\|", "|").replace("`", "")


@pytest.mark.long
@pytest.mark.parametrize("sort", ["contrasts", "failing", "networks", "every kind"])
def test_no_english_is_left_on_a_korean_page(sort, tmp_path, monkeypatch):
    as_registered(monkeypatch)
    run, text = korean(sort, tmp_path)
    parts = sorted({part for part in english_parts() if part.replace("`", "") in text})
    assert parts == []
    for own in sorted(filter(None, quoted(run)), key=len, reverse=True):
        for form in (own, html.escape(own), " ".join(own.split()), html.escape(" ".join(own.split()))):
            text = text.replace(form, "")
    # What was asked or said in words of the data is no message either, such as the caption of an image.
    kept = [one.kept[side]["names"] or () for one in exhibits(run) for side in "xy" if one.kept]
    names = {str(name) for each in kept for name in each}
    left = [phrase for phrase in PHRASE.findall(text) if ENGLISH.search(phrase)]
    assert [phrase for phrase in left if not set(phrase.split()) <= names] == []


def test_english_on_a_korean_page_would_be_found(tmp_path):
    run, say = read_run(pages.whole(tmp_path, problems=("one",)).write()), Messages("en")
    text = pages.words_of(document(run, say, sections(run, say, Drawn(None, ""))))
    assert len([part for part in english_parts() if part.replace("`", "") in text]) > 20
    assert ENGLISH.search(text)
