"""The order in which a budget takes methods."""

import pytest
from recurbench.api import REFERENCES
from recurbench.planning import order
from recurbench.registry import discover

REGISTRY = discover()


@pytest.mark.parametrize("kind", order.FIRST)
def test_every_method_of_a_kind_has_one_place_and_no_ablation_has_one(kind):
    names = [*order.FIRST[kind], *order.THEN[kind]]
    able = {
        name
        for name, each in REGISTRY.methods.items()
        if kind in each.kinds and each.role == "contender" and not each.files
    }
    assert sorted(names) == sorted(able)
    assert names == [choice.address for choice in order.every(REGISTRY, {kind})]


@pytest.mark.parametrize("kind", order.FIRST)
def test_the_first_methods_are_of_every_sort(kind):
    first = [REGISTRY.methods[name] for name in order.FIRST[kind]]
    families = {each.family for each in first}
    assert first[0].name == REFERENCES[kind]
    assert "recurrent" in families
    assert families & {"feedforward", "convolutional"}
    assert families & {"statistical", "features", "neighbours"}


def test_methods_without_a_place_come_last_as_they_stand():
    given = REGISTRY.select_methods(["window-mlp", "lstm", "gru-reset", "seasonal-naive"])
    found = [choice.address for choice in order.sort(given, {"forecasting"})]
    assert found == ["seasonal-naive", "lstm", "window-mlp", "gru-reset"]
