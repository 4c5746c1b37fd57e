"""One method on one kind of task; the checks that only need its answers share one fit per tiny problem."""

from __future__ import annotations

import ast
import copy
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from recurbench import answers
from recurbench.contract.side_effects import Conduct, generators_at, names, watching
from recurbench.contract.toy_problems import Tiny, tinies
from recurbench.isolation import process_state, third_party
from recurbench.plugin_files import companions, path_of
from recurbench.registry import Plugin, load
from recurbench.task import Array, Predictor, Split, Task, Unsupported

# The checks do not depend on the training budget, so methods with these settings get a small one.
SMALL = {"max_steps": 5, "trees": 10}
OR_REFUSE = "or raise Unsupported(reason) where the method honestly cannot"
AT_IMPORT = (
    "sys.path",
    "the filters of warnings",
)  # libraries change them too, and no result depends on them
FIRST, OTHER = 11, 12  # seeds that the global generators start from


class ContractError(Exception):
    """A breach of the contract: what was seen, what was wanted, and what to do."""


class NotTried(Exception):  # noqa: N818  (no error: another check reports what is wrong)
    """This check cannot be tried until another one passes."""


@dataclass
class Seen:
    """One fit, its answers to the test examples, and their side effects.

    answers: copies. refusal: the Unsupported it raised. trouble: the check that it fails, and why.
    fingerprints: of train and watch, then of test, before and after.
    """

    tiny: Tiny
    settings: dict[str, Any]
    predict: Predictor | None = None
    answers: list[Array] = field(default_factory=list)
    refusal: Unsupported | None = None
    trouble: tuple[str, str] | None = None
    fitting: Conduct = field(default_factory=Conduct)
    answering: Conduct = field(default_factory=Conduct)
    fingerprints: list[str] = field(default_factory=list)


class Subject:
    """A method on one of its kinds of task."""

    def __init__(self, plugin: Plugin, kind: str) -> None:
        self.plugin, self.kind = plugin, kind
        self._seen: dict[tuple[str, str], Seen] = {}
        self._seeded: dict[tuple[str, int], Sequence[Array]] = {}
        self.importing = Conduct()
        self._replaced: list[str] | None = None
        self._compared = False
        self._loaded: set[str] = set()

    def function(self) -> Callable[..., Any]:
        """The function of the method; NotTried if its file cannot be imported."""
        try:
            return self.imported()
        except (Exception, SystemExit) as error:
            why = f"its file cannot be imported, see the check import; it {self.raised(error)}"
            raise NotTried(f"not tried: {why}") from error

    def imported(self) -> Callable[..., Any]:
        """The function of the method; the changes that its first import makes are noted and not set back."""
        if self._compared:
            return load(self.plugin)
        self._compared = True
        self._loaded = set(sys.modules)
        third_party.preload(self.plugin)  # changes by imported libraries are not the method's
        known, before = names(), process_state.settings()
        known.accept()
        if self.plugin.module in sys.modules:
            return load(self.plugin)  # nothing runs, and so nothing is changed
        try:
            return load(self.plugin)
        finally:
            changed = process_state.differences(before)
            self.importing.changed = [words for words in changed if not words.startswith(AT_IMPORT)]
            self.importing.replaced = known.replaced()
            known.accept()

    def early(self, name: str) -> Seen:
        """The first fit on the tiny problem `name`, in which libraries may be imported and caches filled.

        The checks of side effects use it. If it imported nothing, it is also the fit that all checks share.
        """
        if (name, "early") not in self._seen:
            modules = len(sys.modules)
            found = self._once(name, "early", FIRST)
            if len(sys.modules) == modules:
                self._seen[name, "first"] = found
        return self._seen[name, "early"]

    def seen(self, name: str) -> Seen:
        """The fit that all checks share on the tiny problem `name`."""
        return self._once(name, "first", FIRST)

    def again(self, name: str) -> Seen:
        """A second fit, with the global random generators started elsewhere."""
        return self._once(name, "again", OTHER)

    def third(self, name: str) -> Seen:
        """A fit with the global random generators where the first one had them."""
        return self._once(name, "third", FIRST)

    def ready(self, name: str) -> Seen:
        """The shared fit if its answers are valid; otherwise raises the reason: NotTried or Unsupported."""
        found = self.seen(name)
        if found.trouble is not None:
            raise NotTried(f"not tried: {name} fails the check {found.trouble[0]}, which comes first")
        if found.refusal is not None:
            raise found.refusal
        return found

    def _once(self, name: str, which: str, start: int) -> Seen:
        if (name, which) not in self._seen:
            tiny = next(tiny for tiny in tinies(self.kind) if tiny.name == name)
            self._seen[name, which] = self._look(tiny, start)
        return self._seen[name, which]

    def _look(self, tiny: Tiny, start: int) -> Seen:
        function, seen = self.function(), Seen(tiny, self.given(tiny))
        seen.fingerprints.append(answers.fingerprint(tiny.train, tiny.watch))
        try:
            with generators_at(start):
                with watching() as seen.fitting:
                    predict = function(tiny.task, tiny.train, **seen.settings)
                seen.fingerprints.append(answers.fingerprint(tiny.train, tiny.watch))
                seen.predict = _callable(predict)
                seen.fingerprints.append(answers.fingerprint(tiny.test))
                with watching() as seen.answering:
                    got = predict(tiny.test.blind())
                seen.fingerprints.append(answers.fingerprint(tiny.test))
        except Unsupported as refusal:
            seen.refusal = refusal
            if not str(refusal).strip():
                seen.trouble = (
                    "form",
                    "raised Unsupported without a reason; give one sentence that says why",
                )
        except ContractError as breach:
            seen.trouble = ("form", str(breach))
        except (Exception, SystemExit) as error:  # any error of a plugin is a failure of the plugin
            seen.trouble = ("form", f"{self.raised(error)}; answer, {OR_REFUSE}")
        else:
            seen.trouble = _trouble(tiny.task, tiny.test, got)
            seen.answers = [] if seen.trouble else [np.array(answer) for answer in got]
        return seen

    def fit(self, tiny: Tiny, *, watched: bool = True, seed: int = 0, **words: Any) -> Predictor:
        """Fit on a tiny problem, without sharing; `watched` passes `check` to a method that takes it."""
        given = {**self.given(tiny, watched, seed), **words}
        with generators_at(FIRST):
            return _callable(self.function()(tiny.task, tiny.train, **given))

    def seeded(self, tiny: Tiny, seed: int, **stage: Any) -> Sequence[Array]:
        """The answers to test of a fit with this seed; checks that ask for the same fit share it.

        stage: what a fit on all of train is given instead of `check`, such as steps=3. It is not shared.
        """
        if stage:
            return ask(tiny.task, self.fit(tiny, seed=seed, watched=False, **stage), tiny.test)
        if seed == 0:
            return self.ready(tiny.name).answers
        if (tiny.name, seed) not in self._seeded:
            asked = ask(tiny.task, self.fit(tiny, seed=seed), tiny.test)
            self._seeded[tiny.name, seed] = [np.array(answer) for answer in asked]
        return self._seeded[tiny.name, seed]

    def fits(
        self, tiny: Tiny, seeds: Sequence[int], *, watched: bool = True, **words: Any
    ) -> list[Predictor]:
        """The predictors of several seeds fitted together, of a method that takes `seeds`."""
        given = {**self.given(tiny, watched), **words, "seeds": tuple(seeds)}
        del given["seed"]
        with generators_at(FIRST):
            made = self.function()(tiny.task, tiny.train, **given)
        if not isinstance(made, list | tuple) or len(made) != len(seeds):
            what = f"{len(made)} of them" if isinstance(made, list | tuple) else type(made).__name__
            raise ContractError(
                f"given seeds={tuple(seeds)}, the method returned {what}, wanted a predictor for each; "
                "return a list in the order of the seeds"
            )
        for one in made:
            if isinstance(one, Exception):
                raise one
        return [_callable(one) for one in made]

    def anew(self, tiny: Tiny) -> Sequence[Array]:
        """Answers of the method after a new import of its package, which knows no earlier fit."""
        if path_of(self.plugin.module) is None:
            packages = [self.plugin.module.rpartition(".")[0] or self.plugin.module]
        else:
            packages = [self.plugin.module, *companions(self.plugin.path)]
        known = _taken_out(packages)
        try:
            return ask(tiny.task, self.fit(tiny), tiny.test)
        finally:
            _taken_out(packages)
            sys.modules.update(known)
            for package in packages:
                parent, _, name = package.rpartition(".")
                if parent and package in known:
                    setattr(sys.modules[parent], name, known[package])

    def late_imports(self) -> str:
        """What the plugin file imported from its folder by a name that is not written in its text."""
        return third_party.late_imports(self.plugin, self._loaded)

    def replaced(self) -> list[str]:
        """The names of libraries that fitting or answering replaced; they are set back."""
        if self._replaced is None:
            known = names()
            self._replaced = known.replaced()
            if self._replaced:
                known.put_back()
        return self._replaced

    def given(self, tiny: Tiny, watched: bool = True, seed: int = 0) -> dict[str, Any]:
        """The keyword arguments of a fit, copied."""
        plugin = self.plugin
        given = copy.deepcopy({**plugin.settings, **{k: v for k, v in SMALL.items() if k in plugin.settings}})
        if "seed" in plugin.takes:
            given["seed"] = seed
        if "check" in plugin.takes and watched:
            given["check"] = tiny.watch
        return given

    def raised(self, error: BaseException) -> str:
        """The error as text, with the last line of the plugin's file in its traceback."""
        path = self.plugin.path
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
        where = f" ({path.name}, line {lines[-1]})" if lines else ""
        return f"raised {type(error).__name__}: {error}{where}"

    def reads(self, word: str) -> bool:
        """Whether the method's function reads its argument `word` anywhere."""
        tree = ast.parse(self.plugin.path.read_text(encoding="utf-8"))
        own = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == self.plugin.function)
        names = [n for n in ast.walk(own) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        return any(n.id in (word, "locals") for n in names)


def _callable(predict: Any) -> Predictor:
    if not callable(predict):
        raise ContractError(
            f"the method returned {type(predict).__name__}, wanted a callable from a Split to a list of "
            "arrays; return one"
        )
    return predict  # type: ignore[no-any-return]


def ask(task: Task, predict: Predictor, split: Split) -> Sequence[Array]:
    """The answers to `split`, which the predictor gets without its y; ContractError on a wrong form."""
    got = predict(split.blind())
    wrong = answers.form_error(task, split, got)
    if wrong:
        raise ContractError(f"{wrong}; give that form, {OR_REFUSE}")
    return got


def equal(one: Sequence[Array], other: Sequence[Array]) -> bool:
    """Whether both hold exactly the same arrays."""
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def _trouble(task: Task, split: Split, got: Any) -> tuple[str, str] | None:
    """The check of form, dtype or values that the answers fail, and the reason; None if they are valid."""
    wrong = answers.form_error(task, split, got)
    if not wrong:
        return None
    arrays = [answer for answer in got if isinstance(answer, np.ndarray)] if isinstance(got, Sequence) else []
    known = (np.floating, np.integer) if task.y.symbols else (np.floating,)
    typed = [a for a in arrays if any(np.issubdtype(a.dtype, sort) for sort in known)]
    if len(typed) < len(arrays) == len(split):
        return "dtype", f"{wrong}; convert with .astype"
    shaped = [a for a in typed if a.ndim > np.issubdtype(a.dtype, np.floating)]
    if any(wrong.endswith(found) for a in shaped if (found := answers.value_error(task, a))):
        return "values", f"{wrong}; give proper values, {OR_REFUSE}"
    return "form", f"{wrong}; give that form, {OR_REFUSE}"


def _taken_out(packages: Sequence[str]) -> dict[str, ModuleType]:
    """Remove the modules of some packages from `sys.modules`, so that the next import runs them again.

    Compiled modules stay: most of them cannot be imported twice.
    """
    own = [name for name in sys.modules if any(f"{name}.".startswith(f"{each}.") for each in packages)]
    written = [name for name in own if (getattr(sys.modules[name], "__file__", "") or "").endswith(".py")]
    return {name: sys.modules.pop(name) for name in written}
