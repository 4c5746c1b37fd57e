"""`recurbench show`: settings, their defaults and what they take."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from recurbench.cli.main import main
from recurbench.cli.show import lines
from recurbench.registry import discover

PLUGIN = '''
from typing import Literal
from recurbench import method

@method("mine", family="baseline", kinds={"regression"})
def mine(task, train, *, how: Literal["a", "b"] = "b", share=0.5):
    """Say nothing."""
'''


def shown(*words: str) -> str:
    result = CliRunner().invoke(main, ["show", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_setting_is_shown_with_its_default_and_what_it_takes(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLUGIN)
    assert shown("mine", "--plugin", str(tmp_path / "mine.py")) == (
        "mine: baseline method for regression\nSay nothing.\n"
        "  how    default 'b'  takes 'a' or 'b'\n"
        "  share  default 0.5  takes a finite number\n"
    )


def test_methods_and_data_sets_of_ours_are_shown() -> None:
    registry = discover()
    for plugin in (*registry.methods.values(), *registry.datasets.values()):
        told = list(lines(plugin))
        assert told[0].startswith(f"{plugin.name}: ")
        assert len(told) == 2 + max(len(plugin.settings), 1)
        assert not any("any value" in line for line in told)


def test_what_has_no_settings_says_so() -> None:
    assert shown("drift").endswith("It has no settings.\n")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["show", "mlpp"])
    assert result.exit_code == 2
    assert "no method or data set is called 'mlpp'; nearest: mlp" in result.output
