"""Numbers in a column of text: which cells are numbers, which are missing, and which sign is decimal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = ("", "?", "nan", "na", "n/a", "null", "none", "-", ".", "nat", "#n/a")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
UNITS = ("%", "$", "€", "£")


@dataclass(frozen=True)
class Numbers:
    """A column as numbers.

    Attributes
    ----------
    values : array [N]
        NaN where a cell is missing or no number.
    missing : array [N] of bool
        Blank cells, and words such as NA.
    wrong : array [N] of bool
        Cells with something else than a finite number.
    how : str
        What was read in an unusual way, such as "decimal commas"; empty if nothing was.
    """

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    how: str = ""


def numbers(texts: Sequence[str], thousands: bool = False) -> Numbers:
    """Read a column.

    A comma is a decimal sign if most cells have one and every number can be read so, and a sign between
    thousands if every comma has three digits after it and a decimal point stands in some cell. A column that
    allows both readings, such as 1,234 and 5,678, is read as `thousands` says. A sign of percent or of a
    currency in every cell is left out.
    """
    plain = _fast(texts)
    if plain is not None:
        return plain
    cells = np.array([text.strip() for text in texts], dtype=object)
    missing = np.array([cell.lower() in MISSING for cell in cells], dtype=np.bool_)
    words, unit = _without_unit([str(cell) for cell in cells[~missing]])
    words, commas = _without_commas(words, thousands)
    how = ", ".join(filter(None, (unit, commas)))
    values = np.full(len(cells), np.nan)
    values[~missing] = [float(word) if PLAIN.fullmatch(word) else np.nan for word in words]
    values[~np.isfinite(values)] = np.nan
    return Numbers(values, missing, np.isnan(values) & ~missing, how)


def _fast(texts: Sequence[str]) -> Numbers | None:
    """A column of plain numbers only; None if it holds anything else."""
    joined = "".join(texts)
    if "_" in joined or "n" in joined or "N" in joined:
        return None
    try:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
    none = np.zeros(len(values), dtype=np.bool_)
    return None if not np.isfinite(values).all() else Numbers(values, none, none)


def _without_unit(words: list[str]) -> tuple[list[str], str]:
    """The cells without a sign that stands in all of them."""
    for sign in UNITS:
        if words and all(sign in word for word in words):
            return [word.replace(sign, "", 1).strip() for word in words], f"{sign} left out"
    return words, ""


def _without_commas(words: list[str], between: bool) -> tuple[list[str], str]:
    """The cells with a decimal point, if all commas in them can be read in one way."""
    commas = [word for word in words if "," in word]
    if 2 * len(commas) < len(words) or not commas:
        return words, ""
    thousands = all(THOUSANDS.fullmatch(word) for word in commas)
    decimal = all(COMMA.fullmatch(word) for word in words)
    pointed = any("." in word for word in words)
    if thousands and not decimal:
        return [word.replace(",", "") for word in words], "commas between thousands"
    one = all(word.count(",") == 1 for word in commas)
    if thousands and (pointed or not one or between):
        return [word.replace(",", "") for word in words], "commas between thousands"
    good = sum(COMMA.fullmatch(word) is not None for word in words)
    if good >= 0.9 * len(words):
        return [
            word.replace(".", "").replace(",", ".") if COMMA.fullmatch(word) else "?" for word in words
        ], "decimal commas"
    return words, ""
