"""Data sets that a model was trained on before: the setting `trained_on`, and the note on results of such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recurbench.address import split_address
from recurbench.task import hyphenated

SETTING = "trained_on"
NOTE = "trained_on_this_data"


def names_data(names: Any, dataset: str, settings: Mapping[str, Any]) -> bool:
    """Whether one of `names` names this data set.

    A name is that of the data set (upper case and underscores do not count), which stands for all of its
    problems, or an address: then every setting in its bracket must agree. The name of a user's file counts
    too.

    Parameters
    ----------
    names : sequence of str
        The setting `trained_on`; anything else names nothing.
    dataset : str
    settings : mapping
        Every setting of the data set.
    """
    given = names if isinstance(names, Sequence) and not isinstance(names, str) else ()
    own = {dataset}
    if settings.get("path"):
        own.add(hyphenated(Path(str(settings["path"])).name))
    return any(_names(str(one), own, settings) for one in given)


def _names(one: str, own: set[str], settings: Mapping[str, Any]) -> bool:
    try:
        name, bracket = split_address(one)
    except ValueError:  # a name of the model's maker, which need not be an address
        return False
    return hyphenated(name) in own and all(
        key in settings and str(settings[key]) == str(value) for key, value in bracket.items()
    )
