"""Why a score is undefined: the cause of a missing scale, for a whole problem or for some examples."""

from __future__ import annotations

import pytest
from recurbench.reports.statistics.outcomes import ReasonCode, reason
from recurbench.reports.statistics.undefined_scores import (
    CAUSES,
    undefined,
    undefined_in_part,
    undefined_score,
)

OTHERS = reason(ReasonCode.OTHER_METRICS)


@pytest.mark.parametrize(("cause", "code"), CAUSES.items())
def test_each_cause_of_a_missing_scale_has_its_reason(cause: str, code: ReasonCode) -> None:
    facts = {"metric": "mase", "no_scale": {cause: 3}}
    assert undefined(facts) == (reason(ReasonCode.MASE_UNDEFINED), reason(code))
    assert undefined_score(facts) == (*undefined(facts), OTHERS)
    on_some = reason(ReasonCode.MASE_UNDEFINED_ON, n=3)
    assert undefined_in_part(facts, 9) == [(on_some, reason(code), OTHERS)]


def test_another_metric_or_an_unknown_cause_is_undefined_without_more() -> None:
    for facts in ({"metric": "accuracy", "no_scale": {"short": 1}}, {"metric": "mase"}, {}):
        assert undefined(facts) == undefined_score(facts) == (reason(ReasonCode.UNDEFINED_SCORE),)


def test_an_older_run_file_does_not_know_the_cause() -> None:
    on_some = reason(ReasonCode.MASE_UNDEFINED_ON, n=4)
    assert undefined_in_part({}, 4) == [(on_some, reason(ReasonCode.NO_SCALE), OTHERS)]
