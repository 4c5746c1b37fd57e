"""Refusals of files in the data folder, each with its remedy carried out."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from recurbench.datasets._automata import machine as machines
from recurbench.datasets._table import read_table
from recurbench.datasets.cmudict import read_words
from recurbench.datasets.narma import draw
from recurbench.datasets.word_problem import table as groups
from recurbench.reading.filled import filled
from remedies import Ask, Files, Remedy, Said, archive, call, command, plan, put

LEADS = ("@problemName Toy", "@timeStamps false", "@univariate true", "@equalLength false")
CLASSES = "@classLabel true a b"
CASES = ("1,2,3:a", "4,5,7:b", "1,3,3:a", "4,6,6:b")


def ts(*cases: str, head: Sequence[str] = (*LEADS, CLASSES, "@data")) -> str:
    return "\n".join((*head, *(cases or CASES))) + "\n"


OTHER = ts("9,2,3:a", "8,5,7:b")
STAMPED = (LEADS[0], "@timeStamps true", *LEADS[2:], CLASSES, "@data")
STAMPS = ("(0,1),(1,2):a", "(0,4),(1,5):b")
WIDE = (*LEADS[:2], "@univariate false", LEADS[3], CLASSES, "@data")
STAMPED_WIDE = (*STAMPED[:2], *WIDE[2:])
EQUAL = (*LEADS[:3], "@equalLength true", CLASSES, "@data")
LATER = r"\(3 lines are at fault; also line \d+: .*; line \d+: .*\)"


def cases(train: str, test: str = OTHER, kind: str = "ucr", end: str = "ts") -> dict[str, str]:
    return {f"{kind}/Toy/Toy_{part}.{end}": text for part, text in (("TRAIN", train), ("TEST", test))}


def ucr(name: str, says: str, bad: str, good: str | Callable[[Said], str] = "", test: str = OTHER) -> Remedy:
    """A train file that is refused."""

    def mended(said: Said) -> Files:
        return cases((good(said) if callable(good) else good) or ts())

    return archive(f"ts: {name}", says, "ucr[name=Toy]", cases(bad, test), mended)


def both(name: str, says: str, bad: tuple[str, str], good: tuple[str, str], end: str = "ts") -> Remedy:
    return archive(name, says, "ucr[name=Toy]", cases(*bad, end=end), cases(*good, end=end))


TSV = "1\t1\t2\t3\n2\t4\t5\t6\n1\t1\t2\t4\n"
ASKED = "1\t7\t2\t3\n2\t8\t5\t6\n"


def tsv(name: str, says: str, bad: str, good: str = TSV) -> Remedy:
    return both(f"tsv: {name}", says, (bad, ASKED), (good, ASKED), end="tsv")


UNHEADED = r"no header line says @classLabel true or @targetLabel true; (.*)$"
TS = [
    archive(
        "ts: packed",
        "is a compressed archive, .*; unpack it",
        "ucr[name=Toy]",
        {**cases(ts()), "ucr/Toy/Toy_TRAIN.ts": gzip.compress(ts().encode())},
        {"ucr/Toy/Toy_TRAIN.ts": ts()},
    ),
    ucr("no data line", "no header line @data", ts(head=(*LEADS, CLASSES)).split("1,2,3")[0]),
    ucr("no case", "has no case after @data .*; write one per line", ts().split("1,2,3")[0]),
    ucr(
        "two kinds of answers",
        "true and @targetLabel true; write false for the kind that the answers are not",
        ts(head=(*LEADS, CLASSES, "@targetLabel true", "@data")),
        ts(head=(*LEADS, CLASSES, "@targetLabel false", "@data")),
    ),
    ucr(
        "no kind of answers",
        "no header line says @classLabel true or @targetLabel true; .*@classLabel",
        ts(head=(*LEADS, "@data")),
    ),
    ucr(
        "header twice", r"'@data' comes after @data; write header lines before it, once", ts(*CASES, "@data")
    ),
    ucr("no class", r"the case has no class; end it with ':' and its class", ts(*CASES, "1,2,3")),
    ucr(
        "class missing",
        r"the class is missing \(it reads '\?'\); write it, or leave the case out",
        ts(*CASES, "1,2,3:?"),
    ),
    ucr(
        "two channels",
        r"2 channels, and line 3 says @univariate true; write false there",
        ts("1:2:a", "3:4:b"),
        ts("1,2:a", "3,4:b"),
    ),
    ucr(
        "other channels",
        "2 channels, and line 7 has 1; give every case the same channels",
        ts(*CASES, "1:2:a", head=WIDE),
        ts(head=WIDE),
    ),
    ucr(
        "unequal",
        r"2 steps, and line 7 has 3, while line 4 says @equalLength true; write false there",
        ts(*CASES, "1,2:a", head=EQUAL),
        ts(*CASES, "1,2:a"),
    ),
    ucr(
        "no bracket",
        r"does not begin with '\('; write \(stamp,value\),\(stamp,value\)",
        ts("0,1),(1,2):a", *STAMPS, head=STAMPED),
        ts(*STAMPS, head=STAMPED),
    ),
    ucr(
        "stamps back",
        r"the stamp 1 follows 2; sort the steps by time, and give each a different stamp",
        ts("(2,1),(1,2):a", *STAMPS, head=STAMPED),
        ts("(1,2),(2,1):a", *STAMPS, head=STAMPED),
    ),
    both(
        "ts: stamps of the channels",
        "channel 2 has the stamp 5 where channel 1 has 0; give all channels of a case the same stamps",
        (ts("(0,1):(5,1):a", "(0,2):(0,3):b", head=STAMPED_WIDE), OTHER),
        (
            ts("(0,1):(0,1):a", "(0,2):(0,3):b", head=STAMPED_WIDE),
            ts("(0,9):(0,1):a", head=STAMPED_WIDE),
        ),
    ),
    ucr(
        "no stamps",
        r"no \(stamp,value\), and line (\d+) says @timeStamps true; write false there",
        ts(head=STAMPED),
        lambda said: flag(ts(head=STAMPED), int(said[1]), "false"),
    ),
    ucr(
        "stamps unsaid",
        r"a case with time stamps, and the header says none; write (@timeStamps true)",
        ts(*STAMPS),
        lambda said: ts(*STAMPS).replace("@timeStamps false", said[1]),
    ),
    archive(
        "ts: channels unlike",
        r"channel 2 has 1 values, channel 1 has 2; give all channels of a case the same number, (\?) where",
        "ucr[name=Toy]",
        cases(ts("1,2:3:a", "1,2:3,4:b", head=WIDE), ts("5,2:3,4:b", head=WIDE)),
        lambda said: cases(ts(f"1,2:3,{said[1]}:a", "1,2:3,4:b", head=WIDE), ts("5,2:3,4:b", head=WIDE)),
    ),
    ucr("empty channel", "channel 1 has no value; leave the case out", ts(*CASES, "?,?:a")),
    ucr(
        "no pair",
        r"is no \(stamp,value\); write pairs with one comma",
        ts("(0,1,2):a", *STAMPS, head=STAMPED),
        ts(*STAMPS, head=STAMPED),
    ),
    ucr(
        "no stamp",
        r"are neither numbers nor dates; write numbers, or dates such as (\S+) or",
        ts("(soon,1),(later,2):a", *STAMPS, head=STAMPED),
        lambda said: ts(f"({said[1]},1),(2021-01-01,2):a", *STAMPS, head=STAMPED),
    ),
    ucr(
        "class unlisted",
        "the class 'c' is not in the header: .*; add it there, or correct the case",
        ts(*CASES, "1,2,3:c"),
        ts(*CASES, "1,2,3:c", head=(*LEADS, f"{CLASSES} c", "@data")),
    ),
    ucr(
        "flag",
        r"says neither true nor false; write one of them",
        ts().replace("@univariate true", "@univariate 1"),
    ),
    ucr(
        "contradiction",
        "'@univariate false', and line 3 says another; keep one of them",
        ts(head=(*LEADS, "@univariate false", CLASSES, "@data")),
        ts(head=(*LEADS, CLASSES, "@data")),
    ),
    ucr(
        "case before data",
        "a case comes before the header line @data",
        ts(head=(*LEADS, CLASSES)) + "@data\n",
    ),
    ucr(
        "after data",
        "@data is followed by '1,2,3:a'; write the cases on lines below it",
        ts().replace("@data\n", "@data "),
    ),
    ucr(
        "no number",
        rf"'x' is no number; write a number such as (\S+), or \? where it is missing {LATER}",
        ts(*CASES, "x,2,3:a", "1,x,3:b", "1,2,x:b"),
        lambda said: ts(*CASES, f"{said[1]},?,3:a"),
    ),
    ucr(
        "infinite",
        r"'inf' is no finite number; write (\?) where a value is not known",
        ts(*CASES, "inf,2,3:a"),
        lambda said: ts(*CASES, f"{said[1]},2,3:a"),
    ),
    archive(
        "ts: not utf-8",
        "is not UTF-8; save the file as UTF-8",
        "ucr[name=Toy]",
        {**cases(ts()), "ucr/Toy/Toy_TRAIN.ts": ts(*CASES, "1,2,3:é").encode("latin-1")},
        cases(ts(*CASES, "1,2,3:é", head=(*LEADS, f"{CLASSES} é", "@data"))),
    ),
    archive(
        "ts: broken utf-16",
        "is no valid UTF-16 text .*; save it as UTF-8",
        "ucr[name=Toy]",
        {**cases(ts()), "ucr/Toy/Toy_TRAIN.ts": ts().encode("utf-16")[:-1]},
        cases(ts()),
    ),
    archive(
        "ts: numbers asked of ucr",
        r"asks for numbers, not classes; write (tser\[name=Toy\])",
        "ucr[name=Toy]",
        cases(ts("1,2:1", "3,4:2", head=(*LEADS, "@targetLabel true", "@data"))),
        cases(
            *(ts("1,2:1", f"{n},4:2", head=(*LEADS, "@targetLabel true", "@data")) for n in (3, 5)),
            kind="tser",
        ),
        lambda said: said[1],
    ),
    archive(
        "ts: no finite answer",
        "the answer 'x' is no finite number; write a number, or leave",
        "tser[name=Toy]",
        cases(ts("1,2:x", head=(*LEADS, "@targetLabel true", "@data")), kind="tser"),
        cases(
            *(ts("1,2:1", f"{n},4:2", head=(*LEADS, "@targetLabel true", "@data")) for n in (3, 5)),
            kind="tser",
        ),
    ),
    both(
        "channels of the parts",
        "2 channels, and train has 1 .*; bring files that belong together",
        (ts(), ts("1:2:a", head=WIDE)),
        (ts("1:3:a", "1:4:b", head=WIDE), ts("1:2:a", head=WIDE)),
    ),
    both(
        "lengths of the parts",
        "while both say @equalLength true; write false in both if",
        (ts(head=EQUAL), ts("1,2:a", head=EQUAL)),
        (ts(), ts("1,2:a")),
    ),
    both(
        "one class",
        "train has one class, a; a classification needs two; add cases of another class",
        (ts("1,2,3:a"), OTHER),
        (ts("1,2,3:a", "4,5,6:b"), OTHER),
    ),
    both(
        "new classes",
        r"1 of 3 test cases are of classes that never occur in train: c \(line 9\); train has a, "
        "b; no method can learn them; move cases of these classes to train, or leave them out",
        (ts(), ts(*CASES[:1], "9,9,9:b", "1,1,1:c", head=(*LEADS, f"{CLASSES} c", "@data"))),
        (ts(), OTHER),
    ),
    both(
        "same cases",
        "all 4 test cases are in train too.*, ...\\); a score on training cases is no test; bring other "
        "test cases",
        (ts(), ts()),
        (ts(), OTHER),
    ),
    tsv("no case", "has no case; rows of a class and values, separated by tabs, are needed", "\n"),
    tsv("no tab", "no tab; write the class, then the values, separated by tabs", TSV.replace("\t", " ")),
    tsv("no value", "the series has no value; leave the case out", f"{TSV}1\tNaN\tNaN\tNaN\n"),
    tsv("no class", r"the class is missing .*; write it, or leave the case out", f"{TSV}?\t1\t2\t3\n"),
    tsv(
        "no class but NaN",
        r"the class is missing .*; write it, or leave the case out",
        f"{TSV}nan\t1\t2\t3\n",
    ),
    tsv(
        "class in no column",
        "has 1.5, which is no class; write the class first",
        "1.5\t1\t2\n2.5\t2\t1\n",
        "1\t1.5\t2\t0\n2\t2.5\t1\t0\n",
    ),
    tsv(
        "header",
        "the class is 'class', and every other one is a number: this looks like a header; remove the line",
        f"class\t0\t1\t2\n{TSV}",
        TSV,
    ),
    tsv(
        "ragged",
        "2 values, and line 1 has 3; give every row the same number, a short series with NaN at its end",
        f"{TSV}1\t1\t2\n",
        f"{TSV}1\t1\t2\tNaN\n",
    ),
]


def flag(text: str, line: int, value: str) -> str:
    """The text with the last word of a line replaced."""
    rows = text.splitlines()
    rows[line - 1] = f"{rows[line - 1].split()[0]} {value}"
    return "\n".join(rows)


TSF = ("@attribute name string", "@attribute start date", "@frequency monthly", "@horizon 2", "@data")
SPAN = "T1:1990-01-01 00-00-00:1990-08-01 00-00-00:1,2,3,4,5,6,7,8"
ROW = "1990-01-01 00-00-00:1,2,3,4,5,6,7,8"


def tsf(*rows: str, head: Sequence[str] = TSF) -> str:
    return "\n".join((*head, *(rows or (f"T1:{ROW}", f"T2:{ROW}")))) + "\n"


def monash(
    name: str,
    says: str,
    bad: str,
    good: str | Callable[[Said], str] = "",
    address: str = "monash[name=toy]",
    better: str | Callable[[Said], str] = "",
) -> Remedy:
    def mended(said: Said) -> Files:
        return {"monash/toy.tsf": (good(said) if callable(good) else good) or tsf()}

    return archive(f"tsf: {name}", says, address, {"monash/toy.tsf": bad}, mended, better)


def without(line: str) -> str:
    return tsf(head=[row for row in TSF if not row.startswith(line)])


DATED = "@attribute start date"
KINDED = "@attribute size numeric"
SHORT = tsf(*(f"T{i}:1990-01-01 00-00-00:1,2,3,4,5,6" for i in range(5)))
MONASH = [
    monash(
        "no data",
        "no header line @data; write '@attribute NAME KIND' for every field before the values, then",
        "\n".join(TSF[:-1]),
    ),
    monash("no series", "has no series after @data", "\n".join(TSF)),
    monash(
        "no whole number",
        "size is 'x', and its kind is numeric; write a whole number, or kind string",
        tsf("x:1,2,3,4,5,6,7", head=(KINDED, *TSF[2:])),
        tsf("x:1,2,3,4,5,6,7", head=(KINDED.replace("numeric", "string"), *TSF[2:])),
    ),
    monash("no value", "the series has no value; leave it out", tsf(f"T1:{ROW}", "T2:1990-01-01:?,?")),
    monash(
        "fields",
        r"5 fields separated by ':', needed are 4 .*; write one for each attribute, names without ':'",
        tsf("a:b:c:1990-01-01:1,2,3,4,5,6,7,8", head=("@attribute s string", *TSF)),
    ),
    monash(
        "kind",
        r"write '@attribute NAME KIND', KIND one of \w+, (\w+),",
        tsf(head=("@attribute name text", *TSF[1:])),
        lambda said: tsf(head=(f"@attribute name {said[1]}", *TSF[1:])),
    ),
    monash(
        "no date",
        r"'soon' is no date; write it as (\S+ \S+)",
        tsf("T1:soon:1,2,3,4,5,6,7,8"),
        lambda said: tsf(f"T1:{said[1]}:1,2,3,4,5,6,7,8"),
    ),
    monash("twice", r"the series 'T1' is on line 6, too; rename one", tsf(f"T1:{ROW}", f"T1:{ROW}")),
    monash("no sign", "a line without @ comes before @data; ", tsf(head=("toy", *TSF))),
    monash("no attribute", "no @attribute comes before @data; ", tsf(head=TSF[2:])),
    monash(
        "horizon",
        r"'@horizon two'; write '@horizon' and a whole number from 1",
        tsf().replace("@horizon 2", "@horizon two"),
        tsf().replace("@horizon 2", "@horizon 1"),
    ),
    monash(
        "horizon of a series",
        "horizon is '0'; write a whole number of steps, from 1",
        tsf(f"T1:0:{ROW}", head=(TSF[0], "@attribute horizon numeric", TSF[1], TSF[2], "@data")),
        tsf(f"T1:2:{ROW}", head=(TSF[0], "@attribute horizon numeric", TSF[1], TSF[2], "@data")),
    ),
    monash(
        "contradiction",
        "'@frequency daily', and line 3 says another; keep one of them",
        tsf(head=(*TSF[:3], "@frequency daily", *TSF[3:])),
    ),
    monash(
        "two dates",
        r"2 attributes are dates \(from, to\), and 0 of them say start; name only the date of the first "
        r"value (start_timestamp)",
        tsf(SPAN, head=(TSF[0], "@attribute from date", "@attribute to date", *TSF[2:])),
        lambda said: tsf(SPAN, head=(TSF[0], f"@attribute {said[1]} date", "@attribute to date", *TSF[2:])),
    ),
    monash(
        "date of the end",
        r"the only date, end, names an end; give the date of the first value instead, as "
        r"'(@attribute start_timestamp date)', or none",
        tsf(head=(TSF[0], "@attribute end date", *TSF[2:])),
        lambda said: tsf(head=(TSF[0], said[1], *TSF[2:])),
    ),
    monash(
        "header word",
        r"'@freqency monthly' is no header line that is known; write (@frequency) if that is meant",
        tsf().replace("@frequency", "@freqency"),
        lambda said: tsf().replace("@frequency", said[1]),
    ),
    monash(
        "settings",
        r"horizon must be at least 0 \(that of the file\) and origins at least (1), got 0 and 0",
        tsf(),
        address="monash[name=toy,origins=0]",
        better=lambda said: f"monash[name=toy,origins={said[1]}]",
    ),
    monash(
        "no horizon",
        r"has no horizon; give one: (monash\[.*\])",
        without("@horizon"),
        tsf("T1:1990-01-01:" + ",".join(map(str, range(40))), head=[r for r in TSF if r != "@horizon 2"]),
        better=lambda said: said[1],
    ),
    monash(
        "frequency",
        r"not one of \w+, (\w+), .*; write one of them, or leave the line out",
        tsf().replace("monthly", "now and then"),
        lambda said: tsf().replace("monthly", said[1]),
    ),
    monash(
        "frequency left out",
        "or leave the line out for series without a season",
        tsf().replace("monthly", "now and then"),
        without("@frequency"),
    ),
    *(
        monash(
            f"too short, {word}",
            r"5 of 5 series are too short: 'T0' \(6 steps\), 'T1' \(6 steps\), 'T2' .* and 2 more; .*"
            rf"lower the ({word}) to (\d+)",
            SHORT,
            SHORT,
            f"monash[name=toy,{asked}]",
            lambda said, asked=asked: (
                f"monash[name=toy,{re.sub(rf'{said[1]}=.', f'{said[1]}={said[2]}', asked)}]"
            ),
        )
        for word, asked in (("horizon", "horizon=4"), ("origins", "horizon=2,origins=3"))
    ),
    monash("too short for anything", "too short: 'T1' .*; give longer series", tsf("T1:1990-01-01:1,2,3")),
]
LONG = ",".join(map(str, range(20)))
SIX = "1,2,3,4,5,6"
# The bytes of weekly and hourly files are known; nobody hashed the yearly ones.
YEARLY = (f"V1\nY1,{LONG}\nY2,{LONG}\n", f"V1\nY1,{SIX}\nY2,{SIX}\n")


def m4(name: str, says: str, train: str, test: str) -> Remedy:
    names = ("m4/Yearly-train.csv", "m4/Yearly-test.csv")
    bad, good = (dict(zip(names, texts, strict=True)) for texts in ((train, test), YEARLY))
    return archive(f"m4: {name}", says, "m4[group=Yearly]", bad, good)


ASKED_FOR = plan("--datasets", "ucr[name=Toy]", "--methods", "most-common")


def a_folder_of_its_name() -> Ask:
    for path, text in cases(ts()).items():
        put(f"data/{path}/{Path(path).name}", text)
    return ASKED_FOR


def the_file_itself(_said: Said) -> Ask:
    for path in cases(ts()):
        Path("data", path).rename("folder")
        Path("folder", Path(path).name).rename(Path("data", path))
        Path("folder").rmdir()
    return ASKED_FOR


TABLES = [
    archive(
        "m4: group",
        "group is 'yearly', wanted .*; write (group=Yearly), the nearest",
        "m4[group=yearly]",
        {},
        {"m4/Yearly-train.csv": YEARLY[0], "m4/Yearly-test.csv": YEARLY[1]},
        lambda said: f"m4[{said[1]}]",
    ),
    m4(
        "few values",
        "1 of 2 series have fewer than 6 values: Y1 with 2; all need as many; get the file again",
        f"V1\nY1,{LONG}\nY2,{LONG}\n",
        f"V1\nY1,1,2\nY2,{SIX}\n",
    ),
    m4(
        "one file only",
        r"5 series are in only one of .*: Y1, Y2, Y3, \.\.\.; get both files again",
        f"V1\nY1,{LONG}\nY2,{LONG}\nY3,{LONG}\n",
        f"V1\nZ1,{SIX}\nZ2,{SIX}\n",
    ),
    m4("no series", "has no series below its first line; get the file again", "V1\n", f"V1\nY1,{SIX}\n"),
    m4(
        "gap",
        "value 2 of 22 is missing; M4 has no gaps; get the file again",
        f"V1\nY1,1,,{LONG}\n",
        f"V1\nY1,{SIX}\n",
    ),
    m4(
        "twice",
        "the series 'Y1' occurs a second time; leave one out",
        f"V1\nY1,{LONG}\nY1,{LONG}\n",
        f"V1\nY1,{SIX}\n",
    ),
    archive(
        "file name",
        r"name is 'a/b'; it names a file, so write letters, digits, _, - and \.",
        "ucr[name=a/b]",
        {},
        cases(ts()),
        "ucr[name=Toy]",
    ),
    archive(
        "two names",
        r"both name .*toy_dataset.tsf; write (monash\[name=toy\]), so that the file has one address",
        "monash[name=toy_dataset]",
        {"monash/toy_dataset.tsf": tsf()},
        {},
        lambda said: said[1],
    ),
    archive(
        "no file of an archive",
        r"they cannot be downloaded, so put them there yourself",
        "ucr[name=Toy]",
        {},
        cases(ts()),
    ),
    Remedy(
        "another data folder",
        r"; another data folder: (--data-dir) or RECURBENCH_DATA",
        lambda: plan("--datasets", "ucr[name=Toy]", "--methods", "most-common"),
        lambda said: other_folder(said[1]),
    ),
    Remedy(
        "in its place",
        "Toy_TRAIN.ts is a folder there, replace it by the file",
        a_folder_of_its_name,
        the_file_itself,
    ),
]


def hours(count: int = 5, every: int = 1, value: str = "1.5", head: str = "date,OT") -> str:
    times = (f"2020-01-01 {every * i:02d}:00:00" for i in range(count))
    return "\n".join((head, *(f"{time},{value}" for time in times)))


def read(text: str) -> object:
    return read_table(Path(put("table.csv", text)), "1h", "OT")


def table(name: str, says: str, bad: str) -> Remedy:
    """A table of one series that is refused; the remedy is a whole one."""
    return call(f"table: {name}", says, lambda: read(bad), lambda _: read(hours()))


def dials(name: str, says: str, bad: str, good: str) -> Remedy:
    """Dials of a data set that are refused, and others that the sentence asks for."""
    return command(name, says, plan("--datasets", bad), lambda _: plan("--datasets", good))


NAN = np.full((3, 1), np.nan)
GENERATED = [
    table(
        "no number",
        "which is no finite number.*; this problem needs every value: get the file again",
        hours(value="x"),
    ),
    table("uneven", r"is not 1h after the line before \(and 3 more\); get the file again", hours(every=2)),
    table(
        "no column",
        "no column OT; the columns are date, x; the time must come first, then a column per channel",
        hours(head="date,x"),
    ),
    table("no table", "; a table with time and numbers in columns is needed", ""),
    call(
        "no word",
        "has no word; lines such as '(.*)' are needed",
        lambda: read_words(Path(put("w", ";;;\n"))),
        lambda said: read_words(Path(put("w", f"{said[1]}\n"))),
    ),
    call(
        "channel without a value",
        "a series has a channel without a single value; leave it out of the file",
        lambda: [filled(x) for x in (np.ones((3, 1)), NAN)],
        lambda _: [filled(x) for x in (np.ones((3, 1)),)],
    ),
    call(
        "group of words",
        r"unknown group 'x'; word-problem knows (\w+)",
        lambda: groups("x"),
        lambda said: groups(said[1]),
    ),
    call(
        "unknown machine",
        r"unknown machine 'x'; automaton knows ([\w-]+)",
        lambda: machines("x"),
        lambda said: machines(said[1]),
    ),
    dials(
        "one last answer",
        "; an even or a longer test_length is needed",
        "automaton[machine=tomita-5,test_length=31]",
        "automaton[machine=tomita-5,test_length=32,n_train=5,n_test=5]",
    ),
    dials("no headroom", "move phi and theta apart", "arma[phi=0.8]", "arma[phi=0.99,theta=0.5,n_train=1]"),
    call(
        "narma runs away",
        "diverges: 2 of 2 series .*; lower order or length",
        lambda: draw(100, 2, 600, np.random.default_rng(0)),
        lambda _: (draw(10, 2, 600, np.random.default_rng(0)), draw(100, 2, 110, np.random.default_rng(0))),
    ),
]


def other_folder(option: str) -> list[str]:
    for path, text in cases(ts()).items():
        put(f"elsewhere/{path}", text)
    return plan("--datasets", "ucr[name=Toy]", "--methods", "most-common", option, "elsewhere")


TABLE = [*TS, *MONASH, *TABLES, *GENERATED]
