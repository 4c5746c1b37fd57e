"""Frames for CSV and JSON: the text of verdicts and reasons, and beside it their codes."""

from __future__ import annotations

import json

import pandas as pd
from recurbench.reports.statistics.outcomes import (
    CellReason,
    ContrastVerdict,
    LiftVerdict,
    ReasonCode,
    reason,
)
from recurbench.reports.text.export import for_csv, for_json
from recurbench.reports.text.translation import Messages

SAY = Messages()
FEW = reason(ReasonCode.FEW_TEST_WINDOWS, n=2, needed=10)
MORE = reason(ReasonCode.MORE_ORIGINS, setting="--origins 28")


def test_a_verdict_is_written_with_its_reasons_and_as_codes() -> None:
    rows = [
        {"lift": 0.5, "verdict": LiftVerdict.AHEAD, "reasons": ()},
        {"lift": 0.1, "verdict": LiftVerdict.TEST_SET_TOO_SMALL, "reasons": (FEW, MORE)},
    ]
    table = for_csv(pd.DataFrame(rows))
    assert list(table["verdict"]) == ["recurrent ahead", SAY.verdict(rows[1]["verdict"], (FEW, MORE))]
    assert list(table["verdict_code"]) == ["ahead", "test_set_too_small"]
    assert list(table["reason_codes"]) == ["", "few_test_windows;more_origins"]
    assert list(table["lift"]) == [0.5, 0.1]


def test_in_json_several_codes_are_a_list() -> None:
    frame = pd.DataFrame([{"status": "failed", "trial": None, "reasons": (CellReason("no luck"), FEW)}])
    (row,) = json.loads(for_json(frame).to_json(orient="records"))
    assert row == {
        "status": "failed",
        "status_code": "failed",
        "trial": None,
        "reason": f"no luck; {SAY.reason(FEW)}",
        "reason_codes": ["uncoded", "few_test_windows"],
    }


def test_notes_parts_predictions_and_methods_left_out_have_codes_too() -> None:
    frame = pd.DataFrame(
        [
            {
                "recurrent_notes": (reason(ReasonCode.NOT_ASKED),),
                "validation_part": (),
                "predicted": ContrastVerdict.MEMORY_HELPS,
                "left_out": {"lstm": CellReason("no luck"), "gru": reason(ReasonCode.NOT_RUN)},
                "missing": reason(ReasonCode.NEITHER_TRAINED),
            }
        ]
    )
    (row,) = for_csv(frame).to_dict("records")
    assert (row["recurrent_note"], row["recurrent_note_codes"]) == ("not asked for", "not_asked")
    assert (row["validation_part"], row["validation_part_codes"]) == ("", "")
    assert row["predicted_code"] == "memory_helps"
    assert (row["left_out"], row["left_out_codes"]) == ("lstm: no luck; gru: not run", "uncoded;not_run")
    assert row["missing_code"] == "neither_trained"


def test_a_row_without_a_verdict_stays_without_one() -> None:
    frame = pd.DataFrame([{"verdict": ContrastVerdict.UNDECIDED, "reasons": ()}, {"value": 3}])
    table = for_csv(frame)
    assert list(table["verdict_code"]) == ["undecided", None]
    assert list(table["reason_codes"]) == ["", ""]


def test_an_empty_frame_has_the_columns() -> None:
    frame = pd.DataFrame(columns=["verdict", "reasons", "lift"])
    assert list(for_csv(frame)) == ["verdict", "verdict_code", "reason_codes", "lift"]
