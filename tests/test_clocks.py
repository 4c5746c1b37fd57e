"""Local stamps without a zone over a change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from recurbench.reading.clocks import set_back


def local(zone: str, minutes: int, days: int = 400) -> np.ndarray:
    """What a clock without summer time in its zone's name writes down: no offset."""
    first = datetime(2023, 1, 1, tzinfo=UTC)
    instants = [first + i * timedelta(minutes=minutes) for i in range(days * 1440 // minutes)]
    walls = [when.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for when in instants]
    return np.array(walls, dtype="datetime64[us]").astype(np.int64)


@pytest.mark.parametrize("minutes", [60, 30, 15])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney"])
def test_the_hour_that_stands_twice_is_put_in_order(zone, minutes):
    wall = local(zone, minutes)
    assert (np.diff(wall) <= 0).any()
    shifts = set_back(wall)
    assert shifts is not None
    assert set(np.diff(wall + shifts).tolist()) == {minutes * 60 * 10**6}


def test_two_rows_of_one_hour_on_another_day_are_no_change_of_the_clock():
    hours = np.arange(500) * 3600 * 10**6 + np.datetime64("2023-06-01", "us").astype(np.int64)
    assert set_back(np.insert(hours, 100, hours[100])) is None
    assert set_back(hours) is None
    assert set_back(hours[:1]) is None


def test_rows_out_of_order_are_no_change_of_the_clock():
    wall = local("Europe/Berlin", 60)
    mixed = wall.copy()
    mixed[[5, 900]] = mixed[[900, 5]]
    assert set_back(mixed) is None
