"""Refusals of wav folders, patterns, folds and tables of scores, each with its remedy carried out."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from recurbench.reading.cases_proposal import propose_cases
from recurbench.reading.proposal import Options
from recurbench.reading.wav_folder import wav_cases
from recurbench.registry import discover
from remedies import Ask, Remedy, Said, call, plan, put
from scipy.io import wavfile

NONE = Options()
CASES = "@univariate true\n@classLabel true a b\n@data\n"
SCORES = "dataset,method,accuracy\nFlat,1NN-ED,1\n"


def sound(path: str, rate: int = 4000, samples: int = 40, channels: int = 1) -> None:
    """Write a tone whose phase follows from its name."""
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    tone = np.sin(np.arange(samples) / 3 + zlib.crc32(place.name.encode()) % 999)
    wavfile.write(place, rate, (np.stack([tone] * channels, axis=1) * 9999).astype(np.int16))


def sounds() -> None:
    """A folder s with two classes of six files."""
    for label in ("a", "b"):
        for i in range(6):
            sound(f"s/{label}/{label}{i}.wav")


def table(rows: str = "", head: str = "file,label") -> None:
    """A folder s with a table of twelve files; `rows` follow on theirs."""
    names = [f"{label}{i}.wav" for label in ("a", "b") for i in range(6)]
    for name in names:
        sound(f"s/{name}")
    put("s/labels.csv", "\n".join([head, *(f"{name},{name[0]}" for name in names)]) + f"\n{rows}")


def wavs(
    name: str,
    says: str,
    spoil: Callable[[], object],
    mend: Callable[[Said], object],
    first: Callable[[], object] = sounds,
    options: Options = NONE,
) -> Remedy:
    """A folder that is spoiled and refused, and how the sentence says to mend it.

    mend: does so, and may return the options or the path to give.
    """

    def refused() -> object:
        first()
        spoil()
        return propose_cases(Path("s"), options)

    def mended(said: Said) -> object:
        better = mend(said)
        path = better if isinstance(better, Path) else Path("s")
        return propose_cases(path, better if isinstance(better, Options) else NONE)

    return call(name, says, refused, mended)


def removed(path: str) -> Callable[[Said], object]:
    return lambda _said: Path(path).unlink()


def rewritten(head: str = "file,label") -> Callable[[Said], object]:
    """The table as it was."""

    def write(_said: Said) -> None:
        table(head=head)

    return write


def archive() -> None:
    """A problem in the data folder of the test."""
    place = Path("data/ucr/Flat")
    put(str(place / "Flat_TRAIN.ts"), f"{CASES}1,2,3:a\n9,5,1:b\n")
    put(str(place / "Flat_TEST.ts"), f"{CASES}1,2,4:a\n9,5,2:b\n")


def gone() -> object:
    """The table is removed after the problem was proposed."""
    table()
    settings = propose_cases(Path("s"), NONE).settings
    Path("s/labels.csv").unlink()
    return _read(settings["case"], settings["label"])


def _read(case: str, label: str) -> object:
    from recurbench.reading.case_columns import CaseColumns

    return wav_cases(Path("s"), CaseColumns("wav", label, case))


def back(_said: Said) -> object:
    table()
    return _read("file", "label")


def scores(text: str) -> list[str]:
    archive()
    return ["published", "--scores", put("scores.csv", text), "--out", "out"]


def telling(name: str, says: str, text: str) -> Remedy:
    """A table of scores that is refused; the right one goes well."""
    return Remedy(name, says, lambda: scores(text), lambda _said: scores(SCORES))


def fetched(said: Said) -> Ask:
    archive()
    return plan("--datasets", "ucr[name=*]", "--methods", "euclidean-1nn")


def stereo() -> None:
    sound("s/a/z.wav", channels=2)


TABLE: list[Remedy] = [
    wavs(
        "a wav file that is none",
        r"cannot be read as a wav file \(.*\); save it again as PCM with 8, 16, 24 or 32 bits",
        lambda: put("s/a/z.wav", "text"),
        lambda _said: sound("s/a/z.wav"),
    ),
    wavs(
        "a wav file without a sample",
        "has no sample; leave it out",
        lambda: sound("s/a/z.wav", samples=0),
        removed("s/a/z.wav"),
    ),
    wavs(
        "a wav file with an infinite sample",
        "has a sample that is no finite number; save it again, or leave it out",
        lambda: wavfile.write("s/a/z.wav", 4000, np.full(9, np.inf, dtype=np.float32)),
        removed("s/a/z.wav"),
    ),
    wavs(
        "wav files of two rates",
        r"bring all to one rate with --rate (\d+)",
        lambda: sound("s/a/z.wav", rate=8000),
        lambda said: Options(rate=int(said[1])),
    ),
    wavs(
        "a higher rate than that of a file",
        r"samples are never added; write --rate (\d+) or less",
        lambda: None,
        lambda said: Options(rate=int(said[1])),
        options=Options(rate=9000),
    ),
    wavs(
        "a rate that is no number",
        r"write for example --rate (\d+)",
        lambda: None,
        lambda said: Options(rate=int(said[1]) // 4),
        options=Options(rate="fast"),  # type: ignore[arg-type]
    ),
    wavs(
        "wav files of several numbers of channels",
        "save all files with the same channels",
        stereo,
        lambda _said: sound("s/a/z.wav"),
    ),
    wavs(
        "a label with one wav file",
        "add a file, or leave the label out",
        lambda: sound("s/c/c0.wav"),
        lambda _said: sound("s/c/c1.wav"),
    ),
    wavs(
        "a wav file without a label",
        "move it into a sub-folder that is named after its class, or put a CSV file",
        lambda: sound("s/z.wav"),
        lambda _said: shutil.move("s/z.wav", "s/a/z.wav"),
    ),
    wavs(
        "a column of a folder without a table",
        "put a CSV file with the columns file and label into it, or leave the option out",
        lambda: None,
        lambda _said: NONE,
        options=Options(label="x"),
    ),
    wavs(
        "a column of times of wav files",
        "wav files have no column of times; leave out --time",
        lambda: None,
        lambda _said: NONE,
        options=Options(time="t"),
    ),
    wavs(
        "two tables in a folder of wav files",
        "give the path of the one with the labels of the wav files",
        lambda: put("s/more.csv", "a,b\n1,2\n"),
        lambda _said: Path("s/labels.csv"),
        table,
    ),
    wavs(
        "a row for a file that is not there",
        "correct its name, or remove the row",
        lambda: table("z.wav,a\n"),
        rewritten(),
        table,
    ),
    wavs(
        "a file in two rows",
        "remove one of the rows",
        lambda: table("a0.wav,a\n"),
        rewritten(),
        table,
    ),
    wavs(
        "a file without a label in the table",
        "has no label; write one, or remove the row",
        lambda: (sound("s/z.wav"), table("z.wav,\n")),
        lambda _said: table("z.wav,a\n"),
        table,
    ),
    wavs(
        "a table without a column of files",
        r"which column names the files.*name it with (--id)",
        lambda: table(head="it,label"),
        lambda _said: Options(id="it"),
        table,
    ),
    call("a table that is gone", "the table with the labels is gone; put it back", gone, back),
    call(
        "a rate for another file",
        "--rate is for folders of wav files; leave it out",
        lambda: propose_cases(Path(put("a.ts", f"{CASES}1,2:a\n2,1:b\n" * 1)), Options(rate=5)),
        lambda _said: _cases_file(),
    ),
    call(
        "a range that ends before it begins",
        r"write for example (resample=0\.\.29)",
        lambda: discover().select_datasets(["gunpoint[resample=4..2]"]),
        lambda said: discover().select_datasets([f"gunpoint[{said[1]}]"]),
    ),
    Remedy(
        "folds of forecasts",
        r"--folds is not for forecasts: .*; leave it out",
        lambda: plan("--datasets", "airline", "--methods", "drift", "--folds", "3"),
        lambda _said: plan("--datasets", "airline", "--methods", "drift"),
    ),
    Remedy(
        "a pattern that nothing fits",
        "fits; recurbench data list says which can be downloaded and under which names you put others there",
        lambda: plan("--datasets", "ucr[name=*]", "--methods", "euclidean-1nn"),
        fetched,
    ),
    telling("a table of scores without its columns", "its columns are a, b; rename them", "a,b\n1,2\n"),
    telling(
        "a table of scores without a row", "write one per data set and method", "dataset,method,accuracy\n"
    ),
    telling(
        "a score that is no number",
        "a row needs both names and a number; correct it",
        "dataset,method,accuracy\nFlat,1NN-ED,high\n",
    ),
    Remedy(
        "a table of scores that is not there",
        "give the path of a CSV file in UTF-8 with --scores",
        lambda: ["published", "--scores", "none.csv"],
        lambda _said: scores(SCORES),
    ),
    Remedy(
        "scores of files that are not here",
        "`recurbench data list` says which files are missing, and --methods '\\*' takes similar methods",
        lambda: ["published", "--scores", put("scores.csv", SCORES), "--out", "out"],
        lambda _said: scores(SCORES),
    ),
    Remedy(
        "methods without a table of scores",
        "name its file with --scores",
        lambda: ["published", "--methods", "euclidean-1nn"],
        lambda _said: [*scores(SCORES), "--methods", "euclidean-1nn"],
    ),
]


def _cases_file() -> object:
    rows = "".join(f"{i},{i * i % 7},{i % 3}:{'ab'[i % 2]}\n" for i in range(12))
    return propose_cases(Path(put("a.ts", CASES + rows)), NONE)
