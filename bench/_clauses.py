"""What each clause of the contract asks of a method on one tiny problem; `check` names and runs them.

A clause returns when it is kept, lets Unsupported through, and raises ContractError where it is broken.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from recurbench import answers
from recurbench._tiny import Tiny, few, gaps, still
from recurbench.registry import Plugin, load
from recurbench.task import Array, Predictor, Split, Task, Unsupported

# What is checked does not depend on the budget, so a method that has one of these settings gets little.
SMALL = {"max_steps": 10, "trees": 10}
# How a refusal of missing values may say so.
MISSING = re.compile(r"missing|\bnan\b|finite|\bgaps?\b", re.IGNORECASE)
ELSEWHERE = "or raise Unsupported(reason) where the method honestly cannot"


class ContractError(Exception):
    """What a method did against the contract: seen, wanted, how to mend it."""


def raised(plugin: Plugin, error: Exception) -> str:
    """The error in words, with the last line of the plugin's own file that it passed through."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == plugin.path]
    where = f" ({plugin.path.name}, line {lines[-1]})" if lines else ""
    return f"raised {type(error).__name__}: {error}{where}"


def _fit(plugin: Plugin, tiny: Tiny, watched: bool = True) -> Predictor:
    """A predictor fitted on the tiny problem; `watched` gives `check` to a method that takes it."""
    given: dict[str, Any] = {**plugin.settings, **{k: v for k, v in SMALL.items() if k in plugin.settings}}
    if "seed" in plugin.takes:
        given["seed"] = 0
    if "check" in plugin.takes and watched:
        given["check"] = tiny.watch
    predict: Predictor = _function(plugin)(tiny.task, tiny.train, **given)
    if not callable(predict):
        kind = type(predict).__name__
        raise ContractError(
            f"the method returned {kind}, wanted a callable from a Split to a list of arrays; return one"
        )
    return predict


def _function(plugin: Plugin) -> Callable[..., Any]:
    try:
        return load(plugin)
    except Exception as error:
        raise ContractError(
            f"its file cannot be imported, it {raised(plugin, error)}; mend it first"
        ) from error


def _ask(task: Task, predict: Predictor, split: Split) -> Sequence[Array]:
    """Answers of the proper form to `split`, which goes in without its own."""
    got = predict(split.blind())
    wrong = answers.form_error(task, split, got)
    if wrong:
        raise ContractError(f"{wrong}; give that form, {ELSEWHERE}")
    return got


def answers_in_form(plugin: Plugin, tiny: Tiny) -> None:
    """Answers of the proper form: number, shapes, types and values."""
    _ask(tiny.task, _fit(plugin, tiny), tiny.test)


def answers_after_few(plugin: Plugin, tiny: Tiny) -> None:
    """The same after the least training there can be."""
    for small in few(tiny):
        # So few leave nothing to hold out: `check` is not given, as in the final stage of a run.
        _ask(tiny.task, _fit(plugin, small, watched=False), small.test)


def answers_shortest(plugin: Plugin, tiny: Tiny) -> None:
    """The same to examples of one step."""
    _ask(tiny.task, _fit(plugin, tiny), tiny.shortest)


def answers_unseen(plugin: Plugin, tiny: Tiny) -> None:
    """The same to lengths that train did not hold."""
    _ask(tiny.task, _fit(plugin, tiny), tiny.unseen)


def answers_still(plugin: Plugin, tiny: Tiny) -> None:
    """The same where nothing moves: everything at one value, then each example at its own."""
    for levels in ((1, 1), (0, 2)):
        answers_in_form(plugin, still(tiny, levels))


def repeats(plugin: Plugin, tiny: Tiny) -> None:
    """Two fits with one seed give the same answers exactly."""
    one, two = (_ask(tiny.task, _fit(plugin, tiny), tiny.test) for _ in range(2))
    if not _equal(one, two):
        raise ContractError(
            "two fits on the same training with the same seed gave different answers, wanted the same ones "
            "exactly; take the argument `seed`, and draw only from generators made from it"
        )


def leaves_input(plugin: Plugin, tiny: Tiny) -> None:
    """Fitting and answering leave all arrays as they were."""
    before = answers.fingerprint(tiny.train, tiny.watch)
    predict = _fit(plugin, tiny)
    if answers.fingerprint(tiny.train, tiny.watch) != before:
        raise ContractError(
            "fitting changed the arrays it was given, wanted them as they were; work on copies"
        )
    before = answers.fingerprint(tiny.test)
    predict(tiny.test.blind())
    if answers.fingerprint(tiny.test) != before:
        raise ContractError(
            "answering changed the arrays it was given, wanted them as they were; work on copies"
        )


def answers_each_alone(plugin: Plugin, tiny: Tiny) -> None:
    """Every example gets the same answer alone, beside longer ones and in another order."""
    predict = _fit(plugin, tiny)
    _same_alone(tiny.task, predict, tiny.test, _ask(tiny.task, predict, tiny.test))
    try:
        together = _ask(tiny.task, predict, tiny.unseen)
    except Exception:  # whatever is wrong with these lengths is told by another clause
        return
    _same_alone(tiny.task, predict, tiny.unseen, together)


def _same_alone(task: Task, predict: Predictor, split: Split, together: Sequence[Array]) -> None:
    wrong = answers.batch_error(task, predict, split, together)
    if wrong:
        raise ContractError(f"{wrong}; keep padding and the rest of the batch out of it")
    turned = _ask(task, predict, split.take(range(len(split))[::-1]))
    if not all(map(answers.same, turned[::-1], together)):
        raise ContractError(
            "the examples in another order got other answers, wanted the same ones; take what belongs to an "
            "example from that example, not from its place"
        )


def takes_or_refuses_gaps(plugin: Plugin, tiny: Tiny) -> None:
    """Missing values, wherever they can be, lead to proper answers or to a refusal in words."""
    cases = _gapped(tiny)
    if not cases:
        raise Unsupported("symbols have no missing values")
    for where, train, asked in cases:
        try:
            got = _fit(plugin, replace(tiny, train=train))(asked.blind())
        except ValueError as refusal:
            if MISSING.search(str(refusal)):
                continue
            raise ContractError(
                f"with missing values (NaN) in {where} it {raised(plugin, refusal)}; a refusal must "
                "say that values are missing, so that its reader knows what to mend"
            ) from refusal
        wrong = answers.form_error(tiny.task, tiny.test, got)
        if wrong:
            raise ContractError(
                f"with missing values (NaN) in {where}: {wrong}; fill the gaps, or raise a ValueError or "
                "Unsupported that says values are missing"
            )


def _gapped(tiny: Tiny) -> list[tuple[str, Split, Split]]:
    """Where values are missing, what to fit on then and what to ask then."""
    train, test = tiny.train, tiny.test
    cases = []
    if not tiny.task.x.symbols:
        cases.append(("x to answer", train, gaps(test, "x")))
        cases.append(("x of train", gaps(train, "x"), test))
    if not tiny.task.y.symbols:
        cases.append(("the answers of train", gaps(train, "y"), test))
    if len(test.ahead):
        cases.append(("covariates known in advance", train, gaps(test, "ahead")))
    return cases


def keeps_from_the_future(plugin: Plugin, tiny: Tiny) -> None:
    """What comes after a step, or after an origin, changes no answer up to there."""
    predict = _fit(plugin, tiny)
    before = _ask(tiny.task, predict, tiny.test)
    if tiny.task.kind != "forecasting":
        wrong = answers.future_error(tiny.task, predict, tiny.test, before)
        if wrong:
            raise ContractError(wrong)
        return
    # The first origin of a series stays, the history of later ones is another one from there on.
    changed = tiny.test.copy()
    starts: dict[Any, int] = {}
    for x, name in zip(changed.x, changed.series, strict=True):
        x[starts.setdefault(name, len(x)) :] += 5.0
    after = _ask(tiny.task, predict, changed)
    for i, x in enumerate(changed.x):
        if len(x) == starts[changed.series[i]] and not answers.same(before[i], after[i]):
            raise ContractError(
                f"example {i}: other values after its origin, in later examples of its series, changed its "
                "answer; forecast from the example's own x alone"
            )


def keeps_no_state(plugin: Plugin, tiny: Tiny) -> None:
    """Asked the same again, with other questions between, a predictor says the same exactly."""
    predict = _fit(plugin, tiny)
    first = _ask(tiny.task, predict, tiny.test)
    first = [np.array(answer) for answer in first]  # the predictor may hand out the same array again
    _ask(tiny.task, predict, tiny.watch)
    again = _ask(tiny.task, predict, tiny.test)
    if not _equal(first, again):
        raise ContractError(
            "asked the same once more, the predictor gave other answers, wanted the same ones exactly; start "
            "each call from what was fitted and keep nothing from the call before"
        )


def _equal(one: Sequence[Array], other: Sequence[Array]) -> bool:
    return all(map(np.array_equal, one, other))


def tells_chances(plugin: Plugin, tiny: Tiny) -> None:
    """Where `log_likelihood` is offered: its form, no use of later answers, chances that sum to 1."""
    predict = _fit(plugin, tiny)
    door = getattr(predict, "log_likelihood", None)
    if door is None:
        raise Unsupported("offers no log_likelihood, which is optional")
    task, split = tiny.task, tiny.test
    before = _terms(door, split)
    total = np.zeros(len(split))
    for k in range(task.y.size if task.y.symbols else 1):
        y = [np.array(answer) for answer in split.y]
        for answer in y:
            answer[-1] = k
        after = _terms(door, replace(split, y=y))
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


def _terms(door: Callable[[Split], Sequence[Array]], split: Split) -> list[Array]:
    """What log_likelihood says, [S] per example, its form checked."""
    terms = [np.asarray(term) for term in door(split)]
    wanted, seen = [(len(y),) for y in split.y], [term.shape for term in terms]
    if seen != wanted:
        raise ContractError(f"log_likelihood gave shapes {seen}, wanted one term per answered step, {wanted}")
    if any(np.isnan(term).any() or np.isposinf(term).any() for term in terms):
        raise ContractError("log_likelihood gave NaN or +inf, wanted log chances or log densities")
    return terms
