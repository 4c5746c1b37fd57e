"""Part-of-speech tagging on Universal Dependencies treebanks, from files in the data folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about, coded, vocabulary

Sentence = list[tuple[str, str]]


@dataset("ud-pos", kind="labelling")
def ud_pos(*, treebank: str = "ko_gsd", least: int = 2) -> Problem:
    """Part-of-speech tagging on a treebank of Universal Dependencies (Nivre et al. 2016).

    Parameters
    ----------
    treebank : str
        The name of its files, such as ko_gsd or en_ewt.
    least : int
        Words that are less frequent in train are one symbol, so that train has unknown words, too.
    """
    parts = dict(
        zip(
            ("train", "dev", "test"),
            map(read_sentences, files("ud-pos", {"treebank": treebank})),
            strict=True,
        )
    )
    words = vocabulary([[word for word, _ in sentence] for sentence in parts["train"]], least)
    tags = tuple(sorted({tag for sentence in parts["train"] for _, tag in sentence}))
    splits = {name: _split(sentences, words, tags) for name, sentences in parts.items()}
    known = set(words)
    new = [word not in known for sentence in parts["test"] for word, _ in sentence]
    task = Task(
        "labelling",
        x=Values(len(words), symbols=True, names=words),
        y=Values(len(tags), symbols=True, names=tags),
        length="same",
    )
    protocol = (
        f"official train, dev and test part; {len(words) - 1} words that are in train at least {least} "
        f"times; all others are one symbol ({np.mean(new):.1%} of the test words); without multiword ranges "
        "and empty nodes"
    )
    described = about("ud-pos", protocol, "most-common", "accuracy", treebank=treebank)
    return Problem(task, splits["train"], splits["test"], described, splits["dev"])


def _split(sentences: list[Sentence], words: tuple[str, ...], tags: tuple[str, ...]) -> Split:
    unseen = sorted({tag for sentence in sentences for _, tag in sentence} - set(tags))
    if unseen:
        raise ValueError(
            f"parts of speech {', '.join(unseen)} never occur in train, which has {', '.join(tags)}"
        )
    codes = {tag: code for code, tag in enumerate(tags)}
    x = coded([[word for word, _ in sentence] for sentence in sentences], words)
    return Split(x, [np.array([codes[tag] for _, tag in sentence]) for sentence in sentences])


def read_sentences(path: Path) -> list[Sentence]:
    """Read sentences of (word, part of speech) from CoNLL-U, or from lines `word TAB tag`.

    A blank line ends a sentence. ValueError names a line that is in neither format.
    """
    conllu = path.suffix == ".conllu"
    word, tag, columns = (1, 3, 10) if conllu else (0, 1, 2)
    sentences: list[Sentence] = [[]]
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip("\r"):
            sentences.append([])
            continue
        if conllu and line.startswith("#"):
            continue
        fields = line.rstrip("\r").split("\t")
        if len(fields) != columns:
            raise ValueError(
                f"{path}, line {number}: {len(fields)} fields separated by tabs, needed are {columns}"
            )
        # 3-4 is a range of words, which follow separately; 3.1 is a word that is not in the text.
        if not conllu or fields[0].isdigit():
            sentences[-1].append((fields[word], fields[tag]))
    return [sentence for sentence in sentences if sentence]
