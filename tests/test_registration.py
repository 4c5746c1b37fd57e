"""The file of frozen roles: what it holds, and every entry that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from recurbench.registration import OUTCOMES, WORDS, FrozenPair, read_frozen, read_pairs, registration_of
from recurbench.reports.statistics.registered_rule import Outcome, Word

ENTRY = """
[[frozen]]
problem = "parity"
outcome = "solved"
predicted = "recurrence helps"
best_recurrent = "lstm"
best_full = "tcn"
best_window = "cnn"
best_memory = "lstm"
twin = "lstm-state-cut"
twice = ["tcn[max_steps=8000]"]
[frozen.rates]
recurrent = { lstm = 0.003, gru = 0.01 }
full = { tcn = 0.001, "tcn[max_steps=8000]" = 0.001 }
window = { cnn = 0.003 }
twin = { lstm-state-cut = 0.003 }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "frozen.toml"
    path.write_text(text)
    return path


def test_an_entry_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (found,) = read_frozen(written(tmp_path, ENTRY))
    assert (found.problem, found.outcome, found.predicted) == ("parity", "solved", "recurrence helps")
    assert (found.best_recurrent, found.best_full, found.best_window) == ("lstm", "tcn", "cnn")
    assert (found.best_memory, found.twin, found.twice) == (
        "lstm",
        "lstm-state-cut",
        ("tcn[max_steps=8000]",),
    )
    assert found.rates["recurrent"] == {"lstm": 0.003, "gru": 0.01}


def test_windows_and_twins_may_be_left_out(tmp_path: Path) -> None:
    lines = [line for line in ENTRY.splitlines() if not line.startswith(("best_window", "twin", "window"))]
    (found,) = read_frozen(written(tmp_path, "\n".join(lines)))
    assert (found.best_window, found.twin) == (None, None)
    assert found.rates["window"] == found.rates["twin"] == {}


def test_a_file_without_entries_has_none(tmp_path: Path) -> None:
    assert read_frozen(written(tmp_path, "frozen = []")) == ()


PAIR = """
[[secondary]]
name = "nonlinear against linear"
problem = "parity"
one = "lstm"
other = "gru"
"""


def test_the_words_are_those_of_the_rule() -> None:
    assert tuple(WORDS) == tuple(word.value for word in Word)
    assert tuple(OUTCOMES) == tuple(outcome.value for outcome in Outcome)


def test_the_registration_is_read_back_and_may_be_missing(tmp_path: Path) -> None:
    assert registration_of(written(tmp_path, f'registration = "abc"\n{ENTRY}')) == "abc"
    assert registration_of(written(tmp_path, ENTRY)) == ""
    with pytest.raises(ValueError, match="registration is 3, must be a SHA-256 in quotes"):
        registration_of(written(tmp_path, f"registration = 3\n{ENTRY}"))


def test_a_secondary_contrast_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (found,) = read_pairs(written(tmp_path, ENTRY + PAIR))
    assert found == FrozenPair("nonlinear against linear", "parity", "lstm", "gru")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"secondary = 3\n{ENTRY}", "secondary is 3, must be a list of tables [[secondary]]"),
        (f"secondary = [3]\n{ENTRY}", "secondary is [3], must be a list of tables [[secondary]]"),
        (ENTRY + PAIR.replace('"gru"', '["gru"]'), "other is ['gru'], must be a text in quotes"),
        (ENTRY + PAIR.replace('"gru"', '"s5"'), "other is 's5', must be one of"),
        (ENTRY + PAIR.replace('"parity"', '"arma"'), "problem is 'arma', must be one of parity"),
        (ENTRY + PAIR.replace("other", "another"), "must have name, problem, one, other"),
    ],
)
def test_a_wrong_secondary_contrast_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"frozen\.toml") as caught:
        read_pairs(written(tmp_path, text))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('outcome = "solved"\n', "", "has no outcome, must have"),
        ('outcome = "solved"', 'outcome = "lost"', "outcome is 'lost', must be one of solved, graded"),
        ('outcome = "solved"', "outcome = 3", "outcome is 3, must be a text in quotes"),
        ('"recurrence helps"', '"helps"', "predicted is 'helps', must be one of recurrence helps"),
        (
            'best_recurrent = "lstm"',
            'best_recurrent = "rnn"',
            "best_recurrent is 'rnn', must be one of lstm, gru",
        ),
        ('best_window = "cnn"\n', "", "best_window is 'missing', must be one of cnn"),
        ('best_memory = "lstm"', 'best_memory = "gru"', "best_memory is 'gru', must be one of lstm, tcn"),
        ('twin = "lstm-state-cut"', 'twin = "gru-state-cut"', "twin is 'gru-state-cut', must be one of"),
        ("twice = [", "thrice = [", "unknown field thrice"),
        ("window = {", "windows = {", "unknown rates of windows, must be of recurrent, full, window, twin"),
        ('twice = ["tcn[max_steps=8000]"]', 'twice = ["mlp"]', "must be a list of methods that have a rate"),
        (
            'twice = ["tcn[max_steps=8000]"]',
            'twice = ["tcn"]',
            "best_full is tcn, must be a method at the registered budget",
        ),
        ("lstm = 0.003, gru", "lstm = 0, gru", "the rate of lstm is 0, must be between 0 and 1"),
        ("lstm = 0.003, gru", "lstm = true, gru", "the rate of lstm is True, must be between 0 and 1"),
        (
            'full = { tcn = 0.001, "tcn[max_steps=8000]" = 0.001 }',
            "full = { tcn = 0.001, lstm = 0.1 }",
            "lstm stands in two groups of rates",
        ),
        (
            'full = { tcn = 0.001, "tcn[max_steps=8000]" = 0.001 }',
            "full = 0.001",
            "rates of full is 0.001, must be a table",
        ),
        ("[frozen.rates]", 'note = "x"\n[frozen.rates]', "unknown field note, must be one of"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_seen_and_wanted(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert before in ENTRY
    with pytest.raises(ValueError, match=r"frozen.toml, \[\[frozen\]\] 1") as caught:
        read_frozen(written(tmp_path, ENTRY.replace(before, after, 1)))
    assert words in str(caught.value)


def test_a_problem_is_frozen_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="parity is frozen 2 times, must be once"):
        read_frozen(written(tmp_path, ENTRY + ENTRY))


def test_the_entries_are_a_list_of_tables(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"frozen is 3, must be a list of tables"):
        read_frozen(written(tmp_path, "frozen = 3"))
