"""The benchmark of networks on archive problems: what is published, and what counts as agreement."""

from __future__ import annotations

from pathlib import Path

import pytest
from recurbench.registry import discover
from scripts import script

BENCHMARK = script("benchmarks/archive_networks.py")


def row(problem: str, network: str, correct: int, cases: int = 100, constant: bool = False) -> object:
    return BENCHMARK.Row(problem, network, correct, cases, constant, 400, 2.5)


def test_published_accuracies_are_those_of_the_default_split_and_of_the_first_source(tmp_path: Path) -> None:
    file = tmp_path / "published.csv"
    file.write_text(
        "dataset,method,accuracy,resample_protocol\n"
        "GunPoint,dl4tsc:fcn,0.9,default split\n"
        "GunPoint,dl4tsc:fcn,0.8,30 resamples\n"
        "Coffee,tsml:H-InceptionTime,0.7,default split\n"
        "Coffee,tsml:InceptionTime,0.6,default split\n"
        "Coffee,tsml:ROCKET,1.0,default split\n"
    )
    assert BENCHMARK.published(file) == {("gunpoint", "fcn"): 0.9, ("Coffee", "inception"): 0.6}
    assert BENCHMARK.published(None) == {}


def test_rows_come_back_from_the_file_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    assert BENCHMARK.stored(file) == []
    file.write_text("problem,network,correct,cases,constant,steps,seconds\nCoffee,fcn,90,100,True,400,2.5\n")
    assert BENCHMARK.stored(file) == [row("Coffee", "fcn", 90, constant=True)]


def test_the_summary_compares_only_problems_that_have_a_published_accuracy() -> None:
    rows = [row("Coffee", "fcn", 90), row("Ham", "fcn", 50, constant=True), row("Ham", "lstm", 70)]
    # Of 90 right answers of 100 the interval of Wilson is .826 to .945.
    lines = BENCHMARK.summary(rows, {("Coffee", "fcn"): 0.944, ("Ham", "mlp"): 0.9})
    assert [line.replace(" ", "") for line in lines[-2:]] == [
        "|fcn|2|0.700|0.900|0.944|1of1|1|5|",
        "|lstm|1|0.700||||0|2|",
    ]
    assert "0 of 1" in BENCHMARK.summary(rows, {("Coffee", "fcn"): 0.946})[-2]


def test_the_cells_show_the_published_accuracy_in_brackets() -> None:
    lines = BENCHMARK.cells([row("Coffee", "fcn", 90)], {("Coffee", "fcn"): 0.944})
    assert "0.900 (0.944)" in lines[-1]


def test_a_star_marks_a_published_accuracy_outside_our_interval() -> None:
    # Of 90 right answers of 100 the interval of Wilson is .826 to .945.
    assert r"0.900 (0.946\*)" in BENCHMARK.cells([row("Coffee", "fcn", 90)], {("Coffee", "fcn"): 0.946})[-1]


def test_the_interval_of_all_right_holds_all_right() -> None:
    lines = BENCHMARK.summary([row("Coffee", "fcn", 28, 28)], {("Coffee", "fcn"): 1.0})
    assert "1 of 1" in lines[-1]


def test_development_problems_and_judged_problems_do_not_meet() -> None:
    chosen = BENCHMARK.tomllib.loads(BENCHMARK.SETS.read_text())
    assert not set(chosen["development"]["archive"]) & set(chosen["judged"]["archive"])
    assert len(chosen["judged"]["archive"]) == 25
    registry = discover(())
    assert [one.address for one in registry.select_methods(BENCHMARK.NETWORKS)] == list(BENCHMARK.NETWORKS)
    assert set(chosen["development"]["bundled"]) <= set(registry.datasets)


@pytest.mark.parametrize("network", ["mlp", "lstm"])
def test_a_network_is_trained_on_train_and_counted_on_test(network: str) -> None:
    registry = discover(())
    problem = BENCHMARK.problem_of(registry, "italy-power-demand", False)
    found = BENCHMARK.measured(registry, "italy-power-demand", problem, network)
    assert (found.cases, found.constant, found.steps) == (1029, False, 400)
    assert found.accuracy > 0.9
