"""Limits in the words a user writes."""

import os

import pytest
from recurbench.running.limits import cores, duration, share_of_memory, size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1.5h", 5400),
        (" 2 D ", 172800),
        ("none", None),
        ("None", None),
    ],
)
def test_a_time_is_read_with_its_unit(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [("500", 500), ("500MB", 500), ("2GB", 2000), ("1GiB", 1073.741824), ("none", None)],
)
def test_a_size_is_read_with_its_unit(text, megabytes):
    assert size(text) == megabytes


@pytest.mark.parametrize("text", ["", "soon", "0", "-5s", "10 minutes", "1e3", "5GB"])
def test_what_is_no_time_is_refused_with_what_is_wanted(text):
    with pytest.raises(ValueError, match=r"is not a time such as 90s, 10m or 2h; write one, or none"):
        duration(text)


@pytest.mark.parametrize("text", ["", "much", "0GB", "10m", "-1MB"])
def test_what_is_no_size_is_refused_with_what_is_wanted(text):
    with pytest.raises(ValueError, match=r"is not a size such as 500MB or 2GB"):
        size(text)


def test_workers_share_most_of_the_memory():
    one, four = share_of_memory(1), share_of_memory(4)
    assert one == pytest.approx(4 * four)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20
    assert 0.8 * pages < one < pages


def test_there_is_at_least_one_core():
    assert 1 <= cores() <= os.cpu_count()
