"""The kit is checked itself: a good method passes, and each check catches the methods made for it."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import broken_answers
import broken_conduct
import broken_leaks
import broken_units
import numpy as np
import pytest
import torch  # noqa: F401  (what it sets at its first import is not the doing of a check)
from broken_answers import HEAD, Case
from recurbench import plugin_files
from recurbench.check import CHECKS, checks_for, method_checks
from recurbench.contract.toy_problems import PROBLEMS, gaps, still, tinies
from recurbench.registry import discover, read

GOOD = '''
@method(
    "good",
    family="baseline",
    kinds={"classification", "regression", "forecasting", "labelling", "translation", "generation"},
)
def good(task, train, *, seed=0, seeds=(), check=None, steps=None, max_steps=1000, trees=500):
    """Frequencies for symbols, a mean for numbers; says what it was given."""
    if max_steps != 5 or trees != 10 or (steps is not None and check is not None):
        raise RuntimeError("the kit gives small budgets, and steps to a fit on all of train")
    if seeds:
        return [Good(task, train, np.random.default_rng(each)) for each in seeds]
    return Good(task, train, np.random.default_rng(seed))

class Good:
    def __init__(self, task, train, rng):
        self.task = task
        self.notes = {"parameters": task.y.size, "steps": 10, "curve": rng.normal(size=3), "n": np.int64(3)}
        y = np.concatenate([task.y.encode(y) for y in train.y])
        self.level = np.nanmean(y, axis=0)
        if task.y.symbols:
            self.level = (y.sum(axis=0) + 1) / (len(y) + task.y.size)
        self.level = self.level + 1e-7 * np.nanstd(y, axis=0) * rng.random()
        self.steps = rng.integers(1, 9)

    def __call__(self, split):
        same = self.task.length == "same"
        if self.task.length == "free":
            return [np.full(self.steps, self.level.argmax()) for _ in split.x]
        return [np.tile(self.level, (len(x) if same else self.task.steps, 1)) for x in split.x]

    def log_likelihood(self, split):
        if self.task.length == "free":
            # At every step it ends as likely as not.
            level = self.level / self.level.sum()
            return [np.log(0.5 * np.append(level[y], 1.0)) for y in split.y]
        if self.task.y.symbols:
            return [np.log(self.level[y]) for y in split.y]
        return [-((y - self.level) ** 2).sum(axis=1) for y in split.y]
'''

CASES = [*broken_answers.CASES, *broken_leaks.CASES, *broken_conduct.CASES, *broken_units.CASES]
NAMED = [pytest.param(case, id=f"{case.check}-{i}") for i, case in enumerate(CASES)]


def plugin_of(folder, text, name="broken"):
    file = folder / "mine.py"
    file.write_text(text)
    return discover([file]).methods[name]


def broken(folder, kind, body, takes=""):
    return plugin_of(folder, Case("", kind, "", body, takes=takes).text)


def shared_state():
    """What a method may change in the process, and the kit brings back."""
    generator = np.random.get_state()[1].tobytes()  # noqa: NPY002
    places = [place for place in sys.path if not plugin_files.added(place)]
    return dict(os.environ), np.geterr(), places, Path.cwd(), generator


def results(plugin):
    return {(result.kind, result.check): result for result in checks_for(plugin)}


def test_a_good_method_passes_every_check_on_every_kind(tmp_path):
    found = results(plugin_of(tmp_path, HEAD + GOOD, "good"))
    assert {result.words for result in found.values() if result.status == "failed"} == set()
    assert {key for key, result in found.items() if result.status == "unsupported"} == set()
    assert len(found) == sum(kind in check.kinds for kind in PROBLEMS for check in CHECKS)


@pytest.mark.parametrize("case", NAMED)
def test_a_check_catches_the_method_made_for_it_and_leaves_the_process_as_it_was(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    plugin = plugin_of(tmp_path, case.text)
    before = shared_state()
    found = results(plugin)
    assert shared_state() == before
    words = found[case.kind, case.check].words
    assert case.words in words
    assert "; " in words, "behind what was seen and wanted stands how to mend it"
    failed = {name for (_, name), result in found.items() if result.status == "failed"}
    assert failed == {case.check, *case.others.split()}


def test_every_check_has_a_method_that_breaks_it():
    assert {case.check for case in CASES} == {check.name for check in CHECKS}


def test_a_refusal_in_words_passes_and_stays_visible(tmp_path):
    body = """
    if len({len(x) for x in train.x}) > 1:
        raise Unsupported("needs one length")
    return lambda split: flat(task, split)
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


def test_what_cannot_be_tried_before_another_check_passes_is_said_and_not_blamed(tmp_path):
    found = results(broken(tmp_path, "regression", "\n    return 3\n"))
    assert found["regression", "form"].status == "failed"
    rest = {result.check: result for result in found.values() if result.check not in ("import", "form")}
    assert {result.status for result in rest.values()} == {"unsupported"}
    assert all("fails the check form" in result.words for result in rest.values())


def test_a_file_that_cannot_be_imported_fails_one_check_and_is_not_tried_further(tmp_path):
    found = results(broken(tmp_path, "regression", "\n    return 3\n\nimport no_such_module_anywhere\n"))
    assert "no_such_module_anywhere" in found["regression", "import"].words
    assert {key[1] for key, result in found.items() if result.status == "failed"} == {"import"}
    assert all("see the check import" in r.words for key, r in found.items() if key[1] != "import")


def test_a_seed_that_is_read_and_changes_nothing_is_told_and_not_blamed(tmp_path):
    body = """
    rng = np.random.default_rng(seed)
    return lambda split: flat(task, split)
"""
    found = results(broken(tmp_path, "regression", body, "seed=0"))["regression", "seed-used"]
    assert found.status == "unsupported"
    assert "the same for the seeds 0, 1, 2" in found.words


def test_temporary_files_are_no_failure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    body = """
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/model.txt", "w") as file:
            file.write("weights")
    return lambda split: flat(task, split)
"""
    found = results(broken(tmp_path, "regression", body))
    assert "failed" not in {result.status for result in found.values()}


def test_a_process_that_was_waited_for_is_no_failure(tmp_path):
    body = """
    import subprocess
    subprocess.run(["true"], check=True)
    return lambda split: flat(task, split)
"""
    found = results(broken(tmp_path, "regression", body))
    assert "failed" not in {result.status for result in found.values()}


def test_the_kit_prints_what_is_printed_after_it(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (case,) = (case for case in broken_conduct.CASES if "from C" in case.words)
    results(plugin_of(tmp_path, case.text))
    print("heard again")
    os.write(2, b"and by C")
    assert capfd.readouterr() == ("heard again\n", "and by C")


def test_a_problem_is_fitted_once_for_all_checks_that_only_ask(tmp_path):
    body = f"""
    with open({str(tmp_path / "fits")!r}, "a") as file:
        file.write(task.x.symbols * "s" + (len(train) > 1) * "n")
    return lambda split: flat(task, split)
"""
    outcomes = [result.status for result in results(broken(tmp_path, "regression", body)).values()]
    assert len(outcomes) == 29
    # Of two plain problems and another one: the shared fit, the second one, unequal lengths and so on.
    assert len((tmp_path / "fits").read_text()) < 30


@pytest.mark.long
@pytest.mark.parametrize(
    ("level", "failed"), [("0.0", set()), ("float(torch.rand(1))", {"random-state"})], ids=["good", "draws"]
)
def test_a_first_import_of_torch_in_a_fit_is_not_blamed(tmp_path, level, failed):
    body = f"\n    import torch\n    level = {level}\n    return lambda split: flat(task, split, level)\n"
    plugin = broken(tmp_path, "regression", body)
    script = f"""
import sys
from recurbench.check import checks_for
from recurbench.registry import discover
assert "torch" not in sys.modules
for one in checks_for(discover([{str(plugin.path)!r}]).methods["broken"]):
    print(*[one.check] * (one.status == "failed"))
assert "torch" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == failed


def test_a_memory_in_another_module_of_the_package_is_found(tmp_path, monkeypatch):
    folder = tmp_path / "kept_elsewhere"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "memory.py").write_text("MEMORY = []\n")
    body = "\n    MEMORY.append(np.nanmean(train.y))\n    return lambda split: flat(task, split, MEMORY[0])\n"
    text = Case("", "regression", "", body).text.replace("MEMORY = []", "from .memory import MEMORY")
    (folder / "mine.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    (plugin,) = read(folder / "mine.py", "kept_elsewhere.mine", "me")
    found = results(plugin)
    assert {key[1] for key, result in found.items() if result.status == "failed"} == {"earlier-fits"}
    known = sys.modules["kept_elsewhere.memory"]
    assert len(known.MEMORY) > 1, "the modules that were known come back"
    assert sys.modules["kept_elsewhere.mine"].MEMORY is known.MEMORY


def test_a_file_that_is_imported_by_a_name_made_on_the_way_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "dynamic_two.py").write_text("K = 1\n")
    body = (
        "\n    level = __import__('dynamic' + '_two').K\n    return lambda split: flat(task, split, level)\n"
    )
    found = results(broken(tmp_path, "regression", body))
    (wrong,) = (result for result in found.values() if result.status == "failed")
    assert wrong.check == "earlier-fits"
    assert "write a plain `import dynamic_two` in mine.py" in wrong.words


def test_a_module_that_cannot_be_imported_twice_is_not_blamed(tmp_path):
    body = """
    return lambda split: flat(task, split)

import sys
if hasattr(sys, "taken"):
    raise RuntimeError("this name is registered already")
sys.taken = True
"""
    try:
        found = results(broken(tmp_path, "regression", body))
    finally:
        del sys.taken
    assert "this name is registered already" in found["regression", "earlier-fits"].words
    assert "failed" not in {result.status for result in found.values()}


@pytest.mark.long
def test_work_of_other_processes_and_threads_is_no_failure(tmp_path):
    body = """
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        levels = list(pool.map(level_of, train.y))
    def predict(split):
        with ThreadPool(2) as pool:
            return pool.map(lambda x: np.full((task.steps, task.y.size), np.nanmean(levels)), split.x)
    return predict

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.pool import ThreadPool

def level_of(y):
    return np.mean(y)
"""
    found = results(broken(tmp_path, "regression", body))
    assert {result.words for result in found.values() if result.status == "failed"} == set()


def test_a_kind_without_tiny_problems_is_visibly_not_checked(tmp_path, monkeypatch):
    monkeypatch.delitem(PROBLEMS, "translation")
    found = results(broken(tmp_path, "translation", "\n    return 3\n"))
    assert {result.status for key, result in found.items() if key[1] != "import"} == {"unsupported"}
    assert "no problem of kind translation" in found["translation", "form"].words


def test_warnings_of_a_method_are_silenced_and_are_no_failure(tmp_path):
    body = """
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("slow")
    return lambda split: flat(task, split)
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
    assert found["labelling", "causal"].status == "unsupported"
    assert "failed" not in {result.status for result in found.values()}


def test_a_method_whose_zero_has_a_meaning_says_so_and_is_held_to_factors_alone(tmp_path):
    body = """
    class Growth:
        notes = {"follows_shift": False}
        def __call__(self, split):
            return [np.tile(FACTOR * whole(x)[-1, : task.y.size], (task.steps, 1)) for x in split.x]
    return Growth()

FACTOR = 1.1
"""
    found = results(broken(tmp_path, "forecasting", body))["forecasting", "units"]
    assert (found.status, "follows no shift" in found.words) == ("unsupported", True)
    breach = body.replace("FACTOR * whole(x)[-1, : task.y.size]", "whole(x)[-1, : task.y.size] + 0.1")
    (tmp_path / "breach").mkdir()
    found = results(broken(tmp_path / "breach", "forecasting", breach))
    assert found["forecasting", "units"].status == "failed"


def test_a_method_may_refuse_values_that_are_not_positive(tmp_path):
    body = """
    if min(x[:, : task.y.size].min() for x in train.x) <= 0:
        raise Unsupported("a logarithm needs positive values")
    def line(x):
        return np.tile(np.exp(np.log(whole(x)).mean(axis=0))[: task.y.size], (task.steps, 1))
    return lambda split: [line(x / x[0]) * x[0, : task.y.size] for x in split.x]
"""
    found = results(broken(tmp_path, "forecasting", body))["forecasting", "units"]
    assert (found.status, found.words) == ("unsupported", "a logarithm needs positive values")


def test_a_dataset_is_not_taken_for_a_method():
    with pytest.raises(ValueError, match="airline is a dataset"):
        method_checks(discover().datasets["airline"])


def test_checks_are_named_by_method_kind_and_clause():
    names = [name for name, _ in method_checks(discover().methods["dtw-1nn"])]
    assert "dtw-1nn/classification/length-1" in names
    assert len(set(names)) == len(names)
    assert not any("future" in name for name in names)


def test_every_check_is_named_in_the_page_on_plugins():
    page = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text()
    assert all(f"`{check.name}`" in page for check in CHECKS)


def test_what_an_import_changes_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    body = "\n    return lambda split: flat(task, split)\n\nimport sys\nsys.path.append('mine')\n"
    found = results(broken(tmp_path, "regression", body))
    assert "mine" in sys.path
    assert "failed" not in {result.status for result in found.values()}


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
                steps = {"same": len(x), "free": len(y)}.get(task.length, task.steps)
                assert y.shape == ((steps,) if task.y.symbols else (steps, task.y.size))
                task.x.encode(x), task.y.encode(y)
        if kind == "generation":  # begins with a single step, whatever is asked for
            assert {len(x) for part in (tiny.train, tiny.unseen) for x in part.x} == {1}
            continue
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
