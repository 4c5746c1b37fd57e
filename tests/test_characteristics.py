"""Rank correlation of traits with the lift: scipy's value, its interval, always exploratory."""

import numpy as np
import pandas as pd
import pytest
from made_up import FAMILIES, MadeUp, right
from recurbench.reports.statistics.characteristics import TRAITS, characteristics, correlations, with_interval
from recurbench.reports.statistics.resampled_lifts import lifts
from recurbench.results import read_run
from scipy.stats import spearmanr

VALID = {"log_loss": 0.5}


def traits(n, seed=0, kind="classification"):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 1 + len(TRAITS))), columns=["lift", *TRAITS])
    names = [f"p{i}" for i in range(n)]
    return table.assign(problem=names, data_set=names, kind=kind)


def test_the_correlation_is_spearmans_and_its_interval_holds_it():
    pairs = np.random.default_rng(1).normal(size=(12, 2))
    pairs[:, 1] += pairs[:, 0]
    pairs[3] = pairs[4]
    rho, low, high = with_interval(pairs)
    assert rho == pytest.approx(spearmanr(*pairs.T).statistic)
    assert -1 <= low < rho < high <= 1
    assert with_interval(pairs) == (rho, low, high)


@pytest.mark.long
def test_every_row_says_how_many_data_sets_and_that_it_is_exploratory():
    found = correlations(pd.concat([traits(6), traits(5, 1, "forecasting")]))
    assert set(found["reading"]) == {"exploratory"}
    assert set(zip(found["kind"], found["n"], strict=True)) == {("classification", 6), ("forecasting", 5)}
    assert len(found) == 2 * len(TRAITS)


def test_too_few_data_sets_and_a_trait_that_does_not_vary_have_no_correlation():
    assert not len(correlations(traits(3)))
    table = traits(6).assign(aligned=0.0, season=None)
    assert set(correlations(table)["trait"]) == set(TRAITS) - {"aligned", "season"}


def test_traits_come_from_the_run_and_order_from_the_shuffled_twin(tmp_path, monkeypatch):
    monkeypatch.setitem(FAMILIES, "rnn-shuffled", ("recurrent", "learned"))
    made = MadeUp(tmp_path, traits={"size": 50.0, "season": None})
    for seed in range(2):
        made.cell("rnn", right(35), validation=VALID, seed=seed)
        made.cell("rnn-shuffled", right(25), validation=VALID, seed=seed, role="ablation")
        made.cell("mlp", right(30), validation=VALID, seed=seed)
    made.cell("most-common", right(20), validation={"log_loss": 2.0})
    run = read_run(made.write())
    found = lifts(run)
    (row,) = characteristics(run, found[found["contrast"] == "networks"]).to_dict("records")
    assert (row["problem"], row["size"]) == ("made-up", 50)
    assert row["lift"] == pytest.approx(0.25)
    assert row["order"] == pytest.approx(0.75 - 0.25)
    assert np.isnan(row["season"])
    assert np.isnan(row["length"])
