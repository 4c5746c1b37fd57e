"""Vocabularies, codes and parts: what data sets from the data folder share."""

from __future__ import annotations

import os

import pytest
from recurbench import catalogue
from recurbench.datasets._fetched import UNKNOWN, about, coded, parted, transduced, vocabulary


def test_a_vocabulary_is_sorted_and_begins_with_the_unknown():
    assert vocabulary(["cab", "a"]) == (UNKNOWN, "a", "b", "c")
    assert vocabulary(["cab", "a"], least=2) == (UNKNOWN, "a")
    assert vocabulary([["the", "cat"], ["the"]], least=2) == (UNKNOWN, "the")


def test_what_the_vocabulary_lacks_is_code_zero():
    assert [codes.tolist() for codes in coded(["ax", ""], (UNKNOWN, "a"))] == [[1, 0], []]


def test_equal_names_never_fall_into_two_parts_and_every_example_into_one():
    names = [f"{i % 40}" for i in range(100)]
    parts = parted(names, (8, 1, 1))
    assert sorted(i for part in parts for i in part) == list(range(100))
    found = [{names[i] for i in part} for part in parts]
    assert [len(part) for part in found] == [32, 4, 4]
    assert not found[0] & found[1] | found[0] & found[2] | found[1] & found[2]
    assert parted(names, (8, 1, 1)) == parts


def test_the_deal_depends_on_the_names_and_not_on_their_order():
    names = [f"{i}" for i in range(30)]
    straight = {names[i] for i in parted(names, (2, 1))[1]}
    assert {names[::-1][i] for i in parted(names[::-1], (2, 1))[1]} == straight


def test_a_part_keeps_names_with_examples():
    x = coded(["a", "b", "ab"], ("a", "b"))
    split = transduced(x, x, [2, 0], ["one", "two", "three"])
    assert split.series == ("three", "one")
    assert split.y[0].tolist() == [0, 1]


def test_about_holds_the_licence_of_the_catalogue_and_the_hash_of_the_files(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "tatoeba" / "kor.txt").write_text("Go.\t가.\n")
    found = about("tatoeba", "p", "r", "m")
    assert found.licence.startswith("CC BY 2.0 France")
    assert found.version == f"sha256 {catalogue.content('tatoeba', {})}"
    with pytest.raises(ValueError, match="recurbench data fetch"):
        about("ett", "p", "r", "m", name="ETTh1")
