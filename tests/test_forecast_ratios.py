"""Methods over several forecasting problems: geometric means, win rates, intervals, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import MadeUp
from recurbench.packing import pack_units
from recurbench.reports.statistics.forecast_ratios import CLIP, Overall, _methods, overall
from recurbench.reports.statistics.outcomes import ReasonCode
from recurbench.results import read_run

ERRORS = {"seasonal-naive": (2.0, 1.0, 4.0), "theta": (1.0, 2.0, 1.0), "mlp": (2.0, 0.5, 8.0)}


def cell(
    made: MadeUp, problem: str, method: str, error: float, wql: float | None = None, windows: int = 3, **more
) -> None:
    """One forecasting cell whose every window has the same MASE."""
    values = np.full(windows, error)
    scores = {"mase": error, **({} if wql is None else {"wql": wql}), **more.pop("also", {})}
    units = pack_units({"mase": values, "mae": np.ones(windows)}, {"mase": np.ones(windows), "mae": values})
    made.cell(method, values, problem=problem, **{"scores": scores, **more})
    made.records[-1].units = units if made.records[-1].status == "ok" else b""


def made_up(folder: Path) -> MadeUp:
    facts = {
        "metric": "mase",
        "kind": "forecasting",
        "higher_is_better": False,
        "reference": "seasonal-naive",
    }
    return MadeUp(folder, **facts, selectors=["mase", "mae"], source="made up", n_test=3, series=["a"] * 3)


def found(folder: Path, errors: Mapping[str, Sequence[float | None]] = ERRORS, **more) -> Overall:
    made = made_up(folder)
    for method, row in errors.items():
        for place, error in enumerate(row):
            if error is not None:
                cell(made, f"p{place}", method, error, **more)
    answer = overall(read_run(made.write()))
    assert answer is not None
    return answer


def row(answer: Overall, method: str) -> pd.Series:
    return answer.methods.set_index("method").loc[method]


def test_the_mean_of_ratios_is_geometric_and_never_arithmetic(tmp_path: Path) -> None:
    answer = found(tmp_path)
    # Ratios of theta: 1/2, 2 and 1/4; their arithmetic mean .917 would hide a factor.
    assert row(answer, "theta")["ratio_mase"] == pytest.approx((1 / 2 * 2 * 1 / 4) ** (1 / 3))
    assert row(answer, "theta")["skill"] == pytest.approx(1 - 0.25 ** (1 / 3))
    assert row(answer, "seasonal-naive")["skill"] == 0
    assert row(answer, "mlp")["ratio_mase"] == pytest.approx(1)
    assert answer.methods["method"].iloc[0] == "theta"


def test_a_win_rate_counts_ties_half_and_leaves_out_the_method_itself(tmp_path: Path) -> None:
    answer = found(tmp_path)
    # theta wins against both, loses against both, wins against both.
    assert row(answer, "theta")["win_rate"] == pytest.approx(4 / 6)
    assert row(answer, "mlp")["win_rate"] == pytest.approx((0.5 + 2 + 0) / 6)
    assert answer.methods["win_rate"].mean() == pytest.approx(0.5)


def test_one_problem_that_blew_up_counts_no_more_than_a_hundredfold_error(tmp_path: Path) -> None:
    answer = found(tmp_path, {"seasonal-naive": (1.0, 1.0), "theta": (1e9, 1e-9)})
    assert CLIP == (0.01, 100.0)
    assert row(answer, "theta")["ratio_mase"] == pytest.approx(1)


def test_a_method_without_a_score_has_the_error_of_the_baseline_and_is_counted(tmp_path: Path) -> None:
    answer = found(tmp_path, {**ERRORS, "theta": (1.0, None, 1.0)})
    assert row(answer, "theta")["replaced"] == 1
    assert row(answer, "theta")["ratio_mase"] == pytest.approx((1 / 2 * 1 * 1 / 4) ** (1 / 3))
    assert row(answer, "mlp")["replaced"] == 0


def test_a_method_that_failed_on_one_seed_has_no_score_on_that_problem(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for place in range(2):
        cell(made, f"p{place}", "seasonal-naive", 1.0)
        cell(made, f"p{place}", "mlp", 0.5, seed=0)
    cell(made, "p1", "mlp", 0.5, seed=1, status="failed", score=None, scores={})
    answer = overall(read_run(made.write()))
    assert (row(answer, "mlp")["replaced"], row(answer, "mlp")["ratio_mase"]) == (1, pytest.approx(0.5**0.5))


def test_a_score_over_other_windows_than_those_of_the_baseline_is_not_compared(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for place in range(2):
        cell(made, f"p{place}", "seasonal-naive", 1.0)
        cell(made, f"p{place}", "theta", 0.5, windows=3 - place)
    answer = overall(read_run(made.write()))
    assert row(answer, "theta")["replaced"] == 1
    assert answer.windows == 6


def test_problems_without_anything_to_divide_by_are_left_out_with_the_reason(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for place, error in enumerate((1.0, 2.0, 0.0, None, float("nan"))):
        cell(made, f"p{place}", "theta", 1.0)
        cell(made, f"p{place}", "mlp", 1.0)
        if error is not None:
            also = {"mase_undefined": 3.0} if np.isnan(error) else {}
            cell(made, f"p{place}", "seasonal-naive", error, also=also)
    answer = overall(read_run(made.write()))
    assert answer.problems == ("p0", "p1")
    codes = {problem: [each.code for each in why] for problem, why in answer.left_out.items()}
    assert codes["p2"] == [ReasonCode.NO_HEADROOM_OF_REFERENCE]
    assert codes["p3"] == [ReasonCode.REFERENCE_NOT_RUN]
    assert codes["p4"]
    assert (answer.windows, answer.undefined) == (12, 3)


def test_without_the_baseline_every_problem_is_left_out(tmp_path: Path) -> None:
    answer = found(tmp_path, {"theta": (1.0, 2.0), "mlp": (2.0, 1.0)})
    assert not len(answer.methods)
    assert {why[0].code for why in answer.left_out.values()} == {ReasonCode.REFERENCE_NOT_RUN}


def test_wql_is_compared_where_problems_ask_for_quantiles(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    for place, (base, own) in enumerate(((0.2, 0.1), (0.4, 0.4), (None, None))):
        cell(made, f"p{place}", "seasonal-naive", 1.0, base)
        cell(made, f"p{place}", "theta", 0.9, own)
    answer = overall(read_run(made.write()))
    assert answer.with_quantiles == ("p0", "p1")
    assert row(answer, "theta")["ratio_wql"] == pytest.approx(0.5**0.5)


def test_one_problem_or_one_method_has_no_table(tmp_path: Path) -> None:
    made = made_up(tmp_path)
    cell(made, "p0", "seasonal-naive", 1.0)
    cell(made, "p0", "theta", 0.5)
    assert overall(read_run(made.write())) is None


def errors(seed: int, problems: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = np.exp(rng.normal(0, 0.5, size=(problems, 3)))
    return pd.DataFrame(values, [f"p{i}" for i in range(problems)], ["seasonal-naive", "a", "b"])


def table(mase: pd.DataFrame, of: int = 1) -> pd.DataFrame:
    """The rows of these errors, where every `of` neighbouring problems are one data set."""
    sets = {problem: f"s{i // of}" for i, problem in enumerate(mase.index)}
    return _methods(mase, mase.iloc[:0], sets).set_index("method")


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.floats(1e-6, 1e6), min_size=12, max_size=12))
def test_the_unit_of_a_problem_changes_nothing(seed: int, units: list[float]) -> None:
    one = errors(seed)
    pd.testing.assert_frame_equal(table(one), table(one.mul(units, axis=0)), check_exact=False, rtol=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_a_ratio_turned_round_is_one_over_it(seed: int) -> None:
    one = errors(seed)
    turned = one.rename(columns={"seasonal-naive": "a", "a": "seasonal-naive"})
    assert table(turned).loc["a", "ratio_mase"] == pytest.approx(1 / table(one).loc["a", "ratio_mase"])


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_intervals_hold_their_mean_and_are_wider_over_fewer_data_sets(seed: int) -> None:
    one = table(errors(seed, 24))
    for name in ("skill", "win_rate", "ratio_mase"):
        assert (one[f"{name}_low"] <= one[name] + 1e-12).all()
        assert (one[name] <= one[f"{name}_high"] + 1e-12).all()
    assert one.loc["seasonal-naive", ["skill_low", "skill_high"]].tolist() == [0, 0]


def test_problems_of_one_data_set_are_drawn_together() -> None:
    twice = pd.concat([errors(0, 12)] * 2).sort_index(kind="stable")
    twice.index = [f"p{i:02d}" for i in range(24)]
    apart, together = table(twice), table(twice, of=2)
    wide = together.loc["a", "skill_high"] - together.loc["a", "skill_low"]
    assert wide > 1.2 * (apart.loc["a", "skill_high"] - apart.loc["a", "skill_low"])
    assert together.loc["a", "skill"] == pytest.approx(apart.loc["a", "skill"])


def test_fewer_than_ten_data_sets_have_no_interval() -> None:
    assert table(errors(0, 9))["skill_low"].isna().all()
    assert table(errors(0, 18), of=2)["skill_low"].isna().all()
    assert table(errors(0, 10))["skill_low"].notna().all()
