"""The lift: skill on both kinds of problem, pairing, coverage of the interval."""

import numpy as np
import pytest
from made_up import MadeUp, right
from recurbench.reports.statistics.draws import Draw, blocks
from recurbench.reports.statistics.lift import Lift, contrast, lift_of
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, reason
from recurbench.results import read_run
from scipy.stats import t as student

VALID = {"log_loss": 0.5}


def lift(folder):
    return lift_of(read_run(folder), "made-up")


def test_on_real_data_skill_is_one_minus_error_over_the_error_of_the_reference(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    for seed in range(2):
        made.cell("rnn", right(35), validation=VALID, seed=seed).cell(
            "mlp", right(30), validation=VALID, seed=seed
        )
    got = lift(made.write())
    assert (got.recurrent, got.other) == ("rnn", "mlp")
    # Errors 5, 10 and 20 of 40.
    assert (got.skill_recurrent, got.skill_other) == (pytest.approx(0.75), pytest.approx(0.5))
    assert got.lift == pytest.approx(0.25)
    assert (got.units, got.pairs) == (40, 2)


def test_errors_that_are_better_small_give_the_same_skill(tmp_path):
    made = MadeUp(tmp_path, metric="mase", higher_is_better=False, selectors=["mase"])
    made.cell("most-common", np.full(40, 2.0), validation={"mase": 2.0})
    made.cell("rnn", np.full(40, 0.5), validation={"mase": 1.0}, seed=0)
    made.cell("mlp", np.full(40, 1.0), validation={"mase": 1.0}, seed=0)
    got = lift(made.write())
    assert (got.skill_recurrent, got.skill_other) == (pytest.approx(0.75), pytest.approx(0.5))


def test_on_probes_skill_runs_from_the_constant_answer_to_the_exact_best_of_the_same_draw(tmp_path):
    made = MadeUp(tmp_path, constant=0.5, best=0.99)
    for seed in range(3):
        made.cell("rnn", right(36), validation=VALID, data_seed=seed).cell(
            "mlp", right(28), validation=VALID, data_seed=seed
        )
    got = lift(made.write(exact=right(36)))
    # The exact best gets 36 of 40 on this draw, whatever it gets on average.
    assert got.skill_recurrent == pytest.approx(1.0)
    assert got.skill_other == pytest.approx((28 / 40 - 0.5) / (36 / 40 - 0.5))
    assert got.pairs == 3


SHARES = {"source": "digits of a package", "n_train": 100, "n_test": 40}


def test_draws_that_are_parts_of_one_set_of_cases_have_the_interval_of_nadeau_and_bengio(tmp_path):
    made = MadeUp(tmp_path, constant=0.1, **SHARES)
    ahead = [8, 2, 11, 5]
    for seed, more in enumerate(ahead):
        made.cell("rnn", right(25 + more), validation=VALID, data_seed=seed).cell(
            "mlp", right(25), validation=VALID, data_seed=seed
        )
    got = lift(made.write())
    values = np.array(ahead) / 40 / 0.9
    half = student.ppf(0.975, 3) * np.sqrt((1 / 4 + 0.4) * values.var(ddof=1))
    assert (got.low, got.high) == (
        pytest.approx(values.mean() - half),
        pytest.approx(values.mean() + half),
    )


def test_one_draw_shares_its_cases_with_no_other(tmp_path):
    found = []
    for source in ("generated: noise", "a file"):
        made = MadeUp(tmp_path / source, **{**SHARES, "source": source}).cell(
            "most-common", right(10), validation=VALID
        )
        for seed in range(3):
            made.cell("rnn", right(30 + seed), validation=VALID, seed=seed)
            made.cell("mlp", right(25), validation=VALID, seed=seed)
        found.append(lift(made.write()))
    assert found[0] == found[1]


def test_a_run_without_the_reference_says_what_is_missing(tmp_path):
    made = MadeUp(tmp_path).cell("rnn", right(30), validation=VALID).cell("mlp", right(20), validation=VALID)
    got = lift(made.write())
    assert got.verdict is LiftVerdict.NOT_COMPARED
    assert got.reasons == (reason(ReasonCode.REFERENCE_NOT_RUN, method="most-common"),)


def test_a_run_without_a_recurrent_method_has_no_lift(tmp_path):
    made = MadeUp(tmp_path).cell("mlp", right(20), validation=VALID)
    got = lift(made.write())
    assert (got.verdict, got.reasons) == (
        LiftVerdict.NOT_COMPARED,
        (reason(ReasonCode.NO_RECURRENT_SCORE),),
    )


@pytest.mark.parametrize(
    ("missed", "verdict", "reasons"),
    [
        (1, LiftVerdict.BEHIND, ()),
        (2, LiftVerdict.NOT_TRAINED, (reason(ReasonCode.UNTRAINED_METHODS, methods=("rnn",)),)),
    ],
)
def test_a_method_that_mostly_did_not_train_gets_no_decision(tmp_path, missed, verdict, reasons):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    for seed in range(3):
        made.cell("rnn", right(20), validation=VALID, seed=seed, learned=seed >= missed)
        made.cell("mlp", right(40), validation=VALID, seed=seed, learned=True)
    found = lift(made.write())
    assert (found.verdict, found.reasons) == (verdict, reasons)
    assert found.lift == pytest.approx(-1.0)


def test_unequal_numbers_of_seeds_are_not_averaged_over(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(10), validation={"log_loss": 2.0})
    for seed in range(3):
        made.cell("rnn", right(30), validation=VALID, seed=seed)
    for seed in range(2):
        made.cell("mlp", right(20), validation=VALID, seed=seed)
    assert lift(made.write()).reasons == (reason(ReasonCode.UNEQUAL_SEEDS),)


def test_an_example_whose_score_is_undefined_counts_for_no_one(tmp_path):
    values = np.array([0.5] * 39 + [np.nan])
    made = MadeUp(tmp_path, metric="mase", higher_is_better=False, selectors=["mase"])
    for method, factor in (("most-common", 2), ("rnn", 1), ("mlp", 1.5)):
        made.cell(method, factor * values, validation={"mase": factor}, score=float(factor), seed=0)
    got = lift(made.write())
    assert (got.skill_recurrent, got.units) == (pytest.approx(0.5), 39)


def test_several_series_are_units_and_one_series_is_cut_into_blocks_of_origins():
    assert list(blocks(["a", "a", "b", "b"], "forecasting")) == [0, 0, 1, 1]
    assert list(blocks(["a"] * 5, "forecasting")) == [0, 0, 1, 1, 2]
    assert list(blocks(["a", "b", "c"], "classification")) == [0, 1, 2]
    assert len(set(blocks(["a"] * 27, "forecasting"))) == 9


def made_draw(rng, units, seeds, gap=0.0, seed_spread=0.0, base=None):
    """Accuracies of two methods of the same chance (but for `gap`), with a spread between seeds."""
    hard = rng.normal(size=(units, 1)) if base is None else base
    sides = []
    for shift in (gap, 0.0):
        skill = 1.2 + shift + seed_spread * rng.normal(size=(1, seeds))
        sides.append((rng.normal(size=(units, seeds)) + hard < skill).astype(float))
    return Draw(np.ones(units), np.full(units, 0.5), np.ones(units), sides[0], sides[1], np.arange(units))


@pytest.mark.long
@pytest.mark.parametrize("draws", [1, 3])
def test_the_interval_of_two_equal_methods_covers_zero_as_often_as_it_says(draws, monkeypatch):
    monkeypatch.setattr("recurbench.reports.statistics.draws.RESAMPLES", 400)
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(300):
        made = [made_draw(rng, 150, 3 if draws == 1 else 1, seed_spread=0.1) for _ in range(draws)]
        got = contrast(Lift("x"), made, True)
        inside += got.low <= 0 <= got.high
    # A binomial of 300 at .95 falls below .915 once in 200; wider is allowed, narrower is not.
    assert inside / 300 > 0.915


def test_the_interval_of_many_independent_pairs_is_the_t_interval():
    rng = np.random.default_rng(1)
    made = [made_draw(rng, 200, 1, gap=0.5) for _ in range(10)]
    got = contrast(Lift("x"), made, True)
    lifts = [float((d.recurrent.mean() - d.other.mean()) / 0.5) for d in made]
    half = student.ppf(0.975, 9) * np.std(lifts, ddof=1) / 10**0.5
    assert got.lift == pytest.approx(np.mean(lifts))
    assert got.high - got.lift >= half - 1e-12
    assert got.high - got.lift == pytest.approx(half, rel=0.35)


def test_identical_answers_have_no_lift_and_no_interval_to_speak_of():
    draw = made_draw(np.random.default_rng(0), 50, 1)
    same = Draw(draw.weights, draw.floor, draw.ceiling, draw.other, draw.other, draw.blocks)
    got = contrast(Lift("x"), [same], False)
    assert (got.lift, got.low, got.high) == (0, 0, 0)
    assert got.verdict is LiftVerdict.NO_DIFFERENCE


def test_the_same_cells_give_the_same_interval():
    draw = made_draw(np.random.default_rng(0), 60, 3, gap=0.3)
    assert contrast(Lift("x"), [draw], True) == contrast(Lift("x"), [draw], True)


@pytest.mark.long
@pytest.mark.parametrize("seeds", [1, 10])
def test_seeds_that_share_a_draw_are_no_independent_pairs(seeds, monkeypatch):
    monkeypatch.setattr("recurbench.reports.statistics.draws.RESAMPLES", 200)
    rng = np.random.default_rng(3)
    inside, lifts = 0, 200
    for _ in range(lifts):
        # The draw of the training data moves every seed alike; the true lift is 0.
        made = [made_draw(rng, 300, seeds, gap=0.3 * rng.normal()) for _ in range(3)]
        got = contrast(Lift("x"), made, True)
        inside += got.low <= 0 <= got.high
    assert inside / lifts > 0.9
    assert got.pairs == 3 * seeds


def test_a_probe_without_headroom_has_no_skill(tmp_path):
    made = MadeUp(tmp_path, constant=0.5, best=0.51)
    made.cell("rnn", right(30), validation=VALID, data_seed=0).cell(
        "mlp", right(20), validation=VALID, data_seed=0
    )
    (why,) = lift(made.write()).reasons
    assert why.code == ReasonCode.NO_HEADROOM_TO_BEST
    assert why.values["gap"] == pytest.approx(0.01)
    under = MadeUp(tmp_path / "under", constant=0.5, best=0.9)
    under.cell("rnn", right(30), validation=VALID, data_seed=0).cell(
        "mlp", right(20), validation=VALID, data_seed=0
    )
    (why,) = lift(under.write(exact=right(18))).reasons
    assert why.code == ReasonCode.NO_HEADROOM_TO_BEST


def test_a_family_of_both_sides_stands_for_each_by_another_method(tmp_path):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0})
    made.cell("mlp", right(36), validation={"log_loss": 0.1})
    made.cell("rnn", right(30), validation={"log_loss": 0.3}, family="feedforward")
    got = lift(made.write())
    assert (got.recurrent, got.other) == ("rnn", "mlp")


def own_series(folder, count, origins=None, notes=None, reference_error=2.0, **facts):
    """A made-up run on one real series whose recurrent network has 0.5 less error, with noise."""
    rng = np.random.default_rng(6)
    made = MadeUp(
        folder,
        metric="mase",
        higher_is_better=False,
        selectors=["mase"],
        kind="forecasting",
        steps=4,
        series=["a"] * count,
        **({} if origins is None else {"origins": origins}),
        **{"source": "a file", **facts},
    )
    reference = reference_error + 0.1 * rng.normal(size=count)
    made.cell("most-common", reference, validation={"mase": reference_error})
    for seed in range(3):
        changes = {} if notes is None else {"notes": notes}
        made.cell("rnn", 0.5 + 0.1 * rng.normal(size=count), validation={"mase": 0.5}, seed=seed, **changes)
        made.cell("mlp", 1 + 0.1 * rng.normal(size=count), validation={"mase": 1.0}, seed=seed)
    return lift(made.write())


def test_one_series_earns_a_verdict_from_the_span_of_its_origins(tmp_path):
    found = own_series(tmp_path, 30, origins=[100 + 2 * i for i in range(30)])
    # 62 steps hold 15 windows of 4.
    assert (found.verdict, found.units) == (LiftVerdict.AHEAD, 15)
    assert found.low < found.lift < found.high


def test_many_origins_on_a_short_span_are_too_few_windows(tmp_path):
    found = own_series(tmp_path, 30, origins=[100 + i for i in range(30)])
    assert (found.verdict, found.units) == (LiftVerdict.TEST_SET_TOO_SMALL, 8)
    assert found.reasons[0] == reason(ReasonCode.FEW_TEST_WINDOWS, n=8, needed=10)
    # Eight windows give an interval and no verdict; seven give none.
    assert found.low is not None
    assert own_series(tmp_path / "less", 26, origins=[100 + i for i in range(26)]).low is None


def test_two_methods_that_are_worse_than_the_reference_get_no_verdict(tmp_path):
    found = own_series(tmp_path, 30, reference_error=0.3)
    assert max(found.skill_recurrent, found.skill_other) < 0
    assert found.verdict is LiftVerdict.UNDECIDED
    assert found.reasons == (reason(ReasonCode.WORSE_THAN_REFERENCE),)


def test_a_generated_series_keeps_the_blocks_of_its_origins(tmp_path):
    found = own_series(tmp_path, 30, source="generated: noise")
    assert found.units == len(set(blocks(["a"] * 30, "forecasting")))


def test_a_network_that_used_its_reference_alone_is_no_evidence_on_recurrence(tmp_path):
    found = own_series(tmp_path, 30, notes={"reference_used": True})
    assert found.verdict is LiftVerdict.UNDECIDED
    assert found.reasons == (reason(ReasonCode.REFERENCE_USED, methods=("rnn",)),)
