"""What reports say of the methods that a budget did not hold."""

import pytest
from made_up import MadeUp, right
from recurbench import left_out
from recurbench.reports.text.answer import answer
from recurbench.reports.text.budget_note import SAID, budget_note
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run


@pytest.fixture
def folder(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("lstm", right(30), validation={"log_loss": 1.0})
    return made.write()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_is_one_sentence_of_the_answer(folder, language):
    say = Messages(language)
    assert budget_note(read_run(folder), say) == ()
    found = {
        ("made-up", "gru"): "stopped",
        ("made-up", "cnn"): "not chosen",
        ("made-up", "mlp"): "not chosen",
    }
    left_out.write(folder, 30.0, found)
    run = read_run(folder)
    both = say("first.and", names="cnn", last="mlp")
    wanted = (say(SAID["not chosen"], names=both), say(SAID["stopped"], names="gru"))
    assert budget_note(run, say) == wanted
    assert answer(run, say).sentences[-2:] == wanted


def test_every_reason_has_a_message():
    assert list(SAID) == list(left_out.REASONS)


def test_a_problem_without_any_fit_is_named_once_and_not_its_methods(folder):
    left_out.write(folder, 30.0, {("far", "gru"): "budget spent", ("far", "lstm"): "budget spent"})
    say = Messages()
    assert budget_note(read_run(folder), say) == (say(SAID["budget spent"], names="far"),)
