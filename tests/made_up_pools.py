"""The pools of a primary contrast in a made-up run: every method on every pair, with chosen skills."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from click.testing import CliRunner
from made_up import MadeUp
from recurbench.cli.main import main
from recurbench.predictions import Contrast, contrasts, doubled

CONTRASTS = {each.problem: each for each in contrasts()}
FIRST = 100  # draw, as the suite counts
# Skills of R, F, W and of R's twins without a state that earn each word; none of them bimodal.
HELPS = {"recurrent": 0.8, "full": 0.3, "window": 0.2, "cut": 0.2}
HURTS = {"recurrent": 0.3, "full": 0.8, "window": 0.2, "cut": 0.2}
CONTEXT = {"recurrent": 0.8, "full": 0.8, "window": 0.2, "cut": 0.2}
NONE = {"recurrent": 0.8, "full": 0.8, "window": 0.8, "cut": 0.8}
SELECTIVE = "copy-memory[selective=True]"
HMM = "hmm-filter[q=0.99,sd=3]"
ARMA = "arma[length=100]"
LEVELS = {"constant": 0.0, "best": 1.0}


def empty(folder: Path, **facts: Any) -> MadeUp:
    """A run in which a score is a skill."""
    return MadeUp(folder, **{**LEVELS, "selectors": ["accuracy"], **facts})


def side_of(contrast: Contrast, address: str) -> str:
    """Where a method of the pools stands."""
    sides = ("recurrent", "full", "window")
    found = [side for side in sides if address in getattr(contrast.pools, side)]
    return found[0] if found else "cut" if address in contrast.pools.cut.values() else "besides"


def spread(pairs: int, size: float = 0.01) -> np.ndarray:
    """What is added to the skills of a side, pair by pair; its mean is 0."""
    return size * np.linspace(-1, 1, pairs)


def fill(
    made: MadeUp,
    problem: str,
    skills: Mapping[str, float | np.ndarray],
    *,
    pairs: int | None = None,
    failed: Mapping[str, int] | None = None,
    valid: Mapping[str, np.ndarray] | None = None,
    selector: str = "accuracy",
    besides: float = 0.1,
    contrast: Contrast | None = None,
) -> MadeUp:
    """Every method of a contrast, by the skill of its side or its own; sides of one skill move apart by pair.

    contrast: where it is not a primary one. failed: by address, the pair on which it fails. valid: by address
    its validation scores, the same as on test where not given.
    """
    contrast = contrast or CONTRASTS[problem]
    n = pairs or contrast.pairs
    known = {"besides": besides, **skills}
    for address in contrast.pools.methods:
        side = side_of(contrast, address)
        own = known.get(address, known[side])
        # Against each other, so that a difference has a spread.
        test = np.broadcast_to(own, n) + spread(n) * (1 if side == "recurrent" else -1)
        shown = test if valid is None or address not in valid else valid[address]
        for pair in range(n):
            seeds = {"seed": FIRST + pair, "data_seed": FIRST + pair}
            if (failed or {}).get(address) == pair:
                made.cell(address, [], problem=problem, status="failed", reason="it | broke\nhere", **seeds)
                continue
            made.cell(
                address, [test[pair]], problem=problem, validation={selector: float(shown[pair])}, **seeds
            )
    return made


def again(made: MadeUp, problem: str, skills: Mapping[str, float], left_out: str = "") -> MadeUp:
    """Both sides at twice the steps, on three pairs."""
    contrast = CONTRASTS[problem]
    for side in ("recurrent", "full"):
        for address in getattr(contrast.pools, side):
            for pair in range(3):
                seeds = {"seed": FIRST + pair, "data_seed": FIRST + pair}
                fails = {"status": "failed", "reason": "diverged"} if address == left_out else {}
                made.cell(
                    doubled(address), [] if fails else [skills[side]], problem=problem, **seeds, **fails
                )
    return made


def every_end(folder: Path, **facts: Any) -> MadeUp:
    """A run that holds all contrasts but one, each with another end: every verdict and every refusal."""
    made = empty(folder, **facts)
    fill(made, "parity", HELPS)
    fill(made, ARMA, HURTS)
    fill(made, "lorenz[length=100]", CONTEXT)
    fill(made, "adding", NONE)
    fill(made, "sequential-digits", {**HELPS, "recurrent": np.repeat([0.3, 0.85], 5)})
    fill(made, "temporal-order", {**HURTS, "recurrent": 0.02})
    fill(made, "copy-memory", HELPS, pairs=9)
    fill(made, SELECTIVE, HELPS, failed={CONTRASTS[SELECTIVE].pools.full[0]: 3})
    fill(made, "word-problem", HELPS, selector="mse")
    made.about("delayed-recall[length=50]", best=0.005)
    fill(made, "delayed-recall[length=50]", HELPS)
    made.about(HMM, constant=None, reference="no|ne")
    fill(made, HMM, HELPS)
    return made


def mapped(folder: Path, *words: object, width: int = 80) -> tuple[pd.DataFrame, str]:
    """map.csv by problem, and what the command printed."""
    runner = CliRunner(env={"COLUMNS": str(width)})
    result = runner.invoke(main, ["map", str(folder), *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return pd.read_csv(folder / "report" / "map.csv").set_index("problem"), result.output
