"""What `recurbench.run` takes in Python, as a request: its fields, and the options of one's own data."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from recurbench.address import shown, split_list
from recurbench.reading.proposal import Options
from recurbench.request import Request
from recurbench.suites import SUITES

# The options of `data`, which the command line has as `--horizon`, `--target` and so on.
OPTIONS = tuple(each.name for each in fields(Options) if each.name != "of_horizon")
LISTS = ("target", "covariates", "ahead")  # names of columns; one text may hold several, with commas


def request_of(suite: Any, keywords: Mapping[str, Any]) -> Request:
    """The request of `run(suite, **keywords)`. A first argument that is no text is taken as the data.

    TypeError if a keyword is not known or something is given twice; ValueError if a value cannot be used.
    """
    _refuse_unknown(keywords)
    given = {name: value for name, value in keywords.items() if name not in OPTIONS}
    if suite is not None and not isinstance(suite, str):
        if given.get("data") is not None:
            raise TypeError("run() has data twice, as its first argument and as data=; give it once")
        suite, given["data"] = "quick", suite
    elif suite is not None and suite not in SUITES and Path(suite).is_file():
        raise ValueError(f"{shown(suite)} is a file and no suite; write run(data={suite!r})")
    dials = {name: _listed(name, keywords[name]) for name in OPTIONS if keywords.get(name) is not None}
    if dials and given.get("data") is None:
        name = next(iter(dials))
        raise ValueError(
            f"{', '.join(dials)}: only for data of your own; write data=..., or give a data set the setting "
            f"in brackets, such as datasets='airline[{name}={dials[name]}]'"
        )
    if dials and isinstance(given.get("dials", {}), Mapping):
        given["dials"] = {**given.get("dials", {}), **dials}
    return Request(suite, **given)


def _refuse_unknown(keywords: Mapping[str, Any]) -> None:
    known = sorted({*(each.name for each in fields(Request)), *OPTIONS} - {"suite"})
    for key in keywords:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"nearest: {near[0]}" if near else f"it takes {', '.join(known)}"
            raise TypeError(f"run() has no argument {key!r}; {hint}")


def _listed(name: str, value: Any) -> Any:
    """The names of columns in one text as a list; anything else as it is."""
    return split_list(value) if name in LISTS and isinstance(value, str) else value
