"""Translation in small: English sentences and their Korean translations, from a file in the data folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from recurbench import Problem, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about, coded, parted, transduced, vocabulary


@dataset("tatoeba", kind="translation")
def tatoeba(*, jamo: bool = True) -> Problem:
    """Translate an English sentence into Korean, letter by letter (3853 pairs).

    jamo: Korean syllables are written as their letters, of which there are few enough to learn.
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
        f"{len(train)}, {len(valid)} and {len(test)} pairs, one fixed draw, all translations of a sentence "
        f"in one part; characters, Korean in {unit}; those that train does not hold are one symbol"
    )
    return Problem(task, train, test, about("tatoeba", protocol, "most-common", "token_error_rate"), valid)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """(English, Korean) from lines `English TAB Korean TAB attribution`."""
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            fields = line.split("\t")
            if len(fields) < 2 or not all(fields[:2]):
                raise ValueError(f"{path}, line {number}: wanted English and Korean separated by a tab")
            pairs.append((fields[0], fields[1]))
    return pairs
