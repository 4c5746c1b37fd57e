"""The first screen in a terminal of 80 columns."""

from io import StringIO

import pages
import pytest
from recurbench.reports.text.answer import answer
from recurbench.reports.text.opening import show
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run
from rich.cells import cell_len
from rich.console import Console


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_and_the_three_sentences_fit_80_columns(tmp_path, language):
    run, say = read_run(pages.failing(tmp_path).write(missing=2)), Messages(language)
    console = Console(file=StringIO(), width=80)
    show(run, say, console)
    text = console.file.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert text.startswith(say("first.question"))
    joined = "".join(text.split())
    for sentence in (*answer(run, say).sentences, say("page.unfinished", missing=2, jobs=41)):
        assert "".join(sentence.split()) in joined
    assert "\x1b[" not in text


def test_colours_are_for_terminals_that_want_them(tmp_path, monkeypatch):
    run = read_run(pages.whole(tmp_path, problems=("one",)).write(missing=1))
    for no_color, wanted in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        console = Console(file=StringIO(), width=80, force_terminal=True, color_system="standard")
        show(run, Messages("en"), console)
        assert ("\x1b[33m" in console.file.getvalue()) == wanted
