"""Forecasts over their history at several origins."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from recurbench.reports.figures.axes import of_family
from recurbench.reports.figures.palette import INK
from recurbench.reports.figures.sizes import LINE, below, panels, short
from recurbench.reports.statistics.case_studies import Answers, Exhibit, Unit
from recurbench.reports.text.translation import Messages

# History shown before an origin, in horizons.
BEFORE = 2


def forecasts(exhibit: Exhibit, say: Messages) -> Figure:
    """One panel per origin or series: history, true values, and the forecasts of the best of every family.

    The band lies between the lowest and highest quantile of the first method that answers with quantiles.
    """
    legend = 0.17 * math.ceil((len(exhibit.shown) + 2) / 2)
    figure, axes = panels([1.6] * len(exhibit.units), share=False, below=legend)
    banded = banding(exhibit)
    for place, unit in zip(axes, exhibit.units, strict=True):
        _origin(place, exhibit, unit, banded, say)
        named = exhibit.kept["y"]["names"]
        place.set_ylabel(short(exhibit.name("y", 0), 20) if named else say("pictures.value"))
    axes[-1].set_xlabel(say("pictures.from_origin"))
    below(figure, axes[0])
    return figure


def banding(exhibit: Exhibit) -> Answers | None:
    """The method whose band is drawn."""
    units = exhibit.units
    return next((a for a in exhibit.shown if a.band(units[0].index, exhibit.quantiles)), None)


def _origin(axes: Axes, exhibit: Exhibit, unit: Unit, banded: Answers | None, say: Messages) -> None:
    truth = unit.y.values[:, 0]
    history = unit.x.values[-BEFORE * len(truth) :, 0]
    ahead = np.arange(1, len(truth) + 1)
    axes.plot(np.arange(-len(history) + 1, 1), history, color=INK.light, lw=LINE)
    if banded is not None:
        low, high = banded.band(unit.index, exhibit.quantiles) or (truth[:, None], truth[:, None])
        low, high = (side[: len(truth), 0] for side in (low, high))
        label = say("pictures.band", method=short(banded.name, 28), **levels(exhibit))
        axes.fill_between(
            ahead, low, high, color=of_family(banded.family).light, alpha=0.2, lw=0, label=label
        )
    axes.plot(ahead, truth, color=INK.light, lw=1.8, label=say("pictures.truth"))
    for answers in exhibit.shown:
        look = of_family(answers.family)
        said = answers.middle(unit.index, exhibit.quantiles)[: len(truth), 0]
        (line,) = axes.plot(ahead, said, color=look.light, lw=0.9, label=short(answers.name, 28))
        line.set(marker=look.mark, markersize=4, markevery=max(1, len(said) // 4))
    axes.axvline(0.5, color=INK.light, lw=0.6, ls=":")
    stamp = f" ({unit.origin})" if unit.origin else ""
    axes.set_title(_title(exhibit, unit, say, stamp), fontsize=9)


def _title(exhibit: Exhibit, unit: Unit, say: Messages, stamp: str) -> str:
    """The origin; of several series also the name of this one."""
    if exhibit.kept.get("rule") != "series":
        return say("pictures.origin", step=unit.x.steps, stamp=stamp)
    return say("pictures.series_origin", series=short(unit.series, 40), step=unit.x.steps, stamp=stamp)


def levels(exhibit: Exhibit) -> dict[str, str]:
    """The lowest and highest level asked for, in words."""
    return {"low": f"{min(exhibit.quantiles):g}", "high": f"{max(exhibit.quantiles):g}"}
