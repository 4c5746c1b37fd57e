"""What a method notes of the series it was fitted to; the size does not grow with their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

# Series with a row of their own, reasons that are written out, and words that are counted.
SERIES = 20
REASONS = 20
WORDS = 20

Row = Mapping[str, Any]


class SeriesNotes(dict[str, Any]):
    """The notes of a method with one model per series and channel.

    series: by name, a row per channel of the first SERIES series. count: how many series there are.
    summary, only with more series than that: of every number its least, median and largest value over all
    channels, and of every word or truth value how often it occurs. fallbacks: up to REASONS different reasons
    why a model was not used. fallback_count: the exact number of answers that the seasonal naive forecast
    gave instead; a question that is asked again counts once.
    """

    def __init__(self) -> None:
        super().__init__(series={}, count=0, fallbacks=[], fallback_count=0)
        self._rows: list[Row] = []
        self._answered: set[Hashable] = set()

    def add(self, name: Hashable, channels: Sequence[Row]) -> None:
        """Note the models of one series, a row per channel."""
        self["count"] += 1
        self._rows.extend(channels)
        if self["count"] <= SERIES:
            self["series"][str(name)] = list(channels)

    def summarise(self) -> None:
        """Write the summary, once all series are noted; their rows are not kept any longer."""
        if self["count"] > SERIES:
            self["summary"] = summary(self._rows)
        self._rows = []

    def reason(self, text: str) -> None:
        """Note why a model was not used."""
        if text not in self["fallbacks"] and len(self["fallbacks"]) < REASONS:
            self["fallbacks"].append(text)

    def fallback(self, question: Hashable) -> None:
        """Note that the answer to a question is the seasonal naive forecast."""
        self._answered.add(question)
        self["fallback_count"] = len(self._answered)


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Summarise rows with the same keys.

    Parameters
    ----------
    rows : sequence of mappings
        A row per model. Values that are neither numbers, words nor truth values are left out.

    Returns
    -------
    dict
        Per key [least, median, largest] of numbers, or how often each of the WORDS most common words occurs.
    """
    found: dict[str, Any] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        values = [row[key] for row in rows if key in row]
        if all(isinstance(value, str | bool | np.bool_) for value in values):
            found[key] = dict(Counter(map(_word, values)).most_common(WORDS))
        elif all(isinstance(value, Real) for value in values):
            numbers = np.array(values, dtype=np.float64)
            found[key] = [float(np.quantile(numbers, q)) for q in (0, 0.5, 1)]
    return found


def _word(value: object) -> str:
    return value if isinstance(value, str) else str(bool(value)).lower()
