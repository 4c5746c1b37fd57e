"""The reader of .ts files: what was written comes back, what cannot be read is refused by file and line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reading.ts_file import read_ts
from shared_files import SHARED

GAP = st.sampled_from(["?", "NaN", "nan", "", " ", "NA"])
VALUES = st.floats(allow_nan=False, allow_infinity=False, width=64)
NAMES = st.text("abcABC019._-é", min_size=1, max_size=4).filter(
    lambda name: name.lower() not in ("nan", "na") and not re.fullmatch(r"-?\d+\.0*", name)
)
HEAD = "@problemName x\n@timeStamps false\n@univariate true\n@classLabel true a b\n@data\n"


def read(text: str | bytes, folder: Path, name: str = "x.ts"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_ts(path)


def stamps(kind: str, count: int) -> list[str]:
    days = np.datetime64("2020-01-30") + np.arange(count)
    return {
        "whole": [str(i) for i in range(count)],
        "decimal": [f"{i / 2 - 1:.1f}" for i in range(count)],
        "exponent": [f"{i}e-3" for i in range(count)],
        "days": [str(day) for day in days],
        "times": [f"{day} 12:30:{i % 60:02d}" for i, day in enumerate(days)],
        "iso": [f"{day}T00:00:00" for day in days],
    }[kind]


@st.composite
def files(draw):
    """The text of a file with all that may vary in one, and the numbers and answers written into it."""
    kind = draw(st.sampled_from(["", "whole", "decimal", "exponent", "days", "times", "iso"]))
    channels, target, equal = draw(st.integers(1, 3)), draw(st.booleans()), draw(st.booleans())
    blank, end = draw(st.sampled_from(["", " ", "\t"])), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    fixed = draw(st.integers(1, 4))
    rows, cases, answers = [], [], []
    for _ in range(draw(st.integers(1, 4))):
        length = fixed if equal else draw(st.integers(1, 4))
        table, parts = np.full((length, channels), np.nan), []
        for c in range(channels):
            # One value in every channel: a channel without any is refused.
            given_at = draw(st.integers(0, length - 1))
            cells = []
            for t in range(length):
                if t == given_at or draw(st.booleans()):
                    value = table[t, c] = draw(VALUES)
                    cells.append(draw(st.sampled_from([repr, "{:.17e}".format, "{:+.17E}".format]))(value))
                else:
                    cells.append(draw(GAP))
            cells = [f"{blank}{cell}{blank}" for cell in cells]
            pairs = zip(stamps(kind, length), cells, strict=True) if kind else ()
            parts.append(",".join(f"({stamp},{cell})" for stamp, cell in pairs) if kind else ",".join(cells))
        answer = repr(draw(VALUES)) if target else draw(NAMES)
        rows.append(f"{blank}:{blank}".join((*parts, answer)) + blank)
        cases.append(table)
        answers.append(float(answer) if target else answer)
    key = draw(st.sampled_from([str, str.upper, str.lower]))
    said = [
        f"@timeStamps {bool(kind)}",
        f"@equalLength {equal}",
        f"@univariate {channels == 1}",
        "@missing false",
    ]
    said.append("@targetLabel true" if target else "@classLabel true")
    head = [key(word) for word in draw(st.permutations(said))]
    noise = draw(st.lists(st.sampled_from(["", "  ", "# 1,2:a", "% note", "\t# @data"]), max_size=3))
    lines = ["# \xe9 a case: 1,2,3:a", "A line of description.", *noise, *head, *noise, key("@data"), *noise]
    for row in rows:
        lines += [row, *noise]
    return draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + end, cases, answers, target


@given(file=files())
def test_what_was_written_comes_back_bit_for_bit(file, tmp_path_factory):
    text, cases, answers, target = file
    found = read(text, tmp_path_factory.getbasetemp())
    assert found.asks_numbers == target
    assert found.answers == answers
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found.series, cases, strict=True))


def test_classes_that_differ_by_a_capital_are_two_and_blanks_around_them_do_not_count(tmp_path):
    found = read(f"{HEAD.replace('a b', 'A a b')}1,2: A\n1,3:a \n1,4:\tb\n", tmp_path)
    assert found.answers == ["A", "a", "b"]


def test_whole_numbers_with_and_without_a_point_are_one_class(tmp_path):
    head = HEAD.replace("a b", "1 2.0")
    assert read(f"{head}1,2:1\n1,3:1.0\n1,4:2\n", tmp_path).answers == ["1", "1", "2"]


def test_a_class_that_the_header_lists_with_other_capitals_is_read_as_it_stands(tmp_path):
    assert read(f"{HEAD}1,2:A\n1,3:B\n", tmp_path).answers == ["A", "B"]


def test_a_header_line_may_stand_twice_where_both_say_the_same(tmp_path):
    head = HEAD.replace("@data", "@UNIVARIATE True\n@classlabel true  a b\n@problemName y\n@data")
    assert read(f"{head}1,2:a\n", tmp_path).answers == ["a"]


def test_signs_and_exponents_beside_time_stamps_are_kept(tmp_path):
    head = HEAD.replace("@timeStamps false", "@timeStamps true")
    found = read(f"{head}(0,-1),(1,+2e-3),(2,?):a\n(0.5,1),(1.5,-2),(2.25,3):b\n", tmp_path)
    assert found.series[0][:2, 0].tolist() == [-1, 0.002]
    assert found.series[1][:, 0].tolist() == [1, -2, 3]
    assert found.stamped


@pytest.mark.parametrize(
    ("case", "uneven"),
    [
        ("(0,1),(1,2),(3,3):a", 1),
        ("(0,1),(1,2),(2,3):a", 0),
        ("(0.1,1),(0.2,2),(0.3,3):a", 0),
        ("(2020-01-01,1),(2020-01-02,2),(2020-01-05,3):a", 1),
        ("(2020-02-28,1),(2020-02-29,2),(2020-03-01,3):a", 0),
        ("(7,1):a", 0),
    ],
)
def test_cases_with_uneven_time_stamps_are_counted(tmp_path, case, uneven):
    assert read(f"{STAMPED}(0,1),(1,2),(2,3):b\n{case}\n", tmp_path).uneven == uneven


def test_channels_may_write_the_same_time_stamps_in_two_ways(tmp_path):
    assert read(f"{WIDE}(0,1),(1,2):(0.0,3),(1e0,4):a\n", tmp_path).series[0].tolist() == [[1, 3], [2, 4]]


def test_bytes_that_are_no_utf8_may_stand_in_comments_only(tmp_path):
    assert read(b"# Andr\xe9\n" + HEAD.encode() + b"1,2:a\n", tmp_path).answers == ["a"]
    with pytest.raises(
        ValueError, match=r"x.ts, line 6: the name b'\\xe9' is not UTF-8; save the file as UTF-8"
    ):
        read(HEAD.encode() + b"1,2:\xe9\n", tmp_path)


def test_a_file_saved_as_utf16_is_read(tmp_path):
    assert read(f"{HEAD}1,2:a\n".encode("utf-16"), tmp_path).series[0].tolist() == [[1], [2]]


STAMPED = HEAD.replace("@timeStamps false", "@timeStamps true")
WIDE = STAMPED.replace("@univariate true", "@univariate false")
EQUAL = f"@equalLength true\n{HEAD}"
TARGET = HEAD.replace("@classLabel true a b", "@targetLabel true")
MANY = HEAD.replace("@univariate true", "@univariate false")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3:a\n1,2,3:b\n", "line 1: a case comes before the header line @data; write above"),
        ("@classLabel true a\n(0,1),(1,2):a\n", "line 2: a case comes before the header line @data"),
        ("", r"no header line @data \(seen: nothing but blank lines and comments\); write above"),
        ("<!DOCTYPE html>\n", r"no header line @data \(seen: up to line 1, '<!DOCTYPE html>'\)"),
        (b"PK\x03\x04...", "is a compressed archive, and a text file is needed; unpack it"),
        (b"\xff\xfea\x00b", "is no valid UTF-16 text .truncated data.; save it as UTF-8"),
        (
            f"{HEAD}1,2:a\n{HEAD}1,2:b\n",
            "line 7: '@problemName' comes after @data; write header lines before",
        ),
        (HEAD.replace("@data\n", ""), "no header line @data"),
        (f"{HEAD}\n# none\n", r"has no case after @data \(line 5\)"),
        (HEAD.replace("@data", "@data 1,2:a"), "line 5: @data is followed by '1,2:a'"),
        (
            HEAD.replace("@classLabel true a b", "@classLabel false") + "1,2\n",
            r"\(line 4 says false\); write above",
        ),
        (
            HEAD.replace("@classLabel true a b\n", "") + "1,2:a\n",
            "no header line says @classLabel true or @targetL",
        ),
        (HEAD.replace("@classLabel", "@classLable") + "1,2:a\n", "no header line says @classLabel true"),
        (f"@targetLabel true\n{HEAD}1,2:1\n", "lines 5 and 1: @classLabel true and @targetLabel true"),
        (
            HEAD.replace("true a b", "a b") + "1,2:a\n",
            "line 4: '@classLabel a b' says neither true nor false",
        ),
        (
            HEAD.replace("@univariate true", "@univariate yes") + "1,2:a\n",
            "line 3: '@univariate yes' says neither",
        ),
        (
            HEAD.replace("@data", "@TimeStamps True\n@data") + "1,2:a\n",
            "line 5: '@TimeStamps True', and line 2 says another; keep one of them",
        ),
        (
            HEAD.replace("@data", "@classLabel true c d\n@data") + "1,2:a\n",
            "line 5: '@classLabel true c d', and line 4 says another; keep one of them",
        ),
        (f"{HEAD}1,2:a\n\n1,2:c\n", "line 8: the class 'c' is not in the header: line 4 lists a b; add it"),
        (f"{HEAD}1,2:A\n1,2:a\n", "line 6: the class 'A' is not in the header"),
        (f"{HEAD}1,2:3,4:a\n", "line 6: 2 channels, and line 3 says @univariate true; write false"),
        (
            f"{EQUAL}1,2:a\n1,2,3:b\n",
            "line 8: 3 steps, and line 7 has 2, while line 1 says @equalLength true",
        ),
        (f"{MANY}1,2:3,4:a\n1,2:a\n", "line 7: 1 channels, and line 6 has 2"),
        (f"{MANY}1,2:3,4,5:a\n", "line 6: channel 2 has 3 values, channel 1 has 2; give all channels"),
        (f"{MANY}1,2:?,NaN:a\n", "line 6: channel 2 has no value; leave the case out"),
        (f"{HEAD}1,2\n", "line 6: the case has no class; end it with ':' and its class"),
        (f"{HEAD}1,2:\n", "line 6: the class is missing"),
        (
            f"{HEAD}1,2:?\n",
            r"line 6: the class is missing \(it reads '\?'\); write it, or leave the case out",
        ),
        (f"{HEAD}1,x2:a\n", "line 6: 'x2' is no number; write a number"),
        (f"{HEAD}1 2 3:a\n", "line 6: '1 2 3' is no number"),
        (f"{HEAD}1_0,2:a\n", "line 6: '1_0' is no number"),
        (f"{HEAD}1-2,2:a\n", "line 6: '1-2' is no number"),
        (f"{HEAD}1,-inf:a\n", "line 6: '-inf' is no finite number; write"),
        (f"{HEAD}1,1e999:a\n", "line 6: '1e999' is no finite number"),
        (
            f"{HEAD}(0,1),(1,2):a\n",
            "line 6: a case with time stamps, and the header says none; write @timeStamps",
        ),
        (f"{STAMPED}1,2:a\n", r"line 6: no \(stamp,value\), and line 2 says @timeStamps true; write false"),
        (f"{STAMPED}(0,1),(1,2)\n", "line 6: the case has no class"),
        (f"{STAMPED}(0,1),(1,2):(0,1),(1,2)\n", "line 6: the case has no class"),
        (f"{STAMPED}(0,1),(0,2):a\n", "line 6: channel 1: the stamp 0 follows 0; sort the steps by time"),
        (f"{STAMPED}(2020-01-02,1),(2020-01-01,2):a\n", "the stamp 2020-01-01 follows 2020-01-02"),
        (
            f"{WIDE}(0,1),(1,2):(5,3),(6,4):a\n",
            "line 6: channel 2 has the stamp 5 where channel 1 has 0; give all channels of a case the same",
        ),
        (f"{WIDE}(0,1),(1,2):(0,1),(1,2):(0,3),(2,4):a\n", "channel 3 has the stamp 2 where channel 1 has 1"),
        (
            f"{WIDE}(2020-01-01,1):(2020-01-02,3):a\n",
            "channel 2 has the stamp 2020-01-02 where channel 1 has 2020-01-01",
        ),
        (f"{WIDE}(0,1):(2020-01-02,3):a\n", "channel 2 has the stamp 2020-01-02 where channel 1 has 0"),
        (f"{WIDE}(0,1),(1,2):(0,3):a\n", "channel 2 has 1 values, channel 1 has 2"),
        (f"{STAMPED}(0,1,2),(1,2,3):a\n", r"channel 1: \(0,1,2\) is no \(stamp,value\)"),
        (f"{STAMPED}(mon,1),(tue,2):a\n", "the stamps from 'mon' on are neither numbers nor dates"),
        (f"{TARGET}1,2:a\n", "line 6: the answer 'a' is no finite number; write a number"),
        (f"{TARGET}1,2:inf\n", "line 6: the answer 'inf' is no finite number"),
        (f"{TARGET}1,2:NaN\n", "line 6: the number is missing"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(tmp_path, text, words):
    with pytest.raises(ValueError, match=words) as refused:
        read(text, tmp_path)
    assert str(tmp_path / "x.ts") in str(refused.value)


def test_of_many_offenders_the_number_and_the_first_three_are_named(tmp_path):
    with pytest.raises(ValueError, match="line 6: 'p' is no number") as refused:
        read(f"{HEAD}p,1:a\n1,2:a\nq,1:a\n1,2:?\nr,1:b\n", tmp_path)
    also = "also line 8: 'q' is no number; line 9: the class is missing (it reads '?'); ..."
    assert str(refused.value).endswith(f"(4 lines are at fault; {also})")


@pytest.mark.long
def test_the_archives_files_are_read_as_by_aeon_where_aeon_is_right():
    if not SHARED.is_dir():
        pytest.skip("the archives are not beside the repository (../shared/data)")
    from aeon.datasets import load_from_ts_file

    for path in sorted((SHARED / "ucr").glob("*/*.ts")):
        ours = read_ts(path)
        cases, answers = load_from_ts_file(str(path))
        assert all(np.array_equal(a, b.T, equal_nan=True) for a, b in zip(ours.series, cases, strict=True)), (
            path
        )
        assert [str(answer).lower() for answer in ours.answers] == [str(answer) for answer in answers], path


@pytest.mark.parametrize("name", ["GunPoint", "JapaneseVowels", "BasicMotions", "Covid3Month"])
def test_the_files_inside_aeon_are_read_as_by_aeon(name):
    from aeon.datasets import load_from_ts_file
    from recurbench.reading.series import packaged

    path = packaged("aeon", "datasets", "data", name, f"{name}_TRAIN.ts")
    ours = read_ts(path)
    cases, answers = load_from_ts_file(str(path))
    assert all(np.array_equal(a, b.T, equal_nan=True) for a, b in zip(ours.series, cases, strict=True))
    assert [str(answer).lower() for answer in ours.answers] == [str(answer) for answer in answers]


def test_new_cases_need_no_answer_and_answers_that_are_there_are_not_returned(tmp_path):
    path = tmp_path / "new.ts"
    path.write_text("@timeStamps false\n@classLabel false\n@data\n1,2,3:4,5,6\n7,8,9:1,1,1\n")
    cases = read_ts(path, answers=False)
    assert [values.tolist() for values in cases.series] == [
        [[1, 4], [2, 5], [3, 6]],
        [[7, 1], [8, 1], [9, 1]],
    ]
    assert cases.answers == []
    path.write_text(f"{HEAD}1,2,3:?\n4,5,6:a\n")
    cases = read_ts(path, answers=False)
    assert [values[:, 0].tolist() for values in cases.series] == [[1, 2, 3], [4, 5, 6]]


def test_new_cases_with_time_stamps_need_no_answer(tmp_path):
    path = tmp_path / "new.ts"
    path.write_text("@timeStamps true\n@data\n(0,1),(1,2):(0,3),(1,4)\n")
    assert read_ts(path, answers=False).series[0].tolist() == [[1, 3], [2, 4]]
