"""The predictions of the release agree with registry and problems; what does not is refused in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recurbench import predictions
from recurbench.datasets import _roles
from recurbench.predictions import contrasts, hold_against, read
from recurbench.registry import discover, load

REGISTRY = discover()
CONTRASTS = {each.problem: each for each in contrasts()}

DEFAULTS = """
[defaults]
known_before = false
pairs = 2
steps = 30
patience = 10
parameters = 500
"""
POOLS = """
[pools.pair]
recurrent = ["rnn"]
full = ["tcn[learning_rate=0.001]"]
cut = { rnn = "rnn-state-cut" }
"""
PARITY = """
[[contrast]]
problem = "parity"
role = "positive"
pools = "pair"
predicted = "recurrence helps"
why = "one bit of state"
source = "a book"
"""


@pytest.fixture
def written(tmp_path):
    def write(*parts):
        path = tmp_path / "mine.toml"
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    return write


def known(problem):
    """The role and the headroom that a data set says."""
    (choice,) = REGISTRY.select_datasets([problem])
    about = load(choice.plugin)(**choice.settings).about
    return about.role, about.headroom


def test_the_release_predicts_something_of_every_role():
    assert {each.role for each in CONTRASTS.values()} == set(predictions.ROLES)


@pytest.mark.parametrize("problem", CONTRASTS)
def test_a_contrast_writes_its_addresses_as_the_registry_does(problem):
    methods = CONTRASTS[problem].pools.methods
    assert [choice.address for choice in REGISTRY.select_datasets([problem])] == [problem]
    assert [choice.address for choice in REGISTRY.select_methods(methods)] == list(methods)


@pytest.mark.parametrize("problem", CONTRASTS)
def test_every_method_of_a_contrast_answers_its_problem(problem):
    (choice,) = REGISTRY.select_datasets([problem])
    for method in REGISTRY.select_methods(CONTRASTS[problem].pools.methods):
        assert method.plugin.kinds & choice.plugin.kinds, method.address


@pytest.mark.parametrize("problem", CONTRASTS)
def test_a_contrast_has_learned_recurrence_on_one_side_alone_and_its_cuts_on_neither(problem):
    pools = CONTRASTS[problem].pools

    def recurrence(methods):
        return [choice.plugin.recurrence for choice in REGISTRY.select_methods(methods)]

    assert set(recurrence(pools.recurrent)) == {"learned"}
    assert "learned" not in recurrence((*pools.full, *pools.window))
    assert set(pools.cut) <= set(pools.recurrent)
    assert not set(pools.cut.values()) & {*pools.recurrent, *pools.full}


@pytest.mark.parametrize("problem", CONTRASTS)
def test_a_contrast_has_the_role_of_its_data_set_and_leaves_room_where_it_is_positive(problem):
    hold_against(CONTRASTS[problem], *known(problem))


def test_the_room_that_is_wanted_is_that_of_the_roles():
    assert predictions.LEFT == _roles.WITHHELD


def test_a_positive_contrast_that_a_window_nearly_solves_is_refused_with_the_number():
    parity = CONTRASTS["parity"]
    with pytest.raises(ValueError, match=r"parity .* 16 steps reach 0\.941 .*at most 0\.9"):
        hold_against(parity, "positive", {"window_16": 0.9412})
    with pytest.raises(ValueError, match=r"16 steps reach an unknown share .*at most 0\.9"):
        hold_against(parity, "positive", {"window_64": 0.1})
    hold_against(parity, "positive", {"window_16": 0.9})


def test_a_contrast_of_another_role_than_its_data_set_is_refused_with_both():
    with pytest.raises(ValueError, match=r"adding: .*says role 'crossover', got 'control'"):
        hold_against(replace(CONTRASTS["adding"], role="control"), *known("adding"))


def test_a_file_gives_every_method_the_shared_settings_in_the_order_of_their_names(written):
    (found,) = read(written(DEFAULTS, POOLS, PARITY, "settings = { tcn = { reach = 9 } }"))
    shared = "max_steps=30,parameters=500,patience=10"
    assert found.pools.recurrent == (f"rnn[{shared}]",)
    assert found.pools.full == (f"tcn[learning_rate=0.001,{shared},reach=9]",)
    assert found.pools.cut == {f"rnn[{shared}]": f"rnn-state-cut[{shared}]"}
    assert found.pools.methods == (*found.pools.recurrent, *found.pools.full, *found.pools.cut.values())
    assert (found.pairs, found.steps, found.known_before) == (2, 30, False)


def test_a_bracket_wins_over_what_is_shared_and_a_contrast_over_its_pools(written):
    own = 'full = ["tcn[max_steps=7]"]\nbesides = ["esn"]\nablations = ["rnn-reset"]\npairs = 5'
    (found,) = read(written(DEFAULTS, POOLS, PARITY, own))
    assert found.pools.full == ("tcn[max_steps=7,parameters=500,patience=10]",)
    assert found.pools.besides == ("esn",)
    assert found.pools.ablations == ("rnn-reset[max_steps=30,parameters=500,patience=10]",)
    assert found.twice[-1] == "tcn[max_steps=14,parameters=500,patience=20]"
    assert found.pairs == 5


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((DEFAULTS, "[pools"), r"mine\.toml is not valid TOML: Expected '\]'"),
        ((DEFAULTS, POOLS, PARITY, "sead = 3"), "contrast parity: unknown: sead, known: problem, role"),
        ((DEFAULTS, POOLS, 'windw = ["cnn"]', PARITY), "pools pair: unknown: windw, known: recurrent, full"),
        ((DEFAULTS, POOLS, PARITY.replace("contrast", "contrasts")), "unknown: contrasts, .*contrast"),
        (
            (POOLS, PARITY),
            "contrast parity: missing: known_before, pairs, parameters, patience, steps",
        ),
        ((DEFAULTS, POOLS, PARITY.replace("positive", "hopeful")), "one of positive, control, .*'hopeful'"),
        ((DEFAULTS, POOLS, PARITY.replace('"pair"', '"pear"')), "no pools are called 'pear'; known: pair"),
        ((DEFAULTS, POOLS, PARITY, 'full = ["tcn", "cnn"]'), "1 recurrent against 2 .*as many"),
        ((DEFAULTS, POOLS, PARITY, PARITY), r"mine\.toml: parity has two primary contrasts; one per problem"),
        ((DEFAULTS, POOLS, PARITY, "settings = { tnc = { reach = 9 } }"), "settings of tnc, which no side"),
        ((DEFAULTS, POOLS, PARITY, 'full = ["tcn[reach"]'), "'tcn.reach' is not a name"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_in_words(parts, words, written):
    with pytest.raises(ValueError, match=words):
        read(written(*parts))


def test_a_contrast_of_no_problem_is_refused(written):
    with pytest.raises(ValueError, match=r"contrast \?: missing: problem"):
        read(written(DEFAULTS, POOLS, PARITY.replace('problem = "parity"', "")))
