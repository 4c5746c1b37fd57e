"""Spelling to pronunciation: words of the CMU Pronouncing Dictionary, from a file in the data folder."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about, coded, transduced

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


@dataset("cmudict", kind="translation")
def cmudict(*, n_train: int = 20000, n_valid: int = 2000, n_test: int = 2000) -> Problem:
    """The pronunciation of an English word of 3 to 9 letters (CMU dictionary, 97501 words, 39 phones).

    Parameters
    ----------
    n_train, n_valid, n_test : int
        Words in each part.
    """
    (path,) = files("cmudict", {})
    words, sounds = zip(*read_words(path), strict=True)
    wanted = n_train + n_valid + n_test
    if min(n_train, n_valid, n_test) < 1 or wanted > len(words):
        raise ValueError(
            f"n_train, n_valid and n_test must be at least 1 and together at most {len(words)}, got {wanted}"
        )
    phones = tuple(sorted({phone for sound in sounds for phone in sound}))
    x, y = coded(words, LETTERS), coded(sounds, phones)
    order = np.random.default_rng(0).permutation(len(words))[:wanted]
    parts = np.split(order, [n_train, n_train + n_valid])
    train, valid, test = (transduced(x, y, part.tolist(), words) for part in parts)
    task = Task(
        "translation",
        x=Values(len(LETTERS), symbols=True, names=LETTERS),
        y=Values(len(phones), symbols=True, names=phones),
        length="free",
    )
    protocol = (
        f"{n_train}, {n_valid} and {n_test} words, one fixed sample; words of 3 to 9 letters a-z, first "
        "pronunciation, without stress; forms of one word may be in different parts"
    )
    return Problem(task, train, test, about("cmudict", protocol, "most-common", "token_error_rate"), valid)


def read_words(path: Path) -> list[tuple[str, list[str]]]:
    """Read the words of 3 to 9 letters, in the order of the file, with their first pronunciation."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.partition("#")[0].split() or [""]
        # Further pronunciations are written word(2), word(3).
        if re.fullmatch("[a-z]{3,9}", word):
            entries.append((word, [phone.rstrip("012") for phone in phones]))
    if not entries:
        raise ValueError(f"{path} has no word; lines such as 'cat K AE1 T' are needed")
    return entries
