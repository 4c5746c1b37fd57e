"""Reading a person's own series: what is right is read, what is wrong is said in one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from recurbench.datasets.csv_series import own_series
from recurbench.exemplars import exemplars
from recurbench.registry import discover
from recurbench.task import Problem, Several

HEADER = "unique_id,ds,y"


@pytest.fixture
def write(tmp_path: Path):
    def to(text: str | bytes, name: str = "my.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to


def read_csv(path: Path, horizon: int = 12, origins: int = 3, **words: object) -> Problem:
    """The problem of a file at few origins, one horizon apart."""
    return own_series(path=str(path), horizon=horizon, origins=origins, **words)


def months(count: int, name: str = "a", first: int = 1990) -> list[str]:
    return [f"{name},{first + i // 12}-{i % 12 + 1:02d}-01,{i}" for i in range(count)]


def days(stamps: list[date] | list[datetime]) -> str:
    return "\n".join([HEADER, *(f"a,{when.isoformat()},{i}" for i, when in enumerate(stamps))])


def refusal(path: Path, horizon: int = 2, **words: object) -> str:
    with pytest.raises(ValueError, match=path.name) as caught:
        read_csv(path, horizon, **words)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_series_of_different_length_become_rolling_origins(write):
    path = write("\n".join([HEADER, *months(60, "a"), *months(45, "b")]) + "\n")
    problem = read_csv(path, horizon=6, origins=2)
    assert problem.train.series == ("a", "b")
    assert [len(x) for x in problem.train.x] == [42, 27]
    assert [len(x) for x in problem.test.x] == [48, 54, 33, 39]
    assert problem.test.y[0][:, 0].tolist() == [48, 49, 50, 51, 52, 53]
    assert problem.task.period == 12
    assert str(problem.test.time[0][-1].astype("datetime64[D]")) == "1994-06-01"


def test_rows_in_any_order_are_sorted_by_their_time_stamp(write):
    rows = months(40)
    straight = read_csv(write("\n".join([HEADER, *rows])), 4)
    mixed = read_csv(write("\n".join([HEADER, *np.random.default_rng(0).permutation(rows)]), "mixed.csv"), 4)
    assert np.array_equal(straight.test.x[-1], mixed.test.x[-1])


def test_a_byte_order_mark_quotes_and_windows_line_ends_are_read(write):
    rows = [row.replace("a,", '"a, inc.",', 1) for row in months(30)]
    text = "\r\n".join(['"unique_id","ds","y"', *rows, "", ""])
    problem = read_csv(write(b"\xef\xbb\xbf" + text.encode()), 3)
    assert set(problem.test.series) == {"a, inc."}
    assert len(problem.test.time[-1]) == 30


@pytest.mark.parametrize("head", ["UNIQUE_ID,DS,Y", "Unique_id, Ds ,Y", "unique_id,ds,Y"])
def test_the_names_of_the_columns_may_have_capitals(write, head):
    problem = read_csv(write("\n".join([head, *months(40)])), 3)
    assert problem.task.x.names == ("y",)
    assert problem.task.period == 12


def test_capitals_name_a_covariate_where_the_small_letters_stand_too(write):
    rows = [f"{row},7" for row in months(40)]
    assert read_csv(write("\n".join([f"{HEADER},Y", *rows])), 3).task.x.names == ("y", "Y")


def test_a_covariate_is_past_only_unless_ahead_names_it(write):
    rows = [f"{row},{100 + i},{200 + i}" for i, row in enumerate(months(30))]
    path = write("\n".join(["unique_id,ds,y,price,cold", *rows]))
    past = read_csv(path, 3)
    assert past.task.x.names == ("y", "price", "cold")
    assert len(past.test.ahead) == 0
    for known in (("price",), "price", "(price,)", "('price',)"):
        problem = read_csv(path, 3, ahead=known)
        assert problem.task.x.names == ("y", "cold", "price")
        assert problem.test.ahead[-1][:, 0].tolist() == [127, 128, 129]
        assert problem.test.x[-1][-1].tolist() == [26, 226, 126]


def test_columns_may_stand_in_any_order(write):
    rows = [f"{i},{2 * i},a,{i}" for i in range(20)]
    problem = read_csv(write("\n".join(["ds,temp,unique_id,y", *rows])), 2)
    assert problem.test.x[-1][5].tolist() == [5, 10]


def test_whole_numbers_are_steps_and_have_no_period(write):
    rows = [f"a,{i},{i * i}" for i in (10, 9, *range(11, 60))]
    problem = read_csv(write("\n".join([HEADER, *rows])), 3)
    assert problem.task.period is None
    assert problem.test.time[0][:2].tolist() == [9, 10]


def spaced(count: int, **step: float) -> list[datetime]:
    return [datetime(2020, 1, 6) + i * timedelta(**step) for i in range(count)]


@pytest.mark.parametrize(
    ("stamps", "period"),
    [
        (spaced(200, hours=1), 24),
        (spaced(300, minutes=30), 48),
        (spaced(60, days=1), 7),
        ([day for day in spaced(80, days=1) if day.weekday() < 5], 5),
        (spaced(150, weeks=1), 52),
        ([date(2000 + i // 4, 3 * (i % 4) + 1, 1) for i in range(40)], 4),
        ([date(1950 + i, 12, 31) for i in range(60)], None),
        # Two seasons do not fit into training.
        (spaced(60, weeks=1), None),
    ],
)
def test_the_period_follows_from_the_distance_of_the_rows(write, stamps, period):
    assert read_csv(write(days(stamps)), 2, origins=2).task.period == period


def test_a_given_period_wins(write):
    assert read_csv(write("\n".join([HEADER, *months(60)])), 3, period=6).task.period == 6


def test_a_month_alone_and_a_time_zone_are_dates(write):
    rows = [f"a,{1990 + i // 12}-{i % 12 + 1:02d},{i}" for i in range(40)]
    assert str(read_csv(write("\n".join([HEADER, *rows])), 2).test.time[0][1]).startswith("1990-02-01")
    zoned = "\n".join([HEADER, *(f"a,{when.isoformat()}+09:00,1" for when in spaced(60, hours=1))])
    # As written, not as it was in Greenwich.
    assert str(read_csv(write(zoned), 2).test.time[0][0]).startswith("2020-01-06T00:00")


def test_gaps_are_counted_in_the_protocol(write):
    rows = months(40)
    del rows[20]
    said = read_csv(write("\n".join([HEADER, *rows])), 2).about.protocol
    filled = "1 gap (1 row missing), nothing filled: a gap counts as one step"
    assert said.startswith(f"monthly, season 12, {filled};")


def test_about_names_the_file_without_its_folder(write):
    path = write("\n".join([HEADER, *months(40)]))
    about = read_csv(path, 2).about
    assert about.source == "my.csv: 1 series of 40 rows"
    assert str(path.parent) not in str(about)
    assert (about.metric, about.reference) == ("mase", "seasonal-naive")


def broken(rows: list[str], row: int, text: str) -> str:
    """`rows` under a header, with the line of the file numbered `row` replaced."""
    lines = [HEADER, *rows]
    lines[row - 1] = text
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        (7, "a,1990-06-01,many", "row 7: y is 'many', not a finite number; write a number"),
        (7, "a,1990-06-01,inf", "row 7: y is 'inf'"),
        (7, "a,1990-06-01,1_000", "row 7: y is '1_000'"),
        (7, "a,1990-05-01,5", "row 7: series 'a' has 1990-05-01 already in row 6; keep one row"),
        (7, "a,06/01/1990,5", "row 7: ds is '06/01/1990'; write a date such as 2024-01-31"),
        (7, "a,1990-13-01,5", "row 7: ds is '1990-13-01'"),
        (7, "a,5,5", "row 7: ds is '5'; write a date"),
        (7, "a,,5", "row 7: ds is ''"),
        (7, ",1990-06-01,5", "row 7: unique_id is blank"),
        (7, "a,1990-06-01", "row 7: 2 fields where the header has 3"),
        (7, 'a,"1990-06-01,5', "not readable as CSV"),
        (1, "unique_id;ds;y", "row 1: the header 'unique_id;ds;y' is one column where the rows have 3"),
        (1, "unique_id\tds\ty", "separate its names as the rows are separated"),
        (7, 'a,1990-06-01,"1,234.5"', "y is '1,234.5', not a finite number; write it with a decimal point"),
        (7, 'a,1990-06-01,"3,5"', "and nothing between thousands, such as 1234.5"),
        (7, 'a,1990-06-01,"no, 5"', "row 7: y is 'no, 5', not a finite number; write a number"),
        (1, "unique_id,ds,y,y", "row 1: column 'y' is blank or occurs twice"),
    ],
)
def test_a_broken_row_is_named_with_what_was_seen_and_what_to_do(write, row, text, said):
    assert said in refusal(write(broken(months(30), row, text)))


@pytest.mark.parametrize(
    ("period", "said"), [(None, "origins needs 50 rows"), (30, "origins with period 30 needs 67 rows")]
)
def test_a_series_that_is_too_short_is_told_what_it_needs(write, period, said):
    with pytest.raises(
        ValueError, match="series 'a' ends here after 30 rows, too short: horizon 12"
    ) as caught:
        read_csv(write("\n".join([HEADER, *months(30)])), 12, period=period)
    assert said in str(caught.value)


def test_parts_of_a_file_are_shown_only_where_its_owner_allows_it(write):
    file = write("\n".join([HEADER, *months(60)]))
    kept = [exemplars(read_csv(file, 3, excerpts=allowed)) for allowed in (False, True)]
    assert kept[0] is None
    assert [unit["index"] for unit in kept[1]["units"]] == [0, 1, 2]


def test_rows_are_counted_in_lines_of_the_file(write):
    lines = [HEADER, "", *months(30), 'a,"1999-\n01-01",3', "a,2000-01-01,x"]
    assert "row 35: y is 'x'" in refusal(write("\n".join(lines)))


def test_a_word_among_the_covariates_is_named(write):
    rows = [f"{row},{i}" for i, row in enumerate(months(30))]
    rows[4] = "a,1990-05-01,4,warm"
    sentence = refusal(write("\n".join([HEADER + ",temp", *rows])))
    assert "row 6: temp is 'warm'" in sentence
    assert "or drop the column" in sentence


def test_a_date_among_step_numbers_is_named(write):
    rows = [f"a,{i},1" for i in range(30)]
    sentence = refusal(write(broken(rows, 4, "a,1990-01-01,1")))
    assert "row 4: ds is '1990-01-01'; write a whole number" in sentence


def test_a_series_too_short_says_how_many_rows_are_needed(write):
    path = write("\n".join([HEADER, *months(60, "a"), *months(30, "b"), *months(30, "c")]))
    sentence = refusal(path, horizon=12)
    assert "2 of 3 series are too short: 'b' (30 rows, the last in row 91)" in sentence
    assert "needs 50 rows; leave them out, or lower the horizon to 7" in sentence
    assert read_csv(path, horizon=7)


def test_where_at_least_half_of_the_series_are_long_enough_the_others_are_left_out_and_named(write):
    problem = read_csv(write("\n".join([HEADER, *months(60, "a"), *months(30, "b")])))
    assert set(problem.test.series) == {"a"}
    assert "left out as too short for a horizon of 12: 'b' (30 rows, the last in row 91)" in (
        problem.about.protocol
    )


def test_a_horizon_without_end_is_refused_at_once_with_one_that_fits(write):
    path = write("\n".join([HEADER, *months(60)]))
    sentence = refusal(path, horizon=10**12, origins=1)
    assert f"horizon {10**12} at 1 test origin needs" in sentence
    assert sentence.endswith("lower the horizon to 29")
    assert read_csv(path, 29, origins=1)
    assert refusal(path, horizon=30, origins=1).endswith("lower the horizon to 29")
    assert refusal(path, horizon=2, origins=10**12).endswith("lower the origins to 28")


def test_a_period_that_is_too_long_may_be_lowered(write):
    path = write("\n".join([HEADER, *months(150)]))
    assert refusal(path, 12, period=114).endswith("lower the horizon to 11, or lower the period to 113")
    assert read_csv(path, 12, period=113).task.period == 113
    # Where the horizon alone is too long, another period does not help.
    assert "lower the period" not in refusal(path, 40, period=60)


def test_one_of_something_is_said_in_the_singular(write):
    path = write("\n".join([HEADER, *months(40, "a"), *months(1, "b"), *months(1, "c")]))
    assert "'b' (1 row, the last in row 42)" in refusal(path)
    kept = write("\n".join([HEADER, *months(40)]), "kept.csv")
    assert "; 1 test origin; training ends" in read_csv(kept, 1, origins=1).about.protocol
    assert refusal(write("\n".join([HEADER, *months(1)]), "one.csv")).count("after 1 row, too short") == 1


def test_a_file_that_is_missing_or_empty_or_not_text_is_said_so(write, tmp_path):
    assert "cannot be read (No such file" in refusal(tmp_path / "none.csv")
    assert "cannot be read" in refusal(tmp_path)
    assert "row 1: the file is empty" in refusal(write(""))
    assert "row 1: the file is empty" in refusal(write("\n\n"))
    assert "row 1: there is no row below the header" in refusal(write(HEADER + "\n"))
    assert "holds zero bytes" in refusal(write(b"unique_id,ds,y\n\0\0\0,1,2\n"))


def test_an_unknown_covariate_in_ahead_is_named(write):
    path = write("\n".join([HEADER, *months(30)]))
    assert "no column is called 'rain', which --ahead names" in refusal(path, ahead=("rain",))
    assert "column 'y' is taken for --target and for --ahead" in refusal(path, ahead=("y",))


@pytest.mark.parametrize("words", [{"horizon": 0}, {"origins": 0}, {"period": -1}, {"horizon": "long"}])
def test_a_question_that_makes_no_sense_is_refused(write, words):
    sentence = refusal(write("\n".join([HEADER, *months(30)])), **{"horizon": 2, **words})
    assert "whole number of at least 1" in sentence


def test_the_registry_addresses_a_file_by_its_path(write):
    path = write("\n".join([HEADER, *months(60)]))
    (choice,) = discover().select_datasets([f"csv[path={path},horizon=6]"])
    problem = own_series(**choice.settings)
    assert problem.task.steps == 6
    with pytest.raises(ValueError, match="give --data FILE"):
        own_series()


def as_file(**series: list[object]) -> str:
    """A file of series by name, from their stamps."""
    rows = [
        f"{name},{stamp.isoformat() if isinstance(stamp, date) else stamp},{100 + i % 12 + i / 50}"
        for name, stamps in series.items()
        for i, stamp in enumerate(stamps)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def monthly(count: int) -> list[date]:
    return [date(1990 + i // 12, i % 12 + 1, 1) for i in range(count)]


def weekly(count: int) -> list[date]:
    return [date(2005, 1, 3) + timedelta(weeks=i) for i in range(count)]


def test_a_short_series_does_not_take_the_season_from_the_others(write):
    alone = read_csv(write(as_file(a=monthly(120))), 12)
    both = read_csv(write(as_file(a=monthly(120), b=monthly(60)), "both.csv"), 12)
    assert alone.task.period == both.task.period == 12
    assert "(1 of 2 series with fewer than two of it in training)" in both.about.protocol
    assert "fewer than two" not in alone.about.protocol


def test_where_most_series_are_short_the_season_is_not_used_and_that_is_said(write):
    problem = read_csv(write(as_file(a=weekly(300), b=weekly(90), c=weekly(90))), 12)
    assert problem.task.period is None
    assert (
        "season 52 not used (2 of 3 series with fewer than two of it in training)" in problem.about.protocol
    )


def test_a_series_that_cannot_be_scored_with_the_season_is_left_out_and_named(write):
    problem = read_csv(write(as_file(a=weekly(300), b=weekly(88), c=weekly(200))), 12)
    assert (problem.task.period, set(problem.train.series)) == (52, {"a", "c"})
    left = "left out as too short for a season of 52: 'b' (88 rows, the last in row 389)"
    assert problem.about.source == "my.csv: 2 of 3 series of 200 to 300 rows"
    assert left in problem.about.protocol
    assert set(read_csv(write(as_file(a=weekly(300), b=weekly(89)), "enough.csv"), 12).train.series) == {
        "a",
        "b",
    }


@pytest.mark.parametrize("zone", ["+09:00", "-05:00", "Z", ""])
def test_the_weekday_is_that_of_the_date_as_written(write, zone):
    work = [day for day in spaced(400, days=1) if day.weekday() < 5]
    problem = read_csv(write(as_file(a=[f"{day.isoformat()}{zone}" for day in work])), 12)
    assert problem.task.period == 5
    assert problem.test.time[0][0] == np.datetime64(work[0])


def test_series_of_several_frequencies_are_refused_until_one_is_chosen(write):
    path = write(as_file(m=monthly(72), w=weekly(200), v=weekly(180)))
    with pytest.raises(Several) as caught:
        read_csv(path, 12)
    assert "2 frequencies, monthly (1 series), weekly (2 series)" in str(caught.value)
    assert caught.value.choices == [{"frequency": "monthly"}, {"frequency": "weekly"}]
    # What the sentence names mends it.
    assert "choose one with frequency=monthly, or give all series one season with period=N" in str(
        caught.value
    )
    chosen = {word: read_csv(path, 12, frequency=word) for word in ("monthly", "weekly", "Weekly", " WEEKLY")}
    assert {word: one.task.period for word, one in chosen.items()} == {
        "monthly": 12,
        "weekly": 52,
        "Weekly": 52,
        " WEEKLY": 52,
    }
    assert chosen["weekly"].about.source == "my.csv: 2 of 3 series of 180 to 200 rows"
    given = read_csv(path, 12, period=4)
    assert (given.task.period, len(given.train)) == (4, 3)
    assert "monthly and weekly, season 4 as given" in given.about.protocol
    with pytest.raises(ValueError, match=r"no series is 'yearly'; the file has monthly \(1 series\)"):
        read_csv(path, 12, frequency="yearly")


def test_seven_and_five_days_a_week_are_two_frequencies(write):
    every = spaced(200, days=1)
    path = write(as_file(shop=every, bank=[day for day in every if day.weekday() < 5]))
    with pytest.raises(Several, match=r"daily \(1 series\), business-daily \(1 series\)"):
        read_csv(path, 2)
    assert read_csv(path, 2, frequency="business daily").task.period == 5


def test_stamps_without_a_frequency_give_no_season_unless_one_is_given(write):
    uneven = [datetime(2022, 1, 1) + timedelta(hours=i**1.4) for i in range(90)]
    path = write(as_file(a=uneven))
    found, given = read_csv(path, 3), read_csv(path, 3, period=6)
    assert (found.task.period, given.task.period) == (None, 6)
    assert "irregularly spaced, no season (--period sets one), nothing filled" in found.about.protocol
    assert "irregularly spaced, season 6 as given" in given.about.protocol


def test_a_frequency_that_changes_is_said_with_its_remedies_and_each_of_them_gives_a_season(write):
    quarters = [date(2000 + i // 4, 3 * (i % 4) + 1, 1) for i in range(80)]
    mixed = write(as_file(a=[*monthly(100), *quarters]))
    said = read_csv(mixed, 6).about.protocol
    assert said.startswith(
        "with a frequency that changes within a series, no season (split the series where its distances "
        "change, or --period sets one), nothing filled: every row counts as one step"
    )
    assert read_csv(mixed, 6, period=4).task.period == 4
    split = {
        name: read_csv(write(as_file(a=stamps), f"{name}.csv"), 6).task.period
        for name, stamps in (("monthly", monthly(100)), ("quarterly", quarters))
    }
    assert split == {"monthly": 12, "quarterly": 4}


def test_gaps_that_leave_no_season_are_said_and_do_not_take_it_from_other_series(write):
    shifts = [day for i, day in enumerate(spaced(400, days=1)) if i % 8 < 4]
    alone = read_csv(write(as_file(a=shifts)), 6)
    assert alone.task.period is None
    assert "daily, no season: with the gaps 7 rows span more than a season (--period" in alone.about.protocol
    every = spaced(200, days=1)
    panel = read_csv(write(as_file(a=shifts, b=every, c=every), "panel.csv"), 6)
    assert panel.task.period == 7
    assert "season 7 (1 of 3 series with too many gaps for it)" in panel.about.protocol


@pytest.mark.parametrize("blank", ["", "NaN"])
@pytest.mark.parametrize("turned", [False, True])
def test_rows_without_y_at_the_end_are_left_out(write, blank, turned):
    rows = [f"{row},{i % 5}" for i, row in enumerate(months(60))]
    future = [f"a,1995-{i + 1:02d}-01,{blank},{i}" for i in range(6)]
    both = [*rows, *future]
    path = write("\n".join([HEADER + ",price", *(both[::-1] if turned else both)]))
    assert read_csv(path, 2, ahead=("price",)).about.source == "my.csv: 1 series of 60 rows"


def test_missing_values_inside_are_carried_forward_or_dropped_or_refused(write):
    rows = months(60)
    rows[10], rows[11] = "a,1990-11-01,", "a,1990-12-01,NA"
    path = write("\n".join([HEADER, *rows]))
    filled, dropped = read_csv(path, 2), read_csv(path, 2, missing="drop")
    assert filled.train.x[0][8:14, 0].tolist() == [8, 9, 9, 9, 12, 13]
    assert "2 missing values filled with the last value before" in filled.about.protocol
    assert dropped.train.x[0][8:12, 0].tolist() == [8, 9, 12, 13]
    assert "1 gap (2 rows missing)" in dropped.about.protocol
    assert "row 12: y is missing" in refusal(path, 2, missing="refuse")
    assert "missing is 'guess'" in refusal(path, 2, missing="guess")


def test_a_missing_covariate_takes_the_value_before_because_later_ones_are_not_known(write):
    rows = [f"{row},{'' if i in (0, 5, 6) else 100 + i}" for i, row in enumerate(months(40))]
    problem = read_csv(write("\n".join([HEADER + ",price", *rows])), 2)
    assert problem.train.x[0][:8, 1].tolist() == [0, 101, 102, 103, 104, 104, 104, 107]


def test_by_default_the_test_part_is_40_percent_of_the_rows_and_every_window_is_counted(write):
    problem = own_series(path=str(write("\n".join([HEADER, *months(160)]))))
    assert (problem.task.steps, len(problem.test), problem.task.period) == (6, 20, 12)
    assert len(problem.test.x[1]) - len(problem.test.x[0]) == 3
    assert len(problem.test.x[-1]) + 6 == 160
    assert "20 test origins, 3 steps apart, each of 6 steps" in problem.about.protocol
    assert "all 20 test windows are evaluated" in problem.about.protocol


def test_the_protocol_that_was_chosen_can_be_written_out_and_gives_the_same_problem(write):
    path = str(write("\n".join([HEADER, *months(100)])))
    chosen = own_series(path=path)
    written = own_series(path=path, horizon=chosen.task.steps, origins=len(chosen.test), step=1)
    assert [len(x) for x in written.test.x] == [len(x) for x in chosen.test.x]


@pytest.mark.parametrize(
    ("scale", "seen", "unit"), [(1e300, "y is 1e+302", "larger"), (1e-300, "y is 1e-298", "smaller")]
)
def test_values_whose_squares_no_float_holds_are_refused(write, scale, seen, unit):
    def rows(by: float, name: str = "a") -> list[str]:
        return [f"{name},{1990 + i // 12}-{i % 12 + 1:02d}-01,{100 * by + i * by / 100!r}" for i in range(40)]

    sentence = refusal(write("\n".join([HEADER, *rows(1, "b"), *rows(scale)])))
    assert f"row 42: {seen}, and its square is" in sentence
    assert f"write it in a {unit} unit; the same is true of 40 rows: 42, 43, 44, and so on" in sentence
    for fine in (1e140, 1e-140, -1e-140):
        assert read_csv(write("\n".join([HEADER, *rows(fine)])), 2)
    # A series may hold some such values beside others, and may be zero throughout.
    assert read_csv(write("\n".join([HEADER, *rows(1), "a,2000-01-01,1e-300"])), 2)
    assert read_csv(write("\n".join([HEADER, *rows(0)])), 2)


def test_names_of_covariates_in_one_text_are_split_unless_a_column_has_that_name(write):
    rows = [f"{row},{100 + i},{200 + i}" for i, row in enumerate(months(30))]
    path = write("\n".join(["unique_id,ds,y,price,cold", *rows]))
    for known in (("price,cold",), ("price, cold",), "price,cold", ["price", "cold"]):
        problem = read_csv(path, 3, ahead=known)
        assert problem.task.x.names == ("y", "price", "cold")
        assert problem.test.ahead[-1].tolist() == [[127, 227], [128, 228], [129, 229]]
    odd = write("\n".join(['unique_id,ds,y,"price,cold",rain', *rows]))
    assert read_csv(odd, 3, ahead=("price,cold",)).task.x.names == ("y", "rain", "price,cold")


@pytest.mark.parametrize(
    ("lengths", "said", "todo"),
    [
        (
            [72, 30, 20],
            "2 of 3 series are too short: 's1' (30 rows, the last in row 103), 's2' (20 rows, ",
            "leave them out, or lower the horizon to 4",
        ),
        ([72, *range(5, 12)], "7 of 8 series are too short: 's1' (5 rows,", "and 4 more; horizon 12"),
        ([30], "series 's0' ends here after 30 rows, too short", "lower the horizon to 7"),
        ([3], "series 's0' ends here after 3 rows, too short", "needs 50 rows; give more rows"),
    ],
)
def test_series_that_are_too_short_are_counted_and_the_remedies_mend_it(write, lengths, said, todo):
    series = {f"s{i}": monthly(count) for i, count in enumerate(lengths)}
    path = write(as_file(**series))
    sentence = refusal(path, 12)
    assert said in sentence
    assert todo in sentence
    if "leave" in sentence:
        kept = {name: stamps for name, stamps in series.items() if len(stamps) >= 50}
        assert read_csv(write(as_file(**kept), "kept.csv"), 12)
    if "lower the horizon to" in sentence:
        assert read_csv(path, int(sentence.rpartition(" ")[2]))


def test_zones_are_those_of_each_series_and_must_be_one_within_it(write):
    hours = spaced(90, hours=1)
    seoul, boston = ([f"{when.isoformat()}{zone}" for when in hours] for zone in ("+09:00", "-05:00"))
    both = read_csv(write(as_file(seoul=seoul, boston=boston)), 2)
    assert both.task.period == 24
    assert all(time[0] == np.datetime64("2020-01-06") for time in both.test.time)
    sentence = refusal(write(as_file(a=[*seoul[:40], *boston[40:]]), "moved.csv"))
    assert "rows 42 and 2: series 'a'" in sentence
    assert "write the time stamps of a series in one zone" in sentence


@pytest.mark.parametrize("written", ["with zone", "without"])
def test_an_hour_that_stands_twice_in_autumn_is_read_in_its_order(write, written):
    first = datetime(2023, 10, 20, tzinfo=UTC)
    local = [(first + i * timedelta(hours=1)).astimezone(ZoneInfo("Europe/Berlin")) for i in range(400)]
    stamps = [when if written == "with zone" else when.replace(tzinfo=None) for when in local]
    problem = read_csv(write(as_file(a=stamps)), 2)
    assert problem.task.period == 24
    assert "hourly, season 24, no gaps" in problem.about.protocol
    assert ("read as clocks set back" in problem.about.protocol) == (written == "without")
    assert problem.test.x[-1][:, 0].tolist() == [100 + i % 12 + i / 50 for i in range(398)]


def test_two_rows_of_one_hour_in_summer_are_refused(write):
    hours = spaced(90, hours=1)
    sentence = refusal(write(as_file(a=[*hours[:50], hours[49], *hours[50:]])))
    assert "has 2020-01-08T01:00:00 already in row 51; keep one row per series and time stamp" in sentence


def test_missing_days_are_counted_and_nothing_is_invented(write):
    days = spaced(100, days=1)
    problem = read_csv(write(as_file(a=days[:40] + days[70:], b=days)), 2)
    said = (
        "daily, season 7, 1 gap (30 rows missing) in 1 of 2 series, nothing filled: a gap counts as one step"
    )
    assert problem.about.protocol.startswith(said)
    assert [len(x) for x in problem.test.x if len(x) < 80][-1] == 68


def test_faults_of_many_rows_are_counted(write):
    rows = months(30)
    for place in (3, 4, 5, 6):
        rows[place] = rows[place].rpartition(",")[0] + ",x"
    sentence = refusal(write("\n".join([HEADER, *rows])))
    assert "row 5: y is 'x', not a finite number" in sentence
    assert "the same is true of 4 rows: 5, 6, 7, and so on" in sentence


def test_rows_of_commas_alone_are_blank_rows(write):
    rows = months(30)
    assert (
        read_csv(write("\n".join([HEADER, *rows, ",,", " , ,"])), 2).about.source
        == "my.csv: 1 series of 30 rows"
    )


def test_a_file_that_changed_is_read_anew(write):
    path = write(as_file(a=monthly(60)))
    assert read_csv(path, 2).about.source.endswith("60 rows")
    write(as_file(a=monthly(61)))
    assert read_csv(path, 2).about.source.endswith("61 rows")
