"""Predictions beside verdicts: counted as the map counts them."""

from __future__ import annotations

import re

from contrast_run import HELD, judged_run
from recurbench.predictions import contrasts
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import predicted
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.text.translation import Messages
from small_run import empty, marks, pictures, small


def test_every_prediction_is_shown_and_hits_are_counted_only_where_nothing_was_known_before() -> None:
    (picture,) = pictures(predicted.section(judged_run(), Messages(), Drawn(None, "")))
    assert marks(picture.svg, "predicted") == len(contrasts())
    assert marks(picture.svg, "seen") == len(HELD)
    fresh = [each for each in contrasts() if not each.known_before]
    # Of the three held contrasts lorenz alone was not known before, and it came out as predicted.
    counts = {"of": len(fresh), "hits": 1, "misses": 0, "open": len(fresh) - 1}
    assert picture.caption == Messages()("figures.predicted_caption", **counts)
    assert re.search(r"parity: [^.]*recurrence helps, observed recurrence helps\.", picture.alt)
    assert re.search(r"adding: [^.]*, observed not run\.", picture.alt)


def test_a_run_of_other_problems_has_no_such_section() -> None:
    assert predicted.section(small(), Messages(), Drawn(None, "")) is None
    assert predicted.section(empty(), Messages(), Drawn(None, "")) is None


def test_the_section_speaks_korean() -> None:
    (picture,) = pictures(predicted.section(judged_run(), Messages("ko"), Drawn(None, "")))
    helps = Messages("ko").verdict(ContrastVerdict.RECURRENCE_HELPS)
    assert (
        Messages("ko")("figures.predicted_alt_one", problem="parity", said=helps, seen=helps) in picture.alt
    )
