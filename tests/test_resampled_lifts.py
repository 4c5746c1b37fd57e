"""Lifts over resamples of one data set: grouping, pairing by case, honest intervals, what is left out."""

from dataclasses import replace

import numpy as np
import pytest
from made_up import MadeUp, right
from recurbench.reports.statistics.characteristics import characteristics, correlations
from recurbench.reports.statistics.draws import Draw
from recurbench.reports.statistics.lift import PRACTICAL, Lift, contrast, lift_of
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, reason
from recurbench.reports.statistics.pairwise import matrices
from recurbench.reports.statistics.resampled_lifts import (
    data_set_of,
    family_skills,
    groups,
    lift_of_group,
    lifts,
    method_skills,
    over_resamples,
    without_resample,
)
from recurbench.reports.statistics.signed_rank import over_kinds, over_pairs
from recurbench.results import read_run
from scipy.stats import t as student

VALID = {"log_loss": 0.5}


def resamples(rng, count, n=100, pool=200, gap=0.0, spread=0.0):
    """Draws of a pool of cases with an own difficulty; `spread` moves the rivals' gap of a whole resample."""
    hard = rng.normal(size=pool)
    draws, cases = [], []
    for _ in range(count):
        tested = rng.permutation(pool)[:n]
        shifts = (gap + spread * rng.normal(), 0.0)
        sides = [(rng.normal(size=n) + hard[tested] < 1 + shift).astype(float) for shift in shifts]
        draws.append(
            Draw(np.ones(n), np.full(n, 0.5), np.ones(n), *(s[:, None] for s in sides), np.arange(n))
        )
        cases.append([str(i) for i in tested])
    return draws, cases


def run_of(folder, count, dials=True, **facts):
    made = MadeUp(folder, **facts)
    for k in range(count):
        problem = f"shapes[resample={k}]" if k else "shapes"
        for seed in range(2):
            made.cell("rnn", right(35), validation=VALID, seed=seed, problem=problem)
            made.cell("mlp", right(30), validation=VALID, seed=seed, problem=problem)
        made.cell("most-common", right(20), validation={"log_loss": 2.0}, problem=problem)
        made.cell("dtw-1nn", right(38), validation={"log_loss": 0.6}, problem=problem)
    for record in made.records:
        record.dials = {"resample": 0} if dials else {}
    return read_run(made.write())


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("gunpoint", "gunpoint"),
        ("gunpoint[resample=3]", "gunpoint"),
        ("ucr[name=Coffee,resample=3]", "ucr[name=Coffee]"),
        ("ucr[name=BME,normalise=series,resample=12]", "ucr[name=BME,normalise=series]"),
    ],
)
def test_resamples_of_one_data_set_have_one_name(address, bare):
    assert without_resample(address) == bare


def test_a_data_set_with_five_resamples_is_one_row_per_contrast(tmp_path):
    run = run_of(tmp_path, 5)
    assert groups(run) == {"shapes": ["shapes", *(f"shapes[resample={k}]" for k in range(1, 5))]}
    table = lifts(run).set_index("contrast")
    assert list(table["resamples"]) == [5, 5]
    assert list(table["problem"]) == ["shapes", "shapes"]
    # Errors 5, 10 and 20 of 40; the nearest neighbour, with the best chances on validation of no network.
    assert table.loc["networks", "other"] == "mlp"
    assert table.loc["networks", "lift"] == pytest.approx(0.25)
    assert table.loc["networks", "pairs"] == 10
    assert table.loc["networks", "units"] == 40


def test_a_data_set_that_waits_for_any_of_its_jobs_gets_no_verdict(tmp_path):
    run = replace(run_of(tmp_path, 5), absent={("shapes[resample=5]", "lstm"): 2})
    table = lifts(run)
    assert set(table["verdict"]) == {LiftVerdict.UNFINISHED}
    assert set(table["reasons"]) == {(reason(ReasonCode.JOBS_MISSING, n=2),)}
    assert table["lift"].notna().all()


def test_fewer_than_five_resamples_of_what_can_be_dealt_anew_earn_no_verdict(tmp_path):
    run = run_of(tmp_path / "few", 2)
    found, _ = lift_of_group(run, "shapes", groups(run)["shapes"], PRACTICAL)
    assert found.verdict is LiftVerdict.TOO_FEW_RESAMPLES
    assert found.reasons == (reason(ReasonCode.FEW_RESAMPLES, n=2, needed=5),)
    assert found.lift is not None
    fixed = run_of(tmp_path / "fixed", 1, dials=False)
    alone, _ = lift_of_group(fixed, "shapes", ["shapes"], PRACTICAL)
    assert alone == lift_of(fixed, "shapes")


@pytest.mark.parametrize("facts", [{"role": "control"}, {"constant": 0.5, "best": 0.9}])
def test_probes_and_controls_are_no_real_data(tmp_path, facts):
    run = run_of(tmp_path, 1, dials=False, **facts)
    assert groups(run) == {}
    assert not len(lifts(run))
    assert not len(family_skills(run))


@pytest.mark.parametrize(
    ("dataset", "dials", "name"),
    [
        ("ett", {"horizon": 96, "origins": 30}, "ett"),
        ("gunpoint", {"resample": 3}, "gunpoint"),
        # What names the file names the data.
        ("ucr", {"name": "Coffee", "normalise": "series", "resample": 2}, "ucr[name=Coffee]"),
        ("monash", {"name": "m1_monthly", "horizon": 6, "origins": 1}, "monash[name=m1_monthly]"),
        ("ud-pos", {"treebank": "ko_gsd", "least": 2}, "ud-pos[treebank=ko_gsd]"),
        ("csv", {"path": "a.csv", "horizon": 3}, "csv[path=a.csv]"),
        ("csv", {"path": "a.csv", "horizon": 3, "frequency": ""}, "csv[path=a.csv]"),
        ("csv", {"path": "a.csv", "frequency": "monthly"}, "csv[frequency=monthly,path=a.csv]"),
        # The same cases from another place are the same data.
        ("ucr", {"name": "GunPoint", "normalise": "series", "resample": 2}, "gunpoint"),
        ("ucr", {"name": "GunPointAgeSpan"}, "ucr[name=GunPointAgeSpan]"),
        ("monash", {"name": "m4_hourly", "horizon": 0}, "m4[group=Hourly]"),
    ],
)
def test_settings_of_one_data_set_have_its_name(tmp_path, dataset, dials, name):
    made = MadeUp(tmp_path).cell("rnn", right(9), problem=dataset, dials=dials)
    assert data_set_of(read_run(made.write()), dataset) == name


def test_settings_of_one_data_set_are_one_value_of_a_signed_rank_test(tmp_path):
    made = MadeUp(tmp_path)
    for i in range(3):
        for horizon in (1, 2):
            place = {"problem": f"set{i}[horizon={horizon}]"}
            made.cell("most-common", right(20), validation={"log_loss": 2.0}, **place)
            made.cell("rnn", right(30 + i + horizon), validation=VALID, **place)
            made.cell("mlp", right(30), validation=VALID, **place)
    run = read_run(made.write())
    found = lifts(run)
    assert len(found[found["contrast"] == "networks"]) == 6
    tests = over_kinds(found).set_index("contrast")
    assert tests.loc["networks", "n"] == 3
    assert tests.loc["networks", "median"] == pytest.approx((2.5 + 0) / 20)
    assert over_pairs(family_skills(run))["n"].tolist() == [3]
    table = characteristics(run, found[found["contrast"] == "networks"])
    assert len(table) == 6
    assert not len(correlations(table))


def test_two_copies_of_one_data_set_are_one_value_of_every_test(tmp_path):
    made = MadeUp(tmp_path)
    for name, dials, count in (("gunpoint", {}, 35), ("ucr", {"name": "GunPoint"}, 31), ("trace", {}, 32)):
        problem = f"{name}[name=GunPoint]" if dials else name
        place = {"problem": problem, "dataset": name, "dials": {"resample": 0, **dials}}
        made.cell("most-common", right(20), validation={"log_loss": 2.0}, **place)
        made.cell("rnn", right(count), validation=VALID, **place)
        made.cell("mlp", right(30), validation=VALID, **place)
    run = read_run(made.write())
    tests = over_kinds(lifts(run)).set_index("contrast")
    assert tests.loc["networks", "n"] == 2
    assert tests.loc["networks", "median"] == pytest.approx(((5 + 1) / 2 + 2) / 2 / 20)
    assert over_pairs(family_skills(run))["n"].tolist() == [2]
    (matrix,) = matrices(run)
    assert (matrix.n, matrix.settings) == (2, {"gunpoint": ("gunpoint", "ucr[name=GunPoint]")})


def test_a_control_that_is_dealt_anew_has_a_lift_and_is_in_no_test(tmp_path):
    run = run_of(tmp_path, 5, role="control")
    table = lifts(run)
    assert set(table["role"]) == {"control"}
    assert table["lift"].notna().all()
    assert not len(over_kinds(table))
    assert not len(family_skills(run))


def test_a_resample_that_has_no_lift_is_named(tmp_path):
    made = MadeUp(tmp_path)
    for k in range(2):
        problem = f"shapes[resample={k + 1}]"
        made.cell("rnn", right(35), validation=VALID, problem=problem)
        made.cell("mlp", right(30), validation=VALID, problem=problem)
        if not k:
            made.cell("most-common", right(20), validation=VALID, problem=problem)
    run = read_run(made.write())
    found, _ = lift_of_group(run, "shapes", groups(run)["shapes"], PRACTICAL)
    assert found.verdict is LiftVerdict.NOT_COMPARED
    assert found.reasons == (
        reason(ReasonCode.ON_RESAMPLE, problem="shapes[resample=2]"),
        reason(ReasonCode.REFERENCE_NOT_RUN, method="most-common"),
    )
    assert found.lift is None


def test_a_side_that_mostly_learned_nothing_gets_no_verdict(tmp_path):
    made = MadeUp(tmp_path)
    for k in range(5):
        problem = f"shapes[resample={k}]"
        made.cell("rnn", right(20), validation=VALID, problem=problem, seed=0, learned=k > 2)
        made.cell("mlp", right(30), validation=VALID, problem=problem, seed=0, learned=True)
        made.cell("most-common", right(20), validation={"log_loss": 2.0}, problem=problem)
    table = lifts(read_run(made.write()))
    assert set(table["verdict"]) == {LiftVerdict.NOT_TRAINED}
    assert set(table["reasons"]) == {(reason(ReasonCode.UNTRAINED_METHODS, methods=("rnn",)),)}
    assert table["idle"].all()


def test_the_variance_of_one_data_set_does_not_fall_with_the_number_of_its_resamples():
    rng = np.random.default_rng(0)
    one, cases = resamples(rng, 1)
    # The same test part again and again: nothing new is learned of the data set.
    narrow, _ = over_resamples(Lift("x"), one * 5, cases * 5, 1.0)
    alone = contrast(Lift("x"), one, False)
    assert narrow.lift == pytest.approx(alone.lift)
    assert narrow.units == 100
    assert narrow.high - narrow.low == pytest.approx(alone.high - alone.low, rel=0.06)


def test_the_interval_of_cases_that_never_meet_is_that_of_independent_parts():
    rng = np.random.default_rng(1)
    made = [resamples(rng, 1, n=200) for _ in range(8)]
    draws = [draws[0] for draws, _ in made]
    cases = [[f"{k} {name}" for name in cases[0]] for k, (_, cases) in enumerate(made)]
    found, _ = over_resamples(Lift("x"), draws, cases, 1.0)
    values = np.array([2 * (d.recurrent.mean() - d.other.mean()) for d in draws])
    error = values.std(ddof=1) / 8**0.5
    # Both parts of the variance hold the test noise here, so it counts about twice, never less than once.
    assert 1.9 * error < found.high - found.lift < 1.5 * student.ppf(0.975, 7) * error


def test_nadeau_and_bengio_widen_by_test_over_train():
    rng = np.random.default_rng(2)
    draws, cases = resamples(rng, 5, spread=0.3)
    values = np.array([2 * (d.recurrent.mean() - d.other.mean()) for d in draws])
    _, half = over_resamples(Lift("x"), draws, cases, 0.5)
    assert half == pytest.approx(student.ppf(0.975, 4) * values.std(ddof=1) * (1 / 5 + 0.5) ** 0.5)


def test_what_two_equal_methods_get_by_overlapping_resamples_covers_zero(monkeypatch):
    monkeypatch.setattr("recurbench.reports.statistics.resampled_lifts.RESAMPLES", 300)
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        draws, cases = resamples(rng, 5, n=100, pool=140, spread=0.1)
        found, _ = over_resamples(Lift("x"), draws, cases, 2.5)
        inside += found.low <= 0 <= found.high
    # A binomial of 200 at .95 falls below .905 once in 200; wider is allowed, narrower is not.
    assert inside / 200 > 0.905


def test_a_clear_lift_is_ahead_a_small_data_set_is_too_small_and_the_same_answers_are_equal():
    rng = np.random.default_rng(4)
    clear, _ = over_resamples(Lift("x"), *resamples(rng, 5, gap=1.5), 1.0)
    small, _ = over_resamples(Lift("x"), *resamples(rng, 5, n=20, pool=40), 1.0)
    draws, cases = resamples(rng, 5)
    same = [Draw(d.weights, d.floor, d.ceiling, d.other, d.other, d.blocks) for d in draws]
    equal, _ = over_resamples(Lift("x"), same, cases, 1.0)
    assert clear.verdict is LiftVerdict.AHEAD
    assert small.verdict is LiftVerdict.TEST_SET_TOO_SMALL
    assert equal.verdict is LiftVerdict.NO_DIFFERENCE
    assert over_resamples(Lift("x"), draws, cases, 1.0) == over_resamples(Lift("x"), draws, cases, 1.0)


def test_families_are_compared_by_their_methods_of_each_resample(tmp_path):
    table = family_skills(run_of(tmp_path, 2)).set_index(["problem", "family"])
    assert table.loc[("shapes", "recurrent"), "skill"] == pytest.approx(0.75)
    assert table.loc[("shapes[resample=1]", "neighbours"), "skill"] == pytest.approx(0.9)
    assert table.loc[("shapes", "baseline"), "skill"] == 0
    assert set(table["data_set"]) == {"shapes"}


def test_the_skill_of_a_method_is_that_of_its_mean_error_over_seeds(tmp_path):
    made = MadeUp(tmp_path, metric="mse", higher_is_better=False, selectors=["mse"])
    made.cell("most-common", np.full(40, 4.0), validation={"mse": 4.0})
    made.cell("rnn", np.full(40, 1.0), validation={"mse": 1.0}, seed=0)
    made.cell("rnn", np.full(40, 2.0), validation={"mse": 1.0}, seed=1)
    run = read_run(made.write())
    assert method_skills(run, "made-up") == pytest.approx({"most-common": 0, "rnn": 1 - 1.5 / 4})
