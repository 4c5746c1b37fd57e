"""The types of the fields of a request, and the check of the values that a Python caller gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurbench.address import shown, split_list
from recurbench.setting_types import SettingType, UnfitError

TEXT = SettingType((str,))
PATH = SettingType((str,), none=True)
NAMES = SettingType((str,), sequence=tuple, items=(TEXT,))
FILES = SettingType((str,), sequence=tuple, items=(TEXT,))  # as NAMES, but a path may hold a comma
TIME = SettingType((str, int, float), none=True, bounds=((int, ">", 0), (float, ">", 0)))


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
    "folds": (_count(1, none=True), 5),
    "budget": (TIME, "5m"),
    "data": (PATH, "sales.csv"),
    "dials": (SettingType((dict,)), {"horizon": 12}),
    "out": (PATH, "runs/mine"),
    "plugins": (FILES, ["mine.py"]),
    "jobs": (_count(0, none=True), 4),
    "timeout": (TIME, "10m"),
    "memory": (TEXT, "2GB"),
    "threads": (_count(1), 1),
    "device": (TEXT, "cpu"),
    "dask": (TEXT, "tcp://127.0.0.1:8786"),
    "retry": (TEXT, "limits"),
    "force": (SettingType((bool,)), True),
}


def fitted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check and convert the fields of a request.

    A path becomes text, a number in quotes a number, and one text the list of the names in it: "ets,theta" is
    two names. ValueError names the field, the value and the values that are allowed.
    """
    converted = {}
    for name, (kind, example) in FIELDS.items():
        try:
            converted[name] = _read(kind, given[name])
        except UnfitError as error:
            raise ValueError(
                f"{name} is {shown(given[name])}, {error}; write for example {name}={example!r}"
            ) from None
    return converted


def _read(kind: SettingType, given: Any) -> Any:
    if isinstance(given, str) and int in kind.plain and str not in kind.plain and given.strip().isdecimal():
        given = int(given)
    if kind in (NAMES, FILES) and hasattr(given, "tolist"):
        given = given.tolist()  # a column of pandas
    value = kind.fitted(given)
    if kind is FILES:
        return (value,) if isinstance(value, str) else value
    if kind is not NAMES:
        return value
    texts = (value,) if isinstance(value, str) else value
    names = tuple(name for text in texts for name in split_list(text))
    if texts and not names:
        raise UnfitError("which holds no name")
    return names
