"""The dials as a user meets them: crossings in words, what is missing by name, never a mean over values."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from made_up_dials import empty
from recurbench.cli.main import main
from recurbench.reports.statistics.crossover import Crossing
from recurbench.reports.statistics.dial_lifts import Turned, turned
from recurbench.reports.text.dial_lifts import crossing_text, markdown
from recurbench.results import read_run
from test_dial_lifts import LIFTS, lagged

NAN = math.nan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lifts = {value: lift for value, lift in LIFTS.items() if value != 40}
    return lagged(empty(tmp_path_factory.mktemp("run"), role="crossover"), lifts).write()


@pytest.fixture(scope="module")
def found(folder: Path) -> Turned:
    (one,) = turned(read_run(folder))
    return one


def said(found: Turned, one: Crossing) -> str:
    return crossing_text(found, "difference = 0", one)


def test_crossings_are_said_in_words(found: Turned) -> None:
    assert said(found, Crossing((10.0,), 8.0, 12.34, 0.0, 0.0, True)) == (
        "difference = 0: at 10 [8, 12.3]; 0% of resamples without one"
    )
    assert said(found, Crossing((10.0,), -math.inf, math.inf, 0.4, 0.0, True)) == (
        "difference = 0: at 10 [below 2, above 20]; 40% of resamples without one"
    )
    assert said(found, Crossing((), NAN, NAN, 0.75, 0.0, False)) == (
        "difference = 0: no crossing in 2..20, below throughout; 25% of resamples cross"
    )
    assert said(found, Crossing((3.0, 9.0), NAN, NAN, 0.1, 0.5, True)) == (
        "difference = 0: crosses twice, at 3 and 9; 10% of resamples without one"
    )
    assert "crosses 3 times, at 3 and 4 and 9" in said(found, Crossing((3.0, 4.0, 9.0), NAN, NAN, 0, 0, True))
    assert said(found, Crossing((10.0,), NAN, NAN, NAN, NAN, True)) == (
        "difference = 0: at 10, no interval with fewer than 5 replicates"
    )


def test_an_interval_wholly_beyond_the_dial_is_said_so(found: Turned) -> None:
    assert "[above 20, above 20]" in said(found, Crossing((19.0,), math.inf, math.inf, 0.9, 0.0, True))


def test_the_command_prints_the_dial_with_its_date_and_writes_three_files(folder: Path) -> None:
    result = CliRunner(env={"COLUMNS": "100"}).invoke(main, ["map", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "1 difficulty parameter, 4 settings, exploratory, run 2026-03-05" in text
    assert "10: +0.000 [" in text
    assert "10 replicates" in text
    assert "value: difference" in text
    assert "The difference is the skill of the best recurrent network minus" in text
    lines = [line for line in result.output.splitlines() if line[:1] in "┃│┡└┏├"]
    assert max(map(len, lines)) <= 100
    rows = pd.read_csv(folder / "report" / "dials.csv").set_index("value")
    assert rows["L"].dropna().to_dict() == pytest.approx({k: v for k, v in LIFTS.items() if k != 40})
    assert rows.loc[40, ["missing", "missing_code"]].to_list() == ["not run", "not_run"]
    crossings = pd.read_csv(folder / "report" / "crossings.csv").set_index("of")
    assert crossings.loc["difference = 0", "at"] == 10
    text = (folder / "report" / "dials.md").read_text()
    assert "## delayed-recall[length=50]: lag" in text
    assert "- 40: not run" in text
    assert "- difference = 0: at 10 [" in text
    assert "no resample chooses again" in text
    assert "93 to 100 % of samples, against a nominal 95%" in text


def test_nothing_is_said_of_shared_cases_where_every_draw_has_its_own(found: Turned) -> None:
    assert "shared cases" not in markdown([found])


def test_a_page_is_the_same_twice_and_says_where_no_crossing_is_asked(found: Turned) -> None:
    assert markdown([found]) == markdown([found])
    assert "no crossing computed: 4 values with a lift, 3 needed" in markdown([replace(found, crossings={})])


def test_pairs_that_share_their_cases_are_named_at_every_value_and_explained(tmp_path: Path) -> None:
    made = lagged(empty(tmp_path, source="digits of a package", n_train=100, n_test=40), LIFTS)
    text = markdown(turned(read_run(made.write())))
    assert text.count("| shared cases |") == len(LIFTS)
    assert text.count("- shared cases: ") == 1
