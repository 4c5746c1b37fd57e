"""The suites name plugins that exist."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_up_contrasts import CHOSEN
from recurbench import catalogue, suites
from recurbench.address import OWN_DATA
from recurbench.contrasts import FIRST, judged_methods, registration
from recurbench.registry import discover
from recurbench.reports.statistics.registered_rule import LAST
from recurbench.running.runner import jobs
from recurbench.suites import PROBES, SUITES, suite

FILLED = [name for name, one in SUITES.items() if one.blocks]


def chosen(one):
    registry = discover()
    return registry.select_methods(one.methods), registry.select_datasets(one.datasets)


@pytest.mark.parametrize("name", FILLED)
def test_every_name_of_a_suite_is_known_and_stands_once(name):
    one = suite(name)
    methods, datasets = chosen(one)
    assert len(methods) == len(one.methods) == len(set(one.methods))
    assert len(datasets) == len(one.datasets) == len(set(one.datasets))


@pytest.mark.parametrize("name", FILLED)
def test_every_name_of_a_suite_is_written_as_rows_have_it(name):
    methods, datasets = chosen(suite(name))
    assert [choice.address for choice in methods] == list(suite(name).methods)
    assert [choice.address for choice in datasets] == list(suite(name).datasets)


@pytest.mark.parametrize("name", FILLED)
def test_no_suite_holds_a_job_twice(name):
    registry = discover()
    found = [
        (job.dataset.address, job.data_seed, job.method.address, job.seed)
        for block in suite(name).blocks
        for job in jobs(
            registry.select_methods(block.methods), registry.select_datasets(block.datasets), block.seeds
        )
    ]
    assert found
    assert len(set(found)) == len(found)


def test_offline_holds_every_built_in_plugin_but_those_that_need_files():
    registry = discover()
    methods, datasets = chosen(suite("offline"))
    without = {name for name, plugin in registry.methods.items() if not plugin.files}
    assert {m.plugin.name for m in methods} == without
    assert set(registry.methods) - without == {"pretrained"}
    shipped = set(registry.datasets) - set(OWN_DATA) - set(catalogue.datasets())
    assert {d.plugin.name for d in datasets} == shipped


def test_every_data_set_of_the_catalogue_is_a_plugin():
    assert set(catalogue.datasets()) <= set(discover().datasets)


def test_the_docs_name_every_probe():
    text = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    _, _, probes = text.partition("## Synthetic tasks")
    assert [address for address in PROBES if f"| `{address}`" not in probes] == []


def test_every_plugin_of_quick_is_in_offline():
    quick, offline = (chosen(suite(name)) for name in ("quick", "offline"))
    for some, whole in zip(quick, offline, strict=True):
        assert {each.plugin.name for each in some} <= {each.plugin.name for each in whole}


def test_all_networks_of_quick_run_on_all_of_its_problems():
    networks = {"mlp", "cnn", "rnn", "lstm"}
    assert all(networks < set(block.methods) for block in suite("quick").blocks)
    assert len(suite("quick").datasets) == 7


def test_a_suite_without_methods_is_refused_in_words(monkeypatch):
    monkeypatch.setitem(SUITES, "registered", replace(SUITES["registered"], blocks=()))
    with pytest.raises(ValueError, match="the suite registered has nothing to run: nothing is frozen yet"):
        suite("registered")


def test_the_registered_suite_runs_the_frozen_methods_on_the_judged_samples(monkeypatch):
    known = registration().contrasts[0]
    chosen_there = replace(CHOSEN, problem=known.problem)
    monkeypatch.setattr(suites, "frozen", lambda: (chosen_there,))
    (block,) = suites._registered()
    assert (block.datasets, block.methods) == ((known.problem,), judged_methods(known, chosen_there))
    assert (block.seeds, block.first) == (LAST, FIRST)


def test_an_unknown_suite_names_the_nearest():
    with pytest.raises(ValueError, match="nearest: quick"):
        suite("qick")
