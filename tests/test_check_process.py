"""A third-party method is checked in another process, whose end is a failed check and not ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from broken_answers import Case
from recurbench.check import CHECKS
from recurbench.check_process import checked
from recurbench.registry import Plugin, discover

ANSWERS = "    return lambda split: flat(task, split)\n"


def plugin(folder: Path, body: str) -> Plugin:
    file = folder / "mine.py"
    file.write_text(Case("", "regression", "", f"\n{body}{ANSWERS}").text)
    return discover([file]).methods["broken"]


def test_what_a_method_changes_at_its_import_stays_in_the_other_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHECKED_ELSEWHERE", raising=False)
    made = plugin(tmp_path, "")
    made.path.write_text(made.path.read_text() + "\n\nimport os\n\nos.environ['CHECKED_ELSEWHERE'] = '1'\n")
    outcomes = {result.check: result for result in checked(made)}
    assert list(outcomes) == [check.name for check in CHECKS if "regression" in check.kinds]
    assert outcomes["surroundings"].status == "failed"
    assert "CHECKED_ELSEWHERE" in outcomes["surroundings"].words
    assert "CHECKED_ELSEWHERE" not in os.environ


def test_a_method_that_ends_its_process_fails_the_check_that_it_ended(tmp_path: Path) -> None:
    *before, last = checked(plugin(tmp_path, "    import os\n    os._exit(7)\n"))
    assert [result.check for result in before] == ["import"]
    assert (last.plugin, last.kind, last.check, last.status) == ("broken", "regression", "form", "failed")
    assert "exit code 7" in last.words
