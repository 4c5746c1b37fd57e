"""The contrasts of the registration agree with registry and problems; what does not is refused in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_up_contrasts import CHOSEN, PARITY, ROLES
from recurbench.contrasts import FIRST, LEFT, hold_against, judged_methods, read, registration, twin
from recurbench.datasets import _roles
from recurbench.registry import discover, load
from recurbench.reports.text.translation import Messages

REGISTRY = discover(())
PLAN = registration()
CONTRASTS = {each.problem: each for each in PLAN.contrasts}

TEXT = """
[pilots]
rates = [0.001, 0.01]
replicates = 2

[defaults]
known_before = false
outcome = "solved"
steps = 40
patience = 10
parameters = 500

[pools.pair]
recurrent = ["rnn"]
full = ["tcn[reach=trained]"]
window = ["cnn"]
twice = ["tcn[reach=trained]"]

[[contrast]]
problem = "parity"
role = "positive"
pools = "pair"
more = ["lru[layers=2]"]
predicted = "recurrence helps"
why = "one bit of state"
source = "a book"

[[secondary]]
name = "nonlinear against linear"
problems = ["parity"]
one = ["rnn", "gru"]
other = ["lru[layers=2]"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "registration.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("problem", CONTRASTS)
def test_every_address_is_written_as_the_registry_writes_it(problem: str) -> None:
    assert [choice.address for choice in REGISTRY.select_datasets([problem])] == [problem]
    methods = dict(PLAN.pilots())[problem]
    assert [choice.address for choice in REGISTRY.select_methods(methods)] == list(methods)


@pytest.mark.parametrize("problem", CONTRASTS)
def test_recurrent_candidates_learn_their_recurrence_and_their_rivals_have_none(problem: str) -> None:
    candidates = CONTRASTS[problem].candidates

    def recurrence(methods: tuple[str, ...]) -> set[str]:
        return {choice.plugin.recurrence for choice in REGISTRY.select_methods(methods)}

    assert recurrence(candidates.recurrent) == {"learned"}
    assert recurrence((*candidates.full, *candidates.window)) == {"none"}


@pytest.mark.parametrize("problem", CONTRASTS)
def test_every_recurrent_candidate_has_a_twin_that_is_an_ablation(problem: str) -> None:
    for method in CONTRASTS[problem].candidates.recurrent:
        (choice,) = REGISTRY.select_methods([twin(method)])
        assert (choice.address, choice.plugin.role) == (twin(method), "ablation")


@pytest.mark.parametrize("problem", CONTRASTS)
def test_every_candidate_answers_the_kind_of_task(problem: str) -> None:
    (choice,) = REGISTRY.select_datasets([problem])
    for method in REGISTRY.select_methods(CONTRASTS[problem].candidates.methods):
        assert method.plugin.kinds & choice.plugin.kinds, method.address


@pytest.mark.parametrize("problem", CONTRASTS)
def test_a_contrast_has_the_role_of_its_data_set(problem: str) -> None:
    (choice,) = REGISTRY.select_datasets([problem])
    settings = {**choice.settings, "n_test": 4} if choice.plugin.name == "lorenz" else choice.settings
    about = load(choice.plugin)(**settings).about
    hold_against(CONTRASTS[problem], about.role, about.headroom)


@pytest.mark.parametrize("problem", CONTRASTS)
def test_readers_learn_what_every_problem_asks_in_a_short_name_and_a_sentence(problem: str) -> None:
    contrast = CONTRASTS[problem]
    assert 0 < len(contrast.label) <= 24
    assert len(contrast.task) > len(contrast.label)
    korean = Messages("ko")
    for text in filter(None, (contrast.task, contrast.theory)):
        assert korean.of(text) != text


def test_no_two_contrasts_have_one_name() -> None:
    assert len({each.label for each in PLAN.contrasts}) == len(PLAN.contrasts)


def test_texts_for_readers_may_be_left_out(tmp_path: Path) -> None:
    (plain,) = read(written(tmp_path, TEXT)).contrasts
    assert (plain.label, plain.task, plain.theory) == ("", "", "")
    told = TEXT.replace('source = "a book"', 'source = "a book"\ntheory = "one bit is enough"')
    (contrast,) = read(written(tmp_path, told)).contrasts
    assert contrast.theory == "one bit is enough"


def test_every_method_with_a_role_is_judged_and_no_other_twin() -> None:
    rates = {**CHOSEN.rates, "twin": {"rnn-state-cut": 0.003, "lstm-state-cut": 0.01}}
    methods = judged_methods(PARITY, replace(CHOSEN, rates=rates))
    assert methods == ROLES.methods


def test_a_positive_contrast_that_a_window_nearly_solves_is_refused_with_the_number() -> None:
    with pytest.raises(ValueError, match=r"parity .* 16 steps reach 0\.941 .*at most 0\.9"):
        hold_against(PARITY, "positive", {"window_16": 0.9412})
    with pytest.raises(ValueError, match=r"16 steps reach an unknown share .*at most 0\.9"):
        hold_against(PARITY, "positive", {"window_64": 0.1})
    hold_against(PARITY, "positive", {"window_16": 0.9})


def test_a_contrast_of_another_role_than_its_data_set_is_refused_with_both() -> None:
    with pytest.raises(ValueError, match=r"parity: .*says role 'crossover', got 'control'"):
        hold_against(replace(PARITY, role="control"), "crossover", {})


def test_the_room_that_is_wanted_is_that_of_the_roles() -> None:
    assert LEFT == _roles.WITHHELD


def test_pilots_end_before_the_judged_samples() -> None:
    assert 0 < PLAN.replicates <= FIRST


def test_a_candidate_takes_its_rate_and_the_budget_of_the_contrast(tmp_path: Path) -> None:
    found = read(written(tmp_path, TEXT))
    (parity,) = found.contrasts
    budget = "max_steps=40,parameters=500,patience=10"
    assert parity.address("rnn", 0.01) == f"rnn[learning_rate=0.01,{budget}]"
    assert dict(found.pilots())["parity"] == (
        f"rnn[learning_rate=0.001,{budget}]",
        f"rnn[learning_rate=0.01,{budget}]",
        f"lru[layers=2,learning_rate=0.001,{budget}]",
        f"lru[layers=2,learning_rate=0.01,{budget}]",
        f"tcn[learning_rate=0.001,{budget},reach=trained]",
        f"tcn[learning_rate=0.01,{budget},reach=trained]",
        f"cnn[learning_rate=0.001,{budget}]",
        f"cnn[learning_rate=0.01,{budget}]",
    )
    twice = parity.twice("tcn[reach=trained]")
    assert twice == "tcn[max_steps=80,patience=20,reach=trained]"
    assert (
        parity.address(twice, 0.01)
        == "tcn[learning_rate=0.01,max_steps=80,parameters=500,patience=20,reach=trained]"
    )


def test_the_twin_of_signed_eigenvalues_keeps_its_range() -> None:
    assert twin("deltanet-signed[layers=2]") == "deltanet-state-cut[eigenvalues=signed,layers=2]"
    assert twin("gru") == "gru-state-cut"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('role = "positive"\n', "", "contrast parity: missing: role"),
        ('"positive"', '"hard"', "role is 'hard', must be one of positive, control, crossover"),
        ('outcome = "solved"', 'outcome = "lost"', "outcome is 'lost', must be one of solved, graded"),
        ('"recurrence helps"', '"helps"', "predicted is 'helps', must be one of recurrence helps"),
        ('pools = "pair"', 'pools = "pairs"', "pools is 'pairs', must be one of pair"),
        ('full = ["tcn[reach=trained]"]', 'full = ["cnn"]', "cnn is named twice"),
        ('twice = ["tcn[reach=trained]"]', 'twice = ["cnn"]', "twice has cnn, must be members of full"),
        ('more = ["lru[layers=2]"]', 'moer = ["lru"]', "unknown: moer"),
        (
            'why = "one bit of state"',
            'why = "one bit of state"\ntask = 3',
            "task is 3, must be a text in quotes",
        ),
        ("replicates = 2", "replicate = 2", "pilots: unknown: replicate"),
        ("replicates = 2\n", "", "pilots: replicates is None, must be a whole number from 1 to 200"),
        ("replicates = 2", "replicates = 201", "replicates is 201, must be a whole number from 1 to 200"),
        ("[0.001, 0.01]", "[]", r"pilots: rates is \[\], must be a list of different numbers"),
        ("[0.001, 0.01]", "0.001", "rates is 0.001, must be a list of different numbers between 0 and 1"),
        ("[0.001, 0.01]", "[0.001, 1.5]", r"rates is \[0.001, 1.5\], must be a list"),
        ("[0.001, 0.01]", "[0.001, 0.001]", r"rates is \[0.001, 0.001\], must be a list of different"),
        ("[0.001, 0.01]", '["0.001"]', r"rates is \['0.001'\], must be a list"),
        ("steps = 40", "steps = 40.5", "contrast parity: steps is 40.5, must be a whole number from 1 on"),
        ("patience = 10", "patience = 0", "patience is 0, must be a whole number from 1 on"),
        ("parameters = 500", "parameters = true", "parameters is True, must be a whole number"),
        ('one = ["rnn", "gru"]', 'one = ["gru"]', "no method of 'one' is a candidate on parity"),
        ('problems = ["parity"]', 'problems = ["arma"]', "arma has no contrast"),
        ("other = ", "others = ", "secondary nonlinear against linear: missing: other"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in TEXT
    path = written(tmp_path, TEXT.replace(before, after))
    with pytest.raises(ValueError, match=words):
        read(path)


def test_a_problem_has_one_contrast(tmp_path: Path) -> None:
    entry = TEXT[TEXT.index("[[contrast]]") : TEXT.index("[[secondary]]")]
    with pytest.raises(ValueError, match="parity has two contrasts, must have one"):
        read(written(tmp_path, TEXT + entry))


def test_a_side_without_a_method_is_refused(tmp_path: Path) -> None:
    text = TEXT.replace('recurrent = ["rnn"]', "recurrent = []").replace('more = ["lru[layers=2]"]\n', "")
    with pytest.raises(ValueError, match="recurrent and full each need a method"):
        read(written(tmp_path, text))
