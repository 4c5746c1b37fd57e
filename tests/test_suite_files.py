"""Suites over the data folder: what is there runs, what is not is named, and nothing at all is refused."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from recurbench import catalogue
from recurbench.api import prepare
from recurbench.cli.main import main
from recurbench.registry import discover
from recurbench.request import Request
from recurbench.suite_files import with_files
from recurbench.suites import SUITES, suite

FILES = ["m4", "ett", "monash"]
TSF = "@attribute series_name string\n@frequency monthly\n@horizon 1\n@data\nT1:1,2,3,4,5,6\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def put(folder):
    (folder / "monash").mkdir(parents=True)
    (folder / "monash" / "sample.tsf").write_text(TSF)


@pytest.mark.parametrize("name", FILES)
def test_a_suite_without_any_of_its_files_ends_in_a_sentence_and_exit_2(name, folder):
    result = CliRunner().invoke(main, ["plan", name, "--jobs", "0"])
    assert result.exit_code == 2
    assert f"none of the files that the suite {name} reads is in {folder}" in result.output
    assert f"recurbench data fetch '{name}[" in result.output


def test_problems_without_their_files_are_left_out_and_named(folder):
    put(folder)
    here, lines = with_files(suite("monash"), Request(suite="monash"), discover())
    assert here.datasets == ("monash[name=sample]",)
    assert here.methods == SUITES["monash"].methods
    (line,) = lines
    assert line.startswith(f"left out, because their files are not in {folder}: monash[name=m1_monthly], ")
    assert "(get them with `recurbench data fetch`)" in line
    assert "sample" not in line


def test_the_line_stands_above_the_plan(folder):
    (folder / "m4").mkdir(parents=True)
    values, ends = (",".join(map(str, range(1, n))) for n in (60, 15))
    (folder / "m4" / "Daily-train.csv").write_text(f"V1\nD1,{values}\n")
    (folder / "m4" / "Daily-test.csv").write_text(f"V1\nD1,{ends}\n")
    result = CliRunner().invoke(main, ["plan", "m4", "--methods", "last-value", "--jobs", "0"])
    assert result.exit_code == 0, result.output
    said, _, rest = result.output.partition("m4[group=Daily]: ")
    assert said.startswith("left out, because their files are not in")
    assert "m4[group=Hourly]" in said.replace("\n", " ")
    assert "2 results, 0 cached" in rest


def test_what_must_be_brought_is_told_from_what_can_be_fetched(folder):
    (folder / "m4").mkdir(parents=True)
    for part in ("train", "test"):
        (folder / "m4" / f"Weekly-{part}.csv").write_text("")
    _, (line,) = with_files(suite("m4"), Request(suite="m4"), discover())
    assert "m4[group=Hourly] (get them with `recurbench data fetch`); m4[group=Daily], " in line
    assert line.endswith("m4[group=Yearly] (bring them yourself: `recurbench data list`)")


def test_a_problem_that_is_named_is_never_left_out(folder):
    put(folder)
    whole, lines = with_files(suite("monash"), Request(suite="monash", datasets=("monash",)), discover())
    assert (whole, lines) == (SUITES["monash"], [])
    with pytest.raises(ValueError, match=r"needs m1_monthly_dataset\.tsf"):
        prepare(Request(suite="monash", datasets=("monash",)))


@pytest.mark.parametrize("name", ["quick", "forecasting"])
def test_a_suite_that_needs_no_files_is_whole(name):
    assert with_files(suite(name), Request(suite=name), discover()) == (SUITES[name], [])
