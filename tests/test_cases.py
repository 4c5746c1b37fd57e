"""Train and test files judged as one problem, from the files of a user up to the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from recurbench import catalogue
from recurbench.cli.main import main
from recurbench.datasets.ucr import tser, ucr

HEAD = "@timeStamps false\n@univariate false\n@classLabel true\n@data\n"
EQUAL = f"@equalLength true\n{HEAD}"
STAMPED = HEAD.replace("@timeStamps false", "@timeStamps true")
TARGET = HEAD.replace("@classLabel", "@targetLabel")


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))

    def write(train: str, test: str, suffix: str = "ts", archive: str = "ucr") -> None:
        folder = tmp_path / archive / "Toy"
        folder.mkdir(parents=True, exist_ok=True)
        for part, text in (("TRAIN", train), ("TEST", test)):
            (folder / f"Toy_{part}.{suffix}").write_text(text)

    return write


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (
            f"{HEAD}1,2:1,2:a\n1,3:1,2:b\n",
            f"{HEAD}# one\n1,4:a\n",
            r"Toy_TEST.ts, line 6: 1 channels, and train has 2 \(.*Toy_TRAIN.ts, line 5\); train and test",
        ),
        (
            f"{EQUAL}1,2:a\n1,3:b\n",
            f"{EQUAL}1,4,5:a\n",
            "Toy_TEST.ts, line 6: 3 steps, and train has 2 .* both say @equalLength true; write false",
        ),
        (
            f"{HEAD}1,2:a\n1,3:a\n",
            f"{HEAD}1,4:a\n",
            "Toy_TRAIN.ts: train has one class, a; a classification needs two; add cases of another class",
        ),
        (
            f"{HEAD}1,2:a\n1,3:b\n",
            f"{HEAD}1,4:c\n1,5:a\n1,6:d\n1,7:c\n1,8:A\n",
            r"Toy_TEST.ts: 4 of 5 test cases are of classes that never occur in train: c \(line 5\), "
            r"d \(line 7\), c \(line 8\), \.\.\.; train has a, b; no method can learn them; move cases",
        ),
        (
            f"{HEAD}1,2:a\n1,3:b\n",
            f"{HEAD}1,3:b\n1,2:a\n",
            "Toy_TEST.ts: all 2 test cases are in train too, values and answer .line 5 is line 6 of train,",
        ),
    ],
)
def test_files_that_are_no_problem_together_are_refused_before_anything_runs(put, train, test, words):
    put(train, test)
    with pytest.raises(ValueError, match=words):
        ucr(name="Toy")
    words_of_run = ["run", "--datasets", "ucr[name=Toy]", "--methods", "most-common", "--jobs", "0"]
    result = CliRunner().invoke(main, words_of_run)
    assert result.exit_code == 2
    assert result.output.startswith("Error: ucr[name=Toy]: ")


def test_test_cases_that_train_holds_too_are_counted_in_the_protocol(put):
    put(f"{HEAD}1,2:a\n1,3:b\n", f"{HEAD}1,3:b\n1,2:b\n")
    said = (
        "; 1 of 2 test cases are in train too, values and answer"
        "; 1 of 2 test cases are in train with another answer"
    )
    assert ucr(name="Toy").about.protocol.endswith(said)
    put(f"{HEAD}1,2:a\n1,3:b\n", f"{HEAD}1,4:b\n")
    assert "are in train" not in ucr(name="Toy").about.protocol


def test_parts_of_one_length_each_that_differ_are_named_in_the_protocol(put):
    put("1\t1\t2\n2\t1\t3\n", "1\t1\t2\t3\n", "tsv")
    said = "all train series have 2 steps and all test series 3"
    assert said in ucr(name="Toy").about.protocol


def test_the_protocol_says_that_time_stamps_are_left_out(put):
    put(f"{STAMPED}(0,1),(1,2):(0,1),(1,2):a\n(0,1),(9,3):(0,1),(9,2):b\n", f"{HEAD}1,3:1,7:b\n")
    assert "steps count as evenly spaced" in ucr(name="Toy").about.protocol


def test_classes_of_a_tsv_are_in_the_order_of_their_numbers_and_words_by_letter(put):
    put("10\t1\t2\n9\t1\t3\n1.0\t1\t4\n", "1\t2\t2\n", "tsv")
    assert ucr(name="Toy").task.y.names == ("1", "9", "10")
    put("10\t1\t2\n9\t1\t3\ncat\t1\t4\n", "cat\t2\t2\n", "tsv")
    problem = ucr(name="Toy")
    assert problem.task.y.names == ("10", "9", "cat")
    assert [int(y[0]) for y in (*problem.train.y, *problem.test.y)] == [0, 1, 2, 2]


def test_classes_of_a_ts_are_in_the_order_of_their_letters_and_a_capital_stands_before_its_small_one(put):
    put(f"{HEAD}1,2:b\n1,3:a\n1,4:C\n1,5:A\n", f"{HEAD}1,6:a\n")
    problem = ucr(name="Toy")
    assert problem.task.y.names == ("A", "a", "b", "C")
    assert [int(y[0]) for y in (*problem.train.y, *problem.test.y)] == [2, 1, 3, 0, 1]


def test_a_regression_may_hold_one_answer_only_and_is_not_asked_for_classes(put):
    put(f"{TARGET}1,2:5\n1,3:5\n", f"{TARGET}1,4:6\n", archive="tser")
    assert [float(y[0, 0]) for y in tser(name="Toy").train.y] == [5, 5]


@pytest.mark.parametrize("build", [ucr, tser])
def test_a_file_without_its_header_is_not_sent_from_one_problem_to_the_other(put, build):
    for text in ("1,2:a\n1,3:b\n", HEAD.replace("@classLabel true", "@classLabel false") + "1,2\n1,3\n"):
        put(text, text, archive=build.__name__)
        with pytest.raises(
            ValueError, match="write above the cases '@classLabel true' and the names"
        ) as refused:
            build(name="Toy")
        assert "name=Toy" not in str(refused.value)
