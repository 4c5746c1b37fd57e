"""Jobs that a budget buys, from a request to the table of what is in."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from recurbench import left_out
from recurbench.api import REFERENCES, Request, perform, prepare
from recurbench.cli.main import main
from recurbench.planning import order
from recurbench.planning.budget import FILL, START
from recurbench.planning.budget_words import account, described
from recurbench.planning.levels import Level
from recurbench.results import read_run
from recurbench.running.runner import Tally

ALL = (*order.FIRST["forecasting"], *order.THEN["forecasting"])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "mine.csv"
    rows = [f"a,{1950 + i // 12}-{1 + i % 12:02d}-01,{(i * 7) % 12 + i % 5}" for i in range(144)]
    path.write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    return path


@pytest.fixture
def bought(file, tmp_path):
    """How to prepare a plan on a small file of one's own."""

    def plan(budget, **words):
        return prepare(Request(data=file, out=tmp_path / "run", budget=budget, **{"jobs": 1, **words}))

    return plan


def names(plan):
    return list(dict.fromkeys(job.method.address for job in plan.jobs))


def test_without_a_budget_nothing_is_chosen(bought):
    assert bought("none", methods=["theta"]).purchase is None


def test_a_budget_holds_what_is_planned_and_takes_every_sort_of_method_first(bought):
    plan = bought("20s")
    purchase = plan.purchase
    assert purchase.planned <= FILL * 20 - START
    assert set(order.FIRST["forecasting"]) <= set(names(plan))
    assert names(plan) == [name for name in ALL if name in names(plan)]
    assert [bid.name for bid in purchase.bids] == list(ALL)
    out = [bid for bid in purchase.bids if bid.left is not None]
    assert out
    assert all(bid.seconds > bid.left for bid in out)
    assert {method for _, method in purchase.without()} == {bid.name for bid in out}
    assert {job.method.address for job in purchase.reserve} == {bid.name for bid in out}
    costs = [purchase.estimates[job.key("final", 0)] for job in plan.jobs]
    assert sum(costs) == pytest.approx(purchase.planned)
    assert purchase.allowance.reserved(job.key("final", 0) for job in purchase.reserve) == 0


@pytest.mark.long
def test_a_larger_budget_buys_all_methods_then_trials_and_seeds(bought):
    small, large = bought("10m"), bought("8h")
    assert names(small) == names(large) == list(ALL)
    assert small.purchase.level.seeds >= 3
    assert large.purchase.level == Level(10, 16)
    assert max(len(job.trials) for job in large.jobs) == 16


def test_named_methods_keep_their_order_and_are_dropped_from_the_end(bought):
    plan = bought("5s", methods=["theta", "lstm", "drift"])
    assert names(plan) == ["seasonal-naive", "theta"]
    assert names(bought("60s", methods=["theta", "lstm", "drift"])) == [
        "seasonal-naive",
        "theta",
        "lstm",
        "drift",
    ]


def test_a_pattern_of_names_takes_the_order_of_the_budget(bought):
    assert names(bought("60s", methods=["t*", "d*"]))[:3] == ["seasonal-naive", "drift", "theta"]


def test_seeds_and_trials_that_the_user_gives_are_kept(bought):
    plan = bought("10m", methods=["mlp"], seeds=2, trials=3)
    assert plan.purchase.level == Level(2, 3)
    assert {job.seed for job in plan.jobs if job.seed is not None} == {0, 1}
    assert bought("10m", methods=["mlp"], seeds=2, first_seed=7).jobs[-1].seed == 8


def test_a_small_budget_starts_few_workers(bought, monkeypatch):
    monkeypatch.setattr("recurbench.running.limits.cores", lambda: 8)
    workers = [
        bought(budget, methods=["drift"], jobs=None).workers for budget in ("10s", "70s", "8h", "none")
    ]
    assert workers == [1, 2, 8, 8]


def test_stored_fits_cost_nothing_and_more_is_bought(bought, file, tmp_path):
    words = {"methods": ["theta", "drift"], "out": tmp_path / "run", "jobs": 0}
    perform(prepare(Request(data=file, **words)))
    bids = {bid.name: bid for bid in bought("5s").purchase.bids}
    assert (bids["theta"].seconds, bids["drift"].seconds) == (0.0, 0.0)
    assert bids["ets"].seconds > 0


def test_a_suite_of_several_blocks_keeps_its_blocks_whole(tmp_path):
    five = ("word-problem", "arma[length=100]", "temporal-order", "sequential-digits", "firm-default")
    asked = Request("map", datasets=five, seeds=3, out=tmp_path / "run", jobs=1)
    whole, plan = prepare(asked), prepare(replace(asked, budget="10m"))
    kept = {job.dataset.address for job in plan.jobs}
    assert plan.purchase.what == "problem"
    assert 0 < len(kept) < 5
    assert len(plan.jobs) == sum(job.dataset.address in kept for job in whole.jobs)


def test_a_budget_that_holds_nothing_is_refused_with_the_one_that_does(bought, tmp_path):
    for words in ({}, {"methods": ["lstm"]}):
        with pytest.raises(ValueError, match="too small") as refused:
            bought("1s", **words)
        needed = str(refused.value).rpartition("--budget ")[2]
        assert bought(needed, **words).jobs
    with pytest.raises(ValueError, match="problems"):
        prepare(Request("map", datasets=["parity", "adding"], out=tmp_path / "run", budget="10s", jobs=1))


def test_a_budget_with_dask_is_refused(bought):
    with pytest.raises(ValueError, match="leave one of them out"):
        bought("5m", dask="tcp://127.0.0.1:1")


def test_the_table_says_of_every_method_whether_it_is_in(bought):
    plan = bought("20s")
    lines = described(plan.purchase, 1)
    (out,) = [line for line in lines if line.startswith("Too expensive")]
    for bid in plan.purchase.bids:
        assert any(line.split()[:1] == [bid.name] for line in lines) == (bid.left is None)
        assert (f" {bid.name} (" in out) == (bid.left is not None)
    assert f"factor of {plan.purchase.factor:.1f}" in " ".join(lines)


def test_the_account_names_what_was_not_run_and_what_was_stopped(bought):
    plan = bought("20s", methods=["theta", "ets", "drift"])
    job = {one.method.address: one for one in plan.jobs}
    tally = Tally(used=21.0, not_run=[(job["theta"], False), (job["ets"], True)])
    lines = account(plan.purchase, tally)
    assert any("budget spent" in line and "theta" in line and "ets" not in line for line in lines)
    assert any("stopped" in line and "ets" in line and "theta" not in line for line in lines)
    assert len(account(plan.purchase, Tally(used=1.0))) == 1
    assert plan.purchase.without(tally.not_run)[job["ets"].dataset.address, "ets"] == "stopped"


def test_a_method_of_which_some_seeds_were_run_is_named_as_such(bought):
    plan = bought("60s", methods=["time-domain-forest"], seeds=3)
    forest = [job for job in plan.jobs if job.seed is not None]
    told = plan.purchase.without([(job, False) for job in forest[1:]])
    assert list(told.values()) == ["fewer seeds"]
    assert list(plan.purchase.without([(job, False) for job in forest]).values()) == ["budget spent"]


@pytest.mark.long
def test_a_run_shows_its_tables_when_it_is_interrupted(bought, file, tmp_path, monkeypatch):
    perform(bought("20s", methods=["drift"], jobs=0))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("recurbench.api.perform", interrupted)
    asked = ["run", "--data", str(file), "--methods", "drift,theta", "--out", str(tmp_path / "run")]
    found = CliRunner().invoke(main, [*asked, "--budget", "20s"])
    assert found.exit_code == 130
    assert Path(tmp_path / "run" / "report" / "index.html").is_file()


@pytest.mark.long
def test_a_run_with_a_budget_stores_what_it_left_out_and_ends_well(file, tmp_path):
    large = "lstm[hidden=128]"  # far more than the budget on any machine
    asked = ["run", "--data", str(file), "--methods", f"theta,drift,{large}", "--out", str(tmp_path / "run")]
    found = CliRunner().invoke(main, [*asked, "--budget", "6s", "--jobs", "1"])
    assert found.exit_code == 0, found.output
    run = read_run(tmp_path / "run")
    assert set(run.cells["address"]) == {"seasonal-naive", "theta", "drift"}
    assert {method: why for (_, method), why in run.left_out.items()} == {large: left_out.REASONS[0]}
    assert not run.missing
    assert "estimate" in CliRunner().invoke(main, ["plan", *asked[1:], "--budget", "6s"]).output


def test_the_references_of_every_kind_come_first():
    assert all(order.FIRST[kind][0] == name for kind, name in REFERENCES.items())
