"""Reading a person's own series: what is right is read, what is wrong is said in one sentence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from recurbench.datasets.csv_series import own_series, read_csv
from recurbench.exemplars import exemplars
from recurbench.registry import discover

HEADER = "unique_id,ds,y"


@pytest.fixture
def write(tmp_path: Path):
    def to(text: str | bytes, name: str = "my.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to


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
        (7, "a,1990-06-01,", "row 7: y is blank"),
        (7, "a,1990-06-01,NaN", "row 7: y is 'NaN'"),
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
        (1, "id,ds,y", "row 1: no column unique_id; the columns are id, ds, y; add or rename one"),
        (1, "unique_id;ds;y", "with semicolons in it; separate the columns by commas"),
        (1, "unique_id\tds\ty", "with tabs in it; separate the columns by commas"),
        (7, 'a,1990-06-01,"1,234.5"', "y is '1,234.5', not a finite number; write it with a decimal point"),
        (7, 'a,1990-06-01,"3,5"', "and nothing between thousands, such as 1234.5"),
        (7, 'a,1990-06-01,"no, 5"', "row 7: y is 'no, 5', not a finite number; write a number"),
        (1, "unique_id,ds,value", "row 1: no column y"),
        (1, "unique_id,ds,y,y", "row 1: column 'y' is blank or stands twice"),
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
    path = write("\n".join([HEADER, *months(60, "a"), *months(30, "b")]))
    sentence = refusal(path, horizon=12)
    assert "1 of 2 series is too short: 'b' (30 rows, the last in row 91)" in sentence
    assert "needs 50 rows; leave it out, or lower the horizon to 7" in sentence
    assert read_csv(path, horizon=7)


def test_a_file_that_is_missing_or_empty_or_not_text_is_said_so(write, tmp_path):
    assert "cannot be read (No such file" in refusal(tmp_path / "none.csv")
    assert "cannot be read" in refusal(tmp_path)
    assert "row 1: the file is empty" in refusal(write(""))
    assert "row 1: the file is empty" in refusal(write("\n\n"))
    assert "row 1: there is no row below the header" in refusal(write(HEADER + "\n"))
    assert "is not UTF-8" in refusal(write(b"unique_id,ds,y\n\xff\xfe,1,2\n"))


def test_an_unknown_covariate_in_ahead_is_named(write):
    path = write("\n".join([HEADER, *months(30)]))
    assert "no covariate is called 'rain', which ahead names" in refusal(path, ahead=("rain",))
    assert "no covariate is called 'y'" in refusal(path, ahead=("y",))


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
