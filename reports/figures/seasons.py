"""A series taken apart: trend, season and rest; its spectrum and its scalogram."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray
from recurbench.reports.figures.palette import INK, VERDICT
from recurbench.reports.figures.sizes import LINE, panels
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages

Floats = NDArray[np.float64]
SHADES = (0.1, 0.25, 0.45, 0.75)
ROWS = 20
COLUMNS = 64


def taken_apart(values: Floats, period: int) -> tuple[Floats, Floats, Floats]:
    """Trend, season and rest, [T] each, by STL (Cleveland et al. 1990); their sum is the series."""
    from statsmodels.tsa.seasonal import STL  # a second to import, for the few that have a season

    found = STL(values, period=period).fit()
    return np.asarray(found.trend), np.asarray(found.seasonal), np.asarray(found.resid)


def decomposition(values: Floats, first: int, period: int, say: Messages) -> Figure:
    """Four panels one above the other: the series [T] from step `first` on, trend, season and rest."""
    parts = taken_apart(values, period)
    figure, axes = panels([1.1] * 4)
    steps = first + np.arange(len(values))
    names = ("observed", "trend", "season", "rest")
    for place, part, name in zip(axes, (values, *parts), names, strict=True):
        place.plot(steps, part, color=INK.light, lw=LINE)
        place.set_title(say(f"pictures.{name}"), fontsize=9)
    axes[-1].axhline(0, color=INK.light, lw=0.5, ls=":")
    axes[-1].set_xlabel(say("pictures.step"))
    return figure


def periodogram(values: Floats) -> tuple[Floats, Floats]:
    """Frequencies above 0 in cycles per step and the power at each, of [T] without its linear trend.

    One-sided density, as by `scipy.signal.periodogram(values, detrend="linear")`.
    """
    steps = np.arange(len(values))
    rest = values - np.polyval(np.polyfit(steps, values, 1), steps)
    power = np.abs(np.fft.rfft(rest)) ** 2 / len(values)
    power[1 : None if len(values) % 2 else -1] *= 2
    frequencies = np.asarray(np.fft.rfftfreq(len(values))[1:], dtype=np.float64)
    return frequencies, np.asarray(power[1:], dtype=np.float64)


def scalogram(values: Floats) -> tuple[Floats, Floats]:
    """Periods [ROWS] in steps and the modulus [ROWS, T] of the Morlet transform of [T] without its trend."""
    import pywt

    steps = np.arange(len(values))
    rest = values - np.polyval(np.polyfit(steps, values, 1), steps)
    periods = np.geomspace(3, len(values) / 2, ROWS)
    found, _ = pywt.cwt(rest, periods, "cmor1.5-1.0", method="fft")
    return np.asarray(periods, dtype=np.float64), np.abs(found)


def spectrum(values: Floats, first: int, period: int | None, say: Messages) -> Figure:
    """Power by period, and below it by period and time; the season, where there is one, as a line."""
    figure, (above, under) = panels([1.7, 2.0], share=False)
    frequencies, power = periodogram(values)
    floor = max(float(power.max()), 1e-300) * 1e-6
    above.plot(1 / frequencies, np.maximum(power, floor), color=INK.light, lw=LINE)
    above.set(xscale="log", yscale="log")
    above.set_xlabel(say("pictures.period"))
    above.set_ylabel(say("pictures.power"))
    periods, moduli = scalogram(values)
    thin = max(1, math.ceil(len(values) / COLUMNS))
    steps = (first + np.arange(len(values)))[::thin]
    edges = np.linspace(0, max(float(moduli.max()), 1e-300), len(SHADES) + 2)
    shades = [(INK.light, shade) for shade in SHADES]
    under.contourf(steps, periods, moduli[:, ::thin], levels=edges[1:], colors=shades)
    under.set(yscale="log")
    under.set_xlabel(say("pictures.step"))
    under.set_ylabel(say("pictures.period"))
    if period:
        accent = VERDICT[ContrastVerdict.RECURRENCE_HELPS].light
        above.axvline(period, color=accent, lw=1, ls="--", label=say("pictures.one_season", period=period))
        under.axhline(period, color=accent, lw=1, ls="--")
        # Above the axes: a peak may stand anywhere below their upper edge.
        above.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
    for axis in (above.xaxis, under.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    above.yaxis.set_minor_locator(NullLocator())
    return figure
