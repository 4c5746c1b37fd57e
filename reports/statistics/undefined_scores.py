"""Why a score is undefined: MASE divides by a scale that some histories do not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurbench.reports.statistics.outcomes import Reason, ReasonCode, reason

Facts = Mapping[str, Any]

# By the keys of the fact `no_scale`, the longest histories first.
CAUSES: Mapping[str, ReasonCode] = {
    "constant": ReasonCode.CONSTANT_HISTORY,
    "seasonal": ReasonCode.SEASONAL_HISTORY,
    "short": ReasonCode.SHORT_HISTORY,
    "gaps": ReasonCode.HISTORY_WITH_GAPS,
}


def undefined(facts: Facts) -> tuple[Reason, ...]:
    """Why no method has a defined score on a problem."""
    causes = [code for cause, code in CAUSES.items() if cause in facts.get("no_scale", {})]
    if facts.get("metric") != "mase" or not causes:
        return (reason(ReasonCode.UNDEFINED_SCORE),)
    return reason(ReasonCode.MASE_UNDEFINED), reason(causes[0])


def undefined_score(facts: Facts) -> tuple[Reason, ...]:
    """Why a fit that is ok has no score, and which scores it has."""
    causes = undefined(facts)
    return (*causes, reason(ReasonCode.OTHER_METRICS)) if len(causes) > 1 else causes


def undefined_in_part(facts: Facts, examples: int) -> list[tuple[Reason, ...]]:
    """Why MASE is undefined on some test examples, by cause; older run files do not know the cause."""
    known = facts.get("no_scale", {})
    counted = [(known[cause], code) for cause, code in CAUSES.items() if cause in known]
    return [
        (reason(ReasonCode.MASE_UNDEFINED_ON, n=n), reason(code), reason(ReasonCode.OTHER_METRICS))
        for n, code in counted or [(examples, ReasonCode.NO_SCALE)]
    ]
