"""What a dataset builds: each mistake is found and said, and ours make none."""

from __future__ import annotations

from pathlib import Path

import pytest
from recurbench.check import problem_error
from recurbench.registry import discover

OURS = [plugin for plugin in discover().datasets.values() if plugin.owner == "recurbench"]
GOOD = """
import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset

ABOUT = dict(source="s", licence="l", protocol="p", reference="mean", metric="mse")


@dataset("mine", kind="regression")
def mine(*, size=2, seed=0):
    draw = np.random.default_rng(seed)
    x = [draw.normal(size=(5, size)) for _ in range(4)]
    y = [one.mean(axis=0, keepdims=True)[:, :1] for one in x]
    task = Task("regression", Values(2), Values(1), "fixed")
    return Problem(task, Split(x, y), Split(x, y), About(**ABOUT))
"""


def error(folder: Path, text: str) -> str:
    file = folder / "mine.py"
    file.write_text(text)
    return problem_error(discover([file]).datasets["mine"])


@pytest.mark.parametrize("plugin", OURS, ids=lambda plugin: plugin.name)
def test_our_datasets_build_proper_problems(plugin):
    try:
        found = problem_error(plugin)
    except ValueError as refusal:
        found = "" if "needs" in str(refusal) else str(refusal)  # data that cannot be shipped
    assert found == ""


def test_a_good_problem_has_no_error(tmp_path):
    assert error(tmp_path, GOOD) == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return Problem(", "return (", "returned tuple, wanted a Problem"),
        (
            'kind="regression"',
            'kind="labelling"',
            "the decorator says kind labelling, the task says regression",
        ),
        ("range(4)", "range(0)", "train: holds no example"),
        ("Split(x, y), Split(x, y)", "Split(x, y), Split(x)", "test: 0 answers for 4 examples"),
        (
            "x = [draw.normal(size=(5, size))",
            "x = [draw.normal(size=(5, 3))",
            "wanted numbers [steps, 2] as floats, got float64 [5, 3]",
        ),
        ("draw.normal(size=(5, size))", "draw.integers(9, size=(5, size))", "got int64 [5, 2]"),
        (
            "Split(x, y), Split(x, y)",
            "Split([[1.0]], y[:1]), Split(x, y)",
            "train: example 0: holds a list, wanted a plain numpy array",
        ),
        ("Values(2), Values(1)", "Values(2), Values(2, symbols=True)", "wanted symbols (integers) [steps]"),
        ("[:, :1]", "[[0, 0], :1]", "2 answers, wanted 1 to 1"),
        ('"fixed"', '"same"', "1 answers to 5 steps"),
        ('licence="l"', 'licence=" "', "about.licence is empty"),
        ('metric="mse"', 'metric="luck"', "about.metric is 'luck'; choose one of"),
        (
            "About(**ABOUT))",
            "About(**ABOUT), Split([np.random.default_rng().normal(size=(5, 2))], y[:1]))",
            "built twice, the problem is another one",
        ),
        ("default_rng(seed)", "default_rng()", "built twice, the problem is another one"),
    ],
)
def test_a_mistake_is_found_and_said(tmp_path, old, new, words):
    assert old in GOOD
    found = error(tmp_path, GOOD.replace(old, new))
    assert words in found
    assert "; " in found


HOLED = """
    holed = Split([one.copy() for one in x], [one.copy() for one in y], [np.zeros((1, 1)) for _ in x])
    holed.{part}[2][{place}] = {value}
"""


@pytest.mark.parametrize(
    ("part", "value", "place", "words"),
    [
        ("x", "np.inf", "3, 1", "x[3, 1] is inf, wanted a finite number; write NaN where a value is missing"),
        ("x", "-np.inf", "0, 0", "x[0, 0] is -inf, wanted a finite number"),
        ("ahead", "np.inf", "0, 0", "ahead[0, 0] is inf, wanted a finite number"),
        ("y", "np.inf", "0, 0", "y[0, 0] is inf, wanted a finite number; leave the example out"),
        ("y", "np.nan", "0, 0", "y[0, 0] is nan, and an answer that is scored must be known; leave the ex"),
        ("x", "np.nan", "3, 1", ""),
    ],
)
@pytest.mark.parametrize("split", ["train", "test", "valid"])
def test_an_answer_to_score_must_be_known_and_nothing_infinite(tmp_path, split, part, value, place, words):
    made = {"train": "Split(x, y)", "test": "Split(x, y)", "valid": "None"} | {split: "holed"}
    task = "    task ="
    text = GOOD.replace(task, HOLED.format(part=part, place=place, value=value) + task)
    text = text.replace(
        "Split(x, y), Split(x, y), About(**ABOUT)", "{train}, {test}, About(**ABOUT), {valid}"
    )
    text = (
        text.replace("{train}", made["train"])
        .replace("{test}", made["test"])
        .replace("{valid}", made["valid"])
    )
    missing = split == "train" and value == "np.nan"  # what a method is given may have gaps
    found = error(tmp_path, text)
    assert found == "" if missing or not words else f"{split}: example 2: {words}" in found


def test_a_symbol_that_does_not_exist_is_found(tmp_path):
    text = GOOD.replace("Values(2), Values(1)", "Values(2), Values(3, symbols=True)")
    text = text.replace("one.mean(axis=0, keepdims=True)[:, :1]", "np.array([3])")
    assert "symbols must be 0..2, got 3..3; " in error(tmp_path, text)


def test_a_method_is_not_taken_for_a_dataset():
    with pytest.raises(ValueError, match="theta is a method"):
        problem_error(discover().methods["theta"])
