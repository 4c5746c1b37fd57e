"""The colours and marks of the figures: safe for colour-blind readers, one of each per family everywhere.

Okabe and Ito (2008), with a lighter set for dark pages. Every light colour occurs once, so that a page may
replace it by a variable of its own (`canvas.themed`).
"""

from __future__ import annotations

from typing import NamedTuple

from recurbench.reports.statistics.outcomes import ContrastVerdict


class Look(NamedTuple):
    """A colour on white, the same on a dark ground, and a matplotlib marker."""

    light: str
    dark: str
    mark: str


INK = Look("#1b1b1f", "#e8e8ea", "o")
FAINT = Look("#767680", "#9a9aa4", "o")
RULE = Look("#d4d4da", "#44444c", "o")
PAPER = Look("#fefefe", "#17171a", "o")

FAMILY: dict[str, Look] = {
    "baseline": Look("#7a7a7b", "#a9a9ac", "x"),
    "statistical": Look("#e69f00", "#ffb933", "s"),
    "dynamics": Look("#997a00", "#d6b22a", "D"),
    "features": Look("#009e73", "#2cc79b", "^"),
    "neighbours": Look("#cc79a7", "#e39cc4", "v"),
    "feedforward": Look("#56b4e9", "#7fcaf5", "P"),
    "convolutional": Look("#0072b2", "#4aa8e0", "p"),
    "recurrent": Look("#d55e00", "#ff8a3d", "o"),
    "attention": Look("#6a4fa3", "#a58be0", "*"),
}

# Verdicts in the order of the map's legend.
VERDICT: dict[ContrastVerdict, Look] = {
    ContrastVerdict.RECURRENCE_HELPS: Look("#d55e01", "#ff8a3e", "^"),
    ContrastVerdict.MEMORY_HELPS: Look("#0072b3", "#4aa8e1", "D"),
    ContrastVerdict.NOT_NEEDED: Look("#56b4ea", "#7fcaf6", "p"),
    ContrastVerdict.NO_DIFFERENCE: Look("#5f5f66", "#b4b4ba", "s"),
    ContrastVerdict.RECURRENCE_HURTS: Look("#6a4fa4", "#a58be1", "v"),
    ContrastVerdict.NEITHER_LEARNED: Look("#7a7a7c", "#a9a9ad", "x"),
    ContrastVerdict.UNDECIDED: Look("#8a8a92", "#8c8c94", "o"),
}

NAMED: dict[str, Look] = {
    "ink": INK,
    "faint": FAINT,
    "rule": RULE,
    "paper": PAPER,
    **{f"family-{name}": look for name, look in FAMILY.items()},
    **{f"verdict-{verdict.replace('_', '-')}": look for verdict, look in VERDICT.items()},
}
