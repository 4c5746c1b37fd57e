"""What reports call a method: plain words for its settings, and a name of its own for every address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.address import joined, short
from recurbench.reports.text.method_names import _shortened, method_name, method_names
from recurbench.reports.text.translation import LANGUAGES, Messages


@pytest.mark.parametrize(
    ("address", "english", "korean"),
    [
        ("lstm", "lstm", "lstm"),
        ("lstm[max_steps=2000,patience=2000]", "lstm, 2,000 steps", "lstm, 2,000스텝"),
        ("lstm[max_steps=2000,patience=300]", "lstm, 2,000 steps, patience 300", None),
        ("gru[hidden=64,bidirectional=True]", "gru, 64 units, bidirectional", None),
        ("ridge[calendar=False]", "ridge, no calendar", "ridge, calendar 없음"),
        ("tcn[learning_rate=0.001,reach=200]", "tcn, learning rate 0.001, reach 200", None),
        ("a[b", "a[b", "a[b"),
    ],
)
def test_a_name_says_its_settings_in_words(address: str, english: str, korean: str | None) -> None:
    assert method_name(address, Messages()) == english
    if korean is not None:
        assert method_name(address, Messages("ko")) == korean


def test_settings_that_all_methods_of_a_name_share_are_left_out() -> None:
    addresses = ["gru[hidden=8,max_steps=30]", "gru[hidden=16,max_steps=30]", "mlp[max_steps=30]"]
    assert [*method_names(addresses, Messages()).values()] == ["gru, 8 units", "gru, 16 units", "mlp"]


def test_a_patience_that_alone_tells_two_methods_apart_is_said() -> None:
    addresses = ["lstm", "lstm[max_steps=2000]", "lstm[max_steps=2000,patience=2000]"]
    names = [*method_names(addresses, Messages()).values()]
    assert names == ["lstm", "lstm, 2,000 steps", "lstm, 2,000 steps, patience 2,000"]


SETTINGS = st.dictionaries(
    st.sampled_from(["max_steps", "patience", "hidden", "reach", "no_reach"]),
    st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["2", "steps", "no reach"])),
    max_size=3,
)


@given(st.lists(st.tuples(st.sampled_from(["lstm", "gru"]), SETTINGS), min_size=1, max_size=8))
def test_names_are_distinct_whatever_the_settings(methods: list[tuple[str, dict[str, object]]]) -> None:
    addresses = [*dict.fromkeys(joined(name, settings) for name, settings in methods)]
    for language in LANGUAGES:
        names = method_names(addresses, Messages(language))
        assert list(names) == addresses
        assert len(set(names.values())) == len(addresses)
    shortened = _shortened(addresses)
    assert shortened == {address: short(address, addresses) for address in addresses}
