"""The contract of a method as checks: for plugin authors, for `recurbench check` and for our own tests.

Every check fits the method on tiny problems made on the spot, with small budgets: a method with a setting
`max_steps` or `trees` gets 10 of them. The kit finds mistakes; it cannot catch deliberate evasion, for a
plugin is code that its user chose to run.

    @pytest.mark.parametrize(("name", "run"), method_checks(plugin))
    def test_contract(name, run):
        outcome = run()
        assert outcome.status != "failed", outcome.words
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from recurbench import _clauses as clauses
from recurbench._tiny import Tiny, tinies
from recurbench.registry import Plugin
from recurbench.task import KINDS, Unsupported
from threadpoolctl import threadpool_limits


@dataclass(frozen=True)
class Outcome:
    """How a check went: status "ok", "unsupported" (refused in words, which passes) or "failed", and why.

    words: beside "ok", what the method refused of the problems that it may refuse.
    """

    status: str
    words: str = ""


@dataclass(frozen=True)
class Check:
    """One clause of the contract: `words` say what is required of a method, `run` tries it on one kind."""

    name: str
    words: str
    run: Callable[[Plugin, str], Outcome]
    kinds: tuple[str, ...] = KINDS


@dataclass(frozen=True)
class Result:
    """The outcome of one check of one plugin on one kind, all in words."""

    plugin: str
    kind: str
    check: str
    status: str
    words: str


def checks_for(plugin: Plugin) -> Iterator[Result]:
    """Run every check on every kind that a method declares, one after the other."""
    for kind, check in _cases(plugin):
        outcome = check.run(plugin, kind)
        yield Result(plugin.name, kind, check.name, outcome.status, outcome.words)


def method_checks(plugin: Plugin) -> list[tuple[str, Callable[[], Outcome]]]:
    """The same as pairs of a name, such as "dtw-1nn/classification/length-1", and what to call."""
    return [
        (f"{plugin.name}/{kind}/{check.name}", partial(check.run, plugin, kind))
        for kind, check in _cases(plugin)
    ]


def _cases(plugin: Plugin) -> list[tuple[str, Check]]:
    if plugin.sort != "method":
        raise ValueError(f"{plugin.name} is a {plugin.sort}; the contract checks are for methods")
    unknown = sorted(plugin.kinds - set(KINDS))
    if unknown:
        raise ValueError(f"{plugin.name} declares {', '.join(unknown)}; the kinds are {', '.join(KINDS)}")
    return [(kind, check) for kind in sorted(plugin.kinds) for check in CHECKS if kind in check.kinds]


Clause = Callable[[Plugin, Tiny], None]


def _over(clause: Clause, problems: Callable[[str], list[Tiny]]) -> Callable[[Plugin, str], Outcome]:
    """A `run` that tries `clause` on each problem: the first failure counts, one success is enough."""

    def run(plugin: Plugin, kind: str) -> Outcome:
        refusals: dict[str, None] = {}
        passed = False
        for tiny in problems(kind):
            outcome = _try(clause, plugin, tiny)
            if outcome.status == "failed":
                return replace(outcome, words=f"{tiny.name}: {outcome.words}")
            if outcome.status == "unsupported":
                refusals[outcome.words] = None
            passed = passed or outcome.status == "ok"
        none = "" if passed else f"the kit has no problem of kind {kind} for it yet"
        return Outcome("ok" if passed else "unsupported", "; ".join(refusals) or none)

    return run


def _try(clause: Clause, plugin: Plugin, tiny: Tiny) -> Outcome:
    try:
        # Warnings are for whoever runs the method on data; one thread makes float sums repeatable.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            clause(plugin, tiny)
    except Unsupported as refusal:
        if str(refusal).strip():
            return Outcome("unsupported", str(refusal))
        return Outcome("failed", "raised Unsupported without a reason; give one sentence that says why")
    except clauses.ContractError as breach:
        return Outcome("failed", str(breach))
    except Exception as error:  # whatever a plugin raises is its failure, not the kit's
        return Outcome("failed", f"{clauses.raised(plugin, error)}; answer, {clauses.ELSEWHERE}")
    return Outcome("ok")


def _form_or_refusal(plugin: Plugin, kind: str) -> Outcome:
    """Like every check, but a declared kind may not be refused altogether."""
    outcome = _over(clauses.answers_in_form, tinies)(plugin, kind)
    if outcome.status == "unsupported" and tinies(kind):
        return Outcome(
            "failed",
            f"declares kind {kind} but refuses the plainest problems of it: {outcome.words}; answer one of "
            "them, or leave the kind out of `kinds`",
        )
    return outcome


def _plain(kind: str) -> list[Tiny]:
    return [tiny for tiny in tinies(kind) if tiny.plain]


def _unequal(kind: str) -> list[Tiny]:
    return [tiny for tiny in tinies(kind, unequal=True) if tiny.plain]


def _timed(kind: str) -> list[Tiny]:
    """The problems with a future that must not matter."""
    return _plain(kind) if kind == "forecasting" else [tiny for tiny in tinies(kind) if tiny.task.causal]


def _holed(kind: str) -> list[Tiny]:
    """The plain problems and those with covariates known in advance, which can be missing too."""
    return [tiny for tiny in tinies(kind) if tiny.plain or len(tiny.test.ahead)]


def _told(kind: str) -> list[Tiny]:
    """The plain problems, in labelling the causal ones too: their chances are other ones."""
    return tinies(kind) if kind == "labelling" else _plain(kind)


# In the order of what a new method should get right first.
CHECKS: tuple[Check, ...] = (
    Check("form", "One array per example, of the shape and type the task asks for.", _form_or_refusal),
    Check(
        "unequal-lengths", "Training examples may differ in length.", _over(clauses.answers_in_form, _unequal)
    ),
    Check("length-1", "An example of a single step is answered.", _over(clauses.answers_shortest, _plain)),
    Check(
        "constant", "Values that never change are no reason to fail.", _over(clauses.answers_still, _plain)
    ),
    Check(
        "few-examples",
        "One example per class, a class without examples, or one example in all is enough to fit.",
        _over(clauses.answers_after_few, _plain),
    ),
    Check(
        "unseen-lengths",
        "Lengths that train did not hold are answered.",
        _over(clauses.answers_unseen, _plain),
    ),
    Check(
        "seed", "The same training and seed give exactly the same answers.", _over(clauses.repeats, _plain)
    ),
    Check(
        "input",
        "Neither fitting nor answering changes what it was given.",
        _over(clauses.leaves_input, _plain),
    ),
    Check(
        "batch",
        "An answer does not depend on the rest of the batch.",
        _over(clauses.answers_each_alone, _plain),
    ),
    Check(
        "missing",
        "Missing values are handled or refused in words.",
        _over(clauses.takes_or_refuses_gaps, _holed),
    ),
    Check(
        "future",
        "What comes later changes no earlier answer, in forecasting and in causal tasks.",
        _over(clauses.keeps_from_the_future, _timed),
        ("forecasting", "labelling"),
    ),
    Check("state", "Asked again, a predictor gives the same answers.", _over(clauses.keeps_no_state, _plain)),
    Check(
        "likelihood",
        "Where log_likelihood is offered, no term uses a later answer and chances sum to 1.",
        _over(clauses.tells_chances, _told),
    ),
)
