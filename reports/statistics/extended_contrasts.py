"""A later look at primary contrasts, with more pairs than were registered: exploratory, with its date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from recurbench.predictions import FIRST, Contrast
from recurbench.reports.statistics.primary_contrasts import Observed, observe
from recurbench.reports.statistics.replicates import pair_of
from recurbench.reports.statistics.verdicts import Verdict, judge
from recurbench.results import Run


@dataclass(frozen=True)
class Later:
    """A contrast seen once more, by all its pairs; the verdict that counts is that of the registered ones.

    verdict: by all pairs, with the other contrasts as they were or as they are seen now. registered: pairs
    the contrast was judged by before. dates: first and last day on which a cell of a further pair began.
    """

    seen: Observed
    verdict: Verdict
    registered: int
    dates: tuple[str, str]


def later(run: Run, found: Sequence[tuple[Observed, Verdict]]) -> list[Later]:
    """Those of `found` of which the run holds more complete pairs than were registered."""
    more = {
        i: observe(run, seen.contrast, every=True)
        for i, (seen, _) in enumerate(found)
        if _further(run, seen.contrast).any()
    }
    more = {i: own for i, own in more.items() if own.pairs > found[i][0].pairs}
    verdicts = judge([more.get(i, seen).parts for i, (seen, _) in enumerate(found)])
    return [Later(own, verdicts[i], found[i][0].pairs, _dates(run, own.contrast)) for i, own in more.items()]


def _further(run: Run, contrast: Contrast) -> pd.Series[bool]:
    """[cells]: those of the contrast on pairs after the registered ones."""
    late: pd.Series[bool] = pair_of(run.cells) >= FIRST + contrast.pairs
    return (run.cells["problem"] == contrast.problem) & late.fillna(False)


def _dates(run: Run, contrast: Contrast) -> tuple[str, str]:
    started = run.cells.loc[_further(run, contrast), "started"]
    return str(started.min())[:10], str(started.max())[:10]
