"""The command line as `python -m recurbench`."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_runs_as_a_module_and_names_itself_so() -> None:
    ended = subprocess.run([sys.executable, "-m", "recurbench", "run", "-h"], capture_output=True, text=True)
    assert ended.returncode == 0
    assert ended.stdout.startswith("Usage: python -m recurbench run ")
