"""The fits of a chosen method with every seed of the run: their forecasts are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recurbench.forecasting.choice import MethodChoice, of_fit
from recurbench.results import Run


@dataclass(frozen=True)
class StoredFit:
    """One final fit of the run.

    chosen: the method with the settings, seed and steps of this fit. key: of the final cell. inner: keys of
    the validation cells with the same seed and settings.
    """

    chosen: MethodChoice
    key: str
    inner: tuple[str, ...]


def of_each_seed(run: Run, chosen: MethodChoice) -> tuple[StoredFit, ...]:
    """The fits that ended ok, in the order of their seeds; one for a method without seeds.

    Seeds of a tuned method may have different settings, and those of a network different steps.
    """
    cells = run.cells[(run.cells["problem"] == chosen.problem) & (run.cells["address"] == chosen.address)]
    draw = chosen.data_seed
    cells = cells[cells["data_seed"].isna() if draw is None else cells["data_seed"] == draw]
    inner = cells[(cells["stage"] == "inner") & cells["chosen"]]
    final = cells[(cells["stage"] == "final") & (cells["status"] == "ok")]
    fits = []
    for row in final.sort_values("seed", kind="stable", na_position="first").to_dict("records"):
        own = replace(chosen, **of_fit(chosen.method.plugin, row))
        keys = inner.loc[inner["job"] == row["job"], "key"].astype(str)
        fits.append(StoredFit(own, str(row["key"]), tuple(keys)))
    return tuple(fits)


def seeds_text(fits: Sequence[StoredFit]) -> str:
    """The seeds in words; "" for a method without any."""
    named = [str(fit.chosen.seed) for fit in fits if fit.chosen.seed is not None]
    if not named:
        return ""
    return f"seed {named[0]}" if len(named) == 1 else f"mean of the seeds {', '.join(named)}"
