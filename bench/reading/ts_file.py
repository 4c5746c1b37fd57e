"""Reader of .ts files, the format of UCR, UEA and TSER archives (Bagnall et al. 2018, arXiv:1811.00075)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from recurbench.reading.cases import Cases
from recurbench.reading.lines import LineError, lines, numbers, refusal, refuse_bytes
from recurbench.task import Array

FLAGS = ("timestamps", "missing", "univariate", "equallength", "classlabel", "targetlabel")
STAMPED = re.compile(r"\([^(),]+,[^(),]+\)\s*[,:]")
HEADER = (
    "write above the cases '@classLabel true' and the names of the classes (problem ucr) or "
    "'@targetLabel true' (problem tser), then @data, and end every case with ':' and its answer"
)


@dataclass(frozen=True)
class Head:
    """The header: the flags that it has, the line of each, and the classes that it lists."""

    flags: dict[str, bool]
    places: dict[str, int]
    classes: tuple[str, ...] = ()

    @property
    def asks_numbers(self) -> bool:
        """Whether each case is answered by a number."""
        return self.flags.get("targetlabel", False)

    @property
    def stamped(self) -> bool:
        """Whether the values have time stamps."""
        return self.flags.get("timestamps", False)

    def says(self, flag: str) -> bool:
        """Whether the header sets this flag to true."""
        return self.flags.get(flag, False)


def read_ts(path: Path, *, answers: bool = True) -> Cases:
    """Read the cases of a file.

    answers: whether every case must have one. If not, neither do the header and the cases need it; answers
    that are there are not returned.

    Keywords are read in upper and lower case. Class names are kept as written, without surrounding blanks. An
    empty cell, ?, NaN and NA are missing values. @missing, @dimensions and @seriesLength are ignored.
    @univariate true, @equalLength true and the list of classes are checked.

    Raises
    ------
    ValueError
        Names the first lines that cannot be read, or what is missing in the header.
    """
    rows = lines(path)
    head = _head(path, rows, answers)
    series: list[Array] = []
    given: list[str] = []
    places: list[int] = []
    uneven: list[int] = []
    faults: list[tuple[int, LineError]] = []
    for line, text in rows:
        try:
            values, answer, even = _case(text, head, answers)
            if series:
                _check_case(values, series[0], places[0], head)
        except LineError as fault:
            faults.append((line, fault))
            continue
        series.append(values)
        given.append(answer)
        places.append(line)
        if not even:
            uneven.append(line)
    if answers and not head.asks_numbers and not faults:
        faults = _unlisted(given, places, head)
    if faults:
        raise refusal(path, *faults)
    if not series:
        raise ValueError(f"{path}: has no case after @data (line {head.places['data']}); write one per line")
    targets: list[str] | list[float] = given if answers else []
    if answers and head.asks_numbers:
        targets = [float(answer) for answer in given]
    equal = head.says("equallength")
    padded = not head.flags.get("equallength", len({len(values) for values in series}) == 1)
    return Cases(path, series, targets, places, head.asks_numbers, equal, head.stamped, len(uneven), padded)


def first_case(path: Path) -> tuple[bool, int]:
    """Read the header and the first case alone, which is fast in a large file.

    Returns
    -------
    asks_numbers : bool
        Whether the cases are answered by numbers; otherwise by classes.
    channels : int
        Of the first case.

    Raises
    ------
    ValueError
        If the header or the case cannot be read.
    """
    rows = lines(path)
    head = _head(path, rows, answers=True)
    for line, text in rows:
        try:
            values, _, _ = _case(text, head, answers=True)
        except LineError as fault:
            raise refusal(path, (line, fault)) from None
        return head.asks_numbers, values.shape[1]
    raise ValueError(f"{path}: has no case after @data (line {head.places['data']}); write one per line")


def _head(path: Path, rows: Iterator[tuple[int, str]], answers: bool) -> Head:
    """Read the header, up to and including @data."""
    flags: dict[str, bool] = {}
    places: dict[str, int] = {}
    first_words: dict[str, tuple[str, ...]] = {}
    classes: tuple[str, ...] = ()
    seen = "nothing but blank lines and comments"
    for line, text in rows:
        seen = f"up to line {line}, {text.strip()[:40]!r}"
        word, *rest = text.split()
        key = word.lower()
        if not word.startswith("@"):
            # Old files have lines of description without a mark. A case here means that there is no header.
            if _is_case(text.strip()):
                raise refusal(path, (line, LineError("a case comes before the header line @data", HEADER)))
        elif key[1:] in FLAGS:
            if not rest or rest[0].lower() not in ("true", "false"):
                fault = LineError(f"{text.strip()!r} says neither true nor false", "write one of them")
                raise refusal(path, (line, fault))
            words = (rest[0].lower(), *rest[1:])
            if key[1:] in flags and words != first_words[key]:
                fault = LineError(
                    f"{text.strip()!r}, and line {places[key[1:]]} says another", "keep one of them"
                )
                raise refusal(path, (line, fault))
            flags[key[1:]], places[key[1:]], first_words[key] = words[0] == "true", line, words
            if key == "@classlabel":
                classes = tuple(_name(name) for name in rest[1:])
        elif key == "@data":
            if rest:
                fault = LineError(
                    f"@data is followed by {rest[0][:40]!r}", "write the cases on lines below it"
                )
                raise refusal(path, (line, fault))
            places["data"] = line
            if answers:
                _refuse_answers(path, flags, places)
            return Head(flags, places, classes)
    raise ValueError(f"{path}: no header line @data (seen: {seen}); {HEADER}")


def _is_case(text: str) -> bool:
    first = re.split("[,:]", text, maxsplit=2)[:2]
    try:
        return bool(STAMPED.match(text)) or len(numbers(",".join(first))) > 1
    except LineError:
        return False


def _refuse_answers(path: Path, flags: dict[str, bool], places: dict[str, int]) -> None:
    """Raise ValueError if the header names no kind of answer, or two."""
    lines_of = {key: places[key] for key in ("classlabel", "targetlabel") if key in flags}
    asked = [key for key in lines_of if flags[key]]
    if len(asked) == 2:
        raise ValueError(
            f"{path}, lines {' and '.join(map(str, lines_of.values()))}: @classLabel true and @targetLabel "
            "true; write false for the kind that the answers are not"
        )
    if not asked:
        denied = ", ".join(f"line {line} says false" for line in lines_of.values())
        raise ValueError(
            f"{path}: no header line says @classLabel true or @targetLabel true"
            f"{f' ({denied})' if denied else ''}; {HEADER}"
        )


def _case(text: str, head: Head, answers: bool) -> tuple[Array, str, bool]:
    """The series [T, channels] and the answer of one line, and whether its time stamps are evenly spaced.

    answers: whether the answer must be there; it is "" otherwise.
    """
    what = "number" if head.asks_numbers else "class"
    if text.lstrip().startswith("@"):
        raise LineError(f"{text.split()[0]!r} comes after @data", "write header lines before it, once")
    if not answers and not (head.says("classlabel") or head.says("targetlabel")):
        text = f"{text.rstrip()}:"  # the header says that no answer follows
    if head.stamped:
        *channels, answer = re.split(r"\)\s*:", text)
        if not channels and "(" not in text:
            claim = f"line {head.places['timestamps']} says @timeStamps true"
            raise LineError(f"no (stamp,value), and {claim}", "write false there")
        lacking = not channels or answer.lstrip().startswith("(")
    else:
        if text.lstrip().startswith("("):
            raise LineError("a case with time stamps, and the header says none", "write @timeStamps true")
        body, colon, answer = text.rpartition(":")
        channels, lacking = body.split(":"), not colon
    if lacking:
        raise LineError(f"the case has no {what}", f"end it with ':' and its {what}")
    answer = answer.strip()
    if not answers:
        answer = ""
    elif answer.lower() in ("", "?", "nan"):
        raise LineError(f"the {what} is missing (it reads {answer!r})", "write it, or leave the case out")
    refuse_bytes(answer)
    if answers:
        answer = _target(answer) if head.asks_numbers else _name(answer)
    even = True
    if head.stamped:
        channels, even = _unstamped(channels)
    return _values(channels, head), answer, even


def _values(channels: list[str], head: Head) -> Array:
    """The values of all channels, [T, channels]."""
    if len(channels) > 1 and head.says("univariate"):
        claim = f"line {head.places['univariate']} says @univariate true"
        raise LineError(
            f"{len(channels)} channels, and {claim}", "write false there, or give the case one channel"
        )
    commas = [channel.count(",") for channel in channels]
    for i, count in enumerate(commas, start=1):
        if count != commas[0]:
            raise LineError(
                f"channel {i} has {count + 1} values, channel 1 has {commas[0] + 1}",
                "give all channels of a case the same number, ? where one is missing",
            )
    values = np.ascontiguousarray(numbers(",".join(channels)).reshape(len(channels), -1).T)
    if np.isnan(values[0]).any():
        empty = np.flatnonzero(np.isnan(values).all(axis=0))
        if len(empty):
            raise LineError(f"channel {empty[0] + 1} has no value", "leave the case out")
    return values


def _check_case(values: Array, first: Array, line: int, head: Head) -> None:
    """Raise LineError if a case has other channels, or another length, than the first one of the file."""
    if values.shape[1] != first.shape[1]:
        raise LineError(
            f"{values.shape[1]} channels, and line {line} has {first.shape[1]}",
            "give every case the same channels",
        )
    if head.says("equallength") and len(values) != len(first):
        claim = f"line {head.places['equallength']} says @equalLength true"
        raise LineError(
            f"{len(values)} steps, and line {line} has {len(first)}, while {claim}",
            "write false there if the lengths are right, or complete the case",
        )


def _unstamped(channels: list[str]) -> tuple[list[str], bool]:
    """`value,value` of each channel, and whether the time stamps, the same in all, are evenly spaced."""
    parted = [_parted(channel, i) for i, channel in enumerate(channels, start=1)]
    stamps, times, _ = parted[0]
    for i, (stamps_here, moments, _) in enumerate(parted[1:], start=2):
        # The number of values per channel is checked later.
        for mine, first, here, there in zip(
            stamps_here, stamps, moments.tolist(), times.tolist(), strict=False
        ):
            if here != there:
                raise LineError(
                    f"channel {i} has the stamp {mine} where channel 1 has {first}",
                    "give all channels of a case the same stamps",
                )
    return [values for _, _, values in parted], _even(times)


def _even(times: Array) -> bool:
    """Whether all steps are equal within a hundredth, because decimal time stamps are rounded."""
    steps = np.diff(times).astype(np.float64)
    return len(steps) < 2 or bool(np.ptp(steps) <= 0.01 * steps.mean())


def _parted(text: str, channel: int) -> tuple[list[str], Array, str]:
    """The increasing stamps of `(stamp,value),(stamp,value`, as written and as times, and `value,value`."""
    body = text.strip()
    if not body.startswith("("):
        raise LineError(f"channel {channel} does not begin with '('", "write (stamp,value),(stamp,value)")
    pairs = [pair.split(",") for pair in re.split(r"\)\s*,\s*\(", body[1:])]
    for pair in pairs:
        if len(pair) != 2:
            raise LineError(
                f"channel {channel}: ({','.join(pair)}) is no (stamp,value)", "write pairs with one comma"
            )
    stamps = [stamp.strip() for stamp, _ in pairs]
    times = _times(stamps, channel)
    back = np.flatnonzero(~(times[1:] > times[:-1]))
    if len(back):
        before, after = stamps[back[0]], stamps[back[0] + 1]
        raise LineError(
            f"channel {channel}: the stamp {after} follows {before}",
            "sort the steps by time, and give each a different stamp",
        )
    return stamps, times, ",".join(value for _, value in pairs)


def _times(stamps: list[str], channel: int) -> Array:
    try:
        return np.array(stamps, dtype=np.float64)
    except ValueError:
        pass
    try:
        dates = pd.to_datetime(pd.Series(stamps), format="ISO8601", utc=True)
        times: Array = dates.dt.tz_localize(None).to_numpy()
    except ValueError:
        raise LineError(
            f"channel {channel}: the stamps from {stamps[0]!r} on are neither numbers nor dates",
            "write numbers, or dates such as 2020-01-31 or 2020-01-31 12:00:00",
        ) from None
    return times


def _target(answer: str) -> str:
    """The answer, if it is a finite number; else LineError."""
    try:
        value = float(answer)
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or "_" in answer:
        raise LineError(f"the answer {answer!r} is no finite number", "write a number, or leave the case out")
    return answer


def _name(label: str) -> str:
    """A class name as written; a whole number without decimal zeros."""
    return label.partition(".")[0] if re.fullmatch(r"[-+]?\d+\.0*", label) else label


def _unlisted(answers: list[str], places: list[int], head: Head) -> list[tuple[int, LineError]]:
    """The cases whose class is not in the header, not even in other letter case for a class without cases."""
    if not head.classes:
        return []
    used, listed = set(answers), " ".join(head.classes)
    spelt = {name.casefold() for name in head.classes if name not in used}
    # A name of two words is two entries of the list; some lists have commas.
    together = f" {listed} {listed.replace(',', ' ')} "
    known = {answer for answer in used if f" {answer} " in together or answer.casefold() in spelt}
    fault = f"line {head.places['classlabel']} lists {listed if len(listed) <= 80 else listed[:80] + '...'}"
    return [
        (
            line,
            LineError(
                f"the class {answer!r} is not in the header: {fault}", "add it there, or correct the case"
            ),
        )
        for line, answer in zip(places, answers, strict=True)
        if answer not in known
    ]
