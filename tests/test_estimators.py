"""Estimators of other libraries as methods: what they are given, what they answer, and how they fail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aeon.classification import DummyClassifier as AeonDummy
from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier
from aeon.regression.distance_based import KNeighborsTimeSeriesRegressor
from aeon.transformations.collection.feature_based import Catch22
from click.testing import CliRunner
from recurbench import Split, Task, Unsupported, Values, from_estimator
from recurbench.cli.main import main
from recurbench.provenance import code_hash, files
from recurbench.registry import discover
from recurbench.task.arithmetic import standardised
from series_sets import cube, labels, numbers, shapes
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

DOCS = Path(__file__).parents[1] / "docs" / "plugins.md"
NO_SKTIME = "sktime is not installed; it is no extra of the package"
LIBRARIES = ("aeon", "sktime", "sklearn")


def blocks() -> dict[str, str]:
    """The plugin files that the page on plugins shows, by the library they use."""
    text = DOCS.read_text(encoding="utf-8").partition("### A classifier or regressor of another library")[2]
    shown = re.findall(r"```python\n(.*?)```", text.partition("\n### ")[0], re.DOTALL)
    return {name: code for code in shown for name in LIBRARIES if f"from {name}" in code}


def table(split: Split) -> np.ndarray:
    """A row per example, the steps of the first channel first."""
    return cube(split).reshape(len(split), -1)


def gappy() -> tuple[Task, Split, Split]:
    """The shapes with one missing value in training example 2 and in each tested example."""
    task, train, test = shapes()
    train.x[2][0, 0] = np.nan
    for x in test.x:
        x[1, 0] = np.nan
    return task, train, test


class Seen(ClassifierMixin, BaseEstimator):
    """Remembers what it is given, draws from the global generator, and answers the first class."""

    given: Any = None

    def __init__(self, random_state: int | None = None) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Seen:
        Seen.given, self.classes_ = (X, y, self.random_state, np.random.random()), np.unique(y)  # noqa: NPY002
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("channels", [1, 2])
def test_scikit_learn_gets_a_table_and_its_probabilities_come_back_smoothed(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = RandomForestClassifier(20, random_state=4).fit(table(train), labels(train))
    chances = np.concatenate(from_estimator(task, train, RandomForestClassifier(20), seed=4)(test.blind()))
    np.testing.assert_allclose(chances, (24 * theirs.predict_proba(table(test)) + 1 / 3) / 25)


@pytest.mark.parametrize("channels", [1, 2])
def test_aeon_gets_channels_before_time(channels: int) -> None:
    task, train, test = shapes(channels=channels)
    theirs = KNeighborsTimeSeriesClassifier(distance="euclidean").fit(cube(train), labels(train))
    chances = np.concatenate(
        from_estimator(task, train, KNeighborsTimeSeriesClassifier, distance="euclidean")(test.blind())
    )
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))


def test_sktime_gets_channels_before_time() -> None:
    kind = pytest.importorskip("sktime.classification.distance_based", reason=NO_SKTIME)
    task, train, test = shapes(channels=2)
    model = kind.KNeighborsTimeSeriesClassifier(distance="euclidean")
    theirs = model.clone().fit(cube(train), labels(train))
    chances = np.concatenate(from_estimator(task, train, model)(test.blind()))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs.predict(cube(test)))


def test_a_pipeline_gets_what_its_first_step_takes() -> None:
    task, train, test = shapes()
    pipeline = make_pipeline(Catch22(replace_nans=True), StandardScaler(), LogisticRegression())
    chances = np.concatenate(from_estimator(task, train, pipeline)(test.blind()))
    theirs = pipeline.fit(cube(train), labels(train)).predict(cube(test))
    np.testing.assert_array_equal(chances.argmax(axis=1), theirs)


def test_regressors_of_aeon_and_scikit_learn_answer_numbers() -> None:
    task, train, test = numbers()
    near = KNeighborsTimeSeriesRegressor(distance="euclidean").fit(cube(train), labels(train))
    answers = from_estimator(task, train, KNeighborsTimeSeriesRegressor(distance="euclidean"))(test.blind())
    np.testing.assert_allclose(np.concatenate(answers)[:, 0], near.predict(cube(test)))
    forest = RandomForestRegressor(10, random_state=1).fit(table(train), labels(train))
    answers = from_estimator(task, train, RandomForestRegressor, seed=1, n_estimators=10)(test.blind())
    np.testing.assert_allclose(np.concatenate(answers)[:, 0], forest.predict(table(test)))


def test_several_numbers_per_answer_get_a_copy_each() -> None:
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(6, 1)) for _ in range(20)]
    train = Split(x, [np.array([[v[0, 0], 2.0], [v[1, 0], 3 * v[5, 0]]]) for v in x])
    task = Task("regression", Values(1), Values(2), "fixed", steps=2)
    predict = from_estimator(task, train, LinearRegression())
    np.testing.assert_allclose(np.stack(predict(train.blind())), np.stack(train.y), atol=1e-9)


def test_without_probabilities_the_decision_is_smoothed() -> None:
    task, train, test = shapes()
    theirs = LinearSVC(random_state=0).fit(table(train), labels(train)).predict(table(test))
    chances = np.concatenate(from_estimator(task, train, LinearSVC(), seed=0)(test.blind()))
    np.testing.assert_allclose(chances, (24 * np.eye(3)[theirs.astype(int)] + 1 / 3) / 25)


def test_labels_may_come_in_any_order_and_lack_a_class() -> None:
    task, train, test = shapes()
    turned = train.take([i for i in range(23, -1, -1) if train.y[i][0] != 1])
    chances = np.concatenate(from_estimator(task, turned, RandomForestClassifier(30), seed=0)(test.blind()))
    known = labels(test) != 1
    assert (chances[known].argmax(axis=1) == labels(test)[known]).mean() > 0.6
    np.testing.assert_allclose(chances[:, 1], 1 / 3 / 17)


def test_one_class_is_answered_without_a_fit() -> None:
    task, train, test = shapes()
    chances = from_estimator(task, train.take(range(8)), LogisticRegression())(test.blind())
    np.testing.assert_allclose(np.concatenate(chances)[:, 0], (8 + 1 / 3) / 9)


def test_the_seed_is_given_and_the_global_generator_put_back() -> None:
    task, train, test = shapes()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    model = Seen()
    from_estimator(task, train, model, seed=9)(test.blind())
    assert Seen.given[2] == 9
    assert Seen.given[3] == np.random.RandomState(9).random_sample()
    assert model.random_state is None, "the object of the user was changed"
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    pipeline = make_pipeline(StandardScaler(), Seen())
    from_estimator(task, train, pipeline, seed=8)
    assert Seen.given[2] == 8


def test_unequal_lengths_reach_an_aeon_estimator_that_takes_them_and_no_other() -> None:
    task, train, test = shapes()
    mixed = Split([x[: 16 + i % 9] for i, x in enumerate(train.x)], train.y)
    model = KNeighborsTimeSeriesClassifier(distance="dtw")
    theirs = model.fit([x.T.copy() for x in mixed.x], labels(mixed))
    asked = Split([test.x[0][:10], test.x[9]])
    chances = np.concatenate(from_estimator(task, mixed, KNeighborsTimeSeriesClassifier)(asked))
    np.testing.assert_array_equal(
        chances.argmax(axis=1), theirs.predict([x.T.copy() for x in asked.x]).astype(int)
    )
    with pytest.raises(
        Unsupported, match=r"LogisticRegression needs series of one length, .* 16 to 24 steps"
    ):
        from_estimator(task, mixed, LogisticRegression())


def test_prepared_series_are_those_prepared_by_hand() -> None:
    task, train, test = shapes()
    mixed = Split([x[: 16 + i % 9] for i, x in enumerate(train.x)], train.y)
    model = LogisticRegression()
    told = from_estimator(task, mixed, model, unequal="truncate", normalise="series")(test.blind())
    cut = Split([standardised(x[:16]) for x in mixed.x], mixed.y)
    asked = Split([standardised(x[:16]) for x in test.x])
    np.testing.assert_allclose(told, from_estimator(task, cut, model)(asked), atol=1e-12)


@pytest.mark.parametrize("model", [HistGradientBoostingClassifier(), make_pipeline(SimpleImputer(), Seen())])
def test_missing_values_reach_an_estimator_that_takes_them(model: Any) -> None:
    task, train, test = gappy()
    ours = np.concatenate(from_estimator(task, train, model)(test.blind()))
    theirs = model.fit(table(train), labels(train)).predict(table(test))
    np.testing.assert_array_equal(ours.argmax(axis=1), theirs)


def test_an_aeon_estimator_gets_missing_values_if_its_tag_says_so() -> None:
    task, train, test = gappy()
    assert np.isfinite(from_estimator(task, train, AeonDummy())(test.blind())).all()
    with pytest.raises(Unsupported, match=r"example 2 has 1 missing or infinite values .* fill them in"):
        from_estimator(task, train, KNeighborsTimeSeriesClassifier())


def test_missing_values_stay_where_series_are_scaled() -> None:
    task, train, test = gappy()
    ours = np.concatenate(
        from_estimator(task, train, HistGradientBoostingClassifier(), normalise="series")(test.blind())
    )
    rows, asked = (
        np.stack([((x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)).T.ravel() for x in part.x])
        for part in (train, test)
    )
    theirs = HistGradientBoostingClassifier().fit(rows, labels(train)).predict(asked)
    np.testing.assert_array_equal(ours.argmax(axis=1), theirs)


def test_infinite_values_are_refused_by_an_estimator_that_takes_missing_ones() -> None:
    task, train, _ = gappy()
    train.x[2][3, 0] = np.inf
    with pytest.raises(ValueError, match="example 2 has 1 missing or infinite values"):
        from_estimator(task, train, HistGradientBoostingClassifier())


def test_questions_of_another_length_are_interpolated() -> None:
    task, train, _ = shapes(steps=9)
    predict = from_estimator(task, train, KNeighborsTimeSeriesClassifier(distance="euclidean"))
    long = Split([np.repeat(x, 2, axis=0)[:-1] for x in train.x])
    assert np.isfinite(np.concatenate(predict(long))).all()


@pytest.mark.parametrize(
    ("given", "settings", "words"),
    [
        (3, {}, "takes a classifier or a regressor of aeon, sktime or scikit-learn, got int"),
        (KMeans(), {}, "scikit-learn, got KMeans"),
        (StandardScaler, {}, "scikit-learn, got StandardScaler"),
        (
            LinearRegression(),
            {},
            "LinearRegression is a regressor, and the task is classification; give a class",
        ),
        (
            LogisticRegression,
            {"trees": 3},
            "LogisticRegression has no parameter trees; those it has: C, class",
        ),
        (AeonDummy(), {"k": 1, "a": 2}, "DummyClassifier has no parameter a, k; those it has: constant, "),
    ],
    ids=["number", "clusterer", "transformer", "regressor", "parameter", "parameters"],
)
def test_what_does_not_fit_is_refused_in_words(given: Any, settings: dict[str, int], words: str) -> None:
    task, train, _ = shapes()
    with pytest.raises(TypeError, match=words):
        from_estimator(task, train, given, **settings)


def test_a_class_that_needs_arguments_asks_for_an_instance() -> None:
    class Needs(ClassifierMixin, BaseEstimator):
        def __init__(self, size: int) -> None:
            self.size = size

    task, train, _ = shapes()
    with pytest.raises(TypeError, match=r"Needs cannot be made without arguments .*; give an instance"):
        from_estimator(task, train, Needs)


def test_forecasts_and_gaps_are_refused() -> None:
    task, train, _ = shapes()
    forecast = Task("forecasting", Values(1), Values(1), "fixed", steps=2)
    with pytest.raises(Unsupported, match="answers classification and regression"):
        from_estimator(forecast, train, LinearRegression())
    train.x[2][0, 0] = np.nan
    with pytest.raises(Unsupported, match="example 2 has 1 missing"):
        from_estimator(task, train, LogisticRegression())


class Odd(RegressorMixin, BaseEstimator):
    """Fails, or answers too little or NaN."""

    def __init__(self, how: str = "") -> None:
        self.how = how

    def fit(self, X: Any, y: Any) -> Odd:
        if self.how == "fit":
            raise KeyError("rank\nand more")
        if self.how == "name":
            raise NameError("lenght")
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X) - (self.how == "short"), np.nan if self.how == "nan" else 1.0)


def test_an_estimator_that_fails_is_named_with_its_error() -> None:
    task, train, test = numbers()
    with pytest.raises(ValueError, match="Odd failed: KeyError: 'rank"):
        from_estimator(task, train, Odd("fit"))
    with pytest.raises(NameError, match="lenght"):
        from_estimator(task, train, Odd("name"))
    with pytest.raises(
        ValueError, match=r"Odd.predict answered an array of shape \(29,\), wanted finite num"
    ):
        from_estimator(task, train, Odd("short"))(test.blind())
    with pytest.raises(ValueError, match="with NaN or infinite values, wanted finite numbers of shape"):
        from_estimator(task, train, Odd("nan"))(test.blind())


def test_the_notes_name_the_estimator() -> None:
    task, train, _ = shapes()
    notes = from_estimator(task, train, RandomForestClassifier, n_estimators=5, seed=2).notes
    assert notes["estimator"] == "sklearn: RandomForestClassifier(n_estimators=5, random_state=2)"


def test_the_page_shows_a_file_for_each_library() -> None:
    shown = blocks()
    assert set(shown) == set(LIBRARIES)
    for code in shown.values():
        assert len(code.strip().partition("\n\n\n")[2].splitlines()) == 3


@pytest.mark.long
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_shown_file_runs_and_passes_every_check(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library, reason=NO_SKTIME)
    file = tmp_path / "mine.py"
    file.write_text(blocks()[library])
    checked = CliRunner().invoke(main, ["check", str(file)])
    assert checked.exit_code == 0, checked.output
    assert " 0 failed" in checked.output


def test_settings_are_given_in_the_name_of_the_method(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(blocks()["sklearn"])
    choice = discover([file]).select_methods(["my-trees[n_estimators=50]"])[0]
    assert choice.settings["n_estimators"] == 50
    read = {path.name for path in files(choice.plugin)}
    assert {"mine.py", "_estimators.py", "_batch_features.py"} <= read
    assert code_hash(choice.plugin)
