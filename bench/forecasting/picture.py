"""The picture of a forecast: the end of each series, the forecast and its intervals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from recurbench.forecasting.beyond import Forecast
from recurbench.forecasting.series_end import WholeSeries
from recurbench.forecasting.units import unit_of
from recurbench.reports.figures.axes import of_family
from recurbench.reports.figures.palette import INK
from recurbench.reports.figures.sizes import LINE, below, panels, short

PANELS = 6  # most panels; further series and targets are in the table only
BEFORE = 4  # history shown, in lengths of the forecast
LEAST = 24  # fewest steps of history shown


def picture(forecast: Forecast) -> Figure:
    """One panel per series and target, PANELS at most."""
    frame = forecast.frame
    names = ["series", *(["target"] if "target" in frame else [])]
    groups = list(frame.groupby(names, sort=False))
    shown = groups[:PANELS]
    lines = 2 + len(forecast.prepared.levels)
    figure, axes = panels([1.7] * len(shown), share=False, below=0.17 * math.ceil(lines / 2))
    by_name = {str(one.name): one for one in forecast.prepared.series}
    targets = list(forecast.prepared.problem.task.y.names or ())
    for place, (key, rows) in zip(axes, shown, strict=True):
        channel = targets.index(str(key[1])) if len(key) > 1 and str(key[1]) in targets else 0
        _panel(place, forecast, by_name[str(key[0])], channel, rows)
        title = " ".join(map(str, key)) if len(groups) > 1 else str(key[0])
        place.set_title(short(title), fontsize=9)
    if len(groups) > len(shown):
        axes[-1].set_xlabel(f"the first {len(shown)} of {len(groups)}; all are in the table")
    below(figure, axes[0])
    return figure


def _panel(axes: Axes, forecast: Forecast, one: WholeSeries, channel: int, rows: pd.DataFrame) -> None:
    prepared = forecast.prepared
    look = of_family(prepared.method.method.plugin.family)
    count = min(max(BEFORE * prepared.steps, LEAST), len(one.values))
    offset, factor = unit_of(prepared.dataset, prepared.problem.task)
    past = one.values[-count:, channel] * factor[channel] + offset[channel]
    times = (
        one.time[-count:] if len(one.time) else np.arange(len(one.values) - count + 1, len(one.values) + 1)
    )
    ahead = np.concatenate([times[-1:], rows["time"].to_numpy()])
    axes.plot(times, past, color=INK.light, lw=LINE, label="known values")
    for depth, level in enumerate(sorted(prepared.levels, reverse=True)):
        word = f"{level * 100:g}"
        low, high = (rows[f"{side}_{word}"].to_numpy() for side in ("low", "high"))
        if np.isfinite(low).any():
            axes.fill_between(
                rows["time"].to_numpy(),
                low,
                high,
                color=look.light,
                alpha=0.2 + 0.15 * depth,
                lw=0,
                label=f"{word} % interval",
            )
    said = np.concatenate([past[-1:], rows["forecast"].to_numpy()])
    axes.plot(ahead, said, color=look.light, lw=LINE, label=short(prepared.method.address, 28))
    if np.issubdtype(times.dtype, np.datetime64):
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(formatter)
