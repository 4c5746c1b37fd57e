"""Treebanks from CoNLL-U and from two columns."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.datasets.ud_pos import read_sentences, ud_pos

CONLLU = (
    "# sent_id = 1\n# text = vamonos al mar\n"
    "1-2\tvamonos\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n"
    "2\tnos\tnos\tPRON\t_\t_\t1\tobj\t_\t_\n"
    "2.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n"
    "3\tNA\tNA\tNOUN\t_\t_\t1\tobl\t_\t_\n"
    "\n"
    "1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n\n"
)


def test_ranges_and_empty_nodes_are_no_words(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU)
    assert read_sentences(path) == [[("vamos", "VERB"), ("nos", "PRON"), ("NA", "NOUN")], [("vamos", "VERB")]]
    path.write_text(CONLLU.replace("\n", "\r\n"), newline="")
    assert len(read_sentences(path)) == 2


def test_two_columns_are_read_as_well_and_quotes_are_words(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('"\tPUNCT\n#1\tNOUN\n\n\nGo\tVERB')
    assert read_sentences(path) == [[('"', "PUNCT"), ("#1", "NOUN")], [("Go", "VERB")]]


@pytest.mark.parametrize(("name", "line"), [("a.conllu", "1\tx\tx\tX"), ("a.tsv", "word")])
def test_a_line_of_another_form_is_named(tmp_path, name, line):
    (tmp_path / name).write_text(f"\n{line}\n")
    with pytest.raises(ValueError, match=r"line 2: \d fields"):
        read_sentences(tmp_path / name)


@pytest.fixture
def treebank(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))

    def write(train: str, dev: str, test: str) -> None:
        (tmp_path / "ud-pos" / "xx").mkdir(parents=True)
        for name, text in (("train", train), ("dev", dev), ("test", test)):
            (tmp_path / "ud-pos" / "xx" / f"{name}.tsv").write_text(text)

    return write


def test_words_come_from_train_alone_and_rare_ones_are_the_unknown(treebank):
    treebank("a\tX\nb\tY\n\na\tX\n", "a\tX\n", "c\tY\na\tX\n")
    problem = ud_pos(treebank="xx", least=2)
    assert problem.task.x.names == ("\ufffd", "a")
    assert [x.tolist() for x in problem.train.x] == [[1, 0], [1]]
    assert [x.tolist() for x in problem.test.x] == [[0, 1]]
    assert [y.tolist() for y in problem.test.y] == [[1, 0]]
    assert len(problem.valid) == 1
    assert "(50.0% of the test words)" in problem.about.protocol
    assert ud_pos(treebank="xx", least=1).task.x.names == ("\ufffd", "a", "b")


def test_a_part_of_speech_that_train_lacks_is_refused(treebank):
    treebank("a\tX\nb\tY\n", "a\tX\n", "c\tZ\n")
    with pytest.raises(ValueError, match="parts of speech Z never occur in train, which has X, Y"):
        ud_pos(treebank="xx")


@pytest.mark.parametrize(
    ("name", "sentences", "words", "tags"),
    [
        ("ko_gsd", (4400, 950, 989), (56687, 11958, 11677), 16),
        ("en_ewt", (12544, 2001, 2077), (204577, 25147, 25094), 17),
    ],
)
def test_real_treebanks_have_their_known_sizes(real, name, sentences, words, tags):
    problem = ud_pos(treebank=name, least=1)
    splits = (problem.train, problem.valid, problem.test)
    assert tuple(map(len, splits)) == sentences
    assert tuple(sum(map(len, split.x)) for split in splits) == words
    assert problem.task.y.size == tags
    for split in splits:
        assert all(len(x) == len(y) for x, y in zip(split.x, split.y, strict=True))


def test_the_most_frequent_tag_of_a_word_is_right_as_often_as_measured_before(real):
    problem = ud_pos(treebank="ko_gsd", least=1)
    counts: dict[int, Counter[int]] = {}
    for x, y in zip(problem.train.x, problem.train.y, strict=True):
        for word, tag in zip(x.tolist(), y.tolist(), strict=True):
            counts.setdefault(word, Counter())[tag] += 1
    overall = Counter(np.concatenate(problem.train.y).tolist()).most_common(1)[0][0]
    x, y = np.concatenate(problem.test.x), np.concatenate(problem.test.y)
    told = [counts[w].most_common(1)[0][0] if w in counts else overall for w in x.tolist()]
    assert round(float((x == 0).mean()), 3) == 0.345
    assert round(float((np.array(told) == y).mean()), 3) == 0.803
