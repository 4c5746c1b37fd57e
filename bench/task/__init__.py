"""The question (`Task`), its examples (`Split`) and how examples are split for validation."""

from __future__ import annotations

from recurbench.task.splitting import (
    CHECK_ORIGINS,
    CHECK_SHARE,
    SEVERAL,
    check_origins,
    holdout,
    joined,
    least_steps,
    spare_steps,
    strata,
    unscored,
    until_unscored,
    windows,
)
from recurbench.task.types import (
    KINDS,
    About,
    Array,
    Predictor,
    Problem,
    Rolling,
    Several,
    Split,
    Task,
    Unsupported,
    Values,
    hyphenated,
)

__all__ = [
    "CHECK_ORIGINS",
    "CHECK_SHARE",
    "KINDS",
    "SEVERAL",
    "About",
    "Array",
    "Predictor",
    "Problem",
    "Rolling",
    "Several",
    "Split",
    "Task",
    "Unsupported",
    "Values",
    "check_origins",
    "holdout",
    "hyphenated",
    "joined",
    "least_steps",
    "spare_steps",
    "strata",
    "unscored",
    "until_unscored",
    "windows",
]
