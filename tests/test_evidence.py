"""What was taken on this machine, beside what the model says."""

import math

import pytest
from recurbench.planning.costs import Asked, Estimate, shipped
from recurbench.planning.evidence import Evidence
from recurbench.record import Spent
from recurbench.registry import discover
from recurbench.running.runner import jobs
from recurbench.running.sizes import known

REGISTRY = discover()
MODEL = shipped()
DEFAULTS = {name: plugin.settings for name, plugin in REGISTRY.methods.items()}


def said(method, problem):
    plugin = REGISTRY.methods[method]
    found = MODEL.estimate(Asked(method, plugin.family, plugin.settings, plugin.settings), known()[problem])
    assert found is not None
    return found


def took(method, problem, times, size=None):
    """A job that took so many times what the model says."""
    plugin, one = REGISTRY.methods[method], said(method, problem)
    row = Spent(
        problem,
        f"key of {problem}",
        known()[problem].kind,
        method,
        method,
        plugin.family,
        plugin.settings,
        1,
        one.inner * times,
        one.final * times,
    )
    return row, size or known()[problem]


def job(method, problem):
    return jobs(REGISTRY.select_methods([method]), REGISTRY.select_datasets([problem]), 1)[0]


def total(one: Estimate) -> float:
    return one.inner + one.final


def test_without_any_evidence_the_model_is_taken_as_it_is():
    evidence = Evidence(MODEL, [], DEFAULTS)
    assert evidence.machine == 0
    assert evidence.like(job("ets", "airline"), known()["airline"]) is None
    one = said("ets", "airline")
    assert total(evidence.corrected("forecasting", "ets", one)) == pytest.approx(total(one))


@pytest.mark.parametrize("times", [0.25, 3.0])
def test_a_machine_of_another_speed_is_found_out_and_all_methods_are_corrected(times):
    problems = ("airline", "co2", "sunspots", "elnino")
    rows = [took(name, problem, times) for name in ("ets", "theta", "decomposition") for problem in problems]
    evidence = Evidence(MODEL, rows, DEFAULTS)
    assert math.exp(evidence.machine) == pytest.approx(times, rel=0.3)
    other = said("time-domain-ridge", "gunpoint")
    corrected = evidence.corrected("classification", "time-domain-ridge", other)
    assert total(corrected) / total(other) == pytest.approx(times, rel=0.3)


def test_what_a_method_took_changes_it_more_than_the_others():
    rows = [took("ets", problem, 8.0) for problem in ("airline", "co2", "sunspots")]
    rows += [took("theta", problem, 1.0) for problem in ("airline", "co2", "sunspots", "elnino", "macrodata")]
    evidence = Evidence(MODEL, rows, DEFAULTS)
    grown = {
        name: total(evidence.corrected("forecasting", name, said(name, "elnino")))
        / total(said(name, "elnino"))
        for name in ("ets", "theta")
    }
    assert grown["ets"] > 3
    assert grown["theta"] < 1.5


def test_like_cells_speak_for_themselves_by_their_median():
    rows = [took("ets", "airline", times) for times in (2.0, 3.0, 50.0)]
    rows += [took("theta", problem, 1.0) for problem in ("airline", "co2")]
    like = Evidence(MODEL, rows, DEFAULTS).like(job("ets", "airline"), known()["airline"])
    assert like is not None
    assert like.basis == 0
    assert total(like) == pytest.approx(3 * total(said("ets", "airline")))


def test_cells_of_a_problem_that_has_grown_since_are_not_like():
    rows = [took("ets", "airline", 2.0)]
    evidence = Evidence(MODEL, rows, DEFAULTS)
    assert evidence.like(job("ets", "airline"), known()["airline"]) is not None
    assert evidence.like(job("ets", "airline"), known()["co2"]) is None


def test_a_first_cell_that_took_longer_for_what_is_loaded_once_says_nothing_of_the_machine():
    row, size = took("mlp", "gunpoint", 1.0)
    once = MODEL.opening(size.kind, Asked("mlp", row.family, row.settings, row.settings))[1]
    assert once > 0
    evidence = Evidence(MODEL, [(row._replace(inner=row.inner + once), size)], DEFAULTS)
    assert evidence.machine == pytest.approx(0)


def test_a_method_of_a_third_party_is_learnt_about_from_its_own_cells():
    problems = ("airline", "co2", "sunspots", "elnino")
    family = Asked("mine", "statistical", {}, {})
    rows = []
    for problem in problems:
        one = MODEL.estimate(family, known()[problem])
        row = took("ets", problem, 1.0)[0]
        values = {"address": "mine", "method": "mine", "settings": {}}
        rows.append((row._replace(**values, inner=20 * one.inner, final=20 * one.final), known()[problem]))
    rows += [took("theta", problem, 1.0) for problem in problems] * 2
    rows += [took("drift", problem, 1.0) for problem in problems]
    evidence = Evidence(MODEL, rows, {**DEFAULTS, "mine": {}})
    one = MODEL.estimate(family, known()["macrodata"])
    assert total(evidence.corrected("forecasting", "mine", one)) > 8 * total(one)
