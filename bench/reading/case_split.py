"""Train and test part of cases that come in one file: whole groups, stratified by the answer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from recurbench.reading.cases import Cases
from recurbench.task import Array

FEWEST = 10  # groups of a file that is split
STRATA = 10  # of numbers


def split(cases: Cases, groups: Sequence[Hashable], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Draw a test part.

    Parameters
    ----------
    cases : Cases
        Their answers are classes (text) or numbers.
    groups : sequence
        The group of each case; no group is in both parts.
    share : float
        The part of the groups that is tested, of each class or of each tenth of the numbers.
    seed : int
        Decides which groups.

    Returns
    -------
    train, test : list of int
        Places of the cases, in the order of the file. A class with one group is in train only.

    Raises
    ------
    ValueError
        If there are fewer groups than FEWEST, or no class has two.
    """
    members: dict[Hashable, list[int]] = {}
    for i, name in enumerate(groups):
        members.setdefault(name, []).append(i)
    if len(members) < FEWEST:
        single = len(members) == len(groups)
        what = f"{len(groups)} cases" if single else f"{len(groups)} cases in {len(members)} groups"
        raise ValueError(
            f"{cases.path}: has {what}; at least {FEWEST} {'cases' if single else 'groups'} are needed to "
            "split off a test part; bring more, or give a train and a test file"
        )
    rng = np.random.default_rng([seed, 19])
    chosen: set[Hashable] = set()
    for stratum in _strata(cases, members):
        if len(stratum) > 1:
            count = min(max(1, round(share * len(stratum))), len(stratum) - 1)
            chosen.update(stratum[i] for i in rng.permutation(len(stratum))[:count])
    if not chosen:
        raise ValueError(
            f"{cases.path}: every class is in one group only, so no test part can be split off; bring more "
            "groups of each class, or name another column with --group"
        )
    train = [i for i, name in enumerate(groups) if name not in chosen]
    return train, [i for i, name in enumerate(groups) if name in chosen]


def _strata(cases: Cases, members: dict[Hashable, list[int]]) -> list[list[Hashable]]:
    """The groups by class, a group with several under its rarest; numbers in STRATA parts of equal size."""
    if cases.asks_numbers:
        mean = {
            name: float(np.mean([float(cases.answers[i]) for i in places]))
            for name, places in members.items()
        }
        ranked = sorted(members, key=lambda name: mean[name])
        # A part of fewer than four groups could not be split near the share.
        parts = max(1, min(STRATA, len(ranked) // 4))
        return [[ranked[i] for i in part] for part in np.array_split(np.arange(len(ranked)), parts)]
    classes = {name: {str(cases.answers[i]) for i in places} for name, places in members.items()}
    counts: dict[str, int] = {}
    for labels in classes.values():
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    by_class: dict[str, list[Hashable]] = {label: [] for label in sorted(counts)}
    for name, labels in classes.items():
        by_class[min(labels, key=lambda label: (counts[label], label))].append(name)
    return list(by_class.values())


def same_group(cases: Cases, groups: Sequence[Hashable]) -> tuple[list[Hashable], list[list[int]]]:
    """Put identical cases in one group, so that no case is in both parts.

    Returns
    -------
    groups : list
        The group of each case.
    identical : list of list of int
        Places of the cases with the same values, for each set of them.
    """
    twins: dict[tuple[object, ...], list[int]] = {}
    for i, values in enumerate(cases.series):
        twins.setdefault(key_of(values), []).append(i)
    identical = [places for places in twins.values() if len(places) > 1]
    parent: dict[Hashable, Hashable] = {name: name for name in groups}

    def root(name: Hashable) -> Hashable:
        while parent[name] != name:
            name = parent[name]
        return name

    for places in identical:
        for i in places[1:]:
            one, other = root(groups[places[0]]), root(groups[i])
            parent[other] = one
    return [root(name) for name in groups], identical


def key_of(values: Array) -> tuple[object, ...]:
    """What two cases with the same values share."""
    return values.shape, np.ascontiguousarray(values).tobytes()
