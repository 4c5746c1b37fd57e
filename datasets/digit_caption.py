"""Captions: a sentence in words about what an 8 x 8 image of a handwritten digit shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._fetched import coded, vocabulary
from recurbench.datasets._series import package_version
from recurbench.task import Array
from scipy import ndimage
from sklearn.datasets import load_digits

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# What the lowest, middle and highest third of the training images are called; the middle is not worth a word.
THIRDS = {
    "ink": (("thin",), (), ("bold",)),
    "width": (("narrow",), (), ("wide",)),
    "slant": (("leaning", "left"), (), ("leaning", "right")),
}
LOOPS = (("without", "a", "loop"), ("with", "one", "loop"), ("with", "two", "loops"))
# A pixel lighter than this share of full ink is paper.
PAPER = 0.3
# Of every digit; the rest is the test part.
SHARES = {"train": 0.6, "valid": 0.2}


# A translation by its shape: eight steps in, and as many symbols out as the sentence has. A generation starts
# from one step.
@dataset("digit-caption", kind="translation")
def digit_caption() -> Problem:
    """Say of a digit's eight rows which it is, if odd or even, bold, wide or leaning, and with what loops."""
    digits_data = load_digits()
    images, digits = digits_data.images / 16.0, digits_data.target
    parts = _parts(digits)
    seen = [Seen.of(image) for image in images]
    cuts = thirds([seen[i] for i in parts["train"]])
    captions = [caption(int(digit), one, cuts) for digit, one in zip(digits, seen, strict=True)]
    words = vocabulary([captions[i] for i in parts["train"]])
    y = coded(captions, words)
    splits = {name: Split([images[i] for i in part], [y[i] for i in part]) for name, part in parts.items()}
    task = Task(
        "translation",
        x=Values(images.shape[2]),
        y=Values(len(words), symbols=True, names=words),
        length="free",
    )
    different = {name: {tuple(captions[i]) for i in part} for name, part in parts.items()}
    about = About(
        source="handwritten digits of UCI as shipped with scikit-learn; captions by rule",
        licence="BSD-3-Clause (scikit-learn)",
        protocol=f"{len(splits['train'])}, {len(splits['valid'])} and {len(splits['test'])} images, one "
        "fixed draw, stratified by digit (writers are not known, so they are in all parts); a row is a step; "
        f"{len(set.union(*different.values()))} different captions of {len(words) - 1} words; "
        f"{len(different['test'] - different['train'])} of the {len(different['test'])} in test are not in "
        "train; what is thin, narrow or leaning left is the lowest third of the training images",
        reference="most-common",
        metric="token_error_rate",
        version=package_version("scikit-learn"),
    )
    return Problem(task, splits["train"], splits["test"], about, splits["valid"])


@dataclass(frozen=True)
class Seen:
    """What is measured on an image [rows, columns] of ink from 0 to 1.

    ink: its sum. width: standard deviation of the ink's column, in pixels. slant: columns to the right per
    row upwards. loops: pieces of paper that the digit encloses.
    """

    ink: float
    width: float
    slant: float
    loops: int

    @classmethod
    def of(cls, image: Array) -> Seen:
        """Measure one image by the moments of its ink."""
        rows, columns = np.indices(image.shape)
        ink = float(image.sum())
        down = rows - (image * rows).sum() / ink
        right = columns - (image * columns).sum() / ink
        slant = -(image * down * right).sum() / (image * down**2).sum()
        # The margin joins all paper outside into one piece.
        paper = np.pad(image < PAPER, 1, constant_values=True)
        width = np.sqrt((image * right**2).sum() / ink)
        return cls(ink, float(width), float(slant), int(ndimage.label(paper)[1]) - 1)


def thirds(seen: list[Seen]) -> dict[str, NDArray[np.float64]]:
    """Where the middle third of each measure begins and ends."""
    return {name: np.quantile([getattr(one, name) for one in seen], [1 / 3, 2 / 3]) for name in THIRDS}


def caption(digit: int, seen: Seen, cuts: dict[str, NDArray[np.float64]]) -> list[str]:
    """The sentence about one image, word by word: "a bold odd seven leaning right without a loop"."""
    chosen = {
        name: list(words[int(np.searchsorted(cuts[name], getattr(seen, name), side="right"))])
        for name, words in THIRDS.items()
    }
    adjectives = [*chosen["ink"], *chosen["width"], "odd" if digit % 2 else "even"]
    article = "an" if adjectives[0][0] in "aeo" else "a"
    loops = LOOPS[min(seen.loops, len(LOOPS) - 1)]
    return [article, *adjectives, NAMES[digit], *chosen["slant"], *loops]


def _parts(digits: Array) -> dict[str, list[int]]:
    """Image numbers by part, every digit in the same shares; one fixed draw."""
    rng = np.random.default_rng(0)
    parts: dict[str, list[int]] = {"train": [], "valid": [], "test": []}
    for digit in range(len(NAMES)):
        order = rng.permutation(np.flatnonzero(digits == digit))
        train, valid = (round(SHARES[name] * len(order)) for name in ("train", "valid"))
        for name, part in zip(parts, np.split(order, [train, train + valid]), strict=True):
            parts[name] += part.tolist()
    return {name: sorted(part) for name, part in parts.items()}
