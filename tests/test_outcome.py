"""How a cell is answered and scored: its rows, and what makes an answer invalid."""

import numpy as np
import pytest
from recurbench.packing import unpack, unpack_units
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running.job import Job, build
from serving import cells_of

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


@method("hides", family="baseline", kinds={"forecasting"})
def hides(task, train):
    """Seasonal naive with NaN under a mask in the far half."""

    def one(x):
        answer = np.resize(x[-task.season :, : task.y.size], (task.steps, task.y.size)).astype(float)
        answer[task.steps // 2 :] = np.nan
        return np.ma.masked_invalid(answer)

    return lambda split: [one(x) for x in split.x]


class Growing(list):
    """Reads five times as large at the second time."""

    times = 1

    def __iter__(self):
        times, self.times = self.times, 5
        return iter([times * answer for answer in list.__iter__(self)])


def last(task, split):
    return [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]


@method("plain", family="baseline", kinds={"forecasting"})
def plain(task, train):
    """Last value."""
    return lambda split: last(task, split)


@method("growing", family="baseline", kinds={"forecasting"})
def growing(task, train):
    """Last value, in a list that changes."""
    return lambda split: Growing(last(task, split))


@method("raises", family="baseline", kinds={"forecasting"})
def raises(task, train):
    """Fail."""
    raise RuntimeError("no luck")
'''


def rows_of(method, dataset, plugins=(), seed=None, data_seed=None):
    registry = discover(plugins)
    job = Job(registry.select_datasets([dataset])[0], data_seed, registry.select_methods([method])[0], seed)
    problem = build(job.dataset, job.data_seed)
    return cells_of(job, problem)


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
        ("hides", "invalid", "must be a plain numpy array, got MaskedArray"),
    ],
)
def test_a_method_that_breaks_the_contract_is_named_with_the_reason(tmp_path, name, status, words):
    file = tmp_path / "cheats.py"
    file.write_text(CHEATS)
    last = rows_of(name, "airline", plugins=[file])[-1]
    assert (last.status, last.score) == (status, None)
    assert words in last.reason


def test_a_list_of_answers_that_changes_when_it_is_read_again_is_read_once(tmp_path):
    file = tmp_path / "cheats.py"
    file.write_text(CHEATS)
    row, plain = (rows_of(each, "airline[origins=2]", plugins=[file])[-1] for each in ("growing", "plain"))
    assert (row.status, row.reason) == ("ok", "")
    assert (row.scores, row.predictions) == (plain.scores, plain.predictions)


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


TELLERS = '''
"""Free answers, and predictors that tell likelihoods, some of them badly."""

import numpy as np
from recurbench import About, Problem, Split, Task, Unsupported, Values, dataset, method


@dataset("echo-words", kind="translation")
def echo_words(*, metric="token_error_rate", seed=0):
    """Say the same again; valid and test are one draw."""
    rng = np.random.default_rng(seed)
    symbols = Values(3, symbols=True)
    parts = [[rng.integers(3, size=rng.integers(2, 6)) for _ in range(20)] for _ in range(2)]
    train, test = (Split(x, [row.copy() for row in x]) for x in parts)
    about = About("made here", "none", "echo", "most-common", metric)
    return Problem(Task("translation", symbols, symbols, "free"), train, test, about, test.copy())


class Even:
    """Answers 0 to everything and gives everything the same chance."""

    def __init__(self):
        self.given = []

    def __call__(self, split):
        self.given += [np.zeros(len(x), dtype=np.int64) for x in split.x]
        return self.given[len(self.given) - len(split) :]

    def log_likelihood(self, split):
        return [np.full(len(y) + 1, -np.log(4)) for y in split.y]


@method("even", family="baseline", kinds={"translation"})
def even(task, train):
    """Fair."""
    return Even()


class Short(Even):
    def log_likelihood(self, split):
        return [np.full(len(y), -np.log(4)) for y in split.y]


@method("no-end", family="baseline", kinds={"translation"})
def no_end(task, train):
    """Forgets the end."""
    return Short()


class Certain(Even):
    def log_likelihood(self, split):
        return [np.zeros(len(y) + 1) for y in split.y]


@method("certain", family="baseline", kinds={"translation"})
def certain(task, train):
    """Sure of everything."""
    return Certain()


class Later(Even):
    def log_likelihood(self, split):
        return [np.full(len(y) + 1, -np.log(4) - 0.1 * y.sum()) for y in split.y]


@method("later", family="baseline", kinds={"translation"})
def later(task, train):
    """Uses later symbols."""
    return Later()


class Rewriting(Even):
    """Writes the true answers into those it gave, and remembers them for the next question."""

    known = None

    def __init__(self):
        super().__init__()
        self.known = {}

    def __call__(self, split):
        found = super().__call__(split)
        return [self.known.get(tuple(x), answer) for x, answer in zip(split.x, found)]

    def log_likelihood(self, split):
        for x, y in zip(split.x, split.y):
            self.known[tuple(x)] = y.copy()
            for answer in self.given:
                if len(answer) == len(y):
                    answer[:] = y
        for y in split.y:
            y[:] = np.maximum(y, 0)
        return super().log_likelihood(split)


@method("rewriting", family="baseline", kinds={"translation"})
def rewriting(task, train):
    """Tries to better its answers."""
    return Rewriting()


class Spoiling(Even):
    def log_likelihood(self, split):
        terms = super().log_likelihood(split)
        for y in split.y:
            y[:] = 0
        return terms


@method("spoiling", family="baseline", kinds={"translation"})
def spoiling(task, train):
    """Overwrites the true answers it is shown."""
    return Spoiling()


class Refusing(Even):
    def log_likelihood(self, split):
        raise Unsupported("not for words")


@method("refusing", family="baseline", kinds={"translation"})
def refusing(task, train):
    """Has the door but nothing behind it."""
    return Refusing()
'''


@pytest.fixture
def tellers(tmp_path):
    file = tmp_path / "tellers.py"
    file.write_text(TELLERS)
    return [file]


def told(name, tellers, dataset="echo-words"):
    return rows_of(name, dataset, plugins=tellers, data_seed=0)


def test_likelihoods_are_scored_beside_the_answers_at_both_stages(tellers):
    for row in told("even", tellers):
        assert (row.status, row.metric) == ("ok", "token_error_rate")
        assert row.scores["cross_entropy"] == pytest.approx(np.log(4))
        assert set(row.scores) == {"cross_entropy", "token_error_rate", "exact_match"}
    units = unpack_units(told("even", tellers)[-1].units)
    assert units["cross_entropy"][1].min() >= 3


def test_a_problem_may_be_scored_by_the_cross_entropy(tellers):
    dataset = "echo-words[metric=cross_entropy]"
    assert told("even", tellers, dataset)[-1].score == pytest.approx(np.log(4))
    last = told("refusing", tellers, dataset)[-1]
    assert (last.status, "cross_entropy" in last.reason) == ("unsupported", True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no-end", "one for every symbol of the answer and one for its end"),
        ("certain", "sum to 4; divide"),
        ("later", "changed an earlier term"),
    ],
)
def test_a_likelihood_that_is_none_makes_the_cell_invalid(tellers, name, words):
    for row in told(name, tellers):
        assert (row.status, row.score, row.scores, row.predictions) == ("invalid", None, {}, b"")
        assert words in row.reason


def test_who_is_shown_the_true_answers_can_change_none_of_its_own(tellers):
    # Shown those of valid, which are those of test, and holding the arrays it answered with.
    for name in ("rewriting", "spoiling"):
        for row, fair in zip(told(name, tellers), told("even", tellers), strict=True):
            assert (row.status, row.scores) == ("ok", fair.scores)
            assert row.predictions == fair.predictions
            assert row.data_fingerprint == fair.data_fingerprint


def test_a_likelihood_refused_is_not_offered(tellers):
    row = told("refusing", tellers)[-1]
    assert set(row.scores) == {"token_error_rate", "exact_match"}
    assert row.notes["log_likelihood"] == "not offered: not for words"


@pytest.mark.parametrize("name", ["ngram", "ngram-aligned"])
def test_our_n_grams_tell_fair_likelihoods(tellers, name):
    row = told(name, tellers)[-1]
    assert (row.status, row.reason) == ("ok", "")
    assert 0 < row.scores["cross_entropy"] < 2


def test_a_likelihood_of_aligned_answers_is_left_to_their_chances(tellers):
    row = rows_of("markov", "date-tags", data_seed=0)[-1]
    assert row.status == "ok"
    assert "cross_entropy" in row.scores
