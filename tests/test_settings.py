"""Settings that several methods share: read from a dataclass as text, filled by calling it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from recurbench import Split, Task, Values
from recurbench.registry import Plugin, discover, load, read

SHARED = '''
import dataclasses

@dataclasses.dataclass(frozen=True)
class Budget:
    """What several methods share."""

    rounds: int = 3
    rate: float = 0.5

    def __post_init__(self):
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, got {self.rounds}")
'''
METHOD = '''
from recurbench import method

@method(
    "mine",
    family="baseline",
    kinds={"regression"},
    search={"rate": (0.1, 0.5)},
    variants={"mine-once": {"rounds": 1}},
)
def mine(task, train, *, seed=0, lag=1, budget: Budget):
    """Say what was given."""
    return (lag, budget)
'''
FROM_THE_PACKAGE = "from __future__ import annotations\nfrom .shared import Budget\n" + METHOD
TRAINING = {
    "learning_rate": None,
    "batch": 64,
    "clip": 1.0,
    "patience": None,
    "max_steps": None,
    "context": None,
    "reference": "auto",
}
DECODING = {"decoder": "auto", "teaching": 1.0, "beam": 1, "weights": "own"}
WRITERS = (
    *("rnn", "gru", "lstm", "mingru", "lru", "mlp", "window-mlp", "cnn", "tcn", "transformer"),
    *("s5", "deltanet"),
)
NUMBER = Task("regression", Values(1), Values(1), "fixed")


def written(folder: Path, text: str) -> Path:
    path = folder / "plugin.py"
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ValueError, match=r"plugin\.py, line") as refused:
        read(written(folder, text), "plugin", "someone")
    return str(refused.value)


def test_a_shared_dataclass_stands_for_its_fields(tmp_path: Path) -> None:
    mine, once = read(written(tmp_path, SHARED + METHOD), "plugin", "someone")
    assert mine.settings == {"lag": 1, "rounds": 3, "rate": 0.5}
    assert mine.takes == {"seed"}
    assert mine.search == {"rate": (0.1, 0.5)}
    assert once.settings == {"lag": 1, "rounds": 1, "rate": 0.5}


def test_a_plugin_file_is_given_its_dataclass_with_the_settings_of_the_bracket(tmp_path: Path) -> None:
    registry = discover([written(tmp_path, SHARED + METHOD)])
    (choice,) = registry.select_methods(["mine[rounds=7]"])
    assert choice.address == "mine[rounds=7]"
    lag, budget = load(choice.plugin)(NUMBER, Split([]), **choice.settings)
    assert (lag, budget.rounds, budget.rate) == (1, 7, 0.5)


def test_the_dataclass_refuses_what_it_refuses(tmp_path: Path) -> None:
    plugin = discover([written(tmp_path, SHARED + METHOD)]).methods["mine"]
    with pytest.raises(ValueError, match="rounds must be at least 1, got 0"):
        load(plugin)(NUMBER, Split([]), rounds=0)


def test_a_dataclass_of_the_own_package_is_read_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "shares_settings"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "shared.py").write_text(SHARED)
    (package / "plugin.py").write_text(FROM_THE_PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    plugins = read(package / "plugin.py", "shares_settings.plugin", "someone")
    assert plugins[0].settings == {"lag": 1, "rounds": 3, "rate": 0.5}
    (package / "__init__.py").write_text("")
    assert load(plugins[0])(NUMBER, Split([]), rate=0.1)[1].rate == 0.1


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("rounds: int = 3", "rounds: int = ONE", "Budget.rounds: the default must be a literal.*got ONE"),
        ("rounds: int = 3", "rounds: int", "Budget.rounds needs a default"),
        ("@dataclasses.dataclass(frozen=True)", "", "must be a dataclass without a base, which Budget"),
        ("class Budget:", "class Budget(dict):", "must be a dataclass without a base"),
        ("lag=1", "rate=1", "budget contains rate, which the function has already"),
        ("rounds: int = 3", "seed: int = 3", "budget contains seed, which the function has already"),
        ("budget: Budget", "budget: Nobody", "the setting budget needs a default"),
        ("budget: Budget", "budget", "the setting budget needs a default"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, before: str, after: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(written(tmp_path, (SHARED + METHOD).replace(before, after, 1)), "plugin", "someone")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from .shared import Budget", "imported from .shared, which is no Python file that can be read"),
        ("from nowhere_at_all import Budget", "imported from nowhere_at_all, which is no Python file"),
        ("from recurbench.address import Budget", "recurbench.address defines no class Budget"),
    ],
)
def test_a_dataclass_that_cannot_be_found_is_refused_in_words(tmp_path: Path, line: str, words: str) -> None:
    assert words in refusal(tmp_path, f"{line}\n{METHOD}")


def networks() -> dict[str, Plugin]:
    """The methods of ours that the one trainer trains."""
    return {name: each for name, each in discover().methods.items() if "learning_rate" in each.settings}


def test_every_network_has_the_same_settings_with_the_same_defaults() -> None:
    found = networks()
    assert set(WRITERS) < set(found)
    for name, plugin in found.items():
        assert TRAINING.items() <= plugin.settings.items(), name
    for name in WRITERS:
        assert DECODING.items() <= found[name].settings.items(), name


def test_a_network_is_called_with_its_settings_one_by_one() -> None:
    x: Any = [[[0.0]], [[1.0]]]
    fitted = load(networks()["rnn"])(NUMBER, Split(x, x), steps=2, hidden=2, batch=1)
    assert fitted.notes["examples_seen"] == 2
