"""Dates as languages write them, and the field of every character."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Problem
from recurbench.datasets.date_tags import FIELDS, LOCALES, STYLES, date_tags, tagged

LETTER = {"literal": "-", "weekday": "W", "day": "D", "month": "M", "year": "Y"}


def picture(locale: str, style: str) -> tuple[str, str]:
    text, tags = tagged(date(1987, 3, 9), locale, style)
    return text, "".join(LETTER[FIELDS[tag]] for tag in tags)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return date_tags()


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.sampled_from(LOCALES), st.sampled_from(STYLES))
def test_the_text_is_what_babel_writes_and_every_character_has_one_tag(when, locale, style):
    text, tags = tagged(when, locale, style)
    assert text == format_date(when, style, locale=locale)
    assert len(text) == len(tags)
    found = dict.fromkeys(FIELDS, "")
    for character, tag in zip(text, tags, strict=True):
        found[FIELDS[tag]] += character
    assert int(found["day"]) == when.day
    assert int(found["year"]) % 100 == when.year % 100
    assert bool(found["weekday"]) == (style == "full")


def test_korean_and_american_dates_are_tagged_as_a_reader_would():
    assert picture("ko_KR", "full") == ("1987년 3월 9일 월요일", "YYYY--MM-D--WWW")
    assert picture("en_US", "full") == ("Monday, March 9, 1987", "WWWWWW--MMMMM-D--YYYY")
    assert picture("en_US", "short") == ("3/9/87", "M-D-YY")
    assert picture("pt_BR", "long") == ("9 de março de 1987", "D----MMMMM----YYYY")


def test_no_date_is_in_two_parts(problem):
    train, valid, test = (set(split.series) for split in (problem.train, problem.valid, problem.test))
    assert (len(train), len(valid), len(test)) == (800, 200, 400)
    assert not train & valid
    assert not train & test
    assert not valid & test


def test_no_text_can_be_read_in_two_ways(problem):
    seen: dict[bytes, bytes] = {}
    for split in (problem.train, problem.valid, problem.test):
        for x, y in zip(split.x, split.y, strict=True):
            if 0 not in x:
                assert seen.setdefault(x.tobytes(), y.tobytes()) == y.tobytes()


def test_the_vocabulary_is_that_of_train_and_the_rest_is_one_unknown_symbol(problem):
    used = set(np.concatenate(problem.train.x).tolist())
    assert used == set(range(1, problem.task.x.size))
    small = date_tags(n_train=5, n_test=50)
    assert 0 in np.concatenate(small.test.x)
    assert max(x.max() for x in small.test.x) < small.task.x.size
    assert small.task.x.names[0] == "\ufffd"


def test_answers_are_aligned_and_every_field_occurs(problem):
    assert problem.task.length == "same"
    assert not problem.task.causal
    for split in (problem.train, problem.valid, problem.test):
        assert all(len(x) == len(y) for x, y in zip(split.x, split.y, strict=True))
        assert set(np.concatenate(split.y).tolist()) == set(range(5))


def test_draws_are_repeatable_and_the_size_of_one_leaves_the_dates_of_the_others(problem):
    again, other = date_tags(), date_tags(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(problem.test.x, again.test.x, strict=True))
    assert problem.test.series != other.test.series
    assert date_tags(n_train=10).test.series == problem.test.series


def test_about_names_both_licences(problem):
    assert "Unicode License" in problem.about.licence
    assert problem.about.version.startswith("babel ")
    assert problem.about.metric == "accuracy"


def test_more_dates_than_there_are_is_refused():
    with pytest.raises(ValueError, match="n_test=99999"):
        date_tags(n_test=99999)
