"""Markov chains over symbols: the next symbol, or the answer at a step, given the symbols around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._bayes import choose_temperature, class_chances, class_priors, labels_of
from recurbench.methods._settings import AtLeast0
from recurbench.task import Array, Predictor, holdout

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

LONGEST = 6


@dataclass(frozen=True)
class Level:
    """Counts of outcomes after every context of one length: sorted contexts [M], counts [M, outcomes]."""

    contexts: Codes
    counts: Floats

    @classmethod
    def of(cls, contexts: Codes, outcomes: Codes, size: int) -> Level:
        """Count the outcomes [T] of contexts [T]."""
        known, place = np.unique(contexts, return_inverse=True)
        counts = np.zeros((len(known), size))
        np.add.at(counts, (place, outcomes), 1.0)
        return cls(known, counts)

    def refine(self, contexts: Codes, chances: Floats) -> Floats:
        """Combine the probabilities [T, outcomes] of a shorter context with these counts (Witten-Bell)."""
        place = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        seen = self.contexts[place] == contexts
        counts = np.where(seen[:, None], self.counts[place], 0.0)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        total = counts.sum(axis=1, keepdims=True)
        mixed = (counts + kinds * chances) / np.maximum(total + kinds, 1.0)
        return np.where(seen[:, None], mixed, chances)


@dataclass(frozen=True)
class Chain:
    """P(outcome | context) with interpolated Witten-Bell smoothing.

    The first level has no context; each further level adds one neighbouring symbol, nearest first. `offsets`
    are their positions relative to the step. The shortest context is smoothed towards equal probabilities.
    (Witten and Bell 1991, IEEE Transactions on Information Theory 37, 1085-1094; Chen and Goodman 1999.)
    """

    symbols: int
    outcomes: int
    offsets: tuple[int, ...]
    levels: tuple[Level, ...]

    @classmethod
    def learn(
        cls, symbols: int, outcomes: int, offsets: tuple[int, ...], x: Sequence[Array], y: Sequence[Array]
    ) -> Chain:
        """Count the outcomes y [T] of the symbols x [T] of every sequence."""
        contexts = [context_codes(sequence, offsets, symbols) for sequence in x]
        answers = (
            np.concatenate([np.asarray(answer, dtype=np.int64) for answer in y]) if len(y) else np.arange(0)
        )
        if not len(answers):
            return cls(symbols, outcomes, offsets, ())
        levels = [
            Level.of(np.concatenate([codes[k] for codes in contexts]), answers, outcomes)
            for k in range(len(offsets) + 1)
        ]
        return cls(symbols, outcomes, offsets, tuple(levels))

    def chances(self, x: Array) -> Floats:
        """P(outcome) at every step of one sequence, [T, outcomes]."""
        result = np.full((len(x), self.outcomes), 1.0 / self.outcomes)
        for level, contexts in zip(self.levels, context_codes(x, self.offsets, self.symbols), strict=False):
            result = level.refine(contexts, result)
        return result

    @property
    def parameters(self) -> int:
        """Number of counts that are not zero."""
        return sum(int(np.count_nonzero(level.counts)) for level in self.levels)


def context_codes(x: Array, offsets: Sequence[int], symbols: int) -> list[Codes]:
    """The context of every step as an integer; one array [T] per context length 0..len(offsets)."""
    steps = len(x)
    # Padded with one more symbol at both ends, so that beginnings and endings are contexts, too.
    reach = max((abs(offset) for offset in offsets), default=0)
    padded = np.full(steps + 2 * reach, symbols, dtype=np.int64)
    padded[reach : reach + steps] = x
    codes = [np.zeros(steps, dtype=np.int64)]
    for offset in offsets:
        codes.append(codes[-1] * (symbols + 1) + padded[reach + offset : reach + offset + steps])
    return codes


def longest_context(symbols: int) -> int:
    """The longest context: as many symbols as a 64-bit integer holds, at most twice LONGEST."""
    return min(2 * LONGEST, int(62 / np.log2(symbols + 1)))


def neighbour_offsets(count: int, causal: bool, start: int) -> tuple[int, ...]:
    """The `count` nearest positions: start, start - 1, ... if causal, else both sides in turn."""
    if causal:
        return tuple(start - k for k in range(count))
    both = [0] + [side * k for k in range(1, count) for side in (-1, 1)]
    return tuple(both[:count])


def choose_offsets(task: Task, train: Split, order: int | None) -> tuple[int, ...]:
    """Choose the context with the greatest likelihood on a held-out quarter of the training groups."""
    reach = 1 if task.causal else 2
    limit = longest_context(task.x.size)
    if order is not None:
        return neighbour_offsets(min(limit, reach * order), task.causal, 0)
    kept, checked = holdout(task, train, 0)
    counts = [min(limit, reach * k + (0 if task.causal else 1)) for k in range(1, LONGEST + 1)]
    if len(kept) == 0 or len(checked) == 0:
        return neighbour_offsets(counts[1], task.causal, 0)

    def loss(count: int) -> float:
        offsets = neighbour_offsets(count, task.causal, 0)
        tagger = Tagger(task, Chain.learn(task.x.size, task.y.size, offsets, kept.x, kept.y))
        return -sum(float(terms.sum()) for terms in tagger.log_likelihood(checked))

    return neighbour_offsets(min(dict.fromkeys([0, 1, *counts]), key=loss), task.causal, 0)


class Tagger:
    """Answers every step, given the symbols around it."""

    def __init__(self, task: Task, chain: Chain) -> None:
        self.task = task
        self.chain = chain
        self.notes: dict[str, Any] = {"context": list(chain.offsets), "parameters": chain.parameters}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [T, K]."""
        return [self.chain.chances(_symbols(self.task, x)) for x in split.x]

    def log_likelihood(self, split: Split) -> list[Floats]:
        """Log probability of every true answer, [S] each."""
        return [
            np.log(chances[np.arange(len(y)), np.asarray(y, dtype=np.int64)])
            for chances, y in zip(self(split), split.y, strict=True)
        ]


class Classifier:
    """One Markov chain per class, and Bayes' rule."""

    def __init__(self, task: Task, train: Split, count: int) -> None:
        self.task = task
        offsets = neighbour_offsets(count, True, -1)
        labels = labels_of(train)
        self.priors = class_priors(labels, task.y.size)
        self.temperature = 1.0
        self.chains = []
        for label in range(task.y.size):
            of_class = [_symbols(task, train.x[i]) for i in np.flatnonzero(labels == label)]
            self.chains.append(Chain.learn(task.x.size, task.x.size, offsets, of_class, of_class))

    def scores(self, split: Split) -> Floats:
        """log p(x | class), [N, K]."""
        return np.array(
            [[_log_chance(chain, _symbols(self.task, x)) for chain in self.chains] for x in split.x]
        )

    @property
    def notes(self) -> dict[str, Any]:
        """Order, temperature, and the number of counts that are not zero."""
        return {
            "order": len(self.chains[0].offsets),
            "temperature": self.temperature,
            "parameters": sum(chain.parameters for chain in self.chains),
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with probabilities [1, K]."""
        if not len(split):
            return []
        chances = class_chances(self.scores(split), self.priors, self.temperature)
        return [row[None] for row in chances]

    def log_likelihood(self, split: Split) -> list[Floats]:
        """Log probability of the true class, [1] each."""
        return [np.log(row[0, [int(y[0])]]) for row, y in zip(self(split), split.y, strict=True)]


def _log_chance(chain: Chain, x: Array) -> float:
    return float(np.log(chain.chances(x)[np.arange(len(x)), x]).sum())


def _symbols(task: Task, x: Array) -> Codes:
    codes = np.asarray(x, dtype=np.int64)
    if codes.size and (codes.min() < 0 or codes.max() >= task.x.size):
        raise ValueError(
            f"markov knows the symbols 0..{task.x.size - 1}, got {int(codes.min())}..{int(codes.max())}; "
            "give unknown symbols a code of their own in the dataset"
        )
    return codes


def _fit_classifier(task: Task, train: Split, order: int | None) -> Classifier:
    limit = min(LONGEST, longest_context(task.x.size))
    kept, checked = holdout(task, train, 0)
    count = min(limit, 2 if order is None else order)
    if order is None and len(kept) and len(checked):
        truth = labels_of(checked)

        def unlikely(tried: int) -> float:
            scores = Classifier(task, kept, tried).scores(checked)
            return -float(scores[np.arange(len(truth)), truth].sum())

        count = min(range(limit + 1), key=unlikely)
    fitted = Classifier(task, train, count)
    fitted.temperature = choose_temperature(task, train, lambda part: Classifier(task, part, count).scores)
    return fitted


@method("markov", family="statistical", kinds={"classification", "labelling"})
def markov(task: Task, train: Split, *, order: AtLeast0 | None = None) -> Predictor:
    """Markov chain with Witten-Bell smoothing (Witten and Bell 1991): one per class, or one for all steps.

    Classification: a chain per class gives the likelihood, and Bayes' rule with one temperature the
    probabilities. Labelling: the answer depends on the symbols around the step.

    Parameters
    ----------
    order : int or None
        Symbols of context, on each side if the task is not causal; None: chosen by likelihood on held-out
        training groups.
    """
    if not task.x.symbols:
        raise Unsupported("markov reads symbols; this task's input is numbers")
    if not task.y.symbols:
        raise Unsupported("markov answers with symbols; this task's answers are numbers")
    if order is not None and order < 0:
        raise ValueError(f"order must be at least 0, got {order}")
    if task.kind == "classification":
        return _fit_classifier(task, train, order)
    offsets = choose_offsets(task, train, order)
    x = [_symbols(task, sequence) for sequence in train.x]
    return Tagger(task, Chain.learn(task.x.size, task.y.size, offsets, x, train.y))
