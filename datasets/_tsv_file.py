"""Reader of .tsv files of the UCR archive of 2018: a row is a class, then the values, separated by tabs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from recurbench.datasets._cases import Cases
from recurbench.datasets._lines import LineError, lines, numbers, refusal, refuse_bytes
from recurbench.task import Array

WHOLE = re.compile(r"([-+]?\d{1,300})(?:\.0*)?")


def read_tsv(path: Path) -> Cases:
    """The cases of a file, a short series filled up with NaN as it stands there.

    A class is a whole number, however written (1, 1.0, 1e0 are one class), or a word. Empty cells, ?, NaN and
    NA are missing. ValueError names the first lines that cannot be read, and a row of names above the cases.
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
                    "give every row as many, a short series with NaN at its end",
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
        raise ValueError(f"{path}: holds no case; wanted rows of a class and values, separated by tabs")
    _refuse_header(path, answers, places)
    return Cases(path, series, answers, places)


def _refuse_header(path: Path, answers: list[str], places: list[int]) -> None:
    """ValueError where the first row alone has a word for its class: names of columns, numbered ones too."""
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
        raise LineError("the series holds no value", "leave the case out")
    return answer, values


def _class(label: str) -> str:
    """The name of a class: a whole number in its shortest form, or a word as it stands."""
    refuse_bytes(label)
    if match := WHOLE.fullmatch(label):
        # Not by way of float: classes of 17 digits and more would fall together.
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
            f"the first column holds {label}, which is no class",
            "write the class first: the first column must hold whole numbers or words",
        )
    return str(int(number))
