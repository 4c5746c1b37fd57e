"""Clauses on the answers to one tiny problem: their form, also for unusual examples.

A clause returns if the method keeps it, raises ContractError if not, and passes Unsupported on.
"""

from __future__ import annotations

import re
from dataclasses import replace

from recurbench import answers
from recurbench.contract.subject import ContractError, NotTried, Subject, ask
from recurbench.contract.toy_problems import Tiny, few, gaps, lacking, still
from recurbench.task import Predictor, Split, Unsupported

# Words by which a ValueError counts as a refusal of missing values.
MISSING = re.compile(r"missing|\bnan\b|finite|\bgaps?\b", re.IGNORECASE)


def import_error(subject: Subject) -> str:
    """Why the plugin's file cannot be imported, or ""."""
    try:
        subject.imported()
    except (Exception, SystemExit) as error:
        return f"its file cannot be imported, it {subject.raised(error)}; mend it, or install what it needs"
    return ""


def answers_in_form(subject: Subject, tiny: Tiny) -> None:
    """One array per example, of the shape the task asks for."""
    _without_trouble(subject, tiny, "form")


def answers_in_type(subject: Subject, tiny: Tiny) -> None:
    """Numbers as floats, symbols as integers or chances."""
    _without_trouble(subject, tiny, "dtype")


def answers_in_range(subject: Subject, tiny: Tiny) -> None:
    """Finite numbers, chances that sum to 1, symbols that exist."""
    _without_trouble(subject, tiny, "values")


def _without_trouble(subject: Subject, tiny: Tiny, check: str) -> None:
    seen = subject.seen(tiny.name)
    if seen.trouble is not None and seen.trouble[0] == check:
        raise ContractError(seen.trouble[1])
    if seen.refusal is not None and seen.trouble is None:
        raise seen.refusal
    if seen.trouble is not None:
        raise NotTried(f"not tried: {tiny.name} fails the check {seen.trouble[0]}")


def answers_unequal(subject: Subject, tiny: Tiny) -> None:
    """Answers of the proper form after training examples of unequal length."""
    ask(tiny.task, subject.fit(tiny), tiny.test)


def answers_after_few(subject: Subject, tiny: Tiny) -> None:
    """The same after the least training there can be."""
    # So few leave nothing to hold out: `check` is not given, as in the final stage of a run.
    small = few(tiny)
    ask(tiny.task, subject.fit(small, watched=False), small.test)


def answers_without_a_class(subject: Subject, tiny: Tiny) -> None:
    """The same where the last symbol of the answers does not occur in train."""
    small = lacking(tiny)
    ask(tiny.task, subject.fit(small, watched=False), small.test)


def answers_shortest(subject: Subject, tiny: Tiny) -> None:
    """The same to examples of one step."""
    ask(tiny.task, fitted(subject, tiny), tiny.shortest)


def answers_unseen(subject: Subject, tiny: Tiny) -> None:
    """The same to lengths that train did not hold."""
    ask(tiny.task, fitted(subject, tiny), tiny.unseen)


def answers_still(subject: Subject, tiny: Tiny) -> None:
    """The same with constant values: first one value for all examples, then one per example."""
    for levels in ((1, 1), (0, 2)):
        rest = still(tiny, levels)
        ask(rest.task, subject.fit(rest), rest.test)


def fitted(subject: Subject, tiny: Tiny) -> Predictor:
    """The predictor of the shared fit."""
    predict = subject.ready(tiny.name).predict
    assert predict is not None
    return predict


def takes_or_refuses_gaps(subject: Subject, tiny: Tiny) -> None:
    """With missing values, in every place that allows them, the method answers or refuses with a reason."""
    cases = _gapped(tiny)
    if not cases:
        raise Unsupported("symbols have no missing values")
    refused = None
    for where, train, asked in cases:
        try:
            # The shared fit used the complete data.
            known = fitted(subject, tiny) if train is tiny.train else None
            predict = known or subject.fit(replace(tiny, train=train))
            got = predict(asked.blind())
        except Unsupported as refusal:
            refused = refusal
            continue
        except Exception as error:  # any error of a plugin is a failure of the plugin
            if isinstance(error, ValueError) and MISSING.search(str(error)):
                continue
            raise ContractError(
                f"with missing values (NaN) in {where} it {subject.raised(error)}; fill the gaps, or raise a "
                "ValueError or Unsupported: a refusal must say that values are missing"
            ) from error
        wrong = answers.form_error(tiny.task, tiny.test, got)
        if wrong:
            raise ContractError(
                f"with missing values (NaN) in {where}: {wrong}; fill the gaps, or raise a ValueError or "
                "Unsupported that says values are missing"
            )
    if refused is not None:
        raise refused


def _gapped(tiny: Tiny) -> list[tuple[str, Split, Split]]:
    """Cases of missing values: where they are, the data to fit on, and the examples to answer."""
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
