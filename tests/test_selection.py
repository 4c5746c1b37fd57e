"""Representatives are chosen on validation, by a metric all candidates have, and never on test."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import FACTS, MadeUp, right
from recurbench.reports.statistics.selection import alike, best_of_all, of_families, unlearned
from recurbench.results import read_run


def families(made, **facts):
    return {
        name: one.address
        for name, one in of_families(read_run(made.write()).cells, {**FACTS, **facts}).items()
    }


def test_the_better_validation_wins_whatever_test_says(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(10), validation={"log_loss": 0.3, "accuracy": 0.9})
    made.cell("lstm", right(39), validation={"log_loss": 0.4, "accuracy": 0.9})
    assert families(made) == {"recurrent": "rnn"}


def test_validation_is_averaged_over_seeds(tmp_path):
    made = MadeUp(tmp_path)
    for seed, (rnn, lstm) in enumerate([(0.1, 0.4), (0.9, 0.4)]):
        made.cell("rnn", right(30), validation={"log_loss": rnn}, seed=seed)
        made.cell("lstm", right(20), validation={"log_loss": lstm}, seed=seed)
    assert families(made) == {"recurrent": "lstm"}


def test_where_one_gives_no_chances_accuracy_decides(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("dtw-1nn", right(30), validation={"accuracy": 0.9})
    made.cell("euclidean-1nn", right(30), validation={"accuracy": 0.8, "log_loss": 0.1})
    chosen = of_families(read_run(made.write()).cells, FACTS)["neighbours"]
    assert (chosen.address, chosen.by) == ("dtw-1nn", "accuracy")


def test_equal_scores_are_settled_by_the_next_metric_then_by_name(tmp_path):
    made = MadeUp(tmp_path / "one")
    made.cell("rnn", right(30), validation={"log_loss": 0.5, "accuracy": 0.9})
    made.cell("lstm", right(30), validation={"log_loss": 0.5, "accuracy": 0.8})
    assert families(made) == {"recurrent": "rnn"}
    made = MadeUp(tmp_path / "two")
    made.cell("rnn", right(30), validation={"log_loss": 0.5})
    made.cell("lstm", right(30), validation={"log_loss": 0.5})
    assert families(made) == {"recurrent": "lstm"}


SHARE_FIRST = ["accuracy", "log_loss"]


def test_the_metrics_of_the_run_file_decide_so_an_old_run_keeps_its_choice(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(30), validation={"log_loss": 0.6, "accuracy": 0.9})
    made.cell("lstm", right(30), validation={"log_loss": 0.3, "accuracy": 0.8})
    assert families(made) == {"recurrent": "lstm"}
    assert families(made, selectors=SHARE_FIRST) == {"recurrent": "rnn"}


def test_equal_accuracy_is_settled_by_log_loss_and_a_method_without_it_comes_last(tmp_path):
    made = MadeUp(tmp_path / "one")
    made.cell("rnn", right(30), validation={"log_loss": 0.5, "accuracy": 0.9})
    made.cell("lstm", right(30), validation={"log_loss": 0.6, "accuracy": 0.9})
    assert families(made, selectors=SHARE_FIRST) == {"recurrent": "rnn"}
    made = MadeUp(tmp_path / "two")
    made.cell("dtw-1nn", right(30), validation={"accuracy": 0.9})
    made.cell("mlp", right(30), validation={"log_loss": 9.0, "accuracy": 0.9})
    facts = {**FACTS, "selectors": SHARE_FIRST}
    chosen = best_of_all(read_run(made.write()).cells, facts)
    assert (chosen.address, chosen.by, chosen.tied) == ("mlp", "accuracy", ())


def test_two_methods_without_probabilities_and_of_equal_accuracy_are_tied(tmp_path):
    made = MadeUp(tmp_path)
    for name in ("dtw-1nn", "euclidean-1nn"):
        made.cell(name, right(30), validation={"accuracy": 0.9})
    chosen = best_of_all(read_run(made.write()).cells, {**FACTS, "selectors": SHARE_FIRST})
    assert (chosen.address, chosen.tied) == ("dtw-1nn", ("euclidean-1nn",))


@pytest.mark.parametrize("names", [SHARE_FIRST, FACTS["selectors"]])
@settings(max_examples=10)
@given(st.permutations([8, 20, 31, 40]))
def test_no_test_score_changes_the_choice(tmp_path_factory, names, counts):
    made = MadeUp(tmp_path_factory.mktemp("run"))
    scores = [(0.8, 0.3), (0.9, 0.5), (0.9, 0.4), (0.7, 0.2)]
    for name, count, (accuracy, loss) in zip(("rnn", "lstm", "gru", "esn"), counts, scores, strict=True):
        made.cell(name, right(count), validation={"accuracy": accuracy, "log_loss": loss})
    assert families(made, selectors=names) == {"recurrent": "gru" if names == SHARE_FIRST else "esn"}


def test_methods_equal_by_every_shared_metric_are_tied_and_no_others(tmp_path):
    made = MadeUp(tmp_path)
    for name, chances in (("rnn", 0.5), ("lstm", 0.5), ("gru", 0.6)):
        made.cell(name, right(30), validation={"log_loss": chances, "accuracy": 1.0})
    chosen = of_families(read_run(made.write()).cells, FACTS)["recurrent"]
    assert (chosen.address, chosen.tied) == ("lstm", ("rnn",))


def test_tied_methods_are_alike_where_they_score_the_same_on_every_test_example(tmp_path):
    made = MadeUp(tmp_path)
    for name, scores in (("rnn", right(30)), ("lstm", right(30))):
        made.cell(name, scores, validation={"accuracy": 1.0}, seed=0)
    # The same mean from other examples is not the same answer.
    made.cell("mlp", right(20), validation={"accuracy": 1.0})
    made.cell("linear-filter", ~right(20), validation={"accuracy": 1.0})
    run = read_run(made.write())
    found = of_families(run.cells, FACTS)
    assert found["feedforward"].tied == ("mlp",)
    assert alike(run.final, found["recurrent"])
    assert not alike(run.final, found["feedforward"])


def test_a_method_without_seeds_is_alike_to_one_that_answers_the_same_on_every_seed(tmp_path):
    for name, second in (("same", right(30)), ("other", right(29))):
        made = MadeUp(tmp_path / name).cell("rnn", right(30), validation={"accuracy": 1.0})
        made.cell("lstm", right(30), validation={"accuracy": 1.0}, seed=0)
        made.cell("lstm", second, validation={"accuracy": 1.0}, seed=1)
        run = read_run(made.write())
        assert alike(run.final, of_families(run.cells, FACTS)["recurrent"]) == (name == "same")


def test_a_method_with_a_failed_seed_cannot_stand_for_its_family(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(39), validation={"log_loss": 0.1}, seed=0)
    made.cell("rnn", [], validation={"log_loss": 0.1}, seed=1, status="failed", reason="no luck")
    made.cell("lstm", right(10), validation={"log_loss": 0.9}, seed=0)
    assert families(made) == {"recurrent": "lstm"}


def test_a_method_with_a_failed_cut_has_no_validation_score(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(39), validation={"log_loss": 0.1})
    made.records[-1].status, made.records[-1].scores = "failed", {}
    made.cell("lstm", right(10), validation={"log_loss": 0.9})
    assert families(made) == {"recurrent": "lstm"}


def test_controls_and_ablations_never_stand_for_a_family(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(39), validation={"log_loss": 0.1}, role="ablation")
    made.cell("lstm", right(10), validation={"log_loss": 0.9})
    assert families(made) == {"recurrent": "lstm"}


def test_a_method_without_validation_is_not_preferred_to_one_with_some(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(10), validation={"log_loss": 0.9})
    made.cell("lstm", right(39))
    assert families(made) == {"recurrent": "rnn"}


def test_without_any_validation_nothing_is_chosen_not_even_a_method_alone(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(39)).cell("lstm", right(10)).cell("mlp", right(30))
    assert families(made) == {}


def test_without_a_metric_in_common_nothing_is_chosen(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("rnn", right(39), validation={"log_loss": 0.1})
    made.cell("lstm", right(10), validation={"accuracy": 0.9})
    assert families(made) == {}


def test_a_family_without_validation_takes_no_choice_from_another(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(39), validation={"log_loss": 0.1}).cell("mlp", right(30))
    assert families(made) == {"recurrent": "rnn"}


def test_a_method_did_not_learn_where_most_of_a_jobs_checks_say_so(tmp_path):
    made = MadeUp(tmp_path)
    for seed, learned in enumerate([False, False, True]):
        made.cell("rnn", right(20), validation={"log_loss": 0.7}, seed=seed, learned=learned)
    made.cell("mlp", right(20), validation={"log_loss": 0.7}, learned=True)
    made.cell("dtw-1nn", right(20), validation={"accuracy": 0.7})
    assert unlearned(read_run(made.write()).cells).to_dict() == {"rnn": 2}
