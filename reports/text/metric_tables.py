"""Tables with a row per method and a column per metric, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from recurbench.known_metrics import METRICS, in_words
from recurbench.reports.text.numbers import measure, number
from recurbench.reports.text.translation import Messages

OWA = "owa"  # computed by the report from the means of other metrics, so no run has it
ACROSS = 7  # metrics beside each other in a terminal


class Shown(NamedTuple):
    """A table in words: what stands over it, its head, its rows, and the lines below it."""

    title: str
    head: list[str]
    rows: list[list[str]]
    notes: list[str]


def narrow(found: Shown) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Title, head and rows of a table in parts that 80 columns hold; the first column stands in each."""
    for start in range(1, len(found.head), ACROSS):
        part = [0, *range(start, min(start + ACROSS, len(found.head)))]
        rows = [[row[i] for i in part] for row in found.rows]
        yield (found.title if start == 1 else ""), [found.head[i] for i in part], rows


class Column(NamedTuple):
    """A column in words: its head, and a cell for each row."""

    head: str
    cells: list[str]


@dataclass(frozen=True)
class MetricTable:
    """How the metrics of one kind of problem are shown.

    Attributes
    ----------
    names : tuple of str
        The metrics, in the order of the columns.
    sizes : frozenset of str
        Metrics that may be small or large; they are shown with three digits.
    terms : mapping of str to str
        By metric the term of the glossary that explains it; the others explain themselves.

    A metric with a level in percent, such as coverage_80, stands in `sizes` and `terms` without it.
    """

    names: tuple[str, ...]
    sizes: frozenset[str]
    terms: Mapping[str, str]

    def columns_of(self, rows: pd.DataFrame) -> list[str]:
        """The metrics that some method has on these rows."""
        return [name for name in self.names if rows[name].notna().any()]

    def of(
        self, rows: pd.DataFrame, names: Mapping[str, str], say: Messages, words: Column | None = None
    ) -> tuple[list[str], list[list[str]]]:
        """Head and body of the table of one problem: a row per method, a column per metric.

        rows: a column `method` and one per metric. names: what stands for each method, by its address. words:
        a column between the methods and the metrics.
        """
        shown = self.columns_of(rows)
        said = [[one] for one in words.cells] if words else [[]] * len(rows)
        head = [
            say("page.method"),
            *([words.head] if words else []),
            *(metric_name(name, say) for name in shown),
        ]
        body = [
            [names[row["method"]], *more, *(self._value(name, row[name]) for name in shown)]
            for more, (_, row) in zip(said, rows.iterrows(), strict=True)
        ]
        return head, body

    def meanings(self, shown: Sequence[str], say: Messages) -> list[str]:
        """What the metrics of some tables mean, each once."""
        terms = dict.fromkeys(self.terms.get(_family(name)) for name in shown)
        return [meaning(term, say) for term in terms if term]

    def _value(self, name: str, value: float) -> str:
        if pd.isna(value):
            return ""
        return measure(value) if _family(name) in self.sizes else number(value)


def _family(name: str) -> str:
    """`coverage` of `coverage_80`; the name itself of a metric without a level."""
    family, _, level = name.rpartition("_")
    return family if level.isdigit() else name


def metric_word(name: str, say: Messages) -> str:
    """The metric as tables and sentences call it."""
    return say.of(in_words(name))


def metric_name(name: str, say: Messages) -> str:
    """The metric as tables call it with its direction or target; one that is not known as it is called."""
    if name != OWA and name not in METRICS:
        return name
    return f"{metric_word(name, say)} {METRICS[name].arrow if name in METRICS else '↓'}"


def meaning(term: str, say: Messages) -> str:
    """A term of the glossary and its meaning, in one line below a table."""
    return say("page.term", term=say(f"glossary.{term}"), meaning=say(f"glossary.{term}_is"))
