"""The cases of a file of labelled series, and the checks that train and test fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from recurbench.reading.lines import SHOWN
from recurbench.task import Array


@dataclass(frozen=True)
class Cases:
    """The cases of one file.

    Attributes
    ----------
    path : Path
    series : list of arrays [T, channels]
        NaN where a value is missing.
    answers : list of str or float
        Class names, or numbers if `asks_numbers`.
    lines : list of int
        The line of each case in the file.
    asks_numbers : bool
    equal : bool
        Whether the header says that all series have one length.
    stamped : bool
        Whether the file has time stamps. Their order was checked; they are not used.
    uneven : int
        In how many cases the time stamps are not evenly spaced.
    padded : bool
        Whether missing values at the end of a case are padding; otherwise they are unknown values.
    groups : list of str
        Per case the group whose cases must not be in two parts; empty if every case is a group.
    names : list of str
        Per case its name in the file; empty if it has none.
    channels : tuple of str
        Names of the channels; empty if they have none.
    word : str
        What `lines` counts: "line", or "case" in a file without lines.
    """

    path: Path
    series: list[Array]
    answers: list[str] | list[float]
    lines: list[int]
    asks_numbers: bool = False
    equal: bool = False
    stamped: bool = False
    uneven: int = 0
    padded: bool = True
    groups: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    channels: tuple[str, ...] = ()
    word: str = "line"

    def take(self, places: Sequence[int]) -> Cases:
        """Some of the cases, in this order."""
        chosen: dict[str, Any] = {
            name: [items[i] for i in places] if (items := getattr(self, name)) else []
            for name in ("series", "answers", "lines", "groups", "names")
        }
        return replace(self, **chosen)

    def places(self, chosen: Sequence[int], most: int = SHOWN) -> str:
        """Where some cases stand: `lines 3, 8 and 2 more`."""
        lines = [str(self.lines[i]) for i in chosen[:most]]
        rest = len(chosen) - len(lines)
        word = self.word if len(chosen) == 1 else f"{self.word}s"
        return f"{word} {', '.join(lines)}{f' and {rest} more' if rest else ''}"


def check_parts(train: Cases, test: Cases) -> str:
    """Check that two files fit together as train and test.

    Returns
    -------
    str
        Remarks for the protocol; empty if there are none.

    Raises
    ------
    ValueError
        If channels, lengths or classes do not fit, or all test cases are in train.
    """
    _refuse_shapes(train, test)
    if not train.asks_numbers:
        _refuse_classes(train, test)
    _refuse_known(train, test)
    return "".join((_length_clause(train, test), _stamp_clause(train, test)))


def _refuse_shapes(train: Cases, test: Cases) -> None:
    here, there = (f"{part.path}, {part.word} {part.lines[0]}" for part in (test, train))
    asked, known = (part.series[0].shape for part in (test, train))
    if asked[1] != known[1]:
        raise ValueError(
            f"{here}: {asked[1]} channels, and train has {known[1]} ({there}); train and test need the same "
            "channels in the same order; bring files that belong together"
        )
    if train.equal and test.equal and asked[0] != known[0]:
        raise ValueError(
            f"{here}: {asked[0]} steps, and train has {known[0]} ({there}), while both say @equalLength "
            "true; write false in both if the lengths are right, or bring files that belong together"
        )


def _refuse_classes(train: Cases, test: Cases) -> None:
    known = sorted({str(answer) for answer in train.answers})
    if len(known) < 2:
        raise ValueError(
            f"{train.path}: train has one class, {known[0]}; a classification needs two; add cases of "
            "another class"
        )
    new = [i for i, answer in enumerate(test.answers) if answer not in known]
    if new:
        places = ", ".join(f"{test.answers[i]} ({test.word} {test.lines[i]})" for i in new[:SHOWN])
        raise ValueError(
            f"{test.path}: {len(new)} of {len(test.answers)} test cases are of classes that never occur in "
            f"train: {places}{', ...' if len(new) > SHOWN else ''}; train has {_listed(known)}; "
            "no method can learn them; move cases of these classes to train, or leave them out"
        )


def _listed(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _length_clause(train: Cases, test: Cases) -> str:
    """A remark if all train series have one length and all test series another: often a mistake."""
    lengths = [{len(values) for values in part.series} for part in (train, test)]
    if len(lengths[0]) == len(lengths[1]) == 1 and lengths[0] != lengths[1]:
        return f"; all train series have {lengths[0].pop()} steps and all test series {lengths[1].pop()}"
    return ""


def _stamp_clause(train: Cases, test: Cases) -> str:
    """A remark if there are time stamps: they are not used, and some are not evenly spaced."""
    if not (train.stamped or test.stamped):
        return ""
    uneven, cases = train.uneven + test.uneven, len(train.series) + len(test.series)
    clause = f", although {uneven} of {cases} cases have other time stamps" if uneven else ""
    return f"; time stamps must be in order but are not used: steps count as evenly spaced{clause}"


def _refuse_known(train: Cases, test: Cases) -> None:
    """ValueError if train has every case of test, values and answer; the protocol counts fewer."""
    known = dict(zip(_keys(train), train.lines, strict=True))
    same = [(line, known[key]) for key, line in zip(_keys(test), test.lines, strict=True) if key in known]
    if len(same) == len(test.series):
        places = ", ".join(f"line {line} is line {twin} of train" for line, twin in same[:SHOWN])
        raise ValueError(
            f"{test.path}: all {len(same)} test cases are in train too, values and answer ({places}"
            f"{', ...' if len(same) > SHOWN else ''}); a score on training cases is no test; bring other "
            "test cases"
        )


def _keys(cases: Cases) -> Iterator[tuple[object, ...]]:
    for values, answer in zip(cases.series, cases.answers, strict=True):
        yield values.shape, np.ascontiguousarray(values).tobytes(), answer
