"""Seeds that share their fits: the same rows as without, however a fit goes, and the cost shared out."""

import os
from pathlib import Path

import pytest
from recurbench.planning.plan_costs import prospects
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.runner import GROUP, Inline, jobs, run_jobs

PLUGINS = '''
"""A method that is fitted for several seeds at once, which writes down for which."""

import os
import time
from pathlib import Path

import numpy as np
from recurbench import About, Problem, Split, Task, Unsupported, Values, dataset, method


class Guess:
    def __init__(self, level, seed, steps, how):
        self.level, self.seed, self.how = level, seed, how
        self.notes = {"steps": 10 * (seed + 1), "given": steps}

    def __call__(self, split):
        if self.seed == 1 and self.how == "stumble":
            raise RuntimeError("seed 1 cannot answer")
        return [np.full((1, 1), self.level) for _ in split.x]


@method("guess", family="baseline", kinds={"regression"})
def guess(task, train, *, seed=0, seeds=(), check=None, steps=None, how=""):
    """Answer with a number drawn for the seed."""
    with Path(os.environ["ASKED"]).open("a") as file:
        stage = "inner" if check is not None else "final"
        file.write(f"{stage} {' '.join(map(str, seeds))}" + "\\n")
    each = steps if isinstance(steps, tuple) else (steps,) * len(seeds)
    return [one(own, step, check, how, len(seeds)) for own, step in zip(seeds, each, strict=True)]


def one(seed, steps, check, how, together):
    if seed == 1:
        if how == "diverge":
            return FloatingPointError("loss nan after 3 steps")
        if how == "refuse":
            return Unsupported("not with seed 1")
        if how == "die" or (how == "die-in-company" and together > 1):
            os._exit(3)
        if how == "die-once" and not Path(os.environ["ASKED"] + ".once").exists():
            Path(os.environ["ASKED"] + ".once").touch()
            os._exit(3)
        if how == "die-at-last" and check is None:
            os._exit(3)
        if how == "hoard" and together > 1:
            held = [np.ones(20_000_000) for _ in range(10)]
            time.sleep(2)
        if how == "sleep" and check is None:
            time.sleep(600)
        if how == "interrupt" and not Path(os.environ["ASKED"] + ".once").exists():
            Path(os.environ["ASKED"] + ".once").touch()
            raise KeyboardInterrupt
    end = time.process_time() + 0.003 * (seed + 1)
    while time.process_time() < end:
        pass
    return Guess(np.random.default_rng(seed).normal() + (steps or 0), seed, steps, how)


@method("miscounts", family="baseline", kinds={"regression"})
def miscounts(task, train, *, seed=0, seeds=(), how="few"):
    """Return something else than one predictor per seed."""
    if how == "lone":
        return Guess(1.0, 0, None, "")
    made = [Guess(1.0, each, None, "") if each < 2 or how != "odd" else 3 for each in seeds]
    return made[:-1] if how == "few" else made


@dataset("three", kind="regression")
def three(*, brings_valid=False, broken=False):
    """Threes."""
    if broken:
        os._exit(5)
    task = Task("regression", x=Values(1), y=Values(1), length="fixed")
    about = About("here", "none", "none", reference="guess", metric="mse")

    def split(count):
        return Split([np.ones((4, 1))] * count, [np.full((1, 1), 3.0 + i / count) for i in range(count)])

    return Problem(task, split(30), split(11), about, split(7) if brings_valid else None)
'''
# What grouping must not change. Notes say who shared a fit, and seconds are never twice the same.
SAME = ("key", "job", "seed", "stage", "cut", "status", "reason", "score", "scores", "predictions", "units")


@pytest.fixture
def registry(tmp_path, monkeypatch):
    file = tmp_path / "guesses.py"
    file.write_text(PLUGINS)
    monkeypatch.setenv("ASKED", str(tmp_path / "asked.txt"))
    (tmp_path / "asked.txt").touch()
    return discover([file])


def chosen(registry, methods, datasets=("three",), seeds=3, **words):
    return jobs(registry.select_methods(methods), registry.select_datasets(datasets), seeds, **words)


def run(folder, wanted, executor=None, **words):
    """The tally and all rows by their keys."""
    file = RunFile(folder / "results.sqlite")
    tally = run_jobs(wanted, file, executor=executor, **words)
    rows = {row["key"]: row for row in file.rows(blobs=True)}
    file.close()
    return tally, rows


def asked():
    """For which seeds the method was fitted so far, stage by stage, and forget it."""
    path = Path(os.environ["ASKED"])
    lines = path.read_text().splitlines()
    path.write_text("")
    return lines


def same(rows):
    return {key: {name: row[name] for name in SAME} for key, row in rows.items()}


def ends(rows):
    return {row["seed"]: (row["status"], row["reason"]) for row in rows.values() if row["stage"] == "final"}


NETWORKS = ["rnn[max_steps=6]", "gru[max_steps=6,hidden=8]", "mlp[max_steps=6]", "rnn-reset[max_steps=6]"]


@pytest.mark.long
def test_networks_give_the_same_bits_in_groups_and_alone(tmp_path):
    registry = discover()
    datasets = ["gunpoint", "airline[origins=2]", "hmm-filter[n_train=40,n_valid=10,n_test=20]"]
    wanted = chosen(registry, NETWORKS, datasets, data_seeds=1)
    tally, rows = run(tmp_path / "groups", wanted, Pool(2, Limits()))
    assert dict(tally.statuses) == {"ok": len(wanted)}
    _, alone = run(tmp_path / "alone", wanted[::-1], Inline(), group=1)
    assert same(rows) == same(alone)
    shared = [row["notes"]["trained_together"] for row in rows.values() if row["problem"] == "gunpoint"]
    assert set(shared) == {3}


@pytest.mark.long
@pytest.mark.parametrize("dataset", ["three", "three[brings_valid=True]"])
@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow), 2])
def test_rows_do_not_depend_on_the_group_or_the_workers(tmp_path, registry, workers, dataset):
    wanted = chosen(registry, ["guess"], [dataset], 5)
    _, alone = run(tmp_path / "alone", wanted, group=1)
    for most in (2, GROUP):
        executor = Pool(workers, Limits()) if workers else Inline()
        tally, rows = run(tmp_path / str(most), wanted, executor, group=most)
        assert dict(tally.statuses) == {"ok": 5}
        assert (tally.jobs, tally.cells) == (5, len(alone))
        assert same(rows) == same(alone)
        assert all(row["attempt"] == 0 for row in rows.values())


def test_a_group_is_fitted_once_per_cut_and_each_seed_goes_on_with_its_own_steps(tmp_path, registry):
    _, rows = run(tmp_path, chosen(registry, ["guess"]))
    assert asked() == ["inner 0 1 2"] * 5 + ["final 0 1 2"]
    final = {row["seed"]: row["notes"] for row in rows.values() if row["stage"] == "final"}
    assert {seed: notes["given"] for seed, notes in final.items()} == {0: 10, 1: 20, 2: 30}
    assert all(notes["seeds"] == [0, 1, 2] for notes in final.values())


@pytest.mark.long
def test_groups_hold_what_differs_in_nothing_but_the_seed_and_at_most_so_many(tmp_path, registry):
    wanted = chosen(registry, ["guess", "guess[how=x]"], ["three", "three[brings_valid=True]"], 3)
    run(tmp_path / "one", wanted, group=2)
    finals = [line for line in asked() if line.startswith("final")]
    assert sorted(finals) == ["final 0 1"] * 2 + ["final 2"] * 2
    assert run(tmp_path / "two", chosen(registry, ["guess"], seeds=GROUP + 1))[0].statuses["ok"] == GROUP + 1
    assert set(asked()) == {
        f"{stage} {words}" for stage in ("inner", "final") for words in ("0 1 2 3 4 5 6 7 8 9", "10")
    }


def test_a_tuned_job_is_given_its_seed_by_itself(tmp_path):
    method = ["mlp[max_steps=4]"]
    wanted = chosen(discover(), method, ["gunpoint"], 2, trials=2)
    tally, rows = run(tmp_path, wanted)
    assert dict(tally.statuses) == {"ok": 2}
    assert not any("seeds" in row["notes"] for row in rows.values())
    # Its first trial is the job that is not tuned.
    tally, _ = run(tmp_path, chosen(discover(), method, ["gunpoint"], 2))
    assert tally.cells == 2


def test_the_cost_of_a_fit_is_shared_out_by_steps(tmp_path, registry):
    tally, rows = run(tmp_path, chosen(registry, ["guess"]))
    cells = [row for row in rows.values() if row["stage"] == "final"]
    assert tally.cpu_seconds == pytest.approx(sum(row["cpu_seconds"] for row in rows.values()))
    for name in ("fit_seconds", "fit_cpu_seconds"):
        cost = {row["seed"]: row[name] for row in cells}
        assert cost[1] == pytest.approx(2 * cost[0])
        assert cost[2] == pytest.approx(3 * cost[0])
        assert sum(cost.values()) >= 0.018
    assert all(row["cpu_seconds"] > row["fit_cpu_seconds"] for row in cells)


def test_every_row_of_a_group_says_all_that_a_lone_one_says(tmp_path, registry):
    wanted = chosen(registry, ["guess"])
    _, rows = run(tmp_path / "group", wanted, Pool(1, Limits(seconds=60.0, memory_mb=4000.0)))
    _, alone = run(tmp_path / "alone", wanted, Pool(1, Limits(seconds=60.0, memory_mb=4000.0)), group=1)
    for key, row in rows.items():
        assert {name for name, value in row.items() if value in (None, "")} == {
            name for name, value in alone[key].items() if value in (None, "")
        }
        assert (row["limit_seconds"], row["settings"]) == (60.0, {"how": ""})
        assert row["versions"] == alone[key]["versions"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("diverge", "failed", "inner stage, cut 0: FloatingPointError: loss nan after 3 steps"),
        ("refuse", "unsupported", "not with seed 1"),
        ("stumble", "failed", "inner stage, cut 0: RuntimeError: seed 1 cannot answer"),
    ],
)
def test_what_goes_wrong_with_one_seed_leaves_the_others_as_they_are(tmp_path, registry, how, status, words):
    _, good = run(tmp_path / "good", chosen(registry, ["guess"]))
    asked()
    _, rows = run(tmp_path / "bad", chosen(registry, [f"guess[how={how}]"]))
    assert ends(rows) == {0: ("ok", ""), 1: (status, words), 2: ("ok", "")}
    assert asked() == ["inner 0 1 2"] + ["inner 0 2"] * 4 + ["final 0 2"]
    scores = {row["seed"]: row["score"] for row in good.values() if row["stage"] == "final"}
    found = {row["seed"]: row["score"] for row in rows.values() if row["stage"] == "final"}
    assert found == {**scores, 1: None}


@pytest.mark.parametrize(
    ("how", "bad", "words"),
    [
        ("few", {0, 1, 2}, "was given 3 seeds; return a list of as many, not 2 of them"),
        ("lone", {0, 1, 2}, "was given 3 seeds; return a list of as many, not Guess"),
        ("odd", {2}, "returned int; return a callable"),
    ],
)
def test_something_else_than_a_predictor_per_seed_is_said(tmp_path, registry, how, bad, words):
    _, rows = run(tmp_path, chosen(registry, [f"miscounts[how={how}]"]))
    found = ends(rows)
    assert {seed for seed, (status, _) in found.items() if status == "failed"} == bad
    assert all(words in found[seed][1] for seed in bad)


def test_only_what_is_missing_of_a_half_done_group_is_computed(tmp_path, registry):
    wanted = chosen(registry, ["guess"])
    _, whole = run(tmp_path, wanted)
    asked()
    file = RunFile(tmp_path / "results.sqlite")
    file._db.execute("DELETE FROM cells WHERE seed = 1 AND (stage = 'final' OR cut >= 3)")
    file._db.execute("DELETE FROM cells WHERE seed = 2 AND (stage = 'final' OR cut >= 4)")
    file.close()
    tally, rows = run(tmp_path, wanted)
    assert (tally.cached, tally.cells) == (1, 2 + 1 + 2)
    assert asked() == ["inner 1", "inner 1 2", "final 1 2"]
    assert same(rows) == same(whole)


@pytest.mark.long
def test_an_interrupted_group_goes_on_and_more_seeds_join_it(tmp_path, registry):
    wanted = chosen(registry, ["guess[how=interrupt]"])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, wanted)
    more = chosen(registry, ["guess[how=interrupt]"], seeds=5)
    run(tmp_path, wanted)
    asked()
    tally, rows = run(tmp_path, more)
    assert (tally.cached, tally.cells) == (3, 12)
    assert asked() == ["inner 3 4"] * 5 + ["final 3 4"]
    assert len(rows) == 30


def test_a_worker_that_dies_over_one_seed_costs_that_seed_alone(tmp_path, registry):
    _, good = run(tmp_path / "good", chosen(registry, ["guess"]))
    tally, rows = run(tmp_path / "bad", chosen(registry, ["guess[how=die]"]), Pool(1, Limits()))
    found = ends(rows)
    assert {seed: status for seed, (status, _) in found.items()} == {0: "ok", 1: "crashed", 2: "ok"}
    assert "inner stage: the worker ended with exit code 3" in found[1][1]
    assert (tally.jobs, tally.bad, tally.cells) == (3, 1, len(good) - 4)
    (inner,) = [row for row in rows.values() if row["seed"] == 1 and row["stage"] == "inner"]
    assert (inner["status"], inner["cut"]) == ("crashed", 0)


def test_a_worker_killed_once_or_only_over_several_costs_nothing(tmp_path, registry):
    for how in ("die-once", "die-in-company"):
        tally, rows = run(tmp_path / how, chosen(registry, [f"guess[how={how}]"]), Pool(2, Limits()))
        assert (dict(tally.statuses), len(rows)) == ({"ok": 3}, 18)


def test_what_was_computed_before_a_group_was_lost_stands(tmp_path, registry):
    run(tmp_path, chosen(registry, ["guess[how=die-at-last]"]), Pool(1, Limits()))
    assert asked() == ["inner 0 1 2"] * 5 + ["final 0 1 2", "final 0", "final 1", "final 2"]


@pytest.mark.long
def test_memory_of_several_together_is_no_memory_of_one(tmp_path, registry):
    executor = Pool(1, Limits(memory_mb=700.0))
    tally, _ = run(tmp_path, chosen(registry, ["guess[how=hoard]"], ["three[brings_valid=True]"]), executor)
    assert dict(tally.statuses) == {"ok": 3}
    assert asked() == ["inner 0 1 2", "inner 0", "inner 1", "inner 2"]


@pytest.mark.long
def test_a_group_has_the_time_of_its_seeds_and_each_that_was_in_work_is_told(tmp_path, registry):
    wanted = chosen(registry, ["guess[how=sleep]"], seeds=2)
    tally, rows = run(tmp_path, wanted, Pool(1, Limits(seconds=3.0)))
    words = "more than 3 s of wall-clock time for each of 2 seeds fitted together"
    assert ends(rows) == dict.fromkeys(range(2), ("timeout", words))
    assert (tally.bad, tally.cells) == (2, 12)
    final = [row for row in rows.values() if row["stage"] == "final"]
    assert all(row["limit_seconds"] == 3.0 for row in final)


def test_a_problem_that_takes_its_worker_down_is_a_row_for_every_seed(tmp_path, registry):
    _, rows = run(tmp_path, chosen(registry, ["guess"], ["three[broken=True]"]), Pool(1, Limits()))
    assert {seed: status for seed, (status, _) in ends(rows).items()} == dict.fromkeys(range(3), "crashed")
    assert all(row["reason"].startswith("while its problem was built") for row in rows.values())


def test_the_plan_counts_seeds_and_not_groups(tmp_path, registry):
    wanted = chosen(registry, ["guess"])
    assert [one.why for one in prospects(wanted, tmp_path / "run")] == ["new"] * 3
    run(tmp_path / "run", wanted[:1])
    plan = prospects(wanted, tmp_path / "run")
    assert [bool(one.why) for one in plan] == [False, True, True]
    assert all(one.price.seconds is not None for one in plan if one.why)
