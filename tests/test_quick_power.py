"""The chances that the problems of quick were chosen by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recurbench.reports.statistics.outcomes import LiftVerdict
from recurbench.suites import SUITES
from scripts import script

power = script("benchmarks/quick_power.py")


def test_the_chosen_candidates_are_the_problems_and_seeds_of_the_suite() -> None:
    chosen = {each.address: each.seeds for each in power.CANDIDATES if each.chosen}
    blocks = SUITES["quick"].blocks
    assert chosen == {name: block.seeds for block in blocks for name in block.datasets}


def test_every_row_of_the_record_has_its_own_name_or_number_of_seeds() -> None:
    record = (Path(__file__).parents[1] / "docs/decisions/0008-quick.md").read_text(encoding="utf-8")
    rows = [(power.name_of(each), each.seeds) for each in power.CANDIDATES]
    assert len(set(rows)) == len(rows)
    assert all(f"\n| {name} | " in record for name, _ in rows)


def test_more_cases_make_a_verdict_more_likely() -> None:
    rng, none = np.random.default_rng(0), np.zeros(200)
    few, many = (power.Sizes(count, 1, 4, 0.5, 0.01, 0.0) for count in (150, 2000))
    assert power.outcomes(few, none, rng)[1].mean() < 0.2
    assert power.outcomes(many, none, rng)[1].mean() > 0.9


def test_seeds_that_agree_on_a_large_test_part_decide() -> None:
    half, verdict = power.judged(power.Sizes(10_000, 1, 3, 0.2, 0.0, 0.0), np.zeros(3))
    assert half == pytest.approx(1.96 * 0.2 / 100, rel=0.01)
    assert verdict is LiftVerdict.NO_DIFFERENCE


def test_the_chance_of_at_least_so_many_events_is_exact() -> None:
    assert power.at_least(2, [0.5, 0.5, 0.5]) == pytest.approx(0.5)
    assert power.at_least(1, [0.2, 0.3]) == pytest.approx(1 - 0.8 * 0.7)
