"""Every method of ours keeps the contract on every kind it declares."""

import pytest
from recurbench.check import CHECKS, method_checks
from recurbench.registry import discover

# A method that reads files of the user is tried with files: pretrained in test_pretrained.py.
OURS = [one for one in discover().methods.values() if one.owner == "recurbench" and not one.files]
# Their checks take 10 seconds and more, up to some minutes; the last three are compiled at first use.
DEAR = ("sarimax", "ets", "tbats", "auto-arima", "minirocket", "multirocket-hydra", "catch22")


def cases():
    """Every method on every kind; `make test` takes one kind of each method, another for each in turn."""
    for number, plugin in enumerate(OURS):
        kinds = sorted(plugin.kinds)
        for kind in kinds:
            often = kind == kinds[number % len(kinds)]
            marks = () if often else (pytest.mark.long,)
            if plugin.name in DEAR:
                marks = (pytest.mark.long, pytest.mark.timeout(900))
            yield pytest.param(plugin, kind, id=f"{plugin.name}/{kind}", marks=marks)


@pytest.mark.parametrize(("plugin", "kind"), [*cases()])
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
