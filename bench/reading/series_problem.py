"""The forecasting problem of a file of the user: its series, season, protocol, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from recurbench.reading.files import refuse_unreadable
from recurbench.reading.layout import layout_of
from recurbench.reading.proposal import POLICIES, Options
from recurbench.reading.protocol import TEST_SHARE, Protocol, protocol_of, seasons
from recurbench.reading.rows import rows_of
from recurbench.reading.seasons import CHANGED, IRREGULAR, NUMBERED
from recurbench.reading.series import counted, digest, origins_text
from recurbench.reading.table import read_table
from recurbench.reading.tsf_rows import is_tsf, read_tsf_series
from recurbench.reading.user_series import UserFile, UserSeries, names_of, needed, sorted_series, too_short
from recurbench.task import Several, hyphenated

LEAST = 3  # rows of a series that has a frequency
FILLED = "filled with the last value before, never scored"
WORDS = {
    IRREGULAR: "irregularly spaced",
    NUMBERED: "numbered steps",
    CHANGED: "with a frequency that changes within a series",
}


@dataclass(frozen=True, eq=False)
class SeriesProblem:
    """A file of series and the problem made of it.

    Attributes
    ----------
    file : UserFile
    version : str
        The hash of the file.
    everyone, kept, left : list of UserSeries
        All series of the file, those of the problem, and those left out as too short.
    season : int or None
        The season of the task.
    found : int or None
        The season found by autocorrelation, where there are no dates.
    candidates : list of (int, float)
        Lags with a high autocorrelation, and the values.
    protocol : Protocol
    given : bool
        Whether the user chose the season.
    refit : bool
        Whether methods are fitted again at every test origin.
    """

    file: UserFile
    version: str
    everyone: list[UserSeries]
    kept: list[UserSeries]
    left: list[UserSeries]
    season: int | None
    found: int | None
    candidates: list[tuple[int, float]]
    protocol: Protocol
    given: bool
    refit: bool = False


def series_problem(path: str | Path, options: Options) -> SeriesProblem:
    """Read a file and make a problem of it.

    Raises
    ------
    Several
        If the series have more than one frequency, and neither period nor frequency is given; or if the file
        names more than one horizon, and neither horizon nor of_horizon is given.
    ValueError
        Names the file, the row, and what to do.
    """
    file = Path(path)
    for word in ("horizon", "origins", "step", "period", "of_horizon"):
        value = getattr(options, word)
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ValueError(f"{file}: {word} is {value!r}; write a whole number of at least 1")
    policy = options.missing or POLICIES[0]
    if policy not in POLICIES:
        raise ValueError(f"{file}: missing is {policy!r}; write one of {', '.join(POLICIES)}")
    refuse_unreadable(file)
    version = digest(file)
    read = _read(file, version, _reading(options, policy))
    frequency = options.frequency or ""
    chosen = _of_frequency(file, read.series, frequency) if frequency else read.series
    if not frequency and options.period is None:
        _refuse_several(file, chosen)
    if options.of_horizon:
        chosen = _of_horizon(read, chosen, options.of_horizon)
    horizon = options.horizon or options.of_horizon or _one_horizon(read, chosen)
    return _made(read, version, chosen, replace(options, horizon=horizon))


def _reading(options: Options, policy: str) -> Options:
    """The options that change how a file is read, so that others need no new reading."""

    def hashable(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
        return ((value,) if isinstance(value, str) else tuple(value)) if value else None

    return Options(
        id=options.id or None,
        time=options.time or None,
        target=hashable(options.target),
        covariates=hashable(options.covariates),
        ahead=hashable(options.ahead),
        series=options.series or None,
        missing=policy,
    )


# A proposal, and then a problem for each frequency of a file, are made of the same rows. The key has a hash
# of the file: if the content changes, it is read again.
_KNOWN: dict[tuple[Path, str, Options], UserFile] = {}


def _read(file: Path, version: str, options: Options) -> UserFile:
    key = (file.absolute(), version, options)
    if key not in _KNOWN:
        read = _read_now(file, options)
        _KNOWN.clear()
        _KNOWN[key] = read
    return _KNOWN[key]


def _read_now(file: Path, options: Options) -> UserFile:
    policy = options.missing or POLICIES[0]
    if is_tsf(file):
        return read_tsf_series(file, options.series or "", policy)
    table = read_table(file)
    layout = layout_of(table, options)
    read = sorted_series(file, rows_of(table, layout, options.series or ""), policy)
    note = "; ".join(filter(None, (*table.how, read.note)))
    return replace(read, note=note, layout=layout, remarks=(*layout.remarks, *read.remarks))


def _of_frequency(file: Path, series: Sequence[UserSeries], frequency: str) -> list[UserSeries]:
    wanted = hyphenated(frequency)
    chosen = [one for one in series if one.rhythm.name == wanted]
    if not chosen:
        raise ValueError(f"{file}: no series is {frequency!r}; the file has {_frequencies(series)}")
    return chosen


def _frequencies(series: Sequence[UserSeries]) -> str:
    counts = Counter(one.rhythm.name for one in series)
    return ", ".join(f"{name} ({count} series)" for name, count in counts.items())


def _refuse_several(file: Path, series: Sequence[UserSeries]) -> None:
    # A series of one or two rows has no frequency, and is too short for a problem.
    names = list(dict.fromkeys(one.rhythm.name for one in series if one.rows >= LEAST))
    if len(names) > 1:
        raise Several(
            f"{file}: its series have {len(names)} frequencies, {_frequencies(series)}, and a problem has "
            f"one; choose one with frequency={names[0]}, or give all series one season with period=N",
            [{"frequency": name} for name in names],
        )


def _of_horizon(read: UserFile, series: Sequence[UserSeries], horizon: int) -> list[UserSeries]:
    chosen = [one for one in series if read.horizons.get(one.line, read.horizon) == horizon]
    if not chosen:
        seen = _horizons(read, series) or "no horizons"
        raise ValueError(f"{read.path}: no series has the horizon {horizon}; the file has {seen}")
    return chosen


def _horizons(read: UserFile, series: Sequence[UserSeries]) -> str:
    counts = Counter(read.horizons.get(one.line, read.horizon) for one in series)
    return ", ".join(f"{h} ({count} series)" for h, count in counts.items() if h)


def _one_horizon(read: UserFile, series: Sequence[UserSeries]) -> int | None:
    """The horizon that the file names for these series, None if it names none; Several if they differ."""
    found = list(dict.fromkeys(read.horizons[one.line] for one in series if one.line in read.horizons))
    if len(found) > 1:
        raise Several(
            f"{read.path}: its series have {len(found)} horizons, {_horizons(read, series)}, and a problem "
            f"has one; choose one with of_horizon={found[0]}, or give all series one with horizon=N",
            [{"of_horizon": horizon} for horizon in found],
        )
    return found[0] if found else read.horizon


def _made(read: UserFile, version: str, chosen: list[UserSeries], options: Options) -> SeriesProblem:
    """The season first, because the horizon follows from it; then the protocol; then who is too short."""
    lengths = [one.rows for one in chosen]
    asked = (options.horizon, options.origins, options.step)
    # The rows of the test part must not choose the season. It is as long in short series as in long ones.
    test = max(int(TEST_SHARE * float(np.median(lengths))), protocol_of(lengths, None, *asked).span)
    candidates = seasons([one.series.values[: max(one.rows - test, 0), 0] for one in chosen])
    calendar = next((one.rhythm.season for one in chosen if one.rhythm.season), None)
    numbered = all(one.rhythm.name == NUMBERED for one in chosen)
    found = candidates[0][0] if numbered and candidates else None
    season = options.period or calendar or found
    protocol = protocol_of(lengths, season, *asked)
    if options.period is None and season and not _is_seen_twice(chosen, season, protocol, calendar):
        protocol = protocol_of(lengths, None, *asked)
        if not _is_seen_twice(chosen, season, protocol, calendar):
            season = None
    if sentence := too_short(read.path, chosen, protocol, options.period, several=True):
        raise ValueError(sentence)
    kept = [one for one in chosen if one.rows >= needed(protocol, season)]
    return SeriesProblem(
        file=read,
        version=version,
        everyone=read.series,
        kept=kept,
        left=sorted((one for one in chosen if one not in kept), key=lambda one: one.line),
        season=season,
        found=found,
        candidates=candidates,
        protocol=protocol,
        given=options.period is not None,
        refit=bool(options.refit),
    )


def _is_seen_twice(
    series: Sequence[UserSeries], season: int, protocol: Protocol, calendar: int | None
) -> bool:
    """Whether at least half of the series have two seasons in training.

    So neither the shortest nor the longest series decides. Series whose gaps break the calendar do not count.
    """
    fit = [one for one in series if one.rhythm.season or not calendar]
    enough = [one for one in fit if one.rows - protocol.span - protocol.horizon >= 2 * season]
    return 2 * len(enough) >= len(series)


def source_text(problem: SeriesProblem) -> str:
    """The source in words: how many series of a file there are, and their numbers of rows."""
    kept = problem.kept
    lengths = {one.rows for one in kept}
    least, most = min(lengths), max(lengths)
    rows = counted(most, "row") if least == most else f"{least} to {most} rows"
    everyone = len(problem.everyone)
    count = f"{len(kept)}" if len(kept) == everyone else f"{len(kept)} of {everyone}"
    return f"{problem.file.path.name}: {count} series of {rows}"


def protocol_text(problem: SeriesProblem) -> str:
    """The protocol in words: frequency, season, gaps, series left out, origins, and how many windows."""
    left, protocol = problem.left, problem.protocol
    out = ""
    if left:
        why = f"a season of {problem.season}" if problem.season else f"a horizon of {protocol.horizon}"
        out = f"left out as too short for {why}: {names_of(left)}"
    facts = ", ".join((frequency_text(problem), season_text(problem), gaps_text(problem)))
    apart = f"{origins_text(protocol.origins, protocol.step)}"
    if protocol.origins > 1 and protocol.step < protocol.horizon:
        apart += f", each of {counted(protocol.horizon, 'step')}, so that windows overlap"
    fitted = f"methods are {procedure_text(problem.refit)}"
    told = (facts, problem.file.note, out, apart, "training ends at the first", fitted, windows_text(problem))
    return "; ".join(filter(None, told))


def windows_text(problem: SeriesProblem) -> str:
    """How many test windows are evaluated, and how many values of the test part are not scored, in words."""
    windows, unknown = problem.protocol.origins * len(problem.kept), unknown_truth(problem)
    if unknown.windows:
        left = f"the other {unknown.windows}" if unknown.windows > 1 else "the other one"
        text = f"{windows - unknown.windows} of {windows} test windows are evaluated, {left} without a value"
    else:
        text = f"all {windows} test windows are evaluated" if windows > 1 else "1 test window is evaluated"
    lacking = counted(unknown.values, "missing value")
    return f"{text}; {lacking} of the test part not scored" if unknown.values else text


@dataclass(frozen=True)
class UnknownTruth:
    """What cannot be scored: missing values of the test part, and test windows that hold no other value."""

    values: int
    windows: int


def unknown_truth(problem: SeriesProblem) -> UnknownTruth:
    """Count the missing values of the test part, and the test windows without a known value."""
    protocol, values, windows = problem.protocol, 0, 0
    for one in problem.kept:
        first = one.rows - protocol.span
        missing = np.zeros(protocol.span, dtype=np.bool_)
        missing[[step - first for step in one.series.filled if step >= first]] = True
        begins = range(0, protocol.span - protocol.horizon + 1, protocol.step)
        asked = np.zeros(protocol.span, dtype=np.bool_)
        for begin in begins:
            asked[begin : begin + protocol.horizon] = True
            windows += bool(missing[begin : begin + protocol.horizon].all())
        values += int((missing & asked).sum())
    return UnknownTruth(values, windows)


def procedure_text(refit: bool) -> str:
    """Which of the two procedures of a rolling-origin evaluation is used, in words."""
    return "fitted again at every origin" if refit else "fitted once, then updated"


def frequency_text(problem: SeriesProblem) -> str:
    """The frequencies of the series, in words."""
    names = dict.fromkeys(one.rhythm.name for one in problem.kept)
    return " and ".join(WORDS.get(name, name) for name in names)


def season_text(problem: SeriesProblem) -> str:
    """The season of the task and where it is from, in words."""
    series = problem.kept
    rhythm = next((one.rhythm for one in series if one.rhythm.season), series[0].rhythm)
    if problem.given and problem.season != problem.found:
        return f"season {problem.season} as given"
    if rhythm.name == CHANGED:
        return "no season (split the series where its distances change, or --period sets one)"
    if rhythm.unfit:
        return f"no season: with the gaps {rhythm.unfit} rows span more than a season (--period sets one)"
    season = rhythm.season or problem.found
    if season is None:
        return "no season" + (" (--period sets one)" if rhythm.name in WORDS else "")
    protocol = problem.protocol
    few = sum(one.rows - protocol.span - protocol.horizon < 2 * season for one in series)
    whose = f"{few} of {len(series)} series with " if len(series) > 1 else ""
    training = f" ({whose}fewer than two of it in training)" if few else ""
    torn = sum(one.rhythm.unfit > 0 for one in series)
    holes = f" ({torn} of {len(series)} series with too many gaps for it)" if torn else ""
    where = " by autocorrelation" if rhythm.season is None else ""
    return f"season {season}{where}{'' if problem.season else ' not used'}{training}{holes}"


def gaps_text(problem: SeriesProblem) -> str:
    """What was done about missing values and missing rows, in words."""
    series, missing = problem.kept, problem.file.missing
    gaps, lacking = (sum(getattr(one.rhythm, name) for one in series) for name in ("gaps", "missing"))
    done = [
        *([f"{counted(len(missing.filled), 'missing value')} {FILLED}"] if missing.filled else []),
        *([f"{counted(len(missing.dropped), 'row')} without a value left out"] if missing.dropped else []),
    ]
    if any(one.rhythm.name in (IRREGULAR, CHANGED) for one in series):
        return ", ".join([*done, "nothing filled: every row counts as one step"])
    if not gaps:
        return ", ".join(["no gaps", *(done or ["nothing filled"])])
    holed = sum(one.rhythm.gaps > 0 for one in series)
    where = f" in {holed} of {len(series)} series" if len(series) > 1 else ""
    return ", ".join(
        [
            *done,
            f"{counted(gaps, 'gap')} ({counted(lacking, 'row')} missing){where}, nothing filled: "
            "a gap counts as one step",
        ]
    )
