"""Numbers as readers see them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd


def number(value: Any) -> str:
    """Three decimals, fewer for large numbers, none where there is nothing to show."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def signed(value: Any) -> str:
    """As `number`, with its sign."""
    text = number(value)
    return text if not text or text.startswith("-") else f"+{text}"


def measure(value: float) -> str:
    """A size in the user's unit: three digits that count, and whole numbers from 100 on."""
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    return f"{value:#.3g}" if abs(value) >= 1e-4 else f"{value:.2e}"


def two_digits(value: float) -> str:
    """A ratio of at least 0 with two digits that count: `0.52`, `1.0`, `12`, `0`."""
    rounded = float(f"{value:.1e}")
    if rounded == 0 or rounded >= 10:
        return f"{rounded:,.0f}"
    return f"{rounded:.{1 - math.floor(math.log10(rounded))}f}"


def percent(share: float) -> str:
    """A share in percent: one decimal below 10 %."""
    value = 100 * share
    return f"{value:.1f} %" if abs(value) < 9.95 else f"{value:.0f} %"


def seconds(value: float) -> str:
    """CPU seconds: hundredths below one second, tenths below ten; 0.01 for less."""
    if value < 0.995:
        return f"{max(value, 0.01):.2f}"
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
