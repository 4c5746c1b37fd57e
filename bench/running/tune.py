"""Equal tuning: the settings a method tries, and which of them validation chooses."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recurbench.choosing import compared
from recurbench.registry import Choice

Settings = dict[str, Any]


def trials(method: Choice, count: int) -> list[Settings]:
    """The settings of `count` trials: the method as it was asked for, then draws from its `search` space.

    No configuration comes twice; where the space holds fewer than `count`, all of them are tried. What was
    fixed in the bracket stays fixed. A draw depends on the method's name and the trial's number alone, not on
    the model's seed or the problem. So the spread over seeds is that of training and not of the search,
    problems are compared on the same configurations, and asking for more trials later adds to those that are
    there.
    """
    if count < 1:
        raise ValueError(f"trials must be at least 1, got {count}")
    defaults = dict(method.settings)
    tried = [defaults]
    for drawn in _drawn(method):
        if len(tried) >= count:
            break
        if drawn != defaults:
            tried.append(drawn)
    return tried


def _drawn(method: Choice) -> Iterator[Settings]:
    """Every configuration of the space left open, once, in a random order that always begins alike."""
    space = _open(method)
    size = math.prod(len(values) for values in space.values())
    luck = random.Random(f"recurbench trials of {method.plugin.name}")
    # Fisher and Yates' shuffle as far as it is asked for: a space may be too large to be written out.
    moved: dict[int, int] = {}
    for place in range(size):
        other = luck.randrange(place, size)
        number = moved.get(other, other)
        moved[other] = moved.get(place, place)
        yield {**method.settings, **_configuration(space, number)}


def _open(method: Choice) -> dict[str, list[Any]]:
    """By setting that was not fixed, its distinct values; in the order of names, whatever the file's is.

    Without settings that another fixed setting overrides: they would give several trials of one network.
    """
    defaults = method.plugin.settings
    idle = {
        name
        for key, names in method.plugin.overrides.items()
        if method.settings[key] != defaults[key]
        for name in names
    }
    space: dict[str, list[Any]] = {}
    for name, values in sorted(method.plugin.search.items()):
        default = defaults[name]
        if method.settings[name] == default and name not in idle:
            distinct: list[Any] = []
            for value in values:
                # 4.0 for a default of 4 is the default, as it is in a bracket: one address, one cell.
                value = default if value == default else value
                if value not in distinct:
                    distinct.append(value)
            space[name] = distinct
    return space


def _configuration(space: Mapping[str, Sequence[Any]], number: int) -> Settings:
    """The configuration of that number, read as one digit per setting."""
    settings = {}
    for name, values in space.items():
        number, digit = divmod(number, len(values))
        settings[name] = values[digit]
    return settings


def choose(means: Sequence[Mapping[str, float] | None], selectors: Sequence[str]) -> tuple[int, str]:
    """The best trial by the first selector that all of them have, and that selector.

    Equal scores are decided by the later selectors, and trials that are equal in all of them by their number:
    the earlier one is taken. means: by trial its mean validation scores, None where it dropped out. Where
    nothing is shared the first that did not drop out, and "". ValueError where all dropped out.
    """
    left = {i: scores for i, scores in enumerate(means) if scores is not None}
    if not left:
        raise ValueError("every trial dropped out; there is none to choose")
    name, keys = compared(left, selectors)
    return (min(keys, key=lambda i: (keys[i], i)), name) if name else (min(left), "")
