"""The file that `recurbench gradients` writes, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAME = "gradients.json"
EARLY = 100  # optimizer steps
MOMENTS = START, EARLIER, TRAINED = "start", f"{EARLY} steps", "trained"
# Of every network, what is read of it and as what.
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "key": str,
    "problem": str,
    "method": str,
    "family": str,
    "initialisation": str,
    "steps": int,
    "score": (int, float),
    "recorded": (int, float),
    "moments": list,
}


def networks(path: Path) -> Sequence[Mapping[str, Any]]:
    """The networks in the file, none where there is no file; ValueError where it is not what was written."""
    if not path.is_file():
        return ()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["networks"]
        for one in kept:
            _check(one)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(
            f"{path} is not what `recurbench gradients` writes ({type(error).__name__}: {error}); delete it, "
            "or measure again"
        ) from None
    return tuple(kept)


def _check(one: Mapping[str, Any]) -> None:
    for name, kind in FIELDS.items():
        if not isinstance(one[name], kind):
            raise TypeError(f"{name} is {one[name]!r}")
    for moment in one["moments"]:
        if not isinstance(moment["when"], str) or not moment["norms"]:
            raise TypeError(f"a moment is {str(moment)[:80]}")
        known = [] if moment["slope"] is None else [moment["slope"]]
        if not all(isinstance(value, int | float) for value in (*moment["norms"], *known)):
            raise TypeError(f"a moment is {str(moment)[:80]}")
    if not one["moments"]:
        raise IndexError("a network without a moment")
