"""What is shown of a problem: its exemplars, and the answers stored for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp, right
from pictured import folder, run, shown
from recurbench.packing import pack, unpack
from recurbench.record import RunFile
from recurbench.registry import discover, load
from recurbench.reports.statistics.case_studies import Answers, Cut, confusion, exhibits
from recurbench.results import answers_of, read_run


def test_a_cut_says_at_which_steps_its_values_stand() -> None:
    cut = Cut.of({"values": [1, None, 3.5], "start": 10, "stride": 2, "steps": 40, "channels": 1})
    assert cut.at.tolist() == [10, 12, 14]
    np.testing.assert_array_equal(cut.values, [[1], [np.nan], [3.5]])


def test_answers_may_be_symbols_chances_numbers_or_quantiles() -> None:
    chances = np.array([[0.1, 0.9], [0.8, 0.2]])
    quantiles = np.arange(6.0).reshape(2, 1, 3)
    given = [np.array([1, 0]), chances, np.array([[2.0]]), quantiles]
    answers = Answers("some", "some", "recurrent", "learned", given)
    levels = (0.1, 0.5, 0.9)
    assert answers.codes(0).tolist() == answers.codes(1).tolist() == [1, 0]
    assert answers.middle(2, levels).tolist() == [[2.0]]
    assert answers.middle(3, levels).tolist() == [[1.0], [4.0]]
    assert answers.band(2, levels) is None
    low, high = answers.band(3, levels) or (None, None)
    assert low is not None
    assert high is not None
    assert (low.tolist(), high.tolist()) == ([[0.0], [3.0]], [[2.0], [5.0]])


@pytest.mark.parametrize("short", ["co2", "filter", "lorenz", "order", "reversal", "adding", "caption"])
def test_the_exemplars_read_back_are_test_cases_of_the_problem(short: str) -> None:
    exhibit = shown()[short]
    choice = discover().select_datasets([exhibit.problem])[0]
    drawn = {} if exhibit.draw is None else {"seed": exhibit.draw}
    test = load(choice.plugin)(**choice.settings, **drawn).test
    assert exhibit.units
    for unit in exhibit.units:
        for side, cut in (("x", unit.x), ("y", unit.y)):
            whole = np.asarray(getattr(test, side)[unit.index], dtype=float)
            whole = whole[:, None] if whole.ndim == 1 else whole
            np.testing.assert_allclose(cut.values, whole[cut.at, : cut.values.shape[1]], rtol=1e-4, atol=1e-9)


def test_the_answers_shown_are_those_stored_for_the_best_of_each_family() -> None:
    exhibit = shown()["digits"]
    families = [answers.family for answers in exhibit.shown]
    assert len(families) == len(set(families)) > 2
    file = RunFile(folder() / "results.sqlite")
    values = (exhibit.problem, exhibit.shown[0].address)
    (row,) = file.rows("problem = ? AND address = ? AND stage = 'final'", values, blobs=True)
    file.close()
    for seen, stored in zip(exhibit.shown[0].given, unpack(row["predictions"]), strict=True):
        np.testing.assert_array_equal(seen, stored)


def test_the_exemplars_do_not_depend_on_the_methods_that_were_run() -> None:
    few = replace(run(), cells=run().cells[run().cells["method"].isin(["most-common", "mean"])])
    for exhibit in exhibits(few):
        (whole,) = (one for one in shown().values() if one.problem == exhibit.problem)
        assert exhibit.kept == whole.kept


def test_a_confusion_matrix_counts_every_case_once_and_its_diagonal_is_the_accuracy() -> None:
    exhibit = shown()["gunpoint"]
    for answers in exhibit.shown:
        counts = confusion(exhibit.facts["labels"], answers)
        rows = run().final
        mine = rows[(rows["problem"] == exhibit.problem) & (rows["address"] == answers.address)]
        assert counts.sum() == exhibit.facts["n_test"]
        assert np.trace(counts) / counts.sum() == pytest.approx(float(mine["accuracy"].iloc[0]))


def test_what_may_not_be_shown_has_labels_and_no_exemplars() -> None:
    exhibit = shown()["gunpoint"]
    assert exhibit.units == ()
    assert exhibit.components == {}
    assert len(exhibit.facts["labels"]["test"]) == 150


def test_what_a_method_notes_under_the_name_of_components_is_none_of_them() -> None:
    for odd in (["trend", "season"], "trend", 3, None):
        cells = run().cells.assign(notes=[{"components": odd}] * len(run().cells))
        assert all(not exhibit.components for exhibit in exhibits(replace(run(), cells=cells)))


def test_a_run_of_an_older_version_shows_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = read_run(MadeUp(tmp_path).cell("rnn", right(30), seed=0).write())
    assert list(exhibits(made)) == []


def test_answers_are_read_for_the_cells_asked_for_alone() -> None:
    keys = list(run().final["key"][:2])
    assert set(answers_of(run(), keys)) <= set(keys)
    assert answers_of(run(), []) == {}
    assert answers_of(replace(run(), file=None), keys) == {}


def test_a_confusion_matrix_counts_the_answers_of_all_seeds(tmp_path: Path) -> None:
    labels = {"classes": 2, "names": ["no", "yes"], "test": [0, 1] * 20}
    made = MadeUp(tmp_path, labels=labels)
    rng = np.random.default_rng(0)
    for seed in range(3):
        said = rng.integers(2, size=40)
        made.cell(
            "gru",
            said == labels["test"],
            seed=seed,
            validation={"log_loss": 0.5},
            predictions=pack([np.array([each]) for each in said]),
        )
    read = read_run(made.write())
    ((answers,),) = (exhibit.shown for exhibit in exhibits(read))
    counts = confusion(labels, answers)
    assert answers.seeds == 3
    assert counts.sum(axis=1).tolist() == [60, 60]
    assert np.trace(counts) / counts.sum() == pytest.approx(float(read.final["score"].mean()))
