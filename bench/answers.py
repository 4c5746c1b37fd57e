"""Check answers: shape, type and values, and whether each depends on training and its own example only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from recurbench.task import Array, Predictor, Split, Task

# Float32 kernels give slightly different sums for different batch sizes; a real dependence is far larger.
RELATIVE = 1e-3
ABSOLUTE = 1e-4
# How far the sum of the probabilities of a step may be off 1, and how far a log probability above 0.
CHANCES = 1e-3
LOG_CHANCE = 1e-6
SYMBOLS_TRIED = 64


def form_error(task: Task, split: Split, answers: Sequence[Array]) -> str:
    """Check the shapes, types and values of a method's answers.

    Parameters
    ----------
    task : Task
        The question.
    split : Split
        The examples that were asked.
    answers : sequence of arrays
        One array per example, S being the steps of the answer:

        - symbols: integers [S], or probabilities [S, size] that sum to 1 at every step;
        - flags: probabilities [S, channels];
        - numbers: floats [S, channels], or [S, channels, Q] with one value per quantile level of the task.

        S is `task.steps` for a "fixed" length, the steps of the input for "same", and any for "free".

    Returns
    -------
    str
        What is wrong and what was wanted; "" if nothing is wrong.
    """
    wrong = _list_error("answers", split, answers)
    if wrong:
        return wrong
    for i, answer in enumerate(answers):
        steps = len(split.x[i]) if task.length == "same" else task.steps
        wrong = _one_form_error(task, answer, None if task.length == "free" else steps)
        if wrong:
            return f"answer {i}: {wrong}"
    return ""


def plain_error(array: object) -> str:
    """Check that an object is a numpy array, and no instance of a subclass.

    A subclass may change what numpy functions return. A masked array, for example, hides NaN from checks and
    leaves steps out of a mean.

    Parameters
    ----------
    array : object
        Anything.

    Returns
    -------
    str
        What is wrong and how to convert it; "" for a plain array.
    """
    if type(array) is np.ndarray:
        return ""
    name = type(array).__name__
    if not isinstance(array, np.ndarray):
        return f"must be a numpy array, got {name}"
    remedy = "array.filled(value)" if isinstance(array, np.ma.MaskedArray) else "numpy.asarray(array)"
    return f"must be a plain numpy array, got {name}; use {remedy}"


def _list_error(what: str, split: Split, given: Sequence[Array]) -> str:
    wrong = plain_error(given)
    if isinstance(given, np.ndarray) and wrong:
        return f"{what} {wrong}"
    if not isinstance(given, Sequence) and not (isinstance(given, np.ndarray) and given.ndim):
        return f"{what} must be a list with one array per example, got {type(given).__name__}"
    if len(given) != len(split):
        return f"{len(given)} {what} for {len(split)} examples; give one array per example"
    return ""


def _one_form_error(task: Task, answer: Array, steps: int | None) -> str:
    wrong = plain_error(answer)
    if wrong:
        return wrong
    seen = f"{answer.dtype} {list(answer.shape)}"
    s = "S" if steps is None else str(steps)
    k = task.y.size
    if task.y.symbols:
        wanted = f"wanted symbols (integers) [{s}] or probabilities (floats) [{s}, {k}]"
        whole = np.issubdtype(answer.dtype, np.integer)
        if not whole and not np.issubdtype(answer.dtype, np.floating):
            return f"{wanted}, got {seen}"
        tail: tuple[int, ...] = () if whole else (k,)
    else:
        q = len(task.quantiles)
        wanted = f"wanted numbers [{s}, {k}]" + (f" or [{s}, {k}, {q}]" if q else "")
        if not np.issubdtype(answer.dtype, np.floating):
            return f"{wanted} as floats, got {seen}"
        tail = (k, q) if q and answer.ndim == 3 else (k,)
    if answer.ndim != 1 + len(tail) or answer.shape[1:] != tail or steps not in (None, len(answer)):
        return f"{wanted}, got {seen}"
    return value_error(task, answer)


def value_error(task: Task, answer: Array) -> str:
    """Check the values of one answer: finite, symbols in range, probabilities between 0 and 1.

    Parameters
    ----------
    task : Task
        The question.
    answer : array
        One answer whose shape and type are right.

    Returns
    -------
    str
        What is wrong and what was wanted; "" if nothing is wrong.
    """
    if not np.isfinite(answer).all():
        return "holds NaN or infinite values; raise an error or answer with numbers"
    if not answer.size or not (task.y.symbols or task.y.flags):
        return ""
    if np.issubdtype(answer.dtype, np.integer):
        low, high = int(answer.min()), int(answer.max())
        known = low >= 0 and high < task.y.size
        return "" if known else f"symbols must be 0..{task.y.size - 1}, got {low}..{high}"
    if answer.min() < -1e-6 or answer.max() > 1 + 1e-6:
        return f"probabilities must be between 0 and 1, got {answer.min():.4g}..{answer.max():.4g}"
    off = 0.0 if task.y.flags else float(np.abs(answer.sum(axis=1) - 1).max())
    return "" if off < CHANCES else f"the probabilities of a step must sum to 1, they are off by {off:.2g}"


def fingerprint(*splits: Split | None) -> str:
    """Hash every array of the splits: values, shapes and types.

    Parameters
    ----------
    *splits : Split or None
        None stands for a split that a problem does not have.

    Returns
    -------
    str
        32 hexadecimal digits. Two lists of splits with the same arrays have the same hash.
    """
    digest = hashlib.blake2b(digest_size=16)
    for place, split in enumerate(splits):
        for name in ("x", "y", "ahead", "time") if split is not None else ():
            for item in getattr(split, name):
                array = np.ascontiguousarray(item)
                digest.update(f"{place}{name}{array.dtype}{array.shape}".encode())
                digest.update(array.tobytes())
    return digest.hexdigest()


def batch_error(task: Task, predict: Predictor, split: Split, answers: Sequence[Array]) -> str:
    """Check that an answer does not depend on the other examples in the same call.

    A few examples are asked again, each alone and as a copy.

    Parameters
    ----------
    task : Task
        The question.
    predict : callable
        The predictor of a method.
    split : Split
        The examples that were asked.
    answers : sequence of arrays
        What the predictor answered to all of them in one call.

    Returns
    -------
    str
        Which example has a different answer, and by how much; "" if none has.
    """
    for i in _asked_again(task, split):
        alone = predict(split.blind().take([i]).copy())
        wrong = form_error(task, split.take([i]), alone)
        if wrong:
            return f"example {i} asked alone: {wrong}"
        if not same(alone[0], answers[i]):
            return (
                f"example {i} got a different answer alone than together with the others (largest difference "
                f"{_difference(alone[0], answers[i]):.3g}): an answer may depend on training and its own "
                "example only"
            )
    return ""


def _asked_again(task: Task, split: Split) -> list[int]:
    """Forecasts: the earliest origins, because later histories hold their answers; else three examples."""
    if not len(split):
        return []
    if task.kind != "forecasting":
        return sorted({0, len(split) // 2, len(split) - 1})
    first: dict[object, int] = {}
    for i, name in enumerate(split.series):
        best = first.setdefault(name, i)
        if len(split.x[i]) < len(split.x[best]):
            first[name] = i
    # A method may use later origins for some examples only, so the middle and the last but one are asked too.
    longest = sorted(range(len(split)), key=lambda i: len(split.x[i]))
    return list(dict.fromkeys([*list(first.values())[:3], longest[len(longest) // 2], longest[-2:][0]]))


def future_error(task: Task, predict: Predictor, split: Split, answers: Sequence[Array]) -> str:
    """Check in a causal task that the answers up to step t do not depend on x after step t.

    Parameters
    ----------
    task : Task
        The question; nothing is checked unless it is causal.
    predict : callable
        The predictor of a method.
    split : Split
        The examples that were asked.
    answers : sequence of arrays
        What the predictor answered.

    Returns
    -------
    str
        Which example breaks the rule; "" if none does.
    """
    if not task.causal or task.length != "same":
        return ""
    for i in sorted({0, len(split) // 2, len(split) - 1}) if len(split) else []:
        t = len(split.x[i]) // 2
        changed = np.array(split.x[i])
        changed[t:] = (changed[t:] + 1) % task.x.size if task.x.symbols else 1 - 2 * changed[t:]
        again = predict(replace(split.blind().take([i]).copy(), x=[changed]))
        wrong = _list_error("answers", split.take([i]), again) or plain_error(again[0])
        if wrong:
            return f"example {i} asked again with another x from step {t} on: {wrong}"
        if not same(again[0][:t], answers[i][:t]):
            return (
                f"example {i}: changing x from step {t} on changed an answer before it, in a causal task; "
                "use x up to the step only, or raise Unsupported"
            )
    return ""


def likelihood_error(split: Split, terms: Sequence[Array]) -> str:
    """Check the shapes and values of log-likelihoods of answers of any length.

    Parameters
    ----------
    split : Split
        Examples with true answers [S] of symbols.
    terms : sequence of arrays
        Per example floats [S + 1]: the log probability of every symbol of the true answer and of its end.

    Returns
    -------
    str
        What is wrong and what was wanted; "" if nothing is wrong.
    """
    wrong = _list_error("log-likelihoods", split, terms)
    if wrong:
        return wrong
    for i, (logs, y) in enumerate(zip(terms, split.y, strict=True)):
        wrong = _one_likelihood_error(logs, len(y) + 1)
        if wrong:
            return f"log-likelihood {i}: {wrong}"
    return ""


def _one_likelihood_error(terms: Array, steps: int) -> str:
    wrong = plain_error(terms)
    if wrong:
        return wrong
    if not np.issubdtype(terms.dtype, np.floating) or terms.shape != (steps,):
        seen = f"{terms.dtype} {list(terms.shape)}"
        return f"wanted floats [{steps}], one for every symbol of the answer and one for its end, got {seen}"
    if not np.isfinite(terms).all():
        return "holds NaN or infinite values; give every symbol and the end a probability above 0"
    if terms.max() > LOG_CHANCE:
        return f"log probabilities must be at most 0, got {terms.max():.4g}; divide by their sum"
    return ""


def forcing_error(task: Task, tell: Predictor, split: Split, terms: Sequence[Array]) -> str:
    """Check that each log-likelihood is given x and the symbols before it, and nothing else.

    One example is asked again, alone and with other last symbols in its answer (at most SYMBOLS_TRIED).

    Parameters
    ----------
    task : Task
        A question with answers of any length.
    tell : callable
        Returns the log-likelihoods [S + 1] of the answers in a `Split`.
    split : Split
        Examples with true answers.
    terms : sequence of arrays
        What `tell` returned for all of them in one call.

    Returns
    -------
    str
        What is wrong; "" if nothing is wrong.
    """
    usable = [i for i, y in enumerate(split.y) if len(y) > 1] or [i for i, y in enumerate(split.y) if len(y)]
    if not usable:
        return ""
    i = usable[len(usable) // 2]
    alone = _likelihoods_again(tell, split, i, [np.asarray(split.y[i])])
    if isinstance(alone, str):
        return alone
    if not same(alone[0], terms[i]):
        return (
            f"log-likelihood of example {i} differs alone and together with the others (largest difference "
            f"{_difference(alone[0], terms[i]):.3g}): it may depend on training and its own example only"
        )
    return _ends_error(task, tell, split, i, terms[i])


def _ends_error(task: Task, tell: Predictor, split: Split, i: int, terms: Array) -> str:
    """What is wrong if the answer of example i ends in other symbols, or one symbol earlier."""
    tried = np.linspace(0, task.y.size - 1, min(task.y.size, SYMBOLS_TRIED)).round().astype(int)
    start = np.asarray(split.y[i])[:-1]
    again = _likelihoods_again(
        tell, split, i, [*(np.append(start, k).astype(start.dtype) for k in tried), start]
    )
    if isinstance(again, str):
        return again
    last = len(start)
    for logs in again:
        if not same(logs[:last], terms[:last]):
            return (
                f"log-likelihood of example {i}: another last symbol, or none, changed an earlier term; a "
                "term may only depend on x and the symbols before it"
            )
    # One term for every symbol that was tried here, and one for the end.
    total = float(sum(np.exp(logs[last].astype(np.float64)) for logs in again))
    if total > 1 + CHANCES or (total < 1 - CHANCES and len(tried) == task.y.size):
        among = "all symbols" if len(tried) == task.y.size else f"{len(tried)} symbols"
        return (
            f"log-likelihood of example {i}: the probabilities of {among} and of the end at step {last} sum "
            f"to {total:.4g}; divide the probabilities of a step by their sum"
        )
    return ""


def _likelihoods_again(tell: Predictor, split: Split, i: int, answers: Sequence[Array]) -> list[Array] | str:
    """The log-likelihoods of these answers to example i, or what is wrong with their form."""
    asked = replace(split.take([i] * len(answers)), y=answers)
    if len(split.time):
        asked = replace(asked, time=[split.time[i][: len(split.x[i]) + len(y)] for y in answers])
    terms = tell(asked.copy())
    wrong = likelihood_error(asked, terms)
    return f"example {i} asked again with other ends: {wrong}" if wrong else [np.array(one) for one in terms]


def same(one: Array, other: Array) -> bool:
    """Compare two answers, up to the rounding of float32 kernels.

    Parameters
    ----------
    one, other : array
        Two answers.

    Returns
    -------
    bool
        Integers: equal. Floats: equal within a relative 1e-3 (`RELATIVE`).
    """
    if one.shape != other.shape:
        return False
    if np.issubdtype(one.dtype, np.integer):
        return bool(np.array_equal(one, other))
    scale = float(np.abs(other).max()) if other.size else 0.0
    return bool(np.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE * min(scale, 1.0) + 1e-12))


def _difference(one: Array, other: Array) -> float:
    if one.shape != other.shape:
        return float("inf")
    return float(np.abs(one.astype(float) - other.astype(float)).max())
