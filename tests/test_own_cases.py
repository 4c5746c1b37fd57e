"""A user's cases become a problem with whole groups, named classes and a fitting metric."""

from __future__ import annotations

import re

import numpy as np
import pytest
from own_files import npz, panel, put, tsv, wide
from recurbench import provenance
from recurbench.datasets.own_cases import own_classes, own_values
from recurbench.exemplars import may_show
from recurbench.registry import discover


def test_classes_are_numbered_in_order_of_their_size(tmp_path):
    put(tmp_path, a__tsv=re.sub("^1\t", "10\t", tsv(40), flags=re.MULTILINE))
    assert own_classes(path=str(tmp_path / "a.tsv")).task.y.names == ("2", "10")


def test_groups_of_the_file_are_those_of_the_split(tmp_path):
    problem = own_classes(path=str(npz(tmp_path / "a.npz", 48, groups=np.arange(48) // 2)))
    assert len(set(problem.train.series)) == len(problem.train) / 2
    assert not set(problem.train.series) & set(problem.test.series)


def test_log_loss_is_the_metric_of_very_unequal_classes(tmp_path):
    labels = np.array(["common"] * 44 + ["rare"] * 4)
    problem = own_classes(path=str(npz(tmp_path / "a.npz", 48, y=labels)))
    assert problem.about.metric == "log_loss"
    assert "log loss" in problem.about.protocol


def test_another_seed_draws_another_test_part(tmp_path):
    put(tmp_path, p__csv=panel(40))
    words = {"path": str(tmp_path / "p.csv"), "form": "long", "label": "status", "case": "company"}
    first, again, other = (own_classes(**words, time="year", split_seed=seed).test.x[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_numbers_are_a_regression(tmp_path):
    put(tmp_path, w__csv=wide(60, label="y", numbers=True))
    problem = own_values(path=str(tmp_path / "w.csv"), form="wide", label="y")
    assert problem.task.y.names == ("y",)
    assert problem.train.y[0].shape == (1, 1)
    assert not may_show(problem.about.licence)
    assert may_show(
        own_values(path=str(tmp_path / "w.csv"), form="wide", label="y", excerpts=True).about.licence
    )


def test_without_a_file_it_says_what_to_give():
    with pytest.raises(ValueError, match="--data"):
        own_classes()


def test_every_file_of_the_parts_counts_for_the_key_of_a_fit(tmp_path):
    plugin = discover().datasets["own-classes"]
    put(tmp_path, a__tsv=tsv(), b__tsv=tsv())
    one = plugin.choose({"path": str(tmp_path / "a.tsv")})
    two = plugin.choose({"path": str(tmp_path / "a.tsv"), "test": str(tmp_path / "b.tsv")})
    assert [len(provenance.known_data(each)) for each in (one, two)] == [1, 2]
