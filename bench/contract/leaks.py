"""Clauses on what an answer may depend on: the training data and its own example, without later values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from recurbench import answers
from recurbench.contract.clauses import fitted
from recurbench.contract.subject import ContractError, Subject, ask
from recurbench.contract.toy_problems import Tiny
from recurbench.task import Array, Split, Unsupported


def answers_each_alone(subject: Subject, tiny: Tiny) -> None:
    """Every example gets the same answer alone and in a batch with longer examples."""
    for split, together in _asked(subject, tiny):
        wrong = answers.batch_error(tiny.task, fitted(subject, tiny), split, together)
        if wrong:
            raise ContractError(f"{wrong}; keep padding and the rest of the batch out of it")


def answers_in_any_order(subject: Subject, tiny: Tiny) -> None:
    """The order of the examples changes no answer."""
    for split, together in _asked(subject, tiny):
        turned = ask(tiny.task, fitted(subject, tiny), split.take(range(len(split))[::-1]))
        if not all(map(answers.same, turned[::-1], together)):
            raise ContractError(
                "the examples in another order got other answers, wanted the same ones; take what belongs "
                "to an example from that example, not from its place"
            )


def _asked(subject: Subject, tiny: Tiny) -> list[tuple[Split, Sequence[Array]]]:
    """The test examples and those of unseen lengths, with their answers."""
    found: list[tuple[Split, Sequence[Array]]] = [(tiny.test, subject.ready(tiny.name).answers)]
    try:
        # Copies, because a predictor may return the same array again.
        got = [np.array(answer) for answer in ask(tiny.task, fitted(subject, tiny), tiny.unseen)]
    except Exception:  # another clause reports errors at these lengths
        return found
    return [*found, (tiny.unseen, got)]


def keeps_from_later_origins(subject: Subject, tiny: Tiny) -> None:
    """Values after an origin, in later examples of the same series, change no forecast."""
    before = subject.ready(tiny.name).answers
    # The first origin of a series is unchanged; later ones get other values after that origin.
    changed = tiny.test.copy()
    starts: dict[Any, int] = {}
    for x, name in zip(changed.x, changed.series, strict=True):
        x[starts.setdefault(name, len(x)) :] += 5.0
    after = ask(tiny.task, fitted(subject, tiny), changed)
    for i, x in enumerate(changed.x):
        if len(x) == starts[changed.series[i]] and not answers.same(before[i], after[i]):
            raise ContractError(
                f"example {i}: other values after its origin, in later examples of its series, changed its "
                "answer; forecast from the example's own x alone"
            )


def keeps_from_later_steps(subject: Subject, tiny: Tiny) -> None:
    """In a causal task, values after a step change no answer up to that step."""
    before = subject.ready(tiny.name).answers
    wrong = answers.future_error(tiny.task, fitted(subject, tiny), tiny.test, before)
    if wrong:
        raise ContractError(wrong)


def tells_chances(subject: Subject, tiny: Tiny) -> None:
    """If `log_likelihood` is offered: its form, no use of later answers, probabilities that sum to 1."""
    likelihood = getattr(fitted(subject, tiny), "log_likelihood", None)
    if likelihood is None:
        raise Unsupported("offers no log_likelihood, which is optional")
    task, split = tiny.task, tiny.test
    if task.length == "free":
        terms = likelihood(split)
        wrong = answers.likelihood_error(split, terms)
        wrong = wrong or answers.forcing_error(task, likelihood, split, terms)
        if wrong:
            raise ContractError(wrong)
        return
    before = _terms(likelihood, split)
    total = np.zeros(len(split))
    for k in range(task.y.size if task.y.symbols else 1):
        y = [np.array(answer) for answer in split.y]
        for answer in y:
            answer[-1] = k
        after = _terms(likelihood, replace(split, y=y))
        for i, (one, two) in enumerate(zip(before, after, strict=True)):
            if not answers.same(two[:-1], one[:-1]):
                raise ContractError(
                    f"log_likelihood of example {i}: another last answer changed an earlier term, wanted "
                    "log P(y_t | the answers before t, x); use no answer after t"
                )
        total += [np.exp(terms[-1]) for terms in after]
    if task.y.symbols and np.abs(total - 1).max() > 1e-3:
        raise ContractError(
            f"the chances of all symbols at a last step sum to {total[np.abs(total - 1).argmax()]:.4g} in "
            "log_likelihood, wanted 1; divide by their sum"
        )
    alone = _terms(likelihood, split.take([len(split) - 1]))[0]
    if not answers.same(alone, before[-1]):
        raise ContractError(
            f"log_likelihood of example {len(split) - 1} is another one alone than in the batch; keep the "
            "rest of the batch out of it"
        )


def _terms(likelihood: Callable[[Split], Sequence[Array]], split: Split) -> list[Array]:
    """The terms of log_likelihood, [S] per example, after a check of their form."""
    terms = list(likelihood(split))
    wrong = next(
        (f"log-likelihood {i} {w}" for i, t in enumerate(terms) if (w := answers.plain_error(t))), ""
    )
    if wrong:
        raise ContractError(wrong)
    wanted, seen = [(len(y),) for y in split.y], [term.shape for term in terms]
    if seen != wanted:
        raise ContractError(
            f"log_likelihood gave shapes {seen}, wanted one term per answered step, {wanted}; sum over "
            "channels, not over steps"
        )
    if any(np.isnan(term).any() or np.isposinf(term).any() for term in terms):
        raise ContractError(
            "log_likelihood gave NaN or +inf, wanted log chances or log densities; keep spreads above 0"
        )
    return terms
