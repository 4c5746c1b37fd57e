"""Our figures beside published ones."""

from collections import Counter
from dataclasses import replace

import pytest
from recurbench import catalogue
from recurbench.api import Plan, perform
from recurbench.literature import FIGURES
from recurbench.published import Compared, compare, left_out, wanted
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running.job import Job
from recurbench.running.limits import Limits
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


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Three scores on a problem of eight cases: of a method without a seed, with one, and of a network."""
    place = tmp_path / "data" / "ucr" / "Flat"
    place.mkdir(parents=True)
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    head = "@univariate true\n@classLabel true a b\n@data\n"
    for part, first in (("TRAIN", 0), ("TEST", 0.5)):
        cases = "".join(f"1,2,{first + i}:a\n9,5,{first + i}:b\n" for i in range(4))
        (place / f"Flat_{part}.ts").write_text(head + cases)
    registry = discover()
    figures = []
    for name, seed in (("euclidean-1nn", None), ("time-domain-forest", 0), ("mlp", 0)):
        (method,) = registry.select_methods([name])
        job = Job(*registry.select_datasets(["ucr[name=Flat]"]), None, method, seed)
        figures.append((replace(FIGURES[0], problem=job.dataset.address, method=name), job))
    return figures


def stages(folder):
    """The stages of the rows of a run, by method."""
    file = RunFile(folder / "results.sqlite")
    try:
        rows = file.rows("1")
    finally:
        file.close()
    return {
        name: Counter(row["stage"] for row in rows if row["method"] == name)
        for name in {r["method"] for r in rows}
    }


def test_validation_scores_are_computed_only_where_the_last_fit_needs_them(small, tmp_path):
    compared = compare(small, tmp_path / "run")
    assert None not in [one.ours for one in compared]
    assert stages(tmp_path / "run") == {
        "euclidean-1nn": {"final": 1},
        "time-domain-forest": {"final": 1},
        "mlp": {"inner": 5, "final": 1},
    }
    perform(Plan("ordinary", tmp_path / "ordinary", [job for _, job in small], 1, Limits()))
    assert stages(tmp_path / "ordinary")["euclidean-1nn"] == {"inner": 5, "final": 1}
    assert [one.ours for one in compare(small, tmp_path / "ordinary")] == [one.ours for one in compared]


def test_a_score_that_a_run_has_left_there_is_taken_as_it_is(small, tmp_path):
    perform(Plan("ordinary", tmp_path / "run", [job for _, job in small[:1]], 1, Limits()))
    before = stages(tmp_path / "run")
    compare(small[:1], tmp_path / "run")
    assert stages(tmp_path / "run") == before == {"euclidean-1nn": {"inner": 5, "final": 1}}


def test_files_that_changed_since_an_earlier_comparison_are_read_again(small, tmp_path):
    (before,) = compare(small[:1], tmp_path / "run")
    (file,) = (tmp_path / "data").rglob("Flat_TEST.ts")
    file.write_text(file.read_text().replace(":a", ":c").replace(":b", ":a").replace(":c", ":b"))
    (after,) = compare(small[:1], tmp_path / "run")
    assert (before.ours, after.ours) == (1, 0)


def test_the_jobs_are_ordinary_jobs_so_what_a_suite_computed_is_found():
    registry = discover()
    ordinary = jobs(registry.select_methods(["euclidean-1nn"]), registry.select_datasets(["gunpoint"]), 1)
    assert wanted(registry).jobs[0][1].key("final", 0) == ordinary[0].key("final", 0)
