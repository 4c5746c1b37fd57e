"""What a setting takes: values, words that stand for them, and the sentence that refuses the rest."""

from __future__ import annotations

import enum
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.address import split_address, value_text
from recurbench.registry import Plugin, Registry, discover
from recurbench.setting_types import ANYTHING, SettingType, UnfitError, by_default

BOOL, INT, FLOAT, TEXT = (SettingType((kind,)) for kind in (bool, int, float, str))
NONE = SettingType(none=True)
WORDS = SettingType(words=("none", "window", "true"))
SIZE = SettingType((int,), bounds=((int, ">=", 1),))
SHARE = SettingType((float,), bounds=((float, ">", 0), (float, "<=", 1)))
NAMES = SettingType(sequence=tuple, items=(TEXT,))
LONG = "x" * 500
COUNTS = SettingType(sequence=tuple, items=(INT, INT, INT), places=True)


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


class Colour(enum.IntEnum):
    RED = 1


class Metres(float):
    def __str__(self) -> str:
        return f"{float(self)} m"


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        (BOOL, True, True),
        (BOOL, "false", False),
        (BOOL, "True", True),
        (BOOL, "FALSE", False),
        (BOOL, np.bool_(True), True),
        (BOOL | NONE, "None", None),
        (INT, 16, 16),
        (INT, 16.0, 16),
        (INT, 1e2, 100),
        (INT, np.int64(3), 3),
        (INT | NONE, "none", None),
        (FLOAT, 3, 3.0),
        (FLOAT, 0.5, 0.5),
        (FLOAT, -0.0, 0.0),
        (FLOAT, np.float32(0.5), 0.5),
        (FLOAT | INT, 1, 1),
        (FLOAT | INT, 1.0, 1.0),
        (TEXT, "false", "false"),
        (TEXT, "None", "None"),
        (TEXT, "5", "5"),
        (TEXT, Path("a/b.csv"), "a/b.csv"),
        (TEXT, np.str_("word"), "word"),
        (TEXT | NONE, "none", "none"),
        (TEXT | NONE, None, None),
        (BOOL | TEXT, "false", "false"),
        (WORDS, "none", "none"),
        (WORDS, "true", "true"),
        (SettingType(words=(0, 1)), 1.0, 1),
        (SettingType(words=(False, "auto")), "false", False),
        (SIZE, 1, 1),
        (SHARE, 1, 1.0),
        (NAMES, "price", ("price",)),
        (NAMES, ["a", "b"], ("a", "b")),
        (NAMES, np.array(["a"]), ("a",)),
        (NAMES, (), ()),
        (COUNTS, [0, 1.0, 1], (0, 1, 1)),
        (COUNTS | NONE, "none", None),
        (INT, Colour.RED, 1),
        (FLOAT, Metres(1.5), 1.5),
        (FLOAT, np.longdouble(1.5), 1.5),
        (INT, np.longdouble(2), 2),
        (SettingType(sequence=tuple, items=(FLOAT,)), np.array([1.5], dtype=np.longdouble), (1.5,)),
        (SettingType(sequence=list, items=(FLOAT,)), (1, 2), [1.0, 2.0]),
        (ANYTHING, "false", "false"),
        (ANYTHING, None, None),
    ],
)
def test_a_value_is_taken_in_the_type_of_the_setting(kind: SettingType, given: Any, taken: Any) -> None:
    assert same(kind.fitted(given), taken)
    assert same(kind.fitted(kind.fitted(given)), taken)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        (BOOL, 1, "True or False"),
        (BOOL, "yes", "True or False"),
        (BOOL, None, "True or False"),
        (BOOL, "none", "True or False"),
        (INT, True, "a whole number"),
        (INT, 1.5, "a whole number"),
        (INT, "abc", "a whole number"),
        (INT, "5", "a whole number"),
        (INT, math.inf, "a whole number"),
        (INT, None, "a whole number"),
        (INT, (1, 2), "a whole number"),
        (INT, 1j, "a whole number"),
        (INT, b"5", "a whole number"),
        (INT, ..., "a whole number"),
        (FLOAT, False, "a finite number"),
        (FLOAT, math.nan, "a finite number"),
        (FLOAT, math.inf, "a finite number"),
        (FLOAT, 10**400, "a finite number"),
        (FLOAT, "inf", "a finite number"),
        (TEXT, False, "text"),
        (TEXT, 5, "text"),
        (TEXT, None, "text"),
        (TEXT, ("a",), "text"),
        (WORDS, "windows", "'none', 'window' or 'true'"),
        (WORDS, True, "'none', 'window' or 'true'"),
        (WORDS, None, "'none', 'window' or 'true'"),
        (SettingType(words=(0, 1)), True, "0 or 1"),
        (SIZE, 0, "a whole number of at least 1"),
        (SIZE, -3, "a whole number of at least 1"),
        (SIZE | NONE, 0, "a whole number of at least 1 or None"),
        (SHARE, 0, "a finite number above 0 and at most 1"),
        (SHARE, 1.01, "a finite number above 0 and at most 1"),
        (NAMES, 5, "a list (each text)"),
        (NAMES, ("a", 5), "a list (each text)"),
        (NAMES, None, "a list (each text)"),
        (COUNTS, (1, 1), "a list of 3 values (each a whole number)"),
        (COUNTS, 1, "a list of 3 values (each a whole number)"),
        (COUNTS, (1, 1, 1.5), "a list of 3 values (each a whole number)"),
    ],
)
def test_any_other_value_is_refused_with_what_is_wanted(kind: SettingType, given: Any, wanted: str) -> None:
    with pytest.raises(UnfitError) as refused:
        kind.fitted(given)
    assert str(refused.value) == f"wanted {wanted}"


@pytest.mark.parametrize(
    ("kind", "given", "default", "sentence"),
    [
        (BOOL, "flase", True, "s is 'flase', wanted True or False; write for example s=True"),
        (
            WORDS,
            "windw",
            "none",
            "s is 'windw', wanted 'none', 'window' or 'true'; write s=window, the nearest",
        ),
        (INT, "5", 1, "s is '5', wanted a whole number; write s=5, without quotes"),
        (TEXT, False, "", "s is False, wanted text; write s='False', with quotes"),
        (TEXT, 5, "", "s is 5, wanted text; write s='5', with quotes"),
        (TEXT, 1e5, "", "wanted text; write s='...', the text as it stands between the quotes"),
        (NAMES, 2019, (), "s is 2019, wanted a list (each text); write s=('2019',), with quotes"),
        (NAMES, ("a", 7), (), "write s=('a', '7'), with quotes"),
        (NAMES, (1.5,), ("a",), "write for example s=('a',)"),
        (WORDS, True, "none", "write s='true', with quotes"),
        (SettingType(words=("truncate", "auto")), True, "auto", "write for example s=auto"),
        (INT, (1, 2), 3, "write for example s=3"),
        (COUNTS, 1, (0, 1, 1), "(each a whole number); write for example s=(0, 1, 1)"),
        (
            SettingType(words=tuple("abcdefghijklm")),
            "?",
            "a",
            "wanted one of 13 words; write for example s=a",
        ),
        (INT, "x" * 500, 1, f"s is '{'x' * 59}..., wanted"),
    ],
)
def test_the_refusal_says_what_was_seen_and_what_to_write(
    kind: SettingType, given: Any, default: Any, sentence: str
) -> None:
    assert sentence in kind.refusal("s", given, default)


@pytest.mark.parametrize(
    ("default", "wanted"),
    [
        (False, "True or False"),
        (3, "a whole number"),
        (0.5, "a finite number"),
        ("a", "text"),
        (None, "any value"),
        ((), "a list (each any value)"),
        ((1, 2), "a list (each a whole number)"),
        (["a", 1], "a list (each text or a whole number)"),
        ({"a": 1}, "a dict"),
    ],
)
def test_without_an_annotation_the_type_of_the_default_decides(default: Any, wanted: str) -> None:
    kind = by_default(default)
    assert kind.description == wanted
    assert same(kind.fitted(default), default)


def test_a_dict_is_taken_where_the_default_is_one() -> None:
    assert by_default({}).fitted({"b": 2}) == {"b": 2}
    with pytest.raises(UnfitError):
        by_default({}).fitted(3)


def plugin_of(**types: tuple[SettingType, Any]) -> Plugin:
    settings = {name: default for name, (_, default) in types.items()}
    kinds = {name: kind for name, (kind, _) in types.items()}
    return Plugin("m", "method", "f", "m", Path("m.py"), "me", frozenset({"regression"}), settings, kinds)


PLUGIN = plugin_of(
    flag=(BOOL, False),
    size=(INT, 1),
    share=(FLOAT, 1.0),
    word=(TEXT, ""),
    either=(FLOAT | INT | NONE, None),
    names=(NAMES, ()),
    order=(COUNTS | NONE, None),
    how=(WORDS, "none"),
    any=(ANYTHING, None),
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text("abc=,'\"[](){}# 0.5\\\n\té중", max_size=8) | st.sampled_from(
    ["true", "False", "none", "1e3"]
)
VALUES = {
    "flag": st.booleans() | st.sampled_from(["true", "FALSE"]),
    "size": st.integers() | st.integers(-9, 9).map(float),
    "share": FLOATS | st.integers(-9, 9),
    "word": TEXTS,
    "either": st.none() | FLOATS | st.integers() | st.just("none"),
    "names": TEXTS | st.lists(TEXTS, max_size=3) | st.lists(TEXTS, max_size=3).map(tuple),
    "order": st.none()
    | st.tuples(*[st.integers(0, 3)] * 3)
    | st.lists(st.integers(0, 3), min_size=3, max_size=3),
    "how": st.sampled_from(WORDS.words),
    "any": st.none() | st.booleans() | TEXTS,
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_settings_keep_their_types_through_the_address(changes: dict[str, Any]) -> None:
    choice = PLUGIN.choose(changes)
    (again,) = Registry({"m": PLUGIN}, {}).select_methods([choice.address])
    assert same(again.settings, choice.settings)
    assert again.address == choice.address
    assert same(PLUGIN.choose(choice.settings).settings, choice.settings)


@pytest.mark.parametrize(
    ("one", "other", "address"),
    [
        ("m[flag=true]", "m[flag=True]", "m[flag=True]"),
        ("m[flag=false]", "m", "m"),
        ("m[size=16.0]", "m[size=16]", "m[size=16]"),
        ("m[size=1e2]", "m[size=100]", "m[size=100]"),
        ("m[share=3.0]", "m[share=3]", "m[share=3]"),
        ("m[share=1]", "m[share=1.0]", "m"),
        ("m[share=-0.0]", "m[share=0]", "m[share=0]"),
        ("m[share=.5]", "m[share=5e-1]", "m[share=0.5]"),
        ("m[names=(a,b)]", "m[names=['a', 'b']]", "m[names=('a', 'b')]"),
        ("m[names=a]", "m[names=('a',)]", "m[names=('a',)]"),
        ("m[order=[0,1,1]]", "m[order=(0, 1, 1)]", "m[order=(0, 1, 1)]"),
        ("m[order=none]", "m[order=None]", "m"),
        ("m[how=window,size=2]", "m[ size=2, how='window' ]", "m[how=window,size=2]"),
    ],
)
def test_one_choice_has_one_address_however_it_is_written(one: str, other: str, address: str) -> None:
    chosen = [Registry({"m": PLUGIN}, {}).select_methods([text])[0] for text in (one, other)]
    assert [choice.address for choice in chosen] == [address, address]
    assert same(chosen[0].settings, chosen[1].settings)


def test_a_share_is_told_from_a_number_of_steps_where_a_setting_takes_both() -> None:
    chosen = Registry({"m": PLUGIN}, {}).select_methods(["m[either=1]", "m[either=1.0]"])
    assert [choice.address for choice in chosen] == ["m[either=1]", "m[either=1.0]"]


@given(TEXTS)
def test_a_word_is_written_so_that_it_is_read_as_a_word(word: str) -> None:
    (choice,) = Registry({"m": PLUGIN}, {}).select_methods([f"m[word={value_text(word)}]"])
    assert choice.settings["word"] == word


@pytest.mark.parametrize(
    "address",
    [
        f"[{LONG}",
        f"a[{LONG}]",
        f"a[b='{LONG}]",
        f"a[b=({LONG}]",
        f"a[b=[({LONG}]]",
        f"a[b=1,b={LONG}]",
        f"a[{LONG}=]",
        f"a[b=1,{LONG}=1,{LONG}=2]",
    ],
)
def test_a_long_address_is_refused_in_a_short_sentence(address: str) -> None:
    with pytest.raises(ValueError, match=r"write|quotes") as refused:
        split_address(address)
    assert len(str(refused.value)) < 300
    assert "x" * 70 not in str(refused.value)


def test_what_a_refusal_says_to_write_is_taken() -> None:
    csv = discover().datasets["csv"]
    for typed in ("path=5", "path=True", "ahead=2019", "ahead=(1,2)", "path=1e5"):
        with pytest.raises(ValueError, match="; write ") as refused:
            csv.choose(split_address(f"csv[{typed}]")[1])
        remedy = str(refused.value).partition("; write ")[2].partition(", ")
        written = re.match(r"\w+=(?:\(.*?\)|'.*?')", "".join(remedy))
        assert written is not None
        csv.choose(split_address(f"csv[{written.group().replace('...', typed.partition('=')[2])}]")[1])
