"""The answer in a few sentences, from the lifts of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from made_up import MadeUp, right
from recurbench.reports.statistics.outcomes import ReasonCode, reason
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run


def sentences(folder: Path, language: str = "en") -> tuple[str, ...]:
    return answer(read_run(folder), Messages(language)).sentences


def test_a_run_without_contrasts_says_which_side_is_ahead(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0)
    scores = {"lstm": 0.9, "mlp": 0.2}
    for address, score in scores.items():
        for seed in range(3):
            spread = 0.01 * np.linspace(-1, 1, 40)
            made.cell(address, list(score + spread), problem="toy", seed=seed, validation={"accuracy": score})
    found = answer(read_run(made.write()), Messages())
    assert found.exploratory
    assert found.sentences[0].startswith(
        "The best recurrent network is ahead of the best other method on the only problem: toy (+0.700 ["
    )
    assert found.sentences[1:] == (
        "The best method, chosen on validation: lstm on toy (accuracy 0.900 on test).",
        "The only problem is decided.",
    )


def test_what_was_not_shown_is_not_denied(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0)
    for address in ("lstm", "mlp"):
        made.cell(address, right(20 if address == "mlp" else 21), validation={"accuracy": 0.5})
    first = sentences(made.write())[0]
    assert first == Messages()("first.ahead_nowhere", of=1)


def test_without_a_recurrent_network_the_best_method_is_named_and_what_is_missing(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0)
    # Validation chooses the one that test would not.
    for address, validated, count in (("cnn", 0.8, 30), ("mlp", 0.9, 20)):
        made.cell(address, right(count), problem="toy", validation={"accuracy": validated})
    folder = made.write()
    for language in LANGUAGES:
        say = Messages(language)
        not_compared, best, open_ = sentences(folder, language)
        assert not_compared == say("first.not_compared", of=1)
        assert "mlp" in best
        why = say.reason(reason(ReasonCode.NO_RECURRENT_SCORE))
        assert open_ == say("first.open", n=1, of=1, problems=f"toy ({why})")
    # What ahead means is no news where nothing is.
    assert not answer(read_run(folder), Messages()).exploratory


def test_where_validation_chose_nothing_no_method_is_called_the_best(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0)
    made.cell("mlp", right(20), problem="toy")
    assert sentences(made.write())[1].startswith("No method was chosen on the only problem, ")


def test_one_data_set_dealt_several_times_is_one_problem(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, best=None)
    for k in range(5):
        for method, count in (("most-common", 20), ("gru", 38), ("mlp", 22)):
            made.cell(
                method,
                right(count),
                problem=f"gunpoint[resample={k}]",
                seed=0,
                validation={"accuracy": count / 40},
                dials={"resample": k},
            )
    for method, count in (("most-common", 20), ("gru", 22), ("mlp", 38)):
        for seed in range(3):
            made.cell(method, right(count), problem="toy", seed=seed, validation={"accuracy": count / 40})
    ahead, rest, best, open_, sizes = sentences(made.write())
    assert sizes.startswith("The smallest difference of skill that this run can show is ")
    assert best == (
        "The best method, chosen on validation: gru on gunpoint (chosen on 5 of 5 resamples) and mlp on toy "
        "(accuracy 0.950 on test)."
    )
    assert "on 1 of 2 problems: gunpoint (+0.800 [" in ahead
    assert rest.startswith("It is behind on toy (-0.800 [")
    assert open_ == "All 2 problems are decided."


def test_lifts_do_not_say_that_recurrence_hurts(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for method in ("most-common", "gru", "mlp"):
        made.cell(method, right(20), seed=0, validation={"accuracy": 0.5})
    path = made.write()
    assert "hurt" not in " ".join(sentences(path))
    assert "해가" not in " ".join(sentences(path, "ko"))


def test_more_than_three_problems_are_counted(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    for problem in "abcde":
        for method, count in (("most-common", 20), ("gru", 38), ("mlp", 22)):
            for seed in range(3):
                valid = {"accuracy": count / 40}
                made.cell(method, right(count), problem=problem, seed=seed, validation=valid)
    assert sentences(made.write())[0].endswith(" and 2 more.")


def test_a_run_without_a_cell_says_so(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    folder = made.write()
    say = Messages()
    assert sentences(folder) == (say("first.empty"), say("first.nothing_open"))
    assert len(sentences(folder, "ko")) == 2
