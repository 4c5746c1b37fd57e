"""The map of a run without registered contrasts: the lift of every problem."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures import forest
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import comparison, overview
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, reason
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import empty, marks, pictures, small, texts

EN, KO = Messages(), Messages("ko")


def test_a_run_without_contrasts_is_mapped_by_its_lifts() -> None:
    (picture,) = pictures(overview.section(small(), EN, Drawn(None, "")))
    found = lifts_of(small())
    assert marks(picture.svg, "problem") == len(found)
    for _, row in found.iterrows():
        assert f"{row['label']}: {row['lift']:+.3f}" in picture.alt
    assert overview.map_alt(small(), EN) == picture.alt
    assert overview.map_caption(small(), EN) == picture.caption


def test_lifts_that_are_not_drawn_are_counted_with_the_place_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "MOST", 1)
    (picture,) = pictures(overview.section(small(), EN, Drawn(None, "")))
    assert marks(picture.svg, "problem") == 1
    assert picture.caption.endswith(EN("figures.lifts_thinned", shown=1, all=2))


def test_an_empty_run_has_no_map() -> None:
    assert overview.map_figure(empty(), EN) is None
    assert overview.section(empty(), EN, Drawn(None, "")) is None
    assert comparison.gains(empty(), EN, Drawn(None, "")) is None


def test_a_problem_without_a_lift_is_named_with_its_reason(tmp_path: Path) -> None:
    made = MadeUp(tmp_path).cell("mlp", right(30), problem="<b>alone</b>", validation={"accuracy": 1.0})
    for method, count in (("most-common", 20), ("gru", 30), ("mlp", 25)):
        made.cell(method, right(count), problem="both", validation={"accuracy": count})
    (picture,) = pictures(overview.section(read_run(made.write()), EN, Drawn(None, "")))
    verdict = EN.verdict(LiftVerdict.NOT_COMPARED, (reason(ReasonCode.NO_RECURRENT_SCORE),))
    assert f"<b>alone</b>: {verdict}" in picture.caption
    assert "<b>" not in picture.svg


def test_the_map_speaks_korean() -> None:
    (picture,) = pictures(overview.section(small(), KO, Drawn(None, "")))
    assert "순환 이득 (스킬)" in texts(picture.svg)
    assert "스킬" in picture.caption
    assert "순환 이득" in picture.alt


def test_the_map_is_drawn_once_for_the_same_numbers(tmp_path: Path) -> None:
    drawn = Drawn(tmp_path, "1")
    first = overview.map_picture(small(), EN, drawn)
    assert overview.map_picture(small(), EN, drawn) == first
    assert drawn.made == 1
    overview.map_picture(small(), KO, drawn)
    assert drawn.made == 2
