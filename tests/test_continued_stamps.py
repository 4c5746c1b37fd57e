"""Time stamps beyond the end continue with the frequency of the series."""

import numpy as np
import pandas as pd
import pytest
from recurbench.forecasting.stamps import continued

FREQUENCIES = {
    "month starts": ("MS", "1990-03-01", 40),
    "month ends": ("ME", "1990-03-31", 40),
    "quarter ends": ("QE", "1990-03-31", 20),
    "quarter starts": ("QS", "1990-04-01", 20),
    "years": ("YE", "1990-12-31", 15),
    "weeks": ("W-SUN", "2001-01-07", 70),
    "four weeks": ("28D", "2001-01-01", 30),
    "ten days": ("10D", "2001-01-01", 30),
    "days": ("D", "2003-01-01", 50),
    "business days": ("B", "2003-01-01", 90),
    "hours": ("h", "2003-01-01", 400),
    "quarters of an hour": ("15min", "2003-01-01", 2000),
    "seconds": ("s", "2003-01-01", 300),
}


@pytest.mark.parametrize("name", FREQUENCIES)
def test_a_regular_calendar_goes_on(name):
    frequency, start, count = FREQUENCIES[name]
    stamps = pd.date_range(start, periods=count + 30, freq=frequency).to_numpy()
    more, note = continued(stamps[:count], 30)
    assert note == ""
    assert more.dtype == stamps.dtype
    assert more.tolist() == stamps[count:].tolist()


def test_a_day_that_a_month_lacks_is_its_last():
    stamps = np.array(
        ["2023-09-30", "2023-10-30", "2023-11-30", "2023-12-30", "2024-01-30"], "datetime64[us]"
    )
    more, _ = continued(stamps, 2)
    assert [str(day)[:10] for day in more] == ["2024-02-29", "2024-03-30"]


def test_opening_hours_are_kept():
    hours = pd.date_range("2024-01-01", periods=24 * 90, freq="h")
    opened = hours[(hours.hour >= 9) & (hours.hour < 17) & (hours.dayofweek < 5)]
    more, _ = continued(opened[:400].to_numpy(), 50)
    assert more.tolist() == opened[400:450].to_numpy().tolist()


def test_step_numbers_go_on_by_their_step():
    assert continued(np.array([2, 4, 6, 8]), 3)[0].tolist() == [10, 12, 14]


def test_a_missing_row_changes_nothing():
    stamps = np.delete(pd.date_range("2020-01-01", periods=60, freq="D").to_numpy(), [20, 55])
    assert continued(stamps, 1)[0][0] == np.datetime64("2020-03-01")


def test_irregular_stamps_are_continued_and_said_to_be_so():
    days = np.cumsum(np.tile([1, 4, 9, 2, 13, 6, 20], 5))
    stamps = np.datetime64("2020-01-01") + days.astype("timedelta64[D]")
    more, note = continued(stamps, 2)
    assert "irregular" in note
    assert (np.diff(np.concatenate([stamps[-1:], more])) == np.timedelta64(7, "D")).all()
