"""Patterns such as `ucr[name=*]`: every problem of the data folder, of the right kind and channels."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from recurbench import catalogue
from recurbench.api import prepare
from recurbench.archive_problems import opened
from recurbench.cli.main import main
from recurbench.registry import Registry, discover
from recurbench.request import Request
from recurbench.suite_files import with_files
from recurbench.suites import suite

HEAD = "@univariate {}\n@classLabel true a b\n@data\n"
ONE = "1,2,3:a\n3,1,2:b\n"
TWO = "1,2,3:4,5,6:a\n3,1,2:6,4,5:b\n"
NUMBERS = "@targetLabel true\n@data\n1,2,3:0.5\n3,1,2:0.7\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with problems of one channel, of two channels, of numbers, and one in .tsv."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("Flat", HEAD.format("true") + ONE),
        ("Wide", HEAD.format("false") + TWO),
        ("Amount", NUMBERS),
    ):
        put(tmp_path / "ucr" / name, name, ".ts", text)
    put(tmp_path / "ucr" / "Old", "Old", ".tsv", "1\t1\t2\n2\t3\t1\n")
    (tmp_path / "tser").symlink_to(tmp_path / "ucr", target_is_directory=True)
    return tmp_path


def put(folder: Path, name: str, suffix: str, text: str) -> None:
    """Write a training and a test part; their values differ."""
    folder.mkdir(parents=True)
    (folder / f"{name}_TRAIN{suffix}").write_text(text)
    (folder / f"{name}_TEST{suffix}").write_text(text.replace("3", "5"))


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


def test_a_star_stands_for_every_problem_of_its_kind_in_the_order_of_names(
    folder: Path, registry: Registry
) -> None:
    assert opened(["ucr[name=*]"], registry) == ("ucr[name=Flat]", "ucr[name=Old]", "ucr[name=Wide]")
    assert opened(["tser[name=*]"], registry) == ("tser[name=Amount]",)
    assert opened(["ucr[name=?l*]"], registry) == ("ucr[name=Flat]", "ucr[name=Old]")


def test_other_settings_of_the_bracket_stay(folder: Path, registry: Registry) -> None:
    found = opened(["ucr[name=Fl*,normalise=series,resample=0..2]"], registry)
    assert found == ("ucr[name=Flat,normalise=series,resample=0..2]",) or found == (
        "ucr[normalise=series,resample=0..2,name=Flat]",
    )
    assert [choice.settings["resample"] for choice in registry.select_datasets(found)] == [0, 1, 2]


def test_names_without_a_pattern_stay_as_they_are(folder: Path, registry: Registry) -> None:
    names = ["gunpoint", "air*", "ucr[name=Coffee]", "unknown[name=*]", "arma[phi=0.5]"]
    assert opened(names, registry) == tuple(names)


def test_one_and_several_channels_are_told_apart(folder: Path, registry: Registry) -> None:
    assert opened(["ucr[name=*]"], registry, "one") == ("ucr[name=Flat]", "ucr[name=Old]")
    assert opened(["ucr[name=*]"], registry, "several") == ("ucr[name=Wide]",)


def test_a_file_that_cannot_be_read_is_named_when_its_problem_is_built(
    folder: Path, registry: Registry
) -> None:
    put(folder / "ucr" / "Broken", "Broken", ".ts", "@data\n1,2:a\n")
    assert "ucr[name=Broken]" in opened(["ucr[name=*]"], registry)
    result = CliRunner().invoke(main, ["plan", "--datasets", "ucr[name=*]", "--methods", "euclidean-1nn"])
    assert result.exit_code == 2
    assert "Broken_TRAIN.ts: no header line says @classLabel true or @targetLabel true" in result.output


@pytest.mark.parametrize("command", [["run", "--datasets", "ucr[name=Z*]"], ["plan", "ucr"], ["run", "uea"]])
def test_no_problem_ends_in_a_sentence_and_exit_2(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "empty"))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*command, "--jobs", "0"])
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert "fits; recurbench data list says which can be downloaded" in said
    assert not (tmp_path / "runs").exists()


def test_the_suites_hold_the_problems_of_the_data_folder(folder: Path, registry: Registry) -> None:
    held = {
        name: with_files(suite(name), Request(suite=name), registry)[0].datasets
        for name in ("ucr", "uea", "tser")
    }
    assert held == {
        "ucr": ("ucr[name=Flat]", "ucr[name=Old]"),
        "uea": ("ucr[name=Wide]",),
        "tser": ("tser[name=Amount]",),
    }


def test_of_many_resamples_only_one_is_built_before_a_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recurbench import tried_problems

    built: list[str] = []
    build = tried_problems.build
    monkeypatch.setattr(
        tried_problems, "build", lambda choice, seed: built.append(choice.address) or build(choice, seed)
    )
    plan = prepare(Request(datasets=["ucr[name=Flat,resample=0..4]"], methods=["euclidean-1nn"], jobs=0))
    assert built == ["ucr[name=Flat]"]
    assert len({job.dataset.address for job in plan.jobs}) == 5
    assert {address for address, _ in plan.sizes} == {job.dataset.address for job in plan.jobs}


def test_the_shared_archives_open_and_build(real: Path, registry: Registry) -> None:
    assert len(opened(["ucr[name=*]"], registry, "one")) >= 60
    assert "ucr[name=BasicMotions]" in opened(["ucr[name=*]"], registry, "several")
    assert "tser[name=Tecator]" in opened(["tser[name=*]"], registry)
