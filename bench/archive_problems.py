"""The problems of the data folder that a pattern such as `ucr[name=*]` stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from recurbench import catalogue
from recurbench.address import joined, split_address
from recurbench.reading.ts_file import first_case
from recurbench.registry import Registry
from recurbench.suites import Channels

SIGNS = "*?"  # of a pattern; a bracket already belongs to the address
# By archive whether its problems ask for numbers: both may lie in one folder.
NUMBERS = {"ucr": False, "tser": True}


def opened(patterns: Sequence[str], registry: Registry, channels: Channels = "any") -> tuple[str, ...]:
    """Write an address for every problem of the data folder that a pattern in a bracket stands for.

    Parameters
    ----------
    patterns : sequence of str
        Names, glob patterns and ``name[setting=value]``, as `Registry.select_datasets` takes them.
    registry : Registry
        The known data sets.
    channels : {"any", "one", "several"}
        Of the archives `ucr` and `tser`, only the problems with so many channels.

    Returns
    -------
    tuple of str
        Each pattern without a ``*`` or ``?`` in a setting that names files, as it is; in place of any other
        the addresses of the problems whose files are there, by their names. Other settings of the bracket
        stay. A problem of another kind in the same folder (numbers in `ucr`, classes in `tser`) is left out.

    Raises
    ------
    ValueError
        If the data folder has no such problem.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        name, settings = split_address(pattern)
        wild = _wild(name, settings, registry)
        if not wild:
            found[pattern] = None
            continue
        addresses = list(_addresses(name, settings, wild, channels))
        if not addresses:
            raise ValueError(absent(pattern, name, channels))
        found.update(dict.fromkeys(addresses))
    return tuple(found)


def absent(pattern: str, name: str, channels: Channels = "any") -> str:
    """The sentence for a pattern that no problem of the data folder fits."""
    folder = catalogue.data_folder() / name
    what = {"any": "problem", "one": "problem of one channel", "several": "problem of several channels"}
    return (
        f"{pattern}: no {what[channels]} in {folder} fits; recurbench data list says which can be downloaded "
        f"and under which names you put others there; another data folder: --data-dir or {catalogue.VARIABLE}"
    )


def _wild(name: str, settings: dict[str, Any], registry: Registry) -> dict[str, str]:
    """The settings that select files and hold a pattern; empty for a data set without files."""
    if name not in registry.datasets or name not in catalogue.datasets():
        return {}
    return {
        key: str(value)
        for key, value in settings.items()
        if key in catalogue.choosers(name) and any(sign in str(value) for sign in SIGNS)
    }


def _addresses(
    name: str, settings: dict[str, Any], wild: dict[str, str], channels: Channels
) -> Iterator[str]:
    data = catalogue.data_folder()
    fixed = {key: value for key, value in settings.items() if key not in wild}
    for entry in sorted(catalogue.present_entries(data, name), key=lambda one: one.address):
        dials = entry.dials
        named = all(fnmatchcase(str(dials[key]), pattern) for key, pattern in wild.items())
        kept = all(fixed.get(key, value) == value for key, value in dials.items())
        files = [path for paths in entry.present(data).values() for path in paths]
        if named and kept and (name not in NUMBERS or _fits(files[0], NUMBERS[name], channels)):
            yield joined(name, {**fixed, **dials})


def _fits(train: Path, numbers: bool, channels: Channels) -> bool:
    """Whether a training file asks for numbers or classes, and has as many channels, as wanted.

    A file that cannot be read fits: building the problem says what is wrong with it.
    """
    if train.suffix == ".tsv":
        return not numbers and channels != "several"
    try:
        asks_numbers, size = first_case(train)
    except ValueError:
        return True
    return asks_numbers == numbers and (channels == "any" or (size == 1) == (channels == "one"))
