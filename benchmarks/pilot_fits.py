"""The pilot fits of a contrast in a run, as the table that `pilot_choice.choose` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from recurbench.contrasts import FIRST, Registered, Registration
from recurbench.metrics import METRICS
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.pilot_choice import COLUMNS
from recurbench.reports.statistics.replicates import by_replicate, pair_of, skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.results import Run, fits

Recipe = tuple[str, float]
"""A method, named as in registration.toml, and a learning rate."""


@dataclass(frozen=True)
class Fits:
    """Pilot fits of one contrast. table: the columns of `choose`. seconds: CPU seconds a fit, by recipe.

    missing: addresses of recipes without a fit in every replicate; the table is then empty.
    """

    table: pd.DataFrame
    seconds: Mapping[Recipe, float]
    missing: tuple[str, ...] = ()


def fits_of(run: Run, contrast: Registered, methods: Sequence[str], plan: Registration) -> Fits:
    """The pilot fits of some methods with every learning rate. ValueError if one of them has no score."""
    recipes = {contrast.address(name, rate): (name, rate) for name in methods for rate in plan.rates}
    if plan.replicates > FIRST:
        raise ValueError(f"{plan.replicates} pilots per method; must be {FIRST} at most, judged ones follow")
    wanted = range(plan.replicates)
    cells = run.cells[(run.cells["problem"] == contrast.problem) & run.cells["address"].isin(list(recipes))]
    if len(cells):
        cells = cells[pair_of(cells).isin(wanted)]
    final = cells[cells["stage"] == "final"]
    held = set(zip(final["address"], pair_of(final), strict=True)) if len(final) else set()
    missing = [each for each in recipes if any((each, s) not in held for s in wanted)]
    if missing:
        return Fits(pd.DataFrame(columns=list(COLUMNS)), {}, tuple(missing))
    test, valid = _skills(run, cells, contrast), _validation(run, cells, contrast)
    rows = [
        (*recipe, s, test.loc[s, address], valid.loc[s, address])
        for address, recipe in recipes.items()
        for s in wanted
    ]
    seconds = fits(cells).groupby("address")["cpu_seconds"].sum() / plan.replicates
    spent = {recipe: float(seconds[address]) for address, recipe in recipes.items()}
    return Fits(pd.DataFrame(rows, columns=list(COLUMNS)), spent)


def _skills(run: Run, cells: pd.DataFrame, contrast: Registered) -> pd.DataFrame:
    """[replicates, addresses]: test skill. A failed fit counts with the score of its fallback answer."""
    final = cells[cells["stage"] == "final"]
    failed = final[final["score"].isna()]
    if len(failed):
        one = failed.iloc[0]
        raise ValueError(
            f"{contrast.problem}: {one['address']} has no score on sample {one['data_seed']} "
            f"({one['status']}: {one['reason']}), and {len(failed)} pilot fits have none; "
            "mend the method and run the pilots again, or take it out of registration.toml"
        )
    levels = by_draw(run, contrast.problem)
    if isinstance(levels, Reason):
        raise ValueError(f"{contrast.problem}: no skill can be formed ({levels.code})")
    return skill_table(final.assign(status="ok"), levels)


def _validation(run: Run, cells: pd.DataFrame, contrast: Registered) -> pd.DataFrame:
    """[replicates, addresses]: the first validation metric that all have, higher being better."""
    inner = cells[cells["stage"] == "inner"]
    inner = inner.assign(pair=pair_of(inner)) if len(inner) else inner
    wanted = cells["address"].unique()
    for name in next(iter(run.draws(contrast.problem).values()))["selectors"]:
        if name in inner and len(inner):
            table = by_replicate(inner, name).reindex(columns=wanted, index=sorted(pair_of(cells).unique()))
            if table.notna().all(axis=None):
                return table if METRICS[name].higher_is_better else -table
    raise ValueError(f"{contrast.problem}: the pilot fits share no validation score")
