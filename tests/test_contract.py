"""Every method of ours keeps the contract on every kind it declares."""

import pytest
from recurbench.check import method_checks
from recurbench.registry import discover

OURS = [plugin for plugin in discover().methods.values() if plugin.owner == "recurbench"]
CASES = [pytest.param(run, id=name) for plugin in OURS for name, run in method_checks(plugin)]


@pytest.mark.parametrize("run", CASES)
def test_a_method_keeps_the_contract(run):
    outcome = run()
    if outcome.status == "failed":
        pytest.fail(outcome.words, pytrace=False)


def test_all_methods_are_held_to_the_contract():
    assert {param.id.split("/")[0] for param in CASES} == {plugin.name for plugin in OURS}
    assert len(OURS) >= 27
