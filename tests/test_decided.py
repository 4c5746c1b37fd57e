"""The answer of a run on data of one's own: it names a method, and says what is not known."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp
from own_data import classes, forecasts
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.decision import decides, decisions
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

CLEAR = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.8, "gru": 0.9}
CLOSE = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.501, "gru": 0.499}


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return forecasts(tmp_path_factory.mktemp("clear"), CLEAR)


@pytest.fixture(scope="module")
def close(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return forecasts(tmp_path_factory.mktemp("close"), CLOSE)


def paragraphs(run: Run, language: str = "en") -> tuple[str, ...]:
    return answer(run, Messages(language)).sentences


def said(run: Run, key: str, **values: object) -> bool:
    text = Messages()(f"decision.{key}", **values)
    return any(text in paragraph for paragraph in paragraphs(run))


def test_the_answer_asks_for_a_method_and_begins_with_it(clear: Run) -> None:
    say = Messages()
    assert answer(clear, say).question == say("decision.question")
    assert paragraphs(clear)[0].startswith(say("decision.use", method="theta"))


def test_the_method_is_the_best_on_validation_and_not_on_test(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, validation={**CLEAR, "mlp": 0.1})
    assert said(run, "use", method="mlp")
    assert said(run, "outside_one", method="mlp", members="theta", level="90 %")


def test_its_error_is_in_the_unit_of_the_data_and_against_the_naive_method(clear: Run) -> None:
    assert said(clear, "error_mae", method="theta", value="5.00")
    assert said(clear, "naive_less", percent="50 %", reference="seasonal-naive")


def test_with_several_series_the_share_is_that_of_scaled_errors(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, series=[f"s{i // 2}" for i in range(60)])
    assert decisions(run)[0].unit.apart is None
    assert said(run, "naive_less_scaled", percent="50 %", reference="seasonal-naive")
    assert said(run, "of_reference", reference="seasonal-naive")


def test_methods_that_cannot_be_told_from_it_are_named_with_the_cheapest(close: Run) -> None:
    assert said(close, "alike", n=2, methods="theta and mlp", level="90 %")
    assert said(close, "cheapest", method="theta", seconds="0.20", own="4.0")


def test_where_no_method_can_be_told_from_another_the_list_is_not_spelled_out(tmp_path: Path) -> None:
    same = dict.fromkeys(CLEAR, 0.5)
    run = forecasts(tmp_path, same, validation=CLEAR)
    assert said(run, "alike_all", level="90 %")
    assert not said(run, "alone", level="90 %")


def test_a_method_that_is_better_than_all_others_stands_alone(clear: Run) -> None:
    assert said(clear, "alone", level="90 %")


def test_a_short_test_part_tells_no_methods_apart(tmp_path: Path) -> None:
    assert said(forecasts(tmp_path, CLEAR, origins=4), "few_windows", n=2, needed=5)


def test_without_the_naive_method_nothing_is_compared_with_it(tmp_path: Path) -> None:
    run = forecasts(tmp_path, {"theta": 0.5, "gru": 0.9})
    assert said(run, "use", method="theta")
    assert said(run, "naive_not_run", reference="seasonal-naive")


def test_the_naive_method_itself_may_be_the_best(tmp_path: Path) -> None:
    run = forecasts(tmp_path, {**CLEAR, "seasonal-naive": 0.3})
    assert said(run, "naive_itself", reference="seasonal-naive")


def test_the_best_classical_and_the_best_neural_method_are_compared(clear: Run) -> None:
    sides = decisions(clear)[0].sides
    assert (sides.recurrent, sides.other) == ("mlp", "theta")
    assert said(clear, "sides_classical")
    text = " ".join(paragraphs(clear))
    found = re.search(r"3.00 more error than theta \(95 % interval: ([\d.]+) more to ([\d.]+) more", text)
    assert found
    assert float(found[1]) <= 3 <= float(found[2])


def test_a_good_method_of_the_worse_side_that_validation_missed_is_named(tmp_path: Path) -> None:
    errors = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.501, "gru": 0.499}
    run = forecasts(tmp_path, errors, validation={**errors, "theta": 3.0})
    assert said(run, "sides_neural")
    assert said(run, "sides_but_classical", methods="theta")


def test_what_the_recurrent_network_loses_is_said_in_the_unit_with_its_cost(clear: Run) -> None:
    assert (
        "The best recurrent network, gru, has 4.00 more error than theta (95 % interval: "
        in paragraphs(clear)[3]
    )
    assert said(clear, "costs", method="gru", seconds="4.0", other="theta", own="0.20")
    assert said(clear, "recurrent_behind")


def test_an_answer_with_all_verdicts_needs_no_command(clear: Run) -> None:
    assert len(paragraphs(clear)) == 4


def test_a_network_that_gives_the_simple_forecast_alone_is_no_evidence(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, notes={"reference_used": True})
    assert said(run, "fell_back", n=3, fits=3)
    assert said(run, "fell_back_neural", n=3, fits=3, method="mlp")
    assert not said(run, "recurrent_behind")


def test_networks_that_did_not_train_are_no_evidence(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, learned=False)
    text = " ".join(paragraphs(run))
    assert "This is no evidence about recurrence (did not train within the budget: gru)." in text


def test_a_small_test_set_is_the_reason_of_both_comparisons(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, origins=6)
    assert said(run, "recurrent_open_too", other="theta")
    assert "only 6 independent test windows, 10 needed" in paragraphs(run)[2]


def test_a_reason_that_was_not_given_before_is_not_called_the_same(tmp_path: Path) -> None:
    errors = {"seasonal-naive": 1.0, "theta": 0.9, "mlp": 0.5, "gru": 0.52}
    run = forecasts(tmp_path, errors, spread=0.6)
    assert said(run, "sides_neural")
    assert said(run, "recurrent_open", other="mlp", why=Messages()("decision.wide"))


def test_without_a_recurrent_network_a_method_is_named_all_the_same(tmp_path: Path) -> None:
    run = forecasts(tmp_path, {"seasonal-naive": 1.0, "theta": 0.5})
    assert said(run, "use", method="theta")
    assert said(run, "no_recurrent", why="no recurrent network has a score")


def test_methods_that_are_equal_on_validation_are_named_together(tmp_path: Path) -> None:
    run = forecasts(tmp_path, CLEAR, validation={**CLEAR, "mlp": 0.5})
    assert said(run, "use_tied", methods="mlp and theta")


def test_classes_are_compared_in_points_of_accuracy(tmp_path: Path) -> None:
    run = classes(tmp_path, {"most-common": 100, "dtw-1nn": 150, "gru": 190})
    assert decides(run)
    assert said(run, "use", method="gru")
    assert said(run, "error_accuracy", method="gru", value="95.0 %")
    assert said(run, "naive_less_errors", percent="90 %", reference="most-common")
    assert "gru has 20.0 percentage points more accuracy than dtw-1nn" in " ".join(paragraphs(run))


def test_a_difference_that_is_sure_and_perhaps_too_small_is_called_so(tmp_path: Path) -> None:
    run = classes(tmp_path, {"most-common": 100, "dtw-1nn": 186, "gru": 190})
    low, high = decisions(run)[0].lift.low, decisions(run)[0].lift.high
    assert low is not None
    assert high is not None
    assert 0 < low < MARGIN < high
    assert said(run, "sides_neural_maybe")
    assert said(run, "recurrent_better_maybe")


def test_korean_and_english_answers_hold_the_same_paragraphs(close: Run) -> None:
    told = {language: paragraphs(close, language) for language in LANGUAGES}
    assert len({len(texts) for texts in told.values()}) == 1
    for one, other in zip(*told.values(), strict=True):
        assert ("theta" in one) == ("theta" in other)


@pytest.mark.parametrize("method", ["gru", "rnn"])
def test_with_a_network_in_the_run_the_best_method_is_named(tmp_path: Path, method: str) -> None:
    run = forecasts(tmp_path, {"seasonal-naive": 1.0, "theta": 0.5, method: 0.7}, learned=False)
    assert said(run, "use", method="theta")


def test_each_of_several_problems_is_named(tmp_path: Path) -> None:
    for name in ("monthly", "daily"):
        (tmp_path / name).mkdir()
    runs = {
        name: forecasts(tmp_path / name, {"seasonal-naive": 1.0, "theta": 0.5})
        for name in ("monthly", "daily")
    }
    cells = [
        run.cells.assign(
            problem=f"csv[frequency={name}]",
            dials=[{"path": "sales.csv", "frequency": name}] * len(run.cells),
        )
        for name, run in runs.items()
    ]
    facts = {
        (f"csv[frequency={name}]", None): next(iter(run.problems.values())) for name, run in runs.items()
    }
    found = paragraphs(Run("csv-sales", pd.concat(cells, ignore_index=True), facts, {}))
    for name in runs:
        assert sum(text.startswith(f"sales.csv {name}: ") for text in found) == 1


def test_a_run_in_which_every_fit_failed_says_so(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    address = "csv[path=/data/sales.csv]"
    own = {"dataset": "csv", "dials": {"path": "/data/sales.csv"}}
    made.cell("tcn", [], problem=address, seed=0, status="failed", reason="KeyError", **own)
    assert paragraphs(read_run(made.write())) == (Messages()("first.without_score"),)


def test_where_the_metric_is_log_loss_no_sentence_speaks_of_accuracy(tmp_path: Path) -> None:
    cases = 200
    facts = {"metric": "log_loss", "higher_is_better": False, "selectors": ["log_loss"]}
    made = MadeUp(tmp_path, series=[str(i) for i in range(cases)], n_test=cases, **facts)
    accuracy = {"most-common": 0.97, "dtw-1nn": 0.96, "gru": 0.95}
    for method, loss in {"most-common": 0.4, "dtw-1nn": 0.3, "gru": 0.1}.items():
        for seed in range(3):
            units = loss + 0.01 * np.cos(np.arange(cases) + seed)
            own = {"problem": "own-classes", "dataset": "own-classes"}
            more = {"validation": {"log_loss": loss}, "scores": {"accuracy": accuracy[method]}}
            made.cell(method, units, seed=seed, **own, **more)
    run = read_run(made.write())
    text = " ".join(paragraphs(run))
    assert re.search(r"the log loss of gru is 0\.(100|0999)\d*\.", text)
    assert said(run, "naive_less", percent="75 %", reference="most-common")
    assert re.search(r"gru has 0\.(200|1999)\d* less error than dtw-1nn", text), text
    assert "accuracy" not in text
