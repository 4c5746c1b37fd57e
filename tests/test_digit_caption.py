"""Captions of digits: words that hold for the image, grammar, parts."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from recurbench import Problem
from recurbench.datasets.digit_caption import NAMES, Seen, caption, digit_caption
from sklearn.datasets import load_digits

SENTENCE = re.compile(
    r"(an?) ((?:thin |bold )?(?:narrow |wide )?(?:odd|even)) (\w+)(?: leaning (?:left|right))?"
    r" (?:without a loop|with one loop|with two loops)"
)
CUTS = {"ink": np.array([10, 20.0]), "width": np.array([1, 2.0]), "slant": np.array([-0.1, 0.1])}


@pytest.fixture(scope="module")
def problem() -> Problem:
    return digit_caption()


@pytest.fixture(scope="module")
def sentences(problem) -> dict[str, list[str]]:
    parts = {"train": problem.train, "valid": problem.valid, "test": problem.test}
    names = problem.task.y.names
    return {part: [" ".join(names[k] for k in y) for y in split.y] for part, split in parts.items()}


def drawn(*rows: str) -> np.ndarray:
    """An image from its rows: # is ink."""
    return np.array([[float(character == "#") for character in row.ljust(8)] for row in rows])


def test_a_loop_is_paper_that_ink_encloses():
    ring = drawn("", "  ####", "  #  #", "  #  #", "  ####", "", "", "")
    assert Seen.of(ring).loops == 1
    assert Seen.of(drawn("", "  ####", "  #  #", "  #  #", "  # ##", "", "", "")).loops == 0
    eight = drawn("", " ####", " #  #", " ####", " #  #", " #  #", " ####", "")
    assert Seen.of(eight).loops == 2
    # A diagonal gap is no gap for the pen.
    assert Seen.of(drawn("", "   #", "  # #", "   #", "", "", "", "")).loops == 1


def test_slant_is_the_columns_that_a_stroke_goes_right_per_row_upwards():
    stroke = np.eye(8)
    assert Seen.of(stroke[:, ::-1]).slant == pytest.approx(1)
    assert Seen.of(stroke).slant == pytest.approx(-1)
    upright = drawn(*["   ##"] * 8)
    assert Seen.of(upright).slant == pytest.approx(0)
    assert (Seen.of(upright).ink, Seen.of(upright).width) == (16, 0.5)


@pytest.mark.parametrize(
    ("digit", "seen", "words"),
    [
        (7, Seen(25, 2.5, 0.2, 0), "a bold wide odd seven leaning right without a loop"),
        (8, Seen(15, 1.5, 0.0, 3), "an even eight with two loops"),
        (9, Seen(5, 0.5, -0.2, 1), "a thin narrow odd nine leaning left with one loop"),
    ],
)
def test_a_sentence_says_what_was_measured(digit, seen, words):
    assert " ".join(caption(digit, seen, CUTS)) == words


def test_every_caption_is_a_sentence_about_its_digit(problem, sentences):
    shown = load_digits()
    digit_of = {image.tobytes(): digit for image, digit in zip(shown.images / 16, shown.target, strict=True)}
    for part, split in (("train", problem.train), ("valid", problem.valid), ("test", problem.test)):
        for x, words in zip(split.x, sentences[part], strict=True):
            article, adjectives, name = SENTENCE.fullmatch(words).groups()
            assert name == NAMES[digit_of[x.tobytes()]]
            assert ("odd" in adjectives) == (NAMES.index(name) % 2 == 1)
            assert (article == "an") == (adjectives[0] in "oe")


def test_eights_have_two_loops_and_zeros_one_more_often_than_not(sentences):
    said = Counter((re.search("|".join(NAMES), one).group(), one.split()[-2]) for one in sentences["train"])
    assert said["zero", "one"] > 5 * (said["zero", "a"] + said["zero", "two"])
    assert said["one", "a"] > 20 * (said["one", "one"] + said["one", "two"])
    assert said["eight", "two"] > said["eight", "a"]


def test_the_middle_third_of_the_training_images_has_no_word(sentences):
    for low, high in (("thin", "bold"), ("narrow", "wide"), ("left", "right")):
        for word in (low, high):
            share = np.mean([word in one.split() for one in sentences["train"]])
            assert share == pytest.approx(1 / 3, abs=0.002)


def test_there_are_hundreds_of_captions_and_the_protocol_counts_them(problem, sentences):
    every = {one for part in sentences.values() for one in part}
    new = set(sentences["test"]) - set(sentences["train"])
    assert 200 < len(every) < 900
    assert len(new) > 20
    assert f"{len(every)} different captions" in problem.about.protocol
    assert (
        f"{len(new)} of the {len(set(sentences['test']))} in test are not in train" in problem.about.protocol
    )


def test_parts_are_stratified_and_no_image_is_in_two(problem, sentences):
    sizes = [len(split) for split in (problem.train, problem.valid, problem.test)]
    assert sum(sizes) == 1797
    assert np.allclose(np.array(sizes) / 1797, [0.6, 0.2, 0.2], atol=0.001)
    images = [{x.tobytes() for x in split.x} for split in (problem.train, problem.valid, problem.test)]
    assert [len(one) for one in images] == sizes
    assert images[0].isdisjoint(images[1] | images[2])
    assert images[1].isdisjoint(images[2])
    for name, count in zip(NAMES, np.bincount(load_digits().target), strict=True):
        # "one" also counts loops; the digit's name follows its parity.
        held = sum(bool(re.search(f"(odd|even) {name} ", one)) for one in sentences["test"])
        assert held == pytest.approx(count / 5, abs=1)


def test_an_image_is_eight_rows_of_eight_shares_of_ink(problem):
    x = problem.test.x[0]
    assert x.shape == (8, 8)
    pixels = np.stack(problem.train.x)
    assert (pixels.min(), pixels.max()) == (0, 1)
    assert problem.task.length == "free"
    assert not any(0 in y for y in problem.test.y)
