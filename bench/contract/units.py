"""The clause on units: forecasts of a series in another unit are the same forecasts in that unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from recurbench.contract.clauses import fitted
from recurbench.contract.subject import ContractError, Subject, ask
from recurbench.contract.toy_problems import Tiny
from recurbench.task import Array, Split, Unsupported

# A power of two changes the exponent of a float and no digit of it: forecasts must follow exactly.
POWERS = (2.0**-30, 2.0**20)
# Any other factor rounds the data, so the result of a numerical search may differ by up to TOLERANCE.
FACTOR, LARGE = 1e-6, 1e6
TOLERANCE = 1e-3  # of the standard deviation of the history
OFFSET = -1e4  # in standard deviations; below 0, so that no special form for positive values applies
MEND = (
    "standardise every history by its own mean and standard deviation before anything is fitted, and make "
    "constants (a floor under a spread, a penalty, a tolerance) relative to them"
)


def follows_units(subject: Subject, tiny: Tiny) -> None:
    """Answers for targets y * k + c are the answers for y, times k plus c; covariates keep their unit.

    Where the method's notes say `follows_shift: False`, or it refuses values that are not positive, only k
    is tried. Covariates in another unit change no answer.
    """
    answers = subject.ready(tiny.name).answers
    for k in POWERS:
        for i, (one, other) in enumerate(zip(answers, _answers(subject, in_unit(tiny, k)), strict=True)):
            if not np.array_equal(one, other / k):
                raise ContractError(
                    f"example {i}: targets times {k:g}, a power of two, changed the forecasts by "
                    f"{_deviation(one, other / k, 1.0):.2g}, wanted exactly the same times {k:g}; {MEND}"
                )
    _compare(tiny, answers, _answers(subject, in_unit(tiny, FACTOR)), FACTOR, 0.0)
    if tiny.task.x.size > tiny.task.y.size:
        moved = _answers(subject, with_covariates(tiny, LARGE))
        _compare(tiny, answers, moved, 1.0, 0.0, f"covariates times {LARGE:g}")
    _follows_shift(subject, tiny)


def _follows_shift(subject: Subject, tiny: Tiny) -> None:
    notes = getattr(fitted(subject, tiny), "notes", {})
    if isinstance(notes, dict) and notes.get("follows_shift") is False:
        raise Unsupported("its notes say that it follows no shift: its zero has a meaning")
    # Moved around 0 first, so that neither side of the comparison can use a form for positive values.
    middle = in_unit(tiny, 1.0, -float(np.mean([x[:, : tiny.task.y.size].mean() for x in tiny.train.x])))
    widest = float(np.max([_spreads(middle, x) for x in middle.train.x]))
    answers, shift = _answers(subject, middle), OFFSET * widest * LARGE
    _compare(middle, answers, _answers(subject, in_unit(middle, LARGE, shift)), LARGE, shift)


def _answers(subject: Subject, tiny: Tiny) -> list[Array]:
    return [np.array(answer) for answer in ask(tiny.task, subject.fit(tiny), tiny.test)]


def _compare(
    tiny: Tiny, answers: Sequence[Array], others: Sequence[Array], k: float, c: float, what: str = ""
) -> None:
    """Whether `others`, in the unit y * k + c, are the same forecasts as `answers`."""
    what = what or f"targets times {k:g}" + (f" plus {c:g}" if c else "")
    for i, (one, other) in enumerate(zip(answers, others, strict=True)):
        spreads = _spreads(tiny, tiny.test.x[i])
        off = _deviation(one, (other - c) / k, spreads if one.ndim == 2 else spreads[:, None])
        if not off <= TOLERANCE:
            raise ContractError(
                f"example {i}: {what} changed the forecasts by {off:.2g} standard deviations of the history, "
                f"wanted at most {TOLERANCE:g}; {MEND}"
            )


def _deviation(one: Array, other: Array, unit: NDArray[np.float64] | float) -> float:
    return float(np.max(np.abs(one - other) / unit))


def _spreads(tiny: Tiny, x: Array) -> NDArray[np.float64]:
    return np.asarray(x[:, : tiny.task.y.size].std(axis=0))


def in_unit(tiny: Tiny, k: float, c: float = 0.0) -> Tiny:
    """The same forecasts asked for in the unit y * k + c."""
    targets = tiny.task.y.size

    def moved(values: Array) -> Array:
        return np.concatenate([values[:, :targets] * k + c, values[:, targets:]], axis=1)

    def converted(split: Split) -> Split:
        return replace(split, x=[moved(x) for x in split.x], y=[moved(y) for y in split.y])

    return _each(tiny, converted(tiny.train), converted(tiny.watch), converted(tiny.test))


def with_covariates(tiny: Tiny, k: float) -> Tiny:
    """The same with every covariate times k."""
    targets = tiny.task.y.size

    def moved(values: Array) -> Array:
        return np.concatenate([values[:, :targets], values[:, targets:] * k], axis=1)

    def converted(split: Split) -> Split:
        ahead = [each * k for each in split.ahead] if len(split.ahead) else split.ahead
        return replace(split, x=[moved(x) for x in split.x], ahead=ahead)

    return _each(tiny, converted(tiny.train), converted(tiny.watch), converted(tiny.test))


def _each(tiny: Tiny, train: Split, watch: Split, test: Split) -> Tiny:
    return replace(tiny, train=train, watch=watch, test=test)
