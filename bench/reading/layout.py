"""Which columns of a table hold the series, the time stamps, the targets and the covariates."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from recurbench.reading.columns import IDS, TIMES, Column, columns_of, dated_or_counted, so_called
from recurbench.reading.proposal import Fact, Options, Remark
from recurbench.reading.table import Table, listed

CONTRACT = ("unique_id", "ds", "y")
TARGETS = ("y", "target", "value", "values")
LEAST_STEPS = 8  # columns with numbers that make one row a series
NONE = "none"
NUMBERED = "none: the rows are numbered"
UNNAMED = "unnamed: 0"  # the row numbers that pandas writes

_Tell = Callable[[Sequence[str], str], tuple[str, ...]]


@dataclass(frozen=True)
class Layout:
    """The roles of the columns of a table.

    Attributes
    ----------
    ids : tuple of str
        The columns whose values together name a series; none for a single series.
    time : tuple of str
        The columns that together are the time stamp; none if the rows are numbered.
    targets : tuple of str
        Each is a series; or, if `in_rows`, each is a step.
    past, ahead : tuple of str
        Covariates known up to the origin, and covariates known ahead.
    in_rows : bool
        Whether each row is a series.
    facts : tuple of Fact
    remarks : tuple of Remark
    """

    ids: tuple[str, ...]
    time: tuple[str, ...]
    targets: tuple[str, ...]
    past: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    in_rows: bool = False
    facts: tuple[Fact, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def channel(self) -> str:
        """The name of the target: y if it is called so in either case, or if there are several."""
        only = self.targets[0] if len(self.targets) == 1 else "y"
        return "y" if only.lower() == "y" else only


@dataclass
class _Search:
    """A table whose roles are being found."""

    table: Table
    options: Options
    columns: dict[str, Column]
    facts: list[Fact] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def named(self, asked: str | Sequence[str] | None, option: str) -> tuple[str, ...]:
        """The columns that an option names; letters may be of either case, and * stands for any."""
        names: list[str] = []
        for part in _parts(asked, list(self.columns)):
            found = _matches(part, list(self.columns))
            if not found:
                raise ValueError(
                    f"{self.table.path}, row {self.table.head}: no column is called {part!r}, which {option} "
                    f"names; the columns are {listed(list(self.columns))}; name one of them"
                )
            names.extend(name for name in found if name not in names)
        return tuple(names)

    def free(self, *taken: Sequence[str]) -> list[Column]:
        """The columns without a role."""
        used = {name for names in taken for name in names}
        return [column for name, column in self.columns.items() if name not in used]


def layout_of(table: Table, options: Options) -> Layout:
    """Find the roles of the columns; what `options` names is taken as it is.

    ValueError if an option names no column, one column has two roles, or no column holds numbers.
    """
    search = _Search(table, options, columns_of(table))
    contract = _contract(search)
    ahead = search.named(options.ahead, "--ahead")
    given = search.named(options.covariates, "--covariates")
    given = tuple(name for name in given if name not in ahead)
    rows = None if contract else _in_rows(search)
    if rows is not None:
        return rows
    time = _time(search, contract)
    ids = _ids(search, contract, time)
    targets, past = _targets(search, contract, ids, time, given, ahead)
    _refuse_two_roles(table, {"--id": ids, "--time": time, "--target": targets, "--ahead": ahead + past})
    _tell_covariates(search, past, ahead)
    left = [c for c in search.free(ids, time, targets, past, ahead) if not c.counts and not c.blank]
    numeric, others = (
        [c.name for c in left if c.numeric and c.values > 1],
        [c.name for c in left if not c.numeric],
    )
    if numeric:
        search.remarks.append(Remark(f"not used: {listed(numeric)}; --covariates takes them"))
    if others:
        search.remarks.append(Remark(f"not used: {listed(others)}; a covariate must hold numbers"))
    return Layout(ids, time, targets, past, ahead, False, tuple(search.facts), tuple(search.remarks))


def _parts(asked: str | Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """The names in an option: a text with commas names several columns, unless one has that name."""
    if asked is None:
        return []
    words = [asked] if isinstance(asked, str) else list(asked)
    parts: list[str] = []
    for word in words:
        bare = word.strip("()[]'\" ") if word not in known else word
        parts.extend([bare] if bare in known else [part.strip(" '\"") for part in bare.split(",")])
    return [part for part in parts if part]


def _matches(part: str, known: Sequence[str]) -> list[str]:
    if same := so_called(part, known):
        return same
    return [name for name in known if fnmatch.fnmatchcase(name, part)] if set(part) & set("*?") else []


def _contract(search: _Search) -> dict[str, str]:
    """The columns called unique_id, ds and y in letters of either case; empty if one of them is lacking."""
    names = list(search.columns)
    small = [name.lower() for name in names]
    found: dict[str, str] = {}
    for word in CONTRACT:
        if word in names:
            found[word] = word
        elif small.count(word) == 1:
            found[word] = names[small.index(word)]
    options = search.options
    asked = options.id or options.time or options.target
    return found if len(found) == len(CONTRACT) and not asked else {}


def _in_rows(search: _Search) -> Layout | None:
    """The layout of a table with one series per row: a name, then columns that are numbered or dated."""
    if search.options.time or search.options.target:
        return None
    values = [c for c in search.columns.values() if c.numeric or c.blank]
    names = [c for c in search.columns.values() if not (c.numeric or c.blank)]
    given = search.named(search.options.id, "--id")
    steps = [c.name for c in values if c.name not in given]
    unique = [c.name for c in names if not c.dated and len(set(c.texts)) == len(c.texts)]
    if len(steps) < LEAST_STEPS or any(c.dated for c in names) or not (given or unique) or len(names) > 6:
        return None
    dated = dated_or_counted(steps)
    if dated is None:
        return None
    ids = given or (unique[0],)
    search.facts.extend(
        (
            Fact("id", listed(ids), "one row per series, named by this column", "--id"),
            Fact(
                "time", "dates in the header" if dated else "steps numbered from 1", "as the columns count on"
            ),
            Fact("target", f"{len(steps)} columns, {steps[0]} to {steps[-1]}", "the steps of each series"),
        )
    )
    return Layout(ids, (), tuple(steps), (), (), True, tuple(search.facts), tuple(search.remarks))


def _time(search: _Search, contract: dict[str, str]) -> tuple[str, ...]:
    """The columns of the time stamps, which are sought by their values first, then by name."""
    given = search.options.time

    def fact(names: tuple[str, ...], how: str) -> tuple[str, ...]:
        value = " and ".join(name or "the column without a name" for name in names) or NUMBERED
        search.facts.append(Fact("time", value, how, "--time"))
        return names

    if given:
        return fact(() if given.lower() == NONE else search.named(given, "--time"), "as given")
    if contract:
        return fact((contract["ds"],), "named ds")
    columns = list(search.columns.values())
    dated = [c for c in columns if c.dated]
    if dated:
        best = next((c for c in dated if _is_time_name(c.name)), dated[0])
        how = "the only column of dates" if len(dated) == 1 else f"one of {len(dated)} columns of dates"
        clock = next((c for c in columns if c.clock), None)
        return fact((best.name, clock.name) if clock else (best.name,), how)
    by_name = {c.name.lower(): c for c in columns if c.whole}
    parts = [by_name[word].name for word in ("year", "month", "day") if word in by_name]
    if parts[:1] and len(parts) > 1 and parts[0].lower() == "year" and _are_months(by_name["month"]):
        return fact(tuple(parts), "columns of year and month")
    numbered = [c for c in columns if c.whole and (_is_time_name(c.name) or c.name == "") and c.distinct]
    years = [c for c in numbered if c.years]
    for column in [*years, *numbered]:
        if not column.counts:
            return fact((column.name,), "years" if column.years else "whole numbers that increase")
    repeated = [c for c in columns if c.whole and _is_time_name(c.name) and not c.distinct and not c.counts]
    if repeated and any(c.text and not c.dated for c in columns):
        return fact((repeated[0].name,), "named as a time")
    return fact((), "no column of dates")


def _is_time_name(name: str) -> bool:
    low = name.lower()
    return low in (*TIMES, UNNAMED) or any(word in low for word in ("date", "time", "stamp"))


def _are_months(column: Column | None) -> bool:
    return column is not None and set(column.texts) <= {str(i) for i in range(1, 13)} | {
        f"{i:02d}" for i in range(1, 13)
    }


def _ids(search: _Search, contract: dict[str, str], time: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that name the series: needed where time stamps occur more than once."""
    given = search.options.id

    def fact(names: tuple[str, ...], how: str) -> tuple[str, ...]:
        value = " and ".join(name or "''" for name in names) or "none"
        search.facts.insert(0, Fact("id", value, how, "--id"))
        return names

    if given:
        return fact(() if given.lower() == NONE else search.named(given, "--id"), "as given")
    if contract:
        return fact((contract["unique_id"],), "named unique_id")
    free = [c for c in search.free(time) if not c.dated]
    named = [c for c in free if c.name.lower() in IDS and (c.text or c.whole)]
    texts = [c for c in free if c.text and c not in named]
    stamps = _joined(search, time)
    if len(set(stamps)) == len(stamps) and time:
        return fact((), "every time stamp occurs once")
    candidates = [c for c in (*named, *texts) if len(set(c.texts)) > 1]
    for column in candidates:
        pairs = len(set(zip(column.texts, stamps, strict=True)))
        if pairs == len(stamps) if time else 2 * len(set(column.texts)) <= len(stamps):
            how = "its values and the time stamps occur once together" if time else "its values repeat"
            return fact((column.name,), how)
    for some in (*itertools.combinations(candidates, 2), tuple(candidates)) if time else ():
        if len(some) > 1 and len(set(zip(*(c.texts for c in some), stamps, strict=True))) == len(stamps):
            return fact(tuple(c.name for c in some), "together with the time stamps they occur once")
    if time and candidates:
        return fact((candidates[0].name,), "the first column of names")
    return fact((), "no column of names")


def _joined(search: _Search, names: Sequence[str]) -> list[str]:
    if not names:
        return [""] * len(search.table.frame)
    return ["\0".join(cells) for cells in zip(*(search.columns[n].texts for n in names), strict=True)]


def _targets(
    search: _Search,
    contract: dict[str, str],
    ids: tuple[str, ...],
    time: tuple[str, ...],
    given: tuple[str, ...],
    ahead: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The targets and the past covariates."""
    asked = search.named(search.options.target, "--target")
    free = [c for c in search.free(ids, time, given, ahead) if c.numeric]
    numeric = [c for c in free if not c.counts] or free

    def fact(names: Sequence[str], how: str) -> tuple[str, ...]:
        value = listed(names, 4) if len(names) < 2 else f"{len(names)} series: {listed(names, 4)}"
        search.facts.append(Fact("target", value, how, "--target"))
        return tuple(names)

    if asked:
        return fact(asked, "as given"), given
    if contract:
        rest = tuple(c.name for c in numeric if c.name != contract["y"])
        return fact((contract["y"],), "named y"), given or rest
    if not numeric:
        raise ValueError(
            f"{search.table.path}, row {search.table.head}: no column holds numbers; the columns are "
            f"{listed(list(search.columns))}; add a column with the numbers to forecast"
        )
    by_name = [c.name for word in TARGETS for c in numeric if c.name.lower() == word]
    if len(numeric) > 1 and by_name:
        rest = tuple(c.name for c in numeric if c.name != by_name[0])
        return fact(by_name[:1], f"named {by_name[0]}"), given or rest
    if len(numeric) == 1:
        return fact([numeric[0].name], "the only numeric column"), given
    if ids:
        first = next((c for c in numeric if c.values > 2), numeric[0])
        rest = tuple(c.name for c in numeric if c is not first)
        how = f"the first of {len(numeric)} numeric columns; the others are covariates"
        return fact([first.name], how), given or rest
    return _wide(search, numeric, given, fact)


def _wide(
    search: _Search, numeric: list[Column], given: tuple[str, ...], fact: _Tell
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every numeric column is a series, but for columns with one value, and columns of 0 and 1."""
    constant = [c.name for c in numeric if c.values <= 1]
    flags = [c.name for c in numeric if c.values == 2]
    targets = [c.name for c in numeric if c.values > 2]
    if not targets:
        return fact([c.name for c in numeric], "the numeric columns"), given
    if constant:
        search.remarks.append(
            Remark(f"constant: {listed(constant)}; nothing to forecast, left out (--target names it)")
        )
    if flags and not given:
        search.remarks.append(
            Remark(f"only two values: {listed(flags)}; taken as a covariate (--target makes it a series)")
        )
    how = (
        "the numeric columns, one series each" if len(targets) > 1 else "the only numeric column that varies"
    )
    return fact(targets, how), given or tuple(flags)


def _refuse_two_roles(table: Table, roles: dict[str, tuple[str, ...]]) -> None:
    seen: dict[str, str] = {}
    for option, names in roles.items():
        for name in names:
            if name in seen:
                raise ValueError(
                    f"{table.path}, row {table.head}: column {name!r} is taken for {seen[name]} and for "
                    f"{option}; name another column with one of them"
                )
            seen[name] = option


def _tell_covariates(search: _Search, past: tuple[str, ...], ahead: tuple[str, ...]) -> None:
    if not past and not ahead:
        search.facts.append(Fact("covariates", "none", "", "--covariates, --ahead"))
    if past:
        search.facts.append(Fact("covariates", listed(past, 4), "known up to the origin", "--covariates"))
    if ahead:
        search.facts.append(Fact("known ahead", listed(ahead, 4), "as given", "--ahead"))
