"""Calendar fields as covariates: against pandas' own, and which are meaningful."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import Unsupported
from recurbench.methods._calendar import elapsed_share, fields, usable_fields

STAMPS = st.integers(min_value=-(10**9), max_value=4 * 10**9)  # seconds: 1938 to 2096


@given(st.lists(STAMPS, min_size=1, max_size=20))
def test_fields_are_those_that_pandas_gives(seconds: list[int]) -> None:
    times = np.array(seconds, dtype="datetime64[s]")
    index = pd.DatetimeIndex(times)
    hours = index.hour + index.minute / 60 + index.second / 3600
    assert elapsed_share(times, "hour of day") == pytest.approx(np.asarray(hours) / 24)
    assert elapsed_share(times, "day of week") == pytest.approx(np.asarray(index.dayofweek) / 7)
    year = np.where(index.is_leap_year, 366, 365)
    assert elapsed_share(times, "day of year") == pytest.approx((np.asarray(index.dayofyear) - 1) / year)


def test_sines_and_cosines_stand_by_turns() -> None:
    times = np.array(["2024-01-01T06:00", "2024-01-01T12:00"], dtype="datetime64[ns]")
    found = fields(times, ("hour of day", "day of week"))
    assert found[0] == pytest.approx([1, 0, 0, 1], abs=1e-12)
    assert found[1] == pytest.approx([0, -1, 0, 1], abs=1e-12)


@pytest.mark.parametrize(
    ("step", "count", "names"),
    [
        ("h", 24 * 5, ("hour of day",)),
        ("h", 24 * 30, ("hour of day", "day of week")),
        ("h", 24 * 366 * 2, ("hour of day", "day of week", "day of year")),
        ("D", 30, ("day of week",)),
        ("MS", 36, ("day of year",)),
        ("QS", 9, ("day of year",)),
    ],
)
def test_a_field_is_meaningful_where_it_moves_and_came_back(step: str, count: int, names: tuple[str, ...]):
    times = pd.date_range("2020-01-01", periods=count, freq=step).to_numpy()
    assert usable_fields([times]) == names


@pytest.mark.parametrize("times", [[], [np.arange(5.0)]])
def test_without_dates_a_calendar_is_unsupported(times: list[np.ndarray]) -> None:
    with pytest.raises(Unsupported, match="set calendar=False"):
        usable_fields(times)


def test_yearly_stamps_hold_no_field() -> None:
    with pytest.raises(Unsupported, match="no calendar field can be used"):
        usable_fields([pd.date_range("1900-01-01", periods=50, freq="YS").to_numpy()])
