"""Folders of wav files as cases: labels by sub-folder or by table, groups, rates, and every fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from recurbench import provenance
from recurbench.cli.main import main
from recurbench.forecasting.new_cases import read_new
from recurbench.reading.cases_proposal import propose_cases
from recurbench.reading.proposal import Options
from recurbench.reading.propose import propose
from recurbench.reading.wav_folder import names_wavs
from recurbench.registry import discover, load
from recurbench.running.job import Job
from recurbench.task import Problem
from scipy.io import wavfile

NONE = Options()
ROWS = [("low", 200), ("high", 800)]


def put(path: Path, hertz: float = 200, rate: int = 4000, samples: int = 200, channels: int = 1) -> None:
    """Write a tone; its phase follows from its name, so that no two files are the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    phase = sum(path.name.encode())
    tone = 0.4 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate + phase)
    wavfile.write(path, rate, (np.stack([tone] * channels, axis=1) * 32767).astype(np.int16))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of eight files, in sub-folders."""
    for label, hertz in ROWS:
        for i in range(8):
            put(tmp_path / "sounds" / label / f"{label}{i}.wav", hertz)
    return tmp_path / "sounds"


@pytest.fixture
def tabled(tmp_path: Path) -> Path:
    """Two classes of ten files in one folder with a table; two files of each speaker."""
    lines = ["file,label,group"]
    for label, hertz in ROWS:
        for i in range(10):
            put(tmp_path / "told" / f"{label}{i}.wav", hertz)
            lines.append(f"{label}{i}.wav,{label},{label}-speaker{i // 2}")
    (tmp_path / "told" / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "told"


def built(folder: Path, options: Options = NONE) -> Problem:
    found = propose(folder, options)
    problem: Problem = load(discover().datasets[found.dataset])(**found.settings)
    return problem


def test_sub_folders_name_the_classes_and_each_file_is_a_case(folder: Path) -> None:
    problem = built(folder)
    assert problem.task.y.names == ("high", "low")
    assert (len(problem.train), len(problem.test)) == (12, 4)
    assert {x.shape for x in problem.train.x} == {(200, 1)}
    assert sorted(int(y[0]) for y in problem.test.y) == [0, 0, 1, 1]


def test_the_table_itself_may_be_given_and_chooses_among_several(tabled: Path) -> None:
    whole = built(tabled)
    table = tabled / "labels.csv"
    assert propose(table, NONE).settings["path"] == str(tabled)
    assert [x.tolist() for x in built(table).train.x] == [x.tolist() for x in whole.train.x]
    rows = table.read_text().splitlines()
    (tabled / "fewer.tsv").write_text("\n".join(row.replace(",", "\t") for row in rows[:1] + rows[2:]) + "\n")
    with pytest.raises(ValueError, match=r"has 2 tables.*give the path"):
        built(tabled)
    assert len(built(table).train) == len(whole.train)
    fewer = built(tabled / "fewer.tsv")
    assert len(fewer.train) + len(fewer.test) == 19
    assert any(
        "without a row in fewer.tsv" in one.text for one in propose(tabled / "fewer.tsv", NONE).remarks
    )


def test_a_table_of_wav_files_is_known_by_its_rows_or_by_the_named_column(tabled: Path) -> None:
    table = tabled / "labels.csv"
    assert names_wavs(table)
    table.write_text(table.read_text().replace("file,label,group", "sound,label,group"))
    assert not names_wavs(table)
    assert names_wavs(table, "sound")
    (tabled / "other.csv").write_text("name,label\na,1\nb.wav,2\n")
    assert not names_wavs(tabled / "other.csv")


def test_a_table_names_labels_and_groups_and_no_group_is_in_both_parts(tabled: Path) -> None:
    problem = built(tabled)
    assert problem.task.y.names == ("high", "low")
    assert not set(problem.train.series) & set(problem.test.series)
    assert "cases of one group are in one part" in problem.about.protocol


def test_columns_with_other_names_are_given_by_options(tabled: Path) -> None:
    text = (tabled / "labels.csv").read_text().replace("file,label,group", "sound,is,who")
    (tabled / "labels.csv").write_text(text)
    problem = built(tabled, Options(id="sound", label="is", group="who"))
    assert not set(problem.train.series) & set(problem.test.series)
    with pytest.raises(ValueError, match=r"which column names the files.*name it with --id"):
        built(tabled)


def test_stereo_gives_two_channels_and_a_lower_rate_fewer_steps(tmp_path: Path) -> None:
    for label, hertz in ROWS:
        for i in range(6):
            put(tmp_path / "s" / label / f"{i}{label}.wav", hertz, rate=4000 * (1 + i % 2), channels=2)
    problem = built(tmp_path / "s", Options(rate=1000))
    assert problem.task.x.size == 2
    assert {len(x) for x in problem.train.x} == {50, 25}
    assert "samples per second: 4000, 8000 in the files, brought to 1000" in problem.about.protocol


def test_sub_folders_train_and_test_are_the_parts(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("test", 2)):
        for label, hertz in ROWS:
            for i in range(count):
                put(tmp_path / "s" / part / label / f"{part}{label}{i}.wav", hertz)
    problem = built(tmp_path / "s")
    assert (len(problem.train), len(problem.test)) == (8, 4)


def test_numbers_in_the_table_make_a_regression(tabled: Path) -> None:
    rows = [f"{one.name},{place / 7:.3f}" for place, one in enumerate(sorted(tabled.glob("*.wav")))]
    (tabled / "labels.csv").write_text("\n".join(["file,depth", *rows]) + "\n")
    assert built(tabled, Options(task="regression")).task.kind == "regression"


def test_files_without_a_row_are_left_out_and_named(tabled: Path) -> None:
    put(tabled / "more.wav")
    assert "wav files without a row in labels.csv are left out: more.wav" in built(tabled).about.protocol


def test_the_key_of_a_fit_holds_the_content_of_every_file(folder: Path) -> None:
    registry = discover()

    def key() -> str:
        provenance.forget()
        found = propose_cases(folder, NONE)
        dataset = registry.datasets[found.dataset].choose(dict(found.settings))
        return Job(dataset, None, registry.select_methods(["mlp"])[0], 0).key("final", 0)

    first = key()
    assert key() == first
    put(folder / "low" / "low0.wav", 250, samples=220)
    assert key() != first


def test_new_files_are_read_at_the_rate_of_the_run(folder: Path, tmp_path: Path) -> None:
    registry = discover()
    found = propose_cases(folder, Options(rate=2000))
    dataset = registry.datasets[found.dataset].choose(dict(found.settings))
    put(tmp_path / "new" / "one.wav")
    new = read_new(tmp_path / "new", dataset, load(dataset.plugin)(**dataset.settings))
    assert (new.names, new.split.x[0].shape) == (["one.wav"], (100, 1))


def gone(folder: Path) -> None:
    text = (folder / "labels.csv").read_text().replace("low3.wav", "low33.wav")
    (folder / "labels.csv").write_text(text)


def outside(folder: Path) -> None:
    put(folder.parent / "away.wav")
    text = (folder / "labels.csv").read_text().replace("low3.wav", "../away.wav")
    (folder / "labels.csv").write_text(text)


def twice(folder: Path) -> None:
    text = (folder / "labels.csv").read_text().replace("low3.wav", "low2.wav")
    (folder / "labels.csv").write_text(text)


def unlabelled(folder: Path) -> None:
    text = (folder / "labels.csv").read_text().replace("low3.wav,low,", "low3.wav,,")
    (folder / "labels.csv").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            gone,
            r"labels\.csv, row 5: the file 'low33\.wav' is not in .*; correct its name, or remove",
        ),
        (outside, r"row 5: the file '\.\./away\.wav' is not in"),
        (twice, r"row 5: 'low2\.wav' stands in row 4 too; remove one of the rows"),
        (unlabelled, r"row 5: 'low3\.wav' has no label; write one, or remove the row"),
        (lambda folder: (folder / "more.csv").write_text("a,b\n1,2\n"), "has 2 tables, labels.csv, more.csv"),
        (
            lambda folder: (folder / "labels.csv").write_text("file,a,b\nx,1,2\n"),
            "which column names the labels",
        ),
    ],
)
def test_a_faulty_table_is_refused_with_its_row(
    tabled: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(tabled)
    with pytest.raises(ValueError, match=says):
        built(tabled)


FAULTS: list[tuple[Callable[[Path], object], str]] = [
    (
        lambda folder: put(folder / "low" / "z.wav", rate=8000),
        r"8000 samples per second, .* with --rate 4000",
    ),
    (lambda folder: put(folder / "low" / "z.wav", channels=2), "has 2 channels, .* with the same channels"),
    (lambda folder: put(folder / "one" / "z.wav"), r"1 of 3 labels have one file: one \(one/z\.wav\)"),
    (
        lambda folder: put(folder / "z.wav"),
        r"z\.wav: has no label \(1 such files\); move it into",
    ),
    (lambda folder: (folder / "low" / "z.wav").write_bytes(b"nothing"), "cannot be read as a wav file"),
    (lambda folder: (folder / "low" / "z.wav").write_bytes(b""), "cannot be read as a wav file"),
    (lambda folder: put(folder / "low" / "z.wav", samples=0), "has no sample; leave it out"),
]


@pytest.mark.parametrize(("spoil", "says"), FAULTS)
def test_a_faulty_folder_ends_in_one_sentence_and_exit_2_and_nothing_is_written(
    folder: Path, spoil: Callable[[Path], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(folder)
    monkeypatch.chdir(folder.parent)
    result = CliRunner().invoke(
        main, ["run", "--data", "sounds", "--methods", "euclidean-1nn", "--jobs", "0"]
    )
    assert result.exit_code == 2, result.output
    assert re.search(says, " ".join(result.output.split())), result.output
    assert not (folder.parent / "runs").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Options(rate=8000), r"--rate 8000: .* has 4000 samples per second.* write --rate 4000 or less"),
        (Options(label="x"), "--label names a column, and the folder has no table; put a CSV file"),
        (Options(time="t"), "leave out --time"),
    ],
)
def test_options_that_do_not_fit_the_folder_are_refused(folder: Path, options: Options, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        built(folder, options)


def test_a_rate_is_only_for_wav_files(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_text("@classLabel true a b\n@data\n1,2:a\n2,1:b\n")
    with pytest.raises(ValueError, match="--rate is for folders of wav files; leave it out"):
        propose_cases(path, Options(rate=100))
