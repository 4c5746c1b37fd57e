"""Pictures of a series: forecasts at several origins, its parts, its spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from recurbench.reports.figures import seasons
from recurbench.reports.figures.forecasts import forecasts
from recurbench.reports.page.picturing import Picturing, number
from recurbench.reports.page.section import Picture
from recurbench.reports.statistics.case_studies import Unit

# Of fewer steps a spectrum says nothing; nor does one of noise, by Fisher's test at this level.
SPECTRAL = 48
NOISE = 0.05


def pictures(this: Picturing) -> list[Picture]:
    """Of a forecasting problem: forecasts, the decomposition of the longest history, its spectrum."""
    exhibit = this.exhibit
    last = exhibit.units[-1]
    found = [_forecasts(this)] if exhibit.shown else []
    period = exhibit.facts["period"]
    values = last.x.values[:, 0]
    if period and period > 1 and len(values) >= 2 * period and np.isfinite(values).all():
        found.append(_decomposition(this, last, period))
    return [*found, *spectra(this, last)]


def spectra(this: Picturing, unit: Unit) -> list[Picture]:
    """The spectrum of what a unit was asked with, where that is numbers, enough of them and not noise."""
    values, say = unit.x.values[:, 0], this.say
    together = len(unit.x.at) < 2 or unit.x.at[1] - unit.x.at[0] == 1
    if len(values) < SPECTRAL or not together or not np.isfinite(values).all() or np.ptp(values) == 0:
        return []
    period = this.exhibit.facts["period"]
    frequencies, power = seasons.periodogram(values)
    peak = int(power.argmax())
    if not stands_out(power):
        return []
    return [
        this.picture(
            "spectrum",
            [values, int(unit.x.at[0]), period],
            lambda: seasons.spectrum(values, int(unit.x.at[0]), period, say),
            say("pictures.spectrum_caption", chosen=this.chosen([unit])),
            say(
                "pictures.spectrum_alt",
                problem=this.problem,
                steps=len(values),
                peak=number(1 / frequencies[peak]),
                share=f"{power[peak] / power.sum():.0%}",
            ),
        )
    ]


def stands_out(power: NDArray[np.float64]) -> bool:
    """Whether the largest of the powers [K] is more than noise has (Fisher 1929; his first term)."""
    whole = float(power.sum())
    if not whole > 0:
        return False
    return bool(len(power) * (1 - float(power.max()) / whole) ** (len(power) - 1) < NOISE)


def _forecasts(this: Picturing) -> Picture:
    exhibit, say = this.exhibit, this.say
    best = exhibit.shown[0]
    errors = []
    for unit in exhibit.units:
        truth = unit.y.values[:, 0]
        said = best.middle(unit.index, exhibit.quantiles)[: len(truth), 0]
        known = np.isfinite(truth)  # a missing true value is not scored
        errors.extend([number(float(np.abs(said - truth)[known].mean()))] if known.any() else [])
    answers = [(a.name, a.family, [a.given[u.index] for u in exhibit.units]) for a in exhibit.shown]
    return this.picture(
        "forecasts",
        [exhibit.kept, answers],
        lambda: forecasts(exhibit, say),
        say("pictures.forecasts_caption", chosen=this.chosen(exhibit.units)),
        say(
            f"pictures.forecasts_{'of_series_' if exhibit.kept['rule'] == 'series' else ''}alt",
            problem=this.problem,
            origins=len(exhibit.units),
            methods=len(exhibit.shown),
            method=best.name,
            errors=", ".join(errors),
        ),
    )


def _decomposition(this: Picturing, unit: Unit, period: int) -> Picture:
    say, values = this.say, unit.x.values[:, 0]
    strength = this.exhibit.facts["traits"].get("season")
    return this.picture(
        "decomposition",
        [values, period, int(unit.x.at[0])],
        lambda: seasons.decomposition(values, int(unit.x.at[0]), period, say),
        say("pictures.decomposition_caption", period=period, chosen=this.chosen([unit])),
        say(
            "pictures.decomposition_alt",
            problem=this.problem,
            steps=len(values),
            period=period,
            low=number(values.min()),
            high=number(values.max()),
            strength="-" if strength is None else number(strength),
        ),
    )
