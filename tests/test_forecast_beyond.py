"""Forecasts beyond the end of the data: which method, what is fitted, stamps, intervals and refusals."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from forecast_run import monthly, ran
from recurbench.cli.main import main
from recurbench.forecasting import forecast, predictions
from recurbench.forecasting.beyond import Question, compute, prepare
from recurbench.forecasting.picture import PANELS, picture
from recurbench.registry import discover, load

H = 4
DIALS = {"horizon": H, "origins": 6}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A run on two series."""
    folder = tmp_path_factory.mktemp("two")
    file = monthly(folder, ("north", "south"))
    return ran(folder, ["seasonal-naive", "drift"], data=file, dials=DIALS), pd.read_csv(file)


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    """A run with a covariate known ahead."""
    folder = tmp_path_factory.mktemp("priced")
    file = monthly(folder, price=True)
    return ran(folder, ["last-value"], data=file, dials={**DIALS, "ahead": ("price",)})


def test_the_method_that_validation_chose_forecasts_from_the_last_row(two):
    run, table = two
    found = forecast(run)
    assert list(found) == ["series", "time", "step", "forecast", "low_80", "high_80", "low_95", "high_95"]
    for name, rows in found.groupby("series"):
        known = table.loc[table["unique_id"] == name, "y"].to_numpy()
        assert rows["forecast"].tolist() == pytest.approx(known[-12 : -12 + H])
        assert rows["step"].tolist() == [1, 2, 3, 4]
        assert rows["time"].dt.strftime("%Y-%m-%d").tolist() == [
            "2021-01-31",
            "2021-02-28",
            "2021-03-31",
            "2021-04-30",
        ]
    assert found.attrs["opening"].startswith("seasonal-naive (chosen on validation by MASE)")


def test_the_named_method_is_fitted_on_every_row(two):
    run, table = two
    found = forecast(run, method="drift", steps=2)
    known = table.loc[table["unique_id"] == "south", "y"].to_numpy()
    slope = (known[-1] - known[0]) / (len(known) - 1)
    mine = found.loc[found["series"] == "south", "forecast"]
    assert mine.tolist() == pytest.approx([known[-1] + slope, known[-1] + 2 * slope])


def test_intervals_are_symmetric_nested_and_on_the_scale_of_their_series(two):
    found = forecast(two[0])
    for level in (80, 95):
        low, high = found[f"low_{level}"], found[f"high_{level}"]
        assert (high - found["forecast"]).tolist() == pytest.approx((found["forecast"] - low).tolist())
    assert (found["low_95"] <= found["low_80"]).all()
    width = (found["high_80"] - found["low_80"]).groupby(found["series"]).mean()
    assert 8 < width["south"] / width["north"] < 12


def test_a_line_has_intervals_as_wide_as_the_error_of_the_last_value(tmp_path):
    days = pd.date_range("2020-01-01", periods=120, freq="D").strftime("%Y-%m-%d")
    file = tmp_path / "line.csv"
    pd.DataFrame({"unique_id": "a", "ds": days, "y": np.arange(120.0)}).to_csv(file, index=False)
    run = ran(tmp_path, ["last-value"], data=file, dials={"horizon": 3, "origins": 20, "period": 1})
    found = forecast(run, method="last-value", level=(0.9,))
    assert (found["high_90"] - found["forecast"]).tolist() == pytest.approx([1, 2, 3])
    assert not any("are needed for each step" in note for note in found.attrs["notes"])


def test_few_held_out_forecasts_and_the_coverage_on_test_are_said(two):
    run = two[0]
    notes = forecast(run, level=(0.8, 0.99)).attrs["notes"]
    assert any("held-out forecasts; 99 are needed" in note for note in notes)
    assert not any(note.startswith("80 % intervals rest on") for note in notes)
    table = predictions(run)
    test = table[(table["stage"] == "test") & (table["method"] == "seasonal-naive")]
    inside = test["actual"].between(test["low_80"], test["high_80"])
    assert any(
        note.startswith("80 %")
        and f"of {len(test)} test values" in note
        and f"alone they covered {100 * inside.mean():.0f} %" in note
        for note in notes
    )


def test_series_too_short_for_a_validation_window_are_counted_and_forecast_all_the_same(tmp_path):
    run = ran(tmp_path, ["drift"], datasets=["m1-yearly"])
    # Six years are asked. Before the test part a window needs 6 to fit on, 12 of history and at least 3.
    lengths = [len(x) + 6 for x in load(discover().select_datasets(["m1-yearly"])[0].plugin)().train.x]
    short = sum(length < 21 for length in lengths)
    assert 0 < short < len(lengths) == 181
    found = forecast(run)
    said = f"in {181 - short} of 181 series ({short} too short)."
    assert any(note.startswith("Validation, whose") and note.endswith(said) for note in found.attrs["notes"])
    assert found["series"].nunique() == 181


def test_steps_beyond_the_horizon_come_from_forecasts_and_have_no_interval(two):
    found = forecast(two[0], method="drift", steps=6)
    mine = found[found["series"] == "north"]
    assert len(mine) == 6
    assert np.diff(mine["forecast"]).tolist() == pytest.approx([np.diff(mine["forecast"])[0]] * 5, rel=1e-2)
    assert mine["low_80"].isna().tolist() == [False] * H + [True] * 2
    assert any("Steps after 4" in note for note in found.attrs["notes"])


@pytest.mark.long
def test_several_seeds_are_averaged(tmp_path):
    run = ran(tmp_path, ["esn[units=20]"], seeds=2, data=monthly(tmp_path), dials=DIALS)
    prepared = prepare(run, Question(method="esn"))
    assert [fit.chosen.seed for fit in prepared.fits] == [0, 1]
    assert "mean of the seeds 0, 1" in prepared.opening
    both = compute(prepared).frame["forecast"].to_numpy()
    alone = [
        compute(replace(prepared, fits=prepared.fits[i : i + 1])).frame["forecast"].to_numpy()
        for i in range(2)
    ]
    assert np.abs(alone[0] - alone[1]).max() > 0
    assert both == pytest.approx(np.mean(alone, axis=0))


def test_quantiles_that_the_run_asked_for_stand_beside_the_intervals(tmp_path):
    run = ran(tmp_path, ["last-value"], datasets=["airline[quantiles=True]"])
    found = forecast(run, method="last-value")
    assert (found["quantile_0.5"] == found["forecast"]).all()
    assert (found["quantile_0.1"] < found["quantile_0.9"]).all()
    assert "quantile_0.9" in predictions(run)


def test_several_targets_without_time_stamps_are_named_and_numbered(tmp_path):
    plugin = tmp_path / "pair.py"
    plugin.write_text(
        "import numpy as np\n"
        "from recurbench import About, Problem, Split, Task, Values, dataset\n"
        '@dataset("pair", kind="forecasting")\n'
        "def pair():\n"
        '    """Two lines."""\n'
        "    line = np.arange(60.0)[:, None] * np.array([1, 2])\n"
        "    def ask(*ends):\n"
        "        x, y = [line[:e] for e in ends], [line[e : e + 3] for e in ends]\n"
        '        return Split(x, y, series=["s"] * len(ends))\n'
        '    both = Values(2, names=("one", "two"))\n'
        '    words = dict.fromkeys(("source", "licence", "protocol"), "made up")\n'
        '    about = About(**words, reference="last-value", metric="mae")\n'
        '    return Problem(Task("forecasting", both, both, "fixed", 3), ask(45), ask(51, 54, 57), about)\n'
    )
    run = ran(tmp_path, ["drift"], datasets=["pair"], plugins=[plugin])
    found = forecast(run, method="drift", plugins=[plugin])
    assert found["target"].tolist() == ["one"] * 3 + ["two"] * 3
    assert found["forecast"].tolist() == pytest.approx([60, 61, 62, 120, 122, 124])
    assert found["time"].tolist() == [61, 62, 63] * 2
    stored = predictions(run, plugins=[plugin])
    test = stored[(stored["method"] == "drift") & (stored["stage"] == "test")]
    assert (test["actual"] - test["predicted"]).abs().max() < 1e-9
    assert test.loc[test["target"] == "two", "actual"].tolist() == list(range(102, 120, 2))


def test_values_known_ahead_are_taken_from_the_file(priced, tmp_path):
    with pytest.raises(ValueError, match=r"price: their future values are needed.*next 4 rows"):
        forecast(priced)
    file = tmp_path / "future.csv"
    pd.DataFrame({"price": [1.0, 2.0, 3.0, 4.0]}).to_csv(file, index=False)
    assert len(forecast(priced, ahead=file)) == H
    file.write_text("price;note\n1,0;a\n2,0;b\n3,0;c\n4,0;d\n")
    prepared = prepare(priced, Question(ahead=file))
    assert prepared.ahead[0][:, 0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cost\n1\n2\n3\n4\n", "no column price; .*add a column for each covariate"),
        ("price\n1\n2\n", "has 2 rows of numbers; give 4"),
        ("price\n1\n2\nx\n4\n", "has 3 rows of numbers; give 4"),
    ],
)
def test_a_table_of_future_values_that_lacks_something_is_refused_in_words(priced, tmp_path, text, says):
    file = tmp_path / "future.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=says):
        forecast(priced, ahead=file)


def test_future_values_of_several_series_are_told_apart_by_name(tmp_path):
    file = monthly(tmp_path, ("a", "b"), price=True)
    run = ran(tmp_path, ["last-value"], data=file, dials={**DIALS, "ahead": ("price",)})
    future = tmp_path / "future.csv"
    rows = pd.DataFrame({"shop": ["b"] * 4 + ["a"] * 4, "price": [5, 6, 7, 8, 1, 2, 3, 4]})
    rows.to_csv(future, index=False)
    prepared = prepare(run, Question(ahead=future))
    assert [values[:, 0].tolist() for values in prepared.ahead] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    rows[:4].to_csv(future, index=False)
    with pytest.raises(ValueError, match="no row of series a; add a column that names the series"):
        prepare(run, Question(ahead=future))


def test_what_cannot_be_forecast_is_refused_in_words(two, tmp_path):
    run = two[0]
    with pytest.raises(ValueError, match="--steps is 0; give at least 1"):
        forecast(run, steps=0)
    with pytest.raises(ValueError, match="level is 95; give shares between 0 and 1"):
        forecast(run, level=(95,))
    with pytest.raises(ValueError, match="no covariates known ahead; leave --ahead out"):
        forecast(run, ahead=tmp_path / "none.csv")
    with pytest.raises(ValueError, match="'lstm'"):
        forecast(run, method="lstm")


def test_covariates_of_the_past_are_known_up_to_the_last_step_but_one(tmp_path):
    file = monthly(tmp_path, price=True)
    run = ran(tmp_path, ["last-value"], data=file, dials=DIALS)
    prepared = prepare(run, Question(method="last-value", steps=6))
    (one,) = prepared.series
    table = pd.read_csv(file)
    assert one.values[:, 0].tolist() == table["y"].tolist()
    assert one.values[:-1, 1].tolist() == table["price"].tolist()[:-1]
    assert one.values[-1, 1] == one.values[-2, 1]
    assert any("price" in note for note in prepared.notes)
    assert compute(prepared).frame["forecast"].tolist() == [table["y"].iloc[-1]] * 6


def test_covariates_that_end_early_are_refused_where_no_setting_moves_the_last_origin(tmp_path):
    plugin = tmp_path / "short.py"
    plugin.write_text(
        "import numpy as np\n"
        "from recurbench import About, Problem, Split, Task, Values, dataset\n"
        '@dataset("short", kind="forecasting")\n'
        "def short():\n"
        '    """A line and a covariate."""\n'
        "    line = np.arange(60.0)[:, None] * np.array([1, 2])\n"
        "    def ask(*ends):\n"
        "        x, y = [line[:e] for e in ends], [line[e : e + 3, :1] for e in ends]\n"
        '        return Split(x, y, series=["s"] * len(ends))\n'
        '    words = dict.fromkeys(("source", "licence", "protocol"), "made up")\n'
        '    about = About(**words, reference="last-value", metric="mae")\n'
        '    task = Task("forecasting", Values(2, names=("a", "b")), Values(1), "fixed", 3)\n'
        "    return Problem(task, ask(45), ask(51, 54, 57), about)\n"
    )
    run = ran(tmp_path, ["last-value"], datasets=["short"], plugins=[plugin])
    with pytest.raises(
        ValueError, match=r"covariates b are not known .*; run again without these covariates"
    ):
        forecast(run, method="last-value", plugins=[plugin])


def test_data_that_changed_or_are_gone_are_refused(tmp_path):
    file = monthly(tmp_path)
    run = ran(tmp_path, ["last-value"], data=file, dials=DIALS)
    text = file.read_text()
    file.write_text(text.replace("2015-01-31,5", "2015-01-31,6"))
    for call in (forecast, predictions):
        with pytest.raises(ValueError, match="differ from those of the run"):
            call(run)
    file.unlink()
    for call in (forecast, predictions):
        with pytest.raises(ValueError, match="the data file of the run is not there; put it back"):
            call(run)
    file.write_text(text)
    assert len(forecast(run, method="last-value")) == H


def test_a_method_that_fails_or_answers_nan_is_said_with_the_remedy(tmp_path):
    plugin = tmp_path / "own.py"
    plugin.write_text(
        "from recurbench import method\n"
        '@method("own", family="baseline", kinds={"forecasting"})\n'
        "def own(task, train):\n"
        '    """Fail on more rows."""\n'
        "    import numpy as np\n"
        "    if max(map(len, train.x)) > 60:\n"
        '        raise RuntimeError("too long")\n'
        "    return lambda split: [np.repeat(x[-1:], task.steps, axis=0) for x in split.x]\n"
        '@method("gap", family="baseline", kinds={"forecasting"})\n'
        "def gap(task, train):\n"
        '    """Answer NaN on more rows."""\n'
        "    import numpy as np\n"
        "    bad = np.nan if max(map(len, train.x)) > 60 else 1.0\n"
        "    return lambda split: [bad * np.repeat(x[-1:], task.steps, axis=0) for x in split.x]\n"
    )
    file = monthly(tmp_path)
    run = ran(tmp_path, ["own", "gap"], data=file, dials=DIALS, plugins=[plugin])
    with pytest.raises(ValueError, match=r"own cannot be fitted .*too long.*; name another with --method"):
        forecast(run, method="own", plugins=[plugin])
    with pytest.raises(ValueError, match="gap forecasts NaN or infinite values; name another with --method"):
        forecast(run, method="gap", plugins=[plugin])
    with pytest.raises(ValueError, match="not installed; give its file with --plugin"):
        forecast(run, method="own")


def test_the_command_writes_the_table_the_picture_and_the_recipe(two):
    run = two[0]
    result = CliRunner().invoke(main, ["forecast", str(run), "--steps", "2", "--level", "90"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith(
        "seasonal-naive (chosen on validation by MASE) is fitted again on 2 series, 144"
    )
    written = pd.read_csv(run / "report" / "forecast.csv")
    assert list(written) == ["series", "time", "step", "forecast", "low_90", "high_90"]
    assert "<svg" in (run / "report" / "forecast.svg").read_text()
    made = json.loads((run / "report" / "forecast.json").read_text())
    assert made["method"]["address"] == "seasonal-naive"
    assert len(made["data"]["sha256"][0]) == 64
    assert made["series"]["south"] == {"rows": 72, "last": made["series"]["north"]["last"]}
    assert made["command"].endswith("--method seasonal-naive --steps 2 --level 90")


def test_the_command_writes_elsewhere_when_asked_and_refuses_a_level_that_is_none(two, tmp_path):
    place = tmp_path / "own.csv"
    result = CliRunner().invoke(main, ["forecast", str(two[0]), "--output", str(place)])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.csv", "own.json", "own.svg"]
    result = CliRunner().invoke(main, ["forecast", str(two[0]), "--output", str(tmp_path / "own.json")])
    assert (result.exit_code, "ends in .csv" in result.output) == (2, True)
    for level in ("0.95x", "120", "0", "0.95"):
        assert CliRunner().invoke(main, ["forecast", str(two[0]), "--level", level]).exit_code == 2


def test_a_run_on_cases_is_refused_and_predict_is_named(tmp_path):
    run = ran(tmp_path, ["mean"], datasets=["diabetes"])
    with pytest.raises(ValueError, match=r"no forecasting problem, .*: recurbench predict .* --data FILE"):
        forecast(run)


@pytest.mark.long
def test_intervals_beyond_the_end_cover_what_comes_near_their_level(tmp_path):
    """Random walks: the last value is the best forecast, and the walk beyond the end of the file is known."""
    rng = np.random.default_rng(3)
    walks = {f"w{i}": np.cumsum(rng.normal(size=90)) * 10.0 ** (i % 3) for i in range(60)}
    days = pd.date_range("2024-01-01", periods=90, freq="D")
    tables = [
        pd.DataFrame({"unique_id": name, "ds": days[:84].strftime("%Y-%m-%d"), "y": walk[:84].round(6)})
        for name, walk in walks.items()
    ]
    file = tmp_path / "walks.csv"
    pd.concat(tables).to_csv(file, index=False)
    run = ran(tmp_path, ["last-value"], data=file, dials={"horizon": 6, "origins": 4, "period": 1})
    found = forecast(run, method="last-value")
    truth = np.array(
        [walks[name][84 + step - 1] for name, step in zip(found["series"], found["step"], strict=True)]
    )
    shares = {
        level: np.mean((truth >= found[f"low_{level}"]) & (truth <= found[f"high_{level}"]))
        for level in (80, 95)
    }
    assert shares[80] == pytest.approx(0.8, abs=0.08)
    assert shares[95] == pytest.approx(0.95, abs=0.04)


def test_the_picture_has_a_panel_for_each_of_the_first_series(two, tmp_path):
    assert len(picture(compute(prepare(two[0], Question()))).axes) == 2
    names = [f"s{i}" for i in range(PANELS + 2)]
    run = ran(tmp_path, ["drift"], data=monthly(tmp_path, names), dials=DIALS)
    drawn = picture(compute(prepare(run, Question(method="drift"))))
    assert len(drawn.axes) == PANELS
    assert drawn.axes[-1].get_xlabel() == f"the first {PANELS} of {PANELS + 2}; all are in the table"
