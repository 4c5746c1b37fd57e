"""The contract of a method as checks: for plugin authors, for `recurbench check` and for our own tests.

Every check fits the method on tiny generated problems with a small budget: the setting `max_steps` is 5 and
`trees` is 10. Checks that only need predictions share one fit per problem. The checks perturb batches, order,
futures and seeds, watch files and connections with an audit hook of the interpreter, and compare the process
before and after. They find mistakes. They do not catch deliberate evasion, such as C code that calls the
system directly: a plugin is code that its user chose to run.

    @pytest.mark.parametrize(("name", "run"), method_checks(plugin))
    def test_contract(name, run):
        outcome = run()
        assert outcome.status != "failed", outcome.words
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from recurbench.contract import clauses, conduct, leaks, units
from recurbench.contract.problems import problem_error
from recurbench.contract.side_effects import generators_at, watching
from recurbench.contract.subject import FIRST, OR_REFUSE, ContractError, NotTried, Subject
from recurbench.contract.toy_problems import Tiny, tinies
from recurbench.registry import Plugin
from recurbench.task import KINDS, Unsupported
from threadpoolctl import ThreadpoolController

__all__ = ["CHECKS", "Check", "Outcome", "Result", "checks_for", "method_checks", "problem_error"]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a check: status "ok", "unsupported" (refused with a reason, which passes) or "failed".

    words: the reason; beside "ok", the reasons for problems that the method refused and may refuse. A check
    that could not be tried because another one failed is "unsupported" too.
    """

    status: str
    words: str = ""


@dataclass(frozen=True)
class Check:
    """One clause of the contract: `words` say what a method must do, `run` tries it on one kind of task."""

    name: str
    words: str
    run: Callable[[Subject], Outcome]
    kinds: tuple[str, ...] = KINDS


@dataclass(frozen=True)
class Result:
    """The outcome of one check of one plugin on one kind of task."""

    plugin: str
    kind: str
    check: str
    status: str
    words: str


def checks_for(plugin: Plugin) -> Iterator[Result]:
    """Run every check on every kind that a method declares, one after the other."""
    for subject, check in _cases(plugin):
        outcome = check.run(subject)
        yield Result(plugin.name, subject.kind, check.name, outcome.status, outcome.words)


def method_checks(plugin: Plugin) -> list[tuple[str, Callable[[], Outcome]]]:
    """The same checks, each as a name such as "dtw-1nn/classification/length-1" and a function to call."""
    return [
        (f"{plugin.name}/{subject.kind}/{check.name}", partial(check.run, subject))
        for subject, check in _cases(plugin)
    ]


def _cases(plugin: Plugin) -> list[tuple[Subject, Check]]:
    if plugin.sort != "method":
        raise ValueError(f"{plugin.name} is a {plugin.sort}; the contract checks are for methods")
    unknown = sorted(plugin.kinds - set(KINDS))
    if unknown:
        raise ValueError(f"{plugin.name} declares {', '.join(unknown)}; the kinds are {', '.join(KINDS)}")
    subjects = [Subject(plugin, kind) for kind in sorted(plugin.kinds)]
    return [(subject, check) for subject in subjects for check in CHECKS if subject.kind in check.kinds]


def _plain(kind: str) -> list[Tiny]:
    return [tiny for tiny in tinies(kind) if tiny.plain]


def _unequal(kind: str) -> list[Tiny]:
    return [tiny for tiny in tinies(kind, unequal=True) if tiny.plain]


def _causal(kind: str) -> list[Tiny]:
    return [tiny for tiny in tinies(kind) if tiny.task.causal]


def _coded(kind: str) -> list[Tiny]:
    """The plain problems whose answers are symbols, some of which train may lack."""
    return [tiny for tiny in _plain(kind) if tiny.task.y.symbols]


def _holed(kind: str) -> list[Tiny]:
    """The plain problems, and those with covariates known in advance, whose values can be missing."""
    return [tiny for tiny in tinies(kind) if tiny.plain or len(tiny.test.ahead)]


def _measured(kind: str) -> list[Tiny]:
    """The plain problems, and those with quantiles or covariates."""
    return [tiny for tiny in tinies(kind) if tiny.plain or tiny.task.quantiles or len(tiny.test.ahead)]


def _with_likelihood(kind: str) -> list[Tiny]:
    """The plain problems; in labelling also the causal ones, which have other probabilities."""
    return tinies(kind) if kind == "labelling" else _plain(kind)


Clause = Callable[[Subject, Tiny], None]


def _over(
    clause: Clause,
    problems: Callable[[str], list[Tiny]] = _plain,
    *,
    first: bool = False,
    any_answer: bool = False,
) -> Callable[[Subject], Outcome]:
    """A `run` that tries `clause` on each problem. It fails at the first failure; else one success is enough.

    first: stop at the first success. any_answer: try it even if the shared fit gave no proper answers.
    """

    def run(subject: Subject) -> Outcome:
        refusals: dict[str, None] = {}
        passed = False
        for tiny in problems(subject.kind):
            outcome = _try(clause, subject, tiny, any_answer)
            if outcome.status == "failed":
                return replace(outcome, words=f"{tiny.name}: {outcome.words}")
            if outcome.status == "unsupported":
                refusals[outcome.words] = None
            passed = passed or outcome.status == "ok"
            if passed and first:
                break
        none = "" if passed else f"the kit has no problem of kind {subject.kind} for it yet"
        return Outcome("ok" if passed else "unsupported", "; ".join(refusals) or none)

    return run


def _try(clause: Clause, subject: Subject, tiny: Tiny, any_answer: bool) -> Outcome:
    try:
        # Warnings are no failure. They are recorded because a library may switch them on again.
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("ignore")
            # Imports, with all they change, happen before anything is compared.
            with _one_thread():
                subject.early(tiny.name)
            with _one_thread(), generators_at(FIRST), watching():
                if not any_answer:
                    subject.ready(tiny.name)
                clause(subject, tiny)
    except NotTried as reason:
        return Outcome("unsupported", str(reason))
    except Unsupported as refusal:
        if str(refusal).strip():
            return Outcome("unsupported", str(refusal))
        return Outcome("failed", "raised Unsupported without a reason; give one sentence that says why")
    except ContractError as breach:
        return Outcome("failed", str(breach))
    except (Exception, SystemExit) as error:  # whatever a plugin raises is its failure, not the kit's
        return Outcome("failed", f"{subject.raised(error)}; answer, {OR_REFUSE}")
    return Outcome("ok")


def _one_thread() -> AbstractContextManager[Any]:
    """One thread in every thread pool loaded so far, which makes sums of floats repeatable."""
    pools: AbstractContextManager[Any] = _pools(len(sys.modules)).limit(limits=1)
    return pools


@functools.lru_cache(maxsize=1)
def _pools(_modules: int) -> ThreadpoolController:
    """The thread pools of the loaded libraries; searched again only after another import."""
    return ThreadpoolController()


def _imports(subject: Subject) -> Outcome:
    wrong = clauses.import_error(subject)
    return Outcome("failed", wrong) if wrong else Outcome("ok")


def _form_or_refusal(subject: Subject) -> Outcome:
    """The check of the form; a method may not refuse every problem of a kind that it declares."""
    outcome = _over(clauses.answers_in_form, tinies, any_answer=True)(subject)
    refused = outcome.status == "unsupported" and "not tried: " not in outcome.words
    if refused and tinies(subject.kind):
        return Outcome(
            "failed",
            f"declares kind {subject.kind} but refuses the plainest problems of it: {outcome.words}; answer "
            "one of them, or leave the kind out of `kinds`",
        )
    return outcome


# In the order in which a new method should pass them.
CHECKS: tuple[Check, ...] = (
    Check("import", "The plugin's file can be imported.", _imports),
    Check("form", "One array per example, of the shape the task asks for.", _form_or_refusal),
    Check(
        "dtype",
        "Numbers are floats; symbols are integers, or chances as floats.",
        _over(clauses.answers_in_type, tinies, any_answer=True),
    ),
    Check(
        "values",
        "No NaN or infinity, chances within 0..1 that sum to 1, only symbols there are.",
        _over(clauses.answers_in_range, tinies, any_answer=True),
    ),
    Check(
        "unequal-lengths", "Training examples may differ in length.", _over(clauses.answers_unequal, _unequal)
    ),
    Check("length-1", "An example of a single step is answered.", _over(clauses.answers_shortest)),
    Check("constant", "Values that never change are no reason to fail.", _over(clauses.answers_still)),
    Check(
        "few-examples",
        "One example per class, or one example in all, is enough to fit.",
        _over(clauses.answers_after_few),
    ),
    Check(
        "missing-class",
        "A symbol that train never answers with is no reason to fail, and keeps its place.",
        _over(clauses.answers_without_a_class, _coded),
        ("classification", "labelling"),
    ),
    Check("unseen-lengths", "Lengths that train did not hold are answered.", _over(clauses.answers_unseen)),
    Check(
        "missing",
        "Missing values are handled or refused in words.",
        _over(clauses.takes_or_refuses_gaps, _holed),
    ),
    Check("seed", "The same training and seed give exactly the same answers.", _over(conduct.repeats)),
    Check(
        "random-state",
        "Global random generators (random, numpy, torch) decide nothing and are left alone.",
        _over(conduct.leaves_global_generators),
    ),
    Check("seed-used", "A method that takes `seed` reads it.", _over(conduct.uses_its_seed, first=True)),
    Check(
        "seeds",
        "Each of several `seeds` fitted together answers as it does alone.",
        _over(conduct.trains_seeds_alike),
    ),
    Check(
        "input",
        "Neither fitting nor answering changes what it was given.",
        _over(conduct.leaves_input, tinies),
    ),
    Check("settings", "The settings given are left as they are.", _over(conduct.leaves_settings, tinies)),
    Check(
        "own-arrays",
        "Writing into an answer changes neither the next answer nor the data.",
        _over(conduct.gives_away_answers),
    ),
    Check("batch", "An answer does not depend on the rest of the batch.", _over(leaks.answers_each_alone)),
    Check(
        "order", "An answer does not depend on the order of the examples.", _over(leaks.answers_in_any_order)
    ),
    Check(
        "future",
        "Later origins of a series, whose history holds the answers to earlier ones, change no forecast.",
        _over(leaks.keeps_from_later_origins),
        ("forecasting",),
    ),
    Check(
        "causal",
        "In a causal task what comes after a step changes no answer up to it.",
        _over(leaks.keeps_from_later_steps, _causal),
        ("labelling",),
    ),
    Check(
        "units",
        "Forecasts of a series in another unit are the same forecasts in that unit.",
        _over(units.follows_units, _measured),
        ("forecasting",),
    ),
    Check("state", "Asked again, a predictor gives the same answers.", _over(conduct.keeps_no_state)),
    Check(
        "earlier-fits",
        "A fit does not depend on fits before it.",
        _over(conduct.forgets_earlier_fits, first=True),
    ),
    Check(
        "likelihood",
        "Where log_likelihood is offered, no term uses a later answer and chances sum to 1.",
        _over(leaks.tells_chances, _with_likelihood),
    ),
    Check(
        "notes", "Notes can be stored, and counts in them are sane.", _over(conduct.keeps_fit_notes, tinies)
    ),
    Check(
        "surroundings",
        "Folder, environment, signals, locale, limits and modes of libraries are left as they were.",
        _over(conduct.leaves_surroundings, tinies),
    ),
    Check(
        "patched",
        "No function or class of a library, of Python or of recurbench is replaced.",
        _over(conduct.leaves_libraries),
    ),
    Check("quiet", "Nothing is printed.", _over(conduct.prints_nothing, tinies)),
    Check("files", "No file is written but temporary ones.", _over(conduct.writes_nothing, tinies)),
    Check("network", "No connection is opened.", _over(conduct.reaches_nobody, tinies)),
    Check(
        "leftovers",
        "Threads, child processes and timers end with the call.",
        _over(conduct.leaves_nothing_running, tinies),
    ),
)
