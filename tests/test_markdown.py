"""Words as Markdown, read back by a parser of CommonMark with tables and strikethrough."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from recurbench.reports.text.markdown import escaped, image, table

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKS = "*_`[]|<>\\~#!-+=.():&/$\"'1 a가\n"
NAMES = st.text(st.sampled_from(MARKS), max_size=25) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=25
)
WRONG = (
    "*a*",
    "_b_",
    "__c__",
    "`d`",
    "[e](f)",
    "![g](h)",
    "[i]: j",
    "<b>",
    "<http://k>",
    "~~l~~",
    "&lt;",
)


def one_line(text: str) -> str:
    return " ".join(text.split())


def shown(token: Token) -> str:
    """What a reader sees of a run of text; AssertionError where it is anything but text."""
    assert token.children is not None
    assert {child.type for child in token.children} <= {"text", "text_special"}, token.content
    return "".join(child.content for child in token.children)


def inlines(text: str) -> tuple[list[str], list[Token]]:
    tokens = PARSER.parse(text)
    return [token.type for token in tokens if token.type != "inline"], [
        t for t in tokens if t.type == "inline"
    ]


@given(NAMES)
@example("1. a")
@example("- a")
@example("---")
@example("===")
@example("[x] a")
@example("a `recurbench a|b` c")
def test_a_paragraph_an_item_and_a_heading_show_the_words_as_they_are(name: str) -> None:
    for before, kinds in (("", "paragraph"), ("- ", "paragraph"), ("## ", "heading")):
        blocks, found = inlines(f"first\n\n{before}{escaped(name)}\n\nlast")
        if one_line(name) and "`recurbench " not in name:
            assert shown(found[1]) == one_line(name)
            assert sum(block == f"{kinds}_open" for block in blocks) == (1 if kinds == "heading" else 3)
            assert not {"hr", "fence", "code_block", "html_block", "blockquote_open"} & set(blocks)


@given(NAMES, NAMES, NAMES)
@example("|", "\\|", "\\")
@example("`recurbench a|b`", "`a", "b`")
def test_a_table_has_the_cells_it_was_given(head: str, one: str, other: str) -> None:
    blocks, found = inlines("\n".join(table([head, "second"], [[one, other], ["last", "cell"]])))
    assert blocks.count("td_open") == 4
    assert blocks.count("th_open") == 2
    wanted = (head, "second", one, other, "last", "cell")
    assert [shown(cell) for cell in found] == [one_line(name) for name in wanted]


@given(NAMES, NAMES)
@example("a] b [c", "a (b).svg")
@example("\\[a", "b")
def test_a_picture_keeps_its_words_and_its_place(alt: str, path: str) -> None:
    _, (found,) = inlines(image(alt, f"p/{path}x"))
    assert found.children is not None
    (picture,) = found.children
    assert unquote(str(picture.attrs["src"])) == f"p/{path}x"
    assert (shown(picture) if one_line(alt) else "") == one_line(alt)


@given(NAMES)
def test_words_set_apart_stay_set_apart_as_a_whole(name: str) -> None:
    if one_line(name):
        _, (found,) = inlines(f"*a {escaped(name)}.*")
        assert found.children is not None
        kinds = [child.type for child in found.children if child.type not in ("text", "text_special")]
        assert kinds == ["em_open", "em_close"]


def stays(text: str, name: str) -> bool:
    """Whether a reader of this text sees the name and nothing else."""
    blocks, found = inlines(text)
    if blocks != ["paragraph_open", "paragraph_close"]:
        return False
    kinds = {child.type for child in found[0].children or ()}
    return kinds <= {"text", "text_special"} and shown(found[0]) == name


@pytest.mark.parametrize("name", WRONG)
def test_what_a_reader_of_markdown_would_act_on_it_shows_when_escaped(name: str) -> None:
    assert not stays(name, name)
    assert stays(escaped(name), name)


def test_what_means_nothing_stays_readable() -> None:
    for name in ("gru[max_steps=4000,x=1]", "time-domain-forest", "+0.5 [-0.1, +0.2]", "-0.5", "L_cut"):
        assert escaped(name) == name


def test_a_command_of_ours_is_set_as_code() -> None:
    assert escaped("Run `recurbench run` again.") == "Run `recurbench run` again."
