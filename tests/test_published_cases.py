"""Scores of a user's table beside ours: which are the same computation, and how close similar ones are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from recurbench import catalogue
from recurbench.cli.main import main
from recurbench.cli.published import _apart, _likeness
from recurbench.metrics import score
from recurbench.published import Compared
from recurbench.published_cases import (
    OTHER_COPIES,
    ROUNDED_DOWN,
    UNLIKE,
    Paired,
    difference,
    explained,
    likenesses,
    paired,
    values_of,
)
from recurbench.published_score import Published
from recurbench.published_table import Printed
from recurbench.registry import Registry, discover, load
from recurbench.running.job import build
from statsmodels.stats.proportion import confint_proportions_2indep

HEAD = "@univariate true\n@classLabel true a b\n@data\n"
SCALED = "default split, series z-normalised"
SHARES = st.integers(0, 40)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one problem, on which both neighbours are right on 3 of 4 test cases."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "data" / "ucr" / "Flat"
    place.mkdir(parents=True)
    (place / "Flat_TRAIN.ts").write_text(HEAD + "1,2,3:a\n1,2,4:a\n9,5,1:b\n9,4,1:b\n")
    (place / "Flat_TEST.ts").write_text(HEAD + "1,2,5:a\n1,3,4:a\n9,5,2:b\n1,2,2:b\n")
    return tmp_path


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


def printed(
    method: str, value: float = 0.75, protocol: str = "default split", dataset: str = "Flat"
) -> Printed:
    return Printed(dataset, method, "accuracy", 0.75, protocol, "a paper")


def beside(
    value: float, ours: float | None, unlike: str = UNLIKE, problem: str = "ucr[name=Flat]"
) -> Compared:
    figure = Published(problem, "cnn", "accuracy", value, "a paper", named="CNN", unlike=unlike)
    return Compared(figure, ours, "", cases=100)


def test_the_same_computations_are_taken_and_the_rest_is_counted(folder: Path, registry: Registry) -> None:
    rows = [
        printed("1NN-ED", protocol=SCALED),
        printed("tsml:1NN-DTW"),
        printed("tsml:CNN"),
        printed("tsml:HC2"),
        printed("1NN-ED", protocol="mean of 30 resamples"),
        printed("1NN-ED", dataset="Absent"),
        printed("1NN-ED", dataset="../up"),
    ]
    found = paired(rows, registry)
    assert [(one.problem, one.method, one.unlike) for one, _ in found.jobs] == [
        ("ucr[name=Flat,normalise=series,unequal=pad]", "euclidean-1nn", ""),
        ("ucr[name=Flat]", "dtw-1nn", ""),
    ]
    assert (found.other_splits, found.without_files) == (1, {"Absent", "../up"})
    assert dict(found.others) == {"tsml:CNN": 1, "tsml:HC2": 1}


def test_similar_methods_are_taken_when_they_are_asked_for_with_one_seed(
    folder: Path, registry: Registry
) -> None:
    found = paired([printed("tsml:CNN"), printed("1NN-ED")], registry, ["c*"])
    ((figure, job),) = found.jobs
    assert (figure.method, figure.named, figure.unlike, job.seed) == ("cnn", "tsml:CNN", UNLIKE, 0)
    assert dict(found.others) == {"1NN-ED": 1}


def test_a_learned_window_is_a_share_of_the_length_and_one_that_was_rounded_down_says_so(
    folder: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [printed(f"1NN-DTW(learned_w={share}%)", protocol=SCALED) for share in (0, 12)]
    found = [figure for figure, _ in paired(rows, registry).jobs]
    assert [one.method for one in found] == ["dtw-1nn[window=0.0]", "dtw-1nn[window=0.12]"]
    assert {one.unlike for one in found} == {""}
    monkeypatch.setitem(ROUNDED_DOWN, "Flat", "rounded down")
    both = paired([rows[1], printed("1NN-DTW(w=100)", protocol=SCALED)], registry).jobs
    assert [figure.unlike for figure, _ in both] == ["rounded down", ""]


def test_a_score_that_differs_names_another_version_of_the_files_where_one_is_known() -> None:
    other = beside(0.9, 0.8, "", "ucr[name=PLAID,normalise=series]")
    plain, good = beside(0.9, 0.8, "", "ucr[name=Coffee]"), beside(0.8, 0.8, "", "ucr[name=PLAID]")
    found = explained([other, plain, good])
    assert [one.verdict for one in found] == ["cannot agree", "differs", "agrees"]
    assert found[0].why == OTHER_COPIES["PLAID"]


def test_similar_scores_are_summed_up_as_how_many_intervals_hold_0_and_the_mean_difference() -> None:
    rows = [
        beside(0.90, 0.88),
        beside(0.90, 0.60),
        beside(0.50, 0.54),
        beside(0.7, None),
        beside(0.6, 0.60001),
        beside(0.7, 0.7, ""),
    ]
    (one,) = likenesses(rows)
    assert (one.method, one.named, one.problems, one.inside, one.equal) == ("cnn", "CNN", 4, 3, 1)
    assert [(each.one, each.high < 0) for each in one.outside] == [(rows[1], True)]
    assert one.mean == pytest.approx((-0.02 - 0.30 + 0.04 + 0.00001) / 4)


@pytest.mark.parametrize(
    ("problem", "values"),
    [
        ("ucr[name=Flat]", "as read"),
        ("tser[name=Flat,normalise=series]", "z-normalised"),
        ("ucr[name=Flat,normalise=series,unequal=pad]", "z-normalised, padded"),
        ("ucr[name=Flat,unequal=pad]", "as read, padded"),
        ("ett[name=ETTh1]", ""),
    ],
)
def test_a_score_of_the_archive_says_which_values_it_is_of(problem: str, values: str) -> None:
    assert values_of(problem) == values


def test_the_line_of_a_similar_method_is_followed_by_its_outliers() -> None:
    (one,) = likenesses([beside(0.9, 0.6), beside(0.9, 0.88)])
    first, second = _likeness(one)
    assert first == (
        "cnn beside CNN of a paper: mean difference -0.1600 over 2 problems; on 1 of them 0 lies within the "
        "95 % interval of the difference; 0 are equal in every published digit"
    )
    assert second.startswith("  outside: ucr[name=Flat], 0.6000 beside 0.9000, interval -0.4")
    assert second.endswith("(100 test cases)")


@given(SHARES, SHARES)
def test_the_interval_of_a_difference_equals_that_of_statsmodels(one: int, other: int) -> None:
    got = difference(one / 40, other / 40, 40)
    wanted = confint_proportions_2indep(one, 40, other, 40, method="newcomb", compare="diff")
    assert got == pytest.approx(wanted, abs=1e-9)


def test_the_command_prints_what_agrees_and_ends_with_1_if_a_score_differs(folder: Path) -> None:
    table = folder / "scores.csv"
    table.write_text("dataset,method,accuracy\nFlat,1NN-ED,0.75\nFlat,1NN-DTW,0.75\n")
    command = ["published", "--scores", str(table)]
    good = CliRunner().invoke(main, command)
    assert good.exit_code == 0, good.output
    assert "ucr[name=Flat]  as read  euclidean-1nn" in good.output
    assert good.output.splitlines()[-1] == "2 of 2 scores that must agree do"
    table.write_text("dataset,method,accuracy\nFlat,1NN-ED,0.7654\nFlat,XYZ,0.7\n")
    bad = CliRunner().invoke(main, command)
    assert bad.exit_code == 1
    assert "DIFFERS" in bad.output
    assert "left out, scores of methods that are not here or not asked for: XYZ (1)\n" in bad.output


def test_of_many_methods_that_are_left_out_the_most_frequent_are_named() -> None:
    others: Counter[str] = Counter({f"M{i}": 1 for i in range(10)} | {"Often": 5})
    (said,) = _apart(Paired(others=others))
    assert said.endswith(
        "not asked for: Often (5), " + ", ".join(f"M{i} (1)" for i in range(7)) + " and 3 of 3 other names"
    )


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("dataset,method,accuracy\nAway,1NN-ED,1\n", [], "none of its scores can be compared"),
        ("dataset,method\nFlat,1NN-ED\n", [], "needs the columns dataset, method and one metric"),
        ("dataset,method,accuracy\nFlat,1NN-ED,1\n", ["--datasets", "Z*"], "none of its scores"),
    ],
)
def test_what_cannot_be_compared_ends_in_one_sentence_and_exit_2(
    folder: Path, text: str, more: list[str], says: str
) -> None:
    (folder / "scores.csv").write_text(text)
    result = CliRunner().invoke(main, ["published", "--scores", "scores.csv", *more])
    assert result.exit_code == 2
    assert says in result.output
    assert not (folder / "runs").exists()


def test_methods_without_a_table_are_refused(folder: Path) -> None:
    result = CliRunner().invoke(main, ["published", "--methods", "cnn"])
    assert result.exit_code == 2
    assert "name its file with --scores" in result.output


def test_shared_archives_meet_the_nearest_neighbour_of_their_own_summary(
    real: Path, registry: Registry
) -> None:
    """Series of several lengths get zeros up to the end of their row, and then every series is scaled."""
    (choice,) = registry.select_datasets(["ucr[name=AllGestureWiimoteY,normalise=series,unequal=pad]"])
    problem = build(choice, None)
    train, test = (np.stack([x[:, 0] for x in part.x]) for part in (problem.train, problem.test))
    assert train.shape[1] == 500
    nearest = ((test[:, None, :] - train[None]) ** 2).sum(axis=2).argmin(axis=1)
    right = [int(problem.train.y[i][0] == y[0]) for i, y in zip(nearest, problem.test.y, strict=True)]
    assert round(float(np.mean(right)), 4) == 0.5686


def test_the_warping_neighbour_of_regression_has_a_band_of_a_tenth_of_the_length(
    real: Path, registry: Registry
) -> None:
    rows = [Printed("Covid3Month", "1NN-DTW", "rmse", 0.05215360, "default split", "a paper")]
    ((figure, job),) = paired(rows, registry).jobs
    assert (figure.problem, figure.method) == ("tser[name=Covid3Month]", "dtw-1nn[window=8]")
    problem = build(job.dataset, None)
    answers = load(job.method.plugin)(problem.task, problem.train, **job.method.settings)(problem.test)
    assert score(problem.task, problem.test, answers).values["rmse"] == pytest.approx(figure.value, abs=1e-8)
