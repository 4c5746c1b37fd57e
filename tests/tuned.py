"""A method whose best setting is known, and problems for it: tuned jobs without any training."""

import os
from pathlib import Path

from recurbench.registry import discover
from recurbench.running.runner import jobs

PLUGINS = '''
"""Guesses of the number three, which write down what they are asked."""

import os
import time
from pathlib import Path

import numpy as np
from recurbench import About, Problem, Split, Task, Unsupported, Values, dataset, method

TRAIN, VALID, TEST = 1, 2, 3


def note(words):
    with Path(os.environ["ASKED"]).open("a") as file:
        file.write(words + "\\n")


@method(
    "guess",
    family="baseline",
    kinds={"regression"},
    search={"level": (0.0, 1.0, 2.0, 3.0), "sign": (1, -1)},
    variants={"guess-down": {"sign": -1, "role": "control"}},
)
def guess(task, train, *, level=0.0, sign=1, hurt=None, how="raise"):
    """Answer with one number, a hair beside it by the global generator."""
    note(f"fit {sign * level}")
    if sign * level == hurt:
        if how == "refuse":
            raise Unsupported("not this level")
        if how == "interrupt" and not Path(os.environ["ASKED"] + ".once").exists():
            Path(os.environ["ASKED"] + ".once").touch()
            raise KeyboardInterrupt
        if how == "die" and not Path(os.environ["ASKED"] + ".once").exists():
            Path(os.environ["ASKED"] + ".once").touch()
            os._exit(3)
        if how == "sleep":
            time.sleep(600)
        if how == "raise":
            raise RuntimeError("hurt")
    answer = np.full((1, 1), sign * level + 1e-6 * np.random.normal())

    def predict(split):
        note(f"ask {sign * level} of {int(split.x[0][0, 0])}")
        return [answer for _ in split.x]

    return predict


@method("stumbles", family="baseline", kinds={"regression"}, search={"level": (0, 1, 2)})
def stumbles(task, train, *, level=0):
    """Refuse the first level, fail on the others."""
    if level == 0:
        raise Unsupported("not this one")
    raise RuntimeError(f"not {level} either")


def split(mark, count):
    x = tuple(np.full((4, 1), float(mark)) for _ in range(count))
    return Split(x, tuple(np.full((1, 1), 2.7 + 0.2 * i / count) for i in range(count)))


@dataset("three", kind="regression")
def three(*, train=30, brings_valid=False):
    """Numbers a little below three."""
    task = Task("regression", x=Values(1), y=Values(1), length="fixed")
    about = About("here", "none", "none", reference="mean", metric="mse")
    valid = split(VALID, 7) if brings_valid else None
    return Problem(task, split(TRAIN, train), split(TEST, 11), about, valid)
'''


def prepared(folder: Path, monkeypatch) -> Path:
    """The plugin file, and an empty list of what its methods are asked."""
    file = folder / "guesses.py"
    file.write_text(PLUGINS)
    monkeypatch.setenv("ASKED", str(folder / "asked.txt"))
    (folder / "asked.txt").touch()
    return file


def wanted(file: Path, methods, trials: int, dataset: str = "three"):
    registry = discover([file])
    return jobs(registry.select_methods(methods), registry.select_datasets([dataset]), 1, trials=trials)


def asked(begins: str = "") -> list[str]:
    """What was asked so far, of the lines that begin so."""
    return [line for line in Path(os.environ["ASKED"]).read_text().splitlines() if line.startswith(begins)]
