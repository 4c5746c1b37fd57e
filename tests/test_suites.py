"""The suites name plugins that exist."""

from pathlib import Path

import pytest
from recurbench import catalogue
from recurbench.address import OWN_DATA
from recurbench.predictions import contrasts
from recurbench.registry import discover
from recurbench.running.runner import jobs
from recurbench.suites import PROBES, SUITES, suite


def chosen(one):
    registry = discover()
    return registry.select_methods(one.methods), registry.select_datasets(one.datasets)


@pytest.mark.parametrize("name", SUITES)
def test_every_name_of_a_suite_is_known_and_stands_once(name):
    one = suite(name)
    methods, datasets = chosen(one)
    assert len(methods) == len(one.methods) == len(set(one.methods))
    assert len(datasets) == len(one.datasets) == len(set(one.datasets))


@pytest.mark.parametrize("name", SUITES)
def test_every_name_of_a_suite_is_written_as_rows_have_it(name):
    methods, datasets = chosen(suite(name))
    assert [choice.address for choice in methods] == list(suite(name).methods)
    assert [choice.address for choice in datasets] == list(suite(name).datasets)


@pytest.mark.parametrize("name", SUITES)
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


def test_the_first_look_runs_five_problems_of_probes_with_their_ablations_on_draws_for_pilots():
    whole = {block.datasets: block for block in SUITES["probes"].blocks}
    first = SUITES["probes-small"].blocks
    assert len(first) == 5
    for block in first:
        assert set(block.methods) > set(whole[block.datasets].methods)
        assert block.seeds < whole[block.datasets].seeds
        assert block.first + block.seeds <= whole[block.datasets].first


def test_the_re_run_is_of_both_sides_alone_on_the_first_pairs_at_twice_the_steps():
    twice = SUITES["probes-twice"].blocks
    for block, contrast in zip(twice, contrasts(), strict=True):
        assert block.methods == contrast.twice
        assert len(block.methods) == len(contrast.pools.recurrent) + len(contrast.pools.full)
        assert all(f"max_steps={2 * contrast.steps}," in name for name in block.methods)
        assert block.first == SUITES["probes"].blocks[0].first


def test_offline_holds_every_built_in_plugin_but_those_that_need_files():
    registry = discover()
    methods, datasets = chosen(suite("offline"))
    assert {m.plugin.name for m in methods} == set(registry.methods)
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


def test_an_unknown_suite_names_the_nearest():
    with pytest.raises(ValueError, match="nearest: quick"):
        suite("qick")
