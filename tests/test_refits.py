"""A method is fitted again at every test origin, on everything before it and on nothing after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from forecast_run import monthly, ran
from recurbench import answers
from recurbench.api import Request, prepare
from recurbench.contract.problems import part_errors
from recurbench.datasets.csv_series import own_series
from recurbench.forecasting import forecast, predictions
from recurbench.planning.costs import Asked, shipped
from recurbench.registry import discover
from recurbench.results import answers_of, read_run
from recurbench.running.refits import by_rank, refitted, train_at
from recurbench.running.sizes import size_of

H, ORIGINS, STEP = 3, 4, 2
DIALS = {"horizon": H, "origins": ORIGINS, "step": STEP}
# A method outside of the package that answers with the number of steps which it was fitted on.
PLUGIN = '''
import numpy as np
from recurbench import method


class Fitted:
    def __init__(self, task, lengths):
        self.task, self.lengths = task, lengths
        self.notes = {"fitted_on": max(lengths.values()), "parameters": len(lengths)}

    def __call__(self, split):
        shape = self.task.steps, self.task.y.size
        return [np.full(shape, float(self.lengths[name])) for name in split.series]


def made(task, train):
    return Fitted(task, {name: len(x) + len(y) for name, x, y in zip(train.series, train.x, train.y)})


@method("remembers", family="baseline", kinds={"forecasting"})
def remembers(task, train):
    """Answer with the steps that were known when it was fitted."""
    return made(task, train)


@method("stacked", family="feedforward", kinds={"forecasting"})
def stacked(task, train, *, seed=0, seeds=()):
    """As `remembers`, for several seeds in one fit; seed 1 cannot be fitted on more than 65 steps."""
    known = max(len(x) + len(y) for x, y in zip(train.x, train.y))
    return [ValueError("too long") if seed == 1 and known > 65 else made(task, train) for seed in seeds]


@method("changes", family="baseline", kinds={"forecasting"})
def changes(task, train):
    """Overwrite what it is fitted on."""
    train.x[0][0] = 0.0
    return made(task, train)
'''


@pytest.fixture
def plugin(tmp_path):
    file = tmp_path / "plugin.py"
    file.write_text(PLUGIN)
    return file


def run_of(folder, methods, names=("a",), refit=True, **request):
    folder.mkdir(exist_ok=True)
    return ran(folder, methods, data=monthly(folder, names), dials={**DIALS, "refit": refit}, **request)


def final(run, method):
    """The final row of a method with its answers, first step and channel."""
    found = read_run(run)
    rows = found.final[found.final["address"] == method]
    stored = answers_of(found, list(rows["key"]))
    return rows, {key: [float(one[0, 0]) for one in given] for key, given in stored.items()}


def problem_of(folder, names=("a", "b"), refit=True, **columns):
    return own_series(path=str(monthly(folder, names, price=bool(columns))), refit=refit, **DIALS, **columns)


def test_each_origin_is_answered_by_a_fit_on_everything_before_it(tmp_path, plugin):
    run = run_of(tmp_path / "refit", ["remembers"], ("a", "b"), plugins=[plugin])
    rows, stored = final(run, "remembers")
    origins = [72 - H - STEP * k for k in reversed(range(ORIGINS))]
    assert list(stored.values()) == [origins * 2]
    # Notes are those of the last fit.
    assert rows.iloc[0]["notes"]["fitted_on"] == origins[-1]


def test_without_it_every_origin_is_answered_by_the_fit_before_the_first(tmp_path, plugin):
    run = run_of(tmp_path / "once", ["remembers"], refit=False, plugins=[plugin])
    assert list(final(run, "remembers")[1].values()) == [[72.0 - H - STEP * (ORIGINS - 1)] * ORIGINS]


def test_a_method_without_fitted_state_has_the_same_answers_and_score(tmp_path):
    once, again = (run_of(tmp_path / str(refit), ["last-value"], refit=refit) for refit in (False, True))
    (one, answered), (other, answered_again) = final(once, "last-value"), final(again, "last-value")
    assert list(answered.values()) == list(answered_again.values())
    assert one.iloc[0]["score"] == other.iloc[0]["score"] > 0
    assert one.iloc[0]["key"] != other.iloc[0]["key"]


def test_seeds_that_share_a_fit_are_refitted_together_and_fail_alone(tmp_path, plugin):
    run = run_of(tmp_path / "seeds", ["stacked"], seeds=2, plugins=[plugin])
    rows, stored = final(run, "stacked")
    by_seed = rows.set_index("seed")
    assert dict(by_seed["status"]) == {0: "ok", 1: "failed"}
    assert "too long" in by_seed.loc[1, "reason"]
    assert stored[by_seed.loc[0, "key"]] == [63.0, 65.0, 67.0, 69.0]


def test_a_method_that_changes_what_it_is_fitted_on_has_no_score(tmp_path, plugin):
    run = run_of(tmp_path / "changes", ["changes"], plugins=[plugin])
    found = read_run(run).cells
    assert set(found[found["address"] == "changes"]["status"]) == {"invalid"}
    test = problem_of(tmp_path).test
    before = answers.fingerprint(test)
    train_at(problem_of(tmp_path).task, test, [0]).x[0][0] = 0.0
    assert answers.fingerprint(test) != before


def test_at_the_first_origin_the_training_part_is_that_of_the_problem(tmp_path):
    problem = problem_of(tmp_path, target=("y",), ahead=("price",))
    ranks = by_rank(problem.test)
    assert ranks == [[k, k + ORIGINS] for k in range(ORIGINS)]
    first = train_at(problem.task, problem.test, ranks[0])
    assert answers.fingerprint(first) == answers.fingerprint(problem.train)
    assert first.series == problem.train.series
    later = train_at(problem.task, problem.test, ranks[1])
    assert [len(x) for x in later.x] == [len(x) + STEP for x in first.x]
    assert later.ahead[0][:, 0].tolist() == problem.test.x[1][-H:, -1].tolist()


def test_series_with_fewer_origins_are_left_out_of_later_fits(tmp_path):
    problem = problem_of(tmp_path)
    uneven = problem.test.take([0, 1, 4])
    assert by_rank(uneven) == [[0, 2], [1]]
    seen = []

    def fit(train):
        seen.append(train.series)
        return [lambda split: [np.full((H, 1), float(len(seen))) for _ in split.x]]

    (predict,) = refitted(problem.task, uneven, fit)
    assert len(predict(uneven.blind())) == 3
    assert seen == [("a", "b"), ("a",)]


def test_the_estimate_of_the_final_stage_counts_every_fit(tmp_path):
    once, again = (size_of(problem_of(tmp_path, refit=refit)) for refit in (False, True))
    assert (once.fits, again) == (1, replace(once, fits=ORIGINS))
    plugin = discover().methods["lstm"]
    one, many = (
        shipped().estimate(Asked("lstm", plugin.family, plugin.settings, plugin.settings), size)
        for size in (once, again)
    )
    assert one.inner == many.inner
    assert 0.9 * ORIGINS < many.final / one.final <= ORIGINS


def test_the_proposal_and_the_protocol_say_which_procedure_is_used(tmp_path):
    file = monthly(tmp_path)
    texts = []
    for refit in (False, True):
        (proposal,) = prepare(
            Request(methods=["drift"], data=file, out=tmp_path / "o", dials={**DIALS, "refit": refit})
        ).proposals
        assert proposal.settings.get("refit", False) is refit
        (fact,) = [one for one in proposal.facts if one.topic == "procedure"]
        assert fact.option == "--refit"
        assert fact.value in own_series(**proposal.settings).about.protocol
        texts.append(fact.value)
    assert texts[0] != texts[1]


def test_forecast_says_which_procedure_its_errors_are_from(tmp_path):
    notes = []
    for refit in (False, True):
        run = run_of(tmp_path / str(refit), ["last-value"], refit=refit)
        notes.append(set(forecast(run).attrs["notes"]))
        assert isinstance(predictions(run), pd.DataFrame)
    assert any("fitted once" in note for note in notes[0])
    assert any(f"every test origin ({ORIGINS} fits)" in note for note in notes[1])


def test_a_problem_with_a_validation_sample_cannot_be_refitted(tmp_path):
    problem = problem_of(tmp_path)
    assert not list(part_errors(problem))
    assert [said for said in part_errors(replace(problem, valid=problem.train)) if "refit" in said]
