"""Reader of .tsv files of the UCR archive (2018): a row has a class and the values, separated by tabs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from recurbench.reading.cases import Cases
from recurbench.reading.lines import LineError, lines, numbers, refusal, refuse_bytes
from recurbench.task import Array

WHOLE = re.compile(r"([-+]?\d{1,300})(?:\.0*)?")


def read_unlabelled(path: Path, steps: int | None) -> Cases:
    """Read the cases of a file that may lack the column of classes.

    steps: values of a case; rows with one value more have a class in front, which is left out. None: every
    row has one.
    """
    series: list[Array] = []
    places: list[int] = []
    faults: list[tuple[int, LineError]] = []
    for line, text in lines(path):
        try:
            labelled = steps is None or text.count("\t") == steps
            series.append(numbers(text.partition("\t")[2] if labelled else text, "\t")[:, None])
            places.append(line)
        except LineError as fault:
            faults.append((line, fault))
    if faults:
        raise refusal(path, *faults)
    if not series:
        raise ValueError(f"{path}: has no case; rows of values, separated by tabs, are needed")
    return Cases(path, series, [], places)


def read_tsv(path: Path) -> Cases:
    """Read the cases of a file; a short series ends with NaN.

    A class is a word or a whole number (1, 1.0 and 1e0 are one class). Empty cells, ?, NaN and NA are missing
    values.

    Raises
    ------
    ValueError
        Names the first lines that cannot be read, or a row of column names.
    """
    series: list[Array] = []
    answers: list[str] = []
    places: list[int] = []
    faults: list[tuple[int, LineError]] = []
    for line, text in lines(path):
        try:
            answer, values = _row(text)
            if series and len(values) != len(series[0]):
                raise LineError(
                    f"{len(values)} values, and line {places[0]} has {len(series[0])}",
                    "give every row the same number, a short series with NaN at its end",
                )
        except LineError as fault:
            faults.append((line, fault))
            continue
        series.append(values[:, None])
        answers.append(answer)
        places.append(line)
    if faults:
        raise refusal(path, *faults)
    if not series:
        raise ValueError(f"{path}: has no case; rows of a class and values, separated by tabs, are needed")
    _refuse_header(path, answers, places)
    return Cases(path, series, answers, places)


def _refuse_header(path: Path, answers: list[str], places: list[int]) -> None:
    """Raise ValueError if only the class of the first row is a word: then it is a row of column names."""
    first, *others = answers
    if others and not WHOLE.fullmatch(first) and all(map(WHOLE.fullmatch, others)):
        seen = f"the class is {first!r}, and every other one is a number: this looks like a header"
        raise refusal(path, (places[0], LineError(seen, "remove the line")))


def _row(text: str) -> tuple[str, Array]:
    label, tab, rest = text.partition("\t")
    if not tab:
        raise LineError("no tab", "write the class, then the values, separated by tabs")
    answer = _class(label.strip())
    values = numbers(rest, "\t")
    if np.isnan(values[0]) and np.isnan(values).all():
        raise LineError("the series has no value", "leave the case out")
    return answer, values


def _class(label: str) -> str:
    """The name of a class: a whole number in its shortest form, or a word as written."""
    refuse_bytes(label)
    if match := WHOLE.fullmatch(label):
        # Not by float(), which would merge classes of 17 digits and more.
        return str(int(match[1]))
    try:
        number = float(label)
    except ValueError:
        if label in ("", "?"):
            raise LineError(
                f"the class is missing ({label!r} in the first column)", "write it, or leave the case out"
            ) from None
        return label
    if "_" in label:
        return label
    if not np.isfinite(number):
        raise LineError(
            f"the class is missing ({label!r} in the first column)", "write it, or leave the case out"
        )
    if not number.is_integer():
        raise LineError(
            f"the first column has {label}, which is no class",
            "write the class first: the first column must have whole numbers or words",
        )
    return str(int(number))
