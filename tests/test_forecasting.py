"""The bundled series to forecast: sizes, known values, origins and time stamps."""

from __future__ import annotations

import numpy as np
import pytest
from recurbench import Problem
from recurbench.datasets import forecasting

# name: steps, channels, targets, first and last value of the first target, first and last month.
FACTS = {
    "co2": (526, 1, 1, 316.1, 371.02, "1958-03", "2001-12"),
    "sunspots": (309, 1, 1, 5.0, 2.9, "1700-01", "2008-01"),
    "elnino": (732, 1, 1, 23.11, 22.07, "1950-01", "2010-12"),
    "airline": (144, 1, 1, 112.0, 432.0, "1949-01", "1960-12"),
    "nile": (100, 1, 1, 1120.0, 740.0, "1871-01", "1970-01"),
    "elec_equip": (257, 1, 1, 66.19, 97.86, "1995-01", "2016-05"),
    "lynx": (114, 1, 1, 269.0, 3396.0, "1821-01", "1934-01"),
    "macrodata": (203, 11, 3, 2710.349, 12990.341, "1959-01", "2009-07"),
}


@pytest.fixture(scope="module")
def problems() -> dict[str, Problem]:
    return {name: getattr(forecasting, name)() for name in FACTS}


@pytest.mark.parametrize("name", FACTS)
def test_the_last_test_origin_and_its_answer_are_the_whole_series(problems, name):
    steps, channels, targets, first, last, start, end = FACTS[name]
    task, test = problems[name].task, problems[name].test
    assert (task.x.size, task.y.size) == (channels, targets)
    assert len(test.x[-1]) + len(test.y[-1]) == steps == len(test.time[-1])
    assert test.x[-1][0, 0] == first
    assert test.y[-1][-1, 0] == pytest.approx(last)
    months = test.time[-1].astype("datetime64[M]")
    assert (str(months[0]), str(months[-1])) == (start, end)
    assert np.isfinite(test.x[-1]).all()
    assert len(set(np.diff(months.astype(int)))) == 1


@pytest.mark.parametrize("name", FACTS)
def test_origins_are_one_horizon_apart_and_training_ends_at_the_first(problems, name):
    task, train, test = problems[name].task, problems[name].train, problems[name].test
    origins = [len(x) for x in test.x]
    assert len(origins) >= 5
    assert set(np.diff(origins)) == {task.steps}
    assert len(train.x[0]) + len(train.y[0]) == origins[0]
    assert set(test.series) == {name.replace("_", "-")} == set(train.series)
    assert all(y.shape == (task.steps, task.y.size) for y in (*train.y, *test.y))
    assert problems[name].valid is None


def test_co2_has_no_filled_month_outside_training(problems):
    values = problems["co2"].train.x[0][:, 0]
    # June 1958 lies between the means of May and July.
    assert values[3] == pytest.approx((values[2] + values[4]) / 2)
    assert values[70] < values[71] < values[72] < values[73] < values[74]
    with pytest.raises(ValueError, match="lower the horizon to 11, or lower the origins to 36"):
        forecasting.co2(origins=38)


def test_nothing_macroeconomic_is_known_ahead(problems):
    task, test = problems["macrodata"].task, problems["macrodata"].test
    assert len(test.ahead) == 0
    assert task.x.names[:3] == task.y.names == ("realgdp", "unemp", "infl")
    assert "realint" not in task.x.names


def test_periods_are_given_only_where_there_is_a_season(problems):
    periods = {name: problem.task.period for name, problem in problems.items()}
    assert periods == {"co2": 12, "elnino": 12, "airline": 12, "elec_equip": 12} | dict.fromkeys(
        ("sunspots", "macrodata", "nile", "lynx")
    )


def test_airline_is_the_series_of_box_and_jenkins(problems):
    values = np.concatenate([problems["airline"].test.x[-1], problems["airline"].test.y[-1]])
    assert values.sum() == 40363
    assert values.max() == 622


def test_horizon_and_origins_are_dials():
    problem = forecasting.airline(horizon=6, origins=3)
    assert problem.task.steps == 6
    assert [len(x) for x in problem.test.x] == [126, 132, 138]
    assert "3 test origins, 6 steps apart" in problem.about.protocol


@pytest.mark.parametrize("name", FACTS)
def test_about_is_filled(problems, name):
    about = problems[name].about
    assert about.reference == "seasonal-naive"
    assert about.metric == "mase"
    assert about.licence
    assert len(about.version.split("sha256 ")[1]) == 64


@pytest.mark.parametrize("name", FACTS)
def test_quantiles_are_a_dial_and_then_the_table_shows_their_loss(name):
    problem = getattr(forecasting, name)(quantiles=True)
    assert problem.task.quantiles == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    assert problem.about.metric == "pinball"
    assert getattr(forecasting, name)().task.quantiles == ()
