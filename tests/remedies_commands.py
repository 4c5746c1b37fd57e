"""Refusals of arguments and places of commands, each with its remedy carried out."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import re
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from recurbench.api import Request, prepare
from recurbench.catalogue import entry
from recurbench.reports.text.translation import Messages
from recurbench.task import Split, Task, Values
from remedies import Ask, Remedy, Said, call, command, goes_well, plan, put, refused
from remedies_csv import RIGHT
from remedies_files import OTHER, ts

TABLE_OF_Y = pd.DataFrame({"unique_id": "a", "ds": range(60), "y": [float(i % 5) for i in range(60)]})
AIRLINE = ("--datasets", "airline", "--jobs", "0")
HEAD = "from recurbench import About, Problem, Split, Task, Values, dataset, method\n"
METHOD = '''
@method("{name}", family="{family}", kinds={{"forecasting"}})
def mine(task, train, *, level=1.0):
    """Answer with the last value, or a share of it."""
    import numpy as np

    k = task.y.size
    return lambda split: [np.repeat(np.nan_to_num(x[-1:, :k]) * level, task.steps, axis=0) for x in split.x]
'''
DATASET = '''
import numpy as np


@dataset("my-data", kind="forecasting")
def mine(*, length: int = 44):
    """A line."""
    def split(end):
        line = np.arange(float(end))[:, None]
        return Split([line[:-4]], [line[-4:]], series=["a"])

    words = dict.fromkeys(("source", "licence", "protocol", "version"), "made up")
    about = About(**words, reference="last-value", metric="{metric}")
    return Problem(Task("forecasting", Values(1), Values(1), "fixed", 4), split(40), split(length), about)
'''


def plugin(name: str = "mine", family: str = "baseline") -> str:
    return HEAD + METHOD.format(name=name, family=family)


def file_of(name: str, says: str, bad: str, good: str | Callable[[Said], str]) -> Remedy:
    """A plugin file that is refused, and how the sentence says to write it."""

    def ask(text: str) -> Ask:
        named = "my-data[length=48]" if "@dataset" in text else "airline"
        methods = "last-value" if "@dataset" in text else "mine"
        # Another name each time: a module is imported once.
        path = put(f"plugin{len(list(Path.cwd().glob('plugin*.py')))}.py", text)
        return ["plan", "--plugin", path, "--methods", methods, "--datasets", named, "--jobs", "0"]

    return Remedy(name, says, lambda: ask(bad), lambda said: ask(good(said) if callable(good) else good))


def ran(folder: str = "r") -> str:
    """A small run."""
    goes_well(["run", "--methods", "last-value", *AIRLINE, "--out", folder])
    return folder


def of_run(name: str, says: str, bad: Sequence[str], good: Callable[[Said], Sequence[str]]) -> Remedy:
    """A command about the run in the folder r."""

    def first() -> Ask:
        ran()
        return bad

    return Remedy(name, says, first, good)


def labels_alone() -> Ask:
    goes_well(
        [
            "run",
            "--methods",
            "most-common",
            "--datasets",
            "italy-power-demand",
            "--jobs",
            "0",
            "--out",
            "labels",
        ]
    )
    return ["report", "labels", "--per-series"]


held: list[int] = []


def at_work() -> Ask:
    Path("r").mkdir()
    held[:] = [os.open("r/run.lock", os.O_RDWR | os.O_CREAT)]
    fcntl.flock(held[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def waited(_said: Said) -> Ask:
    """The other run has ended."""
    os.close(held.pop())
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def elsewhere(said: Said) -> Ask:
    return ["run", "--methods", "last-value", *AIRLINE, said[1], "other"]


def a_file_in_the_way() -> Ask:
    put("r", "not a folder")
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def no_database() -> Ask:
    put("r/results.sqlite", "x" * 5000)
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def foreign() -> Ask:
    Path("r").mkdir()
    with contextlib.closing(sqlite3.connect("r/results.sqlite")) as file:
        file.execute("CREATE TABLE songs (title)")
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def later() -> Ask:
    """A run file of a layout that does not exist yet."""
    with contextlib.closing(sqlite3.connect(f"{ran()}/results.sqlite")) as file:
        file.execute("PRAGMA user_version = 99")
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "r"]


def zipped(*names: str) -> str:
    with zipfile.ZipFile("my.zip", "w") as archive:
        for name in names:
            archive.writestr(name, OTHER if "TEST" in name else ts())
    return "my.zip"


FROM = ["data", "fetch", "ucr[name=Toy]", "--from", "my.zip", "--yes"]
PLANNED = plan("--datasets", "ucr[name=Toy]", "--methods", "most-common")


def there_already() -> Ask:
    zipped("Toy_TRAIN.ts", "Toy_TEST.ts")
    goes_well(FROM)
    return FROM


def by_hand(_said: Said) -> Ask:
    with zipfile.ZipFile("my.zip") as archive:
        for name in archive.namelist():
            put(f"data/ucr/Toy/{Path(name).name}", archive.read(name))
    return PLANNED


def twice_in_it() -> Ask:
    zipped("a/Toy_TRAIN.ts", "b/Toy_TRAIN.ts", "a/Toy_TEST.ts", "b/Toy_TEST.ts")
    return FROM


def unreadable_ledger() -> Ask:
    from recurbench.fetching.verify import LEDGER

    put(f"data/{LEDGER}", json.dumps({"form": "none"}))
    return ["data", "verify"]


def moved_away(_said: Said) -> Ask:
    from recurbench.fetching.verify import LEDGER

    Path("data", LEDGER).rename("away")
    return ["data", "verify"]


def no_folder() -> Ask:
    put("file", "x")
    return ["run", "--methods", "last-value", *AIRLINE, "--out", "file/r"]


def without_cuda() -> object:
    with patch("torch.cuda.is_available", return_value=False):
        return prepare(Request(methods=["last-value"], datasets=["airline"], device="cuda"))


def without_pyarrow() -> object:
    with patch.dict(sys.modules, {"pyarrow": None, "fastparquet": None}):
        raise ValueError(refused(["export", ran(), "--to", "parquet", "--output", "y"]))


def encrypted() -> Ask:
    """A zip whose members are marked as encrypted."""
    path = Path(zipped("Toy_TRAIN.ts", "Toy_TEST.ts"))
    raw = bytearray(path.read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(sign), bytes(raw)):
            raw[found.start() + place] |= 1
    put("secret.zip", bytes(raw))
    return [*FROM[:-2], "secret.zip", "--yes"]


ADDRESSES = [
    command(
        "bracket",
        r"is not a name: a bracket is not closed; write (\w+) or name\[",
        plan("--methods", "mean["),
        lambda _: plan("--methods", "mean", *AIRLINE),
    ),
    command(
        "bracket that cannot be read",
        r"cannot read '=3'; write name\[setting=value,\.\.\.\]",
        plan("--datasets", "airline[=3]"),
        lambda _: plan("--datasets", "airline[horizon=3]"),
    ),
    command(
        "setting twice",
        "gives horizon twice; write each setting once",
        plan("--datasets", "airline[horizon=3,horizon=4]"),
        lambda _: plan("--datasets", "airline[horizon=3]"),
    ),
    command(
        "no value",
        r"horizon has no value; write name\[setting=value,\.\.\.\]",
        plan("--datasets", "airline[horizon=]"),
        lambda _: plan("--datasets", "airline[horizon=3]"),
    ),
    command(
        "comma",
        r"ends in a comma; write name\[setting=value,\.\.\.\]",
        plan("--datasets", "airline[horizon=3,]"),
        lambda _: plan("--datasets", "airline[horizon=3]"),
    ),
    command(
        "no such setting",
        r"dataset airline has no setting 'steps'; its settings: .*(horizon)",
        plan("--datasets", "airline[steps=3]"),
        lambda said: plan("--datasets", f"airline[{said[1]}=3]"),
    ),
    command(
        "no such method",
        r"no method is called 'last-valu'; nearest: (\S+?)(?:,|$)",
        plan("--methods", "last-valu", *AIRLINE),
        lambda said: plan("--methods", said[1], *AIRLINE),
    ),
    command(
        "no such method at all",
        r"no method is called 'qqqqq'; known: (\w+),",
        plan("--methods", "qqqqq", *AIRLINE),
        lambda said: plan("--methods", f"{said[1]},mea?", *AIRLINE),
    ),
    command(
        "setting of another type",
        r"horizon is 'abc', wanted .*; write for example (horizon=\d+)",
        plan("--datasets", "airline[horizon=abc]"),
        lambda said: plan("--datasets", f"airline[{said[1]}]"),
    ),
]
REQUESTS = [
    command(
        "suite of blocks",
        r"has no methods for airline; its problems: .*; name others together with (--methods)",
        ["plan", "map", *AIRLINE],
        lambda said: ["plan", "map", *AIRLINE, said[1], "last-value"],
    ),
    command(
        "two sources",
        r"(--data) and --datasets name two sources of problems; give one of them",
        plan("--data", "my.csv", "--datasets", "airline"),
        lambda said: plan(said[1], put("my.csv", RIGHT), "--methods", "mean", "--horizon", "2"),
    ),
    command(
        "dials without a file",
        r"horizon: only for your own file; name the file with (--data) FILE",
        plan("--horizon", "2"),
        lambda said: plan("--horizon", "2", said[1], put("my.csv", RIGHT)),
    ),
    command(
        "idle method",
        "no chosen problem is of this kind; leave the method out, or choose a problem of "
        "a kind that it supports",
        plan("--methods", "last-value", "--datasets", "gunpoint"),
        lambda _: plan("--methods", "last-value", *AIRLINE),
    ),
    Remedy(
        "file for a folder",
        "r is a file, but a run needs a directory; name one with (--out)",
        a_file_in_the_way,
        elsewhere,
    ),
    Remedy(
        "no folder can be made",
        r"file/r: cannot be written \(.*\); name another directory with (--out)",
        no_folder,
        elsewhere,
    ),
    Remedy(
        "another run",
        r"is at work in r; wait for it, or name another directory with (--out)",
        at_work,
        elsewhere,
    ),
    Remedy("another run, waited for", "is at work in r; wait for it", at_work, waited),
    Remedy(
        "no database",
        r"cannot be read as a run file .*; name another directory with (--out)",
        no_database,
        elsewhere,
    ),
    Remedy(
        "foreign run file", "is not a recurbench run file; name another run with (--out)", foreign, elsewhere
    ),
    Remedy(
        "later layout", r"has layout 99, this .*; name another run with (--out), or use", later, elsewhere
    ),
    command(
        "limit of time",
        r"'soon' is not a time such as (\w+), 10m or 2h; write one, or none for no limit",
        plan("--timeout", "soon", *AIRLINE),
        lambda said: plan("--timeout", said[1], *AIRLINE),
    ),
    command(
        "limit of memory",
        r"'much' is not a size such as 500MB or 2GB; write one, or (none) for no limit",
        plan("--memory", "much", *AIRLINE),
        lambda said: plan("--memory", said[1], *AIRLINE),
    ),
    command(
        "plugin file",
        r"no.py: no such file; give the path of a Python file",
        plan("--plugin", "no.py", *AIRLINE),
        lambda _: plan("--plugin", put("mine.py", plugin()), *AIRLINE),
    ),
    call(
        "keyword",
        r"run\(\) has no argument 'dataset'; nearest: (datasets)",
        lambda: recurbench_run(dataset="airline"),
        lambda said: recurbench_run(**{said[1]: "airline"}),
    ),
    call(
        "data twice",
        r"run\(\) has (data) twice, .*; give it once",
        lambda: recurbench_run(TABLE_OF_Y, data=TABLE_OF_Y),
        lambda said: recurbench_run(**{said[1]: TABLE_OF_Y}),
    ),
    call(
        "file as suite",
        r"'my.csv' is a file and no suite; write run\((data)='my.csv'\)",
        lambda: recurbench_run(put("my.csv", RIGHT)),
        lambda said: recurbench_run(**{said[1]: "my.csv"}, horizon=2),
    ),
    call(
        "option without data",
        r"horizon: only for data of your own; .*, such as datasets='(airline\[horizon=6\])'",
        lambda: recurbench_run(datasets="airline", horizon=6),
        lambda said: recurbench_run(datasets=said[1]),
    ),
    call(
        "list as data",
        r"data is \[1.0\] \(list\), wanted .*; write for example data=(pandas.DataFrame)\(values\)",
        lambda: recurbench_run(data=[1.0]),
        lambda _: recurbench_run(data=TABLE_OF_Y),
    ),
    call(
        "text as data",
        r"data is 'unique_id.*, the rows of a table .*; write for example data=pandas.(read_csv)\(io",
        lambda: recurbench_run(data=TABLE_OF_Y.to_csv(index=False)),
        lambda said: recurbench_run(data=getattr(pd, said[1])(io.StringIO(TABLE_OF_Y.to_csv(index=False)))),
    ),
    call(
        "empty table",
        r"data has 0 rows and 3 columns; give a table with values",
        lambda: recurbench_run(data=TABLE_OF_Y[:0]),
        lambda _: recurbench_run(data=TABLE_OF_Y),
    ),
    call(
        "levels of column names",
        r"data has column names of 2 levels, such as .*; join each to one name",
        lambda: recurbench_run(data=pd.concat({"a": TABLE_OF_Y}, axis=1)),
        lambda _: recurbench_run(data=TABLE_OF_Y),
    ),
    call(
        "index named as a column",
        r"data has 'y' both as a column and as its index; .* drop the index with (reset_index\(drop=True\))",
        lambda: recurbench_run(data=TABLE_OF_Y.set_index("y", drop=False)),
        lambda _: recurbench_run(data=TABLE_OF_Y.set_index("y", drop=False).reset_index(drop=True)),
    ),
    call(
        "table into a file",
        r"taken: cannot be written \(File exists\); name another directory with (out)=",
        lambda: recurbench_run(data=TABLE_OF_Y, out=put("taken", "")),
        lambda said: recurbench_run(data=TABLE_OF_Y, **{said[1]: "other"}),
    ),
]


def recurbench_run(*first: object, **words: object) -> object:
    from recurbench.api import run

    return run(*first, **{"methods": "last-value", "out": "r", "jobs": 0, **words})


PLUGINS = [
    file_of(
        "family",
        r"family must be one of (\w+), .*; got 'none'",
        plugin(family="none"),
        lambda said: plugin(family=said[1]),
    ),
    file_of("two of one name", "two methods are called 'mean': .*; rename one", plugin("mean"), plugin()),
    file_of(
        "computed setting",
        "must be a literal, because plugins are read as text; got",
        plugin().replace("1.0", "2.0 ** 3"),
        plugin(),
    ),
    file_of(
        "default of another type",
        r"level is 'x', .*; change the value, or annotate level with a type that takes it",
        plugin().replace("level=1.0", "level: float = 'x'"),
        plugin(),
    ),
    file_of(
        "metric",
        r"is scored by 'none', which is no metric; known: .*(mase)",
        HEAD + DATASET.format(metric="none"),
        lambda said: HEAD + DATASET.format(metric=said[1]),
    ),
    command(
        "checked with settings",
        "a method is checked with its default settings; leave the bracket out",
        ["check", "lstm[hidden=8]"],
        lambda _: ["check", put("mine.py", plugin())],
    ),
    command(
        "no method in the file",
        r"holds no method; decorate a function with @method\(\.\.\.\)",
        ["check", "empty.py"],
        lambda _: ["check", put("mine.py", plugin())],
        ("empty.py", HEAD),
    ),
    command(
        "package there already",
        r"recurbench_mine|mine exists already; remove it, or name another folder with (--folder)",
        ["new", "method", "mine", "--folder", "mine"],
        lambda said: ["new", "method", "mine", said[1], "other"],
        ("mine/x", ""),
    ),
    command(
        "name of a package",
        r"words and digits joined by hyphens, such as (\S+); got 'My Idea'",
        ["new", "method", "My Idea"],
        lambda said: ["new", "method", said[1]],
    ),
    command(
        "name that is taken",
        "there is already a method called 'mean'.*; choose another name",
        ["new", "method", "mean"],
        lambda _: ["new", "method", "my-mean"],
    ),
]


DATA = [
    Remedy(
        "encrypted",
        "is encrypted; unpack it yourself and put the files into the data folder",
        encrypted,
        by_hand,
    ),
    call(
        "no files",
        r"airline reads no file from the data folder; data sets that do: (\w+),",
        lambda: entry("airline", {}),
        lambda said: entry(said[1], {}),
    ),
    command(
        "no file to fetch",
        r"airline needs no files; data sets that do: (\w+),",
        ["data", "fetch", "airline"],
        lambda said: ["data", "fetch", said[1], "--from", put("cmudict.dict", "cat K AE1 T\n"), "--yes"],
    ),
    Remedy(
        "there already",
        r"are here already; replace them with (--replace)",
        there_already,
        lambda said: [*FROM, said[1]],
    ),
    Remedy(
        "twice in an archive",
        "holds Toy/Toy_TRAIN.ts more than once: .*; unpack it yourself",
        twice_in_it,
        lambda _: by_hand_from("a"),
    ),
    Remedy(
        "ledger",
        r"cannot be read \(form none.*\); repair it, or move it away to begin a new one",
        unreadable_ledger,
        moved_away,
    ),
    Remedy(
        "no address",
        r"cannot be downloaded: put .* into \S+, or take them from an archive of yours with (--from) ARCHIVE",
        lambda: ["data", "fetch", "ucr[name=Toy]", "--yes"],
        lambda said: [
            "data",
            "fetch",
            "ucr[name=Toy]",
            "--yes",
            said[1],
            zipped("Toy_TRAIN.ts", "Toy_TEST.ts"),
        ],
    ),
    Remedy(
        "not agreed to",
        r"you did not agree, so nothing was fetched; (--yes) agrees without a question",
        lambda: ["data", "fetch", "ucr[name=Toy]", "--from", zipped("Toy_TRAIN.ts", "Toy_TEST.ts")],
        lambda said: [*FROM[:-1], said[1]],
    ),
]


def by_hand_from(folder: str) -> Ask:
    with zipfile.ZipFile("my.zip") as archive:
        for name in archive.namelist():
            if name.startswith(folder):
                put(f"data/ucr/Toy/{Path(name).name}", archive.read(name))
    return PLANNED


RUNS = [
    call(
        "cuda",
        "torch sees no CUDA device here; run with --device (cpu), or on",
        without_cuda,
        lambda said: prepare(Request(methods=["last-value"], datasets=["airline"], device=said[1])),
    ),
    call(
        "pyarrow",
        r"parquet needs pyarrow; install it, or export (--to \w+)",
        without_pyarrow,
        lambda said: goes_well(["export", "r", "--output", "y", *said[1].split()]),
    ),
    command(
        "no run",
        "nowhere holds no results.sqlite; give the directory of a run, such as",
        ["export", "nowhere"],
        lambda _: ["export", ran()],
    ),
    of_run(
        "form",
        r"--output x needs a format; name one with (--format)",
        ["report", "r", "--output", "x"],
        lambda said: ["report", "r", "--output", "x", said[1], "md"],
    ),
    of_run(
        "form of scores per series",
        r"--per-series has no format html; choose csv or md with (--format)",
        ["report", "r", "--per-series", "--format", "html"],
        lambda said: ["report", "r", "--per-series", said[1], "csv"],
    ),
    Remedy(
        "no scores of series",
        r"holds no scores of single series; run a forecasting problem, or leave (--per-series) out",
        labels_alone,
        lambda _: ["report", "labels"],
    ),
    of_run(
        "two tables at once",
        r"--predictions and --coverage write two different tables; ask for one of them",
        ["export", "r", "--predictions", "--coverage"],
        lambda _: ["export", "r", "--coverage"],
    ),
    Remedy(
        "no intervals",
        r"holds no intervals of forecasts; run a forecasting problem",
        lambda: ["export", labels_alone()[1], "--coverage"],
        lambda _: ["export", ran(), "--coverage"],
    ),
    of_run(
        "all forms",
        "--format all writes several files, but there is no folder x; leave --output out, name an existing "
        "folder, or name one format",
        ["report", "r", "--format", "all", "--output", "x"],
        lambda _: ["report", "r", "--format", "md", "--output", "x"],
    ),
    of_run(
        "folder of the output",
        r"there is no folder x; make it first, or name a file in another",
        ["export", "r", "--output", "x/y.csv"],
        lambda _: made("x", ["export", "r", "--output", "x/y.csv"]),
    ),
    of_run(
        "parquet on a terminal",
        r"parquet is a binary format; name a file with (--output)",
        ["export", "r", "--to", "parquet"],
        lambda said: ["export", "r", "--to", "csv", said[1], "y.csv"],
    ),
    of_run(
        "slim into itself",
        r"is the run's own file; name another for the copy, such as (\S+)",
        ["slim", "r", "r/results.sqlite"],
        lambda said: ["slim", "r", said[1]],
    ),
    of_run(
        "slim into a folder",
        r"this is a folder; name a file, in it or elsewhere",
        ["slim", "r", "r"],
        lambda _: ["slim", "r", "r/copy.xz"],
    ),
    of_run(
        "slim into a file",
        "is a file, but must be a folder; name a path in another folder",
        ["slim", "r", "r/results.sqlite/x"],
        lambda _: ["slim", "r", "other/x"],
    ),
    of_run(
        "margin",
        r"the margin is of skill, 0 or more, got -1.0; give (--margin \S+) or so",
        ["compare", "r", "r", "--margin", "-1"],
        lambda said: ["compare", "r", "r", *said[1].split()],
    ),
    call(
        "language",
        r"no messages in 'de'; known languages: (\w+)",
        lambda: Messages("de"),
        lambda said: Messages(said[1]),
    ),
    call(
        "kind",
        r"unknown task kind 'x'; known: (\w+)",
        lambda: Task("x", Values(1), Values(2, symbols=True), "fixed"),
        lambda said: Task(said[1], Values(1), Values(2, symbols=True), "fixed"),
    ),
    call(
        "mask",
        r"take wants indices, got a mask; write take\(np.flatnonzero\(mask\)\)",
        lambda: Split([np.ones(3)], [np.ones(1)]).take(np.array([True])),
        lambda _: Split([np.ones(3)], [np.ones(1)]).take(np.flatnonzero(np.array([True]))),
    ),
]


def made(folder: str, ask: Sequence[str]) -> Sequence[str]:
    Path(folder).mkdir()
    return ask


TABLE = [*ADDRESSES, *REQUESTS, *PLUGINS, *DATA, *RUNS]
