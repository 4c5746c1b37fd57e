"""The sentences of the first screen, with links to the problems and with the lists that they shorten."""

from __future__ import annotations

import re
from collections.abc import Mapping

from recurbench.reports.page.links import problem_link
from recurbench.reports.page.section import Folded, Rich
from recurbench.reports.statistics.comparison_table import comparison
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


class WholeLists(Messages):
    """Words in which a list names all its members, where the first screen counts the last ones."""

    def __call__(self, key: str, **values: object) -> str:
        """As `Messages`, except that "and 2 more" becomes the two."""
        if key != "first.and_more":
            return super().__call__(key, **values)
        return f"{values['names']}, {values['rest']}"


def sentences(run: Run, say: Messages) -> tuple[str, ...]:
    """The sentences of the answer; one that ends in "and 2 more" unfolds to the one that names them."""
    labels = _labels(run)
    whole = answer(run, WholeLists(say.language)).sentences
    pairs = zip(answer(run, say).sentences, whole, strict=True)
    linked = ((text, _linked(full, labels)) for text, full in pairs)
    return tuple(full if text == full else Folded(full, text) for text, full in linked)


def _labels(run: Run) -> Mapping[str, str]:
    """By what a sentence calls a problem, its address."""
    table = comparison(run)
    return dict(zip(table["label"], table["problem"], strict=True)) if len(table) else {}


def _linked(sentence: str, labels: Mapping[str, str]) -> str:
    """The sentence with links on the names of problems, which stand before a bracket: `parity (+1.0)`."""
    if not labels:
        return sentence
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    pieces = re.split(rf"(?<![\w\[=,-])({names})(?= \()", sentence)
    return Rich(*(problem_link(labels[piece], piece) if i % 2 else piece for i, piece in enumerate(pieces)))
