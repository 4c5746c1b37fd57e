"""English to Korean in small."""

from __future__ import annotations

import os
import unicodedata

import pytest
from recurbench import catalogue
from recurbench.datasets.tatoeba import read_pairs, tatoeba

PAIRS = [(f"Say {word}.", text) for word in ("one", "two", "six", "ten", "I") for text in ("가.", "나.")]


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    (tmp_path / "tatoeba").mkdir()
    path = tmp_path / "tatoeba" / "kor.txt"
    path.write_text("".join(f"{one}\t{other}\tCC-BY\n" for one, other in PAIRS), encoding="utf-8")
    return path


@pytest.mark.parametrize("jamo", [True, False])
def test_symbols_spell_the_pairs_again(toy, jamo):
    problem = tatoeba(jamo=jamo)
    assert problem.task.length == "free"
    for x, y, name in zip(problem.train.x, problem.train.y, problem.train.series, strict=True):
        english = "".join(problem.task.x.names[code] for code in x)
        korean = "".join(problem.task.y.names[code] for code in y)
        assert english == name
        assert (english, unicodedata.normalize("NFC", korean)) in PAIRS
        assert len(korean) == (3 if jamo else 2)


def test_all_translations_of_a_sentence_are_in_one_part(toy):
    problem = tatoeba()
    parts = [set(split.series) for split in (problem.train, problem.valid, problem.test)]
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert sum(map(len, (problem.train, problem.valid, problem.test))) == len(PAIRS)


def test_a_line_without_a_translation_is_named(toy):
    toy.write_text("Go.\t가.\nStay.\n")
    with pytest.raises(ValueError, match="line 2: English and Korean"):
        read_pairs(toy)


def test_the_real_file_has_its_known_size(real):
    pairs = read_pairs(real / "tatoeba" / "kor.txt")
    assert len(pairs) == 3853
    assert len({character for _, text in pairs for character in text}) == 918
    assert sum(len(english.split()) <= 6 for english, _ in pairs) == 2644
    problem = tatoeba()
    assert len(problem.train) + len(problem.valid) + len(problem.test) == 3853
    assert problem.task.y.size < 100 < 800 < tatoeba(jamo=False).task.y.size
