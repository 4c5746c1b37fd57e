"""What the validation part lacks, as reasons: the same cases that `recurbench.validation` puts into words."""

from __future__ import annotations

from typing import Any

import pytest
from recurbench import validation
from recurbench.reports.statistics.outcomes import ReasonCode, reason
from recurbench.reports.statistics.validation_part import lacking, partial, shortfall, unchosen
from recurbench.reports.text.translation import Messages

SERIES = {
    "own": False,
    "unit": "series",
    "held": 0,
    "of": 2,
    "origins": [0, 0],
    "steps": [0, 0],
    "horizon": 12,
}
CLASSES = {"own": False, "unit": "classes", "held": 0, "of": 3}
NOTHING_HELD = [
    ({**SERIES, "needs": {"rows": 78, "horizon": 12, "origins": 3}}, ReasonCode.NEEDS_ROWS),
    ({**SERIES, "needs": {"steps": 66, "horizon": 12}}, ReasonCode.NEEDS_STEPS),
    *(
        ({**CLASSES, "needs": {"unit": unit, "count": 2, "per_class": per_class}}, code)
        for unit, per_class, code in (
            ("examples", True, ReasonCode.NEEDS_EXAMPLES_OF_ONE_CLASS),
            ("examples", False, ReasonCode.NEEDS_EXAMPLES),
            ("groups", True, ReasonCode.NEEDS_GROUPS_OF_ONE_CLASS),
            ("groups", False, ReasonCode.NEEDS_GROUPS),
        )
    ),
]
SHORT = [
    ({**CLASSES, "held": 1}, ReasonCode.PART_OF_CLASSES),
    ({**SERIES, "held": 2, "origins": [1, 1], "steps": [11, 11]}, ReasonCode.PART_OF_ORIGINS),
    ({**SERIES, "held": 1, "origins": [1, 3], "steps": [8, 12]}, ReasonCode.PART_OF_SERIES),
]
WHOLE: list[dict[str, Any]] = [
    {},
    {"own": True},
    {**CLASSES, "held": 3},
    {**SERIES, "held": 2, "origins": [3, 3], "steps": [12, 12]},
]


@pytest.mark.parametrize(("held", "code"), NOTHING_HELD)
def test_where_nothing_was_held_out_the_reason_says_what_would_be_enough(
    held: dict[str, Any], code: ReasonCode
) -> None:
    found = lacking(held)
    assert found[1].code == code
    assert Messages().reasons(found) == validation.lacking(held)
    assert unchosen({"validation": held}) == shortfall({"validation": held}) == found


@pytest.mark.parametrize(("held", "code"), SHORT)
def test_a_part_that_falls_short_says_of_what(held: dict[str, Any], code: ReasonCode) -> None:
    (found,) = partial(held)
    assert found.code == code
    assert Messages().reason(found) == validation.partial(held)
    assert shortfall({"validation": held}) == (found,)


@pytest.mark.parametrize("held", WHOLE)
def test_a_whole_part_lacks_nothing(held: dict[str, Any]) -> None:
    assert shortfall({"validation": held}) == ()
    assert unchosen({"validation": held}) == (reason(ReasonCode.NO_VALIDATION_SCORES),)
