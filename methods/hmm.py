"""Hidden Markov models: labels as hidden states, or one model per class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._bayes import choose_temperature, class_chances, class_priors, labels_of
from recurbench.methods._markov_chains import (
    Categorical,
    Emission,
    Floats,
    Gaussian,
    Hidden,
    backward,
    baum_welch,
    rows_from_counts,
)
from recurbench.methods._preparation import Preparation, learn_preparation
from recurbench.methods._settings import AtLeast1, WholeSeries
from recurbench.task import Array, Predictor


def _inputs(task: Task, x: Array) -> Floats:
    """x as floats [T, channels]; missing values are NaN and skipped; ValueError if one is infinite."""
    values = task.x.encode(x)
    if np.isinf(values).any():
        raise ValueError(
            f"hmm needs finite or missing (NaN) values, got {int(np.isinf(values).sum())} infinite; clip them"
        )
    return values


def _learn_scale(task: Task, train: Split, normalise: str) -> Preparation:
    series = [_inputs(task, x) for x in train.x]
    return learn_preparation(task, series, unequal="native", normalise=normalise)


def _base(x: Floats) -> Floats:
    """Mean and variance [2, channels] of all steps; a constant or missing channel gets variance 1."""
    present = np.isfinite(x)
    count = np.maximum(present.sum(axis=0), 1)
    mean = np.where(present, x, 0.0).sum(axis=0) / count
    variance = np.where(present, (x - mean) ** 2, 0.0).sum(axis=0) / count
    return np.array([mean, np.where(variance > 0, variance, 1.0)])


def _emission(task: Task, x: Floats, chances: Floats, base: Floats) -> Emission:
    return Categorical.of(x, chances) if task.x.symbols else Gaussian.of(x, chances, base)


class Labeller:
    """Labels as hidden states; answers are filtered in causal tasks, smoothed in others."""

    def __init__(self, task: Task, chain: Hidden, prepare: Preparation) -> None:
        self.task = task
        self.chain = chain
        self._prepare = prepare
        size = task.y.size
        self.notes: dict[str, Any] = {
            "answers": "filter" if task.causal else "smoother",
            "start": chain.start.tolist(),
            "move": chain.move.tolist(),
            "parameters": size - 1 + size * (size - 1) + _emission_parameters(chain.emission),
            **prepare.notes,
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [T, K]."""
        answer = self.chain.filtered if self.task.causal else self.chain.smoothed
        return [answer(self._read(x)) for x in split.x]

    def components(self, split: Split) -> dict[str, Any]:
        """The likeliest path of labels [T] given the whole example, for reports; in causal tasks, too."""
        paths = [self.chain.path(self._read(x)) for x in split.x]
        return {"paths": paths, "states": self.task.y.size}

    def log_likelihood(self, split: Split) -> list[Floats]:
        """log P(y_t | y_{t-1}, x), [S] each; x up to t in causal tasks, all of x in others (then exact)."""
        return [self._terms(self._read(x), y) for x, y in zip(split.x, split.y, strict=True)]

    def _read(self, x: Array) -> Floats:
        return self._prepare(_inputs(self.task, x))

    def _terms(self, x: Floats, y: Array) -> Floats:
        log_emission = self.chain.emission.log(x)
        labels = np.asarray(y, dtype=np.int64)
        prior = np.vstack([self.chain.start, self.chain.move[labels[:-1]]])
        scores = np.log(prior) + log_emission
        if not self.task.causal:
            with np.errstate(divide="ignore"):
                scores = scores + np.log(backward(self.chain.move, log_emission))
        top = scores.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
        return np.asarray(scores[np.arange(len(labels)), labels] - total)


def _emission_parameters(emission: Emission) -> int:
    if isinstance(emission, Gaussian):
        return int(2 * emission.mean.size)
    if isinstance(emission, Categorical):
        return int(emission.chances.size - len(emission.chances))
    return 0


def _fit_labeller(task: Task, train: Split, normalise: str) -> Labeller:
    """Estimate transitions and emissions from the labels; one case is added to every row of counts."""
    size = task.y.size
    moves, firsts = np.zeros((size, size)), np.zeros(size)
    for y in train.y:
        np.add.at(moves, (y[:-1], y[1:]), 1.0)
        firsts[int(y[0])] += 1.0
    prepare = _learn_scale(task, train, normalise)
    x = np.concatenate([prepare(_inputs(task, sequence)) for sequence in train.x])
    known = np.eye(size)[np.concatenate([np.asarray(y, dtype=np.int64) for y in train.y])]
    emission = _emission(task, x, known, _base(x))
    chain = Hidden(rows_from_counts(firsts, 1.0), rows_from_counts(moves, 1.0), emission)
    return Labeller(task, chain, prepare)


def first_guesses(sequences: Sequence[Floats], states: int, symbols: bool) -> list[Floats]:
    """First guesses of the state probabilities [sum of T, states]: by position and, for numbers, by value.

    Positions in the sequence are cut into equal parts, which suits gestures with phases. Ranks of the values
    of the channel that varies most are cut into equal parts, which suits series that return to the same
    levels. Both are deterministic.
    """
    places = np.concatenate([np.arange(len(s)) * states // len(s) for s in sequences])
    guesses = [places]
    if not symbols:
        x = np.concatenate(sequences)
        base = _base(x)
        values = np.where(np.isfinite(x), x, base[0])
        channel = values[:, int(np.argmax(values.var(axis=0)))]
        ranks = np.argsort(np.argsort(channel, kind="stable"), kind="stable")
        guesses.append(ranks * states // len(channel))
    # Every state gets some probability everywhere, because Baum-Welch never changes a zero.
    return [0.9 * np.eye(states)[guess] + 0.1 / states for guess in guesses]


@dataclass(frozen=True)
class Recipe:
    """How the model of one class is fitted; slopes: whether each step also emits its slope.

    normalise: how the values are scaled first, see `_preparation`.
    """

    states: int
    rounds: int
    slopes: bool
    normalise: str


class Classifier:
    """One hidden Markov model per class, and Bayes' rule."""

    def __init__(self, task: Task, train: Split, recipe: Recipe) -> None:
        self.task = task
        self.recipe = recipe
        self._prepare = _learn_scale(task, train, recipe.normalise)
        labels = labels_of(train)
        sequences = [self._emitted(x) for x in train.x]
        base = _base(np.concatenate(sequences))
        self.priors = class_priors(labels, task.y.size)
        self.temperature = 1.0
        self.rounds: list[int] = []
        self.chains = []
        for label in range(task.y.size):
            of_class = [sequences[i] for i in np.flatnonzero(labels == label)]
            # A class without examples gets a model of all examples; its prior makes it unlikely.
            self.chains.append(self._learn(of_class or sequences, base))

    def _emitted(self, x: Array) -> Floats:
        """The values of every step and, for numbers, their slopes: [T, channels] or [T, 2 * channels]."""
        values = self._prepare(_inputs(self.task, x))
        if self.task.x.symbols or not self.recipe.slopes:
            return values
        slopes = np.gradient(values, axis=0) if len(values) > 1 else np.zeros_like(values)
        return np.concatenate([values, slopes], axis=1)

    def _learn(self, sequences: Sequence[Floats], base: Floats) -> Hidden:
        states = max(1, min(self.recipe.states, sum(len(s) for s in sequences) // 4))
        x = np.concatenate(sequences)
        tried = [
            baum_welch(sequences, _emission(self.task, x, guess, base), guess, self.recipe.rounds)
            for guess in first_guesses(sequences, states, self.task.x.symbols)
        ]
        chain, _, used = max(tried, key=lambda fit: fit[1])
        self.rounds.append(used)
        return chain

    @property
    def notes(self) -> dict[str, Any]:
        """States and rounds of every class, and the temperature."""
        moving = [len(chain.start) for chain in self.chains]
        emitting = sum(_emission_parameters(chain.emission) for chain in self.chains)
        return {
            "states": moving,
            "rounds": self.rounds,
            "temperature": self.temperature,
            "parameters": emitting + sum(k * k - 1 for k in moving),
            **self._prepare.notes,
        }

    def scores(self, split: Split) -> Floats:
        """log p(x | class), [N, K]."""
        return np.array([[c.log_likelihood(z) for c in self.chains] for z in map(self._emitted, split.x)])

    def components(self, split: Split) -> dict[str, Any]:
        """The likeliest class of each example, and the likeliest path [T] in its model, for reports."""
        classes = [int(answer[0].argmax()) for answer in self(split)]
        chains = [self.chains[label] for label in classes]
        emitted = [self._emitted(x) for x in split.x]
        paths = [chain.path(z) for chain, z in zip(chains, emitted, strict=True)]
        states = max((len(chain.start) for chain in chains), default=0)
        return {"paths": paths, "classes": classes, "states": states}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [1, K]."""
        if not len(split):
            return []
        chances = class_chances(self.scores(split), self.priors, self.temperature)
        return [row[None] for row in chances]


def _fit_classifier(task: Task, train: Split, recipe: Recipe) -> Classifier:
    fitted = Classifier(task, train, recipe)
    fitted.temperature = choose_temperature(task, train, lambda part: Classifier(task, part, recipe).scores)
    return fitted


@method(
    "hmm",
    family="statistical",
    kinds={"classification", "labelling"},
    recurrence="linear",
    search={"states": [2, 4, 6, 8]},
)
def hmm(
    task: Task,
    train: Split,
    *,
    states: AtLeast1 = 4,
    rounds: AtLeast1 = 50,
    slopes: bool = True,
    normalise: WholeSeries = "none",
) -> Predictor:
    """Hidden Markov model: labels are the hidden states, or there is one model per class (Rabiner 1989).

    Labelling: transitions and emissions are counted, with smoothing; answers are filtered in causal tasks and
    smoothed in others. Classification: one model per class is fitted by Baum-Welch from two fixed starts, and
    Bayes' rule with one temperature, chosen on held-out training groups, gives probabilities. Numbers have
    independent normal distributions, symbols their frequencies.

    Parameters
    ----------
    states : int
        Hidden states per class.
    rounds : int
        The largest number of rounds of Baum-Welch.
    slopes : bool
        Whether the model of a class also emits the slope of every channel (delta features: Furui 1986, IEEE
        Trans. ASSP 34).
    normalise : str
        "none", "series" or "train", see `_preparation`; numbers only.
    """
    if not task.y.symbols:
        raise Unsupported("hidden states stand for symbols; this task's answers are numbers")
    if states < 1 or rounds < 1:
        raise ValueError(f"states and rounds must be at least 1, got {states} and {rounds}")
    if task.kind == "classification":
        return _fit_classifier(task, train, Recipe(states, rounds, slopes, normalise))
    return _fit_labeller(task, train, normalise)
