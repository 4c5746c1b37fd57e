"""The table of a proposal: every line fits its columns, and long values move the reason to the next line."""

from recurbench.cli.proposals import proposal_lines, remark_lines, wrapped
from recurbench.reading.proposal import Fact, Proposal, Remark

LONG = "x" * 60
SALES = Proposal(
    "csv",
    {"path": "/somewhere/sales.csv"},
    (Fact("target", "Sales", "the only numeric column", "--target"), Fact("time", LONG, "dates", "--time")),
    (Remark("3 dates missing"),),
)


def test_each_choice_stands_beside_its_option_and_its_reason():
    head, target, time, why, note = proposal_lines([SALES])
    assert head == "sales.csv:"
    assert target.split() == ["target", "--target", "Sales", "the", "only", "numeric", "column"]
    assert time.index(LONG) == target.index("Sales")
    assert why.index("dates") == target.index("the only")
    assert note == "note: 3 dates missing"


def test_several_problems_are_separated_by_a_blank_line():
    assert list(proposal_lines([SALES, SALES])).count("") == 1


def test_a_run_shows_the_columns_and_the_remarks_in_short():
    short, note = remark_lines([SALES])
    assert short == f"Read as: target Sales; time {LONG}. --dry-run explains each choice."
    assert note == "note: 3 dates missing"


def test_in_a_narrow_terminal_no_line_is_broken_within_a_word():
    head, target, *rest = proposal_lines([SALES], 50)
    assert [target, *rest] == [
        "  target  Sales (the only numeric column;",
        "          --target)",
        "  time",
        f"          {LONG}",
        "          (dates; --time)",
        "note: 3 dates missing",
    ]
    assert head == "sales.csv:"
    assert list(proposal_lines([SALES], 200)) == list(proposal_lines([SALES]))
    assert wrapped("one two three", 8) == ["one two", "  three"]
    assert wrapped("one two three", None) == ["one two three"]
