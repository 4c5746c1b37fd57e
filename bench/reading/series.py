"""What data sources share: versions of the files read, and forecasts from rolling origins."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurbench.task import Array, Split, unscored

FIRST = 3  # series that an error names


@dataclass(frozen=True)
class Series:
    """One whole series.

    Attributes
    ----------
    name : str
    values : array [N, channels]
        The targets come first; the last `known` channels are covariates known ahead.
    time : array [N]
        Time stamps.
    known : int
    filled : tuple of int
        The steps, from 0, whose targets were missing and were filled. They are never scored.
    """

    name: str
    values: Array
    time: Array
    known: int = 0
    filled: tuple[int, ...] = ()


def packaged(package: str, *parts: str) -> Path:
    """The path of a data file in an installed package; the package is not imported."""
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for folder in folders:
        path = Path(folder, *parts)
        if path.is_file():
            return path
    installed = importlib.metadata.version(package) if spec else "no version"
    raise FileNotFoundError(
        f"the data file {'/'.join(parts)} should be in the package {package}, but {installed} is installed "
        f"without it; install the version named in constraints.txt (nothing is downloaded)"
    )


def version(package: str, *paths: Path) -> str:
    """The package, its version, and one sha256 over the files in the order given."""
    return f"{package_version(package)}, sha256 {digest(*paths)}"


def package_version(package: str) -> str:
    """The name and version of an installed package."""
    return f"{package} {importlib.metadata.version(package)}"


def digest(*paths: Path) -> str:
    """One sha256 over the bytes of the files in the order given."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def counted(count: int, one: str, many: str = "") -> str:
    """A number and what it counts: `1 row`, `3 rows`. many: a plural that adds more than an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def origins_text(origins: int, horizon: int, unit: str = "step") -> str:
    """Test origins and their distance in words, for a protocol."""
    return "1 test origin" if origins == 1 else f"{origins} test origins, {counted(horizon, unit)} apart"


def rolling(
    series: Sequence[Series],
    targets: int,
    horizon: int,
    origins: int,
    least: int = 2,
    step: int | None = None,
) -> tuple[Split, Split]:
    """Split series into training examples, which end at the first test origin, and test examples.

    In the answers of test a value that was missing is NaN, so that it is not scored.

    Parameters
    ----------
    series : sequence of Series
    targets : int
        How many channels to forecast.
    horizon : int
        Steps to forecast.
    origins : int
        Test origins per series.
    least : int
        The least number of steps in a training history.
    step : int or None
        Distance of the origins in steps; None: one horizon.

    Returns
    -------
    train, test : Split

    Raises
    ------
    ValueError
        If a series is too short, or `horizon` or `origins` is below 1.
    """
    if horizon < 1 or origins < 1:
        raise ValueError(f"horizon and origins must be at least 1, got {horizon} and {origins}")
    step = step or horizon
    span = (origins - 1) * step + horizon
    train: list[tuple[Series, int]] = []
    test: list[tuple[Series, int]] = []
    short = [one for one in series if len(one.values) < least + span + horizon]
    if short:
        shortest = min(len(one.values) for one in short)
        raise ValueError(too_short(short, len(series), shortest, horizon, origins, least))
    for one in series:
        first = len(one.values) - span
        train.append((one, first - horizon))
        test.extend((one, first + k * step) for k in range(origins))
    asked = examples(test, targets, horizon)
    return examples(train, targets, horizon), unscored(asked, filled_steps(series))


def filled_steps(series: Sequence[Series]) -> dict[Hashable, tuple[int, ...]]:
    """By series the steps that were filled, as `Problem.missing` takes them."""
    return {one.name: one.filled for one in series if one.filled}


def too_short(
    short: Sequence[Series], count: int, steps: int, horizon: int, origins: int, least: int = 2
) -> str:
    """The error for the series `short` of `count` series; its suggestions fit a series of `steps` steps."""
    fits = {"horizon": (steps - least) // (origins + 1), "origins": (steps - least) // horizon - 1}
    remedies = [f"lower the {word} to {most}" for word, most in fits.items() if most >= 1]
    return (
        f"{len(short)} of {count} series {'is' if len(short) == 1 else 'are'} too short: {_named(short)}; "
        f"horizon {horizon} at {counted(origins, 'test origin')} needs {least + (origins + 1) * horizon} "
        f"steps; {', or '.join(remedies) or 'give longer series'}"
    )


def left_out_text(series: Sequence[Series], kept: Sequence[Series]) -> str:
    """Which series are left out because they are too short, in words for a protocol; "" for none."""
    names = {one.name for one in kept}
    short = [one for one in series if one.name not in names]
    if not short:
        return ""
    return (
        f"{len(short)} of {len(series)} series {'is' if len(short) == 1 else 'are'} too short and left out: "
        f"{_named(short)}"
    )


def _named(short: Sequence[Series]) -> str:
    """The first series with their lengths, and how many more there are."""
    named = ", ".join(f"{one.name!r} ({counted(len(one.values), 'step')})" for one in short[:FIRST])
    return named + (f" and {len(short) - FIRST} more" if len(short) > FIRST else "")


def examples(cuts: Sequence[tuple[Series, int]], targets: int, horizon: int) -> Split:
    """Examples with the whole past up to each origin, and the next `horizon` steps as the answer."""
    return Split(
        x=[one.values[:origin].copy() for one, origin in cuts],
        y=[one.values[origin : origin + horizon, :targets].copy() for one, origin in cuts],
        ahead=[
            one.values[origin : origin + horizon, one.values.shape[1] - one.known :].copy()
            for one, origin in cuts
            if one.known
        ],
        series=tuple(one.name for one, _ in cuts),
        time=[one.time[: origin + horizon].copy() for one, origin in cuts],
    )
