"""Refusals of methods, each with its remedy carried out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from matplotlib.figure import Figure
from recurbench import from_estimator, from_forecaster
from recurbench.contract.toy_problems import Tiny, gaps, tinies
from recurbench.methods._warping import band_radius
from recurbench.registry import discover, load
from recurbench.reports.figures.canvas import save
from recurbench.reports.statistics.crossover import crossing
from recurbench.reports.statistics.paired_tests import Mean
from recurbench.reports.statistics.signed_rank import signed_rank
from recurbench.task import Split, Values
from remedies import Remedy, Said, call
from sklearn.linear_model import LogisticRegression, Ridge

Change = Callable[[Tiny], Tiny]
QUICK = {"max_steps": 2}
# What a model of statsforecast has, as far as it is needed to tell its library.
MODEL = SimpleNamespace(uses_exog=False, forecast=lambda h, **_: {"mean": np.zeros(h)})


def tiny(kind: str, name: str, unequal: bool = False) -> Tiny:
    return next(one for one in tinies(kind, unequal) if one.name == name)


def answer(address: str, one: Tiny) -> object:
    """Fit a method on a tiny problem and ask it for the test part."""
    choice = discover().select_methods([address])[0]
    function = load(choice.plugin)
    settings = {**choice.settings, **{key: v for key, v in QUICK.items() if key in choice.settings}}
    words = {"seed": 0} if "seed" in inspect.signature(function).parameters else {}
    return function(one.task, one.train, **settings, **words)(one.test)


def foreign(forecaster: object, lags: int | None = None) -> object:
    """Answer a tiny problem with a forecaster of another library."""
    one = tiny("forecasting", "series")
    return from_forecaster(one.task, one.train, forecaster, lags=lags)(one.test)


class Sized(LogisticRegression):
    """A classifier that cannot be made without an argument."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


def estimated(estimator: object, **settings: object) -> object:
    """Answer a tiny problem with an estimator of another library."""
    one = tiny("classification", "numbers")
    return from_estimator(one.task, one.train, estimator, **settings)(one.test)


def method(
    name: str,
    says: str,
    bad: str,
    one: Callable[[], Tiny],
    good: str | Callable[[Said], str] = "",
    mended: Change = lambda one: one,
) -> Remedy:
    """A tiny problem that a method refuses, and the address or the change that the sentence says."""
    return call(
        name,
        says,
        lambda: answer(bad, one()),
        lambda said: answer((good(said) if callable(good) else good) or bad, mended(one())),
    )


def holed(kind: str, name: str) -> Callable[[], Tiny]:
    """A tiny problem with missing values in the questions of train and test."""

    def make() -> Tiny:
        one = tiny(kind, name)
        return replace(one, train=gaps(one.train, "x"), test=gaps(one.test, "x"))

    return make


def filled(one: Tiny) -> Tiny:
    """The same with 0 in every gap."""
    parts = {
        part: replace(split, x=[np.nan_to_num(x, posinf=9.0) for x in split.x], y=split.y)
        for part, split in (("train", one.train), ("test", one.test))
    }
    return replace(one, **parts)


def infinite() -> Tiny:
    one = tiny("classification", "numbers")
    x = [sequence.copy() for sequence in one.train.x]
    x[0][0, 0] = np.inf
    return replace(one, train=replace(one.train, x=x))


def without_steps(kind: str, name: str) -> Callable[[], Tiny]:
    """A tiny problem whose first training example has no step."""

    def make() -> Tiny:
        one = tiny(kind, name)
        return replace(one, train=replace(one.train, x=[one.train.x[0][:0], *one.train.x[1:]]))

    return make


def dropped(one: Tiny) -> Tiny:
    """The same without its first training example."""
    return replace(one, train=one.train.take(range(1, len(one.train))))


def numbers() -> Tiny:
    return tiny("classification", "numbers")


def ragged() -> Tiny:
    return tiny("classification", "numbers", unequal=True)


def causal() -> Tiny:
    return tiny("labelling", "numbers to numbers, causal")


def strange_symbol() -> Tiny:
    one = tiny("classification", "symbols")
    return replace(one, test=replace(one.test, x=[np.full_like(x, 7) for x in one.test.x]))


def with_a_code(one: Tiny) -> Tiny:
    return replace(one, task=replace(one.task, x=Values(8, symbols=True)))


def lone() -> Tiny:
    one = numbers()
    return replace(one, train=one.train.take([0]))


def empty() -> Tiny:
    one = numbers()
    return replace(one, train=Split([], []))


def full(_one: Tiny) -> Tiny:
    return numbers()


GAPPY = np.array([[1.0, np.nan, -1.0, -2.0], [2.0, 1.0, -1.0, -2.0], [1.0, 0.5, -1.0, -3.0]])
DIAL = np.array([1.0, 2.0, 3.0, 4.0])
FILL = r"fill (?:the gaps|them)"
TABLE = [
    method(
        "unequal lengths",
        r"Euclidean distance needs series of one length.*; set (unequal=resample), or pad or truncate",
        "euclidean-1nn",
        ragged,
        lambda said: f"euclidean-1nn[{said[1]}]",
    ),
    call(
        "negative window",
        r"window must not be negative, got -1; give (0) or more steps, or None",
        lambda: band_radius(-1, 5),
        lambda said: band_radius(int(said[1]), 5),
    ),
    method(
        "window of one example",
        r"a window is learned by answering each training example by the others, and there is 1 training "
        r"example; give a window, such as (window=0.1)",
        "dtw-1nn[window=learned]",
        lone,
        lambda said: f"dtw-1nn[{said[1]}]",
    ),
    method(
        "counts of numbers",
        r"most-common answers with symbols; for numbers use (\w+)",
        "most-common",
        lambda: tiny("labelling", "numbers to numbers"),
        "mean",
        lambda _: tiny("regression", "numbers"),
    ),
    method(
        "mean of symbols",
        r"mean answers with numbers; for symbols use (\S+)",
        "mean",
        numbers,
        lambda said: said[1],
    ),
    method(
        "edits of numbers",
        r"edit-1nn compares symbols; for numbers use (\S+) or dtw-1nn",
        "edit-1nn",
        numbers,
        lambda said: said[1],
    ),
    method(
        "both ways",
        r"bidirectional=True, which bilstm sets, reads ahead, but the task is causal; "
        r"use lstm, or leave bidirectional at None or (False)",
        "rnn[bidirectional=True]",
        causal,
        lambda said: f"rnn[bidirectional={said[1]}]",
    ),
    method(
        "kernels both ways",
        r"kernels of inception cover later steps, and the task is causal; use tcn or (cnn)",
        "inception",
        causal,
        lambda said: f"{said[1]}",
    ),
    method(
        "scale of a whole series",
        r"normalise=series reads the whole series, but the task is causal; set (normalise=train)",
        "cnn[normalise=series]",
        causal,
        lambda said: f"cnn[{said[1]}]",
    ),
    method(
        "scale of symbols",
        r"normalise=train scales numbers, and the series are symbols; set (normalise=none)",
        "cnn[normalise=train]",
        lambda: tiny("classification", "symbols"),
        lambda said: f"cnn[{said[1]}]",
    ),
    method(
        "scale of a window",
        r"normalise=window is not for classification; set (normalise=series)",
        "cnn[normalise=window]",
        numbers,
        lambda said: f"cnn[{said[1]}]",
    ),
    method(
        "steps that must stay",
        r"unequal=pad changes the steps, and labelling needs them as they are; set (unequal=native)",
        "cnn[unequal=pad]",
        causal,
        lambda said: f"cnn[{said[1]}]",
    ),
    *(
        method(
            f"kernels of {name} both ways",
            rf"kernels of {name} cover later steps, and the task is causal; use tcn or (cnn)",
            name,
            causal,
            lambda said: f"{said[1]}",
        )
        for name in ("fcn", "resnet")
    ),
    method(
        "window of symbols",
        r"window is 0, wanted a whole number of at least 1; write for example (window=\d+)",
        "ngram-aligned[window=0]",
        lambda: tiny("translation", "symbols"),
        lambda said: f"ngram-aligned[{said[1]}]",
    ),
    method(
        "half an order",
        r"seasonal_order is given without order; give both, or neither to have them chosen",
        "sarimax[seasonal_order=(0,0,0)]",
        lambda: tiny("forecasting", "series"),
        "sarimax[order=(1,0,0),seasonal_order=(0,0,0)]",
    ),
    method(
        "number of parameters",
        r"no width gives 3 parameters within 10 %; the nearest, \d+, gives (\d+): set parameters to another "
        "number",
        "rnn[parameters=3]",
        numbers,
        lambda said: f"rnn[parameters={said[1]}]",
    ),
    method(
        "gaps in features",
        rf"this method needs all values: {FILL} in, or choose",
        "time-domain-ridge",
        holed("regression", "numbers"),
        "",
        filled,
    ),
    method(
        "gaps in maps",
        rf"a linear forecast needs at least 1 step and no gaps: {FILL} first",
        "dlinear",
        holed("forecasting", "series"),
        "",
        filled,
    ),
    method(
        "gaps in lags",
        rf"lags need all values: {FILL} in",
        "ridge-lags",
        holed("forecasting", "series"),
        "",
        filled,
    ),
    method(
        "gaps in a likelihood",
        rf"a likelihood needs at least 1 step and no gaps: {FILL} in",
        "deepar",
        holed("forecasting", "series"),
        "",
        filled,
    ),
    method(
        "gaps in networks",
        rf"a network needs every value: {FILL} first",
        "rnn",
        holed("classification", "numbers"),
        "",
        filled,
    ),
    method(
        "gaps in a delay space",
        rf"needs finite values, but .*; {FILL} \(for example by interpolation\)",
        "analog",
        holed("forecasting", "series"),
        "",
        filled,
    ),
    method("infinite values", "got 1 infinite; clip them", "hmm", infinite, "", filled),
    method(
        "no step before a forecast",
        "has no steps of history; at least one is needed: drop it",
        "ridge-lags",
        without_steps("forecasting", "series"),
        "",
        dropped,
    ),
    method(
        "no step in networks",
        "has no steps; a network needs at least 1: leave the example out",
        "rnn",
        without_steps("classification", "numbers"),
        "",
        dropped,
    ),
    method(
        "no step in features",
        "has no steps; at least one is needed: drop it",
        "time-domain-ridge",
        without_steps("classification", "numbers"),
        "",
        dropped,
    ),
    method(
        "no example",
        "the training part has no examples; at least one is needed: give the problem training data",
        "time-domain-ridge",
        empty,
        "",
        full,
    ),
    method(
        "unknown symbols",
        "markov knows the symbols 0..2, got 7..7; give unknown symbols a code of their own",
        "markov",
        strange_symbol,
        "",
        with_a_code,
    ),
    call(
        "class for a forecaster",
        r"got the class Ridge; write Ridge\(\.\.\.\)",
        lambda: foreign(Ridge),
        lambda _: foreign(Ridge()),
    ),
    call(
        "lags of no regressor",
        "lags is for regressors, and SimpleNamespace is none; leave lags out",
        lambda: foreign(MODEL, 3),
        lambda _: foreign(MODEL),
    ),
    call(
        "regressor for classes",
        "Ridge is a regressor, and the task is classification; give a classifier",
        lambda: estimated(Ridge()),
        lambda _: estimated(LogisticRegression()),
    ),
    call(
        "parameter of no estimator",
        "LogisticRegression has no parameter c; those it has: (C),",
        lambda: estimated(LogisticRegression, c=2.0),
        lambda said: estimated(LogisticRegression, **{said[1]: 2.0}),
    ),
    call(
        "class that needs arguments",
        r"Sized cannot be made without arguments \(.*\); give an instance",
        lambda: estimated(Sized),
        lambda _: estimated(Sized(1)),
    ),
    method(
        "too many filters",
        "is too large: take fewer decays or angles",
        "linear-filter[decays=5000]",
        lambda: tiny("labelling", "numbers to numbers"),
        "linear-filter[decays=2]",
    ),
    call(
        "gaps along a dial",
        "values have gaps; leave out the pairs or the settings that lack them, and say so",
        lambda: crossing(DIAL, GAPPY),
        lambda _: (crossing(DIAL, GAPPY[1:]), crossing(DIAL[[0, 2, 3]], GAPPY[:, [0, 2, 3]])),
    ),
    call(
        "rank of no lift",
        "values to rank must be finite, got .*; leave out what has no lift",
        lambda: signed_rank(GAPPY[0]),
        lambda _: signed_rank(GAPPY[0][np.isfinite(GAPPY[0])]),
    ),
    call(
        "form of a figure",
        r"asks for a figure as gif; known: (\w+)",
        lambda: save(Figure, Path("f.gif")),
        lambda said: save(Figure, Path(f"f.{said[1]}")),
    ),
    call(
        "pair without a value",
        "give a run that failed the skill of the answer it fell back on before pairs are compared",
        lambda: Mean(np.array([0.1, np.nan])),
        lambda _: Mean(np.array([0.1, 0.0])),
    ),
]
