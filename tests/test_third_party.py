"""Third-party plugins: what one changes in its process reaches no other cell, and no score of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from recurbench import plugin_files, provenance
from recurbench.api import Request, prepare
from recurbench.isolation import third_party
from recurbench.reasons import Reason, of_row
from recurbench.record import RunFile
from recurbench.registry import discover
from recurbench.running.job import JobGroup
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool, _Waiting
from recurbench.running.runner import ChangedError, Executor, Inline, jobs, run_jobs

HEAD = """
import os
import sys

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset, method


def carried(task, **notes):
    class Predictor:
        def __init__(self):
            self.notes = notes

        def __call__(self, split):
            return [np.repeat(x[-1:, : task.y.size].copy(), task.steps, 0) for x in split.x]

    return Predictor()
"""
METHOD = '''

@method("{name}", family="baseline", kinds={{"forecasting"}})
def {function}(task, train):
    """Last value."""
{body}
    return carried(task, pid=os.getpid())
'''
PATCH = "    plain = {0}\n    {0} = lambda *args, **words: plain(*args, **words)\n"
# What a method does in its fit, and what of it the process cannot be trusted with again.
MEDDLING = {
    "patches-ets": (
        "    from statsmodels.tsa.exponential_smoothing.ets import ETSModel\n    plain = ETSModel.fit\n"
        "    ETSModel.fit = lambda self, **words: plain(self, **{**words, 'maxiter': 1})\n"
    ),
    "adds-to-numpy": "    np.float = float\n",
    "rewrites-a-function": "    import textwrap\n    textwrap.dedent.__code__ = (lambda text: 0).__code__\n",
    "replaces-a-module": "    import colorsys\n    sys.modules['colorsys'] = type(sys)('colorsys')\n",
    "sets-the-recursion-limit": "    sys.setrecursionlimit(10_000)\n",
    "sets-an-alarm": (
        "    import signal\n    signal.signal(signal.SIGALRM, lambda *_: 1 / 0)\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.3)\n"
    ),
    "sets-the-locale": "    import locale\n    locale.setlocale(locale.LC_ALL, 'C')\n",
    "sets-decimals": "    import decimal\n    decimal.getcontext().prec = 2\n",
    "sets-printing": "    np.set_printoptions(precision=1)\n    np.seterr(all='raise')\n",
    "sets-pandas": "    import pandas as pd\n    pd.set_option('display.precision', 1)\n",
    "sets-the-environment": "    os.environ['PYTHONHASHSEED'] = '1'\n    os.environ['TZ'] = 'Asia/Seoul'\n",
    "sets-torch": (
        "    import torch\n    torch.set_default_dtype(torch.float64)\n    torch.set_grad_enabled(False)\n"
    ),
    "stops-collecting": "    import gc\n    gc.disable()\n",
    "puts-a-finder-first": (
        "    sys.meta_path.insert(0, type('Finder', (), {'find_spec': lambda *_: None}))\n"
    ),
    "fills-a-cache": (
        "    from statsmodels.tsa.exponential_smoothing import ets\n    ets._mine = 1\n"
        "    carried.cache = 1\n"
    ),
}
AFTER = ["ets", "drift"]
KEPT = ("status", "reason", "score", "predictions")


def plugin(folder: Path, text: str, name: str = "meddles.py") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(HEAD + text)
    return path


def methods(bodies: dict[str, str]) -> str:
    return "".join(
        METHOD.format(name=name, function=name.replace("-", "_"), body=body) for name, body in bodies.items()
    )


def run(
    folder: Path,
    files: list[Path],
    names: list[str],
    executor: Executor,
    problems: tuple[str, ...] = ("airline[origins=2]",),
    seeds: int = 1,
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The rows of a run, by method, problem and stage."""
    registry = discover(files)
    chosen = jobs(registry.select_methods(names), registry.select_datasets(list(problems)), seeds)
    file = RunFile(folder / "results.sqlite")
    try:
        run_jobs(chosen, file, executor=executor)
    finally:
        found = file.rows(blobs=True)
        file.close()
    return {(row["address"], row["problem"], row["stage"]): row for row in found}


def kept(rows: dict[Any, dict[str, Any]], names: list[str]) -> dict[Any, Any]:
    return {place: [row[key] for key in KEPT] for place, row in rows.items() if place[0] in names}


@pytest.mark.long
def test_whatever_methods_do_to_their_process_later_cells_of_others_are_the_same(tmp_path: Path) -> None:
    # A file each, for whatever the file names is imported before the method.
    files = [plugin(tmp_path, methods({name: body}), f"{name}.py") for name, body in MEDDLING.items()]
    pool = Pool(1, Limits(), keep=True)  # or the built-in methods would come first
    try:
        meddled = run(tmp_path / "meddled", files, list(MEDDLING), pool)
        after = run(tmp_path / "after", [], AFTER, pool)
    finally:
        pool.close()
    alone = run(tmp_path / "alone", [], AFTER, Pool(1, Limits()))
    assert {place[0]: row["reason"] for place, row in meddled.items() if row["status"] != "ok"} == {}
    assert kept(after, AFTER) == kept(alone, AFTER)
    assert len(kept(alone, AFTER)) == 2 * len(AFTER)


@pytest.mark.parametrize("what", ["sys.getsizeof", "os.cpu_count"])
def test_not_even_the_own_cells_of_a_method_stand_on_what_it_replaced(tmp_path: Path, what: str) -> None:
    body = f"    if {what}.__name__ == '<lambda>':\n        raise RuntimeError('not fresh')\n"
    file = plugin(tmp_path, methods({"patches": body + PATCH.format(what)}))
    problems = ("airline[origins=2]", "sunspots[origins=2]")
    rows = run(tmp_path / "run", [file], ["patches"], Pool(1, Limits()), problems)
    assert {(row["status"], row["reason"]) for row in rows.values()} == {("ok", "")}
    assert len({row["notes"]["pid"] for row in rows.values()}) == len(rows) == 4


def test_what_can_be_brought_back_costs_no_new_process(tmp_path: Path) -> None:
    body = (
        "    if sys.getrecursionlimit() == 9_999 or np.geterr()['over'] == 'raise':\n"
        "        raise RuntimeError('not brought back')\n"
        "    sys.setrecursionlimit(9_999)\n    np.seterr(all='raise')\n"
    )
    file = plugin(tmp_path, methods({"sets": body}))
    rows = run(
        tmp_path / "run", [file], ["sets"], Pool(1, Limits()), ("airline[origins=2]", "sunspots[origins=2]")
    )
    assert {(row["status"], row["reason"]) for row in rows.values()} == {("ok", "")}
    assert len({row["notes"]["pid"] for row in rows.values()}) == 1


def test_a_process_is_given_to_one_third_party_method_alone(tmp_path: Path) -> None:
    names = ["one", "two"]
    file = plugin(tmp_path, methods(dict.fromkeys(names, "")))
    problems = ("airline[origins=2]", "sunspots[origins=2]", "elnino[origins=2]")
    rows = run(tmp_path / "run", [file], names, Pool(2, Limits()), problems)
    pids = {name: {row["notes"]["pid"] for place, row in rows.items() if place[0] == name} for name in names}
    assert not pids["one"] & pids["two"]
    assert max(map(len, pids.values())) <= 2  # once per worker, not per cell


@pytest.mark.long
def test_what_a_plugin_sets_at_its_import_stands_in_each_of_its_cells_and_in_no_other(tmp_path: Path) -> None:
    setting = "\nimport torch\n\ntorch.set_default_dtype(torch.float64)\nos.environ['MINE'] = '1'\n"
    body = (
        "    if torch.get_default_dtype() != torch.float64 or 'MINE' not in os.environ:\n"
        "        raise RuntimeError('the setting is gone')\n"
    )
    file = plugin(tmp_path, setting + methods({"sets": body}))
    pool = Pool(1, Limits(), keep=True)
    try:
        rows = run(tmp_path / "run", [file], ["sets"], pool, ("airline[origins=2]", "sunspots[origins=2]"))
        after = run(tmp_path / "after", [], AFTER, pool)
    finally:
        pool.close()
    assert {(row["status"], row["reason"]) for row in rows.values()} == {("ok", "")}
    assert kept(after, AFTER) == kept(run(tmp_path / "alone", [], AFTER, Pool(1, Limits())), AFTER)


TOUCHING = {
    "scores-itself": (
        "    from recurbench import metrics\n    plain = metrics.score\n"
        "    metrics.score = lambda *given: plain(*given)\n"
    ),
    "judges-itself": "    from recurbench import answers\n    answers.form_error = lambda *_: ''\n",
    "swaps-a-metric": (
        "    from recurbench import metrics\n    metrics.METRICS['mase'] = metrics.METRICS['mae']\n"
    ),
    "stops-the-clock": "    import time\n    time.perf_counter = lambda: 0.0\n",
    "bends-numpy": "    np.mean = np.median\n",
}


@pytest.mark.parametrize("name", TOUCHING)
def test_a_method_that_replaces_what_scores_stand_on_has_none(tmp_path: Path, name: str) -> None:
    file = plugin(tmp_path, methods({name: TOUCHING[name]}))
    row = run(tmp_path / "run", [file], [name], Pool(1, Limits()))[name, "airline[origins=2]", "final"]
    assert (row["status"], row["score"]) == ("invalid", None)
    assert "the method replaced " in row["reason"]
    assert of_row(row["notes"], row["reason"]).cause.code == "changed_library"


def test_a_plugin_that_bends_numpy_at_its_import_has_no_score(tmp_path: Path) -> None:
    file = plugin(tmp_path, "\nnp.abs = np.square\n" + methods({"bends": ""}))
    rows = run(tmp_path / "run", [file], ["bends"], Pool(1, Limits()))
    for row in rows.values():
        assert row["status"] == "invalid"
        cause = of_row(row["notes"], row["reason"]).cause
        assert cause == Reason("changed_library", {"changes": "replaced numpy.abs"})


DYNAMIC = {
    "by-text": "importlib.import_module('dynamic' + '_one').K",
    "by-dunder": "__import__('dynamic_one').K",
    "by-path": "from_path('dynamic_one.py').K",
    "inside": "importlib.import_module('dynamic_parts.one').K",
}
BY_PATH = """
import importlib.util
from pathlib import Path


def from_path(name):
    spec = importlib.util.spec_from_file_location("other_name", Path(__file__).parent / name)
    sys.modules["other_name"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""


# Here for every way of importing, and in a worker for one of them.
@pytest.mark.long
@pytest.mark.parametrize(("name", "workers"), [*((name, 0) for name in DYNAMIC), ("inside", 1)])
def test_a_file_beside_the_plugin_that_is_no_part_of_the_key_makes_its_rows_invalid(
    tmp_path: Path, name: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(plugin_files, "_folders", set())
    module = "dynamic_parts.one" if name == "inside" else "dynamic_one"
    (tmp_path / "dynamic_parts").mkdir()
    for file in ("dynamic_one.py", "dynamic_parts/one.py"):
        (tmp_path / file).write_text("K = 1\n")
    text = BY_PATH + methods({name: f"    {DYNAMIC[name]}\n", "apart": ""})
    for first, status in (("", "invalid"), (f"\nimport {module}\n", "ok")):
        third_party.begin()
        provenance.forget()
        file = plugin(tmp_path, first + text)
        executor = Pool(1, Limits()) if workers else Inline()
        rows = run(tmp_path / status, [file], ["apart", name], executor, seeds=1)
        for place, row in rows.items():
            assert row["status"] == (status if place[0] == name else "ok"), row["reason"]
            if place[0] == name and status == "invalid":
                assert f"imported {module} from its folder" in row["reason"]
                assert f"write a plain `import {module}` in meddles.py" in row["reason"]
        for each in ("dynamic_one", "dynamic_parts", "dynamic_parts.one", "other_name"):
            sys.modules.pop(each, None)
        for each in [each for each in sys.modules if each.startswith(plugin_files.PREFIX)]:
            del sys.modules[each]


def test_a_module_that_a_library_makes_is_no_file_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = plugin(tmp_path, methods({"fine": ""}))
    monkeypatch.chdir(tmp_path)
    made = type(sys)("made_by_a_library")
    made.__file__ = "_ops.py"
    before = set(sys.modules)
    monkeypatch.setitem(sys.modules, "made_by_a_library", made)
    assert third_party.late_imports(discover([file]).methods["fine"], before) == ""


DATASET = '''

@dataset("{name}", kind="forecasting")
def {name}(*, size=40):
    """A line."""
{body}
    x = [np.arange(float(size))[:, None], np.arange(float(size + 4))[:, None]]
    split = Split(x, [one[-4:] + 4 for one in x])
    about = About("made", "none needed", "none", "mean", "mse")
    return Problem(Task("forecasting", Values(1), Values(1), "fixed", steps=4), split, split, about)
'''


@pytest.mark.long
def test_a_dataset_that_replaces_what_methods_use_is_refused_in_words(tmp_path: Path) -> None:
    bodies = {
        "bending": PATCH.format("np.linalg.lstsq"),
        "setting": "    np.seterr(all='raise')\n",
        "fine": "",
    }
    text = "".join(DATASET.format(name=name, body=body) for name, body in bodies.items())
    file = plugin(tmp_path, text)
    rows = run(tmp_path / "run", [file], ["drift"], Pool(1, Limits()), (*bodies, "sunspots[origins=2]"))
    final = {place[1]: (row["status"], row["reason"]) for place, row in rows.items() if place[2] == "final"}
    status, reason = final.pop("bending")
    assert status == "failed"
    assert "making it replaced numpy.linalg.lstsq, which all methods share" in reason
    assert final == dict.fromkeys(("setting", "fine", "sunspots[origins=2]"), ("ok", ""))
    alone = run(tmp_path / "alone", [], ["drift"], Pool(1, Limits()), ("sunspots[origins=2]",))
    assert (
        rows["drift", "sunspots[origins=2]", "final"]["score"]
        == alone["drift", "sunspots[origins=2]", "final"]["score"]
    )


def test_a_dataset_that_replaces_at_its_import_is_refused_before_a_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import statistics

    monkeypatch.setattr(statistics, "fmean", statistics.fmean)  # comes back after the test
    text = "\nimport statistics\n\nstatistics.fmean = len\n" + DATASET.format(name="bending", body="")
    file = plugin(tmp_path, text)
    third_party.begin()
    with pytest.raises(ValueError, match=r"making it replaced statistics\.fmean, which all methods share"):
        prepare(
            Request(datasets=["bending[size=50]"], methods=["drift"], plugins=[file], out=tmp_path / "run")
        )
    assert not (tmp_path / "run").exists()
    third_party.begin()


@pytest.mark.long
def test_in_this_process_a_run_ends_before_a_cell_would_stand_on_what_a_method_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import textwrap

    monkeypatch.setattr(textwrap, "dedent", textwrap.dedent)
    body = "    import textwrap\n    textwrap.dedent = str\n"
    file = plugin(tmp_path, methods({"aa-patches": body, "fine": ""}))
    words = "aa-patches of .* replaced textwrap.dedent; with --jobs 0 .* run the rest .* --jobs 1"
    with pytest.raises(ChangedError, match=words):
        run(tmp_path / "run", [file], ["aa-patches", "fine", "drift"], Inline())
    file_ = RunFile(tmp_path / "run" / "results.sqlite")
    done = {(row["address"], row["stage"], row["status"]) for row in file_.rows()}
    file_.close()
    # Built-in methods come first; of the method itself the cell that was computed in a clean process.
    assert done == {
        ("drift", "inner", "ok"),
        ("drift", "final", "ok"),
        ("aa-patches", "inner", "ok"),
    }
    rows = run(tmp_path / "run", [file], ["aa-patches", "fine", "drift"], Pool(1, Limits()))
    assert {row["status"] for row in rows.values()} == {"ok"}


def test_in_this_process_settings_are_brought_back_and_the_run_goes_on(tmp_path: Path) -> None:
    limit = __import__("sys").getrecursionlimit()
    file = plugin(tmp_path, methods({"aa-sets": f"    sys.setrecursionlimit({limit + 1})\n", "zz-fine": ""}))
    rows = run(tmp_path / "run", [file], ["aa-sets", "zz-fine", "drift"], Inline())
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert __import__("sys").getrecursionlimit() == limit


def test_in_this_process_a_plugin_whose_import_changed_settings_is_followed_by_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MINE", raising=False)
    first = plugin(tmp_path / "a", "\nos.environ['MINE'] = '1'\n" + methods({"aa-sets": ""}))
    other = plugin(tmp_path / "b", methods({"zz-fine": ""}))
    try:
        with pytest.raises(ChangedError, match=r"aa-sets of .* changed environment variables \(MINE\)"):
            run(tmp_path / "run", [first, other], ["aa-sets", "zz-fine"], Inline())
    finally:
        __import__("os").environ.pop("MINE", None)


def groups(folder: Path, names: list[str], problems: tuple[str, ...]) -> list[JobGroup]:
    bodies = dict.fromkeys(("one", "two"), "")
    file = plugin(folder, methods(bodies) + DATASET.format(name="line", body=""))
    registry = discover([file])
    chosen = jobs(registry.select_methods(names), registry.select_datasets(list(problems)), 1)
    return [JobGroup.of_jobs([job]) for job in chosen]


def test_a_worker_is_given_only_groups_that_run_what_ran_in_it_already(tmp_path: Path) -> None:
    waiting = _Waiting(groups(tmp_path, ["one", "two", "drift"], ("sunspots[origins=2]", "line")))
    taken: list[frozenset[str]] = []
    ran: frozenset[str] = frozenset()
    fresh = 0
    while waiting:
        group = waiting.next_for(ran)
        if group is None:
            ran, fresh = frozenset(), fresh + 1
            continue
        assert ran <= group.third_party
        ran |= group.third_party
        taken.append(group.third_party)
    assert len(taken) == 6
    assert taken[0] == frozenset()  # built-in methods on built-in data first, in the worker that is warm
    assert fresh <= 4


def test_groups_put_first_come_next_in_their_turn(tmp_path: Path) -> None:
    made = groups(tmp_path, ["drift", "last-value"], ("sunspots[origins=2]", "elnino[origins=2]"))
    waiting = _Waiting(made[2:])
    waiting.first(made[:2])
    assert [waiting.next_for(frozenset()) for _ in range(4)] == made
    assert waiting.next_for(frozenset()) is None
    assert not waiting


def test_seeds_fitted_together_survive_what_their_method_replaced(tmp_path: Path) -> None:
    text = '''

@method("group", family="baseline", kinds={"forecasting"})
def group(task, train, *, seed=0, seeds=()):
    """Last value, several times."""
    if os.cpu_count.__name__ == "<lambda>":
        raise RuntimeError("not fresh")
    os.cpu_count = lambda: 1
    made = [carried(task) for _ in seeds or (seed,)]
    return made if seeds else made[0]
'''
    rows = run(tmp_path / "run", [plugin(tmp_path, text)], ["group"], Pool(1, Limits()), seeds=3)
    assert {row["status"] for row in rows.values()} == {"ok"}
    file = RunFile(tmp_path / "run" / "results.sqlite")
    assert len(file.rows("method = 'group'")) == 2 * 3
    file.close()


def test_what_typing_extensions_replaces_is_no_change_by_a_plugin(tmp_path: Path) -> None:
    file = tmp_path / "plain.py"
    file.write_text(HEAD + METHOD.format(name="plain", function="plain", body=""))
    script = f"""
import sys
from pathlib import Path
from recurbench.isolation import third_party
from recurbench.registry import discover
plugin = discover([Path({str(file)!r})]).methods["plain"]
print("typing_extensions" in sys.modules)
third_party.preload(plugin)
print("typing_extensions" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
