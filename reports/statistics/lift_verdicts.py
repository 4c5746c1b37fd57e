"""The verdict on a recurrence lift from the bounds of its interval, and what a small test set lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import count
from typing import Any, Protocol

from recurbench.reports.statistics.constants import LEAST_UNITS, MARGIN
from recurbench.reports.statistics.outcomes import LiftVerdict, Reason, ReasonCode, reason

Facts = Mapping[str, Any]


class Varies(Protocol):
    """What a verdict asks of the spread of a lift, see `lift.Spread`."""

    @property
    def units(self) -> int:
        """Independent test units."""

    @property
    def by_seeds(self) -> float | None:
        """The variance from seeds or samples, None where there is one."""

    def of_units(self) -> float | None:
        """Half the width of the interval from test units alone."""


def verdict_of(
    lift: float, half: float | None, spread: Varies, random: bool
) -> tuple[LiftVerdict, tuple[Reason, ...]]:
    """The verdict by the bounds lift - half and lift + half: see docs/decisions/0003-selection-and-lift.md.

    random: whether other seeds could have given another lift.
    """
    of_units = spread.of_units()
    if half is None or of_units is None or spread.units < LEAST_UNITS:
        return LiftVerdict.TEST_SET_TOO_SMALL, ()
    if random and spread.by_seeds is None:
        return LiftVerdict.TOO_FEW_SEEDS, (reason(ReasonCode.ONE_SEED),)
    if lift - half > MARGIN:
        return LiftVerdict.AHEAD, ()
    if lift + half < -MARGIN:
        return LiftVerdict.BEHIND, ()
    if abs(lift) + half <= MARGIN:
        return LiftVerdict.NO_DIFFERENCE, ()
    if of_units > MARGIN:
        return LiftVerdict.TEST_SET_TOO_SMALL, ()
    return (LiftVerdict.TOO_FEW_SEEDS if half > MARGIN else LiftVerdict.UNDECIDED), ()


def too_few_units(units: int, facts: Facts, dataset: str, dials: Facts) -> tuple[Reason, ...]:
    """How many independent test units there are, less than LEAST_UNITS, and what would give more."""
    names = list(facts["series"])
    windows = facts["kind"] == "forecasting" and len(set(names)) == 1
    if windows:
        code = ReasonCode.FEW_TEST_WINDOWS
    elif facts["kind"] == "forecasting":
        code = ReasonCode.FEW_TEST_SERIES
    else:
        each_alone = len(set(names)) == len(names)
        code = ReasonCode.FEW_TEST_CASES if each_alone else ReasonCode.FEW_TEST_GROUPS
    remedy = _more_origins(facts, dataset, dials) if windows and "origins" in dials else ()
    return (reason(code, n=units, needed=LEAST_UNITS), *remedy)


def _more_origins(facts: Facts, dataset: str, dials: Facts) -> tuple[Reason, ...]:
    """How many test origins give LEAST_UNITS windows, and how many rows that takes, validation and all."""
    origins = origins_needed(LEAST_UNITS)
    setting = f"--origins {origins}" if dataset == "csv" else f"origins={origins}"
    held = facts.get("validation", {})
    if "rows" not in held or not isinstance(dials["origins"], int):
        return ()
    rows = origins * int(facts["steps"]) + int(held["enough"])
    if held["rows"] >= rows:
        return (reason(ReasonCode.MORE_ORIGINS, setting=setting),)
    return (reason(ReasonCode.MORE_ORIGINS_AND_ROWS, setting=setting, rows=rows),)


def block_of(origins: int) -> int:
    """How many neighbouring origins of one series make one independent window: about their cube root."""
    return max(2, round(math.pow(origins, 1 / 3)))


def origins_needed(units: int) -> int:
    """The smallest number of origins of one series that makes so many independent windows."""
    return next(n for n in count(1) if -(-n // block_of(n)) >= units)
