"""Every method of ours keeps the contract on every kind it declares."""

import pytest
from recurbench.check import CHECKS, method_checks
from recurbench.registry import discover

OURS = [plugin for plugin in discover().methods.values() if plugin.owner == "recurbench"]
CASES = [
    pytest.param(plugin, kind, id=f"{plugin.name}/{kind}") for plugin in OURS for kind in sorted(plugin.kinds)
]


@pytest.mark.parametrize(("plugin", "kind"), CASES)
def test_a_method_keeps_the_contract(plugin, kind):
    # All checks of a kind in one test: they share their fits.
    checks = [(name, run) for name, run in method_checks(plugin) if name.split("/")[1] == kind]
    assert len(checks) == sum(kind in check.kinds for check in CHECKS)
    outcomes = {name: run() for name, run in checks}
    wrong = [f"{name}: {one.words}" for name, one in outcomes.items() if one.status == "failed"]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    assert not any("not tried" in one.words for one in outcomes.values())


def test_all_methods_are_held_to_the_contract():
    assert len(OURS) >= 27
