"""From the calendar of a series to its frequency, its season and its gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.reading.seasons import CHANGED, IRREGULAR, NUMBERED, Rhythm, rhythm

DAYS = pd.date_range("2019-01-03", "2022-12-20")


def on(*weekdays: int) -> pd.DatetimeIndex:
    """The days of DAYS on these days of the week, Monday 0."""
    return DAYS[DAYS.weekday.isin(weekdays)]


def at(hours: list[float], days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([day + timedelta(hours=hour) for day in days for hour in hours])


def every(freq: str, count: int = 200, start: str = "2019-01-01") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq=freq)


def of(stamps: pd.DatetimeIndex | list[datetime]) -> Rhythm:
    """Of naive stamps, which are their own order."""
    written = np.array(stamps, dtype="datetime64[us]")
    return rhythm(written, written.astype(np.int64))


def months_on(day: int, step: int = 1, count: int = 80) -> list[datetime]:
    return [datetime(1990 + step * i // 12, step * i % 12 + 1, day) for i in range(count)]


CALENDARS = {
    "100-millisecondly": (every("100ms", 3000), 600),
    "secondly": (every("s", 8000), 3600),
    "10-secondly": (every("10s", 2000), 360),
    "minutely": (every("min", 3000), 1440),
    "5-minutely": (every("5min", 3000), 288),
    "10-minutely": (every("10min", 3000), 144),
    "15-minutely": (every("15min", 3000), 96),
    "30-minutely": (every("30min", 1000), 48),
    "hourly": (every("h", 500), 24),
    "2-hourly": (every("2h", 500), 12),
    "3-hourly": (every("3h"), 8),
    "4-hourly": (every("4h"), 6),
    "5-hourly": (every("5h"), None),
    "6-hourly": (every("6h"), 4),
    "8-hourly": (every("8h"), 3),
    "12-hourly": (every("12h"), 2),
    "hourly-12-a-day": (at([*range(8, 20)], on(0, 1, 2, 3, 4)[:60]), 12),
    "30-minutely-14-a-day": (at([9 + i / 2 for i in range(14)], on(6, 0, 1, 2, 3)[:60]), 14),
    "3-times-a-day": (at([6, 14, 21.5], DAYS[:90]), 3),
    "daily": (DAYS[:300], 7),
    "6-days-a-week": (on(0, 1, 2, 3, 4, 5), 6),
    "2-days-a-week": (on(1, 4), 2),
    "2-daily": (every("2D"), None),
    "10-daily": (every("10D"), None),
    "30-daily": (every("30D"), None),
    "weekly": (every("7D"), 52),
    "2-weekly": (every("14D"), 26),
    "4-weekly": (every("28D"), 13),
    "13-weekly": (every("91D", 40), 4),
    "twice-monthly": (sorted(months_on(1) + months_on(15)), 24),
    "3-a-month": (sorted(months_on(1) + months_on(11) + months_on(21)), 36),
    "monthly": (every("MS", 100), 12),
    "2-monthly": (every("2MS", 60), 6),
    "quarterly": (every("QS", 60), 4),
    "4-monthly": (every("4MS", 60), 3),
    "half-yearly": (every("6MS", 60), 2),
    "yearly": (every("YS", 60), None),
    "5-yearly": (every("5YS", 30, "1900-01-01"), None),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_the_calendar_gives_frequency_and_season_and_has_no_gap(name):
    stamps, season = CALENDARS[name]
    assert of(stamps) == Rhythm(name, season)


@pytest.mark.parametrize(
    "days",
    [on(0, 1, 2, 3, 4), on(6, 0, 1, 2, 3), on(5, 6, 0, 1, 2), on(2, 3, 4, 5, 6)],
    ids=["Monday to Friday", "Sunday to Thursday", "Saturday to Wednesday", "Wednesday to Sunday"],
)
def test_five_days_a_week_are_a_season_of_five_whichever_they_are(days):
    assert of(days) == Rhythm("business-daily", 5)


def test_holidays_are_gaps_of_business_days():
    holidays = [day for day in on(0, 1, 2, 3, 4) if (day.month, day.day) in ((1, 1), (5, 1), (12, 25))]
    found = of(on(0, 1, 2, 3, 4).difference(pd.DatetimeIndex(holidays)))
    assert (found.name, found.season) == ("business-daily", 5)
    assert found.missing == len(holidays) > 5


def test_a_weekend_that_was_moved_leaves_five_days_a_week():
    early = on(6, 0, 1, 2, 3)
    late = on(0, 1, 2, 3, 4)
    found = of(early[early < "2021-01-03"].append(late[late >= "2021-01-03"]))
    # From a Thursday to a Monday is a day more than a weekend.
    assert found == Rhythm("business-daily", 5, 1, 1)


@pytest.mark.parametrize(
    ("stamps", "name"),
    [
        (every("ME", 80), "monthly"),
        (every("BME", 80), "monthly"),
        (every("BMS", 80), "monthly"),
        (months_on(15), "monthly"),
        ([when + timedelta(days=i % 3 - 1) for i, when in enumerate(months_on(15))], "monthly"),
        (every("QE", 40), "quarterly"),
        (every("2QE", 40), "half-yearly"),
        (every("YE", 40), "yearly"),
        (every("YS-APR", 40), "yearly"),
        (every("W-SUN", 100), "weekly"),
        ([when - timedelta(days=i % 13 == 4) for i, when in enumerate(every("7D", 120))], "weekly"),
    ],
)
def test_ends_middles_and_days_beside_a_holiday_are_of_the_same_frequency(stamps, name):
    found = of(stamps)
    assert (found.name, found.gaps) == (name, 0)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CALENDARS)), st.data())
def test_a_tenth_of_the_rows_missing_changes_neither_frequency_nor_season(name, data):
    stamps, season = CALENDARS[name]
    stamps = list(stamps)
    inner = st.integers(1, len(stamps) - 2)
    gone = data.draw(
        st.one_of(
            st.sets(inner, max_size=len(stamps) // 10),
            st.tuples(inner, st.integers(0, len(stamps) // 10)).map(
                lambda run: set(range(run[0], min(run[0] + run[1], len(stamps) - 1)))
            ),
            st.integers(0, 2**32).map(
                lambda seed: set(
                    (
                        1 + np.random.default_rng(seed).permutation(len(stamps) - 2)[: len(stamps) // 10]
                    ).tolist()
                )
            ),
        )
    )
    found = of([stamp for i, stamp in enumerate(stamps) if i not in gone])
    assert (found.name, found.season) == (name, season)
    assert found.missing == len(gone)
    assert found.gaps == len({i for i in gone if i - 1 not in gone})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul"])
@pytest.mark.parametrize(("step", "name", "season"), [(60, "hourly", 24), (30, "30-minutely", 48)])
def test_changes_of_the_clock_are_no_gaps(zone, step, name, season):
    first = datetime(2023, 1, 1, tzinfo=UTC)
    instants = [first + i * timedelta(minutes=step) for i in range(365 * 1440 // step)]
    local = [when.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for when in instants]
    order = np.array([round(when.timestamp() * 1e6) for when in instants])
    assert rhythm(np.array(local, dtype="datetime64[us]"), order) == Rhythm(name, season)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland"])
def test_days_that_begin_at_midnight_in_a_zone_are_days_though_some_have_23_hours(zone):
    days = [datetime(2023, 1, 2) + timedelta(days=i) for i in range(300)]
    order = np.array([round(day.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1e6) for day in days])
    assert rhythm(np.array(days, dtype="datetime64[us]"), order) == Rhythm("daily", 7)
    work = np.array([day.weekday() < 5 for day in days])
    assert rhythm(np.array(days, dtype="datetime64[us]")[work], order[work]) == Rhythm("business-daily", 5)


def test_a_clock_that_is_not_exact_is_read_as_the_usual_step_it_means():
    rng = np.random.default_rng(0)
    exact = np.array(every("10min", 2000), dtype="datetime64[us]")
    found = of(exact + rng.integers(-15_000_000, 15_000_000, 2000).astype("timedelta64[us]"))
    assert found == Rhythm("10-minutely", 144)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mean", [0.3, 30, 240, 360, 700, 5000, 20000])
def test_stamps_at_random_follow_no_frequency(seed, mean):
    hours = np.cumsum(np.random.default_rng(seed).exponential(mean / 24, 150))
    stamps = np.datetime64("2000-01-01", "us") + (hours * 3600e6).astype(np.int64).astype("timedelta64[us]")
    assert of(stamps) == Rhythm(IRREGULAR)


def test_step_numbers_have_gaps_too():
    def numbers(*steps: int) -> Rhythm:
        return rhythm(np.array(steps), np.array(steps))

    assert numbers(*range(50)) == Rhythm(NUMBERED)
    assert numbers(*range(0, 500, 10)) == Rhythm(NUMBERED)
    assert numbers(*range(20), *range(25, 60)) == Rhythm(NUMBERED, None, 1, 5)
    squares = [i * i for i in range(50)]
    assert numbers(*squares).name == IRREGULAR


@pytest.mark.parametrize(
    "name", ["hourly", "3-hourly", "daily", "6-days-a-week", "hourly-12-a-day", "weekly"]
)
@pytest.mark.parametrize("away", [pd.Timedelta(weeks=n) for n in (20, 60, 520)], ids=str)
def test_one_gap_however_long_leaves_frequency_and_season_and_is_counted(name, away):
    stamps, season = CALENDARS[name]
    middle = len(stamps) // 2
    found = of([*stamps[:middle], *(stamp + away for stamp in stamps[middle:])])
    assert (found.name, found.season, found.gaps) == (name, season, 1)
    assert found.missing >= (500 if name == "hourly" else 10)


def test_a_day_off_on_which_rows_stand_once_is_no_step_back():
    stamps, season = CALENDARS["hourly-12-a-day"]
    saturday = [pd.Timestamp("2019-01-12") + timedelta(hours=hour) for hour in range(8, 20)]
    found = of(sorted([*stamps, *saturday]))
    assert found == Rhythm("hourly-12-a-day", season)


MONTHS = every("MS", 400, "1985-01-01")


@pytest.mark.parametrize(
    "stamps",
    [
        [*MONTHS[:100], *MONTHS[100:340:3]],
        [*MONTHS[:100], *MONTHS[100:280:2]],
        [*every("h", 200), *every("D", 100, "2019-01-10")],
        [*every("15min", 800), *every("2h", 400, "2019-01-10")],
        [*DAYS[:150], *on(0, 2, 4)[70:200]],
        [*DAYS[:200], *on(0, 1, 2, 3, 4)[150:360]],
        [*on(0, 1, 2, 3, 4)[:160], *DAYS[300:450]],
        [*DAYS[:150], *every("MS", 60, "2020-01-01")],
    ],
    ids=["quarters", "every other month", "days", "two hours", "3 a week", "5 a week", "7 a week", "months"],
)
def test_a_frequency_that_changes_on_the_way_is_none_and_not_taken_for_gaps(stamps):
    assert of(list(stamps)) == Rhythm(CHANGED)


@pytest.mark.parametrize(
    ("months", "step", "name", "season"),
    [
        ([*range(1, 7), *range(9, 13)], 1, "monthly-10-a-year", 10),
        ([*range(1, 7)], 1, "monthly-6-a-year", 6),
        ([11, 12, 1, 2], 1, "monthly-4-a-year", 4),
        ([1, 4, 7], 3, "quarterly-3-a-year", 3),
    ],
)
def test_months_that_never_have_a_row_are_closed_and_no_gaps(months, step, name, season):
    stamps = [when for when in every("MS", 240) if when.month in months]
    assert of(stamps) == Rhythm(name, season)
    ends = [when + pd.offsets.MonthEnd(1) for when in stamps]
    assert of(ends) == Rhythm(name, season)
    found = of([when for i, when in enumerate(stamps) if i not in (20, 31, 32)])
    assert (found.name, found.season, found.gaps, found.missing) == (name, season, 2, 3)


def test_rows_that_do_not_keep_to_the_week_have_no_season_of_a_week():
    shifts = [day for i, day in enumerate(DAYS) if i % 8 < 4]
    found = of(shifts)
    assert (found.name, found.season, found.unfit) == ("daily", None, 7)
    assert found.gaps == len(shifts) // 4 - (len(shifts) % 4 == 0)


def test_two_rows_tell_no_frequency():
    assert of([datetime(2020, 1, 1), datetime(2020, 2, 1)]) == Rhythm(IRREGULAR)


def test_years_before_1970_have_the_weekdays_of_their_calendar():
    days = [date(1950, 1, 2) + timedelta(days=i) for i in range(200)]
    work = [datetime(day.year, day.month, day.day) for day in days if day.weekday() < 5]
    assert of(work) == Rhythm("business-daily", 5)
