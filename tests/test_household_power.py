"""One household's daily power."""

from __future__ import annotations

import os

import numpy as np
from recurbench import catalogue
from recurbench.datasets.household_power import household_power


def test_the_target_stands_first_and_the_days_that_are_not_whole_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "household-power").mkdir()
    days = np.datetime64("2007-01-01") + np.arange(40)
    rows = "\n".join(f"{day},{2 * i},{i}" for i, day in enumerate(days))
    path = tmp_path / "household-power" / "household_power_consumption_days.csv"
    path.write_text(f"datetime,Voltage,Global_active_power\n{rows}\n")
    problem = household_power(horizon=3, origins=2)
    assert problem.task.x.names == ("Global_active_power", "Voltage")
    assert len(problem.test.ahead) == 0
    assert problem.test.x[0][0].tolist() == [1, 2]
    assert problem.test.y[-1].tolist() == [[36], [37], [38]]
    assert str(problem.test.time[-1][-1].astype("datetime64[D]")) == "2007-02-08"


def test_the_real_file_has_its_known_size(real):
    problem = household_power()
    assert problem.task.x.size == 8
    assert len(problem.test) == 46
    assert len(problem.test.x[-1]) + 7 == 1442 - 2
    assert str(problem.test.time[0][0].astype("datetime64[D]")) == "2006-12-17"
    assert str(problem.test.time[-1][-1].astype("datetime64[D]")) == "2010-11-25"
    assert all(np.isfinite(x).all() for x in problem.test.x)
