"""Frames as they go into CSV and JSON: verdicts and reasons as English text, and beside each its stable code.

| column of the frame | columns written |
|---|---|
| `verdict`, `reasons` | `verdict` (with its reasons), `verdict_code`, `reason_codes` |
| `reasons` alone, `F_notes` | `reason`, `F_note`, each with its `_codes` |
| `validation_part`, `left_out` | the same, each with its `_codes` |
| `predicted`, `missing`, `status` | the same, each with its `_code` |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from recurbench.reports.statistics.outcomes import CellReason, Reason, Reasons
from recurbench.reports.text.translation import Messages

ENGLISH = Messages()
SEPARATOR = ";"  # between the codes of one cell in CSV


def for_json(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a frame in text and codes; several codes are a list."""
    columns: dict[str, list[Any]] = {}
    for name in map(str, frame.columns):
        columns.update(_written(name, frame))
    return pd.DataFrame(columns, index=frame.index)


def for_csv(frame: pd.DataFrame) -> pd.DataFrame:
    """The same; several codes are joined by SEPARATOR."""
    table = for_json(frame)
    for name in table:
        if str(name).endswith("_codes"):
            table[name] = [SEPARATOR.join(codes) for codes in table[name]]
    return table


def codes_of(reasons: Iterable[Reason | CellReason]) -> list[str]:
    """The codes of several reasons."""
    return [str(each.code) for each in reasons]


def _written(name: str, frame: pd.DataFrame) -> dict[str, Any]:
    """What one column of a frame becomes."""
    values = list(frame[name])
    if name == "verdict":
        reasons = [each if isinstance(each, tuple) else () for each in frame["reasons"]]
        return {
            name: [
                None if pd.isna(verdict) else ENGLISH.verdict(verdict, why)
                for verdict, why in zip(values, reasons, strict=True)
            ],
            "verdict_code": [None if pd.isna(verdict) else str(verdict) for verdict in values],
        }
    if name == "reasons" and "verdict" in frame:
        return {"reason_codes": [codes_of(each) if isinstance(each, tuple) else [] for each in values]}
    if name == "reasons" or name.endswith("_notes"):
        return _several(name.removesuffix("s"), values)
    if name == "validation_part":
        return _several(name, values)
    if name == "left_out":
        return {
            name: [left_out(each, ENGLISH) for each in values],
            f"{name}_codes": [codes_of(each.values()) for each in values],
        }
    if name == "missing":
        return {
            name: ["" if each is None else ENGLISH.reason(each) for each in values],
            f"{name}_code": ["" if each is None else str(each.code) for each in values],
        }
    if name == "predicted":
        return {name: [ENGLISH.verdict(each) for each in values], f"{name}_code": list(map(str, values))}
    if name == "status":
        return {name: [ENGLISH.status(each) for each in values], f"{name}_code": list(map(str, values))}
    return {name: frame[name]}


def _several(name: str, values: Iterable[Reasons]) -> dict[str, list[Any]]:
    lists = list(values)
    return {
        name: [ENGLISH.reasons(each) for each in lists],
        f"{name}_codes": [codes_of(each) for each in lists],
    }


def left_out(methods: Mapping[str, Reason | CellReason], say: Messages) -> str:
    """`lstm: not run; gru: …`: the methods that a contrast leaves out, with the reason."""
    return "; ".join(f"{name}: {say.reason(why)}" for name, why in methods.items())
