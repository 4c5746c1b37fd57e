"""How the validation part of a problem falls short of the task or of train, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason

Facts = Mapping[str, Any]


def shortfall(facts: Facts) -> tuple[Reason, ...]:
    """Why nothing was held out and what would be enough, or how the part falls short; () where it does not.

    facts: those of the problem, as `validation.described` put them into the run file.
    """
    held = facts.get("validation", {})
    return lacking(held) or partial(held)


def unchosen(facts: Facts) -> tuple[Reason, ...]:
    """Why no method was chosen on a problem, and what would be enough."""
    return lacking(facts.get("validation", {})) or (reason(ReasonCode.NO_VALIDATION_SCORES),)


def lacking(held: Facts) -> tuple[Reason, ...]:
    """Why nothing was held out and what would be enough; () where something was."""
    needs = held.get("needs")
    if held.get("own") or held.get("held") or needs is None:
        return ()
    if "rows" in needs:
        values = {name: needs[name] for name in ("rows", "horizon", "origins")}
        return reason(ReasonCode.TRAIN_TOO_SHORT), reason(ReasonCode.NEEDS_ROWS, **values)
    if "steps" in needs:
        values = {name: needs[name] for name in ("steps", "horizon")}
        return reason(ReasonCode.TRAIN_TOO_SHORT), reason(ReasonCode.NEEDS_STEPS, **values)
    if needs["unit"] == "examples":
        of_class, of_all = ReasonCode.NEEDS_EXAMPLES_OF_ONE_CLASS, ReasonCode.NEEDS_EXAMPLES
    else:
        of_class, of_all = ReasonCode.NEEDS_GROUPS_OF_ONE_CLASS, ReasonCode.NEEDS_GROUPS
    code = of_class if needs["per_class"] else of_all
    return reason(ReasonCode.TRAIN_TOO_SMALL), reason(code, n=needs["count"])


def partial(held: Facts) -> tuple[Reason, ...]:
    """How the validation part falls short of the task or of train; () where it does not."""
    if held.get("own", True) or not held["held"]:
        return ()
    some = {"some": held["held"], "all": held["of"]} if held["held"] < held["of"] else {}
    if held["unit"] == "classes":
        return (reason(ReasonCode.PART_OF_CLASSES, **some),) if some else ()
    if held["steps"][0] >= held["horizon"] and not some:
        return ()
    values = {"n": _span(held["origins"]), "steps": _span(held["steps"]), "horizon": held["horizon"]}
    if not some:
        return (reason(ReasonCode.PART_OF_ORIGINS, **values),)
    return (reason(ReasonCode.PART_OF_SERIES, **values, **some, short=held["of"] - held["held"]),)


def _span(values: Sequence[int]) -> int | str:
    low, high = values
    return low if low == high else f"{low}\N{EN DASH}{high}"
