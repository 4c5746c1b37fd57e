"""Classical or neural, and where does recurrence help? A benchmark suite for sequence methods."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recurbench.decorators import dataset, method

if TYPE_CHECKING:
    from recurbench.api import load, run
    from recurbench.methods._estimators import from_estimator
    from recurbench.methods._forecasters import from_forecaster
    from recurbench.methods._pipelines import from_pipeline
    from recurbench.result import Result
    from recurbench.task import About, Problem, Split, Task, Unsupported, Values

__version__ = "0.1.0"
__all__ = [
    "About",
    "Problem",
    "Result",
    "Split",
    "Task",
    "Unsupported",
    "Values",
    "dataset",
    "from_estimator",
    "from_forecaster",
    "from_pipeline",
    "load",
    "method",
    "run",
]

# Imported on first use, so that `recurbench --help` loads neither numpy nor pandas.
_LATER = {
    "About": "recurbench.task",
    "Problem": "recurbench.task",
    "Result": "recurbench.result",
    "Split": "recurbench.task",
    "Task": "recurbench.task",
    "Unsupported": "recurbench.task",
    "Values": "recurbench.task",
    "from_estimator": "recurbench.methods._estimators",
    "from_forecaster": "recurbench.methods._forecasters",
    "from_pipeline": "recurbench.methods._pipelines",
    "load": "recurbench.api",
    "run": "recurbench.api",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'recurbench' has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)
