"""Our figures beside published ones."""

from dataclasses import replace

import pytest
from recurbench import catalogue
from recurbench.literature import FIGURES
from recurbench.published import Compared, compare, left_out, wanted
from recurbench.registry import discover
from recurbench.running.runner import jobs

NAIVE = ("last-value", "seasonal-naive")


@pytest.fixture(autouse=True)
def nothing_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "no data"))


def test_what_has_one_score_is_compared_and_what_lacks_files_or_a_method_is_named():
    registry = discover()
    found = wanted(registry)
    named = [figure for figure, _ in found.jobs]
    every = [*named, *found.without_files, *found.without_method]
    assert {one for one in FIGURES if not one.unlike and not one.costly} <= set(every)
    assert len(set(every)) == len(every)
    assert {one.problem.partition("[")[0] for one in found.without_files} == {"m4", "monash", "ett"}
    assert all(one.method.partition("[")[0] not in registry.methods for one in found.without_method)
    assert not [one for one in named if one.source.startswith("Ismail Fawaz")]


def test_costly_scores_are_taken_when_they_are_asked_for():
    some, every = (wanted(discover(), costly=costly) for costly in (False, True))
    assert not [one for one in some.without_files if one.costly]
    assert {"tbats", "auto-arima"} == {one.method for one in every.without_files if one.costly}
    assert "ets" in {one.method for one in some.without_files}


@pytest.mark.parametrize(
    ("unlike", "ours", "unsupported", "verdict", "why"),
    [
        ("", 0.9133, False, "agrees", ""),
        ("", 0.91, False, "differs", ""),
        ("", None, False, "differs", "failed"),
        ("", None, True, "no score", "failed"),
        ("another optimiser", 0.91, False, "cannot agree", "another optimiser"),
        ("another optimiser", None, False, "no score", "failed"),
    ],
)
def test_a_verdict_says_whether_scores_agree_and_why_they_cannot(unlike, ours, unsupported, verdict, why):
    figure = replace(FIGURES[0], unlike=unlike)
    one = Compared(figure, ours, "failed" if ours is None else "", unsupported)
    assert (one.verdict, one.why) == (verdict, why)


@pytest.mark.parametrize(("ours", "equal"), [(0.91333, True), (0.9132, False), (None, False)])
def test_a_figure_is_met_when_every_printed_digit_is(ours, equal):
    assert Compared(FIGURES[0], ours, "").equal is equal


@pytest.mark.long
def test_the_euclidean_figures_are_met(tmp_path):
    own = [(figure, job) for figure, job in wanted(discover()).jobs if figure.method == "euclidean-1nn"]
    compared = compare(own, tmp_path / "run")
    assert [one.equal for one in compared] == [True] * 5


@pytest.mark.long
def test_the_naive_forecasts_of_m4_meet_both_metrics_from_one_cell_each(tmp_path, real):
    own = [(f, job) for f, job in wanted(discover()).jobs if f.problem == "m4" and f.method in NAIVE]
    assert len({job.key("final", 0) for _, job in own}) == 2
    assert [one.verdict for one in compare(own, tmp_path / "run")] == ["agrees"] * 4


@pytest.mark.long
def test_seasonal_naive_meets_the_published_errors_of_the_archive(tmp_path, real):
    own = [(f, job) for f, job in wanted(discover()).jobs if f.method in NAIVE and "monash" in f.problem]
    assert {figure.value for figure, _ in own} >= {1.314461, 3.171710}
    assert {one.verdict for one in compare(own, tmp_path / "run")} == {"agrees"}


def test_what_protocols_leave_out_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path))
    (tmp_path / "monash").mkdir()
    head = "@attribute name string\n@frequency yearly\n@horizon 2\n@data\n"
    (tmp_path / "monash" / "toy.tsf").write_text(f"{head}T1:1,2,3,4,5,6,7\nT2:1,2\n")
    registry = discover()
    found = jobs(registry.select_methods(["drift"]), registry.select_datasets(["monash[name=toy]"]), 1)
    assert left_out(found) == ["monash[name=toy]: 1 of 2 series is too short and left out: 'T2' (2 steps)"]


@pytest.mark.slow
def test_every_figure_is_met(tmp_path):
    compared = compare(wanted(discover()).jobs, tmp_path / "run")
    assert [one for one in compared if one.verdict == "differs"] == []


def test_the_jobs_are_ordinary_jobs_so_a_suite_shares_their_cells():
    registry = discover()
    ordinary = jobs(registry.select_methods(["euclidean-1nn"]), registry.select_datasets(["gunpoint"]), 1)
    assert wanted(registry).jobs[0][1].key("final", 0) == ordinary[0].key("final", 0)
