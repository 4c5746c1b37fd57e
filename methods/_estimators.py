"""Classifiers and regressors of aeon, sktime and scikit-learn as methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from recurbench.methods._batch_features import unmoved_generators
from recurbench.methods._learners import smoothed
from recurbench.methods._preparation import learn_preparation, refuse_lengths
from recurbench.methods._settings import Unequal, WholeSeries
from recurbench.methods._tabular import encoded, flat_answers
from recurbench.task import Array, Predictor, Split, Task, Unsupported
from recurbench.task.arithmetic import Floats
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.utils import get_tags

WANTED = "a classifier or a regressor of aeon, sktime or scikit-learn"
INTERFACE = ("fit", "predict", "get_params", "set_params")
# Tags of aeon and sktime.
UNEQUAL = "capability:unequal_length"
MISSING = "capability:missing_values"


def from_estimator(
    task: Task,
    train: Split,
    estimator: Any,
    *,
    seed: int | None = None,
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
    **settings: Any,
) -> Predictor:
    """Answer a classification or regression task with an estimator of aeon, sktime or scikit-learn.

    An estimator of aeon or sktime gets the series as an array [examples, channels, T]. One of scikit-learn
    gets a table with a row per example: the steps of the first channel, then those of the second, and so on.
    A pipeline gets what its first step takes. Symbols become one channel each, 0 or 1.

    `unequal` and `normalise` are those of the built-in methods. With "native", training examples of several
    lengths go as a list of arrays [channels, T] to an aeon estimator that takes unequal lengths. Every other
    estimator refuses the task. If the training examples have one length, questions of another length are
    interpolated linearly to it.

    Missing values (NaN) are passed to an estimator that says it takes them: by the tag
    `capability:missing_values` of aeon and sktime, or the tag `allow_nan` of scikit-learn; of a pipeline the
    first step. All others refuse the task, and the reason names the example.

    Probabilities are those of `predict_proba`; without it the predicted class gets the probability 1. In both
    cases they are smoothed, so that none is 0: with n training examples, one more is spread evenly over the
    classes. For several numbers per answer, each gets a copy of the estimator.

    Parameters
    ----------
    task : Task
        Classification, or regression of a fixed number of values.
    train : Split
        The training part, as a method gets it.
    estimator : object or class
        An instance that is not fitted, or a class. An instance is copied, never changed.
    seed : int, optional
        Given to every parameter called `random_state`, also in the parts of a pipeline, and to numpy's global
        generator while the estimator works. That generator is put back after each call.
    unequal : str
        "native", "pad", "resample" or "truncate".
    normalise : str
        "none", "series" or "train".
    **settings
        Parameters of the estimator, as its `set_params` takes them.

    Returns
    -------
    callable
        The predictor that a method returns. Per example [1, classes], or [steps, values].

    Raises
    ------
    Unsupported
        If the task is neither classification nor regression, a value is missing and the estimator does not
        take that, or the training examples differ in length and it needs one length.
    TypeError
        If `estimator` is none of the above, or has no such parameter; if it is a regressor and the task is
        classification, or the reverse.
    ValueError
        If a value is infinite, the training part is empty, or the estimator fails; the message
        names the estimator and its error. From the predictor also if it answers in another form.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> @method("my-trees", family="features", kinds={"classification"})
    ... def my_trees(task, train, *, n_estimators: int = 100, seed: int = 0):
    ...     return from_estimator(task, train, ExtraTreesClassifier, seed=seed, n_estimators=n_estimators)
    """
    if task.kind not in ("classification", "regression"):
        raise Unsupported("an estimator answers classification and regression")
    answers = flat_answers(task, train)
    model = _prepared(estimator, settings, seed)
    classes = task.y.symbols
    wanted = "classifier" if classes else "regressor"
    if _sort(model) != wanted:
        raise TypeError(
            f"{type(model).__name__} is a {_sort(model)}, and the task is {task.kind}; give a {wanted}"
        )
    layout = _Layout(task, train, model, unequal, normalise)
    targets = answers.argmax(axis=1)[:, None] if classes else answers
    fitted = [_fit(model, layout(train), column, classes, seed) for column in targets.T]
    return _Estimated(task, layout, fitted, len(train), seed, _name(model))


def _prepared(estimator: Any, settings: Mapping[str, Any], seed: int | None) -> Any:
    """A copy with its settings and seeds; TypeError if it is no estimator or has no such parameter."""
    made = estimator
    if isinstance(estimator, type) and hasattr(estimator, "get_params"):
        try:
            made = estimator()
        except TypeError as error:
            raise TypeError(
                f"{estimator.__name__} cannot be made without arguments ({error}); give an instance"
            ) from None
    if not _sort(made):
        what = made.__name__ if isinstance(made, type) else type(made).__name__
        raise TypeError(f"from_estimator takes {WANTED}, got {what}")
    copied = clone(made)
    known = copied.get_params(deep=True)
    strange = sorted(set(settings) - set(known))
    if strange:
        own = ", ".join(sorted(name for name in known if "__" not in name)) or "none"
        raise TypeError(f"{type(made).__name__} has no parameter {', '.join(strange)}; those it has: {own}")
    copied.set_params(**settings)
    if seed is not None:
        names = copied.get_params(deep=True)
        copied.set_params(**{name: seed for name in names if name.rpartition("__")[2] == "random_state"})
    return copied


def _sort(model: Any) -> str:
    """What an estimator is, "classifier" or "regressor"; "" if neither."""
    if isinstance(model, type) or not all(hasattr(model, name) for name in INTERFACE):
        return ""
    if _library(model) == "sktime":
        told = model.get_tag("object_type", raise_error=False)
        sorts = {told} if isinstance(told, str) else set(told or ())
    else:
        try:
            sorts = {"classifier" if is_classifier(model) else "regressor" if is_regressor(model) else ""}
        except AttributeError:  # it is not made for scikit-learn
            sorts = set()
    return next((sort for sort in ("classifier", "regressor") if sort in sorts), "")


def _name(model: Any) -> str:
    return f"{type(model).__module__.partition('.')[0]}: {' '.join(repr(model).split())}"[:200]


def _library(model: Any) -> str:
    """Whose layout an estimator, or the first step of a pipeline, takes: that of aeon, sktime or sklearn."""
    steps = getattr(model, "steps", None)
    roots = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    for name in ("aeon", "sktime"):
        if name in roots:
            return name
    if isinstance(steps, list) and steps:
        return _library(steps[0][1])
    return "sklearn"


class _Layout:
    """Turns a split into what an estimator takes: an array, a table or a list of arrays."""

    def __init__(self, task: Task, train: Split, model: Any, unequal: str, normalise: str) -> None:
        self._task, self._library = task, _library(model)
        self._gaps = _takes_gaps(model)
        several = len({len(x) for x in train.x}) > 1
        self._as_list = several and unequal == "native" and self._library == "aeon" and _tag(model, UNEQUAL)
        if unequal == "native" and not self._as_list:
            refuse_lengths(type(model).__name__, train)
            unequal = "resample"
        self._prepare = learn_preparation(task, self._series(train), unequal=unequal, normalise=normalise)
        self.notes = self._prepare.notes

    def __call__(self, split: Split) -> Any:
        series = [self._prepare(x) for x in self._series(split)]
        if self._as_list:
            return [np.array(x.T, order="C") for x in series]
        stacked = np.stack([x.T for x in series]).copy()
        return stacked.reshape(len(stacked), -1) if self._library == "sklearn" else stacked

    def _series(self, split: Split) -> list[Floats]:
        """The examples as numbers; ValueError if one has a value that the estimator cannot take."""
        return [self._numbers(x, i) for i, x in enumerate(split.x)]

    def _numbers(self, x: Array, i: int) -> Floats:
        gaps = np.isnan(x)
        if not self._gaps or not gaps.any():
            return encoded(self._task, x, i)
        encoded(self._task, np.where(gaps, 0.0, x), i)  # refuses infinite values
        return self._task.x.encode(x)


def _tag(model: Any, name: str) -> bool:
    return bool(hasattr(model, "get_tag") and model.get_tag(name, raise_error=False))


def _takes_gaps(model: Any) -> bool:
    """Whether an estimator says that it takes missing values; of a pipeline its first step."""
    if hasattr(model, "get_tag"):  # of aeon or sktime
        return _tag(model, MISSING)
    steps = getattr(model, "steps", None)
    if isinstance(steps, list) and steps:
        return _takes_gaps(steps[0][1])
    return hasattr(model, "__sklearn_tags__") and bool(get_tags(model).input_tags.allow_nan)


def _fit(model: Any, inputs: Any, column: Floats, classes: bool, seed: int | None) -> Any:
    """A fitted copy, or the only class of the training part."""
    if classes and (column == column[0]).all():
        return int(column[0])
    copied = clone(model)
    # Copies, because an estimator may change what it is given.
    with unmoved_generators(seed), _in_words(model):
        copied.fit(_copied(inputs), column.copy())
    return copied


def _copied(inputs: Any) -> Any:
    return [x.copy() for x in inputs] if isinstance(inputs, list) else inputs.copy()


class _Estimated:
    """Fitted estimators, one per number of the answer, as a predictor."""

    def __init__(
        self,
        task: Task,
        layout: _Layout,
        fitted: Sequence[Any],
        examples: int,
        seed: int | None,
        name: str,
    ) -> None:
        self._task, self._layout, self._fitted = task, layout, fitted
        self._examples, self._seed = examples, seed
        self.notes: dict[str, Any] = {"estimator": name, "examples": examples, **layout.notes}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with [1, classes] or [steps, values]."""
        if not len(split):
            return []
        inputs = self._layout(split.blind())
        answer = self._chances if self._task.y.symbols else self._numbers
        told = answer(inputs, len(split))
        return [row.reshape(self._task.steps, self._task.y.size) for row in told]

    def _chances(self, inputs: Any, count: int) -> Floats:
        chances = np.zeros((count, self._task.y.size))
        model = self._fitted[0]
        if isinstance(model, int):
            chances[:, model] = 1.0
        elif callable(getattr(model, "predict_proba", None)):
            chances[:, np.asarray(model.classes_, dtype=np.int64)] = self._asked(
                model, "predict_proba", inputs, (count, len(model.classes_))
            )
        else:
            told = self._asked(model, "predict", inputs, (count,)).astype(np.int64)
            chances[np.arange(count), told] = 1.0
        return smoothed(chances / chances.sum(axis=1, keepdims=True), self._examples)

    def _numbers(self, inputs: Any, count: int) -> Floats:
        columns = [self._asked(model, "predict", inputs, (count,)) for model in self._fitted]
        told = np.stack(columns, axis=1)
        if self._task.y.flags:
            least = 1 / (self._examples + 2)
            told = np.clip(told, least, 1 - least)
        return told

    def _asked(self, model: Any, what: str, inputs: Any, shape: tuple[int, ...]) -> Floats:
        with unmoved_generators(self._seed), _in_words(model):
            told = np.asarray(getattr(model, what)(_copied(inputs)), dtype=np.float64)
        if told.ndim == len(shape) + 1 and told.shape[-1] == 1:
            told = told[..., 0]
        if told.shape != shape or not np.isfinite(told).all():
            raise ValueError(
                f"{type(model).__name__}.{what} answered an array of shape {told.shape}"
                f"{'' if np.isfinite(told).all() else ' with NaN or infinite values'}, wanted finite numbers "
                f"of shape {shape}"
            )
        return told


@contextmanager
def _in_words(model: Any) -> Iterator[None]:
    """Errors of an estimator as ValueError with its name; a wrong name in its code is passed on."""
    try:
        yield
    except (NameError, ImportError):
        raise
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0][:200]
        raise ValueError(f"{type(model).__name__} failed: {type(error).__name__}: {first}") from error
