"""Random strings for an automaton: every answer is equally likely at the end, and so is every fatal step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from recurbench.datasets._automata import ILLEGAL, REJECTED, Machine
from recurbench.task import Array


def turns(lengths: Array, rng: np.random.Generator) -> Array:
    """A whole number for each string; those of one length are consecutive, in random order."""
    found = np.empty(len(lengths), dtype=np.int64)
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        # The start is random, or the first answers would be more frequent where the last round is not full.
        found[same] = rng.permutation(len(same)) + rng.integers(len(same))
    return found


@dataclass(frozen=True)
class Plan:
    """How a string is drawn.

    Attributes
    ----------
    chance : float
        The probability of this plan among those of its length.
    answer : int
        The answer at the last step.
    fatal : int
        The step, counted from 1, at which the first illegal symbol stands; 0 if there is none.
    """

    chance: float
    answer: int
    fatal: int = 0


@dataclass(frozen=True)
class Source:
    """A distribution of strings.

    A string of a given length gets its last answer first: each answer that is possible at this length has
    the same probability. Then it is drawn uniformly from all strings without an illegal symbol that end in
    this answer. A rejected string of a machine with illegal symbols is different. It has one fatal symbol, at
    a step that is drawn uniformly. Before it, all strings that allow it there are equally likely. After it a
    new legal string begins in the first state, so only the fatal symbol shows that the string is rejected. If
    a string can also be rejected without an illegal symbol, one half of the rejected strings are of this
    sort.

    Attributes
    ----------
    machine : Machine
    longest : int
        The longest string.
    within : int
        If not 0, the fatal symbol is one of the last `within`.
    """

    machine: Machine
    longest: int
    within: int = 0

    def plans(self, length: int) -> list[Plan]:
        """Every plan for strings of this length; their probabilities add up to 1."""
        found: list[list[Plan]] = []
        for answer in range(len(self.machine.classes)):
            routes = [[0]] if self._ways[answer, length, 0] > 0 else []
            if answer == REJECTED and (steps := self._fatal_steps(length)):
                routes.append(steps)
            plans = [
                Plan(1 / (len(routes) * len(steps)), answer, fatal) for steps in routes for fatal in steps
            ]
            if plans:
                found.append(plans)
        return [Plan(plan.chance / len(found), plan.answer, plan.fatal) for each in found for plan in each]

    def answers(self, length: int) -> list[int]:
        """The answers that strings of this length can end in."""
        return sorted({plan.answer for plan in self.plans(length)})

    def draw(self, lengths: Array, rng: np.random.Generator) -> list[Array]:
        """A string [length] of symbols for each of the lengths.

        Among the strings of one length each possible answer ends equally many, up to one.
        """
        turn, luck = turns(lengths, rng), rng.random(len(lengths))
        end, fatal = np.empty_like(turn), np.empty_like(turn)
        for length in np.unique(lengths):
            plans, chosen = self.plans(int(length)), np.flatnonzero(lengths == length)
            possible = sorted({plan.answer for plan in plans})
            end[chosen] = np.array(possible)[turn[chosen] % len(possible)]
            for answer in possible:
                fitting = [plan for plan in plans if plan.answer == answer]
                places = chosen[end[chosen] == answer]
                shares = np.cumsum([plan.chance for plan in fitting])
                pick = np.searchsorted(shares, luck[places] * shares[-1], side="right")
                fatal[places] = np.array([plan.fatal for plan in fitting])[pick]
        return self._strings(lengths, end, fatal, rng.random((len(lengths), self.longest)))

    def _strings(self, lengths: Array, end: Array, fatal: Array, luck: Array) -> list[Array]:
        moves = self.machine.moves
        goal, last = np.where(fatal > 0, self._before, end), np.where(fatal > 0, fatal - 1, lengths)
        state, x = np.zeros_like(lengths), np.zeros((len(lengths), self.longest), dtype=np.int64)
        for step in range(int(lengths.max())):
            strikes = fatal == step + 1
            following = moves[state]
            left = np.maximum(last - step - 1, 0)
            weights = np.where(following == ILLEGAL, 0.0, self._ways[goal[:, None], left[:, None], following])
            weights[strikes] = following[strikes] == ILLEGAL
            heap = weights.cumsum(axis=1)
            x[:, step] = np.minimum(
                (heap <= luck[:, step, None] * heap[:, -1:]).sum(axis=1), moves.shape[1] - 1
            )
            state = np.where(strikes, 0, np.take_along_axis(following, x[:, step, None], axis=1)[:, 0])
            goal, last = np.where(strikes, self._free, goal), np.where(strikes, lengths, last)
        return [row[:length] for row, length in zip(x, lengths, strict=True)]

    def reached(self, window: int, length: int) -> float:
        """The exact accuracy of the best answer at the last step, given the last `window` symbols.

        All windows are listed, so this is for two symbols and short windows.
        """
        window = min(window, length)
        joint = np.zeros((len(self.machine.classes), 2**window))
        for plan, mass in self._starts(length - window, length):
            windows = mass[None]
            for step in range(length - window, length):
                windows = np.concatenate(self._steps(windows, plan, step, length))
            joint[plan.answer] += windows.sum(axis=1)
        # Rounded, because the last digits are errors of the sum.
        return round(float(joint.max(axis=0).sum()), 12)

    def _starts(self, steps: int, length: int) -> Iterator[tuple[Plan, Array]]:
        """Each plan, and the probability of it and of each state [states] after so many steps.

        After the fatal symbol all plans go on alike, so those with an earlier one are taken together.
        """
        early = np.zeros((steps + 1, len(self.machine.moves)))
        for plan in self.plans(length):
            if 0 < plan.fatal <= steps:
                early[plan.fatal, 0] += plan.chance
                continue
            mass = np.zeros(early.shape[1])
            mass[0] = plan.chance
            for step in range(steps):
                mass = np.sum(self._steps(mass[None], plan, step, length), axis=0)[0]
            yield plan, mass
        if early.any():
            plan, mass = Plan(early.sum(), REJECTED, fatal=1), early[1]
            for step in range(1, steps):
                mass = np.sum(self._steps(mass[None], plan, step, length), axis=0)[0] + early[step + 1]
            yield plan, mass

    def _steps(self, mass: Array, plan: Plan, step: int, length: int) -> list[Array]:
        """For each symbol the probabilities [windows, states] that it follows and leads there."""
        moves, strikes = self.machine.moves, plan.fatal == step + 1
        before = plan.fatal > step
        goal = self._before if before else self._free if plan.fatal else plan.answer
        left = (plan.fatal - 1 if before else length) - step - 1
        weights = (
            moves == ILLEGAL if strikes else np.where(moves == ILLEGAL, 0, self._ways[goal, left][moves])
        )
        total = weights.sum(axis=1, keepdims=True)
        chances = np.divide(weights, total, out=np.zeros(moves.shape), where=total > 0)
        parts = [np.zeros_like(mass) for _ in self.machine.symbols]
        for symbol, part in enumerate(parts):
            for state in np.flatnonzero(chances[:, symbol]):
                part[:, 0 if strikes else moves[state, symbol]] += mass[:, state] * chances[state, symbol]
        return parts

    def _fatal_steps(self, length: int) -> list[int]:
        if not self.machine.rejects:
            return []
        first = max(length - self.within, 0) if self.within else 0
        return [step + 1 for step in range(first, length) if self._ways[self._before, step, 0] > 0]

    @property
    def _before(self) -> int:
        return len(self.machine.classes)

    @property
    def _free(self) -> int:
        return len(self.machine.classes) + 1

    @cached_property
    def _ways(self) -> Array:
        """[goals, steps, states]: how many legal strings lead to a goal, relative to the other states.

        Goals: each answer; a state with an illegal symbol, weighted by how many it has; and any state.
        """
        moves, answers = self.machine.moves, self.machine.answers
        ends = np.arange(len(self.machine.classes))[:, None] == answers
        illegal = (moves == ILLEGAL).sum(axis=1)
        now = np.concatenate([ends, illegal[None], np.ones((1, len(moves)))], axis=0, dtype=np.float64)
        found = [now]
        for _ in range(self.longest):
            now = np.where(moves == ILLEGAL, 0.0, now[:, moves]).sum(axis=2)
            # Scaled, because counts of strings exceed the range of floats.
            now = now / np.maximum(now.max(axis=1, keepdims=True), np.finfo(float).tiny)
            found.append(now)
        return np.stack(found, axis=1)
