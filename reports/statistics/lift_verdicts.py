"""The verdict on a recurrence lift from the bounds of its interval, and what a small test set lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from recurbench.reports.statistics.constants import LEAST_UNITS, MARGIN
from recurbench.reports.statistics.long_run import Origins
from recurbench.reports.statistics.origin_layout import layout_of, origins_needed
from recurbench.reports.statistics.outcomes import LiftVerdict, Reason, ReasonCode, reason

Facts = Mapping[str, Any]
TEST_SHARE = 0.4  # of the rows of a series, the most that its test part takes by default


class Varies(Protocol):
    """What a verdict asks of the spread of a lift, see `lift.Spread`."""

    @property
    def enough(self) -> bool:
        """Whether there are enough independent test units."""

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
    if half is None or of_units is None or not spread.enough:
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
    names, layout = list(facts["series"]), layout_of(facts)
    if layout is not None:
        few = reason(ReasonCode.FEW_TEST_WINDOWS, n=units, needed=LEAST_UNITS)
        return (few, *(_more_origins(layout.origins, facts, dataset, dials) if "origins" in dials else ()))
    if facts["kind"] == "forecasting":
        several = len(set(names)) > 1
        code = ReasonCode.FEW_TEST_SERIES if several else ReasonCode.FEW_TEST_WINDOWS
    else:
        each_alone = len(set(names)) == len(names)
        code = ReasonCode.FEW_TEST_CASES if each_alone else ReasonCode.FEW_TEST_GROUPS
    return (reason(code, n=units, needed=LEAST_UNITS),)


def _more_origins(origins: Origins, facts: Facts, dataset: str, dials: Facts) -> tuple[Reason, ...]:
    """How many test origins give LEAST_UNITS windows, and how many rows that takes, validation and all.

    Where the rows are too few for that, also a horizon for which they are enough.
    """
    more = origins_needed(origins)
    held = facts.get("validation", {})
    if "rows" not in held or not isinstance(dials["origins"], int | None):
        return ()
    setting = _setting("origins", more.count, dataset)
    rows = more.span + int(held["enough"])
    if held["rows"] >= rows:
        return (reason(ReasonCode.MORE_ORIGINS, setting=setting),)
    found = reason(ReasonCode.MORE_ORIGINS_AND_ROWS, setting=setting, rows=rows)
    shorter = int(TEST_SHARE * held["rows"]) // LEAST_UNITS
    if not 1 <= shorter < origins.horizon or dataset != "csv":
        return (found,)
    return found, reason(ReasonCode.SHORTER_HORIZON, setting=_setting("horizon", shorter, dataset))


def _setting(name: str, value: int, dataset: str) -> str:
    return f"--{name} {value}" if dataset == "csv" else f"{name}={value}"


def block_of(origins: int) -> int:
    """How many neighbouring origins of one series make one independent window: about their cube root."""
    return max(2, round(math.pow(origins, 1 / 3)))
