"""Our figures beside published ones."""

import pytest
from recurbench.published import FIGURES, Compared, Published, compare, wanted
from recurbench.registry import discover
from recurbench.runner import jobs


def test_every_figure_names_a_problem_and_a_method_that_exist():
    assert len(wanted(discover())) == len(FIGURES)


@pytest.mark.parametrize(("ours", "equal"), [(0.91333, True), (0.9132, False), (None, False)])
def test_a_figure_is_met_when_every_printed_digit_is(ours, equal):
    figure = Published("gunpoint", "euclidean-1nn", "accuracy", 0.9133, "here")
    assert Compared(figure, ours, "").equal is equal


def test_the_euclidean_figures_are_met(tmp_path, monkeypatch):
    figures = tuple(one for one in FIGURES if one.method == "euclidean-1nn")
    monkeypatch.setattr("recurbench.published.FIGURES", figures)
    compared = compare(wanted(discover()), tmp_path / "run")
    assert [one.equal for one in compared] == [True] * 4


@pytest.mark.slow
def test_every_figure_is_met(tmp_path):
    assert all(one.equal for one in compare(wanted(discover()), tmp_path / "run"))


def test_the_jobs_are_ordinary_jobs_so_a_suite_shares_their_cells():
    registry = discover()
    ordinary = jobs(registry.select_methods(["euclidean-1nn"]), registry.select_datasets(["gunpoint"]), 1)
    assert wanted(registry)[0].key("final", 0) == ordinary[0].key("final", 0)
