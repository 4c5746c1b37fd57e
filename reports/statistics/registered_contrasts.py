"""The registered contrasts of a run, each with its ruling: `registered_rule` on the cells of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from recurbench.contrasts import FIRST, Registered, judged_methods, registration
from recurbench.registered_roles import agreed
from recurbench.registration import Frozen, frozen_pairs
from recurbench.reports.statistics.outcomes import CellReason, Reason, ReasonCode, of_cell, reason
from recurbench.reports.statistics.registered_rule import (
    ERROR,
    LAST,
    SOLVED,
    Columns,
    Difference,
    Floats,
    Outcome,
    Ruling,
    Secondary,
    Word,
    difference,
    ruling,
    secondary,
)
from recurbench.reports.statistics.replicates import hours_of, pair_of, skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.results import RUNS, Run, fits

NOT_RUN = reason(ReasonCode.NOT_RUN)


@dataclass(frozen=True)
class Roles:
    """The methods of a contrast by address: one column each, in the order of the groups, and who is who."""

    methods: tuple[str, ...]
    at: Columns

    @classmethod
    def of(cls, contrast: Registered, chosen: Frozen) -> Roles:
        """The roles that pilots chose."""
        place: dict[str, int] = {}
        addresses: list[str] = []
        for methods in chosen.rates.values():
            for name, rate in methods.items():
                place[name] = len(addresses)
                addresses.append(contrast.address(name, rate))

        def columns(group: str) -> tuple[int, ...]:
            return tuple(place[name] for name in chosen.rates.get(group, {}))

        at = Columns(
            columns("recurrent"),
            columns("full"),
            columns("window"),
            place[chosen.best_recurrent],
            place[chosen.best_full],
            None if chosen.best_window is None else place[chosen.best_window],
            place[chosen.best_memory],
            None if chosen.twin is None else place[chosen.twin],
            tuple(place[name] for name in chosen.twice),
        )
        return cls(tuple(addresses), at)


@dataclass(frozen=True)
class Judged:
    """One registered contrast and what a run says of it.

    skills: [replicates, methods by address], from FIRST on, as many as every method with a role has; NaN
    where a fit failed. ruling: None with a `refused` where nothing can be said. failed: by address why a fit
    has no score. seconds: by address the median CPU seconds of a fit. parameters: by address the number of
    trained parameters, rounded. hours: CPU hours of all cells.
    """

    contrast: Registered
    frozen: Frozen
    roles: Roles
    skills: pd.DataFrame
    ruling: Ruling | None
    refused: Reason | None = None
    failed: Mapping[str, CellReason] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, int] = field(default_factory=dict)
    hours: float = 0.0

    @property
    def word(self) -> Word:
        """The word of the contrast; undecided where it was refused or not run."""
        return Word.UNDECIDED if self.ruling is None else self.ruling.word

    def column(self, name: str) -> int:
        """The column of a method by its name in the frozen file, such as `best_recurrent`."""
        where = [each for methods in self.frozen.rates.values() for each in methods]
        return where.index(name)


def observe(run: Run, contrast: Registered, chosen: Frozen, family: int) -> Judged:
    """What a run says of one contrast, judged as one of `family`."""
    roles = Roles.of(contrast, chosen)
    cells = run.cells[run.cells["problem"] == contrast.problem]
    pairs = pair_of(cells) if len(cells) else None
    none = pd.DataFrame(columns=list(roles.methods), dtype=float)
    if pairs is None or not ((pairs >= FIRST) & (pairs < FIRST + LAST)).any():
        return Judged(contrast, chosen, roles, none, None, NOT_RUN)
    cells = cells[((pairs >= FIRST) & (pairs < FIRST + LAST)).fillna(False)]
    own = replace(run, cells=cells, problems=_within(run, contrast.problem))
    levels = by_draw(own, contrast.problem)
    if isinstance(levels, Reason):
        return Judged(contrast, chosen, roles, none, None, levels, hours=hours_of(cells))
    final = cells[cells["stage"] == "final"]
    asked = judged_methods(contrast, chosen)
    complete = _complete(final, asked)
    skills = skill_table(cells, levels).reindex(
        index=range(FIRST, FIRST + complete), columns=list(roles.methods)
    )
    failed = {
        str(row["address"]): of_cell(row["notes"], str(row["reason"]))
        for _, row in final[(final["status"] != "ok") & final["address"].isin(asked)].iterrows()
    }
    medians = fits(cells).groupby("address")["cpu_seconds"].median()
    costs = {str(address): float(value) for address, value in medians.items()}
    means = final.dropna(subset="parameters").groupby("address")["parameters"].mean()
    sizes = {str(address): round(float(value)) for address, value in means.items()}
    found = Judged(contrast, chosen, roles, skills, None, None, failed, costs, sizes, hours_of(cells))
    if not complete:
        return replace(found, refused=reason(ReasonCode.NO_COMPLETE_REPLICATE))
    ruled = ruling(skills.to_numpy(), roles.at, Outcome(chosen.outcome), Word(chosen.predicted), family)
    return replace(found, ruling=ruled)


def _within(run: Run, problem: str) -> dict[tuple[str, int | None], Mapping[str, object]]:
    return {
        place: facts
        for place, facts in run.problems.items()
        if place[0] == problem and place[1] is not None and FIRST <= place[1] < FIRST + LAST
    }


def _complete(final: pd.DataFrame, asked: Sequence[str]) -> int:
    """The replicates from FIRST on in which every method was run, whether its fit failed or not."""
    held = final.assign(replicate=pair_of(final)).groupby("replicate")["address"].agg(set)
    count = 0
    while FIRST + count in held.index and set(asked) <= held[FIRST + count]:
        count += 1
    return count


@lru_cache(maxsize=RUNS)
def registered(run: Run) -> tuple[Judged, ...]:
    """Every registered contrast of this release with its ruling in a run; formed once a run.

    Each is judged as one of all registered contrasts. ValueError if frozen.toml and registration.toml do not
    agree.
    """
    family = len(registration().contrasts)
    return tuple(observe(run, contrast, chosen, family) for contrast, chosen in agreed())


@dataclass(frozen=True)
class Compared:
    """A secondary contrast on one problem.

    one, other: the addresses of the two methods. n: replicates. By method: solved, the fits with skill at
    least .9; failed, the fits without a score; skills, the mean over the others, None where there are none.
    lift: `one` less `other`. If a fit failed, lift is None, both p are 1 and the pair is undecided.
    """

    name: str
    problem: str
    one: str
    other: str
    n: int
    solved: tuple[int, int]
    failed: tuple[int, int]
    skills: tuple[float | None, float | None]
    lift: Difference | None
    test: Secondary


def secondary_contrasts(found: Sequence[Judged]) -> tuple[Compared, ...]:
    """The secondary contrasts on the problems that a run holds, as one family with an error of its own.

    They are judged once, on the replicates that the contrast of their problem was judged on. Their number
    depends on p of the predicted word of that contrast. In simulated results this did not raise the share of
    false winners.
    """
    pairs = frozen_pairs()
    family = sum(len(pair.problems) for pair in registration().secondary)
    by_problem = {each.contrast.problem: each for each in found}
    compared = []
    for pair in pairs:
        each = by_problem.get(pair.problem)
        if each is None or each.ruling is None:
            continue
        one, other = (each.roles.methods[each.column(name)] for name in (pair.one, pair.other))
        both = each.skills[[one, other]].iloc[: each.ruling.n]
        a, b = both[one].to_numpy(), both[other].to_numpy()
        lift, test = None, Secondary(1.0, 1.0, ERROR / family)
        if np.isfinite([a, b]).all():
            lift = difference(a - b) if len(both) > 1 else None
            test = secondary(a, b, Outcome(each.frozen.outcome), family)
        solved = (int((a >= SOLVED).sum()), int((b >= SOLVED).sum()))
        failed = (int(np.isnan(a).sum()), int(np.isnan(b).sum()))
        skills = (_mean(a), _mean(b))
        compared.append(
            Compared(pair.name, pair.problem, one, other, len(both), solved, failed, skills, lift, test)
        )
    return tuple(compared)


def _mean(values: Floats) -> float | None:
    """The mean of the values that are known; None where there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
