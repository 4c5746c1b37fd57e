"""Ablations of a run: a method against its own twins."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import ablations
from recurbench.reports.page.page_tables import problems_of
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import empty, pictures, small


@pytest.mark.long
def test_the_chosen_method_is_held_against_its_own_twin() -> None:
    problem = problems_of(small())[0]
    rows = ablations.of_twins(small(), problem).set_index("part")
    final = small().final
    final = final[final["problem"] == problem].set_index("address")["score"]
    # Skill on parity: 0 at one half, 1 at every answer right.
    assert rows.loc["full", "skill"] == pytest.approx(2 * final["gru[max_steps=30]"].mean() - 1)
    assert rows.loc["state-cut", "skill"] == pytest.approx(
        2 * final["gru-state-cut[max_steps=30]"].mean() - 1
    )
    picture = pictures(ablations.section(small(), Messages(), Drawn(None, "")))[0]
    assert Messages()("figures.ablations_level", level="95%") in picture.caption
    assert Messages()("figures.part_full", method="gru") in picture.alt
    assert "without a state" in picture.alt


def test_twins_on_draws_that_share_their_cases_lose_less_surely(tmp_path: Path) -> None:
    """The half-width grows as the root of 1 + n times the test cases per training case does."""
    rows = []
    for source in ("generated: noise", "digits of a package"):
        facts = {"source": source, "n_train": 100, "n_test": 40, "constant": 0.0, "best": 1.0}
        made = MadeUp(tmp_path / source, **facts)
        for draw in range(6):
            made.cell("lstm", right(30 + draw % 2), validation={"log_loss": 0.5}, data_seed=draw)
            made.cell("lstm-state-cut", right(10 + draw), validation={"log_loss": 0.9}, data_seed=draw)
        rows.append(ablations.of_twins(read_run(made.write()), "made-up").set_index("part").loc["state-cut"])
    own, shared = rows
    assert shared["skill"] == pytest.approx(own["skill"])
    grown = (shared["high"] - shared["low"]) / (own["high"] - own["low"])
    assert grown == pytest.approx((1 + 6 * 0.4) ** 0.5)


def test_without_an_ablation_there_is_no_section(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.5, best=1.0).cell("gru", right(40), validation={"accuracy": 1.0})
    assert ablations.section(read_run(made.write()), Messages(), Drawn(None, "")) is None
    assert ablations.section(empty(), Messages(), Drawn(None, "")) is None


def test_the_section_speaks_korean() -> None:
    picture = pictures(ablations.section(small(), Messages("ko"), Drawn(None, "")))[0]
    assert "상태 없이" in picture.alt
