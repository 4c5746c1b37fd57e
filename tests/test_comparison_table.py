"""The comparison frame: representatives, spreads, failed cells in sight."""

import io

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp, right
from recurbench.address import label
from recurbench.reports.statistics.comparison_table import abridged, comparison, every_method, troubles
from recurbench.reports.statistics.outcomes import (
    CellReason,
    LiftVerdict,
    ReasonCode,
    WarningStatus,
    reason,
)
from recurbench.reports.text.export import for_csv
from recurbench.reports.text.render import markdown, reading, show
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import read_run
from rich.console import Console


@pytest.fixture
def run(tmp_path):
    """Two recurrent methods, one of them with a failed seed, a reference and a failed network."""
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    for seed, (rnn, lstm) in enumerate([(30, 34), (38, 34)]):
        made.cell("rnn", right(rnn), validation={"log_loss": 0.3}, seed=seed)
        made.cell("lstm", right(lstm), validation={"log_loss": 0.4}, seed=seed)
    made.cell("mlp", [], seed=0, status="failed", reason="ValueError: no luck")
    made.cell("dtw-1nn", [], status="unsupported", reason="unequal lengths")
    return read_run(made.write())


def test_a_problem_is_one_row_with_the_best_of_each_family_and_its_spread(run):
    (row,) = comparison(run).to_dict("records")
    assert (row["problem"], row["kind"], row["metric"], row["higher_is_better"]) == (
        "made-up",
        "classification",
        "accuracy",
        True,
    )
    assert (row["recurrent"], row["recurrent_by"], row["recurrent_cells"]) == ("rnn", "log_loss", 2)
    assert row["recurrent_score"] == pytest.approx(34 / 40)
    assert row["recurrent_sd"] == pytest.approx(np.std([30 / 40, 38 / 40], ddof=1))
    assert (row["baseline"], row["baseline_sd"]) == ("most-common", None)
    assert row["reference"] == "most-common"


def test_for_the_eye_a_method_is_named_by_what_tells_it_from_its_namesakes_on_the_problem(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    settings = {"short": ("400", "0.01"), "long": ("800", "0.01")}
    for problem, (steps, rate) in settings.items():
        made.about(problem)
        made.cell("most-common", right(20), problem=problem, validation={"log_loss": 2.0})
        one, two = f"rnn[max_steps={steps}]", f"rnn[learning_rate={rate},max_steps={steps}]"
        made.cell(f"mlp[max_steps={steps}]", right(30), problem=problem, seed=0, validation={"log_loss": 0.9})
        for name, loss in ((one, 0.5), (two, 0.4)):
            made.cell(name, right(35), problem=problem, seed=0, validation={"log_loss": loss})
    run = read_run(made.write())
    named = abridged(run).set_index("problem")
    whole = comparison(run).set_index("problem")
    for problem, (steps, _) in settings.items():
        name = "rnn[learning_rate=0.01]"
        assert list(named.loc[problem, ["recurrent", "lift_recurrent", "feedforward"]]) == [name, name, "mlp"]
        assert whole.loc[problem, "recurrent"] == f"rnn[learning_rate=0.01,max_steps={steps}]"
    assert named.drop(columns=["recurrent", "feedforward", "lift_recurrent", "lift_other"]).equals(
        whole.drop(columns=["recurrent", "feedforward", "lift_recurrent", "lift_other"])
    )
    stream = io.StringIO()
    show(run, Console(file=stream, width=200), Messages(), every=False)
    assert "max_steps" not in stream.getvalue().partition(Messages()("page.methods"))[0]


def test_a_family_that_failed_or_refused_is_no_blank(run):
    (row,) = comparison(run).to_dict("records")
    assert row["feedforward"] is None
    assert row["feedforward_notes"] == (reason(ReasonCode.FITS_FAILED, some=1, all=1),)
    assert row["neighbours"] is None
    assert row["neighbours_notes"] == (reason(ReasonCode.NOT_SUPPORTED),)
    assert row["statistical_notes"] == (reason(ReasonCode.NOT_ASKED),)


def test_what_did_not_learn_is_marked_and_listed_with_the_reason(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    for seed in range(3):
        made.cell("rnn", right(20), validation={"log_loss": 0.7}, seed=seed, learned=seed == 0)
    run = read_run(made.write())
    (row,) = comparison(run).to_dict("records")
    assert row["recurrent_notes"] == (reason(ReasonCode.FITS_NOT_TRAINED, some=2, all=3, method="rnn"),)
    assert list(every_method(run).set_index("method")["not_learned"].loc[["rnn", "most-common"]]) == [2, 0]
    (trouble,) = troubles(run).to_dict("records")
    assert (trouble["method"], trouble["status"], trouble["cells"]) == (
        "rnn",
        WarningStatus.NOT_TRAINED,
        2,
    )
    assert trouble["reasons"] == (reason(ReasonCode.NO_BETTER_THAN_CONSTANT),)


def test_the_dagger_is_about_failed_fits_of_the_family_and_untrained_ones_of_the_named_method(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("rnn", right(38), validation={"log_loss": 0.1})
    made.cell("gru", right(20), validation={"log_loss": 0.7}, learned=False)
    made.cell("mlp", right(30), validation={"log_loss": 0.3})
    made.cell("linear-filter", [], status="failed", reason="no luck")
    (row,) = comparison(read_run(made.write())).to_dict("records")
    # What another method of the family did not learn marks nothing; what failed there does.
    assert (row["recurrent"], row["recurrent_notes"]) == ("rnn", ())
    failed = reason(ReasonCode.FITS_FAILED, some=1, all=2)
    assert (row["feedforward"], row["feedforward_notes"]) == ("mlp", (failed,))
    assert all(any("†" in line for line in reading(Messages(language))) for language in LANGUAGES)


def test_every_method_has_a_row_with_validation_and_test_the_best_validation_first(run):
    table = every_method(run)
    assert list(table["method"]) == ["rnn", "lstm", "most-common"]
    assert list(table["validation"]) == [0.3, 0.4, 2.0]
    assert list(table["validation_metric"].unique()) == ["log_loss"]
    assert list(table["score"]) == pytest.approx([34 / 40, 34 / 40, 20 / 40])
    assert list(table["cells"]) == [2, 2, 1]


def test_a_fit_that_serves_both_stages_costs_once(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(30), validation={"log_loss": 0.1}, cpu_seconds=3.0)
    made.records[-1].cpu_seconds = 3.0
    assert list(every_method(read_run(made.write()))["cpu_seconds"]) == [3.0]


def test_what_went_wrong_stands_before_what_was_refused(run):
    assert troubles(run).to_dict("records") == [
        {
            "method": "mlp",
            "status": "failed",
            "trial": None,
            "reasons": (CellReason("ValueError: no luck"),),
            "problems": "made-up",
            "cells": 1,
        },
        {
            "method": "dtw-1nn",
            "status": "unsupported",
            "trial": None,
            "reasons": (CellReason("unequal lengths"),),
            "problems": "made-up",
            "cells": 1,
        },
    ]


def test_a_run_whose_only_recurrent_method_failed_still_has_its_table(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("rnn", [], status="failed", reason="no luck")
    run = read_run(made.write())
    (row,) = comparison(run).to_dict("records")
    assert (row["recurrent"], row["verdict"]) == (None, LiftVerdict.NOT_COMPARED)
    assert row["reasons"] == (reason(ReasonCode.NO_RECURRENT_SCORE),)
    stream = io.StringIO()
    show(run, Console(file=stream, width=120), Messages())
    assert "failed" in stream.getvalue()


def test_a_learned_recurrence_of_another_family_does_not_take_the_column_of_the_recurrent_one(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("rnn", right(30), validation={"log_loss": 0.3})
    made.cell("lstm", right(35), validation={"log_loss": 0.1}, family="attention")
    (row,) = comparison(read_run(made.write())).to_dict("records")
    assert (row["recurrent"], row["attention"], row["lift_recurrent"]) == ("rnn", "lstm", "lstm")


def test_methods_are_ordered_by_a_metric_that_all_of_them_have(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("dtw-1nn", right(30), validation={"accuracy": 0.8})
    made.cell("mlp", right(30), validation={"accuracy": 0.9, "log_loss": 0.5})
    made.cell("rnn", right(30), validation={"accuracy": 0.7, "log_loss": 0.1})
    table = every_method(read_run(made.write()))
    assert list(table["method"]) == ["mlp", "dtw-1nn", "rnn"]
    assert list(zip(table["validation_metric"], table["validation"], strict=True)) == [
        ("accuracy", 0.9),
        ("accuracy", 0.8),
        ("accuracy", 0.7),
    ]


def test_methods_of_equal_accuracy_are_ordered_by_log_loss_and_the_best_stands_first(tmp_path):
    made = MadeUp(tmp_path, selectors=["accuracy", "log_loss"])
    made.cell("dtw-1nn", right(30), validation={"accuracy": 0.9})
    made.cell("mlp", right(30), validation={"accuracy": 0.9, "log_loss": 0.5})
    made.cell("rnn", right(30), validation={"accuracy": 0.9, "log_loss": 0.1})
    made.cell("cnn", right(30), validation={"accuracy": 0.8, "log_loss": 0.05})
    run = read_run(made.write())
    table = every_method(run)
    assert list(table["method"]) == ["rnn", "mlp", "dtw-1nn", "cnn"]
    assert set(table["validation_metric"]) == {"accuracy"}
    assert comparison(run).iloc[0]["recurrent_by"] == "accuracy"


def test_a_method_without_validation_stands_below_those_that_are_ordered(tmp_path):
    made = MadeUp(tmp_path).cell("cnn", right(39))
    made.cell("mlp", right(30), validation={"log_loss": 0.5}).cell(
        "rnn", right(30), validation={"log_loss": 0.1}
    )
    table = every_method(read_run(made.write()))
    assert list(table["method"]) == ["rnn", "mlp", "cnn"]
    assert list(table["validation_metric"]) == ["log_loss", "log_loss", ""]


def test_methods_without_a_metric_in_common_each_show_their_own(tmp_path):
    made = MadeUp(tmp_path).cell("dtw-1nn", right(30), validation={"accuracy": 0.8})
    made.cell("mlp", right(30), validation={"log_loss": 0.5})
    table = every_method(read_run(made.write()))
    assert dict(zip(table["method"], table["validation_metric"], strict=True)) == {
        "dtw-1nn": "accuracy",
        "mlp": "log_loss",
    }


def test_examples_that_no_mean_holds_are_said_to_be_left_out(tmp_path):
    causes = {
        "now": [(2, ReasonCode.CONSTANT_HISTORY), (1, ReasonCode.SHORT_HISTORY)],
        "of an older run": [(3, ReasonCode.NO_SCALE)],
    }
    for folder, counted in causes.items():
        facts = {"no_scale": {"constant": 2, "short": 1}} if folder == "now" else {}
        made = MadeUp(tmp_path / folder, metric="mase", higher_is_better=False, selectors=["mase"], **facts)
        made.cell("mlp", np.ones(40), scores={"mase": 1.0, "mase_undefined": 3.0})
        rows = troubles(read_run(made.write())).to_dict("records")
        assert {(row["status"], row["problems"]) for row in rows} == {(WarningStatus.LEFT_OUT, "made-up")}
        assert [row["reasons"][:2] for row in rows] == [
            (reason(ReasonCode.MASE_UNDEFINED_ON, n=n), reason(cause)) for n, cause in counted
        ]


def test_a_cell_without_a_score_names_the_cause_and_the_scores_it_has(tmp_path):
    made = MadeUp(tmp_path, metric="mase", higher_is_better=False, n_test=3, no_scale={"seasonal": 3})
    made.cell("mlp", [], score=float("nan"), scores={"mase": float("nan"), "mase_undefined": 3.0, "mae": 0.0})
    (row,) = troubles(read_run(made.write())).to_dict("records")
    assert (row["method"], row["status"]) == ("mlp", WarningStatus.UNDEFINED)
    assert [each.code for each in row["reasons"]] == [
        ReasonCode.MASE_UNDEFINED,
        ReasonCode.SEASONAL_HISTORY,
        ReasonCode.OTHER_METRICS,
    ]


def test_one_reason_on_many_problems_is_one_row(tmp_path):
    made = MadeUp(tmp_path)
    for name in ("one", "two"):
        for seed in range(2):
            made.cell("mlp", [], problem=name, seed=seed, status="failed", reason="no luck")
    (row,) = troubles(read_run(made.write())).to_dict("records")
    assert (row["problems"], row["cells"]) == ("one, two", 4)


def test_a_score_that_is_undefined_is_said_to_be(tmp_path):
    made = MadeUp(tmp_path).cell("mlp", [np.nan], score=None)
    (row,) = troubles(read_run(made.write())).to_dict("records")
    assert row["status"] == WarningStatus.UNDEFINED
    assert row["reasons"] == (reason(ReasonCode.UNDEFINED_SCORE),)


@pytest.mark.parametrize("scored", [False, True])
def test_where_no_family_has_anything_to_show_there_is_no_table_of_families(tmp_path, scored):
    made = MadeUp(tmp_path, metric="mase", kind="forecasting")
    made.cell("most-common", [], score=float("nan"), scores={"mase": float("nan")})
    if scored:
        made.cell("mlp", right(20), validation={"mase": 0.5}, problem="other")
    run, stream = read_run(made.write()), io.StringIO()
    show(run, Console(file=stream, width=200), Messages(), every=False)
    assert ("forecasting: best" in stream.getvalue()) == scored
    assert "made-up" in stream.getvalue()
    assert ("| problem | metric |" in markdown(run, Messages())) == scored


def test_a_verdict_whose_pool_has_a_cell_that_met_a_limit_says_so(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("rnn", right(38), validation={"log_loss": 0.3}).cell("mlp", [], status="timeout", reason="slow")
    (row,) = comparison(read_run(made.write())).to_dict("records")
    assert row["reasons"][-1] == reason(ReasonCode.FITS_LIMITED, n=1)


def test_the_levels_of_a_probe_are_averaged_over_its_draws(tmp_path):
    made = MadeUp(tmp_path, constant=0.5, best=0.9)
    for seed in range(2):
        made.cell("rnn", right(30), data_seed=seed)
    (row,) = comparison(read_run(made.write())).to_dict("records")
    assert (row["constant"], row["best_possible"], row["memoryless"]) == (0.5, 0.9, None)


def test_a_problem_that_was_never_built_has_a_row_and_a_reason(tmp_path):
    made = MadeUp(tmp_path).cell("mlp", [], status="failed", reason="the dataset cannot be built")
    made.draws.clear()
    table = comparison(read_run(made.write()))
    assert list(table["reasons"]) == [(reason(ReasonCode.PROBLEM_NOT_BUILT),)]


def test_a_file_of_ones_own_goes_by_its_bare_name():
    assert (
        label("csv", {"path": "somewhere/my sales.csv"}, "csv[path=somewhere/my sales.csv]") == "my sales.csv"
    )
    assert label("csv", {"path": "my sales.csv", "frequency": "monthly"}, "") == "my sales.csv monthly"
    assert label("own-classes", {"path": "there/a_TRAIN.ts"}, "own-classes[...]") == "a_TRAIN.ts"
    assert label("parity", {"modulus": 3}, "parity[modulus=3]") == "parity[modulus=3]"


def test_the_frame_survives_csv(run, tmp_path):
    table = comparison(run)
    for_csv(table).to_csv(tmp_path / "table.csv", index=False)
    again = pd.read_csv(tmp_path / "table.csv")
    assert again["lift"][0] == pytest.approx(table["lift"][0])
    assert again["verdict_code"][0] == table["verdict"][0]
    assert again["feedforward_note_codes"][0] == ReasonCode.FITS_FAILED


def test_a_tuned_verdict_says_how_many_fits_each_side_was_chosen_from_where_they_differ(tmp_path):
    def table(folder, *others, trial=1):
        made = MadeUp(folder).cell("most-common", right(20), validation={"log_loss": 2.0})
        for seed in range(2):
            made.cell("rnn", right(38), validation={"log_loss": 0.3}, seed=seed)
            made.cell("lstm", right(30), validation={"log_loss": 0.4}, seed=seed)
            for other in others:
                made.cell(other, right(22), validation={"log_loss": 0.5}, seed=seed)
        run = read_run(made.write())
        run.cells["trial"] = trial
        (row,) = comparison(run).to_dict("records")
        return row["fits_recurrent"], row["fits_other"], row["reasons"]

    assert table(tmp_path / "equal", "mlp") == (2, 2, ())
    differ = (reason(ReasonCode.FITS_DIFFER, one=2, other=3),)
    assert table(tmp_path / "more", "mlp", "dtw-1nn") == (2, 3, differ)
    # Untuned, the numbers of methods differ on every problem alike: the columns say so.
    assert table(tmp_path / "plain", "mlp", "dtw-1nn", trial=0) == (2, 3, ())
