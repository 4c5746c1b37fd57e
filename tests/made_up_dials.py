"""One value of a difficulty parameter in a made-up run: every network on every replicate, by its skill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from made_up import MadeUp
from recurbench.dials import FIRST, Setting

LEVELS = {"constant": 0.0, "best": 1.0}


def empty(folder: Path, **facts: Any) -> MadeUp:
    """A run in which a score is a skill."""
    return MadeUp(folder, **{**LEVELS, "selectors": ["accuracy"], **facts})


def side_of(setting: Setting, address: str) -> str:
    """The group of a network."""
    sides = ("recurrent", "full", "window")
    return next((side for side in sides if address in getattr(setting.pools, side)), "cut")


def fill(
    made: MadeUp,
    setting: Setting,
    skills: Mapping[str, float | np.ndarray],
    *,
    failed: Mapping[str, int] | None = None,
    size: float = 0.01,
) -> MadeUp:
    """Every network of a setting, by the skill of its group; groups of one skill move apart by replicate.

    failed: by address, the replicate on which it fails.
    """
    n = setting.pairs
    for address in setting.pools.methods:
        side = side_of(setting, address)
        # Against each other, so that a difference has a spread of mean 0.
        spread = size * np.linspace(-1, 1, n) * (1 if side == "recurrent" else -1)
        test = np.broadcast_to(skills[side], n) + spread
        for pair in range(n):
            seeds = {"seed": FIRST + pair, "data_seed": FIRST + pair}
            if (failed or {}).get(address) == pair:
                made.cell(
                    address, [], problem=setting.problem, status="failed", reason="it | broke\nhere", **seeds
                )
                continue
            valid = {"accuracy": float(test[pair])}
            made.cell(address, [test[pair]], problem=setting.problem, validation=valid, **seeds)
    return made
