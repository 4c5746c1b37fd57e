"""The train, validation and test part of a user's labelled cases: read, checked, split, and what was done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from recurbench.reading.case_columns import CaseColumns
from recurbench.reading.case_files import format_of
from recurbench.reading.case_split import key_of, same_group, split
from recurbench.reading.case_table import cases_of
from recurbench.reading.cases import Cases, check_parts
from recurbench.reading.filled import filled
from recurbench.reading.npz_file import read_npz
from recurbench.reading.numerals import numbers
from recurbench.reading.series import counted
from recurbench.reading.table import read_table
from recurbench.reading.ts_file import read_ts
from recurbench.reading.tsv_file import read_tsv
from recurbench.reading.wav_folder import refuse_single, wav_cases

SHARE = 0.3  # of the groups in the test part of one file
SMALL_TEST = 30  # cases of a test part that can hardly tell methods apart
MANY = 20  # different numbers of a label that are values, not classes
NAMES = {"train": "training", "valid": "validation", "test": "test"}


@dataclass(frozen=True)
class CaseParts:
    """The parts of a problem.

    Attributes
    ----------
    train, test : Cases
    valid : Cases or None
        The validation part that the user brought.
    split : str
        How the parts came about.
    remarks : tuple of str
        What is wrong with the data, with its places, and what was done.
    """

    train: Cases
    test: Cases
    valid: Cases | None
    split: str
    remarks: tuple[str, ...]


def read_parts(
    files: Mapping[str, Path],
    columns: CaseColumns | None,
    *,
    as_numbers: bool,
    share: float,
    seed: int,
    keep: bool = False,
) -> CaseParts:
    """Read the parts of a problem.

    Parameters
    ----------
    files : mapping
        By part, as `find_parts` returns them.
    columns : CaseColumns or None
        Those of a table.
    as_numbers : bool
        Whether the answers are numbers (regression); otherwise they are classes.
    share, seed
        The share of the test part and the seed that draws it, for one file that is not split.
    keep : bool
        Whether missing values stay NaN.

    Raises
    ------
    ValueError
        If the files cannot be used; it names the cases and what to do.
    """
    read, remarks = read_files(files, columns)
    read = {part: clean(as_asked(cases, as_numbers), part, remarks, keep) for part, cases in read.items()}
    if "" in read:
        if columns is not None and columns.form == "wav" and not as_numbers:
            refuse_single(read[""])
        parts, how = _drawn(read[""], share, seed, remarks)
    else:
        parts, how = _given(read, remarks), "the parts are those of the files"
    train, test, valid = parts["train"], parts["test"], parts.get("valid")
    checked = check_parts(train, test)
    remarks += [clause for clause in checked.split("; ") if clause]
    if valid is not None:
        check_parts(train, valid)
    remarks += _small(train, test)
    return CaseParts(train, test, valid, how, tuple(remarks))


def read_files(files: Mapping[str, Path], columns: CaseColumns | None) -> tuple[dict[str, Cases], list[str]]:
    """The cases of each file as they stand there, and remarks."""
    found: dict[str, Cases] = {}
    remarks: list[str] = []
    for part in sorted(files, key=("", "train", "valid", "test").index):
        path = files[part]
        form = format_of(path)
        if form == "npz":
            stored = read_npz(path)
            found.update({part: stored[""]} if "" in stored else stored)
        elif form == "wav":
            found[part], more = wav_cases(path, columns or CaseColumns("wav", ""))
            remarks += [f"{path.name}: {one}" for one in more]
        elif form == "table":
            if columns is None:
                raise ValueError(f"{path}: is a table; name the column of the answers with --label")
            channels = found["train"].channels if "train" in found and part != "train" else ()
            found[part], more = cases_of(read_table(path), columns, channels=channels)
            remarks += [f"{path.name}: {one}" for one in more]
        else:
            found[part] = read_tsv(path) if form == "tsv" else read_ts(path)
    return found, remarks


def many_numbers(answers: Sequence[str | float]) -> bool:
    """Whether answers are numbers to predict rather than classes: numbers with many different values."""
    if not all(isinstance(answer, str) for answer in answers):
        return True
    read = numbers([str(answer) for answer in answers])
    different = len(set(answers))
    return not (read.wrong | read.missing).any() and different > min(MANY, max(len(answers) / 2, 2))


def as_asked(cases: Cases, as_numbers: bool) -> Cases:
    """The cases with numbers or classes as answers."""
    if not as_numbers:
        return replace(cases, answers=[_class(answer) for answer in cases.answers], asks_numbers=False)
    if cases.asks_numbers:
        return cases
    read = numbers([str(answer) for answer in cases.answers])
    bad = np.flatnonzero(read.wrong | read.missing)
    if len(bad):
        raise ValueError(
            f"{cases.path}, {cases.word} {cases.lines[bad[0]]}: the answer {cases.answers[bad[0]]!r} is no "
            f"number ({len(bad)} such answers), and a regression needs numbers; correct it, or write --task "
            "classification"
        )
    return replace(cases, answers=read.values.tolist(), asks_numbers=True)


def _class(answer: str | float) -> str:
    """The name of a class; a whole number without decimal zeros."""
    text = f"{answer:.15g}" if isinstance(answer, float) else answer
    return text.partition(".")[0] if re.fullmatch(r"[-+]?\d+\.0*", text) else text


def clean(cases: Cases, part: str, remarks: list[str], keep: bool = False) -> Cases:
    """Fill missing values unless they are kept, and say how many."""
    inside = ends = cut = 0
    within: list[int] = []
    outer: list[int] = []
    series = []
    for i, values in enumerate(cases.series):
        empty = np.flatnonzero(np.isnan(values).all(axis=0))
        if len(empty):
            raise ValueError(
                f"{cases.path}, {cases.word} {cases.lines[i]}: channel {empty[0] + 1} of the case has no "
                "value; leave the case out"
            )
        known = filled(values, cases.padded, keep)
        inside, ends, cut = inside + known.inside, ends + known.ends, cut + (len(known.values) < len(values))
        within += [i] * (known.inside > 0)
        outer += [i] * (known.ends > 0)
        series.append(known.values)
    where = f" in the {NAMES[part]} part" if part else ""
    line, nearest = "filled with a straight line between their neighbours", "filled with the nearest value"
    for count, places, which, done in (
        (inside, within, "inside series", line),
        (ends, outer, "at the ends of series", nearest),
    ):
        if count:
            what = "kept" if keep else done
            remarks.append(f"missing values{where} {which} are {what}: {count}, {cases.places(places)}")
    if cut:
        remarks.append(f"{counted(cut, 'series is', 'series are')} cut{where} after the last value")
    return replace(cases, series=series)


def _drawn(cases: Cases, share: float, seed: int, remarks: list[str]) -> tuple[dict[str, Cases], str]:
    """Split one file into train and test."""
    _refuse_one_class(cases)
    own: list[Hashable] = list(cases.groups) if cases.groups else list(range(len(cases.series)))
    groups, identical = same_group(cases, own)
    if identical:
        remarks.append(
            f"{sum(map(len, identical))} cases have the same values as another case (the first: "
            f"{cases.places(identical[0])}); identical cases are in one part"
        )
        torn = [places for places in identical if len({cases.answers[i] for i in places}) > 1]
        if torn:
            remarks.append(
                f"{sum(map(len, torn))} identical cases have different labels (the first: "
                f"{cases.places(torn[0])}), so no method can predict all of them; correct the labels"
            )
    train, test = split(cases, groups, share, seed)
    single = _of_one_group(cases, groups)
    if single:
        shown = "; ".join(f"{name} ({cases.places(places)})" for name, places in list(single.items())[:3])
        more = f" and {len(single) - 3} more" if len(single) > 3 else ""
        what = "group" if cases.groups else "case"
        remarks.append(
            f"{counted(len(single), 'class has', 'classes have')} one {what} only: {shown}{more}; the "
            "training part has it, and the test part does not"
        )
    parts = {"train": cases.take(train), "test": cases.take(test)}
    whole = "; cases of one group are in one part" if cases.groups else ""
    strata = "the size of the number" if cases.asks_numbers else "class"
    drawn = f"drawn with seed {seed}, stratified by {strata}{whole}"
    how = f"{100 * share:.0f} % of the cases are the test part, {drawn}"
    return parts, how


def _of_one_group(cases: Cases, groups: Sequence[Hashable]) -> dict[str, list[int]]:
    """By class that has one group only, the places of its cases."""
    if cases.asks_numbers:
        return {}
    places: dict[str, list[int]] = {}
    for i, answer in enumerate(cases.answers):
        places.setdefault(str(answer), []).append(i)
    return {name: those for name, those in places.items() if len({groups[i] for i in those}) == 1}


def _refuse_one_class(cases: Cases) -> None:
    if not cases.asks_numbers and len(names := set(cases.answers)) < 2:
        raise ValueError(
            f"{cases.path}: all {len(cases.answers)} cases have the class {names.pop()}; a classification "
            "needs two; add cases of another class, or name another column with --label"
        )


def _given(read: Mapping[str, Cases], remarks: list[str]) -> dict[str, Cases]:
    """Parts that the user made; a case or group that is in train is left out of the other parts."""
    parts = dict(read)
    known: dict[tuple[object, ...], str] = {}
    seen_groups: set[str] = set()
    for part in ("train", "valid", "test"):
        if part not in parts:
            continue
        cases = parts[part]
        if part != "train":
            parts[part] = cases = _without_leaks(cases, part, known, seen_groups, read["train"], remarks)
        for i, values in enumerate(cases.series):
            known.setdefault(key_of(values), f"{cases.word} {cases.lines[i]} of {cases.path.name}")
        seen_groups |= set(_groups(cases))
    return parts


def _groups(cases: Cases) -> list[str]:
    """The groups of the cases; numbers counted from 0 or 1 are no names: every file counts its own."""
    groups = cases.groups or cases.names
    first = set(groups)
    counted = [{str(i) for i in range(start, len(first) + start)} for start in (0, 1)]
    return [] if first in counted else list(groups)


def _without_leaks(
    cases: Cases,
    part: str,
    known: Mapping[tuple[object, ...], str],
    groups: set[str],
    train: Cases,
    remarks: list[str],
) -> Cases:
    here = _groups(cases)
    same = [i for i, values in enumerate(cases.series) if key_of(values) in known]
    shared = [i for i, name in enumerate(here) if name in groups and i not in set(same)]
    lost = {*same, *shared}
    if len(lost) == len(cases.series):
        raise ValueError(
            f"{cases.path}: all {len(lost)} {NAMES[part]} cases, or their groups, are in an earlier part too "
            f"({train.path.name}); a score on known cases is no test; bring other cases"
        )
    if same:
        remarks.append(
            f"{len(same)} of {len(cases.series)} {NAMES[part]} cases have the values of an earlier case "
            f"({cases.word} {cases.lines[same[0]]}: {known[key_of(cases.series[same[0]])]}); they are "
            f"left out of the {NAMES[part]} part: {cases.places(same)}"
        )
    if shared:
        names = list(dict.fromkeys(here[i] for i in shared))
        shown = f"{', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
        remarks.append(
            f"{counted(len(names), 'group is', 'groups are')} in the {NAMES[part]} part and in an earlier "
            f"part ({shown}); their cases are left out of the {NAMES[part]} part: {cases.places(shared)}"
        )
    return cases.take([i for i in range(len(cases.series)) if i not in lost]) if lost else cases


def _small(train: Cases, test: Cases) -> list[str]:
    remarks = []
    if len(test.series) < SMALL_TEST:
        remarks.append(
            f"the test part has {len(test.series)} cases; differences between methods will hardly show with "
            f"fewer than {SMALL_TEST}"
        )
    if not train.asks_numbers:
        counts = Counter(map(str, train.answers))
        alike = Counter(name.casefold() for name in counts)
        twins = [name for name in counts if alike[name.casefold()] > 1]
        if twins:
            remarks.append(
                f"classes {', '.join(twins[:4])} differ only in capitals and count as different classes; "
                "write them alike if they are one class"
            )
        rare = [name for name, count in counts.items() if count == 1]
        if rare:
            where = train.places([list(map(str, train.answers)).index(name) for name in rare])
            remarks.append(
                f"{counted(len(rare), 'class has', 'classes have')} one training case: "
                f"{', '.join(rare[:5])} ({where}); the validation part has no case of it"
            )
    return remarks
