"""Captions: a sentence about an 8 x 8 image of a handwritten digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._fetched import coded, vocabulary
from recurbench.reading.series import package_version
from recurbench.task import Array
from scipy import ndimage
from sklearn.datasets import load_digits

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# The words for the lowest, middle and highest third of the training images; the middle third has no word.
THIRDS = {
    "ink": (("thin",), (), ("bold",)),
    "width": (("narrow",), (), ("wide",)),
    "slant": (("leaning", "left"), (), ("leaning", "right")),
}
LOOPS = (("without", "a", "loop"), ("with", "one", "loop"), ("with", "two", "loops"))
# A pixel with less than this share of full ink counts as paper.
PAPER = 0.3
# Shares of the images of every digit; the rest is the test part.
SHARES = {"train": 0.6, "valid": 0.2}


# The kind is translation, because eight steps go in and a sentence of any length comes out. A generation
# starts from one step.
@dataset("digit-caption", kind="translation")
def digit_caption() -> Problem:
    """A caption for an image of a digit, such as "a bold odd seven leaning right without a loop"."""
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
        "fixed sample, stratified by digit (writers are unknown, so they may be in all parts); a row is a "
        f"step; {len(set.union(*different.values()))} different captions of {len(words) - 1} words; "
        f"{len(different['test'] - different['train'])} of the {len(different['test'])} in test are not in "
        "train; thin, narrow and leaning left stand for the lowest third of the training images",
        reference="most-common",
        metric="token_error_rate",
        version=package_version("scikit-learn"),
    )
    return Problem(task, splits["train"], splits["test"], about, splits["valid"])


@dataclass(frozen=True)
class Seen:
    """Measures of an image [rows, columns] of ink from 0 to 1.

    Attributes
    ----------
    ink : float
        The sum.
    width : float
        Standard deviation of the column of the ink, in pixels.
    slant : float
        Columns to the right per row upwards.
    loops : int
        Areas of paper that the digit encloses.
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
        # With a margin all paper outside the digit is one area.
        paper = np.pad(image < PAPER, 1, constant_values=True)
        width = np.sqrt((image * right**2).sum() / ink)
        return cls(ink, float(width), float(slant), int(ndimage.label(paper)[1]) - 1)


def thirds(seen: list[Seen]) -> dict[str, NDArray[np.float64]]:
    """The lower and upper bound of the middle third of each measure."""
    return {name: np.quantile([getattr(one, name) for one in seen], [1 / 3, 2 / 3]) for name in THIRDS}


def caption(digit: int, seen: Seen, cuts: dict[str, NDArray[np.float64]]) -> list[str]:
    """The caption of an image, word by word, such as "a bold odd seven leaning right without a loop"."""
    chosen = {
        name: list(words[int(np.searchsorted(cuts[name], getattr(seen, name), side="right"))])
        for name, words in THIRDS.items()
    }
    adjectives = [*chosen["ink"], *chosen["width"], "odd" if digit % 2 else "even"]
    article = "an" if adjectives[0][0] in "aeo" else "a"
    loops = LOOPS[min(seen.loops, len(LOOPS) - 1)]
    return [article, *adjectives, NAMES[digit], *chosen["slant"], *loops]


def _parts(digits: Array) -> dict[str, list[int]]:
    """The images of each part, with the same shares of every digit; one fixed sample."""
    rng = np.random.default_rng(0)
    parts: dict[str, list[int]] = {"train": [], "valid": [], "test": []}
    for digit in range(len(NAMES)):
        order = rng.permutation(np.flatnonzero(digits == digit))
        train, valid = (round(SHARES[name] * len(order)) for name in ("train", "valid"))
        for name, part in zip(parts, np.split(order, [train, train + valid]), strict=True):
            parts[name] += part.tolist()
    return {name: sorted(part) for name, part in parts.items()}
