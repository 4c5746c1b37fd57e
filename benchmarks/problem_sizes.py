"""Measure the sizes of the problems in the package, for `recurbench plan`; write bench/running/sizes.toml.

python benchmarks/problem_sizes.py
"""

from __future__ import annotations

import json
from dataclasses import fields

from recurbench.registry import discover
from recurbench.running import sizes
from recurbench.running.job import build
from recurbench.suites import SUITES
from recurbench.tried_problems import needs_files

HEADER = """\
# How large the problems are that come with the package, by address; of a generated one draw 0.
# Written by benchmarks/problem_sizes.py; tests/test_sizes.py holds it against the problems.
"""


def main() -> None:
    """Every data set with its default dials, and every problem of a suite."""
    registry = discover()
    choices = [c for c in registry.select_datasets(["*"]) if c.plugin.owner == "recurbench"]
    for suite in SUITES.values():
        choices += registry.select_datasets(suite.datasets)
    found = {c.address: c for c in choices if not needs_files(c)}
    lines = ["# " + " ".join(field.name for field in fields(sizes.Size)), "", "[sizes]"]
    for address, choice in sorted(found.items()):
        size = sizes.size_of(build(choice, 0 if "seed" in choice.plugin.takes else None))
        lines.append(f"{json.dumps(address)} = {json.dumps(sizes.row(size))}")
        print(lines[-1], flush=True)
    sizes.TABLE.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
