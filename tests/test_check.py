"""The kit is checked itself: a good method passes, and each check catches the methods made for it."""

import warnings

import numpy as np
import pytest
from recurbench._tiny import PROBLEMS, gaps, still, tinies
from recurbench.check import CHECKS, checks_for, method_checks
from recurbench.registry import discover

HEAD = '''
import numpy as np
from recurbench import Unsupported, method

def numeric(task):
    """Most of these methods are about numbers."""
    if task.x.symbols or task.y.symbols or task.y.flags:
        raise Unsupported("numbers only")

def whole(x):
    """Refuse what is missing, as a good method does."""
    if np.isnan(x).any():
        raise ValueError("values are missing")
    return x
'''

GOOD = '''
@method("good", family="baseline", kinds={"classification", "regression", "forecasting", "labelling"})
def good(task, train, *, seed=0, check=None, steps=None, max_steps=1000, trees=500):
    """Frequencies for symbols, a mean for numbers; says what it was given."""
    if max_steps != 10 or trees != 10 or seed != 0 or steps is not None:
        raise RuntimeError("the kit gives small budgets")
    return Good(task, train)

class Good:
    def __init__(self, task, train):
        self.task = task
        y = np.concatenate([task.y.encode(y) for y in train.y])
        self.level = np.nanmean(y, axis=0)
        if task.y.symbols:
            self.level = (y.sum(axis=0) + 1) / (len(y) + task.y.size)

    def __call__(self, split):
        same = self.task.length == "same"
        return [np.tile(self.level, (len(x) if same else self.task.steps, 1)) for x in split.x]

    def log_likelihood(self, split):
        if self.task.y.symbols:
            return [np.log(self.level[y]) for y in split.y]
        return [-((y - self.level) ** 2).sum(axis=1) for y in split.y]
'''

# By check: methods that break that clause; each with its kind, words of the finding and what else it breaks.
BROKEN = {
    "form": [
        (
            "regression",
            "wanted numbers [1, 1], got float64 [1]",
            "length-1 unequal-lengths constant few-examples unseen-lengths seed batch missing state",
            """
    numeric(task)
    return lambda split: [np.ones(task.y.size) for _ in split.x]
""",
        ),
        (
            "labelling",
            "declares kind labelling but refuses the plainest problems of it: needs a longer day",
            "",
            """
    raise Unsupported("needs a longer day")
""",
        ),
        (
            "labelling",
            "without a reason",
            "length-1 unequal-lengths constant few-examples unseen-lengths seed input batch missing future "
            "state likelihood",
            """
    raise Unsupported
""",
        ),
    ],
    "unequal-lengths": [
        (
            "regression",
            "raised ValueError",
            "",
            """
    numeric(task)
    level = whole(np.stack(train.x)).mean() * np.ones((task.steps, task.y.size))
    return lambda split: [level for _ in split.x]
""",
        )
    ],
    "length-1": [
        (
            "regression",
            "NaN",
            "",
            """
    numeric(task)
    return lambda split: [np.full((task.steps, task.y.size), np.diff(whole(x)[:, 0]).mean()) for x in split.x]
""",
        )
    ],
    "constant": [
        (
            "regression",
            "NaN",
            "",
            """
    numeric(task)
    known = np.concatenate([whole(x) for x in train.x])
    def predict(split):
        z = [((whole(x) - known.mean()) / known.std()).mean() for x in split.x]
        return [np.full((task.steps, task.y.size), value) for value in z]
    return predict
""",
        ),
        (
            "forecasting",
            "NaN",
            "length-1",
            """
    def line(x):
        z = (whole(x) - x.mean(axis=0)) / x.std(axis=0)
        return np.tile(z[-1, : task.y.size], (task.steps, 1))
    return lambda split: [line(x) for x in split.x]
""",
        ),
    ],
    "few-examples": [
        (
            "classification",
            "line ",
            "",
            """
    counts = np.bincount(np.concatenate(train.y), minlength=task.y.size)
    if counts.min() == 0:
        raise RuntimeError("a class has no example")
    return lambda split: [counts[None] / counts.sum() for _ in split.x]
""",
        ),
        (
            "classification",
            "got float64 [1, 2]",
            "",
            """
    known = np.unique(np.concatenate(train.y))
    return lambda split: [np.full((1, len(known)), 1 / len(known)) for _ in split.x]
""",
        ),
    ],
    "unseen-lengths": [
        (
            "regression",
            "mismatch",
            "length-1",
            """
    numeric(task)
    if len({len(x) for x in train.x}) > 1:
        raise Unsupported("needs one length")
    inputs = np.stack([whole(x).ravel() for x in train.x])
    weights = np.linalg.lstsq(inputs, np.stack([whole(y).ravel() for y in train.y]), rcond=None)[0]
    return lambda split: [(whole(x).ravel() @ weights).reshape(task.steps, -1) for x in split.x]
""",
        )
    ],
    "seed": [
        (
            "regression",
            "same seed",
            "",
            """
    level = np.random.default_rng().normal(size=(task.steps, task.y.size))
    return lambda split: [level for _ in split.x]
""",
        )
    ],
    "input": [
        (
            "regression",
            "fitting changed",
            "",
            """
    numeric(task)
    for x in train.x:
        x -= x.mean(axis=0)
    return lambda split: [np.zeros((task.steps, task.y.size)) for _ in split.x]
""",
        ),
        (
            "forecasting",
            "answering changed",
            "",
            """
    def predict(split):
        answers = [np.tile(whole(x)[-1, : task.y.size], (task.steps, 1)) for x in split.x]
        for x in split.x:
            x[0] = 0
        return answers
    return predict
""",
        ),
    ],
    "batch": [
        (
            "regression",
            "alone than in the batch",
            "",
            """
    numeric(task)
    def predict(split):
        level = np.mean([whole(x).mean() for x in split.x])
        return [np.full((task.steps, task.y.size), level) for _ in split.x]
    return predict
""",
        ),
        (
            "regression",  # padding counts as values, which shows only beside longer examples
            "padding",
            "",
            """
    numeric(task)
    def predict(split):
        longest = max(len(x) for x in split.x)
        return [np.full((task.steps, task.y.size), whole(x).sum() / longest) for x in split.x]
    return predict
""",
        ),
        (
            "classification",  # the place in the batch decides
            "got another answer alone",
            "",
            """
    chances = np.eye(task.y.size)
    return lambda split: [chances[[i % task.y.size]] for i in range(len(split))]
""",
        ),
    ],
    "missing": [
        (
            "regression",
            "NaN",
            "",
            """
    numeric(task)
    return lambda split: [np.full((task.steps, task.y.size), x.mean()) for x in split.x]
""",
        ),
        (
            "regression",
            "must say that values are missing",
            "",
            """
    numeric(task)
    def predict(split):
        if any(np.isnan(x).any() for x in split.x):
            raise ValueError("bad input")
        return [np.zeros((task.steps, task.y.size)) for _ in split.x]
    return predict
""",
        ),
        (
            "regression",
            "NaN) in the answers of train",
            "",
            """
    level = np.mean([y for y in train.y], axis=0)
    return lambda split: [level for _ in split.x]
""",
        ),
        (
            "forecasting",
            "NaN) in covariates known in advance",
            "",
            """
    level = np.full((task.steps, task.y.size), 1.0)
    if not len(train.ahead):
        return lambda split: [level for _ in split.x]
    return lambda split: [level * ahead.mean() for ahead in split.ahead]
""",
        ),
    ],
    "future": [
        (
            "forecasting",
            "other values after its origin",
            "batch",
            """
    def predict(split):
        answers = []
        for x, name in zip(split.x, split.series):
            longest = max((z for z, other in zip(split.x, split.series) if other == name), key=len)
            ahead = whole(longest)[len(x) : len(x) + task.steps, : task.y.size]
            last = np.tile(whole(x)[-1, : task.y.size], (task.steps, 1))
            answers.append(ahead if len(ahead) == task.steps else last)
        return answers
    return predict
""",
        ),
        (
            "labelling",
            "in a causal task",
            "",
            """
    numeric(task)
    return lambda split: [np.cumsum(whole(x)[::-1, : task.y.size], axis=0)[::-1] for x in split.x]
""",
        ),
    ],
    "state": [
        (
            "regression",
            "asked the same once more",
            "batch",
            """
    calls = []
    def predict(split):
        calls.append(0)
        return [np.full((task.steps, task.y.size), float(len(calls))) for _ in split.x]
    return predict
""",
        ),
        (
            "regression",  # too small a change for `batch`, which allows for rounding
            "asked the same once more",
            "",
            """
    calls = []
    def predict(split):
        calls.append(0)
        return [np.full((task.steps, task.y.size), 1 + 1e-7 * len(calls)) for _ in split.x]
    return predict
""",
        ),
    ],
    "likelihood": [
        (
            "classification",
            "sum to 0.3",
            "",
            """
    class Odd:
        def __call__(self, split):
            return [np.full((1, task.y.size), 1 / task.y.size) for _ in split.x]
        def log_likelihood(self, split):
            return [np.log([0.1]) for _ in split.x]
    return Odd()
""",
        ),
        (
            "labelling",
            "changed an earlier term",
            "",
            """
    numeric(task)
    class Odd:
        def __call__(self, split):
            return [np.full((len(x), task.y.size), 0.5) for x in split.x]
        def log_likelihood(self, split):
            return [np.full(len(y), -np.abs(y).sum()) for y in split.y]
    return Odd()
""",
        ),
        (
            "forecasting",
            "one term per answered step",
            "",
            """
    class Odd:
        def __call__(self, split):
            return [np.zeros((task.steps, task.y.size)) for _ in split.x]
        def log_likelihood(self, split):
            return [np.zeros(1) for _ in split.x]
    return Odd()
""",
        ),
        (
            "forecasting",
            "NaN or +inf",
            "",
            """
    class Odd:
        def __call__(self, split):
            return [np.zeros((task.steps, task.y.size)) for _ in split.x]
        def log_likelihood(self, split):
            return [np.full(task.steps, np.nan) for _ in split.x]
    return Odd()
""",
        ),
    ],
}
CASES = [
    pytest.param(check, *case, id=f"{check}-{i}")
    for check, cases in BROKEN.items()
    for i, case in enumerate(cases)
]


def plugin_of(folder, text, name="broken"):
    file = folder / "mine.py"
    file.write_text(HEAD + text)
    return discover([file]).methods[name]


def broken(folder, kind, body):
    head = (
        f'\n@method("broken", family="baseline", kinds={{"{kind}"}})\ndef broken(task, train):\n    """-"""'
    )
    return plugin_of(folder, head + body)


def results(plugin):
    return {(result.kind, result.check): result for result in checks_for(plugin)}


def test_a_good_method_passes_every_check_on_every_kind(tmp_path):
    found = results(plugin_of(tmp_path, GOOD, "good"))
    assert {result.words for result in found.values() if result.status == "failed"} == set()
    assert {key for key, result in found.items() if result.status == "unsupported"} == set()
    assert len(found) == 4 * len(CHECKS) - 2  # the future matters to forecasting and labelling alone


@pytest.mark.parametrize(("check", "kind", "words", "others", "body"), CASES)
def test_a_check_catches_the_method_made_for_it_and_blames_nothing_else(
    tmp_path, check, kind, words, others, body
):
    found = results(broken(tmp_path, kind, body))
    assert words in found[kind, check].words
    failed = {name for (_, name), result in found.items() if result.status == "failed"}
    assert failed == {check, *others.split()}


def test_every_check_has_a_method_that_breaks_it():
    assert list(BROKEN) == [check.name for check in CHECKS]


def test_a_refusal_in_words_passes_and_stays_visible(tmp_path):
    body = """
    if len({len(x) for x in train.x}) > 1:
        raise Unsupported("needs one length")
    return lambda split: [np.zeros((task.steps, task.y.size)) for _ in split.x]
"""
    found = results(broken(tmp_path, "regression", body))
    refused = found["regression", "unequal-lengths"]
    assert (refused.status, refused.words) == ("unsupported", "needs one length")
    assert found["regression", "form"].status == "ok"


def test_one_sort_of_values_is_enough_and_the_refusal_of_the_other_is_told(tmp_path):
    body = """
    numeric(task)
    return lambda split: [np.zeros((len(x), task.y.size)) for x in split.x]
"""
    result = results(broken(tmp_path, "labelling", body))["labelling", "form"]
    assert (result.status, result.words) == ("ok", "numbers only")


def test_an_error_is_told_with_the_line_of_the_plugin_that_it_passed(tmp_path):
    plugin = broken(tmp_path, "regression", "\n    return [][0]\n")
    line = plugin.path.read_text().split("\n").index("    return [][0]") + 1
    words = results(plugin)["regression", "form"].words
    assert "raised IndexError: list index out of range" in words
    assert f"(mine.py, line {line})" in words


def test_a_method_that_returns_no_callable_is_told_what_to_return(tmp_path):
    words = results(broken(tmp_path, "regression", "\n    return 3\n"))["regression", "form"].words
    assert "the method returned int, wanted a callable" in words


def test_a_file_that_cannot_be_imported_fails_every_check_with_the_reason(tmp_path):
    text = '''
@method("broken", family="baseline", kinds={"regression"})
def broken(task, train):
    """-"""

import no_such_module_anywhere
'''
    found = results(plugin_of(tmp_path, text))
    assert {result.status for result in found.values()} == {"failed"}
    assert all("cannot be imported" in result.words for result in found.values())
    assert all("no_such_module_anywhere" in result.words for result in found.values())


def test_a_kind_without_tiny_problems_is_visibly_not_checked(tmp_path):
    found = results(broken(tmp_path, "translation", "\n    return 3\n"))
    assert {result.status for result in found.values()} == {"unsupported"}
    assert "no problem of kind translation" in found["translation", "form"].words


def test_warnings_of_a_method_are_silenced_and_are_no_failure(tmp_path):
    body = """
    import warnings
    warnings.warn("slow")
    return lambda split: [np.zeros((task.steps, task.y.size)) for _ in split.x]
"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = results(broken(tmp_path, "regression", body))
    assert "failed" not in {result.status for result in found.values()}


def test_a_method_that_cannot_be_causal_may_say_so(tmp_path):
    body = """
    numeric(task)
    if task.causal:
        raise Unsupported("smooths")
    return lambda split: [np.cumsum(whole(x)[::-1, : task.y.size], axis=0)[::-1] for x in split.x]
"""
    found = results(broken(tmp_path, "labelling", body))
    assert found["labelling", "future"].status == "unsupported"
    assert "failed" not in {result.status for result in found.values()}


def test_a_dataset_is_not_taken_for_a_method():
    with pytest.raises(ValueError, match="airline is a dataset"):
        method_checks(discover().datasets["airline"])


def test_checks_are_named_by_method_kind_and_clause():
    names = [name for name, _ in method_checks(discover().methods["dtw-1nn"])]
    assert "dtw-1nn/classification/length-1" in names
    assert len(set(names)) == len(names)
    assert not any("future" in name for name in names)


def test_every_check_says_in_a_sentence_what_it_requires():
    assert all(check.words[0].isupper() and check.words.endswith(".") for check in CHECKS)


@pytest.mark.parametrize("kind", PROBLEMS)
def test_tiny_problems_are_the_same_at_every_call_in_memory_of_their_own(kind):
    for one, two in zip(tinies(kind), tinies(kind), strict=True):
        assert one.name == two.name
        for part in ("train", "watch", "test", "unseen", "shortest"):
            for a, b in zip(getattr(one, part).x, getattr(two, part).x, strict=True):
                np.testing.assert_array_equal(a, b)
                assert not np.shares_memory(a, b)


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("kind", PROBLEMS)
def test_tiny_problems_have_the_form_their_task_asks_for(kind, unequal):
    for tiny in tinies(kind, unequal):
        task = tiny.task
        for part in (tiny.train, tiny.watch, tiny.test, tiny.unseen, tiny.shortest):
            for x, y in zip(part.x, part.y, strict=True):
                assert x.shape == ((len(x),) if task.x.symbols else (len(x), task.x.size))
                steps = len(x) if task.length == "same" else task.steps
                assert y.shape == ((steps,) if task.y.symbols else (steps, task.y.size))
                task.x.encode(x), task.y.encode(y)
        lengths = {len(x) for x in tiny.train.x}
        assert (len(lengths) > 1) == (unequal and len(tiny.train.series) > 1)
        assert min(len(x) for x in tiny.shortest.x) == 1
        assert min(map(len, tiny.unseen.x)) < min(lengths) <= max(lengths) < max(map(len, tiny.unseen.x))


def test_later_origins_of_a_tiny_series_hold_the_answers_to_earlier_ones():
    for tiny in tinies("forecasting"):
        first, second = tiny.test.x[0], tiny.test.x[1]
        assert tiny.test.series[0] == tiny.test.series[1]
        np.testing.assert_array_equal(second[: len(first)], first)
        np.testing.assert_array_equal(second[len(first) :, : tiny.task.y.size], tiny.test.y[0])


def test_a_still_problem_stands_still_and_a_gap_is_in_the_first_example_alone():
    tiny = tinies("forecasting")[0]
    at_rest = still(tiny, (0, 2)).train
    assert [set(x.ravel()) | set(y.ravel()) for x, y in zip(at_rest.x, at_rest.y, strict=True)] == [{0}, {2}]
    holed = gaps(tiny.train, "x")
    assert [int(np.isnan(x).sum()) for x in holed.x] == [2, 0]
    assert not any(np.isnan(x).any() for x in tiny.train.x)
