"""The grid of the map: every setting is one the registry knows, can be built, and has a role and room."""

from __future__ import annotations

from pathlib import Path

import pytest
from recurbench.dials import Dial, dials, read
from recurbench.registry import discover, load
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.skill import ends
from recurbench.running.problem_cache import describe
from recurbench.suites import SUITES

REGISTRY = discover()
SETTINGS = {each.problem: each for dial in dials() for each in dial.settings.values()}
NAMES = [f"{dial.problem}: {dial.name}" for dial in dials()]

COMMON = """
[defaults]
pairs = 2
steps = 30
patience = 10
parameters = 500
[pools.pair]
recurrent = ["rnn"]
full = ["tcn"]
window = ["cnn"]
cut = { rnn = "rnn-state-cut" }
"""
PARITY = """
[[probe]]
problem = "parity"
pools = "pair"
steps = 40
settings = { tcn = { reach = "test_length" } }
[probe.dials]
modulus = { default = 2, values = [2, 3] }
test_length = { default = 200, values = [40, 200, 400] }
"""
ADDING = """
[[probe]]
problem = "adding[length=10,marks=anywhere]"
pools = "pair"
[probe.dials]
length = { default = 50, values = [10, 50] }
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str) -> tuple[Dial, ...]:
        (tmp_path / "mine.toml").write_text(COMMON + text, encoding="utf-8")
        return read(tmp_path / "mine.toml")

    return write


@pytest.mark.parametrize("dial", dials(), ids=NAMES)
def test_addresses_are_written_as_the_registry_writes_them_and_defaults_are_the_data_set_s(
    dial: Dial,
) -> None:
    (reference,) = REGISTRY.select_datasets([dial.problem])
    for value, contrast in dial.settings.items():
        (found,) = REGISTRY.select_datasets([contrast.problem])
        assert found.address == contrast.problem
        assert found.settings == {**reference.settings, dial.name: value}
        methods = contrast.pools.methods
        assert [choice.address for choice in REGISTRY.select_methods(methods)] == list(methods)
    assert reference.settings[dial.name] in dial.settings


def test_a_reference_that_dials_share_has_one_set_of_methods() -> None:
    for dial in dials():
        for setting in dial.settings.values():
            assert SETTINGS[setting.problem] == setting


def test_as_many_recurrent_as_full_context_networks_run_on_every_problem() -> None:
    """The best of more candidates has a better score by chance."""
    for setting in SETTINGS.values():
        assert len(setting.pools.recurrent) == len(setting.pools.full)


def test_the_suite_runs_every_setting_once_from_the_first_registered_draw() -> None:
    blocks = SUITES["map"].blocks
    assert sorted(block.datasets for block in blocks) == sorted((problem,) for problem in SETTINGS)
    assert {block.first for block in blocks} == {100}
    assert {block.seeds for block in blocks} == {10}


@pytest.mark.slow
@pytest.mark.parametrize("problem", SETTINGS)
def test_every_setting_can_be_built_has_a_role_and_room_for_a_skill(problem: str) -> None:
    (choice,) = REGISTRY.select_datasets([problem])
    facts, _ = describe(load(choice.plugin)(**choice.settings, seed=100))
    assert facts["role"] in ("positive", "control", "crossover")
    assert not isinstance(ends(facts, None), Reason)


def test_a_dial_turns_one_setting_and_an_address_leaves_out_what_is_the_data_set_s_own(written) -> None:
    modulus, length = written(PARITY)
    assert {value: each.problem for value, each in modulus.settings.items()} == {
        2: "parity",
        3: "parity[modulus=3]",
    }
    assert (length.name, length.ordered) == ("test_length", True)
    (adding,) = written(ADDING)
    assert [each.problem for each in adding.settings.values()] == [
        "adding[length=10,marks=anywhere]",
        "adding[marks=anywhere]",
    ]


def test_methods_share_a_budget_and_a_setting_follows_its_dial(written) -> None:
    _, length = written(PARITY)
    shared = "max_steps=40,parameters=500,patience=10"
    for value, contrast in length.settings.items():
        assert contrast.pools.methods == (
            f"rnn[{shared}]",
            f"tcn[{shared},reach={value}]",
            f"cnn[{shared}]",
            f"rnn-state-cut[{shared}]",
        )


def test_a_dial_of_words_or_of_yes_and_no_has_no_order() -> None:
    by_name = {(dial.problem, dial.name): dial.ordered for dial in dials()}
    assert not by_name["word-problem", "group"]
    assert not by_name["temporal-order", "shuffle"]
    assert by_name["arma[length=100]", "theta"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PARITY.replace("dials", "dial"), "mine.toml, probe parity: unknown: dial, known: problem, pools"),
        (ADDING.replace('pools = "pair"', ""), r"probe adding\[.*missing: pools"),
        (ADDING.replace("pair", "pear"), "no pools are called 'pear'; known: pair"),
        (PARITY.replace("tcn = {", "tnc = {"), "settings of tnc, which no side of it holds"),
        (PARITY.replace("steps = 40", "steps = 40\nrate = 1"), "unknown: rate"),
        (PARITY.replace("[2, 3]", "[2]"), "dial modulus: wanted a default and at least 2 values"),
        (PARITY.replace("default = 2, ", ""), "wanted a default and at least 2 values, got {'values'"),
        (PARITY.replace("[2, 3]", "[3, 5]"), "dial modulus: 2, the reference, is not among"),
        (PARITY.replace("values = [2, 3]", "values = [2, 3], step = 1"), "unknown: step, known"),
    ],
)
def test_a_grid_that_is_not_as_it_should_be_is_refused_in_words(text: str, words: str, written) -> None:
    with pytest.raises(ValueError, match=words):
        written(text)
