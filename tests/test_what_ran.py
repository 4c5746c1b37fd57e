"""What was run: machine, versions, licences, settings and the command that repeats it."""

import pages
from made_up import MadeUp
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.what_ran import _several, section
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run


def test_the_facts_of_a_run_stand_in_its_page(tmp_path):
    made = pages.whole(tmp_path, problems=("one",))
    made.about("one", licence="CC BY 4.0", source="a book")
    found = section(read_run(made.write()), Messages("en"), Drawn(None, ""))
    facts = dict(found.parts[2].rows)
    assert facts["machine"] == "a machine, 2 cores"
    assert facts["versions"] == "numpy 2.3, python 3.11" or facts["versions"] == "python 3.11, numpy 2.3"
    assert facts["seeds"] == "0–2"
    assert facts["fits"].startswith("36: 36 ok")
    problems, methods = (part.parts[0] for part in found.within)
    assert dict(zip(problems.header, problems.rows[0], strict=True))["licence"] == "CC BY 4.0"
    lstm = next(dict(zip(methods.header, r, strict=True)) for r in methods.rows if r[0] == "lstm")
    assert lstm["settings"] == "hidden=64"
    assert lstm["code"] == "c0de" * 6
    assert lstm["address"] == "lstm"


def test_the_time_has_its_unit_in_both_languages(tmp_path):
    run = read_run(pages.whole(tmp_path, problems=("one",)).write())
    for language, name in (("en", "CPU hours"), ("ko", "CPU 시간(h)")):
        assert name in dict(section(run, Messages(language), Drawn(None, "")).parts[2].rows)


def test_nothing_ran_nothing_is_shown(tmp_path):
    assert section(read_run(MadeUp(tmp_path).write()), Messages("en"), Drawn(None, "")) is None


def test_many_values_are_counted():
    assert _several(["a", "", "b", "a"]) == "a, b"
    assert _several(range(15)).endswith("(+3)")


def test_values_that_are_only_counted_are_said_to_be_in_the_export(tmp_path):
    made = pages.whole(tmp_path, problems=("one",))
    assert section(read_run(made.write()), Messages("en"), Drawn(None, "")).parts[2].notes == ()
    for k, record in enumerate(made.records):
        record.machine = f"machine {k}"
    grid = section(read_run(made.write()), Messages("en"), Drawn(None, "")).parts[2]
    assert "(+24)" in dict(grid.rows)["machine"]
    assert "recurbench export" in grid.notes[0]
