"""What a budget buys: which methods, how many seeds and how many trials, from their estimated costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """How often each method is fitted: seeds per method with random numbers, and trials."""

    seeds: int
    trials: int


# From one fit of each method to as many seeds and trials as a comparison gains from. Three seeds come before
# further methods, because one seed does not show how much a network varies.
LEVELS = (
    Level(1, 1),
    Level(3, 1),
    Level(3, 2),
    Level(3, 4),
    Level(5, 4),
    Level(5, 6),
    Level(5, 8),
    Level(10, 8),
    Level(10, 16),
)
BROAD = 3  # seeds per method before further methods are added

Costs = Callable[[Level], Mapping[str, float]]
"""CPU seconds by name at a level."""


@dataclass(frozen=True)
class Selection:
    """What is taken.

    names: in the order in which they run. level: their seeds and trials. costs: CPU seconds at that level, of
    all names that were offered. left: CPU seconds that were left when a name was not taken, by name. further:
    the next level and its cost, None where there is none.
    """

    names: tuple[str, ...]
    level: Level
    costs: Mapping[str, float]
    left: Mapping[str, float]
    further: tuple[Level, float] | None


def levels(seeds: int | None, trials: int | None) -> tuple[Level, ...]:
    """The levels with the numbers of seeds and trials that the user fixed, each once."""
    return tuple(dict.fromkeys(Level(seeds or one.seeds, trials or one.trials) for one in LEVELS))


def choose(
    names: Sequence[str],
    first: Collection[str],
    seconds: float,
    costs: Costs,
    steps: Sequence[Level],
    in_turn: bool = False,
) -> Selection:
    """Choose from names in their order, the methods in `first` before more seeds and before the others.

    A name is taken if its cost fits into what is left of the budget. One that does not fit is left out, and
    cheaper ones after it are still taken; with `in_turn` nothing after it is. Then seeds and trials go up one
    level after the other, as long as all that was taken still fits.

    Parameters
    ----------
    names : sequence of str
        What is offered, the most important first.
    first : collection of str
        Names to take before others and before more seeds.
    seconds : float
        The budget, CPU seconds.
    costs : callable
        Costs of all names at a level. It is called only for the levels that are looked at.
    steps : sequence of Level
        The levels, the cheapest first.
    in_turn : bool
        Whether the budget drops names from the end only; then all names count as `first`.
    """
    broad = [
        one for one in steps if one.trials == steps[0].trials and one.seeds <= max(BROAD, steps[0].seeds)
    ]
    price = costs(steps[0])
    taken, left = _fitting([name for name in names if in_turn or name in first], price, seconds, in_turn)
    level, price, further = _raised(taken, steps[0], price, broad[1:], seconds, costs)
    rest = [] if in_turn else [name for name in names if name not in first]
    more, without = _fitting(rest, price, seconds - _sum(taken, price), in_turn)
    taken, left = [*taken, *more], {**left, **without}
    if further is None:
        level, price, further = _raised(taken, level, price, steps[len(broad) :], seconds, costs)
    return Selection(tuple(name for name in names if name in set(taken)), level, price, left, further)


def _fitting(
    names: Sequence[str], price: Mapping[str, float], seconds: float, in_turn: bool
) -> tuple[list[str], dict[str, float]]:
    """The names that fit, and for each of the others what was left when it did not."""
    taken: list[str] = []
    left: dict[str, float] = {}
    for name in names:
        room = seconds - _sum(taken, price)
        if price[name] > room or (in_turn and left):
            left[name] = max(room, 0.0)
        else:
            taken.append(name)
    return taken, left


def _raised(
    taken: Sequence[str],
    level: Level,
    price: Mapping[str, float],
    steps: Sequence[Level],
    seconds: float,
    costs: Costs,
) -> tuple[Level, Mapping[str, float], tuple[Level, float] | None]:
    """The highest level at which all that was taken fits, its costs, and the first that does not fit."""
    for step in steps:
        offered = costs(step)
        whole = _sum(taken, offered)
        if whole > seconds:
            return level, price, (step, whole)
        level, price = step, offered
    return level, price, None


def _sum(names: Sequence[str], price: Mapping[str, float]) -> float:
    return sum(price[name] for name in names)
