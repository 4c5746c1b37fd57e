"""Signed-rank tests over data sets: exact p values, Holm, kinds apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.statistics.signed_rank import by_data_set, over_kinds, over_pairs, ranked, signed_rank
from scipy.stats import wilcoxon

DIFFERENCES = [0.11, 0.24, -0.03, 0.35, 0.07, 0.52]


def table(**kinds):
    rows = [(kind, "L", value) for kind, values in kinds.items() for value in values]
    return pd.DataFrame(rows, columns=["kind", "contrast", "value"])


def test_the_p_value_is_counted_over_all_signs():
    # The one negative value has rank 1 of 6: 2 of 64 assignments reach each tail.
    assert signed_rank(DIFFERENCES) == (pytest.approx(4 / 64), 0, 2 / 64)
    assert signed_rank(DIFFERENCES)[0] == pytest.approx(wilcoxon(DIFFERENCES).pvalue)


@pytest.mark.parametrize(("n", "smallest"), [(1, 1.0), (2, 0.5), (5, 0.0625), (6, 0.03125)])
def test_all_of_one_sign_have_the_smallest_p_that_their_number_allows(n, smallest):
    p, _, least = signed_rank([0.1 * (i + 1) for i in range(n)])
    assert p == pytest.approx(least) == pytest.approx(smallest)


def test_values_of_exactly_zero_are_counted_as_ties_and_take_no_part():
    assert signed_rank([0.0, *DIFFERENCES]) == (pytest.approx(4 / 64), 1, 2 / 64)
    assert signed_rank([0.0, 0.0]) == (1.0, 2, 1.0)


def test_a_value_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="must be finite"):
        signed_rank([0.1, float("nan")])


@pytest.mark.long
@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=9), st.lists(st.booleans(), min_size=9, max_size=9))
def test_no_p_value_is_under_the_smallest_one_and_signs_may_be_swapped(sizes, signs):
    values = [size if sign else -size for size, sign in zip(sizes, signs, strict=False)]
    p, _, smallest = signed_rank(values)
    assert smallest - 1e-12 <= p <= 1
    assert signed_rank([-value for value in values])[0] == pytest.approx(p)


def test_holm_multiplies_the_smallest_p_by_the_number_of_tests_and_never_falls():
    found = ranked(table(one=DIFFERENCES, two=[0.1 * i for i in range(1, 10)], three=[0.1, -0.2, 0.3]))
    p = dict(zip(found["kind"], found["p"], strict=True))
    adjusted = dict(zip(found["kind"], found["p_adjusted"], strict=True))
    assert p["two"] == pytest.approx(2 / 2**9)
    assert adjusted["two"] == pytest.approx(3 * p["two"])
    assert adjusted["one"] == pytest.approx(2 * p["one"])
    assert adjusted["three"] == pytest.approx(max(p["three"], adjusted["one"]))


def test_kinds_are_tested_apart_and_contrasts_have_a_holm_of_their_own():
    rows = [
        {"kind": kind, "role": "", "contrast": contrast, "lift": lift, "data_set": f"d{i}"}
        for contrast in ("networks", "practical")
        for kind, values in (("classification", DIFFERENCES), ("forecasting", [-0.1, -0.2, None]))
        for i, lift in enumerate(values)
    ]
    rows.append({**rows[-1], "role": "control", "contrast": "networks", "lift": 0.9, "data_set": "c"})
    found = over_kinds(pd.DataFrame(rows)).set_index(["contrast", "kind"])
    assert found.loc[("networks", "classification"), "n"] == 6
    assert found.loc[("networks", "forecasting"), "n"] == 2
    assert found.loc[("networks", "classification"), "p_adjusted"] == pytest.approx(2 * 4 / 64)
    assert found.loc[("networks", "classification"), "median"] == pytest.approx(np.median(DIFFERENCES))


def skills(rows):
    columns = ["kind", "data_set", "problem", "family", "skill"]
    return pd.DataFrame(rows, columns=columns)


def test_pairs_of_families_meet_on_the_resamples_that_have_both_and_a_data_set_counts_once():
    rows = []
    for i in range(5):
        for k in range(3):
            name = ("classification", f"d{i}", f"d{i}[resample={k}]")
            rows += [(*name, "recurrent", 0.5 + 0.1 * i + 0.05 * k), (*name, "feedforward", 0.4)]
    rows += [("classification", "d0", "d0[resample=9]", "recurrent", -9.0)]
    (found,) = over_pairs(skills(rows)).to_dict("records")
    assert found["contrast"] == "recurrent - feedforward"
    assert found["n"] == 5
    assert found["median"] == pytest.approx(0.35)
    assert found["p"] == found["smallest_p"] == pytest.approx(2 / 32)
    assert not len(over_pairs(skills([])))


def test_a_setting_that_is_dealt_anew_weighs_no_more_than_one_that_is_not():
    rows, lifts = [], []
    for i in range(6):
        gaps = {f"d{i}[resample={k}]": -0.02 for k in range(5)} | {
            f"d{i}[normalise=series]": 0.08 + 0.001 * i
        }
        for problem, gap in gaps.items():
            name = ("classification", f"d{i}", problem)
            rows += [(*name, "recurrent", 0.5 + gap), (*name, "feedforward", 0.5)]
        # Resamples of one setting are one lift already.
        for lift in (-0.02, 0.08 + 0.001 * i):
            lifts.append(("classification", "networks", "", f"d{i}", lift))
    (pair,) = over_pairs(skills(rows)).to_dict("records")
    columns = ["kind", "contrast", "role", "data_set", "lift"]
    (kind,) = over_kinds(pd.DataFrame(lifts, columns=columns)).to_dict("records")
    assert pair["median"] == pytest.approx(0.03 + 0.001 * 2.5 / 2)
    for name in ("n", "median", "p"):
        assert pair[name] == pytest.approx(kind[name])


def test_a_data_set_is_the_mean_of_its_settings_and_a_setting_that_of_its_resamples():
    levels = ["kind", "data_set", "setting", "problem"]
    names = [("k", "a", "a", "a"), ("k", "a", "a", "a[resample=1]"), ("k", "a", "a[n=2]", "a[n=2]")]
    index = pd.MultiIndex.from_tuples(names, names=levels)
    values = pd.DataFrame({"rnn": [1.0, 3.0, 10.0], "mlp": [0.0, 0.0, 1.0]}, index)
    assert by_data_set(values, ["kind"]).to_dict("index") == {("k", "a"): {"rnn": 6.0, "mlp": 0.5}}


def test_scikit_posthocs_says_the_same_of_three_families():
    posthocs = pytest.importorskip("scikit_posthocs")
    rng = np.random.default_rng(5)
    values = {name: rng.normal(size=10) + 0.4 * i for i, name in enumerate(("recurrent", "mlp", "cnn"))}
    names = list(values)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    rows = [("k", f"{a} - {b}", gap) for a, b in pairs for gap in values[a] - values[b]]
    ours = ranked(pd.DataFrame(rows, columns=["kind", "contrast", "value"])).set_index("contrast")
    theirs = posthocs.posthoc_wilcoxon(list(values.values()), p_adjust="holm").to_numpy()
    for a, b in pairs:
        wanted = theirs[names.index(a), names.index(b)]
        assert ours.loc[f"{a} - {b}", "p_adjusted"] == pytest.approx(wanted)
