"""Archive problems from .ts and .tsv: small files by hand, real ones against published levels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.api import Request, perform, prepare
from recurbench.datasets.ucr import read_cases, tser, ucr
from recurbench.reading.filled import filled
from recurbench.results import read_run

HEAD = (
    "@problemName toy\n@timeStamps false\n@missing true\n@univariate {one}\n@equalLength false\n"
    "{kind}\n@data\n"
)


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))

    def write(archive: str, suffix: str, train: str, test: str, name: str = "Toy") -> None:
        folder = tmp_path / archive / name
        folder.mkdir(parents=True, exist_ok=True)
        for part, text in (("TRAIN", train), ("TEST", test)):
            (folder / f"{name}_{part}.{suffix}").write_text(text)

    return write


def test_a_tsv_row_is_a_label_and_a_series_that_ends_where_its_values_do(put):
    put("ucr", "tsv", "1\t1\t2\tNaN\tNaN\n-1\t4\tNaN\t6\t7\n10\t1\t1\t1\t1\n", "10\t0\t1\t2\t3\n")
    problem = ucr(name="Toy")
    assert [x[:, 0].tolist() for x in problem.train.x] == [[1, 2], [4, 5, 6, 7], [1, 1, 1, 1]]
    assert [int(y[0]) for y in problem.train.y] == [1, 0, 2]
    assert problem.task.y.names == ("-1", "1", "10")
    assert int(problem.test.y[0][0]) == 2
    assert "1 missing values inside series are interpolated" in problem.about.protocol
    assert "; 1 series are cut after their last value" in problem.about.protocol


@pytest.mark.parametrize(
    ("equal", "length"), [("@equalLength true", 4), ("# unsaid", 4), ("@equalLength false", 3)]
)
def test_a_missing_end_in_a_ts_file_is_the_end_of_the_case_only_where_lengths_differ(put, equal, length):
    head = HEAD.format(one="true", kind="@classLabel true a b").replace("@equalLength false", equal)
    put("ucr", "ts", f"{head}?,?,3,?:a\n1,?,3,4:b\n", f"{head}0,2,3,4:a\n")
    problem = ucr(name="Toy")
    assert [x[:, 0].tolist() for x in problem.train.x] == [[3] * length, [1, 2, 3, 4]]
    said = problem.about.protocol
    assert "1 missing values inside series are interpolated" in said
    assert f"{length - 1} missing values at the ends of series repeat the nearest known value" in said
    assert ("1 series are cut after their last value" in said) == (length == 3)


def gappy(put, archive: str) -> None:
    head = HEAD.format(one="true", kind="@targetLabel true" if archive == "tser" else "@classLabel true 1 2")
    put(archive, "ts", f"{head}?,2,?,4:1\n1,2,3,5:2\n", f"{head}0,?,?,3:2\n4,5,6,7:1\n")


@pytest.mark.parametrize(("archive", "load"), [("ucr", ucr), ("tser", tser)])
def test_missing_values_are_kept_where_that_is_asked_for(put, archive, load):
    gappy(put, archive)
    kept, plain = load(name="Toy", missing="keep"), load(name="Toy")
    told = [[[np.nan, 2, np.nan, 4], [1, 2, 3, 5]], [[0, np.nan, np.nan, 3], [4, 5, 6, 7]]]
    for part, lines, whole in zip((kept.train, kept.test), told, (plain.train, plain.test), strict=True):
        assert np.array_equal(np.array(part.x)[..., 0], lines, equal_nan=True)
        known = ~np.isnan(np.array(lines))
        assert np.array_equal(np.array(whole.x)[..., 0][known], np.array(lines)[known])
        assert np.isfinite(np.array(whole.x)).all()
    said = "3 missing values inside series stay missing; 1 missing values at the ends of series stay missing"
    assert said in kept.about.protocol
    assert "stay missing" not in plain.about.protocol


def test_known_values_alone_scale_a_series_with_missing_ones(put):
    gappy(put, "ucr")
    problem = ucr(name="Toy", missing="keep", normalise="series", unequal="pad")
    assert np.array_equal(problem.train.x[0][:, 0], [np.nan, -1, np.nan, 1], equal_nan=True)


def test_methods_that_take_missing_values_answer_and_the_others_say_so(put, tmp_path):
    rows = [(i % 2, "?" if i % 3 else i % 2, i % 2 + 0.01 * i, i % 2 + 1) for i in range(20)]
    train = "".join(f"{first},{second},{third},3:{answer}\n" for first, second, third, answer in rows)
    head = HEAD.format(one="true", kind="@classLabel true 1 2")
    put("ucr", "ts", head + train, f"{head}0,?,0,?:1\n1,1,1,3:2\n")
    plugin = tmp_path / "boosted.py"
    plugin.write_text(
        "from sklearn.ensemble import HistGradientBoostingClassifier\n"
        "from recurbench import from_estimator, method\n\n\n"
        "@method('boosted', family='features', kinds={'classification'})\n"
        "def boosted(task, train, *, normalise: str = 'none', seed: int = 0):\n"
        "    boost = HistGradientBoostingClassifier(min_samples_leaf=2)\n"
        "    return from_estimator(task, train, boost, seed=seed, normalise=normalise)\n"
    )
    plan = prepare(
        Request(
            methods=(
                "boosted",
                "boosted[normalise=series]",
                "hmm",
                "mlp[max_steps=2]",
                "catch22",
                "most-common",
            ),
            datasets=("ucr[name=Toy,missing=keep]",),
            plugins=(plugin,),
            jobs=0,
            out=tmp_path / "run",
        )
    )
    perform(plan)
    final = read_run(tmp_path / "run").final
    told = dict(zip(final["address"], final["status"], strict=True))
    refusing = {"mlp[max_steps=2]", "catch22"}
    assert {name for name, status in told.items() if status == "unsupported"} == refusing
    assert {status for name, status in told.items() if name not in refusing} == {"ok"}
    reasons = [str(one) for one in final[final["status"] == "unsupported"]["reason"]]
    assert all("missing or infinite values" in one and "choose a method that takes" in one for one in reasons)


def test_a_ts_file_with_cases_of_several_lengths_keeps_its_missing_ends_cut(put):
    head = HEAD.format(one="true", kind="@classLabel true a b").replace("@equalLength false\n", "")
    put("ucr", "ts", f"{head}1,2,?:a\n1,2:b\n", f"{head}0,2,3,4:a\n")
    assert [len(x) for x in ucr(name="Toy").train.x] == [2, 2]


def test_classes_of_many_digits_are_put_in_order_by_number(put):
    rows = "12345678901234567891\t1\t2\n12345678901234567890\t2\t1\n-1\t0\t0\n"
    put("ucr", "tsv", rows, "12345678901234567891\t5\t5\n")
    problem = ucr(name="Toy")
    assert problem.task.y.names == ("-1", "12345678901234567890", "12345678901234567891")
    assert int(problem.test.y[0][0]) == 2


def test_a_ts_file_may_hold_several_channels_of_different_length(put):
    head = HEAD.format(one="false", kind="@classLabel true b a")
    put("ucr", "ts", f"{head}1,2,3:4,5,6:b\n1,?:2,3:a\n", f"{head}1,2:3,4:a\n")
    problem = ucr(name="Toy")
    assert problem.task.x.size == 2
    assert problem.task.y.names == ("a", "b")
    assert problem.train.x[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    # The last step is kept because one channel has a value there.
    assert problem.train.x[1].tolist() == [[1, 2], [1, 3]]


def test_the_protocol_says_how_many_cases_have_uneven_time_stamps(put):
    head = HEAD.format(one="true", kind="@classLabel true a b").replace("Stamps false", "Stamps true")
    even, uneven = "(0,1),(1,2),(2,4)", "(0,1),(1,2),(9,3)"
    put("ucr", "ts", f"{head}{even}:a\n{uneven}:b\n", f"{head}{uneven}:a\n")
    said = ucr(name="Toy").about.protocol
    assert "steps count as evenly spaced, although 2 of 3 cases have" in said


def test_numbers_are_for_tser_and_classes_for_ucr(put):
    head = HEAD.format(one="true", kind="@targetlabel true")
    put("tser", "ts", f"{head}1,2:0.5\n3,4:1.5\n", f"{head}1,2:2.5\n")
    problem = tser(name="Toy")
    assert problem.task.kind == "regression"
    assert [y.tolist() for y in problem.train.y] == [[[0.5]], [[1.5]]]
    put("ucr", "ts", f"{head}1,2:0.5\n3,4:1.5\n", f"{head}1,2:2.5\n", "Wrong")
    with pytest.raises(ValueError, match=r"write tser\[name=Wrong\]"):
        ucr(name="Wrong")
    classes = HEAD.format(one="true", kind="@classLabel true a b")
    put("tser", "ts", f"{classes}1,2:a\n3,4:b\n", f"{classes}1,2:a\n", "Wrong")
    with pytest.raises(ValueError, match=r"write ucr\[name=Wrong\]"):
        tser(name="Wrong")


def test_a_label_that_is_no_whole_number_is_refused(put, tmp_path):
    put("ucr", "tsv", "1.5\t1\t2\n", "1\t1\t2\n")
    with pytest.raises(ValueError, match="must have whole numbers"):
        ucr(name="Toy")
    assert read_cases(tmp_path / "ucr" / "Toy" / "Toy_TEST.tsv").answers == ["1"]


def test_a_channel_without_a_value_is_refused():
    with pytest.raises(ValueError, match="without a single value"):
        filled(np.array([[1.0, np.nan], [2.0, np.nan]]))


# One nearest neighbour by Euclidean distance, error in the archive's own DataSummary.csv; raw or normalised.
PUBLISHED = [
    ("Coffee", "none", 0.0),
    ("ECG200", "none", 0.12),
    ("SyntheticControl", "none", 0.12),
    ("Trace", "none", 0.24),
    ("Adiac", "none", 0.3887),
    ("ShapeletSim", "none", 0.4611),
    ("ToeSegmentation1", "none", 0.3202),
    ("TwoLeadECG", "none", 0.2529),
    ("DistalPhalanxTW", "none", 0.3669),
    ("SmoothSubspace", "series", 0.0933),
    ("BME", "series", 0.1667),
    ("PowerCons", "series", 0.0667),
    ("GunPointAgeSpan", "series", 0.1013),
]


@pytest.mark.parametrize(("name", "normalise", "error"), PUBLISHED)
def test_the_nearest_neighbour_makes_the_published_error(real, name, normalise, error):
    problem = ucr(name=name, normalise=normalise)
    known = np.stack([x[:, 0] for x in problem.train.x])
    nearest = [int(((known - x[:, 0]) ** 2).sum(axis=1).argmin()) for x in problem.test.x]
    wrong = [problem.train.y[i][0] != y[0] for i, y in zip(nearest, problem.test.y, strict=True)]
    assert round(float(np.mean(wrong)), 4) == error


@pytest.mark.parametrize(
    ("name", "sizes", "lengths", "channels", "classes"),
    [
        ("PLAID", (537, 537), (100, 1344), 1, 11),
        ("PickupGestureWiimoteZ", (50, 50), (29, 361), 1, 10),
        ("Libras", (180, 180), (45, 45), 2, 15),
        ("MelbournePedestrian", (1200, 2450), (24, 24), 1, 10),
    ],
)
def test_real_problems_have_their_known_sizes(real, name, sizes, lengths, channels, classes):
    problem = ucr(name=name)
    assert (len(problem.train), len(problem.test)) == sizes
    found = [len(x) for x in (*problem.train.x, *problem.test.x)]
    assert (min(found), max(found)) == lengths
    assert (problem.task.x.size, problem.task.y.size) == (channels, classes)
    assert all(np.isfinite(x).all() for x in (*problem.train.x, *problem.test.x))
    assert problem.about.licence == "none stated: research use is your decision"


def test_real_regression_problems_are_read(real):
    problem = tser(name="Tecator")
    assert (len(problem.train), len(problem.test), problem.task.x.size) == (172, 43, 1)
    assert tser(name="CardanoSentiment").task.x.size == 2
