"""Refusals of files of one's own series, each with its remedy carried out."""

from __future__ import annotations

import gzip
import importlib.util
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from remedies import Ask, Remedy, Said, csv, data, option, plan, put

HEAD = "unique_id,ds,y"


def table(*rows: str, head: str = HEAD) -> str:
    return "\n".join((head, *rows)) + "\n"


def steps(count: int = 30, name: str = "a", first: int = 1) -> list[str]:
    return [f"{name},{first + i},{i}" for i in range(count)]


def at(stamps: list[str]) -> str:
    return table(*(f"a,{stamp},{i}" for i, stamp in enumerate(stamps)))


def changed(rows: list[str], place: int, row: str) -> list[str]:
    """Rows with the one at `place` replaced."""
    return [*rows[:place], row, *rows[place + 1 :]]


def months(count: int = 40) -> list[str]:
    return [f"{1990 + i // 12}-{i % 12 + 1:02d}-01" for i in range(count)]


def hours(zone: str = "") -> list[str]:
    return [f"2024-01-{1 + i // 24:02d} {i % 24:02d}:00{zone}" for i in range(60)]


RIGHT = table(*steps())


def pipe() -> Ask:
    os.mkfifo("pipe")
    return plan("--data", "pipe", "--methods", "last-value")


def packed() -> Ask:
    put("my.csv.gz", gzip.compress(RIGHT.encode())[:-20])
    return elsewhere("my.csv.gz")


def unpacked(_said: Said) -> Ask:
    put("my.csv.gz", gzip.compress(RIGHT.encode()))
    return elsewhere("my.csv.gz")


def zipped(names: Sequence[str] = ("one.csv", "two.csv")) -> Ask:
    with zipfile.ZipFile("my.zip", "w") as archive:
        for name in names:
            archive.writestr(name, RIGHT)
    return elsewhere("my.zip")


def elsewhere(path: str) -> Ask:
    return plan("--data", path, "--methods", "last-value", "--horizon", "2")


def folder() -> Ask:
    Path("folder").mkdir()
    return elsewhere("folder")


def lowered(text: str, said: Said, *options: str) -> Ask:
    """Ask again with the horizon or the number of origins that the sentence names."""
    return data(text, *options, f"--{said[1]}", said[2])


def zoned(said: Said) -> str:
    return table(*(f"a,{stamp},{i}" for i, stamp in enumerate(hours("+01:00"))))


MIXED = table(
    *(f"a,{stamp},{i}" for i, stamp in enumerate(months())),
    *(f"b,2024-01-{i + 1:02d},{i}" for i in range(30)),
)
HORIZONS = "\n".join(
    [
        "@relation r",
        "@attribute name string",
        "@attribute horizon numeric",
        "@data",
        *(f"s{h}:{h}:{','.join(map(str, range(60)))}" for h in (2, 4)),
    ]
)
PARQUET = (
    r"cannot be read as parquet \(.*\); write the file again"
    if importlib.util.find_spec("pyarrow")
    else r"parquet needs pyarrow; install it with pip install 'recurbench\[parquet\]'"
)
NOT_A_FILE = r"save the (?:rows to a file|file on this machine) and give its path"

PATHS = [
    Remedy("pipe", rf"pipe: is a pipe or a device.*{NOT_A_FILE}", pipe, lambda _: data(RIGHT)),
    Remedy(
        "device",
        rf"/dev/zero: is a pipe or a device.*{NOT_A_FILE}",
        lambda: elsewhere("/dev/zero"),
        lambda _: data(RIGHT),
    ),
    Remedy(
        "address",
        rf"https://x.org/a.csv: is a URL; {NOT_A_FILE}",
        lambda: elsewhere("https://x.org/a.csv"),
        lambda _: data(RIGHT),
    ),
    Remedy(
        "standard input",
        rf"-: standard input is not read; {NOT_A_FILE}",
        lambda: elsewhere("-"),
        lambda _: data(RIGHT),
    ),
    Remedy("folder", r"it is a folder\); give the path of a file", folder, lambda _: data(RIGHT)),
    Remedy(
        "no file",
        "No such file.*; give the path of a readable file",
        lambda: elsewhere("none.csv"),
        lambda _: data(RIGHT),
    ),
    Remedy(
        "no path",
        r"the dataset csv needs a file; give --data FILE or (csv\[path=)FILE\]",
        lambda: plan("--datasets", "csv", "--methods", "last-value"),
        lambda said: plan(
            "--datasets", f"{said[1]}{put('my.csv', RIGHT)},horizon=2]", "--methods", "last-value"
        ),
    ),
    Remedy(
        "broken gzip",
        r"cannot be unpacked as gzip \(.*\); pack it again, or give the file inside",
        packed,
        unpacked,
    ),
    Remedy(
        "two files in a zip",
        "is a zip archive of 2 files; unpack it and give the path of one of them",
        zipped,
        lambda _: data(RIGHT),
    ),
    csv(
        "old Excel file",
        "is an Excel file or another office document; save the sheet as CSV",
        b"\xd0\xcf\x11\xe0" + bytes(600),
        RIGHT,
    ),
    Remedy(
        "Excel file",
        "is an Excel file or another office document; save the sheet as CSV",
        lambda: zipped(("[Content_Types].xml", "xl/workbook.xml")),
        lambda _: data(RIGHT),
    ),
    csv(
        "zero bytes",
        "holds zero bytes, so it is no text; give a file of comma-separated values",
        RIGHT + "\0\0",
        RIGHT,
    ),
    csv(
        "half a letter",
        r"is no valid utf-16 text \(.*\); save it as UTF-8",
        RIGHT.encode("utf-16") + b"\0",
        RIGHT,
    ),
    csv("parquet", PARQUET, b"PAR1xxxx", RIGHT),
]
ROWS = [
    csv("no rows", "no row below the header; write one row per step", table(), RIGHT),
    csv(
        "JSON",
        "is JSON, HTML or XML, not a table of rows; save the table as CSV",
        '[{"ds": "2020-01-01", "y": 1}]',
        RIGHT,
    ),
    csv(
        "empty",
        r"the file is empty; write a header such as \S+ and one row per step",
        "\n",
        RIGHT,
    ),
    csv(
        "no name",
        "unique_id is blank; name the series the row belongs to",
        table(*changed(steps(), 3, ",4,3")),
        RIGHT,
    ),
    csv("quotes", "not readable as CSV.*; correct the quotes", table(*steps(), '"a,31,3'), RIGHT),
    csv(
        "fields",
        "4 fields where the header has 3; write one value for each of unique_id, ds, y; the same is "
        "true of 2 rows: 3, 5",
        table(*changed(changed(steps(), 1, "a,2,3,4"), 3, "a,4,1,2")),
        RIGHT,
    ),
    csv(
        "blank column", "is blank or occurs twice; rename it", table(*steps(), head="unique_id,ds,ds"), RIGHT
    ),
    csv(
        "decimal comma",
        "is '1,5', not a finite number; write it with a decimal point and nothing between "
        "thousands, such as 1234.5",
        table(*changed(steps(), 2, 'a,3,"1,5"')),
        table(*changed(steps(), 2, "a,3,1.5")),
    ),
    csv(
        "too large for squares",
        "write it in a larger unit; the same is true of 30 rows",
        table(*(f"{row}e200" for row in steps(31)[1:])),
        RIGHT,
    ),
    csv(
        "zones",
        "of different zones; write the time stamps of a series in one zone",
        at([*hours("+01:00")[:30], *hours("+09:00")[40:]]),
        zoned,
    ),
    csv(
        "mixed zones",
        r"\(10 of 60 rows\); write all time stamps with their zone, or all without",
        at([*hours("+01:00")[:50], *hours()[50:]]),
        zoned,
    ),
    csv(
        "header in another dialect",
        "is one column where the rows have 3; separate its names as the rows are separated",
        table(*steps(), head="unique_id;ds;y"),
        RIGHT,
    ),
    csv(
        "no numbers",
        "no column holds numbers; the columns are a, b; add a column with the numbers to forecast",
        table(*(["x,z"] * 30), head="a,b"),
        RIGHT,
    ),
    csv(
        "blank numbers",
        "column y has no number; write the values to forecast",
        table(*(f"a,{i}," for i in range(30))),
        RIGHT,
    ),
    csv(
        "no number",
        "y is 'x', not a finite number; write a number, leave it blank where it is not known, or drop the "
        "column; the same is true of 2 rows",
        table(*changed(changed(steps(), 2, "a,3,x"), 4, "a,5,x")),
        table(*changed(changed(steps(), 2, "a,3,"), 4, "a,5,")),
    ),
    option(
        "covariate that is not there",
        "no column is called 'q', which --ahead names; the columns are .*; name one of them",
        table(*(f"{row},1" for row in steps()), head=f"{HEAD},z"),
        ["--ahead", "q"],
        lambda _: ["--ahead", "z"],
    ),
    option(
        "two roles",
        "column 'y' is taken for --target and for --ahead; name another column with one of them",
        table(*(f"{row},1" for row in steps()), head=f"{HEAD},z"),
        ["--ahead", "y"],
        lambda _: ["--ahead", "z"],
    ),
    option(
        "no such series",
        r"no series is called 'q'; the series are a; name one of them, or how many, such as (--series) (20)",
        table(*steps()),
        ["--series", "q"],
        lambda said: [said[1], said[2]],
    ),
    option(
        "missing refused",
        r"y is missing; write a number, or use (--missing) (carry) or --missing (drop)",
        table(*changed(steps(), 2, "a,3,")),
        ["--missing", "refuse"],
        lambda said: [said[1], said[3]],
    ),
    option(
        "gap refused",
        r"missing in 1 gap; add the rows, or use (--missing) (carry), which counts a gap as one step",
        table(*steps(), *steps(first=40)),
        ["--missing", "refuse"],
        lambda said: [said[1], said[2]],
    ),
    Remedy(
        "no such policy",
        "missing is 'guess'; write one of carry, drop, refuse",
        lambda: plan(
            "--datasets", f"csv[path={put('my.csv', RIGHT)},horizon=2,missing=guess]", "--methods", "mean"
        ),
        lambda _: plan("--datasets", "csv[path=my.csv,horizon=2,missing=drop]", "--methods", "mean"),
    ),
    csv(
        "one wrong number",
        "and its square is infinite in floating point; correct it, or leave it blank as missing",
        table(*changed(steps(), 2, "a,3,1e300")),
        table(*changed(steps(), 2, "a,3,")),
    ),
    csv(
        "twice",
        r"has 2 already in row 3; keep one row per series and time stamp, or name the column of the series "
        "with --id; the same is true of 2 rows",
        table(*steps(), "a,2,7", "a,4,7"),
        RIGHT,
    ),
    csv(
        "hour twice",
        r"keep one row per series and time stamp.*, or write the zone of each",
        at([*hours()[:9], hours()[7], *hours()[9:]]),
        zoned,
    ),
    Remedy(
        "dry run without a file",
        r"--dry-run shows what is made of your own file; name it with (--data) FILE",
        lambda: ["run", "--dry-run"],
        lambda said: ["run", said[1], put("my.csv", RIGHT), "--dry-run"],
    ),
]
LENGTHS = [
    csv(
        "too short among others",
        r"2 of 3 series are too short: 'b' \(3 rows.*; leave them out",
        table(*steps(40), *steps(3, "b"), *steps(3, "c")),
        table(*steps(40)),
    ),
    Remedy(
        "too short for one step",
        r"ends here after 3 rows, too short: .*; give more rows",
        lambda: data(table(*steps(3)), "--horizon", "5"),
        lambda _: data(table(*steps(60))),
    ),
    Remedy(
        "too many origins",
        r"ends here after 60 rows, too short: .*; lower the (origins) to (\d+)",
        lambda: data(table(*steps(60)), "--horizon", "5", "--origins", "100"),
        lambda said: data(table(*steps(60)), "--horizon", "5", f"--{said[1]}", said[2]),
    ),
    Remedy(
        "too short",
        r"ends here after 9 rows, too short: .*; lower the (horizon) to (\d+)",
        lambda: data(table(*steps(9)), "--horizon", "5"),
        lambda said: lowered(table(*steps(9)), said),
    ),
    option(
        "period too long",
        r"too short: .*; lower the period to (\d+)",
        table(*steps(60)),
        ["--period", "58"],
        lambda said: ["--period", said[1]],
    ),
    option(
        "no such frequency",
        r"no series is 'weekly'; the file has (\w+) \(1 series\)",
        MIXED,
        ["--frequency", "weekly"],
        lambda said: ["--frequency", said[1]],
    ),
    Remedy(
        "several frequencies",
        r"choose one with frequency=(\w+), or give all series one season with (\w+)=N",
        lambda: plan("--datasets", f"csv[path={put('my.csv', MIXED)},horizon=2]", "--methods", "last-value"),
        lambda said: plan(
            "--datasets",
            f"csv[path=my.csv,frequency={said[1]},horizon=2]",
            "--datasets",
            f"csv[path=my.csv,{said[2]}=7,horizon=2]",
            "--methods",
            "last-value",
        ),
    ),
    Remedy(
        "no such horizon",
        r"no series has the horizon 7; the file has (\d+) \(1 series\)",
        lambda: plan(
            "--datasets", f"csv[path={put('my.tsf', HORIZONS)},of_horizon=7]", "--methods", "last-value"
        ),
        lambda said: plan("--datasets", f"csv[path=my.tsf,of_horizon={said[1]}]", "--methods", "last-value"),
    ),
    Remedy(
        "several horizons",
        r"choose one with of_horizon=(\w+), or give all series one with (\w+)=N",
        lambda: plan("--datasets", f"csv[path={put('my.tsf', HORIZONS)}]", "--methods", "last-value"),
        lambda said: plan(
            "--datasets",
            f"csv[path=my.tsf,of_horizon={said[1]}]",
            "--datasets",
            f"csv[path=my.tsf,{said[2]}=3]",
            "--methods",
            "last-value",
        ),
    ),
    Remedy(
        "horizon 0",
        "horizon is 0; write a whole number of at least 1",
        lambda: plan("--datasets", f"csv[path={put('my.csv', RIGHT)},horizon=0]", "--methods", "mean"),
        lambda _: plan("--datasets", "csv[path=my.csv,horizon=1]", "--methods", "mean"),
    ),
]


def stamp(name: str, says: str, bad: list[str], good: object) -> Remedy:
    """Stamps that are refused; good: those that the sentence says to write, or what makes them of it."""
    return csv(name, says, at(bad), lambda said: at(good(said) if callable(good) else good))  # type: ignore[arg-type]


DAYS = [f"2024-{1 + i // 28:02d}-{i % 28 + 1:02d}" for i in range(40)]
NUMBERS = [str(i + 1) for i in range(40)]


def first_days(_said: Said) -> list[str]:
    return [f"{1990 + i // 4}-{3 * (i % 4) + 1:02d}-01" for i in range(40)]


def begins_with(said: Said, stamps: list[str]) -> list[str]:
    """The stamps, the first of which must be what the sentence writes down."""
    assert stamps[0] == said[1], (stamps[0], said[1])
    return stamps


STAMPS = [
    stamp(
        "stamp of words",
        r"ds is 'soon'; write a date such as (\d{4}-\d\d-\d\d)",
        changed(DAYS, 3, "soon"),
        lambda said: changed(DAYS, 3, said[1]),
    ),
    stamp(
        "day and month in both orders",
        r"with the day second, where '31/01/2024' has it first; write all dates as (\S+)",
        ["31/01/2024", "01/31/2024", *(f"{i:02d}/03/2024" for i in range(1, 30))],
        lambda said: begins_with(said, ["2024-01-31", *(f"2024-02-{i:02d}" for i in range(1, 29))]),
    ),
    stamp(
        "day or month first",
        r"no row shows whether the day or the month stands first; write all dates as (\S+)",
        [f"{i:02d}/{12 - i // 2:02d}/{2000 + i}" for i in range(1, 13)],
        lambda said: begins_with(said, ["2024-01-31", *(f"2024-02-{i:02d}" for i in range(1, 29))]),
    ),
    stamp(
        "decimal point",
        r"write it without the decimal point",
        [f"{i}.0" for i in range(40)],
        [str(i) for i in range(40)],
    ),
    stamp(
        "tenths",
        r"number the steps from 1, or write a date such as (\S+);",
        [f"{i / 10}" for i in range(40)],
        NUMBERS,
    ),
    stamp(
        "steps of a minute",
        "may be seconds since 1970 or step numbers; write dates, or number the steps from 1",
        [str(60 * i) for i in range(40)],
        NUMBERS,
    ),
    stamp(
        "nanoseconds",
        "differs from another by less than a microsecond; number the steps from 1",
        [f"2020-01-01T00:00:00.{i:09d}" for i in range(40)],
        NUMBERS,
    ),
    stamp(
        "word among numbers",
        "ds is 'x'; write a whole number as in the first row",
        changed(NUMBERS, 4, "x"),
        NUMBERS,
    ),
    stamp(
        "many digits", "has too many digits; number the steps from 1", changed(NUMBERS, 4, "1" * 25), NUMBERS
    ),
    stamp(
        "digits of quarters",
        r"its quarter; write the quarter's first day, such as (\S+), or number",
        [f"{1990 + i // 4}{i % 4 + 1}" for i in range(40)],
        lambda said: begins_with(said, first_days(said)),
    ),
    stamp(
        "month 13",
        "where other rows look like YYYYMM; write a month from 01 to 12",
        changed([m[:7].replace("-", "") for m in months(60)], 12, "199113"),
        [m[:7].replace("-", "") for m in months(60)],
    ),
    stamp(
        "digits of weeks",
        r"its week; write (\d{4}-W\d\d), or number the steps from 1",
        [f"{1990 + i // 50}{i % 50 + 1:02d}" for i in range(100)],
        lambda said: begins_with(said, [f"{1990 + i // 50}-W{i % 50 + 1:02d}" for i in range(100)]),
    ),
    stamp(
        "digits of days",
        r"its day; write a date such as (\S+), or number the steps from 1",
        [f"2023{i + 1:03d}" for i in range(60)],
        lambda said: [said[1], *DAYS[:0], *DAYS],
    ),
    stamp(
        "two units",
        "write all time stamps in one unit, or as dates",
        [str(1700000000 + 3600 * i) if i else "1700000000000" for i in range(60)],
        [str(1700000000 + 3600 * i) for i in range(60)],
    ),
    stamp(
        "no date",
        r"which is no date; write a date such as (\S+)",
        [f"2024{1 + i // 31:02d}{i % 31 + 1:02d}00" for i in range(31)] + ["2024023000"],
        lambda said: [said[1], *(f"2024-02-{i + 1:02d}" for i in range(28))],
    ),
]
TABLE = [*PATHS, *ROWS, *LENGTHS, *STAMPS]
