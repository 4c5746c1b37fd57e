"""Our figures beside published ones."""

import pytest
from recurbench import catalogue
from recurbench.literature import FIGURES
from recurbench.published import Compared, compare, wanted
from recurbench.registry import discover
from recurbench.running.runner import jobs


@pytest.fixture(autouse=True)
def nothing_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "no data"))


def test_only_the_same_computation_must_meet_a_figure():
    figures, without = wanted(discover())
    named = [figure for figure, _ in figures]
    assert [*named, *without] == [one for one in FIGURES if not one.unlike]
    assert {one.problem for one in without} == {"m4"}


@pytest.mark.parametrize(("ours", "equal"), [(0.91333, True), (0.9132, False), (None, False)])
def test_a_figure_is_met_when_every_printed_digit_is(ours, equal):
    assert Compared(FIGURES[0], ours, "").equal is equal


@pytest.mark.long
def test_the_euclidean_figures_are_met(tmp_path):
    figures, _ = wanted(discover())
    own = [(figure, job) for figure, job in figures if figure.method == "euclidean-1nn"]
    compared = compare(own, tmp_path / "run")
    assert [one.equal for one in compared] == [True] * 5


@pytest.mark.long
def test_the_naive_forecasts_of_m4_meet_both_metrics_from_one_cell_each(tmp_path, real):
    figures, without = wanted(discover())
    own = [(figure, job) for figure, job in figures if figure.problem == "m4"]
    assert not without
    assert len({job.key("final", 0) for _, job in own}) == 2
    assert [one.equal for one in compare(own, tmp_path / "run")] == [True] * 4


@pytest.mark.slow
def test_every_figure_is_met(tmp_path):
    assert all(one.equal for one in compare(wanted(discover())[0], tmp_path / "run"))


def test_the_jobs_are_ordinary_jobs_so_a_suite_shares_their_cells():
    registry = discover()
    ordinary = jobs(registry.select_methods(["euclidean-1nn"]), registry.select_datasets(["gunpoint"]), 1)
    assert wanted(registry)[0][0][1].key("final", 0) == ordinary[0].key("final", 0)
