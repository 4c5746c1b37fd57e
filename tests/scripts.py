"""The scripts of the repository as modules, for tests of what they compute."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def script(path: str) -> ModuleType:
    """The module of a script, whose path begins at the top of the repository."""
    file = Path(__file__).resolve().parents[1] / path
    spec = importlib.util.spec_from_file_location(f"script_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # data classes look up their module by name
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))  # a script may import its neighbours
    spec.loader.exec_module(module)
    return module
