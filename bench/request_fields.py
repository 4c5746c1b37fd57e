"""The types of the fields of a request, and the check of the values that a Python caller gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurbench.address import shown
from recurbench.setting_types import SettingType, UnfitError

TEXT = SettingType((str,))
PATH = SettingType((str,), none=True)
NAMES = SettingType((str,), sequence=tuple, items=(TEXT,))


def _count(least: int, none: bool = False) -> SettingType:
    return SettingType((int,), none=none, bounds=((int, ">=", least),))


# By field of `api.Request`: its type, and an example.
FIELDS: dict[str, tuple[SettingType, Any]] = {
    "suite": (TEXT, "quick"),
    "methods": (NAMES, ["lstm", "theta"]),
    "datasets": (NAMES, ["parity", "airline"]),
    "seeds": (_count(1, none=True), 3),
    "first_seed": (_count(0, none=True), 0),
    "data_seeds": (_count(1, none=True), 3),
    "trials": (_count(1, none=True), 1),
    "budget": (TEXT, "5m"),
    "data": (PATH, "sales.csv"),
    "dials": (SettingType((dict,)), {"horizon": 12}),
    "out": (PATH, "runs/mine"),
    "plugins": (NAMES, ["mine.py"]),
    "jobs": (_count(0, none=True), 4),
    "timeout": (TEXT, "10m"),
    "memory": (TEXT, "2GB"),
    "threads": (_count(1), 1),
    "device": (TEXT, "cpu"),
    "dask": (TEXT, "tcp://127.0.0.1:8786"),
    "retry": (TEXT, "limits"),
    "force": (SettingType((bool,)), True),
}


def fitted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check and convert the fields of a request: a path becomes text, a single name a list of one.

    ValueError names the field, the value and the values that are allowed.
    """
    converted = {}
    for name, (kind, example) in FIELDS.items():
        try:
            value = kind.fitted(given[name])
        except UnfitError as error:
            raise ValueError(
                f"{name} is {shown(given[name])}, {error}; write for example {name}={example!r}"
            ) from None
        converted[name] = (value,) if kind is NAMES and isinstance(value, str) else value
    return converted
