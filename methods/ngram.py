"""N-gram language models of the answers, with interpolated Kneser-Ney smoothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._settings import AtLeast1
from recurbench.task import Array

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Context = tuple[int, ...]

EDGE = -1  # the symbol before an answer, and before and after an input


@method("ngram", family="statistical", kinds={"translation"})
def ngram(task: Task, train: Split, *, n: AtLeast1 = 5) -> Ngram:
    """N-gram model of the answers, which ignores the input (Kneser and Ney 1995).

    The likeliest symbol follows the last n - 1 symbols, up to the end symbol or the length of the longest
    training answer. So the answer is the same for every example. Interpolated Kneser-Ney smoothing with one
    discount per level (ICASSP 1995, 181-184; Chen and Goodman 1999, Computer Speech and Language 13,
    359-394).

    Parameters
    ----------
    n : int
        Symbols of an n-gram.
    """
    return _counted(task, train, n, 0)


@method("ngram-aligned", family="statistical", kinds={"translation"})
def ngram_aligned(task: Task, train: Split, *, n: AtLeast1 = 4, window: AtLeast1 = 2) -> Ngram:
    """N-gram model of the answers that also reads the input symbols around the same relative position.

    The position follows from the ratio of input to answer lengths in train. Kneser-Ney smoothing (1995)
    shortens a context from its least important symbol, in turn the oldest answer symbols and the outer input
    symbols.

    Parameters
    ----------
    n : int
        Symbols of an n-gram.
    window : int
        Input symbols on each side of the position.
    """
    if not task.x.symbols:
        raise Unsupported("ngram-aligned reads symbols; this task's input is numbers")
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}; the method ngram reads no input")
    return _counted(task, train, n, window)


def _counted(task: Task, train: Split, n: int, window: int) -> Ngram:
    if not task.y.symbols or task.length != "free":
        raise Unsupported("an n-gram writes symbols up to an end symbol; this task's answers have none")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}; a context holds n - 1 symbols of the answer")
    if not len(train):
        raise ValueError("n-grams need at least one training answer, the training part has none")
    return Ngram(task, train, Reach.of(train, n, window))


@dataclass(frozen=True)
class Reach:
    """The settings of a context; pace: input steps per answer step in train."""

    n: int
    window: int
    pace: float

    @classmethod
    def of(cls, train: Split, n: int, window: int) -> Reach:
        """Make the settings, with the pace of these examples."""
        steps = sum(len(y) for y in train.y)
        return cls(n, window, sum(len(x) for x in train.x) / max(steps, 1))

    def context(self, x: Array, before: Sequence[int]) -> Context:
        """The context after the symbols `before`, most important symbol first."""
        last = [int(symbol) for symbol in before[: -self.n : -1]]
        if not self.window:
            # The context ends at the beginning of the answer.
            return (*last, EDGE) if len(last) < self.n - 1 else tuple(last)
        last += [EDGE] * (self.n - 1 - len(last))
        place = int(len(before) * self.pace + 0.5)
        near = [place] + [place + side * k for k in range(1, self.window + 1) for side in (1, -1)]
        seen = [int(x[p]) if 0 <= p < len(x) else EDGE for p in near]
        # In turn: the input symbol at the position, the last answer symbol, the next input symbol, the one
        # before, and so on.
        mixed = [seen.pop(0)]
        while seen or last:
            mixed += last[:1] + seen[:2]
            last, seen = last[1:], seen[2:]
        return tuple(mixed)


@dataclass
class Level:
    """Counts of the outcomes after each context of one length, and their discount."""

    after: dict[Context, Counter[int]] = field(default_factory=dict)
    discount: float = 0.5

    def add(self, context: Context, outcome: int) -> bool:
        """Count an outcome after a context; return whether this pair is new."""
        counts = self.after.setdefault(context, Counter())
        counts[outcome] += 1
        return counts[outcome] == 1

    def settle(self) -> None:
        """Set the discount n1 / (n1 + 2 n2), for n1 pairs counted once and n2 twice; 1/2 if one is 0."""
        seen = Counter(count for counts in self.after.values() for count in counts.values())
        if seen[1] and seen[2]:
            self.discount = seen[1] / (seen[1] + 2 * seen[2])

    def refine(self, context: Context, shorter: Floats) -> Floats:
        """Combine the discounted counts after `context` with the probabilities of the shorter context."""
        counts = self.after.get(context)
        if counts is None:
            return shorter
        total = counts.total()
        chances = self.discount * len(counts) / total * shorter
        chances[list(counts)] += (np.fromiter(counts.values(), np.float64) - self.discount) / total
        return chances


class Chances:
    """P(outcome | context) with interpolated Kneser-Ney smoothing; contexts are shortened from their end.

    A full context counts how often an outcome followed. A shorter one counts how many different longer
    contexts had this outcome.
    """

    def __init__(self, outcomes: int, events: Iterator[tuple[Context, int]]) -> None:
        self.outcomes = outcomes
        self.levels: list[Level] = []
        for context, outcome in events:
            while len(self.levels) <= len(context):
                self.levels.append(Level())
            k = len(context)
            while self.levels[k].add(context[:k], outcome) and k:
                k -= 1
        for level in self.levels:
            level.settle()

    def after(self, context: Context) -> Floats:
        """The probability of every outcome, [outcomes]; all above 0."""
        chances = np.full(self.outcomes, 1.0 / self.outcomes)
        for k, level in enumerate(self.levels[: len(context) + 1]):
            chances = level.refine(context[:k], chances)
        return chances

    @property
    def parameters(self) -> int:
        """Number of counts that are not zero."""
        return sum(len(counts) for level in self.levels for counts in level.after.values())


class Ngram:
    """The fitted model: it writes the likeliest symbol at every step."""

    def __init__(self, task: Task, train: Split, reach: Reach) -> None:
        self.reach, self.end = reach, task.y.size
        self.longest = max(len(y) for y in train.y)
        self.chances = Chances(task.y.size + 1, self._events(train))
        self._blind = None if reach.window else self._continued(np.empty(0, dtype=np.int64))
        self.notes: dict[str, Any] = {
            "parameters": self.chances.parameters,
            "discounts": [round(level.discount, 4) for level in self.chances.levels],
            "longest": self.longest,
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with symbols [S]."""
        return [self._continued(x) if self._blind is None else self._blind.copy() for x in split.x]

    def log_likelihood(self, split: Split) -> list[Floats]:
        """Log probability of every symbol of the true answers and of their ends, [S + 1] each."""
        log_chances = []
        for x, y in zip(split.x, split.y, strict=True):
            pairs = self._steps(x, y)
            log_chances.append(np.log([self.chances.after(context)[outcome] for context, outcome in pairs]))
        return log_chances

    def _events(self, split: Split) -> Iterator[tuple[Context, int]]:
        for x, y in zip(split.x, split.y, strict=True):
            yield from self._steps(x, y)

    def _steps(self, x: Array, y: Array) -> Iterator[tuple[Context, int]]:
        """The context and the outcome of every step of one answer, with its end."""
        with_end = [*np.asarray(y).tolist(), self.end]
        for t, outcome in enumerate(with_end):
            yield self.reach.context(x, with_end[:t]), outcome

    def _continued(self, x: Array) -> Codes:
        answer: list[int] = []
        while len(answer) < self.longest:
            outcome = int(self.chances.after(self.reach.context(x, answer)).argmax())
            if outcome == self.end:
                break
            answer.append(outcome)
        return np.array(answer, dtype=np.int64)
