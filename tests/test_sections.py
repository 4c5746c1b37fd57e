"""The order of the sections, and how the page is to be read."""

import pages
import pytest
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.reading import WORDS, section
from recurbench.reports.page.sections import sections
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run
from small_run import small


def anchors(found):
    return [a for part in found for a in (part.anchor, *anchors(part.within))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_has_an_anchor_of_its_own_and_rows_as_wide_as_their_header(tmp_path, language):
    run = read_run(pages.failing(tmp_path).write())
    found = sections(run, Messages(language), Drawn(None, ""))
    names = anchors(found)
    assert names[0] == "map"
    assert names[-2:] == ["reading", "glossary"]
    assert len(set(names)) == len(names)
    for part in (p for s in found for one in (s, *s.within) for p in one.parts):
        if hasattr(part, "rows"):
            assert {len(row) for row in part.rows} <= {len(part.header)}
            assert len(part.anchors) in (0, len(part.rows))


def test_an_empty_run_has_a_page_that_says_how_it_is_read(tmp_path):
    from made_up import MadeUp

    found = sections(read_run(MadeUp(tmp_path).write()), Messages("en"), Drawn(None, ""))
    assert [part.anchor for part in found] == ["reading", "glossary"]


def test_how_to_read_names_the_margin_and_the_level():
    said = " ".join(section(None, Messages("en"), None).parts[0].lines)
    assert "95 %" in said
    assert "0.05" in said
    assert len(section(None, Messages("en"), None).parts[0].lines) == 1 + len(WORDS)


def test_diagnostics_stand_folded_behind_the_results_and_the_problems():
    names = [part.anchor for part in sections(small(), Messages("en"), Drawn(None, ""))]
    for result in ("map", "gains", "comparison", "methods"):
        assert names.index(result) < names.index("diagnostics")
    (part,) = (p for p in sections(small(), Messages("en"), Drawn(None, "")) if p.anchor == "diagnostics")
    assert {"lengths", "training"} <= {one.anchor for one in part.within}
    assert not {"lengths", "training", "gradients"} & set(names)
