"""Reader of .npz files of labelled series: arrays X [n, channels, T] and y [n]."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from recurbench.reading.cases import Cases
from recurbench.task import Array

PARTS = {"train": ("train",), "valid": ("valid", "val", "validation"), "test": ("test",)}
FORM = "save X [cases, channels, steps] or [cases, steps], y [cases], and groups [cases] if there are any"


def read_npz(path: Path, *, answers: bool = True) -> dict[str, Cases]:
    """Read the cases of a file.

    Parameters
    ----------
    path : Path
        With X, y and perhaps groups; or X_train, y_train, X_test, y_test, and so on.
    answers : bool
        Whether y is needed.

    Returns
    -------
    dict of str to Cases
        By part ("train", "valid", "test"), or only "" for a file that is not split. Steps at the end without
        any value (NaN) are padding.

    Raises
    ------
    ValueError
        If arrays are missing or have another form.
    """
    arrays = _arrays(path)
    if "x" in arrays:
        return {"": _cases(path, arrays, "", answers)}
    found = {}
    for part, names in PARTS.items():
        ending = next((f"_{name}" for name in names if f"x_{name}" in arrays), None)
        if ending is not None:
            found[part] = _cases(path, arrays, ending, answers)
    if "train" not in found and (answers or not found):
        raise ValueError(f"{path}: has the arrays {', '.join(arrays) or 'none'}; {FORM}")
    if "test" not in found and answers:
        return {"": found["train"]}
    return found


def _arrays(path: Path) -> dict[str, Array]:
    """The arrays by name in lower case."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: is no .npz archive; {FORM}")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name.lower(): stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        objects = "pickle" in str(error)
        why = "it holds arrays of Python objects" if objects else str(error)
        remedy = "pad short series with NaN at their ends, and write names as text" if objects else FORM
        raise ValueError(f"{path}: cannot be read as .npz ({why}); {remedy}") from None


def _cases(path: Path, arrays: Mapping[str, Array], ending: str, needed: bool) -> Cases:
    x = arrays[f"x{ending}"]
    if x.ndim not in (2, 3) or not np.issubdtype(x.dtype, np.number) or not x.size:
        raise ValueError(f"{path}: X{ending} is {x.dtype} {list(x.shape)}; {FORM}")
    x = np.asarray(x[:, None, :] if x.ndim == 2 else x, dtype=np.float64)
    if np.isinf(x).any():
        case = int(np.isinf(x).any(axis=(1, 2)).argmax())
        raise ValueError(f"{path}: case {case + 1} of X{ending} has infinite values; write NaN where unknown")
    y = _column(path, arrays, f"y{ending}", len(x)) if needed or f"y{ending}" in arrays else None
    groups = _column(path, arrays, f"groups{ending}", len(x)) if f"groups{ending}" in arrays else None
    return Cases(
        path,
        [np.ascontiguousarray(case.T) for case in x],
        [] if y is None else [_text(value) for value in y.tolist()],
        list(range(1, len(x) + 1)),
        groups=[] if groups is None else [_text(value) for value in groups.tolist()],
        word="case",
    )


def _column(path: Path, arrays: Mapping[str, Array], name: str, count: int) -> Array:
    values = arrays.get(name)
    if values is None:
        raise ValueError(f"{path}: has no array {name} (it has {', '.join(arrays)}); {FORM}")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (count,):
        raise ValueError(f"{path}: {name} has the form {list(values.shape)} for {count} cases; {FORM}")
    return values


def _text(value: Any) -> str:
    """A label as text: a whole number without decimal zeros, NaN as a blank."""
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    return value.decode() if isinstance(value, bytes) else str(value).strip()
