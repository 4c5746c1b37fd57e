"""Progress: a bar in a terminal, plain lines elsewhere."""

import io

from recurbench.reasons import Reason
from recurbench.registry import discover
from recurbench.running.job import ended
from recurbench.running.progress import watching
from recurbench.running.runner import Step, jobs
from rich.console import Console


def steps(statuses):
    registry = discover()
    found = jobs(registry.select_methods(["drift", "theta"]), registry.select_datasets(["airline"]), 1)
    rows = [
        [ended(job, status, Reason("no_reason"))] if status else []
        for job, status in zip(found, statuses, strict=True)
    ]
    return found, [Step(job, row) for job, row in zip(found, rows, strict=True)]


def test_a_pipe_gets_one_plain_line_per_problem(capsys):
    found, told = steps(["ok", "failed"])
    with watching(found, Console(file=io.StringIO())) as tell:
        tell(told[0])
        assert capsys.readouterr().err == ""
        tell(told[1])
    assert capsys.readouterr().err == "airline: 2 fits, 1 failed\n"


def test_a_problem_that_was_cached_says_nothing(capsys):
    found, told = steps(["", ""])
    with watching(found, Console(file=io.StringIO())) as tell:
        for step in told:
            tell(step)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_with_what_is_done_and_what_failed():
    screen = io.StringIO()
    found, told = steps(["ok", "failed"])
    with watching(found, Console(file=screen, force_terminal=True, width=120)) as tell:
        for step in told:
            tell(step)
    assert "airline: theta" in screen.getvalue()
    assert "2/2" in screen.getvalue()
    assert "1 failed" in screen.getvalue()


def test_a_file_of_the_user_goes_by_its_name(tmp_path, capsys):
    registry = discover()
    file = tmp_path / "sales.csv"
    file.write_text("y\n1\n")
    dataset = registry.datasets["csv"].choose({"path": str(file), "horizon": 2})
    found = jobs(registry.select_methods(["drift"]), [dataset], 1)
    screen = io.StringIO()
    for console in (Console(file=screen, force_terminal=True, width=120), Console(file=io.StringIO())):
        with watching(found, console) as tell:
            tell(Step(found[0], [ended(found[0], "ok", Reason("no_reason"))]))
    assert "sales.csv: drift" in screen.getvalue()
    assert capsys.readouterr().err == "sales.csv: 1 fits, 0 failed\n"
