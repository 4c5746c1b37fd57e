"""A job's cells, from words to rows, and what makes a cell invalid."""

import numpy as np
import pytest
from recurbench.cell import Job, build, execute
from recurbench.record import RunFile, unpack
from recurbench.registry import discover

CHEATS = '''
"""Methods that break the contract."""

import numpy as np
from recurbench import method


@method("peeks", family="baseline", kinds={"forecasting"})
def peeks(task, train):
    """Read the answer from a later origin of the same batch."""

    def predict(split):
        longest = max(split.x, key=len)
        rest = [longest[len(x) : len(x) + task.steps, : task.y.size] for x in split.x]
        return [r if len(r) == task.steps else np.repeat(x[-1:, : task.y.size], task.steps, 0)
                for r, x in zip(rest, split.x)]

    return predict


@method("batch-mean", family="baseline", kinds={"forecasting"})
def batch_mean(task, train):
    """Answer with the mean of the batch."""
    return lambda split: [
        np.full((task.steps, task.y.size), np.mean([x.mean() for x in split.x])) for _ in split.x
    ]


@method("touches", family="baseline", kinds={"forecasting"})
def touches(task, train):
    """Overwrite the input."""

    def predict(split):
        answers = [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]
        for x in split.x:
            x[0] = 0
        return answers

    return predict


@method("raises", family="baseline", kinds={"forecasting"})
def raises(task, train):
    """Fail."""
    raise RuntimeError("no luck")
'''


def rows_of(method, dataset, plugins=(), seed=None, data_seed=None):
    registry = discover(plugins)
    job = Job(registry.select_datasets([dataset])[0], data_seed, registry.select_methods([method])[0], seed)
    problem = build(job.dataset, job.data_seed)
    return [row for rows in execute(job, problem, lambda key: None) for row in rows]


def test_small_train_is_cut_five_times_and_the_final_row_comes_last():
    rows = rows_of("euclidean-1nn", "gunpoint")
    assert [(row.stage, row.cut) for row in rows] == [("inner", i) for i in range(5)] + [("final", 0)]
    assert rows[-1].status == "ok"
    assert rows[-1].score == pytest.approx(137 / 150)


def test_a_problem_with_its_own_validation_draw_needs_one_fit():
    rows = rows_of("hmm", "hmm-filter[n_train=50,n_test=50]", data_seed=0)
    assert [row.stage for row in rows] == ["inner", "final"]
    assert all(row.status == "ok" for row in rows)


def test_a_kind_a_method_does_not_declare_is_unsupported():
    rows = rows_of("seasonal-naive", "gunpoint")
    assert rows[-1].status == "unsupported"
    assert "classification" in rows[-1].reason


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("peeks", "invalid", "alone"),
        ("batch-mean", "invalid", "alone"),
        ("touches", "invalid", "changed the arrays"),
        ("raises", "failed", "no luck"),
    ],
)
def test_a_method_that_breaks_the_contract_is_named_with_the_reason(tmp_path, name, status, words):
    file = tmp_path / "cheats.py"
    file.write_text(CHEATS)
    last = rows_of(name, "airline", plugins=[file])[-1]
    assert (last.status, last.score) == (status, None)
    assert words in last.reason


def test_a_row_survives_the_run_file(tmp_path):
    rows = rows_of("seasonal-naive", "airline")
    file = RunFile(tmp_path / "run" / "results.sqlite")
    file.write(rows)
    file.close()
    again = RunFile(tmp_path / "run" / "results.sqlite").rows("stage = 'final'", blobs=True)
    assert again[0]["scores"] == rows[-1].scores
    assert np.array(unpack(again[0]["predictions"])).shape == (5, 12, 1)


def test_a_foreign_file_is_refused_in_words(tmp_path):
    path = tmp_path / "results.sqlite"
    path.write_text("not a database at all, but long enough to look like a file of its own kind")
    with pytest.raises(ValueError, match="run file"):
        RunFile(path)
