"""Spelling to sound."""

from __future__ import annotations

import os

import pytest
from recurbench import catalogue
from recurbench.datasets.cmudict import cmudict, read_words

TEXT = (
    "'em AH0 M\ncat K AE1 T\ncat(2) K AH0 T\nat AE1 T\nread R EH1 D # past\nextraordinary IH0 K\nwell-b W\n"
)


def test_first_pronunciations_of_words_of_letters_without_stress(tmp_path):
    (tmp_path / "d").write_text(TEXT)
    assert read_words(tmp_path / "d") == [("cat", ["K", "AE", "T"]), ("read", ["R", "EH", "D"])]
    (tmp_path / "d").write_text("")
    with pytest.raises(ValueError, match="has no word"):
        read_words(tmp_path / "d")


def test_codes_spell_letters_and_phones(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "cmudict").mkdir()
    (tmp_path / "cmudict" / "cmudict.dict").write_text(TEXT + "dog D AO1 G\n")
    problem = cmudict(n_train=1, n_valid=1, n_test=1)
    spoken = {}
    for split in (problem.train, problem.valid, problem.test):
        word = "".join(problem.task.x.names[code] for code in split.x[0])
        spoken[word] = [problem.task.y.names[code] for code in split.y[0]]
    assert spoken == {"cat": ["K", "AE", "T"], "read": ["R", "EH", "D"], "dog": ["D", "AO", "G"]}
    with pytest.raises(ValueError, match="together at most 3, got 5"):
        cmudict(n_train=3, n_valid=1, n_test=1)


def test_the_real_dictionary_has_its_known_size_and_no_word_in_two_parts(real):
    assert len(read_words(real / "cmudict" / "cmudict.dict")) == 97501
    problem = cmudict()
    assert (problem.task.x.size, problem.task.y.size, problem.task.length) == (26, 39, "free")
    splits = (problem.train, problem.valid, problem.test)
    assert tuple(map(len, splits)) == (20000, 2000, 2000)
    words = [word for split in splits for word in split.series]
    assert len(set(words)) == len(words)
    assert all(len(x) >= 3 and y.min() >= 0 for x, y in zip(problem.test.x, problem.test.y, strict=True))
