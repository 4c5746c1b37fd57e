"""Which files hold the labelled cases of a user, and in which format: one file, or one file per part."""

from __future__ import annotations

import re
from pathlib import Path

from recurbench.reading.files import begins, refuse_unreadable, text_of
from recurbench.reading.numerals import MISSING, PLAIN

FORMATS = ("ts", "npz", "tsv", "table", "wav")
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
PACKED = (".gz", ".bz2", ".xz", ".zip")
WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "valid"),
    **dict.fromkeys(("test", "testing"), "test"),
}
# No letter may stand beside the word: contest.csv is no test part.
WORD = re.compile(rf"(?<![a-z])({'|'.join(sorted(WORDS, key=len, reverse=True))})(?![a-z])", re.IGNORECASE)


def find_parts(path: Path) -> dict[str, Path]:
    """The files of a path, by part.

    Parameters
    ----------
    path : Path
        A file, or a folder. A file such as NAME_TRAIN.ts brings NAME_TEST.ts, if it stands beside it. A
        folder with wav files counts as one file, unless its sub-folders are named train and test.

    Returns
    -------
    dict of str to Path
        "train" and "test", perhaps "valid"; or only "" for one file that is not split.

    Raises
    ------
    ValueError
        If a folder has no such file, or files of several data sets.
    """
    if not path.is_dir():
        refuse_unreadable(path)
        found = _sets(sorted(path.parent.iterdir())).get(_without_part(path), {})
        return found if path in found.values() and {"train", "test"} <= set(found) else {"": path}
    wavs = _wav_parts(path)
    if wavs:
        return wavs
    files, paired = _readable(path), _paired(path)
    if len(paired) == 1:
        return paired[0]
    if len(files) == 1:
        return {"": files[0]}
    seen = ", ".join(file.name for file in files[:4]) or "none"
    raise ValueError(
        f"{path}: has no train and test file of one data set, such as NAME_TRAIN.ts and NAME_TEST.ts (files "
        f"that can be read: {seen}); give the path of one file"
    )


def sets_in(path: Path) -> list[Path]:
    """The data sets of a path, each named by a path that `find_parts` takes.

    Parameters
    ----------
    path : Path
        A file or a folder.

    Returns
    -------
    list of Path
        The train file of every data set in the folder that has a test file too; if the folder itself has no
        file that can be read, those in its sub-folders, such as an archive with a folder per problem. In any
        other case only the path itself.
    """
    if not path.is_dir() or _wav_parts(path):
        return [path]
    found = _paired(path)
    if not found and not _readable(path):
        inner = [one for one in sorted(path.iterdir()) if one.is_dir() and not one.name.startswith(".")]
        found = [parts for folder in inner for parts in _paired(folder)]
    return [parts["train"] for parts in found] or [path]


def _readable(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.iterdir()) if file.is_file() and _suffix(file) in _suffixes()]


def _paired(folder: Path) -> list[dict[str, Path]]:
    """The files of each data set in a folder that has a train and a test file, by part."""
    sets = [parts for parts in _sets(_readable(folder)).values() if {"train", "test"} <= set(parts)]
    # The same data are often there in several formats; the first of `_suffixes` is taken.
    sets.sort(key=lambda parts: _suffixes().index(_suffix(parts["train"])))
    first: dict[str, dict[str, Path]] = {}
    for parts in sets:
        first.setdefault(_stem(parts["train"]), parts)
    return [first[name] for name in sorted(first)]


def _stem(file: Path) -> str:
    """The name of a data set: that of its train file without part and ending."""
    plain = file.with_suffix("") if file.suffix.lower() in PACKED else file
    return _without_part(plain.with_suffix(""))


def _wav_parts(folder: Path) -> dict[str, Path]:
    """A folder of wav files, by part if its sub-folders are named train and test; {} for another folder."""
    if not any(file.suffix.lower() == ".wav" for file in folder.rglob("*")):
        return {}
    inner = [each for each in sorted(folder.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    parts = {WORDS.get(each.name.lower(), each.name): each for each in inner}
    whole = {"train", "test"} <= set(parts) <= {"train", "valid", "test"}
    return parts if whole else {"": folder}


def _suffixes() -> tuple[str, ...]:
    return (".ts", ".npz", *TABLES)


def _suffix(file: Path) -> str:
    """The ending of a name, without that of a compression."""
    plain = file.with_suffix("") if file.suffix.lower() in PACKED else file
    return plain.suffix.lower()


def _without_part(file: Path) -> str:
    return WORD.sub("*", file.name)


def _sets(files: list[Path]) -> dict[str, dict[str, Path]]:
    """By name without the part, the file of each part."""
    sets: dict[str, dict[str, Path]] = {}
    for file in files:
        words = WORD.findall(file.name)
        if len(words) == 1:
            sets.setdefault(_without_part(file), {})[WORDS[words[0].lower()]] = file
    return sets


def format_of(path: Path) -> str:
    """One of FORMATS, by the ending and the first line. "tsv": rows of a class and values, no header.

    A folder is one of wav files.
    """
    if path.is_dir():
        return "wav"
    suffix = _suffix(path)
    if suffix in (".ts", ".npz"):
        return suffix[1:]
    if suffix not in (".tsv", ".txt") or begins(path).startswith(b"PAR1"):
        return "table"
    first = next((line for line in text_of(path)[0].splitlines() if line.strip()), "")
    _, *values = first.split("\t")
    numeric = [bool(PLAIN.fullmatch(cell.strip())) or cell.strip().lower() in MISSING for cell in values]
    return "tsv" if len(values) > 1 and all(numeric) else "table"
