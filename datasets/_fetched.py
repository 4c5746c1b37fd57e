"""What the data sets in the data folder share: their description, vocabularies and fixed splits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from recurbench import About, catalogue
from recurbench.task import Array, Split

UNKNOWN = "\ufffd"


def about(dataset: str, protocol: str, reference: str, metric: str, **dials: Any) -> About:
    """Describe a data set: source and licence from the catalogue, and one sha256 over its files.

    Parameters
    ----------
    dataset : str
        The name in the catalogue.
    protocol, reference, metric : str
        See `About`.
    **dials
        The settings that choose the files.
    """
    source = catalogue.entry(dataset, dials)
    inside = ", ".join(str(value) for value in source.dials.values())
    return About(
        source=f"{inside}, {source.source}" if inside else source.source,
        licence=source.licence,
        protocol=protocol,
        reference=reference,
        metric=metric,
        version=f"sha256 {catalogue.content(dataset, dials)}",
    )


def vocabulary(texts: Sequence[Sequence[str]], least: int = 1) -> tuple[str, ...]:
    """The symbols that occur at least `least` times in `texts`, sorted; the first one is for all others."""
    counts: dict[str, int] = {}
    for text in texts:
        for symbol in text:
            counts[symbol] = counts.get(symbol, 0) + 1
    return (UNKNOWN, *sorted(symbol for symbol, count in counts.items() if count >= least))


def coded(texts: Sequence[Sequence[str]], symbols: Sequence[str]) -> list[Array]:
    """Encode every text as codes [T]; a symbol that is not in `symbols` has code 0."""
    codes = {symbol: code for code, symbol in enumerate(symbols)}
    return [np.array([codes.get(symbol, 0) for symbol in text], dtype=np.int64) for text in texts]


def parted(names: Sequence[str], shares: Sequence[int]) -> list[list[int]]:
    """Split indices into parts of the proportions `shares`; equal names are always in one part.

    The split is fixed: the sorted names are permuted with a fixed seed.
    """
    groups: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        groups.setdefault(name, []).append(i)
    order = np.random.default_rng(0).permutation(len(groups))
    unique = sorted(groups)
    ends = np.round(np.cumsum((0, *shares)) / sum(shares) * len(unique)).astype(int)
    return [sorted(i for k in order[start:end] for i in groups[unique[k]]) for start, end in pairwise(ends)]


def transduced(x: Sequence[Array], y: Sequence[Array], part: Sequence[int], names: Sequence[str]) -> Split:
    """The examples of one part; examples of one name are one series."""
    return Split([x[i] for i in part], [y[i] for i in part], series=tuple(names[i] for i in part))
