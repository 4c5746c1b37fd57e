"""Labelled cases of the user: classification and regression, from files in several formats."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.reading.case_columns import CaseColumns
from recurbench.reading.case_parts import CaseParts, read_parts
from recurbench.reading.cases import Cases
from recurbench.reading.series import digest
from recurbench.task import Array

UNBALANCED = 0.8  # share of the largest class above which accuracy says little


@dataset("own-classes", kind="classification", files=("path", "test", "valid"))
def own_classes(
    *,
    path: str = "",
    test: str | None = None,
    valid: str | None = None,
    form: Literal["", "long", "wide", "wav"] = "",
    label: str = "",
    case: str = "",
    group: str = "",
    time: str = "",
    rate: int = 0,
    table: str = "",
    share: float = 0.3,
    split_seed: int = 0,
    missing: Literal["interpolate", "keep"] = "interpolate",
    excerpts: bool = False,
) -> Problem:
    """Your own cases with classes, from .ts, .tsv or .npz files or a table.

    Parameters
    ----------
    path : str
        The file with all cases, or with the training part; or a folder of wav files.
    test, valid : str or None
        The files with the test and the validation part.
    form : str
        Of a table: "long" has a row per step and a column per channel, "wide" a row per case. "wav": a
        folder of wav files, labelled by a table or by its sub-folders.
    label, case, group, time : str
        Columns of a table: the class, the case (of wav files: the file), the group that must not be in two
        parts, and the time.
    rate : int
        Samples per second that wav files are brought to; 0: as they are.
    table : str
        The name of the table in the folder of wav files that labels them; empty if it is the only one there.
    share : float
        The share of the test part, if it is drawn from one file.
    split_seed : int
        Decides which cases are drawn.
    missing : str
        "interpolate": missing values between known ones lie on a straight line; at the ends of a series they
        are the nearest known value. "keep": they stay NaN, for methods that take them.
    excerpts : bool
        Whether reports may show some of the cases.
    """
    columns = CaseColumns(form, label, case, group, time, rate, table) if form else None
    files, keep = _files(path, test, valid), missing == "keep"
    parts = read_parts(files, columns, as_numbers=False, share=share, seed=split_seed, keep=keep)
    names = _class_names(parts.train)
    counts = Counter(map(str, parts.train.answers))
    largest, cases = counts.most_common(1)[0]
    unbalanced = cases / counts.total() > UNBALANCED
    why = f"; {cases / counts.total():.0%} of the training cases are {largest}, so the metric is log loss"
    task = Task(
        "classification",
        x=_values(parts.train),
        y=Values(len(names), symbols=True, names=tuple(names)),
        length="fixed",
    )
    codes = {name: code for code, name in enumerate(names)}
    made = {
        part: _split(cases, [np.array([codes[str(answer)]]) for answer in cases.answers])
        for part, cases in _parts(parts).items()
    }
    about = _about(parts, excerpts, "most-common", "log_loss" if unbalanced else "accuracy", why * unbalanced)
    return Problem(task, made["train"], made["test"], about, made.get("valid"))


@dataset("own-values", kind="regression", files=("path", "test", "valid"))
def own_values(
    *,
    path: str = "",
    test: str | None = None,
    valid: str | None = None,
    form: Literal["", "long", "wide", "wav"] = "",
    label: str = "",
    case: str = "",
    group: str = "",
    time: str = "",
    rate: int = 0,
    table: str = "",
    share: float = 0.3,
    split_seed: int = 0,
    missing: Literal["interpolate", "keep"] = "interpolate",
    excerpts: bool = False,
) -> Problem:
    """Your own cases with a number to predict for each, from .ts or .npz files or a table.

    The parameters are those of own-classes.
    """
    columns = CaseColumns(form, label, case, group, time, rate, table) if form else None
    files, keep = _files(path, test, valid), missing == "keep"
    parts = read_parts(files, columns, as_numbers=True, share=share, seed=split_seed, keep=keep)
    task = Task("regression", x=_values(parts.train), y=Values(1, names=(label or "value",)), length="fixed")
    made = {
        part: _split(cases, [np.array([[answer]], dtype=np.float64) for answer in cases.answers])
        for part, cases in _parts(parts).items()
    }
    about = _about(parts, excerpts, "mean", "mse", "")
    return Problem(task, made["train"], made["test"], about, made.get("valid"))


def _files(path: str, test: str | None, valid: str | None) -> dict[str, Path]:
    if not path:
        raise ValueError("a data set of your own cases needs a file; give --data FILE")
    if test is None:
        return {"": Path(path)}
    named = {"train": path, "test": test, "valid": valid}
    return {part: Path(file) for part, file in named.items() if file is not None}


def _parts(parts: CaseParts) -> dict[str, Cases]:
    found = {"train": parts.train, "test": parts.test}
    return found if parts.valid is None else {**found, "valid": parts.valid}


def _class_names(train: Cases) -> list[str]:
    """The classes in order: numbers by size, words by letters."""
    names = sorted({str(answer) for answer in train.answers}, key=lambda name: (name.lower(), name))
    try:
        return sorted(names, key=float)
    except ValueError:
        return names


def _values(train: Cases) -> Values:
    return Values(train.series[0].shape[1], names=train.channels or None)


def _split(cases: Cases, answers: list[Array]) -> Split:
    return Split(cases.series, answers, series=tuple(cases.groups))


def _inside(path: Path) -> list[Path]:
    """The file, or the files of a folder in the order of their names; hidden ones do not count."""
    if not path.is_dir():
        return [path]
    held = sorted(one for one in path.rglob("*") if one.is_file())
    return [one for one in held if not any(p.startswith(".") for p in one.relative_to(path).parts)]


def _about(parts: CaseParts, excerpts: bool, reference: str, metric: str, why: str) -> About:
    """What a report says about the data. Remarks stand in the protocol, so that every page shows them."""
    files = list(dict.fromkeys(each.path for each in _parts(parts).values()))
    read = [one for file in files for one in _inside(file)]
    sizes = ", ".join(f"{len(each.series)} {part}" for part, each in _parts(parts).items())
    remarks = "".join(f"; {remark}" for remark in parts.remarks)
    return About(
        source=f"{', '.join(file.name for file in files)}: cases of your own ({sizes})",
        # With these words `bench/exemplars.py` allows excerpts.
        licence="files of your own: excerpts allowed" if excerpts else "not stated: files of your own",
        protocol=f"{parts.split}{why}{remarks}",
        reference=reference,
        metric=metric,
        version=f"sha256 {digest(*read)}",
    )
