"""Verdicts and reasons as data: codes that the documentation promises, and reasons read from run files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import pytest
from recurbench.reports.statistics.outcomes import (
    REMARKS,
    CellReason,
    ChangeVerdict,
    ContrastVerdict,
    LiftVerdict,
    Reason,
    ReasonCode,
    WarningStatus,
    has,
    of_cell,
    reason,
)

MESSAGES = tomllib.loads(
    files("recurbench.reports.text").joinpath("messages.toml").read_text(encoding="utf-8")
)
DOCUMENT = (Path(__file__).parents[1] / "docs" / "reports.md").read_text(encoding="utf-8")


def documented(title: str) -> list[str]:
    """The codes in the first column of the table under a heading of docs/reports.md."""
    _, section = DOCUMENT.split(f"\n### {title}\n")
    table = section.split("\n#")[0]
    return re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Recurrence lift", LiftVerdict),
        ("Registered contrasts", ContrastVerdict),
        ("Comparison of two runs", ChangeVerdict),
        ("Warnings", WarningStatus),
        ("Reasons", ReasonCode),
    ],
)
def test_the_documentation_lists_every_code_once_and_no_other(title: str, codes: Iterable[StrEnum]) -> None:
    assert documented(title) == [str(code) for code in codes]


def test_the_documentation_lists_the_reasons_of_fits() -> None:
    own = {str(code) for code in ReasonCode}
    assert documented("Reasons of fits") == [code for code in MESSAGES["reasons"] if code not in own]


def test_the_reasons_of_fits_are_those_that_the_runner_writes_with_the_same_english() -> None:
    reasons = pytest.importorskip("recurbench.reasons")
    english = {code: MESSAGES["reasons"][code]["en"] for code in documented("Reasons of fits")}
    assert english == dict(reasons.TEMPLATES)


def test_a_reason_equals_another_with_the_same_code_and_values_and_can_be_a_key() -> None:
    one, two = (reason(ReasonCode.FEW_RESAMPLES, n=n, needed=10) for n in (8, 9))
    assert one == reason(ReasonCode.FEW_RESAMPLES, n=8, needed=10)
    assert one != two
    assert len({one, two, Reason("few_resamples", {"n": 8, "needed": 10})}) == 2


def test_the_reason_of_a_fit_keeps_its_sentence_and_reasons_within_it() -> None:
    stored = {
        "code": "inner_stage",
        "values": {"reason": {"code": "time_limit", "values": {"seconds": 60}}},
    }
    found = of_cell({"reason": stored, "steps": 5}, "inner stage: more than 60 s of wall-clock time")
    within = Reason("time_limit", {"seconds": 60})
    assert found == CellReason(found.text, Reason("inner_stage", {"reason": within}))
    assert (found.code, of_cell({}, "no luck").code) == ("inner_stage", "uncoded")


def test_a_code_among_reasons_is_found() -> None:
    reasons = (reason(ReasonCode.ONE_SEED), CellReason("no luck"))
    assert has(reasons, ReasonCode.ONE_SEED)
    assert not has(reasons, ReasonCode.NOT_RUN)
    assert set(ReasonCode) > REMARKS
