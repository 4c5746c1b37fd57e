"""Links and folded lists: where they lead, and what a page without their place shows."""

from __future__ import annotations

import re

from recurbench.reports.page.links import (
    LISTED,
    listed,
    method_link,
    method_row,
    problem_anchor,
    problem_link,
)
from recurbench.reports.page.markup import breakable, inline, rich
from recurbench.reports.page.section import Folded, Link, Rich
from recurbench.reports.text.translation import Messages

EVIL = '"><script>alert(1)</script>'


def test_an_address_may_break_and_a_command_in_a_sentence_is_code() -> None:
    assert str(breakable("rnn[a=1,b=<2>]")) == "rnn[<wbr>a=1,<wbr>b=&lt;2&gt;]"
    assert str(breakable("[+0.8, -1.2]")) == "[+0.8, -1.2]"
    assert str(inline("run `a & b` now")) == "run <code>a &amp; b</code> now"


def test_a_link_leads_to_the_first_of_its_places_that_the_page_has() -> None:
    link = Link("words", "one", "two", hint="whole")
    assert str(rich(inline, {"one", "two"})(link)) == '<a href="#one" title="whole">words</a>'
    assert str(rich(inline, {"two"})(link)) == '<a href="#two" title="whole">words</a>'
    assert str(rich(inline, set())(link)) == "words"


def test_a_rich_text_is_its_plain_text_with_links_in_it() -> None:
    text = Rich("0.9\n", Link("gru", "place"), "\n† note")
    assert text == "0.9\ngru\n† note"
    assert str(rich(inline, {"place"})(text)) == '0.9\n<a href="#place">gru</a>\n† note'


def test_nothing_of_a_link_becomes_markup() -> None:
    made = str(rich(breakable, {"place"})(Rich(EVIL, Link(EVIL, "place", hint=EVIL), Folded(EVIL, EVIL))))
    assert "<script" not in made
    assert re.sub(r"&[^;]+;|</?(?:a|details|summary|wbr)\b[^>]*>", "", made).count("<") == 0


def test_a_folded_text_shows_its_start_and_holds_all_of_it_with_its_links() -> None:
    whole = Rich(*(Link(name, name) for name in "abcde"))
    made = str(rich(inline, set("abcde"))(Folded(whole, "a and 4 more")))
    assert made.startswith('<details class="more"><summary>a and 4 more</summary>')
    assert re.findall(r'href="#(.)"', made) == list("abcde")


def test_a_long_list_is_folded_and_a_short_one_is_not() -> None:
    names = [problem_link(f"problem-{k}") for k in range(LISTED + 2)]
    short, long = listed(names[:-1], Messages()), listed(names, Messages())
    assert not isinstance(short, Folded)
    assert isinstance(long, Folded)
    assert long == ", ".join(names)
    assert long.start.endswith("and 2 more")


def test_every_address_has_an_anchor_of_its_own() -> None:
    addresses = ["parity", "parity[length=5]", "parity[length=6]", "parity-length-5", EVIL]
    for anchor in (problem_anchor, method_row):
        made = {anchor(address) for address in addresses}
        assert len(made) == len(addresses)
        assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in made)


def test_a_method_shows_its_address_on_demand_only_where_its_name_does_not() -> None:
    assert method_link("gru[hidden=8]", "gru").hint == "gru[hidden=8]"
    assert method_link("gru", "gru").hint == ""
