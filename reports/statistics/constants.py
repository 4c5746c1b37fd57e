"""The numbers that several statistics share, each in one place."""

from __future__ import annotations

MARGIN = 0.05  # of skill; a difference within it does not matter in practice
LEVEL = 0.95  # of confidence intervals
LEAST_UNITS = 10  # independent test units; with fewer no interval is shown
RESAMPLES = 2000  # bootstrap resamples behind an interval
STREAM = 20261124  # seed of all resampling, so that a report gives the same numbers each time
