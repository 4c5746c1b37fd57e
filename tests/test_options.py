"""The arguments that say what to run: lists of names, and names for the shell."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.cli.options import complete, split_names, suites


def split(*values):
    return split_names(None, None, values)


def test_lists_and_repeated_options_become_single_names():
    assert split("a,b", "c") == ("a", "b", "c")
    assert split("lstm[hidden=8,init='default'], dtw-*") == ("lstm[hidden=8,init='default']", "dtw-*")
    assert split("f[a=[1,2],b=(3,4)],g") == ("f[a=[1,2],b=(3,4)]", "g")
    assert split() == ()


def test_an_open_bracket_runs_to_the_end_so_that_the_name_is_refused_whole():
    assert split("lstm[hidden=8,drift") == ("lstm[hidden=8,drift",)


@pytest.mark.parametrize("value", ["", " , ,"])
def test_an_option_that_names_nothing_is_refused(value):
    with pytest.raises(click.BadParameter, match="contains no name"):
        split(value)


@given(
    st.lists(
        st.from_regex(r"[a-z][a-z0-9-]{0,8}(\[[a-z]=[0-9](,[a-z]=[0-9])?\])?", fullmatch=True), min_size=1
    )
)
def test_what_was_joined_by_commas_comes_apart_again(names):
    assert split(",".join(names)) == tuple(names)


def test_the_shell_completes_the_last_name_of_a_list():
    assert complete("methods")(None, None, "drift,sari") == ["drift,sarimax"]
    assert "gunpoint" in complete("datasets")(None, None, "gun")
    assert suites(None, None, "qu") == ["quick"]
