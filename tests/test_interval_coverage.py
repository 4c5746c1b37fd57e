"""Coverage and width of stored intervals."""

import pandas as pd
import pytest
from forecast_run import monthly, ran
from recurbench.forecasting import coverage, predictions


def test_coverage_is_the_share_inside_and_width_the_mean_in_the_unit_of_the_data():
    rows = {
        "problem": ["p"] * 4,
        "method": ["m"] * 4,
        "address": ["m"] * 4,
        "stage": ["test"] * 3 + ["validation"],
        "time": [1, 2, 3, 4],
        "actual": [0.0, 5.0, 2.0, 9.0],
        "low_80": [-1.0, 6.0, 1.0, None],
        "high_80": [1.0, 8.0, 2.0, None],
        "quantile_0.1": [-2.0, 4.0, 0.0, 0.0],
        "quantile_0.5": [0.0, 5.0, 2.0, 0.0],
        "quantile_0.9": [2.0, 6.0, 3.0, 0.0],
    }
    conformal, own = coverage(pd.DataFrame(rows)).to_dict("records")
    assert (conformal["intervals"], conformal["level"], conformal["values"]) == ("conformal", 0.8, 3)
    assert conformal["coverage"] == pytest.approx(2 / 3)
    assert conformal["width"] == pytest.approx(5 / 3)
    # One of three values lies 1 outside, which costs 2 / .2.
    assert conformal["interval_score"] == pytest.approx(5 / 3 + 10 / 3)
    assert (own["intervals"], own["level"], own["coverage"]) == ("quantiles", 0.8, 1.0)
    assert own["width"] == pytest.approx(3)


def test_a_missing_true_value_counts_neither_as_inside_nor_as_outside():
    rows = {
        "problem": ["p"] * 3,
        "method": ["m"] * 3,
        "address": ["m"] * 3,
        "stage": ["test"] * 3,
        "time": [1, 2, 3],
        "actual": [0.0, None, 5.0],
        "low_80": [-1.0, -9.0, 6.0],
        "high_80": [1.0, 9.0, 8.0],
    }
    (found,) = coverage(pd.DataFrame(rows)).to_dict("records")
    assert (found["coverage"], found["width"], found["values"]) == (0.5, 2.0, 2)


def test_a_run_that_asked_for_quantiles_has_both_kinds(tmp_path):
    run = ran(tmp_path, ["last-value"], datasets=["airline[quantiles=True]"])
    found = coverage(predictions(run))
    assert set(found["intervals"]) == {"conformal", "quantiles"}
    assert found["coverage"].between(0, 1).all()


def test_each_method_has_a_row_per_level_and_a_table_without_times_has_none(tmp_path):
    run = ran(tmp_path, ["drift"], data=monthly(tmp_path), dials={"horizon": 4, "origins": 3})
    table = predictions(run)
    assert len(coverage(table)) == 4
    assert coverage(table.drop(columns="time")).empty
