"""What is known of the archives, where their files lie, and what is said when they do not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.address import split_address
from recurbench.catalogue import content, entries, entry, files, listing_hash, present_entries
from recurbench.registry import discover, load
from shared_files import SHARED

ALL = entries()
SEEN = [one for one in ALL if one.original is not None]


def put(folder: Path, name: str, text: str = "x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    return tmp_path


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.address)
def test_every_entry_is_a_data_set_with_a_licence_and_a_source(one):
    plugin = discover().datasets[one.dataset]
    assert set(one.dials) <= set(plugin.settings)
    assert one.summary
    assert one.source
    assert one.licence
    assert "BY" in one.licence or "BSD" in one.licence or one.licence.startswith("none stated: research use")


@pytest.mark.parametrize("one", SEEN, ids=lambda one: one.address)
def test_an_original_names_repository_commit_and_a_hash_of_every_file(one):
    found = one.original
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", found.repository)
    assert re.fullmatch(r"[0-9a-f]{40}", found.commit)
    hashes = [found.listing] if found.listing else [file.sha256 for file in found.files]
    assert all(re.fullmatch(r"[0-9a-f]{64}", sha) for sha in hashes)
    assert found.bytes > 0
    for file in found.files:
        assert found.address(file).startswith(f"{catalogue.HOST}/{found.repository}/{found.commit}/")
        assert " " not in found.address(file)
    wanted = {name for form in one.forms for name in form}
    assert all(any(Path(file.name).match(name) for name in wanted) for file in found.files)


@pytest.mark.parametrize("one", SEEN, ids=lambda one: one.address)
def test_the_hashes_are_those_of_the_archives_beside_the_repository(one, real):
    if not one.present(real):
        pytest.skip(f"{one.address} is not in {SHARED.name}")
    if one.original.listing:
        assert listing_hash(files(one.dataset, one.dials)) == one.original.listing
        return
    for file in one.original.files:
        path = one.folder(real) / file.name
        assert (path.stat().st_size, catalogue.file_hash(path)) == (file.bytes, file.sha256)


def test_bankruptcy_and_what_nobody_hashed_have_no_address():
    assert entry("us-bankruptcy", {}).original is None
    assert entry("ucr", {"name": "FordA"}).original is None
    assert entry("m4", {"group": "Monthly"}).original is None
    assert entry("m4", {"group": "Weekly"}).original is not None
    assert entry("m4", {"group": "Hourly"}).original is not None


def test_the_docs_name_every_data_set():
    text = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    _, _, below = text.partition("\n## The problems that need files\n")
    brought, _, _ = below.partition("\n## ")
    assert set(re.findall(r"^\| `([\w-]+)", brought, re.MULTILINE)) == set(catalogue.datasets())


def test_every_plugin_that_needs_files_is_in_the_catalogue():
    named = {
        plugin.name
        for plugin in discover().datasets.values()
        if "recurbench.catalogue" in plugin.path.read_text(encoding="utf-8")
    }
    assert named == set(catalogue.datasets())


def test_the_data_folder_is_the_given_one_then_the_variable_then_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path / "b"))
    assert catalogue.data_folder(tmp_path / "a") == tmp_path / "a"
    assert catalogue.data_folder() == tmp_path / "b"
    monkeypatch.delenv(catalogue.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "c"))
    with_package = catalogue.data_folder()
    monkeypatch.setitem(__import__("sys").modules, "platformdirs", None)
    assert catalogue.data_folder() == with_package == tmp_path / "c" / "recurbench"


# These two take only names that they know.
@pytest.mark.parametrize(
    "one",
    [one for one in ALL if one.address not in ("m4[group=GROUP]", "ett[name=NAME]")],
    ids=lambda one: one.address,
)
def test_a_missing_file_is_named_with_its_folder_and_the_command(one, data):
    plugin = discover().datasets[one.dataset]
    command = f"recurbench data fetch '{one.address}'"
    folder = data / one.dataset
    with pytest.raises(ValueError, match=re.escape(command)) as caught:
        load(plugin)(**one.dials)
    assert one.forms[0][0] in str(caught.value)
    assert str(folder) in str(caught.value)
    assert ("--from ARCHIVE" in str(caught.value)) is (one.original is None)


def test_a_form_is_read_only_when_it_is_whole(data):
    put(data, "ucr/A/A_TRAIN.ts")
    put(data, "ucr/A/A_TRAIN.tsv")
    with pytest.raises(ValueError, match="1 of the first 2 missing"):
        files("ucr", {"name": "A"})
    put(data, "ucr/A/A_TEST.tsv")
    assert [path.name for path in files("ucr", {"name": "A"})] == ["A_TRAIN.tsv", "A_TEST.tsv"]
    put(data, "ucr/A/A_TEST.ts")
    assert [path.name for path in files("ucr", {"name": "A"})] == ["A_TRAIN.ts", "A_TEST.ts"]


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "", "a..b", "*", "~root", "a b"])
def test_a_dial_cannot_lead_out_of_the_folder(name, data):
    with pytest.raises(ValueError, match="it names a file, so write letters"):
        files("ucr", {"name": name})


def test_the_content_changes_with_every_byte_and_with_the_form(data):
    first = put(data, "ucr/A/A_TRAIN.tsv", "1")
    put(data, "ucr/A/A_TEST.tsv", "2")
    before = content("ucr", {"name": "A", "normalise": False})
    assert content("ucr", {"name": "A", "normalise": True}) == before
    first.write_text("3")
    os.utime(first, ns=(1, 1))
    changed = content("ucr", {"name": "A"})
    assert changed != before
    for part in ("TRAIN", "TEST"):
        put(data, f"ucr/A/A_{part}.ts", "x")
    assert content("ucr", {"name": "A"}) not in (before, changed)


def test_what_a_user_brought_is_found_by_its_names(data):
    put(data, "ucr/Mine/Mine_TRAIN.ts")
    assert present_entries(data) == []
    put(data, "ucr/Mine/Mine_TEST.ts")
    put(data, "ucr/Other/Mine_TRAIN.ts")
    put(data, "monash/nn5_dataset.tsf")
    put(data, "spoken-digits/recordings/0_ann_1.wav")
    put(data, "ud-pos/de_gsd/train.tsv")  # without its dev and test part
    assert {one.address for one in present_entries(data)} == {
        "monash[name=nn5]",
        "spoken-digits",
        "ucr[name=Mine]",
    }


def test_a_data_set_without_files_is_refused():
    with pytest.raises(ValueError, match="airline reads no file from the data folder"):
        entry("airline", {})


@pytest.mark.parametrize(("copy", "first"), catalogue.SAME_CASES.items())
def test_a_copy_is_written_as_its_files_are_named_and_its_first_is_a_data_set(copy, first):
    for address in (copy, first):
        name, dials = split_address(address)
        assert name in discover().datasets
        assert set(dials) == catalogue.choosers(name)
    assert first not in catalogue.SAME_CASES
    # What lies inside a package says in its source by which name the archive knows it.
    if not dials:
        assert load(discover().datasets[first])().about.source.startswith(
            f"{split_address(copy)[1]['name']},"
        )


def test_every_data_set_bundled_from_an_archive_knows_its_copy():
    bundled = [plugin for plugin in discover().datasets.values() if plugin.module.endswith(".archive")]
    assert len(bundled) == 7
    assert {plugin.name for plugin in bundled} <= set(catalogue.SAME_CASES.values())


@pytest.mark.parametrize(("copy", "first"), catalogue.SAME_CASES.items())
def test_a_copy_holds_the_cases_of_its_first_up_to_rounding(copy, first, real):
    problems = []
    for address in (copy, first):
        name, dials = split_address(address)
        if name in catalogue.datasets() and not entry(name, dials).present(real):
            pytest.skip(f"{address} is not in {SHARED.name}")
        problems.append(load(discover().datasets[name])(**dials))
    for one, other in zip(*((problem.train, problem.test) for problem in problems), strict=True):
        for side in ("x", "y"):
            for mine, its in zip(getattr(one, side), getattr(other, side), strict=True):
                np.testing.assert_allclose(mine, its, atol=1e-4)


def test_one_file_has_one_name(data):
    put(data, "monash/nn5_dataset.tsf")
    put(data, "monash/own.tsf")
    assert files("monash", {"name": "nn5"}) == (data / "monash" / "nn5_dataset.tsf",)
    assert files("monash", {"name": "own"}) == (data / "monash" / "own.tsf",)
    with pytest.raises(ValueError, match=r"write monash\[name=nn5\]"):
        files("monash", {"name": "nn5_dataset"})
    assert {one.address for one in present_entries(data)} == {"monash[name=nn5]", "monash[name=own]"}


def test_what_lies_in_the_place_of_a_missing_file_is_named(data):
    (data / "ett" / "ETTh1.csv").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"ETTh1\.csv is a folder there"):
        files("ett", {"name": "ETTh1"})
    (data / "ett" / "ETTh1.csv").rmdir()
    put(data, "ett/ETTh1.csv.gz")
    with pytest.raises(ValueError, match=r"ETTh1\.csv\.gz is there, unpack it"):
        files("ett", {"name": "ETTh1"})
    (data / "ett" / "ETTh1.csv").symlink_to(data / "gone")
    with pytest.raises(ValueError, match=r"ETTh1\.csv is a link to .*gone, which is no file"):
        files("ett", {"name": "ETTh1"})
