"""What a job is likely to cost, by the size of its problem."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.methods._networks.budget import MANY, Budget, Recipe
from recurbench.methods._settings import Training
from recurbench.planning.costs import BASES, FEATURES, Asked, shipped
from recurbench.registry import discover
from recurbench.running.sizes import Size
from recurbench.task import KINDS, Task, Values

PLUGINS = {name: one for name, one in discover().methods.items() if one.owner == "recurbench"}
PAIRS = sorted((kind, name) for name, plugin in PLUGINS.items() for kind in plugin.kinds)
GROW = ("examples", "length", "channels", "outputs", "horizon", "season", "asked", "asked_length")
COUNTS = st.integers(1, 100_000)


def asked(name, **settings):
    plugin = PLUGINS[name]
    return Asked(name, plugin.family, {**plugin.settings, **settings}, plugin.settings)


def size_of_kind(kind, **changes):
    plain = Size(kind, 200, 100.0, 100, 2, 2, 5.0, 4, 80, 100.0, 50, 1)
    return replace(plain, **{"free": kind in ("labelling", "translation"), **changes})


SIZES = st.builds(
    lambda kind, valid, numbers: size_of_kind(kind, valid=valid, **numbers),
    st.sampled_from(KINDS),
    st.booleans(),
    st.fixed_dictionaries(dict.fromkeys(GROW, COUNTS)),
)


def seconds(said):
    return said.inner + said.final


@given(SIZES, st.sampled_from(sorted(PLUGINS)))
def test_an_estimate_is_positive_and_finite_however_large_the_problem_is(size, name):
    said = shipped().estimate(asked(name), size)
    assert said.inner >= 0
    assert 0 < seconds(said) < math.inf


@given(SIZES, st.sampled_from(PAIRS), st.sampled_from(GROW), st.floats(1, 100))
def test_no_cost_falls_where_a_problem_grows(size, pair, what, times):
    kind, name = pair
    size = replace(size, kind=kind)
    larger = replace(size, **{what: type(getattr(size, what))(getattr(size, what) * times)})
    before, after = (shipped().estimate(asked(name), one) for one in (size, larger))
    assert seconds(after) >= seconds(before) * (1 - 1e-9)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_built_in_method_was_measured_on_every_kind_it_answers(pair):
    curves, basis = shipped().curves(*pair, PLUGINS[pair[1]].family)
    assert BASES[basis] == "the method"
    assert curves.stepped is ("max_steps" in PLUGINS[pair[1]].settings)
    for curve in (curves.fit, curves.answer):
        assert len(curve.exponents) == len(FEATURES)
        assert min(curve.exponents) >= 0
        assert curve.floor >= 0


def test_a_method_of_a_third_party_is_judged_by_its_family_and_else_by_the_kind_with_a_wider_factor():
    size = size_of_kind("classification")
    own = shipped().estimate(asked("hmm"), size)
    kin = shipped().estimate(Asked("mine", "statistical", {}, {}), size)
    other = shipped().estimate(Asked("mine", "nobody knows", {}, {}), size)
    assert [BASES[said.basis] for said in (own, kin, other)] == [
        "the method",
        "its family",
        "its kind of task",
    ]
    factors = shipped().factors
    assert 1 < factors[1] <= factors[2] <= factors[3]


def test_a_forecast_of_a_long_series_takes_far_longer_than_that_of_a_short_one():
    # 18 s were predicted for every file from 144 to 121,940 rows.
    for name in ("ets", "sarimax", "analog"):
        short = size_of_kind("forecasting", examples=1, length=144.0, asked_length=144.0, held=3)
        long = replace(short, length=121_940.0, asked_length=121_940.0)
        assert seconds(shipped().estimate(asked(name), long)) > 10 * seconds(
            shipped().estimate(asked(name), short)
        )


@pytest.mark.parametrize(("length", "examples"), [("fixed", 10), ("fixed", MANY), ("same", 10), ("free", 10)])
def test_the_budget_of_a_network_is_that_of_the_trainer(length, examples):
    task = Task("labelling", Values(1), Values(2, symbols=True), length)
    rule = Budget.of(task, examples, Recipe(0, None, None, Training())).most
    size = size_of_kind("labelling", examples=examples, free=length != "fixed", held=0)
    model = replace(shipped(), inner=1.0, final=1.0)
    assert model.steps(asked("lstm"), size, "inner") == rule
    assert model.steps(asked("lstm", max_steps=77), size, "inner") == 77


def test_a_network_costs_in_proportion_to_the_steps_it_is_allowed_below_the_rule():
    size = size_of_kind("classification")
    costs = [seconds(shipped().estimate(asked("gru", max_steps=steps), size)) for steps in (10, 20, 40)]
    assert costs[2] - costs[1] == pytest.approx(2 * (costs[1] - costs[0]))


def test_a_network_without_a_validation_part_trains_all_its_steps():
    size = size_of_kind("forecasting", examples=1, length=24.0, held=0)
    steps = [shipped().steps(asked("gru", max_steps=count), size, "final") for count in (100, 400)]
    assert steps == [100, 400]


def test_what_makes_a_method_larger_makes_it_dearer():
    size = size_of_kind("classification")
    for name, settings in (("lstm", {"hidden": 256}), ("fourier-forest", {"trees": 3000})):
        assert seconds(shipped().estimate(asked(name, **settings), size)) > seconds(
            shipped().estimate(asked(name), size)
        )


def test_a_setting_that_is_not_a_number_above_0_changes_nothing():
    for value in (None, True, "auto", 0, -3):
        assert shipped().share(asked("lstm", hidden=value)) == 1.0


def test_seeds_that_share_a_fit_cost_less_each_and_more_together():
    size = size_of_kind("classification")
    alone = seconds(shipped().estimate(asked("gru"), size))
    five = seconds(shipped().estimate(asked("gru"), size, together=5))
    assert alone / 5 < five < alone


def test_one_fit_serves_both_stages_where_the_problem_brings_its_validation_part():
    size = size_of_kind("regression", valid=True)
    both, tuned = (shipped().estimate(asked("mlp"), size, tuned=tuned) for tuned in (False, True))
    assert both.final == 0
    assert tuned.final > 0
    five = shipped().estimate(asked("euclidean-1nn"), size_of_kind("regression", cuts=5))
    one = shipped().estimate(asked("euclidean-1nn"), size_of_kind("regression", cuts=1))
    assert five.inner == pytest.approx(5 * one.inner)


def test_a_network_takes_all_its_steps_on_few_cases_and_stops_early_on_many():
    costs = shipped()
    few, many = (size_of_kind("classification", examples=n, held=n // 4) for n in (400, 2000))
    assert (
        costs.steps(asked("mlp"), few, "inner") == costs.steps(asked("mlp"), few, "final") == costs.budgets[0]
    )
    assert costs.steps(asked("mlp", patience=100), few, "inner") < costs.budgets[0]
    assert costs.steps(asked("mlp"), many, "inner") < costs.budgets[1]
