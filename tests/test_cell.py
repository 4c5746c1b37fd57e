"""What a job runs next: from the rows it has and the fits that were lost, without a fit."""

import pytest
from recurbench.reasons import Reason, of_row
from recurbench.registry import discover
from recurbench.running.cell import Cells, Ended, Fit, after_loss, cuts, remaining
from recurbench.running.job import Job, JobGroup, blank, build, close
from recurbench.running.runner import jobs
from recurbench.running.serve import RowsReady, run_cells

REGISTRY = discover()
LATE = Reason("time_limit", {"seconds": 3})
GONE = Reason("worker_exit", {"exit": 3})


def group_of(method="mlp", dataset="gunpoint", seeds=3, trials=1):
    methods, datasets = REGISTRY.select_methods([method]), REGISTRY.select_datasets([dataset])
    return JobGroup.of_jobs(jobs(methods, datasets, seeds, trials=trials))


def row(job: Job, stage="inner", cut=0, status="ok", reason=LATE):
    record = blank(job, stage, cut)
    if status != "ok":
        close(record, status, reason)
    return record


def known(*rows):
    return {one.key: one for one in rows}


def inner(job, count, status="ok", reason=LATE):
    """The first `count` inner rows of a job, the last of them with this status."""
    return [row(job, "inner", cut, status if cut == count - 1 else "ok", reason) for cut in range(count)]


def test_folds_come_first_each_for_all_seeds_and_then_the_final_fit():
    group = group_of()
    cells, rows = Cells(group, folds=5), {}
    steps = []
    while (step := cells.next_step(rows)) is not None:
        steps.append(step)
        rows |= known(*(row(group.jobs[i], step.stage, step.cut) for i in step.places))
    assert steps == [*(Fit("inner", cut, (0, 1, 2)) for cut in range(5)), Fit("final", 0, (0, 1, 2))]


def test_known_rows_are_not_fitted_again_and_seeds_that_lack_more_catch_up_first():
    group = group_of()
    rows = known(*inner(group.jobs[0], 5), *inner(group.jobs[1], 3), *inner(group.jobs[2], 4))
    assert Cells(group, 5).next_step(rows) == Fit("inner", 3, (1,))
    rows |= known(*inner(group.jobs[1], 4))
    assert Cells(group, 5).next_step(rows) == Fit("inner", 4, (1, 2))


def test_without_a_fold_the_final_fit_comes_first():
    assert Cells(group_of(), folds=0).next_step({}) == Fit("final", 0, (0, 1, 2))


def test_a_seed_without_all_validation_scores_ends_without_a_final_fit():
    group = group_of()
    rows = known(*inner(group.jobs[0], 5), *inner(group.jobs[1], 2, "failed"), *inner(group.jobs[2], 5))
    step = Cells(group, 5).next_step(rows)
    assert step == Ended({1: ("failed", Reason("inner_cut", {"cut": 1, "reason": LATE}))})
    rows |= known(row(group.jobs[1], "final", 0, "failed"))
    assert Cells(group, 5).next_step(rows) == Fit("final", 0, (0, 2))


def test_what_a_method_does_not_support_is_said_without_the_fold():
    group = group_of(seeds=1)
    refusal = Reason("raised", {"text": "not this one"})
    rows = known(*inner(group.jobs[0], 1, "unsupported", refusal))
    assert Cells(group, 5).next_step(rows) == Ended({0: ("unsupported", refusal)})


def test_a_row_of_an_older_version_still_ends_its_job():
    group = group_of(seeds=1)
    (old,) = inner(group.jobs[0], 1, "crashed")
    old.notes.clear()
    step = Cells(group, 5).next_step(known(old))
    old_reason = Reason("uncoded", {"text": str(LATE)})
    assert step == Ended({0: ("crashed", Reason("inner_cut", {"cut": 0, "reason": old_reason}))})


def test_a_kind_that_the_method_does_not_answer_ends_all_jobs():
    method, dataset = (
        REGISTRY.select_methods(["seasonal-naive"])[0],
        REGISTRY.select_datasets(["gunpoint"])[0],
    )
    group = JobGroup.of_jobs([Job(dataset, None, method, None)])
    step = Cells(group, 5).next_step({})
    values = {"method": "seasonal-naive", "kinds": ["forecasting"], "kind": "classification"}
    assert step == Ended({0: ("unsupported", Reason("other_kind", values))})


def test_a_problem_that_brings_its_validation_part_needs_one_fit():
    group = group_of(dataset="parity", seeds=1)
    assert Cells(group, 1, brings_validation=True).next_step({}) == Fit("both", 0, (0,))
    done = known(row(group.jobs[0]), row(group.jobs[0], "final"))
    assert Cells(group, 1, brings_validation=True).next_step(done) is None


def tuned():
    return group_of("rnn", seeds=1, trials=3)


def test_trials_come_one_after_the_other_and_a_lost_one_is_left_out():
    group = tuned()
    first, second, third = group.fits
    cells = Cells(group, folds=2)
    assert cells.next_step({}) == Fit("inner", 0, (0,))
    rows = known(*inner(first, 2))
    assert cells.next_step(rows) == Fit("inner", 0, (1,))
    rows |= known(*inner(second, 1, "timeout"))
    assert cells.next_step(rows) == Fit("inner", 0, (2,))
    rows |= known(*inner(third, 2))
    assert cells.next_step(rows) == Fit("final", 0, (0,))


def test_a_tuned_job_all_of_whose_trials_were_lost_ends_with_the_first_reason():
    group = tuned()
    rows = known(*(one for job in group.fits for one in inner(job, 1, "failed")))
    (ending,) = Cells(group, 2).next_step(rows).endings.values()
    assert (ending[0], ending[1].code) == ("failed", "no_trial_left")
    assert ending[1].values["trials"] == 3
    assert ending[1].values["reason"] == Reason("inner_cut", {"cut": 0, "reason": LATE})


def test_a_tuned_job_on_a_problem_with_a_validation_part_is_fitted_again_after_the_choice():
    group = group_of("rnn", "parity", 1, trials=2)
    cells = Cells(group, 1, brings_validation=True)
    rows = known(*(one for job in group.fits for one in inner(job, 1)))
    assert cells.next_step({}) == Fit("inner", 0, (0,))
    assert cells.next_step(rows) == Fit("final", 0, (0,))


def shown(loss):
    return [(one.stage, one.seed, one.status, of_row(one.notes, one.reason).code) for one in loss.rows]


def test_a_worker_lost_while_the_problem_was_built_ends_all_jobs():
    loss = after_loss(group_of(), {}, None, "crashed", GONE)
    assert shown(loss) == [("final", seed, "crashed", "during_build") for seed in range(3)]
    assert (loss.over, loss.left) == ((0, 1, 2), [])


@pytest.mark.parametrize("status", ["crashed", "memory"])
@pytest.mark.parametrize("stage", ["inner", "final", "both"])
def test_a_worker_lost_over_several_seeds_leaves_each_to_itself(stage, status):
    group = group_of()
    rows = known(*(one for job in group.jobs for one in inner(job, 5)))
    loss = after_loss(group, rows, Fit(stage, 0, (0, 1, 2)), status, GONE)
    assert (loss.rows, loss.over) == ([], ())
    assert [one.keys for one in loss.left] == [(key,) for key in group.keys]
    assert all(one.known == rows for one in loss.left)


def test_a_timeout_of_several_seeds_is_one_of_each():
    group = group_of()
    loss = after_loss(group, {}, Fit("inner", 0, (0, 2)), "timeout", LATE)
    assert shown(loss) == [
        *(("inner", seed, "timeout", "time_limit") for seed in (0, 2)),
        *(("final", seed, "timeout", "inner_stage") for seed in (0, 2)),
    ]
    assert (loss.over, [one.keys for one in loss.left]) == ((0, 2), [group.keys[1:2]])


def test_a_seed_lost_in_its_final_fit_ends_and_the_others_go_on():
    group = group_of()
    rows = known(row(group.jobs[0], "final"))
    loss = after_loss(group, rows, Fit("final", 0, (1,)), "memory", LATE)
    assert shown(loss) == [("final", 1, "memory", "time_limit")]
    assert (loss.over, [one.keys for one in loss.left]) == ((1, 0), [group.keys[2:]])


def test_rows_that_have_arrived_stand_when_the_worker_is_lost_after_them():
    group = group_of()
    rows = known(*(row(job, "final") for job in group.jobs))
    loss = after_loss(group, rows, Fit("final", 0, (0, 1, 2)), "timeout", LATE)
    assert (loss.rows, loss.over, loss.left) == ([], (0, 1, 2), [])


def test_a_tuned_job_goes_on_without_the_trial_that_was_lost():
    group = tuned()
    rows = known(*inner(group.fits[0], 2))
    loss = after_loss(group, rows, Fit("inner", 1, (1,)), "crashed", GONE)
    assert shown(loss) == [("inner", 0, "crashed", "worker_exit")]
    assert (loss.rows[0].key, loss.over) == (group.fits[1].key("inner", 1), ())
    (left,) = loss.left
    assert left.known == {**rows, **known(*loss.rows)}


def test_what_remains_of_a_group_are_the_jobs_without_a_final_row():
    group = group_of()
    rows = known(row(group.jobs[1], "final"), *inner(group.jobs[0], 2))
    rest = remaining(group, rows)
    assert (rest.rows, rest.over, [one.jobs for one in rest.left]) == ([], (1,), [group.jobs[::2]])
    assert rest.left[0].known == rows


# The number of folds


def test_the_number_of_folds_is_decided_by_size_unless_it_is_given():
    small, large = (
        build(REGISTRY.select_datasets([name])[0], None) for name in ("gunpoint", "breast-cancer")
    )
    assert (cuts(small), cuts(large)) == (5, 1)
    assert (cuts(small, 3), cuts(large, 10)) == (3, 10)


def test_a_problem_that_brings_its_validation_part_and_a_forecast_have_one_fold_whatever_is_given():
    own = build(REGISTRY.select_datasets(["temporal-order[n_test=20,n_train=20,n_valid=20]"])[0], 0)
    series = build(REGISTRY.select_datasets(["airline"])[0], None)
    assert (cuts(own, 4), cuts(series, 4)) == (1, 1)


def test_the_number_of_folds_is_part_of_the_key_where_it_is_given():
    methods = REGISTRY.select_methods(["euclidean-1nn"])
    plain, ten, again = (
        jobs(methods, REGISTRY.select_datasets(["gunpoint"]), 1, folds=folds)[0] for folds in (None, 10, 10)
    )
    for stage in ("inner", "final"):
        assert plain.key(stage, 0) != ten.key(stage, 0) == again.key(stage, 0)
    assert blank(ten, "final", 0).notes == {"folds": 10}
    assert blank(plain, "final", 0).notes == {}
    assert len(Cells.of(JobGroup.of_jobs([ten]), build(ten.dataset, None)).keys[0]) == 10


def rows_of(job):
    """All rows of a job that runs here."""
    events = run_cells(JobGroup.of_jobs([job]), build(job.dataset, job.data_seed))
    return [row for event in events if isinstance(event, RowsReady) for row in event.rows]


@pytest.mark.parametrize(
    "problem", ["gunpoint", "airline", "temporal-order[n_test=20,n_train=20,n_valid=20]"]
)
def test_without_folds_only_the_final_fit_is_left(problem):
    (dataset,) = REGISTRY.select_datasets([problem])
    (method,) = [
        m for m in REGISTRY.select_methods(["drift", "most-common"]) if m.plugin.kinds & dataset.plugin.kinds
    ]
    plain, single = (jobs([method], [dataset], 1, folds=folds)[0] for folds in (None, 0))
    assert plain.key("final", 0) != single.key("final", 0)
    (final,) = rows_of(single)
    assert (final.stage, final.status) == ("final", "ok")
    assert final.notes["validation"] == "no validation score was asked for; the defaults were used"
    assert [row.stage for row in rows_of(plain)][:1] == ["inner"]
    assert rows_of(plain)[-1].scores == final.scores


def test_a_forecast_has_the_same_key_whatever_number_of_folds_is_given():
    methods, datasets = REGISTRY.select_methods(["drift"]), REGISTRY.select_datasets(["airline"])
    plain, ten = (jobs(methods, datasets, 1, folds=folds)[0] for folds in (None, 10))
    assert plain.key("final", 0) == ten.key("final", 0)
