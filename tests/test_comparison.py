"""The comparison section: the best of each family with spread, and the lifts in words."""

import pages
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.comparison import NBSP, gains, section
from recurbench.reports.page.links import method_row, problem_anchor, problem_row
from recurbench.reports.page.section import Link
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

EN, DRAWN = Messages("en"), Drawn(None, "")


def test_a_row_holds_score_spread_and_method_of_each_family(tmp_path):
    found = section(read_run(pages.whole(tmp_path).write()), EN, DRAWN)
    grid = found.parts[1]
    assert grid.header[:2] == ("problem", "metric")
    row = dict(zip(grid.header, grid.rows[0], strict=True))
    assert row["metric"] == "accuracy ↑"
    assert row["baseline"] == "0.500\nmost-common"
    # gru: 20 + 7 + 12 right of 40, one more on the second of three seeds.
    assert row["recurrent"] == f"0.983{NBSP}±0.014\ngru"
    assert all(len(row) == len(grid.header) for row in grid.rows)


def test_a_family_that_failed_says_so_and_why(tmp_path):
    made = pages.whole(tmp_path, problems=("one",), methods=("most-common", "mlp"))
    made.cell("gru", [], problem="one", seed=0, status="failed", reason="boom")
    grid = section(read_run(made.write()), EN, DRAWN).parts[1]
    row = dict(zip(grid.header, grid.rows[0], strict=True))
    assert row["recurrent"] == "failed †\n† 1 of 1 fits failed"


def test_nothing_ran_nothing_is_shown(tmp_path):
    assert section(read_run(MadeUp(tmp_path).write()), EN, DRAWN) is None


def test_lifts_stand_with_interval_and_verdict(tmp_path):
    made = MadeUp(tmp_path)
    for seed in range(3):
        made.cell("gru", right(38), validation={"log_loss": 0.1, "accuracy": 0.95}, seed=seed)
        made.cell("mlp", right(20), validation={"log_loss": 0.7, "accuracy": 0.5}, seed=seed)
    made.cell("most-common", right(20), validation={"log_loss": 0.7, "accuracy": 0.5})
    (grid,) = gains(read_run(made.write()), EN, DRAWN).parts
    row = dict(zip(grid.header, grid.rows[0], strict=True))
    assert row[EN("page.recurrent")].endswith("gru")
    assert row[EN("page.lift")] == "+0.900"
    assert row[EN("page.interval")].startswith("[+0.")
    assert row[EN("page.verdict")] == "recurrent ahead"
    assert row[EN("page.compared")] == EN("page.compared_with", recurrent=1, n=2)


def test_names_lead_to_the_problem_and_to_the_settings_of_the_method(tmp_path):
    made = MadeUp(tmp_path)
    for steps in (100, 2000):
        address = f"lstm[max_steps={steps},patience={steps}]"
        made.cell(address, right(20 + steps // 100), validation={"log_loss": 1 / steps}, seed=0)
    grid = section(read_run(made.write()), EN, DRAWN).parts[1]
    problem, *_, best = grid.rows[0]
    assert problem.anchors == (problem_anchor("made-up"), problem_row("made-up"))
    (link,) = (part for part in best.parts if isinstance(part, Link))
    assert link == "lstm, 2,000 steps"
    assert link.hint == "lstm[max_steps=2000,patience=2000]"
    assert link.anchors == (method_row(link.hint),)
