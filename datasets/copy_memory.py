"""Copy memory: remember symbols during blanks, and repeat them after a marker."""

from __future__ import annotations

import math

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role
from recurbench.task import Array

BLANK = 0
WINDOWS = (16, 64)


@dataset("copy-memory", kind="labelling")
def copy_memory(
    *,
    delay: int = 10,
    symbols: int = 8,
    span: int = 10,
    selective: bool = False,
    n_train: int = 2000,
    n_valid: int = 400,
    n_test: int = 400,
    seed: int = 0,
) -> Problem:
    """The copy task (Arjovsky et al. 2016): repeat `span` symbols after `delay` steps and a marker.

    A sequence has delay + 2 span steps: the symbols, blanks, the marker, blanks. The answer is blank except
    for the last `span` steps, which repeat the symbols.

    The score is cross-entropy over all steps. Skill is 0 for the frequencies of the answers and 1 for a
    perfect copy. The memoryless answer of the literature knows the time but no symbol, so its skill is above
    0. `last_step_accuracy` shows the copy alone; without memory it is 1 / symbols.

    Parameters
    ----------
    delay : int
        Blanks between the symbols and the marker, plus 1.
    symbols : int
        The number of different symbols.
    span : int
        How many symbols to copy.
    selective : bool
        Whether the symbols are scattered among the blanks before the marker, in order, so that no fixed lag
        leads back to them (Gu and Dao 2023).
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    least = {"delay": (delay, 1), "symbols": (symbols, 2), "span": (span, 1)}
    least |= {"n_train": (n_train, 1), "n_valid": (n_valid, 1), "n_test": (n_test, 1)}
    for name, (seen, wanted) in least.items():
        if seen < wanted:
            raise ValueError(f"copy-memory needs {name} >= {wanted}, got {name}={seen}")
    train, valid, test = (
        _draw(count, (delay, symbols, span), selective, np.random.default_rng([seed, stream]))
        for stream, count in enumerate((n_train, n_valid, n_test))
    )
    place = "scattered among the blanks before it" if selective else "at the start"
    constant, memoryless = levels(delay, symbols, span)
    headroom = _headroom(delay + span, selective)
    about = About(
        source="generated: random symbols, blanks and a marker",
        licence="none needed: generated",
        protocol=f"{span} of {symbols} symbols {place}, repeated right after the marker at step "
        f"{delay + span} of {delay + 2 * span}; train, valid and test are {n_train}, {n_valid} and {n_test} "
        "independent sequences",
        reference="most-common",
        metric="cross_entropy",
        version="1",
        constant=constant,
        memoryless=memoryless,
        best=0.0,
        headroom=headroom,
        role=role(headroom),
    )
    names = tuple(str(k) for k in range(1, symbols + 1))
    task = Task(
        "labelling",
        x=Values(symbols + 2, symbols=True, names=("blank", *names, "marker")),
        y=Values(symbols + 1, symbols=True, names=("blank", *names)),
        length="same",
        causal=True,
    )
    return Problem(task, train, test, about, valid, oracle=[task.y.encode(y) for y in test.y])


def levels(delay: int, symbols: int, span: int) -> tuple[float, float]:
    """Cross-entropy per step (nats) of the best constant answer, and of one that knows only the time."""
    share = span / (delay + 2 * span)
    memoryless = share * math.log(symbols)
    return memoryless - share * math.log(share) - (1 - share) * math.log(1 - share), memoryless


def _headroom(lag: int, selective: bool) -> dict[str, float]:
    """What windows reach: nothing up to the lag, everything beyond.

    Scattered symbols have different lags up to this one, and there is no formula for a shorter window.
    """
    return {f"window_{w}": float(w > lag) for w in WINDOWS if w > lag or not selective}


def _draw(count: int, sizes: tuple[int, int, int], selective: bool, rng: np.random.Generator) -> Split:
    delay, symbols, span = sizes
    kept = rng.integers(1, symbols + 1, size=(count, span))
    before = delay + span - 1
    x = np.full((count, delay + 2 * span), BLANK)
    y = x.copy()
    places: Array = np.tile(np.arange(span), (count, 1))
    if selective:
        places = np.sort(rng.random((count, before)).argsort(axis=1)[:, :span], axis=1)
    np.put_along_axis(x, places, kept, axis=1)
    x[:, before] = symbols + 1
    y[:, -span:] = kept
    return Split(list(x), list(y))
