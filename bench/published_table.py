"""A table of published scores that the user brings: one row per data set and method."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from recurbench.address import cut
from recurbench.known_metrics import METRICS

NEEDED = ("dataset", "method")
OPTIONAL = ("resample_protocol", "source")


@dataclass(frozen=True)
class Printed:
    """A published score as it stands in the table.

    Parameters
    ----------
    dataset, method : str
        The names that the source gives them.
    metric : str
        The name of the column of the scores, a key of `METRICS`.
    value : float
    protocol : str
        What the table says of the split and of the values, such as "default split, series z-normalised".
    source : str
        Where the score was printed; the name of the table if it has no such column.
    """

    dataset: str
    method: str
    metric: str
    value: float
    protocol: str
    source: str

    @property
    def default_split(self) -> bool:
        """Whether the score is of the default split alone; an empty protocol says so too."""
        return not self.protocol or "default split" in self.protocol.lower()

    @property
    def normalised(self) -> bool:
        """Whether the protocol says that every series was scaled to mean 0 and standard deviation 1."""
        return "z-normalised" in self.protocol.lower() or "z-normalized" in self.protocol.lower()


def read_scores(path: Path) -> list[Printed]:
    """Read a table of published scores.

    Parameters
    ----------
    path : Path
        A CSV file with the columns `dataset`, `method`, and one named after a metric, such as `accuracy` or
        `rmse`; perhaps also `resample_protocol` and `source`. Other columns are not read.

    Returns
    -------
    list of Printed
        In the order of the file.

    Raises
    ------
    ValueError
        If the file cannot be read, has no row, lacks a column, or a score is no number; it names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            metric = _metric(path, list(reader.fieldnames or ()))
            found = [_printed(path, reader.line_num, row, metric) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            f"{path}: cannot be read ({why}); give the path of a CSV file in UTF-8 with --scores"
        ) from None
    if not found:
        raise ValueError(f"{path}: has no row below its header; write one per data set and method")
    return found


def _metric(path: Path, columns: list[str]) -> str:
    """The column that holds the scores."""
    lacking = [name for name in NEEDED if name not in columns]
    metrics = [name for name in columns if name in METRICS]
    if lacking or len(metrics) != 1:
        seen = ", ".join(map(cut, columns)) or "none"
        raise ValueError(
            f"{path}: a table of scores needs the columns dataset, method and one metric such as accuracy or "
            f"rmse; its columns are {seen}; rename them"
        )
    return metrics[0]


def _printed(path: Path, line: int, row: dict[str, str], metric: str) -> Printed:
    texts = {name: (row.get(name) or "").strip() for name in (*NEEDED, metric, *OPTIONAL)}
    try:
        value = float(texts[metric])
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not texts["dataset"] or not texts["method"]:
        raise ValueError(
            f"{path}, line {line}: dataset {cut(texts['dataset'])!r}, method {cut(texts['method'])!r} and "
            f"{metric} {cut(texts[metric])!r}; a row needs both names and a number; correct it"
        )
    source = texts["source"] or path.name
    return Printed(texts["dataset"], texts["method"], metric, value, texts["resample_protocol"], source)
