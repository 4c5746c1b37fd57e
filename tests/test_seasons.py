"""Spectrum, scalogram and decomposition of a series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from recurbench.reports.figures.seasons import decomposition, periodogram, scalogram, spectrum, taken_apart
from recurbench.reports.text.translation import Messages
from scipy import signal

SAY = Messages()


@given(st.integers(0, 1000), st.integers(4, 90))
def test_the_periodogram_is_that_of_scipy(seed: int, steps: int) -> None:
    values = np.random.default_rng(seed).standard_normal(steps).cumsum()
    frequencies, power = periodogram(values)
    expected, density = signal.periodogram(values, detrend="linear")
    np.testing.assert_allclose(frequencies, expected[1:])
    np.testing.assert_allclose(power, density[1:], atol=1e-9 * density.max())


def test_a_wave_has_its_power_at_its_period_in_both_pictures() -> None:
    values = np.sin(2 * np.pi * np.arange(240) / 12) + 0.01 * np.arange(240)
    frequencies, power = periodogram(values)
    assert 1 / frequencies[power.argmax()] == pytest.approx(12)
    periods, moduli = scalogram(values)
    assert moduli.shape == (len(periods), 240)
    assert periods[moduli[:, 60:180].mean(axis=1).argmax()] == pytest.approx(12, rel=0.15)


def test_trend_season_and_rest_are_the_series_again() -> None:
    steps = np.arange(120)
    values = 0.1 * steps + np.sin(2 * np.pi * steps / 12)
    trend, season, rest = taken_apart(values, 12)
    np.testing.assert_allclose(trend + season + rest, values)
    assert np.ptp(season) == pytest.approx(2, abs=0.2)
    assert np.abs(rest).max() < 0.2


def test_the_figures_name_their_axes_and_mark_the_season() -> None:
    values = np.sin(2 * np.pi * np.arange(120) / 12)
    above, under = spectrum(values, 30, 12, SAY).axes
    assert (above.get_xlabel(), under.get_ylabel()) == ("period [steps]", "period [steps]")
    assert under.get_xlim()[0] >= 30
    assert above.get_legend().get_texts()[0].get_text() == "season: 12 steps"
    panels = decomposition(values, 0, 12, SAY).axes
    titles = [axes.get_title(loc="left") or axes.get_title() for axes in panels]
    assert titles == ["observed", "trend", "season", "rest"]


def test_the_name_of_the_season_stands_on_no_peak() -> None:
    figure = spectrum(np.sin(2 * np.pi * np.arange(120) / 12), 30, 12, SAY)
    FigureCanvasAgg(figure).draw()
    above = figure.axes[0]
    words, inside = above.get_legend().get_window_extent(), above.get_window_extent()
    assert words.y0 >= inside.y1
    assert figure.bbox.x0 <= words.x0
    assert words.x1 <= figure.bbox.x1
    assert words.y1 <= figure.bbox.y1


def test_without_a_season_no_line_is_drawn() -> None:
    above, _ = spectrum(np.random.default_rng(0).standard_normal(80), 0, None, SAY).axes
    assert above.get_legend() is None
