"""The skills of groups of methods, with the method that validation chooses for every replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from recurbench.metrics import METRICS
from recurbench.reports.statistics.paired_tests import ROUNDING, Floats, Mean, bimodal
from recurbench.reports.statistics.replicates import UNDRAWN, by_replicate, pair_of


@dataclass(frozen=True)
class Skills:
    """Skill by replicate and method, and which methods form which group.

    test: [replicates, methods], 0 is the best constant answer, 1 the exact best. valid: alike, any score
    where higher is better; it alone chooses. shared: test cases per training case where the replicates are
    random parts of one set of cases, see `paired_tests.widened`.
    """

    test: pd.DataFrame
    valid: pd.DataFrame
    recurrent: tuple[str, ...]
    full: tuple[str, ...]
    window: tuple[str, ...] = ()
    cut: Mapping[str, str] | None = None
    shared: float = 0.0

    @cached_property
    def _tests(self) -> dict[str, Floats]:
        return _columns(self.test)

    @cached_property
    def _valids(self) -> dict[str, Floats]:
        return _columns(self.valid)

    def chosen(self, pool: Sequence[str]) -> list[str]:
        """For every replicate, the method of the pool with the best mean validation score over the others.

        A method is chosen, never a seed; equal scores go to the first by name. A replicate without others
        chooses for itself.
        """
        names = sorted(pool)
        scores = np.column_stack([self._valids[name] for name in names])
        n = len(scores)
        # Never the sum less the own score: a huge own score would take the others' digits along.
        others = (1 - np.eye(n)) @ scores / (n - 1) if n > 1 else scores
        close = ROUNDING * np.abs(others).max(axis=1, keepdims=True)
        best = others >= others.max(axis=1, keepdims=True) - close
        return [names[place] for place in best.argmax(axis=1)]

    def of(self, methods: Sequence[str]) -> Floats:
        """[replicates]: the test skill of one method per replicate."""
        return np.array([self._tests[name][place] for place, name in enumerate(methods)], dtype=float)

    def difference(self, one: Sequence[str], other: Sequence[str]) -> Mean:
        """Of two methods per replicate."""
        a, b = self.of(one), self.of(other)
        return Mean(a - b, bimodal(a) or bimodal(b), shared=self.shared)

    @property
    def lift(self) -> Mean:
        """Recurrent minus full-context."""
        return self.difference(self.chosen(self.recurrent), self.chosen(self.full))

    @property
    def without_state(self) -> Mean | None:
        """Recurrent minus its twin without a state; None where the run lacks a twin of a chosen method."""
        best, twins = self.chosen(self.recurrent), self.cut or {}
        other = [twins.get(name, "") for name in best]
        return self.difference(best, other) if set(other) <= set(self.test.columns) else None

    @property
    def context(self) -> Mean | None:
        """The best of recurrent and full-context minus window-limited; None without a window."""
        if not self.window:
            return None
        return self.difference(self.chosen((*self.recurrent, *self.full)), self.chosen(self.window))


def validation(
    cells: pd.DataFrame, draws: Mapping[Any, Mapping[str, Any]], methods: Sequence[str], pairs: pd.Index[Any]
) -> pd.DataFrame | None:
    """[replicates, methods]: the first selector that all of them have everywhere, higher being better."""
    inner = cells[(cells["stage"] == "inner") & cells["chosen"] & cells["address"].isin(methods)]
    inner = inner.assign(pair=pair_of(inner).fillna(UNDRAWN))
    for name in next(iter(draws.values()))["selectors"]:
        if name in inner:
            table = by_replicate(inner, name).reindex(index=pairs, columns=list(methods))
            if len(table) and table.notna().all(axis=None):
                return table if METRICS[name].higher_is_better else -table
    return None


def _columns(table: pd.DataFrame) -> dict[str, Floats]:
    return dict(zip(table.columns, table.to_numpy(dtype=float).T, strict=True))
