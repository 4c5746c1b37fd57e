"""What is judged is what was registered: every difference between the two files is refused in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_contrasts import CHOSEN, PARITY, TWICE
from recurbench.contrasts import Registration, SecondaryContrast, registration
from recurbench.registered_roles import agreed, fingerprint, held_together, read_agreed
from recurbench.registration import FrozenPair

PAIRS = (SecondaryContrast("nonlinear against linear", ("parity",), ("lstm",), ("rnn",)),)
PLAN = Registration((0.001, 0.003, 0.01), 3, (PARITY,), PAIRS)
PAIR = FrozenPair("nonlinear against linear", "parity", "lstm", "rnn")

REGISTERED = """
[pilots]
rates = [0.003]
replicates = 2
[pools.pair]
recurrent = ["rnn"]
full = ["tcn"]
[[contrast]]
problem = "parity"
role = "positive"
outcome = "solved"
pools = "pair"
predicted = "recurrence helps"
why = "one bit of state"
source = "a book"
known_before = false
steps = 40
patience = 10
parameters = 500
"""
FROZEN = """
[[frozen]]
problem = "parity"
outcome = "solved"
predicted = "recurrence helps"
best_recurrent = "rnn"
best_full = "tcn"
best_memory = "rnn"
twin = "rnn-state-cut"
[frozen.rates]
recurrent = { rnn = 0.003 }
full = { tcn = 0.003 }
twin = { rnn-state-cut = 0.003 }
"""


def files(folder: Path, stamp: str | None = None) -> tuple[Path, Path]:
    """A registration and frozen roles that agree; stamp: the registration that the second one names."""
    registered, frozen = folder / "registration.toml", folder / "frozen.toml"
    registered.write_text(REGISTERED)
    stamp = fingerprint(registered) if stamp is None else stamp
    frozen.write_text(f'registration = "{stamp}"\n{FROZEN}')
    return registered, frozen


def test_the_files_of_this_release_agree() -> None:
    assert len(agreed()) in (0, len(registration().contrasts))


def test_every_contrast_comes_with_its_roles(tmp_path: Path) -> None:
    ((contrast, chosen),) = read_agreed(*files(tmp_path))
    assert (contrast.problem, chosen.problem, chosen.best_recurrent) == ("parity", "parity", "rnn")


def test_without_frozen_roles_there_is_nothing_to_judge(tmp_path: Path) -> None:
    registered, frozen = files(tmp_path)
    frozen.write_text("frozen = []\n")
    assert read_agreed(registered, frozen) == ()


def test_a_registration_that_was_changed_after_freezing_is_refused(tmp_path: Path) -> None:
    registered, frozen = files(tmp_path)
    before = fingerprint(registered)
    registered.write_text(REGISTERED.replace("steps = 40", "steps = 4000"))
    with pytest.raises(ValueError, match=r"frozen.toml: registration is") as caught:
        read_agreed(registered, frozen)
    assert f"is {before}, must be {fingerprint(registered)}" in str(caught.value)


def test_frozen_roles_that_name_no_registration_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="registration is missing, must be"):
        read_agreed(*files(tmp_path, ""))


def test_roles_that_agree_are_returned_in_their_order() -> None:
    other = replace(PARITY, problem="adding")
    plan = replace(PLAN, contrasts=(PARITY, other))
    roles = (replace(CHOSEN, problem="adding"), CHOSEN)
    assert held_together(plan, roles, (PAIR,)) == ((other, roles[0]), (PARITY, roles[1]))


def test_pilots_may_turn_a_graded_problem_into_an_all_or_nothing_one() -> None:
    graded = replace(PLAN, contrasts=(replace(PARITY, outcome="graded"),))
    for outcome in ("graded", "solved"):
        assert held_together(graded, (replace(CHOSEN, outcome=outcome),), (PAIR,))


def rates(group: str, **changed: float) -> dict[str, Any]:
    return {"rates": {**CHOSEN.rates, group: changed}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"problem": "adding"}, "problems is adding, must be parity"),
        ({"predicted": "no difference"}, "predicted is no difference, must be recurrence helps"),
        ({"outcome": "graded"}, "outcome is graded, must be one of solved"),
        (rates("recurrent", lstm=0.01), "recurrent is lstm, must be lstm, rnn"),
        (rates("window"), "window is none, must be cnn"),
        (rates("window", cnn=0.003, mlp=0.003), "window is cnn, mlp, must be cnn"),
        (rates("full", tcn=0.001, **{TWICE: 0.001}), f"full is tcn, {TWICE}, must be tcn, {TWICE}, tran"),
        (rates("window", cnn=0.004), "the rate of cnn is 0.004, must be one of 0.001, 0.003, 0.01"),
        ({"twice": ()}, f"twice is none, must be {TWICE}"),
        (
            rates("full", tcn=0.001, transformer=0.003, **{TWICE: 0.01}),
            f"the rate of {TWICE} is 0.01, must be 0.001",
        ),
        ({"twin": None}, "twin is missing, must be lstm-state-cut"),
        ({"best_recurrent": "rnn", "best_memory": "rnn"}, "twin is lstm-state-cut, must be rnn-state-cut"),
    ],
)
def test_roles_that_differ_from_the_registration_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^frozen\.toml") as caught:
        held_together(PLAN, (replace(CHOSEN, **change),), (PAIR,))
    assert words in str(caught.value)
    assert "take both files from one commit" in str(caught.value)


def test_a_contrast_that_was_left_out_is_named() -> None:
    plan = replace(PLAN, contrasts=(PARITY, replace(PARITY, problem="adding")))
    with pytest.raises(ValueError, match="problems is parity, must be adding, parity"):
        held_together(plan, (CHOSEN,), (PAIR,))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ((), "secondary contrasts is none, must be"),
        ((replace(PAIR, name="another"),), "must be ('nonlinear against linear', 'parity')"),
        ((replace(PAIR, other="tcn"),), "other is tcn, must be one of rnn"),
    ],
)
def test_secondary_contrasts_that_differ_are_refused(pairs: tuple[FrozenPair, ...], words: str) -> None:
    with pytest.raises(ValueError, match=r"^frozen\.toml") as caught:
        held_together(PLAN, (CHOSEN,), pairs)
    assert words in str(caught.value)
