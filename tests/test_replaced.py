"""Names that were given another meaning are found, named and put back; caches of libraries are not."""

from __future__ import annotations

import importlib
import sys
import textwrap
import types
import warnings

import numpy as np
import pytest
import torch
from recurbench import metrics
from recurbench.isolation import written
from recurbench.isolation.replaced import Names, watched


@pytest.fixture(params=["versions", "names"], autouse=True)
def means(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs twice: with the fields of CPython, and without them, name by name."""
    if request.param == "names":
        monkeypatch.setattr(written, "versions_readable", lambda: False)
        monkeypatch.setattr(written, "insides_readable", lambda: False)


def act(what: str) -> None:
    """One way of replacing something."""
    if what == "replaced textwrap.dedent":
        textwrap.dedent = str
    elif what == "removed textwrap.indent":
        del textwrap.indent
    elif what == "added numpy.float":
        setattr(np, "float", float)  # noqa: B010
    elif what == "rewrote textwrap.wrap":
        textwrap.wrap.__defaults__ = (5,)
    elif what == "replaced textwrap.TextWrapper.fill":
        textwrap.TextWrapper.fill = lambda self, text: text
    elif what == "replaced numpy.pi":
        np.pi = 3.0
    elif what == "replaced recurbench.metrics.METRICS.mae":
        metrics.METRICS["mae"] = metrics.METRICS["mase"]
    elif what == "replaced the module textwrap":
        sys.modules["textwrap"] = types.ModuleType("textwrap")


@pytest.mark.parametrize(
    "what",
    [
        "replaced textwrap.dedent",
        "removed textwrap.indent",
        "added numpy.float",
        "rewrote textwrap.wrap",
        "replaced textwrap.TextWrapper.fill",
        "replaced numpy.pi",
        "replaced recurbench.metrics.METRICS.mae",
        "replaced the module textwrap",
    ],
)
def test_what_was_replaced_is_named_and_put_back(what: str) -> None:
    names = Names()
    try:
        act(what)
        # A table of ours is named by every module that holds it.
        assert what in (found := names.replaced())
        assert {words.rpartition(".")[2] for words in found} == {what.rpartition(".")[2]}
    finally:
        names.put_back()
    assert names.replaced() == []
    assert textwrap.dedent("  a") == "a"
    assert textwrap.wrap("a b", 1) == ["a", "b"]


def test_what_is_accepted_is_the_new_meaning() -> None:
    names, plain = Names(), textwrap.dedent
    try:
        textwrap.dedent = str
        names.accept()
        assert names.replaced() == []
        textwrap.dedent = plain
        assert names.replaced() == ["replaced textwrap.dedent"]
    finally:
        textwrap.dedent = plain


def test_imports_and_caches_of_libraries_are_no_replacements() -> None:
    names = Names()
    importlib.import_module("scipy.signal.windows")
    importlib.import_module("numpy.polynomial.hermite_e")
    np._mine = 1
    try:
        assert names.replaced() == []
    finally:
        del np._mine


def test_what_torch_counts_by_itself_is_no_replacement_and_a_constant_of_it_is_one() -> None:
    names, plain = Names(), torch.nn.Module.dump_patches
    module = torch.nn.Linear(1, 1)
    before = torch.utils.hooks.RemovableHandle.next_id
    module.register_forward_hook(lambda *_: None)
    assert torch.utils.hooks.RemovableHandle.next_id > before
    assert names.replaced() == []
    try:
        torch.nn.Module.dump_patches = not plain
        assert names.replaced() == ["replaced torch.nn.modules.module.Module.dump_patches"]
    finally:
        torch.nn.Module.dump_patches = plain


def test_what_numba_adds_when_it_starts_its_threads_is_no_replacement_and_a_public_name_is_one() -> None:
    place = importlib.import_module("numba.np.ufunc.parallel")
    names = Names()
    place._mine, place.mine = len, len
    try:
        assert names.replaced() == ["added numba.np.ufunc.parallel.mine"]
    finally:
        del place._mine, place.mine


@pytest.mark.parametrize("module", [None, types.ModuleType("antigravity")])
def test_a_library_that_was_put_in_without_an_import_is_named_and_taken_out(
    module: types.ModuleType | None,
) -> None:
    names = Names()
    sys.modules["antigravity"] = module
    sys.modules["mine"] = types.ModuleType("mine")
    try:
        assert names.replaced() == ["added to sys.modules the module antigravity"]
    finally:
        names.put_back()
        del sys.modules["mine"]
    assert "antigravity" not in sys.modules
    assert names.replaced() == []


def test_a_constant_of_ours_counts_whatever_its_name_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_MINE", 1, raising=False)
    names = Names()
    metrics._MINE = 2
    assert names.replaced() == ["replaced recurbench.metrics._MINE"]
    names.put_back()
    assert metrics._MINE == 1


def test_packages_can_be_looked_at_alone() -> None:
    names, plain = Names(), textwrap.dedent
    try:
        textwrap.dedent = str
        assert names.replaced(("numpy",)) == []
        assert names.replaced(("textwrap",)) == ["replaced textwrap.dedent"]
    finally:
        textwrap.dedent = plain


def test_plugins_and_the_calling_program_are_not_looked_at() -> None:
    assert watched("numpy.linalg")
    assert watched("json")
    assert watched("recurbench.metrics")
    assert not watched("recurbench.plugin_files.mine_2f")
    assert not watched("_pytest.assertion")
    assert not watched("__main__")


def test_a_module_that_numba_lists_below_its_own_name_is_compared_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba.types.textwrap", textwrap)
    monkeypatch.setitem(sys.modules, "numba.types.warnings", warnings)
    names = Names()
    monkeypatch.setattr(textwrap, "dedent", str)
    with warnings.catch_warnings(record=True):
        assert names.replaced() == ["replaced textwrap.dedent"]


def test_the_counter_of_parallel_loops_that_numba_compiled_is_not_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from numba.parfors.parfor import Parfor

    names = Names()
    monkeypatch.setattr(Parfor, "id_counter", Parfor.id_counter + 1)
    assert names.replaced() == []
