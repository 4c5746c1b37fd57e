"""Equal tuning: which settings are tried, which are chosen, and what a tuned job asks of whom."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.metrics import METRICS
from recurbench.packing import unpack
from recurbench.registry import Choice, Plugin, discover, read
from recurbench.running import job as job_module
from recurbench.running.cell import chosen
from recurbench.running.job import build
from recurbench.running.runner import jobs
from recurbench.running.tune import choose, trials
from serving import cells_of
from tuned import asked, prepared, wanted


def made(search, settings=None, name="made", **fixed):
    """A method with this search space; defaults are the first values, or those in `settings`."""
    defaults = {**{key: values[0] for key, values in search.items()}, "other": "kept", **(settings or {})}
    kinds = frozenset({"regression"})
    plugin = Plugin(
        name, "method", name, name, None, "here", kinds, settings=defaults, search=search, family="baseline"
    )
    return Choice(plugin, {**defaults, **fixed})


SPACES = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=3
)


@given(SPACES, st.integers(1, 70))
def test_trials_are_the_method_itself_and_then_configurations_of_the_space_each_once(space, count):
    method = made(space)
    found = trials(method, count)
    assert found[0] == method.settings
    every = {tuple(one) for one in itertools.product(*(set(values) for values in space.values()))}
    tried = [tuple(settings[name] for name in space) for settings in found]
    assert len(set(tried)) == len(tried) == min(count, len(every))
    assert set(tried) <= every
    assert all(settings["other"] == "kept" for settings in found)


@given(SPACES, st.integers(1, 20), st.integers(1, 20))
def test_asking_for_more_trials_keeps_those_that_were_there(space, few, more):
    method = made(space)
    assert trials(method, few) == trials(method, few + more)[:few]


def test_a_default_outside_the_space_is_tried_beside_all_of_it():
    found = trials(made({"a": (1, 2)}, settings={"a": 7}), 9)
    assert found[0]["a"] == 7
    assert sorted(one["a"] for one in found) == [1, 2, 7]


def test_what_another_setting_overrides_leaves_the_space():
    (free, sized) = discover().select_methods(["gru", "gru[parameters=5000]"])
    tried = [trials(one, 99) for one in (free, sized)]
    assert {one["hidden"] for one in tried[0]} == {16, 32, 64}
    assert {one["hidden"] for one in tried[1]} == {32}
    assert {one["learning_rate"] for one in tried[1]} == {one["learning_rate"] for one in tried[0]}


def test_every_network_says_what_its_number_of_parameters_decides():
    sized = [one for one in discover().methods.values() if "parameters" in one.settings]
    assert len(sized) > 10
    for plugin in sized:
        (width,) = plugin.overrides["parameters"]
        assert width in plugin.settings


def test_what_is_fixed_in_the_bracket_stays_fixed():
    found = trials(made({"a": (1, 2, 3), "b": (1, 2, 3)}, a=3), 99)
    assert [one["a"] for one in found] == [3, 3, 3]
    assert sorted(one["b"] for one in found) == [1, 2, 3]


def test_the_draw_is_of_the_methods_name_and_the_same_on_every_machine():
    space = {"a": tuple(range(10)), "b": tuple(range(10))}
    found = [(one["a"], one["b"]) for one in trials(made(space), 5)]
    assert found == [(0, 0), (3, 0), (1, 5), (9, 5), (4, 6)]
    other = [(one["a"], one["b"]) for one in trials(made(space, name="another"), 5)]
    assert other != found
    backwards = {"b": space["b"], "a": space["a"]}
    assert [(one["a"], one["b"]) for one in trials(made(backwards), 5)] == found


def test_a_space_too_large_to_be_written_out_is_drawn_from():
    space = {f"s{i}": tuple(range(100)) for i in range(20)}
    found = trials(made(space), 6)
    assert len({tuple(one.values()) for one in found}) == 6


def test_trials_are_counted_from_one():
    with pytest.raises(ValueError, match="trials must be at least 1, got 0"):
        trials(made({"a": (1,)}), 0)


def test_what_makes_a_variant_is_not_searched_over(tmp_path, monkeypatch):
    file = prepared(tmp_path, monkeypatch)
    plugins = {plugin.name: plugin for plugin in read(file, "guesses", "here")}
    assert set(plugins["guess"].search) == {"level", "sign"}
    assert set(plugins["guess-down"].search) == {"level"}
    variant = Choice(plugins["guess-down"], plugins["guess-down"].settings)
    assert {one["sign"] for one in trials(variant, 9)} == {-1}


@pytest.mark.parametrize("values", ["abc", 3, ()])
def test_a_space_without_values_to_choose_from_is_refused_with_its_line(tmp_path, values):
    file = tmp_path / "odd.py"
    file.write_text(
        f"@method('odd', family='baseline', kinds={{'regression'}}, search={{'a': {values!r}}})\n"
        "def odd(task, train, *, a='b'):\n    pass\n"
    )
    with pytest.raises(ValueError, match=r"odd.py, line 2, odd: search must hold a tuple of values for a"):
        read(file, "odd", "here")


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
def test_the_initialisation_is_part_of_the_recurrent_space(name):
    (method,) = discover().select_methods([name])
    assert len({one["init"] for one in trials(method, 24)}) > 1


SCORES = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"log_loss": st.integers(0, 3)}))


@given(st.lists(SCORES, min_size=1, max_size=6).filter(any), st.booleans())
def test_the_best_mean_is_chosen_and_a_tie_goes_to_the_earlier(means, higher):
    name = "accuracy" if higher else "log_loss"
    means = [scores and dict.fromkeys([name], scores["log_loss"]) for scores in means]
    left = [i for i, scores in enumerate(means) if scores is not None]
    number, by = choose(means, [name])
    if all(name in means[i] for i in left):
        values = [means[i][name] for i in left]
        best = (max if METRICS[name].higher_is_better else min)(values)
        assert (number, by) == (next(i for i in left if means[i][name] == best), name)
    else:
        assert (number, by) == (left[0], "")


def test_the_first_metric_that_all_have_decides_and_nan_is_none():
    means = [{"mase": math.nan, "mae": 2.0}, {"mase": 0.1, "mae": 3.0}, None, {"mase": 0.2, "mae": 1.0}]
    assert choose(means, ["mase", "mae"]) == (3, "mae")
    assert choose([{"mase": 0.5}, {"mase": 0.1, "mae": 3.0}], ["mase", "mae"]) == (1, "mase")
    with pytest.raises(ValueError, match="every trial dropped out"):
        choose([None, None], ["mase"])


TRIALS = st.lists(
    st.fixed_dictionaries({"accuracy": st.integers(0, 2), "log_loss": st.integers(0, 2)}),
    min_size=1,
    max_size=6,
)


@given(TRIALS)
def test_of_trials_with_equal_accuracy_log_loss_chooses_then_the_earlier(means):
    number, by = choose(means, ["accuracy", "log_loss"])
    order = sorted(range(len(means)), key=lambda i: (-means[i]["accuracy"], means[i]["log_loss"], i))
    assert (number, by) == (order[0], "accuracy")


def test_accuracy_on_validation_chooses_the_settings_of_a_classifier_and_its_note_says_so():
    (job,) = jobs(discover().select_methods(["mlp"]), discover().select_datasets(["gunpoint"]), 1, trials=3)
    folds = [
        {"accuracy": 0.8, "log_loss": 0.1},
        {"accuracy": 0.9, "log_loss": 0.7},
        {"accuracy": 0.9, "log_loss": 0.6},
    ]
    tried = [
        [replace(job_module.blank(one, "inner", 0), scores=f)]
        for one, f in zip(job.tries, folds, strict=True)
    ]
    found = chosen(job, tried, build(job.dataset, None))
    assert found.job == job.tries[2]
    assert found.notes["tuning"] == {
        "trials": 3,
        "chosen": 2,
        "metric": "accuracy",
        "validation": [0.8, 0.9, 0.9],
    }


def test_only_the_final_fit_of_a_tuned_classifier_is_made_again_since_accuracy_chooses(monkeypatch):
    monkeypatch.setattr(job_module, "_digest", dict)
    (method,) = discover().select_methods(["mlp"])
    for name, tuned in itertools.product(("gunpoint", "diabetes"), (1, 2)):
        (job,) = jobs([method], discover().select_datasets([name]), 1, trials=tuned)
        assert "chosen by" not in job.key("inner", 0)
        assert ("chosen by" in job.key("final", 0)) == (name == "gunpoint" and tuned > 1)


@pytest.fixture
def file(tmp_path, monkeypatch):
    return prepared(tmp_path, monkeypatch)


def rows_of(job, known=None):
    return cells_of(job, build(job.dataset, job.data_seed), known)


def level(settings):
    return settings["sign"] * settings["level"]


def test_one_trial_is_the_job_that_always_was_and_more_are_another_final_cell(file):
    (plain,), (three,), (five,) = (wanted(file, ["guess"], count) for count in (1, 3, 5))
    assert plain.trials == ()
    assert len({job.key("final", 0) for job in (plain, three, five)}) == 3
    assert [one.key("inner", 0) for one in three.tries] == [one.key("inner", 0) for one in five.tries[:3]]
    assert three.tries[0] == plain
    bracket = wanted(file, [three.tries[1].method.address], 1)[0]
    for stage in ("inner", "final"):
        assert three.tries[1].key(stage, 0) == bracket.key(stage, 0)


def test_a_method_without_a_choice_is_the_same_job_however_many_trials_are_asked_for(file):
    registry = discover([file])
    chosen = registry.select_methods(["mean", "guess[level=1,sign=-1]"]), registry.select_datasets(["three"])
    assert [job.key("final", 0) for job in jobs(*chosen, 1, trials=9)] == [
        job.key("final", 0) for job in jobs(*chosen, 1)
    ]


def test_every_seed_and_problem_tries_the_same_settings():
    registry = discover()
    found = jobs(
        registry.select_methods(["rnn"]), registry.select_datasets(["gunpoint", "parity"]), 3, trials=4
    )
    assert len(found) == 6
    assert all(job.trials == found[0].trials for job in found)


def test_the_settings_best_on_validation_are_fitted_for_the_final_cell(file):
    (job,) = wanted(file, ["guess"], 99)
    rows = rows_of(job)
    assert len(job.trials) == 8
    assert [row.stage for row in rows] == ["inner"] * 40 + ["final"]
    final = rows[-1]
    assert (final.status, final.address, level(final.settings)) == ("ok", "guess", 3.0)
    tuning = final.notes["tuning"]
    assert (tuning["trials"], tuning["metric"]) == (8, "mse")
    assert level(job.trials[tuning["chosen"]]) == 3.0
    means = [sum(row.scores["mse"] for row in rows[i : i + 5]) / 5 for i in range(0, 40, 5)]
    assert tuning["validation"] == pytest.approx(means)
    assert tuning["chosen"] == means.index(min(means))
    assert {row.job for row in rows[:-1]} == {one.key("final", 0) for one in job.tries}


@pytest.mark.parametrize("dataset", ["three", "three[brings_valid=True]"])
def test_a_tuned_job_ends_with_the_very_cells_of_the_settings_it_chose(file, dataset):
    (job,) = wanted(file, ["guess"], 99, dataset)
    tuned = rows_of(job)
    (typed,) = wanted(file, [job.tries[tuned[-1].notes["tuning"]["chosen"]].method.address], 1, dataset)
    plain = rows_of(typed)
    by_key = {row.key: row for row in tuned}
    for row in plain[:-1]:
        assert by_key[row.key].scores == row.scores
    assert unpack(tuned[-1].predictions)[0].tolist() == unpack(plain[-1].predictions)[0].tolist()
    assert (tuned[-1].score, tuned[-1].units) == (plain[-1].score, plain[-1].units)


def test_only_the_chosen_settings_are_asked_for_the_test_split(file):
    (job,) = wanted(file, ["guess"], 99, "three[brings_valid=True]")
    rows = rows_of(job)
    assert [row.stage for row in rows] == ["inner"] * 8 + ["final"]
    assert {line for line in asked("ask") if line.endswith("of 3")} == {"ask 3.0 of 3"}
    assert {line for line in asked("ask") if line.endswith("of 2")} == {
        f"ask {level(settings)} of 2" for settings in job.trials
    }
    assert asked()[-1] == "ask 3.0 of 3"


def test_a_problem_that_brings_valid_needs_one_fit_where_nothing_is_tuned(file):
    (job,) = wanted(file, ["guess"], 1, "three[brings_valid=True]")
    assert [row.stage for row in rows_of(job)] == ["inner", "final"]
    assert len(asked("fit")) == 1


@pytest.mark.parametrize("how", ["raise", "refuse"])
def test_a_trial_that_fails_drops_out_and_its_row_stays(file, how):
    (job,) = wanted(file, [f"guess[hurt=3.0,how={how}]"], 99)
    rows = rows_of(job)
    hurt = [row for row in rows[:-1] if row.status != "ok"]
    assert [level(row.settings) for row in hurt] == [3.0]
    final = rows[-1]
    assert (final.status, level(final.settings)) == ("ok", 2.0)
    assert [i for i, mean in enumerate(final.notes["tuning"]["validation"]) if mean is None] == [
        [level(settings) for settings in job.trials].index(3.0)
    ]


def test_a_job_whose_trials_all_drop_out_fails_unless_all_of_them_refuse(file):
    (job,) = wanted(file, ["stumbles"], 3)
    rows = rows_of(job)
    assert [row.status for row in rows] == ["unsupported", "failed", "failed", "failed"]
    assert rows[-1].reason.startswith("all of 3 trials dropped out, stumbles[level=")
    assert "inner stage, cut 0: RuntimeError: not" in rows[-1].reason
    (refuses,) = wanted(file, ["stumbles"], 1)
    assert (rows_of(refuses)[-1].status, rows_of(refuses)[-1].reason) == ("unsupported", "not this one")


def test_known_cells_are_not_computed_again(file):
    (job,) = wanted(file, ["guess"], 3)
    rows = {row.key: row for row in rows_of(job)[:-1]}
    before = len(asked("fit"))
    assert [row.stage for row in rows_of(job, rows)] == ["final"]
    assert len(asked("fit")) == before + 1


def test_where_nothing_can_be_held_out_the_defaults_are_used_and_said_so(file):
    (job,) = wanted(file, ["guess"], 99, "three[train=1]")
    (final,) = rows_of(job)
    assert (final.status, level(final.settings)) == ("ok", 0.0)
    assert final.notes["tuning"]["validation"] == [None] * 8
    assert "the defaults were used" in final.notes["validation"]
