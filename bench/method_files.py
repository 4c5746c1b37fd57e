"""Methods that read files of the user, such as weights: chosen by their full name, and tried before a run."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence

from recurbench import provenance
from recurbench.registry import Choice, Registry


def named(registry: Registry, patterns: Sequence[str]) -> list[Choice]:
    """The methods that the patterns name; one that reads files must be named in full, without a wildcard."""
    full = {pattern.partition("[")[0] for pattern in patterns}
    found = registry.select_methods(patterns)
    return [one for one in found if not one.plugin.files or one.plugin.name in full]


def try_out(methods: Iterable[Choice]) -> None:
    """Try every method that reads files once; ValueError says what is wrong with them.

    A built-in method has a function `tried(settings)` in its module for it. Of all others the files must be
    there.
    """
    for choice in {one.address: one for one in methods if one.plugin.files}.values():
        if not choice.plugin.foreign:
            trial = getattr(importlib.import_module(choice.plugin.module), "tried", None)
            if trial is not None:
                trial(dict(choice.settings))
        try:
            provenance.known_data(choice)
        except OSError as error:
            raise ValueError(f"{choice.address}: {error}; give the path of a file or folder") from error
