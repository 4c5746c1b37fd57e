"""Which columns of a table hold the answer, the case, the group and the time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
from recurbench.reading.columns import IDS, TIMES, so_called
from recurbench.reading.numerals import numbers
from recurbench.reading.proposal import Fact, Options
from recurbench.reading.table import DATE, Table, listed

LABELS = ("label", "class", "target", "y", "status", "outcome", "diagnosis", "category")
# Of these a table may be about cases without being told so; y and target also name forecasts.
CLEAR = ("label", "class", "status", "outcome", "diagnosis")
SURE = ("label", "class")
STEPS = 3  # fewest columns of a table with a row per case that is taken for one by itself


@dataclass(frozen=True)
class CaseColumns:
    """The columns of a table of cases.

    Attributes
    ----------
    form : {"long", "wide", "wav"}
        Long: a case is several rows, one per step. Wide: a case is one row, with a column per step. Wav: a
        case is a wav file.
    label, case, group, time : str
        Names of columns; empty if there is none.
    rate : int
        Of wav files: the samples per second that they are brought to; 0 leaves them as they are.
    table : str
        Of wav files: the name of the table in their folder; empty if it is the only one there.
    """

    form: str
    label: str
    case: str = ""
    group: str = ""
    time: str = ""
    rate: int = 0
    table: str = ""

    @property
    def others(self) -> set[str]:
        """The columns that hold no values."""
        return {self.label, self.case, self.group, self.time} - {""}


def choose_columns(table: Table, options: Options) -> tuple[CaseColumns, list[Fact]]:
    """Choose the columns, and say why; what the user fixed is kept.

    Raises
    ------
    ValueError
        If a named column does not exist, or none can be found for the answer.
    """
    label, why = _label(table, options.label)
    facts = [Fact("label", label, why, "--label")]
    others = {label, *([column(table, options.id, "--id")] if options.id else [])}
    time = _found(table, options.time, "--time", TIMES, others)
    case, why = _case(table, options, label, time)
    group = column(table, options.group, "--group") if options.group else ""
    if case:
        rows = len(table.frame) / table.frame[case].nunique()
        facts.append(Fact("case", f"the rows with one value of {case} (about {rows:.3g} each)", why, "--id"))
        named = "named" if options.time else "by its name"
        order = Fact("time", time, named, "--time") if time else Fact("time", "order of rows", "", "--time")
        facts.append(order)
    else:
        facts.append(Fact("case", "one row, with a column per step", why, "--id"))
        time = ""
        case = column(table, options.id, "--id") if options.id else _names_of_rows(table, {label, group})
    if group:
        facts.append(Fact("group", group, "named; no group is in both parts", "--group"))
    form = "wide" if facts[1].value.startswith("one row") else "long"
    return CaseColumns(form, label, case, group, time), facts


def column(table: Table, name: str, option: str) -> str:
    """The column of this name; upper and lower case do not matter where the name is clear."""
    names = [str(each) for each in table.frame.columns]
    same = so_called(name, names)
    if len(same) != 1:
        raise ValueError(
            f"{table.path}: there is no column {name!r}; the columns are {listed(names)}; name one of them "
            f"with {option}"
        )
    return same[0]


def looks_labelled(table: Table) -> bool:
    """Whether a table is about cases although nothing was said: a label that is constant within cases."""
    label = next((name for name in CLEAR for each in table.frame.columns if each.lower() == name), None)
    if label is None:
        return False
    label = column(table, label, "--label")
    time = _found(table, None, "--time", TIMES, {label})
    if _candidate(table, label, time):
        return True
    # A row per case: its label has a name that no forecast has, and repeats; rows of series have a time.
    sure = label.lower() in SURE and not time and bool(table.frame[label].duplicated().any())
    others = [table.texts(str(name)) for name in table.frame.columns if name != label] if sure else []
    dated = any(all(map(DATE.fullmatch, cells)) for cells in others)
    return not dated and sum(not numbers(cells).wrong.any() for cells in others) >= STEPS


def _label(table: Table, named: str | None) -> tuple[str, str]:
    if named is not None:
        return column(table, named, "--label"), "named"
    lower = {str(name).lower(): str(name) for name in table.frame.columns}
    for name in LABELS:
        if name in lower:
            return lower[name], "by its name"
    raise ValueError(
        f"{table.path}: which column is the answer? its columns are {listed(list(lower.values()))}; name the "
        "column with the classes or numbers to predict with --label"
    )


def _found(table: Table, named: str | None, option: str, names: Sequence[str], others: set[str]) -> str:
    """The named column, or the first of these names; "" if there is none, or the time is "none"."""
    if named == "none" and option == "--time":
        return ""
    if named is not None:
        return column(table, named, option)
    lower = {str(each).lower(): str(each) for each in table.frame.columns if each not in others}
    return next((lower[name] for name in names if name in lower), "")


def _case(table: Table, options: Options, label: str, time: str) -> tuple[str, str]:
    """The column that tells the cases of a long table apart, and why; "" for a wide table."""
    if options.id:
        name = column(table, options.id, "--id")
        several = table.frame[name].duplicated().any()
        return (name, "named") if several else ("", "every row has another value of the named column")
    if options.group:
        name = column(table, options.group, "--group")
        if _constant(table.frame, name, label) and table.frame[name].duplicated().any():
            return name, "the named group, whose rows have one label"
        return "", "rows of one group have different labels"
    found = _candidate(table, label, time)
    return found, "the label does not change within it" if found else "no column groups rows of one label"


def _candidate(table: Table, label: str, time: str) -> str:
    return next((name for name in _candidates(table, label, time) if _cases_in(table, name, label)), "")


def _candidates(table: Table, label: str, time: str) -> Iterator[str]:
    """Columns that may tell cases apart: those with a usual name, then columns of words or whole numbers."""
    names = [str(name) for name in table.frame.columns if name not in (label, time)]
    lower = {name.lower(): name for name in names}
    yield from (lower[name] for name in IDS if name in lower)
    yield from (name for name in names if re.search(r"[ _.-]id$", name.lower()))
    # Without a usual name only a column to the left of all values is taken.
    first = names[:1]
    yield from (name for name in first if name.lower() not in lower or _names(table, name))


def _names(table: Table, name: str) -> bool:
    cells = table.texts(name)
    return all(re.fullmatch(r"\d+", cell) for cell in cells) or numbers(cells).wrong.mean() > 0.5


def _names_of_rows(table: Table, others: set[str]) -> str:
    """The first column of words that are all different; "" if there is none."""
    names = [str(name) for name in table.frame.columns if name not in others]
    for name in names:
        if table.frame[name].is_unique and numbers(table.texts(name)).wrong.mean() > 0.5:
            return name
    return ""


def _cases_in(table: Table, name: str, label: str) -> bool:
    """Whether the rows with one value of a column stand together, have one label, and are mostly several."""
    cells = table.texts(name)
    different = table.frame[name].nunique()
    runs = 1 + sum(one != other for one, other in pairwise(cells))
    enough = 2 <= different <= len(cells) / 2
    return enough and runs == different and _constant(table.frame, name, label)


def _constant(frame: pd.DataFrame, name: str, label: str) -> bool:
    return bool((frame.groupby(name, sort=False)[label].nunique() == 1).all())
