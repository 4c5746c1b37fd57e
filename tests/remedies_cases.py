"""Refusals of labelled cases of one's own, each with its remedy carried out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from own_files import HEAD, npz, panel, ts, tsv, wide
from recurbench.datasets.own_cases import own_classes
from recurbench.forecasting.new_cases import read_new
from recurbench.reading.cases_proposal import propose_cases
from recurbench.reading.proposal import Options
from recurbench.reading.tsv_file import read_unlabelled
from recurbench.registry import discover, load
from remedies import Remedy, Text, call, put

Content = Text | Mapping[str, Any]
NONE = Options()


def write(files: Mapping[str, Content]) -> None:
    """Write text, or the arrays of an .npz file."""
    for name, content in files.items():
        if isinstance(content, Mapping):
            npz(Path(name), **content)
        else:
            put(name, content)


def own(
    name: str,
    says: str,
    bad: Mapping[str, Content],
    good: Mapping[str, Content] | None = None,
    options: Options = NONE,
    better: Options | None = None,
    instead: str = "",
) -> Remedy:
    """Files of which the first is refused, and how the sentence says to write or to name them."""
    first = next(iter(bad))

    def refused() -> object:
        write(bad)
        return propose_cases(Path(first), options)

    def mended(_said: object) -> object:
        write(good or bad)
        return propose_cases(Path(instead or first), better or options)

    return call(name, says, refused, mended)


def folder(name: str, says: str, files: Mapping[str, Content], instead: str) -> Remedy:
    """A folder that is refused, and the path of the file that the sentence says to give."""

    def refused() -> object:
        write(files)
        return propose_cases(Path("f"), NONE)

    return call(name, says, refused, lambda _: propose_cases(Path(instead), NONE))


def new(name: str, says: str, bad: Content, good: Content, form: str = "npz") -> Remedy:
    """New cases that are refused, and how the sentence says to write them."""

    def ask(content: Content) -> object:
        write({"a.npz": {}, f"new.{form}": content})
        proposal = propose_cases(Path("a.npz"), NONE)
        choice = discover().datasets[proposal.dataset].choose(proposal.settings)
        return read_new(Path(f"new.{form}"), choice, load(choice.plugin)(**choice.settings))

    return call(name, says, lambda: ask(bad), lambda _: ask(good))


def changed(text: str, row: int, old: str, new: str) -> str:
    """A text with something replaced in one row (from 1)."""
    rows = text.splitlines()
    assert old in rows[row - 1]
    rows[row - 1] = rows[row - 1].replace(old, new, 1)
    return "\n".join(rows) + "\n"


def without_values(text: str, rows: range, column: int) -> str:
    """A text with the cells of one column blank in some rows (from 1)."""
    cells = [row.split(",") for row in text.splitlines()]
    for row in rows:
        cells[row - 1][column] = ""
    return "\n".join(map(",".join, cells)) + "\n"


def short(text: str, rows: int) -> str:
    return "\n".join(text.splitlines()[:rows]) + "\n"


def of_one_class(count: int) -> str:
    """A .ts file in which every case has a class of its own."""
    body = "".join(f"{i},{i * i},1,2:c{i}\n" for i in range(count))
    return HEAD.replace("true a b", "true " + " ".join(f"c{i}" for i in range(count))) + body


PAIR = {"a_TRAIN.ts": ts(20), "a_TEST.ts": ts(20, first=1)}
PANEL = {"a.csv": panel()}
SALES = panel().splitlines()[1].split(",")[2]
ONES = np.ones((4, 2, 7))
GAP = np.random.default_rng(0).normal(size=(24, 2, 7))
GAP[2, 1] = np.nan

FILES = [
    folder(
        "no part in a folder",
        r"has no train and test file of one data set.*; give the path of one file",
        {"f/a.ts": ts(), "f/b.ts": ts()},
        "f/a.ts",
    ),
    call("no file of cases", "needs a file; give --data FILE", own_classes, lambda _: built(tsv(40))),
    own(
        "columns of a file without",
        r"a \.ts file has no columns, so --label cannot be used; leave it out",
        {"a.ts": ts()},
        options=Options(label="class"),
        better=NONE,
    ),
    own(
        "options of series",
        r"holds labelled cases, and --horizon is for series; leave it out",
        {"a.ts": ts()},
        options=Options(horizon=3),
        better=NONE,
    ),
    own(
        "missing values of series",
        r"missing is 'drop', which is for series; write one of interpolate, keep",
        {"a.ts": ts()},
        options=Options(missing="drop"),
        better=Options(missing="keep"),
    ),
    own(
        "another task",
        r"is none of classification, regression; write one of them",
        {"a.ts": ts()},
        options=Options(task="clustering"),
        better=Options(task="classification"),
    ),
    call(
        "a table without columns",
        r"is a table; name the column of the answers with --label",
        lambda: built(wide(), "a.csv"),
        lambda _: propose_cases(Path("a.csv"), Options(label="class")),
    ),
]
PARTS = [
    own(
        "text as a number",
        r"the answer 'a' is no number .*; correct it, or write (--task classification)",
        {"a.ts": ts()},
        options=Options(task="regression"),
        better=Options(task="classification"),
    ),
    own(
        "cases of one class",
        r"have the class a; a classification needs two; add cases of another class",
        {"a.ts": ts(classes="a")},
        {"a.ts": ts()},
    ),
    own(
        "test is train",
        r"a score on known cases is no test; bring other cases",
        {**PAIR, "a_TEST.ts": ts(20)},
        PAIR,
    ),
    own(
        "empty channel",
        r"case 3: channel 2 of the case has no value; leave the case out",
        {
            "a.npz": {
                "X": np.where(np.arange(24)[:, None, None] == 2, [[[1.0], [np.nan]]], np.ones((24, 2, 7)))
            }
        },
        {"a.npz": {}},
    ),
    own(
        "few cases",
        r"has 6 cases; at least 10 cases are needed to split off a test part; bring more",
        {"a.ts": ts(6)},
        {"a.ts": ts(20)},
    ),
    own(
        "a group per class",
        r"no test part can be split off; bring more groups of each class",
        {"a.ts": of_one_class(12)},
        {"a.ts": ts(24)},
    ),
]
TABLES = [
    own(
        "which label",
        r"which column is the answer\? .*; name the column .* with --label",
        {"a.csv": wide(label="kind")},
        better=Options(label="kind"),
    ),
    own(
        "no such label",
        r"there is no column 'kind'; the columns are .*; name one of them with --label",
        PANEL,
        options=Options(label="kind"),
        better=Options(label="status"),
    ),
    own(
        "a part without its case",
        r"has no column company; its columns are .*; name the columns as in the file of the training part",
        {"a_train.csv": panel(), "a_test.csv": panel(9, first=60).replace("company", "firm", 1)},
        {"a_train.csv": panel(), "a_test.csv": panel(9, first=60)},
    ),
    own(
        "a part without a channel",
        r"has no column debt, which the training part has; .*; add it, or rename the column that holds it",
        {"a_train.csv": panel(), "a_test.csv": panel(9, first=60).replace("debt", "loans", 1)},
        {"a_train.csv": panel(), "a_test.csv": panel(9, first=60)},
    ),
    own(
        "no values",
        r"no column of numbers is left beside .*; add such columns, or to forecast series leave out --label",
        {"a.csv": "\n".join(",".join((r.split(",")[0], r.split(",")[4])) for r in panel().splitlines())},
        PANEL,
        options=Options(id="company"),
    ),
    own(
        "a row without values",
        r"row 3: the case has no value; leave it out",
        {"a.csv": changed(wide(), 3, wide().splitlines()[2], "n1,,,,,,b")},
        {"a.csv": wide()},
        options=Options(label="class"),
    ),
    own(
        "a case without a value in a column",
        r"row 2: case firm0 has a column without a single value; leave the case out",
        {"a.csv": without_values(panel(), range(2, 6), 2)},
        PANEL,
    ),
    own(
        "no time",
        r"year is 'later'; write a whole number as in the first row",
        {"a.csv": changed(panel(), 3, "2001", "later")},
        PANEL,
    ),
    own(
        "text among numbers",
        r"row 2: sales is 'much', which is no number; correct it, or leave the cell blank if it is unknown",
        {"a.csv": changed(panel(), 2, SALES, "much")},
        {"a.csv": changed(panel(), 2, SALES, "")},
    ),
    own(
        "no label anywhere",
        r"no case has a label; name its column with (--label)",
        {
            "a.csv": "case,t,v,label,other\n"
            + "".join(f"{i // 2},{i % 2},{i},,{i % 4 // 2}\n" for i in range(60))
        },
        options=Options(id="case"),
        better=Options(id="case", label="other"),
    ),
    own(
        "time twice",
        r"row 3: year of case firm0 is 2000, as in row 2; correct one of them",
        {"a.csv": changed(panel(), 3, "2001", "2000")},
        PANEL,
    ),
    own(
        "label that changes",
        r"the label of case firm0 changes from '1' to '0'; a case has one label: name the column",
        {"a.csv": changed(panel(), 3, panel().splitlines()[2], "firm0,2001,1,1,0")},
        PANEL,
        options=Options(id="company"),
    ),
]
ARRAYS = [
    own(
        "other arrays",
        r"has the arrays data; save X \[cases, channels, steps\]",
        {"a.npz": {"X": None, "y": None, "data": ONES}},
        {"a.npz": {}},
    ),
    own(
        "infinite",
        r"case 1 of X has infinite values; write NaN where unknown",
        {"a.npz": {"X": np.full((24, 2, 7), np.inf)}},
        {"a.npz": {}},
    ),
    own("no y", r"has no array y \(it has x\); save X", {"a.npz": {"y": None}}, {"a.npz": {}}),
    own("short y", r"y has the form \[3\] for 24 cases; save X", {"a.npz": {"y": np.ones(3)}}, {"a.npz": {}}),
    own("X of one dimension", r"X is float64 \[3\]; save X", {"a.npz": {"X": np.ones(3)}}, {"a.npz": {}}),
    own("no archive", r"is no \.npz archive; save X", {"a.npz": "text"}, {"a.npz": {}}),
    own(
        "objects",
        r"\(it holds arrays of Python objects\); pad short series with NaN at their ends",
        {"a.npz": {"X": np.array([np.ones(2), np.ones(3)], dtype=object)}},
        {"a.npz": {}},
    ),
]
NEW = [
    new(
        "parts of new cases",
        r"has cases of 2 parts .*; save the new cases as one array X",
        {"X": None, "y": None, "X_train": ONES, "X_test": ONES},
        {"X": ONES, "y": None},
    ),
    new(
        "other channels",
        r"1 channel, and the training cases have 2 .*; give the same channels in the same order",
        {"X": ONES[:, :1], "y": None},
        {"X": ONES, "y": None},
    ),
    new(
        "other length",
        r"6 steps, and every case of the run has 7 .*; cut or complete them, or leave them out",
        {"X": ONES[:, :, :6], "y": None},
        {"X": ONES, "y": None},
    ),
]


def built(text: str, name: str = "a.tsv") -> object:
    return own_classes(path=put(name, text))


def unlabelled(text: str) -> object:
    return read_unlabelled(Path(put("new.tsv", text)), 6)


NEW += [
    call(
        "no new case",
        r"has no case; rows of values, separated by tabs, are needed",
        lambda: unlabelled("# nothing\n"),
        lambda _: unlabelled(tsv(3)),
    )
]
TABLE = [*FILES, *PARTS, *TABLES, *ARRAYS, *NEW]
