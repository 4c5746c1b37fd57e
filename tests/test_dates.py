"""English dates and their Korean reading: the pairs mean the same day, and no day is in two parts."""

from __future__ import annotations

import re
from datetime import date, datetime

import numpy as np
import pytest
from recurbench import Problem
from recurbench.datasets.dates import dates
from recurbench.metrics import score

WEEKDAYS = "월화수목금토일"
ENGLISH = {"full": "%A, %B %d, %Y", "long": "%B %d, %Y", "medium": "%b %d, %Y"}


@pytest.fixture(scope="module")
def problem() -> Problem:
    return dates()


@pytest.fixture(scope="module")
def whole() -> Problem:
    """Asked for every day that test can hold."""
    return dates(n_test=14610, n_train=2000)


def read(problem, split, i) -> tuple[str, str]:
    texts = zip((split.x[i], split.y[i]), (problem.task.x, problem.task.y), strict=True)
    english, korean = ("".join(values.names[code] for code in codes) for codes, values in texts)
    return english, korean


def test_a_known_date_is_written_as_both_languages_write_it(whole):
    place = whole.test.series.index("1987-03-04")
    assert read(whole, whole.test, place) == ("Wednesday, March 4, 1987", "1987년 3월 4일 수요일")


def test_both_texts_mean_the_day_of_the_series(problem):
    for i, day in enumerate(problem.test.series):
        when = date.fromisoformat(day)
        english, korean = read(problem, problem.test, i)
        assert datetime.strptime(english, ENGLISH["full"]).date() == when
        assert korean == f"{when.year}년 {when.month}월 {when.day}일 {WEEKDAYS[when.weekday()]}요일"


@pytest.mark.parametrize(
    ("style", "korean"),
    [("long", r"(\d+)년 (\d+)월 (\d+)일"), ("medium", r"(\d+)\. (\d+)\. (\d+)\.")],
)
def test_shorter_styles_are_shorter_in_both_languages(style, korean):
    problem = dates(style=style, n_train=3000, n_test=100)
    for i, day in enumerate(problem.test.series):
        english, other = read(problem, problem.test, i)
        assert datetime.strptime(english, ENGLISH[style]).date() == date.fromisoformat(day)
        assert date(*map(int, re.fullmatch(korean, other).groups())) == date.fromisoformat(day)


def test_mixed_pairs_come_in_all_three_styles_and_never_in_two():
    problem = dates(style="mixed", n_train=3000, n_test=600)
    seen = {"full": 0, "long": 0, "medium": 0}
    for i in range(600):
        english, korean = read(problem, problem.test, i)
        style = "full" if "요일" in korean else "long" if "년" in korean else "medium"
        datetime.strptime(english, ENGLISH[style])
        seen[style] += 1
    assert min(seen.values()) > 150
    assert problem.about.constant == pytest.approx(dates(n_train=1).about.constant / 3)


def test_no_date_is_in_two_parts(problem):
    train, valid, test = (set(split.series) for split in (problem.train, problem.valid, problem.test))
    assert (len(train), len(valid), len(test)) == (10000, 500, 1000)
    assert train.isdisjoint(valid | test)
    assert valid.isdisjoint(test)


def test_the_vocabularies_are_those_of_train_and_the_rest_is_one_unknown_symbol(problem):
    for values, sequences in ((problem.task.x, problem.train.x), (problem.task.y, problem.train.y)):
        assert set(np.concatenate(sequences).tolist()) == set(range(1, values.size))
        assert values.names[0] == "\ufffd"
    small = dates(n_train=1, n_test=50)
    assert 0 in np.concatenate(small.test.x)
    assert 0 in np.concatenate(small.test.y)


def test_the_best_is_no_error(problem):
    values = score(problem.task, problem.test, problem.oracle).values
    assert values["exact_match"] == problem.about.best == 1


def test_a_constant_answer_is_right_for_one_day_of_all(whole):
    constant = [whole.test.y[7]] * len(whole.test)
    right = sum(np.array_equal(y, answer) for y, answer in zip(whole.test.y, constant, strict=True))
    assert right == 1
    assert whole.about.constant == pytest.approx(1 / len(whole.test))


def test_draws_are_repeatable_and_the_size_of_one_leaves_the_dates_of_the_others(problem):
    again, other = dates(n_train=300), dates(n_train=300, seed=1)
    assert again.train.series == problem.train.series[:300]
    assert problem.test.series != other.test.series
    assert dates(n_train=10).test.series == problem.test.series


def test_about_names_both_licences(problem):
    assert "Unicode License" in problem.about.licence
    assert problem.about.version.startswith("babel ")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="style full, long, medium or mixed, got 'short'"):
        dates(style="short")
    with pytest.raises(ValueError, match="1 to 14610 test dates, got n_test=99999"):
        dates(n_test=99999)
