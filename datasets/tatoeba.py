"""Translation of short English sentences to Korean, from a file in the data folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about, coded, parted, transduced, vocabulary


@dataset("tatoeba", kind="translation")
def tatoeba(*, jamo: bool = True) -> Problem:
    """English sentences to Korean, letter by letter (3853 pairs; Tatoeba).

    Parameters
    ----------
    jamo : bool
        Whether Korean syllables are split into letters, of which there are far fewer.
    """
    (path,) = files("tatoeba", {})
    pairs = read_pairs(path)
    english = [one for one, _ in pairs]
    korean = [unicodedata.normalize("NFD" if jamo else "NFC", other) for _, other in pairs]
    parts = parted(english, (8, 1, 1))
    source, target = (vocabulary([texts[i] for i in parts[0]]) for texts in (english, korean))
    x, y = coded(english, source), coded(korean, target)
    train, valid, test = (transduced(x, y, part, english) for part in parts)
    task = Task(
        "translation",
        x=Values(len(source), symbols=True, names=source),
        y=Values(len(target), symbols=True, names=target),
        length="free",
    )
    unit = "letters (jamo)" if jamo else "syllables"
    protocol = (
        f"{len(train)}, {len(valid)} and {len(test)} pairs, one fixed sample, all translations of a sentence "
        f"in one part; characters, Korean in {unit}; all characters that are not in train are one symbol"
    )
    return Problem(task, train, test, about("tatoeba", protocol, "most-common", "token_error_rate"), valid)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read pairs (English, Korean) from lines `English TAB Korean TAB attribution`."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            fields = line.split("\t")
            if len(fields) < 2 or not all(fields[:2]):
                raise ValueError(f"{path}, line {number}: English and Korean, separated by a tab, are needed")
            pairs.append((fields[0], fields[1]))
    return pairs
