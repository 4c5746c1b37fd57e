"""The section of the primary contrasts: the map's rows and the skill of every method behind them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_up import MadeUp
from made_up_pools import CONTRASTS, HELPS, HURTS, empty, fill
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.contrasts import _size, section
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.text.map import HEADER, header
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

DRAWN = Drawn(None, "test")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Section:
    made = empty(tmp_path_factory.mktemp("run"))
    fill(made, "parity", HELPS)
    fill(made, "arma[length=100]", HURTS, failed={"esn[parameters=5000]": 3})
    found = section(read_run(made.write()), Messages(), DRAWN)
    assert found is not None
    return found


def grids(found: Section) -> list[Grid]:
    return [part for part in found.parts if isinstance(part, Grid)]


def test_only_contrasts_that_were_run_have_a_row(shown: Section) -> None:
    main, further = grids(shown)
    assert main.header == header(HEADER, Messages())
    assert [row[0] for row in main.rows] == ["parity (positive)", "arma[length=100] (control)"]
    verdict, prediction = main.rows[0][-2:]
    assert (verdict, prediction) == ("recurrence helps", "hit: recurrence helps (known before)")
    assert len(further.rows) == 2


def test_lifts_and_p_values_sort_as_numbers(shown: Section) -> None:
    main, further = grids(shown)
    assert [HEADER[column] for column in sorted(main.numeric)] == ["L", "L_cut", "C", "p"]
    assert "problem" not in {further.header[column] for column in further.numeric}
    assert len(further.numeric) == len(further.header) - 1


def test_every_method_stands_under_its_problem_the_best_first(shown: Section) -> None:
    parity, _ = grids(shown.within[0])
    assert parity.caption == "parity"
    assert len(parity.rows) == len(CONTRASTS["parity"].pools.methods)
    skills = [float(row[2]) for row in parity.rows]
    assert skills == sorted(skills, reverse=True)
    by_name = {row[0]: row for row in parity.rows}
    assert by_name["gru"][1:5] == ("recurrent", "0.800", "0.007", "0/10")
    assert by_name["gru-state-cut"][1] == "without a state"
    assert by_name["tcn"][1] == "full-context"


@pytest.mark.parametrize(
    ("parameters", "said"), [([84, 84], "84"), ([5034, 5035, 5035], "5035"), ([21, None], "21"), ([None], "")]
)
def test_parameters_are_whole_however_few(parameters: list[int | None], said: str) -> None:
    assert _size(pd.Series(parameters, dtype="Float64")) == said


def test_a_method_that_failed_once_has_no_mean_and_is_named(tmp_path: Path) -> None:
    made = empty(tmp_path)
    failing = next(name for name in CONTRASTS["parity"].pools.besides if name.startswith("esn"))
    fill(made, "parity", HELPS, failed={failing: 3})
    found = section(read_run(made.write(missing=2)), Messages(), DRAWN)
    assert found is not None
    (parity,) = grids(found.within[0])
    (row,) = [row for row in parity.rows if row[0] == "esn"]
    assert row[2:5] == ("", "", "")
    assert parity.notes == (
        "esn: 1 of 10 fits failed or are missing, so no mean is given.",
        "rnn: 2 of 2 fits failed or are missing, so no mean is given.",
    )


def test_a_run_without_contrasts_has_no_such_section(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0)
    made.cell("lstm", [1.0] * 40, problem="toy", seed=0, validation={"accuracy": 1.0})
    assert section(read_run(made.write()), Messages(), DRAWN) is None
