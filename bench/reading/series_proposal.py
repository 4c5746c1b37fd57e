"""The proposal for a file of series: the problem, and how each part of it was decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurbench.reading.faults import remarks_of
from recurbench.reading.proposal import POLICIES, Fact, Options, Proposal
from recurbench.reading.protocol import LEAST_HORIZONS, MOST_HORIZONS, TEST_SHARE
from recurbench.reading.seasons import NUMBERED
from recurbench.reading.series import counted
from recurbench.reading.series_problem import (
    SeriesProblem,
    frequency_text,
    gaps_text,
    procedure_text,
    season_text,
    series_problem,
)
from recurbench.reading.table import listed

DATASET = "csv"
CANDIDATES, NEAR = 3, 2  # seasons that are named; lags this close to the season are not
CLOSE = 0.1  # lags within this share of a named one are the same season, and are not named
COLUMNS = (
    *("id", "time", "target", "covariates", "ahead", "series", "frequency", "of_horizon", "period"),
    *("refit", "excerpts"),
)


def propose_series(path: Path, options: Options) -> Proposal:
    """Propose a forecasting problem; what `options` fixes is taken as it is.

    Raises
    ------
    Several
        If the series have more than one frequency; each choice is a problem.
    ValueError
        Names the file, the row, what was found, and what to do.
    """
    problem = series_problem(path, options)
    return Proposal(DATASET, _settings(path, options, problem), _facts(options, problem), remarks_of(problem))


def _settings(path: Path, options: Options, problem: SeriesProblem) -> dict[str, Any]:
    """The settings that make this problem again: what the user named, and the whole protocol."""
    settings = {name: value for name in COLUMNS if (value := getattr(options, name))}
    if problem.season and problem.season == problem.found and not problem.given:
        settings["period"] = problem.season
    if options.missing and options.missing != POLICIES[0]:
        settings["missing"] = options.missing
    protocol = problem.protocol
    return {
        "path": str(path.absolute()),
        **settings,
        "horizon": protocol.horizon,
        "origins": protocol.origins,
        "step": protocol.step,
    }


def _facts(options: Options, problem: SeriesProblem) -> tuple[Fact, ...]:
    layout, protocol, kept = problem.file.layout, problem.protocol, problem.kept
    lengths = sorted(one.rows for one in kept)
    rows = counted(lengths[-1], "row") if lengths[0] == lengths[-1] else f"{lengths[0]} to {lengths[-1]} rows"
    names = listed([one.series.name for one in kept], 3)
    named = f" ({names})" if len(kept) > 1 else ""
    share = f"{100 * protocol.span / lengths[len(lengths) // 2]:.0f} %"
    given = options.horizon is not None
    return (
        Fact("task", "forecasting", "time stamps or numbered rows with numbers", ""),
        *(layout.facts if layout else ()),
        *([Fact("reading", problem.file.note, "from the content of the file")] if problem.file.note else []),
        Fact(
            "series",
            f"{len(kept)} series of {rows}{named}",
            (options.series and "as given") or "",
            "--series",
        ),
        Fact("frequency", frequency_text(problem), _frequency_how(problem), "--frequency"),
        Fact("season", _season(problem), season_how(problem), "--period"),
        Fact("horizon", counted(protocol.horizon, "step"), _horizon_how(problem, given), "--horizon"),
        Fact(
            "origins",
            f"{protocol.origins} per series, {counted(protocol.origins * len(kept), 'test window')} in all",
            "as given" if options.origins else "as many as fill the test part",
            "--origins",
        ),
        Fact("step", counted(protocol.step, "step"), _step_how(options), "--step"),
        Fact(
            "test span",
            f"the last {counted(protocol.span, 'row')} of each series",
            f"{share} of the rows, {protocol.span / protocol.horizon:.1f} horizons",
            "--origins, --step",
        ),
        Fact("procedure", procedure_text(bool(options.refit)), _procedure_how(options, problem), "--refit"),
        Fact("missing", gaps_text(problem), "as given" if options.missing else "", "--missing"),
    )


def _frequency_how(problem: SeriesProblem) -> str:
    numbered = all(one.rhythm.name == NUMBERED for one in problem.kept)
    return "no dates" if numbered else "from the distances of the dates"


def _season(problem: SeriesProblem) -> str:
    return f"{counted(problem.season, 'row')}" if problem.season and problem.season > 1 else "none"


def season_how(problem: SeriesProblem) -> str:
    """Where the season is from, and the other candidates."""
    also = _also(problem)
    if problem.given:
        return f"as given{also}"
    if problem.season is None:
        text = season_text(problem).removeprefix("no season").removeprefix(":")
        return f"{text.replace('(--period sets one)', '').strip() or 'none was found'}{also}"
    if problem.season == problem.found:
        value = dict(problem.candidates)[problem.season]
        return f"autocorrelation {value:.2f}{also}"
    return f"a season of the frequency{also}"


def _also(problem: SeriesProblem) -> str:
    """Other lags with a high autocorrelation; multiples of the season only if they have a higher one."""
    season, values = problem.season or 0, dict(problem.candidates)
    near = max((value for lag, value in values.items() if abs(lag - season) <= NEAR), default=0.0)
    others: dict[int, str] = {}
    for lag, value in values.items():
        apart = all(abs(lag - other) > max(NEAR, CLOSE * other) for other in others)
        if abs(lag - season) > NEAR and (not season or lag % season or value > near) and apart:
            others[lag] = f"{lag} ({value:.2f})"
    also = " also" if problem.season else ""
    return f"; by autocorrelation{also} {', '.join([*others.values()][:CANDIDATES])}" if others else ""


def _horizon_how(problem: SeriesProblem, given: bool) -> str:
    if given:
        return "as given"
    if problem.file.horizons:
        return "named in the file for these series"
    if problem.file.horizon:
        return "named in the file for all series"
    of = "a season or a part of it" if problem.season else "12, 6, 3 or 1"
    return f"{of}, so that {LEAST_HORIZONS} fit into {TEST_SHARE:.0%} of the rows".replace("%", " %")


def _step_how(options: Options) -> str:
    if options.step:
        return "as given"
    if options.origins:
        return "one horizon, because --origins is given"
    return f"half a horizon, up to {MOST_HORIZONS} horizons"


def _procedure_how(options: Options, problem: SeriesProblem) -> str:
    fits = problem.protocol.origins if options.refit else 1
    return f"{counted(fits, 'fit')} per method and seed for the test part"
